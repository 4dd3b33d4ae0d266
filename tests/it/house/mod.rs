//! The rules of the house: arrows between floors point down, files stay small, licences are accepted,
//! both engines have the same migrations, nothing reaches outside the repository.

mod licences;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What each floor may use of ours; `error` and `settings` serve everybody above `domain`.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "http", "jobs", "app", "db", "exchange", "labels", "domain", "i18n",
        ],
    ),
    (
        "http",
        &["jobs", "app", "db", "exchange", "labels", "domain", "i18n"],
    ),
    (
        "jobs",
        &["app", "db", "exchange", "labels", "domain", "i18n"],
    ),
    ("app", &["db", "exchange", "labels", "domain", "i18n"]),
    ("db", &["domain"]),
    ("exchange", &["domain", "i18n"]),
    ("labels", &["domain", "i18n"]),
    ("i18n", &["domain"]),
    ("domain", &[]),
    ("error", &[]),
    ("settings", &[]),
];

/// Crates that only one part of the house may name.
const KEPT_BY: &[(&str, &[&str])] = &[
    ("diesel", &["db"]),
    ("diesel_migrations", &["db"]),
    ("r2d2", &["db"]),
    ("actix_web", &["http"]),
    ("actix_multipart", &["http"]),
    // The shapes of answers are made by the use cases and documented where they are made.
    ("utoipa", &["app", "http"]),
    ("clap", &["cli", "settings"]),
    ("pdf_writer", &["labels"]),
    ("qrcode", &["labels"]),
    ("rust_xlsxwriter", &["exchange"]),
    ("lopdf", &["exchange"]),
    ("rustix", &["cli"]),
];

/// All that the domain may name besides the standard library: values, not frameworks.
const OF_DOMAIN: &[&str] = &[
    "chrono",
    "chrono_tz",
    "csv",
    "getrandom",
    "serde",
    "serde_json",
    "serde_path_to_error",
    "sha2",
    "uuid",
];

/// Ways out of a pure function, refused in the domain.
const IMPURE: &[&str] = &[
    "Utc::now",
    "Local::now",
    "SystemTime",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
];

/// Lines a source file may have.
const LONGEST: usize = 500;

/// Licences of dependencies that may be in the binary. None asks that the program as a whole be relicensed.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder of the repository whose names end in `.ext`.
fn files(folder: &str, ext: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(folder)];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == ext) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The words and signs of a Rust source, without comments, texts and characters.
fn tokens(source: &str) -> Vec<String> {
    let mut all = Vec::new();
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut i = 0;
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            while i < chars.len() && !(at(i) == '*' && at(i + 1) == '/') {
                i += 1;
            }
            i += 2;
        } else if c == 'r' && (at(i + 1) == '"' || (at(i + 1) == '#' && "#\"".contains(at(i + 2))))
        {
            let signs = (i + 1..).take_while(|&j| at(j) == '#').count();
            i += signs + 2;
            while i < chars.len() && !(at(i) == '"' && (1..=signs).all(|k| at(i + k) == '#')) {
                i += 1;
            }
            i += signs + 1;
        } else if c == '"' {
            i += 1;
            while i < chars.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < chars.len() && at(i) != '\'' {
                i += 1;
            }
            i += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let start = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            all.push(chars[start..i].iter().collect());
        } else if c == ':' && at(i + 1) == ':' {
            all.push("::".to_owned());
            i += 2;
        } else {
            if !c.is_whitespace() {
                all.push(c.to_string());
            }
            i += 1;
        }
    }
    all
}

/// First words of what follows position `i`: one name, or those of a `{…}` group.
fn heads(tokens: &[String], i: usize) -> Vec<&str> {
    match tokens.get(i).map(String::as_str) {
        Some("{") => {
            let (mut depth, mut first, mut found) = (0, true, Vec::new());
            for token in &tokens[i..] {
                match token.as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    "," if depth == 1 => first = true,
                    name if depth == 1 && first => {
                        found.push(name);
                        first = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            found
        }
        Some(name) => vec![name],
        None => Vec::new(),
    }
}

/// Modules of ours at the top of the crate that a file names, by `crate::` or by climbing with `super::`.
fn of_ours(path: &Path, tokens: &[String]) -> BTreeSet<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let own_name = !path.ends_with("mod.rs");
    let depth = inside.components().count() - usize::from(!own_name);
    let mut found = BTreeSet::new();
    for i in 0..tokens.len() {
        let before = i.checked_sub(1).map(|j| tokens[j].as_str());
        if before == Some("::") || tokens.get(i + 1).is_none_or(|t| t != "::") {
            continue;
        }
        let climbs = (i..)
            .step_by(2)
            .take_while(|&j| tokens.get(j).is_some_and(|t| t == "super"))
            .count();
        let next = match tokens[i].as_str() {
            "crate" => i + 2,
            "super" if climbs == depth => i + 2 * climbs,
            _ => continue,
        };
        found.extend(heads(tokens, next).into_iter().map(str::to_owned));
    }
    found
}

/// Crates a file names: those of the list that are followed by `::` and do not follow it, or stand in a `use`.
fn of_others(tokens: &[String], crates: &BTreeSet<String>) -> BTreeSet<String> {
    let named = |i: usize| {
        let before = i.checked_sub(1).map(|j| tokens[j].as_str());
        let after = tokens.get(i + 1).map(String::as_str);
        before != Some("::")
            && before != Some("mod")
            && (after == Some("::") || before == Some("use"))
    };
    (0..tokens.len())
        .filter(|&i| crates.contains(&tokens[i]) && named(i))
        .map(|i| tokens[i].clone())
        .collect()
}

/// Names of the dependencies in Cargo.toml, as code spells them.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let table = manifest["dependencies"].as_table().unwrap();
    table.keys().map(|k| k.replace('-', "_")).collect()
}
