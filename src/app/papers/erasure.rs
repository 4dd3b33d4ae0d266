//! *Certificat d'effacement*: what was erased, how, by what, and what it rests on.

use super::{Words, designation, shown};
use crate::app::operations::chosen::{Item, items_of};
use crate::app::operations::wipes::{self, Wiped};
use crate::app::titles;
use crate::app::{Actor, App, attachments};
use crate::domain::attachment::Subject;
use crate::domain::entry::EntryKind;
use crate::domain::words::WipeMethod;
use crate::error::{Error, Result};
use crate::i18n::{Arg, Lang};
use crate::labels::paper::{Block, Table, draw};

/// The certificate of a wipe, with the fields of NIST SP 800-88 Rev. 1, appendix G.
///
/// # Errors
/// `forbidden`, `not_found`.
pub fn certificate(app: &App, actor: &Actor, lang: Lang, key: &str) -> Result<Vec<u8>> {
    let wipe = wipes::get(app, actor, key)?;
    let list = items_of(app, actor, &wipe.devices)?;
    let first = list.first().ok_or_else(Error::not_found)?;
    let organisation = first.device.organisation.clone();
    let wanted = [(EntryKind::Organisation, organisation.as_str())];
    let names = titles::of(app, actor, &wanted)?;
    let files = attachments::list(app, actor, &format!("{}:{}", Subject::Wipe, wipe.key))?;
    let w = Words(lang);
    let from = names.get(EntryKind::Organisation, &organisation);
    let mut paper = w.paper(app, actor, from, w.t("title_wipe"));
    let method = w.word("method", wipe.method.as_str());
    let checked = w.t(if wipe.verified { "wipe_yes" } else { "wipe_no" });
    let after = match (wipe.verified, wipe.method) {
        (false, _) => w.t("wipe_held"),
        (true, WipeMethod::Clear) => w.word("data", "cleared"),
        (true, WipeMethod::Purge) => w.word("data", "purged"),
        (true, WipeMethod::Destroy) => w.word("data", "destroyed"),
    };
    paper.blocks.push(Block::Facts(vec![
        (w.t("wipe_on"), w.day(wipe.on)),
        (w.t("wipe_method"), method),
        (w.t("wipe_technique"), w.or(wipe.technique.as_deref())),
        (w.t("wipe_tool"), w.or(wipe.tool.as_deref())),
        (w.t("wipe_verified"), checked),
        (w.t("wipe_before"), w.t("wipe_held")),
        (w.t("wipe_after"), after),
        (w.t("wipe_evidence"), w.or(wipe.evidence.as_deref())),
    ]));
    paper.blocks.push(Block::Text(w.t("wipe_text")));
    let row = |wiped: &Wiped| {
        let item = list.iter().find(|i| i.device.tag == wiped.device)?;
        Some(line(w, item, wiped))
    };
    let columns = [
        ("inventory", 1.2),
        ("tag", 1.6),
        ("designation", 2.0),
        ("serial", 1.6),
        ("wipe_medium", 1.8),
        ("wipe_to", 1.6),
    ];
    paper.blocks.push(Block::Table(Table {
        columns: columns
            .iter()
            .map(|(key, share)| (w.t(key), *share, false))
            .collect(),
        rows: wipe.media.iter().filter_map(row).collect(),
        total: Vec::new(),
    }));
    for file in files.items.iter().filter(|f| !f.filename.is_empty()) {
        let args = [
            ("name", Arg::text(file.filename.clone())),
            ("hash", Arg::text(file.sha256.clone())),
        ];
        paper.blocks.push(Block::Small(w.say("wipe_file", &args)));
    }
    paper.blocks.push(Block::Small(w.t("wipe_source")));
    paper.blocks.push(Block::Sign(vec![
        w.t("sign_operator"),
        w.t("sign_verifier"),
    ]));
    draw(&paper)
}

fn line(w: Words, item: &Item, wiped: &Wiped) -> Vec<String> {
    let d = &item.device;
    vec![
        item.inventory.clone(),
        shown(&d.tag),
        designation(item),
        w.or(d.serial.as_deref()),
        wiped.medium.clone().unwrap_or_else(|| w.t("wipe_all")),
        match d.exit_kind {
            Some(kind) => w.word("exit_kind", kind.as_str()),
            None => w.t("unknown"),
        },
    ]
}
