//! Promise 10: stock `age` opens the file with the recovery identity.

use std::process::Command;

use serde_json::Value;

use crate::interop::run;
use crate::support::env::{CHEAP, TestEnv};

/// A vault with a recovery identity, written to the file `recovery.txt`.
pub(crate) fn recoverable() -> TestEnv {
    let env = TestEnv::new();
    let recovery = env.path("recovery.txt");
    env.call(&["init", "--kdf", CHEAP, "--recovery", &recovery])
        .ok();
    env.add("acme/wp", "correct horse\nsecond line");
    env.add("globex/db", &"x".repeat(200_000));
    env
}

/// The payload as stock age prints it.
pub(crate) fn decrypt(env: &TestEnv) -> Value {
    let mut age = Command::new("age");
    age.args(["-d", "-i", &env.path("recovery.txt")])
        .arg(env.vault_file());
    serde_json::from_slice(&run(&mut age).stdout).unwrap()
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_opens_the_vault_with_the_recovery_identity() {
    let env = recoverable();
    let payload = decrypt(&env);
    assert_eq!(payload["format"], 1);
    assert_eq!(payload["generation"], 4);
    let text = payload["entries"].to_string();
    assert!(text.contains(r"correct horse\nsecond line"), "{text}");
    assert!(text.contains(&"x".repeat(200_000)));
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn the_recovery_identity_goes_on_working_after_every_kind_of_change() {
    let env = recoverable();
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("new one")
        .ok();
    env.call(&["rm", "globex/db", "--yes"]).ok();
    let new = env.file("new-password", "heron-Quartz4-maple-dusk");
    env.call(&["passwd", "--kdf", CHEAP, "--new-password-file", &new])
        .ok();
    let payload = decrypt(&env);
    assert_eq!(payload["generation"], 7);
    assert!(payload["entries"].to_string().contains("new one"));
    let recovery = env.path("recovery.txt");
    let get = ["--identity", &recovery, "get", "-n", "acme/wp"];
    env.call(&get).no_password().ok().prints("new one");
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn a_recovery_identity_that_age_keygen_reads_is_what_init_writes() {
    let env = recoverable();
    let mut keygen = Command::new("age-keygen");
    let recipient = run(keygen.args(["-y", &env.path("recovery.txt")])).stdout;
    let recipient = String::from_utf8(recipient).unwrap();
    let payload = decrypt(&env);
    assert_eq!(payload["recipients"][0]["recipient"], recipient.trim());
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_refuses_another_identity_and_a_damaged_file() {
    let env = recoverable();
    let other = env.path("other.txt");
    run(Command::new("age-keygen").args(["-o", &other]));
    let mut wrong = Command::new("age");
    wrong.args(["-d", "-i", &other]).arg(env.vault_file());
    assert!(!wrong.output().unwrap().status.success());

    let mut bytes = std::fs::read(env.vault_file()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let damaged = env.file("damaged.age", bytes);
    let mut age = Command::new("age");
    age.args(["-d", "-i", &env.path("recovery.txt"), &damaged]);
    assert!(!age.output().unwrap().status.success());
}
