//! `backup` and `backups`: copies elsewhere, and what is kept of the vault.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::env::{CHEAP, TestEnv, has_keys, mode, mode_of};

/// A vault at generation 2 and an empty folder `usb`.
fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    fs::create_dir(env.path("usb")).unwrap();
    env
}

fn in_usb(env: &TestEnv) -> Vec<String> {
    let names = fs::read_dir(env.path("usb")).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn backup_to_usb(env: &TestEnv) -> PathBuf {
    let copied = env.call(&["backup", "--to", "usb", "--json"]).ok().json();
    copied["changed"][0].as_str().unwrap().into()
}

fn backups(env: &TestEnv) -> Vec<Value> {
    let list = env.call(&["backups", "--json"]).no_password().ok().json();
    list.as_array().unwrap().clone()
}

fn generations(env: &TestEnv, kind: &str) -> Vec<u64> {
    let list = backups(env).into_iter().filter(|file| file["kind"] == kind);
    list.map(|file| file["generation"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_copy_is_the_file_itself_private_and_named_by_generation_and_hash() {
    let env = env();
    let backup = env.call(&["backup", "--to", "usb"]).no_password().ok();
    backup.prints("").tells("generation 2").tells("whole");
    let names = in_usb(&env);
    let [name] = names.as_slice() else {
        panic!("{names:?}")
    };
    let (start, hash) = name.strip_suffix(".age").unwrap().rsplit_once('-').unwrap();
    assert_eq!(start, "vault-2");
    assert_eq!(hash.len(), 8);
    let copy = PathBuf::from(env.path("usb")).join(name);
    assert!(fs::read(&copy).unwrap() == fs::read(env.vault_file()).unwrap());
    assert_eq!(mode_of(&copy), 0o600);
    let to = copy.to_str().unwrap();
    env.call(&["--vault", to, "get", "acme/wp"])
        .ok()
        .prints("hunter2\n");
}

#[test]
fn a_copy_that_is_there_already_is_looked_at_and_left() {
    let env = env();
    let copy = backup_to_usb(&env);
    let before = fs::metadata(&copy).unwrap().modified().unwrap();
    assert_eq!(backup_to_usb(&env), copy);
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), before);
    fs::write(&copy, "something else").unwrap();
    let failure = env.call(&["backup", "--to", "usb"]).fails(7);
    failure.says("vault-2-").hints("move it away");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "something else");
}

#[test]
fn without_a_folder_it_goes_where_the_last_one_went() {
    let env = env();
    env.call(&["backup"]).fails(2).hints("--to DIR");
    backup_to_usb(&env);
    env.add("acme/db", "x");
    env.call(&["backup"]).no_password().ok();
    assert_eq!(in_usb(&env).len(), 2);
    assert_eq!(generations(&env, "copy"), [3, 2]);
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let env = env();
    let failure = env.call(&["backup", "--to", "nosuch"]).fails(2);
    failure.says("nosuch").hints("plug the disk in");
    assert!(!PathBuf::from(env.path("nosuch")).exists());
    env.file("file", "x");
    env.call(&["backup", "--to", "file"]).fails(2);
}

#[test]
fn keep_removes_older_copies_of_this_vault_and_nothing_else() {
    let env = env();
    let foreign = TestEnv::ready();
    let theirs = foreign.call(&["backup", "--to", &env.path("usb"), "--json"]);
    let theirs = theirs.ok().json()["changed"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let usb = PathBuf::from(env.path("usb"));
    fs::write(usb.join("vault-1-0123abcd.age"), "no vault at all").unwrap();
    fs::write(usb.join("notes.txt"), "mine").unwrap();
    fs::copy(env.vault_file(), usb.join("vault-1.age")).unwrap();
    for n in 0..4 {
        env.add(&format!("acme/{n}"), "x");
        env.call(&["backup", "--to", "usb"]).ok();
    }
    assert_eq!(generations(&env, "copy"), [6, 5, 4, 3, 1]);
    env.add("acme/last", "x");
    env.call(&["backup", "--to", "usb", "--keep", "2"])
        .ok()
        .tells("removed 3 older copies");
    assert_eq!(generations(&env, "copy"), [7, 6, 1]);
    let left = in_usb(&env);
    assert_eq!(left.len(), 6, "{left:?}");
    assert!(PathBuf::from(theirs).exists());
    env.call(&["backup", "--keep", "0"]).fails(2).says("--keep");
}

#[test]
fn a_vault_that_is_not_as_it_should_be_is_not_copied() {
    let env = env();
    fs::copy(env.vault_file(), env.path("old.age")).unwrap();
    env.add("acme/db", "x");
    let good = fs::read(env.vault_file()).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    fs::write(env.vault_file(), bad).unwrap();
    env.call(&["backup", "--to", "usb"])
        .fails(5)
        .hints("vault restore");
    fs::copy(env.path("old.age"), env.vault_file()).unwrap();
    env.call(&["backup", "--to", "usb"]).fails(5);
    fs::remove_file(env.vault_file()).unwrap();
    env.call(&["backup", "--to", "usb"]).fails(3);
    assert!(in_usb(&env).is_empty());
}

#[test]
fn a_copy_that_cannot_be_written_leaves_nothing() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(200_000))]);
    fs::create_dir(env.path("usb")).unwrap();
    let script = "ulimit -f 100; exec vault backup --to usb";
    env.shell(script).fails(1).says("usb");
    assert!(in_usb(&env).is_empty(), "{:?}", in_usb(&env));
    let list = backups(&env);
    assert!(list.iter().all(|file| file["kind"] != "copy"), "{list:?}");
}

#[test]
fn backups_lists_what_each_change_kept_and_whether_it_is_whole() {
    let env = env();
    env.add("acme/db", "x");
    let list = backups(&env);
    for file in &list {
        has_keys(file, &["file", "generation", "created", "size", "ok"]);
        assert_eq!(file["ok"], true, "{file}");
        let size = fs::metadata(file["file"].as_str().unwrap()).unwrap().len();
        assert_eq!(file["size"], size);
        let created = file["created"].as_str().unwrap();
        assert!(created.parse::<jiff::Timestamp>().is_ok());
    }
    assert_eq!(generations(&env, "automatic"), [2, 1]);
    assert_eq!(generations(&env, "last"), [3]);
    let text = env.call(&["backups"]).no_password().ok();
    text.shows("2-").shows("automatic").shows("ok");
}

#[test]
fn backups_tells_what_is_damaged_or_foreign() {
    let env = env();
    env.add("acme/db", "x");
    let copy = backup_to_usb(&env);
    fs::write(&copy, "damaged").unwrap();
    let folder = env.data().join("vault.age.backups");
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    fs::copy(env.path("other.age"), folder.join("9-01234567.age")).unwrap();
    fs::write(folder.join("notes.txt"), "no backup").unwrap();
    let list = backups(&env);
    let bad: Vec<&Value> = list.iter().filter(|file| file["ok"] == false).collect();
    assert_eq!(bad.len(), 2, "{list:#?}");
    for file in bad {
        assert!(file["problem"].as_str().unwrap().len() > 5, "{file}");
    }
    let text = env.call(&["backups"]).ok();
    text.shows("another vault").shows("not a vault");
}

#[test]
fn a_disk_that_is_not_plugged_in_is_told() {
    let env = env();
    backup_to_usb(&env);
    fs::rename(env.path("usb"), env.path("away")).unwrap();
    let list = env.call(&["backups"]).ok();
    list.tells("generation 2").tells("not there now");
    env.call(&["backup"]).fails(1).says("usb");
}

#[test]
fn a_vault_that_was_never_changed_has_nothing_but_what_this_device_keeps() {
    let env = TestEnv::new();
    env.call(&["backups"]).no_password().ok().prints("");
    env.call(&["backups", "--json"]).ok().prints("[]\n");
    env.call(&["backup", "--to", "."]).fails(3);
}

#[test]
fn a_copy_beside_the_vault_is_made_with_a_warning() {
    let env = env();
    let data = env.data();
    let to = data.to_str().unwrap();
    env.call(&["backup", "--to", to])
        .ok()
        .tells("beside the vault");
    assert_eq!(generations(&env, "copy"), [2]);
    // It is no automatic generation, which a change would remove one day.
    assert_eq!(generations(&env, "automatic"), [1]);
}

#[test]
fn where_copies_went_that_cannot_be_remembered_is_a_warning() {
    let env = env();
    let state = env.state();
    fs::set_permissions(&state, mode(0o700)).unwrap();
    fs::create_dir(env.vault_state().join("copies.json")).unwrap();
    env.call(&["backup", "--to", "usb"])
        .ok()
        .tells("warning: the copy is made");
    assert_eq!(in_usb(&env).len(), 1);
}
