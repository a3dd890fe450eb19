//! `status`: what there is, without asking for anything.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys};

const KEYS: [&str; 7] = [
    "vault",
    "exists",
    "generation",
    "signer",
    "unlocked",
    "agent",
    "memory_locked",
];

fn status(env: &TestEnv) -> Value {
    env.call(&["status", "--json"]).no_password().ok().json()
}

#[test]
fn a_vault_is_described_without_its_password() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let status = status(&env);
    has_keys(&status, &KEYS);
    assert_eq!(status["vault"], env.vault_file().to_str().unwrap());
    assert_eq!(status["exists"], true);
    assert_eq!(status["generation"], 2);
    assert!(status["signer"].is_string());
    assert_eq!(status["unlocked"], false);
    assert!(status["agent"].is_object());
    assert!(status["memory_locked"].is_boolean());
}

#[test]
fn a_vault_that_is_not_there_is_described_too() {
    let env = TestEnv::new();
    let status = status(&env);
    has_keys(&status, &KEYS);
    assert_eq!(status["exists"], false);
    assert_eq!(status["generation"], Value::Null);
    assert_eq!(status["signer"], Value::Null);
    assert_eq!(status["unlocked"], json!(false));
    assert!(!env.data().exists(), "looking makes nothing");
}

#[test]
fn people_are_told_where_the_vault_is() {
    let env = TestEnv::new();
    env.call(&["status"]).ok().shows("vault.age");
    let ready = TestEnv::ready();
    let text = ready.call(&["status"]).no_password().ok();
    text.shows(ready.vault_file().to_str().unwrap());
}

#[test]
fn the_vault_that_is_meant_is_the_one_described() {
    let env = TestEnv::ready();
    let path = env.path("other.age");
    let other = env
        .call(&["status", "--json", "--vault", &path])
        .ok()
        .json();
    assert_eq!(other["vault"], path);
    assert_eq!(other["exists"], false);
}
