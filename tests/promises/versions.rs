//! Promise 2: on a device that has seen the vault, no older copy, no other vault and no copy that
//! went its own way passes for it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::sync::{put_in_place, second_device};
use crate::promises::{answers, exits};
use crate::support::env::TestEnv;

#[test]
fn an_older_copy_put_back_is_refused_and_the_way_out_is_named() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let older = fs::read(env.vault_file()).unwrap();
    env.add("acme/db", "two");
    fs::write(env.vault_file(), &older).unwrap();

    exits(env.call(&["verify"]), 5);
    exits(env.call(&["list"]), 5);
    let failure = env.call(&["get", "acme/wp"]).fails(5);
    failure.says("--accept-generation");
    env.call(&["add", "acme/x"]).stdin("three").fails(5);
    assert_eq!(fs::read(env.vault_file()).unwrap(), older);
}

#[test]
fn another_vault_at_the_same_path_is_refused() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let other = TestEnv::with(&[("acme/wp", "of another")]);
    fs::copy(other.vault_file(), env.vault_file()).unwrap();
    exits(env.call(&["verify"]), 5);
    env.call(&["get", "acme/wp"]).fails(5).hides("of another");
    env.call(&["add", "acme/db"]).stdin("two").fails(5);
}

#[test]
fn a_known_vault_is_known_by_its_id_at_any_path() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let older = env.file("elsewhere.age", fs::read(env.vault_file()).unwrap());
    env.add("acme/db", "two");
    env.call(&["--vault", &older, "get", "acme/wp"]).fails(5);
    exits(env.call(&["--vault", &older, "verify"]), 5);
}

#[test]
fn copies_that_two_devices_wrote_apart_are_a_fork_that_reads_and_does_not_write() {
    let laptop = TestEnv::with(&[("acme/wp", "one")]);
    let desktop = second_device(&laptop);
    laptop.add("acme/laptop", "two");
    desktop.add("acme/desktop", "three");
    assert_eq!(laptop.generation(), desktop.generation());
    put_in_place(&desktop, &laptop);

    let reading = answers(laptop.call(&["get", "acme/wp"]), 0);
    assert_eq!(reading.stdout, b"one\n");
    assert!(!reading.stderr.is_empty(), "it warns\n{reading:?}");
    let failure = laptop.call(&["add", "acme/new"]).stdin("four").fails(7);
    failure.says("vault merge --all");
}

#[test]
fn a_backup_is_kept_even_when_the_vault_is_overwritten_in_place() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.add("acme/db", "two");
    let before = env.snapshot();
    fs::write(env.vault_file(), "not a vault any more").unwrap();
    for (path, bytes) in env.snapshot() {
        if path != env.vault_file() {
            assert_eq!(before[&path], bytes, "{}", path.display());
        }
    }
}

#[test]
fn two_copies_on_one_device_cannot_both_go_on() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let copy = env.file("copy.age", fs::read(env.vault_file()).unwrap());
    env.add("acme/here", "two");
    let add = ["--vault", &copy, "add", "acme/there"];
    env.call(&add).stdin("three").fails(5);
    let accepted = [&["--accept-generation", "2"], &add[..]].concat();
    env.call(&accepted).stdin("three").ok();
    // Now the first is the older one, and its write is not in the copy.
    env.call(&["add", "acme/again"]).stdin("four").fails(5);
}

#[test]
fn a_copied_state_does_not_hide_that_two_wrote_apart() {
    let laptop = TestEnv::with(&[("acme/wp", "one")]);
    let clone = TestEnv::new();
    copy_all(&laptop.home(), &clone.home());
    laptop.add("acme/laptop", "two");
    clone.add("acme/clone", "three");
    put_in_place(&clone, &laptop);
    // Same device id, same counter, another write: it must not pass for the laptop's own.
    laptop.call(&["add", "acme/new"]).stdin("four").fails(7);
    assert_eq!(kept_entries(&laptop), "acme/laptop\nacme/wp\n");
}

/// What is listed from the file that this device keeps for a merge.
fn kept_entries(env: &TestEnv) -> String {
    let file = last_file(env);
    let list = ["--vault", file.to_str().unwrap(), "list"];
    TestEnv::new().call(&list).ok().text().to_owned()
}

/// The newest file that this device wrote, as it keeps it for a merge.
fn last_file(env: &TestEnv) -> PathBuf {
    let folders = fs::read_dir(env.state()).unwrap();
    let mut files = folders.map(|folder| folder.unwrap().path().join("last.age"));
    files.find(|file| file.exists()).expect("no last.age")
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
