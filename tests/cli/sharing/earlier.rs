//! An entry that one sender shares more than once: it is one at the recipient, and is deleted with all
//! that brought it.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::both_sides::Two;
use super::ended_parts::{ack, attest, both_shared, held};
use crate::cli::sync::second_device;

/// The share in the place of one, as a file in bob's folder, and its id.
fn update(two: &Two, first: &str) -> (String, String) {
    let before = two.ids();
    let made = ["share", "--update", first, "--out", "-"];
    let made = two.alice.call(&made).ok();
    let mut new = two.ids();
    new.retain(|id| !before.contains(id));
    (two.bob.file("share.age", made.bytes()), new.remove(0))
}

#[test]
fn an_update_of_what_is_in_the_trash_brings_it_back_and_is_deleted_with_it() {
    let two = Two::new();
    let first = both_shared(&two);
    two.bob.call(&["rm", "acme/wp", "acme/db", "--yes"]).ok();
    two.bob.add("acme/db", "bobs-own");
    let (file, last) = update(&two, &first);
    two.bob
        .call(&["receive", "--accept-terms", "--into", "other", &file])
        .fails(7)
        .hints("vault trash restore acme/wp, then vault mv acme/wp other/");
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .ok()
        .tells("acme/wp was in the trash, from an earlier share of theirs, and is restored")
        .tells("acme/db-2 was in the trash")
        .hides("closed");
    let listed = "acme/db\nacme/db-2\nacme/wp\n";
    two.bob.call(&["list"]).ok().prints(listed);
    two.bob.call(&["trash", "list"]).ok().prints("");
    assert_eq!(two.bob.secret("acme/db"), "bobs-own");
    assert_eq!(two.bob.secret("acme/db-2"), "canary-db");
    two.bob.call(&["rm", "acme/wp", "--yes"]).ok();
    fs::remove_file(&file).unwrap();
    attest(&two, &[&last]);
    two.bob.call(&["trash", "list"]).ok().prints("");
    two.bob.call(&["list"]).ok().prints("acme/db\n");
    let states = held(&two);
    assert_eq!(
        (&states[0]["state"], &states[1]["state"]),
        (&json!("superseded"), &json!("deleted"))
    );
    two.bob.call(&["verify", "--full"]).ok();
}

#[test]
fn what_two_devices_took_in_of_one_entry_is_deleted_with_the_last_share_of_it() {
    let two = Two::new();
    let desktop = second_device(&two.bob);
    let first = both_shared(&two);
    let (file, last) = update(&two, &first);
    let there = desktop.file("share.age", fs::read(&file).unwrap());
    fs::remove_file(&file).unwrap();
    // Which of two devices came first is known by the second.
    thread::sleep(Duration::from_millis(1100));
    desktop.call(&["receive", "--accept-terms", &there]).ok();
    fs::remove_file(&there).unwrap();
    let copy = two
        .bob
        .file("copy.age", fs::read(desktop.vault_file()).unwrap());
    two.bob.call(&["merge", &copy]).ok();
    let entries = two.bob.call(&["list", "--json"]).ok().json();
    assert_eq!(entries.as_array().unwrap().len(), 4, "{entries}");
    let why = ["--yes", "--outside", "the desktop", "--out", "gone.json"];
    two.bob.call(&[&["attest", &last], &why[..]].concat()).ok();
    two.bob.call(&["list"]).ok().prints("");
    let states = held(&two);
    let mut states: Vec<&Value> = vec![&states[0]["state"], &states[1]["state"]];
    states.sort_by_key(ToString::to_string);
    assert_eq!(states, ["deleted", "superseded"]);
    two.bob.call(&["verify", "--full"]).ok();
}

#[test]
fn the_statement_names_every_backup_since_the_first_share_of_an_entry() {
    let two = Two::new();
    let before = two.bob.generation();
    let first = both_shared(&two);
    two.bob.add("acme/own", "x");
    let (file, last) = update(&two, &first);
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    fs::remove_file(&file).unwrap();
    let now = two.bob.generation();
    attest(&two, &[&last]);
    let text = fs::read_to_string(two.bob.path("gone.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    let kept = body["retained"].to_string();
    let has = |generation: u64| {
        let mut words = kept.split(|it: char| !it.is_ascii_digit());
        words.any(|it| it == generation.to_string())
    };
    assert!(!has(before), "{kept}");
    for generation in before + 1..=now {
        assert!(has(generation), "{generation}: {kept}");
    }
}

#[test]
fn a_copy_that_one_statement_tells_of_is_not_forgotten_for_the_next() {
    let two = Two::new();
    let id = both_shared(&two);
    two.alice.call(&["revoke", &id]).ok();
    let part = ["attest", &id, "--only", "acme/db", "--yes", "--outside"];
    let paper = ["a note on paper", "--out", "gone.json"];
    two.bob.call(&[&part[..], &paper[..]].concat()).ok();
    ack(&two);
    attest(&two, &[&id]);
    ack(&two);
    let who = |entry: &str| two.alice.call(&["who", entry]).ok();
    who("acme/db").shows("copies elsewhere: \"a note on paper\"");
    who("acme/wp").hides("paper");
    let told = two.alice.call(&["who", "acme/db", "--json"]).ok().json();
    assert_eq!(told[0]["outside"], "a note on paper", "{told}");
    let told = two.alice.call(&["who", "acme/wp", "--json"]).ok().json();
    assert_eq!(told[0]["outside"], Value::Null, "{told}");
}
