//! What is drawn: sheets, single labels, ZPL, read back by `zbarimg`.

use super::*;

#[test]
fn full_sheets_are_read() {
    if !tools(&["pdftoppm", "zbarimg"]) {
        return;
    }
    all_read(
        &labels(24, &["Val-de-Lierne Agglo", "ThinkPad T14 Gen 3"]),
        &print("L7159"),
    );
    all_read(
        &labels(65, &["Val-de-Lierne Agglo", "ThinkPad T14 Gen 3"]),
        &print("L7651"),
    );
    all_read(&labels(21, &[]), &print("L7160"));
    all_read(&labels(189, &["Val-de-Lierne Agglo"]), &print("L4731"));
    all_read(&labels(30, &["Val-de-Lierne Agglo"]), &print("5160"));
}

#[test]
fn outlines_starts_pages_and_custom_grids_are_read() {
    if !tools(&["pdftoppm", "zbarimg"]) {
        return;
    }
    let lines = [
        "Communauté d’agglomération du Val-de-Lierne",
        "Dell Latitude 5440",
    ];
    let outlined = |layout: &str, start: usize| Print {
        start,
        outline: true,
        ..print(layout)
    };
    all_read(&labels(60, &lines), &outlined("L7159", 7));
    all_read(&labels(66, &lines), &outlined("L7651", 65));
    all_read(
        &labels(12, &lines),
        &outlined("custom:3x4:60x60:10,20:65,62", 1),
    );
    all_read(&labels(40, &lines), &outlined("custom:5x8:38x30:10,20", 3));
    all_read(&labels(3, &lines), &outlined("roll:62x29", 1));
    all_read(&labels(2, &lines), &outlined("roll:18x24", 1));
}

/// Paths keep their case, given tags are longer: bigger codes, byte mode.
#[test]
fn long_urls_and_given_tags_are_read() {
    if !tools(&["pdftoppm", "zbarimg"]) {
        return;
    }
    let tags = [
        "INV-0042",
        "AGGLO-2026-LAPTOP-0000000000042",
        "A-B",
        "7Q4-X2M-K9W",
    ];
    let long: Vec<Label> = tags
        .iter()
        .map(|t| {
            let tag = Tag::parse_given(t).unwrap();
            Label {
                url: tag.url("https://services.val-de-lierne.example/parc"),
                tag,
                lines: vec![],
            }
        })
        .collect();
    all_read(&long, &print("L7651"));
    all_read(&long, &print("L7159"));
}

#[test]
fn single_labels_are_read_as_png_and_svg() {
    if !tools(&["zbarimg", "rsvg-convert"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (i, layout) in [
        "roll",
        "roll:62x29",
        "roll:24x12",
        "roll:30x40",
        "L7651",
        "L7159",
    ]
    .iter()
    .enumerate()
    {
        let sheet = print(layout);
        let some = labels(
            sheet.layout.places(),
            &["Mairie d’Évry", "Écran Iiyama 24″"],
        );
        let expected: BTreeSet<String> = some.iter().map(|l| l.url.clone()).collect();
        let outlined = Print {
            outline: true,
            ..sheet
        };
        std::fs::write(
            dir.path().join("a.png"),
            draw(&some, &outlined, Format::Png).unwrap(),
        )
        .unwrap();
        assert_eq!(read(dir.path(), "a.png"), expected, "png {layout} {i}");
        std::fs::write(
            dir.path().join("a.svg"),
            draw(&some, &outlined, Format::Svg).unwrap(),
        )
        .unwrap();
        let args = [
            "-d", "300", "-p", "300", "-f", "png", "-o", "b.png", "a.svg",
        ];
        run("rsvg-convert", &args, dir.path());
        assert_eq!(read(dir.path(), "b.png"), expected, "svg {layout} {i}");
    }
}

/// A picture in grey, as pdftoppm writes it: width, height, bytes.
fn pgm(path: &Path) -> (usize, usize, Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    let mut words = bytes
        .splitn(5, |b| b.is_ascii_whitespace())
        .map(|w| String::from_utf8_lossy(w).into_owned());
    let (_, width, height) = (words.next(), words.next().unwrap(), words.next().unwrap());
    let (width, height): (usize, usize) = (width.parse().unwrap(), height.parse().unwrap());
    (
        width,
        height,
        bytes[bytes.len() - width * height..].to_vec(),
    )
}

/// The outline of each label lies where Avery's sheets have it, to a tenth of a millimetre.
#[test]
fn labels_lie_at_their_millimetres() {
    if !tools(&["pdftoppm"]) {
        return;
    }
    // Left of the first and last column, top of the first and last row: published by Avery and by the arithmetic.
    for (layout, lefts, tops) in [
        (
            "L7159",
            [7.21, 7.21 + 2.0 * 66.04],
            [12.9, 12.9 + 7.0 * 33.9],
        ),
        (
            "L7651",
            [4.67, 4.67 + 4.0 * 40.64],
            [10.7, 10.7 + 12.0 * 21.2],
        ),
        ("custom:2x3:80x60:10,20:90,70", [10.0, 100.0], [20.0, 160.0]),
    ] {
        let sheet = Print {
            outline: true,
            ..print(layout)
        };
        let dir = tempfile::tempdir().unwrap();
        let pdf = draw(&labels(sheet.layout.places(), &[]), &sheet, Format::Pdf).unwrap();
        let (width, height, grey) = pgm(&pictures(dir.path(), &pdf)[0]);
        assert!(
            (2480..=2481).contains(&width) && (3507..=3508).contains(&height),
            "{width} {height}"
        );
        let dots = |mm: f64| (mm * 300.0 / 25.4).round() as usize;
        // A vertical line is dark over most of its label's height, a horizontal one over its width.
        let tall = dots(sheet.layout.height) - 10;
        let wide = dots(sheet.layout.width) - 10;
        let near = |at: usize| at - 1..=at + 1;
        for (left, top) in lefts
            .iter()
            .flat_map(|l| tops.iter().map(move |t| (*l, *t)))
        {
            let (x0, y0) = (dots(left), dots(top));
            let dark = |x: usize, y: usize| grey[y * width + x] < 250;
            assert!(
                near(x0).any(|x| (0..tall).all(|d| dark(x, y0 + 5 + d))),
                "{layout} left {left} {top}"
            );
            assert!(
                near(y0).any(|y| (0..wide).all(|d| dark(x0 + 5 + d, y))),
                "{layout} top {left} {top}"
            );
        }
    }
}

const NASTY: [&str; 8] = [
    "</text><script>alert(1)</script>",
    "\"><img src=x onerror='a'> & <![CDATA[",
    "(unbalanced \\) Tj ET endstream endobj",
    "^XZ^XA~JR ^FD_5E\\&",
    "日本語の役所 \u{1f5a5}\u{202e}desrever",
    "Łódź e\u{301}cole — « œuvre » € ™ ﬁn",
    "'; DROP TABLE devices; -- =cmd()|' /C calc'!A0",
    "\u{fffe}\u{ffff}\u{1}\u{0}",
];

#[test]
fn nasty_texts_are_harmless_in_every_format() {
    let long = "W".repeat(4000);
    for layout in ["roll", "L7651", "L7159", "roll:20x40"] {
        for nasty in NASTY.iter().copied().chain([long.as_str()]) {
            let one = labels(1, &[nasty, nasty]);
            let svg = String::from_utf8(draw(&one, &print(layout), Format::Svg).unwrap()).unwrap();
            assert!(
                !svg.contains("<script") && !svg.contains("<img") && !svg.contains("CDATA["),
                "{svg}"
            );
            assert!(!svg.contains(['\u{0}', '\u{1}', '\u{fffe}']));
            let zpl = String::from_utf8(draw(&one, &print(layout), Format::Zpl).unwrap()).unwrap();
            assert!(zpl.is_ascii());
            assert_eq!(
                (
                    zpl.matches("^XZ").count(),
                    zpl.matches("^XA").count(),
                    zpl.matches('~').count()
                ),
                (1, 1, 0)
            );
            draw(&one, &print(layout), Format::Png).unwrap();
            draw(&one, &print(layout), Format::Pdf).unwrap();
        }
    }
    if !tools(&["pdftotext", "rsvg-convert"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let all = labels(1, &NASTY[2..]);
    let tall = print("roll:120x100");
    std::fs::write(
        dir.path().join("a.pdf"),
        draw(&all, &tall, Format::Pdf).unwrap(),
    )
    .unwrap();
    let text = run("pdftotext", &["-layout", "a.pdf", "-"], dir.path());
    assert!(text.contains(&all[0].tag.shown()), "{text}");
    assert!(
        text.contains("endstream") && text.contains("Lódz école – « œuvre » € TM fin"),
        "{text}"
    );
    std::fs::write(
        dir.path().join("a.svg"),
        draw(&all, &tall, Format::Svg).unwrap(),
    )
    .unwrap();
    run("rsvg-convert", &["-o", "a.png", "a.svg"], dir.path());
    assert!(dir.path().join("a.png").exists(), "the SVG is well formed");
}

/// The picture in a ZPL label, unpacked as the ZPL guide says, as a PBM with the quiet zone around.
fn unpack(zpl: &str) -> Vec<u8> {
    let field = zpl
        .split("^GFA,")
        .nth(1)
        .unwrap()
        .split('^')
        .next()
        .unwrap();
    let mut parts = field.splitn(4, ',');
    let total: usize = parts.next().unwrap().parse().unwrap();
    let width: usize = parts.nth(1).unwrap().parse().unwrap();
    let mut digits: Vec<u8> = Vec::new();
    let mut count = 0;
    for c in parts.next().unwrap().trim().bytes() {
        match c {
            b'G'..=b'Y' => count += usize::from(c - b'G') + 1,
            b'g'..=b'z' => count += (usize::from(c - b'g') + 1) * 20,
            b',' => digits.resize(digits.len().next_multiple_of(width * 2), 0),
            b':' => digits.extend_from_within(digits.len() - width * 2..),
            _ => {
                let digit = (c as char).to_digit(16).unwrap() as u8;
                digits.extend(std::iter::repeat_n(digit, count.max(1)));
                count = 0;
            }
        }
    }
    assert_eq!(digits.len(), total * 2);
    let rows = total / width;
    let margin = 40;
    let mut out = format!("P1 {} {}\n", width * 8 + 2 * margin, rows + 2 * margin).into_bytes();
    let blank = vec![b'0'; width * 8 + 2 * margin];
    for _ in 0..margin {
        out.extend(&blank);
    }
    for row in digits.chunks(width * 2) {
        out.extend(&blank[..margin]);
        out.extend(
            row.iter()
                .flat_map(|d| (0..4).map(move |b| if d >> (3 - b) & 1 == 1 { b'1' } else { b'0' })),
        );
        out.extend(&blank[..margin]);
    }
    for _ in 0..margin {
        out.extend(&blank);
    }
    out
}

#[test]
fn zpl_pictures_are_read_at_every_density() {
    if !tools(&["zbarimg"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (dpmm, layout) in [
        (6, "roll"),
        (8, "roll"),
        (8, "roll:100x150"),
        (12, "L7651"),
        (24, "roll:100x150"),
    ] {
        let one = labels(1, &["Val-de-Lierne"]);
        let zpl = String::from_utf8(
            draw(
                &one,
                &Print {
                    dpmm,
                    ..print(layout)
                },
                Format::Zpl,
            )
            .unwrap(),
        )
        .unwrap();
        assert!(
            zpl.starts_with("^XA\n") && zpl.contains(&one[0].tag.shown()) && zpl.ends_with("^XZ\n"),
            "{zpl}"
        );
        std::fs::write(dir.path().join("a.pbm"), unpack(&zpl)).unwrap();
        assert_eq!(
            read(dir.path(), "a.pbm"),
            BTreeSet::from([one[0].url.clone()]),
            "{dpmm} {layout}\n{zpl}"
        );
    }
}

#[test]
fn what_cannot_be_printed_is_refused_by_its_field() {
    let refused = |labels: &[Label], print: Print, format: Format| {
        let error = draw(labels, &print, format).unwrap_err();
        assert_eq!(error.code.as_str(), "invalid_value");
        error.field.unwrap()
    };
    let one = labels(1, &[]);
    assert_eq!(
        refused(
            &one,
            Print {
                start: 0,
                ..print("L7159")
            },
            Format::Pdf
        ),
        "start"
    );
    assert_eq!(
        refused(
            &one,
            Print {
                start: 25,
                ..print("L7159")
            },
            Format::Pdf
        ),
        "start"
    );
    assert_eq!(
        refused(
            &one,
            Print {
                dpmm: 7,
                ..print("roll")
            },
            Format::Zpl
        ),
        "dpmm"
    );
    assert_eq!(refused(&[], print("roll"), Format::Pdf), "tags");
    assert_eq!(refused(&labels(2, &[]), print("roll"), Format::Svg), "tags");
    assert_eq!(
        refused(
            &labels(20, &[]),
            Print {
                start: 6,
                ..print("L7159")
            },
            Format::Png
        ),
        "tags"
    );
    for format in Format::ALL {
        assert_eq!(refused(&one, print("roll:8x8"), format), "layout");
    }
}

/// A thousand labels take less than half a kilobyte each. The rate is measured by the bench, in release.
#[test]
fn sheets_are_small() {
    let many = labels(1000, &["Val-de-Lierne Agglo", "ThinkPad T14 Gen 3"]);
    let pdf = draw(&many, &print("L7159"), Format::Pdf).unwrap();
    assert!(pdf.len() <= 500_000, "{}", pdf.len());
    assert_eq!(
        draw(&many, &print("L7159"), Format::Pdf).unwrap(),
        pdf,
        "the same labels give the same file"
    );
}
