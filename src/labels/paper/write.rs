//! The pages of a paper as PDF, tagged: every text belongs to an element of the structure, or is decoration.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::types::{StructRole, TableHeaderScope};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::Paper;
use super::fit::{PAGE, Pages, Role, Run};
use crate::error::{Error, Result};
use crate::labels::text::win_ansi;

const CATALOGUE: Ref = Ref::new(1);
const TREE: Ref = Ref::new(2);
const PLAIN: Ref = Ref::new(3);
const BOLD: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const STRUCTURE: Ref = Ref::new(6);
/// First number free for pages and elements.
const FREE: usize = 7;

/// Object of the page `i`; its content and its list of elements follow it.
fn page_ref(i: usize) -> Ref {
    number(FREE + 3 * i)
}

fn number(n: usize) -> Ref {
    Ref::new(i32::try_from(n).unwrap_or(i32::MAX))
}

fn after(id: Ref, n: i32) -> Ref {
    Ref::new(id.get() + n)
}

/// Writes the pages.
pub(super) fn pdf(paper: &Paper, pages: &Pages) -> Result<Vec<u8>> {
    let mut pdf = Pdf::new();
    let first = FREE + 3 * pages.sheets.len();
    let element_ref = |i: usize| number(first + i);
    // Of each element: the pieces of text that show it, by page and mark.
    let mut marks: Vec<Vec<(Ref, i32)>> = vec![Vec::new(); pages.elements.len()];
    for (i, sheet) in pages.sheets.iter().enumerate() {
        let id = page_ref(i);
        let (content, elements) = content(pages, sheet);
        for (mark, element) in elements.iter().enumerate() {
            if let Some(list) = marks.get_mut(*element) {
                list.push((id, i32::try_from(mark).unwrap_or(0)));
            }
        }
        page(&mut pdf, id, i, &content)?;
        pdf.indirect(after(id, 2))
            .array()
            .items(elements.iter().map(|e| element_ref(*e)));
    }
    structure(&mut pdf, pages, &marks, element_ref);
    let mut catalogue = pdf.catalog(CATALOGUE);
    catalogue.pages(TREE).lang(TextStr(paper.lang));
    catalogue.viewer_preferences().display_doc_title(true);
    catalogue.mark_info().marked(true);
    catalogue.pair(Name(b"StructTreeRoot"), STRUCTURE);
    catalogue.finish();
    let kids = (0..pages.sheets.len()).map(page_ref);
    pdf.pages(TREE)
        .count(i32::try_from(pages.sheets.len()).unwrap_or(0))
        .kids(kids);
    for (id, name) in [(PLAIN, &b"Helvetica"[..]), (BOLD, b"Helvetica-Bold")] {
        pdf.type1_font(id)
            .base_font(Name(name))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    pdf.document_info(INFO)
        .title(TextStr(&paper.title))
        .author(TextStr(&paper.from))
        .creator(TextStr("Reparc"));
    Ok(pdf.finish())
}

/// What a page shows, and the element of each of its marks.
fn content(pages: &Pages, sheet: &[Run]) -> (Vec<u8>, Vec<usize>) {
    let mut content = Content::new();
    let mut marked = Vec::new();
    for run in sheet {
        match run {
            Run::Text {
                element,
                x,
                y,
                size,
                bold,
                text,
            } => {
                let role = element.and_then(|e| pages.elements.get(e)).map(|e| e.role);
                match (element, role) {
                    (Some(element), Some(role)) => {
                        let mark = i32::try_from(marked.len()).unwrap_or(0);
                        content
                            .begin_marked_content_with_properties(Name(name(role)))
                            .properties()
                            .identify(mark);
                        marked.push(*element);
                    }
                    _ => {
                        content.begin_marked_content(Name(b"Artifact"));
                    }
                }
                let mut bytes: Vec<u8> = text.chars().map(win_ansi).collect();
                bytes.push(b' '); // a reader joins the lines of a paragraph
                content
                    .begin_text()
                    .set_font(Name(if *bold { b"B" } else { b"H" }), near(*size))
                    .next_line(near(*x), near(*y))
                    .show(Str(&bytes))
                    .end_text()
                    .end_marked_content();
            }
            Run::Rule { x, y, to, thick } => {
                content
                    .begin_marked_content(Name(b"Artifact"))
                    .set_line_width(near(*thick))
                    .move_to(near(*x), near(*y))
                    .line_to(near(*to), near(*y))
                    .stroke()
                    .end_marked_content();
            }
            Run::Frame { x, y, w, h } => {
                content
                    .begin_marked_content(Name(b"Artifact"))
                    .set_line_width(0.6)
                    .rect(near(*x), near(*y), near(*w), near(*h))
                    .stroke()
                    .end_marked_content();
            }
        }
    }
    (content.finish().into_vec(), marked)
}

fn page(pdf: &mut Pdf, id: Ref, index: usize, content: &[u8]) -> Result<()> {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(content).map_err(Error::internal)?;
    let packed = deflate.finish().map_err(Error::internal)?;
    pdf.stream(after(id, 1), &packed)
        .filter(Filter::FlateDecode);
    let mut page = pdf.page(id);
    page.parent(TREE)
        .contents(after(id, 1))
        .media_box(Rect::new(0.0, 0.0, near(PAGE.0), near(PAGE.1)))
        .struct_parents(i32::try_from(index).unwrap_or(0));
    page.pair(Name(b"Tabs"), Name(b"S"));
    page.resources()
        .fonts()
        .pair(Name(b"H"), PLAIN)
        .pair(Name(b"B"), BOLD);
    Ok(())
}

/// The tree of elements, and the way back from each mark of a page to its element.
fn structure(
    pdf: &mut Pdf,
    pages: &Pages,
    marks: &[Vec<(Ref, i32)>],
    element_ref: impl Fn(usize) -> Ref,
) {
    let mut root = pdf.indirect(STRUCTURE).dict();
    root.pair(Name(b"Type"), Name(b"StructTreeRoot"));
    root.pair(Name(b"K"), element_ref(0));
    let mut nums = root.insert(Name(b"ParentTree")).dict();
    let mut list = nums.insert(Name(b"Nums")).array();
    for i in 0..pages.sheets.len() {
        list.item(i32::try_from(i).unwrap_or(0));
        list.item(after(page_ref(i), 2));
    }
    list.finish();
    nums.finish();
    root.finish();
    let mut kids: Vec<Vec<usize>> = vec![Vec::new(); pages.elements.len()];
    for (i, element) in pages.elements.iter().enumerate() {
        if let Some(of) = element.within.and_then(|p| kids.get_mut(p)) {
            of.push(i);
        }
    }
    for (i, element) in pages.elements.iter().enumerate() {
        let mut written = pdf.struct_element(element_ref(i));
        written
            .kind(role(element.role))
            .parent(element.within.map_or(STRUCTURE, &element_ref));
        if element.role == Role::Head {
            written
                .attributes()
                .push()
                .table()
                .scope(TableHeaderScope::Column);
        }
        let mut children = written.children();
        for kid in kids.get(i).into_iter().flatten() {
            children.struct_element(element_ref(*kid));
        }
        for (page, mark) in marks.get(i).into_iter().flatten() {
            children
                .marked_content_ref()
                .page(*page)
                .marked_content_id(*mark);
        }
    }
}

fn role(role: Role) -> StructRole {
    match role {
        Role::Document => StructRole::Document,
        Role::Title => StructRole::H1,
        Role::Heading => StructRole::H2,
        Role::Paragraph => StructRole::P,
        Role::Table => StructRole::Table,
        Role::Row => StructRole::TR,
        Role::Head => StructRole::TH,
        Role::Cell => StructRole::TD,
    }
}

fn name(role: Role) -> &'static [u8] {
    match role {
        Role::Document => b"Document",
        Role::Title => b"H1",
        Role::Heading => b"H2",
        Role::Paragraph => b"P",
        Role::Table => b"Table",
        Role::Row => b"TR",
        Role::Head => b"TH",
        Role::Cell => b"TD",
    }
}

/// Hundredths of a point: finer than any printer, few digits.
fn near(points: f64) -> f32 {
    ((points * 100.0).round() / 100.0) as f32
}
