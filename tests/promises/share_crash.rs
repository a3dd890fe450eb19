//! A crash leaves a recorded share that was never sent, never a sent share that nobody recorded;
//! and what was decided before others changed the vault is decided again.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::promises::{command, wait_until};
use crate::support::env::{TestEnv, number};

/// acme/wp with a secret of so many bytes, which acme lets bob have.
fn consented(bytes: usize) -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", &"x".repeat(bytes))]);
    let recipient = env.call(&["id", "--json"]).ok().json()["recipient"].clone();
    let key = recipient.as_str().unwrap();
    env.call(&["contact", "add", "bob", "--recipient", key])
        .ok();
    let consent = [
        "consent",
        "add",
        "acme",
        "--to",
        "bob",
        "--scope",
        "acme/*",
        "--purpose",
        "relaunch",
        "--by",
        "Jo Doe",
        "--note",
        "on the phone",
    ];
    env.takes_notes_of("acme");
    env.call(&consent).ok();
    env
}

fn ledger(env: &TestEnv) -> Vec<Value> {
    let shares = env.call(&["shares", "--json"]).ok().json();
    shares.as_array().unwrap().clone()
}

#[test]
fn a_share_killed_before_its_file_is_out_is_in_the_ledger_as_unsent() {
    // More than a pipe holds: it has to wait for a reader, and there is none.
    let env = consented(500_000);
    let before = fs::read(env.vault_file()).unwrap();
    let mut share = command(&env, &["share", "acme/wp", "--to", "bob", "--out", "-"]);
    let mut child = share.stdout(Stdio::piped()).spawn().unwrap();
    wait_until("it is in the ledger", || {
        fs::read(env.vault_file()).unwrap() != before
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let ledger = ledger(&env);
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0]["state"], "unsent");
    env.call(&["verify", "--full"]).ok();
    // What may have gone out can be revoked.
    env.call(&["revoke", ledger[0]["id"].as_str().unwrap()])
        .ok();
    let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["flags"], serde_json::json!(["rotate"]));
}

#[test]
fn no_file_is_there_that_the_ledger_does_not_have_whenever_it_is_killed() {
    let env = consented(10);
    let start = Instant::now();
    env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    let usual = start.elapsed();
    for round in 0..24_u32 {
        let mut child = command(&env, &["share", "acme/wp", "--to", "bob"])
            .spawn()
            .unwrap();
        thread::sleep(
            usual
                .mul_f64(f64::from(round) / 20.0)
                .max(Duration::from_millis(1)),
        );
        // It may have ended by now.
        let _ = child.kill();
        child.wait().unwrap();
        let ledger = ledger(&env);
        let has = |name: &str, state: &[&str]| {
            ledger.iter().any(|share| {
                name.contains(&number(share["id"].as_str().unwrap()))
                    && state.contains(&share["state"].as_str().unwrap())
            })
        };
        let files: Vec<String> = fs::read_dir(env.work())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("acme-bob-"))
            .collect();
        for file in &files {
            assert!(
                has(file, &["sent", "unsent"]),
                "{file} is not in the ledger"
            );
        }
        let sent = ledger
            .iter()
            .filter(|share| share["state"] == "sent")
            .count();
        assert!(sent <= files.len(), "sent, and there is no file");
    }
}

#[test]
fn a_consent_that_is_withdrawn_meanwhile_is_noticed_and_the_refusal_logged() {
    let env = consented(10);
    let consents = env.call(&["consent", "list", "--json"]).ok().json();
    let id = consents[0]["id"].as_str().unwrap();
    // The vault was read by then, and the password is asked for next.
    let file = env.password_file();
    let withdraw = format!(
        "VAULT_PASSWORD_FILE='{0}' vault consent withdraw {id} >&2; cat '{0}'",
        file.display()
    );
    let share = env.call(&["share", "acme/wp", "--to", "bob"]).no_password();
    let output = share.var("VAULT_PASSWORD_COMMAND", &withdraw).run();
    assert_eq!(output.code, Some(6), "{output:?}");
    assert!(output.stderr.contains("was withdrawn on"), "{output:?}");
    assert!(ledger(&env).is_empty());
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["action"], &last["detail"]["reason"]),
        (&"refuse".into(), &"meanwhile".into())
    );
    env.call(&["log", "--verify"]).ok();
}
