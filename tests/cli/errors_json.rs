//! Errors and answers that scripts read: `--json`, exit codes, quiet, colour.

use std::fs;

use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::env::{CHEAP, TestEnv};

/// The error has the code's word, its number, a message that names the thing, and a hint or null.
fn error(call: Call<'_>, exit: i32, code: &str, named: &str) {
    let error = call.fails(exit).json();
    let object = error.as_object().unwrap();
    let keys: Vec<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(keys, ["code", "exit", "hint", "message"]);
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(error["exit"], exit, "{error}");
    assert!(
        error["message"].as_str().unwrap().contains(named),
        "{error}"
    );
    assert!(
        error["hint"].is_string() || error["hint"] == Value::Null,
        "{error}"
    );
}

#[test]
fn every_exit_code_has_its_word() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.file("plain", "");
    let call = |args: &[&str]| env.call(&[args, &["--json"]].concat());
    let data = env.path("plain");
    let out = call(&["init", "--kdf", CHEAP]).var("XDG_DATA_HOME", &data);
    error(out, 1, "failed", "plain");
    error(call(&["add", "acme/db"]).stdin("\n"), 2, "usage", "secret");
    error(call(&["get", "acme/nosuch"]), 3, "not_found", "acme/nosuch");
    error(
        call(&["get", "acme/wp"]).password("wrong-Password-1"),
        4,
        "locked",
        "password",
    );
    error(
        call(&["verify", "--min-generation", "9"]),
        5,
        "integrity",
        "9",
    );
    error(
        call(&["--vault", "n.age", "init"]).password("password1"),
        6,
        "refused",
        "password",
    );
    error(
        call(&["add", "acme/wp"]).stdin("x"),
        7,
        "conflict",
        "acme/wp",
    );
    error(call(&["rm", "acme/wp"]), 9, "needs_input", "acme/wp");
}

#[test]
fn every_command_fails_in_json_without_a_vault() {
    let env = TestEnv::new();
    let commands: [&[&str]; 9] = [
        &["add", "acme/wp"],
        &["get", "acme/wp"],
        &["show", "acme/wp"],
        &["list"],
        &["edit", "acme/wp", "--notes", "x"],
        &["rm", "acme/wp", "--yes"],
        &["verify"],
        &["log"],
        &["passwd"],
    ];
    for args in commands {
        let call = env.call(&[args, &["--json"]].concat()).stdin("x");
        error(call, 3, "not_found", "vault.age");
        let text = env.call(args).stdin("x").fails(3);
        text.says("vault.age").hints("vault init");
    }
}

#[test]
fn bad_options_are_json_too() {
    let env = TestEnv::ready();
    let bad: [(&[&str], &str); 6] = [
        (&["--json", "get", "acme/wp", "--nosuch"], "--nosuch"),
        (&["get", "--json", "--nosuch"], "--nosuch"),
        (&["--json", "frobnicate"], "frobnicate"),
        (&["--json", "get", "noslash"], "CLIENT/NAME"),
        (&["--json", "add"], "ENTRY"),
        (&["list", "--json", "--tag"], "--tag"),
    ];
    for (args, named) in bad {
        error(env.call(args), 2, "usage", named);
    }
}

#[test]
fn an_answer_in_json_is_one_value_and_ends_with_a_newline() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let commands: [&[&str]; 7] = [
        &["get", "acme/wp"],
        &["show", "acme/wp"],
        &["list"],
        &["edit", "acme/wp", "--notes", "x"],
        &["verify"],
        &["log"],
        &["status"],
    ];
    for args in commands {
        for args in [[&["--json"], args].concat(), [args, &["--json"]].concat()] {
            let answer = env.call(&args).ok();
            assert!(!answer.json().is_null());
            assert!(answer.text().ends_with('\n'), "{args:?}");
        }
    }
}

#[test]
fn errors_have_a_fixed_form() {
    let env = TestEnv::with(&[("acme/wordpress", "hunter2")]);
    let failure = env.call(&["get", "acme/wordpres"]).fails(3);
    failure.is("vault: no entry acme/wordpres\nhint: did you mean acme/wordpress?\n");
}

#[test]
fn quiet_silences_the_chatter_but_not_the_error() {
    let env = TestEnv::new();
    env.call(&["-q", "init", "--kdf", CHEAP])
        .ok()
        .prints("")
        .silently();
    env.call(&["-q", "add", "acme/wp"])
        .stdin("plum-Canary-7")
        .ok()
        .silently();
    env.call(&["-q", "edit", "acme/wp", "--notes", "x"])
        .ok()
        .silently();
    env.call(&["-q", "get", "acme/wp"])
        .ok()
        .prints("plum-Canary-7\n")
        .silently();
    env.call(&["-q", "get", "acme/wq"])
        .fails(3)
        .says("vault: no entry acme/wq");
    env.call(&["-q", "rm", "acme/wp", "--yes"]).ok().silently();
}

#[test]
fn a_pipe_gets_no_colour_unless_asked_for() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let escape = "\u{1b}[";
    let plain = |args: &[&str]| {
        env.call(args).fails(3).hides(escape);
    };
    plain(&["get", "acme/wq"]);
    plain(&["get", "acme/wq", "--color", "auto"]);
    plain(&["get", "acme/wq", "--color", "never"]);
    env.call(&["get", "acme/wq", "--color", "always"])
        .fails(3)
        .says(escape);
    // A secret is never dressed up.
    env.call(&["get", "acme/wp", "--color", "always"])
        .ok()
        .prints("hunter2\n");
    env.call(&["list", "--json", "--color", "always"])
        .ok()
        .hides(escape);
    env.call(&["get", "acme/wp", "--color", "pink"]).fails(2);
}

#[test]
fn a_busy_vault_is_waited_for_and_then_a_conflict() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let lock = fs::File::open(env.data().join("vault.age.lock")).unwrap();
    lock.lock().unwrap();
    let add = ["add", "acme/db", "--wait", "50ms"];
    env.call(&add)
        .stdin("x")
        .fails(7)
        .says("busy")
        .hints("--wait");
    env.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
    let waiting = env.call(&["add", "acme/db", "--wait", "1m"]).stdin("x");
    std::thread::scope(|scope| {
        let adding = scope.spawn(|| waiting.ok().prints("").tells("acme/db").bytes().len());
        std::thread::sleep(std::time::Duration::from_millis(200));
        lock.unlock().unwrap();
        assert_eq!(adding.join().unwrap(), 0);
    });
    assert_eq!(env.secret("acme/db"), "x");
    env.call(&["list", "--wait", "forever"]).fails(2);
}

#[test]
fn what_changed_is_a_list_under_every_change() {
    let env = TestEnv::ready();
    let done = json!({"ok": true, "changed": ["acme/wp"], "warnings": []});
    let changes: [(&[&str], &str); 3] = [
        (&["add", "acme/wp", "--json"], "x"),
        (&["edit", "acme/wp", "--secret", "--json"], "y"),
        (&["rm", "acme/wp", "--yes", "--json"], ""),
    ];
    for (args, secret) in changes {
        let answer = env.call(args).stdin(secret).ok();
        assert_eq!(answer.json(), done, "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_change_whose_answer_cannot_be_written_is_not_called_a_failure() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let before = env.snapshot();
    let script = "vault edit acme/wp --notes x --json > /dev/full";
    let output = env.shell(script).run();
    // Exit 1 promises that nothing changed.
    let changed = env.snapshot() != before;
    assert!(output.code == Some(i32::from(!changed)), "{output:?}");
}

#[test]
fn what_is_said_besides_is_a_json_value_a_line_too() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    for args in [
        &["edit", "acme/wp", "-u", "admin"][..],
        &["add", "acme/db", "--generate"],
        &["share", "acme/wp", "--to", "bob"],
        &["unlock"],
        &["rm", "acme/db", "--yes"],
    ] {
        let output = env.call(&[args, &["--json"]].concat()).run();
        for line in output.stderr.lines() {
            let said: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(said.is_object(), "{said}");
        }
    }
}
