//! Where labels lie on a page, in millimetres from its top left corner.

/// Width and height of A4.
const A4: (f64, f64) = (210.0, 297.0);
/// Width and height of US Letter.
const LETTER: (f64, f64) = (215.9, 279.4);
/// The label of a roll when no size is given: 50 × 25 mm.
const ROLL: (f64, f64) = (50.0, 25.0);

/// A grid of equal labels on a page. All lengths in millimetres.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Width and height of the page.
    pub page: (f64, f64),
    /// Labels in a row.
    pub columns: usize,
    /// Rows of labels.
    pub rows: usize,
    /// Width of a label.
    pub width: f64,
    /// Height of a label.
    pub height: f64,
    /// Left and top of the first label.
    pub origin: (f64, f64),
    /// From one label's left and top to the next one's.
    pub pitch: (f64, f64),
}

/// A line of the table of known sheets: name, page, columns, rows, width, height, left, top, pitches.
type Known = (
    &'static str,
    (f64, f64),
    usize,
    usize,
    f64,
    f64,
    f64,
    f64,
    f64,
    f64,
);

/// Sheets sold everywhere. Avery's columns are 2.54 mm (0.1 inch) apart, rows touch, the grid is centred; its
/// published margins (7.2 and 12.9 mm for L7159, 4.65 and 10.7 mm for L7651) are these, rounded.
const KNOWN: &[Known] = &[
    ("L7159", A4, 3, 8, 63.5, 33.9, 7.21, 12.9, 66.04, 33.9),
    ("L7160", A4, 3, 7, 63.5, 38.1, 7.21, 15.15, 66.04, 38.1),
    ("L7651", A4, 5, 13, 38.1, 21.2, 4.67, 10.7, 40.64, 21.2),
    ("L4731", A4, 7, 27, 25.4, 10.0, 8.48, 13.5, 27.94, 10.0),
    (
        "5160", LETTER, 3, 10, 66.675, 25.4, 4.7625, 12.7, 69.85, 25.4,
    ),
];

impl Layout {
    /// How layouts are named, for messages and help.
    pub const SYNTAX: &'static str = "L7159 (24 a sheet, 63.5 × 33.9 mm), L7160 (21), L7651 (65, 38.1 × 21.2 mm), L4731 (189), 5160 (30, US Letter), \
roll or roll:WxH (one label a page, 50 × 25 mm), \
custom:COLUMNSxROWS:WxH:LEFT,TOP[:PITCHX,PITCHY] on A4 (millimetres; PITCH from one label's edge to the next one's, \
none: labels touch), for example custom:3x8:63.5x33.9:7.2,12.9:66,33.9";

    /// A roll of labels of this size: a page holds one.
    pub fn roll(width: f64, height: f64) -> Layout {
        Layout {
            page: (width, height),
            columns: 1,
            rows: 1,
            width,
            height,
            origin: (0.0, 0.0),
            pitch: (width, height),
        }
    }

    /// Reads a layout's name, in any case: see [`Layout::SYNTAX`].
    ///
    /// # Errors
    /// A sentence saying what is wrong and what can be written.
    pub fn parse(name: &str) -> Result<Layout, String> {
        let name = name.trim().to_ascii_lowercase();
        if let Some(known) = KNOWN.iter().find(|k| k.0.eq_ignore_ascii_case(&name)) {
            let (_, page, columns, rows, width, height, left, top, dx, dy) = *known;
            return Ok(Layout {
                page,
                columns,
                rows,
                width,
                height,
                origin: (left, top),
                pitch: (dx, dy),
            });
        }
        let layout = match name.split_once(':') {
            None if name == "roll" => Some(Layout::roll(ROLL.0, ROLL.1)),
            Some(("roll", size)) => pair(size, 'x').map(|(w, h)| Layout::roll(w, h)),
            Some(("custom", grid)) => custom(grid),
            _ => None,
        };
        let layout = layout.ok_or_else(|| format!("`layout` is one of: {}", Layout::SYNTAX))?;
        layout.check()?;
        Ok(layout)
    }

    /// Positions on a page.
    pub fn places(&self) -> usize {
        self.columns * self.rows
    }

    /// Left and top of a position (from 0, left to right and then down).
    pub fn place(&self, index: usize) -> (f64, f64) {
        let columns = self.columns.max(1);
        let (column, row) = (index % columns, index / columns);
        (
            self.origin.0 + column as f64 * self.pitch.0,
            self.origin.1 + row as f64 * self.pitch.1,
        )
    }

    /// Refuses what cannot be printed: labels of no size, over each other or over the page's edge.
    fn check(&self) -> Result<(), String> {
        if !(1..=100).contains(&self.columns) || !(1..=100).contains(&self.rows) {
            return Err("`layout`: columns and rows are 1 to 100".into());
        }
        let within = |n: f64| (8.0..=300.0).contains(&n);
        if !within(self.width) || !within(self.height) {
            return Err("`layout`: labels are 8 to 300 mm wide and high".into());
        }
        // A hundredth of a millimetre is forgiven: published figures are rounded.
        let apart = self.pitch.0 >= self.width - 0.01 && self.pitch.1 >= self.height - 0.01;
        if !apart {
            return Err("`layout`: a pitch less than the label makes labels overlap".into());
        }
        let (x, y) = self.place(self.places() - 1);
        let inside = x + self.width <= self.page.0 + 0.01 && y + self.height <= self.page.1 + 0.01;
        if !inside || self.origin.0 < 0.0 || self.origin.1 < 0.0 {
            return Err(format!(
                "`layout`: the labels do not fit on the page of {} × {} mm",
                self.page.0, self.page.1
            ));
        }
        Ok(())
    }
}

/// Reads `COLUMNSxROWS:WxH:LEFT,TOP[:PITCHX,PITCHY]`.
fn custom(grid: &str) -> Option<Layout> {
    let mut parts = grid.split(':');
    let (columns, rows) = parts.next()?.split_once('x')?;
    let (width, height) = pair(parts.next()?, 'x')?;
    let origin = pair(parts.next()?, ',')?;
    let pitch = match parts.next() {
        Some(text) => pair(text, ',')?,
        None => (width, height),
    };
    if parts.next().is_some() {
        return None;
    }
    Some(Layout {
        page: A4,
        columns: columns.parse().ok()?,
        rows: rows.parse().ok()?,
        width,
        height,
        origin,
        pitch,
    })
}

/// Two finite lengths with a separator between them.
fn pair(text: &str, separator: char) -> Option<(f64, f64)> {
    let (a, b) = text.split_once(separator)?;
    let read = |t: &str| t.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    Some((read(a)?, read(b)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn known_sheets_are_centred_and_fit() {
        for known in KNOWN {
            let layout = Layout::parse(&known.0.to_ascii_lowercase()).unwrap();
            layout.check().unwrap();
            let (x, y) = layout.place(layout.places() - 1);
            let right = layout.page.0 - x - layout.width;
            let bottom = layout.page.1 - y - layout.height;
            assert!(
                (right - layout.origin.0).abs() < 0.02,
                "{} {right}",
                known.0
            );
            assert!(
                (bottom - layout.origin.1).abs() < 0.02,
                "{} {bottom}",
                known.0
            );
        }
        assert_eq!(Layout::parse("L7159").unwrap().places(), 24);
        assert_eq!(Layout::parse("L7651").unwrap().places(), 65);
    }

    #[test]
    fn custom_grids_are_read_or_refused() {
        let grid = Layout::parse("custom:2x3:80x60:10,20:90,70").unwrap();
        assert_eq!((grid.places(), grid.place(3)), (6, (100.0, 90.0)));
        assert_eq!(
            Layout::parse("custom:2x3:80x60:10,20").unwrap().pitch,
            (80.0, 60.0)
        );
        assert_eq!(Layout::parse("roll:62x29").unwrap().page, (62.0, 29.0));
        for wrong in [
            "",
            "L9999",
            "custom",
            "custom:",
            "custom:0x1:20x20:0,0",
            "custom:1x1:nanx20:0,0",
            "custom:1x1:infx20:0,0",
            "custom:1x1:1e300x20:0,0",
            "custom:3x8:80x33.9:7,13:80,33.9",
            "custom:1x1:20x20:-5,0",
            "custom:2x1:20x20:0,0:10,20",
            "custom:1x1:20x20:0,0:20,20:x",
            "custom:99999999999999999999x1:20x20:0,0",
            "custom:100x100:20x20:0,0",
            "roll:0x0",
            "roll:62",
            "roll:1x1000",
            "custom:4294967296x4294967296:20x20:0,0",
        ] {
            assert!(Layout::parse(wrong).is_err(), "{wrong}");
        }
    }
}
