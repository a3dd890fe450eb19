//! How a permission ends: by whatever the client knows of it, whole or in part, and never so that
//! something goes on unseen.

use std::fs;

use serde_json::{Value, json};

use super::consent_sign::check_page;
use crate::cli::sharing::share::{self, Contact, consent, share, with_bob};
use crate::support::env::{TestEnv, number};

fn state(env: &TestEnv, id: &str) -> Value {
    env.call(&["consent", "show", id, "--json"]).ok().json()["state"].clone()
}

fn share_state(env: &TestEnv, id: &str) -> Value {
    env.call(&["shares", "show", id, "--json"]).ok().json()["state"].clone()
}

fn shared(env: &TestEnv, entries: &[&str]) -> String {
    share(env, entries)["share"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn flags(env: &TestEnv, path: &str) -> Value {
    env.call(&["show", path, "--json"]).ok().json()["flags"].clone()
}

/// Asks acme to let bob have acme/wp; gives the request's number.
fn request(env: &TestEnv) -> String {
    env.me();
    let asked = ["--scope", "acme/wp", "--purpose", "x", "--out", "ask.txt"];
    let asked = share::request(env, &[&asked[..], &["--json"]].concat()).ok();
    asked.json()["changed"][0].as_str().unwrap().to_owned()
}

#[test]
fn any_number_that_a_client_can_know_ends_it() {
    for by_share in [false, true] {
        let (env, _) = with_bob();
        let id = consent(&env, &["--scope", "acme/wp"]);
        let share = shared(&env, &["acme/wp"]);
        let known = if by_share { &share } else { &id };
        let typed = number(known);
        env.call(&["consent", "withdraw", &typed])
            .ok()
            .tells(&format!("withdrew consent {}", &number(&id)))
            .tells(&format!("share {} ended with it", &number(&share)));
        assert_eq!(state(&env, &id), "withdrawn");
        assert_eq!(share_state(&env, &share), "withdrawn");
    }
}

#[test]
fn what_is_no_name_and_no_number_is_wrong_use() {
    let (env, _) = with_bob();
    env.call(&["consent", "withdraw", "nobody"])
        .fails(2)
        .says("neither a client nor a number");
    env.call(&["consent", "withdraw", "acme/wp"])
        .fails(2)
        .hints("vault consent withdraw acme --only acme/wp");
    env.call(&["consent", "withdraw", "bob"])
        .fails(2)
        .hints("vault consent withdraw CLIENT --to bob");
    env.call(&["consent", "withdraw", "abcd1234"]).fails(3);
    env.call(&["consent", "withdraw", "acme"])
        .fails(3)
        .says("acme permits nothing");
    consent(&env, &["--scope", "acme/wp"]);
    env.call(&["consent", "withdraw", "bob"])
        .fails(2)
        .hints("vault consent withdraw acme --to bob");
}

#[test]
fn who_takes_a_permission_back_gets_that_in_writing() {
    let (env, _) = with_bob();
    env.me();
    let scope = ["--scope", "acme/wp", "--scope", "acme/db"];
    let id = consent(&env, &scope);
    share(&env, &["acme/wp"]);
    let no = number(&id);
    let withdraw = ["consent", "withdraw", &no, "--out"];
    let part = [&withdraw[..], &["part.txt", "--only", "acme/db"]].concat();
    env.call(&part).ok();
    let read = |name: &str| fs::read_to_string(env.work().join(name)).unwrap();
    let part = read("part.txt");
    assert!(
        part.contains(&format!("{no}, for bob: relaunch. Only \"db\".")),
        "{part}"
    );
    assert!(part.contains("STILL KNOWN   Nothing: "), "{part}");
    env.call(&[&withdraw[..], &["all.txt"]].concat())
        .ok()
        .tells("Send all.txt to the client, to keep.");
    let all = read("all.txt");
    check_page(&all);
    for line in [
        "PERMISSION TAKEN BACK\n\nKim Example (",
        &format!("ENDED         {no}, for bob: relaunch.\n"),
        "STILL KNOWN   1. \"wp\": bob\n",
        &format!("\nvault-withdrawal 1 {id}\n"),
    ] {
        assert!(all.contains(line), "{line}: {all}");
    }
    // The same once more, and what has changed since.
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&[&withdraw[..], &["again.txt"]].concat()).ok();
    assert!(read("again.txt").contains("STILL KNOWN   Nothing: "));
    env.call(&[&withdraw[..], &["again.txt"]].concat())
        .fails(7)
        .hints("--out FILE");
    let asked = number(&request(&env));
    env.call(&["consent", "withdraw", &asked, "--out", "none.txt"])
        .ok()
        .tells("No letter is written");
    assert!(!env.work().join("none.txt").exists());
}

#[test]
fn a_request_that_is_taken_back_is_cancelled_and_names_what_goes_on() {
    let (env, _) = with_bob();
    let asked = request(&env);
    let id = consent(&env, &["--scope", "acme/wp"]);
    let share = shared(&env, &["acme/wp"]);
    for _ in 0..2 {
        env.call(&["consent", "withdraw", &asked])
            .ok()
            .tells(&format!(
                "bob still has acme/wp by share {}",
                &number(&share)
            ))
            .tells(&format!("vault consent withdraw {}", &number(&id)));
        assert_eq!(state(&env, &asked), "cancelled");
    }
    assert_eq!(share_state(&env, &share), "sent");
    env.call(&["consent", "withdraw", &id])
        .ok()
        .hides("still has");
}

#[test]
fn what_another_client_or_entry_has_to_do_with_is_not_named() {
    let (env, _) = with_bob();
    let id = consent(&env, &["--scope", "acme/wp"]);
    consent(&env, &["--scope", "acme/db"]);
    shared(&env, &["acme/db"]);
    env.call(&["consent", "withdraw", &id])
        .ok()
        .hides("still has");
}

#[test]
fn all_that_a_client_permits_ends_by_the_clients_name() {
    let (env, _) = with_bob();
    let one = consent(&env, &["--scope", "acme/wp"]);
    let args = ["consent", "withdraw", "acme", "--to", "bob"];
    env.call(&args)
        .ok()
        .tells(&format!("withdrew consent {}", &number(&one)));
    let two = consent(&env, &["--scope", "acme/wp"]);
    let three = request(&env);
    let generation = env.generation();
    let asked = env.call(&args).fails(9);
    asked.hints("--yes");
    for listed in [&number(&two), &number(&three), "requested"] {
        asked.says(listed);
    }
    assert_eq!(env.generation(), generation);
    let done = env
        .call(&[&args[..], &["--yes", "--json"]].concat())
        .ok()
        .json();
    assert_eq!(done["changed"], json!([two, three]));
    assert_eq!(
        (state(&env, &two), state(&env, &three)),
        ("withdrawn".into(), "cancelled".into())
    );
    env.call(&args).fails(3).says("acme permits bob nothing");
}

#[test]
fn several_are_asked_about_at_a_terminal() {
    let (env, _) = with_bob();
    let ids = [
        consent(&env, &["--scope", "acme/wp"]),
        consent(&env, &["--scope", "acme/db"]),
    ];
    let file = env.password_file();
    let script = |answer: &str, sees: &str| {
        let line = format!(
            "export VAULT_PASSWORD_FILE='{}'; vault consent withdraw acme; echo \"exit=$?\"",
            file.display()
        );
        let mut terminal = env.terminal(&line);
        terminal
            .sees(&number(&ids[0]))
            .sees("End all of these? [y/N] ");
        terminal.types(answer).sees(sees).sees("exit=0").ends();
    };
    script("n", "ended none");
    assert_eq!(state(&env, &ids[0]), "given");
    script("y", "withdrew consent");
    assert_eq!(
        (state(&env, &ids[0]), state(&env, &ids[1])),
        ("withdrawn".into(), "withdrawn".into())
    );
}

#[test]
fn one_entry_of_several_ends_and_the_others_go_on() {
    for scope in [
        &["--scope", "acme/*"][..],
        &["--scope", "acme/wp", "acme/db"],
    ] {
        let (env, _) = with_bob();
        let id = consent(&env, scope);
        let share = shared(&env, &["acme/wp", "acme/db"]);
        env.call(&["consent", "withdraw", &share, "--only", "acme/wp"])
            .ok()
            .tells(&format!("withdrew acme/wp from consent {}", &number(&id)))
            .tells(&format!("of share {}, acme/wp ended", &number(&share)))
            .tells("to be rotated: acme/wp")
            .hides("still has");
        assert_eq!(
            (state(&env, &id), share_state(&env, &share)),
            ("given".into(), "sent".into())
        );
        assert_eq!(
            (flags(&env, "acme/wp"), flags(&env, "acme/db")),
            (json!(["rotate"]), json!([]))
        );
        env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
        env.call(&["share", "acme/db", "--to", "bob"]).ok();
        env.call(&["shares", "show", &share]).ok().shows("(ended ");
        let who = env.call(&["who", "acme"]).ok();
        who.shows("knows version 1 until you change it: withdrawn")
            .shows("has it since");
        env.call(&["consent", "show", &id])
            .ok()
            .shows(", only acme/wp");
        env.call(&["verify", "--full"]).ok();
        let again = ["consent", "withdraw", &id, "--only", "acme/wp"];
        env.call(&again).ok();
        env.call(&["consent", "withdraw", &id, "--only", "globex/mail"])
            .fails(3)
            .says("does not cover globex/mail");
        env.call(&["consent", "withdraw", "acme", "--only", "acme/db"])
            .ok();
        assert_eq!(share_state(&env, &share), "withdrawn");
        assert_eq!(flags(&env, "acme/db"), json!(["rotate"]));
    }
}

/// Bob and dana, who are both permitted acme/wp and acme/db by one consent, and have a share each.
fn with_both() -> (TestEnv, String, [String; 2]) {
    let (env, _) = with_bob();
    let key = Contact::new().0.to_public().to_string();
    env.call(&["contact", "add", "dana", "--recipient", &key])
        .ok();
    let scope = ["--to", "dana", "--scope", "acme/wp", "acme/db"];
    let id = consent(&env, &scope);
    let shares = ["bob", "dana"].map(|name| {
        let args = ["share", "acme/wp", "acme/db", "--to", name, "--json"];
        let answer = env.call(&args).ok().json();
        answer["share"]["id"].as_str().unwrap().to_owned()
    });
    (env, id, shares)
}

#[test]
fn what_several_may_have_ends_for_the_one_who_is_named_or_whose_share_it_is() {
    for by_share in [false, true] {
        let (env, id, [bobs, danas]) = with_both();
        let args: &[&str] = if by_share {
            &["consent", "withdraw", &bobs]
        } else {
            &["consent", "withdraw", "acme", "--to", "bob"]
        };
        env.call(args)
            .ok()
            .tells(&format!("withdrew consent {} for bob alone", &number(&id)))
            .hides("dana");
        let states = (share_state(&env, &bobs), share_state(&env, &danas));
        assert_eq!(states, ("withdrawn".into(), "sent".into()));
        assert_eq!(state(&env, &id), "given");
        let shown = env.call(&["consent", "show", &id, "--json"]).ok().json();
        assert_eq!(
            (&shown["to"], &shown["no_longer_to"]),
            (&json!(["dana"]), &json!(["bob"]))
        );
        env.call(&["consent", "show", &id])
            .ok()
            .shows("no longer for: bob");
        env.call(&["consent", "list"]).ok().hides("bob");
        env.call(&["share", "acme/wp", "--to", "bob"])
            .fails(6)
            .says("is no longer for bob");
        env.call(&["share", "acme/wp", "--to", "dana"]).ok();
        if by_share {
            env.call(args).ok().tells("had ended before");
        } else {
            env.call(args)
                .fails(3)
                .says("acme permits bob nothing that could end");
        }
        env.call(&["consent", "withdraw", &id]).ok();
        assert_eq!(share_state(&env, &danas), "withdrawn");
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn one_entry_ends_for_one_of_several_and_the_last_part_ends_it_all() {
    let (env, id, [bobs, danas]) = with_both();
    env.call(&["consent", "withdraw", &danas, "--only", "acme/wp"])
        .ok()
        .tells("withdrew acme/wp from consent")
        .tells("for dana alone");
    env.call(&["share", "acme/wp", "--to", "dana"]).fails(6);
    env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    assert_eq!(share_state(&env, &bobs), "sent");
    env.call(&["shares", "--to", "dana"]).ok().shows("acme/db");
    env.call(&["shares", "--to", "dana"]).ok().hides("acme/wp");
    env.call(&["consent", "withdraw", &id, "--only", "acme/wp"])
        .ok();
    env.call(&["consent", "withdraw", "acme", "--to", "bob"])
        .ok();
    assert_eq!(state(&env, &id), "given");
    env.call(&["consent", "withdraw", "acme", "--to", "dana"])
        .ok();
    assert_eq!(state(&env, &id), "withdrawn");
}

#[test]
fn for_whom_each_entry_ended_it_is_not_renewed_and_does_not_go_on() {
    let (env, id, _) = with_both();
    env.me();
    for entry in ["acme/wp", "acme/db"] {
        let part = ["consent", "withdraw", &id, "--only", entry, "--to", "dana"];
        env.call(&part).ok();
    }
    let renew = ["consent", "renew", &id, "--expires", "200d"];
    env.call(&renew).ok().shows("bob").hides("dana");
    env.call(&["contact", "leave", "bob", "--yes"])
        .ok()
        .tells(&format!("ended consent {}", number(&id)))
        .hides("goes on");
    assert_eq!(state(&env, &id), "ended");
    env.call(&["consent", "list", "--live"]).ok().prints("");
}

#[test]
fn entries_of_several_permissions_end_together_and_what_none_covers_is_named() {
    let (env, _) = with_bob();
    for entry in ["acme/wp", "acme/db"] {
        consent(&env, &["--scope", entry]);
        shared(&env, &[entry]);
    }
    let both = ["--only", "acme/wp", "--only", "acme/db", "--yes"];
    let args = [&["consent", "withdraw", "acme"][..], &both].concat();
    env.call(&args).ok();
    env.call(&["shares", "--live"]).ok().hides("sent");
    env.call(&["consent", "withdraw", "acme", "--only", "acme/db"])
        .fails(3)
        .says("acme permits nothing of acme/db that could end");
}

#[test]
fn somebody_who_was_removed_is_not_taken_for_the_next_of_that_name() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    let share = shared(&env, &["acme/wp"]);
    env.call(&["revoke", "--to", "bob", "--yes"]).ok();
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    env.call(&["shares", "--to", "bob"])
        .ok()
        .shows(&number(&share));
    env.call(&["consent", "withdraw", "acme", "--to", "bob"])
        .fails(3)
        .says("acme permits bob nothing that could end");
    let key = Contact::new().0.to_public().to_string();
    env.call(&["contact", "add", "bob", "--recipient", &key])
        .ok();
    env.call(&["who", "bob"]).ok().shows("acme/wp");
    env.call(&["shares", "--to", "bob"])
        .ok()
        .shows(&number(&share));
    env.call(&["revoke", "--to", "nobody"])
        .fails(3)
        .hints("vault contact list");
}

#[test]
fn a_client_whose_name_is_nearly_right_is_suggested() {
    let (env, _) = with_bob();
    env.call(&["consent", "withdraw", "acm"])
        .fails(2)
        .hints("did you mean acme?");
}

#[test]
fn going_back_to_a_secret_names_everybody_who_knows_it() {
    let (env, id, _) = with_both();
    env.call(&["consent", "withdraw", &id]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let back = env.call(&["rotate", "acme/wp", "--stdin", "--again"]);
    back.stdin("the-secret")
        .ok()
        .tells("bob may know it")
        .tells("dana may know it");
}

#[test]
fn a_part_of_a_share_that_ends_is_told_as_that_part() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/*"]);
    let id = shared(&env, &["acme/wp", "acme/db"]);
    consent(&env, &["--scope", "acme/db"]);
    let args = ["consent", "withdraw", "acme", "--only", "acme/db"];
    env.call(&args)
        .fails(9)
        .says(&format!(
            "of share {}, only this ends with them: acme/db",
            number(&id)
        ))
        .says("bob  only acme/db  given")
        .hides("share ends with them");
    env.call(&[&args[..], &["--yes"]].concat())
        .ok()
        .tells(&format!("of share {}, acme/db ended with it", number(&id)));
    assert_eq!(share_state(&env, &id), "sent");
}

#[test]
fn a_permission_for_somebody_who_was_removed_is_over() {
    let (env, _) = with_bob();
    env.me();
    let id = consent(&env, &["--scope", "acme/wp"]);
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    assert_eq!(state(&env, &id), "ended");
    env.call(&["consent", "show", &id])
        .ok()
        .shows("state: ended");
    env.call(&["consent", "list"]).ok().shows("ended");
    let live = env.call(&["consent", "list", "--live", "--json"]).ok();
    assert_eq!(live.json(), json!([]));
    let ends_soon = env.call(&["status", "--json"]).ok().json();
    assert_eq!(ends_soon["due"], json!([]));
}

#[test]
fn who_is_removed_is_in_the_log_of_each_permission_that_ends_for_them() {
    let (env, _) = with_bob();
    let id = consent(&env, &["--scope", "acme/wp"]);
    env.call(&["contact", "add", "cy"]).ok();
    let both = consent(&env, &["--scope", "acme/db", "--to", "cy"]);
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    assert_eq!(state(&env, &both), "given", "cy still may");
    for (id, to) in [(&id, json!([])), (&both, json!(["bob"]))] {
        let shown = env.call(&["consent", "show", id, "--json"]).ok().json();
        let last = shown["events"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["state"], &last["to"]), (&json!("ended"), &to));
        let log = env.last_event();
        assert_eq!(log["action"], "remove");
        assert!(log["subject"].as_array().unwrap().contains(&json!(id)));
    }
    env.call(&["verify", "--full"]).ok();
}
