//! The devices of an operation on a page: chosen by ticking or by naming, judged one by one, each refusal explained.

use super::prelude::*;
use crate::app::devices::Asked;
use crate::app::operations::chosen::{Chosen, Item, filtered};
use crate::app::operations::proposals::Proposal;
use crate::domain::words::Stage;
use crate::error::Code;
use crate::http::params;

/// A device on such a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// As typed, or its tag.
    pub given: String,
    /// Its tag, leading to its page; what was typed when it is unknown.
    pub tag: Html,
    /// What it is.
    pub what: String,
    /// Its category, serial and inventory number, as far as known.
    pub about: String,
    /// Stage.
    pub stage: Html,
    /// What its media hold.
    pub data: Html,
    /// Price paid.
    pub price: String,
    /// Age in years, or what is not known.
    pub age: String,
    /// What is to be known of it here.
    pub note: Option<String>,
    /// Why it cannot take part.
    pub refusal: Option<String>,
    /// It only lacks an erasure: where to record it.
    pub wipe: Option<String>,
    /// It takes part.
    pub ticked: bool,
}

/// The line of a device.
pub fn line(f: &Frame, item: &Item) -> Line {
    let item = &item.speaking(f.lang == Lang::Fr);
    let d = &item.device;
    let mut about = Vec::new();
    if item.category != item.what && !item.category.is_empty() {
        about.push(item.category.clone());
    }
    about.extend(d.serial.clone());
    if !item.inventory.is_empty() {
        about.push(f.tx("operations.inventory", &item.inventory));
    }
    let since = d.manufactured_on.or(d.first_sold_on).or(d.acquired_on);
    let age = since.and_then(|since| f.years(since, d.gone_on.unwrap_or(f.today)));
    Line {
        given: d.tag.clone(),
        tag: f.tag(&d.tag),
        what: item.what.clone(),
        about: about.join(" · "),
        stage: f.stage(&d.stage),
        data: f.data(&d.data),
        price: match &d.purchase_price_cents {
            Some(cents) => f.euros(cents),
            None => f.t("common.unknown").to_owned(),
        },
        age: age.unwrap_or_else(|| f.t("common.unknown").to_owned()),
        note: None,
        refusal: None,
        wipe: None,
        ticked: true,
    }
}

/// The lines of devices that were judged. `back` is where a missing erasure leads back to.
pub fn lines(f: &Frame, chosen: &[Chosen], back: &str) -> Vec<Line> {
    chosen.iter().map(|c| judged(f, c, back)).collect()
}

/// The line of one device that was judged.
pub fn judged(f: &Frame, chosen: &Chosen, back: &str) -> Line {
    let mut shown = match &chosen.item {
        Some(item) => line(f, item),
        None => Line {
            given: chosen.given.clone(),
            tag: Html(format!(
                "<span class=\"mono\">{}</span>",
                esc(&chosen.given)
            )),
            what: f.t("operations.no_such_device").to_owned(),
            about: String::new(),
            stage: Html::default(),
            data: Html::default(),
            price: String::new(),
            age: String::new(),
            note: None,
            refusal: None,
            wipe: None,
            ticked: false,
        },
    };
    if let Some(error) = &chosen.refusal {
        shown.ticked = false;
        shown.refusal = Some(match &chosen.item {
            None => f.t("operations.unknown_tag").to_owned(),
            Some(item) => why(f, item, error),
        });
        if error.code == Code::WipeRequired {
            needs_wipe(f, &mut shown, back);
        }
    }
    shown
}

/// « Réforme proposée le 3 nov. 2025 ; cause : obsolète. »
pub fn proposed(f: &Frame, proposal: &Proposal) -> String {
    let cause = f.word("cause", proposal.cause.as_str()).to_lowercase();
    f.say(
        "decisions.was_proposed",
        &[
            ("day", Arg::text(f.day(&proposal.on))),
            ("cause", Arg::text(cause)),
        ],
    )
}

/// Says of a line that its device only lacks an erasure, and where to record it.
pub fn needs_wipe(f: &Frame, line: &mut Line, back: &str) {
    let to = [("tags", line.given.as_str()), ("back", back)];
    line.wipe = Some(address("/wipes/new", &to));
    line.refusal = Some(f.t("operations.needs_wipe").to_owned());
    line.ticked = false;
}

/// Why a device cannot take part, in the words of the matter at hand.
fn why(f: &Frame, item: &Item, error: &Error) -> String {
    use crate::domain::words::Tenure;
    let d = &item.device;
    if error.code == Code::TransitionRefused {
        if d.tenure == Tenure::Leased {
            return f.t("operations.leased").to_owned();
        }
        let key = match d.stage {
            Stage::Gone => "operations.gone_already",
            Stage::Ordered => "operations.not_received",
            Stage::Withdrawn => "operations.withdrawn",
            Stage::InStock | Stage::InUse | Stage::InRepair | Stage::Refurbishing => {
                "operations.not_retired"
            }
            _ => "",
        };
        if !key.is_empty() {
            return f.t(key).to_owned();
        }
    }
    super::refusal::sentence(f, error)
}

/// Tags out of a text: one a line, or separated by spaces, commas, semicolons.
pub fn tags_of(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The devices that a form names: those ticked, then those typed.
pub fn of_form(form: &Form) -> Vec<String> {
    let mut tags: Vec<String> = form.all("device").map(str::to_owned).collect();
    for tag in tags_of(form.text("tags")) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// What a page was opened with: tags in `?tags=`, and the filter of the list of devices in the rest.
pub struct Opened {
    /// Tags named.
    pub tags: Vec<String>,
    /// The filter, when there is one.
    pub asked: Option<Asked>,
    /// Parameters that are the page's own.
    pub own: Vec<(String, String)>,
}

impl Opened {
    /// Reads the query; `own` names the parameters of the page itself.
    ///
    /// # Errors
    /// `unknown_parameter`, `invalid_parameter`.
    pub fn of(request: &HttpRequest, own: &[&str]) -> Result<Opened> {
        let pairs = params::pairs(request.query_string())?;
        let mut opened = Opened {
            tags: Vec::new(),
            asked: None,
            own: Vec::new(),
        };
        let mut filter = Vec::new();
        let said = pairs
            .into_iter()
            .filter(|(name, value)| !value.is_empty() && name != super::once::PARAM);
        for (name, value) in said {
            if name == "tags" {
                opened.tags.extend(tags_of(&value));
            } else if own.contains(&name.as_str()) {
                opened.own.push((name, value));
            } else {
                filter.push((name, value));
            }
        }
        if !filter.is_empty() {
            opened.asked = Some(params::read(filter)?);
        }
        Ok(opened)
    }
    /// A parameter of the page itself; empty when absent.
    pub fn own(&self, name: &str) -> &str {
        self.own
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value.as_str())
    }
    /// The tags meant: those named and those the filter finds; none when the page was opened with neither.
    ///
    /// # Errors
    /// Those of the list.
    pub fn meant(&self, app: &App, actor: &Actor) -> Result<Option<Vec<String>>> {
        let mut tags = self.tags.clone();
        if let Some(asked) = &self.asked {
            tags.extend(filtered(app, actor, asked)?);
        }
        Ok((self.asked.is_some() || !tags.is_empty()).then_some(tags))
    }
}

/// A local address to come back to; none for anything that would lead elsewhere.
pub fn local(to: &str) -> Option<&str> {
    let inside = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\n', '\r']);
    inside.then_some(to)
}
