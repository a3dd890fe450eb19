//! Who has let a permission end sooner, and how, is told wherever the permission is.

use std::fs;

use serde_json::{Value, json};

use super::answer::{ask, bakery, file, mail};
use super::consent_sign::id_of;
use super::records::show;
use crate::support::env::{TestEnv, number};

fn shorten_by_phone(env: &TestEnv, no: &str, until: &str) {
    let phone = ["consent", "answer", no, "--phone", "she called", "--until"];
    env.call(&[&phone[..], &[until]].concat()).ok();
}

#[test]
fn who_and_the_log_and_what_is_written_out_tell_it_as_the_consent_does() {
    let env = bakery("en");
    let text = ask(&env);
    let (id, no) = (id_of(&text), number(id_of(&text)));
    file(&env, mail("", &format!("YES {no}\n")), &[]).ok();
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "20d"])
        .ok();
    let who = || env.call(&["who", "baker"]).ok();
    who().hides("the share says");
    shorten_by_phone(&env, &no, "5d");
    let told = who();
    let line = told
        .text()
        .lines()
        .find(|line| line.contains("has it since"));
    let line = line.unwrap();
    assert!(line.contains(" (the share says 20"), "{line}");
    assert!(line.chars().count() < 100, "{line}");
    let known = env.call(&["who", "baker", "--json"]).ok().json();
    assert_eq!(known[0]["until"], show(&env, id)["until"]);
    assert!(known[0]["made_until"].as_str() > known[0]["until"].as_str());
    env.call(&["log"])
        .ok()
        .shows("for contact bob by Anna Baker, by phone");
    // The log itself names nobody.
    env.call(&["log", "--json"]).ok().hides("Anna");
    env.call(&["consent", "show", &no])
        .ok()
        .shows(", by Anna Baker, by phone: until ");
    let events = show(&env, id)["events"].clone();
    assert_eq!(events[2]["method"], json!("phone"));
    assert_eq!(events[1]["method"], Value::Null);
    env.call(&["consent", "show", &no, "--out", "papers"]).ok();
    let readme = fs::read_to_string(env.work().join("papers/README.txt")).unwrap();
    let told = readme
        .lines()
        .find(|line| line.starts_with("Shortened at "));
    assert!(
        told.is_some_and(|told| told.contains(", by Anna Baker, by phone: until 20")),
        "{readme}"
    );
    assert!(readme.contains("Noted, with no file: she called"));
}

fn due_permission(env: &TestEnv) -> Option<Value> {
    let status = env.call(&["status", "--json"]).ok().json();
    let due = status["due"].as_array().unwrap().clone();
    let is_meant = |it: &Value| it["rule"] == "permission-ending";
    due.into_iter().find(is_meant)
}

#[test]
fn what_was_only_said_waits_for_its_written_answer_though_it_ends_sooner() {
    let env = bakery("en");
    env.takes_notes_of("baker");
    let text = ask(&env);
    let no = number(id_of(&text));
    env.call(&["consent", "answer", &no, "--phone", "she called"])
        .ok();
    shorten_by_phone(&env, &no, "9d");
    let found = due_permission(&env).unwrap();
    let told = format!("permission {no} of baker ends on ");
    let message = found["message"].as_str().unwrap();
    assert!(message.starts_with(&told), "{message}");
    assert!(
        message.ends_with("the written answer is missing"),
        "{message}"
    );
    let fix = format!("ask for it, then: vault consent answer {no} MAIL");
    assert_eq!(found["fix"], json!(fix));
    let paper = env.work().join(format!("confirmation-{no}-2.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(paper.contains("\nIN WRITING "), "{paper}");
    file(&env, mail("", &format!("YES {no}\n")), &[&no]).ok();
    assert_eq!(due_permission(&env), None, "they want no more time");
}

#[test]
fn no_written_answer_is_asked_for_where_it_would_not_move_the_end_that_was_set() {
    for (lang, heading) in [("en", "IN WRITING"), ("de", "SCHRIFTLICH")] {
        let env = bakery(lang);
        let text = ask(&env);
        let no = number(id_of(&text));
        env.call(&["consent", "answer", &no, "--phone", "she called"])
            .ok();
        let paper = |name: &str| {
            let paper = env.work().join(format!("confirmation-{no}{name}.txt"));
            fs::read_to_string(paper).unwrap()
        };
        assert!(paper("").contains(heading), "{}", paper(""));
        shorten_by_phone(&env, &no, "5d");
        let shorter = paper("-2");
        assert!(!shorter.contains(heading), "{shorter}");
        // Nothing may be shared under it before, where notes do not do.
        let found = due_permission(&env).unwrap().to_string();
        assert!(found.contains("the written answer is missing"), "{found}");
        env.takes_notes_of("baker");
        assert_eq!(due_permission(&env), None);
    }
    let env = bakery("en");
    let no = number(id_of(&ask(&env)));
    shorten_by_phone(&env, &no, "5d");
    let paper = env.work().join(format!("confirmation-{no}.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(!paper.contains("IN WRITING"), "{paper}");
}

#[test]
fn what_was_only_said_and_shared_for_longer_than_that_is_due() {
    let env = bakery("en");
    let text = ask(&env);
    let no = number(id_of(&text));
    env.call(&["consent", "answer", &no, "--phone", "she called"])
        .ok();
    env.takes_notes_of("baker");
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "5d"])
        .ok();
    shorten_by_phone(&env, &no, "2d");
    env.call(&["status", "--json"])
        .ok()
        .hides("the written answer is missing")
        .hides(&format!("vault consent answer {no} MAIL"))
        .shows("\"to tell bob: ");
}
