//! What an exit will write, device by device, with what it lacks; then its writing.

use serde_json::{Map, Value};

use super::new;
use super::said::{KEPT, body_of, kind_of, of_each, taken_by};
use crate::app::operations::chosen::Chosen;
use crate::app::operations::exits;
use crate::app::titles::{self, Titles};
use crate::domain::exit::Anomaly;
use crate::domain::words::ExitKind;
use crate::http::pages::chosen::{self, Line};
use crate::http::pages::prelude::*;
use crate::i18n;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(confirm_it).service(hand_over);
}

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
    wrong_form(&judged)?;
    let f = visitor.frame("exits");
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
        facts: facts(&f, kind, &body, &names),
        lacks: foreseen.iter().map(|a| lack(&f, *a)).collect(),
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

/// What is wrong with the form is not explained twelve times.
fn wrong_form(judged: &[Chosen]) -> Result<()> {
    fn of_form(c: &Chosen) -> Option<(&Error, &str)> {
        let error = c.refusal.as_ref().filter(|_| c.item.is_some())?;
        let field = error.field.as_deref()?;
        KEPT.contains(&field).then_some((error, field))
    }
    match judged.first().and_then(of_form) {
        Some((e, field)) if judged.iter().all(|c| of_form(c).is_some()) => {
            Err(Error::new(e.code, e.detail.clone()).with_field(field))
        }
        _ => Ok(()),
    }
}

/// Who takes it, and at what value.
fn facts(
    f: &Frame,
    kind: ExitKind,
    body: &Map<String, Value>,
    names: &Titles,
) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&'static str, String)> = taken_by(body)
        .iter()
        .map(|(kind, key)| (f.t("exits.taker"), names.get(*kind, key).to_owned()))
        .collect();
    if matches!(kind, ExitKind::Donation | ExitKind::StaffGift) {
        let cents = body.get("unit_value_cents").and_then(Value::as_i64);
        let value = cents.map_or(f.t("common.unknown").to_owned(), |c| f.euros(&c));
        facts.push((f.t("exits.value"), value));
    }
    facts
}

/// What will be missing, and how it is mended: what is mended on the page of an exit is mended otherwise before there
/// is one.
fn lack(f: &Frame, anomaly: Anomaly) -> (&'static str, &'static str) {
    let word = anomaly.as_str();
    let mend = i18n::find(f.lang, "exits", &format!("foreseen_{word}"));
    (
        f.t(&format!("exits.anomaly_{word}")),
        mend.unwrap_or_else(|| f.t(&format!("exits.mend_{word}"))),
    )
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
    let page = new::form_page(app, visitor, (f, fields), kind, tags, false).await?;
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
