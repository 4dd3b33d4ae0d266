//! `reparc import` killed ten times: each start goes on where the last one stood.

use std::process::Stdio;
use std::time::Duration;

use rand::RngExt;
use serde_json::Value;

use super::chance;
use super::place::on_both_places;

const ROWS: usize = 1500;

on_both_places! {
    fn an_import_killed_ten_times_ends(place) {
        let mut chance = chance();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("big.csv");
        let mut text = String::from("name,serial,manufacturer,category\n");
        for i in 0..ROWS {
            text.push_str(&format!("PC {i},KILL-{i:05},Dell,laptop\n"));
        }
        std::fs::write(&file, text).unwrap();
        let start = || {
            place
                .command(&["import", file.to_str().unwrap(), "--json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        place.run(&["migrate"]);
        for round in 0..10_u64 {
            let mut child = start();
            std::thread::sleep(Duration::from_millis(50 + round * 60 + chance.random_range(0..120)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        for state in ["whatever the kills have left", "nothing"] {
            let end = start().wait_with_output().unwrap();
            let report: Value = serde_json::from_slice(&end.stdout).unwrap();
            assert_eq!(report["rows"], ROWS, "{report}");
            assert_eq!(report["conflicts"], 0, "{report}");
            assert_eq!(report["rejected"], 0, "{report}");
            if state == "nothing" {
                assert_eq!(report["unchanged"], ROWS, "{report}");
            }
        }
        assert_eq!(place.export("devices").len(), ROWS, "each once");
        assert_eq!(place.export("events").len(), 2 * ROWS, "an adopt and a describe each");
        place.verify();
    }
}
