//! The jobs over HTTP.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use super::process::Server;
use super::table::{Table, median};
use super::{Field, load};
use crate::{Result, fleet};

impl Field {
    /// A file of request paths, one a line.
    fn paths(&self, name: &str, paths: impl IntoIterator<Item = String>) -> Result<PathBuf> {
        let file = self.folder.join(name);
        let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
        for path in paths {
            writeln!(out, "{path}")?;
        }
        out.flush()?;
        Ok(file)
    }

    /// Milliseconds of one authenticated GET and its body.
    fn get(&self, server: &Server, path: &str) -> Result<(f64, Vec<u8>)> {
        let begin = Instant::now();
        let mut answer = ureq::get(format!("{}{path}", server.url))
            .header("Authorization", format!("Bearer {}", self.token))
            .call()?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(u64::MAX)
            .read_to_vec()?;
        Ok((begin.elapsed().as_secs_f64() * 1e3, body))
    }
}

/// Scan, list, filtered list: ours, bare and naked in turn.
pub fn reads(
    field: &Field,
    ours: &Server,
    bare: &Server,
    naked: &Server,
    table: &mut Table,
) -> Result<()> {
    if !load::available() {
        eprintln!("wrk is not installed (Debian package wrk): the jobs over HTTP did not run");
        return Ok(());
    }
    let bare_tags = (0..field.devices).step_by(1 + field.devices as usize / 50_000);
    let some = field.tags.iter().step_by(1 + field.tags.len() / 50_000);
    let jobs = [
        (
            "scan lookup, authenticated, 8 connections",
            field.paths("scan.ours", some.map(|t| format!("/api/v1/scan?code={t}")))?,
            field.paths(
                "scan.bare",
                bare_tags.map(|i| format!("/scan?code={}", fleet::tag(i))),
            )?,
            0.5,
        ),
        (
            "list of 50",
            field.paths("list.ours", ["/api/v1/devices?limit=50".to_owned()])?,
            field.paths("list.bare", ["/devices".to_owned()])?,
            0.4,
        ),
        (
            "filtered list of 50",
            field.paths(
                "filter.ours",
                ["/api/v1/devices?stage=in_use&category=laptop&limit=50".to_owned()],
            )?,
            field.paths(
                "filter.bare",
                ["/devices?stage=in_use&category=laptop".to_owned()],
            )?,
            0.4,
        ),
    ];
    for (job, paths_ours, paths_bare, asked) in jobs {
        let (mut rates, mut p99) = ([Vec::new(), Vec::new(), Vec::new()], Vec::new());
        for _ in 0..field.rounds {
            let run = load::run(&ours.url, &paths_ours, &field.token, "", field.seconds)?;
            rates[0].push(run.rate);
            p99.push(run.p99);
            rates[1].push(load::run(&bare.url, &paths_bare, "", "", field.seconds)?.rate);
            rates[2].push(load::run(&naked.url, &paths_bare, "", "", field.seconds)?.rate);
        }
        let [ours, bare, naked] = rates.map(median);
        let asked_text = format!("≥ {asked} of bare");
        table.row(
            &format!("{job}, req/s"),
            ours,
            Some(bare),
            Some(naked),
            &asked_text,
            ours / bare >= asked,
        );
        table.row(
            &format!("{job}, p99 ms"),
            median(p99),
            None,
            None,
            "≤ 20 (1M)",
            true,
        );
    }
    for (job, path, asked) in [
        (
            "filtered list with total, p99 ms",
            "/api/v1/devices?stage=in_use&category=laptop&total=true",
            60.0,
        ),
        (
            "list as of a day of last year, p99 ms",
            "/api/v1/devices?as_of=2025-06-30",
            1000.0,
        ),
    ] {
        let paths = field.paths("other.ours", [path.to_owned()])?;
        let p99 = load::run(&ours.url, &paths, &field.token, "", field.seconds)?.p99;
        table.row(job, p99, None, None, &format!("≤ {asked}"), p99 <= asked);
    }
    Ok(())
}

/// Events, each on the disk when it is answered.
pub fn events(field: &Field, ours: &Server, bare: &Server, table: &mut Table) -> Result<()> {
    if !load::available() {
        return Ok(());
    }
    let body = &format!(r#"{{"kind":"audit","on":"{}","source":"bench"}}"#, today()?);
    let some = field.tags.iter().step_by(1 + field.tags.len() / 50_000);
    let paths_ours = field.paths(
        "events.ours",
        some.map(|t| format!("/api/v1/devices/{t}/events")),
    )?;
    let bare_tags = (0..field.devices).step_by(1 + field.devices as usize / 50_000);
    let paths_bare = field.paths(
        "events.bare",
        bare_tags.map(|i| format!("/devices/{}/events", fleet::tag(i))),
    )?;
    let (mut rates, mut p99) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..field.rounds {
        let run = load::run(&ours.url, &paths_ours, &field.token, body, field.seconds)?;
        rates[0].push(run.rate);
        p99.push(run.p99);
        rates[1].push(load::run(&bare.url, &paths_bare, "", body, field.seconds)?.rate);
    }
    let [ours, bare] = rates.map(median);
    table.row(
        "record an event, synced, 8 connections, per s",
        ours,
        Some(bare),
        None,
        "≥ 0.5 of bare",
        ours / bare >= 0.5,
    );
    table.row("record an event, p99 ms", median(p99), None, None, "", true);
    Ok(())
}

/// The day of now in UTC, which has begun everywhere in Europe: 1970-01-01 and so many days.
fn today() -> Result<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let mut days = now.as_secs() / 86_400;
    let (mut year, mut month) = (1970, 0);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let months = [
            31,
            if leap { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        if days < months[month] {
            return Ok(format!("{year}-{:02}-{:02}", month + 1, days + 1));
        }
        days -= months[month];
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
}

/// All indicators of a year: the first answer of a fresh server, then the kept one.
pub fn indicators(field: &Field, ours: &Server, table: &mut Table) -> Result<()> {
    ours.wait_healthy()?;
    let path = "/api/v1/indicators?year=2025&scope=tree";
    let cold = field.get(ours, path)?.0;
    let mut kept = Vec::new();
    for _ in 0..field.rounds {
        kept.push(field.get(ours, path)?.0);
    }
    let kept = median(kept);
    let asked = if field.devices > 200_000 {
        5_000.0
    } else {
        500.0
    };
    table.row(
        "all indicators of one year, cold, ms",
        cold,
        None,
        None,
        &format!("≤ {asked:.0}"),
        cold <= asked,
    );
    table.row(
        "all indicators of one year, kept, ms",
        kept,
        None,
        None,
        "≤ 50",
        kept <= 50.0,
    );
    Ok(())
}

/// A PDF sheet of 1,000 labels.
pub fn labels(field: &Field, ours: &Server, table: &mut Table) -> Result<()> {
    let tags: Vec<_> = field.tags.iter().take(1000).collect();
    let body = serde_json::json!({"tags": tags, "layout": "L7159"}).to_string();
    let (mut rates, mut size) = (Vec::new(), 0);
    for _ in 0..field.rounds {
        let begin = Instant::now();
        let mut answer = ureq::post(format!("{}/api/v1/labels", ours.url))
            .header("Authorization", format!("Bearer {}", field.token))
            .header("Content-Type", "application/json")
            .send(&body)?;
        size = answer
            .body_mut()
            .with_config()
            .limit(u64::MAX)
            .read_to_vec()?
            .len();
        rates.push(tags.len() as f64 / begin.elapsed().as_secs_f64());
    }
    let rate = median(rates);
    let each = size as f64 / tags.len() as f64;
    table.row(
        "label sheet of 1,000, labels/s",
        rate,
        None,
        None,
        "≥ 1,500",
        rate >= 1500.0,
    );
    table.row(
        "label sheet, bytes a label",
        each,
        None,
        None,
        "≤ 500",
        each <= 500.0,
    );
    Ok(())
}

/// How much the highest memory of the server grows while it streams the export.
pub fn export_memory(field: &Field, ours: &Server, table: &mut Table) -> Result<()> {
    field.get(ours, "/api/v1/devices?limit=1000")?;
    let before = ours.memory("VmHWM")?;
    let mut answer = ureq::get(format!("{}/api/v1/exports/devices.csv", ours.url))
        .header("Authorization", format!("Bearer {}", field.token))
        .call()?;
    let mut reader = answer.body_mut().as_reader();
    let mut chunk = [0u8; 65536];
    while reader.read(&mut chunk)? > 0 {}
    let growth = ours.memory("VmHWM")? - before;
    table.row(
        "CSV export over HTTP, growth of memory, MB",
        growth,
        None,
        None,
        "≤ 16",
        growth <= 16.0,
    );
    Ok(())
}

/// Scans while an import of as many devices runs.
pub fn scan_during_import(field: &Field, ours: &Server, table: &mut Table) -> Result<()> {
    if !load::available() {
        return Ok(());
    }
    let file = std::fs::read(field.folder.join("import.csv"))?;
    let url = format!(
        "{}/api/v1/imports?profile=csv&filename=import.csv",
        ours.url
    );
    let token = format!("Bearer {}", field.token);
    let import = std::thread::spawn(move || {
        let sent = ureq::post(url)
            .header("Authorization", token)
            .content_type("text/csv")
            .send(&file[..]);
        sent.map(|_| ()).map_err(|e| e.to_string())
    });
    std::thread::sleep(std::time::Duration::from_millis(200));
    let p99 = load::run(
        &ours.url,
        &field.folder.join("scan.ours"),
        &field.token,
        "",
        field.seconds,
    )?
    .p99;
    let whole = !import.is_finished();
    import.join().map_err(|_| "the import thread died")??;
    let job = if whole {
        "scan during an import, p99 ms"
    } else {
        "scan during an import (ended before), p99 ms"
    };
    table.row(job, p99, None, None, "≤ 100", p99 <= 100.0);
    Ok(())
}
