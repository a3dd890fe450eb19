//! What is pending, what is promoted, what is due.

use jiff::Timestamp;

use crate::error::Kind;
use crate::model::entry::changes::Changes;
use crate::model::records::cell::DeviceId;
use crate::model::records::entry::Entry;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::Author;
use crate::model::rotation::due::DueReason;
use crate::model::testing::{self, empty_vault, fault, replacement, secret, with_secret};
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

fn author(device: u8, now: &str) -> Author<'static> {
    Author {
        device: DeviceId::from_random([device; 8]),
        now: time(now),
        ..testing::author(0)
    }
}

fn time(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn path() -> EntryPath {
    "acme/wp".parse().unwrap()
}

/// A vault with one entry, made on the first of January, to be rotated every 90 days.
fn vault() -> Vault {
    let mut vault = empty_vault();
    let mut changes = with_secret("one");
    changes.values.rotate_every = Some("90d".into());
    vault.add(&path(), changes, &testing::author(0)).unwrap();
    vault
}

fn entry(vault: &Vault) -> &Entry {
    vault.entry(&path()).unwrap()
}

fn current(vault: &Vault) -> &str {
    entry(vault).current("secret").unwrap().secret().expose()
}

fn begin(vault: &mut Vault, at: &Author<'_>) {
    let begun = vault.begin_rotation(&path(), replacement("two"), at);
    begun.unwrap();
}

#[test]
fn a_pending_secret_is_current_once_it_is_confirmed() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    begin(&mut vault, &at);
    assert_eq!(current(&vault), "one");
    assert_eq!(entry(&vault).flags(at.now), ["pending"]);
    assert_eq!(fault(&vault), None);
    vault.confirm_rotation(&path(), None, &at).unwrap();
    assert_eq!(current(&vault), "two");
    assert!(entry(&vault).pending().is_none());
    assert!(entry(&vault).flags(at.now).is_empty());
    assert_eq!(fault(&vault), None);
}

#[test]
fn an_aborted_secret_stays_in_the_history_and_may_be_used_after_all() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    begin(&mut vault, &at);
    vault.abort_rotation(&path(), &at).unwrap();
    assert_eq!(current(&vault), "one");
    let aborted = entry(&vault)
        .version("secret", &"2".parse().unwrap())
        .next()
        .unwrap();
    assert_eq!(aborted.secret().expose(), "two");
    assert_eq!(aborted.aborted.value(), Some(&at.now));
    assert_eq!(fault(&vault), None);
    let which = vault.rotate(&path(), replacement("two"), &at).unwrap();
    assert_eq!((which.number, current(&vault)), (3, "two"));
}

#[test]
fn a_secret_that_was_in_use_is_no_new_one() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    vault.rotate(&path(), replacement("two"), &at).unwrap();
    for used in ["one", "two"] {
        let error = vault.rotate(&path(), replacement(used), &at).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(!error.message().contains(used), "{error:?}");
    }
    assert_eq!(current(&vault), "two");
}

#[test]
fn nothing_replaces_the_secret_while_a_rotation_is_pending() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    begin(&mut vault, &at);
    let change = |slot| Changes {
        secrets: vec![(slot, secret("x"))],
        ..Changes::default()
    };
    let refused = [
        vault
            .begin_rotation(&path(), replacement("x"), &at)
            .map(drop),
        vault.rotate(&path(), replacement("x"), &at).map(drop),
        vault.edit(&path(), change(Slot::Secret), &at).map(drop),
    ];
    for outcome in refused {
        assert_eq!(outcome.unwrap_err().kind(), Kind::Conflict);
    }
    assert_eq!(entry(&vault).versions.len(), 2);
    let field = Slot::Field("pin".parse().unwrap());
    vault.edit(&path(), change(field), &at).unwrap();
}

#[test]
fn a_rotation_counts_from_the_day_it_was_confirmed() {
    let mut vault = vault();
    assert_eq!(entry(&vault).due(time("2026-03-31")), None);
    let due = Some(DueReason::Rule(time("2026-04-01")));
    assert_eq!(entry(&vault).due(time("2026-04-01")), due);
    let begun = author(1, "2026-04-02");
    vault
        .begin_rotation(&path(), replacement("two"), &begun)
        .unwrap();
    assert_eq!(entry(&vault).due(begun.now), due, "pending is not done");
    let confirmed = author(1, "2026-05-01");
    vault.confirm_rotation(&path(), None, &confirmed).unwrap();
    assert_eq!(entry(&vault).due(time("2026-07-29")), None);
    assert!(entry(&vault).due(time("2026-07-30")).is_some());
}

#[test]
fn an_expired_entry_is_due_until_it_is_rotated() {
    let mut vault = vault();
    let mut changes = Changes::default();
    changes.values.expires = Some(time("2026-02-01"));
    vault
        .edit(&path(), changes, &author(1, "2026-01-02"))
        .unwrap();
    let due = vault.due(None, time("2026-02-02")).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].why, DueReason::Expired(time("2026-02-01")));
    vault
        .rotate(&path(), replacement("two"), &author(1, "2026-02-02"))
        .unwrap();
    assert!(vault.due(None, time("2026-02-03")).unwrap().is_empty());
}

#[test]
fn what_is_confirmed_is_what_was_asked_about() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    let mine = vault
        .begin_rotation(&path(), replacement("two"), &at)
        .unwrap();
    vault.abort_rotation(&path(), &at).unwrap();
    vault
        .begin_rotation(&path(), replacement("three"), &at)
        .unwrap();
    let error = vault
        .confirm_rotation(&path(), Some(mine), &at)
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(current(&vault), "one");
}

#[test]
fn two_devices_that_each_began_one_have_to_begin_again() {
    let mut here = vault();
    let mut there = here.clone();
    let at = author(1, "2026-02-01");
    here.begin_rotation(&path(), replacement("two"), &at)
        .unwrap();
    there
        .begin_rotation(&path(), replacement("zwei"), &author(2, "2026-02-01"))
        .unwrap();
    let (other, other_seen) = (entry(&there).clone(), there.seen.clone());
    let seen = here.seen.clone();
    let entry_here = here.entry_mut(&path()).unwrap();
    entry_here.pending = entry_here.pending.merge(&seen, &other.pending, &other_seen);
    entry_here
        .versions
        .extend(other.versions.into_iter().skip(1));
    here.seen = seen.merge(&other_seen);
    assert!(entry(&here).flags(at.now).contains(&"conflict"));
    let error = here.confirm_rotation(&path(), None, &at).unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    here.abort_rotation(&path(), &at).unwrap();
    assert_eq!(entry(&here).history("secret").count(), 3, "nothing is lost");
    here.begin_rotation(&path(), replacement("three"), &at)
        .unwrap();
}

#[test]
fn a_pending_version_that_is_not_there_is_found() {
    let mut vault = vault();
    let at = author(1, "2026-02-01");
    begin(&mut vault, &at);
    vault.entry_mut(&path()).unwrap().versions.pop();
    assert!(fault(&vault).is_some());
}
