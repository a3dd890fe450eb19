//! A permission is for keys: those of the day on which it was given, and what took their place.

use super::world::World;
use super::{Answer, Refusal};
use crate::error::Kind;
use crate::model::people::contact_changes::{ContactChanges, Successor};
use crate::model::testing::{author, day};

/// A consent for bob's key k1, who has `keys` by now.
fn world(keys: &[&str]) -> World {
    let mut world = World::new();
    world.consent_with("acme", |it| it.keys = Some(&["k1"]));
    edit(&mut world, keys, None).unwrap();
    world
}

fn edit(
    world: &mut World,
    keys: &[&str],
    successor: Option<Successor>,
) -> crate::error::Result<()> {
    let mut changes = ContactChanges {
        successor,
        ..ContactChanges::default()
    };
    changes.values.recipients = keys.iter().map(|key| (*key).to_owned()).collect();
    let bob = "bob".parse().unwrap();
    world.vault.edit_contact(&bob, changes, &author(1))
}

fn unset(world: &mut World, key: &str) {
    let changes = ContactChanges {
        unset: vec![format!("recipient={key}").parse().unwrap()],
        ..ContactChanges::default()
    };
    let bob = "bob".parse().unwrap();
    world.vault.edit_contact(&bob, changes, &author(1)).unwrap();
}

fn refusal(world: &World) -> Option<Refusal> {
    match world.answer(&world.ask(&["acme/wp"], &[]), 2) {
        Answer::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

fn successor(from: &str, to: &str) -> Successor {
    Successor {
        from: from.into(),
        to: to.into(),
        from_signer: "s1".into(),
        card: "{}".into(),
    }
}

#[test]
fn it_holds_for_the_keys_of_that_day_alone() {
    assert_eq!(refusal(&world(&["k1"])), None);
    for other in [&["k2"][..], &["k1", "k2"]] {
        let refused = refusal(&world(other)).unwrap();
        assert_eq!(refused.code, "keys");
        assert!(refused.reasons[0].text.contains("other keys of bob"));
    }
    let mut world = world(&["k1", "k2"]);
    unset(&mut world, "k2");
    assert_eq!(refusal(&world), None);
    unset(&mut world, "k1");
    assert_eq!(
        refusal(&world).unwrap().code,
        "keys",
        "a passphrase is no way around"
    );
}

#[test]
fn one_for_no_key_holds_for_none_that_is_noted_later() {
    let mut world = World::new();
    world.consent("acme");
    assert_eq!(refusal(&world), None);
    edit(&mut world, &["k1"], None).unwrap();
    assert!(refusal(&world).unwrap().reasons[0].text.contains("no key"));
}

#[test]
fn a_card_signed_by_the_old_key_vouches_for_the_new_one() {
    let mut world = world(&["k1"]);
    let bob = "bob".parse().unwrap();
    let mut signer = ContactChanges::default();
    signer.values.signers = vec!["s1".into()];
    world.vault.edit_contact(&bob, signer, &author(1)).unwrap();
    edit(&mut world, &["k2"], Some(successor("k1", "k2"))).unwrap();
    let contact = world.vault.known_contact(&bob).unwrap();
    assert_eq!(contact.recipients(), ["k2"]);
    assert!(
        contact.signers().is_empty(),
        "its owner put another in its place"
    );
    assert_eq!(refusal(&world), None);
    // The old key does not come back, by an old card or by hand.
    let why = edit(&mut world, &["k1"], None).unwrap_err();
    assert_eq!(why.kind(), Kind::Refused);
    let contact = world.vault.known_contact(&bob).unwrap();
    assert_eq!(contact.recipients(), ["k2"]);
    assert_eq!(contact.replaced("k1"), Some(day(1)));
}

#[test]
fn who_was_not_known_vouches_for_nobody() {
    // The signer of the card is none of bob's, though it names his key.
    let mut world = world(&["k1"]);
    edit(&mut world, &["k2"], Some(successor("k1", "k2"))).unwrap();
    let contact = world.vault.known_contact(&"bob".parse().unwrap()).unwrap();
    assert_eq!(contact.recipients(), ["k1", "k2"]);
    assert!(contact.successions.is_empty());
    assert_eq!(refusal(&world).unwrap().code, "keys");
}
