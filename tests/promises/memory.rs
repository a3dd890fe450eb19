//! Promise 6: secrets are wiped from memory when they are freed. A debugger stops the real binary
//! at its very end, and its memory is searched. `.ci/run` looks at the one that users get, which is
//! compiled in other ways.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use memchr::memmem;

use crate::promises::forge::Forge;
use crate::support::env::{BINARY, PASSWORD, TestEnv};

const WANTED: &str = "canary-wanted-Hx62-pTz9-q0";
const WANTED_NAME: &str = "the secret asked for";
const OTHER: &str = "canary-other-Jd84-mRv3-w7";
const FRESH: &str = "canary-fresh-Ln27-kYb5-e1";

/// The memory of `vault ARGS` when it enters this system call for the first time.
fn core_at(env: &TestEnv, syscall: &str, args: &[&str], stdin: &str) -> Vec<u8> {
    let password = env.password_file();
    core_with(env, Some(&password), syscall, args, stdin)
}

/// The same, with the password in this file or with none at hand.
fn core_with(
    env: &TestEnv,
    password: Option<&Path>,
    syscall: &str,
    args: &[&str],
    stdin: &str,
) -> Vec<u8> {
    let core = PathBuf::from(env.path("core"));
    let _ = fs::remove_file(&core);
    let input = env.file("stdin", stdin);
    let mut gdb = Command::new("gdb");
    env.hermetic(&mut gdb);
    if let Some(password) = password {
        gdb.env("VAULT_PASSWORD_FILE", password);
    }
    let output = gdb
        .args(["-nx", "-batch", "-ex", "set startup-with-shell off"])
        .args(["-ex", "set debuginfod enabled off"])
        .args(["-ex", &format!("catch syscall {syscall}")])
        .args(["-ex", "run", "-ex"])
        .arg(format!("generate-core-file {}", core.display()))
        .args(["-ex", "kill", "--args"])
        .arg(BINARY)
        .args(args)
        .stdin(Stdio::from(fs::File::open(input).unwrap()))
        .output()
        .expect("gdb does not run");
    let said = String::from_utf8_lossy(&output.stderr);
    fs::read(&core).unwrap_or_else(|_| panic!("no core: {said}"))
}

/// Whatever of these secrets is still there.
fn found(core: &[u8], secrets: &[(&str, Vec<u8>)]) -> Vec<String> {
    let left = secrets
        .iter()
        .filter(|(_, bytes)| memmem::find(core, bytes).is_some());
    left.map(|(name, _)| (*name).to_owned()).collect()
}

fn secrets_of(env: &TestEnv) -> Vec<(&'static str, Vec<u8>)> {
    let forge = Forge::of(env);
    let inside = |name: &str| forge.payload["identity"][name].as_str().unwrap().to_owned();
    // The middle of the PEM, where the private half stands.
    let pem = inside("signing");
    let middle = pem.lines().nth(3).unwrap().as_bytes().to_vec();
    vec![
        ("the master password", PASSWORD.into()),
        ("the master key", forge.master_key.expose().to_vec()),
        ("the age key", inside("age").into_bytes()),
        ("the signing key", middle),
        ("the journal key", inside("journal").into_bytes()),
        (WANTED_NAME, WANTED.into()),
        ("another secret", OTHER.into()),
        ("a new secret", FRESH.into()),
    ]
}

#[test]
#[ignore = "needs gdb and the right to trace; .ci/run runs it"]
fn nothing_is_left_in_memory_when_the_process_ends() {
    let env = TestEnv::with(&[("acme/wanted", WANTED), ("acme/other", OTHER)]);
    // Large enough for threads to share the work, and for memory that is mapped.
    env.file("large", vec![b'x'; 2 << 20]);
    env.call(&["attach", "acme/other", "large"]).ok();
    let secrets = secrets_of(&env);
    // The search itself works: at its first output, `get` has the secret at hand.
    let core = core_at(&env, "write", &["get", "acme/wanted"], "");
    let seen = found(&core, &secrets);
    assert!(
        seen.iter().any(|name| name == WANTED_NAME),
        "the search finds nothing at all"
    );

    let mut left = Vec::new();
    for args in [
        &["get", "acme/wanted"][..],
        &["get", "acme/wanted", "--json"],
        &["show", "acme/wanted"],
        &["list"],
        &["verify", "--full"],
        &["add", "acme/fresh"],
        &["edit", "acme/other", "--notes", "n"],
        &["log"],
    ] {
        let core = core_at(&env, "exit_group", args, FRESH);
        let found = found(&core, &secrets);
        left.extend(found.iter().map(|name| format!("{args:?}: {name}")));
    }
    assert!(left.is_empty(), "left in memory after {left:#?}");
}

#[test]
#[ignore = "needs gdb and the right to trace; .ci/run runs it"]
fn the_agent_gives_its_key_to_no_client() {
    let env = TestEnv::with(&[("acme/wanted", WANTED), ("acme/other", OTHER)]);
    let secrets = secrets_of(&env);
    let key = &secrets[1..2];
    assert_eq!(key[0].0, "the master key");
    let get = ["get", "acme/wanted"];
    // When it locks its journal the vault is open. With the password the key is there.
    assert_eq!(found(&core_at(&env, "flock", &get, ""), key).len(), 1);
    let core = core_at(&env, "exit_group", &["unlock"], "");
    let left = found(&core, &secrets);
    assert!(left.is_empty(), "left in memory after unlock: {left:?}");
    let core = core_with(&env, None, "flock", &get, "");
    assert!(found(&core, &secrets).contains(&WANTED_NAME.to_owned()));
    assert!(found(&core, key).is_empty(), "the client has the key");
    let core = core_with(&env, None, "exit_group", &get, "");
    let left = found(&core, &secrets);
    assert!(left.is_empty(), "left in memory after get: {left:?}");
}
