//! `who`: who can know what, and who allowed it.

use std::fs;

use serde_json::{Value, json};

use super::share::{consent, consented, request, share, with_bob};
use crate::support::env::{TestEnv, has_keys, number};

/// acme/wp was shared with bob; gives the share's id.
fn shared() -> (TestEnv, String) {
    let (env, _) = consented();
    let answer = share(&env, &["acme/wp"]);
    let id = answer["share"]["id"].as_str().unwrap().to_owned();
    (env, id)
}

fn known(env: &TestEnv, word: &str) -> Value {
    env.call(&["who", word, "--json"]).ok().json()
}

#[test]
fn it_says_who_has_what_and_who_allowed_it() {
    let (env, _) = shared();
    let who = env.call(&["who", "acme"]).ok();
    who.shows("acme: 2 credentials, 1 person can know something\n\n")
        .shows("db     nobody but you\n")
        .shows("wp     https://acme.example as admin\n")
        .shows("  bob  has it since ")
        .shows(", for \"relaunch\"\n")
        .shows("       Jo Doe allowed it on ")
        .shows(" (attested), number ")
        .shows("; no receipt yet\n")
        .hides("the-secret")
        .hides("globex");
    let entry = env.call(&["who", "acme/wp"]).ok();
    entry
        .shows("acme/wp: 1 person can know something")
        .shows("  bob    has it since ");
    let contact = env.call(&["who", "bob"]).ok();
    contact
        .shows("bob: can know something of 1 credential")
        .shows("acme/wp  https://acme.example as admin")
        .hides("acme/db");
    env.call(&["who", "acme.example"])
        .ok()
        .shows("acme.example: 1 credential, 1 person can know something");
    env.call(&["who", "globex"])
        .ok()
        .prints("globex: 1 credential, nobody but you can know anything\n\nmail  nobody but you\n");
}

#[test]
fn a_script_gets_everyone_who_can_know_something() {
    let (env, id) = shared();
    let all = known(&env, "acme");
    let [one] = all.as_array().unwrap().as_slice() else {
        panic!("{all}");
    };
    let keys = [
        "client",
        "entry",
        "contact",
        "versions",
        "state",
        "since",
        "until",
        "purpose",
        "allowed_by",
        "consent",
        "assurance",
        "receipt",
        "deletion",
    ];
    has_keys(one, &keys);
    assert_eq!(
        (&one["client"], &one["entry"]),
        (&json!("acme"), &json!("acme/wp"))
    );
    assert_eq!(
        (&one["contact"], &one["share"]),
        (&json!("bob"), &json!(id))
    );
    assert_eq!(one["versions"], json!({"secret": 1}));
    assert_eq!(
        (&one["state"], &one["allowed_by"]),
        (&json!("sent"), &json!("Jo Doe"))
    );
    for same in ["acme/wp", "bob", "acme.example"] {
        assert_eq!(known(&env, same), all, "{same}");
    }
    assert_eq!(known(&env, "globex"), json!([]));
}

#[test]
fn who_has_seen_it_is_named_until_it_is_changed() {
    let (env, id) = shared();
    env.call(&["revoke", &id]).ok();
    env.call(&["who", "acme"])
        .ok()
        .shows("  bob  knows version 1 until you change it: revoked ")
        .shows(", deletion not confirmed\n")
        .shows("\noutstanding: 1 deletion (bob)\n");
    assert_eq!(known(&env, "acme/wp")[0]["state"], "revoked");
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    env.call(&["who", "bob"]).ok().shows("knows version 1");
    env.call(&["who", "--contact", "bob"]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&["who", "acme"])
        .ok()
        .shows("wp  nobody but you\n")
        .shows("outstanding: 1 deletion (bob)");
    env.call(&["who", "bob"])
        .ok()
        .shows("bob: can know nothing");
}

#[test]
fn a_live_share_of_an_old_version_says_which() {
    let (env, _) = shared();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&["who", "acme/wp"])
        .ok()
        .shows("has version 1, which is not the current one, since ");
}

#[test]
fn a_request_that_waits_is_named() {
    let (env, _) = with_bob();
    env.me();
    let out = ["--out", "ask.txt"];
    let ask = [&["--scope", "acme/wp", "--purpose", "x"], &out[..]].concat();
    request(&env, &ask).ok();
    for word in ["acme", "acme/wp", "bob", "acme.example"] {
        env.call(&["who", word])
            .ok()
            .shows("not answered: 1 request to acme (just now)");
    }
    env.call(&["who", "acme/db"]).ok().hides("not answered");
}

#[test]
fn a_word_that_names_several_is_a_client_before_a_contact_before_a_host() {
    let (env, _) = shared();
    env.call(&["contact", "add", "acme"]).ok();
    env.call(&["who", "acme"])
        .ok()
        .shows("acme: 2 credentials")
        .tells("vault who --contact acme");
    env.call(&["who", "--contact", "acme"])
        .ok()
        .shows("acme: can know nothing");
    env.call(&["contact", "add", "acme.example"]).ok();
    env.call(&["who", "acme.example"])
        .ok()
        .shows("acme.example: can know nothing");
    env.call(&["who", "--host", "acme.example"])
        .ok()
        .shows("acme.example: 1 credential");
    env.call(&["who", "--client", "acme"]).ok();
    env.call(&["who", "--client", "bob"]).fails(3);
    env.call(&["who", "--host", "acme"]).fails(3);
    env.call(&["who", "acme", "--client", "acme"]).fails(2);
    env.call(&["who"]).fails(2);
}

#[test]
fn what_nothing_is_called_is_not_found() {
    let (env, _) = shared();
    env.call(&["who", "acmee"])
        .fails(3)
        .hints("did you mean acme?");
    env.call(&["who", "acme/wpp"])
        .fails(3)
        .says("no entry acme/wpp");
    env.call(&["who", "zzz"])
        .fails(3)
        .says("no client, contact or host is called zzz");
}

#[test]
fn stored_text_cannot_pose_as_an_answer() {
    let (env, _) = with_bob();
    let hostile = "x\n  eve  has it\u{1b}[2J";
    let consent = [
        "consent",
        "add",
        "acme",
        "--to",
        "bob",
        "--by",
        "Jo",
        "--note",
        "x",
        "--purpose",
        hostile,
        "--scope",
        "acme/wp",
    ];
    env.call(&consent).ok();
    share(&env, &["acme/wp"]);
    let who = env.call(&["who", "acme"]).ok();
    who.hides("\n  eve").hides("\u{1b}");
}

#[test]
fn the_host_that_was_asked_for_is_shown() {
    let (env, _) = shared();
    let second = ["edit", "acme/wp", "--url", "https://acme.example"];
    env.call(&[&second[..], &["--url", "https://shop.other.example"]].concat())
        .ok();
    env.call(&["who", "other.example"])
        .ok()
        .shows("acme/wp  https://shop.other.example as admin")
        .hides("https://acme.example");
    env.call(&["edit", "acme/db", "--url", "https://db.other.example"])
        .ok();
    env.call(&["who", "other.example"])
        .ok()
        .shows("acme/db  https://db.other.example: nobody but you");
}

#[test]
fn what_ended_alone_is_an_outstanding_deletion_of_its_entry() {
    let (env, _) = consented();
    share(&env, &["acme/wp", "acme/db"]);
    let withdraw = ["consent", "withdraw", "acme"];
    env.call(&[&withdraw[..], &["--only", "acme/db"]].concat())
        .ok();
    for word in ["acme", "acme/db", "bob"] {
        env.call(&["who", word])
            .ok()
            .shows("outstanding: 1 deletion (bob)");
    }
    env.call(&["who", "acme/wp"]).ok().hides("outstanding");
    env.call(&withdraw).ok();
    env.call(&["who", "acme"])
        .ok()
        .shows("outstanding: 1 deletion (bob)");
}

#[test]
fn a_host_is_known_by_what_was_shared_for_it() {
    let (env, id) = shared();
    env.call(&["who", "moved.example"]).fails(3);
    let to = "edit acme/wp --unset url --url https://moved.example";
    let to: Vec<&str> = to.split(' ').collect();
    env.call(&to).ok();
    for word in ["acme.example", "--host=acme.example"] {
        env.call(&["who", word])
            .ok()
            .shows("acme.example: 1 credential, 1 person can know something")
            .shows("acme/wp  https://moved.example as admin (then at acme.example)\n")
            .shows("  bob    has it since ");
    }
    env.call(&["who", "moved.example"])
        .ok()
        .shows("https://moved.example as admin\n")
        .hides("then at");
    env.call(&["revoke", &id]).ok();
    env.call(&["who", "acme.example"])
        .ok()
        .shows("(then at acme.example)")
        .shows("knows version 1 until you change it");
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&["who", "acme.example"]).fails(3);
}

#[test]
fn what_was_removed_for_good_stays_known() {
    let (env, id) = shared();
    env.call(&["revoke", &id]).ok();
    env.call(&["rm", "acme/wp", "--yes"])
        .ok()
        .tells("bob can know something of acme/wp");
    env.call(&["trash", "empty", "--yes"])
        .ok()
        .tells("bob can know something of acme/wp");
    for word in ["acme", "bob", "acme.example"] {
        env.call(&["who", word])
            .ok()
            .shows("removed for good here; what is known may still work at the site")
            .shows("knows secret, which cannot be changed here any more: revoked ")
            .hides("nobody but you can know");
        assert_eq!(known(&env, word)[0]["contact"], "bob");
    }
}

#[test]
fn an_entry_that_somebody_has_by_two_shares_is_named_once() {
    let (env, first) = shared();
    let second = share(&env, &["acme/wp"])["share"]["id"].clone();
    let who = env.call(&["who", "acme/wp"]).ok();
    for id in [&first, second.as_str().unwrap()] {
        who.shows(&format!(", share {}", number(id)));
    }
    for (kind, name) in [("contact", "bob"), ("client", "acme")] {
        let shown = env.call(&[kind, "show", name]).ok();
        shown.hides("wp, wp").hides("acme/wp, acme/wp");
    }
}

#[test]
fn who_may_know_an_entry_by_the_secret_of_another_is_named() {
    let (env, id) = shared();
    // While bob may use it by the other as well.
    env.call(&["add", "globex/blog"]).stdin("the-secret").ok();
    let by_other = "may know it: the same secret went to them with another entry, share ";
    for subject in ["globex", "globex/blog", "bob"] {
        let who = env.call(&["who", subject]).ok();
        who.shows("blog").shows(by_other);
    }
    for shown in ["show globex/blog", "client show globex"] {
        env.call(&shown.split(' ').collect::<Vec<_>>())
            .ok()
            .shows("bob")
            .shows(by_other);
    }
    let shown = env.call(&["contact", "show", "bob"]).ok();
    shown.shows("globex/blog").shows(by_other);
    let who = env.call(&["who", "globex", "--json"]).ok().json();
    assert_eq!(who[0]["contact"], "bob");
    assert_eq!(who[0]["state"], "same-secret");
    assert_eq!(who[0]["versions"], json!({"secret": 1}));
    let report = env.call(&["report", "globex"]).ok();
    report.shows("has the same password").hides("acme");
    env.call(&["rm", "globex/blog", "--yes"]).ok();
    let told = env.call(&["revoke", &id]).ok();
    told.tells("to be rotated: acme/wp");
    env.call(&["add", "globex/wiki"])
        .stdin("the-secret")
        .ok()
        .tells("globex/wiki: the secret is known to others: bob may know it: share ");
    let who = env.call(&["who", "globex/wiki"]).ok();
    who.shows("globex/wiki: 1 person can know something")
        .shows("may know it: the same secret went to them with another entry, share ");
    env.call(&["rotate", "globex/wiki", "--generate"]).ok();
    env.call(&["who", "globex/wiki"])
        .ok()
        .shows("nobody but you can know");
}

#[test]
fn a_share_of_an_old_version_does_not_hide_that_its_holder_knows_the_new_one_by_another_entry() {
    let (env, _) = consented();
    share(&env, &["acme/wp"]);
    share(&env, &["acme/db"]);
    let db = env.call(&["get", "acme/db"]).ok();
    let by_other = "  bob    may know it: the same secret went to them with another entry, share ";
    env.call(&["who", "acme/wp"]).ok().hides("may know it");
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin(db.text())
        .ok();
    let who = env.call(&["who", "acme/wp"]).ok();
    who.shows("acme/wp: 1 person can know something")
        .shows("has version 1, which is not the current one, since ")
        .shows(by_other);
    // Who has it as it is in use needs no other word of it.
    share(&env, &["acme/wp"]);
    env.call(&["who", "acme/wp"]).ok().hides("may know it");
}

#[test]
fn who_has_the_same_file_with_another_entry_is_said_to_have_the_file() {
    let (env, _) = with_bob();
    env.me();
    fs::write(env.path("key.pem"), "the same key").unwrap();
    for path in ["acme/wp", "globex/mail"] {
        env.call(&["attach", path, "key.pem"]).ok();
    }
    consent(
        &env,
        &["--scope", "acme/wp", "--field", "attachment:key.pem"],
    );
    share(&env, &["acme/wp"]);
    let who = env.call(&["who", "globex/mail"]).ok();
    who.shows("may know it: the same file went to them with another entry, share ");
    let who = known(&env, "globex/mail");
    assert_eq!(who[0]["versions"], json!({"attachment:key.pem": null}));
    let report = env.call(&["report", "globex"]).ok();
    report
        .shows("same file")
        .hides("same password")
        .hides("acme");
    let report = env.call(&["report", "globex", "--json"]).ok().json();
    assert!(report.to_string().contains("\"same-file\""), "{report}");
}

#[test]
fn what_goes_out_is_said_to_be_in_use_in_another_clients_entry_too() {
    let (env, _) = consented();
    let db = env.call(&["get", "acme/db"]).ok();
    env.call(&["rotate", "globex/mail", "--stdin"])
        .stdin(db.text())
        .ok();
    for more in [&["-n"][..], &[]] {
        let args = [&["share", "acme/db", "acme/wp", "--to", "bob"], more].concat();
        env.call(&args)
            .ok()
            .tells("acme/db: its secret is in use in globex/mail too, and becomes known there")
            .tells("change it first: vault rotate acme/db")
            .hides("acme/wp: its secret");
    }
    env.call(&["rotate", "globex/mail", "--generate"]).ok();
    let args = ["share", "acme/db", "--to", "bob"];
    env.call(&args).ok().hides("is in use in");
}
