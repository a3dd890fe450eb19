//! What a client is told in writing when a permission has ended: how and when it did, truly, and
//! everybody who still knows what it was about.

use std::fs;
use std::thread;
use std::time::Duration;

use super::consent_sign::check_page;
use crate::cli::sharing::share::{Contact, consent, share, with_bob};
use crate::support::env::{TestEnv, number};

/// The letter about the end of a consent, as one line, which nothing is wrapped in.
fn letter(env: &TestEnv, id: &str, more: &[&str]) -> String {
    let out = env.work().join("letter.txt");
    let _ = fs::remove_file(&out);
    let args = ["consent", "withdraw", id, "--out", "letter.txt"];
    env.call(&[&args[..], more].concat()).ok();
    let text = fs::read_to_string(out).unwrap();
    check_page(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn today() -> String {
    jiff::Zoned::now().strftime("%-d %B %Y").to_string()
}

#[test]
fn who_knows_it_by_another_permission_is_told_and_by_which_they_go_on() {
    let (env, _) = with_bob();
    env.me();
    let scope = ["--scope", "acme/wp"];
    let [one, two, unused] = [(); 3].map(|()| consent(&env, &scope));
    share(&env, &["acme/wp", "--consent", &one]);
    share(&env, &["acme/wp", "--consent", &two]);
    let goes_on = |under: &str| format!("1. \"wp\": bob (goes on under {under})");
    let (first, second) = (number(&one), number(&two));
    // Of one second, the two stand in either order.
    let both = [
        format!("{first} and {second}"),
        format!("{second} and {first}"),
    ];
    let text = letter(&env, &unused, &[]);
    assert!(both.iter().any(|it| text.contains(&goes_on(it))), "{text}");
    let text = letter(&env, &one, &[]);
    assert!(text.contains(&goes_on(&second)), "{text}");
    // By then both are over, and the same is known by either.
    letter(&env, &two, &[]);
    for id in [&unused, &one, &two] {
        let text = letter(&env, id, &[]);
        assert!(text.contains("1. \"wp\": bob What has been seen"), "{text}");
    }
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let text = letter(&env, &one, &[]);
    assert!(text.contains("STILL KNOWN Nothing: "), "{text}");
}

#[test]
fn what_had_run_out_was_not_taken_back() {
    let (env, _) = with_bob();
    env.me();
    let id = consent(&env, &["--scope", "acme/wp", "--expires", "1s"]);
    thread::sleep(Duration::from_millis(1100));
    let text = letter(&env, &id, &[]);
    assert!(text.starts_with("PERMISSION ENDED Kim Example"), "{text}");
    assert!(text.contains("has ended. Please keep this."), "{text}");
    let told = format!("for bob: relaunch. Ran out on {}. STILL KNOWN", today());
    assert!(text.contains(&told), "{text}");
    assert!(!text.contains("Taken back"), "{text}");
}

#[test]
fn why_it_ended_and_for_whom_it_ended_before_is_told() {
    let (env, _) = with_bob();
    env.me();
    let key = Contact::new().0.to_public().to_string();
    env.call(&["contact", "add", "dana", "--recipient", &key])
        .ok();
    let id = consent(&env, &["--to", "dana", "--scope", "acme/wp"]);
    env.call(&["share", "acme/wp", "--to", "dana"]).ok();
    let (no, today) = (number(&id), today());
    let text = letter(&env, &id, &["--to", "bob"]);
    let bobs = format!("{no}, for bob: relaunch. Taken back on {today}.");
    let danas = format!("STILL KNOWN 1. \"wp\": dana (goes on under {no}) NOT RIGHT?");
    for told in [&bobs, &danas] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let text = letter(&env, &id, &["--reason", "the shop is sold"]);
    let danas =
        format!("{no}, for dana: relaunch. Ended on {today}. Reason: the shop is sold. STILL");
    for told in [&bobs, &danas] {
        assert!(text.contains(told), "{told}: {text}");
    }
}
