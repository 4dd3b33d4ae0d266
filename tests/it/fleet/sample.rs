//! `reparc demo` from an empty folder: seeded, served, and found again by a second start.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::support::client::Client;

struct Demo {
    child: Child,
    client: Client,
}

impl Drop for Demo {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn demo(folder: &std::path::Path) -> Demo {
    let mut child = Command::new(env!("CARGO_BIN_EXE_reparc"))
        .args(["demo", "--devices", "60", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines
        .map_while(Result::ok)
        .find(|l| l.starts_with("listening on "))
        .expect("a line that says where it listens");
    let address = line.trim_start_matches("listening on http://").to_owned();
    let mut token = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.by_ref().read_line(&mut token).unwrap();
    let token = Some(token.trim().to_owned());
    Demo {
        child,
        client: Client { address, token },
    }
}

#[test]
fn the_sample_is_served_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut tags = Vec::new();
    for _ in 0..2 {
        let demo = demo(folder.path());
        let page = demo.client.get("/devices?total=true&limit=100").expect(200);
        assert_eq!(page["total"], 60);
        tags.push(page["items"].to_string());
        let figures = demo.client.get("/indicators?scope=tree").expect(200);
        assert!(figures["items"].as_array().unwrap().len() > 10);
    }
    assert_eq!(tags[0], tags[1]);
}
