//! `report`: what a client is told of what is theirs.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::sharing::both_sides::Two;
use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TestEnv, has_keys, mode_of, number};

/// A client with everything: kept, shared, ended, refused, used and an incident; and two others.
/// `words` stands wherever somebody's own words stand.
pub(crate) fn story(words: &str) -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "canary-one"), ("acme/shop", "canary-two")]);
    env.me();
    let run = |args: &[&str]| env.call(args).ok();
    run(&[
        "edit",
        "acme/wp",
        "-u",
        words,
        "--url",
        "https://acme.example/admin",
        "--notes",
        "canary-notes",
        "--field",
        "site=canary-site",
    ]);
    env.call(&["edit", "acme/wp", "--secret-field", "pin"])
        .stdin("canary-pin")
        .ok();
    run(&[
        "client", "edit", "acme", "--name", "Acme Ltd", "--rules", words,
    ]);
    run(&[
        "client",
        "edit",
        "acme",
        "--person",
        "Anna Ames <anna@acme.example>",
    ]);
    // Others become clients after that was written.
    run(&["incident", "open", words, "--entry", "acme/wp"]);
    env.add("zenith/web", "canary-three");
    env.add("globex/mail", "canary-four");
    run(&["client", "edit", "zenith", "--name", "Zenith GmbH"]);
    run(&[
        "client",
        "edit",
        "zenith",
        "--person",
        "Tom Zeller <tom@zenith.example>",
    ]);
    for client in ["acme", "zenith"] {
        env.takes_notes_of(client);
    }
    run(&[
        "contact",
        "add",
        "bob",
        "--full-name",
        "Bob Müller",
        "--role",
        words,
    ]);
    let given = |client: &str, purpose: &str| {
        let scope = format!("{client}/*");
        run(&[
            "consent",
            "add",
            client,
            "--to",
            "bob",
            "--by",
            "Anna Ames",
            "--purpose",
            purpose,
            "--note",
            words,
            "--scope",
            &scope,
            "--expires",
            "90d",
        ]);
    };
    given("acme", words);
    given("zenith", "the web site of Zenith");
    let pass = "six-words-that-nobody-will-ever-guess-here";
    for (entry, file) in [
        ("acme/wp", "1.age"),
        ("acme/shop", "2.age"),
        ("zenith/web", "3.age"),
    ] {
        env.call(&["share", entry, "--to", "bob", "--passphrase", "--out", file])
            .stdin(pass)
            .ok();
    }
    let shares = run(&["shares", "acme/shop", "--json"]).json();
    let shop = shares[0]["id"].as_str().unwrap().to_owned();
    run(&["revoke", &shop, "--reason", words]);
    run(&["contact", "add", "eve", "--full-name", "Eve Early"]);
    env.call(&[
        "share",
        "acme/wp",
        "--to",
        "eve",
        "--passphrase",
        "--out",
        "4.age",
    ])
    .stdin(pass)
    .fails(6);
    run(&["get", "acme/wp"]);
    run(&["get", "zenith/web"]);
    env
}

/// A report in a format, as it goes to stdout.
fn report(env: &TestEnv, client: &str, more: &[&str]) -> String {
    let args = [&["report", client], more].concat();
    env.call(&args).ok().text().to_owned()
}

/// Markdown without the characters that a backslash takes the meaning of.
fn unescaped(markdown: &str) -> String {
    let mut chars = markdown.chars();
    let mut bare = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c => bare.push(c),
        }
    }
    bare
}

#[test]
fn a_client_is_told_in_a_sentence_who_can_know_what_and_whether_it_was_allowed() {
    let two = Two::new();
    two.alice.me();
    let lead = || {
        let text = report(&two.alice, "acme", &[]);
        let lead = text.lines().find(|line| line.starts_with("**"));
        lead.unwrap().trim_matches('*').to_owned()
    };
    assert_eq!(
        lead(),
        "I keep 2 logins for you; as far as I know, nobody beside you and me can know any of them today."
    );
    two.alice.call(&["consent", "withdraw", "acme"]).ok();
    let mail = two.alice.file("yes.eml", "From: a@acme.example\n\nyes\n");
    two.alice
        .call(&[
            "consent",
            "add",
            "acme",
            "--to",
            "bob",
            "--scope",
            "acme/db",
            "--purpose",
            "move it",
            "--by",
            "Ann",
            "--evidence",
            &mail,
            "--expires",
            "90d",
        ])
        .ok();
    two.alice
        .call(&["share", "acme/db", "--to", "bob", "--out", "db.age"])
        .ok();
    assert_eq!(
        lead(),
        "1 person beside you and me can know 1 of the 2 logins of yours that I have on record; \
         everything was allowed by you."
    );
    let shares = two.alice.call(&["shares", "--json"]).ok().json();
    let id = shares[0]["id"].as_str().unwrap();
    two.alice.call(&["revoke", id]).ok();
    assert!(lead().ends_with("not everything is as you allowed it."));
    let told = report(&two.alice, "acme", &[]);
    assert!(
        told.contains("- 1 person still knows something although the time for it is over."),
        "{told}"
    );
    assert!(
        told.contains("Changed since?: no: they still know it"),
        "{told}"
    );
    two.alice
        .call(&["rotate", "acme/db", "--stdin", "--yes"])
        .stdin("another")
        .ok();
    assert!(lead().contains("nobody beside you and me"), "{}", lead());
    let told = report(&two.alice, "acme", &[]);
    assert!(told.contains("Changed since?: yes, on "), "{told}");
}

#[test]
fn every_part_stands_in_every_format_and_language_and_no_secret_in_any() {
    let env = story("for the shop");
    for format in ["md", "html", "json"] {
        for lang in ["en", "de"] {
            let text = report(&env, "acme", &["--format", format, "--lang", lang]);
            assert!(!text.contains("canary"), "{text}");
            if format != "json" {
                let parts = (1..=11).all(|at| {
                    text.contains(&format!("## {at}. ")) || text.contains(&format!(">{at}. "))
                });
                assert!(parts, "{text}");
            }
        }
    }
    let summary: Value = serde_json::from_str(&report(&env, "acme", &["--json"])).unwrap();
    has_keys(
        &summary,
        &[
            "client",
            "from",
            "lang",
            "made",
            "private",
            "key",
            "since",
            "verdict",
            "entries",
            "access",
            "handed_over",
            "ended",
            "used",
            "refused",
            "rules",
            "incidents",
            "retention",
            "permissions",
            "requests",
            "heads",
        ],
    );
    let verdict = json!({
        "entries": 2, "people": 1, "known": 2, "unpermitted": 0, "over": 1, "lenders": 0,
        "by_word": 1, "strangers": 1,
    });
    assert_eq!(summary["verdict"], verdict);
    assert_eq!(summary["access"].as_array().unwrap().len(), 2);
    assert_eq!(summary["ended"][0]["change"], "unchanged");
    assert_eq!(summary["used"][0]["entries"], json!(["wp"]));
    assert_eq!(summary["rules"]["rules"], "for the shop");
    assert_eq!(summary["incidents"][0]["unchanged"], json!(["wp"]));
    assert_eq!(summary["permissions"][0]["entries"], json!(["shop", "wp"]));
    let german = report(&env, "acme", &["--lang", "de"]);
    assert!(
        german.contains("1 Person außer Ihnen und mir kann"),
        "{german}"
    );
    // No name of a type is a word of a paper.
    for text in [&german, &report(&env, "acme", &[])] {
        assert!(!text.contains("Reported"), "{text}");
    }
}

#[test]
fn another_client_is_never_named_and_who_writes_is_told_what_was_left_out() {
    let env = story("moving to zenith with Mr Zeller");
    env.call(&["mv", "globex/mail", "acme/zenith-mirror"]).ok();
    for more in [
        &["--format", "md"],
        &["--format", "html"],
        &["--format", "json"],
    ] {
        let told = env.call(&[&["report", "acme"], &more[..]].concat()).ok();
        let text = told.text().to_lowercase();
        for name in ["zenith", "globex", "zeller"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
        told.tells("Left out, since it names zenith: the client's rules.")
            .tells("Left out, since it names zenith: the name of acme/zenith-mirror.")
            .tells("the purpose of share ");
    }
    let theirs = report(&env, "zenith", &[]);
    assert!(theirs.contains("the web site of Zenith"), "{theirs}");
    assert!(
        !theirs.contains("acme") && !theirs.contains("Ltd"),
        "{theirs}"
    );
}

#[test]
fn what_others_wrote_is_text_in_every_format() {
    let hostile = "</td><script>alert(1)</script> ]]> --> | `x` *b* [a](javascript:b) ![i](x) \
                   <img src=x onerror=y> \" onload='z' &lt;";
    let env = story(hostile);
    let html = report(&env, "acme", &["--format", "html"]);
    for mark in ["<script", "<img", "onload='", "<td><script", "]]>", "-->"] {
        assert!(!html.contains(mark), "{mark}: {html}");
    }
    assert!(html.contains("&lt;script&gt;"), "{html}");
    let bare = unescaped(&report(&env, "acme", &[]));
    assert!(bare.contains("alert(1)"), "{bare}");
    let marks = ['<', '>', '`', '[', ']', '|', '&'];
    assert!(!bare.contains(marks), "{bare}");
    assert_eq!(bare.matches('*').count() % 4, 0, "{bare}");
    let env = story("a\u{202e}b\u{7}c\n# d\n\n- e\r\n<hr>");
    for format in ["md", "html"] {
        let text = report(&env, "acme", &["--format", format]);
        let unsafe_ones = ['\u{202e}', '\u{7}', '\r'];
        assert!(!text.contains(unsafe_ones), "{text}");
        assert!(!text.contains("\n# d") && !text.contains("\n- e"), "{text}");
        assert!(!text.contains("<hr>"), "{text}");
    }
    serde_json::from_str::<Value>(&report(&env, "acme", &["--json"])).unwrap();
}

#[test]
fn the_page_runs_nothing_and_loads_nothing() {
    let html = report(&story("for the shop"), "acme", &["--format", "html"]);
    assert!(
        html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
        "{html}"
    );
    assert!(html.contains("content=\"default-src &#39;none&#39;; style-src &#39;sha256-"));
    for what in [
        "<script", "http://", "https://", "src=", "href=", "<link", "style=\"", "url(http",
    ] {
        assert!(!html.contains(what), "{what}");
    }
    assert_eq!(
        html.matches("<caption>").count(),
        html.matches("<table").count()
    );
    assert!(html.contains("<svg ") && html.contains("<title id=") && html.contains("<desc id="));
}

#[test]
fn a_file_is_signed_to_the_byte_never_overwrites_and_the_log_has_it() {
    let env = story("for the shop");
    env.call(&["report", "acme", "--out", "r.html"])
        .ok()
        .tells("wrote r.html.sig")
        .tells("wrote r.html (");
    assert_eq!(mode_of(&env.work().join("r.html")), 0o600);
    let last = env.last_event();
    assert_eq!(last["action"], "report");
    assert_eq!(last["detail"], json!({"format": "html"}));
    let key = env.call(&["id", "--json"]).ok().json();
    let signers = format!(
        "me namespaces=\"vault-report\" {}\n",
        key["signer"].as_str().unwrap()
    );
    env.file("allowed", signers);
    let verify = |bytes: &[u8]| {
        let mut child = Command::new("ssh-keygen")
            .args([
                "-Y",
                "verify",
                "-f",
                "allowed",
                "-I",
                "me",
                "-n",
                "vault-report",
            ])
            .args(["-s", "r.html.sig"])
            .current_dir(env.work())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
        child.wait().unwrap().success()
    };
    let mut bytes = fs::read(env.work().join("r.html")).unwrap();
    assert!(bytes.starts_with(b"<!DOCTYPE html>"));
    assert!(verify(&bytes));
    bytes[100] ^= 1;
    assert!(!verify(&bytes));
    env.call(&["report", "acme", "--out", "r.html"]).fails(7);
    fs::remove_file(env.work().join("r.html")).unwrap();
    env.call(&["report", "acme", "--out", "r.html"])
        .fails(7)
        .says(".sig");
}

#[test]
fn the_heads_are_those_of_the_log_with_what_was_only_read_since() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let heads = |env: &TestEnv| {
        let summary: Value = serde_json::from_str(&report(env, "acme", &["--json"])).unwrap();
        summary["heads"].clone()
    };
    let first = heads(&env);
    env.call(&["get", "acme/wp"]).ok();
    let second = heads(&env);
    let count = |heads: &Value| heads[0]["count"].as_u64().unwrap();
    // The report itself, and the reveal.
    assert_eq!(count(&second), count(&first) + 2);
    let log = env.call(&["log", "--json"]).ok().json();
    assert_eq!(log.as_array().unwrap().len() as u64, count(&second) + 1);
    // What is written takes the same events in.
    env.add("acme/other", "two");
    env.call(&["log", "--verify"]).ok();
    assert!(count(&heads(&env)) > count(&second));
}

#[test]
fn all_of_them_are_for_oneself_and_say_so() {
    let env = story("for the shop");
    env.call(&["report", "--all"])
        .ok()
        .shows("For yourself alone")
        .shows("Report on your logins: Acme Ltd")
        .shows("Report on your logins: Zenith GmbH")
        .tells("not to be sent");
    let all = env.call(&["report", "--all", "--json"]).ok().json();
    let names: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["client"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Acme Ltd", "globex", "Zenith GmbH"]);
}

#[test]
fn time_format_and_sender_are_settled_before_anything_is_written() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.call(&["report"]).fails(2);
    env.call(&["report", "acme", "--all"]).fails(2);
    env.call(&["report", "acme", "--format", "pdf"]).fails(2);
    env.call(&["report", "acme", "--json", "--format", "md"])
        .fails(2);
    env.call(&["report", "nobody"]).fails(3);
    env.call(&["report", "acme", "--since", "2999-01-01"])
        .fails(2);
    // To read it, nobody needs to be noted; a paper that goes out says who sends it.
    let told = report(&env, "acme", &["--since", "30d"]);
    assert!(told.contains("from \\[your name and address\\]"), "{told}");
    assert!(told.contains("What is past is told from "), "{told}");
    env.call(&["report", "acme", "--out", "r.md"]).fails(9);
    assert!(!env.work().join("r.md.sig").exists());
}

#[test]
fn who_knows_it_without_the_clients_permission_is_told_and_the_permission_of_others_is_not() {
    let env = story("for the shop");
    let shares = env.call(&["shares", "zenith/web", "--json"]).ok().json();
    env.call(&["revoke", shares[0]["id"].as_str().unwrap()])
        .ok();
    env.call(&["mv", "zenith/web", "acme/web"]).ok();
    let summary: Value = serde_json::from_str(&report(&env, "acme", &["--json"])).unwrap();
    assert_eq!(summary["verdict"]["unpermitted"], 1);
    let access = summary["access"].as_array().unwrap().iter();
    let web = access
        .clone()
        .find(|it| it["entries"] == json!(["web"]))
        .unwrap();
    assert_eq!(
        (&web["allowed"], &web["purpose"]),
        (&Value::Null, &Value::Null)
    );
    let text = report(&env, "acme", &[]);
    assert!(
        text.contains("no permission of yours is on record"),
        "{text}"
    );
    assert!(!text.to_lowercase().contains("zenith"), "{text}");
    let theirs: Value = serde_json::from_str(&report(&env, "zenith", &["--json"])).unwrap();
    let id = theirs["access"][0]["share"].as_str().unwrap().to_owned();
    let shares = env.call(&["shares", "--json"]).ok().json();
    let known = shares.as_array().unwrap().iter();
    let numbers: Vec<String> = known.map(|it| number(it["id"].as_str().unwrap())).collect();
    assert!(numbers.contains(&id));
    assert!(!report(&env, "zenith", &[]).to_lowercase().contains("acme"));
}

#[test]
fn who_was_not_sent_the_new_secret_is_said_to_have_an_old_one() {
    let (env, _) = consented();
    env.me();
    share(&env, &["acme/wp"]);
    let old = env.call(&["get", "acme/wp"]).ok();
    let told = "changed since; I have not sent them the new one";
    assert!(!report(&env, "acme", &[]).contains(told));
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    assert!(report(&env, "acme", &[]).contains(told));
    let json = ["report", "acme", "--format", "json"];
    let json = env.call(&json).ok().json();
    assert_eq!(json["access"][0]["outdated"], true);
    env.call(&["who", "acme/wp"])
        .ok()
        .shows("version 1, which is not the current one");
    // What is known are bytes.
    env.call(&["rotate", "acme/wp", "--stdin", "--again"])
        .stdin(old.text())
        .ok()
        .hides("has the old one");
    assert!(!report(&env, "acme", &[]).contains(told));
    env.call(&["who", "acme/wp"])
        .ok()
        .hides("not the current one");
}

#[test]
fn a_permission_that_covers_what_somebody_knows_by_something_else_is_told() {
    let (env, _) = consented();
    env.me();
    let db = env.call(&["get", "acme/db"]).ok();
    env.call(&["rotate", "globex/mail", "--stdin"])
        .stdin(db.text())
        .ok();
    let consent = "consent add globex --to bob --by Ann --note x --purpose mails --scope globex/*";
    env.call(&consent.split(' ').collect::<Vec<_>>()).ok();
    share(&env, &["globex/mail"]);
    let told = || env.call(&["report", "acme"]).ok();
    told()
        .shows("Jo Doe on ")
        .shows("has the same password")
        .hides("nobody was asked")
        .hides("globex");
    let unpermitted = |json: Value| json["verdict"]["unpermitted"].clone();
    let report = |env: &TestEnv| env.call(&["report", "acme", "--json"]).ok().json();
    assert_eq!(unpermitted(report(&env)), 0);
    env.call(&["consent", "withdraw", "acme"]).ok();
    told().shows("nobody was asked").hides("globex");
    assert_eq!(unpermitted(report(&env)), 1);
}
