//! What will come out of the printer: the first label as it is drawn, and the sheet with what falls on which place.

use crate::error::Result;
use crate::http::pages::frame::Frame;
use crate::http::pages::html::{Html, esc};
use crate::labels::qr::Qr;
use crate::labels::{self, Format, Label, Layout, Print};

/// Places up to which a sheet is drawn; on a smaller grid nobody could hit one.
const DRAWN: usize = 70;
/// Codes drawn on the sheet; each weighs two kilobytes.
const CODES: usize = 9;

/// A place of the sheet.
pub struct Cell {
    pub(super) n: usize,
    pub(super) name: String,
    pub(super) first: bool,
    /// The label that falls on it: its code, its tag, its lines.
    pub(super) label: Option<(Html, String, Vec<String>)>,
}

/// Whether the sheet of a layout is drawn.
pub fn drawn(layout: &Layout) -> bool {
    (2..=DRAWN).contains(&layout.places())
}

/// The places of a sheet with what falls on them; `count` labels, of which these are known.
pub fn cells(f: &Frame, print: &Print, count: usize, chosen: &[Label]) -> Vec<Cell> {
    if !drawn(&print.layout) {
        return Vec::new();
    }
    let label = |at: usize| match chosen.get(at) {
        Some(label) => {
            let lines = label.lines.iter().take(print.lines).cloned().collect();
            let code = if at < CODES {
                code(label)
            } else {
                Html::default()
            };
            (code, label.tag.shown(), lines)
        }
        None => (
            Html::default(),
            f.t("labels.new_tag").to_owned(),
            Vec::new(),
        ),
    };
    let cell = |n: usize| Cell {
        n,
        name: f.tn("labels.place", n as u64),
        first: n == print.start,
        label: n
            .checked_sub(print.start)
            .filter(|at| *at < count)
            .map(label),
    };
    (1..=print.layout.places()).map(cell).collect()
}

/// The code of a label; nothing when it cannot be drawn, which printing will say.
fn code(label: &Label) -> Html {
    let Ok(qr) = Qr::encode(&label.url) else {
        return Html::default();
    };
    let runs = qr.runs();
    let path: String = runs
        .iter()
        .map(|(x, y, n)| format!("M{x} {y}h{n}v1h-{n}z"))
        .collect();
    let size = qr.size();
    Html(format!(
        "<svg viewBox=\"0 0 {size} {size}\" aria-hidden=\"true\" shape-rendering=\"crispEdges\"><path d=\"{path}\"/></svg>"
    ))
}

/// The first label at its true size, drawn as it will be printed.
///
/// # Errors
/// Those of [`labels::draw`]: too small for its code.
pub fn first(f: &Frame, print: &Print, chosen: &[Label]) -> Result<Option<Html>> {
    let Some(label) = chosen.first() else {
        return Ok(None);
    };
    let alone = Print {
        start: 1,
        layout: Layout::roll(print.layout.width, print.layout.height),
        ..print.clone()
    };
    let svg = labels::draw(std::slice::from_ref(label), &alone, Format::Svg)?;
    let name = f.tx("labels.first_of", label.tag.shown());
    Ok(Some(Html(format!(
        "<div class=\"labelimg\" role=\"img\" aria-label=\"{}\">{}</div>",
        esc(&name),
        String::from_utf8_lossy(&svg)
    ))))
}
