//! `passwd` changes the way in: password, cost, key file.

use std::fs;

use crate::support::call::Call;
use crate::support::env::{CHEAP, PASSWORD, TestEnv};

const NEW: &str = "quartz-Lantern3-moose-drip";

fn passwd<'a>(env: &'a TestEnv, options: &[&str]) -> Call<'a> {
    env.file("new", NEW);
    env.call(&[&["passwd"], options].concat())
}

#[test]
fn a_new_password_replaces_the_old_one() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    passwd(&env, &["--new-password-file", "new"])
        .ok()
        .prints("")
        .hides(NEW);
    env.call(&["get", "acme/wp"]).fails(4);
    env.call(&["get", "acme/wp"])
        .password(NEW)
        .ok()
        .prints("x\n");
    assert_eq!(env.generation(), 3);
    // What the new password opens can also be written.
    env.call(&["add", "acme/db"]).password(NEW).stdin("y").ok();
    env.call(&["list"])
        .password(NEW)
        .ok()
        .prints("acme/db\nacme/wp\n");
}

#[test]
fn a_new_password_comes_from_a_descriptor_too() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.file("new", NEW);
    let script = "vault passwd --new-password-fd 3 3< new";
    env.shell(script).ok();
    env.call(&["get", "acme/wp"])
        .password(NEW)
        .ok()
        .prints("x\n");
}

#[test]
fn both_passwords_come_from_one_descriptor_line_by_line() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.file("both", format!("{PASSWORD}\n{NEW}\n"));
    let script = "vault passwd --password-fd 3 --new-password-fd 3 3< both";
    env.shell(script).no_password().ok();
    env.call(&["get", "acme/wp"])
        .password(NEW)
        .ok()
        .prints("x\n");
}

#[test]
fn passwd_in_json_says_that_it_is_done() {
    let env = TestEnv::ready();
    let done = passwd(&env, &["--new-password-file", "new", "--json"])
        .ok()
        .json();
    assert_eq!(done["ok"], true);
    assert!(
        done["changed"].is_array() && done["warnings"].is_array(),
        "{done}"
    );
}

#[test]
fn passwd_draws_a_new_salt() {
    let env = TestEnv::ready();
    let salt = || {
        let file = fs::read(env.vault_file()).unwrap();
        let header = String::from_utf8_lossy(&file[..200]).into_owned();
        header.split_whitespace().nth(3).unwrap().to_owned()
    };
    let first = salt();
    env.add("acme/wp", "x");
    assert_eq!(salt(), first, "a save keeps it");
    passwd(&env, &["--new-password-file", "new"]).ok();
    assert_ne!(salt(), first);
}

#[test]
fn passwd_refuses_what_init_refuses() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.file("weak", "password1");
    let weak = passwd(&env, &["--new-password-file", "weak"]);
    weak.fails(6).hides("password1");
    let floor = ["--new-password-file", "new", "--kdf", "m=7MiB,t=5,p=1"];
    passwd(&env, &floor).fails(6);
    passwd(&env, &["--new-password-file", "nosuch"])
        .fails(2)
        .says("nosuch");
    passwd(&env, &["--new-password-fd", "9"]).fails(2).says("9");
    passwd(&env, &[]).fails(9).hints("--new-password-file");
    let wrong = passwd(&env, &["--new-password-file", "new"]).password("wrong-Password-1234");
    wrong.fails(4).says("password");
    assert_eq!(env.secret("acme/wp"), "x");
}

#[test]
fn passwd_changes_the_cost() {
    let env = TestEnv::ready();
    let args = ["--new-password-file", "new", "--kdf", "m=8MiB,t=6,p=2"];
    passwd(&env, &args).ok();
    let file = fs::read(env.vault_file()).unwrap();
    let header = String::from_utf8_lossy(&file[..200]).into_owned();
    assert!(
        header.lines().nth(1).unwrap().contains(" 8192 6 2 - "),
        "{header}"
    );
    env.call(&["list"]).password(NEW).ok();
}

#[test]
fn passwd_takes_a_time_to_aim_at_or_parameters_but_not_both() {
    let env = TestEnv::ready();
    let both = [
        "--new-password-file",
        "new",
        "--kdf",
        CHEAP,
        "--kdf-target",
        "50ms",
    ];
    passwd(&env, &both).fails(2);
    passwd(&env, &["--new-password-file", "new", "--kdf-target", "0s"]).fails(2);
    passwd(
        &env,
        &["--new-password-file", "new", "--kdf-target", "50ms"],
    )
    .ok();
    env.call(&["list"]).password(NEW).ok();
}

#[test]
fn a_time_to_aim_at_never_lowers_the_cost_and_parameters_do_so_with_a_warning() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", "m=32MiB,t=3,p=1"]).ok();
    let target = ["--new-password-file", "new", "--kdf-target", "1ms"];
    passwd(&env, &target)
        .fails(6)
        .says("m=32MiB,t=3,p=1")
        .hints("--kdf");
    let lower = ["--new-password-file", "new", "--kdf", CHEAP, "--json"];
    let done = passwd(&env, &lower).ok().json();
    let warnings = done["warnings"].to_string();
    assert!(warnings.contains("m=32MiB,t=3,p=1"), "{done}");
    let same = ["--new-password-file", "new", "--kdf", CHEAP];
    let again = passwd(&env, &same).password(NEW).ok();
    again.hides("warning");
}

#[test]
fn passwd_adds_replaces_and_removes_a_key_file() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.file("key", "one");
    env.file("key2", "two");
    let get = |options: &[&str]| {
        env.call(&[&["get", "acme/wp"], options].concat())
            .password(NEW)
    };
    passwd(
        &env,
        &["--new-password-file", "new", "--new-key-file", "key"],
    )
    .ok();
    get(&[]).fails(4);
    get(&["--key-file", "key"]).ok().prints("x\n");
    let second = [
        "--key-file",
        "key",
        "--new-password-file",
        "new",
        "--new-key-file",
        "key2",
    ];
    passwd(&env, &second).password(NEW).ok();
    get(&["--key-file", "key"]).fails(4);
    get(&["--key-file", "key2"]).ok().prints("x\n");
    let third = [
        "--key-file",
        "key2",
        "--new-password-file",
        "new",
        "--no-key-file",
    ];
    passwd(&env, &third).password(NEW).ok();
    get(&[]).ok().prints("x\n");
    let both = [
        "--new-password-file",
        "new",
        "--no-key-file",
        "--new-key-file",
        "key",
    ];
    passwd(&env, &both).password(NEW).fails(2);
}

#[test]
fn passwd_makes_a_key_file_that_is_not_there() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let add = ["--new-password-file", "new", "--new-key-file", "made"];
    // Refused before anything is written.
    env.file("new", "1234");
    env.call(&[&["passwd"], &add[..]].concat()).fails(6);
    assert!(fs::metadata(env.path("made")).is_err());
    passwd(&env, &add).ok();
    assert_eq!(fs::read(env.path("made")).unwrap().len(), 32);
    let get = |options: &[&str]| {
        env.call(&[&["get", "acme/wp"], options].concat())
            .password(NEW)
    };
    get(&[]).fails(4);
    get(&["--key-file", "made"]).ok().prints("x\n");
}

#[test]
fn a_compromised_password_is_not_taken_again() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.file("same", PASSWORD);
    env.call(&["recovery", "add", "--out", "recovery"]).ok();
    let same = ["passwd", "--compromised", "--new-password-file", "same"];
    env.call(&same).fails(6).hints("choose another");
    let by_identity = [&["--identity", "recovery"], &same[..]].concat();
    env.call(&by_identity).no_password().fails(6);
    // Where nothing is compromised it may be meant, to change the cost for example.
    env.call(&["passwd", "--new-password-file", "same"])
        .ok()
        .tells("the password that the vault had before");
    let cost = [
        "passwd",
        "--new-password-file",
        "same",
        "--kdf",
        "m=8MiB,t=6,p=1",
    ];
    env.call(&cost).ok().hides("warning");
    env.file("key", "one");
    let key = [
        "passwd",
        "--new-password-file",
        "same",
        "--new-key-file",
        "key",
    ];
    env.call(&key).ok();
    let with_key = [&["--key-file", "key"], &same[..]].concat();
    env.call(&[&with_key[..], &["--no-key-file"]].concat())
        .fails(6);
    env.file("new", NEW);
    let new = ["passwd", "--compromised", "--new-password-file", "new"];
    env.call(&[&["--key-file", "key"], &new[..]].concat()).ok();
}

#[test]
fn a_key_file_that_was_made_or_is_not_needed_is_told() {
    let env = TestEnv::ready();
    let other = env.file("other.key", "what another vault needs");
    let list = env.call(&["list", "--key-file", &other]).ok();
    list.tells("This vault needs no key file: --key-file is not used.");
    let list = env.call(&["list"]).var("VAULT_KEY_FILE", &other).ok();
    list.hides("key file");
    env.file("new", "a new long passphrase of mine");
    let args = [
        "passwd",
        "--new-password-file",
        "new",
        "--new-key-file",
        "made.key",
    ];
    let made = env.call(&args).ok();
    made.tells("Made the key file made.key.")
        .tells("--key-file");
}
