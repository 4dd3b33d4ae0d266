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
}

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

    /// The same as fields.
    pub fn pairs(&self) -> Vec<(String, String)> {
        vec![
            ("tags".into(), self.tags.join("\n")),
            ("blank".into(), self.blank.clone()),
            ("custom".into(), self.custom.clone()),
            ("start".into(), self.start.to_string()),
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
    /// `invalid_value` naming `custom`.
    pub fn print(&self) -> Result<Print> {
        let layout = labels::layout(self.layout()).map_err(|error| error.with_field("custom"))?;
        Ok(Print {
            start: self.start.clamp(1, layout.places().max(1)),
            outline: self.outline,
            ..Print::on(layout)
        })
    }
}
