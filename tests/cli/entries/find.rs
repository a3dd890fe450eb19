//! `find`: what is no secret, whatever the case; the same answer as `list`.

use crate::support::env::TestEnv;

fn some() -> TestEnv {
    TestEnv::copied("to be found", |env| {
        let args = [
            "add",
            "acme/WordPress",
            "-u",
            "Admin@acme.example",
            "--url",
            "https://cms.acme.example/login",
            "--notes",
            "ask Zoë",
            "--tag",
            "Prod",
            "--field",
            "account=visible4711",
        ];
        env.call(&args).stdin("hunter2").ok();
        env.add("globex/mail", "cms");
        env.add("cafe\u{301}/wi-fi", "x");
    })
}

#[test]
fn names_usernames_urls_notes_and_tags_are_searched() {
    let env = some();
    for query in ["wordp", "acme/w", "admin@", "CMS.acme", "zoë", "prod"] {
        env.call(&["find", query])
            .ok()
            .prints("acme/WordPress\n")
            .silently();
    }
}

#[test]
fn secrets_are_not_searched() {
    let env = some();
    env.call(&["find", "hunter2"]).ok().prints("");
    env.call(&["find", "cms"]).ok().prints("acme/WordPress\n");
}

#[test]
fn case_and_composition_of_letters_make_no_difference() {
    let env = some();
    for query in ["CAFÉ", "cafe\u{301}", "Caf\u{e9}"] {
        env.call(&["find", query]).ok().prints("caf\u{e9}/wi-fi\n");
    }
    env.call(&["find", "ZOE\u{308}"])
        .ok()
        .prints("acme/WordPress\n");
}

#[test]
fn no_match_is_an_empty_answer() {
    let env = some();
    env.call(&["find", "nothing"]).ok().prints("");
    env.call(&["find", "nothing", "--json"]).ok().prints("[]\n");
}

#[test]
fn what_is_in_the_trash_is_not_found() {
    let env = some();
    env.call(&["rm", "globex/mail", "--yes"]).ok();
    env.call(&["find", "globex"]).ok().prints("");
}

#[test]
fn json_and_long_are_those_of_list() {
    let env = some();
    let found = env.call(&["find", "a", "--json"]).ok().json();
    assert_eq!(found, env.call(&["list", "--json"]).ok().json());
    let long = env.call(&["find", "acme", "--long"]).ok();
    long.prints(env.call(&["ls", "acme", "-l"]).ok().text());
}

#[test]
fn an_empty_query_is_bad_usage() {
    let env = TestEnv::new();
    env.call(&["find", " "]).fails(2).says("vault list");
    env.call(&["find"]).fails(2);
}
