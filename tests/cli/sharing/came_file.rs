//! The file that a share was read from: a copy that a statement of deletion has to do with.

use std::fs;

use serde_json::Value;

use super::both_sides::Two;
use crate::support::env::number;

/// Bob has received a share; its file is where he read it.
fn received() -> (Two, String, String) {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    (two, file, id)
}

fn attest<'a>(two: &'a Two, id: &str, outside: &str) -> crate::support::call::Call<'a> {
    let args = ["attest", id, "--yes", "--outside", outside, "--out"];
    two.bob.call(&[&args[..], &["gone.json"]].concat())
}

fn statement(two: &Two) -> Value {
    let text = fs::read_to_string(two.bob.path("gone.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_str(document["body"].as_str().unwrap()).unwrap()
}

#[test]
fn it_is_told_where_it_lies_and_whether_it_is_there() {
    let (two, file, id) = received();
    let list = || {
        two.bob
            .call(&["shares", "--received", "--json"])
            .ok()
            .json()[0]
            .clone()
    };
    assert_eq!(list()["file"], file);
    assert_eq!(list()["file_state"], "there");
    let show = ["shares", "show", &number(&id)];
    two.bob
        .call(&show)
        .ok()
        .shows(&format!("file: {file} (still there)"));
    fs::remove_file(&file).unwrap();
    assert_eq!(list()["file_state"], "gone");
    two.bob.call(&show).ok().shows("no longer there");
    fs::write(&file, "another download of that name").unwrap();
    assert_eq!(list()["file_state"], "gone");
}

#[test]
fn nobody_says_that_there_are_no_copies_while_it_is_there() {
    let (two, file, id) = received();
    let before = two.bob.generation();
    attest(&two, &id, "none")
        .fails(6)
        .says(&format!("{file} is still there"))
        .hints(&format!("rm {file}"))
        .hints("--outside TEXT");
    assert_eq!(two.bob.generation(), before);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    fs::remove_file(&file).unwrap();
    attest(&two, &id, "none").ok();
    let said = statement(&two);
    let place = &said["locations"][1];
    assert_eq!(place["where"], "the file share.age, as the share came");
    assert_eq!(place["method"], "it is no longer where it was read from");
    let text = said.to_string();
    let home = two.bob.home();
    assert!(!text.contains(home.to_str().unwrap()), "its folder: {text}");
}

#[test]
fn what_is_said_of_copies_elsewhere_does_not_explain_it_away() {
    let (two, file, id) = received();
    let before = two.bob.generation();
    attest(&two, &id, "the file that came, deleted right after this")
        .fails(6)
        .says(&format!("{file} is still there"));
    assert_eq!(two.bob.generation(), before);
    let archive = two.bob.file("archive.age", fs::read(&file).unwrap());
    fs::remove_file(&file).unwrap();
    attest(&two, &id, "the file, in the sealed archive").ok();
    let said = statement(&two);
    let place = &said["locations"][1];
    assert_eq!(place["method"], "it is no longer where it was read from");
    assert_eq!(said["outside"], "the file, in the sealed archive");
    assert!(fs::exists(archive).unwrap());
}

#[test]
fn of_what_another_device_read_the_statement_says_so() {
    let (two, _, id) = received();
    fs::remove_dir_all(two.bob.state()).unwrap();
    let list = two
        .bob
        .call(&["shares", "--received", "--json"])
        .ok()
        .json();
    assert_eq!(list[0]["file_state"], "elsewhere");
    attest(&two, &id, "none").ok();
    let said = statement(&two);
    let kept = said["retained"].as_array().unwrap().last().unwrap().clone();
    let reason = kept["reason"].as_str().unwrap();
    assert!(reason.contains("another device"), "{reason}");
}

#[test]
fn the_file_of_an_earlier_share_of_the_same_entry_counts_too() {
    let (two, first, id) = received();
    two.alice
        .call(&["rotate", "acme/wp", "--stdin"])
        .stdin("changed")
        .ok();
    let made = two
        .alice
        .call(&["share", "--update", &id, "--out", "-"])
        .ok();
    let second = two.bob.file("second.age", made.bytes());
    two.bob.call(&["receive", "--accept-terms", &second]).ok();
    fs::remove_file(&second).unwrap();
    let list = two
        .bob
        .call(&["shares", "--received", "--json"])
        .ok()
        .json();
    let held = list.as_array().unwrap().last().unwrap()["id"].clone();
    attest(&two, held.as_str().unwrap(), "none")
        .fails(6)
        .says(&format!("{first} is still there"));
}

#[test]
fn a_file_without_the_entry_that_is_deleted_is_no_copy_of_it() {
    let (two, first, _) = received();
    let both = ["share", "acme/wp", "acme/db", "--to", "bob", "--out", "-"];
    let both = two.alice.call(&both).ok();
    let both = two.bob.file("both.age", both.bytes());
    two.bob.call(&["receive", "--accept-terms", &both]).ok();
    let list = two.bob.call(&["shares", "--received", "--live", "--json"]);
    let list = list.ok().json();
    let later = list.as_array().unwrap().last().unwrap()["id"].clone();
    let later = later.as_str().unwrap();
    let only = |entry| {
        let args = [
            "attest",
            later,
            "--only",
            entry,
            "--yes",
            "--outside",
            "none",
        ];
        two.bob
            .call(&[&args[..], &["--out", &format!("{}.json", &entry[5..])]].concat())
    };
    only("acme/db").fails(6).says(&both).hides(&first);
    fs::remove_file(&both).unwrap();
    two.bob
        .call(&["rm", "acme/db", "--yes"])
        .ok()
        .tells(&format!("vault attest {} --only acme/db", number(later)));
    only("acme/db").ok();
    only("acme/wp").fails(6).says(&first);
}

#[test]
fn what_came_through_a_pipe_has_no_file() {
    let two = Two::new();
    let (file, id) = two.share();
    let receive = ["receive", "--accept-terms", "-"];
    two.bob.call(&receive).stdin(fs::read(&file).unwrap()).ok();
    let list = two
        .bob
        .call(&["shares", "--received", "--json"])
        .ok()
        .json();
    assert_eq!(list[0]["file"], Value::Null);
    attest(&two, &id, "none").ok();
    assert_eq!(statement(&two)["locations"].as_array().unwrap().len(), 1);
}

#[test]
fn each_file_that_is_still_there_is_named_at_once() {
    let (two, first, id) = received();
    let edit = ["edit", "acme/wp", "--secret"];
    two.alice.call(&edit).stdin("hunter3").ok();
    let update = ["share", "--update", &id, "--out", "-"];
    let update = two.alice.call(&update).ok();
    let second = two.bob.file("second.age", update.bytes());
    two.bob.call(&["receive", "--accept-terms", &second]).ok();
    let list = two.bob.call(&["shares", "--received", "--live", "--json"]);
    let newest = list.ok().json()[0]["id"].as_str().unwrap().to_owned();
    attest(&two, &newest, "none")
        .fails(6)
        .says(&first)
        .says(&second)
        .says("are still there")
        .hints(&format!("rm {first} {second}"));
    fs::remove_file(&first).unwrap();
    fs::remove_file(&second).unwrap();
    attest(&two, &newest, "none").ok();
    let list = two.bob.call(&["shares", "--received", "--json"]).ok();
    let all = list.json();
    let states: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["state"])
        .collect();
    assert_eq!(
        states,
        ["superseded", "deleted"],
        "one statement is of both"
    );
}
