//! What one device purges while others change it: each says what has to survive, in every order.

use std::collections::HashSet;

use super::both;
use super::device::{author, new_device, text, with_user};
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::merge::vaults::{Revived, merge};
use crate::model::records::cell::DeviceId;
use crate::model::records::entry::Entry;
use crate::model::records::review::Reviewed;
use crate::model::testing::{empty_vault, fault, new_id, path, replacement, with_secret};
use crate::model::vault::Vault;

const PATH: &str = "acme/wp";

fn with_notes(text: &str) -> Changes {
    Changes {
        values: EntryValues {
            notes: Some(text.to_owned()),
            ..EntryValues::default()
        },
        ..Changes::default()
    }
}

/// What this device makes of a copy.
fn changed(vault: &Vault, change: impl FnOnce(&mut Vault, DeviceId)) -> Vault {
    let mut changed = vault.clone();
    change(&mut changed, new_device());
    changed
}

fn common() -> Vault {
    let mut vault = empty_vault();
    let author = author(new_device(), 0);
    vault.add(&path(PATH), with_secret("one"), &author).unwrap();
    (vault.edit(&path(PATH), with_user("kim".into()), &author)).unwrap();
    vault
}

fn removed(vault: &Vault) -> Vault {
    changed(vault, |vault, id| {
        vault.remove(&path(PATH), &author(id, 1)).unwrap();
    })
}

fn purged(vault: &Vault) -> Vault {
    changed(vault, |vault, id| {
        let gone = HashSet::from([vault.entry(&path(PATH)).unwrap().id]);
        vault.remove(&path(PATH), &author(id, 1)).unwrap();
        vault.empty_trash(&gone, &author(id, 2)).unwrap();
    })
}

fn edited(vault: &Vault, notes: &str) -> Vault {
    changed(vault, |vault, id| {
        (vault.edit(&path(PATH), with_notes(notes), &author(id, 3))).unwrap();
    })
}

fn rotated(vault: &Vault, secret: &str) -> Vault {
    changed(vault, |vault, id| {
        (vault.rotate(&path(PATH), replacement(secret), &author(id, 4))).unwrap();
    })
}

/// Takes a copy in as a device does it, which writes what is to be settled.
fn taken_in(own: &Vault, other: &Vault) -> Vault {
    all_taken_in(own, [other])
}

/// Takes copies in, one after another, and then writes what is to be settled.
fn all_taken_in<const N: usize>(own: &Vault, copies: [&Vault; N]) -> Vault {
    let (mut vault, mut revived) = (own.clone(), Revived::default());
    for copy in copies {
        let merged = merge(super::copy(&vault), super::copy(copy)).unwrap();
        vault = merged.vault;
        revived.extend(merged.revived).unwrap();
    }
    let author = author(new_device(), 5);
    vault.settle_merge(&revived, &[], &author).unwrap();
    assert_eq!(fault(&vault), None);
    vault
}

/// Every order in which three copies meet.
fn orders(copies: [&Vault; 3]) -> Vec<[&Vault; 3]> {
    let [a, b, c] = copies;
    vec![
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
    ]
}

fn only(vault: &Vault) -> &Entry {
    let all = vault.entries.all().unwrap();
    assert_eq!(all.len(), 1);
    all[0]
}

#[test]
fn what_each_wrote_that_the_purge_did_not_know_survives_in_every_order() {
    let common = common();
    let (gone, edit, rotation) = (
        purged(&common),
        edited(&common, "call first"),
        rotated(&common, "two"),
    );
    let all = orders([&gone, &edit, &rotation]);
    let merged: HashSet<String> = (all.iter())
        .map(|[one, two, three]| text(&both(&both(one, two), three)))
        .collect();
    assert_eq!(merged.len(), 1);
    for [one, two, three] in all {
        let vault = taken_in(&taken_in(one, two), three);
        let entry = vault.entry(&path(PATH)).unwrap();
        assert_eq!(entry.notes.value().unwrap(), "call first");
        assert_eq!(entry.username.value().unwrap(), "kim");
        assert_eq!(entry.current("secret").unwrap().secret().expose(), "two");
        assert_eq!(entry.versions.len(), 1);
        let conflicts = vault.conflicts().unwrap();
        let kinds: Vec<&str> = conflicts.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["purged"]);
    }
}

#[test]
fn what_came_back_with_one_copy_has_its_name_where_the_next_purged_it_again() {
    let common = common();
    let (gone, rotation) = (purged(&common), rotated(&common, "two"));
    let twice = purged(&taken_in(&gone, &edited(&common, "call first")));
    for copies in [[&gone, &twice], [&twice, &gone]] {
        let vault = all_taken_in(&rotation, copies);
        let entry = vault.entry(&path(PATH)).unwrap();
        assert_eq!(entry.username.value().unwrap(), "kim");
        assert_eq!(entry.current("secret").unwrap().secret().expose(), "two");
    }
}

#[test]
fn an_edit_alone_comes_back_without_the_secret() {
    let common = common();
    let vault = taken_in(&purged(&common), &edited(&common, "call first"));
    let entry = vault.entry(&path(PATH)).unwrap();
    assert_eq!(entry.notes.value().unwrap(), "call first");
    assert_eq!(entry.secrets().count(), 0);
    assert_eq!(entry.versions.len(), 0);
    assert!(!text(&vault).contains("\"one\""));
}

#[test]
fn an_edit_that_the_trash_did_not_know_is_told_until_somebody_chooses() {
    let common = common();
    let (trash, edit) = (removed(&common), edited(&common, "call first"));
    for (one, two) in [(&trash, &edit), (&edit, &trash)] {
        let mut vault = taken_in(one, two);
        let entry = vault.entry(&path(PATH)).unwrap();
        assert_eq!(entry.notes.value().unwrap(), "call first");
        let kinds: Vec<&str> = vault
            .conflicts()
            .unwrap()
            .iter()
            .map(|it| it.kind)
            .collect();
        assert_eq!(kinds, ["removed"]);
        (vault.resolve_deleted(&path(PATH), &author(new_device(), 6))).unwrap();
        // Whoever has not heard of it changes nothing in that.
        for late in [&trash, &edit, &common] {
            let vault = taken_in(&vault, late);
            assert!(vault.live().unwrap().is_empty());
            assert!(vault.conflicts().unwrap().is_empty());
        }
    }
    // What was known where it was removed is not to be chosen.
    for known in [&common, &edit] {
        let vault = taken_in(&removed(known), known);
        assert!(vault.live().unwrap().is_empty());
    }
}

#[test]
fn a_copy_in_which_nothing_is_new_brings_nothing_back() {
    let common = common();
    let renamed = changed(&common, |vault, id| {
        (vault.rename(&path(PATH), &path("acme/x"), &author(id, 3))).unwrap();
        (vault.rename(&path("acme/x"), &path(PATH), &author(id, 3))).unwrap();
    });
    let gone = purged(&renamed);
    for old in [&common, &renamed] {
        let vault = taken_in(&gone, old);
        assert!(vault.entries.is_empty());
    }
    // Nor does it give a name of before to what does.
    let rotation = rotated(&common, "two");
    let texts = orders([&gone, &renamed, &rotation])
        .into_iter()
        .map(|[one, two, three]| text(&both(&both(one, two), three)));
    assert_eq!(texts.collect::<HashSet<_>>().len(), 1);
}

#[test]
fn what_was_put_in_the_trash_elsewhere_is_not_shown_there_after_a_purge() {
    let common = common();
    let trash = removed(&common);
    let vault = taken_in(&purged(&common), &trash);
    assert!(vault.trash().unwrap().is_empty());
    assert!(vault.live().unwrap().is_empty());
    assert!(only(&vault).is_husk());
    // What a third wrote comes back to the trash, where it can be taken out.
    for [one, two, three] in orders([&purged(&common), &trash, &rotated(&common, "two")]) {
        let vault = taken_in(&taken_in(one, two), three);
        assert!(!vault.conflicts().unwrap().is_empty());
        assert!(text(&vault).contains("\"two\""));
    }
}

#[test]
fn what_was_answered_about_a_purged_entry_goes_in_every_order() {
    let common = common();
    let reviewed = changed(&common, |vault, id| {
        let entry = vault.entry(&path(PATH)).unwrap().id;
        let (kind, keep, now) = ("entry".to_owned(), "keep".to_owned(), author(id, 3).now);
        let called = format!("entry {PATH}");
        let review = Reviewed::with(new_id(), now, entry, kind, called, keep, now);
        vault.reviews.add(review);
    });
    let gone = purged(&common);
    for vault in [taken_in(&gone, &reviewed), taken_in(&reviewed, &gone)] {
        assert!(vault.reviews.is_empty());
        assert_eq!(fault(&vault), None);
    }
}
