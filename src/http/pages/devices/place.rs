//! The query of the list: filters that the use case knows, columns and choices that only the page knows, and the
//! addresses that differ from it in one thing.

use actix_web::HttpRequest;

use crate::app::devices::Asked;
use crate::domain::words::Stage;
use crate::error::Result;
use crate::http::pages::html::{Html, address, esc};
use crate::http::params;

/// Names that the page itself reads.
const OWN: &[&str] = &["cols", "do", "what", "tag", "name", "quantity"];

/// What the list shows unless a stage is named: all but what has left.
pub const TRACKED: &[Stage] = &[
    Stage::Ordered,
    Stage::InStock,
    Stage::InUse,
    Stage::InRepair,
    Stage::Refurbishing,
    Stage::Retired,
    Stage::Oriented,
];
/// The value of `stage` that stands for every stage, what has left too.
pub const EVERY: &str = "all";
/// What may be meant of devices that have left: asked for it, the list shows them too.
const OF_THE_PAST: &[&str] = &[
    "stage",
    "q",
    "exit_kind",
    "gone_from",
    "gone_to",
    "retired_from",
    "retired_to",
];

/// What a page of the list was asked.
#[derive(Debug, Clone, Default)]
pub struct Place {
    pairs: Vec<(String, String)>,
    /// What the use case is asked.
    pub asked: Asked,
}

impl Place {
    /// Of a request.
    ///
    /// # Errors
    /// `unknown_parameter`, `invalid_parameter`.
    pub fn of(request: &HttpRequest) -> Result<Place> {
        Place::read(request.query_string())
    }
    /// Of a query string.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn read(query: &str) -> Result<Place> {
        let pairs: Vec<(String, String)> = params::pairs(query)?
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let filters = pairs
            .iter()
            .filter(|(name, _)| !OWN.contains(&name.as_str()))
            .filter(|(name, value)| !(name == "stage" && value == EVERY));
        let mut asked: Asked = params::read(filters.cloned().collect())?;
        if tracked_unless_said(pairs.iter().map(|(name, _)| name.as_str())) {
            asked.stage = TRACKED.to_vec();
        }
        // A past day is read in the order of tags, by its index; today what was touched last is looked for first.
        if asked.sort.is_none() && asked.as_of.is_none() {
            asked.sort = Some("-updated_at".to_owned());
        }
        Ok(Place { asked, pairs })
    }
    /// Everything that has not left is shown, and nothing else.
    pub fn tracked(&self) -> bool {
        self.asked.stage == TRACKED
    }
    /// The list of everything that has not left, otherwise narrowed as now.
    pub fn to_tracked(&self) -> String {
        let rest = self.kept().map(|(name, _)| name.as_str());
        if tracked_unless_said(rest.filter(|name| *name != "stage")) {
            self.with("stage", "")
        } else {
            self.with("stage", &words(TRACKED))
        }
    }
    /// First value of a parameter; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        let mine = self.pairs.iter().find(|(n, _)| n == name);
        mine.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
    /// Every value of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let mine = self.pairs.iter().filter(move |(n, _)| n == name);
        mine.map(|(_, value)| value.as_str())
    }
    /// The parameters of the list itself: without the cursor and what belongs to one action.
    fn kept(&self) -> impl Iterator<Item = &(String, String)> {
        self.pairs.iter().filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "cursor" | "do" | "what" | "tag" | "name" | "quantity"
            )
        })
    }
    fn at(path: &str, pairs: &[(&str, &str)]) -> String {
        address(path, pairs)
    }
    /// The list with one parameter set (or, by an empty value, left out), from its beginning.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .kept()
            .filter(|(n, _)| n != name)
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        pairs.push((name, value));
        Place::at("/devices", &pairs)
    }
    /// The list without one of the comma-separated values of a parameter.
    pub fn without(&self, name: &str, value: &str) -> String {
        let rest: Vec<&str> = self.get(name).split(',').filter(|v| *v != value).collect();
        self.with(name, &rest.join(","))
    }
    /// The same list at another address that reads it as this page does.
    pub fn to(&self, path: &str) -> String {
        let kept = self.filters().map(|(n, v)| (n.as_str(), v.as_str()));
        Place::at(path, &kept.collect::<Vec<_>>())
    }
    /// The same list for a page that shows every stage unless some are named.
    pub fn handed(&self, path: &str) -> String {
        let stages = words(&self.asked.stage);
        let sort = self.asked.sort.as_deref().unwrap_or_default();
        let mut pairs: Vec<(&str, &str)> = self
            .filters()
            .filter(|(n, _)| !matches!(n.as_str(), "stage" | "sort"))
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        pairs.extend([("stage", stages.as_str()), ("sort", sort)]);
        Place::at(path, &pairs)
    }
    fn filters(&self) -> impl Iterator<Item = &(String, String)> {
        self.kept()
            .filter(|(n, _)| !matches!(n.as_str(), "cols" | "limit"))
    }
    /// The list itself, from its beginning.
    pub fn here(&self) -> String {
        self.with("", "")
    }
    /// Its query string, to be kept under a name.
    pub fn query(&self) -> String {
        let here = self.here();
        let query = here.split_once('?').map(|(_, query)| query.to_owned());
        query.unwrap_or_default()
    }
    /// Hidden fields that carry the parameters through a form, some left out.
    pub fn hidden(&self, except: &[&str]) -> Html {
        let fields = self
            .kept()
            .filter(|(name, _)| !except.contains(&name.as_str()));
        Html(
            fields
                .map(|(name, value)| {
                    format!(
                        "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                        esc(name),
                        esc(value)
                    )
                })
                .collect(),
        )
    }
    /// Whether anything narrows the list.
    pub fn narrowed(&self) -> bool {
        let whole = self.tracked() || self.asked.stage.is_empty();
        self.kept().any(|(name, _)| match name.as_str() {
            "sort" | "cols" | "limit" => false,
            "stage" => !whole,
            _ => true,
        })
    }
    /// Only a word is searched for.
    pub fn only_words(&self) -> bool {
        self.pairs.len() == 1 && self.asked.q.is_some()
    }
}

/// Whether what has left stays out, these parameters being given.
fn tracked_unless_said<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    !names.any(|name| OF_THE_PAST.contains(&name))
}

fn words(stages: &[Stage]) -> String {
    let words: Vec<&str> = stages.iter().map(|s| s.as_str()).collect();
    words.join(",")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_differs() {
        let place =
            Place::read("q=dell&stage=in_use,retired&cols=name&cols=site&cursor=abc&do=move")
                .unwrap();
        assert_eq!(
            place.without("stage", "in_use"),
            "/devices?q=dell&cols=name&cols=site&stage=retired"
        );
        assert_eq!(
            place.with("stage", ""),
            "/devices?q=dell&cols=name&cols=site"
        );
        assert_eq!(
            place.query(),
            "q=dell&stage=in_use%2Cretired&cols=name&cols=site"
        );
        assert!(place.narrowed() && !place.only_words());
        assert!(Place::read("colour=red").is_err());
    }

    #[test]
    fn what_has_left_is_shown_when_it_may_be_meant() {
        for (query, tracked, narrowed) in [
            ("", true, false),
            ("category=laptop", true, true),
            ("stage=all", false, false),
            ("stage=gone", false, true),
            ("q=dell", false, true),
            ("exit_kind=sale", false, true),
        ] {
            let place = Place::read(query).unwrap();
            assert_eq!(
                (place.tracked(), place.narrowed()),
                (tracked, narrowed),
                "{query}"
            );
        }
        let all = Place::read("stage=all&category=laptop").unwrap();
        assert!(all.asked.stage.is_empty());
        assert_eq!(
            all.to("/devices.csv"),
            "/devices.csv?stage=all&category=laptop"
        );
        assert_eq!(all.to_tracked(), "/devices?category=laptop");
        let found = Place::read("q=dell").unwrap();
        assert!(
            found
                .to_tracked()
                .starts_with("/devices?q=dell&stage=ordered%2Cin_stock")
        );
        // Another page knows no such default: it is told the stages and the order.
        let handed = Place::read("category=laptop").unwrap().handed("/labels");
        assert!(
            handed.contains("stage=ordered%2C") && !handed.contains("gone"),
            "{handed}"
        );
        assert!(handed.ends_with("&sort=-updated_at"));
    }
}
