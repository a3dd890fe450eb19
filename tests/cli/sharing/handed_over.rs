//! What a client with a vault does with what is handed over to her, and what the sender files.

use std::fs;

use serde_json::{Value, json};
use vault::crypto::signing::documents::SHARE;
use vault::exchange::letter::block;

use super::share::with_bob;
use crate::support::env::{TestEnv, number};
use crate::support::sender::{Sender, recipient_of, seal, seal_letter};

/// Kim, who keeps credentials of acme, and Anna of acme, who has a vault of her own.
struct HandedOver {
    kim: TestEnv,
    anna: TestEnv,
    id: String,
    number: String,
    file: String,
}

impl HandedOver {
    /// Kim knows the key that Anna's vault signs with, and hands two entries over.
    fn new() -> Self {
        let (kim, _) = with_bob();
        let anna = TestEnv::ready();
        let signer = anna.call(&["id", "--json"]).ok().json()["signer"].clone();
        let edit = ["client", "edit", "acme", "--person", ANNA, "--key"];
        let verified = ["--key-verified", "by phone", "--lang", "de"];
        let key = [signer.as_str().unwrap()];
        kim.call(&[&edit[..], &key, &verified].concat()).ok();
        kim.me();
        let share = ["share", "acme/wp", "acme/db", "--to-client", "--person"];
        kim.call(&[&share[..], &["Anna Baker", "--out", "x.age"]].concat())
            .ok();
        let shares = kim.call(&["shares", "--json"]).ok().json();
        let id = shares[0]["id"].as_str().unwrap().to_owned();
        let file = anna.file("x.age", fs::read(kim.path("x.age")).unwrap());
        Self {
            number: number(&id),
            kim,
            anna,
            id,
            file,
        }
    }

    /// Anna takes it in.
    fn received() -> Self {
        let it = Self::new();
        it.receive(&[]).ok();
        it
    }

    fn receive(&self, more: &[&str]) -> crate::support::call::Call<'_> {
        let kim = self.kim.call(&["id", "--json"]).ok().json();
        let trust = kim["fingerprint"].as_str().unwrap().to_owned();
        let args = ["receive", &self.file, "--trust", &trust];
        self.anna.call(&[&args[..], more].concat())
    }

    /// What Anna's vault wrote, in Kim's folder.
    fn receipt(&self) -> String {
        let name = format!("RECEIPT-{}.json", self.number);
        self.kim
            .file(&name, fs::read(self.anna.path(&name)).unwrap())
    }
}

const ANNA: &str = "Anna Baker <anna@acme.example>";

#[test]
fn an_entry_that_was_handed_over_tells_to_whom() {
    let it = HandedOver::new();
    let shown = it.kim.call(&["show", "acme/wp"]).ok();
    shown
        .shows("handed over: to Anna Baker on ")
        .shows(&format!("number {}: ", it.number));
}

#[test]
fn a_client_with_a_vault_takes_it_in_as_her_own() {
    let it = HandedOver::new();
    it.receive(&[])
        .ok()
        .tells(&format!("number {}", it.number))
        .tells("It is yours")
        .tells(&format!("vault ack RECEIPT-{}.json", it.number));
    let anna = &it.anna;
    assert_eq!(anna.secret("acme/wp"), "the-secret");
    assert_eq!(anna.secret("acme/db"), "canary-db");
    let shown = anna.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["flags"], json!([]), "it is not lent");
    assert_eq!(shown["received"], json!(null));
    anna.call(&["edit", "acme/wp", "--username", "anna"])
        .ok()
        .hides("lent to you");
    anna.call(&["attest", &it.number, "--yes", "--outside", "none"])
        .fails(6)
        .says("no deletion is owed");
    assert_eq!(anna.secret("acme/wp"), "the-secret");
    it.receive(&["--receipt", "again.json"]).fails(6);
    anna.call(&["receive", "--again", &it.number, "--receipt", "again.json"])
        .ok();
    let again = fs::read(anna.path("again.json")).unwrap();
    let first = fs::read(anna.path(&format!("RECEIPT-{}.json", it.number))).unwrap();
    assert_eq!(again, first);
    let list = anna.call(&["shares", "--received", "--json"]).ok().json();
    assert_eq!(list[0]["expires"], json!(null));
    anna.call(&["shares", "--received"]).ok().shows("no end");
    anna.call(&["verify", "--full"]).ok();
    let receipt = String::from_utf8(first).unwrap();
    assert!(receipt.contains("Es sind meine."), "{receipt}");
}

#[test]
fn what_is_handed_over_is_hers_to_share() {
    let it = HandedOver::received();
    it.anna.takes_notes_of("acme");
    let key = recipient_of(&it.kim);
    let add = ["contact", "add", "kim", "--recipient", &key];
    it.anna.call(&add).ok();
    let consent = ["consent", "add", "acme", "--to", "kim", "--by", "Anna"];
    let terms = ["--scope", "acme/*", "--purpose", "care", "--note", "self"];
    it.anna.call(&[&consent[..], &terms].concat()).ok();
    it.anna.call(&["share", "acme/wp", "--to", "kim"]).ok();
}

#[test]
fn a_signed_receipt_is_filed_once_its_key_is_the_clients() {
    let it = HandedOver::received();
    let receipt = it.receipt();
    it.kim
        .call(&["ack", &receipt])
        .ok()
        .tells(&format!("filed the receipt of share {}", it.number))
        .tells("acme received 2 credentials");
    it.kim.call(&["ack", &receipt]).ok().tells("filed already");
    let list = it.kim.call(&["shares", "acme", "--json"]).ok().json();
    assert_eq!(list[0]["state"], "handed-over");
    assert!(list[0]["receipt"].is_string(), "{list}");
    it.kim.call(&["shares"]).ok().shows("handed-over, received");
    it.kim
        .call(&["client", "show", "acme"])
        .ok()
        .shows("handed over: to Anna Baker on ")
        .shows(&format!(
            "number {}: acme/wp, acme/db; received (signed)",
            it.number
        ));
    let client = it.kim.call(&["client", "show", "acme", "--json"]).ok();
    assert_eq!(client.json()["handed_over"][0]["id"], it.id);
    it.kim
        .call(&["who", "acme"])
        .ok()
        .shows("handed over  to Anna Baker on ")
        .shows("received");
    it.kim
        .call(&["who", "acme/db"])
        .ok()
        .shows("handed over  to Anna Baker on ");
    let other = it.kim.call(&["who", "globex"]).ok().text().to_owned();
    assert!(!other.contains("handed over"), "{other}");
    it.kim.call(&["verify", "--full"]).ok();
}

#[test]
fn a_receipt_by_a_key_that_is_not_on_record_waits_until_it_is() {
    let it = HandedOver::received();
    let receipt = it.receipt();
    let client = it.kim.call(&["client", "show", "acme", "--json"]).ok();
    let key = client.json()["keys"][0]["key"].as_str().unwrap().to_owned();
    let unset = format!("key={key}");
    it.kim
        .call(&["client", "edit", "acme", "--unset", &unset])
        .ok();
    it.kim
        .call(&["ack", &receipt])
        .fails(6)
        .says("not a key of acme on record")
        .hints("vault client edit acme --key 'ssh-ed25519 ");
}

#[test]
fn a_mail_that_it_has_arrived_is_filed_from_an_address_of_the_client() {
    let it = HandedOver::new();
    let mail = |from: &str, text: &str| {
        let date = super::ack_mail::date_header(-1);
        let head = format!("From: {from}\r\nTo: kim@kim.example\r\nSubject: x\r\n{date}");
        it.kim.file("answer.eml", format!("{head}\r\n{text}\r\n"))
    };
    let received = format!("RECEIVED {}\r\nAnna Baker", it.number);
    let file = mail("eve@evil.example", &received);
    it.kim
        .call(&["ack", "--mail", &file])
        .fails(6)
        .says("not an address of acme");
    let file = mail("anna@acme.example", &format!("DELETED {}", it.number));
    it.kim
        .call(&["ack", "--mail", &file])
        .fails(6)
        .says("only its receipt");
    let file = mail("Anna@acme.example", &received);
    it.kim
        .call(&["ack", "--mail", &file])
        .ok()
        .tells(&format!("filed that acme received it, share {}", it.number));
    it.kim
        .call(&["who", "acme"])
        .ok()
        .shows("received (by mail from Anna@acme.example)");
}

#[test]
fn what_is_cut_off_or_for_somebody_else_is_not_taken() {
    let it = HandedOver::new();
    let eve = TestEnv::ready();
    let file = eve.file("x.age", fs::read(&it.file).unwrap());
    eve.call(&["receive", &file]).fails(4);
    let mut cut = fs::read(&it.file).unwrap();
    cut.truncate(cut.len() - 40);
    let before = it.anna.generation();
    let file = it.anna.file("cut.age", cut);
    it.anna.call(&["receive", &file]).fails(5);
    it.anna
        .call(&["decline", &it.file])
        .fails(6)
        .says("no terms to decline");
    it.anna
        .call(&["receive", &it.file])
        .fails(9)
        .hints("--trust");
    it.anna
        .call(&[
            "receive",
            &it.file,
            "--trust",
            "SHA256:BlueThingsAreNotTheKeyThatSignedThisFile4AA",
        ])
        .fails(6);
    assert_eq!(it.anna.generation(), before);
}

#[test]
fn terms_are_whole_or_there_are_none() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let trust = sender.fingerprint().to_owned();
    let take = |file: &str, more: &[&str]| {
        let args = ["receive", file, "--trust", &trust];
        env.call(&[&args[..], more].concat()).run()
    };
    for part in ["expires", "consent", "obligations", "rules"] {
        let mut bundle = sender.bundle(&recipient_of(&env));
        if part == "obligations" || part == "rules" {
            bundle.loan = None;
        }
        let (body, manifest) = bundle.to_json().unwrap();
        let mut body: Value = serde_json::from_str(&body).unwrap();
        let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest[part] = match part {
            "obligations" => json!(["tell nobody"]),
            "rules" => json!("never"),
            _ => json!(null),
        };
        body["manifest"] = json!(manifest.to_string());
        let document = sender.sign_body(SHARE, body.to_string());
        let file = env.file("forged.age", seal(&document, &recipient_of(&env)));
        let output = take(&file, &["--accept-terms"]);
        assert_eq!(output.code, Some(5), "{part}: {output:?}");
    }
    // One that is lent stays lent, whatever the letter around it says.
    let document = sender.sign(&sender.bundle(&recipient_of(&env)));
    let letter = format!(
        "YOUR ACCESS DATA\n\nThese are yours.\n\n{}",
        block(&document)
    );
    let lent = env.file("lent.age", seal_letter(&letter, &recipient_of(&env)));
    assert_eq!(take(&lent, &[]).code, Some(9), "its terms are asked about");
    assert_eq!(take(&lent, &["--accept-terms"]).code, Some(0));
    let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["flags"], json!(["received"]));
}

#[test]
fn a_share_does_not_touch_what_the_same_sender_handed_over() {
    let (env, sender) = (TestEnv::ready(), Sender::new());
    let trust = sender.fingerprint().to_owned();
    let mut entry = uuid::Uuid::nil();
    let own = sender.share_with(&env, |bundle| {
        bundle.loan = None;
        entry = bundle.items[0].entry;
    });
    let receive = |file: &str, receipt: &str| {
        let args = ["receive", file, "--trust", &trust, "--accept-terms"];
        env.call(&[&args[..], &["--receipt", receipt]].concat())
            .ok();
    };
    receive(&own, "r1.json");
    let lent = sender.share_with(&env, |bundle| {
        bundle.items = vec![crate::support::sender::item("wp", &[("secret", "new")])];
        bundle.items[0].entry = entry;
    });
    receive(&lent, "r2.json");
    assert_eq!(env.secret("acme/wp"), "hunter2");
    assert_eq!(env.secret("acme/wp-2"), "new");
}
