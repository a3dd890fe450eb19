//! `mv` of a folder and of a whole client, and `client rename`.

use std::fs;

use serde_json::{Value, json};

use crate::cli::sharing::share::{consent, consented, share, with_bob};
use crate::support::env::{TestEnv, number};

fn many() -> TestEnv {
    TestEnv::copied("many to move", |env| {
        for path in ["acme/wp", "acme/db/live", "acme/db/old/x", "globex/mail"] {
            env.add(path, path);
        }
    })
}

fn list(env: &TestEnv) -> String {
    env.call(&["list"]).ok().text().to_owned()
}

fn client(env: &TestEnv, name: &str) -> Value {
    env.call(&["client", "show", name, "--json"]).ok().json()
}

#[test]
fn where_the_new_name_is_free_a_client_is_renamed_with_all_that_is_known_of_it() {
    let env = many();
    env.call(&["client", "edit", "acme", "--rules", "by VPN only"])
        .ok();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    let generation = env.generation();
    env.call(&["mv", "acme/", "initech/"])
        .ok()
        .prints("")
        .tells("renamed client acme to initech");
    assert_eq!(env.generation(), generation + 1);
    assert_eq!(
        list(&env),
        "globex/mail\ninitech/db/live\ninitech/db/old/x\n"
    );
    assert_eq!(client(&env, "initech")["rules"], "by VPN only");
    env.call(&["client", "show", "acme"]).fails(3);
    env.call(&["trash", "restore", "initech/wp"]).ok();
    let event = &env.call(&["log", "--json"]).ok().json();
    let mut events = event.as_array().unwrap().iter();
    assert!(events.any(|event| event["action"] == "rename"));
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn client_rename_does_the_same() {
    let env = many();
    let renamed = env.call(&["client", "rename", "acme", "initech", "--json"]);
    let expected = json!({"ok": true, "changed": ["initech"], "warnings": []});
    assert_eq!(renamed.ok().json(), expected);
    assert_eq!(env.secret("initech/db/live"), "acme/db/live");
    env.call(&["client", "rename", "initech", "globex"])
        .fails(7)
        .says("globex already exists")
        .hints("vault mv initech/ globex/");
    env.call(&["client", "rename", "nosuch", "x"]).fails(3);
    env.call(&["client", "rename", "globex", "globex"]).fails(7);
    env.call(&["client", "rename", "globex", "\u{456}nitech"])
        .fails(7)
        .says("initech");
    env.call(&["client", "rename", "globex", "Globex"]).ok();
    env.call(&["client", "rename", "a/b", "c"]).fails(2);
}

#[test]
fn a_permission_of_a_renamed_client_goes_on_and_its_shares_stay() {
    let (env, bob) = consented();
    let before = share(&env, &["acme/db"]);
    env.call(&["mv", "acme/", "initech/"]).ok();
    env.add("initech/new", "later");
    for entry in ["initech/wp", "initech/new"] {
        let answer = share(&env, &[entry, "--changed-ok"]);
        let file = fs::read(env.path(answer["file"].as_str().unwrap())).unwrap();
        bob.open(file);
    }
    let id = before["share"]["id"].as_str().unwrap();
    env.call(&["shares", "initech", "--live"])
        .ok()
        .shows(&number(id));
    // A client who comes to have the old name has given nothing.
    env.add("acme/wp", "another");
    env.takes_notes_of("acme");
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    env.call(&["consent", "withdraw", "initech", "--yes"]).ok();
    env.call(&["share", "initech/wp", "--to", "bob"]).fails(6);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn where_the_client_exists_its_entries_are_taken_in() {
    let env = many();
    let generation = env.generation();
    let moved = env.call(&["mv", "acme/", "globex/", "--json"]).ok().json();
    let paths = ["globex/db/live", "globex/db/old/x", "globex/wp"];
    assert_eq!(moved["changed"], json!(paths));
    assert_eq!(env.generation(), generation + 1);
    assert_eq!(client(&env, "acme")["entries"], 0, "its records stay");
    assert_eq!(client(&env, "globex")["entries"], 4);
    let event = env.last_event();
    assert_eq!(event["subject"].as_array().unwrap().len(), 3);
    assert_eq!(env.secret("globex/db/old/x"), "acme/db/old/x");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_folder_keeps_its_name_in_a_client_and_gets_the_one_that_is_said() {
    for (old, new, paths) in [
        ("acme/db/", "globex/", ["globex/db/live", "globex/db/old/x"]),
        ("acme/db/", "globex/x/", ["globex/x/live", "globex/x/old/x"]),
        ("acme/db/", "acme/sql/", ["acme/sql/live", "acme/sql/old/x"]),
        ("acme/db/", "fresh/", ["fresh/db/live", "fresh/db/old/x"]),
        (
            "acme/db/",
            "acme/db/y/",
            ["acme/db/y/live", "acme/db/y/old/x"],
        ),
    ] {
        let env = many();
        let moved = env.call(&["mv", old, new, "--json"]).ok().json();
        assert_eq!(moved["changed"], json!(paths), "{old} {new}");
        assert!(list(&env).contains(paths[1]));
    }
    let env = many();
    env.call(&["mv", "acme/db/", "fresh/"])
        .ok()
        .tells("new client fresh");
    env.call(&["mv", "acme/wp", "globex/"]).ok();
    env.call(&["mv", "fresh/db/live", "globex/sql/"]).ok();
    assert_eq!(
        list(&env),
        "fresh/db/old/x\nglobex/mail\nglobex/sql/live\nglobex/wp\n"
    );
}

#[test]
fn a_name_that_is_taken_or_looks_like_one_stops_all_of_it() {
    for (there, said) in [
        ("globex/db/old/x", "globex/db/old/x already exists"),
        ("globex/db/old/X", "globex/db/old/x looks like"),
    ] {
        let env = many();
        env.add(there, "other");
        let before = env.snapshot();
        env.call(&["mv", "acme/db/", "globex/"]).fails(7).says(said);
        env.call(&["mv", "acme/", "globex/"]).fails(7).says(said);
        assert_eq!(env.snapshot(), before);
    }
    let env = many();
    env.call(&["mv", "acme/", "Globex/"])
        .fails(7)
        .says("globex");
    env.call(&["mv", "acme/db/", "Globex/"])
        .fails(7)
        .says("globex");
    env.call(&["mv", "acme/db/", "acme/db/"])
        .fails(7)
        .says("already");
    env.call(&["mv", "acme/", "Acme/"]).ok();
    env.call(&["list", "Acme"]).ok().shows("Acme/wp");
}

#[test]
fn what_is_shared_stays_with_its_client_and_is_listed() {
    let (env, _) = consented();
    let mut shares = Vec::new();
    for entry in ["acme/wp", "acme/db"] {
        shares.push(
            share(&env, &[entry])["share"]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    let before = env.snapshot();
    for old in ["acme/", "acme/wp"] {
        let refused = env.call(&["mv", old, "globex/"]).fails(7);
        refused.says(&format!("acme/wp: bob, share {}", number(&shares[0])));
        refused.hints("vault revoke ");
    }
    env.call(&["mv", "acme/", "globex/"])
        .fails(7)
        .says(&format!("acme/db: bob, share {}", number(&shares[1])));
    assert_eq!(env.snapshot(), before);
    env.call(&["mv", "acme/wp", "acme/cms/wp"]).ok();
    for share in &shares {
        env.call(&["revoke", share, "--yes"]).ok();
    }
    env.call(&["mv", "acme/", "globex/"]).ok();
}

#[test]
fn what_leaves_a_permission_is_told() {
    let (env, _) = with_bob();
    let id = consent(&env, &["--scope", "acme/w*"]);
    let moved = env.call(&["mv", "acme/", "globex/", "--json"]).ok().json();
    let told = format!(
        "acme/wp: no longer covered by consent {}, for bob",
        number(&id)
    );
    assert_eq!(moved["warnings"], json!([told]));
    env.call(&["share", "globex/wp", "--to", "bob"]).fails(6);
    env.call(&["mv", "globex/wp", "acme/wp"]).ok();
    env.call(&["mv", "acme/wp", "globex/wp"]).ok().tells(&told);
}

#[test]
fn what_cannot_be_moved_so_is_said() {
    let env = many();
    env.call(&["mv", "acme/db/", "globex/x"])
        .fails(2)
        .hints("vault mv acme/db/ globex/x/");
    env.call(&["mv", "acme", "globex"]).fails(2).says("CLIENT/");
    env.call(&["mv", "acme/*", "globex/"]).fails(2);
    env.call(&["mv", "acme/nosuch/", "globex/"])
        .fails(3)
        .says("acme/nosuch/");
    env.call(&["mv", "acne/", "globex/"]).fails(3).hints("acme");
    env.call(&["mv", "acme/db", "globex/db"])
        .fails(3)
        .hints("acme/db/");
}

#[test]
fn a_client_that_is_left_without_entries_is_told() {
    let env = many();
    env.call(&["mv", "acme/db/", "globex/"])
        .ok()
        .hides("no entries");
    let moved = env.call(&["mv", "acme/wp", "globex/"]).ok();
    moved.tells("moved acme/wp to globex/wp\nleft client acme with no entries\n");
    moved.tells("hint: to remove it: vault client rm acme\n");
    env.call(&["client", "rm", "acme", "--yes"]).ok();
    // What is in the trash still would go with it.
    env.add("old/a", "x");
    env.add("old/b", "x");
    env.call(&["rm", "old/a", "--yes"]).ok();
    env.call(&["mv", "old/b", "globex/"])
        .ok()
        .hides("no entries");
}
