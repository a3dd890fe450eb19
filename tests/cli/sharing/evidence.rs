//! `shares show`: one share whole, on either side, and what shows it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vault::model::records::event::sha256_hex;

use super::ack_mail::date_header;
use super::both_sides::Two;
use super::share::with_bob;
use crate::support::env::{TestEnv, has_keys, holds, mode_of, number};

/// A share that bob received, that alice ended by a notice, and that he says by mail he deleted.
fn over() -> (Two, String) {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let receipt = two.to_alice(&format!("RECEIPT-{}.json", number(&id)));
    two.alice.call(&["ack", &receipt]).ok();
    let notice = two.bob.path("notice.json");
    two.alice
        .call(&["revoke", &id, "--notice", "notice.json"])
        .ok();
    fs::copy(two.alice.path("notice.json"), &notice).unwrap();
    two.bob.call(&["receive", &notice]).ok();
    let edit = ["contact", "edit", "bob", "--email", "bob@dev.example"];
    two.alice.call(&edit).ok();
    two.alice.file("gone.eml", gone(&id));
    two.alice.call(&["ack", "--mail", "gone.eml"]).ok();
    fs::remove_file(&file).unwrap();
    (two, id)
}

fn gone(id: &str) -> String {
    let number = number(id);
    let date = date_header(-1);
    format!("From: bob@dev.example\r\nSubject: x\r\n{date}\r\nDELETED {number}\r\nBob\r\n")
}

fn kinds(shown: &Value) -> Vec<&str> {
    let papers = shown["papers"].as_array().unwrap().iter();
    papers.map(|it| it["kind"].as_str().unwrap()).collect()
}

/// What is in a file of a folder.
fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

#[test]
fn one_share_is_told_whole() {
    let (two, id) = over();
    let shown = two
        .alice
        .call(&["shares", "show", &id, "--json"])
        .ok()
        .json();
    let item = &shown["items"][0];
    assert_eq!(item["entry"], "acme/wp");
    has_keys(item, &["hosts", "user", "version"]);
    assert_eq!(item["version"], 1);
    assert_eq!(kinds(&shown), ["receipt", "deletion", "notice"]);
    let by: Vec<&Value> = (0..3).map(|at| &shown["papers"][at]["by"]).collect();
    assert_eq!(
        by,
        [
            &json!("signed"),
            &json!("by mail from bob@dev.example"),
            &json!("signed")
        ]
    );
    assert!(shown["papers"][0]["time"].is_string());
    assert_eq!(shown["allowed_by"], "Ann");
    let card = two.alice.call(&["shares", "show", &number(&id)]).ok();
    card.shows("entry: acme/wp: secret, version 1")
        .shows("notice: signed by SHA256:")
        .shows("receipt: signed by SHA256:");
}

#[test]
fn the_evidence_is_each_paper_as_it_came_and_no_secret() {
    let (two, id) = over();
    let show = ["shares", "show", &id];
    two.alice
        .call(&[&show[..], &["--evidence", "papers"]].concat())
        .ok();
    let folder = two.alice.work().join("papers");
    assert_eq!(mode_of(&folder), 0o700);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "README.txt",
        "allowed_signers",
        "deletion.eml",
        "manifest.json",
        "notice.json",
        "notice.txt",
        "notice.txt.sig",
        "receipt.json",
        "receipt.txt",
        "receipt.txt.sig",
    ];
    assert_eq!(names, expected);
    for name in &names {
        let bytes = read(&folder, name);
        assert_eq!(mode_of(&folder.join(name)), 0o600, "{name}");
        assert!(!holds(&bytes, "hunter2"), "{name}");
    }
    let shown = two
        .alice
        .call(&[&show[..], &["--json"]].concat())
        .ok()
        .json();
    let hash = sha256_hex(&read(&folder, "manifest.json"));
    assert_eq!(shown["manifest_sha256"], hash);
    assert_eq!(shown["papers"][0]["manifest_sha256"], hash);
    let came = fs::read(two.bob.path(&format!("RECEIPT-{}.json", number(&id)))).unwrap();
    assert_eq!(read(&folder, "receipt.json"), came);
    let mail = fs::read(two.alice.path("gone.eml")).unwrap();
    assert_eq!(read(&folder, "deletion.eml"), mail);
    let notice = fs::read(two.alice.path("notice.json")).unwrap();
    assert_eq!(read(&folder, "notice.json"), notice);
    let readme = String::from_utf8(read(&folder, "README.txt")).unwrap();
    for part in [
        hash.as_str(),
        "-n vault-receipt -s receipt.txt.sig < receipt.txt",
        "by mail from bob@dev.example",
    ] {
        assert!(readme.contains(part), "{part}: {readme}");
    }
    two.alice
        .call(&[&show[..], &["--evidence", "papers"]].concat())
        .fails(7);
    assert_eq!(two.alice.last_event()["detail"]["what"], "evidence");
}

#[test]
fn a_paper_that_was_laid_out_anew_on_its_way_is_kept_as_it_came() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let name = format!("RECEIPT-{}.json", number(&id));
    let document: Value = serde_json::from_slice(&fs::read(two.bob.path(&name)).unwrap()).unwrap();
    let pretty = serde_json::to_string_pretty(&document).unwrap();
    let receipt = two.alice.file("pretty.json", &pretty);
    two.alice.call(&["ack", &receipt]).ok();
    let first = two.to_alice(&name);
    two.alice.call(&["ack", &first]).ok().tells("filed already");
    two.alice
        .call(&["shares", "show", &id, "--evidence", "papers"])
        .ok();
    let folder = two.alice.work().join("papers");
    assert_eq!(read(&folder, "receipt.json"), pretty.into_bytes());
}

#[test]
fn the_recipient_has_a_side_of_it_too() {
    let (two, id) = over();
    let attest = ["attest", &id, "--yes", "--outside", "on paper, burnt"];
    two.bob.call(&attest).ok();
    let show = ["shares", "show", &number(&id)];
    let shown = two.bob.call(&[&show[..], &["--json"]].concat()).ok().json();
    assert_eq!(shown["id"], id);
    assert_eq!(shown["direction"], "received");
    assert_eq!(shown["from"], "alice");
    assert_eq!(shown["client"], "acme");
    assert_eq!(shown["state"], "deleted");
    assert_eq!(shown["items"][0]["name"], "wp");
    assert_eq!(shown["items"][0]["fields"], json!(["secret"]));
    assert_eq!(kinds(&shown), ["receipt", "deletion", "notice"]);
    two.bob
        .call(&show)
        .ok()
        .shows("from: alice")
        .shows("deletion: signed by SHA256:");
    two.bob
        .call(&[&show[..], &["--evidence", "papers"]].concat())
        .ok();
    let folder = two.bob.work().join("papers");
    let alices = two.alice.call(&["shares", "show", &id, "--json"]).ok();
    let hash = sha256_hex(&read(&folder, "manifest.json"));
    assert_eq!(alices.json()["manifest_sha256"], hash);
    let consent: Value = serde_json::from_slice(&read(&folder, "consent.json")).unwrap();
    assert_eq!(consent["id"], alices.json()["consent"]);
    let notice = fs::read(two.alice.path("notice.json")).unwrap();
    assert_eq!(read(&folder, "notice.json"), notice);
    let deletion = fs::read(two.bob.path(&format!("DELETION-{}.json", number(&id)))).unwrap();
    assert_eq!(read(&folder, "deletion.json"), deletion);
}

#[test]
fn a_hand_over_is_shown_by_its_number() {
    let (env, _) = with_bob();
    let share = [
        "share",
        "acme/wp",
        "--to-client",
        "--passphrase",
        "--out",
        "x",
    ];
    env.call(&share).ok();
    let id = env.call(&["shares", "--json"]).ok().json()[0]["id"].clone();
    let id = id.as_str().unwrap();
    let show = ["shares", "show", id];
    let shown = env.call(&[&show[..], &["--json"]].concat()).ok().json();
    assert_eq!(shown["direction"], "handed-over");
    assert_eq!(shown["items"][0]["user"], "admin");
    env.call(&show).ok().shows("to: acme").shows(
        "acme/wp: secret, username, urls, notes, site, pin, acme.example, as admin, version 1",
    );
    env.call(&[&show[..], &["--evidence", "papers"]].concat())
        .ok();
    let hash = sha256_hex(&read(&env.work().join("papers"), "manifest.json"));
    assert_eq!(shown["manifest_sha256"], hash);
}

#[test]
fn what_is_not_there_makes_no_folder() {
    let env = TestEnv::ready();
    env.call(&["shares", "show", "ffff", "--evidence", "papers"])
        .fails(3);
    assert!(!env.work().join("papers").exists());
}

#[test]
fn what_a_statement_of_deletion_says_is_told_wherever_it_is_told_of() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    fs::remove_file(&file).unwrap();
    let attest = ["attest", &id, "--yes", "--outside", "a note on paper stays"];
    two.bob.call(&attest).ok();
    let statement = two.to_alice(&format!("DELETION-{}.json", number(&id)));
    two.alice.call(&["ack", &statement]).ok();
    let (outside, backup) = (
        "copies elsewhere: \"a note on paper stays\"",
        "it may still be in \"",
    );
    let show = ["shares", "show", &id];
    let shown = two.alice.call(&show).ok();
    shown.shows(outside).shows(backup);
    let who = two.alice.call(&["who", "acme/wp"]).ok();
    who.shows(outside).shows(backup);
    let json = |args: &[&str]| two.alice.call(&[args, &["--json"]].concat()).ok().json();
    let deletion = &json(&show)["papers"][0];
    assert_eq!(deletion["outside"], "a note on paper stays");
    let what = deletion["retained"][0]["what"].as_str().unwrap();
    assert!(!what.is_empty(), "{deletion}");
    let known = &json(&["who", "acme/wp"])[0];
    assert_eq!(known["outside"], "a note on paper stays");
    assert_eq!(known["retained"][0]["what"], what);
    two.alice
        .call(&["shares", "show", &id, "--evidence", "papers"])
        .ok();
    let readme = read(&two.alice.work().join("papers"), "README.txt");
    let readme = String::from_utf8(readme).unwrap();
    assert!(
        readme.contains(outside) && readme.contains(backup),
        "{readme}"
    );
}
