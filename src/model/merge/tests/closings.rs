//! A client who is closed on one device while another goes on with them, and records that are purged.

use std::collections::HashSet;

use super::device::{author, new_device, text};
use super::{both, copy};
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::merge::vaults::merge;
use crate::model::records::cell::DeviceId;
use crate::model::records::client::Client;
use crate::model::testing::{day, fault, path, with_secret};
use crate::model::vault::Vault;

/// acme permits bob something; bob had acme/wp.
fn common() -> Vault {
    let mut world = World::new();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &["secret"]);
    world.share(&ask, 1);
    world.vault
}

fn acme(vault: &Vault) -> &Client {
    vault.client("acme").unwrap()
}

/// A copy in which acme is closed on that day.
fn closed(vault: &Vault, device: DeviceId, on: i64) -> Vault {
    let (mut vault, author) = (vault.clone(), author(device, on));
    let id = acme(&vault).id;
    vault.end_work(id, &author).unwrap();
    let left = vault.closing_left(acme(&vault), day(on)).unwrap();
    let entries: HashSet<_> = left.entries.iter().map(|(_, it)| it.id).collect();
    let owed: Vec<_> = left.owed.iter().map(|it| it.share.id).collect();
    let contact = vault.contacts.all().unwrap()[0].id;
    vault
        .waive_deletion(id, (contact, &owed), "gone", &author)
        .unwrap();
    vault
        .close_client(id, (&entries, None), None, &author)
        .unwrap();
    assert_eq!(fault(&vault), None);
    assert!(acme(&vault).closed().is_some());
    vault
}

fn taken_in(own: &Vault, other: &Vault, on: i64) -> Vault {
    let merged = merge(copy(own), copy(other)).unwrap();
    let mut vault = merged.vault;
    let author = author(new_device(), on);
    vault.settle_merge(&merged.revived, &[], &author).unwrap();
    assert_eq!(fault(&vault), None);
    vault
}

#[test]
fn what_another_device_adds_opens_the_client_again() {
    let common = common();
    let closed = closed(&common, new_device(), 5);
    let mut goes_on = common.clone();
    goes_on
        .add(
            &path("acme/new"),
            with_secret("three"),
            &author(new_device(), 6),
        )
        .unwrap();
    // Of the second in which it was closed, too.
    for on in [5, 7] {
        for (own, other) in [(&closed, &goes_on), (&goes_on, &closed)] {
            let met = taken_in(own, other, on);
            assert_eq!(acme(&met).closed(), None);
            assert!(met.entry(&path("acme/new")).is_ok());
            assert!(met.entry(&path("acme/wp")).is_err());
            let told = met.taken_in_since(own, day(on)).unwrap();
            assert_eq!(told.reopened, ["acme"]);
            let again = taken_in(&met, &closed, on + 1);
            assert_eq!(acme(&again).closed(), None);
            let told = again.taken_in_since(&met, day(on + 1)).unwrap();
            assert!(told.reopened.is_empty());
        }
    }
    // Where nothing new is, it stays closed.
    assert!(acme(&taken_in(&common, &closed, 9)).closed().is_some());
}

#[test]
fn a_client_is_closed_again_after_work_for_them_began_again() {
    let device = new_device();
    let mut vault = closed(&common(), device, 5);
    let refused = vault.add(&path("acme/new"), with_secret("x"), &author(device, 5));
    assert_eq!(refused.unwrap_err().kind(), Kind::Conflict);
    vault
        .reopen_client(&"acme".parse().unwrap(), &author(device, 5))
        .unwrap();
    assert_eq!(acme(&vault).closed(), None);
    vault
        .add(&path("acme/new"), with_secret("x"), &author(device, 5))
        .unwrap();
    // What was not waited for then is waited for now.
    let left = vault.closing_left(acme(&vault), day(5)).unwrap();
    assert_eq!((left.entries.len(), left.owed.len()), (1, 1));
    assert!(acme(&closed(&vault, device, 5)).closed().is_some());
}

#[test]
fn what_is_left_to_do_is_refused_to_be_closed() {
    let mut vault = common();
    let (id, author) = (acme(&vault).id, author(new_device(), 5));
    let entries: HashSet<_> = vault.owners().unwrap().into_keys().collect();
    let before = text(&vault);
    let refused = vault.close_client(id, (&entries, None), None, &author);
    assert_eq!(refused.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(text(&vault), before);
    let ended = vault.end_work(id, &author).unwrap();
    assert_eq!((ended.shares.len(), ended.permissions.len()), (1, 1));
    let left = vault.closing_left(acme(&vault), day(5)).unwrap();
    assert!(left.shares.is_empty() && left.permissions.is_empty());
    assert_eq!(left.owed.len(), 1);
    let soon = "90d".parse().unwrap();
    let refused = vault.close_client(id, (&entries, None), Some(&soon), &author);
    assert_eq!(refused.unwrap_err().kind(), Kind::Usage);
}

#[test]
fn records_stay_until_their_day_and_no_copy_brings_them_back() {
    let (device, slug) = (new_device(), "acme".parse().unwrap());
    let common = common();
    let refused = common.with_past_records(&slug, day(5)).unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    let closed = closed(&common, device, 5);
    let until = acme(&closed).records_until().unwrap();
    // One of them is a leap year.
    let over = 5 + 3 * 365 + 1;
    assert_eq!(until, day(over));
    let mut purged = closed.clone();
    let early = purged.purge_records(&slug, &author(device, over - 1));
    assert_eq!(early.unwrap_err().kind(), Kind::Conflict);
    let past = purged.purge_records(&slug, &author(device, over)).unwrap();
    assert_eq!((past.permissions.len(), past.shares.len()), (1, 1));
    assert_eq!(fault(&purged), None);
    let is_gone = |vault: &Vault| {
        let names = text(vault);
        vault.client("acme").is_none()
            && vault.consents.is_empty()
            && vault.shares.is_empty()
            && !names.contains("acme")
    };
    assert!(is_gone(&purged), "{}", text(&purged));
    // One device never heard of it, and one only that acme is closed.
    for old in [&common, &closed] {
        assert!(is_gone(&both(&purged, old)));
        assert!(is_gone(&both(old, &purged)));
        assert!(is_gone(&taken_in(&purged, old, 2000)));
    }
}

#[test]
fn what_another_device_added_stays_when_the_records_of_its_client_are_purged() {
    let (device, slug) = (new_device(), "acme".parse().unwrap());
    let closed = closed(&common(), device, 5);
    let mut goes_on = closed.clone();
    let other = author(new_device(), 1500);
    goes_on.reopen_client(&slug, &other).unwrap();
    goes_on
        .add(&path("acme/new"), with_secret("three"), &other)
        .unwrap();
    let mut purged = closed;
    purged.purge_records(&slug, &author(device, 1600)).unwrap();
    for (own, other) in [(&purged, &goes_on), (&goes_on, &purged)] {
        let met = both(own, other);
        assert_eq!(met.entry(&path("acme/new")).unwrap().versions.len(), 1);
        assert!(met.consents.is_empty() && met.shares.is_empty());
        let again = both(&met, own);
        assert!(again.entry(&path("acme/new")).is_ok());
    }
}
