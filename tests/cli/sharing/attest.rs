//! `attest`: what came with a share is deleted, and that is signed.

use std::fs;

use serde_json::{Value as Json, json};
use vault::crypto::signing::documents::DELETION;
use vault::crypto::{Document, Signer};

use crate::support::env::{TestEnv, holds, mode_of, number};
use crate::support::sender::{Sender, file, item};

/// A vault that has received `acme/wp` and `acme/db`, and the share's id.
fn received() -> (TestEnv, String) {
    let (env, sender) = (TestEnv::with(&[("acme/own", "mine")]), Sender::new());
    let mut id = String::new();
    let share = sender.share_with(&env, |bundle| {
        id = bundle.share.to_string();
        bundle.items[0].attachments = vec![file("id.pem", b"canary-file")];
        bundle.items.push(item("db", &[("secret", "canary-db")]));
    });
    env.call(&["receive", &share, "--trust", sender.fingerprint()])
        .ok();
    (env, id)
}

fn body(text: &str) -> Json {
    let document: Json = serde_json::from_str(text).unwrap();
    serde_json::from_str(document["body"].as_str().unwrap()).unwrap()
}

#[test]
fn what_came_with_the_share_is_gone_for_good() {
    let (env, id) = received();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["mv", "acme/db", "other/db"]).ok();
    env.call(&["attest", &id, "--yes"])
        .ok()
        .tells("removed acme/wp for good")
        .tells("removed other/db for good")
        .tells("backups and older copies")
        .tells("Send it to the sender")
        .tells(&format!("vault ack DELETION-{}.json", &number(&id)));
    assert_eq!(env.call(&["list"]).ok().text(), "acme/own\n");
    assert_eq!(env.call(&["trash", "list"]).ok().text(), "");
    env.call(&["verify", "--full"]).ok();
    assert_eq!(env.secret("acme/own"), "mine");
}

#[test]
fn the_statement_is_signed_and_says_what_may_be_left() {
    let (env, id) = received();
    env.call(&["attest", &id[..4], "--yes", "--out", "gone.json"])
        .ok();
    let path = env.work().join("gone.json");
    assert_eq!(mode_of(&path), 0o600);
    let text = fs::read_to_string(path).unwrap();
    let document = Document::parse(DELETION, &text).unwrap();
    let me = env.call(&["id", "--json"]).ok().json();
    let signers: Vec<_> = document.signers().map(Signer::to_openssh).collect();
    assert_eq!(signers, [me["signer"].as_str().unwrap()]);
    let body = body(&text);
    assert_eq!(body["share"]["id"], id);
    assert_eq!(body["recipient"], me);
    let place = format!("vault {}", me["vault_id"].as_str().unwrap());
    assert_eq!(body["locations"][0]["where"], place);
    let backups = fs::read_dir(env.data().join("vault.age.backups")).unwrap();
    let kept = body["retained"][0]["what"].as_str().unwrap();
    for backup in backups.flatten() {
        let name = backup.file_name();
        let (generation, _) = name.to_str().unwrap().split_once('-').unwrap();
        assert!(kept.contains(&format!(" {generation}")), "{kept}");
    }
    assert!(body["log"][0]["count"].is_number());
    for secret in ["hunter2", "canary", "acme/wp"] {
        assert!(!holds(text.as_bytes(), secret), "{secret}");
    }
}

#[test]
fn a_second_time_gives_the_same_statement() {
    let (env, id) = received();
    let first = env.call(&["attest", &id, "--yes", "--out", "-"]).ok();
    let generation = env.generation();
    env.call(&["attest", &id, "--out", "-"])
        .ok()
        .prints(first.text());
    env.call(&["attest", &id, "--out", "again.json"]).ok();
    let again = fs::read_to_string(env.work().join("again.json")).unwrap();
    assert_eq!(again, first.text());
    assert_eq!(env.generation(), generation);
    env.call(&["attest", &id, "--out", "again.json"]).fails(7);
}

#[test]
fn it_asks_first_and_changes_nothing_when_it_cannot_write() {
    let (env, id) = received();
    env.call(&["attest", &id]).fails(9).hints("--yes");
    env.call(&["attest", "0000", "--yes"]).fails(3);
    env.call(&["attest", "xyz", "--yes"]).fails(2);
    env.call(&["attest", &id, "--yes", "--out", "no/such/x"])
        .fails(2);
    let taken = env.file("taken", "x");
    env.call(&["attest", &id, "--yes", "--out", &taken])
        .fails(7);
    env.call(&["attest", &id, "--yes", "--out", "-", "--json"])
        .fails(2);
    let mut terminal = env.terminal(&format!("vault attest {id}"));
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees("Delete acme/db, acme/wp and all versions for good")
        .types("n");
    terminal.sees("kept what came with the share").ends();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    let answer = env.call(&["attest", &id, "--yes", "--json"]).ok().json();
    assert_eq!(answer["changed"], json!(["acme/db", "acme/wp"]));
}

#[test]
fn the_log_tells_it_and_names_nothing() {
    let (env, id) = received();
    env.call(&["attest", &id, "--yes"]).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "attest");
    assert!(last.to_string().contains(&id));
}
