//! What is due on a day.

use jiff::tz::TimeZone;

use crate::model::consent::ending::PermissionPart;
use crate::model::consent::permit::world::World;
use crate::model::entry::changes::Changes;
use crate::model::people::client_changes::ClientChanges;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::records::share::FiledDocument;
use crate::model::testing::{asked_for, author, day, path, replacement};

/// The rules that find something on a day, each with what it is about.
fn found(world: &World, on: i64) -> Vec<(&'static str, &'static str)> {
    let due = super::due(&world.vault, &day(on).to_zoned(TimeZone::UTC)).unwrap();
    let all = due.iter().flat_map(|rule| &rule.findings);
    all.map(|it| (it.rule, it.level.as_str())).collect()
}

#[test]
fn what_others_owe_is_told_three_days_after_it_was_due() {
    let mut world = World::new();
    world.consent("acme");
    world.share(&world.ask(&["acme/wp"], &[]), 1);
    assert!(found(&world, 3).is_empty());
    assert_eq!(found(&world, 4), [("receipt-missing", "medium")]);
    // It ended on day 15: what is known is to be changed at once.
    assert_eq!(found(&world, 17)[0], ("share-ended-not-rotated", "medium"));
    assert!(!found(&world, 17).contains(&("deletion-missing", "medium")));
    assert!(found(&world, 18).contains(&("deletion-missing", "medium")));
    assert!(!found(&world, 18).contains(&("receipt-missing", "medium")));
}

#[test]
fn what_somebody_owes_of_several_shares_is_told_together() {
    let mut world = World::new();
    world.consent("acme");
    for entry in ["acme/wp", "acme/db"] {
        world.share(&world.ask(&[entry], &[]), 1);
    }
    let told = |on: i64, rule: &str| {
        let due = super::due(&world.vault, &day(on).to_zoned(TimeZone::UTC)).unwrap();
        let found = due.iter().flat_map(|it| &it.findings);
        let found = found.filter(|it| it.rule == rule);
        found.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    for (on, rule) in [(4, "receipt-missing"), (18, "deletion-missing")] {
        let told = told(on, rule);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("bob has not confirmed "), "{told:?}");
        assert!(told[0].contains("2 shares ("), "{told:?}");
    }
}

#[test]
fn a_part_that_ended_alone_is_told_as_that_part() {
    let mut world = World::new();
    let consent = world.consent("acme");
    world.share(&world.ask(&["acme/wp", "acme/db"], &[]), 1);
    let part = PermissionPart {
        entries: vec![world.vault.entry(&path("acme/db")).unwrap().id],
        contacts: Vec::new(),
    };
    let vault = &mut world.vault;
    vault
        .withdraw_consent(consent, &part, None, &author(2))
        .unwrap();
    let due = super::due(&world.vault, &day(5).to_zoned(TimeZone::UTC)).unwrap();
    let mut all = due.iter().flat_map(|rule| &rule.findings);
    let found = all.find(|it| it.rule == "deletion-missing").unwrap();
    assert!(found.message.contains("that acme/db of share "));
    assert!(
        found
            .fix
            .as_ref()
            .unwrap()
            .contains("vault share --update ")
    );
}

#[test]
fn an_early_end_is_worse_and_a_new_secret_settles_it() {
    let mut world = World::new();
    let consent = world.consent("acme");
    world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
    world.happens(consent, "withdrawn", 2);
    assert_eq!(found(&world, 2), [("share-ended-not-rotated", "high")]);
    let (at, new) = (path("acme/wp"), replacement("new"));
    world.vault.rotate(&at, new, &author(2)).unwrap();
    assert!(found(&world, 2).is_empty());
}

#[test]
fn permissions_that_end_and_rotations_that_wait_are_told() {
    let mut world = World::new();
    world.consent("acme");
    assert!(found(&world, 75).is_empty());
    assert_eq!(found(&world, 76), [("permission-ending", "medium")]);
    assert!(found(&world, 90).is_empty(), "it is over");
    let (at, new) = (path("acme/wp"), replacement("new"));
    world.vault.begin_rotation(&at, new, &author(1)).unwrap();
    assert_eq!(found(&world, 2), [("pending", "low")]);
    assert_eq!(found(&world, 8), [("pending", "medium")]);
}

#[test]
fn what_was_only_said_is_told_for_a_while_after_it_lapsed_unless_it_is_asked_for() {
    let mut world = World::new();
    let said = world.consent_with("acme", |it| it.assurance = "attested");
    let stamp = world.vault.seen.next(author(0).device);
    let consent = world.vault.consents.by_id_mut(said).unwrap();
    consent.provisional_until.set(stamp, Some(day(7)));
    let lapsed = [("permission-lapsed", "medium")];
    assert_eq!(found(&world, 6), [("permission-ending", "medium")]);
    assert_eq!(found(&world, 7), lapsed);
    assert_eq!(found(&world, 20), lapsed);
    assert!(found(&world, 21).is_empty());
    let renewal = world.consent_with("acme", |it| it.events = &[("requested", 8)]);
    let renewal = world.vault.consents.by_id_mut(renewal).unwrap();
    renewal.supersedes = Some(said);
    assert!(!found(&world, 9).contains(&lapsed[0]));
    world.happens(said, "withdrawn", 9);
    assert!(!found(&world, 10).contains(&lapsed[0]));
}

#[test]
fn what_was_removed_for_good_is_told_until_its_deletion_is_signed() {
    let mut world = World::new();
    world.consent("acme");
    let share = world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
    world.vault.revoke_share(share, None, &author(2)).unwrap();
    world.vault.entries.retain(|_| false);
    let known = ("share-ended-not-rotated", "high");
    assert_eq!(found(&world, 2), [known]);
    assert!(found(&world, 90).contains(&known));
    let due = super::due(&world.vault, &day(2).to_zoned(TimeZone::UTC)).unwrap();
    let message = &due[0].findings[0].message;
    assert!(
        message.starts_with("bob may know acme/wp, removed here for good"),
        "{message}"
    );
    let stamp = world.vault.seen.next(author(4).device);
    let filed = FiledDocument::with(day(4), "gone".into());
    let share = world.vault.shares.by_id_mut(share).unwrap();
    share.attestation.set(stamp, Some(filed));
    assert!(found(&world, 5).is_empty());
}

#[test]
fn of_two_shares_of_one_second_the_one_sent_last_owes_the_deletion() {
    let mut world = World::new();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    let shares = [world.share(&ask, 1), world.share(&ask, 1)];
    for id in shares {
        let stamp = world.vault.seen.next(author(2).device);
        let filed = FiledDocument::with(day(2), "here".into());
        let share = world.vault.shares.by_id_mut(id).unwrap();
        share.receipt.set(stamp, Some(filed));
        world.vault.revoke_share(id, None, &author(3)).unwrap();
    }
    let ledger = world.vault.ledger(day(4)).unwrap();
    let owing = ledger.iter().filter(|line| line.owes_deletion().is_some());
    let owing: Vec<_> = owing.map(|line| line.share.id).collect();
    assert_eq!(owing, [shares[1]]);
}

#[test]
fn a_retention_and_a_review_that_are_past_are_told() {
    let mut world = World::new();
    let mut client = ClientChanges::default();
    client.values.retain_until = Some(day(5));
    let acme = "acme".parse().unwrap();
    world.vault.edit_client(&acme, client, &author(0)).unwrap();
    let mut contact = ContactChanges::default();
    contact.values.review_by = Some(day(6));
    let bob = "bob".parse().unwrap();
    world.vault.edit_contact(&bob, contact, &author(0)).unwrap();
    assert!(found(&world, 4).is_empty());
    assert_eq!(found(&world, 5), [("retention-past", "medium")]);
    assert_eq!(
        found(&world, 35),
        [("retention-past", "high"), ("contact-review-due", "medium")]
    );
}

#[test]
fn what_has_ended_and_what_is_to_change_by_its_own_rule_is_told_from_that_day() {
    let mut world = World::new();
    let mut changes = Changes::default();
    changes.values.expires = Some(day(5));
    let at = path("acme/db");
    world.vault.edit(&at, changes, &author(0)).unwrap();
    let mut changes = Changes::default();
    changes.values.rotate_every = Some("P10D".into());
    let mail = path("globex/mail");
    world.vault.edit(&mail, changes, &author(0)).unwrap();
    assert!(found(&world, 4).is_empty());
    assert_eq!(found(&world, 5), [("expired", "medium")]);
    let both = [("rotation", "medium"), ("expired", "medium")];
    assert_eq!(found(&world, 10), both);
    let new = replacement("new");
    world.vault.rotate(&mail, new, &author(10)).unwrap();
    assert_eq!(found(&world, 11), [("expired", "medium")]);
}

#[test]
fn a_request_is_told_until_it_is_answered_or_taken_back() {
    let mut world = World::new();
    let asked = world.consent_with("acme", |it| it.events = &[("requested", 0)]);
    let told = [("request-unanswered", "medium")];
    assert_eq!(found(&world, 1), told);
    world.happens(asked, "cancelled", 2);
    assert!(found(&world, 3).is_empty());
}

#[test]
fn a_request_for_credentials_is_told_from_its_day_on_until_it_is_closed() {
    let mut world = World::new();
    let id = asked_for(&mut world.vault, "acme/ftp", &author(0));
    assert!(found(&world, 13).is_empty());
    assert_eq!(found(&world, 14), [("ask-unanswered", "low")]);
    world.vault.close_ask(id, &author(14)).unwrap();
    assert!(found(&world, 14).is_empty());
}

#[test]
fn a_login_that_outlived_its_share_is_told_until_it_is_removed() {
    let mut world = World::new();
    world.consent("acme");
    let id = world.share(&world.ask(&["acme/wp"], &["username"]), 1);
    let share = world.vault.shares.by_id_mut(id).unwrap();
    share.login = Some("bob-m".into());
    let told = ("login-left", "high");
    assert!(!found(&world, 2).contains(&told));
    world.vault.revoke_share(id, None, &author(3)).unwrap();
    assert!(found(&world, 3).contains(&told));
    let stamp = world.vault.seen.next(author(4).device);
    let share = world.vault.shares.by_id_mut(id).unwrap();
    share.login_removed.set(stamp, Some(day(4)));
    assert!(!found(&world, 5).contains(&told));
}

#[test]
fn a_leaked_secret_is_told_until_it_is_changed() {
    let mut world = World::new();
    let at = path("acme/wp");
    let version = world
        .vault
        .entry(&at)
        .unwrap()
        .current("secret")
        .unwrap()
        .id;
    let leaked = world.vault.record_leaked("list", &[version], &author(1));
    leaked.unwrap();
    assert_eq!(found(&world, 2), [("secret-leaked", "high")]);
    let new = replacement("new");
    world.vault.rotate(&at, new, &author(2)).unwrap();
    assert!(found(&world, 3).is_empty());
}
