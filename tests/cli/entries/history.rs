//! `history`: when a secret changed and why, never what it was.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys};

fn three() -> TestEnv {
    TestEnv::copied("three secrets", |env| {
        env.add("acme/wp", "hunter1");
        for secret in ["hunter2", "hunter3"] {
            env.call(&["edit", "acme/wp", "--secret"])
                .stdin(secret)
                .ok();
        }
    })
}

#[test]
fn every_version_is_there_with_its_reason() {
    let env = three();
    let history = env.call(&["history", "acme/wp", "--json"]).ok();
    history.hides("hunter");
    let history = history.json();
    let all = history.as_array().unwrap();
    let of = |key: &str| all.iter().map(|v| v[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("version"), [1, 2, 3]);
    assert_eq!(of("action"), ["add", "edit", "edit"]);
    assert!(of("reason").iter().all(Value::is_null), "{history}");
    assert_eq!(of("state"), ["former", "former", "current"]);
    for version in all {
        has_keys(
            version,
            &["version", "created", "device", "action", "reason", "state"],
        );
        assert!(version["created"].as_str().unwrap().ends_with('Z'));
    }
    let text = env.call(&["history", "acme/wp"]).ok();
    text.shows("current").hides("hunter");
    assert_eq!(text.text().lines().count(), 3);
}

#[test]
fn why_it_was_rotated_is_a_value_of_its_own() {
    let env = TestEnv::with(&[("acme/wp", "hunter1")]);
    let rotate = [
        "rotate",
        "acme/wp",
        "--generate",
        "--reason",
        "bob: he left",
    ];
    env.call(&rotate).ok();
    let history = env.call(&["history", "acme/wp", "--json"]).ok().json();
    assert_eq!(history[1]["action"], "rotate");
    assert_eq!(history[1]["reason"], "bob: he left");
    let text = env.call(&["history", "acme/wp"]).ok();
    text.shows("rotate: bob: he left");
}

#[test]
fn hidden_fields_and_seeds_have_a_history_of_their_own() {
    let env = three();
    let pin = ["edit", "acme/wp", "--secret-field", "pin"];
    env.call(&pin).stdin("9471").ok();
    env.call(&["edit", "acme/wp", "--totp"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    for field in ["pin", "totp"] {
        let args = ["history", "acme/wp", "--field", field, "--json"];
        let history = env.call(&args).ok().json();
        assert_eq!(history.as_array().unwrap().len(), 1, "{field}");
        assert_eq!(history[0]["state"], "current", "{field}");
    }
    env.call(&["edit", "acme/wp", "--unset", "pin"]).ok();
    let args = ["history", "acme/wp", "--field", "pin", "--json"];
    let history = env.call(&args).ok().json();
    assert_eq!(history[0]["state"], json!("former"));
}

#[test]
fn what_never_was_a_secret_has_no_history() {
    let env = three();
    for field in ["username", "nosuch"] {
        env.call(&["history", "acme/wp", "--field", field])
            .fails(3)
            .says(field)
            .hints("secret");
    }
    env.call(&["history", "acme/wq"]).fails(3).hints("acme/wp");
}

#[test]
fn looking_at_the_history_is_no_reveal() {
    let env = three();
    env.call(&["history", "acme/wp"]).ok();
    env.call(&["log"]).ok().hides("reveal");
}

#[test]
fn a_rotation_under_way_and_one_given_up_are_told_from_what_is_in_use() {
    let env = TestEnv::with(&[("acme/wp", "first")]);
    let begin = |secret: &str| {
        env.call(&["rotate", "acme/wp", "--begin", "--stdin"])
            .stdin(secret)
            .ok();
    };
    begin("second");
    env.call(&["rotate", "acme/wp", "--abort"]).ok();
    begin("third");
    let history = env.call(&["history", "acme/wp", "--json"]).ok().json();
    let states: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["current", "aborted", "pending"]);
}
