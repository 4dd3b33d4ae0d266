//! Attachments: files kept with a device, a wipe, an exit, a repair or a purchase. Who may see the thing may read what
//! is attached to it in its own books; what is personal is for those who may see people, and goes with the person.

use std::io::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entries::resolve;
use super::lifecycle::references::id_of;
use super::operations::operation_id;
use super::{Actor, App, Page, Right, audit};
use crate::db::attachments::{self as table, Row};
use crate::db::operations::{self, Of};
use crate::db::{self, Db, Lane, Scope, devices};
use crate::domain::attachment::{self, Gone, LARGEST, MOST_PIXELS, Media, Refused, Subject};
use crate::domain::day::{self, Day, Instant};
use crate::domain::entry::EntryKind;
use crate::domain::words::Kind;
use crate::error::{Code, Error, Result};

/// Most files of one thing.
const MOST: usize = 200;

/// A file, without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Attachment)]
pub struct AttachmentView {
    /// UUIDv7.
    pub id: String,
    /// What it is about: `device:TAG`, `wipe:KEY`, `exit:KEY`, `repair:KEY` or `purchase:KEY`.
    pub about: String,
    /// Name; empty when it was erased.
    pub filename: String,
    /// Media type, told by the content.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Key of the person it is about; null when it is about nobody.
    pub person: Option<String>,
    /// Last day its bytes are kept; null for ever.
    #[schema(value_type = Option<String>)]
    pub retained_until: Option<Day>,
    /// `expired` or `erased` when the bytes are not here any more.
    #[schema(value_type = Option<String>)]
    pub gone: Option<Gone>,
    /// When it was sent.
    #[serde(with = "day::instant")]
    #[schema(value_type = String)]
    pub created_at: Instant,
    /// Id of the account or token that sent it.
    pub created_by: String,
}

/// What is said of a file that is sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct New {
    /// What it is about: `KIND:KEY`.
    pub about: Option<String>,
    /// Its name.
    pub filename: Option<String>,
    /// Key of the one person it is about.
    pub person: Option<String>,
    /// Last day its bytes are kept.
    pub retained_until: Option<Day>,
}

/// A file that was looked at and may be kept.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Its name.
    pub filename: String,
    /// What it is.
    pub media: Media,
    /// SHA-256, hex.
    pub sha256: String,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

/// Looks at a file: its size, its kind by its content, the pixels of a picture by its header.
///
/// # Errors
/// `too_large`, `unsupported_media` with what is taken, `invalid_value` for a picture that is too large.
pub fn look(bytes: Vec<u8>, filename: Option<&str>) -> Result<Looked> {
    if bytes.len() > LARGEST {
        return Err(Error::new(
            Code::TooLarge,
            format!("a file may hold {LARGEST} bytes at most"),
        )
        .with_field("attachment"));
    }
    let filename = filename.unwrap_or_default();
    let media = attachment::sniff(&bytes, filename).map_err(|refused| match refused {
        Refused::Unknown => Error::new(
            Code::UnsupportedMedia,
            "the content of the file is of no kind that is kept; PDF, PNG, JPEG, WebP and plain text (TXT, CSV, JSON, XML, logs) are",
        )
        .with_field("attachment"),
        Refused::Headless => Error::invalid("attachment", "the picture does not say its size; it is damaged"),
        Refused::Pixels(n) => Error::invalid(
            "attachment",
            format!("the picture has {n} pixels; {MOST_PIXELS} are taken at most: make it smaller"),
        ),
    })?;
    Ok(Looked {
        filename: attachment::filename(filename, media),
        media,
        sha256: db::sha256_hex(&[&bytes]),
        bytes: bytes.into(),
    })
}

/// Whether files may be added to things of a kind.
pub fn may_add_to(actor: &Actor, kind: Subject) -> bool {
    actor.may(right(kind))
}

fn right(kind: Subject) -> Right {
    match kind {
        Subject::Purchase => Right::Purchases,
        Subject::Exit => Right::Event(Kind::Prove),
        Subject::Wipe => Right::Event(Kind::Wipe),
        Subject::Repair => Right::Event(Kind::CloseRepair),
        Subject::Device => Right::Devices,
    }
}

/// The right to add a file: asked before anything is read.
///
/// # Errors
/// `forbidden`; `missing_field`, `invalid_parameter` for `about`.
pub fn may_add(actor: &Actor, about: Option<&str>) -> Result<()> {
    if !actor.may(Right::Purchases) {
        actor.must(Right::Devices)?;
    }
    let about = about.filter(|a| !a.is_empty());
    let (kind, _) = split(about.ok_or_else(|| Error::missing("about"))?)?;
    actor.must(right(kind))
}

/// Keeps a file, in a transaction.
///
/// # Errors
/// `forbidden`, `unknown_reference` on `about` or `person`, `invalid_value`.
pub fn add_in(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    new: &New,
    file: &Looked,
) -> Result<AttachmentView> {
    may_add(actor, new.about.as_deref())?;
    let about = new.about.as_deref().unwrap_or_default();
    let (kind, key) = split(about)?;
    let scope = actor.scope(db)?;
    let thing =
        thing(db, &scope, kind, key)?.ok_or_else(|| Error::unknown_reference("about", about))?;
    let [org] = thing.orgs.as_slice() else {
        let detail =
            "devices of several organisations are in this operation: attach the file to a device";
        return Err(Error::invalid("about", detail));
    };
    let person = match new.person.as_deref().filter(|p| !p.is_empty()) {
        None => None,
        Some(key) => {
            actor.must(Right::People)?;
            let id = id_of(db, &scope, EntryKind::Person, key, Some(org))?;
            Some(id.ok_or_else(|| Error::unknown_reference("person", key))?)
        }
    };
    let now = app.clock.now();
    if new.retained_until.is_some_and(|day| day < Day::of(now)) {
        let detail = "`retained_until` lies before today; the file would be deleted at once";
        return Err(Error::invalid("retained_until", detail));
    }
    if table::about(db, &scope, kind.as_str(), &thing.ids)?.len() >= MOST {
        let detail = format!("{MOST} files are attached here already");
        return Err(Error::invalid("about", detail));
    }
    let row = keep(db, actor, now, (org, kind, &thing.id), file, |row| {
        row.person = person.clone();
        row.retained_until = new.retained_until.map(|day| day.0);
    })?;
    view(app, db, row)
}

/// Writes a file down: `of` is its organisation, what it is about and the id of that.
///
/// # Errors
/// Those of the store.
pub fn keep(
    db: &mut Db,
    actor: &Actor,
    now: Instant,
    of: (&str, Subject, &str),
    file: &Looked,
    more: impl FnOnce(&mut Row),
) -> Result<Row> {
    let mut row = Row {
        id: db::new_id(),
        org: of.0.to_owned(),
        kind: of.1.as_str().to_owned(),
        subject: of.2.to_owned(),
        person: None,
        filename: file.filename.clone(),
        media: file.media.as_str().to_owned(),
        size: i64::try_from(file.bytes.len()).map_err(Error::internal)?,
        sha256: file.sha256.clone(),
        created_at: now.naive_utc(),
        created_by: actor.id.clone(),
        retained_until: None,
        gone: None,
        gone_at: None,
    };
    more(&mut row);
    table::insert(db, &row, &file.bytes)?;
    let detail = serde_json::json!({"about": row.kind, "sha256": row.sha256, "size": row.size});
    audit::note(db, now, actor, "attachment.add", Some(&row.id), &detail)?;
    Ok(row)
}

/// What is attached to a thing, oldest first; nothing for a thing that the actor does not see.
///
/// # Errors
/// `forbidden`, `invalid_parameter`.
pub fn list(app: &App, actor: &Actor, about: &str) -> Result<Page<AttachmentView>> {
    actor.must(Right::Read)?;
    let (kind, key) = split(about)?;
    app.store.read(|db| {
        let scope = actor.scope(db)?;
        let rows = match thing(db, &scope, kind, key)? {
            Some(thing) => table::about(db, &scope, kind.as_str(), &thing.ids)?,
            None => Vec::new(),
        };
        let seen = rows.into_iter().filter(|row| visible(actor, row));
        let views = seen.map(|row| view(app, db, row)).collect::<Result<_>>()?;
        Ok(Page::new(views, None))
    })
}

/// One file, without its bytes.
///
/// # Errors
/// `not_found`.
pub fn get(app: &App, actor: &Actor, id: &str) -> Result<AttachmentView> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let row = row(db, actor, id)?;
        view(app, db, row)
    })
}

/// Writes the bytes of a file.
///
/// # Errors
/// `not_found`, also when the bytes expired or were erased.
pub fn content(app: &App, actor: &Actor, id: &str, out: &mut dyn Write) -> Result<()> {
    actor.must(Right::Read)?;
    app.store.read(|db| {
        let row = row(db, actor, id)?;
        if row.gone.is_some() {
            return Err(Error::not_found());
        }
        table::copy(db, &row.id, out)
    })
}

/// Deletes the bytes that need not be kept any longer. The server does it every ten minutes; rows and hashes stay.
///
/// # Errors
/// Those of the store.
pub fn expire(app: &App) -> Result<usize> {
    let mut all = 0;
    loop {
        let now = app.clock.now();
        let some = app.store.write(Lane::Imports, move |db| {
            table::expire(db, Day::of(now).0, now.naive_utc())
        })?;
        all += some;
        if some == 0 {
            return Ok(all);
        }
    }
}

fn row(db: &mut Db, actor: &Actor, id: &str) -> Result<Row> {
    let scope = actor.scope(db)?;
    let row = table::by_id(db, &scope, id)?;
    row.filter(|row| visible(actor, row))
        .ok_or_else(Error::not_found)
}

fn visible(actor: &Actor, row: &Row) -> bool {
    row.person.is_none() || actor.may(Right::People)
}

/// `KIND:KEY`.
fn split(about: &str) -> Result<(Subject, &str)> {
    let found = about
        .split_once(':')
        .and_then(|(kind, key)| Some((Subject::parse(kind).ok()?, key)));
    found.filter(|(_, key)| !key.is_empty()).ok_or_else(|| {
        let detail = "`about` is device:TAG, wipe:KEY, exit:KEY, repair:KEY or purchase:KEY";
        Error::new(Code::InvalidParameter, detail).with_field("about")
    })
}

/// A thing that files are attached to.
struct Thing {
    /// Its id.
    id: String,
    /// That id, and those of what was merged into it.
    ids: Vec<String>,
    /// In whose books it is, of those the scope holds.
    orgs: Vec<String>,
}

impl Thing {
    fn of(id: String, mut orgs: Vec<String>) -> Option<Thing> {
        orgs.sort_unstable();
        orgs.dedup();
        (!orgs.is_empty()).then(|| Thing {
            ids: vec![id.clone()],
            id,
            orgs,
        })
    }
}

fn thing(db: &mut Db, scope: &Scope, kind: Subject, key: &str) -> Result<Option<Thing>> {
    let operation = |db: &mut Db, of: Of, entry: EntryKind| {
        let id = match operation_id(db, scope, entry, key) {
            Ok(id) => id,
            Err(error) if error.code == Code::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let orgs = operations::orgs(db, scope, of, &id)?;
        Ok(Thing::of(id, orgs))
    };
    match kind {
        Subject::Device => {
            let Some(id) = devices::resolve(db, key)? else {
                return Ok(None);
            };
            let org = devices::book_of(db, &id, scope)?;
            let ids = table::ids_of_device(db, &id)?;
            Ok(Thing::of(id, org.into_iter().collect()).map(|thing| Thing { ids, ..thing }))
        }
        Subject::Wipe => operation(db, Of::Wipes, EntryKind::WipeOperation),
        Subject::Exit => operation(db, Of::Exits, EntryKind::Exit),
        Subject::Repair => {
            let orgs = operations::repair_orgs(db, scope, key)?;
            Ok(Thing::of(key.to_owned(), orgs))
        }
        Subject::Purchase => match resolve(db, EntryKind::Purchase, key, None, scope) {
            Ok(row) => Ok(Thing::of(row.id, row.org.into_iter().collect())),
            Err(error) if error.code == Code::UnknownReference => Ok(None),
            Err(error) => Err(error),
        },
    }
}

fn view(app: &App, db: &mut Db, row: Row) -> Result<AttachmentView> {
    let named = |db: &mut Db, id: &str| app.names.key(db, id);
    let key = match row.kind.as_str() {
        "device" => app.names.tag(db, &row.subject)?,
        "exit" | "purchase" => named(db, &row.subject)?,
        _ => row.subject.clone(),
    };
    let person = match &row.person {
        Some(id) => Some(named(db, id)?),
        None => None,
    };
    Ok(AttachmentView {
        about: format!("{}:{key}", row.kind),
        filename: row.filename,
        media_type: row.media,
        size: row.size,
        sha256: row.sha256,
        person,
        retained_until: row.retained_until.map(Day),
        gone: row.gone.as_deref().and_then(|word| Gone::parse(word).ok()),
        created_at: row.created_at.and_utc(),
        created_by: row.created_by,
        id: row.id,
    })
}
