//! What to say of a reading: a colour, a word, what it is and where it should be.

use super::session::{Context, Reading};
use crate::app::devices::DeviceView;
use crate::app::titles::Titles;
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
    /// Nothing can be written: the commit keeps it to be settled.
    pub back: bool,
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
        return say("ok", &format!("wrote_{act}"), thing);
    }
    if !reading.refused.is_empty() {
        return say("bad", "refused", reading.refused.clone());
    }
    if reading.again {
        return say("idle", "again", f.t("scan.again_about").to_owned());
    }
    let stage = f.word("stage", device.stage.as_str());
    let Some(kind) = context.act.kind(&[]) else {
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
        let told = say("bad", "impossible", detail);
        return Verdict { back: true, ..told };
    }
    let site = context.get("site");
    let here = !site.is_empty() && device.site.as_deref() == Some(site);
    let ready = |verdict: Verdict| Verdict {
        ready: true,
        ..verdict
    };
    match kind {
        Kind::Move if here => say("idle", "already_here", thing),
        Kind::Audit if !site.is_empty() && !here && !reading.keep => {
            let expected = f.tx("scan.expected", place(f, device, names));
            let detail = format!("{} · {expected}", what(device, names));
            Verdict {
                elsewhere: true,
                ..ready(say("warn", "elsewhere", detail))
            }
        }
        Kind::Audit if device.presence != Presence::Seen => ready(say("warn", "recovered", thing)),
        Kind::Audit if reading.keep => ready(say("ok", "kept", thing)),
        Kind::Audit if site.is_empty() => ready(say("ok", "will_see", thing)),
        _ => ready(say("ok", &format!("will_{}", context.act), thing)),
    }
}

fn unknown(f: &Frame, reading: &Reading) -> Verdict {
    if !reading.refused.is_empty() {
        return Verdict {
            class: "bad",
            word: f.t("scan.waits").to_owned(),
            detail: reading.refused.clone(),
            ..Verdict::default()
        };
    }
    let (class, key) = match (&reading.tag, reading.may_mean.is_empty()) {
        (None, false) => ("warn", "several"),
        (Some(_), _) => ("bad", "vanished"),
        _ => ("bad", "unknown"),
    };
    Verdict {
        class,
        word: f.t(&format!("scan.{key}")).to_owned(),
        detail: f.t(&format!("scan.{key}_about")).to_owned(),
        back: key != "vanished",
        ..Verdict::default()
    }
}
