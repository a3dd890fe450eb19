//! `restore` on the day it matters most: the vault is damaged or gone.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::support::env::{CHEAP, TestEnv};

/// A vault at generation 4.
fn env() -> TestEnv {
    TestEnv::with(&[("acme/one", "1"), ("acme/two", "2"), ("acme/three", "3")])
}

/// Damages the vault and gives what it is then.
fn damage(env: &TestEnv) -> Vec<u8> {
    let mut bytes = fs::read(env.vault_file()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(env.vault_file(), &bytes).unwrap();
    bytes
}

fn damaged_files(env: &TestEnv) -> Vec<PathBuf> {
    let files = env.snapshot().into_keys();
    let kept = |path: &PathBuf| path.to_str().unwrap().contains("vault.age.damaged-");
    files.filter(kept).collect()
}

#[test]
fn the_newest_file_takes_the_place_of_a_damaged_one_as_it_is() {
    let env = env();
    let good = fs::read(env.vault_file()).unwrap();
    let bad = damage(&env);
    env.call(&["get", "acme/one"])
        .fails(5)
        .hints("vault restore");
    env.call(&["restore", "4"]).no_password().fails(9);
    let restored = env.call(&["restore", "4", "--yes"]).no_password().ok();
    restored.prints("").tells("does not open").tells("damaged-");
    assert!(fs::read(env.vault_file()).unwrap() == good);
    let aside = damaged_files(&env);
    assert_eq!(aside.len(), 1);
    assert!(fs::read(&aside[0]).unwrap() == bad);
    assert_eq!(env.secret("acme/three"), "3");
    env.add("acme/four", "4");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn it_asks_on_a_terminal_and_no_leaves_everything() {
    let env = env();
    let bad = damage(&env);
    let mut terminal = env.terminal("vault restore 4; echo \"exit=$?\"");
    terminal.sees("does not open").sees("[y/N] ").types("n");
    terminal.sees("exit=0").ends();
    assert!(fs::read(env.vault_file()).unwrap() == bad);
    assert!(damaged_files(&env).is_empty());
}

#[test]
fn a_missing_vault_comes_back_from_what_this_device_keeps() {
    let env = env();
    let good = fs::read(env.vault_file()).unwrap();
    fs::remove_dir_all(env.data()).unwrap();
    env.call(&["list"]).fails(3).hints("vault restore");
    env.call(&["backups"]).ok().shows("last.age");
    env.call(&["restore", "last.age", "--yes", "--json"])
        .no_password()
        .ok();
    assert!(fs::read(env.vault_file()).unwrap() == good);
    assert_eq!(env.secret("acme/three"), "3");
}

#[test]
fn on_a_new_device_a_copy_is_enough() {
    let env = env();
    let copy = env.file("usb.age", fs::read(env.vault_file()).unwrap());
    let other = TestEnv::new();
    let restored = other.call(&["restore", &copy, "--yes"]).no_password().ok();
    restored.tells("signed by SHA256:");
    assert_eq!(other.secret("acme/three"), "3");
    other.add("acme/four", "4");
}

#[test]
fn an_older_copy_has_to_be_accepted_and_becomes_the_newest_generation() {
    let env = env();
    damage(&env);
    let refused = env.call(&["restore", "2", "--yes"]).fails(5);
    refused.says("generation 2").says("generation 4");
    refused
        .hints("vault restore 4")
        .hints("--accept-generation 2");
    let accept = ["restore", "2", "--yes", "--accept-generation", "2"];
    env.call(&accept).no_password().fails(9);
    env.call(&accept).password("wrong-Password-1234").fails(4);
    env.call(&accept).ok().tells("new generation");
    assert_eq!(env.generation(), 5);
    env.call(&["list"]).ok().prints("acme/one\n").silently();
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "restore");
    assert_eq!(last["detail"]["generation"], 2);
    assert_eq!(damaged_files(&env).len(), 1);
    // What this device alone had is not lost by that.
    env.call(&["restore", "4", "--yes"]).ok();
    assert_eq!(env.secret("acme/three"), "3");
    env.add("acme/again", "x");
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let env = env();
    let bad = damage(&env);
    let dry = env.call(&["restore", "4", "--dry-run"]).no_password().ok();
    dry.tells("does not open").tells("damaged-");
    let plan = env.call(&["restore", "4", "--dry-run", "--json"]).ok();
    let plan = plan.json();
    assert_eq!(plan["in_place"], true);
    assert_eq!(plan["back"], json!([]));
    assert!(fs::read(env.vault_file()).unwrap() == bad);
    assert!(damaged_files(&env).is_empty());
}

#[test]
fn damage_that_shows_only_when_it_is_opened_is_damage_too() {
    let env = env();
    let mut bytes = fs::read(env.vault_file()).unwrap();
    let mac = bytes.windows(5).position(|w| w == b"\n--- ").unwrap() + 5;
    bytes[mac] = if bytes[mac] == b'A' { b'B' } else { b'A' };
    fs::write(env.vault_file(), bytes).unwrap();
    env.call(&["get", "acme/one"])
        .fails(5)
        .hints("vault restore");
    env.call(&["restore", "last.age", "--yes"]).ok();
    assert_eq!(env.secret("acme/three"), "3");
    assert_eq!(damaged_files(&env).len(), 1);
}

#[test]
fn a_vault_that_is_only_old_or_of_another_is_not_taken_for_damaged() {
    let env = env();
    let folder = env.data().join("vault.age.backups");
    let find = |start: &str| {
        let mut names = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path());
        names
            .find(|path| {
                path.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with(start)
            })
            .unwrap()
    };
    fs::copy(find("2-"), env.vault_file()).unwrap();
    // Accepted, it goes on from there to the state of the newest file.
    let accept = ["restore", "last.age", "--yes", "--accept-generation", "2"];
    env.call(&accept).ok();
    env.call(&["list"])
        .ok()
        .prints("acme/one\nacme/three\nacme/two\n");
    assert_eq!(env.generation(), 5);
    assert!(damaged_files(&env).is_empty());
    env.call(&["verify", "--full"]).ok();

    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    fs::copy(env.path("other.age"), env.vault_file()).unwrap();
    env.call(&["restore", "3", "--yes"]).fails(5);
}

#[test]
fn a_copy_of_another_vault_does_not_take_its_place() {
    let env = env();
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    damage(&env);
    env.call(&["restore", "other.age", "--yes"])
        .fails(5)
        .says("another vault");
    let mut bad = fs::read(env.state().join("x")).unwrap_or_default();
    bad.extend(b"no vault");
    env.file("bad.age", bad);
    env.call(&["restore", "bad.age", "--yes"]).fails(5);
    env.call(&["restore", "nosuch.age", "--yes"]).fails(2);
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let env = env();
    let copy = env.file("copy.age", fs::read(env.vault_file()).unwrap());
    fs::remove_file(env.vault_file()).unwrap();
    fs::create_dir(env.vault_file()).unwrap();
    env.call(&["restore", &copy, "--yes"])
        .fails(5)
        .says("not a regular file");
    assert!(env.vault_file().is_dir());
}

#[test]
fn a_key_of_a_client_that_was_closed_stays_closed_where_an_older_copy_is_gone_on_from() {
    let env = env();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZ9fj1Xz0NnRkmKuz9p6hL4PpKy2IuDc0mZ0uQXbGqV";
    let keyed = [
        "client",
        "edit",
        "acme",
        "--key",
        key,
        "--key-verified",
        "x",
    ];
    env.call(&keyed).ok();
    let copy = fs::read(env.vault_file()).unwrap();
    let generation = env.generation().to_string();
    env.call(&["client", "edit", "acme", "--unset", "keys"])
        .ok();
    let keys = || env.call(&["client", "show", "acme", "--json"]).ok().json()["keys"].clone();
    let closed = keys();
    assert!(closed[0]["to"].is_string(), "{closed}");
    fs::write(env.vault_file(), copy).unwrap();
    let add = ["add", "acme/more", "--generate", "--accept-generation"];
    env.call(&[&add[..], &[&generation]].concat()).ok();
    assert_eq!(keys(), closed);
    env.call(&["verify", "--full"]).ok();
}
