//! The query of the list: filters that the use case knows, columns and choices that only the page knows, and the
//! addresses that differ from it in one thing.

use actix_web::HttpRequest;

use crate::app::devices::Asked;
use crate::error::Result;
use crate::http::pages::html::{Html, address, esc};
use crate::http::params;

/// Names that the page itself reads.
const OWN: &[&str] = &["cols", "do", "what", "tag", "name", "quantity"];

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
            .filter(|(name, _)| !OWN.contains(&name.as_str()));
        Ok(Place {
            asked: params::read(filters.cloned().collect())?,
            pairs,
        })
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
    /// The same filters at another address.
    pub fn to(&self, path: &str) -> String {
        let pairs: Vec<(&str, &str)> = self
            .kept()
            .filter(|(n, _)| !matches!(n.as_str(), "cols" | "limit"))
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        Place::at(path, &pairs)
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
        self.kept()
            .any(|(name, _)| !matches!(name.as_str(), "sort" | "cols" | "limit"))
    }
    /// Only a word is searched for.
    pub fn only_words(&self) -> bool {
        self.pairs.len() == 1 && self.asked.q.is_some()
    }
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
}
