//! Mails as they come, and as somebody could make them.

use proptest::prelude::*;

use super::{Doubt, Mail};
use crate::error::Kind;
use crate::model::text::limits::{MAIL_BYTES, MAIL_HEADER_BYTES, MAIL_LINES, MAIL_MARKS};

const VERBS: [(&str, bool); 2] = [("YES", true), ("NO", false)];

/// A mail of two texts with one as base64, in Latin-1, and its head in encoded words.
const MIXED: &str = "From someone@host Tue May  5 10:00:00 2026\r\n\
    From: =?utf-8?q?Anna_B=C3=A4cker?= <anna@baker.example>\r\n\
    Date: Tue, 5 May 2026 10:00:00 +0200 (CEST)\r\n\
    Subject: =?utf-8?b?UmU6IHBlcm1pc3Npb24gMkY5NS1CMzNE?=\r\n\
    In-Reply-To: <1111-2222@kim.example>\r\n\
    Authentication-Results: mx.kim.example; dkim=pass\r\n\
    Authentication-Results: forged.example; dkim=pass\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=\"b1\"\r\n\
    \r\n\
    --b1\r\n\
    Content-Type: text/plain; charset=iso-8859-1\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    WUVTIDJGOTUtQjMzRApBbm5hIELkY2tlcg==\r\n\
    --b1\r\n\
    Content-Type: text/html; charset=utf-8\r\n\
    \r\n\
    <p>YES 2F95-B33D</p>\r\n\
    --b1--\r\n";

fn read(mail: &str) -> Mail {
    Mail::parse(mail.as_bytes()).unwrap()
}

fn plain(head: &str, body: &str) -> String {
    format!("From: Anna <anna@baker.example>\n{head}\n{body}")
}

#[test]
fn a_mail_is_who_when_and_what_they_wrote() {
    let mail = read(MIXED);
    let from = mail.from().unwrap();
    assert_eq!(from.name.as_deref(), Some("Anna Bäcker"));
    assert_eq!(from.address, "anna@baker.example");
    assert_eq!(mail.date().unwrap().to_string(), "2026-05-05T08:00:00Z");
    assert_eq!(mail.subject(), "Re: permission 2F95-B33D");
    let around = mail.numbers_around().into_iter();
    let around: Vec<String> = around.map(|number| number.to_string()).collect();
    assert_eq!(around, ["2F95-B33D", "1111-2222"]);
    assert_eq!(mail.reported().unwrap(), "mx.kim.example; dkim=pass");
    assert_eq!(mail.lines(), ["YES 2F95-B33D", "Anna Bäcker"]);
    let said = mail.said(&VERBS, &["Anna Bäcker"]);
    assert_eq!((said.verb, said.doubt), (Some(true), None));
    for other in ["<p>NO 2F95-B33D", "<p>YES 2F95-B33D</p>but not now"] {
        let other = MIXED.replace("<p>YES 2F95-B33D", other);
        let said = read(&other).said(&VERBS, &["Anna Bäcker"]);
        assert_eq!((said.verb, said.doubt), (Some(true), Some(Doubt::Parts)));
    }
}

#[test]
fn a_day_is_named_once() {
    let date = |head: &str| read(&plain(head, "x")).date();
    let may = "Date: Tue, 5 May 2026 10:00:00 +0200\n";
    assert!(date(may).is_some());
    for none in ["", "Date: soon\n", &format!("{may}{may}")] {
        assert_eq!(date(none), None, "{none}");
    }
}

#[test]
fn what_a_program_sent_or_hides_is_never_clear() {
    let yes = "YES 2F95-B33D\nAnna\n";
    let doubt = |mail: String| read(&mail).said(&VERBS, &["Anna"]).doubt;
    assert_eq!(doubt(plain("Auto-Submitted: no\n", yes)), None);
    for head in [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Return-Path: <>",
    ] {
        let mail = plain(&format!("{head}\n"), yes);
        assert_eq!(doubt(mail), Some(Doubt::Automatic), "{head}");
    }
    let hidden = plain(
        "Content-Type: text/plain; charset=utf-8\n",
        "YES 2F95-B33D\u{202e}",
    );
    assert_eq!(doubt(hidden), Some(Doubt::Hidden));
    let page = plain("Content-Type: text/html\n", "<p>YES 2F95-B33D<br>Anna</p>");
    assert_eq!(doubt(page), Some(Doubt::Page));
    let cut = MIXED.replace("--b1--\r\n", "");
    assert_eq!(doubt(cut), Some(Doubt::Cut));
}

#[test]
fn a_sender_is_one_address() {
    let from = |head: &str| read(&format!("{head}\nSubject: x\n\nx")).from().cloned();
    assert_eq!(from("From: a@b.example").unwrap().address, "a@b.example");
    let spoofed = "From: \"anna@baker.example\" <eve@evil.example>";
    assert_eq!(from(spoofed).unwrap().address, "eve@evil.example");
    for head in [
        "From: a@b.example, c@d.example",
        "From: a@b.example\nFrom: c@d.example",
        "From: a@b.example\nFrom : c@d.example",
        "From: friends: a@b.example;",
        "From: nobody",
        "From:",
    ] {
        assert_eq!(from(head), None, "{head}");
    }
}

#[test]
fn what_is_no_mail_or_past_a_limit_is_refused() {
    let kind = |bytes: &[u8]| Mail::parse(bytes).unwrap_err().kind();
    for bytes in [
        &b""[..],
        b"hello",
        b"%PDF-1.4",
        b"\xd0\xcf\x11\xe0",
        b"Subject: x\n\nx",
    ] {
        assert_eq!(kind(bytes), Kind::Usage);
    }
    let head = format!("X: {}\n", "x".repeat(MAIL_HEADER_BYTES));
    assert_eq!(kind(plain(&head, "x").as_bytes()), Kind::Integrity);
    let line = "x".repeat(MAIL_BYTES);
    assert_eq!(kind(plain("", &line).as_bytes()), Kind::Integrity);
    let marks = "--a\n\n".repeat(MAIL_MARKS + 1);
    let head = "Content-Type: multipart/mixed; boundary=a\n";
    assert_eq!(kind(plain(head, &marks).as_bytes()), Kind::Integrity);
    let lines = "x\n".repeat(MAIL_LINES + 1);
    assert_eq!(kind(plain("", &lines).as_bytes()), Kind::Integrity);
    let nested = (0..1000).fold(String::new(), |mail, at| {
        format!("{mail}Content-Type: multipart/mixed; boundary=b{at}x\n\n--b{at}x\n")
    });
    let nested = format!("From: a@b.example\n{nested}");
    assert_eq!(kind(nested.as_bytes()), Kind::Integrity);
    let broken = plain("Content-Transfer-Encoding: base64\n", "WUVT!!!IDJ=GOT=");
    assert_eq!(kind(broken.as_bytes()), Kind::Integrity);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        at in 0..MIXED.len(),
        put in prop::collection::vec(any::<u8>(), 0..16),
        cut in 0..MIXED.len(),
    ) {
        let mut bytes = MIXED.as_bytes().to_vec();
        bytes.splice(at..at, put);
        bytes.truncate(MIXED.len() - cut / 8);
        if let Ok(mail) = Mail::parse(&bytes) {
            let said = mail.said(&VERBS, &["Anna"]);
            prop_assert!(said.doubt.is_some() || said.verb.is_some());
            let escapes = mail.lines().concat().contains('\u{1b}');
            prop_assert!(!escapes);
        }
    }
}
