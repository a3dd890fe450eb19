//! Rotation by hand, without a terminal: what is pending is not handed out, and nothing is lost.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys};

fn wp() -> TestEnv {
    TestEnv::with(&[("acme/wp", "first")])
}

fn flags(env: &TestEnv) -> Value {
    env.call(&["show", "acme/wp", "--json"]).ok().json()["flags"].clone()
}

/// Phases and versions of the rotations in the log.
fn phases(env: &TestEnv) -> Vec<String> {
    let log = env.call(&["log", "--json"]).ok().json();
    let events = log.as_array().unwrap().iter();
    let rotations = events.filter(|event| event["action"] == "rotate");
    rotations
        .map(|event| {
            let detail = &event["detail"];
            format!(
                "{} {}",
                detail["phase"].as_str().unwrap(),
                detail["version"]
            )
        })
        .collect()
}

fn reveals(env: &TestEnv) -> usize {
    let log = env.call(&["log", "--json"]).ok().json();
    let events = log.as_array().unwrap().iter();
    events.filter(|event| event["action"] == "reveal").count()
}

fn begin(env: &TestEnv) -> String {
    let begun = env
        .call(&["rotate", "acme/wp", "--begin", "--generate"])
        .ok();
    begun.tells("--confirm").tells("--abort");
    begun.text().strip_suffix('\n').unwrap().to_owned()
}

#[test]
fn a_script_that_gives_the_secret_has_it_counted_at_once() {
    let env = wp();
    let args = ["rotate", "acme/wp", "--stdin"];
    let rotated = env.call(&args).stdin("second\n").ok();
    rotated.prints("").tells("version 2").hides("second");
    assert_eq!(env.secret("acme/wp"), "second");
    env.call(&["get", "acme/wp", "--at-version", "1"])
        .ok()
        .prints("first\n");
    assert_eq!(flags(&env), json!([]));
    assert_eq!(phases(&env), ["done 2"]);
}

#[test]
fn a_script_may_have_it_generated() {
    let env = wp();
    let args = ["rotate", "acme/wp", "--generate", "-l", "33", "--json"];
    let rotated = env.call(&args).stdin("not read").ok();
    let answer = rotated.json();
    has_keys(&answer, &["ok", "changed", "warnings"]);
    assert_eq!(answer["changed"], json!(["acme/wp"]));
    let secret = env.secret("acme/wp");
    assert_eq!(secret.len(), 33);
    rotated.hides(&secret);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_pending_secret_is_not_handed_out() {
    let env = wp();
    let secret = begin(&env);
    assert_eq!(secret.len(), 24);
    assert_eq!(env.secret("acme/wp"), "first");
    env.call(&["get", "acme/wp", "--pending", "-n"])
        .ok()
        .prints(&secret);
    let pending = env.call(&["get", "acme/wp", "--pending", "--json"]).ok();
    assert_eq!(pending.json()["version"], 2);
    assert_eq!(flags(&env), json!(["pending"]));
    let listed = env.call(&["list", "--json"]).ok().json();
    assert_eq!(listed[0]["flags"], json!(["pending"]));
    assert_eq!(listed[0]["version"], 1);
    env.call(&["show", "acme/wp"])
        .ok()
        .shows("pending")
        .hides(&secret);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn confirm_promotes_and_abort_gives_up() {
    let env = wp();
    let second = begin(&env);
    let confirmed = env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    confirmed.prints("").tells("version 2").hides(&second);
    assert_eq!(env.secret("acme/wp"), second);
    let third = begin(&env);
    let aborted = env.call(&["rotate", "acme/wp", "--abort", "--json"]).ok();
    assert_eq!(aborted.json()["changed"], json!(["acme/wp"]));
    assert_eq!(env.secret("acme/wp"), second);
    for (number, secret) in [("1", "first"), ("2", &second), ("3", &third)] {
        let args = ["get", "acme/wp", "-n", "--at-version", number];
        env.call(&args).ok().prints(secret);
    }
    assert_eq!(flags(&env), json!([]));
    let phases = phases(&env);
    assert_eq!(phases, ["begin 2", "confirm 2", "begin 3", "abort 3"]);
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn what_begin_shows_is_in_the_log_as_revealed() {
    let env = wp();
    begin(&env);
    assert_eq!(reveals(&env), 1);
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    assert_eq!(reveals(&env), 1);
}

#[test]
fn begin_answers_a_script_like_get_and_like_a_change() {
    let env = wp();
    env.call(&["edit", "acme/wp", "--field", "id=4711"]).ok();
    let args = ["rotate", "acme/wp", "--begin", "--stdin", "--json"];
    let answer = env.call(&args).stdin("second\n").ok().json();
    assert_eq!(answer["path"], "acme/wp");
    assert_eq!(answer["version"], 2);
    assert_eq!(answer["secret"], "second");
    assert_eq!(answer["fields"], json!({"id": "4711"}));
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["changed"], json!(["acme/wp"]));
}

#[test]
fn while_one_is_pending_the_secret_is_not_replaced() {
    let env = wp();
    let secret = begin(&env);
    let refused: [&[&str]; 6] = [
        &["rotate", "acme/wp", "--begin", "--generate"],
        &["rotate", "acme/wp", "--generate"],
        &["rotate", "acme/wp", "--stdin"],
        &["rotate", "acme/wp"],
        &["edit", "acme/wp", "--secret"],
        &["edit", "acme/wp", "--secret", "--generate"],
    ];
    for args in refused {
        let failure = env.call(args).stdin("other").fails(7);
        failure
            .says("version 2")
            .hints("--confirm")
            .hints("--abort");
        failure.hides(&secret);
    }
    env.call(&["edit", "acme/wp", "-u", "root"]).ok();
    env.call(&["get", "acme/wp", "--pending", "-n"])
        .ok()
        .prints(&secret);
}

#[test]
fn where_nothing_is_pending_there_is_nothing_to_settle() {
    let env = wp();
    let asks: [&[&str]; 3] = [
        &["rotate", "acme/wp", "--confirm"],
        &["rotate", "acme/wp", "--abort"],
        &["get", "acme/wp", "--pending"],
    ];
    for args in asks {
        env.call(args).fails(3).says("acme/wp").hints("--begin");
        let error = env.call(&[args, &["--json"]].concat()).fails(3).json();
        assert_eq!(error["code"], "not_found");
    }
    begin(&env);
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    env.call(&["rotate", "acme/wp", "--confirm"]).fails(3);
}

#[test]
fn stdin_is_kept_byte_for_byte() {
    let env = wp();
    let inputs: [(&[&str], &[u8], &[u8]); 6] = [
        (&[], b"one\n", b"one"),
        (&[], b"two\r\n", b"two"),
        (&[], b"three\n\n", b"three\n"),
        (&["--raw"], b"four\r\n", b"four\r\n"),
        (&[], b" five\tand \n more ", b" five\tand \n more "),
        (
            &["--raw"],
            "s\u{65}\u{301}chs 🔑".as_bytes(),
            "s\u{65}\u{301}chs 🔑".as_bytes(),
        ),
    ];
    for (options, input, stored) in inputs {
        let args = [&["rotate", "acme/wp", "--stdin"], options].concat();
        env.call(&args).stdin(input).ok();
        assert_eq!(env.call(&["get", "-n", "acme/wp"]).ok().bytes(), stored);
        // The same once more, through the two phases.
        env.call(&["edit", "acme/wp", "--secret", "--generate"])
            .ok();
    }
    let args = ["rotate", "acme/wp", "--begin", "--stdin"];
    env.call(&args).stdin("last\n\n").ok().prints("last\n\n");
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    assert_eq!(env.secret("acme/wp"), "last\n");
}

#[test]
fn what_is_no_secret_changes_nothing() {
    let env = wp();
    let large = vec![b'x'; (1 << 20) + 1];
    for input in [&b""[..], b"\n", b"\xff\xfe", b"a\0b", &large] {
        env.call(&["rotate", "acme/wp", "--stdin"])
            .stdin(input)
            .fails(2);
        let begin = ["rotate", "acme/wp", "--begin", "--stdin"];
        env.call(&begin).stdin(input).fails(2);
    }
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("first")
        .fails(2)
        .says("version 1")
        .hides("first");
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn without_a_source_and_a_terminal_it_says_what_would_have_answered() {
    let env = wp();
    for args in [
        &["rotate", "acme/wp"][..],
        &["rotate", "acme/wp", "--begin"],
    ] {
        // What is piped in is not taken for a secret unless --stdin says so.
        let failure = env.call(args).stdin("second").fails(9);
        failure.hints("--generate").hints("--stdin");
    }
    env.call(&["rotate", "--due"]).fails(9).hints("vault list");
    env.call(&["rotate", "--due", "--json"]).fails(9);
    env.call(&["rotate", "acme/wp", "--generate"])
        .no_password()
        .fails(9)
        .hints("--password-file");
}

#[test]
fn options_that_exclude_each_other_are_bad_usage() {
    let env = wp();
    begin(&env);
    let bad: [&[&str]; 12] = [
        &["rotate", "acme/wp", "--confirm", "--abort"],
        &["rotate", "acme/wp", "--confirm", "--begin"],
        &["rotate", "acme/wp", "--confirm", "--generate"],
        &["rotate", "acme/wp", "--abort", "--stdin"],
        &["rotate", "acme/wp", "--abort", "--raw"],
        &["rotate", "acme/wp", "--confirm", "--reason", "x"],
        &["rotate", "acme/wp", "--generate", "--stdin"],
        &["rotate", "acme/wp", "--generate", "--raw"],
        &["rotate", "acme/wp", "--due"],
        &["rotate", "acme/wp", "--client", "acme"],
        &["rotate", "acme/wp", "--generate", "--reason", ""],
        &["get", "acme/wp", "--pending", "--at-version", "1"],
    ];
    for args in bad {
        env.call(args).stdin("x").fails(2);
    }
    env.call(&["rotate", "acme/wp", "hunter2"])
        .fails(2)
        .hides("hunter2");
    env.call(&["rotate", "../wp", "--generate"]).fails(2);
}

#[test]
fn only_what_has_a_secret_is_rotated() {
    let env = wp();
    let seed = ["add", "acme/codes", "--totp"];
    env.call(&seed).stdin("JBSWY3DPEHPK3PXP").ok();
    env.call(&["rotate", "acme/codes", "--generate"])
        .fails(3)
        .hints("--secret");
    env.call(&["rotate", "acme/wq", "--generate"])
        .fails(3)
        .hints("acme/wp");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).fails(3);
}

#[test]
fn the_reason_is_in_the_vault_and_not_in_the_log() {
    let env = wp();
    let args = [
        "rotate",
        "acme/wp",
        "--generate",
        "--reason",
        "Jo Smith left",
    ];
    env.call(&args).ok();
    env.call(&["log", "--json"]).ok().hides("Jo Smith");
    env.call(&["log"])
        .ok()
        .shows("done version 2")
        .hides("Jo Smith");
}

#[test]
fn one_of_two_that_begin_at_once_is_told_of_the_other() {
    let env = wp();
    let script = "vault rotate acme/wp --begin --generate > a & first=$!; \
                  vault rotate acme/wp --begin --generate > b & \
                  second=$!; wait $first; one=$?; wait $second; two=$?; echo \"$((one + two))\"";
    env.shell(script).ok().prints("7\n");
    let read = |name: &str| std::fs::read_to_string(env.path(name)).unwrap();
    let shown = read("a") + &read("b");
    env.call(&["get", "acme/wp", "--pending"])
        .ok()
        .prints(&shown);
}

#[test]
fn a_begun_secret_that_cannot_be_printed_is_a_failure_and_still_there() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let env = wp();
    for options in ["", "--json"] {
        let script =
            format!("vault rotate acme/wp --begin --generate {options} > /dev/full; echo $?");
        env.shell(&script).ok().prints("1\n").tells("--pending");
        assert_eq!(env.secret("acme/wp"), "first");
        env.call(&["get", "acme/wp", "--pending"]).ok();
        env.call(&["rotate", "acme/wp", "--abort"]).ok();
    }
}
