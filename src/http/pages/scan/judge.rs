//! What to say of a reading: a colour, a word, what it is and where it should be.

use super::session::{Act, Context, Reading};
use crate::app::devices::DeviceView;
use crate::app::titles::Titles;
use crate::domain::entry::EntryKind;
use crate::domain::words::{Kind, Presence, Stage};
use crate::http::pages::frame::Frame;
use crate::http::pages::people::{place, what};
use crate::i18n::Arg;

/// What is said of a reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// `ok`, `warn`, `bad` or `idle`.
    pub class: &'static str,
    /// In words.
    pub word: String,
    /// What it is and where it should be.
    pub detail: String,
    /// Its event can be written.
    pub ready: bool,
    /// It could be kept here.
    pub elsewhere: bool,
}

/// The verdict on a reading; `device` is what it means, where it means one.
pub fn of(
    f: &Frame,
    context: &Context,
    reading: &Reading,
    device: Option<&DeviceView>,
    names: &Titles,
) -> Verdict {
    let Some(device) = device else {
        return unknown(f, reading);
    };
    let thing = format!("{} · {}", what(device, names), place(f, device, names));
    let say = |class, key: &str, detail: String| Verdict {
        class,
        word: f.t(&format!("scan.{key}")).to_owned(),
        detail,
        ..Verdict::default()
    };
    if let Some(act) = reading.written {
        return say("ok", &format!("wrote_{}", act.word()), thing);
    }
    if !reading.refused.is_empty() {
        return say("bad", "refused", reading.refused.clone());
    }
    if reading.again {
        return say("idle", "again", f.t("scan.again_about").to_owned());
    }
    let stage = f.word("stage", device.stage.as_str());
    let Some(kind) = context.act.kind() else {
        let detail = format!("{thing} · {stage}");
        return match (device.presence, device.stage) {
            (Presence::Missing | Presence::Stolen, _) => {
                say("warn", device.presence.as_str(), detail)
            }
            (_, Stage::Gone) => say("warn", "gone", detail),
            _ => say("ok", "found", detail),
        };
    };
    if !device.next_events.contains(&kind) {
        let next: Vec<String> = device
            .next_events
            .iter()
            .take(4)
            .map(|kind| f.word("do", kind.as_str()).to_lowercase())
            .collect();
        let detail = f.say(
            "scan.not_now",
            &[
                ("thing", Arg::text(thing)),
                ("stage", Arg::text(stage)),
                ("next", Arg::text(next.join(", "))),
            ],
        );
        return say("bad", "impossible", detail);
    }
    let here = !context.site.is_empty() && device.site.as_deref() == Some(context.site.as_str());
    let ready = |verdict: Verdict| Verdict {
        ready: true,
        ..verdict
    };
    match kind {
        Kind::Move if here => say("idle", "already_here", thing),
        Kind::Audit if !context.site.is_empty() && !here && !reading.keep => {
            let expected = f.tx("scan.expected", place(f, device, names));
            let detail = format!("{} · {expected}", what(device, names));
            Verdict {
                elsewhere: true,
                ..ready(say("warn", "elsewhere", detail))
            }
        }
        Kind::Audit if device.presence != Presence::Seen => ready(say("warn", "recovered", thing)),
        Kind::Audit if reading.keep => ready(say("ok", "kept", thing)),
        _ => ready(say("ok", &format!("will_{}", context.act.word()), thing)),
    }
}

fn unknown(f: &Frame, reading: &Reading) -> Verdict {
    let (class, key) = match (&reading.tag, reading.may_mean.is_empty()) {
        (None, false) => ("warn", "several"),
        (Some(_), _) => ("bad", "vanished"),
        _ => ("bad", "unknown"),
    };
    Verdict {
        class,
        word: f.t(&format!("scan.{key}")).to_owned(),
        detail: f.t(&format!("scan.{key}_about")).to_owned(),
        ..Verdict::default()
    }
}

/// The sentence over the details: what is done with every reading.
pub fn summary(f: &Frame, context: &Context, names: &Titles) -> (String, String) {
    let site = names.get(EntryKind::Site, &context.site);
    let holder = names.get(EntryKind::Person, &context.holder);
    let to: Vec<&str> = [holder, &context.service, site]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let act = match context.act {
        Act::Look => f.t("scan.act_look").to_owned(),
        act => f.word("do", act.word()),
    };
    let to = if to.is_empty() {
        String::new()
    } else {
        format!("→ {}", to.join(" · "))
    };
    (act, to)
}
