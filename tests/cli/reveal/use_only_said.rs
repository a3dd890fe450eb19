//! What is said of entries for use only, and who counts as somebody who can be asked.

use std::fs;

use serde_json::json;

use crate::support::env::{CHEAP, PASSWORD, TestEnv, mode};

const SECRET: &str = "canary-of-the-db-7Q";

/// An unlocked vault with one entry for use only.
fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/db", SECRET)]);
    env.call(&["edit", "acme/db", "--use-only"]).ok();
    env.call(&["unlock"]).ok();
    env
}

#[test]
fn the_prompt_names_the_entry_where_notes_are_not_shown_too() {
    let env = env();
    let mut terminal = env.terminal("vault -q get acme/db; echo \"exit=$?\"");
    terminal.sees("acme/db is for use only. Master password: ");
    terminal.types(PASSWORD).sees(SECRET).sees("exit=0").ends();
    env.add("acme/mail", "another-canary");
    env.call(&["edit", "acme/mail", "--use-only"]).ok();
    env.file("all.tpl", "{{ vault://acme/db }} {{ vault://acme/mail }}");
    let both = env.call(&["inject", "-i", "all.tpl"]).no_password();
    both.fails(9)
        .says("acme/db is for use only, as is 1 other:");
}

#[test]
fn it_is_named_where_the_key_file_is_missing_too() {
    let env = TestEnv::new();
    let key = env.file("key", "a key of some bytes");
    let named = ["--key-file", &key];
    let call = |args: &[&str]| env.call(&[args, &named].concat());
    call(&["init", "--kdf", CHEAP]).ok();
    call(&["add", "acme/db", "--use-only"]).stdin(SECRET).ok();
    call(&["unlock"]).ok();
    let refused = env.call(&["get", "acme/db"]).no_password().fails(4);
    refused.says("acme/db is for use only").says("key file");
    refused.hints("--key-file");
    call(&["get", "acme/db"]).ok().shows(SECRET);
}

#[test]
fn an_assistants_terminal_is_nobody_who_can_be_asked() {
    let env = env();
    let script = "CLAUDECODE=1 vault get acme/db; echo \"exit=$?\"";
    let screen = env.terminal(script).sees("exit=9").ends().to_owned();
    assert!(
        screen.contains("CLAUDECODE says that an assistant"),
        "{screen}"
    );
    assert!(!screen.contains("password: "), "{screen}");
    // What was typed there to unlock the vault is no proof either.
    env.call(&["lock"]).ok();
    let mut terminal = env.terminal(script);
    terminal.sees("Master password: ").types(PASSWORD);
    let screen = terminal.sees("exit=9").ends();
    assert!(!screen.contains(SECRET), "{screen}");
    assert_eq!(env.last_event()["detail"]["reason"], "use-only");
    // What is named was given on purpose; other entries are asked for as ever.
    let named = env.call(&["get", "acme/db"]).var("CLAUDECODE", "1");
    named.ok().shows(SECRET);
    env.add("acme/wp", "hunter2");
    let mut terminal = env.terminal("CLAUDECODE=1 vault get acme/wp");
    terminal.sees("Master password: ").types(PASSWORD);
    terminal.sees("hunter2").ends();
}

#[test]
fn what_a_hook_prints_is_masked_where_an_assistant_runs_it() {
    let env = env();
    let hook = "#!/bin/sh\ncat\ncat /dev/null; echo done >&2\n";
    let hook = env.file("hook", hook);
    fs::set_permissions(&hook, mode(0o700)).unwrap();
    let rotate = ["rotate", "acme/db", "--exec", "./hook"];
    let masked = env.call(&rotate).var("CLAUDECODE", "1").ok();
    masked.hides(SECRET).tells("\"old\":\"[vault: acme/db]\"");
    masked.tells("\"new\":\"[vault: acme/db]\"").tells("done");
    let new = env.secret("acme/db");
    let verify = ["rotate", "acme/db", "--verify-exec", "./hook"];
    let masked = env.call(&verify).var("CLAUDECODE", "1").ok();
    masked.hides(&new).tells("[vault: acme/db]").prints("");
    env.call(&verify).ok().tells(&new);
    // Much is printed before anything is read.
    let much = "#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x\ncat\nexit 3\n";
    fs::write(&hook, much).unwrap();
    let failed = env.call(&rotate).var("CLAUDECODE", "1").run();
    assert_eq!(failed.code, Some(7));
    assert!(failed.stderr.contains("exited with 3"));
    assert!(failed.stderr.len() > 300_000 && !failed.stderr.contains(&new));
}

#[test]
fn the_mark_is_told_in_words_and_older_copies_are_named() {
    let env = TestEnv::with(&[("acme/db", SECRET)]);
    let marked = env.call(&["edit", "acme/db", "--use-only"]).ok();
    marked.tells("older copies do not know of the mark");
    let again = env.call(&["edit", "acme/db", "-u", "jo"]).ok();
    again.hides("older copies");
    let unmarked = env.call(&["edit", "acme/db", "--no-use-only"]).ok();
    unmarked.tells("use-only: no (was yes)").hides("true");
    let other = ["edit", "acme/db", "--rotate-every", "90d"];
    env.call(&other).ok();
    let other = env.call(&["edit", "acme/db", "--rotate-every", "30d"]);
    other.ok().tells("rotate-every: 30d (was 90d)");
}

#[test]
fn an_export_asks_only_for_what_goes_out() {
    let env = env();
    env.add("acme/wp", "hunter2");
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let csv = ["export", "--plaintext", "--format", "csv"];
    let out = env.call(&csv).no_password().ok();
    out.shows("hunter2").hides(SECRET);
    // JSON has the trash too.
    env.call(&["export", "--plaintext"]).no_password().fails(9);
    let all = env.call(&["export", "--plaintext", "--json", "--out", "a"]);
    assert_eq!(all.ok().json()["trash"], json!(1));
}
