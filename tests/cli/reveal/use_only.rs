//! Entries for use only: programs get them while the vault is unlocked; whatever shows them or lets
//! them out wants the master password in the same call.

use std::fs;

use serde_json::{Value, json};

use crate::cli::sharing::share;
use crate::support::call::Call;
use crate::support::env::{PASSWORD, TestEnv, mode};

const SECRET: &str = "canary-of-the-db";
const PIN: &str = "canary-pin-4711";
const FILE: &str = "canary in a file";
const URI: &str = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=4000000000";

/// A vault with something of everything in an entry for use only, and another entry.
fn env() -> TestEnv {
    TestEnv::copied("with an entry for use only", |env| {
        const ADD: &str =
            "add acme/db --use-only -u root --env DB_PASSWORD --url https://db.example";
        let add: Vec<&str> = ADD.split(' ').collect();
        env.call(&add).stdin("canary-former-one").ok();
        env.call(&["edit", "acme/db", "--secret"])
            .stdin(SECRET)
            .ok();
        let pin = ["edit", "acme/db", "--secret-field", "pin"];
        env.call(&pin).stdin(PIN).ok();
        env.call(&["edit", "acme/db", "--totp"]).stdin(URI).ok();
        env.file("key.txt", FILE);
        env.call(&["attach", "acme/db", "key.txt"]).ok();
        env.add("acme/wp", "hunter2");
    })
}

/// That, while an agent keeps the key.
fn unlocked() -> TestEnv {
    let env = env();
    env.call(&["unlock"]).ok();
    env
}

/// A call that has no password and nobody to ask.
fn bare<'a>(env: &'a TestEnv, args: &[&str]) -> Call<'a> {
    env.call(args).no_password()
}

#[track_caller]
fn flags(env: &TestEnv) -> Value {
    let list = bare(env, &["list", "acme/db", "--json"]).ok().json();
    list[0]["flags"].clone()
}

#[test]
fn what_shows_it_or_lets_it_out_wants_the_password_although_the_vault_is_unlocked() {
    let env = unlocked();
    let rotated = env.call(&["rotate", "acme/db", "--begin", "--stdin"]);
    rotated.stdin("canary-to-come").ok();
    env.file("config.tpl", "x={{ vault://acme/db }}");
    env.file("code.tpl", "x={{ vault://acme/db#totp }}");
    for line in [
        "get acme/db",
        "get acme/db --json",
        "get acme/db --quiet",
        "get acme/db --field secret",
        "get acme/db --field pin",
        "get acme/db --field totp",
        "get acme/db --at-version 1",
        "get acme/db --pending",
        "get acme/db --file key.txt",
        "get acme/db --file key.txt --out key.out",
        "detach acme/db key.txt --out key.out",
        "detach acme/db key.txt --out key.out --dry-run",
        "inject -i config.tpl",
        "inject -i config.tpl -o config.out",
        "inject -i code.tpl",
        "export --plaintext",
        "export --plaintext --dry-run",
        "export --plaintext --client acme --format csv --out all.csv",
        "export --plaintext --format bitwarden --out all.json",
        "share acme/db --to-client --passphrase",
        "share acme/wp acme/db --to-client --passphrase --out -",
        "edit acme/db --no-use-only",
        "edit acme/db --no-use-only --dry-run",
        "edit acme/db --unset use-only",
        "edit acme/db -u jo --unset use-only",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let refused = bare(&env, &args).fails(9);
        refused.says("acme/db is for use only").hides("canary");
        refused.hides("vault run");
        let no_input = [&args[..], &["--no-input"]].concat();
        bare(&env, &no_input).fails(9);
        // A password that is named in this call is a proof, a wrong one is none.
        env.call(&args).password("not the password").fails(4);
    }
    assert!(!env.work().join("key.out").exists());
    assert!(!env.work().join("all.csv").exists());
    assert_eq!(flags(&env), json!(["pending", "use-only"]));
}

#[test]
fn the_password_that_is_named_in_the_call_is_a_proof() {
    let env = unlocked();
    bare(&env, &["get", "acme/db"])
        .fails(9)
        .hints("--password-file");
    let get = env.call(&["get", "acme/db"]).ok();
    get.prints(&format!("{SECRET}\n"));
    let named = env.password_file().display().to_string();
    let get = [
        "get",
        "acme/db",
        "--field",
        "pin",
        "--password-file",
        &named,
    ];
    bare(&env, &get).ok().prints(&format!("{PIN}\n"));
    let command = format!("cat '{named}'");
    let get = bare(&env, &["get", "acme/db", "--file", "key.txt"]);
    get.var("VAULT_PASSWORD_COMMAND", command).ok().prints(FILE);
    let all = env.call(&["export", "--plaintext"]).ok();
    all.shows(SECRET).shows("\"use_only\":true");
    let share = ["share", "acme/db", "--to-client", "--passphrase"];
    env.call(&share).ok();
    env.call(&["edit", "acme/db", "--no-use-only"]).ok();
    assert_eq!(flags(&env), json!([]));
    bare(&env, &["get", "acme/db"]).ok();
}

#[test]
fn programs_use_it_while_the_vault_is_unlocked() {
    let env = unlocked();
    let run = ["run", "--client", "acme", "--", "printenv", "DB_PASSWORD"];
    bare(&env, &run).ok().prints(&format!("{SECRET}\n"));
    let file = "DB_FILE=vault://acme/db";
    let run = ["run", "--file", file, "--", "sh", "-c", "cat \"$DB_FILE\""];
    bare(&env, &run).ok().prints(SECRET);
    let asked = "protocol=https\nhost=db.example\n";
    let git = bare(&env, &["helper", "git", "get"]).stdin(asked).ok();
    git.shows(&format!("password={SECRET}"));
    bare(&env, &["code", "acme/db"]).ok().prints("282760\n");
    let log = env.call(&["log", "--json"]).ok().json();
    let uses = log.as_array().unwrap().iter();
    assert_eq!(uses.filter(|it| it["action"] == "use").count(), 3);
}

#[test]
fn a_program_rotates_it_but_the_new_secret_is_not_shown() {
    let env = unlocked();
    let rotate = ["rotate", "acme/db", "--begin", "--generate"];
    bare(&env, &rotate).fails(9).says("acme/db is for use only");
    bare(&env, &[&rotate[..], &["--json"]].concat()).fails(9);
    let foretold = bare(&env, &[&rotate[..], &["-n"]].concat()).fails(9);
    foretold.says("acme/db is for use only");
    let hook = env.file("hook", "#!/bin/sh\ncat > got\n");
    fs::set_permissions(&hook, mode(0o700)).unwrap();
    bare(&env, &["rotate", "acme/db", "--exec", "./hook"]).ok();
    let got = fs::read_to_string(env.path("got")).unwrap();
    assert!(got.contains(SECRET), "{got}");
    assert_eq!(flags(&env), json!(["use-only"]));
}

#[test]
fn what_is_no_secret_is_shown_as_ever() {
    let env = unlocked();
    let user = bare(&env, &["get", "acme/db", "--field", "username"]).ok();
    user.prints("root\n");
    env.file("user.tpl", "{{ vault://acme/db#username }}");
    bare(&env, &["inject", "-i", "user.tpl"])
        .ok()
        .prints("root");
    let shown = bare(&env, &["show", "acme/db"]).ok();
    shown.shows("use only: yes").shows("flags: use-only");
    let shown = bare(&env, &["show", "acme/db", "--json"]).ok().json();
    assert_eq!(shown["use_only"], true);
    for other in [&["get", "acme/wp"][..], &["history", "acme/db"]] {
        bare(&env, other).ok().hides("canary");
    }
    assert_eq!(flags(&env), json!(["use-only"]));
}

#[test]
fn setting_the_mark_asks_nothing_and_the_log_has_each_change() {
    let env = env();
    env.call(&["unlock"]).ok();
    let event = || env.last_event()["detail"]["mark"].clone();
    bare(&env, &["edit", "acme/wp", "--use-only"]).ok();
    assert_eq!(event(), "use-only");
    let again = bare(&env, &["edit", "acme/wp", "--use-only"]).ok();
    again.tells("nothing changed");
    bare(&env, &["edit", "acme/wp", "-u", "jo"]).ok();
    assert_eq!(event(), Value::Null);
    bare(&env, &["get", "acme/wp"]).fails(9);
    let refused = env.last_event();
    assert_eq!(refused["action"], "refuse");
    assert_eq!(refused["detail"]["reason"], "use-only");
    env.call(&["edit", "acme/wp", "--no-use-only"]).ok();
    assert_eq!(event(), "no-use-only");
    let none = bare(&env, &["edit", "acme/wp", "--no-use-only"]).ok();
    none.tells("nothing changed");
    let log = env.call(&["log"]).ok();
    log.shows("for use only").shows("no longer for use only");
    log.shows("because it is for use only and the password was not given");
    let both = ["edit", "acme/wp", "--use-only", "--no-use-only"];
    env.call(&both).fails(2).says("--no-use-only");
}

#[test]
fn on_a_terminal_the_password_is_asked_for_again() {
    let env = unlocked();
    let mut terminal = env.terminal("vault get acme/db; echo \"exit=$?\"");
    terminal.sees("acme/db is for use only").sees("password: ");
    terminal
        .types("a slip")
        .sees("Try again")
        .sees("password: ");
    terminal.types(PASSWORD).sees(SECRET).sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains(PASSWORD), "{screen}");
    let mut terminal = env.terminal("vault get acme/db; echo \"exit=$?\"");
    for _ in 0..3 {
        terminal.sees("password: ").types("a slip");
    }
    let screen = terminal.sees("exit=4").ends();
    assert!(!screen.contains(SECRET), "{screen}");
    // What unlocks the vault is asked for once.
    env.call(&["lock"]).ok();
    let mut terminal = env.terminal("vault get acme/db; echo \"exit=$?\"");
    terminal.sees("password: ").types(PASSWORD);
    let screen = terminal.sees(SECRET).sees("exit=0").ends();
    assert!(!screen.contains("for use only"), "{screen}");
}

#[test]
fn the_editor_shows_secrets_and_takes_the_mark_away_with_the_password_only() {
    let env = unlocked();
    let editor = |does: &str| format!("EDITOR=\"sh -c '{does}'\" vault edit acme/db --editor");
    let shown = format!("{} --with-secret; echo \"exit=$?\"", editor("cat \\$0"));
    let mut terminal = env.terminal(&shown);
    terminal.sees("acme/db is for use only");
    for _ in 0..3 {
        terminal.sees("password: ").types("a slip");
    }
    let screen = terminal.sees("exit=4").ends();
    assert!(!screen.contains("canary"), "{screen}");
    let without = editor("sed -i /^use_only/d \\$0");
    let mut terminal = env.terminal(&format!("{without}; echo \"exit=$?\""));
    terminal.sees("acme/db is for use only").sees("password: ");
    terminal.types(PASSWORD).sees("exit=0").ends();
    assert_eq!(flags(&env), json!([]));
}

#[test]
fn a_share_wants_the_password_and_does_not_carry_the_mark() {
    let env = share::consented().0;
    env.call(&["edit", "acme/wp", "--use-only"]).ok();
    env.call(&["unlock"]).ok();
    let share = ["share", "acme/wp", "--to", "bob"];
    let refused = bare(&env, &share).fails(9);
    refused.says("acme/wp is for use only");
    bare(&env, &[&share[..], &["--dry-run"]].concat()).fails(9);
    env.call(&share).ok();
}

#[test]
fn a_new_key_for_the_vault_wants_the_password_where_anything_is_for_use_only() {
    let env = unlocked();
    let add = ["recovery", "add", "--out", "rescue.txt"];
    bare(&env, &add).fails(9).says("the master password");
    let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    bare(&env, &["recipient", "add", key]).fails(9);
    env.call(&add).ok();
    let identity = ["get", "acme/db", "--identity", "rescue.txt"];
    bare(&env, &identity).ok().prints(&format!("{SECRET}\n"));
    env.call(&["edit", "acme/db", "--no-use-only"]).ok();
    bare(&env, &["recipient", "add", key]).ok();
}

#[test]
fn the_mark_comes_back_with_an_import_and_no_older_copy_takes_it_away() {
    let env = env();
    let backup = env.path("before.age");
    env.call(&["edit", "acme/db", "--no-use-only"]).ok();
    fs::copy(env.vault_file(), &backup).unwrap();
    env.call(&["edit", "acme/db", "--use-only", "-u", "jo"])
        .ok();
    let export = ["export", "--plaintext", "--out", "all.json"];
    env.call(&export).ok();
    env.call(&["unlock"]).ok();
    bare(&env, &["restore", &backup, "--yes"]).ok();
    let shown = bare(&env, &["show", "acme/db", "--json"]).ok().json();
    assert_eq!(shown["username"], "root");
    assert_eq!(flags_with(&env), json!(["use-only"]));
    bare(&env, &["get", "acme/db"]).fails(9);
    let other = TestEnv::ready();
    fs::copy(env.path("all.json"), other.path("all.json")).unwrap();
    other.call(&["import", "all.json"]).ok();
    assert_eq!(flags_with(&other), json!(["use-only"]));
    let lost = ["export", "--plaintext", "--format", "csv", "--out", "x.csv"];
    other.call(&lost).ok().tells("1 mark for use only");
}

#[track_caller]
fn flags_with(env: &TestEnv) -> Value {
    let list = env.call(&["list", "acme/db", "--json"]).ok().json();
    list[0]["flags"].clone()
}

#[test]
fn a_key_that_comes_with_a_copy_wants_the_password_too() {
    let env = TestEnv::with(&[("acme/db", "s3cr3t-canary")]);
    let older = env.file("older.age", fs::read(env.vault_file()).unwrap());
    env.call(&["edit", "acme/db", "--use-only"]).ok();
    // In the copy nothing is marked, and so a key is added there without a question.
    let elsewhere = env.path("other-state");
    let add = ["--vault", &older, "recovery", "add", "--out", "rescue.txt"];
    env.call(&add).var("XDG_STATE_HOME", &elsewhere).ok();
    let listed = ["--vault", &older, "recovery", "list", "--json"];
    let listed = env.call(&listed).var("XDG_STATE_HOME", &elsewhere).ok();
    let id = listed.json()[0]["id"].as_str().unwrap().to_owned();
    env.call(&["unlock"]).ok();
    let merge = ["merge", &older, "--accept-recipient", &id];
    env.call(&merge).no_password().fails(9).says("for use only");
    env.call(&merge).ok();
}

#[test]
fn what_a_rotation_would_show_wants_the_password() {
    let env = TestEnv::with(&[("acme/db", "s3cr3t-canary")]);
    env.call(&["edit", "acme/db", "--use-only"]).ok();
    env.call(&["unlock"]).ok();
    let mut terminal = env.terminal("vault rotate acme/db --generate");
    terminal.sees("Master password: ").types("");
    terminal.ends();
    assert!(
        !terminal.screen.contains("The new secret"),
        "{}",
        terminal.screen
    );
}
