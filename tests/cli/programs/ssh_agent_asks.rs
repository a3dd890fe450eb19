//! The SSH agent asks before a key is used: how often, whom, and that nobody waits meanwhile.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::ssh_agent::{KEY, PUBLIC, SESSION, bound, client, knows, uses, with_keys};
use crate::support::env::{TestEnv, mode};
use crate::support::sender::{Sender, in_seconds, item, loan};
use crate::support::ssh_client::{SshClient, SshHost, YES, file, login};
use crate::support::terminal::Terminal;
use crate::support::wait::wait_until;

const P256_PUBLIC: &str = include_str!("../../vectors/ssh_keys/p256.pub");

/// A program that notes what it is asked, waits for a file `answer`, and answers as that says.
const ASKPASS: &str = r#"#!/bin/bash
here=${0%/*}
echo "$SSH_ASKPASS_PROMPT: $1" >> "$here/asked"
env | grep ^VAULT_PASSWORD >> "$here/asked"
while ! [ -e "$here/answer" ]; do sleep 0.01; done
read -r answer < "$here/answer"
[ "$answer" = word ] && { echo yes; exit 0; }
[ "$answer" = other ] && { echo maybe; exit 0; }
[ "$answer" = yes ]
"#;

/// An unlocked vault and an agent that asks by a program that has this answer, if it has one.
pub(super) fn asking(answer: Option<&str>, options: &[&str]) -> TestEnv {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    let program = env.file("askpass", ASKPASS);
    fs::set_permissions(&program, mode(0o700)).unwrap();
    answers(&env, answer);
    let args = [&["ssh-agent"], options].concat();
    env.call(&args).var("SSH_ASKPASS", &program).ok();
    env
}

fn answers(env: &TestEnv, answer: Option<&str>) {
    let file = env.path("answer");
    match answer {
        Some(answer) => {
            // At once, since it is waited for.
            let new = env.file("new-answer", format!("{answer}\n"));
            fs::rename(new, file).unwrap();
        }
        None => drop(fs::remove_file(file)),
    }
}

/// What was asked so far.
pub(super) fn asked(env: &TestEnv) -> Vec<String> {
    let text = fs::read_to_string(env.path("asked")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn root() -> Vec<u8> {
    login(PUBLIC, SESSION, "root", None)
}

#[test]
fn once_is_once_for_each_key_and_host_while_the_vault_is_unlocked() {
    let env = asking(Some("yes"), &[]);
    for _ in 0..3 {
        assert!(bound(&env, 1).signs(PUBLIC, &root()));
    }
    let question = "confirm: may acme/deploy log in as root at web1.acme.example?";
    assert_eq!(asked(&env), [question]);
    let free = login(P256_PUBLIC, SESSION, "jo", None);
    for host in [1, 1, 2] {
        assert!(bound(&env, host).signs(P256_PUBLIC, &free));
    }
    assert_eq!(asked(&env).len(), 3, "another key, and another host");
    for namespace in ["git", "git", "file"] {
        assert!(client(&env).signs(P256_PUBLIC, &file(namespace)));
    }
    assert_eq!(asked(&env).len(), 5, "each namespace");
    let kim = login(P256_PUBLIC, SESSION, "kim", None);
    for _ in 0..2 {
        assert!(bound(&env, 1).signs(P256_PUBLIC, &kim));
    }
    assert_eq!(asked(&env).len(), 6, "each user");
    for before in 6..9 {
        // Within a second, and for as long as before.
        env.call(&["lock"]).no_password().ok();
        env.call(&["unlock"]).ok();
        assert!(bound(&env, 1).signs(PUBLIC, &root()));
        assert_eq!(asked(&env).len(), before + 1, "asked anew");
    }
}

#[test]
fn always_is_each_time_and_never_is_not_at_all() {
    let env = asking(Some("yes"), &["--confirm", "always"]);
    for _ in 0..2 {
        assert!(bound(&env, 1).signs(PUBLIC, &root()));
    }
    assert_eq!(asked(&env).len(), 2);
    let env = asking(Some("no"), &["--confirm", "never"]);
    assert!(bound(&env, 1).signs(PUBLIC, &root()));
    assert!(asked(&env).is_empty());
}

#[test]
fn what_comes_through_a_forwarded_agent_is_asked_each_time_with_never_too() {
    let env = asking(Some("yes"), &["--confirm", "never"]);
    knows(&env, "hop.acme.example", &SshHost::new(7));
    let mut forwarded = through(&env, 7);
    assert_eq!(forwarded.bind(&SshHost::new(1), SESSION, false), YES);
    for _ in 0..2 {
        assert!(forwarded.signs(PUBLIC, &root()));
    }
    assert_eq!(asked(&env).len(), 2);
    assert!(asked(&env)[0].contains("forwarded to hop.acme.example, asks: may acme/deploy"));
    let detail = &uses(&env)[0]["detail"];
    assert_eq!(detail["via"], "ssh-forwarded");
    assert_eq!(detail["through"], "hop.acme.example");
    assert!(forwarded.keys().iter().all(|(_, name)| name == "vault"));
    let mut elsewhere = through(&env, 7);
    assert_eq!(elsewhere.bind(&SshHost::new(2), SESSION, false), YES);
    assert!(!elsewhere.signs(PUBLIC, &root()), "bound all the same");
    let mut unbound = through(&env, 7);
    assert!(
        !unbound.signs(PUBLIC, &root()),
        "the hop does not say where"
    );
    assert_eq!(asked(&env).len(), 2, "what is refused is not asked");
    let mut signing = through(&env, 8);
    assert!(signing.signs(P256_PUBLIC, &file("git")));
    let last = uses(&env).pop().unwrap();
    assert_eq!(last["detail"]["via"], "sshsig-forwarded:git");
    assert_eq!(last["detail"]["through"], SshHost::new(8).fingerprint());
}

/// A connection that comes through a machine.
fn through(env: &TestEnv, hop: u8) -> SshClient {
    let mut client = client(env);
    assert_eq!(client.bind(&SshHost::new(hop), b"hop", true), YES);
    client
}

fn jo(n: usize) -> Vec<u8> {
    login(P256_PUBLIC, SESSION, &format!("jo{n}"), None)
}

#[test]
fn after_a_no_nobody_is_asked_for_the_same_machine() {
    let env = asking(Some("no"), &[]);
    let mut first = through(&env, 7);
    for n in 0..3 {
        assert!(!first.signs(P256_PUBLIC, &jo(n)));
        assert!(!through(&env, 7).signs(P256_PUBLIC, &jo(n)));
    }
    assert_eq!(asked(&env).len(), 1);
    assert!(!through(&env, 8).signs(P256_PUBLIC, &jo(0)));
    assert_eq!(asked(&env).len(), 2, "another machine");
    assert!(!bound(&env, 1).signs(P256_PUBLIC, &jo(0)));
    assert_eq!(asked(&env).len(), 3, "this one");
}

#[test]
fn few_wait_for_a_machine_and_this_one_goes_first() {
    let env = asking(None, &[]);
    let mut waiting: Vec<SshClient> = (0..10).map(|_| through(&env, 7)).collect();
    for (n, client) in waiting.iter_mut().enumerate().take(4) {
        client.send_sign(P256_PUBLIC, &jo(n));
    }
    wait_until("it is asked", || asked(&env).len() == 1);
    // What was sent before is heard before the second of these.
    assert_eq!(client(&env).names().len() + client(&env).names().len(), 4);
    for (n, client) in waiting.iter_mut().enumerate().skip(4) {
        assert!(!client.signs(P256_PUBLIC, &jo(n)), "at once");
    }
    let mut own = bound(&env, 1);
    own.send_sign(PUBLIC, &root());
    wait_until("it is asked", || asked(&env).len() == 2);
    assert!(!asked(&env)[1].contains("another machine"));
    wait_until("the first question goes", || !shows_several(&env));
    answers(&env, Some("yes"));
    assert!(own.was_signed(PUBLIC, &root()));
    for (n, client) in waiting.iter_mut().enumerate().take(4) {
        assert!(client.was_signed(P256_PUBLIC, &jo(n)), "in its turn");
    }
}

/// Whoever signs a commit here binds no connection.
#[test]
fn what_is_not_proved_but_of_this_machine_goes_first_too() {
    let env = asking(None, &[]);
    let mut forwarded = through(&env, 7);
    forwarded.send_sign(P256_PUBLIC, &jo(0));
    wait_until("it is asked", || asked(&env).len() == 1);
    assert!(asked(&env)[0].contains("another machine"));
    let mut own = client(&env);
    own.send_sign(P256_PUBLIC, &file("git"));
    wait_until("this one is asked", || asked(&env).len() == 2);
    assert!(!asked(&env)[1].contains("another machine"));
    wait_until("the first question goes", || !shows_several(&env));
    answers(&env, Some("yes"));
    assert!(own.was_signed(P256_PUBLIC, &file("git")));
    assert!(forwarded.was_signed(P256_PUBLIC, &jo(0)), "in its turn");
}

#[test]
fn those_that_wait_leave_places_to_others() {
    let env = asking(None, &[]);
    let mut waiting: Vec<SshClient> = (0..130).map(|_| client(&env)).collect();
    for (n, client) in waiting.iter_mut().enumerate().skip(2) {
        client.send_sign(P256_PUBLIC, &jo(n));
    }
    let last = waiting.last_mut().unwrap();
    assert!(!last.was_signed(P256_PUBLIC, &jo(129)), "too many");
    assert_eq!(client(&env).names().len(), 2);
    let events = uses(&env);
    assert_eq!(events.len(), 1, "all of one kind: {events:#?}");
}

#[test]
fn what_is_refused_or_asked_keeps_the_vault_open_no_longer() {
    let env = with_keys();
    env.call(&["unlock", "--idle", "2s"]).ok();
    env.call(&["ssh-agent"]).ok();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        assert!(!client(&env).signs(P256_PUBLIC, b"something else"));
        assert!(!client(&env).signs(P256_PUBLIC, &jo(0)), "nobody to ask");
    }
    assert!(client(&env).names().is_empty(), "locked by now");
}

/// An agent in the foreground, and a program that waits for what its terminal is asked.
fn asked_on_the_terminal(env: &TestEnv) -> (Terminal, SshClient) {
    let mut terminal = env.terminal("vault ssh-agent --foreground");
    terminal.sees("export SSH_AUTH_SOCK;");
    let socket = env.ssh_socket();
    wait_until("it listens", || SshClient::try_at(&socket).is_some());
    let mut asking = bound(env, 1);
    asking.send_sign(PUBLIC, &root());
    terminal.sees("may acme/deploy log in as root at web1.acme.example? [y/N] ");
    (terminal, asking)
}

#[test]
fn a_question_on_the_terminal_is_taken_back_and_the_next_one_asked() {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    let (mut terminal, gone) = asked_on_the_terminal(&env);
    drop(gone);
    terminal.sees("no longer asked");
    let mut next = bound(&env, 1);
    next.send_sign(P256_PUBLIC, &jo(1));
    terminal.sees("may globex/git log in as jo1 at");
    terminal.types("y");
    assert!(next.was_signed(P256_PUBLIC, &jo(1)));
    env.call(&["ssh-agent", "--stop"]).ok();
    terminal.ends();
}

#[test]
fn a_client_that_proves_no_server_is_asked_for_each_time() {
    let env = asking(Some("yes"), &["--confirm", "never"]);
    for _ in 0..2 {
        assert!(client(&env).signs(PUBLIC, &root()));
    }
    assert_eq!(asked(&env).len(), 2);
    assert!(
        asked(&env)[0].contains("does not name"),
        "{:?}",
        asked(&env)
    );
    let named = login(PUBLIC, SESSION, "root", Some(&SshHost::new(1)));
    assert!(client(&env).signs(PUBLIC, &named));
    assert!(asked(&env)[2].contains("web1.acme.example (which is not proved)"));
    let other = login(PUBLIC, SESSION, "root", Some(&SshHost::new(2)));
    assert!(!client(&env).signs(PUBLIC, &other));
    assert!(!client(&env).signs(PUBLIC, &login(PUBLIC, SESSION, "kim", None)));
    assert_eq!(asked(&env).len(), 3);
}

#[test]
fn no_is_no_and_logged_and_so_is_any_other_word() {
    for (answer, is_yes) in [("no", false), ("other", false), ("word", true)] {
        let env = asking(Some(answer), &[]);
        assert_eq!(bound(&env, 1).signs(PUBLIC, &root()), is_yes, "{answer}");
        let event = &uses(&env)[0];
        let action = if is_yes { "use" } else { "refuse" };
        assert_eq!(event["action"], action, "{answer}");
        if !is_yes {
            assert_eq!(event["detail"]["reason"], "declined");
            assert_eq!(event["detail"]["user"], "root");
        }
    }
}

#[test]
fn where_nobody_can_be_asked_the_answer_is_no() {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    env.call(&["ssh-agent"]).ok().tells("SSH_ASKPASS");
    assert!(!bound(&env, 1).signs(PUBLIC, &root()));
    assert_eq!(uses(&env)[0]["detail"]["reason"], "unasked");
    env.call(&["ssh-agent", "-k"]).ok();
    let gone = env.path("no-such-program");
    let started = env.call(&["ssh-agent"]).var("SSH_ASKPASS", gone).ok();
    started.tells("no-such-program, which is no program");
    assert!(!bound(&env, 1).signs(PUBLIC, &root()));
}

#[test]
fn nobody_waits_for_who_is_asked() {
    let env = asking(None, &[]);
    let mut first = bound(&env, 1);
    first.send_sign(PUBLIC, &root());
    wait_until("it is asked", || asked(&env).len() == 1);
    assert_eq!(client(&env).names().len(), 2, "others are served");
    let mut second = bound(&env, 1);
    second.send_sign(PUBLIC, &root());
    let mut third = bound(&env, 2);
    let free = login(P256_PUBLIC, SESSION, "jo", None);
    third.send_sign(P256_PUBLIC, &free);
    answers(&env, Some("yes"));
    assert!(first.was_signed(PUBLIC, &root()));
    assert!(second.was_signed(PUBLIC, &root()), "the yes counts for it");
    assert!(third.was_signed(P256_PUBLIC, &free));
    assert_eq!(asked(&env).len(), 2);
}

#[test]
fn a_question_goes_with_the_program_that_it_was_for() {
    let env = asking(None, &[]);
    let mut gone = bound(&env, 1);
    gone.send_sign(PUBLIC, &root());
    wait_until("it is asked", || asked(&env).len() == 1);
    drop(gone);
    let mut next = bound(&env, 2);
    let free = login(P256_PUBLIC, SESSION, "jo", None);
    next.send_sign(P256_PUBLIC, &free);
    wait_until("the next is asked", || asked(&env).len() == 2);
    wait_until("the first question goes", || !shows_several(&env));
    answers(&env, Some("yes"));
    assert!(next.was_signed(P256_PUBLIC, &free));
    let events = uses(&env);
    assert_eq!(events[0]["detail"]["reason"], "unasked");
}

/// Whether more than one question is shown.
fn shows_several(env: &TestEnv) -> bool {
    let program = env.path("askpass");
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|it| fs::read(it.path().join("cmdline")).ok());
    let asking = lines.filter(|line| String::from_utf8_lossy(line).contains(&program));
    asking.count() > 1
}

#[test]
fn locking_while_somebody_is_asked_is_no() {
    let env = asking(None, &[]);
    let mut waiting = bound(&env, 1);
    waiting.send_sign(PUBLIC, &root());
    wait_until("it is asked", || asked(&env).len() == 1);
    env.call(&["lock"]).no_password().ok();
    answers(&env, Some("yes"));
    assert!(!waiting.was_signed(PUBLIC, &root()));
}

#[test]
fn in_the_foreground_the_terminal_is_asked_and_told() {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    let (mut terminal, mut yes) = asked_on_the_terminal(&env);
    assert_eq!(client(&env).names().len(), 2, "others are served");
    terminal.types("y");
    assert!(yes.was_signed(PUBLIC, &root()));
    let mut no = bound(&env, 1);
    no.send_sign(PUBLIC, &login(PUBLIC, SESSION, "kim", None));
    assert!(!no.was_signed(PUBLIC, &root()));
    terminal.sees("refused to sign").sees("another user");
    env.call(&["lock"]).no_password().ok();
    assert!(client(&env).names().is_empty() && client(&env).names().is_empty());
    terminal.sees("vault unlock");
    env.call(&["ssh-agent", "--stop"]).ok();
    let screen = terminal.ends().to_owned();
    assert_eq!(screen.matches("vault unlock").count(), 1, "{screen}");
    assert!(!Path::new(&env.ssh_socket()).exists());
}

#[test]
fn a_received_key_signs_until_its_share_ends() {
    let env = with_keys();
    let sender = Sender::new();
    let end = in_seconds(12);
    let share = sender.share_with(&env, |bundle| {
        bundle.items = vec![item("key", &[("secret", KEY)])];
        loan(bundle).expires = end;
    });
    sender.lends(&env, &share);
    env.call(&["rm", "acme/deploy", "--yes"]).ok();
    env.call(&["unlock", "--for", "24h", "--idle", "24h"]).ok();
    env.call(&["ssh-agent", "--confirm", "never"]).ok();
    assert!(client(&env).names().contains(&"lender/key".to_owned()));
    assert!(bound(&env, 1).signs(PUBLIC, &root()));
    wait_until("the share ends", || in_seconds(0) > end);
    assert!(!client(&env).names().contains(&"lender/key".to_owned()));
    assert!(!bound(&env, 1).signs(PUBLIC, &root()));
    let events = uses(&env);
    assert_eq!(events.last().unwrap()["action"], "refuse", "{events:#?}");
    env.call(&["trash", "restore", "acme/deploy"]).ok();
    assert!(
        bound(&env, 1).signs(PUBLIC, &root()),
        "the same key, one's own"
    );
}
