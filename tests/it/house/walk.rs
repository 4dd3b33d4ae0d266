//! The arrows, the sizes, the migrations, the paths.

use super::*;

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
    let long: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
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
