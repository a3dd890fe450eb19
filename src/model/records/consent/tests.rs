use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Consent, ConsentEvent, ConsentState, Scope};
use crate::model::records::cell::{DeviceId, Seen};
use crate::model::records::merging::{Mergeable, SeenByBoth};
use crate::model::testing::author;

const STATES: [&str; 11] = [
    "ended",
    "superseded",
    "requested",
    "given",
    "renewed",
    "refused",
    "cancelled",
    "withdrawn",
    "revoked",
    "invalidated",
    "something new",
];
const ENDS: [&str; 8] = [
    "ended",
    "superseded",
    "refused",
    "cancelled",
    "withdrawn",
    "revoked",
    "invalidated",
    "something new",
];
const EXPIRES: i64 = 1000;

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn consent(events: &[(&str, i64)]) -> Consent {
    let scope = Scope::with(vec![], vec![], vec![], false);
    let id = Uuid::from_u128(1);
    let mut consent = Consent::with(
        id,
        id,
        at(0),
        scope,
        vec![],
        vec![],
        at(EXPIRES),
        String::new(),
    );
    consent.events = (10..)
        .zip(events)
        .map(|(id, (state, time))| {
            ConsentEvent::with(Uuid::from_u128(id), at(*time), (*state).to_owned())
        })
        .collect();
    consent
}

#[test]
fn what_was_only_said_lapses_until_it_is_written_or_cannot_be_any_more() {
    let mut said = consent(&[("given", 0)]);
    let stamp = Seen::default().next(author(0).device);
    said.provisional_until.set(stamp, Some(at(7)));
    let lapsed = [6, 7, EXPIRES - 1, EXPIRES].map(|now| said.is_out_unwritten(at(now)));
    assert_eq!(lapsed, [false, true, true, false]);
    said.events = consent(&[("given", 0), ("withdrawn", 5)]).events;
    assert!(!said.is_out_unwritten(at(8)));
    assert!(!consent(&[("given", 0)]).is_out_unwritten(at(8)));
}

#[test]
fn of_ends_that_devices_wrote_apart_the_earliest_counts() {
    let by = |ends: [Option<i64>; 2]| {
        let [one, two] = ends.map(|end| end.map(at));
        let device = |n: u8| DeviceId::from_random([n; 8]);
        let mut known = SeenByBoth::default();
        let mut copies = [consent(&[("given", 0)]), consent(&[("given", 0)])];
        let stamp = known.own.next(device(1));
        copies[0].until.set(stamp, one);
        let stamp = known.other.next(device(2));
        copies[1].until.set(stamp, two);
        let merged = copies[0].merged(&copies[1], &known).unwrap();
        merged.permitted_until()
    };
    assert_eq!(by([Some(7), Some(9)]), at(7));
    assert_eq!(by([Some(9), Some(7)]), at(7));
    assert_eq!(by([Some(7), None]), at(7));
    assert_eq!(by([None, Some(7)]), at(7));
    assert_eq!(by([None, Some(EXPIRES + 1)]), at(EXPIRES));
}

#[test]
fn a_consent_is_what_became_of_it() {
    let state = |events: &[(&str, i64)], now| consent(events).state(at(now)).as_str();
    assert_eq!(state(&[("requested", 0)], 5), "requested");
    assert_eq!(state(&[("requested", 0), ("given", 3)], 5), "given");
    assert_eq!(state(&[("requested", 0), ("refused", 3)], 5), "refused");
    assert_eq!(state(&[("given", 3), ("withdrawn", 4)], 5), "withdrawn");
    assert_eq!(state(&[("given", 3), ("revoked", 4)], 2000), "revoked");
    assert_eq!(state(&[("given", 3)], 2000), "expired");
    assert_eq!(state(&[("requested", 3)], 2000), "lapsed");
    assert_eq!(state(&[], 5), "requested");
}

#[test]
fn it_holds_between_its_start_and_its_end() {
    let mut given = consent(&[("given", 3)]);
    let stamp = Seen::default().next(author(0).device);
    given.not_before.set(stamp, Some(at(100)));
    for (now, live) in [(99, false), (100, true), (999, true), (1000, false)] {
        assert_eq!(given.is_live(at(now)), live, "{now}");
    }
    assert_eq!(given.state(at(5)), ConsentState::Given);
    assert!(!consent(&[("requested", 0)]).is_live(at(5)));
}

fn events() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
    let event = (prop::sample::select(&STATES[..]), 0..2000_i64);
    prop::collection::vec(event, 0..8)
}

proptest! {
    #[test]
    fn an_end_absorbs_in_whatever_order_events_meet(
        history in events(),
        end in prop::sample::select(&ENDS[..]),
        time in 0..2000_i64,
        at_place in 0..8_usize,
        now in 0..3000_i64,
    ) {
        let mut history = history;
        history.insert(at_place.min(history.len()), (end, time));
        let consent = consent(&history);
        prop_assert!(!consent.is_live(at(now)));
        prop_assert!(consent.state(at(now)).is_end());
        prop_assert!(consent.ended().is_some());
    }

    #[test]
    fn the_order_of_the_record_does_not_matter(history in events(), now in 0..3000_i64, turn in 0..8_usize) {
        let one = consent(&history);
        let mut other = one.clone();
        other.events.reverse();
        let by = turn.min(other.events.len());
        other.events.rotate_left(by);
        prop_assert_eq!(one.state(at(now)), other.state(at(now)));
        prop_assert_eq!(one.is_live(at(now)), other.is_live(at(now)));
    }

    #[test]
    fn only_what_was_given_is_live(history in events(), now in 0..3000_i64) {
        let consent = consent(&history);
        let given = history.iter().any(|(state, _)| ["given", "renewed"].contains(state));
        if consent.is_live(at(now)) {
            prop_assert!(given && now < EXPIRES);
        }
    }
}
