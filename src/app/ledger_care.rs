//! Care of the ledger: numbering, verification, backup, restore.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::lifecycle::{absorbed, history, projection::projection};
use super::{Actor, App, Right};
use crate::db::books::Projection;
use crate::db::checkpoint::{self, Checkpoint};
use crate::db::events::Erasure;
use crate::db::restore::{self, Restored};
use crate::db::verify::{Report, Wanted};
use crate::db::{Db, Engine, Store, devices, dump, migrate, outbox, verify as chains};
use crate::domain::catalogue::Catalogue;
use crate::domain::day::Instant;
use crate::domain::event::Event;
use crate::error::{Code, Error, Result};

/// Numbers what is committed and waits, when no other instance is at it. The server does it five times a second, every
/// command when it begins; SQLite has nothing that waits. Returns how many lines it numbered.
///
/// # Errors
/// Those of the store.
pub fn number(app: &App) -> Result<usize> {
    outbox::number(&app.store, &app.instance)
}

/// How the ledger stands, as far as it can be told without reading all of it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The store.
    pub engine: Engine,
    /// The last checkpoint: taken at each backup.
    pub checkpoint: Option<Checkpoint>,
    /// When the last entry was numbered.
    pub last: Option<Instant>,
}

/// How the ledger stands.
///
/// # Errors
/// `forbidden`, and those of the store.
pub fn standing(app: &App, actor: &Actor) -> Result<Standing> {
    actor.must(Right::Settings)?;
    app.store.read(|db| {
        Ok(Standing {
            engine: Engine::of(db),
            checkpoint: checkpoint::all(db)?.pop(),
            last: outbox::last_numbered(db)?,
        })
    })
}

/// Looks at the whole ledger, replays included. `root` is one known outside, which some checkpoint must have.
///
/// # Errors
/// Those of the store; what is wrong with its content is in the report.
pub fn verify(app: &App, root: Option<&str>) -> Result<Report> {
    number(app)?;
    app.store.read(|db| {
        let catalogue = app.catalogue(db)?;
        let mut rebuild =
            |db: &mut Db, device: &str, events: &[Event]| rebuild(db, &catalogue, device, events);
        chains::verify(
            db,
            Wanted {
                rebuild: Some(&mut rebuild),
                root,
            },
        )
    })
}

/// What the events of a device add up to, made again.
fn rebuild(db: &mut Db, catalogue: &Catalogue, id: &str, events: &[Event]) -> Result<Projection> {
    let device = devices::by_id(db, id)?.ok_or_else(Error::not_found)?;
    let foreign = absorbed(db, events)?;
    let history = history(events, &foreign, catalogue).map_err(|illegal| {
        Error::internal(format!("event {}: {}", illegal.event, illegal.detail))
    })?;
    let last = events.last().ok_or_else(Error::not_found)?.recorded_at;
    projection(&device, events, &history, catalogue, last)
}

/// A backup that was made.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The checkpoint taken for it; none for an empty ledger. Write its root down elsewhere.
    pub checkpoint: Option<Checkpoint>,
    /// Rows, when the backup counts them.
    pub rows: Option<u64>,
}

/// Writes a backup while the server runs: one snapshot, a checkpoint of it, and the file appears when it is whole.
/// A name in `.db`, `.sqlite` or `.sqlite3` asks a SQLite store for a copy of its file; any other gives the portable
/// form (compressed lines of JSON), which either engine restores.
///
/// # Errors
/// `unavailable` when the file cannot be written.
pub fn backup(app: &App, file: &Path) -> Result<Backup> {
    number(app)?;
    let checkpoint = checkpoint::take(&app.store)?;
    let part = beside(file, ".part");
    let unwritten = |e: std::io::Error| {
        Error::new(
            Code::Unavailable,
            format!("the backup {} cannot be written", file.display()),
        )
        .because(e)
    };
    let rows = if app.store.engine() == Engine::Sqlite && is_copy(file) {
        let _ = std::fs::remove_file(&part);
        dump::vacuum_into(&mut app.store.connection()?, &part.to_string_lossy())?;
        None
    } else {
        let root = checkpoint.as_ref().map_or("", |c| c.root.as_str());
        let out = File::create(&part).map_err(unwritten)?;
        let mut out = GzEncoder::new(BufWriter::new(out), Compression::fast());
        let rows = app.store.read(|db| dump::write(db, &mut out, root))?;
        out.finish()
            .and_then(|mut out| out.flush())
            .map_err(unwritten)?;
        Some(rows)
    };
    File::open(&part)
        .and_then(|f| f.sync_all())
        .map_err(unwritten)?;
    std::fs::rename(&part, file).map_err(unwritten)?;
    Ok(Backup { checkpoint, rows })
}

fn is_copy(file: &Path) -> bool {
    file.extension().is_some_and(|e| {
        ["db", "sqlite", "sqlite3"]
            .iter()
            .any(|known| e.eq_ignore_ascii_case(known))
    })
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Replaces the content of the store by that of a backup, in one transaction, and looks at its chains. What was erased
/// stays erased: the list of the replaced database, the list kept beside it and the one given are united.
///
/// # Errors
/// `duplicate` when the store holds devices and `force` is not set; `invalid_value` for a file that is no whole backup.
pub fn restore(
    store: &Store,
    file: &Path,
    erasures: Option<&Path>,
    force: bool,
) -> Result<(Restored, Report)> {
    if !force && store.read(dump::holds_devices)? {
        return Err(Error::new(
            Code::Duplicate,
            "this database holds devices; restoring replaces everything in it: say --force, or name an empty database",
        ));
    }
    let mut more = Vec::new();
    let kept = store
        .file()
        .map(|f| beside(f, ".erasures.ndjson"))
        .filter(|f| f.exists());
    for list in kept.as_deref().into_iter().chain(erasures) {
        more.extend(read_erasures(list)?);
    }
    let restored = restore::replace(&mut store.connection()?, &mut *open(file)?, &more)?;
    let root = Some(restored.root.as_str()).filter(|r| !r.is_empty());
    let report = store.read(|db| {
        chains::verify(
            db,
            Wanted {
                rebuild: None,
                root,
            },
        )
    })?;
    Ok((restored, report))
}

fn unreadable(file: &Path) -> impl Fn(std::io::Error) -> Error {
    move |e| {
        Error::new(
            Code::InvalidValue,
            format!("{} cannot be read", file.display()),
        )
        .because(e)
    }
}

/// A backup as lines, whichever of the three forms it has.
fn open(file: &Path) -> Result<Box<dyn BufRead>> {
    let mut start = Vec::new();
    File::open(file)
        .and_then(|f| f.take(16).read_to_end(&mut start))
        .map_err(unreadable(file))?;
    let whole = || {
        File::open(file)
            .map(BufReader::new)
            .map_err(unreadable(file))
    };
    if start.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(BufReader::new(MultiGzDecoder::new(whole()?))))
    } else if start.starts_with(b"SQLite format 3\0") {
        Ok(Box::new(BufReader::new(lines_of_copy(file)?)))
    } else {
        Ok(Box::new(whole()?))
    }
}

/// The lines of a SQLite copy, which is itself left untouched: opening a database writes beside it.
fn lines_of_copy(file: &Path) -> Result<File> {
    let folder = tempfile::tempdir().map_err(Error::unavailable)?;
    let copy = folder.path().join("copy.db");
    std::fs::copy(file, &copy).map_err(unreadable(file))?;
    let mut db = migrate::connect_raw(&format!("sqlite://{}", copy.display()))?;
    let mut lines = tempfile::tempfile().map_err(Error::unavailable)?;
    let root = checkpoint::all(&mut db)?
        .pop()
        .map_or(String::new(), |c| c.root);
    let mut out = BufWriter::new(&mut lines);
    dump::write(&mut db, &mut out, &root)?;
    drop(out);
    std::io::Seek::rewind(&mut lines).map_err(Error::unavailable)?;
    Ok(lines)
}

fn read_erasures(file: &Path) -> Result<Vec<Erasure>> {
    let mut list = Vec::new();
    for line in File::open(file)
        .map(BufReader::new)
        .map_err(unreadable(file))?
        .lines()
    {
        let line = line.map_err(unreadable(file))?;
        if !line.trim().is_empty() {
            list.push(serde_json::from_str(&line).map_err(|e| {
                Error::new(
                    Code::InvalidValue,
                    format!("{} is no list of erasures", file.display()),
                )
                .because(e)
            })?);
        }
    }
    Ok(list)
}
