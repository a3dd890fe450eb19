//! `restore`: back to an earlier state, shown first and made as a change like any other.

use std::fs;

use serde_json::{Value, json};

use crate::support::env::{CHEAP, PASSWORD, TestEnv, has_keys};

const NEW: &str = "quartz-Lantern3-moose-drip";

/// A vault at generation 3, changed since in every way there is, now at 6.
fn changed() -> TestEnv {
    TestEnv::copied("changed since", |env| {
        env.add("acme/wp", "one");
        env.add("acme/db", "two");
        fs::copy(env.vault_file(), env.path("copy.age")).unwrap();
        env.call(&["rotate", "acme/wp", "--stdin"])
            .stdin("fresh-secret")
            .ok();
        env.call(&["rm", "acme/db", "--yes"]).ok();
        env.add("globex/mail", "three");
        assert_eq!(env.generation(), 6);
    })
}

fn list(env: &TestEnv) -> String {
    env.call(&["list"]).ok().text().to_owned()
}

#[test]
fn what_was_there_comes_back_and_what_is_newer_goes_to_the_trash() {
    let env = changed();
    env.call(&["restore", "3", "--yes"])
        .ok()
        .prints("")
        .tells("comes back: acme/db")
        .tells("acme/wp: secret")
        .tells("trash: globex/mail")
        .hides("fresh-secret");
    assert_eq!(list(&env), "acme/db\nacme/wp\n");
    assert_eq!(env.secret("acme/wp"), "one");
    assert_eq!(env.secret("acme/db"), "two");
    env.call(&["trash", "restore", "globex/mail"]).ok();
    let old = ["get", "acme/wp", "--at-version", "2"];
    env.call(&old).ok().prints("fresh-secret\n");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn it_makes_a_new_generation_and_keeps_the_file_from_before() {
    let env = changed();
    let before = fs::read(env.vault_file()).unwrap();
    env.call(&["restore", "3", "--yes"]).ok();
    assert_eq!(env.generation(), 7);
    let kept = env.snapshot();
    let kept: Vec<_> = kept
        .iter()
        .filter(|(path, _)| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("6-")
        })
        .collect();
    assert_eq!(kept.len(), 1);
    assert!(*kept[0].1 == before);
    let log = env.call(&["log", "--json"]).ok().json();
    let restore = log.as_array().unwrap().last().unwrap();
    assert_eq!(restore["action"], "restore");
    assert_eq!(restore["detail"]["generation"], 3);
    // And back again.
    env.call(&["restore", "6", "--yes"]).ok();
    assert_eq!(list(&env), "acme/wp\nglobex/mail\n");
    assert_eq!(env.secret("acme/wp"), "fresh-secret");
}

#[test]
fn a_dry_run_shows_what_would_come_and_go_and_changes_nothing() {
    let env = changed();
    let before = env.snapshot();
    let text = env.call(&["restore", "3", "--dry-run"]).ok();
    for part in ["acme/db", "acme/wp: secret", "globex/mail"] {
        text.shows(part);
    }
    text.hides("one").hides("fresh-secret").hides("three");
    let plan = env.call(&["restore", "3", "--dry-run", "--json"]).ok();
    plan.hides("fresh-secret").hides("three");
    let plan = plan.json();
    has_keys(&plan, &["file", "generation", "purged", "clients"]);
    assert_eq!(plan["back"], json!(["acme/db"]));
    assert_eq!(
        plan["changed"],
        json!([{"path": "acme/wp", "fields": ["secret"]}])
    );
    assert_eq!(plan["trashed"], json!(["globex/mail"]));
    assert!(env.snapshot() == before);
}

#[test]
fn it_asks_first() {
    let env = changed();
    env.call(&["restore", "3"]).fails(9).hints("--yes");
    let file = env.password_file();
    let script = |answer: &str| {
        let export = format!("export VAULT_PASSWORD_FILE='{}'", file.display());
        let mut terminal = env.terminal(&format!("{export}; vault restore 3; echo \"exit=$?\""));
        terminal.sees("comes back: acme/db").sees("[y/N] ");
        terminal.types(answer).sees("exit=0");
        terminal.ends();
    };
    script("n");
    assert_eq!(env.generation(), 6);
    script("y");
    assert_eq!(list(&env), "acme/db\nacme/wp\n");
}

#[test]
fn a_backup_is_named_by_generation_by_name_or_by_path() {
    let env = changed();
    let names = env.call(&["backups", "--json"]).ok().json();
    let third = |file: &&Value| file["generation"] == 3;
    let path = names.as_array().unwrap().iter().find(third).unwrap()["file"].clone();
    let path = path.as_str().unwrap();
    let name = path.rsplit_once('/').unwrap().1;
    for file in ["3", name, path, "copy.age", "./copy.age"] {
        let plan = env.call(&["restore", file, "--dry-run", "--json"]).ok();
        assert_eq!(plan.json()["generation"], 3, "{file}");
    }
    for (missing, code) in [("99", 3), ("nosuch.age", 2), ("./nosuch.age", 2)] {
        env.call(&["restore", missing, "--yes"])
            .fails(code)
            .hints("vault backups");
    }
}

#[test]
fn what_is_as_it_was_is_not_written() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.call(&["restore", "2", "--yes"])
        .ok()
        .tells("nothing to restore");
    let done = env.call(&["restore", "last.age", "--yes", "--json"]).ok();
    assert_eq!(done.json()["changed"], json!([]));
    assert_eq!(env.generation(), 2);
}

#[test]
fn what_was_purged_stays_gone() {
    let env = changed();
    env.call(&["trash", "empty", "--yes"]).ok();
    let restored = env.call(&["restore", "3", "--yes"]).ok();
    restored
        .tells("acme/db was purged")
        .tells("--accept-generation 3");
    assert_eq!(list(&env), "acme/wp\n");
    env.call(&["verify", "--full"]).ok();
    // What the warning says works.
    let copy = ["--vault", "copy.age", "--accept-generation", "3"];
    env.call(&[&copy[..], &["get", "acme/db"]].concat())
        .ok()
        .prints("two\n");
}

#[test]
fn a_copy_of_another_vault_or_by_another_is_refused() {
    let env = changed();
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    env.call(&["restore", "other.age", "--yes"])
        .fails(5)
        .says("another vault");
    let mut bad = fs::read(env.path("copy.age")).unwrap();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    env.file("bad.age", bad);
    env.call(&["restore", "bad.age", "--yes"])
        .fails(5)
        .says("bad.age")
        .says("signature");
    env.file("text", "no vault");
    env.call(&["restore", "text", "--yes"]).fails(5);
    env.call(&["restore", ".", "--yes"]).fails(5);
}

#[test]
fn a_copy_with_another_password_is_opened_with_that() {
    let env = changed();
    env.file("new", NEW);
    env.file("old", PASSWORD);
    env.call(&["passwd", "--new-password-file", "new"]).ok();
    let restore = |options: &[&str]| {
        let call = [&["restore", "3", "--yes"], options].concat();
        env.call(&call).password(NEW)
    };
    restore(&[]).fails(9).hints("--other-password-file");
    restore(&["--other-password-file", "new"])
        .fails(4)
        .says("the copy");
    restore(&["--other-password-file", "nosuch"]).fails(2);
    restore(&["--other-password-file", "old"]).ok();
    env.call(&["get", "acme/wp"]).fails(4);
    let wp = env.call(&["get", "acme/wp"]).password(NEW);
    wp.ok().prints("one\n");
    let script = "exec vault restore 6 --dry-run --other-password-fd 3 3< old";
    env.shell(script).password(NEW).ok().shows("acme/db");
}

#[test]
fn the_password_of_a_copy_is_asked_for_on_a_terminal() {
    let env = changed();
    env.file("new", NEW);
    env.call(&["passwd", "--new-password-file", "new"]).ok();
    let mut terminal = env.terminal("vault restore 3 --yes; echo \"exit=$?\"");
    terminal.sees("Master password: ").types(NEW);
    terminal.sees("generation 3: ").types("wrong");
    terminal.sees("Try again").sees(": ").types(PASSWORD);
    terminal.sees("exit=0").ends();
    let list = env.call(&["list"]).password(NEW).ok();
    list.prints("acme/db\nacme/wp\n");
}

#[test]
fn a_copy_from_before_new_keys_has_to_be_accepted() {
    let env = changed();
    env.call(&["id", "rotate", "--yes"]).ok();
    let refused = env.call(&["restore", "3", "--yes"]).fails(5);
    refused
        .says("replaced since")
        .hints("--accept-signer SHA256:");
    let fingerprint = refused.word("SHA256:");
    let accept = ["restore", "3", "--yes", "--accept-signer", &fingerprint];
    env.call(&accept).ok();
    assert_eq!(list(&env), "acme/db\nacme/wp\n");
    let now = env.call(&["id", "--json"]).ok().json();
    assert_ne!(
        now["fingerprint"],
        fingerprint.as_str(),
        "the new keys stay"
    );
    let kept = env.call(&["backups"]).ok();
    kept.shows("before the vault's keys were rotated");
}

#[test]
fn several_files_of_one_generation_are_told_apart() {
    let env = changed();
    let theirs = TestEnv::new();
    fs::create_dir_all(theirs.data()).unwrap();
    fs::copy(env.path("copy.age"), theirs.vault_file()).unwrap();
    theirs.add("acme/theirs", "x");
    let folder = env.data().join("vault.age.backups");
    let bytes = fs::read(theirs.vault_file()).unwrap();
    let hash = vault::model::records::event::sha256_hex(&bytes);
    let name = format!("4-{}.age", &hash[..8]);
    fs::write(folder.join(&name), bytes).unwrap();
    env.call(&["restore", "4", "--yes"])
        .fails(2)
        .hints("by its path");
    env.call(&["restore", &name, "--dry-run"])
        .ok()
        .shows("acme/theirs");
}

#[test]
fn attachments_fields_and_clients_come_back_too() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.file("id_ed25519", "the key");
    env.call(&["attach", "acme/wp", "id_ed25519"]).ok();
    env.call(&["edit", "acme/wp", "-u", "admin", "--field", "port=22"])
        .ok();
    env.call(&["client", "edit", "acme", "--rules", "never by mail"])
        .ok();
    assert_eq!(env.generation(), 5);
    let detach = ["detach", "acme/wp", "id_ed25519", "--out", "-"];
    env.call(&detach).ok();
    env.call(&["edit", "acme/wp", "--unset", "port", "-u", "other"])
        .ok();
    env.call(&["mv", "acme/wp", "globex/wp"]).ok();
    env.call(&["client", "rm", "acme", "--yes"]).ok();
    env.call(&["restore", "5", "--yes"]).ok();
    let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["username"], "admin");
    assert_eq!(shown["fields"]["port"], "22");
    let client = env.call(&["client", "show", "acme"]).ok();
    client.shows("never by mail");
    let file = ["get", "acme/wp", "--file", "id_ed25519"];
    env.call(&file).ok().prints("the key");
    env.call(&["client", "show", "globex"]).fails(3);
    env.call(&["verify", "--full"]).ok();
}
