//! An old copy in the place of the vault: what ended stays ended, and the newest file comes back.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::cut_off::in_state;
use crate::cli::consent::consent_keys::card;
use crate::cli::sharing::share::consent;
use crate::support::env::{PASSWORD, TestEnv};

/// A vault with acme/wp, bob who has a key, and a consent of acme's for him; and its id.
fn with_consent() -> (TestEnv, String) {
    let env = TestEnv::copied("a consent for bob, who has a card", |env| {
        env.add("acme/wp", "hunter2");
        env.add("acme/db", "x");
        let card = card(env, &TestEnv::ready(), "bob.card");
        env.call(&["contact", "add", "bob", "--card", &card]).ok();
        env.takes_notes_of("acme");
        env.file("consent", consent(env, &["--scope", "acme/*"]));
    });
    let id = fs::read_to_string(env.path("consent")).unwrap();
    (env, id)
}

fn keep(env: &TestEnv, name: &str) -> String {
    keep_as(env, name, env)
}

fn keep_as(env: &TestEnv, name: &str, of: &TestEnv) -> String {
    env.file(name, fs::read(of.vault_file()).unwrap())
}

fn put(env: &TestEnv, copy: &str) {
    fs::copy(copy, env.vault_file()).unwrap();
}

fn state_of(env: &TestEnv, consent: &str) -> String {
    let list = env.call(&["consent", "list", "--json"]).ok().json();
    let mut all = list.as_array().unwrap().iter();
    let found = all.find(|it| it["id"] == consent).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

const SHARE: [&str; 6] = ["share", "acme/wp", "--to", "bob", "--out", "for-bob.age"];

#[test]
fn under_an_accepted_old_copy_nothing_is_shared_received_or_consented_to() {
    let (env, consent) = with_consent();
    env.call(&["share", "acme/db", "--to", "bob", "--out", "share.age"])
        .ok();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    put(&env, &old);
    let accept = ["--accept-generation", &generation];
    let terms = [
        "acme",
        "--to",
        "bob",
        "--scope",
        "acme/wp",
        "--purpose",
        "x",
    ];
    let given = ["--by", "Ann", "--note", "said so"];
    let tries: [Vec<&str>; 4] = [
        SHARE.to_vec(),
        vec!["receive", "share.age"],
        [&["consent", "add"], &terms[..], &given[..]].concat(),
        [&["consent", "request"], &terms[..]].concat(),
    ];
    for args in tries {
        let failure = env.call(&[&args[..], &accept[..]].concat()).fails(6);
        failure.says("older copy").hints("vault restore last.age");
    }
    assert!(!PathBuf::from(env.path("for-bob.age")).exists());
    // Reading works, and is told.
    let got = env.call(&[&["get", "acme/wp"], &accept[..]].concat()).ok();
    got.prints("hunter2\n").tells("older");
}

#[test]
fn the_first_write_on_an_old_copy_carries_over_every_ending() {
    let (env, consent) = with_consent();
    env.call(&SHARE).ok();
    let share = env.call(&["shares", "--json"]).ok().json();
    let share = share[0]["id"].as_str().unwrap().to_owned();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["revoke", &share]).ok();
    env.call(&["consent", "withdraw", &consent]).ok();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.add("acme/later", "x");
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    env.call(&add).stdin("x").ok().tells("stays ended");
    assert_eq!(state_of(&env, &consent), "withdrawn");
    let shares = env.call(&["shares", "--json"]).ok().json();
    assert_eq!(shares[0]["state"], "revoked");
    // Nothing but what ended comes along, and what was purged is gone.
    env.call(&["list"]).ok().prints("acme/new\nacme/wp\n");
    let again = ["share", "acme/wp", "--to", "bob", "--out", "again.age"];
    env.call(&again).fails(6).says("withdrawn");
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let carried = log.as_array().unwrap().iter();
    let carried: Vec<&Value> = carried.filter(|e| e["action"] == "carry").collect();
    assert_eq!(carried[0]["detail"]["consents"], 1, "{carried:?}");
}

#[test]
fn what_was_shared_after_the_copy_was_made_is_told_and_where_it_stands() {
    let (env, _) = with_consent();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&SHARE).ok();
    let share = env.call(&["shares", "--json"]).ok().json();
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    let told = env.call(&add).stdin("x").run();
    let shared = "a share was made after that copy and is not in it";
    assert!(told.stderr.contains(shared), "{told:?}");
    env.call(&["shares"]).ok().tells("nothing was shared");
    let (_, look) = told.stderr.split_once("rotated: vault ").unwrap();
    let look = look.lines().next().unwrap();
    let told = env.shell(&format!("vault {look} --json")).ok().json();
    assert_eq!(told, share);
}

#[test]
fn what_left_a_client_or_was_made_stricter_later_stays_so() {
    let (env, _) = with_consent();
    for name in [
        "acme/gone",
        "acme/moved",
        "acme/taken",
        "acme/back",
        "globex/x",
    ] {
        env.add(name, "x");
    }
    env.call(&["client", "add", "idle"]).ok();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["rm", "acme/gone", "--yes"]).ok();
    env.call(&["mv", "acme/moved", "globex/moved"]).ok();
    env.call(&["mv", "acme/taken", "later/taken"]).ok();
    env.call(&["rm", "acme/back", "--yes"]).ok();
    env.call(&["trash", "restore", "acme/back"]).ok();
    env.call(&["client", "rm", "idle", "--yes"]).ok();
    let stricter = ["client", "edit", "acme", "--min-assurance", "signed"];
    env.call(&stricter).ok();
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    let added = env.call(&add).stdin("x").ok();
    added.tells("entries in the trash: 2");
    added.tells("entries of another client: 1");
    added.tells("clients who ask for more: 1");
    let live = "acme/back\nacme/db\nacme/new\nacme/wp\nglobex/moved\nglobex/x\n";
    env.call(&["list"]).ok().prints(live);
    let trash = env.call(&["trash", "list", "--json"]).ok().json();
    assert_eq!(trash.as_array().unwrap().len(), 2, "{trash}");
    env.call(&["client", "show", "idle"]).fails(3);
    env.call(&SHARE).fails(6).says("signed");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn generations_beside_the_vault_know_of_endings_too() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    env.add("acme/later", "x");
    fs::remove_file(in_state(&env, "last.age")).unwrap();
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    env.call(&add).stdin("x").ok();
    assert_eq!(state_of(&env, &consent), "withdrawn");
}

#[test]
fn the_journal_knows_of_an_ending_that_was_the_reason_of_a_refusal() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    env.call(&SHARE).fails(6);
    fs::remove_file(in_state(&env, "last.age")).unwrap();
    fs::remove_dir_all(env.data().join("vault.age.backups")).unwrap();
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    env.call(&add).stdin("x").ok();
    assert_eq!(state_of(&env, &consent), "withdrawn");
}

#[test]
fn nothing_is_written_while_what_ended_is_behind_another_password_or_cost() {
    const NEW: &str = "heron-Quartz4-maple-dusk";
    let cases = [
        (NEW, crate::support::env::CHEAP, true),
        (NEW, crate::support::env::CHEAP, false),
        (PASSWORD, "m=8MiB,t=6,p=1", true),
    ];
    for (password, cost, is_withdrawn_last) in cases {
        let (env, consent) = with_consent();
        let old = keep(&env, "old.age");
        let generation = env.generation().to_string();
        let withdraw = |password| {
            let withdraw = env.call(&["consent", "withdraw", &consent]);
            withdraw.password(password).ok();
        };
        if !is_withdrawn_last {
            withdraw(PASSWORD);
        }
        let new = env.file("new", password);
        let passwd = ["passwd", "--new-password-file", &new, "--kdf", cost];
        env.call(&passwd).ok();
        if is_withdrawn_last {
            withdraw(password);
        }
        put(&env, &old);
        let accept = ["--accept-generation", &generation];
        let edit = [&["contact", "edit", "bob", "--role", "x"], &accept[..]].concat();
        let refused = env.call(&edit).fails(6);
        refused
            .says("another password")
            .hints("vault restore last.age");
        env.call(&["add", "acme/new"]).stdin("x").fails(5);
        assert!(fs::read(env.vault_file()).unwrap() == fs::read(&old).unwrap());
        // With that password lost, nothing that may have ended goes on.
        fs::rename(in_state(&env, "last.age"), env.path("aside")).unwrap();
        let later = env.data().join("vault.age.backups");
        fs::rename(later, env.path("backups-aside")).unwrap();
        env.call(&edit).ok().tells("counts as withdrawn");
        assert_eq!(state_of(&env, &consent), "withdrawn");
        env.call(&SHARE).fails(6).says("withdrawn");
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn with_no_later_file_left_every_consent_ends_and_is_to_be_given_anew() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    let generation = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    fs::remove_file(in_state(&env, "last.age")).unwrap();
    fs::remove_dir_all(env.data().join("vault.age.backups")).unwrap();
    put(&env, &old);
    let add = ["add", "acme/new", "--accept-generation", &generation];
    let added = env.call(&add).stdin("x").ok();
    added
        .tells("counts as withdrawn (1)")
        .tells("vault consent add");
    env.call(&SHARE).fails(6).says("withdrawn");
    let given = ["consent", "add", "acme", "--to", "bob", "--scope", "acme/*"];
    let said = ["--purpose", "fix it", "--by", "Ann", "--note", "by phone"];
    env.call(&[&given[..], &said[..]].concat()).ok();
    env.call(&SHARE).ok();
}

#[test]
fn the_newest_file_comes_back_in_the_place_of_an_old_copy_with_all_that_it_knows() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    env.call(&["consent", "withdraw", &consent]).ok();
    let newest = fs::read(env.vault_file()).unwrap();
    put(&env, &old);
    let last = in_state(&env, "last.age");
    let failure = env.call(&["list"]).fails(5);
    failure
        .hints("vault restore last.age")
        .hints(last.to_str().unwrap());
    let restored = env.call(&["restore", "last.age", "--yes"]).ok();
    restored.tells("old copy is kept as");
    assert!(fs::read(env.vault_file()).unwrap() == newest);
    assert_eq!(state_of(&env, &consent), "withdrawn");
    let kept = env.call(&["backups", "--json"]).ok().json();
    let bytes = fs::read(&old).unwrap();
    let mut files = kept.as_array().unwrap().iter();
    let is_old = |file: &Value| fs::read(file["file"].as_str().unwrap()).unwrap() == bytes;
    assert!(files.any(is_old), "the old copy is a generation: {kept}");
}

#[test]
fn going_back_to_a_generation_from_an_old_copy_starts_from_the_newest_file() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    env.add("acme/kept", "x");
    let between = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    env.add("acme/later", "x");
    let seen = env.generation();
    put(&env, &old);
    let dry = env.call(&["restore", &between, "--dry-run"]).ok();
    dry.shows("acme/later");
    assert!(fs::read(env.vault_file()).unwrap() == fs::read(&old).unwrap());
    env.call(&["restore", &between, "--yes"]).ok();
    assert_eq!(env.generation(), seen + 1);
    env.call(&["list"])
        .ok()
        .prints("acme/db\nacme/kept\nacme/wp\n")
        .silently();
    assert_eq!(state_of(&env, &consent), "withdrawn");
    env.call(&["restore", &seen.to_string(), "--yes"]).ok();
    env.call(&["list"]).ok().shows("acme/later");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_named_vault_is_named_in_the_way_back() {
    let (env, _) = with_consent();
    let old = keep(&env, "old.age");
    env.add("acme/later", "x");
    put(&env, &old);
    let vault = env.vault_file();
    let path = vault.to_str().unwrap();
    let failure = env.call(&["--vault", path, "list"]).fails(5);
    failure.hints(&format!("vault --vault {path} restore last.age"));
    fs::remove_file(&vault).unwrap();
    let failure = env.call(&["--vault", path, "list"]).fails(3);
    failure.hints(&format!("vault --vault {path} restore last.age"));
}

#[test]
fn an_old_copy_of_another_key_that_is_accepted_is_an_old_copy_all_the_same() {
    let (env, consent) = with_consent();
    let old = keep(&env, "old.age");
    env.call(&["consent", "withdraw", &consent]).ok();
    env.call(&["id", "rotate", "--yes"]).ok();
    put(&env, &old);
    let signer = env.call(&["list"]).fails(5).word("SHA256:");
    let accept = ["--accept-signer", &signer];
    env.call(&[&SHARE[..], &accept[..]].concat()).fails(6);
    let add = [&["add", "acme/new"], &accept[..]].concat();
    env.call(&add).stdin("x").ok();
    assert_eq!(state_of(&env, &consent), "withdrawn");
}

#[test]
fn with_the_state_folder_lost_a_copy_is_held_against_what_lies_beside_the_vault() {
    let (env, consent) = with_consent();
    let generation = env.generation().to_string();
    env.call(&["consent", "withdraw", &consent]).ok();
    env.add("acme/later", "x");
    let newest = env.generation() - 1;
    fs::remove_dir_all(env.state()).unwrap();
    fs::remove_file(env.vault_file()).unwrap();
    let restore = ["restore", &generation, "--yes"];
    let refused = env.call(&restore).fails(5);
    refused
        .hints(&format!("vault restore {newest}"))
        .hints("--accept-generation");
    let accept = ["--accept-generation", &generation];
    env.call(&[&restore[..], &accept].concat())
        .ok()
        .tells("stays ended");
    assert_eq!(env.generation(), newest + 1);
    assert_eq!(state_of(&env, &consent), "withdrawn");
}

#[test]
fn going_back_to_a_copy_from_elsewhere_takes_over_what_ended_there() {
    let (env, consent) = with_consent();
    let other = TestEnv::new();
    fs::create_dir_all(other.data()).unwrap();
    fs::copy(env.vault_file(), other.vault_file()).unwrap();
    other.call(&["consent", "withdraw", &consent]).ok();
    let copy = keep_as(&env, "theirs.age", &other);
    env.call(&["edit", "acme/wp", "--notes", "n"]).ok();
    env.call(&["restore", &copy, "--yes"]).ok();
    assert_eq!(state_of(&env, &consent), "withdrawn");
}
