//! Promise 9: stored text cannot drive your terminal. What is shown on one is escaped; what goes
//! into a pipe is exact.

use std::process::Command;

use rexpect::session::spawn_command;

use crate::promises::forge::Forge;
use crate::support::env::{BINARY, TestEnv};

/// Sets the title, clears the screen, reports back, reverses text, rings, backs up, starts a new
/// line, in both ways that a terminal reads them.
const HOSTILE: &str =
    "a\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}6n\u{202e}txt\u{2066}\u{8}\r\nvault: done\u{7f}z";

/// What `vault ARGS` shows on a terminal, as bytes.
fn on_a_terminal(env: &TestEnv, args: &[&str]) -> Vec<u8> {
    let mut command = Command::new(BINARY);
    env.hermetic(&mut command);
    command
        .env("VAULT_PASSWORD_FILE", env.password_file())
        .env("TERM", "xterm-256color")
        .env("NO_COLOR", "1")
        // A pager that adds no escape sequences of its own; what it gets is what it shows.
        .env("PAGER", "cat -")
        .args(args);
    let mut session = spawn_command(command, Some(30_000)).unwrap();
    let shown = session.exp_eof().unwrap();
    // rexpect gives each byte as a character.
    shown.chars().map(|byte| byte as u8).collect()
}

/// Nothing but text and ends of lines.
#[track_caller]
fn is_tame(args: &[&str], shown: &[u8]) {
    let text = String::from_utf8(shown.to_vec()).expect("not UTF-8");
    let wild = |c: &char| {
        (c.is_control() && *c != '\r' && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    let found: Vec<char> = text.chars().filter(wild).collect();
    assert!(found.is_empty(), "{args:?} shows {found:?} of {text:?}");
    // The terminal's own line discipline makes \r\n of \n; a lone one would be the text's.
    let own = text.replace("\r\n", "\n");
    assert!(!own.contains('\r'), "{args:?} shows a carriage return");
}

fn hostile_vault() -> TestEnv {
    TestEnv::copied("hostile text", |env| {
        let add = [
            "add", "acme/wp", "-u", HOSTILE, "--url", HOSTILE, "--notes", HOSTILE,
        ];
        let field = format!("account={HOSTILE}");
        let all = [&add[..], &["--field", &field]].concat();
        env.call(&all).stdin(HOSTILE).ok();
        let client = [
            "client", "edit", "acme", "--name", HOSTILE, "--rules", HOSTILE,
        ];
        env.call(&client).ok();
    })
}

#[test]
fn a_terminal_is_shown_stored_text_escaped() {
    let env = hostile_vault();
    for args in [
        &["get", "acme/wp"][..],
        &["get", "acme/wp", "--field", "account"],
        &["get", "acme/wp", "--field", "notes"],
        &["get", "acme/wp", "--json"],
        &["show", "acme/wp"],
        &["show", "acme/wp", "--json"],
        &["list", "--long"],
        &["list", "--json"],
        &["find", "txt", "--long"],
        &["client", "show", "acme"],
        &["history", "acme/wp"],
        &["log"],
    ] {
        let shown = on_a_terminal(&env, args);
        assert!(!shown.is_empty(), "{args:?} shows nothing");
        is_tame(args, &shown);
    }
    let shown = on_a_terminal(&env, &["get", "acme/wp"]);
    let text = String::from_utf8(shown).unwrap();
    assert!(
        text.contains("txt"),
        "the rest of the text is there: {text:?}"
    );
}

#[test]
fn a_pipe_is_given_the_exact_bytes() {
    let env = hostile_vault();
    let get = |args: &[&str]| env.call(&[&["get", "-n", "acme/wp"], args].concat()).ok();
    assert_eq!(get(&[]).bytes(), HOSTILE.as_bytes());
    assert_eq!(get(&["--field", "account"]).bytes(), HOSTILE.as_bytes());
    assert_eq!(get(&["--json"]).json()["secret"], HOSTILE);
}

#[test]
fn names_in_a_file_that_another_program_wrote_are_escaped_too() {
    let env = hostile_vault();
    let forge = Forge::of(&env);
    let file = forge.with(|payload| {
        payload["clients"][0]["slug"][0][2] = format!("acme{HOSTILE}").into();
        payload["entries"][0]["name"][0][2] = format!("wp{HOSTILE}").into();
        payload["entries"][0]["tags"] = serde_json::json!([[9, "00000000000000aa", [HOSTILE]]]);
    });
    std::fs::write(env.vault_file(), file).unwrap();
    for args in [
        &["list"][..],
        &["list", "--long"],
        &["log"],
        &["verify", "--full"],
        &["get", "acme/wp"],
        &["get", "acme/other"],
    ] {
        is_tame(args, &on_a_terminal(&env, args));
    }
}

#[test]
fn a_bad_argument_is_repeated_escaped() {
    let env = hostile_vault();
    let entry = "acme/w\u{1b}[31mp\u{202e}";
    for args in [
        &["get", entry][..],
        &["list", entry],
        &["list", "--tag", entry],
        &["show", "acme/\u{9b}31m"],
    ] {
        is_tame(args, &on_a_terminal(&env, args));
    }
}

#[test]
fn messages_of_a_hostile_header_are_escaped() {
    let env = hostile_vault();
    let whole = std::fs::read(env.vault_file()).unwrap();
    let tag = format!("-> {HOSTILE} x\n\n");
    let at = crate::promises::forge::Parts::of(&whole).stanzas[0].start;
    let file = crate::promises::forge::splice(&whole, at..at, tag.as_bytes());
    std::fs::write(env.vault_file(), file).unwrap();
    for args in [&["get", "acme/wp"][..], &["verify"], &["status"]] {
        is_tame(args, &on_a_terminal(&env, args));
    }
}
