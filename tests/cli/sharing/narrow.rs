//! A share tells of itself and of nothing else that the client has permitted.

use std::fs;

use serde_json::Value;

use super::share::Contact;
use crate::cli::consent::consent_sign::{key, public, sign};
use crate::support::env::TestEnv;

/// What is of acme/wp alone, as the address and the user name of it.
const WP: [&str; 2] = ["wp-host.example", "wp-user"];
/// What a share of acme/wp to bob has no word of.
const OTHERS: [&str; 10] = [
    "db-host.example",
    "db-user",
    "acme/db",
    "\"db\"",
    "mail-host.example",
    "mail-user",
    "attachment:mail.pem",
    "carol",
    "Carol",
    "carol@dev.example",
];

/// Three credentials, bob, and carol, whose key and address nobody else is to see.
fn office() -> (TestEnv, Contact, String) {
    let env = TestEnv::ready();
    env.me();
    for name in ["wp", "db", "mail"] {
        let (path, user) = (format!("acme/{name}"), format!("{name}-user"));
        let url = format!("https://{name}-host.example");
        env.call(&["add", &path, "-u", &user, "--url", &url])
            .stdin("canary")
            .ok();
    }
    let (bob, carol) = (Contact::new(), Contact::new());
    let key_of = |contact: &Contact| contact.0.to_public().to_string();
    let add = ["contact", "add", "bob", "--recipient", &key_of(&bob)];
    env.call(&add).ok();
    let carol = key_of(&carol);
    let more = ["--full-name", "Carol Poe", "--email", "carol@dev.example"];
    let add = ["contact", "add", "carol", "--recipient", &carol];
    env.call(&[&add[..], &more].concat()).ok();
    env.takes_notes_of("acme");
    (env, bob, carol)
}

/// A consent of acme's for bob and carol to all of this.
fn given(env: &TestEnv, scope: &[&str]) {
    let mut args = vec!["consent", "add", "acme", "--to", "bob", "--to", "carol"];
    args.extend(["--purpose", "relaunch", "--by", "Jo", "--note", "said so"]);
    args.extend(scope.iter().flat_map(|it| ["--scope", it]));
    env.call(&args).ok();
}

/// All that bob can read of a share: the letter, and what its block says; and the consent in it.
fn shared(env: &TestEnv, bob: &Contact, more: &[&str]) -> (String, Value) {
    let share = ["share", "acme/wp", "--to", "bob", "--out", "-"];
    let made = env.call(&[&share[..], more].concat()).ok();
    let body = bob.body(made.bytes());
    let consent = serde_json::from_str(body["consent"].as_str().unwrap()).unwrap();
    let all = format!("{}\n{body}", bob.letter(made.bytes()));
    (all, consent)
}

#[track_caller]
fn has_none_of(text: &str, words: &[&str]) {
    for word in words {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn a_share_has_no_word_of_other_entries_or_of_who_else_may_have_them() {
    let scopes: [&[&str]; 3] = [
        &["acme/wp", "acme/db", "acme/mail"],
        &["acme/*"],
        &["acme/db", "acme/w*"],
    ];
    for scope in scopes {
        let (env, bob, carol) = office();
        given(&env, scope);
        let (all, consent) = shared(&env, &bob, &[]);
        assert!(WP.iter().all(|word| all.contains(word)), "{all}");
        has_none_of(&all, &OTHERS);
        has_none_of(&all, &[&carol]);
        let terms: Value = serde_json::from_str(consent["terms"].as_str().unwrap()).unwrap();
        assert_eq!(terms["entries"].as_array().unwrap().len(), 1);
        assert_eq!(terms["entries"][0]["path"], "acme/wp");
        assert!(
            consent["whole_terms"]
                .as_str()
                .unwrap()
                .starts_with("SHA256:")
        );
        // The sender has both on record.
        let ledger = env.call(&["shares", "--json"]).ok().json();
        let id = ledger[0]["id"].as_str().unwrap();
        let shown = env.call(&["shares", "show", id, "--json"]).ok().json();
        assert_eq!(shown["items"][0]["hosts"][0], WP[0]);
        assert_eq!(shown["items"][0]["user"], WP[1]);
    }
}

#[test]
fn with_the_secret_alone_neither_host_nor_user_goes() {
    let (env, bob, carol) = office();
    given(&env, &["acme/wp", "acme/db"]);
    let (all, _) = shared(&env, &bob, &["--field", "secret"]);
    has_none_of(&all, &WP);
    has_none_of(&all, &OTHERS);
    has_none_of(&all, &[&carol]);
    let ledger = env.call(&["shares", "--json"]).ok().json();
    let id = ledger[0]["id"].as_str().unwrap();
    let shown = env.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(shown["items"][0]["user"], WP[1]);
    let (all, _) = shared(&env, &bob, &["--field", "secret", "--field", "username"]);
    has_none_of(&all, &WP[..1]);
    assert!(all.contains(WP[1]));
    env.call(&["revoke", id]).ok().hides(WP[0]);
    let leave = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&leave).ok();
    let letter = fs::read_to_string(env.work().join("letters/to-bob.txt")).unwrap();
    assert!(letter.contains("\"wp\": user \"wp-user\""), "{letter}");
    has_none_of(&letter, &WP[..1]);
}

/// Asks for this, and files the answer that acme's key signs; gives the paper.
fn signed(env: &TestEnv, to: &[&str], scope: &[&str]) -> String {
    let public = public(&key(1));
    env.call(&["client", "edit", "acme", "--key", &public]).ok();
    let mut args = vec!["consent", "request", "acme", "--purpose", "relaunch"];
    args.extend(to.iter().flat_map(|it| ["--to", it]));
    args.extend(scope.iter().flat_map(|it| ["--scope", it]));
    let paper = env.call(&args).ok().text().to_owned();
    let signature = sign(&key(1), "vault-consent", &paper);
    let signature = env.file("ask.txt.sig", signature);
    env.call(&["consent", "answer", "--signature", &signature])
        .ok();
    paper
}

#[test]
fn a_signed_paper_goes_only_where_it_names_nothing_but_the_share() {
    let (env, bob, carol) = office();
    let paper = signed(&env, &["bob", "carol"], &["acme/wp", "acme/db"]);
    let (all, consent) = shared(&env, &bob, &[]);
    has_none_of(&all, &OTHERS);
    has_none_of(&all, &[&carol]);
    assert_eq!(consent["assurance"], "signed");
    assert_eq!(consent["request"], Value::Null);
    let hash = consent["whole_terms"].as_str().unwrap();
    assert!(paper.contains(hash), "who has both can compare");

    let (env, bob, _) = office();
    let paper = signed(&env, &["bob"], &["acme/wp"]);
    let (_, consent) = shared(&env, &bob, &[]);
    assert_eq!(consent["request"], paper);
    assert!(paper.contains(consent["whole_terms"].as_str().unwrap()));
    let (all, consent) = shared(&env, &bob, &["--field", "secret"]);
    has_none_of(&all, &WP);
    assert_eq!(consent["request"], Value::Null);
}

#[test]
fn who_receives_it_is_told_where_the_signed_paper_is() {
    let (alice, _, _) = office();
    let bob = TestEnv::ready();
    let card = bob.call(&["id", "--card"]).ok();
    let card = alice.file("card", card.bytes());
    alice.call(&["contact", "add", "dev", "--card", &card]).ok();
    signed(&alice, &["dev", "carol"], &["acme/wp", "acme/db"]);
    let made = alice.call(&["share", "acme/wp", "--to", "dev", "--out", "-"]);
    let file = bob.file("share.age", made.ok().bytes());
    let id = alice.call(&["id", "--json"]).ok().json();
    let trust = id["fingerprint"].as_str().unwrap();
    bob.call(&["receive", &file, "--accept-terms", "--trust", trust])
        .ok()
        .tells("The client signed the consent, says the sender.")
        .tells("The signed paper names more than this share, so it stayed with them.")
        .tells("wp at wp-host.example as wp-user");
    bob.call(&["get", "acme/wp"]).ok().prints("canary\n");
}
