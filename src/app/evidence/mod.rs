//! Erasure reports of other tools: read, matched disk by disk to the devices they sit in, recorded as wipes that rest
//! on the original, which is kept with its SHA-256.

mod child;
mod matching;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

pub use child::this_program;
use matching::{Target, Whose};

use super::attachments::{self, Looked};
use super::lifecycle::{Command, Context, context, record_in, would};
use super::operations::command;
use super::{Actor, App, Expected, Right};
use crate::db::{self, Db, Lane, operations, savepoint};
use crate::domain::attachment::{Media, Subject};
use crate::domain::day::Day;
use crate::domain::lifecycle::media;
use crate::domain::text::Line;
use crate::domain::words::{Kind, WipeMethod, words};
use crate::error::{Code, Error, Result};
use crate::exchange::erasure::methods::{self, Counts};
use crate::exchange::erasure::{self, Disk, Ended, Format, Report, Words};
use crate::exchange::junk::{self, Of};

words! {
    /// What became of a disk of a report.
    Became {
        Matched = "matched", Already = "already", Unmatched = "unmatched", Doubtful = "doubtful",
        Unusable = "unusable", Refused = "refused",
    }
}
words! {
    /// Why nothing can be recorded of a disk.
    Why {
        NoSerial = "no_serial", NoDate = "no_date", NoResult = "no_result", NoErasure = "no_erasure",
        UnknownMethod = "unknown_method",
    }
}

/// A disk of a report, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DiskView {
    /// Serial, as the report writes it.
    pub serial: String,
    /// Model.
    pub model: Option<String>,
    /// The method, as the report names it.
    pub technique: Option<String>,
    /// What that counts as: clear, purge or destroy.
    #[schema(value_type = Option<String>)]
    pub method: Option<WipeMethod>,
    /// Tool and version.
    pub tool: Option<String>,
    /// The day it ended.
    #[schema(value_type = Option<String>)]
    pub on: Option<Day>,
    /// `erased`, `failed` or `unknown`.
    #[schema(value_type = String)]
    pub ended: Ended,
    /// The report says that it was verified.
    pub verified: bool,
    /// `matched`, `already` (recorded from this file before), `unmatched`, `doubtful` (several devices), `unusable`,
    /// `refused`.
    #[schema(value_type = String)]
    pub result: Became,
    /// Why it is unusable: `no_serial`, `no_date`, `no_result`, `no_erasure`, `unknown_method`.
    #[schema(value_type = Option<String>)]
    pub why: Option<Why>,
    /// Why it was refused, in words.
    pub detail: Option<String>,
    /// Tag of the device it belongs to.
    pub device: Option<String>,
    /// Tags of the devices it could belong to.
    pub candidates: Vec<String>,
    /// Key of the wipe that was recorded, now or before.
    pub wipe: Option<String>,
}

/// What was read in a report and what was written.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = WipeEvidence)]
pub struct EvidenceView {
    /// Name of the file.
    pub file: String,
    /// SHA-256 of its bytes, hex; `evidence` of the wipes is `sha256:` and this.
    pub sha256: String,
    /// nwipe_pdf, nwipe_log, nwipe_json, certificate_pdf, certificate_csv or certificate_json.
    #[schema(value_type = String)]
    pub format: Format,
    /// Nothing was written because nothing was to be.
    pub dry_run: bool,
    /// Everything that could be recorded was recorded before, from the same file.
    pub already: bool,
    /// Disks.
    pub disks: Vec<DiskView>,
    /// Keys of the wipes that were recorded now.
    pub wipes: Vec<String>,
}

/// Reads a report. A PDF is read by another process.
///
/// # Errors
/// `invalid_value` when it is no report, or cannot be read within the limits.
pub fn read(app: &App, file: &Looked) -> Result<Report> {
    let report = match file.media {
        Media::Pdf => {
            let items = child::words(&app.reader, &file.bytes)?;
            erasure::read(&Words::Pdf(&items))
        }
        Media::Png | Media::Jpeg | Media::Webp => None,
        media => erasure::read(&Words::Text(media, &text(&file.bytes))),
    };
    report.ok_or_else(|| {
        let detail = "no erasure report is found in this file; nwipe and ShredOS reports (PDF, log, JSON) are read, and certificates (PDF, CSV, JSON) that name serial, method, date and result";
        Error::invalid("file", detail)
    })
}

/// UTF-8, else as old tools write.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// Matches the disks of a report and records their erasures, each file once. With `dry_run` nothing is written.
///
/// # Errors
/// `forbidden`; those of the store. What cannot be recorded of one disk is told on that disk.
pub fn take_in(
    app: &App,
    db: &mut Db,
    actor: &Actor,
    (report, file): (&Report, &Looked),
    dry_run: bool,
) -> Result<EvidenceView> {
    actor.must(Right::Event(Kind::Wipe))?;
    let cx = context(app, db, actor)?;
    let mut desk = Desk {
        cx,
        proof: format!("sha256:{}", file.sha256),
        of_disks: report.format.is_of_disks(),
        dry_run,
        made: BTreeMap::new(),
    };
    let mut disks = Vec::with_capacity(report.disks.len());
    for disk in &report.disks {
        disks.push(desk.take(db, disk)?);
    }
    for (group, operation) in &desk.made {
        let of = (group.org.as_str(), Subject::Wipe, operation.as_str());
        attachments::keep(db, actor, desk.cx.now.instant, of, file, |_| {})?;
    }
    let was = |became| disks.iter().any(|d: &DiskView| d.result == became);
    Ok(EvidenceView {
        file: file.filename.clone(),
        sha256: file.sha256.clone(),
        format: report.format,
        dry_run,
        already: was(Became::Already) && !was(Became::Matched),
        wipes: desk.made.into_values().collect(),
        disks,
    })
}

/// The same in a transaction of its own.
///
/// # Errors
/// As [`take_in`].
pub fn take(
    app: &Arc<App>,
    actor: &Actor,
    report: Report,
    file: Looked,
    dry_run: bool,
) -> Result<EvidenceView> {
    let (app2, actor) = (Arc::clone(app), actor.clone());
    app.store.write(Lane::Interactive, move |db| {
        take_in(&app2, db, &actor, (&report, &file), dry_run)
    })
}

/// What the erasures of one operation have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    org: String,
    on: Day,
    method: WipeMethod,
    verified: bool,
    tool: Option<String>,
    technique: Option<String>,
}

struct Desk {
    cx: Context,
    proof: String,
    of_disks: bool,
    dry_run: bool,
    made: BTreeMap<Group, String>,
}

impl Desk {
    fn take(&mut self, db: &mut Db, disk: &Disk) -> Result<DiskView> {
        let mut view = DiskView {
            serial: disk.serial.clone(),
            model: disk.model.clone(),
            technique: disk.method.clone(),
            method: None,
            tool: disk.tool.clone(),
            on: disk.on,
            ended: disk.ended,
            verified: disk.verified,
            result: Became::Unusable,
            why: None,
            detail: None,
            device: None,
            candidates: Vec::new(),
            wipe: None,
        };
        let counts = methods::counts(disk.method.as_deref().unwrap_or_default());
        if let Counts::As(method) = counts {
            view.method = Some(method);
        }
        let (method, on) = match (counts, disk.on, disk.ended) {
            _ if junk::is_junk(Of::Serial, &disk.serial) => {
                view.why = Some(Why::NoSerial);
                return Ok(view);
            }
            (Counts::Nothing, ..) => {
                view.why = Some(Why::NoErasure);
                return Ok(view);
            }
            (Counts::Unknown, ..) => {
                view.why = Some(Why::UnknownMethod);
                return Ok(view);
            }
            (_, _, Ended::Unknown) => {
                view.why = Some(Why::NoResult);
                return Ok(view);
            }
            (_, None, _) => {
                view.why = Some(Why::NoDate);
                return Ok(view);
            }
            (Counts::As(method), Some(on), _) => (method, on),
        };
        match matching::whose(db, &self.cx, &disk.serial, self.of_disks)? {
            Whose::Nobodys => view.result = Became::Unmatched,
            Whose::Several(tags) => {
                view.result = Became::Doubtful;
                view.candidates = tags;
            }
            Whose::One { tag, org, targets } => {
                view.device = Some(tag);
                let group = Group {
                    org,
                    on,
                    method,
                    verified: disk.verified,
                    tool: disk.tool.clone(),
                    technique: disk.method.clone(),
                };
                self.record(db, &mut view, group, &targets)?;
            }
        }
        Ok(view)
    }

    fn record(
        &mut self,
        db: &mut Db,
        view: &mut DiskView,
        group: Group,
        targets: &[Target],
    ) -> Result<()> {
        if let Some(before) = self.before(db, targets)? {
            view.result = Became::Already;
            view.wipe = Some(before);
            return Ok(());
        }
        let operation = match self.made.get(&group) {
            Some(operation) => operation.clone(),
            None => db::new_id(),
        };
        let commands = targets
            .iter()
            .map(|target| self.command(&group, &operation, target))
            .collect::<Result<Vec<Command>>>();
        let (cx, dry_run) = (&self.cx, self.dry_run);
        let done = commands.and_then(|commands| {
            if dry_run {
                let mut each = commands.iter();
                return each.try_for_each(|c| would(db, cx, &c.device, std::slice::from_ref(c)));
            }
            savepoint(db, |db| record_in(db, cx, &commands, &Expected::Anything)).map(drop)
        });
        match done {
            Ok(()) => {
                view.result = Became::Matched;
                if !dry_run {
                    view.wipe = Some(operation.clone());
                    self.made.insert(group, operation);
                }
                Ok(())
            }
            // The store itself failed: nothing of this is a refusal.
            Err(error) if matches!(error.code, Code::Internal | Code::Unavailable) => Err(error),
            Err(error) => {
                view.result = Became::Refused;
                view.detail = Some(error.detail);
                Ok(())
            }
        }
    }

    /// The operation by which this disk was recorded from the same file before.
    fn before(&self, db: &mut Db, targets: &[Target]) -> Result<Option<String>> {
        let Some(first) = targets.first() else {
            return Ok(None);
        };
        let wanted = first.medium.as_deref().map(media::fold);
        let known = operations::wiped_by(db, &first.device, &self.proof)?;
        let same = |medium: &Option<String>| medium.as_deref().map(media::fold) == wanted;
        Ok(known
            .into_iter()
            .find(|(_, medium)| same(medium))
            .map(|(operation, _)| operation))
    }

    fn command(&self, group: &Group, operation: &str, target: &Target) -> Result<Command> {
        let fields = json!({
            "on": group.on,
            "method": group.method,
            "medium": target.medium,
            "technique": group.technique,
            "tool": group.tool,
            "verified": group.verified,
            "evidence": self.proof,
        });
        let mut fields = fields.as_object().cloned().unwrap_or_default();
        fields.retain(|_, value| !value.is_null());
        let mut command = command(&self.cx, &target.device, "wipe", &fields)?;
        command.fields.wipe = Line::parse(operation).ok();
        Ok(command)
    }
}
