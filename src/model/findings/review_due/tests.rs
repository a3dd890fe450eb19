use jiff::tz::TimeZone;

use super::super::due::due;
use super::ReviewAnswer;
use crate::model::consent::permit::world::World;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::testing::{author, day};

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
    let contacts = |world: &World, on| {
        let all = found(world, on).into_iter();
        let all = all.filter(|(rule, _)| *rule == "contact-review-due");
        all.map(|(_, subject)| subject).collect::<Vec<_>>()
    };
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
