//! Exits: the list, the way out chosen, a new one with the gate of each device, one with its papers.

mod confirm;
mod new;
mod one;
mod said;

use super::paging::{Paging, pager};
use super::prelude::*;
use crate::app::operations::exits::{self, ExitView};
use crate::app::titles::{self, Titles};
use crate::domain::entry::EntryKind;
use crate::domain::words::Kind;

/// Routes of this family.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(index)
        .configure(new::routes)
        .configure(confirm::routes)
        .configure(one::routes);
}

const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "exits.html")]
struct List {
    f: Frame,
    may: bool,
    rows: Vec<(String, String, String, String, String, Option<String>)>,
    first: Option<String>,
    next: Option<String>,
}

/// The list, the latest first.
#[get("/exits")]
async fn index(app: State, visitor: Visitor, query: Query<Paging>) -> Answer {
    let (actor, at) = (visitor.actor.clone(), query.0.cursor.clone());
    let (page, names) = run(&app, move |app| {
        let page = exits::latest(app, &actor, PAGE, at.as_deref())?;
        let names = titles::of(app, &actor, &takers(&page.items))?;
        Ok((page, names))
    })
    .await?;
    let f = visitor.frame("exits");
    let rows = page.items.iter().map(|exit| {
        let open = exit.anomalies.len();
        (
            format!("/exits/{}", url(&exit.key)),
            f.day(&exit.on),
            f.word("exit_kind", exit.kind.as_str()),
            taker(&f, exit, &names),
            f.tn("operations.n_devices", exit.devices.len()),
            (open > 0).then(|| f.tn("exits.open", open)),
        )
    });
    let rows = rows.collect();
    let [first, next] = pager("/exits", query.0.cursor.as_deref(), page.next.as_deref());
    visitor.show(&List {
        may: f.may(Right::Event(Kind::HandOver)),
        f,
        rows,
        first,
        next,
    })
}

/// Whose names a list of exits shows.
fn takers(exits: &[ExitView]) -> Vec<(EntryKind, &str)> {
    exits
        .iter()
        .flat_map(|exit| {
            let partner = exit.partner.as_deref().map(|key| (EntryKind::Partner, key));
            let to = exit.to_organisation.as_deref();
            partner
                .into_iter()
                .chain(to.map(|key| (EntryKind::Organisation, key)))
        })
        .collect()
}

/// Who takes the devices, or that nobody was named.
fn taker(f: &Frame, exit: &ExitView, names: &Titles) -> String {
    let partner = exit.partner.as_deref();
    let to = exit.to_organisation.as_deref();
    partner
        .map(|key| names.get(EntryKind::Partner, key))
        .or(to.map(|key| names.get(EntryKind::Organisation, key)))
        .unwrap_or(f.t("common.unknown"))
        .to_owned()
}
