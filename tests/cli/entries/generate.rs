//! Secrets that nobody has to think of: on stdout, and straight into the vault.

use std::collections::HashSet;

use serde_json::json;

use crate::support::env::{PASSWORD, TestEnv};

fn generated(env: &TestEnv, args: &[&str]) -> String {
    let args = [&["generate"], args].concat();
    let output = env.call(&args).no_password().ok();
    output.silently();
    output.text().strip_suffix('\n').unwrap().to_owned()
}

#[test]
fn generate_needs_no_vault_and_prints_24_characters() {
    let env = TestEnv::new();
    let secret = generated(&env, &[]);
    assert_eq!(secret.chars().count(), 24);
    assert!(secret.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_ne!(secret, generated(&env, &[]));
    assert!(env.everything().is_empty(), "nothing is kept");
}

#[test]
fn length_and_characters_are_as_asked() {
    let env = TestEnv::new();
    for length in ["8", "57", "1024"] {
        let secret = generated(&env, &["-l", length]);
        assert_eq!(secret.chars().count().to_string(), length);
    }
    let plain = generated(&env, &["--length", "1024", "--no-symbols"]);
    assert!(plain.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let odd = generated(&env, &["--charset", "-ä€🔑-", "-l", "400"]);
    let seen: HashSet<char> = odd.chars().collect();
    assert_eq!(seen, HashSet::from(['-', 'ä', '€', '🔑']));
    assert_eq!(odd.chars().count(), 400);
}

#[test]
fn words_stand_apart_by_the_separator() {
    let env = TestEnv::new();
    let phrase = generated(&env, &["--words", "64", "--separator", " "]);
    assert_eq!(phrase.split(' ').count(), 64);
    let letters = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    assert!(phrase.split(' ').all(letters), "{phrase}");
    assert!(generated(&env, &["--words", "4"]).contains('-'));
    let run_on = generated(&env, &["--words", "12", "--separator", ""]);
    assert!(!run_on.contains(' '));
}

#[test]
fn json_has_the_secret_and_its_bits() {
    let env = TestEnv::new();
    let answer = env.call(&["generate", "--json"]).no_password().ok().json();
    assert_eq!(answer["secret"].as_str().unwrap().len(), 24);
    assert_eq!(answer["bits"], json!(155.8));
    let words = ["generate", "--words", "6", "--json"];
    assert_eq!(env.call(&words).ok().json()["bits"], json!(77.5));
}

#[test]
fn bits_are_told_to_a_person_only() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault generate --charset ab -l 60 2>err; vault generate -q");
    terminal.sees("a").ends();
    assert_eq!(std::fs::read_to_string(env.path("err")).unwrap(), "");
    let mut terminal = env.terminal("vault generate > out");
    terminal.sees("155.8 bits").ends();
    let out = std::fs::read_to_string(env.path("out")).unwrap();
    assert_eq!(out.len(), 25, "{out:?}");
}

#[test]
fn what_could_be_guessed_or_makes_no_sense_is_bad_usage() {
    let env = TestEnv::ready();
    let bad: [(&[&str], &str); 16] = [
        (&["-l", "7"], "8..=1024"),
        (&["-l", "1025"], "8..=1024"),
        (&["-l=-8"], "--length"),
        (&["-l", "many"], "--length"),
        (&["--charset", ""], "--charset"),
        (&["--charset", "aaaa"], "two different"),
        (&["--charset", "ab\tc"], "control"),
        (&["--charset", "ab", "-l", "8"], "--length 40"),
        (&["--charset", "ab", "--no-symbols"], "--no-symbols"),
        (&["--words", "2"], "3..=64"),
        (&["--words", "65"], "3..=64"),
        (&["--words", "3"], "--words 4"),
        (&["--words", "6", "-l", "30"], "--length"),
        (&["--words", "6", "--no-symbols"], "--no-symbols"),
        (&["--words", "6", "--separator", "\u{1b}"], "control"),
        (&["--separator", "x"], "--words"),
    ];
    for (args, says) in bad {
        env.call(&[&["generate"], args].concat())
            .fails(2)
            .says(says);
    }
    env.call(&["generate", "hunter2"]).fails(2).hides("hunter2");
    env.call(&["generate", "--charset", "ab", "-l", "8"])
        .fails(2)
        .says("8 bits")
        .says("40");
}

#[test]
fn add_generates_and_prints_nothing_of_it() {
    let env = TestEnv::ready();
    let args = ["add", "acme/wp", "--generate", "-l", "40", "--no-symbols"];
    let added = env.call(&args).stdin("not read\n").ok();
    added.prints("").tells("bits").tells("vault get acme/wp");
    let secret = env.secret("acme/wp");
    assert_eq!(secret.len(), 40);
    assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    added.hides(&secret);
    let json = env.call(&["add", "acme/db", "--generate", "--json"]).ok();
    assert_eq!(json.json()["changed"], json!(["acme/db"]));
    json.hides(&env.secret("acme/db"));
    env.call(&["add", "acme/db", "--generate"]).fails(7);
}

#[test]
fn a_generated_secret_leaves_stdin_to_the_seed() {
    let env = TestEnv::ready();
    let args = ["add", "acme/wp", "--generate", "--totp"];
    env.call(&args).stdin("JBSWY3DPEHPK3PXP\n").ok();
    assert_eq!(env.secret("acme/wp").len(), 24);
    env.call(&["get", "acme/wp", "--field", "totp"])
        .ok()
        .prints("JBSWY3DPEHPK3PXP\n");
    let hidden = ["add", "acme/db", "--generate", "--secret-field", "pin"];
    env.call(&hidden).stdin("1234\n").fails(9);
}

#[test]
fn edit_generates_a_new_secret_and_keeps_the_old() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let args = ["edit", "acme/wp", "--secret", "--generate", "--words", "5"];
    let edited = env.call(&args).stdin("not read\n").ok();
    edited.prints("").tells("64.6 bits");
    let secret = env.secret("acme/wp");
    assert!(secret.split('-').count() >= 5, "{secret}");
    edited.hides(&secret);
    env.call(&["get", "acme/wp", "--at-version", "1"])
        .ok()
        .prints("hunter2\n");
    let both = [
        "edit",
        "acme/wp",
        "--secret",
        "--generate",
        "--secret-field",
        "pin",
    ];
    env.call(&both).stdin("1234\n").ok();
    assert_eq!(env.secret("acme/wp").len(), 24);
    env.call(&["get", "acme/wp", "--field", "pin"])
        .ok()
        .prints("1234\n");
}

#[test]
fn what_says_how_to_generate_says_that_too() {
    let env = TestEnv::with(&[("acme/wp", "hunter2"), ("acme/ftp", "hunter3")]);
    env.call(&["add", "acme/db", "--words", "5"]).ok();
    assert_eq!(env.secret("acme/db").split('-').count(), 5);
    env.call(&["edit", "acme/wp", "-l", "30"]).ok();
    assert_eq!(env.secret("acme/wp").len(), 30);
    env.call(&["edit", "acme/wp", "--generate"]).ok();
    assert_eq!(env.secret("acme/wp").len(), 24);
    env.call(&["rotate", "acme/ftp", "--no-symbols"]).ok();
    let letters = env.secret("acme/ftp");
    assert!(letters.chars().all(char::is_alphanumeric), "{letters}");
    for args in [["--stdin", "-l"], ["--confirm", "-l"], ["--abort", "-l"]] {
        let call = env.call(&[&["rotate", "acme/ftp"], &args[..], &["30"]].concat());
        call.stdin("new").fails(2).says("--");
    }
    let weak = ["add", "acme/db", "--generate", "--charset", "ab"];
    env.call(&weak).fails(2).says("24 bits").hides(PASSWORD);
}
