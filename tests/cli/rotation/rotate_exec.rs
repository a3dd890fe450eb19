//! `rotate --exec`: a program changes the secret on the site, and the vault follows.

use std::fs;

use serde_json::{Value, json};

use crate::support::env::TestEnv;

/// A site that keeps its secret in the file `site`, and checks the old one.
const CHANGE: &str = "#!/bin/sh\ncat > input\ntouch changed\n";

fn vault() -> TestEnv {
    TestEnv::copied("for rotate --exec", |env| {
        let add = [
            "add",
            "acme/db",
            "-u",
            "root",
            "--url",
            "https://one",
            "--url",
            "https://two",
        ];
        env.call(&add).stdin("first").ok();
    })
}

fn script(env: &TestEnv, name: &str, text: &str) -> String {
    let path = env.file(name, text);
    fs::set_permissions(&path, crate::support::env::mode(0o700)).unwrap();
    path
}

fn input(env: &TestEnv) -> Value {
    serde_json::from_slice(&fs::read(env.path("input")).unwrap()).unwrap()
}

#[test]
fn the_program_gets_old_and_new_and_its_success_makes_the_new_one_current() {
    let env = vault();
    let change = script(&env, "change", CHANGE);
    let rotated = env.call(&["rotate", "acme/db", "--exec", &change]).ok();
    rotated.prints("").tells("rotated acme/db").hides("first");
    let new = env.secret("acme/db");
    assert_eq!(new.chars().count(), 24);
    let expected = json!({
        "entry": "acme/db", "client": "acme", "username": "root", "url": "https://one",
        "old": "first", "new": new,
    });
    assert_eq!(input(&env), expected);
    env.call(&["get", "acme/db", "--pending"]).fails(3);
    env.call(&["get", "acme/db", "--at-version", "1"])
        .ok()
        .prints("first\n");
}

#[test]
fn what_is_absent_is_null_and_the_new_secret_may_be_given_or_described() {
    let env = TestEnv::with(&[("acme/api", "first")]);
    let change = script(&env, "change", CHANGE);
    let args = [
        "rotate", "acme/api", "--stdin", "--reason", "asked", "--exec", &change,
    ];
    env.call(&args).stdin("second\n").ok();
    let got = input(&env);
    assert_eq!(got["new"], "second");
    assert_eq!(
        (&got["username"], &got["url"]),
        (&Value::Null, &Value::Null)
    );
    let args = [
        "rotate",
        "acme/api",
        "--generate",
        "--words",
        "4",
        "--exec",
        &change,
    ];
    env.call(&args).ok();
    assert_eq!(env.secret("acme/api").split('-').count(), 4);
    env.call(&["history", "acme/api"])
        .ok()
        .shows("rotate: asked");
}

#[test]
fn the_new_secret_is_pending_before_the_program_starts() {
    let env = vault();
    let password = env.password_file();
    let look = format!(
        "export VAULT_PASSWORD_FILE='{}'; vault get acme/db > current; \
         vault get acme/db --pending > pending; vault add acme/other --generate; exit 1",
        password.display()
    );
    let args = ["rotate", "acme/db", "--exec", "sh", "-c", &look];
    assert_eq!(env.call(&args).run().code, Some(7));
    let read = |name: &str| fs::read_to_string(env.path(name)).unwrap();
    assert_eq!(read("current"), "first\n");
    env.call(&["get", "acme/db", "--pending"])
        .ok()
        .prints(&read("pending"));
    // No lock is held meanwhile.
    env.call(&["get", "acme/other"]).ok();
}

#[test]
fn what_a_program_failed_with_is_tried_again_by_the_same_command() {
    let env = vault();
    let change = "cat >> seen; test -e up";
    let args = ["rotate", "acme/db", "--exec", "sh", "-c", change];
    let failed = env.call(&args).run();
    assert_eq!(failed.code, Some(7), "{failed:?}");
    let next = "to have the program try again: vault rotate acme/db --exec";
    assert!(failed.stderr.contains(next), "{failed:?}");
    let pending = env.call(&["get", "acme/db", "--pending", "-n"]).ok();
    let pending = pending.text().to_owned();
    // Who asks for another secret, or gives a reason for one, does not get the one that waits.
    for other in [
        &["--generate"][..],
        &["--words", "6"],
        &["--reason", "x"],
        &["--stdin"],
    ] {
        let args = [&["rotate", "acme/db"], other, &["--exec", "true"]].concat();
        let refused = env.call(&args).stdin("another").fails(7);
        refused.says("a rotation of acme/db is pending");
    }
    env.file("up", "");
    env.call(&args)
        .ok()
        .tells("version 2 of acme/db is pending already");
    assert_eq!(env.secret("acme/db"), pending);
    let seen = fs::read_to_string(env.path("seen")).unwrap();
    let new = |line: &str| serde_json::from_str::<Value>(line).unwrap()["new"].clone();
    assert_eq!(
        seen.lines().map(new).collect::<Vec<_>>(),
        [pending.as_str(); 2]
    );
}

#[test]
fn a_check_alone_confirms_what_the_site_has_already() {
    let env = vault();
    let check = ["--verify-exec", "test", "-e", "works"];
    let args = [
        &["rotate", "acme/db", "--exec", "sh", "-c", "echo x >> ran"],
        &check[..],
    ]
    .concat();
    assert_eq!(env.call(&args).run().code, Some(7));
    env.file("works", "");
    env.call(&args).ok();
    let ran = fs::read_to_string(env.path("ran")).unwrap();
    assert_eq!(ran, "x\n", "the program ran once");
    env.call(&["get", "acme/db", "--pending"]).fails(3);
}

#[test]
fn anything_but_success_leaves_it_pending_and_says_how_it_goes_on() {
    for (program, reason) in [
        (
            &["sh", "-c", "echo broken >&2; exit 3"][..],
            "exited with 3",
        ),
        (&["sh", "-c", "kill -9 $$"], "killed by signal 9"),
        (&["/"], "cannot run /"),
    ] {
        let env = vault();
        let args = [&["rotate", "acme/db", "--exec"], program].concat();
        let output = env.call(&args).run();
        assert_eq!(output.code, Some(7), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        for text in [
            reason,
            "version 2 of acme/db is pending",
            "--confirm",
            "--abort",
        ] {
            assert!(output.stderr.contains(text), "{text}: {output:?}");
        }
        assert_eq!(env.secret("acme/db"), "first");
        let again = env.call(&args).run();
        assert_eq!(again.code, Some(7), "{again:?}");
        assert!(
            again.stderr.contains("version 2 of acme/db is pending"),
            "{again:?}"
        );
        env.call(&["rotate", "acme/db", "--abort"]).ok();
    }
}

#[test]
fn the_check_gets_the_same_and_has_the_last_word() {
    let env = vault();
    let change = script(&env, "change", CHANGE);
    let check = script(
        &env,
        "check",
        "#!/bin/sh\ncat > checked; exit \"${1:-0}\"\n",
    );
    let args = [
        "rotate",
        "acme/db",
        "--verify-exec",
        &check,
        "--exec",
        &change,
        "--json",
    ];
    // What follows the program is its own, so this is no answer in JSON.
    env.call(&args).ok().prints("");
    let read = |name: &str| fs::read_to_string(env.path(name)).unwrap();
    assert_eq!(read("input"), read("checked"));
    let second = env.secret("acme/db");
    let args = [
        "rotate",
        "acme/db",
        "--exec",
        &change,
        "-x",
        "--verify-exec",
        &check,
        "4",
    ];
    let output = env.call(&args).run();
    assert_eq!(output.code, Some(7), "{output:?}");
    assert!(output.stderr.contains("check exited with 4"), "{output:?}");
    assert_eq!(env.secret("acme/db"), second);
    env.call(&["rotate", "acme/db", "--confirm"]).ok();
}

#[test]
fn the_check_is_not_asked_when_the_change_failed() {
    let env = vault();
    let args = [
        "rotate",
        "acme/db",
        "--exec",
        "false",
        "--verify-exec",
        "touch",
        "checked",
    ];
    assert_eq!(env.call(&args).run().code, Some(7));
    assert!(!env.work().join("checked").exists());
}

#[test]
fn what_the_program_prints_is_not_taken_for_the_answer() {
    let env = vault();
    let args = [
        "--json",
        "rotate",
        "acme/db",
        "--exec",
        "sh",
        "-c",
        "echo said; cat >&2",
    ];
    let rotated = env.call(&args).ok();
    assert_eq!(
        rotated.json(),
        json!({"ok": true, "changed": ["acme/db"], "warnings": []})
    );
    rotated.tells("said\n");
}

#[test]
fn the_program_has_no_password_and_need_not_read() {
    let env = vault();
    let args = ["rotate", "acme/db", "--exec", "sh", "-c", "env > seen"];
    env.call(&args).ok();
    let seen = fs::read_to_string(env.path("seen")).unwrap();
    assert!(
        !seen.contains("VAULT_PASSWORD") && seen.contains("HOME="),
        "{seen}"
    );
}

#[test]
fn it_goes_with_no_other_way_to_rotate() {
    let env = vault();
    for options in [
        &["--begin", "--exec", "true"][..],
        &["--confirm", "--exec", "true"],
        &["--abort", "--exec", "true"],
        &["--verify-exec", "true", "--begin"],
        &["--exec"],
        &["--exec", "--verify-exec", "true"],
        &["--exec", "true", "--verify-exec"],
        &[
            "--verify-exec",
            "true",
            "--exec",
            "true",
            "--verify-exec",
            "true",
        ],
        &["--generate", "--stdin", "--exec", "true"],
    ] {
        env.call(&[&["rotate", "acme/db"], options].concat())
            .fails(2);
    }
    for programs in [
        &["--exec", "./nowhere"][..],
        &["--exec", "touch", "started", "--verify-exec", "./nowhere"],
    ] {
        let call = env.call(&[&["rotate", "acme/db"], programs].concat());
        call.fails(1).says("nowhere").hints("nothing was changed");
    }
    let due = env.call(&["rotate", "--due", "--exec", "touch", "started"]);
    due.ok().tells("nothing is due");
    env.call(&["rotate", "acme/nothing", "--exec", "touch", "started"])
        .fails(3);
    assert!(!env.work().join("started").exists());
}

#[test]
fn the_log_has_both_secrets_as_used_and_the_programs_name() {
    let env = vault();
    let args = [
        "rotate",
        "acme/db",
        "--exec",
        "/bin/sh",
        "-c",
        "cat > /dev/null",
    ];
    env.call(&args).ok();
    let log = env.call(&["log", "--json"]).ok();
    log.hides("first").hides(&env.secret("acme/db"));
    let log = log.json();
    let events: Vec<(&Value, &Value)> = log.as_array().unwrap()[2..]
        .iter()
        .map(|event| (&event["action"], &event["detail"]))
        .collect();
    let old = json!({"what": "secret", "version": 1, "via": "rotate", "program": "sh"});
    let begin = json!({"phase": "begin", "version": 2});
    let new = json!({"what": "secret", "version": 2, "via": "rotate", "program": "sh"});
    let confirm = json!({"phase": "confirm", "version": 2});
    let expected = [
        (&json!("use"), &old),
        (&json!("rotate"), &begin),
        (&json!("use"), &new),
        (&json!("rotate"), &confirm),
    ];
    assert_eq!(events, expected);
}
