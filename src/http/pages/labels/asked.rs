//! What the page of labels was asked, by its own form or by the address that another page leads to.

use crate::app::devices;
use crate::app::labels::{self, Which};
use crate::error::{Error, Result};
use crate::http::pages::form::lines;
use crate::http::pages::html::url;
use crate::http::params;
use crate::labels::Print;

/// Where the devices come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Source {
    /// Tags, one a line.
    #[default]
    Tags,
    /// The list of devices with its filters.
    Filter,
    /// No device yet: new tags, to stick first.
    Blank,
}

/// What was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Where the devices come from.
    pub source: Source,
    /// Tags.
    pub tags: Vec<String>,
    /// Query of the list of devices.
    pub filter: String,
    /// How many new tags, as typed.
    pub blank: String,
    /// Name of the layout, or `custom`.
    pub layout: String,
    /// A layout as typed.
    pub custom: String,
    /// First free place.
    pub start: usize,
    /// A line around each label.
    pub outline: bool,
    /// Millimetres to the right and down, as typed: what this printer is out by.
    pub right: String,
    /// See `right`.
    pub down: String,
    /// What stands under the code.
    pub under: Under,
}

/// What stands under the code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Under {
    /// Owner and model.
    #[default]
    Both,
    /// The owner.
    Owner,
    /// Nothing: tag and code only.
    Nothing,
}

impl Under {
    /// Every choice.
    pub const ALL: [Under; 3] = [Under::Both, Under::Owner, Under::Nothing];

    /// As forms say it.
    pub const fn word(self) -> &'static str {
        match self {
            Under::Both => "both",
            Under::Owner => "owner",
            Under::Nothing => "nothing",
        }
    }
    /// How many lines that are.
    pub const fn lines(self) -> usize {
        match self {
            Under::Both => 2,
            Under::Owner => 1,
            Under::Nothing => 0,
        }
    }
}

/// What is remembered from one sheet to the next: how this printer is fed, not what was printed.
const REMEMBERED: &[&str] = &["layout", "custom", "outline", "right", "down", "under"];
/// Most millimetres that a printer is out by.
const FAR: f64 = 10.0;

impl Asked {
    /// Reads fields. What is none of the form's own is a filter of the list of devices.
    pub fn of(pairs: Vec<(String, String)>) -> Asked {
        let mut asked = Asked {
            start: 1,
            layout: "L7159".into(),
            ..Asked::default()
        };
        let (mut filters, mut source) = (Vec::new(), None);
        for (name, value) in pairs {
            match name.as_str() {
                "csrf" | "key" | "format" | "cursor" | "limit" | "page" => {}
                _ if value.is_empty() => {}
                "source" => source = Some(value),
                "tag" | "tags" => asked.tags.extend(lines(&value)),
                "filter" => asked.filter = value,
                "blank" => asked.blank = value,
                "layout" => asked.layout = value,
                "custom" => asked.custom = value,
                "start" => asked.start = value.parse().unwrap_or(1),
                "outline" => asked.outline = true,
                "right" => asked.right = value,
                "down" => asked.down = value,
                "under" => {
                    let known = Under::ALL.into_iter().find(|under| under.word() == value);
                    asked.under = known.unwrap_or_default();
                }
                _ => filters.push(format!("{}={}", url(&name), url(&value))),
            }
        }
        if !filters.is_empty() {
            asked.filter = filters.join("&");
        }
        asked.source = match source.as_deref() {
            Some("filter") => Source::Filter,
            Some("blank") => Source::Blank,
            Some(_) => Source::Tags,
            None if !asked.filter.is_empty() && asked.tags.is_empty() => Source::Filter,
            None => Source::Tags,
        };
        asked
    }

    /// Reads fields after what was remembered of the last sheet: what is said now comes first.
    /// What cannot be read of it is forgotten.
    pub fn after(remembered: &str, pairs: Vec<(String, String)>) -> Asked {
        let known = params::pairs(remembered).unwrap_or_default();
        let mut all: Vec<(String, String)> = known
            .into_iter()
            .filter(|(name, _)| REMEMBERED.contains(&name.as_str()))
            .collect();
        all.extend(pairs);
        Asked::of(all)
    }

    /// What is remembered of this sheet, as a query.
    pub fn remembered(&self) -> String {
        let mut said = self.pairs();
        said.push(("layout".into(), self.layout.clone()));
        let kept = said
            .iter()
            .filter(|(name, value)| REMEMBERED.contains(&name.as_str()) && !value.is_empty())
            .map(|(name, value)| format!("{name}={}", url(value)));
        kept.collect::<Vec<_>>().join("&")
    }

    /// The same as fields.
    pub fn pairs(&self) -> Vec<(String, String)> {
        vec![
            ("tags".into(), self.tags.join("\n")),
            ("blank".into(), self.blank.clone()),
            ("custom".into(), self.custom.clone()),
            ("start".into(), self.start.to_string()),
            ("right".into(), self.right.clone()),
            ("down".into(), self.down.clone()),
            ("under".into(), self.under.word().into()),
            (
                "outline".into(),
                if self.outline {
                    "1".into()
                } else {
                    String::new()
                },
            ),
        ]
    }

    /// The layout by its name.
    pub fn layout(&self) -> &str {
        match self.layout.as_str() {
            "custom" => &self.custom,
            name => name,
        }
    }

    /// Which labels.
    ///
    /// # Errors
    /// `invalid_value` for a number that is none, `invalid_parameter` for a filter that cannot be read.
    pub fn which(&self) -> Result<Which> {
        Ok(match self.source {
            Source::Tags => Which::Tags(self.tags.clone()),
            Source::Filter => {
                let pairs = params::pairs(&self.filter)?;
                let said = pairs.into_iter().filter(|(_, value)| !value.is_empty());
                let asked: devices::Asked = params::read(said.collect())?;
                Which::Filter(Box::new(devices::Asked {
                    limit: None,
                    cursor: None,
                    ..asked
                }))
            }
            Source::Blank => {
                let count = self
                    .blank
                    .parse()
                    .map_err(|_| Error::invalid("blank", "`blank` is a whole number"))?;
                Which::Blank(count)
            }
        })
    }

    /// How to print.
    ///
    /// # Errors
    /// `invalid_value` naming `custom`, `right` or `down`.
    pub fn print(&self) -> Result<Print> {
        let mut layout =
            labels::layout(self.layout()).map_err(|error| error.with_field("custom"))?;
        layout.origin.0 += millimetres("right", &self.right)?;
        layout.origin.1 += millimetres("down", &self.down)?;
        Ok(Print {
            lines: self.under.lines(),
            start: self.start.clamp(1, layout.places().max(1)),
            outline: self.outline,
            ..Print::on(layout)
        })
    }
}

/// A few millimetres, with a comma or a point; none when nothing is said.
fn millimetres(field: &str, text: &str) -> Result<f64> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(0.0);
    }
    let far = |mm: &f64| mm.is_finite() && mm.abs() <= FAR;
    text.parse().ok().filter(far).ok_or_else(|| {
        Error::invalid(
            field,
            format!("`{field}` goes from -{FAR} to {FAR} millimetres"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        all.iter().map(owned).collect()
    }

    #[test]
    fn the_last_sheet_is_remembered_and_not_what_was_on_it() {
        let sent = Asked::of(pairs(&[
            ("tags", "ABC"),
            ("layout", "L7160"),
            ("start", "7"),
            ("right", "0,4"),
            ("under", "owner"),
        ]));
        let kept = sent.remembered();
        assert_eq!(kept, "right=0%2C4&under=owner&layout=L7160");
        let next = Asked::after(&kept, pairs(&[("tags", "XYZ")]));
        assert_eq!(
            (next.layout(), next.start, next.under),
            ("L7160", 1, Under::Owner)
        );
        assert_eq!(next.tags, ["XYZ"]);
        let said = Asked::after(&kept, pairs(&[("layout", "5160")]));
        assert_eq!(said.layout(), "5160");
        // A foreign cookie says nothing but that.
        let foreign = Asked::after("filter=stage%3Dgone&tags=ABC&%zz", Vec::new());
        assert!(foreign.filter.is_empty() && foreign.tags.is_empty());
    }

    #[test]
    fn what_a_printer_is_out_by_moves_the_labels() {
        let print = |right: &str| {
            let asked = Asked::of(pairs(&[("right", right), ("down", "-0.2")]));
            asked.print().map(|print| print.layout.origin)
        };
        let (x, y) = print("0,4").unwrap_or_default();
        assert!(
            (x - 7.61).abs() < 1e-9 && (y - 12.7).abs() < 1e-9,
            "{x} {y}"
        );
        assert!(print("11").is_err() && print("un").is_err() && print("NaN").is_err());
    }
}
