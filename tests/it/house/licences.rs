//! Licences of what is in the binary.

use super::*;

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
