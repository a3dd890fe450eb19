//! A client who has said a plain yes, and then wants it to end sooner.

use std::fs;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{ask, bakery, file, mail};
use super::consent_sign::id_of;
use super::records::show;
use crate::cli::sync::second_device;
use crate::support::env::{TestEnv, number};

/// A bakery that has said yes for 30 days, and the number of that.
fn allowed() -> (TestEnv, String) {
    let env = bakery("en");
    let text = ask(&env);
    let id = id_of(&text).to_owned();
    file(&env, mail("", &format!("YES {}\n", number(&id))), &[]).ok();
    (env, id)
}

fn end(shown: &Value) -> Timestamp {
    shown["expires"].as_str().unwrap().parse().unwrap()
}

#[test]
fn it_ends_sooner_by_a_mail_that_is_kept_and_the_rest_stays_as_it_was_given() {
    let (env, id) = allowed();
    let no = number(&id);
    let before = show(&env, &id);
    let share = [
        "share",
        "baker/cms",
        "--to",
        "bob",
        "--json",
        "--out",
        "s.age",
    ];
    let share = env.call(&share).ok().json();
    let share = number(share["share"]["id"].as_str().unwrap());
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    // As an answer of its own it comes too late, and the way is told.
    file(&env, &some, &["--says=yes"])
        .fails(6)
        .says("already")
        .hints("--until DATE");
    for (later, why) in [
        ("31d", "is after the end"),
        ("2020-01-01", "is in the past"),
    ] {
        let until = format!("--until={later}");
        file(&env, &some, &["--says=yes", &until])
            .fails(2)
            .says(why);
    }
    let told = file(&env, &some, &["--says=yes", "--until=5d"]).ok();
    told.tells(&format!(
        "consent {no} ends sooner, by Anna Baker: bob may be given"
    ))
    .tells(&format!("warning: share {share} was made until "))
    .tells(&format!("vault share --renew {share}"))
    .tells(&format!("vault revoke {share}"))
    .tells(&format!("Send confirmation-{no}-2.txt to the client"));
    let shown = show(&env, &id);
    assert_eq!(shown["state"], "given");
    assert!(end(&shown) < end(&before));
    for same in ["by", "assurance", "method", "not_before"] {
        assert_eq!(shown[same], before[same], "{same}");
    }
    assert_eq!(shown["evidence"].as_array().unwrap().len(), 2);
    let event = shown["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&event["state"], &event["by"]),
        (&json!("shortened"), &json!("Anna Baker"))
    );
    let until = format!("until {}", shown["until"].as_str().unwrap());
    assert_eq!(event["reason"], json!(until));
    assert_eq!(env.last_event()["detail"]["state"], "shortened");
    let card = env.call(&["consent", "show", &no]).ok();
    card.shows("shortened: ").shows("asked for until: ");
    let paper = env.work().join(format!("confirmation-{no}-2.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(paper.starts_with("PERMISSION SHORTENED "), "{paper}");
    assert!(
        paper.contains("SHORTENED BY  Anna Baker, by e-mail"),
        "{paper}"
    );
    assert!(
        paper.contains("- the time after that: I had asked"),
        "{paper}"
    );
    // What was told to do does it.
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "10d"])
        .fails(6)
        .says("ends on");
    env.call(&["share", "--renew", &share, "--out", "new.age"])
        .ok();
    let live = env.call(&["shares", "--live", "--json"]).ok().json();
    let [live] = live.as_array().unwrap().as_slice() else {
        panic!("{live}")
    };
    assert_eq!(live["expires"], shown["until"]);
    // Sooner still, and no more later.
    let again = ["consent", "answer", &no, "--phone", "she called", "--until"];
    env.call(&[&again[..], &["6d"]].concat())
        .fails(2)
        .hints("vault consent renew");
    let sooner = env.call(&[&again[..], &["2d"]].concat()).ok();
    sooner.tells("ends sooner");
    let last = show(&env, &id);
    assert!(end(&last) < end(&shown));
    assert_eq!(
        last["assurance"], before["assurance"],
        "a call takes nothing of it"
    );
    assert_eq!(last["provisional_until"], Value::Null);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn anybody_who_speaks_for_the_client_may_ask_for_less() {
    let (env, id) = allowed();
    let otto = [
        "client",
        "edit",
        "baker",
        "--person",
        "Otto Roll <otto@baker.example>",
    ];
    env.call(&otto).ok();
    let no = number(&id);
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    let some = some.replace("Anna Baker <anna@", "Otto Roll <otto@");
    file(&env, &some, &["--says=yes"]).fails(6);
    file(&env, &some, &["--says=yes", "--until=5d"])
        .ok()
        .tells("ends sooner, by Otto Roll");
}

#[test]
fn a_no_is_shown_with_the_end_that_holds() {
    let (env, id) = allowed();
    let no = number(&id);
    let phone = [
        "consent",
        "answer",
        &no,
        "--phone",
        "she called",
        "--until",
        "5d",
    ];
    env.call(&phone).ok();
    let told = file(&env, mail("", &format!("NO {no}\n")), &[]).ok();
    let day = end(&show(&env, &id)).to_zoned(jiff::tz::TimeZone::system());
    told.tells(&format!("until {}", day.strftime("%Y-%m-%d")))
        .tells("withdrew consent");
}

#[test]
fn an_earlier_end_comes_with_a_merge_and_stays_whatever_copy_is_gone_on_from() {
    let (env, id) = allowed();
    let no = number(&id);
    let other = second_device(&env);
    let old = fs::read(env.vault_file()).unwrap();
    let phone = [
        "consent",
        "answer",
        &no,
        "--phone",
        "she called",
        "--until",
        "5d",
    ];
    env.call(&phone).ok();
    let shorter = show(&env, &id)["until"].clone();
    let copy = other.file("met.age", fs::read(env.vault_file()).unwrap());
    let merged = other.call(&["merge", &copy]).ok();
    merged.tells(&format!(
        "consent {no} (baker, for bob) ends sooner now, on "
    ));
    assert_eq!(show(&other, &id)["until"], shorter);
    fs::write(env.vault_file(), old).unwrap();
    let accept = env.call(&["list"]).run().stderr;
    let accept = accept.split("--accept-generation ").nth(1).unwrap();
    let accept: String = accept.chars().take_while(char::is_ascii_digit).collect();
    let add = ["add", "baker/new", "--accept-generation", &accept];
    env.call(&add)
        .stdin("x")
        .ok()
        .tells("consents that end sooner: 1");
    assert_eq!(show(&env, &id)["until"], shorter);
}
