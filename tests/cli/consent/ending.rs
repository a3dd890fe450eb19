//! How a permission ends: by whatever the client knows of it, whole or in part, and never so that
//! something goes on unseen.

use serde_json::{Value, json};

use crate::cli::sharing::share::{consent, share, with_bob};
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
    let ask = [
        "consent",
        "request",
        "acme",
        "--to",
        "bob",
        "--scope",
        "acme/wp",
        "--purpose",
        "x",
        "--out",
        "ask.txt",
        "--json",
    ];
    let asked = env.call(&ask).ok().json();
    asked["id"]
        .as_str()
        .or(asked["changed"][0].as_str())
        .unwrap()
        .to_owned()
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
    env.call(&["consent", "withdraw", "abcd1234"]).fails(3);
    env.call(&["consent", "withdraw", "acme"])
        .fails(3)
        .says("acme permits nothing");
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
