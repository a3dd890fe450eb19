//! `show` and `list`: everything but secrets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::env::{TIMEOUT, TestEnv, has_keys};

const SHOW_KEYS: [&str; 15] = [
    "path",
    "version",
    "fields",
    "client",
    "username",
    "urls",
    "notes",
    "tags",
    "env",
    "expires",
    "rotate_every",
    "created",
    "updated",
    "flags",
    "attachments",
];
const LIST_KEYS: [&str; 9] = [
    "path", "client", "name", "username", "urls", "tags", "version", "updated", "flags",
];

fn three() -> TestEnv {
    TestEnv::copied("three to list", |env| {
        let entries = [
            ("globex/mail", "jo@globex.example", "prod"),
            ("acme/wp", "admin", "prod"),
            ("acme/db/main", "root", "dev"),
        ];
        for (path, user, tag) in entries {
            let args = [
                "add",
                path,
                "-u",
                user,
                "--tag",
                tag,
                "--url",
                "https://x.example",
            ];
            env.call(&args).stdin("hunter2").ok();
        }
    })
}

fn is_utc_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn show_has_everything_but_the_secret() {
    let env = TestEnv::ready();
    let args = [
        "add",
        "acme/wp",
        "-u",
        "admin",
        "--url",
        "https://acme.example",
        "--notes",
        "ask Jo",
        "--tag",
        "prod",
        "--field",
        "id=42",
        "--env",
        "WP_PASSWORD",
        "--expires",
        "2099-01-31",
    ];
    env.call(&args).stdin("hunter2").ok();
    let shown = env.call(&["show", "acme/wp"]).ok();
    for text in [
        "acme/wp",
        "admin",
        "https://acme.example",
        "ask Jo",
        "prod",
        "42",
        "WP_PASSWORD",
        "2099-01-31",
        "secret",
    ] {
        shown.shows(text);
    }
    shown.hides("hunter2");
}

#[test]
fn show_in_json_leaves_no_key_out() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let shown = env.call(&["show", "acme/wp", "--json"]).ok();
    shown.hides("hunter2");
    let shown = shown.json();
    has_keys(&shown, &SHOW_KEYS);
    has_keys(&shown["has"], &["secret", "totp"]);
    assert!(shown.get("secret").is_none(), "show has no secret");
    for absent in ["username", "notes", "env", "expires", "rotate_every"] {
        assert_eq!(shown[absent], Value::Null, "{absent}");
    }
    for empty in ["urls", "tags", "flags", "attachments"] {
        assert_eq!(shown[empty], json!([]), "{empty}");
    }
    assert_eq!(shown["fields"], json!({}));
    assert_eq!(shown["version"], 1);
    assert_eq!(shown["has"]["secret"], true);
    assert_eq!(shown["has"]["totp"], false);
    assert!(is_utc_time(&shown["created"]) && is_utc_time(&shown["updated"]));
}

#[test]
fn show_says_which_hidden_fields_there_are_but_not_what_they_hold() {
    let env = TestEnv::with(&[("acme/bank", "hunter2")]);
    let edit = ["edit", "acme/bank", "--secret-field", "pin"];
    env.call(&edit).stdin("9471").ok();
    env.call(&["show", "acme/bank"])
        .ok()
        .shows("pin")
        .hides("9471");
    let shown = env.call(&["show", "acme/bank", "--json"]).ok();
    assert_eq!(shown.hides("9471").json()["has"]["pin"], true);
    assert_eq!(
        shown.json()["fields"],
        json!({}),
        "a hidden field is not a visible one"
    );
}

#[test]
fn show_counts_the_versions() {
    let env = TestEnv::with(&[("acme/wp", "first")]);
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("second")
        .ok();
    let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["version"], 2);
    env.call(&["show", "acme/wp"])
        .ok()
        .shows("2")
        .hides("second");
}

#[test]
fn show_of_an_unknown_entry_is_not_found() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["show", "acme/wq"]).fails(3).hints("acme/wp");
}

#[test]
fn list_gives_paths_sorted() {
    let env = three();
    let all = "acme/db/main\nacme/wp\nglobex/mail\n";
    env.call(&["list"]).ok().prints(all).silently();
    env.call(&["ls"]).ok().prints(all);
    env.call(&["list", "acme"])
        .ok()
        .prints("acme/db/main\nacme/wp\n");
}

#[test]
fn list_takes_tags() {
    let env = three();
    env.call(&["list", "--tag", "prod"])
        .ok()
        .prints("acme/wp\nglobex/mail\n");
    env.call(&["list", "acme", "--tag", "prod"])
        .ok()
        .prints("acme/wp\n");
    env.call(&["list", "--tag", "none"]).ok().prints("");
    env.call(&["list", "--tag", "none", "--json"])
        .ok()
        .prints("[]\n");
}

#[test]
fn list_of_an_unknown_client_is_not_found() {
    let env = three();
    env.call(&["list", "acne"])
        .fails(3)
        .says("acne")
        .hints("acme");
}

#[test]
fn list_of_an_empty_vault_is_an_empty_answer() {
    let env = TestEnv::ready();
    env.call(&["list"]).ok().prints("");
    env.call(&["list", "--json"]).ok().prints("[]\n");
}

#[test]
fn list_long_says_more_and_no_secret() {
    let env = three();
    let long = env.call(&["list", "--long"]).ok();
    long.shows("acme/wp").shows("admin").hides("hunter2");
    assert_eq!(
        long.text()
            .lines()
            .filter(|line| line.contains('/'))
            .count(),
        3
    );
}

#[test]
fn list_in_json_is_an_array_with_stable_keys() {
    let env = three();
    env.add("acme/bare", "hunter2");
    let listed = env.call(&["list", "--json"]).ok();
    listed.hides("hunter2");
    let listed = listed.json();
    let paths: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["path"].clone())
        .collect();
    assert_eq!(
        paths,
        ["acme/bare", "acme/db/main", "acme/wp", "globex/mail"]
    );
    for entry in listed.as_array().unwrap() {
        has_keys(entry, &LIST_KEYS);
        assert!(is_utc_time(&entry["updated"]));
    }
    assert_eq!(listed[0]["username"], Value::Null);
    assert_eq!(listed[0]["urls"], json!([]));
    assert_eq!(listed[1]["client"], "acme");
    assert_eq!(listed[1]["name"], "db/main");
    assert_eq!(listed[1]["username"], "root");
    assert_eq!(listed[1]["tags"], json!(["dev"]));
    assert_eq!(listed[1]["urls"], json!(["https://x.example"]));
    assert_eq!(listed[1]["version"], 1);
    assert_eq!(listed[1]["flags"], json!([]));
}

#[test]
fn what_is_due_or_expired_is_flagged() {
    let env = TestEnv::ready();
    let add = ["add", "acme/wp", "--expires", "2s", "--rotate-every", "2s"];
    env.call(&add).stdin("x").ok();
    let flags = || env.call(&["list", "--json"]).ok().json()[0]["flags"].clone();
    let start = Instant::now();
    while flags() != json!(["rotate", "expired"]) {
        assert!(start.elapsed() < TIMEOUT, "{}", flags());
        std::thread::sleep(Duration::from_millis(100));
    }
    let shown = env.call(&["show", "acme/wp"]).ok();
    shown.shows("rotate").shows("expired");
    // A new secret settles the rotation, not the end of the credential.
    env.call(&["edit", "acme/wp", "--secret", "--rotate-every", "1d"])
        .stdin("y")
        .ok();
    assert_eq!(flags(), json!(["expired"]));
}

#[test]
fn without_a_vault_both_point_at_init() {
    let env = TestEnv::new();
    env.call(&["list"]).fails(3).hints("vault init");
    env.call(&["show", "acme/wp"]).fails(3).hints("vault init");
}
