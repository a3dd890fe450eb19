//! Who can know what of a client, an entry, a contact or a host.

use uuid::Uuid;

use super::Subject;
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::records::cell::DeviceId;
use crate::model::records::share::FiledDocument;
use crate::model::testing::{author, day, path, replacement};

/// A world in which bob was given acme/wp on day 1, until day 15.
fn shared() -> (World, Uuid, Uuid) {
    let mut world = World::new();
    let consent = world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    let share = world.share(&ask, 1);
    (world, consent, share)
}

/// The knowers of each entry of what a word names, as `path: contact state versions`.
fn told(world: &World, asked: &str, on: i64) -> Vec<String> {
    let subject = world.vault.named_subject(asked, day(on)).unwrap();
    let knowledge = world.vault.knowledge(&subject, day(on)).unwrap();
    let entries = knowledge.entries.iter().map(|known| {
        let knowers = known.knowers.iter().map(|it| {
            let contact = it.line.share.recipient.contact;
            let name = world.vault.contact_name(contact).unwrap();
            let versions = it.versions.iter().map(|(slot, number)| {
                format!(
                    "{slot}{}",
                    number.map_or(String::new(), |it| format!(" {it}"))
                )
            });
            format!(
                " {name} {} {}",
                it.state,
                versions.collect::<Vec<_>>().join(",")
            )
        });
        format!("{}:{}", known.path, knowers.collect::<String>())
    });
    entries.collect()
}

#[test]
fn a_client_an_entry_a_contact_and_a_host_are_one_question() {
    let (world, _, _) = shared();
    assert_eq!(
        told(&world, "acme", 2),
        ["acme/db:", "acme/wp: bob sent secret 1"]
    );
    assert_eq!(told(&world, "acme/wp", 2), ["acme/wp: bob sent secret 1"]);
    assert_eq!(told(&world, "acme/db", 2), ["acme/db:"]);
    assert_eq!(told(&world, "bob", 2), ["acme/wp: bob sent secret 1"]);
    assert!(told(&world, "eve", 2).is_empty());
    assert_eq!(told(&world, "globex", 2), ["globex/mail:"]);
    for host in ["acme.example", "https://acme.example/login", "ACME.EXAMPLE"] {
        assert_eq!(
            told(&world, host, 2),
            ["acme/wp: bob sent secret 1"],
            "{host}"
        );
    }
    for nothing in ["nobody", "acme/none", "cme.example", "other.example"] {
        let why = world.vault.named_subject(nothing, day(2)).unwrap_err();
        assert_eq!(why.kind(), Kind::NotFound, "{nothing}");
    }
}

#[test]
fn a_client_comes_before_a_contact_and_that_before_a_host() {
    let (mut world, _, _) = shared();
    let rename = |world: &mut World, name: &str| {
        let stamp = world.vault.seen.next(author(2).device);
        let bob = world.vault.contacts.by_id_mut(world.bob).unwrap();
        bob.name.set(stamp, name.into());
    };
    rename(&mut world, "acme");
    let acme = world.vault.named_subject("acme", day(2)).unwrap();
    assert!(matches!(acme, Subject::Client(_)));
    rename(&mut world, "acme.example");
    let host = world.vault.named_subject("acme.example", day(2)).unwrap();
    assert!(matches!(host, Subject::Contact(_)));
    let host = world.vault.subject_host("acme.example", day(2)).unwrap();
    assert!(matches!(host, Subject::Host(_)));
}

#[test]
fn who_has_seen_it_is_listed_until_it_is_changed() {
    let (mut world, _, share) = shared();
    assert_eq!(
        told(&world, "acme/wp", 15),
        ["acme/wp: bob expired secret 1"]
    );
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    assert_eq!(told(&world, "bob", 4), ["acme/wp: bob revoked secret 1"]);
    let new = replacement("three");
    world
        .vault
        .rotate(&path("acme/wp"), new, &author(5))
        .unwrap();
    assert_eq!(told(&world, "acme/wp", 6), ["acme/wp:"]);
    assert!(told(&world, "bob", 6).is_empty());
}

#[test]
fn a_live_share_of_an_old_version_is_listed_with_its_number() {
    let (mut world, _, _) = shared();
    let new = replacement("three");
    world
        .vault
        .rotate(&path("acme/wp"), new, &author(2))
        .unwrap();
    assert_eq!(told(&world, "acme/wp", 3), ["acme/wp: bob sent secret 1"]);
}

#[test]
fn what_was_not_deleted_is_outstanding_and_what_was_not_answered_is_open() {
    let (mut world, _, share) = shared();
    world.consent_with("acme", |it| it.events = &[("requested", 0)]);
    let count = |world: &World, asked: &str, on: i64| {
        let subject = world.vault.named_subject(asked, day(on)).unwrap();
        let knowledge = world.vault.knowledge(&subject, day(on)).unwrap();
        (knowledge.undeleted.len(), knowledge.open_requests.len())
    };
    assert_eq!(count(&world, "acme", 2), (0, 1));
    assert_eq!(count(&world, "acme", 15), (1, 1));
    for word in ["acme/wp", "bob", "acme.example"] {
        assert_eq!(count(&world, word, 15), (1, 1), "{word}");
    }
    for word in ["globex", "globex/mail", "eve"] {
        assert_eq!(count(&world, word, 15), (0, 0), "{word}");
    }
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    let stamp = world.vault.seen.next(author(4).device);
    let filed = FiledDocument::with(day(4), "gone".into());
    let share = world.vault.shares.by_id_mut(share).unwrap();
    share.attestation.set(stamp, Some(filed));
    assert_eq!(count(&world, "acme", 15), (0, 1));
}

#[test]
fn of_two_shares_of_one_second_and_two_devices_one_statement_settles_both() {
    for first_deleted in [true, false] {
        let (mut world, _, one) = shared();
        let two = world.share(&world.ask(&["acme/wp"], &[]), 1);
        let here = author(0).device;
        let stamps = [here, DeviceId::from_random([9; 8])];
        for (share, device) in [one, two].into_iter().zip(stamps) {
            let stamp = world.vault.seen.next(device);
            let share = world.vault.shares.by_id_mut(share).unwrap();
            share.sent.set(stamp, Some(day(2)));
            let receipt = FiledDocument::with(day(2), "received".into());
            share.receipt.set(stamp, Some(receipt));
        }
        let owed = |world: &World| {
            let ledger = world.vault.ledger(day(16)).unwrap();
            let owing = ledger.iter().filter(|it| it.owes_deletion().is_some());
            owing.count()
        };
        assert_eq!(owed(&world), 1, "one of them brought it last");
        let stamp = world.vault.seen.next(here);
        let deleted = if first_deleted { one } else { two };
        let share = world.vault.shares.by_id_mut(deleted).unwrap();
        let filed = FiledDocument::with(day(16), "gone".into());
        share.attestation.set(stamp, Some(filed));
        assert_eq!(owed(&world), 0);
    }
}

#[test]
fn what_is_in_the_trash_or_gone_for_good_is_listed_while_somebody_has_it() {
    let (mut world, _, _) = shared();
    world.vault.remove(&path("acme/wp"), &author(2)).unwrap();
    assert_eq!(
        told(&world, "acme", 3),
        ["acme/db:", "acme/wp: bob sent secret 1"]
    );
    world.vault.remove(&path("acme/db"), &author(2)).unwrap();
    assert_eq!(told(&world, "acme", 3), ["acme/wp: bob sent secret 1"]);
    world.vault.entries.retain(|_| false);
    assert_eq!(told(&world, "acme", 3).len(), 1);
    assert_eq!(told(&world, "bob", 3).len(), 1);
    // It cannot be changed here any more, so it stays known after the end too.
    assert_eq!(told(&world, "acme", 16).len(), 1);
}
