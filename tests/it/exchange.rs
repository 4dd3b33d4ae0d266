//! Reading foreign tables, without a store.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use reparc::domain::words::Stage;
use reparc::error::{Code, Error};
use reparc::exchange::dates::Order;
use reparc::exchange::draft::{Draft, Problem, Reader};
use reparc::exchange::profiles::{Choice, Plan};
use reparc::exchange::table::{Encoding, Record, Table};
use reparc::exchange::write::{Cell, Format, Sheet};

/// The sample files beside the repository; None (said aloud) when they are not there.
fn samples() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "../shared/samples is missing in CI"
    );
    eprintln!("../shared/samples is not there: the tests over the sample files did not run");
    None
}

struct Read {
    plan: Plan,
    encoding: Encoding,
    drafts: Vec<Draft>,
    problems: Vec<Problem>,
    rejected: usize,
}

fn read(path: &Path, choice: &Choice<'_>) -> Result<Read, Error> {
    let table = Table::open(path)?;
    let plan = Plan::make(&table, choice)?;
    let mut read = Read {
        encoding: table.encoding(),
        drafts: Vec::new(),
        problems: Vec::new(),
        rejected: 0,
        plan,
    };
    let mut reader = Reader::new(&read.plan, "fp");
    let mut records = table.records()?;
    let mut record = Record::default();
    while records.read(&mut record)? {
        if record.line > read.plan.header_line {
            let row = reader.read(&record);
            read.problems.extend(row.problems);
            match row.draft {
                Some(draft) => read.drafts.push(draft),
                None => read.rejected += 1,
            }
        }
    }
    Ok(read)
}

fn text(bytes: impl AsRef<[u8]>) -> Result<Read, Error> {
    ordered(bytes, None)
}
fn ordered(bytes: impl AsRef<[u8]>, order: Option<Order>) -> Result<Read, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let choice = Choice {
        order,
        ..Choice::default()
    };
    read(file.path(), &choice)
}

/// What every sample file must give, written down by reading the files: rows, drafts, rejected rows,
/// devices (a row may stand for several), lines that begin a problem of each code; or the word of the refusal.
#[test]
fn the_sample_files() {
    let Some(samples) = samples() else { return };
    // file, profile, rows, rejected rows, devices if every machine is new
    let accounts = [
        ("snipeit-csv/IMPORT_ASSETS.csv", "snipe-it", 24, 0, 24),
        (
            "snipeit-csv/MOCK_ASSETS-2023-03.csv",
            "snipe-it",
            200,
            0,
            200,
        ),
        (
            "snipeit-csv/assets-sample-BLANKS.csv",
            "snipe-it",
            200,
            0,
            200,
        ),
        ("snipeit-csv/assets-sample.csv", "snipe-it", 22, 0, 22),
        ("glpi-csv/computers.csv", "csv", 48, 0, 48),
        ("glpi-csv/sample-computers.csv", "csv", 10, 0, 10),
        ("generic-csv/audit-hardware-after.csv", "csv", 15, 0, 15),
        (
            "generic-csv/datacentre-inventory-sample.csv",
            "csv",
            15,
            0,
            15,
        ),
        ("generic-csv/hardware-inventory.csv", "csv", 15, 0, 15),
        // quantities 1, 2 and 3
        ("generic-csv/homebox-fields.csv", "csv", 3, 0, 6),
        // one machine 26 times
        ("generic-csv/powershell-fr-inventaire.csv", "csv", 26, 0, 1),
        // two of the four rows are stocks counted in quantities
        (
            "generic-csv/shelf.nu-example-asset-import-from-content.csv",
            "csv",
            4,
            2,
            2,
        ),
        // quantities 1, 2, 4, 5, 2 and 10
        (
            "derived-encodings/numecoeval-physicalEquipments.utf16le-bom-tab.csv",
            "numecoeval",
            6,
            0,
            24,
        ),
        // equal lines are different machines
        ("ecodiag-csv/ecodiag-exemple.csv", "csv", 42, 0, 42),
    ];
    for (file, profile, rows, rejected, devices) in accounts {
        let read =
            read(&samples.join(file), &Choice::default()).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(read.plan.profile.as_str(), profile, "{file}");
        assert_eq!((read.plan.rows, read.rejected), (rows, rejected), "{file}");
        let mut machines = std::collections::HashSet::new();
        let mut count = 0;
        for draft in &read.drafts {
            assert_eq!(read.plan.groups.contradicted(draft.line), None, "{file}");
            if read
                .plan
                .groups
                .of(draft.line)
                .is_none_or(|g| machines.insert(g))
            {
                count += draft.quantity;
            }
        }
        assert_eq!(count, devices, "{file}");
    }
    for (file, word) in [
        ("snipeit-csv/accessories-sample.csv", "accessories"),
        ("snipeit-csv/components-sample.csv", "components"),
        ("snipeit-csv/licenses-sample.csv", "licences"),
        ("snipeit-csv/models-sample.csv", "models"),
        ("snipeit-csv/users-sample.csv", "people"),
        ("glpi-csv/glpi-search-export-tickets-es.csv", "tickets"),
        (
            "derived-encodings/glpi-search-export-tickets-es.cp1252.csv",
            "tickets",
        ),
        ("generic-csv/pc_components_noheader.csv", "no header line"),
        ("numecoeval-csv/3-virtualEquipments.csv", "virtual machines"),
        ("numecoeval-csv/1-datacenter.csv", "data centres"),
        ("ralph-csv/warehouses.csv", "none of the columns"),
    ] {
        let refusal = read(&samples.join(file), &Choice::default())
            .err()
            .unwrap_or_else(|| panic!("{file} was taken"));
        assert_eq!(refusal.code, Code::NotAnInventory, "{file}");
        assert!(refusal.detail.contains(word), "{file}: {}", refusal.detail);
    }
}

#[test]
fn cells_of_the_sample_files() {
    let Some(samples) = samples() else { return };
    let all = |file: &str| read(&samples.join(file), &Choice::default()).unwrap();
    let mock = all("snipeit-csv/MOCK_ASSETS-2023-03.csv");
    assert_eq!(mock.encoding, Encoding::MacRoman);
    let first = serde_json::to_value(&mock.drafts[0]).unwrap();
    assert_eq!(first["line"], 2);
    assert_eq!(first["name"], "eget nunc donec quis");
    assert_eq!(first["holder"]["name"], "Bonnie Nelson");
    assert_eq!(
        first["set"]["acquired_on"], "2016-04-05",
        "4/5/16, month first as 5/24/15 decides"
    );
    assert_eq!(first["set"]["purchase_price_cents"], 13_328_959);
    assert_eq!(
        first["set"]["warranty_until"], "2017-06-05",
        "14 months later"
    );
    // Model numbers in scientific notation are cut digits: told, not kept.
    assert_eq!(
        mock.problems
            .iter()
            .filter(|p| p.code == "scientific_notation")
            .count(),
        200
    );
    assert_eq!(
        mock.drafts.iter().filter(|d| d.serial.is_none()).count(),
        17
    );
    let lost = mock.drafts.iter().find(|d| d.line == 4).unwrap();
    assert_eq!(serde_json::to_value(lost).unwrap()["presence"], "missing");
    let archived = mock.drafts.iter().find(|d| d.line == 7).unwrap();
    assert_eq!(
        (archived.stage, archived.holder.is_none()),
        (Some(Stage::Gone), true)
    );

    let tree = all("generic-csv/hardware-inventory.csv");
    let first = serde_json::to_value(&tree.drafts[0]).unwrap();
    assert_eq!(
        first["codes"],
        serde_json::json!([["asset_tag", "AST-1001"], ["mac", "00:1B:44:11:3A:01"]])
    );
    assert_eq!(first["extra"]["cost_center"], "KST-4711");
    let admins = all("generic-csv/powershell-fr-inventaire.csv");
    assert!(
        admins
            .drafts
            .iter()
            .all(|d| !serde_json::to_string(d).unwrap().contains("Administrateur"))
    );
    assert_eq!(admins.drafts[0].extra["total_memory_gb"], "7,98");
}

#[test]
fn encodings_separators_and_line_ends() {
    let rows = "Nom;Numéro de série;Modèle\nPoste élève;A1B2C3;Latitude\nÉcran;D4E5F6;P24\n";
    let utf16 = |le: bool, mark: bool| -> Vec<u8> {
        let text = if mark {
            format!("\u{feff}{rows}")
        } else {
            rows.to_owned()
        };
        text.encode_utf16()
            .flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    };
    let cp1252: Vec<u8> = rows
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for (name, bytes) in [
        ("utf-8", rows.as_bytes().to_vec()),
        ("utf-8 with a mark", format!("\u{feff}{rows}").into_bytes()),
        ("crlf", rows.replace('\n', "\r\n").into_bytes()),
        ("cr", rows.replace('\n', "\r").into_bytes()),
        ("comma", rows.replace(';', ",").into_bytes()),
        ("tab", rows.replace(';', "\t").into_bytes()),
        ("bar", rows.replace(';', "|").into_bytes()),
        ("sep=", format!("sep=;\n{rows}").into_bytes()),
        ("cp1252", cp1252),
        ("utf-16le", utf16(true, true)),
        ("utf-16be", utf16(false, true)),
        ("utf-16le without a mark", utf16(true, false)),
        ("no last line end", rows.trim_end().as_bytes().to_vec()),
        (
            "blank rows",
            rows.replace("\nÉ", "\n\n;;\n \nÉ").into_bytes(),
        ),
        (
            "trailing separators",
            rows.replace('\n', ";\n").into_bytes(),
        ),
        (
            "title line first",
            format!("Inventaire 2025;;\n{rows}").into_bytes(),
        ),
    ] {
        let read = text(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.plan.rows, 2, "{name}");
        assert_eq!(read.problems, [], "{name}");
        let names: Vec<_> = read
            .drafts
            .iter()
            .map(|d| d.name.as_deref().unwrap())
            .collect();
        assert_eq!(names, ["Poste élève", "Écran"], "{name}");
        assert_eq!(read.drafts[0].serial.as_deref(), Some("A1B2C3"), "{name}");
    }
}

#[test]
fn rows_are_counted_by_the_line_they_begin_on() {
    let read =
        text("name,serial,notes\nA,S1000A,\"two\nlines\"\n\nB,S1000B\nC,S1000C,x,y\nD,S1000D,,\n")
            .unwrap();
    let lines: Vec<_> = read.drafts.iter().map(|d| d.line).collect();
    assert_eq!(lines, [2, 5, 6, 7]);
    let told: Vec<_> = read
        .problems
        .iter()
        .map(|p| (p.row, p.code.as_str()))
        .collect();
    assert_eq!(told, [(5, "short_row"), (6, "long_row")]);
    assert_eq!(read.drafts[0].note.as_deref(), Some("two\nlines"));
}

#[test]
fn dates_are_decided_by_their_column_or_asked_for() {
    let file = "name,serial,purchase date\nA,S1000A,03/04/2024\nB,S1000B,25/12/2023\nC,S1000C,31/02/2024\n";
    let read = text(file).unwrap();
    assert_eq!(read.drafts[0].set["acquired_on"], "2024-04-03");
    assert_eq!(read.problems.len(), 1);
    assert_eq!(
        (read.problems[0].row, read.problems[0].code.as_str()),
        (4, "invalid_date")
    );
    let file = "name,serial,purchase date\nA,S1000A,03/04/2024\n";
    let undecided = text(file).unwrap();
    assert_eq!(undecided.problems[0].code, "ambiguous_date");
    assert!(undecided.drafts[0].set.is_empty());
    assert_eq!(
        ordered(file, Some(Order::Mdy)).unwrap().drafts[0].set["acquired_on"],
        "2024-03-04"
    );
    assert_eq!(
        ordered(file, Some(Order::Dmy)).unwrap().drafts[0].set["acquired_on"],
        "2024-04-03"
    );
}

#[test]
fn a_machine_is_known_again_inside_one_file_and_contradictions_are_seen() {
    let read = text(
        "name,serial,manufacturer,asset tag\nA,S1000A,Dell,T1\nB,S1000B,Dell,T2\nA2,s1000a,DELL Inc.,T1\nX,S1000A,Dell,T2\nY,S1000Y,Dell,T1\n\
         Z,S1000A,HP,T9\n",
    )
    .unwrap();
    let groups = &read.plan.groups;
    assert_eq!(groups.of(2), groups.of(4));
    assert!(groups.of(2).is_some());
    assert_eq!(
        groups.contradicted(5),
        Some(3),
        "serial of one, inventory number of another"
    );
    assert_eq!(
        groups.contradicted(6),
        Some(2),
        "another serial on a known inventory number"
    );
    assert_eq!(
        (groups.of(7), groups.contradicted(7)),
        (None, None),
        "another maker's serial"
    );
}

#[test]
fn junk_and_formula_guards() {
    let read = text("Nom;N° de série;UUID\n'=cmd();To be filled by O.E.M.;FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\nB;6,37702E+15;\n'quoted';00ABC123;#N/A\n").unwrap();
    assert_eq!(read.drafts[0].name.as_deref(), Some("=cmd()"));
    assert!(read.drafts[0].serial.is_none() && read.drafts[0].codes.is_empty());
    assert!(read.drafts[1].serial.is_none());
    assert_eq!(read.drafts[2].name.as_deref(), Some("'quoted'"));
    assert_eq!(
        read.drafts[2].serial.as_deref(),
        Some("00ABC123"),
        "leading zeros stay"
    );
    let told: Vec<_> = read
        .problems
        .iter()
        .map(|p| (p.row, p.code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "junk_value"),
            (2, "junk_value"),
            (3, "scientific_notation"),
            (4, "excel_error")
        ]
    );
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    for (bytes, word) in [
        (&b"PK\x03\x04rest"[..], "workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"", "empty"),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0", "binary"),
        (b"name,serial\n", "no row"),
        (b"name,serial\nA,\"never closed\n", "S"),
    ] {
        match text(bytes) {
            Err(e) => assert!(
                e.code == Code::NotAnInventory && e.detail.contains(word),
                "{}",
                e.detail
            ),
            Ok(read) => assert_eq!(
                (word, read.plan.rows),
                ("S", 1),
                "an open quote ends with the file"
            ),
        }
    }
    let long = format!("name,serial\nA,S1\nB,\"{}", "x".repeat(70_000));
    let refusal = text(long).err().unwrap();
    assert!(refusal.detail.contains("line 3"), "{}", refusal.detail);
}

proptest! {
    #[test]
    fn the_reader_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = text(&bytes);
    }
    #[test]
    fn nor_on_what_looks_like_a_table(body in "(?s)[a-z0-9é;,\"'\n\r\t=+@#/. -]{0,300}", sep in "[;,\t|]") {
        let _ = text(format!("Nom{sep}Numéro de série{sep}Date d'achat{sep}Prix{sep}Quantité\n{body}"));
    }
    #[test]
    fn dates_and_numbers_never_panic(cell in "\\PC{0,40}") {
        let _ = reparc::exchange::dates::parse(&cell, None);
        let _ = reparc::exchange::numbers::cents(&cell, true);
        let _ = reparc::exchange::numbers::grams(&cell, true, false);
        let _ = reparc::exchange::draft::split_codes(&cell);
    }
}

fn written(format: Format, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut out = Vec::new();
    let width = rows[0].len();
    let columns = (0..width).map(|i| format!("c{i}")).collect();
    let mut sheet = Sheet::begin(&mut out, format, columns).unwrap();
    for row in rows {
        sheet.row(row).unwrap();
    }
    sheet.end().unwrap();
    out
}

#[test]
fn files_are_written_as_their_readers_need_them() {
    let rows = vec![
        vec![
            Cell::text(Some("=cmd()")),
            Cell::Whole(-5),
            Cell::Number(1.5),
        ],
        vec![
            Cell::text(Some("a;b,\"c\"\nd")),
            Cell::Empty,
            Cell::Bool(true),
        ],
        vec![
            Cell::text(Some("'+")),
            Cell::day(Some(reparc::domain::day::Day::ymd(2024, 2, 29))),
            Cell::Empty,
        ],
    ];
    let text = |format| String::from_utf8(written(format, &rows)).unwrap();
    assert_eq!(
        text(Format::Csv),
        "c0,c1,c2\r\n=cmd(),-5,1.5\r\n\"a;b,\"\"c\"\"\nd\",,true\r\n'+,2024-02-29,\r\n"
    );
    assert_eq!(
        text(Format::CsvFr),
        "\u{feff}c0;c1;c2\r\n'=cmd();-5;1,5\r\n\"a;b,\"\"c\"\"\nd\";;true\r\n'+;2024-02-29;\r\n"
    );
    assert_eq!(
        text(Format::Ndjson).lines().next().unwrap(),
        r#"{"c0":"=cmd()","c1":-5,"c2":1.5}"#
    );
    let book = written(Format::Xlsx, &rows);
    assert!(book.starts_with(b"PK\x03\x04"));
}
