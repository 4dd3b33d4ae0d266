//! What lies where on the pages of a paper. Lengths in points, from the lower left corner.

use super::{Block, Paper, Table};
use crate::labels::text::{plain, width};

/// Width and height of A4.
pub(super) const PAGE: (f64, f64) = (595.28, 841.89);
/// Free on each side.
const MARGIN: f64 = 51.0;
/// Width between the margins.
const INNER: f64 = PAGE.0 - 2.0 * MARGIN;
/// Lowest line of the text; the foot stands below.
const LOWEST: f64 = 64.0;
/// Size of body text.
const BODY: f64 = 10.0;
/// Size of tables.
const CELL: f64 = 8.5;
/// Height of a line, in sizes of its letters.
const LEADING: f64 = 1.35;
/// Free inside a cell, left and right.
const PAD: f64 = 3.0;
/// Height of a box to sign.
const SIGN: f64 = 92.0;

/// What a piece of text is, for those who listen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Document,
    Title,
    Heading,
    Paragraph,
    Table,
    Row,
    Head,
    Cell,
}

/// An element of the paper: its role, and the element it is part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub role: Role,
    pub within: Option<usize>,
}

/// Something drawn.
#[derive(Debug, Clone)]
pub(super) enum Run {
    /// A line of text at its left end; part of an element, or decoration.
    Text {
        element: Option<usize>,
        x: f64,
        y: f64,
        size: f64,
        bold: bool,
        text: String,
    },
    /// A rule from left to right.
    Rule { x: f64, y: f64, to: f64, thick: f64 },
    /// A frame, by its lower left corner.
    Frame { x: f64, y: f64, w: f64, h: f64 },
}

#[cfg(test)]
impl Run {
    pub(super) fn says(&self, what: &str) -> bool {
        matches!(self, Run::Text { text, .. } if text.contains(what))
    }
    pub(super) fn count(&self, what: char) -> usize {
        match self {
            Run::Text { text, .. } => text.chars().filter(|c| *c == what).count(),
            _ => 0,
        }
    }
}

/// The pages, and the elements that they show.
pub(super) struct Pages {
    pub sheets: Vec<Vec<Run>>,
    pub elements: Vec<Element>,
}

/// Lays a paper out.
pub(super) fn pages(paper: &Paper) -> Pages {
    let mut pen = Pen {
        sheets: vec![Vec::new()],
        elements: vec![Element {
            role: Role::Document,
            within: None,
        }],
        y: PAGE.1 - MARGIN,
    };
    pen.paragraph(Role::Paragraph, &paper.from, 9.0, false, 4.0);
    pen.paragraph(Role::Title, &paper.title, 17.0, true, 10.0);
    for block in &paper.blocks {
        pen.block(block);
    }
    pen.feet(paper);
    Pages {
        sheets: pen.sheets,
        elements: pen.elements,
    }
}

struct Pen {
    sheets: Vec<Vec<Run>>,
    elements: Vec<Element>,
    /// Upper edge of what is free on the last page.
    y: f64,
}

impl Pen {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => {
                self.y -= 6.0;
                self.paragraph(Role::Heading, text, 11.5, true, 4.0);
            }
            Block::Text(text) => self.paragraph(Role::Paragraph, text, BODY, false, 7.0),
            Block::Small(text) => self.paragraph(Role::Paragraph, text, 8.0, false, 5.0),
            Block::Facts(facts) => self.facts(facts),
            Block::Table(table) => self.table(table),
            Block::Sign(boxes) => self.sign(boxes),
        }
    }
    fn put(&mut self, run: Run) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(run);
        }
    }
    /// Begins a new page when less than this is left.
    fn room(&mut self, height: f64) -> bool {
        if self.y - height >= LOWEST {
            return false;
        }
        self.sheets.push(Vec::new());
        self.y = PAGE.1 - MARGIN;
        true
    }
    fn element(&mut self, role: Role, within: usize) -> usize {
        self.elements.push(Element {
            role,
            within: Some(within),
        });
        self.elements.len() - 1
    }
    fn paragraph(&mut self, role: Role, text: &str, size: f64, bold: bool, after: f64) {
        let element = self.element(role, 0);
        for line in lines(text, INNER / size, bold) {
            self.room(size * LEADING);
            self.y -= size * LEADING;
            let y = self.y + size * 0.3;
            self.put(text_run(Some(element), (MARGIN, y), size, bold, line));
        }
        self.y -= after;
    }
    fn facts(&mut self, facts: &[(String, String)]) {
        let (name, value) = (INNER * 0.3, INNER * 0.7);
        let table = self.element(Role::Table, 0);
        for (what, said) in facts {
            let row = self.element(Role::Row, table);
            let (th, td) = (self.element(Role::Head, row), self.element(Role::Cell, row));
            let sides = [
                (th, MARGIN, lines(what, (name - PAD) / BODY, true), true),
                (td, MARGIN + name, lines(said, value / BODY, false), false),
            ];
            let most = sides.iter().map(|(.., l, _)| l.len()).max().unwrap_or(1);
            self.room(most as f64 * BODY * LEADING);
            for (element, x, lines, bold) in sides {
                for (i, line) in lines.into_iter().enumerate() {
                    let y = self.y - (i as f64 + 1.0) * BODY * LEADING + BODY * 0.3;
                    self.put(text_run(Some(element), (x, y), BODY, bold, line));
                }
            }
            self.y -= most as f64 * BODY * LEADING;
        }
        self.y -= 8.0;
    }
    fn table(&mut self, table: &Table) {
        let columns = columns(table);
        let whole = self.element(Role::Table, 0);
        let titles: Vec<String> = table
            .columns
            .iter()
            .map(|(title, ..)| title.clone())
            .collect();
        let head = self.element(Role::Row, whole);
        self.row(&columns, &titles, (Role::Head, Some(head)), true);
        for row in &table.rows {
            if self.room(height(&columns, row, false)) {
                // Seen again on the new page, not heard again.
                self.row(&columns, &titles, (Role::Head, None), true);
            }
            let element = self.element(Role::Row, whole);
            self.row(&columns, row, (Role::Cell, Some(element)), false);
        }
        if !table.total.is_empty() {
            self.room(height(&columns, &table.total, true));
            let element = self.element(Role::Row, whole);
            self.row(&columns, &table.total, (Role::Cell, Some(element)), true);
            let y = self.y - 1.6;
            self.put(rule(y, 0.8));
        }
        self.y -= 12.0;
    }
    fn row(
        &mut self,
        columns: &[Column],
        cells: &[String],
        (role, row): (Role, Option<usize>),
        bold: bool,
    ) {
        let height = height(columns, cells, bold);
        self.room(height);
        for (column, cell) in columns.iter().zip(cells) {
            let element = row.map(|row| self.element(role, row));
            for (i, line) in lines(cell, column.room(), bold).into_iter().enumerate() {
                let y = self.y - PAD - (i as f64 + 1.0) * CELL * LEADING + CELL * 0.3;
                let x = if column.number {
                    column.x + column.w - PAD - width(&line, bold) * CELL
                } else {
                    column.x + PAD
                };
                self.put(text_run(element, (x, y), CELL, bold, line));
            }
        }
        self.y -= height;
        let y = self.y;
        self.put(rule(y, if bold { 0.8 } else { 0.3 }));
    }
    fn sign(&mut self, boxes: &[String]) {
        let n = boxes.len().max(1) as f64;
        let w = (INNER - (n - 1.0) * 14.0) / n;
        self.room(SIGN);
        for (i, words) in boxes.iter().enumerate() {
            let x = MARGIN + i as f64 * (w + 14.0);
            let y = self.y - SIGN;
            self.put(Run::Frame { x, y, w, h: SIGN });
            let element = self.element(Role::Paragraph, 0);
            for (j, line) in lines(words, (w - 12.0) / 9.0, false)
                .into_iter()
                .enumerate()
            {
                let y = self.y - 5.0 - (j as f64 + 1.0) * 9.0 * LEADING;
                self.put(text_run(Some(element), (x + 6.0, y), 9.0, false, line));
            }
        }
        self.y -= SIGN + 10.0;
    }
    /// The foot of each page, when it is known how many there are.
    fn feet(&mut self, paper: &Paper) {
        let of = self.sheets.len();
        for (i, sheet) in self.sheets.iter_mut().enumerate() {
            let page = paper.page.replace("{n}", &(i + 1).to_string());
            let page = plain(&page.replace("{of}", &of.to_string()));
            let x = PAGE.0 - MARGIN - width(&page, false) * 8.0;
            sheet.push(rule(46.0, 0.3));
            let foot = lines(&paper.foot, (INNER - 90.0) / 8.0, false);
            let foot = foot.into_iter().next().unwrap_or_default();
            sheet.push(text_run(None, (MARGIN, 34.0), 8.0, false, foot));
            sheet.push(text_run(None, (x, 34.0), 8.0, false, page));
        }
    }
}

/// Where a column lies.
struct Column {
    x: f64,
    w: f64,
    number: bool,
}

impl Column {
    /// Widest line, in sizes of its letters.
    fn room(&self) -> f64 {
        (self.w - 2.0 * PAD) / CELL
    }
}

fn columns(table: &Table) -> Vec<Column> {
    let all: f64 = table.columns.iter().map(|(_, share, _)| share).sum();
    let mut x = MARGIN;
    let mut out = Vec::new();
    for (_, share, number) in &table.columns {
        let w = INNER * share / all.max(0.1);
        out.push(Column {
            x,
            w,
            number: *number,
        });
        x += w;
    }
    out
}

fn height(columns: &[Column], cells: &[String], bold: bool) -> f64 {
    let most = columns
        .iter()
        .zip(cells)
        .map(|(column, cell)| lines(cell, column.room(), bold).len())
        .max();
    most.unwrap_or(1).max(1) as f64 * CELL * LEADING + 2.0 * PAD
}

fn text_run(
    element: Option<usize>,
    (x, y): (f64, f64),
    size: f64,
    bold: bool,
    text: String,
) -> Run {
    Run::Text {
        element,
        x,
        y,
        size,
        bold,
        text,
    }
}

fn rule(y: f64, thick: f64) -> Run {
    Run::Rule {
        x: MARGIN,
        y,
        to: PAGE.0 - MARGIN,
        thick,
    }
}

/// Breaks a text at its spaces; a word wider than the line is broken where it must be. Nothing is cut off.
fn lines(text: &str, max: f64, bold: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut line = String::new();
    for word in text
        .lines()
        .flat_map(|l| l.split(' '))
        .filter(|w| !w.is_empty())
    {
        let word = plain(word);
        let longer = if line.is_empty() {
            word.clone()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, bold) <= max {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            out.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if width(&line, bold) > max && line.chars().count() > 1 {
                line.pop();
                out.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
    }
    if !line.is_empty() {
        out.push(line);
    }
    out
}
