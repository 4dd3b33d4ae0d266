//! Writing what a session decided: events, then the projection of the whole chain.

use super::projection::projection;
use super::session::{Context, Session};
use crate::db::books::{self, NewDevice, Projection};
use crate::db::{Db, events, known};
use crate::domain::event::Event;
use crate::domain::{tag, text};
use crate::error::{Code, Error, Result};

/// Appends the fresh events of a session and rewrites its projection.
///
/// # Errors
/// `duplicate` when a code is held by another live device of the organisation.
pub fn write(db: &mut Db, cx: &Context, session: Session) -> Result<()> {
    if session.fresh.is_empty() {
        return Ok(());
    }
    let rows = projection(
        &session.device,
        &session.events,
        &session.history,
        &cx.catalogue,
        cx.now.instant,
    )?;
    if session.fresh.iter().any(|f| recodes(&f.event)) {
        not_a_loser(db, &rows)?;
    }
    let mut head = session.head;
    for fresh in &session.fresh {
        events::append(db, &mut head, &fresh.event, fresh.private.as_ref())?;
    }
    books::project(db, &head, &rows).map_err(say_which)
}

/// Writes a device that does not exist yet.
///
/// # Errors
/// `duplicate` when the tag, or a code in the organisation, is taken.
pub fn write_new(db: &mut Db, cx: &Context, session: Session) -> Result<()> {
    let new = new_device(cx, session)?;
    not_a_loser(db, &new.projection)?;
    books::insert_new(db, &[new]).map_err(say_which)
}

/// Fields of a description that codes are made of.
const CODED: [&str; 4] = ["serial", "codes", "manufacturer", "model"];

fn recodes(event: &Event) -> bool {
    let set = event.fields.set.as_ref();
    set.is_some_and(|set| CODED.iter().any(|field| set.contains_key(*field)))
}

/// Refuses what is unique and leads, by a record that was merged, to another device: it would be made twice.
fn not_a_loser(db: &mut Db, p: &Projection) -> Result<()> {
    let unique = p.codes.iter().filter(|c| c.unique_key.is_some());
    let codes: Vec<(String, String)> = unique
        .map(|c| (c.kind.as_str().to_owned(), c.fold.clone()))
        .collect();
    if codes.is_empty() {
        return Ok(());
    }
    let owner = p.books.iter().find(|b| b.current);
    let fold = |maker: Option<&str>| text::fold(maker.unwrap_or_default());
    let maker = fold(owner.and_then(|b| b.manufacturer.as_deref()));
    let same = |theirs: Option<&str>| fold(theirs) == maker;
    if known::led_elsewhere(db, &p.org, &p.device, &codes, same)? {
        let detail = "a record with this serial number, UUID or IMEI was merged into another device of this organisation; scan it to find that device";
        return Err(Error::new(Code::Duplicate, detail).with_field("serial"));
    }
    Ok(())
}

/// A new device ready for a bulk insert.
///
/// # Errors
/// `internal` when the session has no history.
pub fn new_device(cx: &Context, session: Session) -> Result<NewDevice> {
    let projection = projection(
        &session.device,
        &session.events,
        &session.history,
        &cx.catalogue,
        cx.now.instant,
    )?;
    Ok(NewDevice {
        tag_fold: tag::fold(&session.device.tag),
        created_at: cx.now.instant,
        events: session
            .fresh
            .into_iter()
            .map(|f| (f.event, f.private))
            .collect(),
        projection,
    })
}

/// A clash names the field, never the other device: it may be somebody else's.
fn say_which(error: Error) -> Error {
    if error.code != Code::Duplicate {
        return error;
    }
    let what = crate::db::fault::clash(&error).unwrap_or_default();
    if what.contains("tag_fold") {
        return Error::new(
            Code::Duplicate,
            "this tag is taken; leave it out for a fresh one",
        )
        .with_field("tag");
    }
    if what.contains("unique_key") || what.contains("codes") {
        let detail = "another live device of this organisation has this serial number, UUID or IMEI; scan it to find that device";
        return Error::new(Code::Duplicate, detail).with_field("serial");
    }
    error
}
