use jiff::tz::TimeZone;

use super::super::review_answers::ReviewAnswer;
use super::super::review_due::YEAR;
use super::ReviewItem;
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::people::client_changes::ClientChanges;
use crate::model::testing::{author, day, fault};
use crate::model::vault::Vault;

fn items(vault: &Vault, on: i64) -> Vec<ReviewItem> {
    let here = day(on).to_zoned(TimeZone::UTC);
    vault.review_items(&[], &here).unwrap()
}

fn called(vault: &Vault, on: i64) -> Vec<String> {
    let items = items(vault, on).into_iter();
    items.map(|it| format!("{} {}", it.kind, it.name)).collect()
}

fn item(vault: &Vault, word: &str, on: i64) -> ReviewItem {
    vault
        .meant_to_review(word, &items(vault, on), day(on))
        .unwrap()
}

/// A share of day 1 until day 15 whose receipt is missing, and clients without rules.
fn world() -> World {
    let mut world = World::new();
    world.consent("acme");
    world.share(&world.ask(&["acme/wp"], &[]), 1);
    world
}

#[test]
fn people_come_first_and_all_reasons_of_one_record_together() {
    let world = world();
    assert_eq!(called(&world.vault, 2), ["client acme", "client globex"]);
    let on_day_4 = items(&world.vault, 4);
    assert_eq!(on_day_4[0].kind.as_str(), "share");
    assert!(on_day_4[0].called().ends_with("(acme/wp to bob)"));
    assert_eq!(on_day_4.len(), 3);
    // Nobody has used anything for a year.
    let later = called(&world.vault, 400);
    let unused = later.iter().filter(|it| it.starts_with("entry "));
    assert_eq!(unused.count(), 3);
}

#[test]
fn what_was_answered_rests_until_its_day_and_what_is_new_does_not() {
    let mut world = world();
    let acme = item(&world.vault, "acme", 2);
    let asked = (world.vault).answer_review(&acme, ReviewAnswer::Asked, None, &author(2));
    assert_eq!(asked.unwrap().next, Some(day(16)));
    assert_eq!(called(&world.vault, 14).len(), 2, "share and globex");
    assert!(called(&world.vault, 16).contains(&"client acme".to_owned()));
    // Another reason of the same record is asked at once.
    let mut retained = ClientChanges::default();
    retained.values.retain_until = Some(day(10));
    let acme = "acme".parse().unwrap();
    world
        .vault
        .edit_client(&acme, retained, &author(3))
        .unwrap();
    let again = item(&world.vault, "acme", 11);
    let rules: Vec<&str> = again.why.iter().map(|it| it.rule).collect();
    assert_eq!(rules, ["retention-past"]);
    // That cannot be kept by a word here.
    let keep = ReviewAnswer::Keep;
    let refused = world.vault.answer_review(&again, keep, None, &author(11));
    assert_eq!(refused.unwrap_err().kind(), Kind::Refused);
    assert_eq!(fault(&world.vault), None);
}

#[test]
fn a_share_that_is_not_needed_ends_and_one_that_is_over_has_nothing_to_end() {
    let mut world = world();
    let share = items(&world.vault, 4).remove(0);
    let (end, because) = (ReviewAnswer::End, Some("done".to_owned()));
    let filed = world.vault.answer_review(&share, end, because, &author(4));
    assert_eq!(filed.unwrap().next, None);
    let state = |vault: &Vault, on| vault.ledger(day(on)).unwrap()[0].state.as_str().to_owned();
    assert_eq!(state(&world.vault, 4), "revoked");
    // Its deletion is missing by then.
    let over = items(&world.vault, 8).remove(0);
    assert_eq!(over.id, share.id);
    assert_eq!(over.answers(), [ReviewAnswer::Asked]);
    for answer in [end, ReviewAnswer::Keep] {
        let refused = world.vault.answer_review(&over, answer, None, &author(8));
        assert_eq!(refused.unwrap_err().kind(), Kind::Refused);
    }
}

#[test]
fn a_permission_that_is_over_is_not_needed_still() {
    let world = world();
    let id = world.vault.consents.ids().unwrap()[0].simple().to_string();
    assert!(
        item(&world.vault, &id, 4)
            .answers()
            .contains(&ReviewAnswer::Keep)
    );
    let over = item(&world.vault, &id, 91);
    assert_eq!(over.answers(), [ReviewAnswer::Asked]);
    let refused = over.check_answer(ReviewAnswer::Keep).unwrap_err();
    assert!(refused.message().ends_with(" is over"), "{refused:?}");
}

#[test]
fn a_second_answer_wakes_nothing_that_was_answered_before() {
    let mut world = world();
    let answer = |world: &mut World, word: &str, answer, on| {
        let item = item(&world.vault, word, on);
        let filed = (world.vault).answer_review(&item, answer, None, &author(on));
        filed.unwrap().next.unwrap()
    };
    let is_due = |world: &World, name: &str, on| called(&world.vault, on).contains(&name.into());
    let asked = ReviewAnswer::Asked;
    answer(&mut world, "acme", asked, 2);
    assert_eq!(answer(&mut world, "acme", asked, 5), day(19));
    assert!(!is_due(&world, "client acme", 5));
    assert!(!is_due(&world, "client acme", 18));
    assert!(is_due(&world, "client acme", 19));
    // What is asked about another reason leaves the first at rest.
    answer(&mut world, "globex", ReviewAnswer::Keep, 2);
    let mut retained = ClientChanges::default();
    retained.values.retain_until = Some(day(10));
    let globex = "globex".parse().unwrap();
    (world.vault.edit_client(&globex, retained, &author(3))).unwrap();
    answer(&mut world, "globex", asked, 11);
    assert!(!is_due(&world, "client globex", 12));
    assert!(is_due(&world, "client globex", 25));
    let again = item(&world.vault, "globex", 25);
    assert_eq!(again.why.len(), 1, "{again:?}");
}

#[test]
fn a_contact_who_is_kept_has_the_next_day_set_and_an_entry_rests_for_a_year() {
    let mut world = world();
    let bob = item(&world.vault, "bob", 2);
    world
        .vault
        .answer_review(&bob, ReviewAnswer::Keep, None, &author(2))
        .unwrap();
    let contact = world.vault.known_contact(&"bob".parse().unwrap()).unwrap();
    assert_eq!(contact.review_by.value(), Some(&(day(2) + YEAR)));
    let entry = item(&world.vault, "acme/db", 400);
    assert_eq!(entry.to_end().unwrap(), "vault rm acme/db");
    let filed = world
        .vault
        .answer_review(&entry, ReviewAnswer::Keep, None, &author(400));
    assert_eq!(filed.unwrap().next, Some(day(400) + YEAR));
    let is_asked = |on| called(&world.vault, on).contains(&"entry acme/db".to_owned());
    assert!(!is_asked(764));
    assert!(is_asked(765));
}

#[test]
fn a_word_that_nothing_is_called_by_or_several_is_told() {
    let world = world();
    let due = items(&world.vault, 4);
    let meant = |word| world.vault.meant_to_review(word, &due, day(4));
    for word in ["nobody", "acme/none", "ffff"] {
        assert_eq!(meant(word).unwrap_err().kind(), Kind::NotFound, "{word}");
    }
    let share = due[0].id.as_simple().to_string();
    assert_eq!(meant(&share).unwrap().id, due[0].id);
    assert_eq!(meant("eve").unwrap().name, "eve");
    assert!(meant("eve").unwrap().why.is_empty());
}

#[test]
fn the_log_is_looked_at_every_three_months_and_goes_on() {
    let mut world = world();
    let device = author(0).device;
    let events: Vec<_> = (world.vault.log.chains()[0].read())
        .map(|event| (device, event.unwrap()))
        .collect();
    let log = |vault: &Vault, on: i64| {
        let here = day(on).to_zoned(TimeZone::UTC);
        let mut items = vault.review_items(&events, &here).unwrap().into_iter();
        items.find(|it| it.name == "log")
    };
    assert!(log(&world.vault, 90).is_none());
    let item = log(&world.vault, 91).unwrap();
    assert!(item.why[0].message.starts_with("secrets were used "));
    assert_eq!(item.answers(), [ReviewAnswer::Keep, ReviewAnswer::Asked]);
    let kept = (world.vault).answer_review(&item, ReviewAnswer::Keep, None, &author(91));
    assert_eq!(kept.unwrap().next, Some(day(182)));
    assert!(log(&world.vault, 181).is_none());
    assert!(log(&world.vault, 182).is_some());
}
