//! `incident`: from the news of a breach to the letters and the end.

use std::fs;

use serde_json::{Value, json};

use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TestEnv, has_keys, number};

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
        "--aware",
        "2026-01-01T09:00:00Z",
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
    env.call(&args).ok().tells("changed the secrets of 2 of 2");
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
    // What would narrow it does not go to the program.
    let late = ["rotate", "--due", "--exec", "true", "--incident", &id];
    env.call(&late).fails(2).hints("before --exec");
    // The same secret is tried again.
    let pending = env.call(&["history", "acme/shop", "--json"]).ok().json();
    let again = ["rotate", "--due", "--incident", &id, "--exec", "true"];
    env.call(&again).ok().tells("1 of 1");
    assert_eq!(flags(&env), [json!([]), json!([]), json!([])]);
    let after = env.call(&["history", "acme/shop", "--json"]).ok().json();
    assert_eq!(
        pending.as_array().unwrap().len(),
        after.as_array().unwrap().len(),
        "no third one was drawn"
    );
}

#[test]
fn another_attempt_asks_the_check_first_and_keys_and_other_secrets_are_named() {
    let env = three();
    env.call(&["edit", "acme/shop", "--secret-field", "pin"])
        .stdin("Pin-canary-22")
        .ok();
    env.call(&[
        "add",
        "acme/key",
        "--url",
        "https://host.example",
        "--multiline",
    ])
    .stdin("-----BEGIN KEY-----\nkey-canary\n-----END KEY-----\n")
    .ok();
    let id = open(&env);
    let due = ["rotate", "--due", "--incident", &id];
    let failing = [&due[..], &["--exec", "false"]].concat();
    assert_eq!(env.call(&failing).run().code, Some(7));
    // The site has it although the program said no: only the check is run.
    let checked = [&due[..], &["--exec", "false", "--verify-exec", "true"]].concat();
    let output = env.call(&[&["--json"][..], &checked].concat()).run();
    assert_eq!(output.code, Some(7), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["changed"], json!(["acme/shop", "globex/mail"]));
    assert!(output.stderr.contains("pin of acme/shop"), "{output:?}");
    assert!(output.stderr.contains("acme/key"), "{output:?}");
    assert!(
        output
            .stderr
            .contains("vault edit acme/shop --secret-field pin"),
        "{output:?}"
    );
    env.call(&["edit", "acme/shop", "--secret-field", "pin"])
        .stdin("Pin-canary-23")
        .ok();
    assert_eq!(flags(&env)[1], json!([]), "acme/shop");
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
fn what_is_written_names_no_client_to_another() {
    let env = three();
    let args = [
        "client",
        "edit",
        "globex",
        "--person",
        "Ulla Meier <ulla@globex.example>",
    ];
    env.call(&args).ok();
    for name in ["Globex GmbH", "ulla meier", "ulla@globex.example"] {
        let text = format!("somebody was at {name} today");
        let args = ["incident", "open", &text, "--host", "host.example"];
        env.call(&args).fails(6).says("names globex");
    }
    env.call(&[
        "incident",
        "open",
        "at db.example",
        "--host",
        "host.example",
    ])
    .fails(6)
    .says("names initech");
    // Where it began may be said, and no host that is one client's alone.
    let id = open(&env);
    let show = || env.call(&["incident", "show", &id, "--json"]).ok().json();
    let note = |text: &str, more: &[&str]| {
        let args = [&["incident", "note", &id, text][..], more].concat();
        env.call(&args)
    };
    note("at shop.host.example", &[])
        .fails(6)
        .says("names acme");
    note("at host.example", &[]).ok();
    note("Initech is safe", &[]).fails(6).says("names initech");
    note("by a plug-in", &[]).ok();
    note("by a theme", &["--instead-of", "2"]).ok();
    note("x", &["--instead-of", "9"]).fails(3);
    note("x", &["--instead-of", "2"]).fails(3);
    assert_eq!(show()["updates"].as_array().unwrap().len(), 3);
    let letter = ["incident", "notice", &id, "--client", "acme", "--out", "-"];
    let letter = env.call(&letter).ok();
    letter.shows("by a theme").hides("plug-in");
    // Who is a client only now may be named already.
    env.call(&["client", "add", "theme"]).ok();
    let letters = ["incident", "notice", &id, "--all", "--out", "letters"];
    env.call(&letters)
        .fails(6)
        .says("names theme")
        .hints("--instead-of N");
    assert!(!fs::exists(env.path("letters")).unwrap());
}

#[test]
fn seeds_files_and_what_is_in_the_trash_are_reached_and_removing_changes_nothing() {
    let env = three();
    fs::write(env.path("key.pem"), "file-canary").unwrap();
    env.call(&["attach", "acme/shop", "key.pem"]).ok();
    env.call(&["edit", "acme/shop", "--totp"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    env.call(&["rm", "acme/shop", "--yes"]).ok();
    let id = open(&env);
    let show = || env.call(&["incident", "show", &id]).ok();
    show().shows("acme/shop (not changed yet: attachment:key.pem, secret, totp)");
    env.call(&["trash", "restore", "acme/shop"]).ok();
    let due = ["rotate", "--due", "--incident", &id, "--exec", "true"];
    assert_eq!(env.call(&due).run().code, Some(7));
    show().shows("acme/shop (not changed yet: attachment:key.pem, totp)");
    assert_eq!(flags(&env)[0], json!(["rotate"]));
    env.call(&["rm", "acme/shop", "--yes"]).ok();
    env.call(&["trash", "empty", "acme/shop", "--yes"]).ok();
    show().shows("acme/shop (removed for good here");
    let letter = ["incident", "notice", &id, "--client", "acme", "--out", "-"];
    let letter = env.call(&letter).ok();
    letter
        .shows("I keep it no longer")
        .hides("changed since")
        .hides("have changed");
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(6)
        .hints("vault incident show");
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
    let early = told("acme", "2025-12-31T10:00:00Z");
    assert_eq!(early.code, Some(2), "before anybody knew: {early:?}");
    // The first time counts, and how that was.
    let later = ["incident", "told", &id, "acme", "--by", "mail"];
    env.call(&later).ok().tells("--correct");
    let shown = || env.call(&["incident", "show", &id, "--json"]).ok().json();
    assert_eq!(shown()["clients"][0]["due"], "2026-01-04T10:00:00Z");
    assert_eq!(shown()["clients"][0]["by"], "phone");
    let right = ["--at", "2026-01-02T10:00:00Z", "--correct"];
    env.call(&[&later[..], &right].concat()).ok();
    let shown = shown();
    assert_eq!(shown["clients"][0]["due"], "2026-01-05T10:00:00Z");
    assert_eq!(shown["clients"][0]["by"], "mail");
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
    let open = json!(["rotate"]);
    assert_eq!(
        flags(&env),
        [open.clone(), open, json!([])],
        "nothing was changed"
    );
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

#[test]
fn what_is_new_is_not_to_be_sent_to_the_contact_with_whom_it_began() {
    let (env, _bob) = consented();
    share(&env, &["acme/wp"]);
    let rotate = |secret: &str| {
        env.call(&["rotate", "acme/wp", "--stdin"])
            .stdin(secret)
            .ok()
    };
    rotate("second").tells("vault share --update ");
    let open = [
        "incident",
        "open",
        "bob's laptop is gone",
        "--contact",
        "bob",
        "--json",
    ];
    let opened = env.call(&open).ok().json();
    let id = number(opened["changed"][0].as_str().unwrap());
    rotate("third")
        .tells(&format!(
            "incident {id} began with them; to end it: vault revoke "
        ))
        .hides("--update");
    let close = [
        "incident",
        "close",
        &id,
        "--cause",
        "theft",
        "--measures",
        "new ones",
        "--yes",
    ];
    env.call(&close).ok();
    rotate("fourth").tells("vault share --update ");
}

#[test]
fn nothing_is_given_to_the_contact_with_whom_an_open_incident_began() {
    let (env, _bob) = consented();
    let old = share(&env, &["acme/wp"])["changed"][0].clone();
    let old = number(old.as_str().unwrap());
    let opened = (env.call(&[
        "incident",
        "open",
        "laptop gone",
        "--contact",
        "bob",
        "--json",
    ]))
    .ok()
    .json();
    let id = number(opened["changed"][0].as_str().unwrap());
    let give: [&[&str]; 5] = [
        &["share", "acme/wp", "--to", "bob", "--out", "new.age"],
        &["share", "acme/wp", "--to", "bob", "--dry-run"],
        &["share", "--update", &old, "--out", "update.age"],
        &[
            "share",
            "--renew",
            &old,
            "--expires",
            "20d",
            "--out",
            "renewed.age",
        ],
        &["grant", "acme/wp", "--to", "bob", "--as", "bob-m"],
    ];
    for args in give {
        (env.call(args).fails(6))
            .says(&format!("incident {id} began with bob, and is open"))
            .says("vault contact lost bob")
            .says(&format!("vault incident close {id}"));
    }
    let log = env.call(&["log", "--json"]).ok().json();
    let reasons = log.as_array().unwrap().iter();
    let reasons = reasons.filter(|it| it["detail"]["reason"] == "incident");
    assert_eq!(reasons.count(), 4, "{log}");
    let on_purpose = [give[2], &["--despite-incident"]].concat();
    env.call(&on_purpose).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let mut shares = log.as_array().unwrap().iter().rev();
    let passed = shares.any(|it| it["detail"]["confirmed"] == "incident");
    assert!(passed, "{log}");
    // What is the client's own goes to them all the same.
    env.call(&["share", "acme/wp", "--to-client", "--passphrase"])
        .ok();
}

#[test]
fn the_first_steps_name_each_client_to_call() {
    let env = three();
    let open = ["incident", "open", "broken into", "--host", "host.example"];
    (env.call(&open).ok())
        .tells("2. call acme, globex; after each call: vault incident told ")
        .tells(" CLIENT --by phone");
    let entry = ["incident", "open", "seen", "--entry", "initech/db"];
    env.call(&entry).ok().tells("2. call initech, then: ");
}

#[test]
fn what_was_hit_too_is_noted_later_and_its_clients_are_to_be_told() {
    let env = three();
    let id = open(&env);
    let told = ["incident", "told", &id, "--by", "phone", "acme"];
    env.call(&told).ok();
    let reached = || {
        let shown = env.call(&["incident", "show", &id, "--json"]).ok().json();
        let all = shown["affected"].as_array().unwrap().clone();
        let told = |it: Value| (it["path"].clone(), it["by_same_secret"].clone());
        all.into_iter().map(told).collect::<Vec<_>>()
    };
    let note = |more: &[&str]| env.call(&[&["incident", "note", &id], more].concat());
    note(&["--entry", "nobody/at-all"]).fails(3);
    note(&["--host", "nobody.example"])
        .ok()
        .tells("It reaches nothing more by that.");
    note(&[
        "the host of the mail too",
        "--host",
        "mail.example",
        "--client",
        "initech",
    ])
    .ok()
    .tells("noted, incident ")
    .tells("  globex/mail\n")
    .tells("  initech/db\n")
    .tells("2. call globex, initech; after each call: ")
    .hides("acme/shop");
    let expected = [
        ("acme/shop", false),
        ("globex/mail", false),
        ("initech/db", false),
    ];
    assert_eq!(
        reached(),
        expected.map(|(path, same)| (json!(path), json!(same)))
    );
    assert_eq!(
        flags(&env),
        [json!(["rotate"]), json!(["rotate"]), json!(["rotate"])]
    );
    note(&["--host", "mail.example"])
        .ok()
        .tells("It reaches nothing more by that.");
    assert_eq!(env.last_event()["detail"]["phase"], "updated");
    env.call(&["incident", "show", &id])
        .ok()
        .shows("client initech")
        .shows("host mail.example");
    let letters = ["incident", "notice", &id, "--all", "--out", "letters"];
    env.call(&letters).ok();
    assert_eq!(fs::read_dir(env.path("letters")).unwrap().count(), 3);
    // Words that were fine for two clients are held against a third.
    let id = open(&env);
    let words = ["incident", "note", &id, "not at Initech"];
    env.call(&words).fails(6);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_client_who_was_told_is_to_be_told_of_what_is_found_later() {
    let env = three();
    env.call(&["add", "initech/other", "--url", "https://other.example"])
        .stdin("jR3d-Wn62-yTg9-Lb8s")
        .ok();
    let id = open(&env);
    let call = |args: &[&str]| env.call(&[&["incident", args[0], &id], &args[1..]].concat());
    call(&["note", "--entry", "initech/db"]).ok();
    call(&["told", "--all", "--by", "phone"]).ok();
    let state = || env.call(&["incident", "list", "--json"]).ok().json()[0]["state"].clone();
    let untold = || {
        let due = env.call(&["status", "--json"]).ok().json()["due"].clone();
        let due = due.as_array().unwrap().clone();
        let due = due.into_iter().filter(|it| it["rule"] == "incident-untold");
        due.map(|it| it["message"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!((state(), untold().len()), (json!("open"), 0));
    // Nothing is told anew of what is known, and of words alone.
    call(&["note", "it was a plug-in", "--entry", "initech/db"]).ok();
    assert_eq!(state(), "open");
    call(&["note", "the other host too", "--host", "other.example"])
        .ok()
        .tells("  initech/other\n")
        .tells("2. call initech, then: ");
    assert_eq!(state(), "untold");
    let told = untold();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("initech was not told of what was found later of incident"),
        "{told:?}"
    );
    let close = ["close", "--cause", "a", "--measures", "b", "--yes"];
    call(&close)
        .fails(6)
        .says("initech was not told of what was found later of incident")
        .hints(" initech --by HOW");
    call(&["notice", "--client", "initech", "--out", "-"])
        .ok()
        .tells("once they were told of what was found later: vault incident told ")
        .hides("call first");
    call(&["show"])
        .ok()
        .shows("not told of what was found later: you know since ");
    // A time before it was known tells nobody of it.
    call(&["told", "initech", "--by", "mail", "--at", "1d"])
        .ok()
        .tells("initech is still to be told of what was found later");
    assert_eq!(state(), "untold");
    call(&["told", "--all", "--by", "mail"])
        .ok()
        .tells("initech was told")
        .hides("acme")
        .hides("still to be told");
    assert_eq!((state(), untold().len()), (json!("open"), 0));
    call(&["show"]).ok().shows(", again on ").shows(" by mail");
    let shown = call(&["show", "--json"]).ok().json();
    assert_eq!(shown["clients"][2]["untold"], false);
    assert_eq!(shown["clients"][2]["again"].as_array().unwrap().len(), 2);
    call(&close).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn of_a_client_who_was_reached_later_it_is_known_since_then() {
    let env = three();
    let id = open(&env);
    let call = |args: &[&str]| env.call(&[&["incident", args[0], &id], &args[1..]].concat());
    let note = ["note", "--entry", "initech/db"];
    let at = |time: &'static str| [&note[..], &["--aware", time]].concat();
    call(&at("2025-12-31T09:00:00Z"))
        .fails(2)
        .says("--aware is before");
    call(&at("2999-01-01T09:00:00Z"))
        .fails(2)
        .says("in the future");
    call(&["note", "x", "--aware", "1h"])
        .fails(2)
        .says("what else was hit");
    call(&at("2026-02-03T09:00:00Z")).ok();
    call(&["note", "--entry", "globex/mail"]).ok();
    let shown = call(&["show", "--json"]).ok().json();
    assert_eq!(shown["aware"], "2026-01-01T09:00:00Z");
    let aware = |n: usize| shown["clients"][n]["aware"].clone();
    assert_eq!(aware(0), "2026-01-01T09:00:00Z");
    assert_eq!(
        aware(1),
        "2026-01-01T09:00:00Z",
        "reached at once, by the secret"
    );
    assert_eq!(aware(2), "2026-02-03T09:00:00Z");
    let letter = |client: &str| call(&["notice", "--client", client, "--out", "-"]).ok();
    letter("acme").shows("1 January 2026");
    letter("initech")
        .shows("3 February 2026")
        .hides("1 January 2026");
    // They were called before it was entered.
    let told = ["told", "initech", "--by", "phone", "--at"];
    call(&[&told[..], &["2026-02-03T08:00:00Z"]].concat())
        .ok()
        .hides("still to be told");
}

#[test]
fn the_letter_asks_to_call_only_those_whom_it_goes_to() {
    let env = three();
    let id = open(&env);
    let letter = |client: &str| {
        env.call(&["incident", "notice", &id, "--client", client, "--out", "-"])
            .ok()
    };
    letter("globex").tells(" globex --by phone").hides(" acme ");
    env.call(&["incident", "told", &id, "globex", "--by", "phone"])
        .ok();
    letter("globex").hides("hint: ");
    let all = ["incident", "notice", &id, "--all", "--out", "letters"];
    env.call(&all)
        .ok()
        .tells(" acme --by phone")
        .hides(" globex ");
}

#[test]
fn closing_names_all_who_were_not_told() {
    let env = three();
    let id = open(&env);
    let close = ["incident", "close", &id, "--cause", "a", "--measures", "b"];
    env.call(&[&close[..], &["--yes"]].concat())
        .fails(6)
        .says("acme, globex were not told of incident ")
        .hints(" --all --by HOW");
}

#[test]
fn of_a_contact_lost_keys_are_named_whatever_is_reached() {
    let (env, _bob) = consented();
    let open = ["incident", "open", "laptop gone", "--contact", "bob"];
    env.call(&open)
        .ok()
        .tells("It reaches nothing")
        .tells("vault contact lost bob")
        .tells("to close it: vault incident close ");
}

#[test]
fn an_update_that_was_wrong_is_withdrawn_and_keeps_its_number() {
    let env = three();
    let id = open(&env);
    let note = |more: &[&str]| env.call(&[&["incident", "note", &id], more].concat());
    note(&["by a plug-in"]).ok();
    note(&["nothing was read"]).ok();
    note(&["--withdraw", "3"]).fails(3).says("has no update 3");
    note(&["x", "--withdraw", "2"]).fails(2);
    note(&["--withdraw", "2"]).ok();
    note(&["--withdraw", "2"]).fails(3);
    note(&["they read"]).ok();
    let letter = ["incident", "notice", &id, "--client", "acme", "--out", "-"];
    env.call(&letter)
        .ok()
        .shows("1. ")
        .shows("4. ")
        .shows("they read.")
        .hides("nothing was read")
        .hides("2. ")
        .hides("3. ");
    env.call(&["incident", "show", &id])
        .ok()
        .shows("by a plug-in")
        .hides("nothing was read");
}

#[test]
fn several_clients_are_told_at_once_or_all_who_were_not_yet() {
    let env = three();
    let id = open(&env);
    let told =
        |more: &[&str]| env.call(&[&["incident", "told", &id, "--by", "phone"], more].concat());
    told(&[]).fails(2);
    told(&["acme", "--client", "initech"])
        .fails(2)
        .says("reaches nothing of theirs");
    told(&["acme", "--all"]).fails(2);
    told(&["acme", "--at", "2026-01-02T10:00:00Z"]).ok();
    told(&["--all"])
        .ok()
        .tells("globex was told; their 72 hours end on ")
        .hides("acme");
    told(&["--all"]).ok().tells("nobody is left to be told");
    told(&["acme", "globex", "acme"])
        .ok()
        .tells("acme was told")
        .tells("globex was told");
    let shown = env.call(&["incident", "show", &id, "--json"]).ok().json();
    assert_eq!(shown["clients"][0]["told"], "2026-01-02T10:00:00Z");
}

#[test]
fn a_word_that_is_a_surname_too_and_a_mail_provider_name_nobody() {
    let env = three();
    let person = "Jo Best <jo.best@gmail.com>";
    env.call(&["client", "edit", "globex", "--person", person])
        .ok();
    env.call(&[
        "add",
        "globex/box",
        "--url",
        "https://mail.gmx.net",
        "-u",
        "jo",
    ])
    .stdin("Kx92-aPq1-wm3T")
    .ok();
    let open = |text: &str| env.call(&["incident", "open", text, "--host", "host.example"]);
    for text in [
        "Best was called at night",
        "they had the laptop of Best",
        "we asked mr best",
        "jo best has a new number",
        "a mail to jo.best@gmail.com",
    ] {
        open(text).fails(6).says("globex");
    }
    open("Best was called").fails(6).hints("in small letters");
    for text in [
        "the best guess is a mail from gmail.com",
        "a login at mail.gmx.net",
    ] {
        open(text).ok();
    }
}

#[test]
fn of_many_who_were_not_told_five_are_named() {
    let env = TestEnv::ready();
    for client in 1..=7 {
        let path = format!("c{client}/shop");
        env.call(&["add", &path, "--url", "https://shop.host.example"])
            .stdin(format!("own-Canary-{client}"))
            .ok();
    }
    let id = open(&env);
    let close = ["incident", "close", &id, "--cause", "a", "--measures", "b"];
    env.call(&[&close[..], &["--yes"]].concat())
        .fails(6)
        .says("c1, c2, c3, c4, c5 and 2 more were not told of incident")
        .hints("--all --by HOW");
}

#[test]
fn what_leaked_and_is_put_into_another_entry_is_said_at_once_and_comes_to_the_incident() {
    let env = three();
    let id = open(&env);
    for entry in ["acme/shop", "globex/mail"] {
        env.call(&["rotate", entry, "--stdin"])
            .stdin(format!("new of {entry}"))
            .ok();
    }
    let show = ["incident", "show", &id, "--json"];
    let before = env.call(&show).ok().json();
    assert_eq!(before["affected"].as_array().unwrap().len(), 2);

    let leaked = "Common-canary-7153";
    let told = format!(
        "the secret is known to others: reached by incident {}",
        number(&id)
    );
    let added = env.call(&["add", "initech/wiki", "--json"]).stdin(leaked);
    let added = added.ok().tells("vault rotate initech/wiki").json();
    let warnings = added["warnings"].to_string();
    assert!(
        warnings.contains(&format!("initech/wiki: {told}")),
        "{warnings}"
    );
    env.call(&["edit", "initech/db", "--secret"])
        .stdin(leaked)
        .ok()
        .tells(&format!("initech/db: {told}"))
        .hides("initech/wiki");
    // What was known before is not said again.
    env.call(&["add", "acme/other"])
        .stdin("kX3-other-91")
        .ok()
        .hides("is known");

    let shown = env.call(&show).ok().json();
    let affected = shown["affected"].as_array().unwrap();
    let later = affected.iter().filter(|it| it["later"] == true);
    let paths: Vec<&str> = later.map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["initech/db", "initech/wiki"]);
    env.call(&["incident", "show", &id])
        .ok()
        .tells("vault incident note");
    env.call(&["incident", "note", &id, "seen again"])
        .ok()
        .tells("initech/wiki");
    let untold = env.call(&["status", "--json"]).ok().json();
    let untold = untold["due"].to_string();
    assert!(untold.contains("initech was not told of"), "{untold}");
    let due = ["rotate", "--due", "--incident", &id, "--exec", "true"];
    env.call(&due).ok();
    let shown = env.call(&show).ok().json();
    for it in shown["affected"].as_array().unwrap() {
        let state = (&it["state"], &it["later"]);
        assert_eq!(state, (&json!("changed"), &json!(false)), "{it}");
    }
}

/// Whoever changes first, as the hints say, and calls then is still reminded of all whom it concerns.
#[test]
fn a_client_whose_secret_was_changed_before_anybody_called_is_told_all_the_same() {
    let env = three();
    let id = open(&env);
    env.call(&["add", "zenith/ftp"])
        .stdin("Common-canary-7153")
        .ok()
        .tells("reached by incident");
    env.call(&["rotate", "zenith/ftp", "--generate", "--yes"])
        .ok();
    let told = ["incident", "told", &id, "--all", "--by", "phone"];
    env.call(&told).ok();
    let close = ["incident", "close", &id, "--cause", "a", "--measures", "b"];
    let refused = env.call(&[&close[..], &["--yes"]].concat()).fails(6);
    refused.says("zenith");
    let shown = env.call(&["incident", "show", &id]).ok();
    shown.shows("zenith/ftp").shows("changed");
}

#[test]
fn what_reaches_nothing_sends_nobody_to_change_anything() {
    let env = three();
    let opened = env.call(&[
        "incident",
        "open",
        "A list",
        "--email",
        "nobody@nowhere.example",
    ]);
    opened.ok().tells("reaches nothing").hides("rotate --due");
}

#[test]
fn who_was_given_the_same_secret_with_another_entry_was_not_passed_this_one() {
    let (env, _) = consented();
    env.me();
    let wp = env.call(&["get", "acme/wp"]).ok();
    env.call(&["rotate", "globex/mail", "--stdin"])
        .stdin(wp.text())
        .ok();
    share(&env, &["acme/wp"]);
    env.call(&["incident", "open", "x", "--entry", "globex/mail"])
        .ok()
        .tells("globex/mail; also known to bob");
    let all = env.call(&["incident", "list", "--json"]).ok().json();
    let id = all[0]["id"].as_str().unwrap();
    env.call(&["incident", "notice", id, "--all", "--out", "letters"])
        .ok();
    let letters = fs::read_dir(env.path("letters")).unwrap();
    let mut all: Vec<String> = letters
        .map(|it| fs::read_to_string(it.unwrap().path()).unwrap())
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    all.retain(|text| text.contains("to nobody; bob was given something else"));
    assert_eq!(all.len(), 1);
    assert!(!all[0].contains("acme"), "{all:?}");
}
