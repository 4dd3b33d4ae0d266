//! A new exit: how it leaves, to whom, what each device still lacks; then a page to confirm.

use serde_json::{Map, Value, json};

use crate::app::devices::Asked;
use crate::app::entries::{self, ListQuery};
use crate::app::operations::chosen::{Chosen, filtered};
use crate::app::operations::exits;
use crate::app::titles;
use crate::domain::entry::EntryKind;
use crate::domain::organisation::Organisation;
use crate::domain::partner::{Partner, PartnerKind};
use crate::domain::words::{Data, ExitKind, Kind, Stage};
use crate::http::pages::chosen::{self, Line, Opened};
use crate::http::pages::prelude::*;
use crate::i18n;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(open_new)
        .service(edit_new)
        .service(confirm_it)
        .service(hand_over);
}

#[derive(Template)]
#[template(path = "exit_kinds.html")]
struct Kinds {
    f: Frame,
    kinds: Vec<(String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "exit_new.html")]
struct New {
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

fn kind_of(form: &Form) -> Result<ExitKind> {
    ExitKind::parse(form.text("kind")).map_err(|e| Error::invalid("kind", e))
}

/// Enough of a hand-over to ask what a device lacks; whoever takes it is asked later.
fn probe(kind: ExitKind, on: Day) -> Map<String, Value> {
    let probe = json!({"on": on.to_string(), "exit_kind": kind});
    probe.as_object().cloned().unwrap_or_default()
}

async fn form_page(
    app: &State,
    visitor: &Visitor,
    (f, fields): (Frame, Fields),
    kind: ExitKind,
    tags: Vec<String>,
    oriented: bool,
) -> Result<New> {
    let (actor, today) = (visitor.actor.clone(), f.today);
    let (judged, partners, organisations) = run(app, move |app| {
        let all = ListQuery {
            limit: Some(1000),
            ..ListQuery::default()
        };
        let partners = entries::list::<Partner>(app, &actor, &all)?;
        let organisations = match kind {
            ExitKind::Transfer => entries::list::<Organisation>(app, &actor, &all)?.items,
            _ => Vec::new(),
        };
        let judged = exits::judge(app, &actor, &tags, (kind, today), &probe(kind, today))?;
        Ok((judged, partners.items, organisations))
    })
    .await?;
    let named = |views: Vec<entries::View>| {
        let choice = |view: entries::View| {
            let name = view.body.get("name").and_then(Value::as_str);
            (view.address.clone(), name.unwrap_or_default().to_owned())
        };
        views.into_iter().map(choice).collect::<Vec<_>>()
    };
    // Those who usually take what leaves this way come first; the law of a case may still want another.
    let usual = PartnerKind::usual(kind);
    let suits = |view: &entries::View| {
        let kinds = view.body.get("kinds").and_then(Value::as_array);
        let mut kinds = kinds.into_iter().flatten().filter_map(Value::as_str);
        usual.is_empty() || kinds.any(|k| usual.iter().any(|u| u.as_str() == k))
    };
    let (partners, others): (Vec<_>, Vec<_>) = partners.into_iter().partition(suits);
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
        partners: named(partners),
        others: named(others),
        organisations: named(organisations),
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

/// The exit as the use case takes it, without its devices.
fn body_of(form: &Form) -> Result<Map<String, Value>> {
    let mut body = form.object(&[
        ("kind", As::Text),
        ("partner", As::Text),
        ("to_organisation", As::Text),
        ("on", As::Text),
        ("undertaking_on", As::Text),
        ("unit_value_cents", As::Cents),
        ("value_basis", As::Text),
    ])?;
    if form.has("convention_number") {
        let mut convention = serde_json::Map::new();
        convention.insert("number".into(), form.text("convention_number").into());
        if form.has("convention_on") {
            convention.insert("on".into(), form.text("convention_on").into());
        }
        body.insert("convention".into(), convention.into());
    } else if form.has("convention_on") {
        return Err(Error::missing("number").with_field("convention_number"));
    }
    if form.has("commitment_on") {
        let mut commitment = serde_json::Map::new();
        commitment.insert("on".into(), form.text("commitment_on").into());
        if form.has("commitment_reference") {
            commitment.insert("reference".into(), form.text("commitment_reference").into());
        }
        body.insert("commitment".into(), commitment.into());
    } else if form.has("commitment_reference") {
        return Err(Error::missing("on").with_field("commitment_on"));
    }
    if form.has("override") {
        body.insert("override".into(), json!({"wipe": form.text("override")}));
    }
    if !body.contains_key("on") {
        return Err(Error::missing("on"));
    }
    if !body.contains_key("to_organisation")
        && !body.contains_key("partner")
        && ExitKind::parse(form.text("kind")).is_ok_and(ExitKind::needs_taker)
    {
        return Err(Error::missing("partner"));
    }
    Ok(body)
}

/// What each hand-over says of it.
fn of_each(body: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = body.clone();
    for paper in ["convention", "undertaking_on"] {
        fields.remove(paper);
    }
    if let Some(kind) = fields.remove("kind") {
        fields.insert("exit_kind".into(), kind);
    }
    fields
}

const KEPT: &[&str] = &[
    "kind",
    "partner",
    "to_organisation",
    "on",
    "undertaking_on",
    "unit_value_cents",
    "value_basis",
    "convention_number",
    "convention_on",
    "commitment_on",
    "commitment_reference",
    "override",
];

#[derive(Template)]
#[template(path = "exit_confirm.html")]
struct Confirm {
    f: Frame,
    fields: Fields,
    title: String,
    lead: String,
    facts: Vec<(&'static str, String)>,
    lacks: Vec<(&'static str, &'static str)>,
    button: String,
    refused_title: String,
    kept: Vec<(String, String)>,
    lines: Vec<Line>,
    refused: Vec<Line>,
    pick: bool,
}

async fn confirm_page(
    app: &State,
    visitor: &Visitor,
    form: &Form,
    shown: Option<Fields>,
) -> Result<Confirm> {
    let (kind, body) = (kind_of(form)?, body_of(form)?);
    let on = Day::parse(form.text("on")).map_err(|e| Error::invalid("on", e))?;
    let tags = chosen::of_form(form);
    if tags.is_empty() {
        return Err(Error::missing("devices").with_field("tags"));
    }
    let (actor, fields, given) = (visitor.actor.clone(), of_each(&body), tags.join(","));
    let said = body.clone();
    let (judged, foreseen, names) = run(app, move |app| {
        let judged = exits::judge(app, &actor, &tags, (kind, on), &fields)?;
        let foreseen = exits::foreseen(app, &actor, &said, &judged)?;
        let names = titles::of(app, &actor, &taken_by(&said))?;
        Ok((judged, foreseen, names))
    })
    .await?;
    // What is wrong with the form is not explained twelve times.
    let of_form = |c: &Chosen| {
        let field = c.refusal.as_ref().and_then(|e| e.field.as_deref());
        field.is_some_and(|f| KEPT.contains(&f) && c.item.is_some())
    };
    if let Some(error) = judged
        .iter()
        .filter(|c| of_form(c))
        .find_map(|c| c.refusal.as_ref())
        && judged.iter().all(of_form)
    {
        let field = error.field.clone().unwrap_or_default();
        return Err(Error::new(error.code, error.detail.clone()).with_field(field));
    }
    let f = visitor.frame("exits");
    let takers = taken_by(&body);
    let takers = takers.iter().map(|(kind, key)| names.get(*kind, key));
    let mut facts: Vec<(&'static str, String)> = takers
        .map(|name| (f.t("exits.taker"), name.to_owned()))
        .collect();
    if matches!(kind, ExitKind::Donation | ExitKind::StaffGift) {
        let cents = body.get("unit_value_cents").and_then(Value::as_i64);
        let value = cents.map_or(f.t("common.unknown").to_owned(), |c| f.euros(&c));
        facts.push((f.t("exits.value"), value));
    }
    let lacks = foreseen.iter().map(|a| {
        let word = a.as_str();
        // What is mended on the page of an exit is mended otherwise before there is one.
        let mend = i18n::find(f.lang, "exits", &format!("foreseen_{word}"));
        (
            f.t(&format!("exits.anomaly_{word}")),
            mend.unwrap_or_else(|| f.t(&format!("exits.mend_{word}"))),
        )
    });
    let lacks = lacks.collect();
    let back = address("/exits/new", &[("kind", kind.as_str()), ("tags", &given)]);
    let (lines, refused): (Vec<Line>, Vec<Line>) = chosen::lines(&f, &judged, &back)
        .into_iter()
        .partition(|l| l.refusal.is_none());
    let mut kept: Vec<(String, String)> = KEPT
        .iter()
        .filter(|name| form.has(name))
        .map(|name| ((*name).to_owned(), form.text(name).to_owned()))
        .collect();
    kept.extend(lines.iter().map(|l| ("device".to_owned(), l.given.clone())));
    Ok(Confirm {
        title: f.tn("exits.confirm_title", lines.len()),
        lead: f.say(
            "exits.confirm_lead",
            &[
                ("kind", Arg::text(f.word("exit_kind", kind.as_str()))),
                ("day", Arg::text(f.day(&on))),
            ],
        ),
        facts,
        lacks,
        button: f.tn("exits.button", lines.len()),
        refused_title: f.tn("decisions.refused", refused.len()),
        fields: shown.unwrap_or_default(),
        f,
        kept,
        lines,
        refused,
        pick: false,
    })
}

/// Whoever takes the devices, as the body names them.
fn taken_by(body: &Map<String, Value>) -> Vec<(EntryKind, &str)> {
    [
        ("partner", EntryKind::Partner),
        ("to_organisation", EntryKind::Organisation),
    ]
    .into_iter()
    .filter_map(|(field, kind)| Some((kind, body.get(field)?.as_str()?)))
    .collect()
}

/// What will be written, device by device; nothing is yet.
#[post("/exits/confirm")]
async fn confirm_it(app: State, visitor: Visitor, form: Form) -> Answer {
    match confirm_page(&app, &visitor, &form, None).await {
        Ok(page) => visitor.show(&page),
        Err(error) => back_to_form(&app, &visitor, &form, &error).await,
    }
}

async fn back_to_form(app: &State, visitor: &Visitor, form: &Form, error: &Error) -> Answer {
    let f = visitor.frame("exits");
    let fields = Fields::refused(&f, form, error);
    let (kind, tags) = (kind_of(form)?, chosen::of_form(form));
    let page = form_page(app, visitor, (f, fields), kind, tags, false).await?;
    visitor.again(&page)
}

/// Hands them over, as one.
#[post("/exits")]
async fn hand_over(app: State, visitor: Visitor, form: Form) -> Answer {
    let tags = chosen::of_form(&form);
    let (n, mut body) = (tags.len(), body_of(&form)?);
    body.insert("devices".into(), Value::from(tags));
    let done = once_in(&app, &visitor, &form, move |app, db, actor| {
        let exit = exits::hand_over(app, db, actor, body.clone(), true)?;
        Ok(format!("/exits/{}", url(&exit.key)))
    })
    .await;
    match done {
        Ok(to) => visitor.done(&to, visitor.frame("exits").tn("exits.done", n)),
        Err(error) => {
            let shown = Fields::refused(&visitor.frame("exits"), &form, &error);
            match confirm_page(&app, &visitor, &form, Some(shown)).await {
                Ok(page) => visitor.again(&page),
                Err(error) => back_to_form(&app, &visitor, &form, &error).await,
            }
        }
    }
}
