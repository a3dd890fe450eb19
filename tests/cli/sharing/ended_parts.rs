//! What ends of a share alone, entry by entry, on both sides: the recipient's vault hands it out no
//! more, deletes it and says so, and the lender's agrees.

use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};
use uuid::Uuid;
use vault::crypto::signing::documents::NOTICE;

use super::both_sides::Two;
use super::share::consent;
use crate::support::env::{TestEnv, number};
use crate::support::sender::{Sender, item};

/// Both entries went to bob in one share, of which this is the id; and the file is gone again.
pub(super) fn both_shared(two: &Two) -> String {
    let id = sent(two, &["acme/wp", "acme/db", "--to", "bob"]);
    fs::remove_file(two.bob.path("share.age")).unwrap();
    id
}

/// Shares, receives, and gives the id.
fn sent(two: &Two, args: &[&str]) -> String {
    let before = two.ids();
    let made = two
        .alice
        .call(&[&["share"], args, &["--out", "-"]].concat())
        .ok();
    let file = two.bob.file("share.age", made.bytes());
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let mut new = two.ids();
    new.retain(|id| !before.contains(id));
    new.remove(0)
}

/// The notice of what has ended of a share, as a file in bob's folder.
fn notice(two: &Two, args: &[&str]) -> String {
    let written = [&["revoke"], args, &["--out", "-"]].concat();
    let notice = two.alice.call(&written).ok();
    two.bob.file("notice.json", notice.bytes())
}

fn outstanding(two: &Two, entry: &str) -> bool {
    let who = two.alice.call(&["who", entry]).ok();
    who.text().contains("outstanding: 1 deletion (bob)")
}

pub(super) fn held(two: &Two) -> Value {
    let held = two.bob.call(&["shares", "--received", "--json"]).ok();
    held.json()
}

pub(super) fn attest(two: &Two, args: &[&str]) {
    let sure = ["--yes", "--outside", "none", "--out", "gone.json"];
    two.bob.call(&[&["attest"], args, &sure].concat()).ok();
}

pub(super) fn ack(two: &Two) {
    let deletion = two.to_alice("gone.json");
    fs::remove_file(two.bob.path("gone.json")).unwrap();
    two.alice.call(&["ack", &deletion]).ok();
}

#[test]
fn a_withdrawal_of_one_entry_reaches_the_recipient_and_comes_back_as_its_deletion() {
    let two = Two::new();
    let id = both_shared(&two);
    let short = number(&id);
    let command = format!("vault revoke {short} --ended --out FILE");
    two.alice
        .call(&["revoke", &id, "--ended", "--out", "early.json"])
        .fails(6)
        .says("nothing of share");
    two.alice
        .call(&["consent", "withdraw", "acme", "--only", "acme/db"])
        .ok()
        .tells(&format!("of share {short}, acme/db ended with it"))
        .tells(&command);
    let file = notice(&two, &[&id, "--ended"]);
    assert_eq!(two.state(&id), "sent", "the rest goes on");
    let attest_db = format!("vault attest {short} --only acme/db");
    two.bob
        .call(&["receive", &file])
        .ok()
        .tells("acme/db is closed")
        .tells(&attest_db)
        .hides("acme/wp");
    two.bob
        .call(&["get", "acme/db"])
        .fails(6)
        .says("which its sender ended on")
        .hints(&attest_db);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    let shown = held(&two);
    assert_eq!(shown[0]["state"], "received");
    assert_eq!(shown[0]["ended_entries"], json!(["acme/db"]));
    let list = two.bob.call(&["shares", "--received"]).ok();
    list.shows("acme/db (ended)");
    let show = |entry| {
        let shown = two.bob.call(&["show", entry, "--json"]).ok().json();
        shown["received"]["ended"].clone()
    };
    assert!(show("acme/db").is_string());
    assert_eq!(show("acme/wp"), Value::Null);
    two.bob
        .call(&["who", "acme/db"])
        .ok()
        .shows("and ended that");

    assert!(outstanding(&two, "acme/db") && !outstanding(&two, "acme/wp"));
    attest(&two, &[&id, "--only", "acme/db"]);
    let text = fs::read_to_string(two.bob.path("gone.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    let said = body["statement"].as_str().unwrap();
    assert!(
        said.contains("this of what came with this share: db."),
        "{said}"
    );
    assert_eq!(body["entries"].as_array().unwrap().len(), 1);
    two.bob.call(&["get", "acme/db"]).fails(3);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    two.bob.call(&["verify", "--full"]).ok();
    ack(&two);
    assert_eq!(two.state(&id), "sent");
    assert!(!outstanding(&two, "acme/db"));
    let who = two.alice.call(&["who", "acme/db", "--json"]).ok().json();
    assert!(who[0]["deletion"].is_string(), "{who}");
    let who = two.alice.call(&["who", "acme/wp", "--json"]).ok().json();
    assert_eq!(who[0]["deletion"], Value::Null);
    let shown = two.alice.call(&["shares", "show", &id]).ok();
    assert_eq!(shown.text().matches(" (deleted ").count(), 1);
    let shown = two.bob.call(&["shares", "show", &id]).ok();
    assert_eq!(shown.text().matches(" (deleted)").count(), 1);
    assert_eq!(held(&two)[0]["entries"], json!(["acme/wp"]));
    let papers = two.alice.call(&["shares", "show", &id, "--json"]).ok();
    let papers = papers.json()["papers"].clone();
    let kinds: Vec<&Value> = papers
        .as_array()
        .unwrap()
        .iter()
        .map(|paper| &paper["kind"])
        .collect();
    assert_eq!(kinds, ["deletion", "notice"]);

    attest(&two, &[&id]);
    ack(&two);
    assert_eq!(two.state(&id), "deleted");
    assert_eq!(held(&two)[0]["state"], "deleted");
    two.alice.call(&["verify", "--full"]).ok();
}

#[test]
fn what_ended_alone_and_came_anew_is_deleted_with_the_later_share() {
    let two = Two::new();
    let first = both_shared(&two);
    let withdraw = ["consent", "withdraw", "acme", "--only", "acme/db"];
    two.alice.call(&withdraw).ok();
    assert!(outstanding(&two, "acme/db"));
    consent(&two.alice, &["--scope", "acme/db"]);
    // The order of shares is told by the second.
    thread::sleep(Duration::from_millis(1100));
    let later = sent(&two, &["acme/db", "--to", "bob"]);
    let file = two.bob.path("share.age");
    fs::remove_file(file).unwrap();
    assert!(outstanding(&two, "acme/db"), "nobody has signed for it");
    let receipt = two.to_alice(&format!("RECEIPT-{}.json", number(&later)));
    two.alice.call(&["ack", &receipt]).ok();
    assert!(!outstanding(&two, "acme/db"), "it is in use once more");
    two.alice.call(&["revoke", &later]).ok();
    assert!(outstanding(&two, "acme/db"));
    attest(&two, &[&later]);
    ack(&two);
    assert!(!outstanding(&two, "acme/db"));
    assert_eq!(two.state(&first), "sent", "acme/wp goes on");
}

#[test]
fn what_an_update_brings_no_more_is_over_at_the_recipient() {
    let two = Two::new();
    let first = both_shared(&two);
    two.alice
        .call(&["consent", "withdraw", "acme", "--only", "acme/db"])
        .ok();
    // One that never arrives stands between.
    let args = ["share", "--update", &first, "--out", "lost.age"];
    two.alice
        .call(&args)
        .ok()
        .tells("left out, since it ended or is not here: acme/db; where bob receives this");
    let before = two.ids();
    let args = ["share", "--update", &first, "--out", "-"];
    let made = two.alice.call(&args).ok();
    let mut new = two.ids();
    new.retain(|id| !before.contains(id));
    let last = new.remove(0);
    let file = two.bob.file("share.age", made.bytes());
    two.bob
        .call(&["receive", "--accept-terms", &file])
        .ok()
        .tells("acme/wp was here from an earlier share of theirs, and is updated")
        .tells(&format!(
            "acme/db is closed: it came with share {}",
            number(&first)
        ))
        .tells(&format!("vault attest {} --only acme/db", number(&first)));
    let states = held(&two);
    let states: Vec<&Value> = states
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["state"])
        .collect();
    assert_eq!(
        states,
        ["revoked", "received"],
        "nothing of the first is in use"
    );
    two.bob.call(&["get", "acme/db"]).fails(6);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    let shown = two.bob.call(&["shares", "show", &first, "--json"]).ok();
    let ended = &shown.json()["ended_entries"];
    assert_eq!(
        (&ended[0]["entry"], &ended[0]["left_out_of"]),
        (&json!("acme/db"), &json!(last))
    );
    fs::remove_file(&file).unwrap();
    assert!(outstanding(&two, "acme/db"));
    two.bob
        .call(&[
            "attest",
            &first,
            "--only",
            "acme/wp",
            "--yes",
            "--outside",
            "none",
        ])
        .fails(7)
        .says("acme/wp is held under share");
    two.bob
        .call(&[
            "attest",
            &last,
            "--only",
            "acme/db",
            "--yes",
            "--outside",
            "none",
        ])
        .fails(3)
        .says("acme/db did not come with share");
    attest(&two, &[&first]);
    two.bob.call(&["get", "acme/db"]).fails(3);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2", "it goes on");
    two.bob
        .call(&["attest", &first, "--out", "gone-2.json"])
        .ok();
    let again = fs::read(two.bob.path("gone-2.json")).unwrap();
    assert_eq!(again, fs::read(two.bob.path("gone.json")).unwrap());
    ack(&two);
    assert!(!outstanding(&two, "acme/db"));
    assert_eq!(two.state(&first), "superseded");
}

#[test]
fn a_notice_for_a_share_that_another_took_the_place_of_leaves_that_alone() {
    let two = Two::new();
    let (file, first) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let second = sent(&two, &["--update", &first]);
    let (old, new) = (number(&first), number(&second));
    let notice = notice(&two, &[&first]);
    two.bob
        .call(&["receive", &notice])
        .ok()
        .tells(&format!(
            "share {old} has ended; acme/wp is held under share {new} now"
        ))
        .hides("is closed");
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
    assert_eq!(two.state(&second), "sent");
}

#[test]
fn who_did_not_get_the_update_loses_what_the_old_share_had() {
    let two = Two::new();
    let first = both_shared(&two);
    let args = ["share", "--update", &first, "--out", "on-its-way.age"];
    two.alice.call(&args).ok();
    let notice = notice(&two, &[&first]);
    two.bob
        .call(&["receive", &notice])
        .ok()
        .tells("acme/wp is closed")
        .tells("acme/db is closed");
    two.bob.call(&["get", "acme/wp"]).fails(6);
    let bytes = fs::read(two.alice.path("on-its-way.age")).unwrap();
    let file = two.bob.file("late.age", bytes);
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    assert_eq!(two.bob.secret("acme/wp"), "hunter2", "the new share counts");
    two.bob
        .call(&["receive", &notice])
        .ok()
        .tells("and that goes on");
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
}

/// What a share says of itself, for a notice about it.
fn about(env: &TestEnv, id: &str) -> Value {
    let shown = env.call(&["shares", "show", id, "--json"]).ok().json();
    json!({
        "id": id,
        "payload_sha256": shown["payload_sha256"],
        "manifest_sha256": shown["manifest_sha256"],
    })
}

fn forged(sender: &Sender, share: &Value, entries: &[&Value]) -> String {
    let body = json!({
        "id": Uuid::new_v4(),
        "sender": sender.identity,
        "made": "2026-01-01T00:00:00Z",
        "ended": [{"share": share, "entries": entries, "time": "2026-01-01T00:00:00Z"}],
    });
    sender.sign_body(NOTICE, body.to_string())
}

#[test]
fn a_notice_ends_nothing_that_is_not_its_signers_or_never_was_in_the_share() {
    let (env, alice, eve) = (TestEnv::ready(), Sender::new(), Sender::new());
    let receive = |sender: &Sender, name: &str| {
        let file = sender.share_with(&env, |bundle| {
            bundle.items[0] = item(name, &[("secret", "hunter2")]);
        });
        let trust = ["receive", "--accept-terms", &file, "--trust"];
        let args = [&trust[..], &[sender.fingerprint()]].concat();
        env.call(&args).ok();
        let shown = env.call(&["shares", "--received", "--json"]).ok().json();
        let last = shown.as_array().unwrap().last().unwrap().clone();
        let id = last["id"].as_str().unwrap().to_owned();
        let shown = env.call(&["shares", "show", &id, "--json"]).ok().json();
        let entry = shown["items"][0]["entry"].clone();
        (about(&env, &id), entry)
    };
    let (wp, wp_entry) = receive(&alice, "wp");
    let (db, db_entry) = receive(&eve, "db");
    let refused = |sender: &Sender, share: &Value, entries: &[&Value], exit: i32, why: &str| {
        let before = env.generation();
        let notice = env.file("notice.json", forged(sender, share, entries));
        env.call(&["receive", &notice]).fails(exit).says(why);
        assert_eq!(env.generation(), before, "{why}");
        assert_eq!(env.secret("acme/wp"), "hunter2");
        assert_eq!(env.secret("acme/db"), "hunter2");
    };
    let not_made = "was not made by who signed this notice";
    refused(&eve, &wp, &[], 5, not_made);
    refused(&eve, &wp, &[&wp_entry], 5, not_made);
    refused(&eve, &wp, &[&db_entry], 5, not_made);
    let never = "names an entry that share";
    refused(&eve, &db, &[&wp_entry], 5, never);
    refused(&eve, &db, &[&db_entry, &wp_entry], 5, never);
    let mut other = db.clone();
    other["payload_sha256"] = wp["payload_sha256"].clone();
    refused(&eve, &other, &[&db_entry], 5, not_made);
    let many = vec![&db_entry; 1001];
    refused(&eve, &db, &many, 5, "malformed");
    let notice = env.file("notice.json", forged(&eve, &db, &[&db_entry]));
    env.call(&["receive", &notice]).ok();
    env.call(&["get", "acme/db"]).fails(6);
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn an_update_ends_nothing_that_somebody_else_has_lent() {
    let (env, alice, eve) = (TestEnv::ready(), Sender::new(), Sender::new());
    let receive = |sender: &Sender, name: &str, supersedes: Vec<Uuid>| {
        let mut id = Uuid::nil();
        let file = sender.share_with(&env, |bundle| {
            bundle.items[0] = item(name, &[("secret", "hunter2")]);
            bundle.supersedes = supersedes;
            id = bundle.share;
        });
        let trust = ["receive", "--accept-terms", &file, "--trust"];
        let args = [&trust[..], &[sender.fingerprint()]].concat();
        (id, env.call(&args).ok())
    };
    let (wp, _) = receive(&alice, "wp", vec![]);
    let (_, told) = receive(&eve, "db", vec![wp]);
    told.hides("is closed");
    assert_eq!(env.secret("acme/wp"), "hunter2");
    let (_, told) = receive(&alice, "api", vec![Uuid::new_v4(), wp]);
    told.tells("acme/wp is closed");
    env.call(&["get", "acme/wp"]).fails(6);
    assert_eq!(env.secret("acme/db"), "hunter2");
}

#[test]
fn a_notice_by_a_lost_key_and_one_that_is_too_large_are_refused() {
    let two = Two::new();
    let (file, id) = two.share();
    two.bob.call(&["receive", "--accept-terms", &file]).ok();
    let notice = notice(&two, &[&id]);
    let text = fs::read_to_string(&notice).unwrap();
    let padded = two.bob.file("padded.json", text + &" ".repeat(1 << 20));
    two.bob
        .call(&["receive", &padded])
        .fails(6)
        .says("the limit is 1048576");
    two.bob.me();
    let lost = ["contact", "lost", "alice", "--yes", "--out", "letters"];
    two.bob.call(&lost).ok();
    two.bob
        .call(&["receive", &notice])
        .fails(6)
        .says("signed by a key that alice has lost");
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
}

#[test]
fn what_ended_alone_stays_so_where_one_goes_on_from_an_older_copy() {
    let two = Two::new();
    let id = both_shared(&two);
    let before = fs::read(two.bob.vault_file()).unwrap();
    let generation = two.bob.generation().to_string();
    let only = ["consent", "withdraw", "acme", "--only", "acme/db"];
    two.alice.call(&only).ok();
    let file = notice(&two, &[&id, "--ended"]);
    two.bob.call(&["receive", &file]).ok();
    fs::write(two.bob.vault_file(), before).unwrap();
    let add = ["add", "acme/new", "--accept-generation", &generation];
    two.bob.call(&[&add[..], &["--generate"]].concat()).ok();
    two.bob.call(&["get", "acme/db"]).fails(6);
    assert_eq!(two.bob.secret("acme/wp"), "hunter2");
}
