//! One exit: its devices, what is missing, its papers, proof and treatment.

use serde_json::{Value, json};

use super::{taker, takers};
use crate::app::operations::departures::{self, Departure};
use crate::app::operations::exits::{self, ExitView};
use crate::app::papers;
use crate::app::titles::{self, Titles};
use crate::domain::attachment::Subject;
use crate::domain::words::{ExitKind, Kind, Outcome};
use crate::http::pages::attachments::{Attached, attached};
use crate::http::pages::prelude::*;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(one)
        .service(save_papers)
        .service(save_proof)
        .service(save_treatment);
}

/// A device that left, as the page shows it.
struct Left {
    tag: Html,
    what: String,
    data: Html,
    value: String,
    proof: Html,
    treatment: String,
    back: bool,
}

#[derive(Template)]
#[template(path = "exit.html")]
struct One {
    f: Frame,
    fields: Fields,
    key: String,
    title: String,
    lead: String,
    /// Its paper to print: address and name.
    paper: Option<(String, String)>,
    open: Vec<(&'static str, &'static str)>,
    facts: Vec<(&'static str, String)>,
    devices: Vec<Left>,
    sold: bool,
    treated: bool,
    there: bool,
    may_prove: bool,
    may_treat: bool,
    may_change: bool,
    version: i64,
    proofs: Vec<(String, String)>,
    treatments: Vec<(String, String)>,
    attached: Attached,
}

async fn load(
    app: &State,
    visitor: &Visitor,
    key: &str,
) -> Result<(ExitView, Vec<Departure>, Titles)> {
    let (actor, key) = (visitor.actor.clone(), key.to_owned());
    run(app, move |app| {
        let exit = exits::get(app, &actor, &key)?;
        let left = departures::of(app, &actor, &key)?;
        let names = titles::of(app, &actor, &takers(std::slice::from_ref(&exit)))?;
        Ok((exit, left, names))
    })
    .await
}

async fn page(
    app: &State,
    visitor: &Visitor,
    key: &str,
    refused: Option<(&Form, &Error)>,
) -> Result<One> {
    let (exit, left, names) = load(app, visitor, key).await?;
    let to = format!("/exits/{}", url(&exit.key));
    let attached = attached(app, visitor, (Subject::Exit, &exit.key), &to).await?;
    let f = visitor.frame("exits");
    let or = |text: Option<String>| text.unwrap_or_else(|| f.t("common.unknown").to_owned());
    let mut facts = vec![
        (f.t("exits.taker"), taker(&f, &exit, &names)),
        (f.t("exits.on"), f.day(&exit.on)),
    ];
    let convention = exit.convention.as_ref();
    if matches!(exit.kind, ExitKind::Donation | ExitKind::Transfer) {
        let said = convention.map(|c| match &c.on {
            Some(on) => format!("{}, {}", c.number, f.day(on)),
            None => c.number.as_str().to_owned(),
        });
        facts.push((f.t("exits.convention"), or(said)));
        let on = exit.undertaking_on.as_ref().map(|d| f.day(d));
        facts.push((f.t("exits.undertaking_on"), or(on)));
    }
    let sold = matches!(exit.kind, ExitKind::Sale | ExitKind::TakeBack);
    if sold {
        let said = exit.commitment.as_ref().map(|c| match &c.reference {
            Some(reference) => format!("{}, {reference}", f.day(&c.on)),
            None => f.day(&c.on),
        });
        facts.push((f.t("exits.commitment_on"), or(said)));
    }
    let mut fields = match refused {
        Some((form, error)) => Fields::refused(&f, form, error),
        None => Fields::new(&f)
            .set("on", f.today.to_string())
            .set("treated_on", f.today.to_string()),
    };
    if refused.is_none() {
        let number = convention.map(|c| c.number.as_str().to_owned());
        let on = convention.and_then(|c| c.on).map(|d| d.to_string());
        let undertaken = exit.undertaking_on.map(|d| d.to_string());
        fields = fields
            .set("convention_number", number.unwrap_or_default())
            .set("convention_on", on.unwrap_or_default())
            .set("undertaking_on", undertaken.unwrap_or_default());
    }
    let word = |o: &Outcome| (o.as_str().to_owned(), f.word("outcome", o.as_str()));
    let proofs = [Outcome::Reuse, Outcome::NotReuse].iter().map(word);
    let ends = [
        Outcome::Reuse,
        Outcome::Recycling,
        Outcome::Energy,
        Outcome::Disposal,
        Outcome::Unknown,
    ];
    let open = exit.anomalies.iter().map(|a| {
        (
            f.t(&format!("exits.anomaly_{}", a.as_str())),
            f.t(&format!("exits.mend_{}", a.as_str())),
        )
    });
    let papered = matches!(exit.kind, ExitKind::Donation | ExitKind::Transfer);
    Ok(One {
        title: f.say(
            "exits.one_title",
            &[
                ("kind", Arg::text(f.word("exit_kind", exit.kind.as_str()))),
                ("day", Arg::text(f.day(&exit.on))),
            ],
        ),
        lead: f.say(
            "exits.one_lead",
            &[
                ("n", Arg::Count(i64::try_from(left.len()).unwrap_or(0))),
                ("taker", Arg::text(taker(&f, &exit, &names))),
            ],
        ),
        paper: papers::title(exit.kind).map(|title| {
            let at = format!("/exits/{}/attestation.pdf", url(&exit.key));
            (at, f.tx("exits.paper", f.word("papers", title)))
        }),
        open: open.collect(),
        facts,
        there: left.iter().any(|d| d.exit.given_back_on.is_none()),
        devices: left.iter().map(|d| row(&f, d, sold)).collect(),
        sold,
        treated: matches!(exit.kind, ExitKind::Collection | ExitKind::TakeBack),
        may_prove: f.may(Right::Event(Kind::Prove)),
        may_treat: f.may(Right::Event(Kind::ConfirmTreatment)),
        may_change: f.may(Right::Event(Kind::HandOver)) && papered && exit.version > 0,
        version: exit.version,
        proofs: proofs.collect(),
        treatments: ends.iter().map(word).collect(),
        key: exit.key,
        attached,
        fields,
        f,
    })
}

fn row(f: &Frame, left: &Departure, sold: bool) -> Left {
    let exit = &left.exit;
    let proof = match exit.proofs.last() {
        Some((on, outcome)) => {
            let mark = if *outcome == Outcome::Reuse {
                "ok"
            } else {
                "idle"
            };
            format!(
                "<span class=\"{mark} mk\">{}, {}</span>",
                esc(&f.word("outcome", outcome.as_str())),
                esc(&f.day(on))
            )
        }
        None if sold => format!(
            "<span class=\"warn mk\">{}</span>",
            esc(f.t("exits.no_proof"))
        ),
        None => esc(f.t("exits.not_needed")),
    };
    let treatment = exit.treatments.last();
    Left {
        tag: f.tag(&left.item.device.tag),
        what: left.item.speaking(f.lang == Lang::Fr).what,
        data: f.data(&exit.data),
        value: match &exit.unit_value_cents {
            Some(cents) => f.euros(cents),
            None => f.t("common.unknown").to_owned(),
        },
        proof: Html(proof),
        treatment: match treatment {
            Some((on, outcome, _)) => {
                format!("{}, {}", f.word("outcome", outcome.as_str()), f.day(on))
            }
            None => f.t("common.unknown").to_owned(),
        },
        back: exit.given_back_on.is_some(),
    }
}

/// One exit.
#[get("/exits/{key}")]
async fn one(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    visitor.show(&page(&app, &visitor, &key, None).await?)
}

/// The papers that come later.
#[post("/exits/{key}/papers")]
async fn save_papers(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let version: i64 = form.text("version").parse().unwrap_or(-1);
    let mut patch = form.object(&[("undertaking_on", As::Patch)])?;
    let convention = match (form.has("convention_number"), form.has("convention_on")) {
        (false, false) => Ok(Value::Null),
        (false, true) => Err(Error::missing("number").with_field("convention_number")),
        (true, dated) => {
            let on = dated.then(|| form.text("convention_on"));
            Ok(json!({"number": form.text("convention_number"), "on": on}))
        }
    };
    let to = format!("/exits/{}", url(&key));
    let (to2, key2) = (to.clone(), key.clone());
    let done = match convention {
        Err(error) => Err(error),
        Ok(convention) => {
            patch.insert("convention".into(), convention);
            once(&app, &visitor, &form, move |app, actor| {
                exits::patch(app, actor, &key2, Expected::OneOf(vec![version]), patch)?;
                Ok(to2)
            })
            .await
        }
    };
    match done {
        Ok(to) => visitor.done(&to, visitor.frame("").t("common.changed")),
        Err(error) => visitor.again(&page(&app, &visitor, &key, Some((&form, &error))).await?),
    }
}

/// The devices of the exit that are still out.
async fn out(app: &State, visitor: &Visitor, key: &str) -> Result<Vec<String>> {
    let (_, left, _) = load(app, visitor, key).await?;
    let still = left.into_iter().filter(|d| d.exit.given_back_on.is_none());
    Ok(still.map(|d| d.item.device.tag).collect())
}

/// The proof that they are used again, or are not.
#[post("/exits/{key}/proof")]
async fn save_proof(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let fields = form.object(&[
        ("outcome", As::Text),
        ("on", As::Text),
        ("reference", As::Text),
    ])?;
    tell(&app, &visitor, &key, &form, Kind::Prove, fields).await
}

/// What became of them.
#[post("/exits/{key}/treatment")]
async fn save_treatment(app: State, visitor: Visitor, key: Path<String>, form: Form) -> Answer {
    let fields = json!({"outcome": form.text("treatment"), "on": form.text("treated_on")});
    let fields = fields.as_object().cloned().unwrap_or_default();
    tell(&app, &visitor, &key, &form, Kind::ConfirmTreatment, fields).await
}

async fn tell(
    app: &State,
    visitor: &Visitor,
    key: &str,
    form: &Form,
    kind: Kind,
    fields: serde_json::Map<String, Value>,
) -> Answer {
    let tags = out(app, visitor, key).await?;
    let (n, to) = (tags.len(), format!("/exits/{}", url(key)));
    let done = once(app, visitor, form, move |app, actor| {
        departures::tell(app, actor, kind, &tags, &fields)?;
        Ok(to)
    })
    .await;
    match done {
        Ok(to) => visitor.done(&to, visitor.frame("").tn("exits.told", n)),
        Err(error) => visitor.again(&page(app, visitor, key, Some((form, &error))).await?),
    }
}
