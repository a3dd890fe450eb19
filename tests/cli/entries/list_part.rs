//! `list` of a folder, as a tree, and of what is due or has ended.

use serde_json::json;

use crate::cli::sharing::share::{consented, share};
use crate::support::env::TestEnv;

fn office() -> TestEnv {
    TestEnv::copied("to list in part", |env| {
        for path in [
            "acme/db",
            "acme/db/live",
            "acme/db/old/x",
            "acme/wp",
            "globex/mail",
        ] {
            env.add(path, path);
        }
    })
}

#[test]
fn a_folder_is_listed_with_or_without_its_slash_and_with_an_entry_of_its_name() {
    let env = office();
    let folder = "acme/db\nacme/db/live\nacme/db/old/x\n";
    for named in ["acme/db/", "acme/db"] {
        env.call(&["list", named]).ok().prints(folder);
    }
    env.call(&["list", "acme/db/old/"])
        .ok()
        .prints("acme/db/old/x\n");
    env.call(&["list", "acme/wp"]).ok().prints("acme/wp\n");
    for args in [
        &["list", "acme"][..],
        &["list", "acme/"],
        &["list", "--client", "acme"],
    ] {
        env.call(args).ok().prints(&format!("{folder}acme/wp\n"));
    }
}

#[test]
fn a_folder_or_a_client_that_is_not_there_is_not_found() {
    let env = office();
    env.call(&["list", "acme/nosuch/"])
        .fails(3)
        .says("acme/nosuch/")
        .hints("vault list acme");
    for args in [
        &["list", "acne/"][..],
        &["list", "acne/db"],
        &["list", "--client", "acne"],
    ] {
        env.call(args).fails(3).hints("acme");
    }
    env.call(&["client", "add", "idle"]).ok();
    env.call(&["list", "idle/"]).ok().prints("");
    for bad in ["", "/", "acme//db", "../acme", "acme/*"] {
        env.call(&["list", bad]).fails(2);
    }
    env.call(&["list", "acme", "--client", "acme"]).fails(2);
}

#[test]
fn a_tree_has_each_folder_once() {
    let env = office();
    let acme = "acme/\n├── db\n├── db/\n│   ├── live\n│   └── old/\n│       └── x\n└── wp\n";
    env.call(&["list", "--tree"])
        .ok()
        .prints(&format!("{acme}globex/\n└── mail\n"));
    env.call(&["list", "acme", "--tree"]).ok().prints(acme);
    let plain = env.call(&["list", "acme", "--json"]).ok().json();
    let tree = env.call(&["list", "acme", "--tree", "--json"]).ok().json();
    assert_eq!(tree, plain, "a script gets the same list");
    env.call(&["list", "--tree", "--long"]).fails(2);
    env.call(&["list", "--tree", "--tag", "x"]).ok().prints("");
}

#[test]
fn what_is_due_and_what_has_ended_can_be_listed_alone() {
    let (env, _) = consented();
    env.call(&["list", "--due"]).ok().prints("");
    let id = share(&env, &["acme/db"])["share"]["id"].clone();
    env.call(&["revoke", id.as_str().unwrap()]).ok();
    env.call(&["edit", "globex/mail", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    env.call(&["list", "--due"]).ok().prints("acme/db\n");
    env.call(&["list", "--expired"])
        .ok()
        .prints("globex/mail\n");
    env.call(&["list", "--due", "--expired"])
        .ok()
        .prints("acme/db\nglobex/mail\n");
    env.call(&["list", "--expired", "acme"]).ok().prints("");
    let listed = env.call(&["list", "--due", "--json"]).ok().json();
    assert_eq!(listed[0]["flags"], json!(["rotate"]));
}

#[test]
fn the_long_list_shows_when_an_entry_ends() {
    let env = TestEnv::full("s");
    env.add("acme/db", "x");
    env.call(&["list", "--long"]).ok().shows("ends in ");
    let listed = env.call(&["list", "--json"]).ok().json();
    assert_eq!(listed[0]["expires"], json!(null));
    assert_eq!(listed[1]["expires"], "2099-01-31T23:59:59Z");
}

#[test]
fn a_part_of_a_name_is_found_by_find_which_a_script_is_told() {
    let env = TestEnv::with(&[("acme/db/live", "x"), ("globex/db", "y")]);
    env.call(&["list", "db"])
        .fails(3)
        .says("no client db")
        .hints("vault find db");
    env.call(&["list", "acme/liv/"]).fails(3);
    // What is mistyped is told as before.
    env.call(&["list", "acm"])
        .fails(3)
        .hints("did you mean acme?");
    env.call(&["list", "nowhere"])
        .fails(3)
        .hints("vault client list");
}
