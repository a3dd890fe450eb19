//! A client who has said a plain yes, and then wants it to end sooner.

use std::fs;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{ask, bakery, file, mail};
use super::consent_sign::id_of;
use super::records::show;
use crate::cli::sync::second_device;
use crate::support::call::Call;
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

/// Files that she called, and wants less time.
fn shorten_by_phone<'a>(env: &'a TestEnv, no: &str, until: &str) -> Call<'a> {
    let phone = ["consent", "answer", no, "--phone", "she called", "--until"];
    env.call(&[&phone[..], &[until]].concat())
}

/// The client reads on the confirmation who shortened it, and what holds of the time after.
#[track_caller]
fn check_paper(env: &TestEnv, no: &str) {
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
    card.shows("shortened: ")
        .shows(", by Anna Baker, by mail: until ")
        .shows("asked for until: ");
    // Whoever has it was told a later end.
    let lent = env.call(&["shares", "show", &share, "--json"]).ok().json();
    assert_eq!(lent["expires"], shown["until"]);
    assert!(lent["made_until"].as_str() > lent["expires"].as_str());
    env.call(&["shares", "show", &share])
        .ok()
        .shows("made until: ");
    let due = env.call(&["audit", "--json"]).run().stdout;
    let due = String::from_utf8(due).unwrap();
    assert!(
        due.contains(&format!("share {share} tells bob a later end")),
        "{due}"
    );
    assert!(!due.contains("vault consent renew"), "{due}");
    check_paper(&env, &no);
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
    shorten_by_phone(&env, &no, "6d")
        .fails(2)
        .hints("vault consent renew");
    let sooner = shorten_by_phone(&env, &no, "2d").ok();
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
    shorten_by_phone(&env, &no, "5d").ok();
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
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "10d"])
        .ok();
    let live = env.call(&["shares", "--live", "--json"]).ok().json();
    let share = number(live[0]["id"].as_str().unwrap());
    shorten_by_phone(&env, &no, "5d").ok();
    let shorter = show(&env, &id)["until"].clone();
    let copy = other.file("met.age", fs::read(env.vault_file()).unwrap());
    let merged = other.call(&["merge", &copy]).ok();
    merged
        .tells(&format!(
            "consent {no} (baker, for bob) ends sooner now, on "
        ))
        .tells(&format!(
            "and with it share {share}, whose recipient knows a later end"
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

#[test]
fn a_written_yes_makes_an_end_that_was_set_sooner_no_longer() {
    let env = bakery("en");
    env.takes_notes_of("baker");
    let text = ask(&env);
    let (id, no) = (id_of(&text).to_owned(), number(id_of(&text)));
    let phone = ["consent", "answer", &no, "--phone", "she called"];
    env.call(&phone).ok();
    let share = ["share", "baker/cms", "--to", "bob", "--expires", "5d"];
    env.call(&share).ok();
    shorten_by_phone(&env, &no, "2d").ok();
    let sooner = end(&show(&env, &id));
    let yes = mail("", &format!("YES {no}\n"));
    let told = file(&env, yes, &[]).ok();
    let day = sooner.to_zoned(jiff::tz::TimeZone::system());
    let day = day.strftime("%Y-%m-%d %H:%M");
    told.tells(&format!("bob may be given what it covers until {day}"))
        .tells(&format!("warning: it ends on {day}"))
        .tells(&format!("vault consent renew {no} --expires DATE"));
    let shown = show(&env, &id);
    assert_eq!(end(&shown), sooner);
    assert_eq!(shown["assurance"], "document");
    assert_eq!(shown["provisional_until"], Value::Null);
    let live = env.call(&["shares", "--live", "--json"]).ok().json();
    assert!(end(&live[0]) <= sooner, "{live}");
    let paper = env.work().join(format!("confirmation-{no}-3.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(
        paper.contains("- the time after that: I had asked"),
        "{paper}"
    );
}

#[test]
fn a_written_yes_by_which_a_later_end_is_named_makes_it_no_longer_either() {
    let env = bakery("en");
    let text = ask(&env);
    let (id, no) = (id_of(&text).to_owned(), number(id_of(&text)));
    shorten_by_phone(&env, &no, "2d").ok();
    let sooner = end(&show(&env, &id));
    let yes = mail("", &format!("YES {no}\nuntil Friday\n"));
    file(&env, yes, &["--says=yes", "--until=1d"]).ok();
    let soonest = end(&show(&env, &id));
    assert!(soonest < sooner);
}

/// Asks for more time, and gives the number of that.
fn renewal(env: &TestEnv, no: &str) -> String {
    let asked = env.call(&["consent", "renew", no, "--expires", "60d"]).ok();
    id_of(asked.text()).to_owned()
}

#[test]
fn a_renewal_that_was_asked_for_before_ends_sooner_too() {
    let (env, id) = allowed();
    let no = number(&id);
    let new = renewal(&env, &no);
    shorten_by_phone(&env, &no, "2d").ok();
    let sooner = show(&env, &id)["until"].clone();
    let yes = mail("", &format!("YES {}\n", number(&new)));
    file(&env, yes, &[])
        .ok()
        .tells("as they have said since it was asked for");
    let shown = show(&env, &new);
    assert_eq!(shown["until"], sooner);
    let events = shown["events"].to_string();
    assert!(events.contains("shortened"), "{events}");
    // One that is asked for afterwards lasts as long as it says.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let last = renewal(&env, &number(&new));
    let yes = mail("", &format!("YES {}\n", number(&last)));
    file(&env, yes, &[]).ok();
    assert!(end(&show(&env, &last)) > end(&shown));
}

#[test]
fn a_renewal_that_another_device_filed_ends_sooner_too_whichever_takes_in_the_other() {
    let (env, id) = allowed();
    let no = number(&id);
    let new = renewal(&env, &no);
    let other = second_device(&env);
    shorten_by_phone(&env, &no, "2d").ok();
    let sooner = show(&env, &id)["until"].clone();
    let yes = mail("", &format!("YES {}\n", number(&new)));
    file(&other, yes, &[]).ok();
    let [mine, theirs] = [&env, &other].map(|it| fs::read(it.vault_file()).unwrap());
    for (env, copy) in [(&env, theirs), (&other, mine)] {
        let copy = env.file("met.age", copy);
        env.call(&["merge", &copy]).ok().tells(&format!(
            "consent {} (baker, for bob) ends sooner now, on ",
            number(&new)
        ));
        assert_eq!(show(env, &new)["until"], sooner);
        env.call(&["share", "baker/cms", "--to", "bob", "--expires", "10d"])
            .fails(6)
            .says("ends on");
        env.call(&["conflicts"]).ok();
        env.call(&["verify", "--full"]).ok();
    }
    let copy = env.file("again.age", fs::read(other.vault_file()).unwrap());
    env.call(&["merge", &copy]).ok();
    let events = show(&env, &new)["events"].to_string();
    assert_eq!(events.matches("shortened").count(), 1, "{events}");
    // By the number of before, what stands in its place ends sooner.
    shorten_by_phone(&env, &no, "1d")
        .ok()
        .tells(&format!("goes on as {}", number(&new)));
    let soonest = end(&show(&env, &new)).to_string();
    assert!(soonest.as_str() < sooner.as_str().unwrap());
}

#[test]
fn what_has_ended_so_is_told_to_whoever_knows_a_later_end_and_no_yes_revives_it() {
    let env = bakery("en");
    env.takes_notes_of("baker");
    let text = ask(&env);
    let no = number(id_of(&text));
    let phone = ["consent", "answer", &no, "--phone", "she called"];
    env.call(&phone).ok();
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "5d"])
        .ok();
    let live = env.call(&["shares", "--live", "--json"]).ok().json();
    let share = number(live[0]["id"].as_str().unwrap());
    shorten_by_phone(&env, &no, "20d")
        .ok()
        .tells("lasts until ");
    shorten_by_phone(&env, &no, "3s")
        .ok()
        .tells("ends sooner")
        .tells(&format!("vault revoke {share} --ended --out FILE"));
    std::thread::sleep(std::time::Duration::from_secs(4));
    env.call(&["revoke", &share, "--out", "n.age"])
        .fails(6)
        .says("nothing left to revoke")
        .hints(&format!("vault revoke {share} --ended --out FILE"));
    env.call(&["revoke", &share, "--ended", "--out", "n.age"])
        .ok();
    file(&env, mail("", &format!("YES {no}\n")), &[])
        .fails(6)
        .says("as the client has said before")
        .hints("vault consent request");
}
