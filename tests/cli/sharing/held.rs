//! What is shared is held to what was permitted: to the hosts and the user of that day, to the
//! entries that a pattern covered then, to the client's retention and the contact's review.

use std::time::Duration;

use serde_json::json;

use super::share::{consent, consented, request, share, with_bob};
use crate::support::env::TestEnv;

const SHARE: [&str; 4] = ["share", "acme/wp", "--to", "bob"];

fn edit(env: &TestEnv, more: &[&str]) {
    env.call(&[&["edit", "acme/wp"], more].concat()).ok();
}

#[test]
fn another_host_or_user_than_was_permitted_is_shown_and_confirmed() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    edit(&env, &["--url", "https://evil.example/x", "-u", "root"]);
    env.call(&SHARE)
        .fails(9)
        .says("acme/wp: hosts now acme.example, evil.example; permitted were acme.example")
        .says("acme/wp: user now root; permitted was admin")
        .says("what was permitted has changed since")
        .hints("--changed-ok");
    env.call(&["shares"]).ok().tells("nothing was shared yet");
    let answer = share(&env, &["acme/wp", "--changed-ok"]);
    assert_eq!(answer["share"]["state"], "sent");
    let log = env.call(&["log", "--json"]).ok().json();
    let logged = log.as_array().unwrap().iter();
    let confirmed: Vec<_> = logged
        .filter_map(|event| event["detail"].get("confirmed"))
        .collect();
    assert_eq!(confirmed, [&json!("hosts user")]);
}

#[test]
fn a_dry_run_refuses_what_the_share_would_and_writes_nothing() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    edit(&env, &["-u", "root"]);
    let dry = [&SHARE[..], &["-n"]].concat();
    let before = env.snapshot();
    env.call(&dry)
        .fails(9)
        .says("acme/wp: user now root; permitted was admin")
        .says("what was permitted has changed since")
        .hints("--changed-ok");
    let confirmed = env.call(&[&dry[..], &["--changed-ok"]].concat()).ok();
    confirmed
        .tells("user now root")
        .tells("nothing was changed");
    let password = env.password_file();
    let mut terminal = env.terminal(&format!(
        "export VAULT_PASSWORD_FILE={}; vault share acme/wp --to bob -n; echo exit $?",
        password.display()
    ));
    terminal.sees("somebody is asked").sees("exit 0").ends();
    assert_eq!(env.snapshot(), before);
    env.call(&["contact", "add", "eve"]).ok();
    consent(&env, &["--scope", "acme/db", "--to", "eve"]);
    let keyless = ["share", "acme/db", "--to", "eve"];
    env.call(&keyless).fails(2).says("eve");
    env.call(&[&keyless[..], &["-n"]].concat())
        .fails(2)
        .says("eve");
    env.call(&["log"]).ok().hides("refuse");
}

#[test]
fn a_person_at_a_terminal_is_asked_and_no_is_a_refusal_in_the_log() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    edit(&env, &["-u", "root"]);
    let password = env.password_file();
    let mut terminal = env.terminal(&format!(
        "export VAULT_PASSWORD_FILE={}; vault share acme/wp --to bob; echo exit $?",
        password.display()
    ));
    terminal.sees("Share it all the same? [y/N]").types("n");
    terminal.sees("exit 6").ends();
    assert_eq!(env.last_event()["detail"]["reason"], "changed");
}

#[test]
fn another_page_of_the_host_and_a_new_name_are_no_change() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    edit(&env, &["--url", "https://ACME.example:8443/login"]);
    env.call(&["mv", "acme/wp", "acme/cms"]).ok();
    env.call(&["share", "acme/cms", "--to", "bob"]).ok();
}

#[test]
fn an_entry_that_a_pattern_covers_only_since_is_asked_about() {
    let (env, _) = consented();
    env.add("acme/new", "n");
    env.call(&["share", "acme/new", "--to", "bob"])
        .fails(9)
        .says("acme/new is newer than the permission");
    env.call(&["share", "acme/new", "--to", "bob", "--changed-ok"])
        .ok()
        .tells("(acme/*) covers today: acme/db, acme/new, acme/wp");
    env.call(&SHARE).ok().hides("newer than");
}

#[test]
fn a_request_is_held_to_as_well_and_its_pattern_is_told_in_full() {
    let (env, _) = with_bob();
    env.me();
    let out = ["--out", "ask.txt"];
    let ask = [&["--scope", "acme/*", "--purpose", "x"], &out[..]].concat();
    request(&env, &ask)
        .ok()
        .tells("acme/* covers 2 entries now, and any added later: acme/db, acme/wp");
    let asked = env.call(&["consent", "list", "--json"]).ok().json();
    let id = asked[0]["id"].as_str().unwrap();
    env.add("acme/new", "n");
    let shown = env.call(&["consent", "show", id, "--json"]).ok().json();
    assert_eq!(
        shown["covers_today"],
        json!(["acme/db", "acme/new", "acme/wp"])
    );
}

#[test]
fn a_share_ends_with_the_clients_retention_and_the_contacts_review() {
    for (args, told, word, option) in [
        (
            ["client", "edit", "acme", "--retain-until"],
            "the client's credentials may be kept until 2",
            "may be kept",
            "--past-retention",
        ),
        (
            ["contact", "edit", "bob", "--review-by"],
            "the contact's access review is due on 2",
            "access review",
            "--past-review",
        ),
    ] {
        let (env, _) = consented();
        env.call(&[&args[..], &["10d"]].concat()).ok();
        env.call(&SHARE)
            .ok()
            .tells(told)
            .tells(": the share ends then, sooner than the usual 14 days");
        let long = [&SHARE[..], &["--expires", "12d"]].concat();
        env.call(&long).fails(6).says(word).hints(option);
        env.call(&[&long[..], &[option]].concat()).ok();
        env.call(&[&SHARE[..], &["--expires", "9d"]].concat()).ok();
        let events = env.call(&["log", "--json"]).ok().json();
        let logged = events.as_array().unwrap().iter();
        let logged: Vec<_> = logged
            .filter_map(|event| event["detail"].get("confirmed"))
            .collect();
        assert_eq!(logged, [&json!(&option["--past-".len()..])]);
    }
}

#[test]
fn what_is_kept_past_its_retention_is_said_wherever_it_is_used() {
    let (env, _) = consented();
    let rules = ["--rules", "only on weekdays", "--retain-until", "1s"];
    env.call(&[&["client", "edit", "acme"][..], &rules].concat())
        .ok();
    std::thread::sleep(Duration::from_millis(1100));
    env.call(&["get", "acme/wp"])
        .ok()
        .tells("warning: acme's data may be kept until ");
    env.call(&["get", "globex/mail"]).ok().silently();
    env.call(&["show", "acme/wp"])
        .ok()
        .shows("may be kept until: ")
        .shows("client's rules: only on weekdays");
    env.call(&["status"])
        .ok()
        .shows("acme's data may be kept until");
    env.call(&SHARE).fails(6).says("may be kept until");
}
