//! Export and import by the command line, against the naked programs on as many rows.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::table::{Table, median};
use super::{Field, process};
use crate::Result;

/// CSV export of all columns, rows a second.
pub fn export(field: &Field, table: &mut Table) -> Result<()> {
    let (mut ours, mut naked) = (Vec::new(), Vec::new());
    let rows = f64::from(field.devices);
    for _ in 0..field.rounds {
        let to = field.folder.join("export.csv");
        let command = &mut field.reparc();
        ours.push(rows / process::timed(command.args(["export", "devices", "-o"]).arg(&to))?.0);
        let command = &mut Command::new(&field.limits);
        let from = field.folder.join("bare.db");
        naked.push(rows / process::timed(command.arg("export").arg(from).arg(&to))?.0);
    }
    let (ours, naked) = (median(ours), median(naked));
    table.row(
        "CSV export, all columns, rows/s",
        ours,
        None,
        Some(naked),
        "≥ 0.5 of naked",
        ours / naked >= 0.5,
    );
    Ok(())
}

/// CSV import of as many new devices, dry and real, rows a second.
pub fn import(field: &Field, table: &mut Table) -> Result<()> {
    let file = field.folder.join("import.csv");
    write_inventory(&file, field.devices)?;
    let rows = f64::from(field.devices);
    let (mut dry, mut real, mut naked, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0.0f64);
    let rounds = if field.devices > 200_000 {
        1
    } else {
        field.rounds
    };
    for _ in 0..rounds {
        for name in ["imported.db", "inserted.db"] {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(field.folder.join(format!("{name}{end}")));
            }
        }
        process::timed(field.reparc_on("imported.db").arg("migrate"))?;
        let import = |more: &[&str]| {
            let mut command = field.reparc_on("imported.db");
            command
                .arg("import")
                .arg(&file)
                .args(["--profile", "csv", "--strict"])
                .args(more);
            process::timed(&mut command)
        };
        dry.push(rows / import(&["--dry-run"])?.0);
        let (seconds, memory) = import(&[])?;
        real.push(rows / seconds);
        peak = peak.max(memory);
        let command = &mut Command::new(&field.limits);
        let to = field.folder.join("inserted.db");
        naked.push(rows / process::timed(command.arg("import").arg(&file).arg(to))?.0);
    }
    let (dry, real, naked) = (median(dry), median(real), median(naked));
    table.row(
        "CSV import, rows/s",
        real,
        None,
        Some(naked),
        "≥ 0.1 of naked",
        real / naked >= 0.1,
    );
    table.row(
        "CSV import, dry run, rows/s",
        dry,
        None,
        Some(naked),
        "≥ 0.2 of naked",
        dry / naked >= 0.2,
    );
    table.row(
        "CSV import, highest memory, MB",
        peak,
        None,
        None,
        "≤ 200",
        peak <= 200.0,
    );
    Ok(())
}

/// An inventory in Reparc's own columns, deterministic, every row a new device.
pub fn write_inventory(file: &Path, devices: u32) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    writeln!(
        out,
        "name,category,manufacturer,model,serial,stage,data,acquisition,condition,acquired_on,purchase_price_cents,weight_g"
    )?;
    let kinds = [
        ("laptop", "Dell", "Latitude 5420", 1_600),
        ("desktop", "HP", "EliteDesk 800 G6", 5_200),
        ("monitor", "Iiyama", "ProLite XUB2493", 4_100),
        ("smartphone", "Fairphone", "Fairphone 4", 225),
    ];
    for i in 0..devices {
        let (category, manufacturer, model, weight) = kinds[i as usize % kinds.len()];
        let data = if category == "monitor" {
            "none"
        } else {
            "holds"
        };
        let stage = if i % 5 == 0 { "in_stock" } else { "in_use" };
        writeln!(
            out,
            "Poste {i},{category},{manufacturer},{model},LIM{i:09},{stage},{data},purchase,new,20{}-0{}-1{},{},{weight}",
            18 + i % 8,
            1 + i % 9,
            i % 10,
            45_000 + i % 900 * 100,
        )?;
    }
    Ok(out.flush()?)
}
