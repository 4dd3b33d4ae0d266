//! The rules of the house: arrows between floors point down, files stay small, licences are accepted,
//! both engines have the same migrations, nothing reaches outside the repository.

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

#[test]
fn every_arrow_points_down() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let crates = dependencies();
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        let first = inside.components().next().unwrap().as_os_str();
        let floor = first.to_str().unwrap().trim_end_matches(".rs");
        if matches!(floor, "lib" | "main") {
            continue;
        }
        let Some(below) = floors.get(floor) else {
            wrong.push(format!("{floor}: a new floor; give it its place in FLOORS"));
            continue;
        };
        let source = fs::read_to_string(&path).unwrap();
        let tokens = tokens(&source);
        for name in of_ours(&path, &tokens) {
            let for_all = name == "error" || (name == "settings" && floor != "domain");
            let known = floors.contains_key(name.as_str());
            if known && !for_all && name != floor && !below.contains(&name.as_str()) {
                wrong.push(format!("{}: {floor} → {name}", short(&path)));
            }
        }
        for name in of_others(&tokens, &crates) {
            let kept = KEPT_BY.iter().find(|(kept, _)| *kept == name);
            if kept.is_some_and(|(_, by)| !by.contains(&floor))
                || (floor == "domain" && !OF_DOMAIN.contains(&name.as_str()))
            {
                wrong.push(format!("{}: {floor} uses {name}", short(&path)));
            }
        }
        if floor == "domain" {
            let code = tokens.concat();
            let found = IMPURE.iter().filter(|word| code.contains(**word));
            wrong.extend(found.map(|word| format!("{}: domain uses {word}", short(&path))));
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that point up:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_walk_sees_what_it_should() {
    let path = root().join("src/db/scope.rs");
    let source = r##"
        //! crate::cli in a comment
        use crate::{domain::tag::Tag, http, app::{clock, actor}};
        use super::super::labels::qr;
        fn f() { let s = "crate::exchange"; let c = '"'; crate::jobs::run(diesel::sql_query(r#"crate::i18n"#)); }
        use actix_web;
        fn g() { let x = y::r2d2::z; }
    "##;
    let tokens = tokens(source);
    let ours: Vec<_> = of_ours(&path, &tokens).into_iter().collect();
    assert_eq!(ours, ["app", "domain", "http", "jobs", "labels"]);
    let others: Vec<_> = of_others(&tokens, &dependencies()).into_iter().collect();
    assert_eq!(others, ["actix_web", "diesel"]);
}

#[test]
fn files_stay_small() {
    let long: Vec<_> = files("src", "rs")
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{}: {lines} lines", short(&path)))
        .collect();
    assert!(
        long.is_empty(),
        "files that hold two ideas (more than {LONGEST} lines):\n{}",
        long.join("\n")
    );
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| {
                for file in ["up.sql", "down.sql"] {
                    let path = entry.path().join(file);
                    assert!(path.is_file(), "{} is missing", short(&path));
                }
                entry.file_name().into_string().unwrap()
            })
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn nothing_reaches_outside_the_repository() {
    let mut wrong = Vec::new();
    let sources = ["src", "tests", "benches", "migrations"];
    let listed = sources
        .iter()
        .flat_map(|f| ["rs", "sql", "toml", "yml"].map(|ext| files(f, ext)))
        .flatten();
    for path in listed {
        let text = fs::read_to_string(&path).unwrap();
        let of_tests = path.starts_with(root().join("tests"));
        for (n, line) in text.lines().enumerate() {
            for (start, _) in line.match_indices("../") {
                if line[..start].ends_with(['.', '/']) {
                    continue;
                }
                let end = line[start..]
                    .find(|c: char| c.is_whitespace() || "\"'`,;)".contains(c))
                    .map_or(line.len(), |len| start + len);
                let target = &line[start..end];
                let samples = target.starts_with("../shared");
                let from = path.parent().unwrap().strip_prefix(root()).unwrap();
                if (samples && !of_tests) || (!samples && climbs_out(from, target)) {
                    wrong.push(format!("{}:{}: {target}", short(&path), n + 1));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "paths out of the repository:\n{}",
        wrong.join("\n")
    );
}

fn climbs_out(from: &Path, target: &str) -> bool {
    let mut depth = from.components().count();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

/// Whether an SPDX expression can be met with the accepted licences alone.
fn accepted(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any(&words);
    met && rest.is_empty()
}

fn any<'a, 'b>(words: &'b [&'a str]) -> (bool, &'b [&'a str]) {
    let (mut met, mut rest) = every(words);
    while rest.first() == Some(&"OR") {
        let (one, after) = every(&rest[1..]);
        met |= one;
        rest = after;
    }
    (met, rest)
}

fn every<'a, 'b>(words: &'b [&'a str]) -> (bool, &'b [&'a str]) {
    let (mut met, mut rest) = single(words);
    while rest.first() == Some(&"AND") {
        let (one, after) = single(&rest[1..]);
        met &= one;
        rest = after;
    }
    (met, rest)
}

fn single<'a, 'b>(words: &'b [&'a str]) -> (bool, &'b [&'a str]) {
    match words {
        ["(", inner @ ..] => {
            let (met, rest) = any(inner);
            assert_eq!(rest.first(), Some(&")"), "unbalanced licence expression");
            (met, &rest[1..])
        }
        [name, "WITH", _, rest @ ..] | [name, rest @ ..] => (LICENCES.contains(name), rest),
        [] => (false, &[]),
    }
}

#[test]
fn licence_expressions_are_read() {
    assert!(accepted("MIT/Apache-2.0"));
    assert!(accepted("GPL-3.0-or-later OR MIT"));
    assert!(accepted("(MIT OR GPL-2.0) AND Unicode-3.0"));
    assert!(accepted("Apache-2.0 WITH LLVM-exception"));
    assert!(!accepted("GPL-3.0-or-later"));
    assert!(!accepted("MIT AND LGPL-2.1"));
    assert!(!accepted(""));
}

#[test]
fn licences_of_the_binary_are_accepted() {
    let run = |program: &str, args: &[&str]| {
        let output = std::process::Command::new(program)
            .args(args)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let version = run("rustc", &["-vV"]);
    let host = version
        .lines()
        .find_map(|l| l.strip_prefix("host: "))
        .unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let json = run(
        &cargo,
        &[
            "metadata",
            "--format-version=1",
            "--locked",
            "--offline",
            "--filter-platform",
            host,
        ],
    );
    let metadata: serde_json::Value = serde_json::from_str(&json).unwrap();
    let licence: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            (
                p["id"].as_str().unwrap(),
                p["license"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let nodes: BTreeMap<&str, &serde_json::Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (n["id"].as_str().unwrap(), &n["deps"]))
        .collect();
    let mut todo = vec![metadata["resolve"]["root"].as_str().unwrap()];
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dep in nodes[id].as_array().unwrap() {
            let kinds = dep["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|k| k["kind"] != "dev") {
                todo.push(dep["pkg"].as_str().unwrap());
            }
        }
    }
    assert!(
        seen.len() > 100,
        "the walk found {} packages only",
        seen.len()
    );
    let refused: Vec<_> = seen
        .into_iter()
        .filter(|id| !accepted(licence[id]))
        .map(|id| format!("{id}: {}", licence[id]))
        .collect();
    assert!(
        refused.is_empty(),
        "licences not accepted:\n{}",
        refused.join("\n")
    );
}
