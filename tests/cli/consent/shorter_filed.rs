//! What a client has permitted without being asked by this program, and then wants to end sooner; and
//! what a signature cannot say of that.

use std::fs;

use serde_json::json;

use super::answer::{bakery, file, mail};
use super::consent_sign::{answer, id_of, key, request, sign, signed, with_key};
use super::records::show;
use crate::support::env::{TestEnv, number};

/// A bakery of which a contract is filed that permits bob all of theirs for 30 days; the id of that.
fn filed() -> (TestEnv, String) {
    let env = bakery("en");
    env.add("baker/shop/db", "s3cret");
    let contract = env.file("contract.pdf", "%PDF-1.7 all of it");
    let base = "consent add baker --to bob --purpose shop --by Anna --expires 30d --scope";
    let args: Vec<&str> = base.split(' ').collect();
    let scope = ["baker/cms", "baker/shop/*", "--evidence", &contract];
    let more = ["--method", "contract", "--json"];
    let added = env.call(&[&args, &scope[..], &more].concat()).ok().json();
    let id = added["changed"][0].as_str().unwrap().to_owned();
    (env, id)
}

#[test]
fn what_was_filed_ends_sooner_by_a_mail_with_a_paper_that_says_how_it_was() {
    let (env, id) = filed();
    let no = number(&id);
    let before = show(&env, &id);
    let share = ["share", "baker/cms", "--to", "bob", "--expires", "20d"];
    env.call(&share).ok();
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    file(&env, &some, &["--says=yes"])
        .fails(6)
        .says("it was filed as it was given")
        .hints("--until DATE");
    file(&env, &some, &["--says=yes", "--until=40d"])
        .fails(2)
        .says("is not before the end that is permitted")
        .hints(&format!("vault consent renew {no} --expires DATE"));
    let told = file(&env, &some, &["--says=yes", "--until=5d"]).ok();
    told.tells(&format!(
        "consent {no} ends sooner, by Anna Baker: bob may be given"
    ))
    .tells("was made until");
    let shown = show(&env, &id);
    assert!(shown["expires"].as_str() < before["expires"].as_str());
    for same in ["by", "assurance", "method", "not_before"] {
        assert_eq!(shown[same], before[same], "{same}");
    }
    let event = shown["events"].as_array().unwrap().last().unwrap();
    assert_eq!(event["state"], "shortened");
    assert_eq!(shown["evidence"].as_array().unwrap().len(), 2);
    env.call(&["consent", "show", &no])
        .ok()
        .shows("at first until: ")
        .shows("shortened: ");
    let paper = env.work().join(format!("confirmation-{no}.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    for told in [
        "PERMISSION SHORTENED ",
        "SHORTENED BY  Anna Baker, by e-mail",
        "\"shop/db\"",
        "Of what was allowed at first,",
        "- the time after that: it was allowed until",
        "Kim Example",
    ] {
        assert!(paper.contains(told), "{told}: {paper}");
    }
    assert!(!paper.contains("asked"), "{paper}");
    env.call(&["consent", "show", &no, "--out", "papers"]).ok();
    let kept = env.work().join("papers/confirmation.txt");
    assert_eq!(fs::read_to_string(kept).unwrap(), paper);
    env.call(&["share", "baker/cms", "--to", "bob", "--expires", "10d"])
        .fails(6)
        .says("ends on");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn what_was_filed_ends_sooner_by_a_call_in_the_language_of_the_client() {
    let (env, id) = filed();
    let no = number(&id);
    env.call(&["client", "edit", "baker", "--lang", "de"]).ok();
    let phone = ["consent", "answer", &no, "--phone", "she called"];
    env.call(&phone)
        .fails(6)
        .hints("--says no")
        .hints("--until DATE");
    let until = ["--until", "5d"];
    env.call(&[&phone[..], &["--says", "no"], &until].concat())
        .fails(2)
        .hints("to file the no, leave out --until")
        .hints("leave out --says no");
    env.call(&[&phone[..], &until].concat())
        .ok()
        .tells("ends sooner, by Anna Baker");
    let paper = env.work().join(format!("confirmation-{no}.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(paper.starts_with("ERLAUBNIS VERKÜRZT "), "{paper}");
    let words: Vec<&str> = paper.split_whitespace().collect();
    let words = words.join(" ");
    assert!(
        words.contains("- die Zeit danach: erlaubt war bis"),
        "{words}"
    );
    // What has ended cannot end sooner.
    env.call(&["consent", "withdraw", &no]).ok();
    env.call(&[&phone[..], &["--until", "2d"]].concat())
        .fails(6)
        .hints("vault consent request");
}

#[test]
fn a_letter_or_a_mail_that_ends_what_was_filed_stays_with_it() {
    for is_mail in [false, true] {
        let (env, id) = filed();
        let no = number(&id);
        env.call(&["share", "baker/cms", "--to", "bob"]).ok();
        let ended = if is_mail {
            file(&env, mail("", &format!("NO {no}\n")), &[]).ok()
        } else {
            let letter = env.file("letter.pdf", "%PDF-1.7 no more of that");
            let answer = ["consent", "answer", &no, "--scan", &letter, "--by", "Anna"];
            let no = [&answer[..], &["--says", "no"]].concat();
            let ended = env.call(&no).ok();
            env.call(&no).ok().tells("was withdrawn before");
            ended
        };
        ended.tells(&format!("withdrew consent {no}"));
        let shown = show(&env, &id);
        assert_eq!(shown["events"][1]["state"], "withdrawn");
        assert_eq!(shown["evidence"].as_array().unwrap().len(), 2);
        let letter = env.work().join(format!("withdrawal-{no}.txt"));
        assert!(fs::read_to_string(letter).unwrap().contains("Bob"));
        let shares = env.call(&["shares", "--json"]).ok().json();
        assert_eq!(shares[0]["state"], "withdrawn");
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn what_begins_later_is_not_shortened_to_nothing() {
    let (env, _) = filed();
    let contract = env.file("later.pdf", "%PDF-1.7 later");
    let base =
        "consent add baker --to bob --purpose shop --by Anna --expires 30d --from 10d --json";
    let args: Vec<&str> = base.split(' ').collect();
    let more = ["--scope", "baker/cms", "--evidence", &contract];
    let added = env.call(&[&args, &more[..]].concat()).ok().json();
    let no = number(added["changed"][0].as_str().unwrap());
    let phone = ["consent", "answer", &no, "--phone", "she called", "--until"];
    env.call(&[&phone[..], &["5d"]].concat())
        .fails(2)
        .says("is before it begins")
        .hints(&format!("vault consent withdraw {no}"));
    env.call(&[&phone[..], &["12d"]].concat()).ok();
}

#[test]
fn a_signature_says_no_sooner_end_and_what_does_is_told_and_works() {
    let env = with_key();
    let jo = "Jo <jo@acme.example>";
    env.call(&["client", "edit", "acme", "--person", jo, "--may-permit"])
        .ok();
    let text = request(&env, &["--expires", "30d"]);
    let no = number(id_of(&text));
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &signature, &[&no, "--until", "5d"])
        .fails(2)
        .says("with the end that stands in it")
        .hints(&format!(
            "vault consent answer {no} MAIL --says yes --until DATE"
        ));
    let id = signed(&env, &text);
    let told = format!("vault consent answer {no} MAIL --says yes --until DATE");
    answer(&env, &signature, &[]).fails(6).hints(&told);
    let some = mail("", &format!("YES {no}\nbut only until Friday\n"));
    let some = some.replace("Anna Baker <anna@baker.example>", jo);
    file(&env, &some, &[&no, "--says=yes", "--until=5d"])
        .ok()
        .tells("ends sooner, by Jo");
    let shown = show(&env, &id);
    assert_eq!(shown["assurance"], json!("signed"));
    assert_eq!(shown["events"][2]["state"], "shortened");
}

#[test]
fn a_no_with_an_end_tells_what_works_for_what_was_given_alone() {
    let env = bakery("en");
    let text = super::answer::ask(&env);
    let no = number(id_of(&text));
    let nay = mail("", &format!("NO {no}\n"));
    let told = file(&env, &nay, &["--until=5d"]).fails(2);
    told.hints("to file the no, leave out --until")
        .hides("--phone");
    file(&env, mail("", &format!("YES {no}\n")), &[]).ok();
    let told = format!("vault consent answer {no} --phone HOW --until DATE");
    file(&env, &nay, &["--until=5d"]).fails(2).hints(&told);
    let phone = ["consent", "answer", &no, "--phone", "by mail", "--until"];
    env.call(&[&phone[..], &["5d"]].concat())
        .ok()
        .tells("ends sooner");
    file(&env, &nay, &[]).ok().tells("withdrew consent");
}

#[test]
fn a_renewal_with_a_sooner_end_tells_of_the_answer_that_sets_one() {
    let (env, id) = filed();
    let no = number(&id);
    let letter = env.file("letter.pdf", "%PDF-1.7 until Friday");
    let told = format!("vault consent answer {no} --phone HOW --until DATE");
    env.call(&["consent", "renew", &no, "--expires", "5d"])
        .fails(2)
        .says("would end before")
        .hints(&told);
    let scan = ["consent", "answer", &no, "--scan", &letter, "--by", "Anna"];
    env.call(&scan).fails(6).hints("--until DATE");
    env.call(&[&scan[..], &["--until", "5d"]].concat())
        .ok()
        .tells("ends sooner, by Anna");
    let paper = env.work().join(format!("confirmation-{no}.txt"));
    let paper = fs::read_to_string(paper).unwrap();
    assert!(
        paper.contains("SHORTENED BY  Anna, by letter of"),
        "{paper}"
    );
}
