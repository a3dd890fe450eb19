//! `consent`: what clients have permitted, as it is filed, shown and withdrawn.

use std::fs;
use std::thread;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::support::env::{TestEnv, has_keys, mode_of, number};

const HOSTILE: &str = "a\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}txt\r\nconsent: given";

/// Two clients with entries, and the contact bob.
pub(crate) fn office() -> TestEnv {
    TestEnv::copied("consent", furnish)
}

/// Two clients with entries, and bob.
pub(crate) fn furnish(env: &TestEnv) {
    for (path, secret) in [
        ("acme/wp", "s3cret-wp"),
        ("acme/shop/db", "s3cret-db"),
        ("globex/mail", "s3cret-mail"),
    ] {
        env.add(path, secret);
    }
    env.call(&["contact", "add", "bob", "--email", "bob@studio.example"])
        .ok();
    env.takes_notes_of("acme");
    env.takes_notes_of("globex");
    env.me();
}

/// `consent add acme …` with a note, and `more`.
fn with_note(more: &[&str]) -> Vec<String> {
    let base = "consent add acme --to bob --purpose shop --by Jo --note phone";
    let base = base.split(' ').map(ToOwned::to_owned);
    base.chain(more.iter().map(|arg| (*arg).to_owned()))
        .collect()
}

fn add(env: &TestEnv, more: &[&str]) -> String {
    let mut args = with_note(more);
    args.push("--json".into());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let answer = env.call(&args).ok().json();
    answer["changed"][0].as_str().unwrap().to_owned()
}

#[track_caller]
fn add_fails(env: &TestEnv, more: &[&str], code: i32, says: &str) {
    let args = with_note(more);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    env.call(&args).fails(code).says(says);
}

pub(crate) fn show(env: &TestEnv, id: &str) -> Value {
    env.call(&["consent", "show", id, "--json"]).ok().json()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether two times are the same but for how long a test takes.
fn is_about(time: Timestamp, other: Timestamp) -> bool {
    (time.as_second() - other.as_second()).abs() < 120
}

fn in_days(days: i64) -> Timestamp {
    Timestamp::now() + (24 * days).hours()
}

#[test]
fn a_note_makes_an_attested_consent_and_all_of_it_is_shown() {
    let env = office();
    let args = [
        "--scope",
        "acme/wp",
        "acme/shop/*",
        "--field",
        "username",
        "--field",
        "secret",
        "--expires",
        "2099-06-30",
    ];
    let id = add(&env, &args);
    let shown = show(&env, &id);
    assert_eq!(shown["id"], id);
    assert_eq!(shown["client"], "acme");
    assert_eq!(shown["to"], json!(["bob"]));
    assert_eq!(shown["scope"], json!(["acme/wp", "acme/shop/*"]));
    assert_eq!(shown["fields"], json!(["secret", "username"]));
    assert_eq!(shown["purpose"], "shop");
    assert_eq!(shown["by"], "Jo");
    assert_eq!(shown["assurance"], "attested");
    assert_eq!(shown["state"], "given");
    assert_eq!(shown["expires"], "2099-06-30T23:59:59Z");
    assert!(is_about(time(&shown["not_before"]), Timestamp::now()));
    assert_eq!(shown["evidence"][0]["kind"], "note");
    assert_eq!(shown["evidence"][0]["note"], "phone");
    assert_eq!(shown["events"][0]["state"], "given");
    let text = env.call(&["consent", "show", &id[..6]]).ok();
    text.shows("acme/shop/*")
        .shows("note: phone")
        .shows("attested");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn consents_are_listed_with_stable_keys() {
    let env = office();
    env.call(&["consent", "list"])
        .ok()
        .prints("")
        .tells("vault consent request");
    let id = add(&env, &["--scope", "acme/wp"]);
    let list = env.call(&["consent", "list", "--json"]).ok().json();
    let keys = [
        "id",
        "client",
        "to",
        "scope",
        "fields",
        "purpose",
        "by",
        "assurance",
        "state",
        "not_before",
        "expires",
    ];
    has_keys(&list[0], &keys);
    assert_eq!(list[0]["id"], id);
    assert_eq!(list[0]["fields"], json!([]));
    let of = |client: &str| env.call(&["consent", "ls", client]).ok();
    of("acme").shows(&number(&id)).shows("attested");
    of("globex").prints("");
    env.call(&["consent", "list", "nobody"]).fails(3);
}

#[test]
fn evidence_is_kept_with_its_hash_and_comes_back_as_it_was() {
    let env = office();
    let pdf = env.file("contract.pdf", b"%PDF-1.4\x00\xff\n");
    let base = "consent add acme --to bob --scope acme/wp --purpose shop --by Jo --json";
    let mut args: Vec<&str> = base.split(' ').collect();
    args.extend(["--evidence", &pdf, "--method", "contract"]);
    let id = env.call(&args).ok().json()["changed"][0].clone();
    let id = id.as_str().unwrap();
    let shown = show(&env, id);
    assert_eq!(shown["assurance"], "document");
    assert_eq!(shown["method"], "contract");
    let evidence = &shown["evidence"][0];
    assert_eq!(evidence["media_type"], "application/pdf");
    let hash = "eb4d5b9987fc0755b683bb729a64ff90d4baba4ca69fd33d22c29cbb78adcbdf";
    assert_eq!(evidence["sha256"], hash);
    env.call(&["consent", "show", id])
        .ok()
        .shows("contract.pdf");
    let out = env.path("papers");
    let write = |out: &str| env.call(&["consent", "show", id, "--evidence", out]);
    write(&out).ok().tells("readable by you only");
    let path = env.work().join("papers/contract.pdf");
    assert_eq!(fs::read(&path).unwrap(), b"%PDF-1.4\x00\xff\n");
    assert_eq!(mode_of(&path), 0o600);
    write(&out).fails(7).says("already exists");
    write("-").fails(2);
    let log = env.call(&["log", "--json"]).ok().json();
    let reveals = log.as_array().unwrap().iter();
    let reveals = reveals.filter(|event| event["action"] == "reveal");
    assert_eq!(reveals.filter(|e| e["subject"][0] == id).count(), 1);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn what_cannot_be_evidence_is_refused() {
    let env = office();
    let base = "consent add acme --to bob --scope acme/wp --purpose shop --by Jo";
    let add = |more: &[&str], says: &str| {
        let args: Vec<&str> = base.split(' ').chain(more.iter().copied()).collect();
        env.call(&args).fails(2).says(says);
    };
    let large = env.file("large", vec![1; 10 << 20]);
    let empty = env.file("empty", "");
    add(&["--evidence", &large], "limit");
    add(&["--evidence", &empty], "is empty");
    add(&["--evidence", "nowhere"], "nowhere");
    add(
        &["--evidence", env.work().to_str().unwrap()],
        "regular file",
    );
    add(&[], "nothing shows this consent");
    add(&["--note", " "], "the note says nothing");
    add(
        &["--note", "x", "--evidence", &empty],
        "cannot be used with",
    );
    add(&["--note", "x", "--method", "email"], "cannot be used with");
}

#[test]
fn without_an_end_what_is_noted_ends_after_7_days_and_a_document_after_90() {
    let env = office();
    let args = with_note(&["--scope", "acme/wp"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    env.call(&args).ok().tells("7 days").tells("--expires");
    let list = env.call(&["consent", "list", "--json"]).ok().json();
    assert!(is_about(time(&list[0]["expires"]), in_days(7)));
    let pdf = env.file("contract.pdf", "%PDF-1.4");
    let base = "consent add acme --to bob --purpose x --by Jo --scope acme/wp --evidence";
    let args: Vec<&str> = base.split(' ').chain([pdf.as_str()]).collect();
    env.call(&args).ok().tells("90 days");
    let list = env.call(&["consent", "list", "--json"]).ok().json();
    assert!(is_about(time(&list[1]["expires"]), in_days(90)));
}

#[test]
fn beginnings_and_ends_go_together_or_not_at_all() {
    let env = office();
    let dates = |more: &[&str]| {
        let args = [&["--scope", "acme/wp"], more].concat();
        let shown = show(&env, &add(&env, &args));
        (time(&shown["not_before"]), time(&shown["expires"]))
    };
    let (from, to) = dates(&["--from", "2099-01-01", "--expires", "2099-06-30"]);
    assert_eq!(from.to_string(), "2099-01-01T00:00:00Z");
    assert_eq!(to.to_string(), "2099-06-30T23:59:59Z");
    let (from, to) = dates(&["--from", "30d"]);
    assert!(is_about(from, in_days(30)) && is_about(to, in_days(37)));
    let (from, to) = dates(&["--from", "2020-01-01"]);
    assert_eq!(from.to_string(), "2020-01-01T00:00:00Z");
    assert!(is_about(to, in_days(7)));
    let scope = ["--scope", "acme/wp"];
    let fails = |more: &[&str], says| add_fails(&env, &[&scope, more].concat(), 2, says);
    fails(&["--expires", "2020-01-01"], "past");
    fails(&["--from", "60d", "--expires", "30d"], "before it begins");
    fails(&["--from", "tomorrow"], "a point in time is");
    fails(&["--expires", "0d"], "a point in time is");
}

#[test]
fn one_that_is_over_is_expired_and_one_to_come_is_given() {
    let env = office();
    let over = add(&env, &["--scope", "acme/wp", "--expires", "1s"]);
    let later = add(&env, &["--scope", "acme/wp", "--from", "10d"]);
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(show(&env, &over)["state"], "expired");
    assert_eq!(show(&env, &later)["state"], "given");
    env.call(&["consent", "list"])
        .ok()
        .shows("begins in 10 days");
}

#[test]
fn a_request_that_nobody_answered_in_time_has_lapsed() {
    let env = office();
    env.me();
    let ask = "consent request acme --to bob --scope acme/wp --purpose x --expires 2s --json";
    let ask: Vec<&str> = ask.split(' ').collect();
    let asked = env.call(&ask).ok().json()["changed"][0].clone();
    let asked = asked.as_str().unwrap();
    assert_eq!(show(&env, asked)["state"], "requested");
    thread::sleep(Duration::from_millis(2100));
    assert_eq!(show(&env, asked)["state"], "lapsed");
    env.call(&["consent", "list"]).ok().shows("lapsed");
    env.call(&["share", "acme/wp", "--to", "bob", "--passphrase"])
        .fails(6)
        .says("asked for a time that ended on");
    let renew = ["consent", "renew", asked, "--expires", "30d"];
    env.call(&renew)
        .fails(6)
        .says("is lapsed, and cannot be renewed");
}

#[test]
fn what_is_not_said_is_named() {
    let env = office();
    let all = [
        ("--to", "bob"),
        ("--scope", "acme/wp"),
        ("--purpose", "shop"),
        ("--by", "Jo"),
        ("--note", "phone"),
    ];
    for (left_out, _) in all {
        let mut args = vec!["consent", "add", "acme"];
        for (option, value) in all.iter().filter(|(option, _)| *option != left_out) {
            args.extend([option, value]);
        }
        env.call(&args).fails(2).hints(left_out);
    }
    add_fails(&env, &["--scope", "acme/wp", "--by", ""], 2, "--by");
    let long = "x".repeat(501);
    let mut args = "consent add acme --to bob --scope acme/wp --by Jo --note x --purpose"
        .split(' ')
        .collect::<Vec<_>>();
    args.push(&long);
    env.call(&args).fails(2).says("limit is 500");
    *args.last_mut().unwrap() = "  ";
    env.call(&args).fails(2).says("purpose is empty");
}

#[test]
fn names_that_nobody_has_are_not_found() {
    let env = office();
    let call = |client: &str, to: &str, scope: &str| {
        let args = [
            "consent",
            "add",
            client,
            "--to",
            to,
            "--scope",
            scope,
            "--purpose",
            "x",
            "--by",
            "Jo",
            "--note",
            "x",
        ];
        env.call(&args).fails(3)
    };
    call("acmee", "bob", "acmee/wp").hints("did you mean acme?");
    call("acme", "bub", "acme/wp").hints("did you mean bob?");
    call("acme", "zoe", "acme/wp").hints("vault contact add zoe");
    call("acme", "bob", "acme/wq").hints("did you mean acme/wp?");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    call("acme", "bob", "acme/wp").hints("trash");
}

#[test]
fn a_scope_that_reaches_outside_the_client_is_refused_and_logged() {
    let env = office();
    for scope in ["globex/mail", "globex/*", "acmes/**"] {
        add_fails(&env, &["--scope", "acme/wp", scope], 6, "not acme's");
        let request = [
            "consent",
            "request",
            "acme",
            "--to",
            "bob",
            "--purpose",
            "x",
            "--scope",
            scope,
        ];
        env.call(&request).fails(6).says("not acme's");
    }
    assert_eq!(
        env.call(&["consent", "list", "--json"]).ok().json(),
        json!([])
    );
    let log = env.call(&["log", "--client", "acme", "--json"]).ok().json();
    let refused = log.as_array().unwrap().iter();
    assert_eq!(refused.filter(|e| e["action"] == "refuse").count(), 3);
}

#[test]
fn patterns_stay_within_one_client() {
    let env = office();
    for bad in [
        "*",
        "*/wp",
        "**",
        "ac*/wp",
        "acme",
        "acme/***",
        "acme/x**",
        "acme/[a]",
        "acme/{a,b}",
        "acme/?",
        "acme/../*",
        "",
    ] {
        add_fails(&env, &["--scope", bad], 2, "--scope");
    }
    for bad in [
        "tags",
        "Secret",
        "attachment:",
        "a/b",
        "",
        "attachment:../x",
    ] {
        add_fails(&env, &["--scope", "acme/wp", "--field", bad], 2, "--field");
    }
}

#[test]
fn what_patterns_and_fields_miss_is_said() {
    let env = office();
    let call = |more: &[&str]| {
        let args = with_note(more);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        env.call(&args).ok()
    };
    call(&["--scope", "acme/**"]).tells("acme/** covers 2 entries");
    call(&["--scope", "acme/new/*"]).tells("covers no entry now");
    call(&["--scope", "acme/*", "--field", "pni"]).tells("no entry in the scope has a field pni");
    env.call(&["edit", "acme/wp", "--field", "customer=7"]).ok();
    call(&["--scope", "acme/*", "--field", "customer"]).hides("no entry");
}

#[test]
fn a_client_can_ask_for_more_than_a_note() {
    let env = office();
    let least = |level: &str| {
        env.call(&["client", "edit", "acme", "--min-assurance", level])
            .ok();
    };
    let document = || {
        let file = env.file("mail.txt", "yes");
        let base = "consent add acme --to bob --scope acme/wp --purpose x --by Jo --evidence";
        let mut args: Vec<String> = base.split(' ').map(ToOwned::to_owned).collect();
        args.push(file);
        args
    };
    let call = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        env.call(&args)
    };
    let note = || with_note(&["--scope", "acme/wp"]);
    least("document");
    call(note()).fails(6).hints("--evidence FILE");
    call(document()).ok();
    least("signed");
    call(note()).fails(6).hints("vault consent request acme");
    call(document()).fails(6).says("at least signed");
}

#[test]
fn withdrawing_takes_one_command() {
    let env = office();
    let id = add(&env, &["--scope", "acme/wp"]);
    let withdraw = [
        "consent",
        "withdraw",
        &number(&id),
        "--reason",
        "mail of Jo",
    ];
    env.call(&withdraw).ok().tells("withdrew consent");
    let shown = show(&env, &id);
    assert_eq!(shown["state"], "withdrawn");
    assert_eq!(shown["events"][1]["state"], "withdrawn");
    assert_eq!(shown["events"][1]["reason"], "mail of Jo");
    env.call(&["consent", "show", &id]).ok().shows("mail of Jo");
    let generation = env.generation();
    let again = env.call(&["consent", "withdraw", &id, "--json"]).ok();
    assert_eq!(again.json()["changed"], json!([]));
    assert_eq!(env.generation(), generation);
    let log = env.call(&["log", "--json"]).ok();
    log.shows("\"withdraw\"").hides("mail of Jo");
}

#[test]
fn ids_are_found_by_their_start() {
    let env = office();
    let id = add(&env, &["--scope", "acme/wp"]);
    for start in [&id[..4], &number(&id), &id[..13], &id, &id.to_uppercase()] {
        assert_eq!(show(&env, start)["id"], id);
    }
    env.call(&["consent", "show", &id[..3]]).fails(2).says("4");
    env.call(&["consent", "show", "xyzw"])
        .fails(2)
        .says("hexadecimal");
    let other = if id.starts_with("0000") {
        "1111"
    } else {
        "0000"
    };
    for command in ["show", "withdraw"] {
        env.call(&["consent", command, other])
            .fails(3)
            .hints("vault consent list");
    }
}

#[test]
fn an_entry_that_goes_to_another_client_leaves_the_consent() {
    let env = office();
    let id = add(&env, &["--scope", "acme/wp", "acme/shop/db"]);
    env.call(&["mv", "acme/wp", "globex/wp"]).ok();
    env.call(&["mv", "acme/shop/db", "acme/database"]).ok();
    assert_eq!(show(&env, &id)["scope"], json!(["acme/database"]));
}

#[test]
fn a_contact_who_was_removed_keeps_the_name_in_what_was() {
    let env = office();
    let id = add(&env, &["--scope", "acme/wp"]);
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    assert_eq!(show(&env, &id)["to"], json!(["bob"]));
    env.call(&["contact", "add", "bob"]).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn the_log_of_a_client_has_its_consents_and_no_words_of_them() {
    let env = office();
    let id = add(&env, &["--scope", "acme/wp"]);
    let log = |client: &str| env.call(&["log", "--client", client, "--json"]).ok();
    let acme = log("acme").json();
    let mut consents = acme.as_array().unwrap().iter();
    let event = consents.find(|event| event["action"] == "consent").unwrap();
    assert_eq!(event["subject"], json!([id]));
    assert_eq!(event["detail"]["assurance"], "attested");
    log("acme").hides("phone");
    log("globex").hides(&id);
    env.call(&["log", "--no-pager"])
        .ok()
        .shows("for contact bob");
}

#[test]
fn what_was_said_cannot_drive_the_terminal() {
    let env = office();
    let args = [
        "consent",
        "add",
        "acme",
        "--to",
        "bob",
        "--scope",
        "acme/wp",
        "--purpose",
        HOSTILE,
        "--by",
        HOSTILE,
        "--note",
        HOSTILE,
    ];
    env.call(&args).ok();
    let list = env.call(&["consent", "list", "--json"]).ok().json();
    let id = list[0]["id"].as_str().unwrap();
    env.call(&["consent", "withdraw", id, "--reason", HOSTILE])
        .ok();
    let password = env.password_file();
    let script = format!(
        "export VAULT_PASSWORD_FILE={}; vault consent list; vault consent show {id}; vault consent show {id} --json",
        password.display()
    );
    let mut terminal = env.terminal(&script);
    let seen = terminal.ends().replace(['\n', '\r'], "");
    let wild = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}');
    let seen = seen
        .replace("\u{1b}[1m", "")
        .replace("\u{1b}[2m", "")
        .replace("\u{1b}[0m", "");
    assert!(!seen.contains(wild), "{seen:?}");
    assert!(seen.contains("\\x1b[2J"), "{seen:?}");
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let missing = env.call(&["consent", "add", "acme"]).fails(2);
    missing.says("--to, --scope, --purpose, --by and --evidence are missing");
    missing.hints("--scope 'acme/*' --purpose 'fix the shop' --by 'Jo Doe' --evidence FILE");
    let args = ["consent", "request", "acme", "--scope", "acme/wp"];
    let missing = env.call(&args).fails(2);
    missing.says("--to and --purpose are missing");
    let unnamed = env
        .call(&["consent", "request", "acme", "acme/wp"])
        .fails(2);
    unnamed.hints("--scope acme/wordpress");
}

#[test]
fn consents_are_listed_by_whom_they_are_for() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.takes_notes_of("acme");
    for name in ["bob", "eve"] {
        env.call(&["contact", "add", name]).ok();
        let add = ["consent", "add", "acme", "--to", name, "--scope", "acme/wp"];
        let how = ["--purpose", "x", "--by", "Jo", "--note", "on the phone"];
        env.call(&[&add[..], &how].concat()).ok();
    }
    let list = env.call(&["consent", "list", "--to", "eve", "--json"]).ok();
    let list = list.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["to"], json!(["eve"]));
    env.call(&["consent", "list", "--to", "dan"]).fails(3);
}

#[test]
fn the_list_tells_what_was_covered_of_what_is_gone() {
    let env = office();
    add(&env, &["--scope", "acme/wp"]);
    env.call(&["consent", "list"])
        .ok()
        .shows("acme/wp")
        .hides("no longer");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.call(&["consent", "list"])
        .ok()
        .shows("acme/wp (no longer)");
}
