//! What a yes gives where the request asked for more: who or what is gone since, what it replaces.

use std::fs;

use serde_json::{Value, json};

use super::answer::{file, mail};
use super::confirmation::with_anna;
use super::consent_sign::{check_page, id_of, request, signed, with_key};
use super::records::show;
use super::request::ask;
use crate::support::env::{TestEnv, number};

const ALL: [&str; 6] = [
    "--to",
    "cy",
    "--scope",
    "baker/cms",
    "baker/shop/*",
    "--purpose=x",
];

/// The confirmation in one line, after a yes to the request by mail.
fn confirmed(env: &TestEnv, text: &str, yes: &str) -> (String, String) {
    let no = number(id_of(text));
    let said = file(env, mail("", &format!("{yes} {no}\nAnna\n")), &[]).run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let paper = paper(env, &format!("confirmation-{no}.txt"));
    (paper, said.stderr)
}

fn paper(env: &TestEnv, name: &str) -> String {
    let text = fs::read_to_string(env.work().join(name)).unwrap();
    check_page(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn state(env: &TestEnv, text: &str) -> Value {
    show(env, id_of(text))["state"].clone()
}

#[test]
fn what_is_gone_since_is_not_confirmed_and_the_paper_says_why() {
    for (lang, yes, whole) in [
        (
            "en",
            "YES",
            [
                "WHO GETS IT Bob Müller, developer,",
                "WHAT 1. all access named \"shop/*\", which today is: - \"shop/ftp\" For each:",
                "NOT GIVEN Of what I asked for, this is no part of the permission: - cy: gets nothing \
                 from me any more - \"cms\": was taken out since - \"shop/db\": is not there any more",
            ],
        ),
        (
            "de",
            "JA",
            [
                "WER Bob Müller, developer,",
                "WAS 1. alle Zugänge namens \"shop/*\", das sind heute: - \"shop/ftp\" Jeweils:",
                "NICHT ERTEILT Von dem, worum ich gebeten hatte, gehört nicht zur Erlaubnis: - cy: \
                 bekommt von mir nichts mehr - \"cms\": wurde seither herausgenommen - \"shop/db\": \
                 gibt es nicht mehr",
            ],
        ),
    ] {
        let env = with_anna();
        let text = ask(&env, &[&ALL[..], &["--lang", lang]].concat());
        let no = number(id_of(&text));
        env.call(&["consent", "withdraw", &no, "--only", "baker/cms"])
            .ok();
        env.call(&["rm", "baker/shop/db", "--yes"]).ok();
        env.call(&["contact", "rm", "cy", "--yes"]).ok();
        let (paper, said) = confirmed(&env, &text, yes);
        for part in whole {
            assert!(paper.contains(part), "{part:?} in {paper}");
        }
        for part in [
            "Request",
            ": bob: secret, username, urls of baker/shop/*,",
            "bob may be given what it covers",
            "no part of it: cy is no longer a contact",
            "no part of it: baker/cms was taken out of it",
            "no part of it: baker/shop/db was removed",
        ] {
            assert!(said.contains(part), "{part:?} in {said}");
        }
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn what_somebody_has_no_key_for_any_more_or_was_taken_out_for_one_is_told_of_them_alone() {
    let env = with_anna();
    let text = ask(&env, &ALL);
    let no = number(id_of(&text));
    let one = ["consent", "withdraw", &no, "--only", "baker/cms", "--to"];
    env.call(&[&one[..], &["cy"]].concat()).ok();
    let key = TestEnv::ready().call(&["id", "--json"]).ok().json()["recipient"].clone();
    let edit = ["contact", "edit", "bob", "--recipient"];
    env.call(&[&edit[..], &[key.as_str().unwrap()]].concat())
        .ok();
    let (paper, said) = confirmed(&env, &text, "YES");
    assert!(paper.contains("WHO GETS IT cy. Works for me;"), "{paper}");
    assert!(
        paper.contains("- Bob Müller: has other keys now, for which I have to ask you again"),
        "{paper}"
    );
    assert!(
        paper.contains("- \"cms\": was taken out since"),
        "cy alone is left: {paper}"
    );
    assert!(said.contains("bob has other keys now"), "{said}");
    let share = ["share", "baker/shop/db", "--to"];
    env.call(&[&share[..], &["bob"]].concat()).fails(6);
    env.call(&[&share[..], &["cy", "--passphrase"]].concat())
        .ok();
}

#[test]
fn a_yes_to_what_is_gone_gives_nothing_and_says_so() {
    let env = with_anna();
    let text = ask(&env, &["--scope", "baker/cms", "--purpose", "x"]);
    env.call(&["rm", "baker/cms", "--yes"]).ok();
    let (paper, said) = confirmed(&env, &text, "YES");
    assert!(paper.starts_with("NOTHING PERMITTED number "), "{paper}");
    assert!(
        paper.contains("It permits nothing: of what was asked for, nothing was left."),
        "{paper}"
    );
    assert!(paper.contains("ANSWERED BY Anna"), "{paper}");
    for no in ["PERMISSION GIVEN", "WHO GETS IT", "UNTIL", "TO END IT"] {
        assert!(!paper.contains(no), "{no}: {paper}");
    }
    assert!(
        said.contains("nothing that was asked for is left to be given, and it is over"),
        "{said}"
    );
    env.call(&["trash", "restore", "baker/cms"]).ok();
    assert_eq!(
        state(&env, &text),
        "ended",
        "it does not come to life again"
    );
    let share = ["share", "baker/cms", "--to", "bob", "--passphrase"];
    env.call(&share).fails(6);
}

#[test]
fn what_a_confirmation_leaves_out_stays_out() {
    let env = with_anna();
    let text = ask(&env, &ALL);
    env.call(&["rm", "baker/shop/db", "--yes"]).ok();
    let (paper, _) = confirmed(&env, &text, "YES");
    assert!(
        paper.contains("\"shop/db\": is not there any more"),
        "{paper}"
    );
    env.call(&["trash", "restore", "baker/shop/db"]).ok();
    let share = |entry| {
        let args = ["share", entry, "--to", "bob", "--passphrase"];
        env.call(&args).run().code
    };
    assert_eq!(share("baker/shop/db"), Some(6));
    assert_eq!(share("baker/cms"), Some(0));
}

#[test]
fn a_permission_of_which_nothing_is_left_is_over_and_one_that_waits_says_so() {
    let env = with_anna();
    let give = |to: &[&str], entries: &[&str]| {
        let scope = entries.iter().flat_map(|it| ["--scope", *it]);
        let to = to.iter().flat_map(|it| ["--to", *it]);
        let base = ["consent", "add", "baker", "--by", "Anna", "--note", "yes"];
        let more = ["--purpose", "x", "--json"];
        let args: Vec<&str> = base
            .into_iter()
            .chain(to)
            .chain(scope)
            .chain(more)
            .collect();
        let id = env.call(&args).ok().json()["changed"][0].clone();
        id.as_str().unwrap().to_owned()
    };
    let one = give(&["bob"], &["baker/cms"]);
    env.call(&["rm", "baker/cms", "--yes"]).ok();
    let shown = show(&env, &one);
    assert_eq!(
        (&shown["state"], &shown["suspended"]),
        (&json!("given"), &json!(true))
    );
    env.call(&["consent", "list"])
        .ok()
        .shows("given, suspended");
    env.call(&["consent", "show", &one])
        .ok()
        .shows("suspended: no entry that it names is here");
    env.call(&["trash", "restore", "baker/cms"]).ok();
    assert_eq!(show(&env, &one)["suspended"], json!(false));

    let two = give(&["bob"], &["baker/cms", "baker/shop/db"]);
    env.call(&["consent", "withdraw", &two, "--only", "baker/cms"])
        .ok();
    env.call(&["rm", "baker/shop/db", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    assert_eq!(show(&env, &two)["state"], "ended", "it was purged");

    let three = give(&["bob", "cy"], &["baker/cms"]);
    env.call(&["consent", "withdraw", &three, "--to", "bob"])
        .ok();
    env.call(&["contact", "rm", "cy", "--yes"]).ok();
    assert_eq!(show(&env, &three)["state"], "ended");
    env.call(&["contact", "add", "cy"]).ok();
    assert_eq!(show(&env, &three)["state"], "ended");
    let live = env
        .call(&["consent", "list", "--live", "--json"])
        .ok()
        .json();
    assert_eq!(live[0]["id"], json!(one));
    assert_eq!(live.as_array().unwrap().len(), 1, "{live}");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_request_for_several_goes_on_for_the_others_until_nobody_is_left() {
    let partings: [&[&str]; 3] = [
        &["contact", "leave", "cy", "--yes"],
        &["contact", "lost", "cy", "--yes"],
        &["contact", "rm", "cy", "--yes"],
    ];
    for parting in partings {
        let env = with_anna();
        let (one, two) = (ask(&env, &ALL), ask(&env, &ALL));
        let no = number(id_of(&one));
        env.call(parting)
            .ok()
            .tells(&format!("request {no} goes on for bob alone"));
        assert_eq!(state(&env, &one), "requested");
        let event = &show(&env, id_of(&one))["events"][1];
        assert_eq!(
            (&event["state"], &event["to"]),
            (&json!("cancelled"), &json!(["cy"]))
        );
        let (paper, said) = confirmed(&env, &one, "YES");
        assert!(said.contains("bob may be given what it covers"), "{said}");
        assert!(said.contains("no part of it: cy "), "{said}");
        assert!(paper.contains("NOT GIVEN"), "{paper}");
        let two_no = number(id_of(&two));
        env.call(&["contact", "leave", "bob", "--yes"])
            .ok()
            .tells(&format!("cancelled request {two_no}"))
            .hides(&format!("cancelled request {no}"));
        assert_eq!(state(&env, &two), "cancelled");
        file(&env, mail("", &format!("YES {two_no}\n")), &[])
            .fails(6)
            .says("was cancelled on");
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn a_renewal_says_what_it_takes_the_place_of() {
    let env = with_key();
    let old = signed(&env, &request(&env, &[]));
    let renew = |more: &[&str]| {
        let args = [&["consent", "renew", &old, "--expires", "200d"], more].concat();
        env.call(&args).ok().text().to_owned()
    };
    let (by_phone, german) = (renew(&[]), renew(&["--lang", "de"]));
    let no = number(id_of(&by_phone));
    let said = [
        "consent",
        "answer",
        &no,
        "--phone",
        "she called",
        "--by",
        "Jo",
    ];
    let told = format!(
        "it takes the place of {} once it is confirmed",
        number(&old)
    );
    env.call(&said).ok().tells(&told);
    let waits = paper(&env, &format!("confirmation-{no}.txt"));
    let of = format!("REPLACES Takes the place of number {} of ", number(&old));
    assert!(waits.contains(&of), "{waits}");
    assert!(
        waits.contains("until then that one stays as it is."),
        "{waits}"
    );
    assert_eq!(show(&env, &old)["state"], "given");
    signed(&env, &german);
    let no = number(id_of(&german));
    let ends = paper(&env, &format!("confirmation-{no}.txt"));
    let of = format!(
        "ERSETZT Tritt an die Stelle der Nummer {} vom ",
        number(&old)
    );
    assert!(ends.contains(&of), "{ends}");
    assert!(ends.contains(", die damit endete."), "{ends}");
    assert_eq!(show(&env, &old)["state"], "superseded");
}

#[test]
fn a_renewal_takes_over_what_was_withdrawn_of_the_old_one_meanwhile() {
    let env = with_key();
    let old = signed(&env, &request(&env, &["--scope", "acme/shop/db"]));
    let renew = ["consent", "renew", &old, "--expires", "200d"];
    let text = env.call(&renew).ok().text().to_owned();
    env.call(&["consent", "withdraw", &old, "--only", "acme/shop/db"])
        .ok();
    signed(&env, &text);
    let paper = paper(&env, &format!("confirmation-{}.txt", number(id_of(&text))));
    assert!(
        paper.contains("\"shop/db\": was taken out since"),
        "{paper}"
    );
    let share = ["share", "acme/shop/db", "--to", "bob", "--passphrase"];
    env.call(&share).fails(6);
}

#[test]
fn a_permission_by_phone_is_renewed_and_told_by_its_real_end() {
    let env = with_anna();
    let text = ask(&env, &["--scope", "baker/cms", "--purpose", "x"]);
    let no = number(id_of(&text));
    env.call(&["consent", "answer", &no, "--phone", "she called"])
        .ok();
    let renew = ["consent", "renew", &no, "--expires"];
    let short = env.call(&[&renew[..], &["2d"]].concat());
    let lasts = short.var("TZ", "Europe/Berlin").fails(2);
    lasts.says(" CE").hides("Z, and its renewal");
    let asked = env.call(&[&renew[..], &["30d"]].concat()).ok();
    let flat = asked
        .text()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let week = jiff::Zoned::now() + jiff::SignedDuration::from_hours(7 * 24);
    let until = week.strftime("that one stays as it is until %-d %B %Y.");
    assert!(flat.contains(&until.to_string()), "{flat}");
    env.call(&["consent", "cancel", &number(id_of(asked.text()))])
        .ok();
    env.call(&["status"])
        .ok()
        .shows("it was given by word, and the written answer is missing")
        .hides("more time");
}

#[test]
fn a_refusal_of_a_share_does_not_propose_to_ask_for_what_is_asked_for() {
    let env = with_anna();
    let share = ["share", "baker/cms", "--passphrase", "--to", "bob"];
    let text = ask(&env, &["--scope", "baker/cms", "--purpose", "x"]);
    let no = number(id_of(&text));
    let other = ["--scope", "baker/cms", "--field", "totp", "--purpose", "x"];
    ask(&env, &other);
    let answer = format!("vault consent answer {no} MAIL");
    env.call(&share)
        .fails(6)
        .says(&format!("hint: {no} was asked for on "))
        .hints(&answer)
        .hides("vault consent request");
    env.call(&["client", "edit", "baker", "--min-assurance", "document"])
        .ok();
    env.call(&["consent", "answer", &no, "--phone", "she called"])
        .ok();
    env.call(&share)
        .fails(6)
        .says(&format!("hint: {no} was given by word only"))
        .hints(&answer)
        .hides("vault consent request");
    // Another entry is another question.
    env.call(&["share", "baker/shop/db", "--passphrase", "--to", "bob"])
        .fails(6)
        .hints("vault consent request");
}

#[test]
fn a_refusal_of_a_share_names_only_permissions_of_the_contact_or_the_entry() {
    let env = with_anna();
    let add = |to: &str, entry: &str| {
        let args = ["consent", "add", "baker", "--by", "Anna", "--note", "yes"];
        let terms = ["--purpose", "x", "--json", "--to", to, "--scope", entry];
        let id = env.call(&[&args[..], &terms].concat()).ok().json()["changed"][0].clone();
        number(id.as_str().unwrap())
    };
    let unrelated = add("cy", "baker/cms");
    let share = ["share", "baker/shop/db", "--passphrase", "--to", "bob"];
    env.call(&share)
        .fails(6)
        .says("no consent of baker allows this")
        .hides(&unrelated);
    let (of_entry, of_contact) = (add("cy", "baker/shop/db"), add("bob", "baker/cms"));
    env.call(&share)
        .fails(6)
        .says(&of_entry)
        .says(&of_contact)
        .hides(&unrelated);
}
