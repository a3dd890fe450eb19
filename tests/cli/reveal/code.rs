//! `code`: the one-time code of the moment, as other programs make it.

use serde_json::json;

use crate::support::env::{TestEnv, has_keys};

const SEED: &str = "JBSWY3DPEHPK3PXP";

fn mfa(seed: &str) -> TestEnv {
    let env = TestEnv::ready();
    env.call(&["add", "acme/mfa", "--totp"]).stdin(seed).ok();
    env
}

#[test]
fn a_code_is_alone_on_stdout_and_the_seconds_left_are_told() {
    let env = mfa(SEED);
    let code = env.call(&["code", "acme/mfa"]).ok();
    code.tells("good for ").tells("second").hides(SEED);
    let (digits, end) = code.text().split_at(6);
    assert!(digits.chars().all(|c| c.is_ascii_digit()), "{digits}");
    assert_eq!(end, "\n");
    let bare = env.call(&["code", "acme/mfa", "-n", "--quiet"]).ok();
    assert_eq!(bare.silently().text().len(), 6);
}

#[test]
fn json_has_the_code_and_the_seconds_left() {
    let env = mfa("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8&period=86400");
    let code = env.call(&["code", "acme/mfa", "--json"]).ok();
    let answer = code.silently().json();
    has_keys(&answer, &["code", "seconds_left"]);
    assert_eq!(answer["code"].as_str().unwrap().len(), 8);
    let left = answer["seconds_left"].as_u64().unwrap();
    assert!((1..=86400).contains(&left), "{left}");
}

#[test]
fn the_code_is_that_of_the_current_seed() {
    // So long a period has one code all day.
    let uri = |seed| format!("otpauth://totp/x?secret={seed}&period=4000000000");
    let env = mfa(&uri(SEED));
    let code = || env.call(&["code", "acme/mfa"]).ok().text().to_owned();
    assert_eq!(code(), "282760\n");
    let edit = ["edit", "acme/mfa", "--totp"];
    env.call(&edit).stdin(uri("GEZDGNBVGY3TQOJQ")).ok();
    assert_ne!(code(), "282760\n");
}

#[test]
fn a_code_is_a_reveal_and_the_log_has_neither_code_nor_seed() {
    let env = mfa("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=4000000000");
    env.call(&["code", "acme/mfa"]).ok();
    let log = env.call(&["log", "--json"]).ok();
    log.hides("282760").hides(SEED);
    let last = log.json().as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "reveal");
    assert_eq!(last["detail"], json!({"what": "code", "version": 1}));
}

#[test]
fn without_a_seed_or_an_entry_there_is_no_code() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["code", "acme/wp"])
        .fails(3)
        .says("has no one-time-code seed")
        .hints("vault edit acme/wp --totp");
    env.call(&["code", "acme/wq"]).fails(3).hints("acme/wp");
}

#[test]
fn a_seed_that_no_code_can_be_made_of_is_refused_when_it_is_given() {
    let env = TestEnv::ready();
    let hotp = "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1";
    for (seed, reason) in [
        (hotp, "HOTP"),
        (
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=12",
            "digits",
        ),
        (
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=MD5",
            "algorithm",
        ),
        ("no seed at all!", "not a one-time-code seed"),
    ] {
        let call = env.call(&["add", "acme/mfa", "--totp"]).stdin(seed);
        call.fails(2).says(reason).hides(SEED);
    }
}
