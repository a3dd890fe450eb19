//! `mv`: another name or another client, with the history.

use serde_json::json;

use crate::support::env::TestEnv;

fn two() -> TestEnv {
    TestEnv::copied("two to move", |env| {
        env.add("acme/wp", "first");
        env.add("globex/mail", "x");
        env.call(&["edit", "acme/wp", "--secret"])
            .stdin("second")
            .ok();
    })
}

#[test]
fn an_entry_keeps_its_history_under_a_new_name() {
    let env = two();
    let id = env.last_event()["subject"].clone();
    env.call(&["mv", "acme/wp", "acme/site/wordpress"])
        .ok()
        .prints("")
        .tells("acme/site/wordpress");
    env.call(&["list"])
        .ok()
        .prints("acme/site/wordpress\nglobex/mail\n");
    assert_eq!(env.secret("acme/site/wordpress"), "second");
    env.call(&["get", "acme/site/wordpress", "--at-version", "1"])
        .ok()
        .prints("first\n");
    env.call(&["get", "acme/wp"]).fails(3);
    let log = env.call(&["log", "--json"]).ok().json();
    let moved = log
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["action"] == "move")
        .unwrap();
    assert_eq!(moved["subject"], id, "it is the same entry");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_new_client_is_made_and_said_so() {
    let env = two();
    env.call(&["mv", "acme/wp", "initech/wp"])
        .ok()
        .tells("new client initech");
    let shown = env.call(&["show", "initech/wp", "--json"]).ok().json();
    assert_eq!(shown["client"], "initech");
    env.call(&["list", "acme"]).ok().prints("");
    let event = env.last_event();
    assert_eq!(event["action"], "move");
    let keys: Vec<_> = event["detail"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["from", "to"]);
    assert!(!event["detail"].to_string().contains("initech"), "{event}");
    env.call(&["log"])
        .ok()
        .shows("from client acme to client initech");
}

#[test]
fn to_a_known_client_no_new_one_is_made() {
    let env = two();
    let moved = env.call(&["mv", "acme/wp", "globex/wp", "--json"]).ok();
    let expected = json!({"ok": true, "changed": ["globex/wp"], "warnings": []});
    assert_eq!(moved.json(), expected);
    let clients = env.call(&["client", "list", "--json"]).ok().json();
    assert_eq!(clients.as_array().unwrap().len(), 2);
    assert_eq!(clients[1]["entries"], 2);
}

#[test]
fn a_name_that_is_taken_is_a_conflict() {
    let env = two();
    env.add("acme/db", "y");
    env.call(&["mv", "acme/wp", "acme/db"])
        .fails(7)
        .says("acme/db");
    env.call(&["mv", "acme/wp", "acme/wp"])
        .fails(7)
        .says("already");
    assert_eq!(env.secret("acme/db"), "y");
}

#[test]
fn a_name_that_looks_like_another_is_a_conflict() {
    let env = two();
    env.add("acme/paypal", "y");
    env.call(&["mv", "acme/wp", "acme/p\u{430}ypal"])
        .fails(7)
        .says("acme/paypal");
    env.call(&["mv", "acme/wp", "Globex/wp"])
        .fails(7)
        .says("globex");
    env.call(&["mv", "acme/wp", "\u{430}cme/wp"])
        .fails(7)
        .says("acme");
}

#[test]
fn only_the_case_of_a_name_can_change() {
    let env = two();
    env.call(&["mv", "acme/wp", "acme/WP"]).ok();
    env.call(&["list", "acme"]).ok().prints("acme/WP\n");
}

#[test]
fn a_decomposed_name_is_the_same_name() {
    let env = TestEnv::with(&[("acme/caf\u{e9}", "x")]);
    env.call(&["mv", "acme/caf\u{e9}", "acme/cafe\u{301}"])
        .fails(7);
    env.call(&["mv", "acme/cafe\u{301}", "acme/bar"]).ok();
    env.call(&["list"]).ok().prints("acme/bar\n");
}

#[test]
fn what_is_not_there_is_not_moved() {
    let env = two();
    env.call(&["mv", "acme/wq", "acme/db"])
        .fails(3)
        .hints("acme/wp");
    env.call(&["mv", "acme/wp", "../x"]).fails(2);
    env.call(&["mv", "acme/wp"]).fails(2);
    let env = TestEnv::new();
    env.call(&["mv", "acme/a", "acme/b"])
        .fails(3)
        .hints("vault init");
}

#[test]
fn a_taken_name_is_no_matter_of_editing() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/db", "y")]);
    let taken = env.call(&["mv", "acme/wp", "acme/db"]).fails(7);
    taken.says("acme/db already exists");
    taken.hints("vault mv acme/db NEW_NAME").hides("vault edit");
}
