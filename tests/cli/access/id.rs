//! `id`: what others encrypt to and check signatures with.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::env::{TestEnv, has_keys};

fn id(env: &TestEnv) -> Value {
    env.call(&["id", "--json"]).ok().json()
}

/// The body of a card, and the keys that signed it.
pub(crate) fn read_card(text: &str) -> (Value, Vec<String>) {
    let card: Value = serde_json::from_str(text).unwrap();
    assert_eq!(card["type"], "vault.card/1");
    let body = serde_json::from_str(card["body"].as_str().unwrap()).unwrap();
    let signatures = card["signatures"].as_array().unwrap().iter();
    let keys = signatures.map(|signature| {
        assert_eq!(signature["namespace"], "vault-card");
        signature["key"].as_str().unwrap().to_owned()
    });
    (body, keys.collect())
}

/// `ssh-keygen` takes every signature of the card for good, and for another text takes none.
pub(crate) fn openssh_verifies(env: &TestEnv, text: &str) {
    let card: Value = serde_json::from_str(text).unwrap();
    let body = card["body"].as_str().unwrap();
    for signature in card["signatures"].as_array().unwrap() {
        let key = signature["key"].as_str().unwrap();
        let allowed = env.file("allowed", format!("me {key}\n"));
        let armoured = env.file("card.sig", signature["signature"].as_str().unwrap());
        for (message, good) in [(body, true), ("another", false)] {
            let message = fs::File::open(env.file("message", message)).unwrap();
            let verify = Command::new("ssh-keygen")
                .args(["-Y", "verify", "-I", "me", "-n", "vault-card"])
                .args(["-f", &allowed, "-s", &armoured])
                .stdin(message)
                .output()
                .unwrap();
            assert_eq!(verify.status.success(), good, "{verify:?}");
        }
    }
}

#[test]
fn the_identity_is_that_of_the_signature() {
    let env = TestEnv::ready();
    let id = id(&env);
    has_keys(
        &id,
        &["vault_id", "recipient", "signer", "fingerprint", "words"],
    );
    let report = env.call(&["verify", "--json"]).ok().json();
    assert_eq!(id["vault_id"], report["vault_id"]);
    assert_eq!(id["signer"], report["signer"]);
    assert!(id["recipient"].as_str().unwrap().starts_with("age1"));
    assert!(id["fingerprint"].as_str().unwrap().starts_with("SHA256:"));
    env.call(&["status"])
        .ok()
        .shows(id["fingerprint"].as_str().unwrap());
}

#[test]
fn people_see_the_same_on_labelled_lines() {
    let env = TestEnv::ready();
    let id = id(&env);
    let shown = env.call(&["id"]).ok();
    for (label, key) in [
        ("vault id", "vault_id"),
        ("recipient", "recipient"),
        ("signer", "signer"),
        ("fingerprint", "fingerprint"),
        ("words", "words"),
    ] {
        shown.shows(&format!("{label}: {}\n", id[key].as_str().unwrap()));
    }
    shown.hides("SECRET").hides("PRIVATE").silently();
}

#[test]
fn the_words_are_those_of_the_keys_and_of_no_others() {
    let env = TestEnv::ready();
    let words = id(&env)["words"].clone();
    let count = words.as_str().unwrap().split(' ').count();
    assert!(count >= 6, "{words}");
    env.add("acme/wp", "x");
    assert_eq!(id(&env)["words"], words);
    assert_ne!(id(&TestEnv::ready())["words"], words);
}

#[test]
fn id_changes_nothing_and_needs_the_password() {
    let env = TestEnv::ready();
    let before = env.snapshot();
    env.call(&["id"]).ok();
    env.call(&["id", "--card"]).ok();
    assert_eq!(env.snapshot(), before);
    env.call(&["id"]).no_password().fails(9);
    TestEnv::new().call(&["id"]).fails(3);
}

#[test]
fn a_card_says_who_it_is_and_is_signed_by_that_key() {
    let env = TestEnv::ready();
    let card = env.call(&["id", "--card"]).ok();
    card.hides("SECRET").hides("PRIVATE");
    let (body, keys) = read_card(card.text());
    let id = id(&env);
    for key in ["vault_id", "recipient", "signer", "fingerprint", "words"] {
        assert_eq!(body[key], id[key]);
    }
    assert!(body["created"].is_string() && body["previous"].is_null());
    assert_eq!(keys, [id["signer"].as_str().unwrap()]);
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_takes_the_signature_of_a_card_for_good() {
    let env = TestEnv::ready();
    let card = env.call(&["id", "--card"]).ok();
    openssh_verifies(&env, card.text());
}

#[test]
fn a_card_is_written_to_a_file_as_to_stdout() {
    let env = TestEnv::ready();
    env.call(&["id", "--card", "--out", "my.card"])
        .ok()
        .prints("");
    let card = fs::read_to_string(env.path("my.card")).unwrap();
    assert!(card.contains("BEGIN") || card.starts_with('{'), "{card}");
    env.call(&["id", "--card", "-o", "my.card"]).fails(7);
    env.call(&["id", "--out", "my.card"]).fails(2);
}
