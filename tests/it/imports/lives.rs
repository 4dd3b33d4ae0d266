//! Devices that have left, and days that cannot follow each other.

use super::*;

/// Row, column, reason and outcome of each problem.
fn told(report: &Report) -> Vec<(u64, &str, &str, &str)> {
    let problems = report.problems.iter().map(|p| {
        (
            p.row,
            p.column.as_deref().unwrap_or_default(),
            p.reason.as_deref().unwrap_or_default(),
            p.outcome.as_deref().unwrap_or_default(),
        )
    });
    problems.collect()
}

#[test]
fn what_has_left_is_never_changed_in_silence() {
    for (_db, app) in programs() {
        let first = "name,serial,category,stage,exit_kind,gone_on\n\
A,SER-A,laptop,gone,sale,2023-05-01\n\
B,SER-B,laptop,gone,,\n";
        assert_eq!(account(&done(&app, first)), (2, 2, 0, 0, 0, 0));
        let before = all(&app);
        let second = "name,serial,category,weight (g),asset tag,Étage\n\
A bis,SER-A,laptop,1500,INV-1,2\n\
B,SER-B,laptop,1600,,\n";
        for depth in [Depth::Look, Depth::Commit] {
            let report = give(&app, second, depth).unwrap();
            assert_eq!(account(&report), (2, 0, 0, 0, 0, 2));
            assert_eq!(
                told(&report),
                [
                    (2, "name", "gone", "conflict"),
                    (2, "codes", "gone", "conflict"),
                    (2, "weight_g", "gone", "conflict"),
                    (2, "extra.etage", "gone", "conflict"),
                    (3, "weight_g", "gone_undated", "conflict"),
                ]
            );
            let name = &report.problems[0];
            assert_eq!(name.values["on"], "2023-05-01");
            assert_eq!(
                (&name.values["here"], &name.values["said"]),
                (&json!("A"), &json!("A bis"))
            );
            assert!(
                name.message.contains("has left on 2023-05-01"),
                "{}",
                name.message
            );
            assert_eq!(report.changes, []);
        }
        assert_eq!(all(&app), before);
        // A file that says nothing else is no conflict.
        let same = "name,serial,category\nA,SER-A,laptop\nB,SER-B,laptop\n";
        assert_eq!(account(&done(&app, same)), (2, 0, 0, 2, 0, 0));
    }
}

#[test]
fn days_that_contradict_a_life_are_written_and_told() {
    for (_db, app) in programs() {
        let first = "name,serial,category,condition,manufactured_on,acquired_on,first_use_on,stage,retired_on\n\
A,SER-A,laptop,new,2020-01-10,2024-03-01,2024-02-29,,\n\
B,SER-B,laptop,second_hand,2020-01-10,2024-03-01,2021-02-28,,\n\
C,SER-C,laptop,new,2024-03-02,2024-03-01,2024-03-03,,\n\
D,SER-D,laptop,,,2019-01-01,2019-01-01,retired,2023-06-01\n";
        let report = done(&app, first);
        assert_eq!(account(&report), (4, 4, 0, 0, 0, 0));
        assert_eq!(
            told(&report),
            [
                (2, "acquired_on", "contradicts_life", ""),
                (4, "manufactured_on", "contradicts_life", ""),
            ]
        );
        let a = &report.problems[0];
        assert_eq!(a.code, "contradicts_life");
        assert_eq!(
            (&a.values["day"], &a.values["other"], &a.values["other_day"]),
            (
                &json!("2024-03-01"),
                &json!("first_use_on"),
                &json!("2024-02-29")
            )
        );
        let known = |name: &str| {
            let found = all(&app).into_iter().find(|d| d["name"] == name);
            found.unwrap()["acquired_on"].clone()
        };
        assert_eq!(known("A"), "2024-03-01", "written as the file says");
        // Against what the ledger knows: bought after its réforme.
        let second = "name,serial,category,acquired_on\nD,SER-D,laptop,2023-06-02\n";
        let report = done(&app, second);
        assert_eq!(account(&report), (1, 0, 1, 0, 0, 0));
        assert_eq!(told(&report), [(2, "acquired_on", "contradicts_life", "")]);
        assert_eq!(known("D"), "2023-06-02");
        // What changes nothing says nothing.
        assert_eq!(told(&done(&app, second)), []);
    }
}

/// A list made from our own labels calls their tags inventory numbers.
#[test]
fn an_inventory_number_that_is_our_tag_means_the_device() {
    for (_db, app) in programs() {
        done(&app, "name,serial,category\nA,SER-A,laptop\n");
        let tag = all(&app)[0]["tag"].as_str().unwrap().to_owned();
        let shown = format!("{}-{}-{}", &tag[..3], &tag[3..6], &tag[6..]);
        let file = format!("Inventory number,name\n{shown},A\n");
        assert_eq!(account(&done(&app, &file)), (1, 0, 0, 1, 0, 0));
        let file =
            format!("Inventory number,name,category\n{shown},A bis,laptop\nINV-7,B,laptop\n");
        assert_eq!(account(&done(&app, &file)), (2, 1, 1, 0, 0, 0));
        assert_eq!(all(&app).len(), 2);
    }
}
