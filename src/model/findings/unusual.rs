//! What the log has of some months that somebody should have a look at: uses at night, many in a
//! day, devices that were not there before, refusals.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;

/// Events by which somebody has read or taken out secrets.
pub(crate) const USES: [&str; 3] = ["reveal", "use", EXPORT];
/// The event by which many are taken out at once.
const EXPORT: &str = "export";
/// What was asked for and not done.
const REFUSAL: &str = "refuse";
/// The hours of the night, by the clocks where one is.
const NIGHT: [i8; 7] = [23, 0, 1, 2, 3, 4, 5];
/// Uses in a day that are many.
const MANY: usize = 50;

/// Says in a sentence each what of the events since a time is to be looked at; `events` are all that
/// there are, each with the device that wrote it.
#[must_use]
pub fn unusual(events: &[(DeviceId, Event)], since: Timestamp, zone: &TimeZone) -> Vec<String> {
    let before = events.iter().filter(|(_, event)| event.time < since);
    let mut known: BTreeSet<DeviceId> = before.map(|(device, _)| *device).collect();
    if known.is_empty() {
        // The vault began on this one.
        let first = events.iter().min_by_key(|(_, event)| event.time);
        known.extend(first.map(|(device, _)| *device));
    }
    let mut new = BTreeSet::new();
    let mut days: BTreeMap<Date, usize> = BTreeMap::new();
    let (mut uses, mut nights, mut refusals) = (0, BTreeSet::new(), 0);
    let mut exports = Vec::new();
    for (device, event) in events.iter().filter(|(_, event)| since <= event.time) {
        if !known.contains(device) {
            new.insert(*device);
        }
        let action = event.action.as_str();
        refusals += usize::from(action == REFUSAL);
        if USES.contains(&action) {
            let local = event.time.to_zoned(zone.clone());
            uses += 1;
            if let Some(entries) = event.detail.get("entries").filter(|_| action == EXPORT) {
                exports.push(format!("{entries} on {}", local.date()));
            }
            *days.entry(local.date()).or_default() += 1;
            if NIGHT.contains(&local.hour()) {
                nights.insert(local.date());
            }
        }
    }
    let since = since.to_zoned(zone.clone()).date();
    let days_with_many = days.iter().filter(|(_, uses)| **uses >= MANY);
    let days_with_many: Vec<String> = days_with_many.map(|(day, _)| day.to_string()).collect();
    let nights: Vec<String> = nights.iter().map(Date::to_string).collect();
    let new: Vec<String> = new.iter().map(DeviceId::to_string).collect();
    let times = if uses == 1 {
        "1 time"
    } else {
        &format!("{uses} times")
    };
    let mut told = vec![format!("secrets were used {times} since {since}")];
    for (what, found) in [
        ("at night", nights),
        (&format!("{MANY} times a day or more"), days_with_many),
        ("entries taken out by an export", exports),
        ("by a device that was not there before", new),
    ] {
        if !found.is_empty() {
            told.push(format!("{what}: {}", found.join(", ")));
        }
    }
    if refusals > 0 {
        told.push(format!("refused: {refusals}"));
    }
    told
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use std::collections::BTreeMap;

    use super::unusual;
    use crate::model::records::cell::DeviceId;
    use crate::model::records::event::Event;

    /// Events of a device at times of 2026, each with its action.
    fn events(device: u8, all: &[(&str, &str)]) -> Vec<(DeviceId, Event)> {
        let device = DeviceId::from_random([device; 8]);
        let event = |(time, action): &(&str, &str)| Event {
            n: 1,
            time: format!("2026-{time}:00Z").parse().unwrap(),
            action: (*action).to_owned(),
            subject: vec![],
            detail: BTreeMap::new(),
            prev: String::new(),
        };
        all.iter().map(|it| (device, event(it))).collect()
    }

    fn told(events: &[(DeviceId, Event)]) -> String {
        let since = "2026-03-01T00:00:00Z".parse().unwrap();
        unusual(events, since, &TimeZone::UTC).join("; ")
    }

    #[test]
    fn nights_new_devices_refusals_and_days_of_many_uses_are_told() {
        let mut all = events(1, &[("02-01T03:00", "reveal"), ("03-02T12:00", "reveal")]);
        assert_eq!(told(&all), "secrets were used 1 time since 2026-03-01");
        all.extend(events(
            1,
            &[("03-03T23:30", "use"), ("03-04T10:00", "refuse")],
        ));
        all.extend(events(2, &[("03-05T10:00", "add")]));
        for _ in 0..50 {
            all.extend(events(1, &[("03-06T10:00", "reveal")]));
        }
        assert_eq!(
            told(&all),
            "secrets were used 52 times since 2026-03-01; at night: 2026-03-03; 50 times a day or \
             more: 2026-03-06; by a device that was not there before: 0202020202020202; refused: 1"
        );
    }

    #[test]
    fn an_export_is_told_with_its_entries_and_a_device_that_joined_in_the_first_months() {
        let mut all = events(1, &[("03-02T12:00", "init"), ("03-04T12:00", "export")]);
        all[1].1.detail.insert("entries".into(), 240.into());
        all.extend(events(2, &[("03-03T10:00", "add")]));
        assert_eq!(
            told(&all),
            "secrets were used 1 time since 2026-03-01; entries taken out by an export: 240 on \
             2026-03-04; by a device that was not there before: 0202020202020202"
        );
    }
}
