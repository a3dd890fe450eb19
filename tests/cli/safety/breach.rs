//! `breach`: leaked secrets by a copy of Pwned Passwords.

use std::fs;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::support::env::{TestEnv, has_keys};

pub(crate) fn digits(secret: &str) -> String {
    let hash = Sha1::digest(secret);
    let digits = hash.iter().map(|byte| format!("{byte:02X}"));
    digits.collect::<Vec<_>>().concat()
}

/// Writes the ranges of some secrets, each seen as often as it says.
pub(crate) fn ranges_of(env: &TestEnv, secrets: &[(&str, u32)]) {
    fs::create_dir_all(env.path("ranges")).unwrap();
    for (secret, seen) in secrets {
        let digits = digits(secret);
        let (prefix, suffix) = digits.split_at(5);
        env.file(
            &format!("ranges/{prefix}.txt"),
            format!("{suffix}:{seen}\r\n"),
        );
    }
}

/// acme/wp and the trash have leaked, globex/api has not.
fn leaky() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "dragon1990"), ("globex/api", "vN4q-Tz81-hLw0")]);
    env.add("acme/old", "letmein");
    env.call(&["rm", "acme/old", "--yes"]).ok();
    ranges_of(
        &env,
        &[("dragon1990", 52), ("letmein", 9), ("vN4q-Tz81-hLw0", 0)],
    );
    env
}

#[test]
fn what_leaked_is_told_kept_and_due_until_it_is_changed() {
    let env = leaky();
    let output = env.call(&["breach", "check", "--pwned", "ranges"]).run();
    assert_eq!(output.code, Some(8));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("acme/wp") && text.contains("52 times"),
        "{text}"
    );
    assert!(
        text.contains("acme/old") && !text.contains("globex"),
        "{text}"
    );
    assert!(!text.contains("dragon1990"), "{text}");
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list[0]["flags"], json!(["rotate"]));
    assert_eq!(list[1]["flags"], json!([]));
    env.call(&["list", "--due"]).ok().shows("acme/wp");
    let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
    assert_eq!(due[0]["rule"], "secret-leaked");
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("new-vN4q-Tz81")
        .ok();
    let list = env.call(&["list", "--json"]).ok().json();
    assert_eq!(list[0]["flags"], json!([]));
}

#[test]
fn a_dry_run_records_nothing() {
    let env = leaky();
    let before = fs::read(env.vault_file()).unwrap();
    let args = ["breach", "check", "--pwned", "ranges", "--json", "-n"];
    let output = env.call(&args).run();
    assert_eq!(output.code, Some(8));
    let hits: Value = serde_json::from_slice(&output.stdout).unwrap();
    has_keys(&hits[0], &["path", "field", "version", "seen"]);
    assert_eq!(hits.as_array().unwrap().len(), 2);
    assert_eq!(fs::read(env.vault_file()).unwrap(), before);
}

#[test]
fn a_missing_range_is_not_checked_and_never_fine() {
    let env = TestEnv::with(&[("acme/wp", "dragon1990"), ("acme/db", "vN4q-Tz81-hLw0")]);
    ranges_of(&env, &[("vN4q-Tz81-hLw0", 0)]);
    let check = ["breach", "check", "--pwned", "ranges"];
    env.call(&check).fails(1).says("1 could not be checked");
    env.call(&check)
        .fails(1)
        .says("acme/wp is not checked: range");
    ranges_of(&env, &[("dragon1990", 0)]);
    env.call(&check).ok();
    env.call(&["breach", "check", "--pwned", "nowhere"])
        .fails(2);
    env.call(&["breach", "check"]).fails(2);
}

#[test]
fn one_sorted_file_does_as_well() {
    let env = leaky();
    let mut lines: Vec<String> = (0..2_000)
        .map(|n| format!("{}:{n}", digits(&n.to_string())))
        .collect();
    lines.push(format!("{}:7", digits("dragon1990")));
    lines.sort();
    let list = env.file("pwned.txt", lines.join("\r\n"));
    let output = env.call(&["breach", "check", "--pwned", &list]).run();
    assert_eq!(output.code, Some(8), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("7 times") && !text.contains("acme/old"),
        "{text}"
    );
    lines.reverse();
    let list = env.file("other.txt", lines.join("\n"));
    env.call(&["breach", "check", "--pwned", &list])
        .fails(2)
        .says("is not sorted by hash");
}

#[test]
fn a_client_is_checked_alone() {
    let env = leaky();
    env.call(&["breach", "check", "--pwned", "ranges", "--client", "globex"])
        .ok();
    env.call(&["breach", "check", "--pwned", "ranges", "--client", "nobody"])
        .fails(3);
}

#[test]
fn ranges_are_asked_for_among_decoys() {
    let env = leaky();
    let ranges = |decoys: &str| {
        let args = ["breach", "ranges", "--decoys", decoys, "--json"];
        let all = env.call(&args).ok().json();
        let all = all
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    let (real, all) = (ranges("0"), ranges("40"));
    assert_eq!((real.len(), all.len()), (3, 43));
    assert!(real.iter().all(|range| all.contains(range)));
    assert!(all.is_sorted() && all.iter().all(|range| range.len() == 5));
    let lines = env.call(&["breach", "ranges"]).ok();
    assert_eq!(lines.text().lines().count(), 6);
    let first = &digits("dragon1990")[..5];
    lines.shows(&format!(
        "-o {first}.txt https://api.pwnedpasswords.com/range/{first}\n"
    ));
    lines.hides(&digits("dragon1990")[5..]);
}

#[test]
fn addresses_are_printed_and_never_a_password() {
    let env = TestEnv::new();
    env.call(&["init"]).ok();
    let add = ["add", "acme/mail", "-u", "Info@acme.example"];
    env.call(&add).stdin("s3cret-canary").ok();
    env.call(&["client", "edit", "acme", "--person", "Jo <jo@acme.example>"])
        .ok();
    for asked in [&["acme"][..], &["--client", "acme"]] {
        let mail = env.call(&[&["breach", "mail"], asked].concat()).ok();
        mail.prints("Info@acme.example\njo@acme.example\n");
    }
    env.call(&["breach", "mail", "nobody"]).fails(3);
    env.call(&["breach", "mail"]).fails(2);
}
