//! Two vaults and what passes between them, by the binary alone. (With keys of OpenSSH and its
//! verdict on every document: `tests/interop/sharing.rs`.)

use std::fs;

use serde_json::{Value, json};

use crate::support::env::{TestEnv, number};

/// Alice, who has a consent of acme's for bob, and bob; they know each other's cards.
pub(crate) struct Two {
    pub(crate) alice: TestEnv,
    pub(crate) bob: TestEnv,
}

impl Two {
    pub(crate) fn new() -> Self {
        let alice = TestEnv::with(&[("acme/wp", "hunter2"), ("acme/db", "canary-db")]);
        let bob = TestEnv::ready();
        meet(&alice, "bob", &bob);
        meet(&bob, "alice", &alice);
        let terms = [
            "--to",
            "bob",
            "--scope",
            "acme/*",
            "--purpose",
            "fix the shop",
        ];
        let given = [
            "consent",
            "add",
            "acme",
            "--by",
            "Ann",
            "--note",
            "by phone",
            "--expires",
            "90d",
        ];
        alice.takes_notes_of("acme");
        alice.call(&[&given[..], &terms[..]].concat()).ok();
        Self { alice, bob }
    }

    /// The share of `acme/wp` as a file in bob's folder, and its id.
    pub(crate) fn share(&self) -> (String, String) {
        let before = self.ids();
        let made = self
            .alice
            .call(&["share", "acme/wp", "--to", "bob", "--out", "-"])
            .ok();
        let file = self.bob.file("share.age", made.bytes());
        let mut new = self.ids();
        new.retain(|id| !before.contains(id));
        (file, new.remove(0))
    }

    pub(crate) fn shares(&self) -> Vec<Value> {
        let shares = self.alice.call(&["shares", "--json"]).ok().json();
        shares.as_array().unwrap().clone()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let shares = self.shares();
        let ids = shares.iter().map(|share| share["id"].as_str().unwrap());
        ids.map(ToOwned::to_owned).collect()
    }

    pub(crate) fn state(&self, id: &str) -> String {
        let shares = self.shares();
        let share = shares.iter().find(|share| share["id"] == id).unwrap();
        share["state"].as_str().unwrap().to_owned()
    }

    /// A document of bob's in alice's folder.
    pub(crate) fn to_alice(&self, name: &str) -> String {
        let text = fs::read(self.bob.path(name)).unwrap();
        self.alice.file("from-bob.json", text)
    }
}

fn meet(env: &TestEnv, name: &str, other: &TestEnv) {
    let card = other.call(&["id", "--card"]).ok();
    let card = env.file("card", card.bytes());
    env.call(&["contact", "add", name, "--card", &card]).ok();
}

#[test]
fn what_one_vault_shares_the_other_takes_in_and_answers() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .ok()
        .tells("from alice")
        .tells("who files it: vault ack RECEIPT-");
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    assert_eq!(two.bob.call(&["list"]).ok().text(), "acme/wp\n");
    let shown = two.bob.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["received"]["contact"], "alice");
    assert_eq!(shown["received"]["share"], id);
    assert_eq!(shown["flags"], serde_json::json!(["received"]));
    let receipt = two.to_alice(&format!("RECEIPT-{}.json", &number(&id)));
    two.alice
        .call(&["ack", &receipt])
        .ok()
        .tells("bob received 1");
    assert_eq!(two.state(&id), "received");
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "none"])
        .ok()
        .tells("to alice");
    fs::write(&file, bytes).unwrap();
    let deletion = two.to_alice(&format!("DELETION-{}.json", &number(&id)));
    two.alice.call(&["ack", &deletion]).ok();
    assert_eq!(two.state(&id), "deleted");
    two.bob
        .call(&["receive", "--accept-terms", &file, "--receipt", "r"])
        .fails(6);
    two.bob
        .call(&["log"])
        .ok()
        .shows(&format!("share {}", &number(&id)));
}

#[test]
fn a_receipt_of_one_share_is_none_for_another() {
    let two = Two::new();
    let (first, one) = two.share();
    two.bob.call(&["receive", "--accept-terms", &first]).ok();
    let (_, other) = two.share();
    let receipt = two.to_alice(&format!("RECEIPT-{}.json", &number(&one)));
    two.alice.call(&["ack", &receipt]).ok();
    assert_eq!(two.state(&one), "received");
    assert_eq!(two.state(&other), "sent");
}

#[test]
fn a_withdrawn_consent_leaves_the_answer_open() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let consents = two.alice.call(&["consent", "list", "--json"]).ok().json();
    let consent = consents[0]["id"].as_str().unwrap();
    two.alice.call(&["consent", "withdraw", consent]).ok();
    assert_eq!(two.state(&id), "withdrawn");
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    let deletion = two.to_alice(&format!("DELETION-{}.json", &number(&id)));
    two.alice.call(&["ack", &deletion]).ok();
    let shown = two.alice.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["flags"], serde_json::json!(["rotate"]));
}

#[test]
fn a_third_vault_can_do_nothing_with_it() {
    let two = Two::new();
    let (file, _) = two.share();
    let eve = TestEnv::ready();
    meet(&eve, "alice", &two.alice);
    let file = eve.file("share.age", fs::read(file).unwrap());
    eve.call(&["receive", "--accept-terms", &file])
        .fails(4)
        .says("another vault");
}

#[test]
fn a_share_from_before_the_sender_changed_keys_is_known_by_the_old_one() {
    let two = Two::new();
    let (file, _) = two.share();
    two.alice.call(&["id", "rotate", "--yes"]).ok();
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .ok()
        .tells("from alice");
    let (file, _) = two.share();
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .fails(9)
        .hints("--trust");
}

#[test]
fn withdrawing_a_consent_names_what_ended_and_what_is_to_be_rotated() {
    let two = Two::new();
    let (_, first) = two.share();
    let (_, second) = two.share();
    let consents = two.alice.call(&["consent", "list", "--json"]).ok().json();
    let consent = consents[0]["id"].as_str().unwrap();
    let over = &number(&second);
    two.alice.call(&["revoke", over]).ok();
    let withdraw = ["consent", "withdraw", consent, "--json"];
    let answer = two.alice.call(&withdraw).ok();
    answer
        .tells(&format!("share {} ended with it; bob", &number(&first)))
        .hides(over)
        .tells("to be rotated: acme/wp\"}\n");
    assert_eq!(answer.json()["changed"], json!([consent, first]));
}

#[test]
fn a_contact_who_was_given_something_stays_until_that_has_ended() {
    let two = Two::new();
    let (_, id) = two.share();
    let remove = ["contact", "rm", "bob", "--yes"];
    two.alice
        .call(&remove)
        .fails(7)
        .says("bob has 1 share")
        .hints("vault revoke");
    two.alice.call(&["revoke", &id]).ok();
    two.alice.call(&remove).ok();
    two.alice.call(&["contact", "add", "bob"]).ok();
    two.alice
        .call(&["share", "acme/wp", "--to", "bob", "--passphrase"])
        .fails(6)
        .says("was given for an earlier contact bob");
}

#[test]
fn who_received_something_sees_what_they_hold_and_until_when() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob
        .call(&["shares", "--received"])
        .ok()
        .tells("nothing was received");
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let list = two.bob.call(&["shares", "--received"]).ok();
    list.shows(&number(&id))
        .shows("alice")
        .shows("received")
        .shows("acme/wp");
    let held = |more: &[&str]| {
        let args = [&["shares", "--received", "--json"], more].concat();
        two.bob.call(&args).ok().json()
    };
    assert_eq!(held(&["--live"])[0]["entries"], json!(["acme/wp"]));
    assert_eq!(held(&["acme/wp"])[0]["purpose"], "fix the shop");
    for word in ["acme", "acme/wp", "alice"] {
        let who = two.bob.call(&["who", word]).ok();
        who.shows("  alice").shows("knows it: lent it to you on ");
    }
    two.bob
        .call(&["who", "acme/wp"])
        .ok()
        .shows("acme/wp: 1 person can know something");
    let who = two.bob.call(&["who", "acme/wp", "--json"]).ok().json();
    assert_eq!(
        (&who[0]["contact"], &who[0]["state"], &who[0]["share"]),
        (&json!("alice"), &json!("lent"), &json!(id))
    );
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    assert_eq!(held(&[])[0]["state"], "deleted");
    assert_eq!(held(&["--live"]), json!([]));
}

/// The recipient does not collect wp-2 and wp-3, and knows until when.
#[test]
fn a_password_that_is_changed_twice_and_extended_once_is_one_entry_at_the_recipient() {
    let two = Two::new();
    let (file, first) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let send = |args: &[&str]| {
        let before = two.ids();
        let base = [&["share"], args, &["--out", "-"]].concat();
        let made = two.alice.call(&base).ok();
        let file = two.bob.file("share.age", made.bytes());
        let received = two.bob.call(&["receive", "--accept-terms", &file]).ok();
        received.tells("acme/wp was here from an earlier share of theirs, and is updated");
        let mut new = two.ids();
        new.retain(|id| !before.contains(id));
        new.remove(0)
    };
    let rotate = |secret: &str| {
        let args = ["rotate", "acme/wp", "--stdin"];
        two.alice.call(&args).stdin(secret).ok();
    };
    rotate("changed-once");
    let second = send(&["--update", &first]);
    assert_eq!(two.bob.secret("acme/wp"), "changed-once");
    rotate("changed-twice");
    let third = send(&["--update", &second]);
    let fourth = send(&["--renew", &third, "--expires", "30d"]);
    assert_eq!(two.bob.secret("acme/wp"), "changed-twice");
    let list = two.bob.call(&["list", "--json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let shown = two.bob.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(shown["version"], 3, "what did not change made no version");
    assert_eq!(shown["received"]["share"], json!(fourth));
    let all = [&first, &second, &third, &fourth];
    let states = all.map(|id| two.state(id));
    assert_eq!(states, ["superseded", "superseded", "superseded", "sent"]);
    two.bob.call(&["verify", "--full"]).ok();
    let held = two.bob.call(&["shares", "--received", "--json"]).ok();
    let held = held.json();
    for (at, entries) in [json!([]), json!([]), json!([]), json!(["acme/wp"])]
        .iter()
        .enumerate()
    {
        assert_eq!(held[at]["entries"], *entries, "it is held under the last");
    }
    assert_eq!(held[0]["state"], "superseded");
    let live = ["shares", "--received", "--live", "acme/wp", "--json"];
    let live = two.bob.call(&live).ok().json();
    assert_eq!(live.as_array().unwrap().len(), 1, "{live}");
    let early = ["attest", &first, "--yes", "--outside", "none"];
    let held = format!("acme/wp is held under share {} now", &number(&fourth));
    two.bob
        .call(&early)
        .fails(7)
        .says(&held)
        .hints(&format!("vault attest {}", &number(&fourth)));
    let old = ["get", "acme/wp", "--at-version", "1"];
    two.bob.call(&old).ok().prints("hunter2\n");
    fs::remove_file(two.bob.path("share.age")).unwrap();
    two.bob
        .call(&[
            "attest",
            &fourth,
            "--yes",
            "--outside",
            "none",
            "--out",
            "gone.json",
        ])
        .ok();
    two.bob.call(&["get", "acme/wp"]).fails(3);
    two.bob.call(&old).fails(3);
    two.bob.call(&early).ok();
}

#[test]
fn a_notice_of_what_was_ended_otherwise_changes_nothing_else() {
    for (end, state) in [
        (&["consent", "withdraw", "acme"][..], "withdrawn"),
        (&["revoke", "--to", "bob", "--yes"], "revoked"),
        (&["contact", "lost", "bob", "--yes"], "ended"),
        (&["contact", "leave", "bob", "--yes"], "ended"),
    ] {
        let two = Two::new();
        two.alice.me();
        let (file, id) = two.share();
        two.bob.call(&["receive", "--accept-terms", &file]).ok();
        let live = format!("received {}", number(&id));
        let list = two.bob.call(&["list", "--long"]).ok();
        list.shows(&live).hides("(ended)");
        let command = format!("vault revoke {} --out FILE", &number(&id));
        two.alice.call(end).ok().tells(&command);
        let before = two.alice.generation();
        let revoke = ["revoke", &id, "--notice", "bob.notice"];
        two.alice
            .call(&revoke)
            .ok()
            .tells(&format!("was {state} before"));
        two.alice.call(&["revoke", &id]).ok();
        assert_eq!(two.alice.generation(), before + 1, "the notice is kept");
        assert_eq!(two.state(&id), state);
        let notice = fs::read(two.alice.path("bob.notice")).unwrap();
        let notice = two.bob.file("notice", notice);
        two.bob.call(&["receive", &notice]).ok();
        two.bob.call(&["get", "acme/wp"]).fails(6);
    }
}

/// Nobody brings an old secret back by a file that was late.
#[test]
fn an_older_share_does_not_undo_a_newer_one() {
    let two = Two::new();
    let (file, first) = two.share();
    let late = fs::read(&file).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    two.alice
        .call(&["rotate", "acme/wp", "--stdin"])
        .stdin("new")
        .ok();
    let made = two
        .alice
        .call(&["share", "--update", &first, "--out", "-"])
        .ok();
    let file = two.bob.file("new.age", made.bytes());
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let late = two.bob.file("late.age", late);
    two.bob
        .call(&["receive", "--accept-terms", &late])
        .fails(6)
        .says("is older than share");
    assert_eq!(two.bob.secret("acme/wp"), "new");
}

#[test]
fn a_notice_closes_at_once_what_was_shared_and_nobody_elses_does() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let revoke = ["revoke", &id, "--notice", "bob.notice"];
    two.alice.call(&revoke).ok().tells("vault receive FILE");
    let notice = fs::read(two.alice.path("bob.notice")).unwrap();
    let text = String::from_utf8(notice.clone()).unwrap();
    let forged = text.replacen(&id, "00000000-0000-4000-8000-000000000000", 1);
    assert_ne!(text, forged);
    let forged = two.bob.file("forged", forged);
    two.bob.call(&["receive", &forged]).fails(5);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    let notice = two.bob.file("notice", notice);
    for _ in 0..2 {
        two.bob
            .call(&["receive", &notice])
            .ok()
            .tells("acme/wp is closed");
    }
    let before = two.bob.generation();
    two.bob.call(&["receive", &notice]).ok();
    assert_eq!(
        two.bob.generation(),
        before,
        "a second time changes nothing"
    );
    two.bob
        .call(&["get", "acme/wp"])
        .fails(6)
        .says("which its sender ended on")
        .hides("clock");
    two.bob
        .call(&["show", "acme/wp"])
        .ok()
        .shows("ended by the sender: ");
    let shown = two.bob.call(&["show", "acme/wp", "--json"]).ok().json();
    assert!(shown["received"]["ended"].is_string(), "{shown}");
    assert_eq!(shown["flags"], serde_json::json!(["received"]));
    let over = format!("received {} (ended)", number(&id));
    two.bob.call(&["list", "--long"]).ok().shows(&over);
    let received = two
        .bob
        .call(&["shares", "--received", "--json"])
        .ok()
        .json();
    assert_eq!(received[0]["state"], "revoked");
    two.bob.call(&["verify", "--full"]).ok();
    two.alice.call(&["receive", &notice]).fails(3);
    let again = two.alice.call(&["revoke", &id, "--notice", "-"]).ok();
    let again = two.bob.file("again", again.bytes());
    two.bob.call(&["receive", "--accept-terms", &again]).ok();
    let stranger = TestEnv::ready();
    meet(&stranger, "bob", &two.bob);
    stranger.call(&["receive", &notice]).fails(3);
}

#[test]
fn what_is_over_is_deleted_by_the_number_of_the_share_before_too() {
    let two = Two::new();
    let (file, first) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let made = two
        .alice
        .call(&["share", "--update", &first, "--out", "-"])
        .ok();
    let file = two.bob.file("share.age", made.bytes());
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let mut ids = two.ids();
    ids.retain(|id| *id != first);
    let second = ids.remove(0);
    let notice = two.alice.call(&["revoke", &second, "--notice", "-"]).ok();
    let notice = two.bob.file("notice", notice.bytes());
    two.bob.call(&["receive", "--accept-terms", &notice]).ok();
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &first, "--yes", "--outside", "none"])
        .ok()
        .tells(&format!("is held under share {} now", number(&second)));
    let deletion = two.to_alice(&format!("DELETION-{}.json", number(&second)));
    two.alice.call(&["ack", &deletion]).ok();
    assert_eq!(two.state(&second), "deleted");
    two.alice.call(&["who", "bob"]).ok().hides("outstanding");
}

#[test]
fn who_owes_the_deletion_of_what_ended_is_reminded_until_it_is_signed() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    fs::remove_file(&file).unwrap();
    let due = || two.bob.call(&["status"]).ok();
    due().shows("due: nothing");
    two.alice
        .call(&["revoke", &id, "--out", "notice.json"])
        .ok();
    let notice = two.bob.path("notice.json");
    fs::copy(two.alice.path("notice.json"), &notice).unwrap();
    two.bob.call(&["receive", &notice]).ok();
    let number = number(&id);
    due()
        .shows(&format!("share {number} of alice ended on "))
        .shows(&format!("vault attest {number}"));
    let of_acme = ["audit", "--client", "acme", "--rule", "deletion-owed"];
    let audit = two.bob.call(&of_acme).run();
    assert_eq!(audit.code, Some(8), "{audit:?}");
    two.bob.call(&["rm", "acme/wp", "--yes"]).ok();
    due().shows("you have not confirmed that it is deleted");
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "none"])
        .ok();
    due().shows("due: nothing");
}

#[test]
fn what_is_lent_is_not_rotated_before_it_is_removed_but_attested() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let attest = format!("vault attest {}", number(&id));
    two.bob
        .call(&["rm", "acme/wp", "--yes"])
        .ok()
        .tells("acme/wp is lent to you by alice")
        .tells(&attest)
        .hides("vault rotate");
    two.bob
        .call(&["trash", "empty", "--yes"])
        .ok()
        .tells(&attest)
        .hides("vault rotate");
    fs::remove_file(&file).unwrap();
    two.bob
        .call(&["attest", &id, "--yes", "--outside", "a note"])
        .ok();
}
