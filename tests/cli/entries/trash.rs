//! `trash`: what was removed comes back, or goes for good.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys};

fn trash(env: &TestEnv) -> Vec<Value> {
    let trash = env.call(&["trash", "list", "--json"]).ok().json();
    trash.as_array().unwrap().clone()
}

fn removed() -> TestEnv {
    TestEnv::copied("something in the trash", |env| {
        env.add("acme/wp", "hunter2");
        env.add("acme/db", "x");
        env.call(&["rm", "acme/wp", "--yes"]).ok();
    })
}

#[test]
fn what_was_removed_is_listed() {
    let env = removed();
    let all = trash(&env);
    assert_eq!(all.len(), 1);
    has_keys(&all[0], &["path", "removed"]);
    assert_eq!(all[0]["path"], "acme/wp");
    let time = all[0]["removed"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok());
    env.call(&["trash", "list"])
        .ok()
        .shows("acme/wp")
        .hides("hunter2");
    env.call(&["trash", "ls"]).ok().shows("acme/wp");
}

#[test]
fn an_empty_trash_is_an_empty_answer() {
    let env = TestEnv::ready();
    env.call(&["trash", "list"]).ok().prints("");
    env.call(&["trash", "list", "--json"]).ok().prints("[]\n");
    let generation = env.generation();
    let emptied = env.call(&["trash", "empty", "--json"]).ok().json();
    assert_eq!(emptied["changed"], json!([]));
    assert_eq!(env.generation(), generation);
}

#[test]
fn an_entry_comes_back_as_it_was() {
    let env = removed();
    env.call(&["trash", "restore", "acme/wp"])
        .ok()
        .prints("")
        .tells("acme/wp");
    assert_eq!(env.secret("acme/wp"), "hunter2");
    assert!(trash(&env).is_empty());
    let log = env.call(&["log", "--json"]).ok().json();
    assert_eq!(log[4]["action"], "restore");
}

#[test]
fn what_is_not_in_the_trash_is_not_found() {
    let env = removed();
    env.call(&["trash", "restore", "acme/nosuch"])
        .fails(3)
        .hints("trash list");
    env.call(&["trash", "restore", "acme/db"])
        .fails(3)
        .hints("not removed");
    env.call(&["trash", "restore", "00000000"]).fails(3);
    env.call(&["trash", "restore", "acme/old/"])
        .fails(3)
        .hints("trash list");
    for bad in ["acme", "abc", "../x", ""] {
        env.call(&["trash", "restore", bad]).fails(2);
    }
    let alone = env.call(&["trash", "--json"]).ok();
    let list = env.call(&["trash", "list", "--json"]).ok();
    assert_eq!(alone.text(), list.text());
}

#[test]
fn a_path_that_is_taken_meanwhile_is_a_conflict_with_a_way_out() {
    let env = removed();
    env.add("acme/wp", "newer");
    env.call(&["trash", "restore", "acme/wp"])
        .fails(7)
        .hints("vault mv acme/wp");
    env.call(&["mv", "acme/wp", "acme/wp-new"]).ok();
    env.call(&["trash", "restore", "acme/wp"]).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    assert_eq!(env.secret("acme/wp-new"), "newer");
}

#[test]
fn a_look_alike_made_meanwhile_is_a_conflict() {
    let env = removed();
    env.add("acme/WP", "newer");
    env.call(&["trash", "restore", "acme/wp"])
        .fails(7)
        .says("acme/WP");
}

#[test]
fn of_several_with_one_path_the_newest_or_the_one_named_comes_back() {
    let env = TestEnv::ready();
    for secret in ["one", "two"] {
        env.add("acme/wp", secret);
        // Removal is known to the second.
        if secret == "two" {
            std::thread::sleep(std::time::Duration::from_millis(1100));
        }
        env.call(&["rm", "acme/wp", "--yes"]).ok();
    }
    let all = trash(&env);
    assert_eq!(all.len(), 2);
    let older = all[1]["id"].as_str().unwrap().to_owned();
    env.call(&["trash", "restore", "acme/wp"]).ok();
    assert_eq!(env.secret("acme/wp"), "two");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "restore", &older[..8].to_uppercase()])
        .ok();
    assert_eq!(env.secret("acme/wp"), "one");
}

#[test]
fn emptying_asks_first() {
    let env = removed();
    env.call(&["trash", "empty"]).fails(9).hints("--yes");
    assert_eq!(trash(&env).len(), 1);
}

#[test]
fn emptying_is_for_good_and_leaves_ids_only() {
    let env = removed();
    let id = trash(&env)[0]["id"].clone();
    let emptied = env.call(&["trash", "empty", "--yes"]).ok();
    emptied.prints("").tells("warning: backups");
    assert!(trash(&env).is_empty());
    env.call(&["trash", "restore", "acme/wp"]).fails(3);
    env.call(&["list"]).ok().prints("acme/db\n");
    env.call(&["verify", "--full"]).ok();
    let log = env.call(&["log", "--json"]).ok();
    log.hides("acme/wp").hides("hunter2");
    let log = log.json();
    let purge = log.as_array().unwrap().last().unwrap();
    assert_eq!(purge["action"], "purge");
    assert_eq!(purge["subject"], json!([id]));
    env.call(&["log"]).ok().hides("acme/wp");
    env.call(&["log", "--client", "acme"]).ok().shows("purge");
    env.add("acme/wp", "again");
    assert_eq!(env.secret("acme/wp"), "again");
}

#[test]
fn emptying_in_json_warns_of_backups() {
    let env = removed();
    let id = trash(&env)[0]["id"].clone();
    let emptied = env.call(&["trash", "empty", "--yes", "--json"]).ok();
    let emptied = emptied.json();
    assert_eq!(emptied["changed"], json!([id]));
    let warning = emptied["warnings"][0].as_str().unwrap();
    assert!(warning.contains("backups"), "{warning}");
}

#[test]
fn the_trash_is_listed_by_client_and_folder() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/old/ftp", "y"), ("bolt/db", "z")]);
    for path in ["acme/wp", "acme/old/ftp", "bolt/db"] {
        env.call(&["rm", path, "--yes"]).ok();
    }
    let paths = |args: &[&str]| {
        let all = env
            .call(&[&["trash", "list", "--json"], args].concat())
            .ok();
        let all = all.json().as_array().unwrap().clone();
        let paths = all.iter().map(|it| it["path"].as_str().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    assert_eq!(paths(&[]).len(), 3);
    assert_eq!(paths(&["acme"]), ["acme/old/ftp", "acme/wp"]);
    assert_eq!(paths(&["--client", "bolt"]), ["bolt/db"]);
    assert_eq!(paths(&["acme/old/"]), ["acme/old/ftp"]);
    env.call(&["trash", "list", "acmee"]).fails(3).hints("acme");
    env.call(&["trash", "empty", "bolt/", "--yes"]).ok();
    let none = env.call(&["trash", "list", "bolt"]).ok();
    none.prints("").tells("nothing of bolt/ is in the trash");
}
