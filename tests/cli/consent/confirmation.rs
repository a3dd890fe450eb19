//! What a client gets to keep when they have said yes: the whole text, in each language.

use std::fs;

use super::answer::{file, mail};
use super::consent_sign::{check_page, id_of};
use super::request::{ask, bakery, stable};
use crate::support::env::{TestEnv, number};

const ENGLISH: &str = "\
PERMISSION GIVEN                           number 2F95-B33D

Kim Example (Kim Example Web Design, Lindenstr. 4, 10969 Berlin,
kim@kim.example, +49 30 555 01) confirms to Bäckerei Anna Baker
what was allowed. Please keep this.

ALLOWED BY    Anna Baker, by e-mail of DAY
WHO GETS IT   Bob Müller, developer, Müller Software,
              Hauptstr. 1, 04109 Leipzig, Germany,
              bob@dev.example. Works for me and is bound by an
              agreement of DAY.
WHAT          1. \"cms\"
                 https://baker.example/admin, user \"anna\":
                 password, user name, address
WHAT FOR      Update the opening hours. Nothing else.
UNTIL         28 December 2099, 09:51 (Berlin)

TO END IT     Any time, no reason needed, by mail or phone, to
              me. I will end it the same day. What has been seen
              cannot be unseen; so the password changes.
NOT RIGHT?    If you did not allow this, or anything in it is
              wrong, tell me at once.

vault-confirmation 1 UUID
terms HASH
answer, SHA-256:
HEX
";

const GERMAN: &str = "\
ERLAUBNIS ERTEILT                          Nummer 2F95-B33D

Kim Example (Kim Example Web Design, Lindenstr. 4, 10969 Berlin,
kim@kim.example, +49 30 555 01) bestätigt Bäckerei Anna Baker,
was erlaubt wurde. Bitte bewahren Sie das auf.

ERLAUBT VON   Anna Baker, per E-Mail vom DAY
WER           Bob Müller, developer, Müller Software,
              Hauptstr. 1, 04109 Leipzig, Deutschland,
              bob@dev.example. Arbeitet für mich und ist durch
              einen Vertrag vom DAY gebunden.
WAS           1. \"cms\"
                 https://baker.example/admin, Benutzer \"anna\":
                 Passwort, Benutzername, Adresse
WOFÜR         Öffnungszeiten ändern. Sonst nichts.
BIS           28. Dezember 2099, 09:51 Uhr (Berlin)

WIDERRUF      Jederzeit und ohne Grund, per E-Mail oder Telefon
              an mich. Ich beende den Zugang noch am selben Tag.
              Was Bob Müller gesehen hat, bleibt bekannt; darum
              wird das Passwort geändert.
STIMMT NICHT? Wenn Sie das nicht erlaubt haben oder etwas nicht
              stimmt, sagen Sie es mir bitte sofort.

vault-confirmation 1 UUID
terms HASH
answer, SHA-256:
HEX
";

/// The bakery of requests, with somebody who may permit.
pub(crate) fn with_anna() -> TestEnv {
    let env = bakery();
    let anna = "Anna Baker <anna@baker.example>";
    let edit = ["client", "edit", "baker", "--person", anna, "--may-permit"];
    env.call(&edit).ok();
    env
}

/// What differs from day to day is taken out too.
fn confirmation(env: &TestEnv, name: &str) -> String {
    let text = fs::read_to_string(env.work().join(name)).unwrap();
    check_page(&text);
    let text = stable(&text);
    let day = regex::Regex::new(r"\b\d{1,2}\.? \p{L}+ 20[2-8]\d\b").unwrap();
    let hash = regex::Regex::new(r"\b[0-9a-f]{64}\b").unwrap();
    let text = day.replace_all(&text, "DAY");
    hash.replace_all(&text, "HEX").into_owned()
}

#[test]
fn a_confirmation_says_what_who_until_when_and_how_to_end_it_in_english_and_german() {
    let env = with_anna();
    let terms = ["--scope", "baker/cms", "--purpose"];
    for (lang, purpose, yes, whole) in [
        ("en", "Update the opening hours", "YES", ENGLISH),
        ("de", "Öffnungszeiten ändern", "JA", GERMAN),
    ] {
        let text = ask(&env, &[&terms[..], &[purpose, "--lang", lang]].concat());
        let no = number(id_of(&text));
        let answer = file(&env, mail("", &format!("{yes} {no}\n")), &[]);
        answer.var("TZ", "Europe/Berlin").ok();
        let written = confirmation(&env, &format!("confirmation-{no}.txt"));
        assert_eq!(written, whole, "{lang}");
    }
}

#[test]
fn a_confirmation_of_a_call_asks_for_a_written_one() {
    let env = with_anna();
    let terms = ["--scope", "baker/cms", "--purpose", "x", "--lang"];
    for (lang, says) in [
        ("en", "IN WRITING    Please confirm it in writing by"),
        ("de", "SCHRIFTLICH   Bitte bestätigen Sie das bis zum"),
    ] {
        let text = ask(&env, &[&terms[..], &[lang]].concat());
        let no = number(id_of(&text));
        let said = ["consent", "answer", &no, "--phone", "she called"];
        env.call(&said).ok();
        let name = format!("confirmation-{no}.txt");
        let text = fs::read_to_string(env.work().join(&name)).unwrap();
        check_page(&text);
        assert!(text.contains(says), "{text}");
        assert!(text.contains(&format!(
            "  {} {no}\n",
            ["YES", "JA"][usize::from(lang == "de")]
        )));
    }
}
