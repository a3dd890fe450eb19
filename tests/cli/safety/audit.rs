//! `audit`: weak spots of secrets, people and permissions.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TestEnv, has_keys};

/// Two clients with a secret in common, one secret that is preset, and one drawn.
fn weak() -> TestEnv {
    TestEnv::with(&[
        ("acme/router", "admin"),
        ("acme/db", "Common-canary-7153"),
        ("globex/db", "Common-canary-7153"),
        ("globex/api", "vN4q-Tz81-hLw0-Kc7e"),
    ])
}

fn findings(env: &TestEnv, options: &[&str]) -> Vec<Value> {
    let args = [&["audit", "--json", "--fail-on", "high"], options].concat();
    let output = env.call(&args).run();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = all.as_array().unwrap().clone();
    let high = all.iter().any(|finding| finding["level"] == "high");
    assert_eq!(output.code, Some(if high { 8 } else { 0 }), "{output:?}");
    all
}

fn rules(findings: &[Value]) -> Vec<(&str, &str)> {
    let word = |finding: &'_ Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let mut all: Vec<(&str, &str)> = findings
        .iter()
        .map(|it| {
            (
                it["rule"].as_str().unwrap(),
                it["subject"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(findings.iter().all(|it| !word(it, "message").is_empty()));
    all.sort_unstable();
    all.retain(|(rule, _)| rule.starts_with("secret-"));
    all
}

#[test]
fn the_worst_comes_first_and_no_secret_is_printed() {
    let env = weak();
    let all = findings(&env, &[]);
    has_keys(
        &all[0],
        &["rule", "level", "subject", "message", "fix", "id"],
    );
    assert_eq!(all[0]["level"], "high");
    assert_eq!(
        rules(&all),
        [
            ("secret-default", "acme/router"),
            ("secret-reused", "acme/db"),
            ("secret-reused", "globex/db"),
        ]
    );
    let output = env.call(&["audit"]).run();
    assert_eq!(output.code, Some(8));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("high secret-default: "), "{text}");
    for secret in ["Common-canary-7153", "vN4q-Tz81-hLw0-Kc7e"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn it_is_narrowed_to_a_client_or_a_rule_and_never_writes() {
    let env = weak();
    let before = std::fs::read(env.vault_file()).unwrap();
    let acme = findings(&env, &["--client", "acme"]);
    assert_eq!(
        rules(&acme),
        [
            ("secret-default", "acme/router"),
            ("secret-reused", "acme/db")
        ]
    );
    let reused = findings(&env, &["--rule", "secret-reused"]);
    assert_eq!(reused.len(), 2);
    env.call(&["audit", "--client", "nobody"]).fails(3);
    env.call(&["audit", "--rule", "secret-reusd"])
        .fails(2)
        .says("did you mean secret-reused?");
    assert_eq!(std::fs::read(env.vault_file()).unwrap(), before);
}

#[test]
fn a_rule_is_explained_without_the_vault() {
    let env = TestEnv::new();
    let text = env.call(&["audit", "--explain", "secret-reused"]).ok();
    text.shows("one secret is used twice");
    let rule = env
        .call(&["audit", "--explain", "unused", "--json"])
        .ok()
        .json();
    has_keys(&rule, &["rule", "found", "reason"]);
    // Those of a review and of this machine, too, which an audit has not.
    for other in ["log-review-due", "program-age"] {
        env.call(&["audit", "--explain", other]).ok().shows(other);
        env.call(&["audit", "--rule", other]).fails(2);
    }
}

#[test]
fn what_is_accepted_fails_nothing_until_it_ends() {
    let env = weak();
    let accept = ["audit", "accept", "secret-default", "acme/router"];
    let with = |options: &[&str]| env.call(&[&accept[..], options].concat());
    with(&["--until", "90d"]).fails(2);
    with(&["--until", "2y", "--reason", "x"]).fails(2);
    with(&["--until", "90d", "--reason", "a lab"]).ok();
    assert!(!rules(&findings(&env, &[])).contains(&("secret-default", "acme/router")));
    let accepted = env.call(&["audit", "--accepted", "--json"]).ok().json();
    assert_eq!(accepted[0]["rule"], "secret-default");
    assert_eq!(accepted[0]["reason"], "a lab");
    env.call(&["log"]).ok().shows("acme/router");
    env.call(&[
        "audit",
        "accept",
        "secret-default",
        "acme/db",
        "--until",
        "1d",
        "--reason",
        "x",
    ])
    .fails(3);
    let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
    assert_eq!(due, json!([]));
    with(&["--end"]).ok();
    assert!(rules(&findings(&env, &[])).contains(&("secret-default", "acme/router")));
}

#[test]
fn other_programs_get_ids_unless_names_are_asked_for() {
    let env = weak();
    for format in ["github", "sarif"] {
        let args = ["audit", "--format", format, "--fail-on", "high"];
        let ids = env.call(&args).run();
        let with_names = env.call(&[&args[..], &["--names"]].concat()).run();
        let text = |output: &[u8]| String::from_utf8(output.to_vec()).unwrap();
        assert!(!text(&ids.stdout).contains("acme"), "{format}");
        assert!(text(&with_names.stdout).contains("acme/router"), "{format}");
    }
    let github = env.call(&["audit", "--format", "github"]).run();
    let lines = String::from_utf8(github.stdout).unwrap();
    assert!(
        lines.starts_with("::error title=secret-default::"),
        "{lines}"
    );
    let sarif = env.call(&["audit", "--format", "sarif"]).run();
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["level"], json!("error"));
}

#[test]
fn what_came_with_a_device_is_said_to_and_not_called_its_user_name() {
    let env = TestEnv::with(&[]);
    env.call(&["add", "acme/router", "--tag", "was-default"])
        .stdin("vN4q-Tz81-hLw0-Kc7e")
        .ok();
    let all = findings(&env, &[]);
    let preset = all.iter().find(|it| it["rule"] == "secret-default");
    let message = preset.unwrap()["message"].as_str().unwrap();
    assert!(message.ends_with("the one that it came with, as its tag was-default says"));
}

#[test]
fn a_share_is_accepted_by_the_path_that_its_line_names() {
    let (env, _) = consented();
    share(&env, &["acme/wp"]);
    env.call(&["revoke", "--to", "bob", "--yes"]).ok();
    env.call(&["purge", "acme/wp", "--yes"]).ok();
    let all = findings(&env, &[]);
    let found = all
        .iter()
        .find(|it| it["rule"] == "share-ended-not-rotated");
    let found = found.unwrap();
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("acme/wp,") && found["subject"] != "acme/wp");
    let accept = ["audit", "accept", "share-ended-not-rotated"];
    let with = |subject: &str| {
        let why = [subject, "--until", "30d", "--reason", "the site is gone"];
        env.call(&[&accept[..], &why].concat())
    };
    with("acme/w").fails(3);
    with("acme/wp").ok().tells("accepted");
}

#[test]
fn what_was_accepted_of_somebody_is_not_accepted_of_who_comes_later() {
    let accept = |env: &TestEnv, rule: &str, subject: &str| {
        let accept = ["audit", "accept", rule, subject];
        let why = ["--until", "90d", "--reason", "a lab"];
        env.call(&[&accept[..], &why].concat()).ok();
        // Times are in whole seconds.
        thread::sleep(Duration::from_millis(1100));
    };
    let is_found = |env: &TestEnv, rule: &str, subject: &str| {
        let mut all = findings(env, &[]).into_iter();
        all.any(|it| it["rule"] == rule && it["subject"] == subject)
    };
    let env = weak();
    accept(&env, "secret-reused", "acme/db");
    assert!(!is_found(&env, "secret-reused", "acme/db"));
    env.call(&["add", "zenith/db"])
        .stdin("Common-canary-7153")
        .ok();
    assert!(is_found(&env, "secret-reused", "acme/db"));

    let (env, _) = consented();
    let shares = [(); 2].map(|()| share(&env, &["acme/wp"])["share"]["id"].clone());
    let [first, second] = shares.each_ref().map(|id| id.as_str().unwrap());
    env.call(&["revoke", first]).ok();
    accept(&env, "share-ended-not-rotated", "acme/wp");
    assert!(!is_found(&env, "share-ended-not-rotated", "acme/wp"));
    env.call(&["revoke", second]).ok();
    assert!(is_found(&env, "share-ended-not-rotated", "acme/wp"));
}
