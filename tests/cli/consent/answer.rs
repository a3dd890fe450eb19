//! `consent answer`: a client without any software answers by mail, by letter or by phone.

use std::fs;

use serde_json::Value;
use vault::model::records::event::sha256_hex;

use super::consent_sign::id_of;
use super::records::show;
use crate::support::env::{TestEnv, number};

/// A bakery that answers by mail, and bob.
pub(crate) fn bakery(lang: &str) -> TestEnv {
    TestEnv::copied(&format!("a bakery by mail, {lang}"), |env| {
        env.add("baker/cms", "s3cret");
        env.me();
        let anna = "Anna Baker <anna@baker.example>";
        let client = ["--name", "Baker Ltd", "--lang", lang, "--person", anna];
        env.call(&[&["client", "edit", "baker"], &client[..], &["--may-permit"]].concat())
            .ok();
        let key = TestEnv::ready().call(&["id", "--json"]).ok().json()["recipient"].clone();
        let bob = [
            "contact",
            "add",
            "bob",
            "--full-name",
            "Bob Dev",
            "--recipient",
        ];
        env.call(&[&bob[..], &[key.as_str().unwrap()]].concat())
            .ok();
    })
}

/// Asks, and gives the request's text.
pub(crate) fn ask(env: &TestEnv) -> String {
    let base = "consent request baker --to bob --scope baker/cms --purpose shop --expires 30d";
    let args: Vec<&str> = base.split(' ').collect();
    env.call(&args).ok().text().to_owned()
}

/// A plain mail of Anna's, with more lines of its head.
pub(crate) fn mail(head: &str, body: &str) -> String {
    let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).unwrap();
    format!(
        "From: Anna Baker <anna@baker.example>\nTo: kim@kim.example\nDate: {date}\n\
         Subject: Re: your question\nMIME-Version: 1.0\n{head}\n{body}"
    )
}

pub(crate) fn file<'a>(
    env: &'a TestEnv,
    mail: impl AsRef<[u8]>,
    more: &[&str],
) -> crate::support::call::Call<'a> {
    let mail = env.file("mail.eml", mail);
    let (before, after): (Vec<&str>, Vec<&str>) = more
        .iter()
        .partition(|word| !word.starts_with('-') && word.len() < 10);
    env.call(&[&["consent", "answer"], &before[..], &[&mail], &after].concat())
}

fn state(env: &TestEnv, text: &str) -> Value {
    show(env, id_of(text))["state"].clone()
}

#[test]
fn a_yes_by_mail_is_the_consent_of_the_request_and_all_of_it_is_kept() {
    let env = bakery("en");
    let text = ask(&env);
    let (id, no) = (id_of(&text), number(id_of(&text)));
    let quoted = format!("> {}\n", text.trim_end().replace('\n', "\n> "));
    let head = "Authentication-Results: mx.kim.example; dkim=pass\n";
    let mail = mail(
        head,
        &format!("YES {no}\nAnna\n\nOn 5 May 2026, Kim Example wrote:\n{quoted}"),
    );
    let filed = file(&env, &mail, &[]).ok();
    filed
        .tells("Anna Baker <anna@baker.example>")
        .tells(&format!("| YES {no}"))
        .tells("baker/cms")
        .tells(&format!("consent {no} (document, by Anna Baker)"));
    let shown = show(&env, id);
    assert_eq!(shown["state"], "given");
    assert_eq!(shown["assurance"], "document");
    assert_eq!(shown["method"], "email");
    assert_eq!(shown["by"], "Anna Baker");
    let evidence = &shown["evidence"][0];
    assert_eq!(evidence["kind"], "mail");
    assert_eq!(evidence["from"], "anna@baker.example");
    assert_eq!(evidence["reported"], "mx.kim.example; dkim=pass");
    env.call(&["consent", "show", &no, "--evidence", "papers"])
        .ok();
    let paper = |name: &str| fs::read_to_string(env.work().join("papers").join(name)).unwrap();
    assert_eq!(paper("request.txt"), text);
    assert_eq!(paper("answer.eml"), mail);
    let here = env.work().join(format!("confirmation-{no}.txt"));
    assert_eq!(paper("confirmation.txt"), fs::read_to_string(here).unwrap());
    let readme = paper("README.txt");
    for name in ["request.txt", "answer.eml", "confirmation.txt"] {
        let hash = sha256_hex(paper(name).as_bytes());
        let check = format!("  echo '{hash}  {name}' | sha256sum -c\n");
        assert!(readme.contains(&check), "{name}: {readme}");
    }
    assert!(readme.contains("the client's mail, from anna@baker.example, of 20"));
    assert!(readme.contains(", by which it was given"));
    assert!(!readme.contains("ssh-keygen"), "{readme}");
    env.call(&["share", "baker/cms", "--to", "bob"]).ok();
    env.call(&["verify", "--full"]).ok();
    file(&env, &mail, &[])
        .fails(6)
        .says("was given on")
        .hints("ask anew");
}

#[test]
fn a_no_is_filed_and_after_a_yes_it_withdraws() {
    let env = bakery("de");
    let (first, second) = (ask(&env), ask(&env));
    let no = number(id_of(&first));
    file(&env, mail("", &format!("NEIN {no}\nAnna Baker\n")), &[])
        .ok()
        .tells("filed the no");
    assert_eq!(state(&env, &first), "refused");
    let events = show(&env, id_of(&first))["events"].clone();
    assert_eq!(events[1]["by"], "Anna Baker");
    file(&env, mail("", &format!("JA {no}\n")), &[])
        .fails(6)
        .says("was refused on");
    let no = number(id_of(&second));
    file(
        &env,
        mail(
            "",
            &format!("Hallo Kim,\n\nja {no}.\n\nViele Grüße\nAnna\n"),
        ),
        &[],
    )
    .ok();
    let share = ["share", "baker/cms", "--to", "bob", "--json"];
    let shared = env.call(&share).ok().json()["changed"][0].clone();
    let shared = number(shared.as_str().unwrap());
    file(&env, mail("", &format!("NEIN {shared}\n")), &[])
        .fails(3)
        .says(&format!(
            "{shared} is the number of a share with bob, under consent {no}"
        ))
        .hints(&format!("vault consent withdraw {shared}"));
    // Of a yes and a no within a second, nobody can tell which a mail shows.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    file(&env, mail("", &format!("NEIN {no}\n")), &[])
        .ok()
        .tells(&format!("withdrew consent {no}"))
        .tells("ended with it")
        .tells(&format!("Send withdrawal-{no}.txt to the client, to keep."));
    assert_eq!(state(&env, &second), "withdrawn");
    let letter = fs::read_to_string(env.work().join(format!("withdrawal-{no}.txt"))).unwrap();
    for line in [
        "ERLAUBNIS WIDERRUFEN\n",
        &format!("BEENDET       {no}, für Bob Dev: shop.\n"),
        "von Anna Baker,",
        "per E-Mail.\n",
        "NOCH BEKANNT  1. \"cms\": Bob Dev\n",
    ] {
        assert!(letter.contains(line), "{line}: {letter}");
    }
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn whatever_is_not_plainly_a_yes_is_asked_about() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let page = "Content-Type: text/html; charset=utf-8\n";
    for (head, body, why) in [
        (
            "",
            format!("YES {no}       or       NO {no}\n"),
            "more than one way",
        ),
        (
            "",
            format!("YES {no}, but only until Friday\n"),
            "there is more in it than the answer and a name: \"YES",
        ),
        (
            "",
            format!("YES {no}\nbut only until Friday\n"),
            "more in it",
        ),
        ("", format!("YES {no}\nNO {no}\n"), "more than one way"),
        (
            "",
            format!("YES {no}\nAnna\n\nOn one condition, as I wrote:\nonly the db\n"),
            "more in it",
        ),
        (
            "",
            format!("YES {no}\nAnna\n-- \nPS: only the db\n"),
            "more in it",
        ),
        (
            "",
            format!("YES {no}\nAnna\n--\nonly the db\n"),
            "more in it",
        ),
        (
            "",
            format!("YES {no}\nSent with reservations: only until Friday\n"),
            "more in it",
        ),
        (
            "Authentication-Results: mx.kim.example; dmarc=fail; spf=fail\n",
            format!("YES {no}\n"),
            "may be forged",
        ),
        (
            "Auto-Submitted: auto-replied\n",
            format!("YES {no}\n"),
            "a program sent it",
        ),
        (
            "Precedence: bulk\n",
            format!("YES {no}\n"),
            "a program sent it",
        ),
        (page, format!("<p>YES {no}</p>"), "page for browsers"),
        ("", format!("YES {no}\u{202e}\n"), "cannot be seen"),
    ] {
        let mail = mail(head, &body);
        file(&env, &mail, &[&no]).fails(9).says(why);
        assert_eq!(state(&env, &text), "requested", "{body}");
    }
    let hidden = mail("", &format!("YES {no}\u{202e}\n"));
    file(&env, hidden, &[]).fails(9).says("\\u{202e}");
    // What says neither word is not made a yes by --yes.
    for body in ["Fine with me.\n", "I do not want that.\n"] {
        for more in [&[no.as_str()][..], &[&no, "--yes"]] {
            file(&env, mail("", body), more)
                .fails(9)
                .says("somebody has to read the mail")
                .hints("--says yes, or --says no");
        }
    }
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    file(&env, some, &["--yes"]).ok();
    assert_eq!(state(&env, &text), "given");
}

#[test]
fn who_has_read_a_mail_states_what_it_says() {
    let env = bakery("en");
    for (body, says, after) in [
        ("Fine with me.\n", "yes", "given"),
        ("We would rather not.\n", "no", "refused"),
        ("No problem, go ahead. NUMBER\n", "yes", "given"),
        ("YES NUMBER, if it rains\n", "no", "refused"),
        ("YES NUMBER or NO NUMBER\n", "no", "refused"),
    ] {
        let text = ask(&env);
        let no = number(id_of(&text));
        let mail = mail("", &body.replace("NUMBER", &no));
        file(&env, mail, &[&no, &format!("--says={says}")])
            .ok()
            .tells(&format!("It is taken for a {says}, although"));
        assert_eq!(state(&env, &text), after, "{body}");
    }
    let text = ask(&env);
    let no = number(id_of(&text));
    for (word, says) in [("YES", "no"), ("NO", "yes")] {
        file(
            &env,
            mail("", &format!("{word} {no}\n")),
            &[&format!("--says={says}")],
        )
        .fails(2)
        .says(&format!("the mail says {}", word.to_lowercase()));
    }
    assert_eq!(state(&env, &text), "requested");
}

#[test]
fn a_yes_to_a_part_is_shown_as_that_and_the_rest_is_taken_out_first() {
    let env = bakery("en");
    let ask = "consent request baker --to bob --scope baker/cms baker/ftp --purpose shop";
    env.add("baker/ftp", "0ther");
    let ask: Vec<&str> = ask.split(' ').collect();
    let text = env.call(&ask).ok().text().to_owned();
    let no = number(id_of(&text));
    let only = format!("YES {no}, but only the first");
    let below = (0..20).map(|_| "Thanks\n").collect::<String>();
    for body in [only.clone(), format!("YES {no}\n{below}but only the first")] {
        let last = body.lines().last().unwrap();
        file(&env, mail("", &body), &[])
            .fails(9)
            .says(&format!("than the answer and a name: \"{last}\""))
            .says(&format!("vault consent withdraw {no} --only ENTRY"));
    }
    env.call(&["consent", "withdraw", &no, "--only", "baker/ftp"])
        .ok();
    file(&env, mail("", &only), &["--says=yes"]).ok();
    env.call(&["share", "baker/cms", "--to", "bob"]).ok();
    env.call(&["share", "baker/ftp", "--to", "bob"]).fails(6);
}

#[test]
fn at_a_terminal_a_doubtful_mail_is_shown_and_asked_about() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    env.file("mail.eml", mail("", &format!("Yes {no}, gladly!\n")));
    for (typed, after) in [(&["n", "n"][..], "requested"), (&["y"], "given")] {
        let line = format!(
            "export VAULT_PASSWORD_FILE='{}'; vault consent answer mail.eml",
            env.password_file().display()
        );
        let mut terminal = env.terminal(&line);
        terminal.sees("gladly!");
        let questions = [
            "Does it say yes, to all of it? [y/N] ",
            "Does it say no? [y/N] ",
        ];
        for (question, typed) in questions.iter().zip(typed) {
            terminal.sees(question).types(typed);
        }
        terminal.ends();
        assert_eq!(state(&env, &text), after);
    }
}

#[test]
fn a_doubtful_no_is_never_taken_for_a_yes() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    file(&env, mail("", &format!("No, sorry. {no}\n")), &[])
        .fails(9)
        .says("somebody has to read the mail");
    file(&env, mail("", &format!("No, sorry. {no}\n")), &["--yes"]).ok();
    assert_eq!(state(&env, &text), "refused");
}

#[test]
fn a_mail_of_somebody_else_is_refused_unless_it_is_said_how_it_was_made_sure() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let good = mail("", &format!("YES {no}\n"));
    for from in [
        "From: Anna Baker <eve@evil.example>",
        "From: \"anna@baker.example\" <eve@evil.example>",
        "From: anna@baker.example, eve@evil.example",
        "From: Anna Baker",
    ] {
        let forged = good.replace("From: Anna Baker <anna@baker.example>", from);
        file(&env, &forged, &["--yes"])
            .fails(6)
            .hints("--from-other HOW");
    }
    let log = env.call(&["log", "--json"]).ok().json();
    let refused = log.as_array().unwrap().iter();
    assert_eq!(refused.filter(|e| e["action"] == "refuse").count(), 4);
    let told = "because what was given as the client's word does not prove it";
    env.call(&["log"]).ok().shows(told).hides("said no");
    let other = good.replace("anna@baker.example", "anna@home.example");
    let sure = "--from-other=she called and told me so";
    for named in ["<anna@home.example>", "Nobody Known <anna@home.example>"] {
        file(
            &env,
            other.replace("Anna Baker <anna@home.example>", named),
            &[sure],
        )
        .fails(2)
        .says("--by is missing")
        .hints("--by 'Anna Baker'");
    }
    file(&env, &other, &[sure, "--by=Eve"])
        .fails(6)
        .says("Eve is not among those who may give permissions");
    file(&env, &other, &[sure]).ok();
    let shown = show(&env, id_of(&text));
    assert_eq!(shown["by"], "Anna Baker");
    let evidence = &shown["evidence"][0];
    assert_eq!(evidence["from"], "anna@home.example");
    assert_eq!(evidence["note"], "she called and told me so");
}

#[test]
fn who_may_permit_is_whoever_is_marked_so_or_else_any_address_of_the_client() {
    let env = bakery("en");
    let edit = ["client", "edit", "baker"];
    let more = [
        "--email",
        "office@baker.example",
        "--person",
        "Jo <jo@baker.example>",
    ];
    env.call(&[&edit[..], &more].concat()).ok();
    let by = |address: &str, text: &str| {
        let good = mail("", &format!("YES {}\n", number(id_of(text))));
        good.replace("anna@baker.example", address)
    };
    let text = ask(&env);
    for other in ["office@baker.example", "jo@baker.example"] {
        file(&env, by(other, &text), &[]).fails(6);
    }
    env.call(&[&edit[..], &["--unset", "person=anna@baker.example"]].concat())
        .ok();
    for (address, name) in [
        ("OFFICE@baker.example", "Anna Baker"),
        ("jo@baker.example", "Jo"),
    ] {
        let text = ask(&env);
        file(&env, by(address, &text), &[]).ok();
        assert_eq!(show(&env, id_of(&text))["by"], name);
    }
}

#[test]
fn the_name_that_a_mail_is_from_may_stand_below_the_answer() {
    let env = TestEnv::with(&[("baker/cms", "hunter2")]);
    env.me();
    env.call(&["contact", "add", "bob"]).ok();
    let request = |env: &TestEnv| {
        let ask = "consent request baker --to bob --scope baker/cms --purpose x";
        let ask: Vec<&str> = ask.split_whitespace().collect();
        env.call(&ask).ok()
    };
    request(&env)
        .tells("no mail address of baker is noted")
        .tells("vault client edit baker --person");
    env.call(&["client", "edit", "baker", "--email", "anna@baker.example"])
        .ok();
    let asked = request(&env);
    asked.hides("no mail address");
    let text = asked.text();
    let yes = mail("", &format!("YES {}\n\nAnna Baker\n", number(id_of(text))));
    file(&env, yes, &[]).ok();
    assert_eq!(show(&env, id_of(text))["by"], "Anna Baker");
}

#[test]
fn the_number_is_found_in_the_answer_the_subject_or_what_is_answered_and_not_in_a_quote() {
    let env = bakery("en");
    let (text, other) = (ask(&env), ask(&env));
    let (no, other_no) = (number(id_of(&text)), number(id_of(&other)));
    let only_quoted = mail("", &format!("Yes!\n\n> YES {no}   or   NO {no}\n"));
    file(&env, &only_quoted, &["--yes"])
        .fails(2)
        .says("names no number")
        .hints("NUMBER MAIL");
    for head in [
        format!("X: y\nIn-Reply-To: <{no}@kim.example>\n"),
        format!("References: <a@b> <{no}.1@kim.example>\n"),
    ] {
        let mail = mail(&head, "Yes!\n");
        file(&env, &mail, &[]).fails(9).says(&no);
    }
    let subject = mail("", "Yes!\n").replace("your question", &format!("request {no}"));
    file(&env, &subject, &[]).fails(9).says(&no);
    file(&env, mail("", &format!("YES {no}\n")), &[&other_no])
        .fails(6)
        .says(&format!("not {other_no}"));
    file(
        &env,
        mail("", &format!("YES {no}\nYES {other_no}\n")),
        &["--yes"],
    )
    .fails(2)
    .says("several requests");
    let unknown = mail("", "YES 1234-ABCD\n").replace("your question", &format!("request {no}"));
    file(&env, &unknown, &[]).fails(3).says("1234-ABCD");
    file(&env, &unknown, &[&no])
        .fails(6)
        .says(&format!("answers request 1234-ABCD, not {no}"));
    file(&env, &only_quoted, &[&no, "--yes"]).ok();
    assert_eq!(state(&env, &text), "given");
}

#[test]
fn a_date_that_cannot_be_is_asked_about() {
    let env = bakery("en");
    let text = ask(&env);
    let good = mail("", &format!("YES {}\n", number(id_of(&text))));
    let old = good.lines().map(|line| match line.strip_prefix("Date: ") {
        Some(_) => "Date: Tue, 5 May 2020 10:00:00 +0200\n".to_owned(),
        None => format!("{line}\n"),
    });
    let old: String = old.collect();
    file(&env, &old, &[]).fails(9).says("its date");
    let others = good.lines().filter(|line| !line.starts_with("Date:"));
    let none = others.collect::<Vec<_>>().join("\n");
    let garbled = format!("Date: soon\n{none}");
    for dateless in [&none, &garbled] {
        file(&env, dateless, &[])
            .fails(9)
            .says("it does not say when it was sent")
            .hints("--says yes");
    }
    file(&env, &none, &["--says=yes"]).ok();
}

#[test]
fn whose_a_mail_is_and_what_it_says_are_noted_apart() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let vague = mail("", "Fine with me.\n");
    let vague = vague.replace("anna@baker.example", "anna@home.example");
    let sure = "--from-other=she called and told me so";
    file(&env, &vague, &[&no, sure, "--says=yes"]).ok();
    let evidence = &show(&env, &no)["evidence"][0];
    assert_eq!(evidence["note"], "she called and told me so");
    let read_as = evidence["read_as"].as_str().unwrap();
    assert!(read_as.starts_with("a yes, although "), "{read_as}");
    env.call(&["consent", "show", &no])
        .ok()
        .shows("made sure of: she called and told me so\n")
        .shows(&format!("read as: {read_as}\n"));
    let papers = ["consent", "show", &no, "--evidence", "apart"];
    env.call(&papers).ok();
    let readme = fs::read_to_string(env.work().join("apart/README.txt")).unwrap();
    assert!(
        readme.contains("Made sure of: she called and told me so\n"),
        "{readme}"
    );
    assert!(readme.contains(&format!("Read as: {read_as}")), "{readme}");
    let plain = ask(&env);
    file(
        &env,
        mail("", &format!("YES {}\n", number(id_of(&plain)))),
        &[],
    )
    .ok();
    let evidence = &show(&env, id_of(&plain))["evidence"][0];
    assert!(evidence["note"].is_null() && evidence["read_as"].is_null());
}

#[test]
fn what_was_said_by_phone_holds_for_a_week_unless_it_is_written() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let phone = ["consent", "answer", &no, "--phone", "called me at 14:10"];
    env.call(&phone)
        .ok()
        .tells("attested, by Anna Baker")
        .tells("have to be at least document");
    let shown = show(&env, id_of(&text));
    assert_eq!(shown["assurance"], "attested");
    assert_eq!(shown["method"], "phone");
    let until: jiff::Timestamp = shown["provisional_until"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let days = (until.as_second() - jiff::Timestamp::now().as_second()) / 3600;
    assert!((166..=168).contains(&days), "{days}");
    env.call(&["share", "baker/cms", "--to", "bob"])
        .fails(6)
        .says("is attested, and baker asks for document ones");
    env.takes_notes_of("baker");
    let share = ["share", "baker/cms", "--to", "bob"];
    env.call(&[&share[..], &["--expires", "8d"]].concat())
        .fails(6)
        .says("ends on");
    env.call(&share).ok();
    let paper = |name: &str| fs::read_to_string(env.work().join(name)).unwrap();
    let said = paper(&format!("confirmation-{no}.txt"));
    assert!(said.contains("IN WRITING"), "{said}");
    let readme = |folder: &str| {
        env.call(&["consent", "show", &no, "--evidence", folder])
            .ok();
        paper(&format!("{folder}/README.txt"))
    };
    let said = readme("said");
    assert!(said.contains("what the client was sent to keep."), "{said}");
    assert!(!said.contains("hash of the answer"), "{said}");
    env.call(&phone).fails(6).says("by word");
    file(&env, mail("", &format!("YES {no}\nAnna\n")), &[]).ok();
    let shown = show(&env, id_of(&text));
    assert_eq!(shown["assurance"], "document");
    assert_eq!(shown["provisional_until"], Value::Null);
    assert_eq!(shown["evidence"].as_array().unwrap().len(), 2);
    env.call(&[&share[..], &["--expires", "20d"]].concat()).ok();
    let written = paper(&format!("confirmation-{no}-2.txt"));
    assert!(!written.contains("IN WRITING"), "{written}");
    let both = readme("both");
    assert_eq!(both.matches("which has the hash of the answer").count(), 1);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_letter_is_kept_with_its_day_and_may_say_no() {
    let env = bakery("en");
    let (text, other) = (ask(&env), ask(&env));
    let letter = env.file("letter.pdf", "%PDF-1.4 yes");
    let no = number(id_of(&text));
    let scan = ["consent", "answer", &no, "--scan", &letter];
    env.call(&scan).fails(2).says("--by");
    let by = [&scan[..], &["--by", "Anna Baker"]].concat();
    env.call(&[&by[..], &["--on", "2999-01-01"]].concat())
        .fails(2);
    env.call(&[&by[..], &["--on", "2026-11-20"]].concat())
        .fails(2)
        .says("before the day of the request");
    // By any zone's clock, today is no earlier than the request.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let on = today.date().to_string();
    env.call(&[&by[..], &["--on", &on]].concat()).ok();
    let shown = show(&env, id_of(&text));
    assert_eq!(shown["method"], "letter");
    assert_eq!(shown["assurance"], "document");
    assert_eq!(shown["evidence"][0]["media_type"], "application/pdf");
    let paper = fs::read_to_string(env.work().join(format!("confirmation-{no}.txt"))).unwrap();
    assert!(paper.contains("by letter of"), "{paper}");
    let day = today.strftime("%-d %B %Y").to_string();
    assert!(paper.contains(&day), "{paper}");
    env.call(&["consent", "show", &no, "--evidence", "papers"])
        .ok();
    let kept = fs::read(env.work().join("papers/letter.pdf")).unwrap();
    assert_eq!(kept, b"%PDF-1.4 yes");
    let other_no = number(id_of(&other));
    let refuses = [
        "consent",
        "answer",
        &other_no,
        "--scan",
        &letter,
        "--by",
        "Anna",
        "--says=no",
    ];
    env.call(&refuses).ok();
    assert_eq!(state(&env, &other), "refused");
}

#[test]
fn a_request_is_taken_back_once_and_only_before_it_is_given() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let cancel = ["consent", "cancel", &no.to_lowercase().replace('-', "")];
    env.call(&cancel)
        .ok()
        .tells(&format!("cancelled request {no}"))
        .tells(&format!("if baker has request {no} already, send this:"))
        .tells(&format!(
            "My request for a permission, number {no}, is void."
        ));
    assert_eq!(state(&env, &text), "cancelled");
    env.call(&cancel).ok().tells("was cancelled before");
    let text = ask(&env);
    let no = number(id_of(&text));
    file(&env, mail("", &format!("YES {no}\n")), &[]).ok();
    env.call(&["consent", "cancel", &no])
        .fails(6)
        .hints("vault consent withdraw");
}

#[test]
fn the_confirmation_goes_where_it_is_asked_for_and_nothing_is_filed_where_it_cannot() {
    let env = bakery("en");
    let text = ask(&env);
    let good = mail("", &format!("YES {}\n", number(id_of(&text))));
    env.file("there.txt", "mine");
    file(&env, &good, &["--confirmation=there.txt"])
        .fails(7)
        .hints("--out FILE");
    file(&env, &good, &["--confirmation=no/such/folder"]).fails(2);
    assert_eq!(state(&env, &text), "requested");
    let printed = file(&env, &good, &["--confirmation=-"]).ok();
    printed.shows("PERMISSION GIVEN").shows("ALLOWED BY");
}

#[test]
fn what_is_said_of_a_letter_is_not_said_of_a_mail() {
    let env = bakery("en");
    let text = ask(&env);
    let good = mail("", &format!("YES {}\n", number(id_of(&text))));
    for option in ["--by=Anna", "--on=2026-11-20"] {
        file(&env, &good, &[option]).fails(2).says("of no use");
    }
    file(&env, &good, &["--says=no"])
        .fails(2)
        .says("the mail says yes");
}

#[test]
fn what_is_no_mail_is_called_that() {
    let env = bakery("en");
    let text = ask(&env);
    for empty in ["", "\n\n"] {
        file(&env, empty, &["--yes"])
            .fails(2)
            .says("no mail: it is empty");
    }
    for none in ["/dev/null", "/dev"] {
        env.call(&["consent", "answer", none])
            .fails(2)
            .says("is not a regular file");
    }
    for bad in [&b"hello"[..], b"%PDF-1.4 x", b"\xd0\xcf\x11\xe0 outlook"] {
        file(&env, bad, &["--yes"]).fails(2).says("no mail");
    }
    file(&env, vec![b'x'; (5 << 20) + 1], &[])
        .fails(2)
        .says("limit");
    env.call(&["consent", "answer"])
        .fails(2)
        .says("the answer is missing");
    assert_eq!(state(&env, &text), "requested");
}

#[test]
fn a_no_in_other_words_is_filed_and_only_who_may_permit_does_so() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    let letter = env.file("letter.pdf", "%PDF-1.4");
    let by = ["consent", "answer", &no, "--scan", &letter, "--by", "Otto"];
    env.call(&by)
        .fails(6)
        .says("Otto is not among those who may give permissions for baker: Anna Baker")
        .hints("--may-permit");
    assert_eq!(state(&env, &text), "requested");
    let kindly = mail("", "We would rather not.\n");
    file(&env, kindly, &[&no, "--says=no"]).ok();
    assert_eq!(state(&env, &text), "refused");
}

#[test]
fn a_yes_for_a_shorter_time_is_filed_and_confirmed_as_that() {
    let env = bakery("en");
    let (first, second) = (ask(&env), ask(&env));
    let no = number(id_of(&first));
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    file(&env, &some, &[])
        .fails(9)
        .says("--says yes --until DATE");
    let until = |end: &str| {
        let until = format!("--until={end}");
        file(&env, &some, &["--says=yes", &until])
    };
    until("2020-01-01").fails(2).says("--until is in the past");
    until("31d")
        .fails(2)
        .says("is after the end that was asked for");
    file(&env, &some, &["--says=no", "--until=5d"])
        .fails(2)
        .says("--until is for a yes");
    until("5d").ok().tells("may be given what it covers until");
    let shown = show(&env, id_of(&first));
    assert_eq!(shown["state"], "given");
    assert_eq!(shown["until"], shown["expires"], "the end that counts");
    env.call(&["consent", "show", &no])
        .ok()
        .shows("asked for until: ")
        .shows("(in 5 days)");
    let paper = fs::read_to_string(env.work().join(format!("confirmation-{no}.txt"))).unwrap();
    let end: jiff::Timestamp = shown["until"].as_str().unwrap().parse().unwrap();
    let day = end.to_zoned(jiff::tz::TimeZone::system());
    let day = day.strftime("%-d %B %Y").to_string();
    assert!(paper.contains(&format!("UNTIL         {day}")), "{paper}");
    assert!(
        paper.contains("- the time after that: I had asked"),
        "{paper}"
    );
    let share = ["share", "baker/cms", "--to", "bob", "--expires"];
    env.call(&[&share[..], &["10d"]].concat())
        .fails(6)
        .says("ends on");
    let shared = env.call(&share[..4]).ok();
    shared.tells("(in 5 days)");
    // What is written later makes it surer, and no longer.
    let no = number(id_of(&second));
    let phone = ["consent", "answer", &no, "--phone", "she called"];
    env.call(&[&phone[..], &["--until", "2d"]].concat()).ok();
    let said = show(&env, id_of(&second));
    assert_eq!(said["until"], said["provisional_until"]);
    file(&env, mail("", &format!("YES {no}\n")), &[]).ok();
    let written = show(&env, id_of(&second));
    assert_eq!(written["until"], said["until"]);
    assert_eq!(written["provisional_until"], Value::Null);
}

/// Somebody of the client's who may not give permissions.
fn with_otto() -> TestEnv {
    let env = bakery("en");
    let otto = ["--person", "Otto Roll <otto@baker.example>"];
    env.call(&[&["client", "edit", "baker"], &otto[..]].concat())
        .ok();
    env
}

#[test]
fn anybody_of_the_clients_may_say_no_and_nobody_else_yes() {
    let env = with_otto();
    let of_otto = |body: String| {
        let anna = "Anna Baker <anna@baker.example>";
        mail("", &body).replace(anna, "Otto Roll <otto@baker.example>")
    };
    let (first, second, third) = (ask(&env), ask(&env), ask(&env));
    let no = number(id_of(&first));
    file(&env, of_otto(format!("YES {no}\n")), &[])
        .fails(6)
        .says("otto@baker.example is not an address of somebody who may give permissions")
        .hints("--may-permit")
        .hints("--says no");
    file(&env, of_otto(format!("NO {no}\n")), &[]).ok();
    assert_eq!(state(&env, &first), "refused");
    assert_eq!(show(&env, id_of(&first))["events"][1]["by"], "Otto Roll");
    // Nor is one that somebody reads as a yes a yes.
    let no = number(id_of(&second));
    let doubtful = of_otto(format!("NO {no}\nproblem at all\n"));
    file(&env, &doubtful, &["--says=yes"]).fails(6);
    file(&env, of_otto("Better not.\n".into()), &[&no]).fails(6);
    file(&env, of_otto("Better not.\n".into()), &[&no, "--says=no"]).ok();
    assert_eq!(state(&env, &second), "refused");
    // What was given is withdrawn so, by a call too.
    let no = number(id_of(&third));
    file(&env, mail("", &format!("YES {no}\n")), &[]).ok();
    let phone = ["consent", "answer", &no, "--phone", "he called", "--by"];
    let phone = [&phone[..], &["Otto Roll"]].concat();
    env.call(&phone).fails(6);
    env.call(&[&phone[..], &["--says=no"]].concat())
        .ok()
        .tells(&format!("withdrew consent {no}"));
    assert_eq!(state(&env, &third), "withdrawn");
}

#[test]
fn a_greeting_or_a_signature_makes_no_plain_yes_doubtful() {
    let env = bakery("en");
    for (end, dashed) in [
        ("Kind regards\nAnna Baker", "-"),
        ("Best,\nAnna", " "),
        ("Viele Grüße\nAnna Baker", "\u{2013}"),
        (
            "Anna\n-- \nAnna Baker, CEO\nTel. +49 30 555 02\nBaker Ltd",
            "\u{2014}",
        ),
    ] {
        let text = ask(&env);
        let no = number(id_of(&text)).replace('-', dashed);
        let plain = "Content-Type: text/plain; charset=utf-8\n";
        let yes = mail(plain, &format!("YES {no}\n\n{end}\n"));
        file(&env, yes, &[]).ok();
        assert_eq!(state(&env, &text), "given", "{end}");
    }
}

#[test]
fn what_is_filed_without_a_request_is_of_who_may_permit_too() {
    let env = bakery("en");
    let scan = env.file("letter.pdf", "%PDF-1.4");
    let add = ["consent", "add", "baker", "--to", "bob", "--purpose", "x"];
    let add = [&add[..], &["--scope", "baker/cms", "--evidence", &scan]].concat();
    let by = |name: &str| env.call(&[&add[..], &["--by", name]].concat());
    by("Otto")
        .fails(6)
        .says("Otto is not among those who may give permissions for baker: Anna Baker")
        .hints("--may-permit");
    by("Anna Baker").ok().hides("none of the people");
    let edit = ["client", "edit", "baker", "--unset", "person=Anna Baker"];
    let unmarked = ["--person", "Anna Baker"];
    env.call(&[&edit[..], &unmarked].concat()).ok();
    by("Otto")
        .ok()
        .tells("Otto is not among the people noted for baker");
}
