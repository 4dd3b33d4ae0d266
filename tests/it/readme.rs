//! The README is true: its commands exist, its table of settings is the program's, its tour runs.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// What stands between `<!-- NAME: … -->` and `<!-- /NAME -->`.
fn section(readme: &str, name: &str) -> String {
    let start = readme.find(&format!("<!-- {name}:")).unwrap();
    let start = start + readme[start..].find("-->").unwrap() + 3;
    let end = readme.find(&format!("<!-- /{name} -->")).unwrap();
    readme[start..end].trim().to_owned()
}

#[test]
fn the_table_of_settings_is_the_programs() {
    let mut table = String::from("| flag | environment | default | |\n|---|---|---|---|\n");
    for setting in reparc::settings::list() {
        let default = setting
            .default
            .map(|d| format!("`{d}`"))
            .unwrap_or_default();
        writeln!(
            table,
            "| `--{}` | `{}` | {default} | {} |",
            setting.flag, setting.variable, setting.help
        )
        .unwrap();
    }
    let written = section(&readme(), "settings");
    assert!(written == table.trim(), "the README should say:\n{table}");
}

#[test]
fn the_table_of_commands_is_the_programs() {
    let readme = readme();
    let start = readme.find("## Commands").unwrap();
    let end = start + readme[start..].find("## Settings").unwrap();
    let section = &readme[start..end];
    let written: BTreeSet<&str> = section
        .match_indices("`reparc ")
        .filter_map(|(at, before)| section[at + before.len()..].split([' ', '`']).next())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    let program = reparc::cli::definition();
    let real: BTreeSet<&str> = program
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        .map(|c| c.get_name())
        .collect();
    assert_eq!(written, real, "left: in the README; right: in the program");
}
/// A served program that ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_tour_runs() {
    let readme = readme();
    let start = readme.find("```sh tour\n").unwrap() + "```sh tour\n".len();
    let tour = &readme[start..start + readme[start..].find("```").unwrap()];
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var("CI").is_err(), "curl is missing");
        println!("NOT RUN: the README's tour (curl is missing)");
        return;
    }

    let dir = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_reparc"));
    let database = "sqlite://tour.db";
    let mut server = Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("REPARC_DATABASE_URL", database)
        .current_dir(dir.path())
        .stderr(Stdio::piped())
        .spawn()
        .map(Served)
        .unwrap();
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let url = lines
        .find_map(|l| l.unwrap().strip_prefix("listening on ").map(str::to_owned))
        .unwrap();
    std::thread::spawn(move || lines.for_each(drop));

    let mut path = vec![binary.parent().unwrap().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", tour])
        .env("URL", url)
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("REPARC_DATABASE_URL", database)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{words}");
    let mut rest = &printed[..];
    for promised in tour.lines().filter_map(|l| l.strip_prefix("#=> ")) {
        let at = rest
            .find(promised)
            .unwrap_or_else(|| panic!("{promised} is not printed in\n{rest}\n{words}"));
        rest = &rest[at + promised.len()..];
    }
    for file in ["label.svg", "devices.csv"] {
        assert!(
            dir.path().join(file).metadata().unwrap().len() > 100,
            "{file}"
        );
    }
}
