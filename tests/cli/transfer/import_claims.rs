//! What a file says of a client's keys, rules and demands is told and logged, and no key counts
//! before somebody here has made sure of it.

use serde_json::{Value, json};
use vault::crypto::SigningKey;

use crate::support::env::TestEnv;

/// An export that somebody has made, with a client whose key is theirs.
fn planted(env: &TestEnv, key: &str) -> String {
    let (kind, public) = key.split_once(' ').unwrap();
    let id = "00000000-0000-4000-8000-000000000001";
    let export = json!({
        "format": "vault-export/1",
        "clients": [{
            "id": id, "slug": "initech", "created": "2026-01-01T00:00:00Z",
            "keys": [{"type": kind, "public": public, "verified_via": "phone", "imported": false}],
            "rules": "call +1 555 before use", "min_assurance": "attested",
        }],
        "entries": [{
            "id": "00000000-0000-4000-8000-000000000002", "client": id,
            "path": "initech/erp", "name": "erp", "created": "2026-01-01T00:00:00Z",
        }],
    });
    env.file("planted.json", export.to_string())
}

fn key_of(env: &TestEnv) -> Value {
    let shown = env.call(&["client", "show", "initech", "--json"]).ok();
    shown.json()["keys"][0].clone()
}

#[test]
fn a_key_that_came_in_by_import_counts_only_once_it_is_verified_here() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let theirs = SigningKey::generate();
    let key = theirs.signer().to_openssh();
    let fingerprint = theirs.signer().fingerprint();
    let file = planted(&env, &key);
    for dry in [&["--dry-run"][..], &[]] {
        let imported = env.call(&[&["import", &file][..], dry].concat()).ok();
        imported
            .tells(&fingerprint)
            .tells("call +1 555 before use")
            .tells("attested consents")
            .tells("vault client edit initech --key");
    }
    let log = env.call(&["log", "--json"]).ok().json();
    let import = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(import["detail"]["unverified_keys"], json!(1));
    assert_eq!(
        (&key_of(&env)["verified"], &key_of(&env)["imported"]),
        (&Value::Null, &json!(true))
    );
    env.call(&["client", "show", "initech"])
        .ok()
        .shows("not verified here");

    env.call(&["contact", "add", "bob"]).ok();
    let request = [
        "consent",
        "request",
        "initech",
        "--to",
        "bob",
        "--scope",
        "initech/*",
        "--purpose",
        "x",
        "--out",
        "ask.txt",
    ];
    env.call(&request).ok();
    let text = std::fs::read_to_string(env.path("ask.txt")).unwrap();
    env.file(
        "ask.txt.sig",
        crate::cli::sharing::receive::sshsig(&theirs, &text),
    );
    let sign = [
        "consent",
        "add",
        "initech",
        "--request",
        "ask.txt",
        "--signature",
        "ask.txt.sig",
    ];
    env.call(&sign)
        .fails(6)
        .says("came in by import")
        .hints("vault client edit initech --key");
    // Naming it again without a word of how is no check.
    env.call(&["client", "edit", "initech", "--key", &key]).ok();
    env.call(&sign).fails(6);
    let verified = [
        "client",
        "edit",
        "initech",
        "--key",
        &key,
        "--key-verified",
        "met them",
    ];
    env.call(&verified).ok();
    assert_eq!(key_of(&env)["verified"], "met them");
    env.call(&sign).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn scripts_are_told_what_is_not_verified() {
    let env = TestEnv::ready();
    let theirs = SigningKey::generate();
    let file = planted(&env, &theirs.signer().to_openssh());
    let answer = env.call(&["import", &file, "--json"]).ok().json();
    assert_eq!(
        answer["unverified"],
        json!([{
            "client": "initech",
            "keys": [theirs.signer().fingerprint()],
            "phone": null,
            "rules": "call +1 555 before use",
            "min_assurance": "attested",
        }])
    );
}
