//! A new exit: how it leaves, to whom, what each device still lacks.

use serde_json::{Map, Value, json};

use super::said::kind_of;
use crate::app::choices::{self, Choice};
use crate::app::devices::Asked;
use crate::app::operations::chosen::{Chosen, filtered};
use crate::app::operations::exits;
use crate::domain::entry::EntryKind;
use crate::domain::partner::PartnerKind;
use crate::domain::words::{Data, ExitKind, Kind, Stage};
use crate::http::pages::chosen::{self, Line, Opened};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open_new).service(edit_new);
}

#[derive(Template)]
#[template(path = "exit_kinds.html")]
struct Kinds {
    f: Frame,
    kinds: Vec<(String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "exit_new.html")]
pub(super) struct New {
    f: Frame,
    fields: Fields,
    kind: &'static str,
    title: String,
    about: &'static str,
    other: String,
    oriented: bool,
    waiting: usize,
    wipe: String,
    lines: Vec<Line>,
    pick: bool,
    partners: Vec<(String, String)>,
    others: Vec<(String, String)>,
    organisations: Vec<(String, String)>,
    law: Vec<&'static str>,
    needs_partner: bool,
    transfer: bool,
    gift: bool,
    convention: bool,
    sold: bool,
    may_override: bool,
}

/// First how the devices leave, then the form for it. Opened with tags, with a filter of the list of devices, or with
/// neither: then the devices directed that way.
#[get("/exits/new")]
async fn open_new(app: State, visitor: Visitor, request: HttpRequest) -> Answer {
    visitor.actor.must(Right::Event(Kind::HandOver))?;
    let opened = Opened::of(&request, &["kind", "partner"])?;
    let f = visitor.frame("exits");
    let Ok(kind) = ExitKind::parse(opened.own("kind")) else {
        let query = request.query_string().to_owned();
        let kinds = ExitKind::ALL.iter().map(|kind| {
            let rest = if query.is_empty() {
                String::new()
            } else {
                format!("&{query}")
            };
            (
                format!("/exits/new?kind={kind}{rest}"),
                f.word("exit_kind", kind.as_str()),
                f.t(&format!("exits.about_{kind}")),
            )
        });
        let kinds = kinds.collect();
        return visitor.show(&Kinds { f, kinds });
    };
    let actor = visitor.actor.clone();
    let partner = opened.own("partner").to_owned();
    let (tags, oriented) = run(&app, move |app| {
        Ok(match opened.meant(app, &actor)? {
            Some(tags) => (tags, false),
            None => {
                let asked = Asked {
                    stage: vec![Stage::Oriented],
                    exit_kind: vec![kind],
                    ..Asked::default()
                };
                (filtered(app, &actor, &asked)?, true)
            }
        })
    })
    .await?;
    let fields = Fields::new(&f)
        .set("on", f.today.to_string())
        .set("partner", partner);
    let page = form_page(&app, &visitor, (f, fields), kind, tags, oriented).await?;
    visitor.show(&page)
}

/// The form again, with what was typed.
#[post("/exits/new")]
async fn edit_new(app: State, visitor: Visitor, form: Form) -> Answer {
    let f = visitor.frame("exits");
    let fields = Fields::with(&f, form.fields.clone());
    let kind = kind_of(&form)?;
    let tags = chosen::of_form(&form);
    let page = form_page(&app, &visitor, (f, fields), kind, tags, false).await?;
    visitor.show(&page)
}

/// Most partners and organisations to choose from.
const MOST: i64 = 1000;

/// Enough of a hand-over to ask what a device lacks; whoever takes it is asked later.
fn probe(kind: ExitKind, on: Day) -> Map<String, Value> {
    let probe = json!({"on": on.to_string(), "exit_kind": kind});
    probe.as_object().cloned().unwrap_or_default()
}

/// Key and label of each.
fn labels(choices: Vec<Choice>) -> Vec<(String, String)> {
    let pair = |choice: Choice| (choice.key.clone(), choice.label());
    choices.into_iter().map(pair).collect()
}

/// The form for devices that were named.
///
/// # Errors
/// Those of the store.
pub(super) async fn form_page(
    app: &State,
    visitor: &Visitor,
    (f, fields): (Frame, Fields),
    kind: ExitKind,
    tags: Vec<String>,
    oriented: bool,
) -> Result<New> {
    let (actor, today) = (visitor.actor.clone(), f.today);
    let (judged, (partners, others), organisations) = run(app, move |app| {
        // Those who usually take what leaves this way come first; the law of a case may still want another.
        let partners = choices::partners(app, &actor, PartnerKind::usual(kind), MOST)?;
        let organisations = match kind {
            ExitKind::Transfer => choices::of(app, &actor, EntryKind::Organisation, MOST)?,
            _ => Vec::new(),
        };
        let judged = exits::judge(app, &actor, &tags, (kind, today), &probe(kind, today))?;
        Ok((judged, partners, organisations))
    })
    .await?;
    // Back here, with the same devices, when the erasure is recorded.
    let given: Vec<&str> = judged.iter().map(|c| c.given.as_str()).collect();
    let back = address(
        "/exits/new",
        &[("kind", kind.as_str()), ("tags", &given.join(","))],
    );
    let mut lines = chosen::lines(&f, &judged, &back);
    for (line, chosen) in lines.iter_mut().zip(&judged) {
        // Who takes it is not said yet: that is no lack of the device. What its media hold is.
        if lacks_taker_only(chosen) {
            line.refusal = None;
            line.ticked = true;
            if kind != ExitKind::WriteOff && waits(chosen) {
                chosen::needs_wipe(&f, line, &back);
            }
        }
    }
    let bare: Vec<&str> = lines
        .iter()
        .filter(|l| l.wipe.is_some())
        .map(|l| l.given.as_str())
        .collect();
    let gift = matches!(kind, ExitKind::Donation | ExitKind::StaffGift);
    let sold = matches!(kind, ExitKind::Sale | ExitKind::TakeBack);
    let law: &[&str] = match kind {
        ExitKind::Donation => &["exits.law_donation", "exits.law_gift_value"],
        ExitKind::StaffGift => &["exits.law_staff", "exits.law_gift_value"],
        ExitKind::Sale | ExitKind::TakeBack => &["exits.law_sold"],
        ExitKind::Transfer => &["exits.law_transfer"],
        ExitKind::Collection => &["exits.law_collection"],
        _ => &["exits.law_other"],
    };
    Ok(New {
        kind: kind.as_str(),
        title: f.word("exit_kind", kind.as_str()),
        about: f.t(&format!("exits.about_{kind}")),
        other: address("/exits/new", &[("tags", &given.join(","))]),
        oriented: oriented && !lines.is_empty(),
        waiting: bare.len(),
        wipe: address("/wipes/new", &[("tags", &bare.join(",")), ("back", &back)]),
        partners: labels(partners),
        others: labels(others),
        organisations: labels(organisations),
        law: law.iter().map(|key| f.t(key)).collect(),
        needs_partner: kind.needs_taker() || kind == ExitKind::LeaseReturn,
        transfer: kind == ExitKind::Transfer,
        gift,
        convention: matches!(kind, ExitKind::Donation | ExitKind::Transfer),
        sold,
        may_override: f.may(Right::Override) && !bare.is_empty(),
        fields: fields.set("tags", ""),
        lines,
        f,
        pick: true,
    })
}

fn lacks_taker_only(chosen: &Chosen) -> bool {
    let field = chosen.refusal.as_ref().and_then(|e| e.field.as_deref());
    matches!(field, Some("partner" | "to_organisation"))
}

/// Whether its media still hold what could be read.
fn waits(chosen: &Chosen) -> bool {
    let data = chosen.item.as_ref().map(|item| item.device.data);
    matches!(data, Some(Data::Holds | Data::Cleared))
}
