//! `redact`: a stream without this vault's secrets.

use std::io::{BufRead, BufReader, Read, Write};

use crate::support::env::TestEnv;

fn vault() -> TestEnv {
    TestEnv::copied("for redact", |env| {
        env.add("acme/wp", "hunter2/ x?");
        env.add("globex/db", "a\"quoted\"one");
        env.call(&["rotate", "acme/wp", "--stdin"])
            .stdin("hunter3/ y?")
            .ok();
    })
}

#[test]
fn secrets_of_all_entries_and_times_are_taken_out_and_the_rest_stays() {
    let env = vault();
    let text = b"a hunter2/ x? b\nhunter3%2F%20y%3F \xff\0 {\"p\":\"a\\\"quoted\\\"one\"}";
    let redacted = env.call(&["redact"]).stdin(text).ok();
    let expected = b"a [vault: acme/wp] b\n[vault: acme/wp] \xff\0 {\"p\":\"[vault: globex/db]\"}";
    assert_eq!(redacted.silently().bytes(), expected);
    env.call(&["redact"])
        .stdin("nothing in it")
        .ok()
        .prints("nothing in it");
    env.call(&["redact"]).stdin("").ok().prints("");
}

#[test]
fn what_is_left_as_it_is_is_told() {
    let env = vault();
    env.add("acme/pin", "12345");
    let redacted = env.call(&["redact"]).stdin("12345").ok();
    redacted.prints("12345").tells("acme/pin");
    let quiet = env.call(&["-q", "redact"]).stdin("12345").ok();
    quiet.silently().prints("12345");
}

#[test]
fn lines_come_out_as_they_come_in() {
    let env = vault();
    let mut child = env.call(&["redact"]).spawn();
    let (mut into, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut out = BufReader::new(out);
    for line in ["one\n", "hunter2/ x?\n"] {
        into.write_all(line.as_bytes()).unwrap();
        let mut seen = String::new();
        out.read_line(&mut seen).unwrap();
        assert_eq!(seen, line.replace("hunter2/ x?", "[vault: acme/wp]"));
    }
    drop(into);
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_begins_as_a_secret_is_not_held_back_for_ever() {
    let env = vault();
    for part in ["hunter2/ ", "hunter2/ x"] {
        let mut child = env.call(&["redact"]).spawn();
        let mut into = child.stdin.take().unwrap();
        let mut out = child.stdout.take().unwrap();
        into.write_all(part.as_bytes()).unwrap();
        let mut seen = vec![0; part.len()];
        out.read_exact(&mut seen).unwrap();
        assert_eq!(seen, part.as_bytes());
        drop(into);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_and_a_locked_vault_passes_nothing_on() {
    let env = vault();
    let script = "yes hunter2/ x? | vault redact | head -1; echo ${PIPESTATUS[1]}";
    env.shell(script).ok().prints("[vault: acme/wp]\n0\n");
    env.call(&["redact"]).no_password().stdin("x").fails(9);
}
