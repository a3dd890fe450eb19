use jiff::tz::TimeZone;

use super::super::due::due;
use super::super::review_answers::ReviewAnswer;
use crate::model::consent::permit::world::World;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::testing::{author, day, path, replacement};

/// The review rules that find something on a day, each with its subject.
fn found(world: &World, on: i64) -> Vec<(&'static str, String)> {
    let all = due(&world.vault, &day(on).to_zoned(TimeZone::UTC)).unwrap();
    let all = all.into_iter().flat_map(|rule| rule.findings);
    let of_reviews = all.filter(|it| it.rule.ends_with("review-due"));
    of_reviews.map(|it| (it.rule, it.subject)).collect()
}

fn rules(world: &World, on: i64) -> Vec<&'static str> {
    found(world, on).into_iter().map(|(rule, _)| rule).collect()
}

fn contacts(world: &World, on: i64) -> Vec<String> {
    let all = found(world, on).into_iter();
    let all = all.filter(|(rule, _)| *rule == "contact-review-due");
    all.map(|(_, subject)| subject).collect()
}

/// A permission of day 0 for two years, and perhaps a share of day 1 until then.
fn world(has_share: bool) -> World {
    let mut world = World::new();
    world.consent_with("acme", |terms| terms.until = 730);
    if has_share {
        let ask = crate::model::consent::permit::Ask {
            expires: Some(day(700)),
            ..world.ask(&["acme/wp"], &[])
        };
        world.share(&ask, 1);
    }
    world
}

#[test]
fn a_share_is_reviewed_every_three_months() {
    let world = world(true);
    assert!(found(&world, 91).is_empty());
    assert_eq!(rules(&world, 92), ["share-review-due"]);
    assert!(
        rules(&world, 701)
            .iter()
            .all(|it| *it != "share-review-due")
    );
}

#[test]
fn a_permission_is_reviewed_where_nothing_is_shared_under_it() {
    assert!(found(&world(false), 90).is_empty());
    assert_eq!(rules(&world(false), 91), ["permission-review-due"]);
    assert!(!rules(&world(true), 92).contains(&"permission-review-due"));
}

#[test]
fn a_contact_is_reviewed_on_the_day_that_was_set_or_every_year_while_they_have_something() {
    let mut world = world(true);
    assert!(contacts(&world, 364).is_empty());
    assert_eq!(contacts(&world, 365), ["bob"], "eve has nothing");
    let mut set = ContactChanges::default();
    set.values.review_by = Some(day(400));
    let bob = "bob".parse().unwrap();
    world.vault.edit_contact(&bob, set, &author(1)).unwrap();
    assert!(contacts(&world, 399).is_empty());
    assert_eq!(contacts(&world, 400), ["bob"]);
}

#[test]
fn of_two_answers_the_later_counts_and_only_keep_puts_it_off() {
    let mut world = world(true);
    let is_due = |world: &World, on| rules(world, on).contains(&"share-review-due");
    let id = world.vault.shares.ids().unwrap()[0].simple().to_string();
    for (answer, on, was_due, next) in [
        (ReviewAnswer::Keep, 92, true, 183),
        (ReviewAnswer::Asked, 183, true, 183),
        (ReviewAnswer::Keep, 190, true, 281),
    ] {
        assert_eq!(is_due(&world, on), was_due, "{answer} {on}");
        let share = world.vault.meant_to_review(&id, &[], day(on)).unwrap();
        let filed = world.vault.answer_review(&share, answer, None, &author(on));
        filed.unwrap();
        assert_eq!(
            is_due(&world, on),
            answer == ReviewAnswer::Asked,
            "{answer}"
        );
        assert!(is_due(&world, next), "{answer}");
    }
}

#[test]
fn who_was_asked_in_between_is_asked_again_on_the_day_that_was_told() {
    let mut world = world(true);
    let is_due = |world: &World, on| rules(world, on).contains(&"share-review-due");
    let id = world.vault.shares.ids().unwrap()[0].simple().to_string();
    for (answer, on) in [(ReviewAnswer::Keep, 92), (ReviewAnswer::Asked, 93)] {
        let share = world.vault.meant_to_review(&id, &[], day(on)).unwrap();
        let filed = (world.vault).answer_review(&share, answer, None, &author(on));
        filed.unwrap();
    }
    assert!(!is_due(&world, 93));
    assert!(!is_due(&world, 106));
    assert!(is_due(&world, 107));
    let all = due(&world.vault, &day(107).to_zoned(TimeZone::UTC)).unwrap();
    let mut all = all.into_iter().flat_map(|rule| rule.findings);
    let told = all
        .find(|it| it.rule == "share-review-due")
        .unwrap()
        .message;
    let kept = day(92).strftime("was last decided on %Y-%m-%d").to_string();
    assert!(told.ends_with(&kept), "{told}");
}

#[test]
fn a_contact_who_knows_what_is_still_in_use_is_reviewed_when_the_share_is_over() {
    let mut world = World::new();
    world.consent("acme");
    world.share(&world.ask(&["acme/db"], &["secret"]), 1);
    assert_eq!(contacts(&world, 365), ["bob"]);
    let (at, new) = (path("acme/db"), replacement("new"));
    world.vault.rotate(&at, new, &author(200)).unwrap();
    // globex/mail has the bytes that bob was given.
    assert_eq!(contacts(&world, 365), ["bob"]);
    let (at, new) = (path("globex/mail"), replacement("other"));
    world.vault.rotate(&at, new, &author(200)).unwrap();
    assert!(contacts(&world, 365).is_empty());
}
