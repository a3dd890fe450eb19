//! What whoever takes a share is bound to: shown, accepted or refused, and signed for.

use std::fs;

use serde_json::{Value, json};

use super::both_sides::Two;
use super::share::{consent, request, share, with_bob};
use crate::support::env::number;
use crate::support::env::{PASSWORD, TestEnv};
use crate::support::sender::Sender;

/// The body of a signed document in a file.
fn body(env: &TestEnv, file: &str) -> Value {
    let text = fs::read_to_string(env.path(file)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_str(document["body"].as_str().unwrap()).unwrap()
}

#[test]
fn duties_are_shown_and_nobody_is_bound_unasked() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let file = sender.share(&env);
    let receive = ["receive", &file, "--trust", sender.fingerprint()];
    let before = env.generation();
    let unasked = env.call(&receive).fails(9);
    unasked
        .says("- tell nobody")
        .says("- the client's rules: log in from the VPN only")
        .hints("--accept-terms");
    let script = format!("vault {}; echo = $?", receive.join(" "));
    let mut terminal = env.terminal(&script);
    terminal
        .sees("Master password: ")
        .types(PASSWORD)
        .sees("- tell nobody")
        .sees("Do you accept?")
        .types("n")
        .sees("vault decline FILE")
        .sees("= 6")
        .ends();
    assert_eq!(env.generation(), before, "nothing of it is kept");
    let mut terminal = env.terminal(&script);
    terminal
        .sees("Master password: ")
        .types(PASSWORD)
        .sees("Do you accept?")
        .types("y")
        .sees("= 0")
        .ends();
    env.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
}

#[test]
fn what_comes_from_whom_and_by_whose_word_is_told_before_it_is_decided() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let file = sender.share_with(&env, |bundle| {
        bundle.items[0].hosts = vec!["acme.example".into(), "two\nentry: x".into()];
        bundle.items[0].username = Some("bob".into());
    });
    let receive = ["receive", &file, "--trust", sender.fingerprint()];
    let decline = ["decline", &file];
    let told = [
        "  sender, as they say: Alice Doe\n",
        "  client: Acme Ltd\n",
        "  entry: wp at acme.example, two entry: x as bob (secret, username)\n",
        "  allowed by: Ann\n",
    ];
    let asked = env.call(&receive).fails(9);
    asked.says("the sender's claim");
    let declined = env.call(&decline).ok();
    for line in told {
        asked.says(line);
        declined.tells(line);
    }
}

#[test]
fn the_receipt_repeats_the_duties_in_full_and_in_the_language_of_the_contact() {
    let two = Two::new();
    let name = [
        "contact",
        "edit",
        "bob",
        "--lang",
        "de",
        "--full-name",
        "Bob Müller",
    ];
    two.alice.call(&name).ok();
    let rules = [
        "client",
        "edit",
        "acme",
        "--rules",
        "nur werktags",
        "--duties",
        "copies=off",
    ];
    two.alice.call(&rules).ok();
    two.alice.call(&["me", "--duties", "Nur zu Hause."]).ok();
    let (file, id) = two.share();
    two.bob
        .call(&["receive", "--accept-terms", &file, "--receipt", "r.json"])
        .ok();
    let receipt = body(&two.bob, "r.json");
    let said = "Ich, Bob Müller, habe diese Zugangsdaten erhalten und halte mich an diese \
                Pflichten.";
    assert_eq!(receipt["statement"], said);
    assert_eq!(receipt["rules"], "nur werktags");
    let duties = [
        "Nur für diesen Zweck benutzen.",
        "Nicht weitergeben.",
        "Nicht per E-Mail schicken.",
        "Nicht im Browser speichern.",
        "Nicht in Notizen oder Entwürfen speichern.",
        "Nicht in einem offenen WLAN benutzen.",
        "Am Ende löschen und das bestätigen.",
        "Nur zu Hause.",
    ];
    assert_eq!(receipt["duties"], json!(duties));
    two.alice.call(&["ack", &two.to_alice("r.json")]).ok();
    two.bob.call(&["me", "--name", "Robert Müller"]).ok();
    fs::remove_file(two.bob.path("share.age")).unwrap();
    two.bob
        .call(&[
            "attest",
            &id,
            "--yes",
            "--outside",
            "none",
            "--out",
            "d.json",
        ])
        .ok();
    let said = "Ich, Robert Müller, habe gelöscht, was ich mit dieser Sendung bekommen habe. \
                Anderswo gibt es keine weiteren Kopien.";
    assert_eq!(body(&two.bob, "d.json")["statement"], said);
}

#[test]
fn what_was_promised_to_the_client_is_asked_of_whoever_gets_it() {
    let (env, bob) = with_bob();
    env.me();
    let asked = request(&env, &["--scope", "acme/wp", "--purpose", "x"]);
    asked
        .ok()
        .shows("DUTIES        Not pass it on; not send it by e-mail; not save it\n")
        .shows("keep a list of all\n              copies.");
    env.call(&[
        "contact",
        "edit",
        "bob",
        "--duties",
        "wifi=off; Ask me first",
    ])
    .ok();
    let asked = request(&env, &["--scope", "acme/wp", "--purpose", "x"]).ok();
    asked.hides("Wi-Fi").shows("Ask me first.");
    consent(&env, &["--scope", "acme/wp"]);
    let answer = share(&env, &["acme/wp"]);
    let file = fs::read(env.path(answer["file"].as_str().unwrap())).unwrap();
    let duties = bob.manifest(file)["obligations"].clone();
    assert_eq!(duties.as_array().unwrap().len(), 8);
    assert_eq!(duties[7], "Ask me first");
    env.call(&["contact", "edit", "bob", "--duties", "delete=off"])
        .fails(2)
        .says("delete cannot be taken away");
}

#[test]
fn a_share_is_declined_and_the_refusal_filed() {
    let two = Two::new();
    let (file, id) = two.share();
    let before = two.bob.generation();
    let declined = two.bob.call(&["decline", &file, "--reason", "not my job"]);
    declined.ok().tells("Send it to alice");
    assert_eq!(two.bob.generation(), before, "nothing of it is kept");
    let name = format!("REFUSAL-{}.json", &number(&id));
    let refusal = body(&two.bob, &name);
    let said = "I, bob, do not take these access data, and have kept nothing of them.";
    assert_eq!(refusal["statement"], said);
    assert_eq!(refusal["reason"], "not my job");
    let ack = ["ack", &two.to_alice(&name)];
    two.alice
        .call(&ack)
        .ok()
        .tells("filed the refusal of share")
        .tells("bob refused it on ");
    two.alice.call(&ack).ok().tells("filed already");
    let shown = two.alice.call(&["shares", "--json"]).ok().json();
    assert_eq!(shown[0]["state"], "refused");
    two.alice.call(&["revoke", &id]).fails(6).says("refused by");
    two.alice.call(&["who", "bob"]).ok().hides("outstanding");
    let flags = two.alice.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(flags["flags"], json!(["rotate-soon"]), "bob had the file");
}

#[test]
fn what_was_declined_and_taken_later_is_live_whatever_is_filed_first() {
    for receipt_first in [false, true] {
        let two = Two::new();
        let (file, id) = two.share();
        let decline = ["decline", &file, "--out", "refusal.json"];
        two.bob.call(&decline).ok();
        two.bob
            .call(&["receive", "--accept-terms", &file, "--receipt", "r.json"])
            .ok()
            .tells("you declined this share on ");
        two.bob.call(&["decline", &file]).fails(6).says("already");
        let ack = |name: &str| {
            let file = two.to_alice(name);
            two.alice.call(&["ack", &file])
        };
        if receipt_first {
            ack("r.json").ok();
            ack("refusal.json")
                .fails(7)
                .says("a receipt for share")
                .says("they have it")
                .hints("vault revoke");
        } else {
            ack("refusal.json").ok();
            let receipt = ack("r.json").ok();
            receipt.tells("a refusal of share").tells("both are kept");
            ack("refusal.json").ok().tells("filed already");
            let papers = ["shares", "show", &id, "--json"];
            let papers = two.alice.call(&papers).ok().json()["papers"].clone();
            let kinds = papers.as_array().unwrap().iter().map(|it| &it["kind"]);
            assert_eq!(kinds.collect::<Vec<_>>(), ["receipt", "refusal"]);
        }
        let shown = two.alice.call(&["shares", "--json"]).ok().json();
        assert_eq!(shown[0]["state"], "received");
        two.alice.call(&["revoke", &id]).ok();
    }
}

#[test]
fn who_declined_and_says_by_mail_that_they_have_it_has_it() {
    let two = Two::new();
    let (file, id) = two.share();
    let no = number(&id);
    two.bob
        .call(&["decline", &file, "--reason", "not my job"])
        .ok();
    let refusal = two.to_alice(&format!("REFUSAL-{no}.json"));
    two.alice.call(&["ack", &refusal]).ok();
    assert_eq!(two.state(&id), "refused");
    let edit = ["contact", "edit", "bob", "--email", "bob@dev.example"];
    two.alice.call(&edit).ok();
    let date = super::ack_mail::date_header(-1);
    let mail = format!(
        "From: Bob <bob@dev.example>\r\nTo: kim@kim.example\r\nSubject: it\r\n{date}Content-Type: text/plain; charset=utf-8\r\n\r\nRECEIVED {no}\r\n"
    );
    let mail = two.alice.file("late.eml", mail);
    two.alice
        .call(&["ack", "--mail", &mail])
        .ok()
        .tells(&format!("a refusal of share {no} was filed on"))
        .tells("they have taken it after all, and both are kept")
        .tells(&format!("filed that bob received it, share {no}, by mail"));
    assert_eq!(two.state(&id), "received");
    let shown = two
        .alice
        .call(&["shares", "show", &id, "--json"])
        .ok()
        .json();
    let kinds: Vec<&Value> = (shown["papers"].as_array().unwrap().iter())
        .map(|paper| &paper["kind"])
        .collect();
    assert_eq!(kinds, ["receipt", "refusal"]);
    two.alice.call(&["revoke", &id]).ok();
    two.alice
        .call(&["who", "acme/wp"])
        .ok()
        .shows("outstanding: 1 deletion (bob)");
}
