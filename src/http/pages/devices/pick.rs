//! Choosing a site, a person, a partner, a model: from a list when it is short, by typing when it is long.

use crate::app::choices::Choice;
use crate::http::pages::fields::Fields;
use crate::http::pages::html::{Html, esc};

/// A list this long is chosen from; a longer one is typed, with what begins so offered.
pub const SHORT: usize = 60;
/// Most names offered while typing: a page stays small.
const OFFERED: usize = 250;

/// A field that names one of these.
pub struct Pick<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// Label.
    pub label: &'a str,
    /// What there is.
    pub choices: &'a [Choice],
    /// What suits less often, below a name of its own.
    pub others: (&'a str, &'a [Choice]),
    /// The empty choice.
    pub first: &'a str,
    /// Help below.
    pub hint: Option<&'a str>,
    /// May stay empty.
    pub optional: bool,
}

impl Pick<'_> {
    /// The control.
    pub fn control(&self, fields: &Fields) -> Html {
        let (others_name, others) = self.others;
        let short = self.choices.len() + others.len() <= SHORT;
        let pairs = |choices: &[Choice]| {
            let pair = |c: &Choice| (c.key.clone(), c.label());
            choices.iter().map(pair).collect::<Vec<(String, String)>>()
        };
        let mut control = if short {
            fields
                .select(self.name, self.label, &pairs(self.choices))
                .others(others_name, &pairs(others))
                .first(self.first)
        } else {
            fields
                .text(self.name, self.label)
                .with("list", &format!("{}-list", self.name))
                .with("autocomplete", "off")
        };
        if self.optional {
            control = control.optional();
        }
        if let Some(hint) = self.hint {
            control = control.hint(hint);
        }
        let mut html = control.to_string();
        if !short {
            html.push_str(&format!("<datalist id=\"{}-list\">", esc(self.name)));
            for choice in self.choices.iter().chain(others).take(OFFERED) {
                html.push_str(&format!("<option value=\"{}\">", esc(&choice.label())));
            }
            html.push_str("</datalist>");
        }
        Html(html)
    }
}
