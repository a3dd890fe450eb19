//! A client without any software is asked and answers by mail, in both languages: with mails as
//! programs make them, and with such as somebody could make.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::consent::answer::{ask, bakery, file, mail};
use crate::cli::consent::consent_sign::id_of;
use crate::cli::consent::records::show;
use crate::support::env::{TestEnv, number};

/// Makes a mail by Python's library: its form, the line of the answer, the quoted request on stdin.
const MAKER: &str = r#"
import sys
from email.message import EmailMessage
from email.utils import formatdate
form, line, lang = sys.argv[1:4]
asked = sys.stdin.read()
quoted = "".join("> " + l + "\n" for l in asked.splitlines())
wrote = {"en": "On Tue, 5 May 2026 at 10:00, Kim Example <kim@kim.example> wrote:",
         "de": "Am Di., 5. Mai 2026 um 10:00 Uhr schrieb Kim Example\n<kim@kim.example>:"}[lang]
bye = {"en": "Best regards\nAnna Baker", "de": "Viele Gr\u00fc\u00dfe\nAnna Baker"}[lang]
top = line + "\n" + bye + "\n\n" + wrote + "\n" + quoted
bottom = wrote + "\n" + quoted + "\n" + line + "\n" + bye + "\n-- \nAnna Baker, Baker Ltd\n"
outlook = {"en": "-----Original Message-----\nFrom: Kim\nSent: Tuesday\nTo: Anna\n",
           "de": "-----Urspr\u00fcngliche Nachricht-----\nVon: Kim\nGesendet: Dienstag\nAn: Anna\n"}[lang]
m = EmailMessage()
m["From"] = "Anna Baker <anna@baker.example>"
m["To"] = "Kim Example <kim@kim.example>"
m["Date"] = formatdate()
m["Subject"] = {"en": "Re: permission", "de": "AW: Erlaubnis f\u00fcr Bob M\u00fcller"}[lang]
page = "<html><body><p>" + top.replace("\n", "<br>") + "</p></body></html>"
if form == "quoted-printable":
    m.set_content(top, cte="quoted-printable")
elif form == "base64":
    m.set_content(bottom, cte="base64")
elif form == "latin-1":
    m.set_content(top, charset="iso-8859-1", cte="quoted-printable")
elif form == "outlook":
    m.set_content(line + "\n" + bye + "\n\n" + outlook + asked)
elif form == "alternative":
    m.set_content(top)
    m.add_alternative(page, subtype="html")
elif form == "attached":
    m.set_content(top)
    m.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="x.pdf")
    m.add_attachment(line, filename="yes.txt")
elif form == "page":
    m.set_content(page, subtype="html")
elif form == "office":
    m["Auto-Submitted"] = "auto-replied"
    m.set_content(top)
elif form == "quote":
    m.set_content(bye + "\n\n" + wrote + "\n" + quoted)
data = m.as_bytes()
if form in ("quoted-printable", "attached"):
    data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
sys.stdout.buffer.write(data)
"#;

fn made(form: &str, line: &str, lang: &str, request: &str) -> Vec<u8> {
    let mut python = Command::new("python3");
    python.args(["-c", MAKER, form, line, lang]);
    let mut python = python
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, request.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{form}");
    output.stdout
}

fn state(env: &TestEnv, request: &str) -> Value {
    show(env, id_of(request))["state"].clone()
}

#[test]
fn a_client_without_software_answers_by_mail_in_both_languages() {
    for (lang, yes, no) in [("en", "YES", "NO"), ("de", "JA", "NEIN")] {
        let env = bakery(lang);
        for form in [
            "quoted-printable",
            "base64",
            "latin-1",
            "outlook",
            "alternative",
            "attached",
        ] {
            let request = ask(&env);
            let line = format!("{yes} {}", number(id_of(&request)));
            let mail = made(form, &line, lang, &request);
            file(&env, mail, &[]).ok();
            assert_eq!(state(&env, &request), "given", "{form}");
            env.call(&["consent", "withdraw", id_of(&request)]).ok();
        }
        let request = ask(&env);
        let number = number(id_of(&request));
        let line = format!("{yes} {number}");
        for form in ["page", "office"] {
            let mail = made(form, &line, lang, &request);
            file(&env, mail, &[]).fails(9).says("It is asked about");
        }
        let quote = made("quote", &line, lang, &request);
        file(&env, &quote, &[]).fails(2);
        file(&env, &quote, &[&number]).fails(9);
        let forged = made("base64", &line, lang, &request);
        let forged = String::from_utf8(forged).unwrap();
        let forged = forged.replace("anna@baker.example", "anna@baker-example.com");
        file(&env, forged, &["--yes"]).fails(6);
        assert_eq!(state(&env, &request), "requested");
        file(&env, made("page", &line, lang, &request), &["--yes"]).ok();
        env.call(&["share", "baker/cms", "--to", "bob"]).ok();
        let line = format!("{no} {number}");
        file(&env, made("base64", &line, lang, &request), &[])
            .ok()
            .tells("ended with it");
        assert_eq!(state(&env, &request), "withdrawn");
        env.call(&["share", "baker/cms", "--to", "bob"]).fails(6);
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn a_mail_that_was_cut_off_is_never_taken_unasked() {
    let env = bakery("en");
    let request = ask(&env);
    let line = format!("YES {}", number(id_of(&request)));
    let mail = made("alternative", &line, "en", &request);
    let whole = mail.len() - "--\n".len();
    for step in 0..40 {
        let cut = whole * step / 40;
        let code = file(&env, &mail[..cut], &[]).run().code.unwrap();
        assert!([2, 5, 6, 9].contains(&code), "{cut}: {code}");
        assert_eq!(state(&env, &request), "requested", "{cut}");
    }
    file(&env, &mail, &[]).ok();
}

#[test]
fn a_mail_that_is_made_to_harm_is_refused_or_asked_about_in_time() {
    let env = bakery("en");
    let line = "YES NUMBER\n";
    let nested = (0..1000)
        .map(|at| format!("Content-Type: multipart/mixed; boundary=\"b{at}x\"\n\n--b{at}x\n"))
        .collect::<Vec<_>>()
        .concat();
    let many = "--b\n\nx\n".repeat(700_000);
    let parts = "Content-Type: multipart/mixed; boundary=b\n";
    let long = "x".repeat(5 << 20);
    let deep = "<div>".repeat(500_000);
    let numbers = (0..400_000).map(|at| format!("{at:08X}\n"));
    let numbers = numbers.collect::<Vec<_>>().concat();
    let words = "Subject: =?utf-8?q?x?=".to_owned() + &" =?utf-8?q?x?=".repeat(18_000) + "\n";
    let attacks = [
        (
            "one line",
            mail("", &format!("{line}{}", &long[..(5 << 20) - 400])),
            9,
        ),
        (
            "one long answer",
            mail("", &format!("{} {}", line.trim(), &long[..1 << 20])),
            9,
        ),
        ("too long", mail("", &long), 2),
        (
            "nested",
            format!("From: Anna <anna@baker.example>\n{nested}{line}"),
            5,
        ),
        ("many parts", mail(parts, &many[..4 << 20]), 5),
        (
            "large head",
            mail(&format!("X: {}\n", &long[..1 << 20]), line),
            5,
        ),
        ("many heads", mail(&"X: y\n".repeat(200_000), line), 5),
        ("encoded words", mail(&words, line), 0),
        ("many lines", mail("", &format!("{line}{numbers}")), 5),
        ("a box to tick", mail("", &format!("[ ] {line}")), 9),
        ("zeros", mail("", &format!("{line}\0\0\0")), 9),
        ("zeros in the head", mail("X: \0\0\n", line), 0),
        (
            "deep page",
            mail("Content-Type: text/html\n", &format!("{deep}{line}")),
            9,
        ),
        (
            "many tags",
            mail("Content-Type: text/html\n", &"<".repeat(4 << 20)),
            2,
        ),
    ];
    for (name, mail, code) in attacks {
        let request = ask(&env);
        let mail = mail.replace("NUMBER", &number(id_of(&request)));
        let begun = Instant::now();
        let got = file(&env, &mail, &[]).run().code.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
        assert_eq!(got, code, "{name}");
    }
}
