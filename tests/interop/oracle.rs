//! A second reader of the format, written from its description alone, agrees on every file.
//!
//! `VAULT_ORACLE` is its path and `VAULT_ORACLE_PYTHON` the Python that runs it. It has the verbs
//! `verify FILE [--signer KEY]` and `open FILE --password-file P [--key-file K]`, and exits with 0,
//! with 4 for a wrong password, or with 5.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::cli::sync::second_device;
use crate::interop::stock_age::recoverable;
use crate::support::env::{CHEAP, TestEnv};

fn oracle(env: &TestEnv, verb: &str, more: &[&str]) -> Output {
    oracle_on(env.vault_file().to_str().unwrap(), verb, more)
}

pub(super) fn oracle_on(file: &str, verb: &str, more: &[&str]) -> Output {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name} is unset"));
    Command::new(variable("VAULT_ORACLE_PYTHON"))
        .arg(variable("VAULT_ORACLE"))
        .args([verb, file])
        .args(more)
        .output()
        .unwrap()
}

#[track_caller]
pub(super) fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn the_second_reader_verifies_and_opens_what_was_written() {
    let env = recoverable();
    let report = env.call(&["verify", "--json"]).ok().json();
    let signer = report["signer"].as_str().unwrap();
    let facts = json(&oracle(&env, "verify", &["--signer", signer]));
    assert_eq!(facts["vault_id"], report["vault_id"]);
    assert_eq!(facts["generation"], report["generation"]);
    let password = env.password_file();
    let payload = json(&oracle(
        &env,
        "open",
        &["--password-file", password.to_str().unwrap()],
    ));
    let text = payload["entries"].to_string();
    assert!(text.contains(r"correct horse\nsecond line"));
    // Made, a way in added and written out, and two entries.
    assert_eq!(payload["log"][0]["count"], 5);
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn the_second_reader_agrees_after_every_kind_of_change() {
    let env = recoverable();
    let new = env.file("new", "cafe\u{301}-Quartz4-maple-dusk");
    let changes: [&[&str]; 5] = [
        &["edit", "acme/wp", "-u", "ann", "--field", "account=1"],
        &["get", "acme/wp"],
        &["rm", "globex/db", "--yes"],
        &[
            "passwd",
            "--kdf",
            "m=19MiB,t=2,p=3",
            "--new-password-file",
            &new,
        ],
        &["--password-file", &new, "add", "acme/mail"],
    ];
    for change in changes {
        env.call(change).stdin("three").ok();
        json(&oracle(&env, "verify", &[]));
    }
    let payload = json(&oracle(&env, "open", &["--password-file", &new]));
    assert_eq!(payload["access"][0][2]["p"], 3);
    // The password as another keyboard composes it.
    let composed = env.file("composed", "caf\u{e9}-Quartz4-maple-dusk");
    json(&oracle(&env, "open", &["--password-file", &composed]));
    env.call(&["--password-file", &composed, "get", "acme/mail"])
        .ok();
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn what_two_devices_wrote_apart_opens_for_both_when_it_is_merged() {
    let laptop = recoverable();
    let desktop = second_device(&laptop);
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    desktop
        .call(&["rotate", "acme/wp", "--stdin"])
        .stdin("three")
        .ok();
    let copy = laptop.file("copy.age", fs::read(desktop.vault_file()).unwrap());
    laptop.call(&["merge", &copy]).ok();
    let facts = json(&oracle(&laptop, "verify", &[]));
    assert_eq!(facts["parents"].as_str().unwrap().len(), 2 * 64 + 1);
    let password = laptop.password_file();
    let open = ["--password-file", password.to_str().unwrap()];
    let payload = json(&oracle(&laptop, "open", &open)).to_string();
    for secret in ["one", "two", "three"] {
        assert!(payload.contains(&format!("\"{secret}\"")), "{secret}");
    }
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn a_key_file_counts_the_same_for_both() {
    let env = TestEnv::new();
    let key = env.file("key", [0, 1, 2, 255, 10, 13]);
    env.call(&["--key-file", &key, "init", "--kdf", CHEAP]).ok();
    env.call(&["--key-file", &key, "add", "acme/wp"])
        .stdin("one")
        .ok();
    let password = env.password_file();
    let with = [
        "--password-file",
        password.to_str().unwrap(),
        "--key-file",
        &key,
    ];
    assert!(
        json(&oracle(&env, "open", &with))
            .to_string()
            .contains("\"one\"")
    );
    let other = env.file("other-key", "x");
    let wrong = [
        "--password-file",
        password.to_str().unwrap(),
        "--key-file",
        &other,
    ];
    assert_eq!(oracle(&env, "open", &wrong).status.code(), Some(4));
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn both_refuse_the_same_damage() {
    let env = recoverable();
    let whole = fs::read(env.vault_file()).unwrap();
    let step = whole.len() / 40;
    // The second reader takes any byte between the dashes and the MAC.
    let dashes = whole.windows(5).position(|at| at == b"\n--- ").unwrap();
    for at in (0..1200)
        .step_by(41)
        .chain((1200..whole.len()).step_by(step))
        .chain([dashes + 4])
    {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let file = env.file("damaged.age", bytes);
        let ours = env.call(&["--vault", &file, "verify"]).no_password().run();
        let theirs = if at == dashes + 4 {
            Some(5)
        } else {
            oracle_on(&file, "verify", &[]).status.code()
        };
        assert_eq!(ours.code, theirs, "byte {at}: {ours:?}");
    }
}

#[test]
#[ignore = "needs the second reader; .ci/run runs it"]
fn wrong_passwords_are_told_from_damage_by_both() {
    let env = recoverable();
    let wrong = env.file("wrong", "another password");
    let theirs = oracle(&env, "open", &["--password-file", &wrong]);
    assert_eq!(theirs.status.code(), Some(4));
    env.call(&["get", "acme/wp"])
        .password("another password")
        .fails(4);
}
