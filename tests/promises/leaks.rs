//! Promise 6: secrets enter no argument, log, error, temporary file or core dump, and no key lies
//! where it can be swapped out or read by another process of the same user.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use crate::promises::forge::Forge;
use crate::promises::{Running, answers, exits, wait_until, without_privileges};
use crate::support::call::Output;
use crate::support::env::{CHEAP, PASSWORD, TestEnv, holds};

const SECRET: &str = "canary-secret-Vb93kQ";
const LATER: &str = "canary-later-Tq71mX";
const HIDDEN: &str = "canary-hidden-Rw55pL";
const SEED: &str = "CANARYSEEDJBSWY3DPEHPK3PXP234567";
const WRONG: &str = "canary-wrong-password-Ux18";
const NEW: &str = "canary-New7-password-orchid";
/// Names are no secrets on the screen, but no file tells them to others.
const CLIENT: &str = "canaryclient";
const NAME: &str = "canaryname";
const NOTE: &str = "canary note of a client";

/// All that must never be seen.
const SECRETS: [&str; 7] = [PASSWORD, SECRET, LATER, HIDDEN, SEED, WRONG, NEW];

/// What no file may hold as it is, nor in base64.
fn in_no_file(env: &TestEnv) {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut files = env.everything();
    // What the tests themselves put there.
    files.retain(|path, _| !path.starts_with(env.work()));
    assert!(files.len() > 3, "there are files to look at");
    for needle in SECRETS.into_iter().chain([CLIENT, NAME, NOTE]) {
        for (path, bytes) in &files {
            assert!(!holds(bytes, needle), "{needle} is in {}", path.display());
            // At each offset base64 has other letters; the first two are those of the neighbours.
            for skip in 0..3 {
                let spelled = engine.encode(&needle.as_bytes()[skip..]);
                let found = holds(bytes, &spelled[..spelled.len() - 3]);
                assert!(!found, "{needle} is in {} in base64", path.display());
            }
        }
    }
}

/// Calls that succeed and fail, with secrets in all places where they may be given.
fn a_busy_day(env: &TestEnv) -> Vec<Output> {
    let entry = format!("{CLIENT}/{NAME}");
    let other = format!("{CLIENT}/other");
    let new = env.file("new", NEW);
    let wrong = env.file("wrong", WRONG);
    let not_utf8 = [SECRET.as_bytes(), b"\xff"].concat();
    let too_long = SECRET.repeat(60_000);
    let add = |args: &[&str]| env.call(&[&["add"], args].concat());
    let edit = |args: &[&str]| env.call(&[&["edit", &entry], args].concat());
    vec![
        answers(
            add(&[&entry, "-u", "ann", "--notes", NOTE]).stdin(SECRET),
            0,
        ),
        answers(add(&[&entry]).stdin(SECRET), 7),
        answers(add(&[&other, "--totp"]).stdin(SEED), 0),
        answers(edit(&["--secret-field", "pin"]).stdin(HIDDEN), 0),
        answers(add(&["a/b"]).stdin(not_utf8), 2),
        answers(add(&["a/b"]).stdin(too_long), 2),
        answers(add(&["a/b", "--totp"]).stdin(format!("{SECRET}!")), 2),
        answers(edit(&["--secret"]).stdin(LATER), 0),
        answers(env.call(&["show", &entry]), 0),
        answers(env.call(&["show", &entry, "--json"]), 0),
        answers(env.call(&["list", "--long"]), 0),
        answers(env.call(&["list", "--json"]), 0),
        answers(env.call(&["status", "--json"]), 0),
        answers(env.call(&["log"]), 0),
        answers(env.call(&["log", "--json"]), 0),
        answers(env.call(&["verify", "--full", "--json"]), 0),
        answers(env.call(&["--password-file", &wrong, "get", &entry]), 4),
        answers(env.call(&["--identity", &wrong, "get", &entry]), 2),
        answers(env.call(&["get", &entry, "--field", "none"]), 3),
        answers(env.call(&["get", &entry, "--json", "--at-version", "9"]), 3),
        answers(env.call(&["rm", &other, "--yes"]), 0),
        answers(
            env.call(&["passwd", "--kdf", CHEAP, "--new-password-file", &new]),
            0,
        ),
        answers(env.call(&["list"]), 4),
    ]
}

#[test]
fn secrets_are_in_no_file_and_in_no_output_that_is_not_for_them() {
    let env = TestEnv::ready();
    env.add("acme/wp", SECRET);
    // `get` prints the one that it was asked for, and on stdout alone.
    let get = answers(env.call(&["get", "acme/wp"]), 0);
    assert!(holds(&get.stdout, SECRET) && !get.stderr.contains(SECRET));
    for output in a_busy_day(&env) {
        for secret in SECRETS {
            assert!(!holds(&output.stdout, secret), "{secret}\n{output:?}");
            assert!(!output.stderr.contains(secret), "{secret}\n{output:?}");
        }
    }
    in_no_file(&env);
    assert!(
        fs::read_dir(env.tmp()).unwrap().next().is_none(),
        "a temporary file"
    );
}

#[test]
fn the_log_inside_the_vault_holds_ids_and_neither_names_nor_secrets() {
    let env = TestEnv::ready();
    exits(
        env.call(&["add", "canaryclient/canaryname"]).stdin(SECRET),
        0,
    );
    exits(env.call(&["get", "canaryclient/canaryname"]), 0);
    exits(
        env.call(&["edit", "canaryclient/canaryname", "--notes", NOTE]),
        0,
    );
    let log = Forge::of(&env).payload["log"].to_string();
    assert!(log.contains("reveal") && log.contains("edit"), "{log}");
    for word in [SECRET, CLIENT, NAME, NOTE] {
        assert!(!log.contains(word), "{word} is in {log}");
    }
}

#[test]
fn a_password_command_is_not_told_where_passwords_are() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let dump = env.path("environment");
    let command = format!("env >'{dump}'; cat '{}'", env.password_file().display());
    let call = env
        .call(&["get", "acme/wp"])
        .var("VAULT_PASSWORD_COMMAND", command);
    call.var("VAULT_PASSWORD_FILE", "/canary-path").ok();
    let environment = fs::read_to_string(dump).unwrap();
    assert!(environment.contains("HOME="), "{environment}");
    assert!(!environment.contains("VAULT_PASSWORD"), "{environment}");
}

/// An `add` that holds the keys and waits for the lock, which the test has.
fn waiting_with_keys(env: &TestEnv) -> (Running, File) {
    let lock = File::open(env.data().join("vault.age.lock")).unwrap();
    lock.lock().unwrap();
    let mut command = Command::new("sh");
    env.hermetic(&mut command);
    let script = format!(
        "ulimit -c unlimited; exec {}vault --wait 5m add acme/wp",
        without_privileges()
    );
    command
        .env("VAULT_PASSWORD_FILE", env.password_file())
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = Running::start(command);
    child
        .0
        .stdin
        .take()
        .unwrap()
        .write_all(SECRET.as_bytes())
        .unwrap();
    wait_until("the keys are locked in memory", || {
        fs::read_to_string(child.proc("comm")).unwrap().trim() == "vault"
            && child.status("VmLck") != "0 kB"
    });
    (child, lock)
}

#[cfg(target_os = "linux")]
#[test]
fn keys_are_locked_into_memory_and_the_process_leaves_no_core() {
    let env = TestEnv::ready();
    let (child, _lock) = waiting_with_keys(&env);
    let limits = fs::read_to_string(child.proc("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4], "0", "{words:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn other_processes_of_the_same_user_cannot_look_inside() {
    let env = TestEnv::ready();
    let (child, _lock) = waiting_with_keys(&env);
    // What stands in /proc/PID/environ asks for the same right as its memory does.
    let look = |pid: u32| {
        let unprivileged = without_privileges();
        let script = format!("exec {unprivileged}head -c 1 /proc/{pid}/environ");
        env.shell(&script).run()
    };
    let mut sleep = Command::new("sh");
    env.hermetic(&mut sleep);
    sleep.args(["-c", &format!("exec {}sleep 60", without_privileges())]);
    let sleep = Running::start(sleep);
    wait_until("the other process is there", || {
        fs::read_to_string(sleep.proc("comm")).unwrap().trim() == "sleep"
    });
    assert_eq!(
        look(sleep.0.id()).stdout.len(),
        1,
        "others can be looked into"
    );
    let output = look(child.0.id());
    assert!(
        output.code == Some(1) && output.stdout.is_empty(),
        "{output:?}"
    );
}

#[test]
fn tight_permissions_are_kept_and_loose_ones_tightened_by_a_write() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    fs::set_permissions(env.vault_file(), crate::support::env::mode(0o644)).unwrap();
    env.add("acme/db", "two");
    assert_eq!(crate::support::env::mode_of(&env.vault_file()), 0o600);
}
