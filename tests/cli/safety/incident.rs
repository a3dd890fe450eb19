//! `incident`: from the news of a breach to the letters and the end.

use std::fs;

use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys};

/// Three clients; the host of acme's shop is broken into, and globex uses its password elsewhere.
fn three() -> TestEnv {
    TestEnv::copied("three clients", |env| {
        env.me();
        let add = |path: &str, url: &str, secret: &str| {
            env.call(&["add", path, "-u", "jo", "--url", url])
                .stdin(secret)
                .ok();
        };
        add(
            "acme/shop",
            "https://shop.host.example/admin",
            "Common-canary-7153",
        );
        add("globex/mail", "https://mail.example", "Common-canary-7153");
        add("initech/db", "https://db.example", "vN4q-Tz81-hLw0-Kc7e");
        env.call(&[
            "client",
            "edit",
            "globex",
            "--name",
            "Globex GmbH",
            "--lang",
            "de",
        ])
        .ok();
    })
}

fn open(env: &TestEnv) -> String {
    let args = [
        "incident",
        "open",
        "the host was broken into",
        "--host",
        "host.example",
        "--json",
    ];
    let opened = env.call(&args).ok().json();
    opened["changed"][0].as_str().unwrap()[..8].to_owned()
}

fn flags(env: &TestEnv) -> Vec<Value> {
    let list = env.call(&["list", "--json"]).ok().json();
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it["flags"].clone())
        .collect()
}

#[test]
fn what_a_host_reaches_is_flagged_over_all_clients_and_changed_by_one_command() {
    let env = three();
    let text = env
        .call(&["incident", "open", "broken into", "--host", "host.example"])
        .ok();
    for told in [
        "  acme/shop\n",
        "  globex/mail, by the same secret",
        "vault rotate --due --incident",
    ] {
        text.tells(told);
    }
    assert_eq!(
        flags(&env),
        [json!(["rotate"]), json!(["rotate"]), json!([])]
    );
    let id = env.call(&["incident", "list", "--json"]).ok().json()[0]["id"].clone();
    let id = &id.as_str().unwrap()[..8];
    let args = ["rotate", "--due", "--incident", id, "--exec", "true"];
    env.call(&args).ok().tells("changed 2 of 2");
    assert_eq!(flags(&env), [json!([]), json!([]), json!([])]);
    let shown = env.call(&["incident", "show", id, "--json"]).ok().json();
    has_keys(
        &shown,
        &[
            "id",
            "description",
            "state",
            "aware",
            "affected",
            "clients",
            "updates",
        ],
    );
    assert!(
        shown["affected"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["changed"] == true)
    );
}

#[test]
fn one_that_fails_stays_pending_and_the_rest_goes_on() {
    let env = three();
    let id = open(&env);
    let fail_for_acme = "! grep -q acme";
    let args = [
        "rotate",
        "--due",
        "--incident",
        &id,
        "--exec",
        "sh",
        "-c",
        fail_for_acme,
    ];
    let output = env.call(&args).run();
    assert_eq!(output.code, Some(7));
    assert!(
        output.stderr.contains("not changed: acme/shop"),
        "{output:?}"
    );
    assert_eq!(
        flags(&env),
        [json!(["rotate", "pending"]), json!([]), json!([])]
    );
    env.call(&args).fails(7).says("version 2 is pending");
}

#[test]
fn each_letter_has_its_clients_part_alone_in_their_language() {
    let env = three();
    let id = open(&env);
    let notice = ["incident", "notice", &id, "--all", "--out", "letters"];
    env.call(&notice).ok();
    let letter =
        |name: &str| fs::read_to_string(env.path(&format!("letters/notice-{name}.txt"))).unwrap();
    let (acme, globex) = (letter("acme"), letter("globex"));
    assert_eq!(
        fs::read_dir(env.path("letters")).unwrap().count(),
        2,
        "initech is not concerned"
    );
    assert!(
        acme.starts_with("NOTICE OF A SECURITY INCIDENT\n"),
        "{acme}"
    );
    assert!(
        globex.starts_with("MELDUNG EINES SICHERHEITSVORFALLS\n"),
        "{globex}"
    );
    for (text, own, others) in [
        (&acme, "\"shop\"", ["globex", "\"mail\""]),
        (&globex, "\"mail\"", ["acme", "\"shop\""]),
    ] {
        assert!(text.contains(own), "{text}");
        for other in others.into_iter().chain(["initech", "Common-canary-7153"]) {
            assert!(!text.to_lowercase().contains(other), "{other}: {text}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= 64),
            "{text}"
        );
    }
    assert_eq!(acme.matches("to follow").count(), 5, "{acme}");
    env.call(&notice).fails(7);
    let known = [
        "incident",
        "note",
        &id,
        "in by a plug-in",
        "--nature",
        "logins were read",
    ];
    env.call(&known).ok();
    let one = ["incident", "notice", &id, "--client", "acme", "--out", "-"];
    let text = env.call(&one).ok();
    text.shows("logins were read.").shows("in by a plug-in.");
    env.call(&[
        "incident", "notice", &id, "--client", "initech", "--out", "x",
    ])
    .fails(2);
}

#[test]
fn a_letter_names_no_other_client_in_the_users_own_words() {
    let env = three();
    let text = "the host of acme and Globex GmbH was broken into";
    let args = ["incident", "open", text, "--host", "host.example", "--json"];
    let id = env.call(&args).ok().json()["changed"][0].as_str().unwrap()[..8].to_owned();
    let notice = ["incident", "notice", &id, "--all", "--out", "letters"];
    env.call(&notice)
        .fails(6)
        .says("another client")
        .hints("--description");
    assert!(!fs::exists(env.path("letters")).unwrap());
    env.call(&[
        "incident",
        "note",
        &id,
        "--description",
        "a host was broken into",
    ])
    .ok();
    env.call(&notice).ok();
}

#[test]
fn both_clocks_run_and_it_closes_when_all_is_said() {
    let env = three();
    let id = open(&env);
    let due = |env: &TestEnv| {
        let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
        let due = due.as_array().unwrap().clone();
        due.into_iter()
            .filter(|it| it["rule"] == "incident-untold")
            .count()
    };
    assert_eq!(due(&env), 2);
    let told = |client: &str, at: &str| {
        env.call(&["incident", "told", &id, client, "--by", "phone", "--at", at])
            .run()
    };
    assert_eq!(told("acme", "2026-01-01T10:00:00Z").code, Some(0));
    assert_eq!(told("initech", "2026-01-01T10:00:00Z").code, Some(2));
    assert_eq!(told("acme", "2999-01-01T10:00:00Z").code, Some(2));
    let shown = env.call(&["incident", "show", &id, "--json"]).ok().json();
    assert_eq!(shown["clients"][0]["due"], "2026-01-04T10:00:00Z");
    assert_eq!(shown["clients"][1]["told"], Value::Null);
    assert_eq!(due(&env), 1);
    let close = ["incident", "close", &id, "--yes"];
    env.call(&close).fails(2).says("has no cause");
    let with_all = [
        &close[..],
        &["--cause", "a plug-in", "--measures", "changed"],
    ]
    .concat();
    env.call(&with_all).fails(6).says("globex was not told");
    assert_eq!(told("globex", "1h").code, Some(0));
    env.call(&with_all).ok();
    env.call(&["incident", "note", &id, "late"]).fails(6);
    assert_eq!(due(&env), 0);
    assert_eq!(flags(&env), [json!([]), json!([]), json!([])]);
    let list = env.call(&["incident", "list", "--json"]).ok().json();
    assert_eq!(list[0]["state"], "closed");
    assert_eq!(
        env.call(&["incident", "list", "--open", "--json"])
            .ok()
            .json(),
        json!([])
    );
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn nothing_affected_is_said_and_kept() {
    let env = three();
    env.call(&["incident", "open", "x", "--host", "nobody.example"])
        .ok()
        .tells("It reaches nothing");
    env.call(&["incident", "open", "x"]).fails(2);
    env.call(&["incident", "open", "x", "--client", "nobody"])
        .fails(3);
    assert_eq!(
        env.call(&["incident", "list", "--json"])
            .ok()
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn the_plan_has_the_numbers_of_this_vault() {
    let env = three();
    env.call(&[
        "client",
        "edit",
        "acme",
        "--phone",
        "+49 30 901820",
        "--person",
        "Jo <jo@acme.example>",
    ])
    .ok();
    let plan = env.call(&["incident", "plan"]).ok();
    plan.shows("+49 30 901820")
        .shows("jo@acme.example")
        .shows("Globex GmbH");
    plan.hides("Common-canary-7153");
}
