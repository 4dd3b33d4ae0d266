//! Papers to print and sign: *bon de remise*, *état de réforme*, *attestation de cession*.

use serde::Deserialize;

use super::decisions::Which;
use super::prelude::*;
use crate::app::operations::decisions;
use crate::app::papers;

/// Routes of this file.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(of_device)
        .service(of_person)
        .service(erasure)
        .service(state)
        .service(state_table)
        .service(of_exit);
}

/// Which hand-over; the last one when none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OfEvent {
    event: Option<String>,
}

/// A file that the browser shows or keeps.
pub(super) fn file(media: &'static str, name: &str, body: Vec<u8>) -> HttpResponse {
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    HttpResponse::Ok()
        .content_type(media)
        .insert_header((
            "Content-Disposition",
            format!("inline; filename=\"{name}\""),
        ))
        .insert_header(("Cache-Control", "private, no-store"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(body)
}

/// What a device's holder signs.
#[get("/devices/{tag}/bon-de-remise.pdf")]
async fn of_device(
    app: State,
    visitor: Visitor,
    tag: Path<String>,
    query: Query<OfEvent>,
) -> Answer {
    let (actor, lang, name) = (visitor.actor.clone(), visitor.lang(), tag.clone());
    let pdf = run(&app, move |app| {
        papers::of_event(app, &actor, lang, &tag, query.0.event.as_deref())
    })
    .await?;
    Ok(file(
        "application/pdf",
        &format!("bon-de-remise-{name}.pdf"),
        pdf,
    ))
}

/// All that a person holds.
#[get("/people/{key}/bon-de-remise.pdf")]
async fn of_person(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let (actor, lang, name) = (visitor.actor.clone(), visitor.lang(), key.clone());
    let pdf = run(&app, move |app| papers::held(app, &actor, lang, &key)).await?;
    Ok(file(
        "application/pdf",
        &format!("materiel-detenu-{name}.pdf"),
        pdf,
    ))
}

/// The *certificat d'effacement* of a wipe.
#[get("/wipes/{key}/certificate.pdf")]
async fn erasure(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let (actor, lang, name) = (visitor.actor.clone(), visitor.lang(), key.clone());
    let pdf = run(&app, move |app| {
        papers::certificate(app, &actor, lang, &key)
    })
    .await?;
    Ok(file(
        "application/pdf",
        &format!("certificat-effacement-{name}.pdf"),
        pdf,
    ))
}

/// The *état de réforme* of a decision.
#[get("/decisions/etat-de-reforme.pdf")]
async fn state(app: State, visitor: Visitor, query: Query<Which>) -> Answer {
    let (actor, lang, which) = (visitor.actor.clone(), visitor.lang(), query.0);
    let name = format!("etat-de-reforme-{}.pdf", which.reference);
    let pdf = run(&app, move |app| {
        let (decision, list) = decisions::get(app, &actor, &which.org, which.on, &which.reference)?;
        papers::state(app, &actor, lang, &decision, &list)
    })
    .await?;
    Ok(file("application/pdf", &name, pdf))
}

/// The same for a spreadsheet.
#[get("/decisions/etat-de-reforme.csv")]
async fn state_table(app: State, visitor: Visitor, query: Query<Which>) -> Answer {
    let (actor, lang, which) = (visitor.actor.clone(), visitor.lang(), query.0);
    let name = format!("etat-de-reforme-{}.csv", which.reference);
    let csv = run(&app, move |app| {
        let (decision, list) = decisions::get(app, &actor, &which.org, which.on, &which.reference)?;
        let mut out = Vec::new();
        papers::sheet(lang, &decision, &list, &mut out)?;
        Ok(out)
    })
    .await?;
    Ok(file("text/csv; charset=utf-8", &name, csv))
}

/// What an exit hands over, for both sides to sign.
#[get("/exits/{key}/attestation.pdf")]
async fn of_exit(app: State, visitor: Visitor, key: Path<String>) -> Answer {
    let (actor, lang, name) = (visitor.actor.clone(), visitor.lang(), key.clone());
    let pdf = run(&app, move |app| papers::cession(app, &actor, lang, &key)).await?;
    Ok(file(
        "application/pdf",
        &format!("attestation-{name}.pdf"),
        pdf,
    ))
}
