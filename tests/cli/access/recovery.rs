//! A recovery identity opens the vault for reading and for `passwd`, and for nothing else.

use std::fs;

use crate::support::env::{CHEAP, TestEnv, mode_of};

const NEW: &str = "quartz-Lantern3-moose-drip";

/// A vault with an entry, and its recovery identity in `recovery`.
fn env() -> TestEnv {
    TestEnv::copied("with a recovery identity", |env| {
        env.has_no_vault();
        env.call(&["init", "--kdf", CHEAP, "--recovery", "recovery"])
            .ok();
        env.add("acme/wp", "hunter2");
        env.file("new", NEW);
    })
}

fn by_identity<'a>(env: &'a TestEnv, args: &[&str]) -> crate::support::call::Call<'a> {
    env.call(&[&["--identity", "recovery"], args].concat())
        .no_password()
}

#[test]
fn the_identity_is_written_privately_and_shown_nowhere() {
    let env = TestEnv::new();
    let made = env
        .call(&["init", "--kdf", CHEAP, "--recovery", "recovery"])
        .ok();
    made.tells("recovery").hides("AGE-SECRET-KEY-1");
    assert_eq!(mode_of(&env.work().join("recovery")), 0o600);
    let text = fs::read_to_string(env.path("recovery")).unwrap();
    assert_eq!(
        text.lines()
            .filter(|l| l.starts_with("AGE-SECRET-KEY-1"))
            .count(),
        1
    );
    assert!(text.ends_with('\n'));
}

#[test]
fn a_file_that_exists_is_not_overwritten_and_no_vault_is_made() {
    let env = TestEnv::new();
    let path = env.file("recovery", "something else");
    let init = ["init", "--kdf", CHEAP, "--recovery", "recovery"];
    env.call(&init).fails(7).says("recovery");
    assert_eq!(fs::read_to_string(path).unwrap(), "something else");
    assert!(!env.vault_file().exists());
}

#[test]
fn a_refused_init_leaves_no_identity_behind() {
    let env = TestEnv::new();
    let weak = ["init", "--kdf", CHEAP, "--recovery", "recovery"];
    env.call(&weak).password("password1").fails(6);
    assert!(!env.work().join("recovery").exists());
    env.call(&["init", "--kdf", CHEAP, "--recovery", "no/such/folder/r"])
        .fails(2);
    assert!(!env.vault_file().exists(), "no vault without its way back");
    let ready = TestEnv::ready();
    ready
        .call(&["init", "--kdf", CHEAP, "--recovery", "recovery"])
        .fails(7);
    assert!(!ready.work().join("recovery").exists());
}

#[test]
fn it_reads_without_a_password() {
    let env = env();
    by_identity(&env, &["get", "acme/wp"])
        .ok()
        .prints("hunter2\n");
    by_identity(&env, &["list"]).ok().prints("acme/wp\n");
    by_identity(&env, &["show", "acme/wp"])
        .ok()
        .shows("acme/wp");
    by_identity(&env, &["log"]).ok().shows("add");
    by_identity(&env, &["verify", "--full"]).ok();
}

#[test]
fn it_changes_nothing_and_says_so() {
    let env = env();
    let changes: [&[&str]; 3] = [
        &["add", "acme/db"],
        &["edit", "acme/wp", "--notes", "x"],
        &["rm", "acme/wp", "--yes"],
    ];
    for args in changes {
        by_identity(&env, args).stdin("x").fails(4).hints("passwd");
    }
    // It says so before it asks for a yes or a secret.
    by_identity(&env, &["rm", "acme/wp"])
        .fails(4)
        .hints("passwd");
    by_identity(&env, &["add", "acme/db"])
        .fails(4)
        .hints("passwd");
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn it_sets_a_new_password() {
    let env = env();
    by_identity(&env, &["passwd", "--new-password-file", "new"]).ok();
    env.call(&["get", "acme/wp"]).fails(4);
    env.call(&["get", "acme/wp"])
        .password(NEW)
        .ok()
        .prints("hunter2\n");
    env.call(&["add", "acme/db"]).password(NEW).stdin("x").ok();
    // The identity goes on being a way in.
    by_identity(&env, &["get", "acme/db"]).ok().prints("x\n");
}

#[test]
fn it_stays_a_way_in_through_changes() {
    let env = env();
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("hunter3")
        .ok();
    by_identity(&env, &["get", "acme/wp"])
        .ok()
        .prints("hunter3\n");
}

#[test]
fn the_identity_of_another_vault_does_not_open_this_one() {
    let env = env();
    let other = env.path("other.age");
    let init = [
        "--vault",
        &other,
        "init",
        "--kdf",
        CHEAP,
        "--recovery",
        "other",
    ];
    env.call(&init).ok();
    let call = env
        .call(&["--identity", "other", "get", "acme/wp"])
        .no_password();
    call.fails(4).says("other").hides("AGE-SECRET-KEY");
}

#[test]
fn what_is_no_identity_is_bad_input() {
    let env = env();
    env.file("noise", "hunter2-in-a-file\n");
    env.file("empty", "");
    for file in ["noise", "empty", "nosuch"] {
        let call = env.call(&["--identity", file, "get", "acme/wp"]);
        call.fails(2).says(file).hides("hunter2-in-a-file");
    }
}

#[test]
fn comments_and_blank_lines_in_an_identity_are_no_matter() {
    let env = env();
    let text = fs::read_to_string(env.path("recovery")).unwrap();
    let key = text.lines().find(|line| line.starts_with("AGE-")).unwrap();
    env.file("bare", key);
    env.file("commented", format!("# mine\r\n\r\n{key}\r\n"));
    for file in ["bare", "commented"] {
        let call = env
            .call(&["--identity", file, "get", "acme/wp"])
            .no_password();
        call.ok().prints("hunter2\n");
    }
}
