//! Labels, read back by independent programs: `pdftoppm` and `rsvg-convert` draw, `zbarimg` reads.

mod drawn;
mod served;

use reparc::domain::tag::Tag;
use reparc::labels::{Format, Label, Layout, Print, draw};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::server::Server;

const BASE: &str = "https://parc.val-de-lierne.example";

/// Whether the programs are there. Without them a test says that it did not run; in CI it fails.
fn tools(names: &[&str]) -> bool {
    let missing: Vec<&&str> = names
        .iter()
        .filter(|n| Command::new(n).arg("--version").output().is_err())
        .collect();
    if missing.is_empty() {
        return true;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI must have {missing:?}"
    );
    eprintln!("did not run: {missing:?} missing (Debian: poppler-utils zbar-tools librsvg2-bin)");
    false
}

/// Labels with deterministic random tags.
fn labels(count: usize, lines: &[&str]) -> Vec<Label> {
    (0..count as u64)
        .map(|n| {
            let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let tag = Tag::random(mixed.rotate_left(17).to_be_bytes());
            label(tag, lines)
        })
        .collect()
}

fn label(tag: Tag, lines: &[&str]) -> Label {
    Label {
        url: tag.url(BASE),
        tag,
        lines: lines.iter().map(|l| (*l).to_owned()).collect(),
    }
}

fn print(layout: &str) -> Print {
    Print::on(Layout::parse(layout).unwrap())
}

fn run(program: &str, args: &[&str], dir: &Path) -> String {
    let out = Command::new(program)
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// What zbarimg reads in a picture, each code once.
fn read(dir: &Path, picture: &str) -> BTreeSet<String> {
    let args = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture];
    run("zbarimg", &args, dir)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The pages of a PDF at 300 dots per inch.
fn pictures(dir: &Path, pdf: &[u8]) -> Vec<PathBuf> {
    std::fs::write(dir.join("labels.pdf"), pdf).unwrap();
    run(
        "pdftoppm",
        &["-r", "300", "-gray", "labels.pdf", "page"],
        dir,
    );
    let mut pages: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pgm"))
        .collect();
    pages.sort();
    pages
}

/// Every label of a PDF is read by zbarimg, and nothing else is.
fn all_read(labels: &[Label], print: &Print) {
    let dir = tempfile::tempdir().unwrap();
    let pdf = draw(labels, print, Format::Pdf).unwrap();
    let mut found = BTreeSet::new();
    for page in pictures(dir.path(), &pdf) {
        found.extend(read(dir.path(), page.to_str().unwrap()));
    }
    let expected: BTreeSet<String> = labels.iter().map(|l| l.url.clone()).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(
        missing.is_empty() && found == expected,
        "{} of {} missing: {missing:?}",
        missing.len(),
        expected.len()
    );
}
