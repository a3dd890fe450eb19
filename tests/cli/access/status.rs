//! `status`: what there is, without asking for anything.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::sharing::share::{consent, consented, share};
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
    assert_eq!(status["key_file"], false);
    assert!(status["kdf"]["m"].is_u64());
    let text = env.call(&["status"]).no_password().ok();
    text.shows("unlocked: no\n");
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

#[test]
fn what_is_due_is_told_where_nobody_has_to_be_asked() {
    let (env, _) = consented();
    assert_eq!(status(&env)["due"], Value::Null, "it stays locked");
    let due = |env: &TestEnv| env.call(&["status", "--json"]).ok().json()["due"].clone();
    assert_eq!(due(&env), json!([]));
    env.call(&["status"]).ok().shows("due: nothing");
    let shared = share(&env, &["acme/wp"]);
    env.call(&["revoke", shared["share"]["id"].as_str().unwrap()])
        .ok();
    env.call(&["rotate", "acme/db", "--begin", "--generate"])
        .ok();
    let found = due(&env);
    has_keys(&found[0], &["rule", "level", "subject", "message", "fix"]);
    let rules: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["rule"])
        .collect();
    assert!(
        rules.contains(&&json!("share-ended-not-rotated")),
        "{rules:?}"
    );
    assert!(rules.contains(&&json!("pending")), "{rules:?}");
    env.call(&["status"])
        .ok()
        .shows("due: bob may know acme/wp: share ")
        .shows("; vault rotate acme/wp\n")
        .shows("version 2 of acme/db has been pending since ");
    env.call(&["status", "--json"])
        .password("wrong")
        .ok()
        .tells("what is due is not known");
}

#[test]
fn an_entry_is_one_line_with_all_that_is_due_of_it() {
    let (env, _) = consented();
    env.call(&["consent", "withdraw", "acme"]).ok();
    let terms = ["--scope", "acme/wp", "--field", "secret", "--field", "pin"];
    consent(&env, &terms);
    share(&env, &["acme/wp"]);
    share(&env, &["acme/wp", "--field", "secret"]);
    env.call(&["revoke", "--to", "bob", "--yes"]).ok();
    env.call(&["rotate", "acme/wp", "--begin", "--generate"])
        .ok();
    let status = env.call(&["status"]).ok();
    let due = status
        .text()
        .lines()
        .filter(|line| line.contains("acme/wp"));
    let due: Vec<&str> = due.collect();
    let [line] = due.as_slice() else {
        panic!("{due:?}");
    };
    for part in [
        "bob may know acme/wp and its pin: share ",
        "bob may know acme/wp: share ",
        "; version 2 of acme/wp has been pending since ",
        "; vault rotate acme/wp",
        "vault edit acme/wp --secret-field pin",
    ] {
        assert!(line.contains(part), "no {part:?} in {line}");
    }
}

#[test]
fn a_day_is_that_of_where_one_is() {
    let (env, _) = consented();
    let shared = share(&env, &["acme/wp"]);
    let id = shared["share"]["id"].as_str().unwrap();
    env.call(&["revoke", id]).ok();
    let shown = env.call(&["shares", "show", id, "--json"]).ok().json();
    let ended: Timestamp = shown["revoked"].as_str().unwrap().parse().unwrap();
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let day = ended.in_tz(zone).unwrap().date();
        env.call(&["status"])
            .var("TZ", zone)
            .ok()
            .shows(&format!(" ended on {day} (revoked)"));
    }
}

#[test]
fn unlock_tells_what_is_due_as_status_does() {
    let (env, _) = consented();
    env.call(&["unlock"])
        .ok()
        .tells("Unlocked until")
        .hides("due: ");
    let shared = share(&env, &["acme/wp"]);
    env.call(&["revoke", shared["share"]["id"].as_str().unwrap()])
        .ok();
    let unlocked = env.call(&["unlock"]).ok();
    unlocked.tells("due: bob may know acme/wp: share ");
    unlocked.tells("; vault rotate acme/wp\n");
    unlocked.prints("");
    env.call(&["unlock", "--quiet"]).ok().silently();
    assert_eq!(env.call(&["unlock", "--json"]).ok().json()["ok"], true);
}
