//! `ask`, and its answers by `receive`: from people who have nothing but a browser, or age.

use std::fs;

use serde_json::{Value, json};
use vault::crypto::{RecipientKey, SealedTo};

use crate::support::env::TestEnv;

/// A vault whose keeper is named.
fn ready() -> TestEnv {
    let env = TestEnv::ready();
    env.me();
    env
}

/// Asks with a page, and gives what a script is told.
fn ask(env: &TestEnv, more: &[&str]) -> Value {
    let out = env.path("ask.html");
    let _ = fs::remove_file(&out);
    let ask = ["ask", "--for", "the relaunch", "--out", &out, "--json"];
    env.call(&[&ask[..], more].concat()).ok().json()
}

fn asks(env: &TestEnv) -> Value {
    env.call(&["ask", "list", "--json"]).ok().json()
}

/// What the page makes of this, binary.
fn sealed(recipient: &str, content: &str) -> Vec<u8> {
    let key = RecipientKey::parse(recipient).unwrap();
    SealedTo::Keys(vec![key])
        .encrypt(content.as_bytes())
        .unwrap()
}

/// The same in armour.
fn armoured(recipient: &str, content: &str) -> String {
    use base64::Engine;
    let base64 = base64::engine::general_purpose::STANDARD.encode(sealed(recipient, content));
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n",
        lines.join("\n")
    )
}

/// An answer to the newest request, in armour.
fn answer(env: &TestEnv, parts: &Value) -> String {
    let all = asks(env);
    let last = all.as_array().unwrap().last().unwrap();
    let mut answer = json!({"type": "vault.answer/1", "number": last["number"]});
    let members = answer.as_object_mut().unwrap();
    members.extend(parts.as_object().unwrap().clone());
    let padded = format!("{answer}{}\n", " ".repeat(90));
    armoured(last["recipient"].as_str().unwrap(), &padded)
}

#[test]
fn what_is_asked_for_comes_back_by_mail_and_is_kept() {
    let env = ready();
    let asked = ask(&env, &["acme/wp"]);
    let page = fs::read_to_string(env.path("ask.html")).unwrap();
    let words = asked["words"].as_str().unwrap();
    assert!(
        page.contains(words) && page.contains("Kim Example"),
        "{words}"
    );
    assert!(!page.contains("AGE-SECRET-KEY"));
    let sum = sha256_of(page.as_bytes());
    assert_eq!(asked["sha256"], sum);
    let open = asks(&env)[0].clone();
    assert_eq!(
        (&open["state"], &open["path"]),
        (&json!("open"), &json!("acme/wp"))
    );
    let parts = json!({"url": "https://acme.example", "username": "anna", "secret": "canary-one",
        "note": "PIN canary-two"});
    let block = answer(&env, &parts).replace('\n', "\r\n> ");
    let mail = env.file(
        "answer.eml",
        format!("From: Anna <anna@acme.example>\r\nSubject: x\r\n\r\nHello,\r\n\r\n> {block}\r\n"),
    );
    let received = env.call(&["receive", &mail]).ok();
    received
        .tells("anna@acme.example")
        .tells("username: anna")
        .tells("If they send a correction");
    received.hides("canary");
    env.call(&["get", "-n", "acme/wp"])
        .ok()
        .prints("canary-one");
    env.call(&["get", "-n", "acme/wp", "--field", "note"])
        .ok()
        .prints("PIN canary-two");
    let closed = asks(&env)[0].clone();
    assert_eq!(closed["state"], "answered");
    assert_eq!(closed["from"], "anna@acme.example");
    // The same mail once more.
    let again = env.call(&["receive", &mail]).ok();
    again.tells("acme/wp has all of it already");
}

#[test]
fn a_correction_waits_beside_the_answer_until_the_request_is_closed() {
    let env = ready();
    ask(&env, &["acme/wp"]);
    let receive = |parts: &Value| {
        let answer = answer(&env, parts);
        env.call(&["receive", "-"]).stdin(answer)
    };
    receive(&json!({"username": "anna", "secret": "first"})).ok();
    let listed = &asks(&env)[0];
    assert_eq!(listed["state"], "answered");
    assert_eq!(listed["corrections_until"], listed["until"]);
    // The work of the client has not ended while a correction opens.
    let close = ["client", "close", "acme", "--handover", "none"];
    let left = env.call(&close).fails(9);
    left.says("for acme/wp, which opens corrections");
    let second = receive(&json!({"username": "ann", "secret": "second"})).ok();
    second
        .tells("another answer to request")
        .tells("which still counts");
    second
        .tells("--username ann")
        .tells("vault rotate acme/wp --confirm");
    env.call(&["get", "-n", "acme/wp"]).ok().prints("first");
    receive(&json!({"secret": "third"}))
        .fails(7)
        .hints("--abort");
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    env.call(&["get", "-n", "acme/wp"]).ok().prints("second");
    let again = receive(&json!({"username": "ann", "secret": "second"})).ok();
    again
        .tells("acme/wp stays as it is")
        .tells("--username ann");
    let number = listed["number"].as_str().unwrap();
    let closed = env.call(&["ask", "close", number]).ok();
    closed.tells("its key is wiped");
    assert_eq!(asks(&env)[0]["corrections_until"], Value::Null);
    receive(&json!({"secret": "third"}))
        .fails(4)
        .hints("vault ask list");
}

#[test]
fn requests_are_listed_by_client_and_while_they_wait() {
    let env = ready();
    for path in ["acme/wp", "zed/db", "acme/ftp"] {
        ask(&env, &[path]);
    }
    let closed = asks(&env)[0]["number"].as_str().unwrap().to_owned();
    env.call(&["ask", "close", &closed]).ok();
    let listed = |args: &[&str]| {
        let told = env.call(&[&["ask", "list", "--json"], args].concat()).ok();
        let told: Vec<Value> = serde_json::from_value(told.json()).unwrap();
        let paths = told.iter().map(|ask| ask["path"].as_str().unwrap());
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["acme"]), ["acme/wp", "acme/ftp"]);
    assert_eq!(listed(&["--client", "acme", "--open"]), ["acme/ftp"]);
    assert_eq!(listed(&["--open"]), ["zed/db", "acme/ftp"]);
    env.call(&["ask", "list", "shop"]).fails(3);
}

#[test]
fn an_answer_through_a_pipe_for_an_entry_that_is_there_waits_to_be_confirmed() {
    let env = ready();
    env.call(&["add", "acme/wp", "-u", "admin"])
        .stdin("old")
        .ok();
    ask(&env, &["acme/wp", "--need", "secret,rules", "--lang", "de"]);
    let parts = json!({"username": "anna", "secret": "new", "rules": "only by day"});
    env.call(&["receive", "-"])
        .stdin(answer(&env, &parts))
        .ok()
        .tells("which still counts")
        .tells("--rules 'only by day'")
        .tells("--username anna");
    env.call(&["get", "-n", "acme/wp"]).ok().prints("old");
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    env.call(&["get", "-n", "acme/wp"]).ok().prints("new");
}

#[test]
fn what_answers_another_request_or_two_at_once_is_refused() {
    let env = ready();
    ask(&env, &["acme/wp"]);
    let parts = json!({"number": "2F95-B33D", "secret": "canary"});
    let wrong = env.file("wrong.age", answer(&env, &parts));
    let refused = env.call(&["receive", &wrong]).fails(6);
    refused.says("2F95-B33D");
    let one = answer(&env, &json!({"secret": "one"}));
    let two = answer(&env, &json!({"secret": "two"}));
    let both = env.file("both.txt", format!("{one}\n{two}"));
    env.call(&["receive", &both]).fails(2).hints("of its own");
    // The same answer twice is one.
    let again = env.file(
        "again.txt",
        format!("{one}\n> {}", one.replace('\n', "\n> ")),
    );
    env.call(&["receive", &again, "--into", "shop"])
        .fails(2)
        .hints("--into");
    env.call(&["receive", &again]).ok();
    env.call(&["get", "-n", "acme/wp"]).ok().prints("one");
}

#[test]
fn a_request_is_given_up_and_no_answer_opens_any_more() {
    let env = ready();
    ask(&env, &["acme/wp"]);
    let late = env.file("late.age", answer(&env, &json!({"secret": "x"})));
    let number = asks(&env)[0]["number"].as_str().unwrap().to_owned();
    env.call(&["ask", "close", &number])
        .ok()
        .tells("its key is wiped");
    env.call(&["ask", "close", &number]).ok().tells("already");
    env.call(&["ask", "close", "beef"]).fails(3);
    env.call(&["receive", &late]).fails(4).hints(&number);
    assert_eq!(asks(&env)[0]["state"], "closed");
}

#[test]
fn a_technician_gets_a_line_for_age_and_what_they_write_is_kept() {
    let env = TestEnv::ready();
    let line = env
        .call(&["ask", "acme/db", "--for", "the move", "--text"])
        .ok();
    line.shows("age -a -r age1").shows(" FILE");
    let all = asks(&env);
    let recipient = all[0]["recipient"].as_str().unwrap();
    let file = env.file("db.age", sealed(recipient, "pw\nPIN 1\n"));
    env.call(&["receive", &file]).ok().tells("note: (hidden)");
    env.call(&["get", "-n", "acme/db"]).ok().prints("pw");
    // A page says who it is from.
    let out = env.path("x.html");
    env.call(&["ask", "acme/db", "--for", "x", "--out", &out])
        .fails(9)
        .hints("vault me");
    for args in [
        &["ask", "acme/db", "--out", "x.html"][..],
        &["ask", "acme/db", "--for", "x"],
        &["ask", "acme/db", "--for", "x", "--text", "--need", "url"],
        &[
            "ask", "acme/db", "--for", "x", "--need", "pin", "--out", "x",
        ],
        &[
            "ask",
            "acme/db",
            "--for",
            "x",
            "--until",
            "2020-01-01",
            "--text",
        ],
    ] {
        env.call(args).fails(2);
    }
}

#[test]
fn a_plain_file_for_this_vault_is_kept_under_the_name_that_is_given() {
    let env = ready();
    let id = env.call(&["id", "--json"]).ok().json();
    let recipient = id["recipient"].as_str().unwrap();
    let file = env.file("plain.age", sealed(recipient, "pw\n"));
    env.call(&["receive", &file])
        .fails(2)
        .hints("--as CLIENT/NAME");
    env.call(&["receive", &file, "--as", "acme/ftp"]).ok();
    env.call(&["get", "-n", "acme/ftp"]).ok().prints("pw");
    env.call(&["receive", &file, "--as", "acme/ftp"])
        .ok()
        .tells("has all of it already");
    let empty = env.file("empty.age", sealed(recipient, "\n"));
    env.call(&["receive", &empty, "--as", "acme/x"]).fails(2);
}

#[test]
fn the_opener_is_a_page_of_its_own_and_needs_no_vault() {
    let env = TestEnv::new();
    for (lang, title) in [("en", "Open"), ("de", "Zugangsdaten")] {
        let out = env.path(&format!("{lang}.html"));
        let told = env
            .call(&["page", "--lang", lang, "--out", &out, "--json"])
            .ok()
            .json();
        let page = fs::read(&out).unwrap();
        assert_eq!(told["sha256"], sha256_of(&page));
        assert!(String::from_utf8(page).unwrap().contains(title));
        env.call(&["page", "--out", &out]).fails(7);
    }
}

#[test]
fn a_share_goes_as_a_page_that_receive_takes_too() {
    let env = ready();
    env.add("acme/wp", "canary-one");
    let out = env.path("share.html");
    let share = ["share", "acme/wp", "--to-client", "--page", "--out", &out];
    env.call(&share).fails(2).says("--passphrase");
    let told = env.call(&[&share[..], &["--passphrase"]].concat()).ok();
    told.tells("its SHA-256").tells("passphrase: ");
    let page = fs::read_to_string(&out).unwrap();
    let id = env.call(&["id", "--json"]).ok().json();
    let words = id["words"].as_str().unwrap();
    assert!(page.contains(words));
    told.tells(&format!("  {words}"));
    assert!(!page.contains("canary"));
    assert_eq!(
        page.matches("\n-----BEGIN AGE ENCRYPTED FILE-----\n")
            .count(),
        1
    );
}

fn sha256_of(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!("{:x}", Sha256::digest(bytes))
}
