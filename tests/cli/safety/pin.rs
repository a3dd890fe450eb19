//! What a device remembers: older copies, other vaults and forks in the place of what it knows.

use std::fs;

use crate::support::env::{CHEAP, TestEnv};

/// A vault at generation 4, and its copies at 2 and 3 in the working directory.
fn grown() -> TestEnv {
    TestEnv::copied("four generations", |env| {
        for (name, copy) in [("one", "2.age"), ("two", "3.age"), ("three", "4.age")] {
            env.add(&format!("acme/{name}"), name);
            fs::copy(env.vault_file(), env.work().join(copy)).unwrap();
        }
        assert_eq!(env.generation(), 4);
    })
}

fn put(env: &TestEnv, copy: &str) {
    fs::copy(env.work().join(copy), env.vault_file()).unwrap();
}

#[test]
fn an_older_copy_put_back_is_refused_naming_both_causes() {
    let env = grown();
    put(&env, "2.age");
    let commands: [&[&str]; 5] = [
        &["get", "acme/one"],
        &["list"],
        &["add", "acme/four"],
        &["log"],
        &["verify"],
    ];
    for args in commands {
        // Before anything is asked or derived.
        let failure = env.call(args).no_password().stdin("x").fails(5);
        failure
            .says("2")
            .says("4")
            .says("old")
            .says("another device");
        // What `verify` says has to be put right, not accepted.
        let verify = args == ["verify"];
        failure.hints(if verify { "" } else { "--accept-generation 2" });
    }
}

#[test]
fn an_accepted_generation_is_read_once_and_pins_nothing() {
    let env = grown();
    put(&env, "3.age");
    let accept = ["list", "--accept-generation", "3"];
    env.call(&accept).ok().prints("acme/one\nacme/two\n");
    env.call(&["list"]).fails(5).says("3");
    env.call(&["list", "--accept-generation", "2"])
        .fails(5)
        .says("3");
    env.call(&["list", "--accept-generation", "x"]).fails(2);
    put(&env, "4.age");
    env.call(&["list"]).ok().shows("acme/three");
}

#[test]
fn a_write_on_an_accepted_copy_goes_beyond_what_was_seen() {
    let env = grown();
    put(&env, "2.age");
    let add = ["add", "acme/four", "--accept-generation", "2"];
    env.call(&add).stdin("x").ok();
    assert_eq!(env.generation(), 5);
    env.call(&["list"]).ok().prints("acme/four\nacme/one\n");
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn the_newest_copy_put_back_is_no_rollback() {
    let env = grown();
    put(&env, "4.age");
    env.call(&["get", "acme/three"]).ok().prints("three\n");
}

#[test]
fn another_vault_in_its_place_is_refused() {
    let env = grown();
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    let other = ["--vault", "other.age", "add", "globex/mail"];
    env.call(&other).stdin("theirs").ok();
    put(&env, "other.age");
    for args in [
        &["get", "globex/mail"][..],
        &["list"],
        &["add", "acme/four"],
    ] {
        let failure = env.call(args).no_password().stdin("x").fails(5);
        failure.hints("--accept-signer SHA256:");
    }
    let failure = env.call(&["list"]).fails(5);
    let fingerprint = failure.word("SHA256:");
    let wrong = [
        "list",
        "--accept-signer",
        "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    env.call(&wrong).fails(5).says("SHA256:");
    let accept = ["get", "globex/mail", "--accept-signer", &fingerprint];
    env.call(&accept).ok().prints("theirs\n");
    // Opening it has pinned it.
    env.call(&["list"]).ok().prints("globex/mail\n");
}

#[test]
fn verify_takes_no_other_vault_for_the_one_at_this_path() {
    let env = grown();
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    let stranger = TestEnv::with(&[("globex/mail", "theirs")]);
    env.file("stranger.age", fs::read(stranger.vault_file()).unwrap());
    for other in ["stranger.age", "other.age"] {
        put(&env, other);
        env.call(&["verify"]).fails(5).says("SHA256:");
    }
    put(&env, "4.age");
    env.call(&["verify"]).ok();
}

#[test]
fn a_vault_that_moves_takes_its_memory_along() {
    let env = grown();
    fs::copy(env.vault_file(), env.path("moved.age")).unwrap();
    env.call(&["--vault", "moved.age", "list"])
        .ok()
        .shows("acme/three");
    let old = env.call(&["--vault", "2.age", "list"]).fails(5);
    old.hints("--accept-generation 2");
}

#[test]
fn a_new_device_trusts_what_it_sees_first() {
    let ours = grown();
    let theirs = TestEnv::new();
    theirs.file("v.age", fs::read(ours.vault_file()).unwrap());
    theirs
        .call(&["--vault", "v.age", "get", "acme/one"])
        .ok()
        .prints("one\n");
    fs::copy(ours.work().join("3.age"), theirs.path("v.age")).unwrap();
    theirs
        .call(&["--vault", "v.age", "get", "acme/one"])
        .fails(5)
        .says("3");
}

#[test]
fn a_forgotten_state_is_no_obstacle() {
    let env = grown();
    fs::remove_dir_all(env.state()).unwrap();
    env.call(&["get", "acme/one"]).ok().prints("one\n");
    env.add("acme/four", "four");
    assert_eq!(env.generation(), 5);
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn a_damaged_pin_is_not_taken_for_none() {
    let env = grown();
    let pin = env
        .everything()
        .into_keys()
        .find(|path| path.ends_with("pin.json"))
        .unwrap();
    fs::write(pin, "{").unwrap();
    let output = env.call(&["get", "acme/one"]).run();
    assert!(matches!(output.code, Some(1 | 5)), "{output:?}");
    assert!(output.stderr.contains("pin.json"), "{output:?}");
}

/// Two devices that wrote apart, and the file of the other in the place of ours.
fn forked() -> TestEnv {
    let ours = TestEnv::with(&[("acme/wp", "common")]);
    let theirs = TestEnv::new();
    fs::create_dir_all(theirs.data()).unwrap();
    fs::copy(ours.vault_file(), theirs.vault_file()).unwrap();
    ours.add("acme/ours", "ours");
    theirs.add("acme/theirs", "theirs");
    theirs.add("acme/theirs too", "theirs too");
    fs::copy(theirs.vault_file(), ours.vault_file()).unwrap();
    ours
}

#[test]
fn a_fork_is_read_with_a_warning() {
    let env = forked();
    let got = env.call(&["get", "acme/theirs"]).ok();
    got.prints("theirs\n")
        .tells("warning: ")
        .tells("wrote this vault apart");
    let listed = env.call(&["list"]).ok();
    listed
        .prints("acme/theirs\nacme/theirs too\nacme/wp\n")
        .tells("warning: ");
}

#[test]
fn a_fork_is_not_written() {
    let env = forked();
    env.file("new", "quartz-Lantern3-moose-drip");
    let changes: [&[&str]; 4] = [
        &["add", "acme/four"],
        &["edit", "acme/wp", "--notes", "x"],
        &["rm", "acme/wp", "--yes"],
        &["passwd", "--new-password-file", "new"],
    ];
    for args in changes {
        env.call(args)
            .stdin("x")
            .fails(7)
            .hints("vault merge --all");
    }
    // Nobody is asked for what cannot be written.
    env.call(&["rm", "acme/wp"])
        .fails(7)
        .hints("vault merge --all");
}

#[test]
fn a_fork_stays_one_after_it_was_read() {
    let env = forked();
    env.call(&["get", "acme/theirs"]).ok();
    env.call(&["list"]).ok().tells("wrote this vault apart");
    env.call(&["add", "acme/four"])
        .stdin("x")
        .fails(7)
        .hints("vault merge --all");
}

fn last_written(env: &TestEnv) -> Vec<u8> {
    let mut files = env.everything().into_iter();
    files
        .find(|(path, _)| path.ends_with("last.age"))
        .unwrap()
        .1
}

#[test]
fn the_newest_file_that_this_device_wrote_is_kept() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let written = fs::read(env.vault_file()).unwrap();
    assert!(
        last_written(&env) == written,
        "last.age is what was written"
    );
}

#[test]
fn what_is_written_over_the_vault_is_not_written_over_what_is_kept() {
    let env = grown();
    let newest = fs::read(env.vault_file()).unwrap();
    // As `cp` does it: into the file that is there.
    put(&env, "2.age");
    assert!(last_written(&env) == newest, "last.age went with the vault");
}

#[test]
fn a_device_that_only_fell_behind_is_no_fork() {
    let ours = TestEnv::with(&[("acme/wp", "common")]);
    let theirs = TestEnv::new();
    fs::create_dir_all(theirs.data()).unwrap();
    fs::copy(ours.vault_file(), theirs.vault_file()).unwrap();
    theirs.add("acme/theirs", "theirs");
    fs::copy(theirs.vault_file(), ours.vault_file()).unwrap();
    ours.call(&["get", "acme/theirs"])
        .ok()
        .prints("theirs\n")
        .silently();
    ours.add("acme/ours", "ours");
    ours.call(&["list"])
        .ok()
        .prints("acme/ours\nacme/theirs\nacme/wp\n");
    ours.call(&["log", "--verify"]).ok();
}

#[test]
fn what_is_accepted_is_a_fingerprint() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    for bad in ["x", "SHA256:", "SHA256:abc", "MD5:00:11", ""] {
        let get = env.call(&["get", "acme/wp", "--accept-signer", bad]);
        get.fails(2).hints("SHA256:");
    }
}

#[test]
fn a_generation_that_need_not_be_accepted_is_noted() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let args = ["get", "acme/wp", "--accept-generation", "1"];
    env.call(&args).ok().prints("x\n").tells("was not needed");
}

/// A file of what this device remembers of its one vault.
fn remembered(env: &TestEnv, name: &str) -> std::path::PathBuf {
    env.vault_state().join(name)
}

fn tear(file: &std::path::Path) {
    let content = fs::read(file).unwrap();
    assert!(content.len() > 20, "{}", file.display());
    fs::write(file, &content[..20]).unwrap();
}

#[test]
fn a_device_that_lost_its_name_is_told_so_and_logged_whatever_comes_next() {
    for is_torn in [true, false] {
        for next in [&["get", "acme/wp"][..], &["rm", "acme/wp", "--yes"]] {
            let env = TestEnv::with(&[("acme/wp", "s")]);
            env.call(&["get", "acme/wp"]).ok();
            let device = remembered(&env, "device.json");
            if is_torn {
                tear(&device);
            } else {
                fs::remove_file(&device).unwrap();
            }
            env.call(next).ok().tells("device.json is damaged or gone");
            let log = env.call(&["log"]).ok();
            log.shows("journal damaged").shows("reveal");
            env.add("acme/new", "s");
            env.call(&["list"]).ok().hides("device.json");
            env.call(&["log"])
                .ok()
                .shows("journal damaged")
                .shows("reveal");
            env.call(&["verify", "--full"]).ok();
        }
    }
}

#[test]
fn a_torn_journal_is_told_at_the_next_change() {
    let env = TestEnv::with(&[("acme/wp", "s")]);
    env.call(&["get", "acme/wp"]).ok();
    tear(&remembered(&env, "journal"));
    let change = ["rm", "acme/wp", "--yes", "--json"];
    let answer = env.call(&change).ok().json();
    let told = answer["warnings"].to_string();
    assert!(told.contains("reveals may be missing"), "{answer}");
    env.call(&["log"]).ok().shows("journal damaged");
}
