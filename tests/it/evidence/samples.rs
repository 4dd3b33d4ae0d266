//! Reports as other tools write them, made here from the names of their fields.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A text of a page: from the left, from the bottom, words.
pub type Text<'a> = (f32, f32, &'a str);

/// A PDF of these pages in Helvetica, its streams compressed when asked.
pub fn pdf(pages: &[Vec<Text<'_>>], packed: bool) -> Vec<u8> {
    let content = |texts: &Vec<Text<'_>>| -> Vec<u8> {
        let draw = |(x, y, text): &Text<'_>| {
            let text = text
                .replace('\\', "\\\\")
                .replace('(', "\\(")
                .replace(')', "\\)");
            format!("BT /F1 12 Tf {x} {y} Td ({text}) Tj ET\n").into_bytes()
        };
        texts.iter().flat_map(draw).collect()
    };
    let streams: Vec<Vec<u8>> = pages.iter().map(content).collect();
    let streams: Vec<(Vec<u8>, &str)> = streams
        .into_iter()
        .map(|s| {
            if packed {
                (deflate(&s), "/FlateDecode")
            } else {
                (s, "")
            }
        })
        .collect();
    file(&streams, &(0..streams.len()).collect::<Vec<_>>())
}

/// A PDF of these content streams, each with its filter; `pages` says which stream each page shows.
pub fn file(streams: &[(Vec<u8>, &str)], pages: &[usize]) -> Vec<u8> {
    let first_page = 4 + streams.len();
    let kids: Vec<String> = (0..pages.len())
        .map(|i| format!("{} 0 R", first_page + i))
        .collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!(
            "<</Type/Pages/Count {}/Kids[{}]>>",
            pages.len(),
            kids.join(" ")
        )
        .into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
    ];
    for (bytes, filter) in streams {
        let filter = if filter.is_empty() {
            String::new()
        } else {
            format!("/Filter{filter}")
        };
        let head = format!("<</Length {}{filter}>>stream\n", bytes.len());
        objects.push([head.as_bytes(), bytes, b"\nendstream"].concat());
    }
    for stream in pages {
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            4 + stream
        );
        objects.push(page.into_bytes());
    }
    whole(&objects)
}

/// A PDF of these objects, the first its catalogue.
pub fn whole(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", n + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let trailer = format!(
        "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    out.extend(trailer.bytes());
    out
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// What an nwipe certificate says of a disk.
#[derive(Clone, Copy)]
pub struct Wiped<'a> {
    pub serial: &'a str,
    pub method: &'a str,
    pub status: &'a str,
    pub verify: &'a str,
    pub errors: &'a str,
}

impl<'a> Wiped<'a> {
    pub fn good(serial: &'a str, method: &'a str) -> Wiped<'a> {
        Wiped {
            serial,
            method,
            status: "ERASED",
            verify: "Last",
            errors: "0/0/0",
        }
    }
}

/// The certificate that nwipe makes of one disk: each label and each value a text of its own.
pub fn nwipe_pdf(disk: Wiped<'_>) -> Vec<u8> {
    let page = vec![
        (200.0, 770.0, "Disk Erasure Report"),
        (60.0, 30.0, "Disc Erasure by NWIPE version 0.38"),
        (50.0, 630.0, "Organisation Performing The Disk Erasure"),
        (60.0, 610.0, "Business Name:"),
        (60.0, 410.0, "Make/Model:"),
        (135.0, 410.0, "ST500DM002-1BD142"),
        (340.0, 410.0, "Serial:"),
        (380.0, 410.0, disk.serial),
        (340.0, 390.0, "Bus:"),
        (370.0, 390.0, "ATA"),
        (60.0, 310.0, "Start time:"),
        (120.0, 310.0, "2024/03/05 10:00:00"),
        (300.0, 310.0, "End time:"),
        (360.0, 310.0, "2024/03/05 12:00:00"),
        (300.0, 290.0, "Status:"),
        (365.0, 290.0, disk.status),
        (60.0, 270.0, "Method:"),
        (110.0, 270.0, disk.method),
        (300.0, 270.0, "PRNG algorithm:"),
        (60.0, 250.0, "Final Pass(Zeros/Ones/None):"),
        (230.0, 250.0, "Zeros"),
        (300.0, 250.0, "Verify Pass(Last/All/None):"),
        (450.0, 250.0, disk.verify),
        (300.0, 230.0, "Rounds(completed/requested):"),
        (470.0, 230.0, "1/1"),
        (60.0, 190.0, "Errors(pass/sync/verify):"),
        (195.0, 190.0, disk.errors),
        (60.0, 170.0, "Information:"),
    ];
    pdf(&[page], false)
}

/// The certificate that nwipe makes of a machine: the status stands alone.
pub fn nwipe_machine_pdf(disks: &[Wiped<'_>]) -> Vec<u8> {
    let mut page = vec![(60.0, 30.0, "Disc Erasure by NWIPE version 0.42")];
    for (n, disk) in disks.iter().enumerate() {
        let y = 600.0 - 100.0 * n as f32;
        page.extend([
            (60.0, y, "Make:"),
            (90.0, y, "SAMSUNG MZVLB256"),
            (300.0, y, "S/N:"),
            (330.0, y, disk.serial),
            (300.0, y - 20.0, "End time:"),
            (360.0, y - 20.0, "2024/03/05 12:00:00"),
            (300.0, y - 30.0, "Errors(pass/sync/verify):"),
            (450.0, y - 30.0, disk.errors),
            (60.0, y - 50.0, "Method:"),
            (150.0, y - 50.0, disk.method),
            (300.0, y - 60.0, "Verify(Last/All/None):"),
            (450.0, y - 60.0, disk.verify),
            (60.0, y - 80.0, "Rounds(completed/requested):"),
            (230.0, y - 80.0, "1/1"),
            (48.0, y - 60.0, disk.status),
        ]);
    }
    pdf(&[page], true)
}

/// The log of a run over these disks: serial and status.
pub fn nwipe_log(method: &str, disks: &[(&str, &str)]) -> String {
    let name = |n: usize| format!("sd{}", char::from(b'a' + n as u8));
    let mut log = String::from("[2024/03/05 10:00:00]  notice: nwipe 0.36\n");
    for (n, (serial, _)) in disks.iter().enumerate() {
        log += &format!(
            "[2024/03/05 10:00:01]  notice: Found /dev/{},  ATA, WDC WD5000AAKX-0,  500 GB, S/N={serial}\n",
            name(n)
        );
    }
    log += "[2024/03/05 10:00:02]  notice: Program options are set as follows...\n";
    log += "[2024/03/05 10:00:02]  notice:   verify   = 1 (last pass)\n";
    for n in 0..disks.len() {
        log += &format!(
            "[2024/03/05 10:00:03]  notice: Invoking method '{method}' on /dev/{}\n",
            name(n)
        );
    }
    log += "\n******************************** Error Summary *********************************\n";
    log += "!   Device | Pass Errors | Verifications Errors | Fdatasync I\\O Errors\n----\n";
    for (n, (_, status)) in disks.iter().enumerate() {
        let errors = u8::from(*status != "Erased");
        log += &format!("       {} | {errors} | 0 | 0\n", name(n));
    }
    log += "********************************************************************************\n\n";
    log += "********************************* Drive Status *********************************\n";
    log += "!   Device | Status | Thru-put | HH:MM:SS | Model/Serial Number\n----\n";
    for (n, (serial, status)) in disks.iter().enumerate() {
        let mark = if *status == "Erased" { " " } else { "!" };
        log += &format!(
            "{mark}      {} |{status}| 140 MB/s | 01:58:58 | WDC WD5000AAKX-0/{serial}\n",
            name(n)
        );
    }
    log + "----\n[2024/03/05 12:00:00] Total Throughput 140 MB/s\n"
}
