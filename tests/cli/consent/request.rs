//! `consent request`: the paper that a client reads, in each language, and what it must never do.

use regex::Regex;
use serde_json::{Value, json};

use super::consent_sign::{check_page, id_of, signed, with_key};
use crate::support::env::{PASSWORD, TestEnv};

/// A bakery that German is spoken with, and two people who are known by name.
pub(crate) fn bakery() -> TestEnv {
    TestEnv::copied("a bakery", |env| {
        let add = |path: &str, more: &[&str]| {
            env.call(&[&["add", path], more].concat())
                .stdin("s3cret")
                .ok();
        };
        let login = "https://anna:pw-canary@baker.example/admin?key=key-canary";
        add("baker/cms", &["-u", "anna", "--url", login]);
        add(
            "baker/shop/db",
            &["-u", "root", "--url", "https://db.baker.example"],
        );
        add("baker/shop/ftp", &["--field", "port=21"]);
        env.me();
        let client = [
            "--name",
            "Bäckerei Anna Baker",
            "--rules",
            "only on weekdays",
            "--agreed-on",
            "2026-01-10",
        ];
        env.call(&[&["client", "edit", "baker"], &client[..]].concat())
            .ok();
        let nda = env.file("nda.pdf", "%PDF-1.4 nda");
        let bob = [
            ("--full-name", "Bob Müller"),
            ("--role", "developer"),
            ("--firm", "Müller Software"),
            ("--address", "Hauptstr. 1, 04109 Leipzig"),
            ("--country", "Germany"),
            ("--email", "bob@dev.example"),
            ("--agreement", nda.as_str()),
            ("--agreed-on", "2026-03-03"),
        ];
        let bob: Vec<&str> = bob
            .iter()
            .flat_map(|(option, text)| [*option, *text])
            .collect();
        env.call(&[&["contact", "add", "bob"], &bob[..]].concat())
            .ok();
        env.call(&["contact", "add", "cy"]).ok();
        env.takes_notes_of("baker");
    })
}

const END: [&str; 4] = [
    "--expires",
    "2099-12-28T08:51:20Z",
    "--answer-by",
    "2099-12-05",
];

/// The paper for bob, with these options besides.
pub(crate) fn ask(env: &TestEnv, more: &[&str]) -> String {
    let base = ["consent", "request", "baker", "--to", "bob"];
    let call = env.call(&[&base[..], more, &END].concat());
    let text = call.var("TZ", "Europe/Berlin").ok().text().to_owned();
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(64), "{longest:?} in\n{text}");
    text
}

/// The paper with what differs each time taken out.
pub(crate) fn stable(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, stands_for) in [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
        (r"\b[0-9A-F]{4}-[0-9A-F]{4}\b", "2F95-B33D"),
        (r"SHA256:[A-Za-z0-9+/]{43}", "HASH"),
    ] {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, stands_for).into_owned();
    }
    text
}

const ENGLISH: &str = "\
PERMISSION TO PASS ON ACCESS DATA          number 2F95-B33D

Kim Example (Kim Example Web Design, Lindenstr. 4, 10969 Berlin,
kim@kim.example, +49 30 555 01) asks
Bäckerei Anna Baker. Please answer by 5 December 2099.
No answer means no.

WHO GETS IT   Bob Müller, developer, Müller Software,
              Hauptstr. 1, 04109 Leipzig, Germany,
              bob@dev.example. Works for me and is bound by an
              agreement of 3 March 2026.
WHAT          1. \"cms\"
                 https://baker.example/admin, user \"anna\":
                 password, user name, address
WHAT FOR      Update the opening hours. Nothing else.
UNTIL         28 December 2099, 09:51 (Berlin)
THEN          Bob Müller deletes it and confirms that to me in
              writing. I will change the password, or tell you
              at once that you have to. I will tell you when
              both are done.
DUTIES        Not pass it on; not send it by e-mail; not save it
              in a browser; not keep it in notes or drafts; not
              use it in an open Wi-Fi; keep a list of all
              copies. Your rules: \"only on weekdays\".
NOT INCLUDED  anything else: codes of your phone app, notes,
              files, older passwords.

YOUR ANSWER   Reply from your usual address, first line:
                YES 2F95-B33D       or       NO 2F95-B33D
              and your name.
CHANGE MIND   Any time, no reason needed, by mail or phone, to
              me. I will end it the same day. What has been seen
              cannot be unseen; so the password changes.
COPY          You get a confirmation to keep, and a list of who
              has what whenever you ask.

In law: prior specific written authorisation to engage another
processor, Art. 28(2), (4) GDPR, under our agreement of
10 January 2026, where the access reaches personal data.
vault-request 1 UUID
until 2099-12-28T08:51:20Z
terms HASH
";

const GERMAN: &str = "\
ERLAUBNIS, ZUGANGSDATEN WEITERZUGEBEN      Nummer 2F95-B33D

Kim Example (Kim Example Web Design, Lindenstr. 4, 10969 Berlin,
kim@kim.example, +49 30 555 01) bittet Bäckerei Anna Baker um
Antwort bis zum 5. Dezember 2099.
Keine Antwort heißt nein.

WER           Bob Müller, developer, Müller Software,
              Hauptstr. 1, 04109 Leipzig, Deutschland,
              bob@dev.example. Arbeitet für mich und ist durch
              einen Vertrag vom 3. März 2026 gebunden.
WAS           1. \"cms\"
                 https://baker.example/admin, Benutzer \"anna\":
                 Passwort, Benutzername, Adresse
WOFÜR         Öffnungszeiten ändern. Sonst nichts.
BIS           28. Dezember 2099, 09:51 Uhr (Berlin)
DANACH        Bob Müller löscht alles und bestätigt mir das
              schriftlich. Ich ändere das Passwort oder sage
              Ihnen sofort, dass Sie es ändern müssen. Ich melde
              Ihnen, wenn beides erledigt ist.
PFLICHTEN     Nicht weitergeben; nicht per E-Mail schicken;
              nicht im Browser speichern; nicht in Notizen oder
              Entwürfen speichern; nicht in einem offenen WLAN
              benutzen; eine Liste aller Kopien führen. Ihre
              Regeln: \"only on weekdays\".
NICHT DABEI   alles andere: Codes Ihrer Handy-App, Notizen,
              Dateien, frühere Passwörter.

IHRE ANTWORT  Antworten Sie von Ihrer üblichen Adresse. In die
              erste Zeile schreiben Sie
                JA 2F95-B33D   oder   NEIN 2F95-B33D
              und darunter Ihren Namen.
WIDERRUF      Jederzeit und ohne Grund, per E-Mail oder Telefon
              an mich. Ich beende den Zugang noch am selben Tag.
              Was Bob Müller gesehen hat, bleibt bekannt; darum
              wird das Passwort geändert.
KOPIE         Sie bekommen eine Bestätigung zum Aufbewahren und
              auf Wunsch jederzeit eine Liste, wer was hat.

Rechtlich: vorherige gesonderte schriftliche Genehmigung eines
weiteren Auftragsverarbeiters, Art. 28 Abs. 2 und 4 DSGVO, nach
unserem Vertrag vom 10. Januar 2026, soweit der Zugang
personenbezogene Daten betrifft.
vault-request 1 UUID
until 2099-12-28T08:51:20Z
terms HASH
";

#[test]
fn a_time_past_what_is_kept_is_told() {
    let env = super::records::office();
    env.me();
    let keep = ["client", "edit", "acme", "--retain-until", "30d"];
    env.call(&keep).ok();
    let ask = "consent request acme --to bob --scope acme/wp --purpose x --expires";
    let ask: Vec<&str> = ask.split(' ').collect();
    env.call(&[&ask[..], &["90d"]].concat())
        .ok()
        .tells("what is of acme is kept until ")
        .tells("--expires DATE");
    env.call(&[&ask[..], &["20d"]].concat())
        .ok()
        .hides("is kept until");
}

#[test]
fn a_request_is_a_page_that_says_all_of_it_in_english_and_german() {
    let env = bakery();
    let scope = ["--scope", "baker/cms"];
    let english = ["--purpose", "Update the opening hours"];
    let text = ask(&env, &[&scope[..], &english].concat());
    assert_eq!(stable(&text), ENGLISH);
    let german = ["--purpose", "Öffnungszeiten ändern"];
    let text = ask(&env, &[&scope[..], &german, &["--lang", "de"]].concat());
    assert_eq!(stable(&text), GERMAN);
    env.call(&["client", "edit", "baker", "--lang", "de"]).ok();
    let text = ask(&env, &[&scope[..], &german].concat());
    assert_eq!(stable(&text), GERMAN, "the client's own language");
    let args = [&scope[..], &german, &["--lang", "fr"]].concat();
    let base = ["consent", "request", "baker", "--to", "bob"];
    env.call(&[&base[..], &args].concat())
        .fails(2)
        .says("en or de");
}

#[test]
fn a_pattern_lists_what_it_covers_today() {
    let env = bakery();
    let base = ["--purpose", "relaunch", "--scope"];
    let scope = ["baker/cms", "baker/shop/**", "baker/x/*"];
    let text = ask(&env, &[&base[..], &scope].concat());
    let what = "\
WHAT          1. \"cms\"
                 https://baker.example/admin, user \"anna\":
                 password, user name, address
              2. all access named \"shop/**\", which today is:
                 - \"shop/db\"
                   https://db.baker.example, user \"root\"
                 - \"shop/ftp\"
                 For each: password, user name, address. What is
                 added under such a name later is included;
                 * stands for any name, ** for anything below.
              3. all access named \"x/*\": none today
";
    assert!(text.contains(what), "{text}");
    assert!(text.contains("I will change the passwords, or"), "{text}");
    let german = ask(&env, &[&["--lang", "de"], &base[..], &scope].concat());
    assert!(german.contains("\"shop/**\", das sind heute:"), "{german}");
    assert!(german.contains("dass Sie sie ändern müssen"), "{german}");
}

#[test]
fn more_than_a_person_would_read_is_not_asked_for() {
    let env = bakery();
    let rows: Vec<String> = (0..201).map(|at| format!("many/n{at},x\n")).collect();
    let file = env.file("many.csv", format!("name,password\n{}", rows.concat()));
    env.call(&["import", &file, "--client", "baker"]).ok();
    let base = [
        "consent",
        "request",
        "baker",
        "--to",
        "bob",
        "--purpose",
        "x",
    ];
    env.call(&[&base[..], &["--scope", "baker/**"]].concat())
        .fails(2)
        .says("entries that fit a pattern")
        .hints("narrower");
    let add = ["--scope", "baker/**", "--by", "Anna", "--note", "yes"];
    let base = ["consent", "add", "baker", "--to", "bob", "--purpose", "x"];
    env.call(&[&base[..], &add].concat()).ok();
}

#[test]
fn the_fields_that_are_asked_for_say_what_is_left_out_and_what_changes() {
    let env = bakery();
    let asked = |fields: &[&str]| {
        let fields: Vec<&str> = fields.iter().flat_map(|name| ["--field", name]).collect();
        let base = ["--purpose", "x", "--scope", "baker/shop/ftp"];
        ask(&env, &[&base[..], &fields].concat()).replace("\n              ", " ")
    };
    let all = asked(&[]);
    assert!(all.contains(", address\n"), "{all}");
    assert!(asked(&["port"]).contains("I will replace what is secret"));
    let open = asked(&["username", "urls"]);
    assert!(!open.contains("change"), "{open}");
    assert!(
        open.contains("I will tell you when that is done."),
        "{open}"
    );
    let files = asked(&["totp", "attachment:key.pem", "notes"]);
    for part in [
        "key of the one-time codes, notes,",
        "anything else: other files, older passwords.",
        "I will replace what is secret",
        "so what is secret changes",
    ] {
        assert!(files.contains(part), "{part:?} in {files}");
    }
}

#[test]
fn several_people_stand_in_one_request_and_each_may_be_given_it() {
    let env = bakery();
    let base = ["--to", "cy", "--to", "bob", "--scope", "baker/cms"];
    let text = ask(&env, &[&base[..], &["--purpose", "x"]].concat());
    let who = "\
WHO GETS IT   1. Bob Müller, developer, Müller Software,
                 Hauptstr. 1, 04109 Leipzig, Germany,
                 bob@dev.example. Works for me and is bound by
                 an agreement of 3 March 2026.
              2. cy. Works for me; there is no written agreement
                 yet.
";
    assert!(text.contains(who), "{text}");
    assert!(text.contains("All of them delete it"), "{text}");
    let shown = env.call(&["consent", "show", id_of(&text), "--json"]);
    assert_eq!(shown.ok().json()["to"], json!(["bob", "cy"]));
    env.call(&["verify", "--full"]).ok();
    let german = ask(
        &env,
        &[&base[..], &["--purpose", "x", "--lang", "de"]].concat(),
    );
    assert!(german.contains("Alle Genannten löschen alles"), "{german}");
    let add = ["--scope", "baker/cms", "--purpose", "x", "--by", "Anna"];
    let both = ["consent", "add", "baker", "--to", "bob", "--to", "cy"];
    let given = env.call(&[&both[..], &add, &["--note", "yes"]].concat());
    given.ok().tells("bob, cy may be given");
    for name in ["bob", "cy"] {
        let share = ["share", "baker/cms", "--to", name, "--passphrase"];
        env.call(&share).ok();
    }
}

#[test]
fn a_name_that_is_not_the_contacts_stands_beside_it() {
    let env = bakery();
    let named = ["contact", "edit", "cy", "--full-name", "Bob Müller"];
    env.call(&named).ok();
    let base = ["consent", "request", "baker", "--to", "cy"];
    let more = ["--scope", "baker/cms", "--purpose", "x"];
    let asked = env.call(&[&base[..], &more].concat()).ok();
    asked.shows("WHO GETS IT   Bob Müller (\"cy\"). Works for me;");
}

#[test]
fn how_to_sign_is_said_to_who_has_a_key_or_where_it_is_asked_for() {
    let env = bakery();
    let base = ["--scope", "baker/cms", "--purpose", "x"];
    assert!(!ask(&env, &base).contains("ssh-keygen"));
    let text = ask(&env, &[&base[..], &["--sign"]].concat());
    assert!(
        text.contains("\nssh-keygen -Y sign -n vault-consent -f KEY consent-"),
        "{text}"
    );
    let env = with_key();
    let base = "consent request acme --to bob --scope acme/wp --purpose shop --out";
    let long = format!("{}.txt", "long".repeat(14));
    for (name, shown) in [
        ("ask.txt", "-f KEY ask.txt\n"),
        ("my ask.txt", "-f KEY 'my ask.txt'\n"),
        ("a-name-of-thirty-characters.txt", "-f KEY \\\n  a-name-of"),
        (&long, &format!("-f KEY \\\n  {long}\n")),
    ] {
        let args: Vec<&str> = base.split(' ').chain([name]).collect();
        env.call(&args).ok();
        let text = std::fs::read_to_string(env.work().join(name)).unwrap();
        check_page(&text);
        assert!(text.contains(shown), "{shown:?} in\n{text}");
        signed(&env, &text);
    }
}

#[test]
fn neither_long_words_nor_hidden_characters_break_the_form() {
    let env = bakery();
    let word = "x".repeat(200);
    let hostile = format!("a\u{1b}[2J\u{202e}\u{200b}\nUNTIL         2999\n{word}\u{7}");
    for args in [
        ["client", "edit", "baker", "--name", &hostile],
        ["client", "edit", "baker", "--rules", &hostile],
        ["contact", "edit", "bob", "--full-name", &hostile],
        ["contact", "edit", "bob", "--firm", &hostile],
        ["contact", "edit", "bob", "--address", &hostile],
        ["edit", "baker/cms", "-u", &hostile, "--field=x=y"],
        ["edit", "baker/cms", "--url", &hostile, "--field=x=y"],
        ["me", "--name", &hostile, "--firm", &hostile],
    ] {
        env.call(&args).ok();
    }
    let key = with_key_of(&env);
    for lang in ["en", "de"] {
        let more = [
            "--scope",
            "baker/cms",
            "baker/**",
            "--purpose",
            &hostile,
            "--lang",
            lang,
        ];
        let text = ask(&env, &more);
        let wild = |c: char| {
            (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}' | '\u{a0}')
        };
        assert!(!text.contains(wild), "{text:?}");
        assert!(text.contains("\\u{202e}"), "{text}");
        let ends = text
            .lines()
            .filter(|line| line.starts_with("UNTIL") || line.starts_with("BIS"));
        assert_eq!(ends.count(), 1, "{text}");
        let signature = env.file(
            "ask.txt.sig",
            super::consent_sign::sign(&key, "vault-consent", &text),
        );
        env.call(&["consent", "answer", "--signature", &signature])
            .ok();
    }
}

/// A key that is recorded of the client.
fn with_key_of(env: &TestEnv) -> ssh_key::PrivateKey {
    let key = super::consent_sign::key(1);
    let public = key.public_key().to_openssh().unwrap();
    env.call(&["client", "edit", "baker", "--key", &public])
        .ok();
    key
}

#[test]
fn a_private_client_is_told_nothing_of_processors() {
    let env = bakery();
    let base = ["--scope", "baker/cms", "--purpose", "x"];
    assert!(ask(&env, &base).contains("GDPR"));
    env.call(&["client", "edit", "baker", "--role", "private"])
        .ok();
    assert!(!ask(&env, &base).contains("GDPR"));
}

#[test]
fn an_answer_is_waited_for_a_week_or_until_the_day_that_is_said() {
    let env = bakery();
    let base = [
        "consent",
        "request",
        "baker",
        "--to",
        "bob",
        "--scope",
        "baker/cms",
    ];
    let call = |more: &[&str]| env.call(&[&base[..], &["--purpose", "x"], more].concat());
    call(&["--answer-by", "2020-01-01"])
        .fails(2)
        .says("in the past");
    call(&["--answer-by", "30d", "--expires", "7d"])
        .fails(2)
        .says("after the end");
    call(&["--answer-by", "soon"]).fails(2);
    call(&["--answer-by", "3d"]).ok().shows("Please answer by");
    let all = env.call(&["consent", "list", "--json"]).ok().json();
    assert_eq!(
        all.as_array().map(Vec::len),
        Some(1),
        "only what was written"
    );
}

#[test]
fn without_a_sender_nothing_is_asked_where_nobody_can_be_asked_for_one() {
    let env = bakery();
    for field in ["name", "address"] {
        env.call(&["me", "--unset", field]).ok();
    }
    let base = [
        "consent",
        "request",
        "baker",
        "--to",
        "bob",
        "--scope",
        "baker/cms",
    ];
    let call = || env.call(&[&base[..], &["--purpose", "x"]].concat());
    call()
        .fails(9)
        .hints("vault me --name NAME --address ADDRESS");
    env.call(&["consent", "list", "--json"]).ok().prints("[]\n");
    let mut terminal = env.terminal(
        "vault consent request baker --to bob --scope baker/cms --purpose x; echo \"exit=$?\"",
    );
    terminal
        .sees("assword: ")
        .types(PASSWORD)
        .sees("Your full name: ")
        .types("Jo Doe")
        .sees("postal code, town: ")
        .types("Hafen 1, Bremen")
        .sees("Jo Doe (Kim Example Web Design, Hafen 1, Bremen,")
        .sees("exit=0")
        .ends();
    let me: Value = env.call(&["me", "--json"]).ok().json();
    assert_eq!(me["name"], "Jo Doe");
    assert_eq!(me["phone"], "+49 30 555 01");
    call().ok().shows("Jo Doe");
}

#[test]
fn the_first_paper_asks_for_all_of_its_sender_and_takes_no_for_what_is_not_needed() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["contact", "add", "bob"]).ok();
    let mut terminal = env.terminal(
        "vault consent request acme --to bob --scope acme/wp --purpose x; echo \"exit=$?\"",
    );
    terminal.sees("assword: ").types(PASSWORD);
    for (question, answer) in [
        ("full name: ", "Jo Doe"),
        ("firm (Enter: none): ", ""),
        ("town: ", "Hafen 1, Bremen"),
        ("country (Enter: left out): ", ""),
        ("for answers: ", "jo@doe.example"),
        ("number (Enter: left out): ", ""),
    ] {
        terminal.sees(question).types(answer);
    }
    terminal
        .sees("Jo Doe (Hafen 1, Bremen, jo@doe.example) asks")
        .sees("by mail, to me.")
        .sees("exit=0")
        .ends();
}

#[test]
fn it_says_whom_the_paper_goes_to_and_how_to_reach_them() {
    let env = bakery();
    let edit = |more: &[&str]| {
        env.call(&[&["client", "edit", "baker"], more].concat())
            .ok();
    };
    let base = ["consent", "request", "baker", "--to", "bob"];
    let more = ["--purpose", "x", "--scope", "baker/cms", "--out", "-"];
    let told = |whom: &str| {
        let told = format!("Send it to {whom} as it is");
        env.call(&[&base[..], &more].concat())
            .ok()
            .tells(&told)
            .hides("s3cret");
    };
    told("baker");
    edit(&["--email", "office@baker.example"]);
    told("office@baker.example");
    edit(&["--person", "Otto Ofen <otto@baker.example>"]);
    told("Otto Ofen <otto@baker.example>");
    edit(&[
        "--person",
        "Anna Baker <anna@baker.example>",
        "--may-permit",
    ]);
    edit(&["--channel", "by phone, ask for Anna"]);
    told("Anna Baker <anna@baker.example>");
    env.call(&[&base[..], &more].concat())
        .ok()
        .tells("To reach them safely: by phone, ask for Anna");
}

#[test]
fn a_pattern_of_any_name_is_no_name_and_wide_letters_take_two_columns() {
    let env = bakery();
    let base = ["--scope", "baker/**", "--purpose", "x"];
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let english = flat(&ask(&env, &base));
    assert!(
        english.contains("WHAT 1. all of today's access: - \"cms\""),
        "{english}"
    );
    let german = flat(&ask(&env, &[&base[..], &["--lang", "de"]].concat()));
    assert!(
        german.contains("WAS 1. alle Zugänge von heute: - \"cms\""),
        "{german}"
    );
    let firm = "日本語".repeat(12);
    env.call(&["contact", "edit", "bob", "--firm", &firm]).ok();
    let wide = ask(&env, &base);
    let columns = wide.lines().map(unicode_width::UnicodeWidthStr::width);
    assert!(columns.max() <= Some(64), "{wide}");
}
