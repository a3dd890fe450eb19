//! Whether the clock can be believed. What ended must not revive because somebody turned it back:
//! a share is refused when now lies before what this device itself did last. A device that has lost
//! its memory, or is new, goes by all that the vault knew when it began.

use jiff::{SignedDuration, Timestamp};

use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;

/// How far a clock may be set back without anybody being the worse for it.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// The event that makes a clock that went backwards the one that counts.
pub const ACCEPTED: &str = "accept-clock";

/// What the log says of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It goes forward.
    Good,
    /// Another device has done something at this time, which is still to come here.
    OthersAhead(Timestamp),
    /// This device has done something at this time, which is still to come: it went backwards.
    Backwards(Timestamp),
}

impl Clock {
    /// Holds `now` against what was done. `here` is this device, and `floor` the time that it had
    /// surely come to when it began; `events` are those of each device in the order of its chain.
    pub fn judge(
        now: Timestamp,
        here: Option<DeviceId>,
        floor: Option<Timestamp>,
        events: &[(DeviceId, Event)],
    ) -> Self {
        let (mut own, mut others) = (floor, None);
        for (device, event) in events {
            if Some(*device) != here {
                others = others.max(Some(event.time));
            } else if event.action == ACCEPTED {
                // What came before it no longer counts.
                own = Some(event.time);
            } else {
                own = own.max(Some(event.time));
            }
        }
        let ahead = |time: &Timestamp| *time > now.saturating_add(TOLERANCE).unwrap_or(now);
        match (own.filter(ahead), others.filter(ahead)) {
            (Some(time), _) => Self::Backwards(time),
            (None, Some(time)) => Self::OthersAhead(time),
            (None, None) => Self::Good,
        }
    }
}

/// The time up to which one device has surely come: that of its latest event, since it last
/// accepted a clock that went backwards; where it has done nothing, `floor`. `events` are in the
/// order of its chain.
pub fn latest<'a>(
    floor: Option<Timestamp>,
    events: impl Iterator<Item = &'a Event>,
) -> Option<Timestamp> {
    events.fold(floor, |latest, event| match event.action.as_str() {
        ACCEPTED => Some(event.time),
        _ => latest.max(Some(event.time)),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{ACCEPTED, Clock, latest};
    use crate::model::records::cell::DeviceId;
    use crate::model::records::event::{Event, EventDraft, LogHead};

    const HERE: u8 = 1;
    const THERE: u8 = 2;

    fn device(number: u8) -> DeviceId {
        DeviceId::from_random([number; 8])
    }

    fn time(clock: &str) -> Timestamp {
        format!("2026-11-22T{clock}Z").parse().unwrap()
    }

    fn judge(now: &str, events: &[(u8, &str, &str)]) -> Clock {
        let events: Vec<(DeviceId, Event)> = (events.iter())
            .map(|(number, action, at)| {
                let draft = EventDraft::new(time(at), action, vec![]);
                let (text, _) = LogHead::default().extend(draft);
                (device(*number), serde_json::from_str(&text).unwrap())
            })
            .collect();
        Clock::judge(time(now), Some(device(HERE)), None, &events)
    }

    #[test]
    fn a_device_without_a_memory_goes_by_what_the_vault_knew() {
        let floor = Some(time("12:00:00"));
        let judge = |events: &[(DeviceId, Event)]| {
            Clock::judge(time("10:00:00"), Some(device(HERE)), floor, events)
        };
        assert_eq!(judge(&[]), Clock::Backwards(time("12:00:00")));
        let event = |action: &str, at: &str| {
            let (text, _) = LogHead::default().extend(EventDraft::new(time(at), action, vec![]));
            (device(HERE), serde_json::from_str::<Event>(&text).unwrap())
        };
        let mut events = vec![event("add", "10:00:00")];
        assert_eq!(judge(&events), Clock::Backwards(time("12:00:00")));
        assert_eq!(latest(floor, [].into_iter()), floor);
        events.push(event(ACCEPTED, "10:00:00"));
        assert_eq!(judge(&events), Clock::Good);
        let own = events.iter().map(|(_, event)| event);
        assert_eq!(latest(floor, own), Some(time("10:00:00")));
    }

    #[test]
    fn a_clock_that_goes_forward_is_good() {
        assert_eq!(judge("10:00:00", &[]), Clock::Good);
        assert_eq!(judge("10:00:00", &[(HERE, "add", "10:00:00")]), Clock::Good);
    }

    #[test]
    fn five_minutes_back_are_let_pass_and_no_more() {
        let events = [(HERE, "add", "10:05:00"), (HERE, "edit", "09:00:00")];
        assert_eq!(judge("10:00:00", &events), Clock::Good);
        let back = Clock::Backwards(time("10:05:00"));
        assert_eq!(judge("09:59:59", &events), back);
    }

    #[test]
    fn something_done_meanwhile_does_not_hide_that_it_went_backwards() {
        let events = [(HERE, "add", "12:00:00"), (HERE, "reveal", "10:00:00")];
        assert_eq!(
            judge("10:00:01", &events),
            Clock::Backwards(time("12:00:00"))
        );
    }

    #[test]
    fn what_was_accepted_counts_until_the_clock_goes_backwards_again() {
        let mut events = vec![(HERE, "add", "12:00:00"), (HERE, ACCEPTED, "10:00:00")];
        assert_eq!(judge("10:00:01", &events), Clock::Good);
        events.push((HERE, "add", "11:00:00"));
        assert_eq!(
            judge("10:00:01", &events),
            Clock::Backwards(time("11:00:00"))
        );
    }

    #[test]
    fn other_devices_are_only_worth_a_word() {
        let there = (THERE, "add", "12:00:00");
        assert_eq!(
            judge("10:00:00", &[there]),
            Clock::OthersAhead(time("12:00:00"))
        );
        let events = [
            there,
            (THERE, ACCEPTED, "09:00:00"),
            (HERE, "add", "11:00:00"),
        ];
        assert_eq!(
            judge("10:00:00", &events),
            Clock::Backwards(time("11:00:00"))
        );
        let nobody = Clock::judge(time("10:00:00"), None, None, &[]);
        assert_eq!(nobody, Clock::Good);
    }
}
