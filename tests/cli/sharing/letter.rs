//! What whoever opens a share with plain age reads.

use std::fs;

use super::share::{Contact, consent, with_bob};
use crate::support::env::TestEnv;
use crate::support::sender::{Sender, recipient_of, seal_letter};

/// The letter of a share of acme/wp with these options, without its block.
fn letter(env: &TestEnv, bob: &Contact, more: &[&str]) -> String {
    let args = [&["share", "acme/wp", "--to", "bob", "--out", "-"], more].concat();
    let text = bob.letter(env.call(&args).ok().bytes());
    let (letter, block) = text.split_once("-----BEGIN VAULT SHARE-----\n").unwrap();
    assert!(block.ends_with("\n-----END VAULT SHARE-----\n"), "{block}");
    letter.to_owned()
}

/// A letter with what differs from day to day replaced.
fn same_every_day(letter: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in letter.lines() {
        let mut words: Vec<String> = line.split(' ').map(ToOwned::to_owned).collect();
        for word in &mut words {
            let is_number = word.len() == 9 && word.chars().nth(4) == Some('-');
            if is_number && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
                *word = "2F95-B33D".into();
            }
        }
        lines.push(words.join(" "));
    }
    lines.join("\n")
}

fn prepared() -> (TestEnv, Contact) {
    let (env, bob) = with_bob();
    let me = [
        "me",
        "--name",
        "Kim Example",
        "--address",
        "Lindenstr. 4, 10969 Berlin",
        "--email",
        "kim@kim.example",
    ];
    env.call(&me).ok();
    env.call(&[
        "client",
        "edit",
        "acme",
        "--name",
        "Bäckerei Anna Baker",
        "--rules",
        "only on weekdays",
    ])
    .ok();
    env.call(&["contact", "edit", "bob", "--full-name", "Bob Müller"])
        .ok();
    (env, bob)
}

const ENGLISH: &str = "\
ACCESS DATA, LENT TO YOU                   number 2F95-B33D

Kim Example (Lindenstr. 4, 10969 Berlin, kim@kim.example) lends
Bob Müller access data of Bäckerei Anna Baker.

WHAT FOR      relaunch. Nothing else.
UNTIL         28 December 2099, 09:51 (UTC)
ALLOWED BY    Jo Doe, 2F95-B33D
YOUR DUTIES   - Use it for this purpose only.
              - Do not pass it on.
              - Do not send it by e-mail.
              - Do not save it in a browser.
              - Do not keep it in notes or drafts.
              - Do not use it in an open Wi-Fi.
              - Keep a list of all copies.
              - Delete it at the end, and confirm that.
RULES         Bäckerei Anna Baker: \"only on weekdays\"

1. \"wp\"

address:
https://acme.example

user name:
admin

password:
the-secret

YOUR ANSWER   Write to kim@kim.example. When you have it, with
              the first line
                RECEIVED 2F95-B33D
              and your name: with that you say that you keep to
              these duties. If you do not take it, delete it
              unused and write instead
                NO 2F95-B33D
              When you have deleted what you had, with the first
              line
                DELETED 2F95-B33D
              and your name.

What follows is the same for programs; you need not read it.
They take it in with: vault receive FILE
";

const GERMAN: &str = "\
ZUGANGSDATEN, AUF ZEIT ÜBERLASSEN          Nummer 2F95-B33D

Kim Example (Lindenstr. 4, 10969 Berlin, kim@kim.example)
überlässt Bob Müller auf Zeit Zugangsdaten von Bäckerei Anna
Baker.

WOFÜR         relaunch. Sonst nichts.
BIS           28. Dezember 2099, 09:51 Uhr (UTC)
ERLAUBT VON   Jo Doe, 2F95-B33D
PFLICHTEN     - Nur für diesen Zweck benutzen.
              - Nicht weitergeben.
              - Nicht per E-Mail schicken.
              - Nicht im Browser speichern.
              - Nicht in Notizen oder Entwürfen speichern.
              - Nicht in einem offenen WLAN benutzen.
              - Eine Liste aller Kopien führen.
              - Am Ende löschen und das bestätigen.
REGELN        Bäckerei Anna Baker: \"only on weekdays\"

1. \"wp\"

Adresse:
https://acme.example

Benutzername:
admin

Passwort:
the-secret

IHRE ANTWORT  Schreiben Sie an kim@kim.example. Wenn Sie alles
              haben, mit der ersten Zeile
                EMPFANGEN 2F95-B33D
              und Ihrem Namen: Damit sagen Sie zu, sich an diese
              Pflichten zu halten. Wenn Sie es nicht annehmen,
              löschen Sie es unbenutzt und schreiben stattdessen
                NEIN 2F95-B33D
              Wenn Sie später alles gelöscht haben, mit der
              ersten Zeile
                GELÖSCHT 2F95-B33D
              und Ihrem Namen.

Was folgt, ist dasselbe für Programme; Sie müssen es nicht
lesen. Programme nehmen es an mit: vault receive DATEI
";

#[test]
fn a_person_reads_what_it_is_in_english_and_in_german() {
    let (env, bob) = prepared();
    let end = "2099-12-28T09:51:20Z";
    consent(&env, &["--scope", "acme/wp", "--expires", end]);
    let expires = ["--expires", end];
    let read = letter(&env, &bob, &expires);
    assert_eq!(same_every_day(&read).trim_end(), ENGLISH.trim_end());
    env.call(&["contact", "edit", "bob", "--lang", "de"]).ok();
    let read = letter(&env, &bob, &expires);
    assert_eq!(same_every_day(&read).trim_end(), GERMAN.trim_end());
}

#[test]
fn each_value_stands_as_it_is_and_what_is_hidden_is_spelt_out() {
    let (env, bob) = prepared();
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("two\n  lines")
        .ok();
    env.call(&["edit", "acme/wp", "--notes", "\u{1b}[2Jx"]).ok();
    let key = env.file("id.pem", "-----BEGIN X-----\nAAAA\n-----END X-----\n");
    env.call(&["attach", "acme/wp", &key]).ok();
    let logo = env.file("logo.png", b"\x89PNG\0");
    env.call(&["attach", "acme/wp", &logo]).ok();
    let named = [
        "secret",
        "notes",
        "attachment:id.pem",
        "attachment:logo.png",
    ];
    let fields = named.iter().flat_map(|field| ["--field", field]);
    consent(
        &env,
        &[&["--scope", "acme/wp"][..], &fields.collect::<Vec<_>>()].concat(),
    );
    let read = letter(&env, &bob, &[]);
    let dashes = "-".repeat(40);
    assert!(
        read.contains(&format!("password:\n{dashes}\ntwo\n  lines\n{dashes}\n\n")),
        "{read}"
    );
    assert!(
        read.contains("notes (hidden characters are spelt out):\n\\u{1b}[2Jx\n"),
        "{read}"
    );
    let pem =
        format!("file \"id.pem\":\n{dashes}\n-----BEGIN X-----\nAAAA\n-----END X-----\n{dashes}\n");
    assert!(read.contains(&pem), "{read}");
    assert!(
        read.contains("file \"logo.png\": 5 bytes, only in the block below.\n"),
        "{read}"
    );
}

#[test]
fn of_several_blocks_the_last_one_counts_and_the_letter_is_not_believed() {
    let (env, sender, other) = (TestEnv::ready(), Sender::new(), Sender::new());
    let key = recipient_of(&env);
    let block =
        |sender: &Sender| vault::exchange::letter::block(&sender.sign(&sender.bundle(&key)));
    let text = format!(
        "UNTIL 2199\npassword:\nforged\n{}\n{}",
        block(&other),
        block(&sender)
    );
    let share = env.file("share.age", seal_letter(&text, &key));
    let receive = [
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ];
    env.call(&receive).ok().hides("2199");
    assert_eq!(env.secret("acme/wp"), "hunter2");
    let cut = block(&sender).replace("-----END", "");
    let share = env.file("cut.age", seal_letter(&cut, &key));
    let receive = [
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ];
    env.call(&receive).fails(5).says("cut off");
    let bare = sender.sign(&sender.bundle(&key));
    fs::write(&share, seal_letter(&bare, &key)).unwrap();
    env.call(&receive).fails(2).says("no share");
}
