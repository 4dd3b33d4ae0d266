//! Reparc beside the bare programs: every job in rounds, ours, bare and naked in turn, medians of the rounds.
//! Absolute figures drift with the machine's mood; ratios taken side by side in one run count.

mod bulk;
mod load;
mod process;
mod table;
mod web;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::Result;
use process::Server;
use table::Table;

/// What to compare, and for how long.
#[derive(Args)]
pub struct Compare {
    /// The release binary of Reparc
    #[arg(long)]
    reparc: PathBuf,
    /// Devices in the seeded fleet and in the bare table
    #[arg(long, default_value_t = 100_000)]
    devices: u32,
    /// Rounds of each job; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of load per job, program and round
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// Folder for the databases; it needs about 2 kB a device
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// The three programs on databases of the same size, ready to be asked.
struct Field {
    devices: u32,
    rounds: usize,
    seconds: u32,
    folder: PathBuf,
    reparc: PathBuf,
    limits: PathBuf,
    /// Token of an administrator at the root.
    token: String,
    /// Tags of ours that are in use or in stock.
    tags: Vec<String>,
}

impl Compare {
    /// Makes the databases, runs every job, prints the table on stdout.
    pub fn run(self) -> Result<()> {
        let field = Field::make(self)?;
        let mut table = Table::new(field.devices, field.rounds);
        bulk::export(&field, &mut table)?;
        bulk::import(&field, &mut table)?;
        field.start_and_memory(&mut table)?;
        {
            let ours = field.ours()?;
            let bare = field.bare("bare")?;
            let naked = field.bare("naked")?;
            web::reads(&field, &ours, &bare, &naked, &mut table)?;
            web::events(&field, &ours, &bare, &mut table)?;
        }
        // A fresh server: one that has done much has taken its memory already.
        web::export_memory(&field, &field.ours()?, &mut table)?;
        let ours = field.ours()?;
        web::indicators(&field, &ours, &mut table)?;
        web::labels(&field, &ours, &mut table)?;
        web::scan_during_import(&field, &ours, &mut table)?;
        table.print();
        Ok(())
    }
}

impl Field {
    fn make(compare: Compare) -> Result<Field> {
        let folder = compare.folder.join(compare.devices.to_string());
        std::fs::create_dir_all(&folder)?;
        let mut field = Field {
            devices: compare.devices,
            rounds: compare.rounds.max(1),
            seconds: compare.seconds,
            folder: folder.canonicalize()?,
            reparc: compare.reparc.canonicalize()?,
            limits: std::env::current_exe()?,
            token: String::new(),
            tags: Vec::new(),
        };
        let n = field.devices.to_string();
        if !field.folder.join("ours.db").exists() {
            eprintln!("seeding {n} devices");
            process::timed(field.reparc().args(["seed", "--devices", &n]))?;
        }
        if !field.folder.join("bare.db").exists() {
            let bare = field.folder.join("bare.db");
            process::timed(Command::new(&field.limits).arg("load").arg(bare).arg(&n))?;
        }
        let mut create = field.reparc();
        create.args([
            "token",
            "create",
            "--name",
            "bench",
            "--role",
            "administrator",
        ]);
        field.token = process::output(&mut create)?.trim().to_owned();
        let csv = field.folder.join("tags.csv");
        process::timed(field.reparc().args(["export", "devices", "-o"]).arg(&csv))?;
        field.tags = live_tags(&csv)?;
        Ok(field)
    }

    /// A command of ours on the seeded database.
    fn reparc(&self) -> Command {
        self.reparc_on("ours.db")
    }

    fn reparc_on(&self, database: &str) -> Command {
        let mut command = Command::new(&self.reparc);
        let path = self.folder.join(database);
        command
            .env(
                "REPARC_DATABASE_URL",
                format!("sqlite://{}", path.display()),
            )
            .env("REPARC_LOG", "error")
            .env("REPARC_RATE_LIMIT", "0")
            .current_dir(&self.folder);
        command
    }

    fn ours(&self) -> Result<Server> {
        Server::start(self.reparc().args(["serve", "--listen", "127.0.0.1:0"]))
    }

    fn bare(&self, mode: &str) -> Result<Server> {
        let database = self.folder.join("bare.db");
        Server::start(
            Command::new(&self.limits)
                .arg("serve")
                .arg(database)
                .arg(mode),
        )
    }

    /// Cold start (to the first answer of `/healthz`) and memory then, ours and the naked program's in turn.
    fn start_and_memory(&self, table: &mut Table) -> Result<()> {
        let mut start = [Vec::new(), Vec::new()];
        let mut memory = [Vec::new(), Vec::new()];
        for _ in 0..self.rounds.max(5) {
            for (i, ours) in [(0, true), (1, false)] {
                let server = if ours {
                    self.ours()?
                } else {
                    self.bare("naked")?
                };
                server.wait_healthy()?;
                start[i].push(server.started.elapsed().as_secs_f64() * 1e3);
                std::thread::sleep(std::time::Duration::from_millis(300));
                memory[i].push(server.memory("VmRSS")?);
            }
        }
        let [ours, naked] = start.map(table::median);
        table.row(
            "cold start, ms",
            ours,
            None,
            Some(naked),
            "≤ 10 × naked",
            ours / naked <= 10.0,
        );
        let [ours, naked] = memory.map(table::median);
        table.row(
            "memory at rest, MB",
            ours,
            None,
            Some(naked),
            "≤ 12 × naked",
            ours / naked <= 12.0,
        );
        Ok(())
    }
}

/// Tags of the devices in use or in stock, from an export.
fn live_tags(csv: &Path) -> Result<Vec<String>> {
    let mut reader = csv::Reader::from_path(csv)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|h| h == name)
            .ok_or(format!("no column {name}"))
    };
    let (tag, stage) = (column("tag")?, column("stage")?);
    let mut tags = Vec::new();
    for record in reader.records() {
        let record = record?;
        if matches!(&record[stage], "in_use" | "in_stock") {
            tags.push(record[tag].to_owned());
        }
    }
    Ok(tags)
}
