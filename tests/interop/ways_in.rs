//! Stock age opens the vault with every kind of way in.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::interop::run;
use crate::support::env::TestEnv;
use crate::support::fake_plugin::{FakePlugin, RECIPIENT};

/// The payload as stock age prints it.
#[track_caller]
fn decrypt(env: &TestEnv, identity: &str, path: Option<&str>) -> Value {
    let mut age = Command::new("age");
    if let Some(path) = path {
        age.env("PATH", path);
    }
    let opened = run(age.args(["-d", "-i", identity]).arg(env.vault_file()));
    serde_json::from_slice(&opened.stdout).unwrap()
}

fn refuses(env: &TestEnv, identity: &str) -> bool {
    let mut age = Command::new("age");
    let output = age.args(["-d", "-i", identity]).arg(env.vault_file());
    let output = output.output().unwrap();
    !output.status.success() && output.stdout.is_empty()
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_opens_with_a_recovery_identity_until_it_is_taken_away() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let identity = env.path("recovery");
    env.call(&["recovery", "add", "--out", &identity]).ok();
    let payload = decrypt(&env, &identity, None);
    let id = payload["recipients"][0]["id"].as_str().unwrap();
    let keygen = run(Command::new("age-keygen").args(["-y", &identity]));
    let public = String::from_utf8(keygen.stdout).unwrap();
    assert_eq!(payload["recipients"][0]["recipient"], public.trim());
    env.call(&["recovery", "rm", id, "--yes"]).ok();
    assert!(refuses(&env, &identity));
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn stock_age_opens_with_each_kind_of_ssh_key_and_so_does_vault() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    for (name, kind) in [
        ("ed25519", &["-t", "ed25519"][..]),
        ("rsa2048", &["-t", "rsa", "-b", "2048", "-m", "PEM"]),
        ("rsa4096", &["-t", "rsa", "-b", "4096"]),
    ] {
        let key = env.path(name);
        run(Command::new("ssh-keygen")
            .args(["-q", "-N", "", "-f", &key])
            .args(kind));
        env.call(&["recipient", "add", &format!("{key}.pub")]).ok();
        let payload = decrypt(&env, &key, None);
        assert!(payload["entries"].to_string().contains("hunter2"));
        let get = ["--identity", &key, "get", "-n", "acme/wp"];
        env.call(&get).no_password().ok().prints("hunter2");
    }
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_opens_with_an_age_key_of_its_own() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let key = env.path("key.txt");
    run(Command::new("age-keygen").args(["-o", &key]));
    let public = run(Command::new("age-keygen").args(["-y", &key])).stdout;
    let public = String::from_utf8(public).unwrap();
    env.call(&["recipient", "add", public.trim()]).ok();
    decrypt(&env, &key, None);
    let list = ["--identity", &key, "list"];
    env.call(&list).no_password().ok().prints("acme/wp\n");
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_and_vault_speak_with_the_same_plugin() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let plugin = FakePlugin::install(&env);
    let path = plugin.path();
    let add = ["recipient", "add", RECIPIENT];
    env.call(&add).var("PATH", &path).ok();
    let identity = env.path("fake.identity");
    decrypt(&env, &identity, Some(&path));
    // And what stock age has encrypted through it, it opens: the plugin is one.
    fs::write(env.path("plain"), "content").unwrap();
    let encrypted = env.path("plain.age");
    let mut age = Command::new("age");
    age.env("PATH", &path)
        .args(["-r", RECIPIENT, "-o", &encrypted, &env.path("plain")]);
    run(&mut age);
    let mut age = Command::new("age");
    let age = age.env("PATH", &path).args(["-d", "-i", &identity]);
    assert_eq!(run(age.arg(&encrypted)).stdout, b"content");
}

#[test]
#[ignore = "takes 20 seconds; .ci/run runs it"]
fn a_plugin_that_never_answers_does_not_hold_the_vault_for_ever() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let plugin = FakePlugin::install(&env);
    plugin.that("hangs");
    let add = ["recipient", "add", RECIPIENT];
    env.call(&add)
        .var("PATH", plugin.path())
        .fails(1)
        .says("age-plugin-fake does not answer");
    env.call(&["edit", "acme/wp", "--notes", "x"]).ok();
}
