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
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ])
    .ok();
    fs::remove_file(share).unwrap();
    (env, id)
}

fn body(text: &str) -> Json {
    let document: Json = serde_json::from_str(text).unwrap();
    serde_json::from_str(document["body"].as_str().unwrap()).unwrap()
}

#[test]
fn what_came_with_the_share_is_gone_for_good() {
    let (env, id) = received();
    env.call(&["shares"])
        .ok()
        .tells("nothing was shared yet")
        .tells("vault shares --received");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["mv", "acme/db", "other/db"]).ok();
    env.call(&["attest", &id, "--yes", "--outside", "none"])
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
    env.call(&[
        "attest",
        &id[..4],
        "--yes",
        "--outside",
        "none",
        "--out",
        "gone.json",
    ])
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
    let names = backups
        .flatten()
        .map(|it| it.file_name().into_string().unwrap());
    let newest = names.filter_map(|name| name.split('-').next()?.parse::<u64>().ok());
    let newest = newest.max().unwrap();
    let held = format!("an encrypted backup of the vault (generation {newest})");
    assert_eq!(kept, held, "the others were made before it was received");
    let reason = body["retained"][0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("no end date, since the ten newest are kept"),
        "{reason}"
    );
    assert_eq!(body["retained"][0]["gone_by"], Json::Null);
    let statement = body["statement"].as_str().unwrap();
    assert!(
        statement.ends_with("There are no other copies elsewhere."),
        "{statement}"
    );
    let remark = body["remark"].as_str().unwrap();
    assert!(remark.contains("cannot be seen by the program"), "{remark}");
    assert!(body["log"][0]["count"].is_number());
    for secret in ["hunter2", "canary", "acme/wp"] {
        assert!(!holds(text.as_bytes(), secret), "{secret}");
    }
}

#[test]
fn a_second_time_gives_the_same_statement() {
    let (env, id) = received();
    let first = env
        .call(&["attest", &id, "--yes", "--outside", "none", "--out", "-"])
        .ok();
    let generation = env.generation();
    env.call(&["attest", &id, "--out", "-"])
        .ok()
        .prints(first.text());
    env.call(&["attest", &id, "--out", "again.json"]).ok();
    let again = fs::read_to_string(env.work().join("again.json")).unwrap();
    assert_eq!(again, first.text());
    assert_eq!(env.generation(), generation);
    env.call(&["attest", &id, "--out", "again.json"])
        .fails(7)
        .hints("--out");
}

#[test]
fn it_asks_first_and_changes_nothing_when_it_cannot_write() {
    let (env, id) = received();
    env.call(&["attest", &id]).fails(9).hints("--yes");
    env.call(&["attest", "0000", "--yes", "--outside", "none"])
        .fails(3);
    env.call(&["attest", "xyz", "--yes", "--outside", "none"])
        .fails(2);
    env.call(&[
        "attest",
        &id,
        "--yes",
        "--outside",
        "none",
        "--out",
        "no/such/x",
    ])
    .fails(2);
    let taken = env.file("taken", "x");
    env.call(&["attest", &id, "--yes", "--outside", "none", "--out", &taken])
        .fails(7);
    env.call(&[
        "attest",
        &id,
        "--yes",
        "--outside",
        "none",
        "--out",
        "-",
        "--json",
    ])
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
    let answer = env
        .call(&["attest", &id, "--yes", "--outside", "none", "--json"])
        .ok()
        .json();
    assert_eq!(answer["changed"], json!(["acme/db", "acme/wp"]));
}

#[test]
fn the_log_tells_it_and_names_nothing() {
    let (env, id) = received();
    env.call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "attest");
    assert!(last.to_string().contains(&id));
}

#[test]
fn copies_elsewhere_are_asked_about_and_stand_in_the_statement() {
    let (env, id) = received();
    env.call(&["attest", &id, "--yes"])
        .fails(9)
        .hints("--outside none");
    env.call(&["attest", &id, "--yes", "--outside", "y"])
        .fails(2)
        .says("not said where")
        .hints("--outside 'a mail");
    let mut terminal = env.terminal(&format!("vault attest {id} --out d.json; echo = $?"));
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal.sees("for good, and sign that? [y/N] ").types("y");
    terminal
        .sees("(none, or where): ")
        .types("y")
        .sees("Where: ")
        .types("a note, shredded")
        .sees("= 0")
        .ends();
    let body = body(&fs::read_to_string(env.path("d.json")).unwrap());
    assert_eq!(body["outside"], "a note, shredded");
    let statement = body["statement"].as_str().unwrap();
    assert!(
        statement.ends_with("Other copies: a note, shredded"),
        "{statement}"
    );
}

#[test]
fn a_plain_no_is_that_there_are_none() {
    for no in ["n", "No", "nein"] {
        let (env, id) = received();
        let attest = ["attest", &id, "--yes", "--outside", no, "--out", "d.json"];
        env.call(&attest).ok();
        let body = body(&fs::read_to_string(env.path("d.json")).unwrap());
        assert_eq!(body["outside"], Json::Null, "{no}");
    }
}

#[test]
fn of_the_older_backups_each_has_a_day_on_which_it_is_gone() {
    let (env, id) = received();
    for n in 0..11 {
        env.add(&format!("acme/e{n}"), "x");
    }
    let folder = env.data().join("vault.age.backups");
    env.call(&[
        "attest",
        &id,
        "--yes",
        "--outside",
        "none",
        "--out",
        "d.json",
    ])
    .ok();
    let body = body(&fs::read_to_string(env.path("d.json")).unwrap());
    let retained = body["retained"].as_array().unwrap();
    assert!(folder.is_dir() && retained.len() >= 2, "{retained:?}");
    let first = &retained[0];
    assert!(
        first["what"]
            .as_str()
            .unwrap()
            .starts_with("an encrypted backup of the vault (generation ")
    );
    assert!(first["gone_by"].as_str().unwrap() > "2026", "{first}");
    assert_eq!(retained.last().unwrap()["gone_by"], Json::Null);
}

#[test]
fn what_is_lent_is_changed_only_on_purpose() {
    let (env, _) = received();
    env.call(&["edit", "acme/wp", "-u", "x"])
        .fails(9)
        .says("lent to you by")
        .hints("--yes");
    env.call(&["rotate", "acme/wp", "--generate"]).fails(9);
    env.call(&["edit", "acme/wp", "-u", "x", "--yes"]).ok();
    env.call(&["rotate", "acme/wp", "--generate", "--yes"]).ok();
    env.call(&["edit", "acme/own", "-u", "x"]).ok();
    let mut terminal = env.terminal("vault rotate acme/db --generate; echo = $?");
    terminal
        .sees("Master password: ")
        .types(crate::support::env::PASSWORD);
    terminal
        .sees("Change it all the same? [y/N] ")
        .types("n")
        .sees("= 0")
        .ends();
    assert_eq!(env.secret("acme/db"), "canary-db");
}

#[test]
fn the_statement_is_in_the_language_of_the_share() {
    let (env, sender) = (TestEnv::with(&[("acme/own", "mine")]), Sender::new());
    let mut id = String::new();
    let share = sender.share_with(&env, |bundle| {
        id = bundle.share.to_string();
        bundle.lang = "de".into();
    });
    let accept = ["receive", "--accept-terms", &share, "--trust"];
    env.call(&[&accept[..], &[sender.fingerprint()]].concat())
        .ok();
    fs::remove_file(&share).unwrap();
    let attest = [
        "attest",
        &id,
        "--yes",
        "--outside",
        "none",
        "--out",
        "x.json",
    ];
    env.call(&attest).ok();
    let body = body(&fs::read_to_string(env.work().join("x.json")).unwrap());
    for (said, begins) in [
        (&body["locations"][0]["method"], "die Einträge wurden"),
        (
            &body["retained"][0]["what"],
            "eine verschlüsselte Sicherung",
        ),
        (
            &body["retained"][0]["reason"],
            "kein Enddatum, denn die zehn",
        ),
        (&body["statement"], "Ich, "),
        (&body["remark"], "Gelöscht sind"),
    ] {
        let said = said.as_str().unwrap();
        assert!(said.starts_with(begins), "{said}");
    }
}
