//! What became of shares, and what is to be rotated because of it.

use uuid::Uuid;

use crate::error::Kind;
use crate::model::consent::ending::PermissionPart;
use crate::model::consent::permit::Ask;
use crate::model::consent::permit::world::World;
use crate::model::entry::changes::Changes;
use crate::model::findings::check;
use crate::model::records::share::{FiledDocument, Share, ShareState};
use crate::model::records::slot::Slot;
use crate::model::rotation::due::DueReason;
use crate::model::testing::{author, day, path, replacement, secret};
use crate::model::vault::Vault;

const BOTH: &[&str] = &["acme/wp", "acme/db"];

/// A world in which bob was given all that can be of acme/wp on day 1, until day 15.
fn shared() -> (World, Uuid, Uuid) {
    let mut world = World::new();
    let fields = ["secret", "pin", "attachment:key.pem", "username"];
    let consent = world.consent_with("acme", |it| it.fields = &fields);
    let ask = world.ask(&["acme/wp"], &[]);
    let share = world.share(&ask, 1);
    (world, consent, share)
}

fn state(world: &World, share: Uuid, on: i64) -> &'static str {
    let ledger = world.vault.ledger(day(on)).unwrap();
    let standing = ledger.into_iter().find(|it| it.share.id == share);
    standing.unwrap().state.as_str()
}

/// What of acme/wp is exposed on day 7.
fn exposed(world: &World) -> Vec<String> {
    let exposures = world.vault.exposures(day(7)).unwrap();
    let entry = world.vault.entry(&path("acme/wp")).unwrap();
    exposures
        .of(entry)
        .into_iter()
        .map(|(slot, _)| slot.to_owned())
        .collect()
}

fn flags(world: &World, on: i64) -> Vec<&'static str> {
    let entry = world.vault.entry(&path("acme/wp")).unwrap();
    world
        .vault
        .exposures(day(on))
        .unwrap()
        .flags(entry, day(on))
}

fn file(world: &mut World, share: Uuid, on: i64, receipt: bool) {
    let stamp = world.vault.seen.next(author(on).device);
    let filed = Some(FiledDocument::with(day(on), "document".into()));
    let share = world.vault.shares.by_id_mut(share).unwrap();
    if receipt {
        share.receipt.set(stamp, filed);
    } else {
        share.attestation.set(stamp, filed);
    }
}

#[test]
fn a_share_is_what_became_of_it() {
    let (mut world, consent, share) = shared();
    assert_eq!(state(&world, share, 2), "sent");
    file(&mut world, share, 2, true);
    assert_eq!(state(&world, share, 3), "received");
    assert_eq!(state(&world, share, 14), "received");
    assert_eq!(state(&world, share, 15), "expired");
    world.happens(consent, "withdrawn", 4);
    assert_eq!(state(&world, share, 15), "withdrawn");
    world.vault.revoke_share(share, None, &author(5)).unwrap();
    assert_eq!(state(&world, share, 15), "withdrawn", "it was over before");
    file(&mut world, share, 6, false);
    assert_eq!(state(&world, share, 15), "deleted");
}

#[test]
fn a_share_whose_file_was_not_written_is_unsent() {
    let (mut world, _, share) = shared();
    world.vault.shares.by_id_mut(share).unwrap().sent =
        crate::model::records::cell::Cell::default();
    assert_eq!(state(&world, share, 2), "unsent");
    assert_eq!(state(&world, share, 15), "expired");
}

#[test]
fn any_end_of_the_consent_ends_its_live_shares() {
    for end in ["withdrawn", "revoked", "invalidated", "something new"] {
        let (mut world, consent, share) = shared();
        world.happens(consent, end, 3);
        assert_eq!(state(&world, share, 4), "withdrawn", "{end}");
        assert_eq!(flags(&world, 4), ["rotate"], "{end}");
    }
}

#[test]
fn a_withdrawal_elsewhere_before_the_share_overtakes_it() {
    let (mut world, consent, share) = shared();
    world.happens(consent, "withdrawn", 0);
    assert_eq!(state(&world, share, 2), "withdrawn");
    let exposures = world.vault.exposures(day(7)).unwrap();
    let entry = world.vault.entry(&path("acme/wp")).unwrap();
    assert_eq!(exposures.of(entry)[0].1.since, day(1));
}

#[test]
fn what_ran_out_or_was_deleted_is_known_until_it_is_changed() {
    let (mut world, consent, share) = shared();
    assert!(flags(&world, 14).is_empty());
    assert_eq!(state(&world, share, 15), "expired");
    assert_eq!(flags(&world, 15), ["rotate-soon"]);
    world.happens(consent, "withdrawn", 16);
    assert_eq!(flags(&world, 100), ["rotate-soon"], "it was over by then");
    let due = world.vault.due(None, day(15)).unwrap();
    let [DueReason::Exposed(how)] = due.iter().map(|it| it.why).collect::<Vec<_>>()[..] else {
        panic!("{due:?}");
    };
    assert_eq!((how.since, how.cause), (day(15), ShareState::Expired));
    let new = replacement("three");
    let wp = path("acme/wp");
    world.vault.rotate(&wp, new, &author(16)).unwrap();
    assert_eq!(flags(&world, 17), ["rotate-soon"], "the pin and the file");

    let (mut world, _, share) = shared();
    file(&mut world, share, 3, false);
    assert_eq!(exposed(&world), ["attachment:key.pem", "pin", "secret"]);
    assert_eq!(flags(&world, 3), ["rotate-soon"]);
}

#[test]
fn the_worst_of_several_ends_is_the_flag() {
    let (mut world, _, first) = shared();
    file(&mut world, first, 2, false);
    let again = world.ask(&["acme/wp"], &[]);
    let second = world.share(&again, 3);
    world.vault.revoke_share(second, None, &author(4)).unwrap();
    assert_eq!(flags(&world, 5), ["rotate"]);
    let exposures = world.vault.exposures(day(5)).unwrap();
    let entry = world.vault.entry(&path("acme/wp")).unwrap();
    assert_eq!(exposures.of(entry)[0].1.share, second);
}

#[test]
fn what_lives_on_by_another_share_is_exposed_when_that_ends() {
    let (mut world, _, _) = shared();
    let again = world.ask(&["acme/wp"], &[]);
    let renewal = world.share(&again, 10);
    assert_eq!(state(&world, renewal, 15), "sent");
    assert!(flags(&world, 15).is_empty());
    assert_eq!(flags(&world, 24), ["rotate-soon"]);
    // What was taken back is not excused by it.
    let (mut world, _, first) = shared();
    let again = world.ask(&["acme/wp"], &[]);
    world.share(&again, 2);
    world.vault.revoke_share(first, None, &author(3)).unwrap();
    assert_eq!(flags(&world, 4), ["rotate"]);
}

#[test]
fn an_entry_withdrawn_within_the_second_of_the_share_in_its_place_is_withdrawn_once() {
    for (is_sent_first, held, withdrawn) in [(false, &["acme/wp"][..], 0), (true, BOTH, 1)] {
        let mut world = World::new();
        let consent = world.consent("acme");
        let first = world.share(&world.ask(BOTH, &[]), 1);
        let db = world.vault.entry(&path("acme/db")).unwrap().id;
        let update = |world: &mut World| {
            let replaces = Some(first);
            let ask = Ask {
                replaces,
                ..world.ask(held, &[])
            };
            world.share(&ask, 3)
        };
        let part = PermissionPart {
            entries: vec![db],
            contacts: Vec::new(),
        };
        let mut shares = vec![first];
        shares.extend(is_sent_first.then(|| update(&mut world)));
        let at = author(3);
        world
            .vault
            .withdraw_consent(consent, &part, None, &at)
            .unwrap();
        shares.extend((!is_sent_first).then(|| update(&mut world)));
        let exposures = world.vault.exposures(day(4)).unwrap();
        let of_db = exposures.of(world.vault.entry(&path("acme/db")).unwrap());
        let of_db: Vec<_> = of_db
            .iter()
            .map(|(_, how)| (how.share, how.cause))
            .collect();
        assert_eq!(of_db, [(shares[withdrawn], ShareState::Withdrawn)]);
        assert_eq!(state(&world, first, 4), "superseded");
        assert!(flags(&world, 4).is_empty(), "acme/wp goes on");
    }
}

#[test]
fn a_consent_withdrawn_as_a_share_under_another_takes_over_a_part_ends_the_rest() {
    let mut world = World::new();
    let (one, two) = (world.consent("acme"), world.consent("acme"));
    let of = |consent, entries: &[&str], world: &World| Ask {
        consent: Some(consent),
        ..world.ask(entries, &[])
    };
    let first = world.share(&of(one, BOTH, &world), 1);
    world.happens(one, "withdrawn", 3);
    let replaces = Some(first);
    let ask = Ask {
        replaces,
        ..of(two, &["acme/wp"], &world)
    };
    world.share(&ask, 3);
    let exposures = world.vault.exposures(day(4)).unwrap();
    let of_db = exposures.of(world.vault.entry(&path("acme/db")).unwrap());
    assert_eq!(of_db[0].1.cause, ShareState::Withdrawn);
    assert!(flags(&world, 4).is_empty(), "acme/wp goes on");
}

#[test]
fn a_contact_who_was_removed_elsewhere_ends_what_they_had() {
    let (mut world, _, share) = shared();
    let stamp = world.vault.seen.next(author(4).device);
    let bob = world.vault.contacts.by_id_mut(world.bob).unwrap();
    bob.removed.set(stamp, Some(day(4)));
    assert_eq!(state(&world, share, 5), "ended");
    assert_eq!(flags(&world, 5), ["rotate"]);
    let (mut world, _, share) = shared();
    let stamp = world.vault.seen.next(author(4).device);
    let bob = world.vault.contacts.by_id_mut(world.bob).unwrap();
    bob.removed.set(stamp, Some(day(16)));
    assert_eq!(state(&world, share, 17), "expired");
    assert_eq!(flags(&world, 17), ["rotate-soon"]);
}

#[test]
fn a_secret_that_an_ended_share_knew_is_known_again_when_it_comes_back() {
    let (mut world, _, share) = shared();
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    let wp = path("acme/wp");
    let new = replacement("three");
    world.vault.rotate(&wp, new, &author(4)).unwrap();
    assert!(!exposed(&world).contains(&"secret".to_owned()));
    let old = world.vault.rotate(&wp, replacement("one"), &author(5));
    assert_eq!(old.unwrap_err().kind(), Kind::Usage);
    let again = |text| crate::model::rotation::pending::Replacement {
        again: true,
        ..replacement(text)
    };
    let same = world.vault.rotate(&wp, again("three"), &author(5));
    assert_eq!(same.unwrap_err().kind(), Kind::Usage, "it has that");
    world.vault.rotate(&wp, again("one"), &author(5)).unwrap();
    assert!(exposed(&world).contains(&"secret".to_owned()));
}

#[test]
fn what_a_revoked_share_held_is_to_be_rotated_and_nothing_else() {
    let (mut world, _, share) = shared();
    assert!(exposed(&world).is_empty() && flags(&world, 2).is_empty());
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    assert_eq!(exposed(&world), ["attachment:key.pem", "pin", "secret"]);
    assert_eq!(flags(&world, 4), ["rotate"]);
    let due = world.vault.due(None, day(4)).unwrap();
    let [DueReason::Exposed(how)] = due.iter().map(|it| it.why).collect::<Vec<_>>()[..] else {
        panic!("{due:?}");
    };
    assert_eq!(due[0].path.to_string(), "acme/wp");
    assert_eq!((how.share, how.contact), (share, world.bob));
    assert_eq!((how.since, how.cause), (day(3), ShareState::Revoked));
}

#[test]
fn a_new_value_clears_the_reason_and_an_old_one_in_the_history_does_not_matter() {
    let (mut world, _, share) = shared();
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    let new = replacement("three");
    world
        .vault
        .begin_rotation(&path("acme/wp"), new, &author(4))
        .unwrap();
    assert_eq!(exposed(&world).len(), 3, "pending is not done");
    world
        .vault
        .confirm_rotation(&path("acme/wp"), None, &author(5))
        .unwrap();
    assert_eq!(exposed(&world), ["attachment:key.pem", "pin"]);
    let pin = Changes {
        secrets: vec![(Slot::Field("pin".parse().unwrap()), secret("9999"))],
        ..Changes::default()
    };
    world.vault.edit(&path("acme/wp"), pin, &author(5)).unwrap();
    let name = "key.pem".parse().unwrap();
    world
        .vault
        .attach(&path("acme/wp"), &name, b"new", true, &author(5))
        .unwrap();
    assert!(exposed(&world).is_empty() && flags(&world, 6).is_empty());
}

#[test]
fn what_was_rotated_before_the_end_is_not_flagged() {
    let (mut world, _, share) = shared();
    let new = replacement("three");
    world
        .vault
        .rotate(&path("acme/wp"), new, &author(2))
        .unwrap();
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    assert_eq!(exposed(&world), ["attachment:key.pem", "pin"]);
}

#[test]
fn what_was_deleted_or_had_ended_before_a_withdrawal_ended_in_order() {
    let (mut world, consent, share) = shared();
    file(&mut world, share, 3, false);
    world.happens(consent, "withdrawn", 4);
    assert_eq!(flags(&world, 5), ["rotate-soon"]);

    let (mut world, consent, _) = shared();
    world.happens(consent, "withdrawn", 15);
    assert_eq!(flags(&world, 16), ["rotate-soon"]);

    let (mut world, consent, share) = shared();
    world.happens(consent, "withdrawn", 4);
    file(&mut world, share, 5, false);
    assert_eq!(
        flags(&world, 6),
        ["rotate"],
        "it was live when the consent ended"
    );
}

#[test]
fn the_first_end_counts() {
    let (mut world, consent, share) = shared();
    world.happens(consent, "withdrawn", 4);
    world.vault.revoke_share(share, None, &author(6)).unwrap();
    let exposures = world.vault.exposures(day(7)).unwrap();
    let how = exposures.of(world.vault.entry(&path("acme/wp")).unwrap())[0].1;
    assert_eq!((how.since, how.cause), (day(4), ShareState::Withdrawn));
}

#[test]
fn what_is_over_is_not_revoked() {
    let (mut world, _, share) = shared();
    let late = world
        .vault
        .revoke_share(share, None, &author(15))
        .unwrap_err();
    assert_eq!(late.kind(), Kind::Refused);
    file(&mut world, share, 3, false);
    let deleted = world
        .vault
        .revoke_share(share, None, &author(4))
        .unwrap_err();
    assert_eq!(deleted.kind(), Kind::Refused);
    let unknown = world
        .vault
        .revoke_share(Uuid::nil(), None, &author(4))
        .unwrap_err();
    assert_eq!(unknown.kind(), Kind::NotFound);
}

#[test]
fn live_shares_are_those_that_may_still_be_used() {
    let (mut world, _, share) = shared();
    let live = |world: &World, on, contact| {
        let with = |share: &Share| share.recipient.contact == contact;
        world.vault.live_shares(day(on), with).unwrap().len()
    };
    let (bob, eve) = (world.bob, world.eve);
    assert_eq!((live(&world, 2, bob), live(&world, 15, bob)), (1, 0));
    assert_eq!(live(&world, 2, eve), 0);
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    assert_eq!(live(&world, 4, bob), 0);
    assert!(!ShareState::Withdrawn.is_live() && ShareState::Unsent.is_live());
}

#[test]
fn an_entry_that_was_shared_with_this_vault_is_flagged_as_that() {
    let (mut world, _, share) = shared();
    world.vault.entry_mut(&path("acme/wp")).unwrap().received = Some(share);
    assert_eq!(flags(&world, 2), ["received"]);
}

#[test]
fn a_share_holds_together_with_the_rest_of_the_vault() {
    let (mut world, _, share) = shared();
    world
        .vault
        .revoke_share(share, Some("done".into()), &author(3))
        .unwrap();
    let text = serde_json::to_string(&world.vault).unwrap();
    world.vault = Vault::decode(text).unwrap();
    for check in check::all(&world.vault) {
        assert!(check.fault().is_none(), "{check:?}");
    }
    world.vault.consents.retain(|_| false);
    let mut checks = check::all(&world.vault).into_iter();
    assert!(checks.any(|check| check.rule == "references" && check.fault().is_some()));
}

#[test]
fn the_log_names_no_one_and_a_clients_part_of_it_has_its_shares_only() {
    let (mut world, _, share) = shared();
    world.consent_with("globex", |it| it.patterns = &["globex/*"]);
    let ask = world.ask(&["globex/mail"], &[]);
    world.share(&ask, 1);
    world
        .vault
        .revoke_share(share, Some("canary".into()), &author(3))
        .unwrap();
    let log = serde_json::to_string(&world.vault.log).unwrap();
    for name in ["canary", "bob", "wp", "relaunch", "username"] {
        assert!(!log.contains(name), "{name}");
    }
    let mut events = Vec::new();
    for chain in world.vault.log.chains() {
        let read = chain.read().map(|event| (chain.device, event.unwrap()));
        events.extend(read);
    }
    let acme = world.vault.client("acme").unwrap().id;
    world.vault.retain_events_of(acme, &mut events).unwrap();
    let of_shares = events
        .iter()
        .filter(|(_, event)| event.subject.contains(&share));
    assert_eq!(of_shares.count(), 3, "made, sent, revoked");
    let shares = events
        .iter()
        .filter(|(_, event)| event.action == "share")
        .count();
    assert_eq!(shares, 2, "none of globex");
}
