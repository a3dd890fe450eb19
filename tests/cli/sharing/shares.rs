//! `shares` and `revoke`: the ledger, and what is to be rotated when a share ends early.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::share::{Contact, consent, consented, share, with_bob};
use crate::support::env::{TestEnv, has_keys, number};

/// acme/wp was shared with bob; gives the share's id.
fn shared() -> (TestEnv, Contact, String) {
    let (env, bob) = consented();
    let answer = share(&env, &["acme/wp"]);
    let id = answer["share"]["id"].as_str().unwrap().to_owned();
    (env, bob, id)
}

fn state(env: &TestEnv) -> Value {
    env.call(&["shares", "--json"]).ok().json()[0]["state"].clone()
}

fn flags(env: &TestEnv, path: &str) -> Value {
    let shown = env.call(&["show", path, "--json"]).ok().json();
    let listed = env.call(&["list", "--json"]).ok().json();
    let found = env.call(&["find", path, "--json"]).ok().json();
    let of = |list: &Value| {
        let mut entries = list.as_array().unwrap().iter();
        entries.find(|entry| entry["path"] == path).unwrap()["flags"].clone()
    };
    assert_eq!(shown["flags"], of(&listed));
    assert_eq!(shown["flags"], of(&found));
    shown["flags"].clone()
}

#[test]
fn the_ledger_shows_who_was_given_what_until_when() {
    let (env, _, id) = shared();
    let list = env.call(&["shares"]).ok();
    list.shows(&number(&id))
        .shows("bob")
        .shows("sent")
        .shows("acme/wp");
    env.call(&["shares", "list"]).ok().shows(&number(&id));
    let show = env.call(&["shares", "show", &id[..5]]).ok();
    show.shows(&number(&id)).shows("to: bob");
    show.shows("purpose: relaunch");
    show.shows("allowed by: Jo Doe, consent ")
        .shows("(attested)");
    show.shows("acme/wp: secret, username, urls");
    show.hides("the-secret");
    let shown = env.call(&["shares", "show", &id, "--json"]).ok().json();
    has_keys(
        &shown,
        &[
            "id",
            "consent",
            "client",
            "to",
            "items",
            "state",
            "payload_sha256",
            "key",
            "allowed_by",
        ],
    );
    assert_eq!(
        (&shown["receipt"], &shown["revoked"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn an_empty_ledger_and_an_unknown_share_are_told_apart() {
    let (env, _) = with_bob();
    env.call(&["shares"])
        .ok()
        .prints("")
        .tells("nothing was shared yet");
    env.call(&["shares", "--json"]).ok().prints("[]\n");
    env.call(&["shares", "show", "ffff"])
        .fails(3)
        .hints("vault shares");
    env.call(&["revoke", "ffff"]).fails(3).hints("vault shares");
    env.call(&["revoke", "xyz"]).fails(2);
    env.call(&["shares", "show", "fff"]).fails(2);
}

#[test]
fn revoking_ends_a_share_and_flags_what_was_in_it() {
    let (env, _, id) = shared();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
    let revoked = env
        .call(&["revoke", &number(&id), "--reason", "job done"])
        .ok();
    revoked
        .prints("")
        .tells("bob may still know")
        .tells("to be rotated: acme/wp");
    assert_eq!(state(&env), "revoked");
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate"]));
    assert_eq!(flags(&env, "acme/db"), json!([]));
    let show = env.call(&["show", "acme/wp"]).ok();
    show.shows(&format!(
        "secret: bob may know it: share {} was revoked",
        &number(&id)
    ));
    let exposed = env.call(&["show", "acme/wp", "--json"]).ok().json()["exposed"].clone();
    assert_eq!(
        (&exposed[0]["contact"], &exposed[0]["share"]),
        (&json!("bob"), &json!(id))
    );
    let shown = env.call(&["shares", "show", &id]).ok();
    shown.shows("state: revoked").shows("reason: job done");
    env.call(&["log"]).ok().shows("revoke").hides("job done");
}

#[test]
fn the_same_bytes_are_no_new_secret_and_the_flag_stays() {
    let (env, _, id) = shared();
    env.call(&["revoke", &id]).ok();
    let before = env.call(&["history", "acme/wp", "--json"]).ok().json();
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("the-secret")
        .fails(2)
        .says("not a new secret")
        .hides("the-secret");
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("the-secret")
        .fails(2)
        .says("not a new secret");
    let after = env.call(&["history", "acme/wp", "--json"]).ok().json();
    assert_eq!(before, after);
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate"]));
    // A detour over another secret does not make it new.
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("another-one")
        .ok();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
    env.call(&["edit", "acme/wp", "--secret"])
        .stdin("the-secret")
        .fails(2)
        .says("it is version 1");
    // What brings the known bytes back all the same, such as a restored copy, brings the flag.
    env.call(&["restore", &newest_backup(&env), "--yes"]).ok();
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate"]));
}

#[test]
fn a_seed_is_the_same_in_every_spelling() {
    let (env, _) = with_bob();
    env.call(&["edit", "acme/wp", "--totp"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    consent(&env, &["--scope", "acme/*", "--field", "totp"]);
    let id = share(&env, &["acme/wp"])["share"]["id"].clone();
    env.call(&["revoke", id.as_str().unwrap()]).ok();
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate"]));
    for same in [
        "jbsw y3dp ehpk 3pxp",
        "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
    ] {
        env.call(&["edit", "acme/wp", "--totp"])
            .stdin(same)
            .fails(2)
            .says("not a new totp");
    }
    env.call(&["edit", "acme/wp", "--totp"])
        .stdin("GEZDGNBVGY3TQOJQ")
        .ok();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
}

/// The newest backup in which acme/wp still has its first secret.
fn newest_backup(env: &TestEnv) -> String {
    let backups = env.call(&["backups", "--json"]).ok().json();
    let backups = backups.as_array().unwrap().iter();
    let automatic = backups.filter(|it| !it["file"].as_str().unwrap().ends_with("last.age"));
    let newest = automatic.map(|backup| backup["generation"].as_u64().unwrap());
    newest.max().unwrap().to_string()
}

#[test]
fn a_secret_that_was_shared_comes_back_only_on_purpose_and_is_flagged() {
    let (env, _, id) = shared();
    env.call(&["revoke", &id]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let back = ["rotate", "acme/wp", "--stdin"];
    env.call(&back)
        .stdin("the-secret")
        .fails(2)
        .hints("vault rotate acme/wp --again");
    let again = env.call(&[&back[..], &["--again"]].concat());
    again.stdin("the-secret").ok().tells("bob may know it");
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate"]));
    let same = env.call(&[&back[..], &["--again"]].concat());
    same.stdin("the-secret").fails(2).says("not a new secret");
    env.call(&["rotate", "acme/wp", "--again", "--generate"])
        .fails(2);
}

#[test]
fn what_was_in_a_share_that_ran_out_is_to_be_changed_soon() {
    let (env, _) = consented();
    let id = share(&env, &["acme/wp", "--expires", "3s"])["share"]["id"].clone();
    while state(&env) != "expired" {
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate-soon"]));
    assert_eq!(flags(&env, "acme/db"), json!([]));
    env.call(&["list", "--long"]).ok().shows("rotate-soon");
    let show = env.call(&["show", "acme/wp"]).ok();
    let short = &number(id.as_str().unwrap());
    show.shows(&format!(
        "rotate soon: secret: bob may know it: share {short} ended"
    ));
    let exposed = env.call(&["show", "acme/wp", "--json"]).ok().json()["exposed"].clone();
    assert_eq!(exposed[0]["cause"], "expired");
    let file = env.password_file();
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'; vault rotate --due; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("1 of 1: acme/wp (")
        .sees("): bob may know it: share ");
    terminal.sees("[q]uit").types("q").sees("exit=0").ends();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
}

#[test]
fn revoking_twice_is_once() {
    let (env, _, id) = shared();
    let first = env.call(&["revoke", &id, "--json"]).ok().json();
    assert_eq!(first["changed"], json!([id]));
    let generation = env.generation();
    let second = env.call(&["revoke", &id, "--json"]).ok().json();
    assert_eq!(second["changed"], json!([]));
    assert_eq!(env.generation(), generation);
}

#[test]
fn a_new_secret_clears_the_flag() {
    let (env, _, id) = shared();
    env.call(&["revoke", &id]).ok();
    env.call(&["rotate", "acme/wp", "--begin", "--generate"])
        .ok();
    assert_eq!(flags(&env, "acme/wp"), json!(["rotate", "pending"]));
    env.call(&["rotate", "acme/wp", "--confirm"]).ok();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
    env.call(&["show", "acme/wp"]).ok().hides("may know");
}

#[test]
fn what_was_rotated_before_is_not_flagged() {
    let (env, _, id) = shared();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let revoked = env.call(&["revoke", &id]).ok();
    revoked.hides("to be rotated");
    assert_eq!(flags(&env, "acme/wp"), json!([]));
}

#[test]
fn withdrawing_the_consent_ends_its_shares_and_flags_what_was_in_them() {
    let (env, _) = with_bob();
    let consent = consent(&env, &["--scope", "acme/*"]);
    share(&env, &["acme/wp", "acme/db"]);
    env.call(&["consent", "withdraw", &consent]).ok();
    assert_eq!(state(&env), "withdrawn");
    for path in ["acme/wp", "acme/db"] {
        assert_eq!(flags(&env, path), json!(["rotate"]));
    }
    let show = env.call(&["show", "acme/db"]).ok();
    show.shows("bob may know it: the client withdrew share");
    assert_eq!(flags(&env, "globex/mail"), json!([]));
    env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
}

#[test]
fn all_that_a_contact_has_ends_at_once() {
    let (env, _, first) = shared();
    let second = share(&env, &["acme/db"])["share"]["id"].clone();
    let args = ["revoke", "--to", "bob"];
    let asked = env.call(&args).fails(9);
    asked.hints("--yes");
    for listed in [&number(&first), "acme/db"] {
        asked.says(listed);
    }
    let done = env.call(&[&args[..], &["--yes", "--json"]].concat()).ok();
    let done = done.json()["changed"].clone();
    let both = [&json!(first), &second];
    assert!(
        both.iter().all(|id| done.as_array().unwrap().contains(id)),
        "{done}"
    );
    assert_eq!(flags(&env, "acme/db"), json!(["rotate"]));
    env.call(&args).fails(3).says("left to revoke");
    env.call(&["revoke"]).fails(2);
    env.call(&["revoke", &first, "--to", "bob"]).fails(2);
}

#[test]
fn what_was_shared_of_a_client_or_under_a_consent_is_revoked_by_that() {
    let (env, _, id) = shared();
    env.call(&["revoke", "--client", "globex"]).fails(3);
    let one = env.call(&["revoke", "--client", "acme", "--to", "bob"]);
    one.ok().tells(&format!("revoked share {}", &number(&id)));
    let again = share(&env, &["acme/db"])["share"].clone();
    let consent = again["consent"].as_str().unwrap();
    env.call(&["revoke", consent]).ok().tells(&format!(
        "revoked share {}",
        &number(again["id"].as_str().unwrap())
    ));
    env.call(&["revoke", consent]).fails(3).says("is live");
}

#[test]
fn a_contact_with_an_open_share_is_not_removed() {
    let (env, _, id) = shared();
    let args = ["contact", "rm", "bob", "--yes"];
    env.call(&args).fails(7).hints("vault revoke");
    env.call(&["revoke", &id]).ok();
    env.call(&args).ok();
    env.call(&["shares"]).ok().shows("bob");
    env.call(&["share", "acme/db", "--to", "bob"]).fails(3);
}

#[test]
fn only_the_fields_that_went_are_flagged() {
    let (env, _) = with_bob();
    consent(
        &env,
        &[
            "--scope", "acme/wp", "--field", "pin", "--field", "username",
        ],
    );
    let id = share(&env, &["acme/wp"])["share"]["id"].clone();
    env.call(&["revoke", id.as_str().unwrap()]).ok();
    let exposed = env.call(&["show", "acme/wp", "--json"]).ok().json()["exposed"].clone();
    assert_eq!(exposed.as_array().unwrap().len(), 1);
    assert_eq!(exposed[0]["what"], "pin");
    env.call(&["edit", "acme/wp", "--secret-field", "pin"])
        .stdin("other")
        .ok();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
}

#[test]
fn rotate_due_says_who_may_know_it_and_walks_through() {
    let (env, _, id) = shared();
    env.call(&["revoke", &id]).ok();
    let file = env.password_file();
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'; vault rotate --due; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("1 of 1: acme/wp (")
        .sees("): bob may know it: share ");
    terminal.sees("[q]uit").types("g").sees("[y/N] ").types("y");
    terminal.sees("exit=0").ends();
    assert_eq!(flags(&env, "acme/wp"), json!([]));
}

#[test]
fn rotate_due_tells_what_no_new_secret_would_help() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp", "--field", "pin"]);
    let id = share(&env, &["acme/wp"])["share"]["id"].clone();
    env.call(&["revoke", id.as_str().unwrap()]).ok();
    let file = env.password_file();
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'; vault rotate --due; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("pin is known too")
        .sees("vault edit acme/wp --secret-field pin");
    let screen = terminal.sees("exit=0").ends().to_owned();
    assert!(!screen.contains("[q]uit"), "{screen}");
}

fn listed(env: &TestEnv, args: &[&str]) -> Vec<Value> {
    let list = env
        .call(&[&["shares", "--json"], args].concat())
        .ok()
        .json();
    let shares = list.as_array().unwrap().iter();
    shares.map(|share| share["id"].clone()).collect()
}

#[test]
fn the_ledger_is_filtered_by_client_entry_contact_and_whether_it_is_live() {
    let (env, _, first) = shared();
    let second = share(&env, &["acme/db"])["share"]["id"].clone();
    env.call(&["contact", "add", "eve"]).ok();
    env.call(&["revoke", &first]).ok();
    assert_eq!(listed(&env, &["acme"]).len(), 2);
    assert_eq!(listed(&env, &["--to", "bob"]).len(), 2);
    assert_eq!(listed(&env, &["acme/wp"]), [json!(first)]);
    let live = [second];
    assert_eq!(listed(&env, &["--live"]), live);
    assert_eq!(listed(&env, &["acme", "--to", "bob", "--live"]), live);
    for none in [&["globex"][..], &["--to", "eve"], &["acme/wp", "--live"]] {
        assert!(listed(&env, none).is_empty(), "{none:?}");
    }
    let listed = env.call(&["shares", "list", "acme/db"]).ok();
    listed.shows("acme/db").hides("acme/wp");
    env.call(&["shares", "globex"])
        .ok()
        .tells("no share is like that");
    env.call(&["shares", &number(&first)])
        .fails(3)
        .hints(&format!("vault shares show {}", &number(&first)));
    for unknown in [&["nobody"][..], &["acme/none"], &["--to", "nobody"]] {
        env.call(&[&["shares"], unknown].concat()).fails(3);
    }
}

#[test]
fn live_consents_are_listed_alone() {
    let (env, _) = with_bob();
    let ended = consent(&env, &["--scope", "acme/wp"]);
    env.call(&["consent", "list", "--live"])
        .ok()
        .shows(&number(&ended));
    env.call(&["consent", "withdraw", &ended]).ok();
    let live = consent(&env, &["--scope", "acme/db"]);
    let list = env.call(&["consent", "list", "acme", "--live"]).ok();
    list.shows(&number(&live)).hides(&number(&ended));
    let none = env.call(&["consent", "list", "globex", "--live"]).ok();
    none.tells("no consent is live");
}

#[test]
fn an_entry_a_client_and_a_contact_tell_who_can_know_what() {
    let (env, _, id) = shared();
    let tell = |told: &str| {
        let entry = format!("known to: bob: {told}");
        env.call(&["show", "acme/wp"]).ok().shows(&entry);
        let client = format!("known to: bob (wp): {told}");
        env.call(&["client", "show", "acme"]).ok().shows(&client);
        let contact = format!("can know: acme/wp: {told}");
        env.call(&["contact", "show", "bob"]).ok().shows(&contact);
    };
    tell("has it since ");
    env.call(&["show", "acme/wp"])
        .ok()
        .shows(", until ")
        .shows("; Jo Doe allowed it on ");
    env.call(&["revoke", &id]).ok();
    tell("knows version 1 until you change it: revoked ");
    env.call(&["show", "acme/db"]).ok().hides("known to");
    env.call(&["client", "show", "globex"])
        .ok()
        .hides("known to");
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let shown = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    assert_eq!(shown["can_know"], json!([]));
}

#[test]
fn the_ledger_and_the_consent_keep_the_names_of_their_day() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    let answer = share(&env, &["acme/wp"]);
    let id = answer["share"]["id"].as_str().unwrap();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"])
        .fails(7)
        .says("what is shared cannot be removed for good")
        .hints("vault revoke");
    env.call(&["revoke", id]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    let list = env.call(&["shares"]).ok();
    list.shows("acme/wp").shows("bob");
    let show = env.call(&["shares", "show", id]).ok();
    show.shows("acme/wp (removed for good): secret, username, urls")
        .shows("to: bob");
    let show = env.call(&["shares", "show", id, "--json"]).ok().json();
    assert_eq!(show["items"][0]["hosts"], json!(["acme.example"]));
    assert_eq!(show["items"][0]["user"], "admin");
    assert_eq!(show["manifest_sha256"].as_str().unwrap().len(), 64);
    let consent = answer["share"]["consent"].as_str().unwrap();
    let show = env.call(&["consent", "show", consent]).ok();
    show.shows("named: acme/wp, https://acme.example as admin (removed for good)")
        .shows("bob");
}
