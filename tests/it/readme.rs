//! The README is true: its commands exist, its table of settings is the program's, its tour runs.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

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
    let untold: Vec<_> = real.difference(&written).collect();
    assert!(untold.is_empty(), "not in the README: {untold:?}");
}
