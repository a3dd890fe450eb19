//! A key that came with a file which somebody else has put in the vault's place.

use super::{apart, put_in_place};
use crate::support::env::{CHEAP, TestEnv};

fn new_key() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

/// A device at whose place stands what another one, which it does not know, has written; and the
/// key that this one has added.
fn with_a_key_of_another() -> (TestEnv, TestEnv, String) {
    let (laptop, desktop) = apart();
    let key = new_key();
    desktop.call(&["recipient", "add", &key]).ok();
    put_in_place(&desktop, &laptop);
    (laptop, desktop, key)
}

fn id_of(env: &TestEnv, key: &str) -> String {
    let all = env.call(&["recipient", "list", "--json"]).ok().json();
    let mut all = all.as_array().unwrap().iter();
    let way = all.find(|way| way["recipient"] == key).unwrap();
    way["id"].as_str().unwrap()[..8].to_owned()
}

#[test]
fn it_is_told_at_each_opening_and_nothing_is_written_under_it_until_somebody_accepts_it() {
    let (laptop, _, key) = with_a_key_of_another();
    for _ in 0..2 {
        let told = laptop.call(&["list"]).ok();
        told.tells("a key that this device does not know opens the vault: age1")
            .tells("vault recipient rm ");
    }
    let new = laptop.file("new", "heron-Quartz4-maple-dusk");
    let before = laptop.snapshot();
    let id = id_of(&laptop, &key);
    let accept = format!("--accept-recipient {id}");
    for change in [
        &["edit", "acme/wp", "-u", "ann"][..],
        &["rm", "acme/wp", "--yes"],
        &["passwd", "--kdf", CHEAP, "--new-password-file", &new],
    ] {
        laptop.call(change).fails(9).hints(&accept);
    }
    assert_eq!(laptop.snapshot(), before);
    let edit = ["edit", "acme/wp", "-u", "ann", "--accept-recipient", &id];
    laptop
        .call(&edit)
        .ok()
        .tells("may open the vault, as --accept-recipient says: age1");
    laptop.call(&["list"]).ok().silently();
    laptop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
}

#[test]
fn it_can_be_taken_away_without_being_accepted() {
    let (laptop, _, key) = with_a_key_of_another();
    let id = id_of(&laptop, &key);
    laptop.call(&["recipient", "rm", &id, "--yes"]).ok();
    laptop.call(&["list"]).ok().silently();
    let left = laptop.call(&["recipient", "list"]).ok();
    left.prints("");
}

#[test]
fn one_that_a_known_device_added_is_told_once() {
    let (laptop, desktop) = apart();
    desktop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["me", "--device", "desk"]).ok();
    put_in_place(&desktop, &laptop);
    laptop.call(&["list"]).ok().silently();
    desktop.call(&["recipient", "add", &new_key()]).ok();
    put_in_place(&desktop, &laptop);
    laptop
        .call(&["list"])
        .ok()
        .tells("a key opens the vault that device desk has added: age1");
    laptop.call(&["list"]).ok().silently();
    laptop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
}

#[test]
fn its_own_keys_are_not_told_and_a_device_that_is_new_takes_them_as_they_are() {
    let laptop = TestEnv::with(&[("acme/wp", "x")]);
    laptop.call(&["recipient", "add", &new_key()]).ok();
    laptop.call(&["list"]).ok().silently();
    let desktop = super::second_device(&laptop);
    desktop.call(&["list"]).ok().silently();
    desktop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
}

#[test]
fn a_device_that_has_not_written_yet_knows_the_identity_that_it_makes() {
    let (_, desktop) = apart();
    let made = desktop.call(&["recovery", "add", "--out", "r.key"]).ok();
    made.tells("wrote ");
    let all = desktop.call(&["recovery", "list", "--json"]).ok();
    assert_eq!(all.json()[0]["written"], true);
    all.silently();
}

#[test]
fn what_is_accepted_has_to_be_an_id_or_a_key_and_one_that_fits_nothing_is_told() {
    let (laptop, _, key) = with_a_key_of_another();
    let before = laptop.snapshot();
    let id = id_of(&laptop, &key);
    let list = |known: &str| laptop.call(&["list", "--accept-recipient", known]).run();
    for none in ["zzzz", "123", ""] {
        assert_eq!(list(none).code, Some(2), "{none}");
    }
    assert_eq!(laptop.snapshot(), before);
    let other = if id.starts_with("1234") {
        "4321"
    } else {
        "1234"
    };
    let told = list(other).stderr;
    let wanted = format!("--accept-recipient {other} fits no key");
    assert!(told.contains(&wanted), "{told}");
    for known in [&id, &key] {
        assert!(!list(known).stderr.contains("fits no key"), "{known}");
    }
}
