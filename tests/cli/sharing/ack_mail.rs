//! `ack --mail`: what a contact without the program says of a share.

use serde_json::json;

use super::both_sides::Two;
use super::share::{consented, share};
use crate::support::env::TestEnv;

/// acme/wp was shared with bob, who has an address; the share's id and number.
fn shared() -> (TestEnv, String, String) {
    let (env, _) = consented();
    let edit = [
        "contact",
        "edit",
        "bob",
        "--full-name",
        "Bob Müller",
        "--email",
        "bob@dev.example",
    ];
    env.call(&edit).ok();
    let id = share(&env, &["acme/wp"])["share"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let digits = id[..8].to_uppercase();
    let number = format!("{}-{}", &digits[..4], &digits[4..]);
    (env, id, number)
}

fn mail(env: &TestEnv, from: &str, subject: &str, text: &str) -> String {
    dated(env, (from, subject), &date_header(-1), text)
}

/// The header of a mail that was sent so many minutes from now.
pub(super) fn date_header(minutes: i64) -> String {
    let time = jiff::Zoned::now() + jiff::SignedDuration::from_mins(minutes);
    format!(
        "Date: {}\r\n",
        jiff::fmt::rfc2822::to_string(&time).unwrap()
    )
}

fn dated(env: &TestEnv, (from, subject): (&str, &str), date: &str, text: &str) -> String {
    let mail = format!(
        "From: {from}\r\nTo: kim@kim.example\r\nSubject: {subject}\r\n{date}Content-Type: \
         text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    env.file("answer.eml", mail)
}

#[test]
fn a_mail_without_a_date_or_from_before_the_share_is_confirmed() {
    let (env, id, number) = shared();
    let two_days = 2 * 24 * 60;
    for (date, why) in [
        (String::new(), "does not say when it was sent"),
        (date_header(-two_days), "the mail's date is not between"),
        (date_header(two_days), "the mail's date is not between"),
    ] {
        let file = dated(&env, (BOB, "Re: it"), &date, &format!("DELETED {number}"));
        let asked = env.call(&["ack", "--mail", &file]);
        asked
            .fails(9)
            .says(why)
            .hints("make sure of it, then use --yes");
    }
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "sent");
    let file = dated(&env, (BOB, "Re: it"), "", &format!("DELETED {number}"));
    env.call(&["ack", "--mail", &file, "--yes"]).ok();
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "deleted");
}

/// acme/db of a share of two has ended alone; the share's id, and a mail that says DELETED.
fn with_an_ended_part() -> (TestEnv, String, String) {
    let (env, _, _) = shared();
    let id = share(&env, &["acme/wp", "acme/db"])["share"]["id"].clone();
    let id = id.as_str().unwrap().to_owned();
    let only = ["consent", "withdraw", "acme", "--only", "acme/db"];
    env.call(&only).ok();
    let text = format!("DELETED {}", crate::support::env::number(&id));
    let file = mail(&env, BOB, "", &text);
    (env, id, file)
}

#[test]
fn a_deletion_while_a_part_has_ended_is_confirmed_as_one_of_the_part() {
    let (env, id, file) = with_an_ended_part();
    env.call(&["ack", "--mail", &file])
        .fails(9)
        .says("only a part of that share has ended, and acme/wp goes on")
        .hints("--yes");
    env.call(&["ack", "--mail", &file, "--yes"])
        .ok()
        .tells("filed that bob deleted acme/db, share");
    let who = env.call(&["who", "acme"]).ok();
    who.shows("has it since").hides("outstanding");
    let show = |id: &str| env.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(show(&id)["state"], "sent");
    env.call(&["ack", "--mail", &file, "--yes"])
        .ok()
        .tells("filed already");
    env.call(&["verify", "--full"]).ok();
    env.call(&["shares", "show", &id, "--evidence", "papers"])
        .ok();
    let said = std::fs::read_to_string(env.work().join("papers/README.txt")).unwrap();
    assert!(said.contains("bob@dev.example"), "{said}");
    // All of it is named: it is the whole.
    let (env, id, file) = with_an_ended_part();
    let both = ["--only", "acme/db", "--only", "acme/wp"];
    env.call(&[&["ack", "--mail", &file][..], &both].concat())
        .ok()
        .tells("filed that bob deleted it, share");
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "deleted");
}

#[test]
fn who_has_no_vault_is_told_of_an_end_by_a_mail_in_their_language() {
    let (env, _, _) = shared();
    let id = share(&env, &["acme/wp", "acme/db"])["share"]["id"].clone();
    let number = crate::support::env::number(id.as_str().unwrap());
    let only = ["consent", "withdraw", "acme", "--only", "acme/db"];
    env.call(&only)
        .ok()
        .tells("bob has no program that could close it; send this to bob@dev.example:")
        .tells(&format!(
            "Your access to \"db\" has ended (number {number})."
        ))
        .tells(&format!("DELETED {number}"));
    env.call(&["contact", "edit", "bob", "--lang", "de"]).ok();
    let notice = ["revoke", &number, "--ended", "--out", "bob.notice"];
    env.call(&notice)
        .ok()
        .tells(&format!(
            "Ihr Zugang zu \"db\" ist beendet (Nummer {number})."
        ))
        .tells(&format!("GELÖSCHT {number}"));
}

#[test]
fn a_deletion_by_mail_may_be_of_named_entries_alone() {
    let (env, id, file) = with_an_ended_part();
    env.call(&["ack", "--mail", &file, "--only", "acme/none"])
        .fails(3)
        .says("acme/none was not in share");
    let received = mail(
        &env,
        BOB,
        "",
        &format!("RECEIVED {}", crate::support::env::number(&id)),
    );
    env.call(&["ack", "--mail", &received, "--only", "acme/wp"])
        .fails(2)
        .says("--only is about a deletion");
    let text = format!("DELETED {}", crate::support::env::number(&id));
    let file = mail(&env, BOB, "", &text);
    env.call(&["ack", "--mail", &file, "--only", "acme/wp"])
        .ok()
        .tells("filed that bob deleted acme/wp, share");
    let who = env.call(&["who", "acme"]).ok();
    who.shows("outstanding: 1 deletion (bob)");
}

const BOB: &str = "Bob <bob@dev.example>";

#[test]
fn received_and_deleted_are_filed_and_shown_as_by_mail() {
    let (env, id, number) = shared();
    let file = mail(
        &env,
        BOB,
        "Re: access",
        &format!("RECEIVED {number}\r\n\r\nBob Müller"),
    );
    env.call(&["ack", "--mail", &file]).ok().tells(&format!(
        "filed that bob received it, share {number}, by mail"
    ));
    env.call(&["ack", "--mail", &file])
        .ok()
        .tells("filed already");
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "received");
    assert_eq!(show["receipt_by"], "by mail from bob@dev.example");
    let text = format!("gelöscht {number}\r\n\r\nBob\r\n\r\n> RECEIVED {number}");
    let file = mail(&env, "BOB@dev.example", "", &text);
    env.call(&["ack", "--mail", &file]).ok().tells("deleted it");
    let show = env.call(&["shares", "show", &id]).ok();
    show.shows("state: deleted").shows("deletion: by mail from");
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["action"], &last["detail"]["by"]),
        (&json!("ack"), &json!("mail"))
    );
}

#[test]
fn a_mail_after_what_was_signed_adds_nothing() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let number = crate::support::env::number(&id);
    let receipt = two.to_alice(&format!("RECEIPT-{number}.json"));
    two.alice.call(&["ack", &receipt]).ok();
    let edit = ["contact", "edit", "bob", "--email", "bob@dev.example"];
    two.alice.call(&edit).ok();
    let file = mail(&two.alice, BOB, "", &format!("RECEIVED {number}"));
    two.alice
        .call(&["ack", "--mail", &file])
        .ok()
        .tells(&format!(
            "the receipt of share {number} is filed already, signed: the mail adds nothing"
        ));
    let shares = two.shares();
    assert_eq!(shares[0]["receipt_by"], "signed");
}

#[test]
fn a_mail_with_the_numbers_of_a_share_and_of_the_one_in_its_place_is_of_both() {
    let (env, id, number) = shared();
    let again = ["share", "--update", &id, "--json"];
    let second = env.call(&again).ok().json()["share"]["id"].clone();
    let other = crate::support::env::number(second.as_str().unwrap());
    let text = format!("RECEIVED {number}\r\nRECEIVED {other}\r\n\r\nBob Müller");
    let file = mail(&env, BOB, "", &text);
    let told = env.call(&["ack", "--mail", &file, "--yes"]).ok();
    told.tells(&format!("received it, share {other}"))
        .hides("says nothing of");
}

#[test]
fn one_mail_confirms_several_shares_each_in_a_line_of_its_own() {
    let (env, first, number) = shared();
    let second = share(&env, &["acme/db"])["share"]["id"].clone();
    let second = second.as_str().unwrap().to_owned();
    let other = crate::support::env::number(&second);
    env.me();
    let leave = ["contact", "leave", "bob", "--yes", "--out", "letters"];
    env.call(&leave).ok();
    let letter = std::fs::read_to_string(env.work().join("letters/to-bob.txt")).unwrap();
    let lines = format!("DELETED {number}\n{}DELETED {other}\n", " ".repeat(16));
    let swapped = format!("DELETED {other}\n{}DELETED {number}\n", " ".repeat(16));
    // The later first, unless they are of one second.
    assert!(
        letter.contains(&lines) || letter.contains(&swapped),
        "{letter}"
    );
    let text = format!("DELETED {number}\r\nDELETED {other}\r\n\r\nBob Müller");
    let file = mail(&env, BOB, "Re: end of access", &text);
    let acked = env.call(&["ack", "--mail", &file, "--json"]).ok().json();
    let changed = acked["changed"].as_array().unwrap();
    assert!(changed.contains(&json!(first)) && changed.contains(&json!(second)));
    for id in [&first, &second] {
        let show = env.call(&["shares", "show", id, "--json"]).ok().json();
        assert_eq!(show["state"], "deleted");
    }
    env.call(&["ack", "--mail", &file])
        .ok()
        .tells("filed already");
    // A line that says more is asked about, and files nothing of either.
    let (env, first, number) = shared();
    let other = share(&env, &["acme/db"])["share"]["id"].clone();
    let other = crate::support::env::number(other.as_str().unwrap());
    let text = format!("DELETED {number}\r\nbut not yet {other}");
    let file = mail(&env, BOB, "", &text);
    env.call(&["ack", "--mail", &file]).fails(2);
    let show = env.call(&["shares", "show", &first, "--json"]).ok().json();
    assert_eq!(show["state"], "sent");
}

#[test]
fn what_is_not_clear_is_confirmed_and_what_is_not_theirs_is_refused() {
    let (env, id, number) = shared();
    let file = mail(&env, "eve@evil.example", "", &format!("DELETED {number}"));
    env.call(&["ack", "--mail", &file])
        .fails(6)
        .says("not an address of bob")
        .hints("vault contact edit bob --email eve@evil.example");
    let quoted = mail(
        &env,
        BOB,
        "",
        &format!("Hi Kim, tomorrow.\r\n> DELETED {number}"),
    );
    env.call(&["ack", "--mail", &quoted])
        .fails(3)
        .says("no number");
    let subject = mail(
        &env,
        BOB,
        &format!("Re: {number}"),
        "I have not DELETED it yet.",
    );
    env.call(&["ack", "--mail", &subject])
        .fails(9)
        .says("not clear")
        .hints("--yes");
    let none = mail(&env, BOB, &format!("Re: {number}"), "Thank you");
    env.call(&["ack", "--mail", &none])
        .fails(2)
        .says(&format!("neither RECEIVED {number} nor DELETED {number}"));
    let unclear = mail(
        &env,
        BOB,
        "",
        &format!("DELETED {number}, as far as I know"),
    );
    env.call(&["ack", "--mail", &unclear]).fails(9);
    env.call(&["ack", "--mail", &unclear, "--yes"]).ok();
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "deleted");
    env.call(&["ack", "--mail", "missing.eml"]).fails(2);
    let nothing = env.file("no.eml", "hello");
    env.call(&["ack", "--mail", &nothing])
        .fails(2)
        .says("no mail");
}

#[test]
fn a_mail_from_after_the_loss_of_a_device_is_confirmed_and_noted() {
    let (env, id, number) = shared();
    env.me();
    let file = mail(&env, BOB, "", &format!("DELETED {number}\r\n\r\nBob"));
    let lost = ["contact", "lost", "bob", "--since"];
    let after = [&lost[..], &["2026-11-28", "--yes"]].concat();
    env.call(&after).ok();
    env.call(&["ack", "--mail", &file])
        .fails(9)
        .says("bob has lost a device")
        .says("whoever has it may have written this mail")
        .hints("--yes");
    env.call(&["ack", "--mail", &file, "--yes"]).ok();
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(
        show["deletion_by"],
        "by mail from bob@dev.example, after the loss of a device: whoever has that may have written it"
    );
    let wp = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(wp["flags"], json!(["rotate"]));
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_mail_from_before_the_loss_is_taken_as_it_is() {
    let (env, id, number) = shared();
    env.me();
    let file = mail(&env, BOB, "", &format!("DELETED {number}\r\n\r\nBob"));
    let lost = ["contact", "lost", "bob", "--yes", "--since", "1s"];
    env.call(&lost).ok();
    env.call(&["ack", "--mail", &file]).ok();
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["deletion_by"], "by mail from bob@dev.example");
}

#[test]
fn a_deletion_by_the_number_of_a_replaced_share_is_of_the_one_in_its_place() {
    let (env, id, number) = shared();
    let again = ["share", "--update", &id, "--json"];
    let second = env.call(&again).ok().json()["share"]["id"].clone();
    let second = second.as_str().unwrap();
    let state = |id: &str| {
        let show = env.call(&["shares", "show", id, "--json"]).ok().json();
        show["state"].clone()
    };
    let received = mail(&env, BOB, "", &format!("RECEIVED {number}"));
    env.call(&["ack", "--mail", &received])
        .ok()
        .tells("in the place of share")
        .tells("the mail says nothing of ");
    assert_eq!(
        state(second),
        "sent",
        "that one file has arrived is no more than that"
    );
    env.call(&["revoke", second]).ok();
    let deleted = mail(&env, BOB, "", &format!("DELETED {number}"));
    env.call(&["ack", "--mail", &deleted])
        .ok()
        .tells("in the place of share");
    assert_eq!(state(second), "deleted");
    assert_eq!(state(&id), "superseded");
    env.call(&["who", "bob"]).ok().hides("outstanding");
}

#[test]
fn what_was_removed_for_good_is_known_until_its_deletion_is_filed() {
    let (env, id, number) = shared();
    env.call(&["revoke", &id])
        .ok()
        .tells("bob has no program that could close it; send this")
        .tells(&format!("DELETED {number}"));
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.call(&["who", "bob"])
        .ok()
        .shows("bob: can know something of 1 credential");
    let known = "bob may know acme/wp, removed here for good: share ";
    env.call(&["status"]).ok().shows(known);
    let file = mail(&env, BOB, "", &format!("DELETED {number}"));
    env.call(&["ack", "--mail", &file]).ok();
    env.call(&["who", "bob"])
        .ok()
        .shows("bob: can know nothing");
    env.call(&["status"]).ok().hides("may know");
    env.call(&["who", "acme.example"]).fails(3);
}

#[test]
fn a_no_is_filed_as_a_refusal_unless_it_may_mean_another_thing() {
    let (env, id, number) = shared();
    let filed = |text: &str, code: i32| {
        let file = mail(&env, BOB, "Re: access", text);
        let output = env.call(&["ack", "--mail", &file]).run();
        assert_eq!(output.code, Some(code), "{text}: {output:?}");
        output.stderr
    };
    filed(&format!("Thanks, no problem {number}"), 2);
    let told = filed(&format!("NEIN {number}\r\n\r\nBob"), 0);
    assert!(
        told.contains(&format!(
            "filed that bob refused it, share {number}, by mail"
        )),
        "{told}"
    );
    let show = env.call(&["shares", "show", &id, "--json"]).ok().json();
    assert_eq!(show["state"], "refused");
    let papers = show["papers"].as_array().unwrap();
    assert_eq!(papers[0]["kind"], "refusal");
    env.call(&["status"]).ok().hides("bob has not confirmed");
    // Who has it refuses nothing; who is to delete it may refuse that.
    let (env, id, number) = shared();
    let file = mail(&env, BOB, "", &format!("NO {number}"));
    env.call(&["revoke", &id]).ok();
    env.call(&["ack", "--mail", &file])
        .fails(9)
        .says("a no may be one to deleting it");
    let received = mail(&env, BOB, "", &format!("RECEIVED {number}"));
    env.call(&["ack", "--mail", &received]).ok();
    let file = mail(&env, BOB, "", &format!("NO {number}"));
    env.call(&["ack", "--mail", &file])
        .fails(7)
        .says("they have it");
}
