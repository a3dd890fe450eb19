//! Points in time and durations as people write them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};

use crate::error::{Error, Result};

/// A length of time: `90d`, `12h`, `15m`, `2w`, `1y`, or ISO 8601 as in `P90D`. More than zero.
#[derive(Clone, Debug)]
pub struct Duration(Span);

impl Duration {
    /// This long after `start`, by the UTC calendar.
    #[must_use]
    pub fn after(&self, start: Timestamp) -> Option<Timestamp> {
        utc(start)
            .checked_add(self.0)
            .ok()
            .map(|end| end.timestamp())
    }

    /// This long before `end`, by the UTC calendar.
    #[must_use]
    pub fn before(&self, end: Timestamp) -> Option<Timestamp> {
        utc(end)
            .checked_sub(self.0)
            .ok()
            .map(|start| start.timestamp())
    }
}

fn utc(time: Timestamp) -> Zoned {
    time.to_zoned(TimeZone::UTC)
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "a duration is 90d, 12h, 15m, 45s, 2w, 1y, or ISO 8601 as in P90D";
        let span: Span = text.parse().map_err(|_| example.to_owned())?;
        if span.signum() <= 0 {
            return Err(format!("'{text}' is not more than zero; {example}"));
        }
        Ok(Self(span))
    }
}

impl fmt::Display for Duration {
    /// ISO 8601, as it is stored; with `{:#}` as people write it, `90d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in time: a date (`2027-01-31`, that day where it is said), a full RFC 3339 time, or a
/// duration, counted from now. Whoever asks for the point says what the time is there.
#[derive(Clone, Debug)]
pub enum When {
    /// The point itself.
    At(Timestamp),
    /// A day: its end where the future is meant, its start where the past is.
    Day(Date),
    /// So long from now, or ago where the past is meant.
    Distance(Duration),
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => time.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::Distance(duration) => write!(f, "{duration:#}"),
        }
    }
}

impl When {
    /// The point in the future that is meant.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is not in the future.
    pub fn in_future(&self, now: &Zoned) -> Result<Timestamp> {
        match self.as_end(now)? {
            time if time > now.timestamp() => Ok(time),
            _ => Err(Error::usage(format!("{self} is in the past"))),
        }
    }

    /// The point that is meant as an end, in the past or not: the end of a day, a duration from
    /// now.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the duration reaches beyond the calendar.
    pub fn as_end(&self, now: &Zoned) -> Result<Timestamp> {
        self.point(now, end_of, Duration::after)
            .ok_or_else(|| Error::usage("that is further away than time is counted"))
    }

    fn point(
        &self,
        now: &Zoned,
        of_day: fn(Date, &TimeZone) -> Option<Timestamp>,
        of_distance: fn(&Duration, Timestamp) -> Option<Timestamp>,
    ) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(*time),
            Self::Day(day) => of_day(*day, now.time_zone()),
            Self::Distance(duration) => of_distance(duration, now.timestamp()),
        }
    }

    /// The point that is meant as a beginning, in the past or not: a day from its start, a duration
    /// from now.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the duration reaches beyond the calendar.
    pub fn as_beginning(&self, now: &Zoned) -> Result<Timestamp> {
        self.point(now, start_of, Duration::after)
            .ok_or_else(|| Error::usage("that is further away than time is counted"))
    }

    /// The last day that is meant.
    ///
    /// # Errors
    /// As [`Self::as_end`].
    pub fn last_day(&self, now: &Zoned) -> Result<Date> {
        if let Self::Day(day) = self {
            return Ok(*day);
        }
        let zone = now.time_zone().clone();
        Ok(self.as_end(now)?.to_zoned(zone).date())
    }

    /// The point in the past that is meant.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the duration reaches beyond the calendar.
    pub fn in_past(&self, now: &Zoned) -> Result<Timestamp> {
        self.point(now, start_of, Duration::before)
            .ok_or_else(|| Error::usage("that is longer ago than time is counted"))
    }

    /// The point that an option means, at the latest now.
    ///
    /// # Errors
    /// As [`Self::in_past`], and [`crate::error::Kind::Usage`] when it is in the future.
    pub fn passed(&self, now: &Zoned, option: &str) -> Result<Timestamp> {
        match self.in_past(now)? {
            time if time <= now.timestamp() => Ok(time),
            _ => Err(Error::usage(format!("{option} is in the future"))),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Self::At(time));
        }
        if let Ok(duration) = text.parse() {
            return Ok(Self::Distance(duration));
        }
        day(text).map(Self::Day).ok_or_else(|| {
            "a point in time is a date (2027-01-31), an RFC 3339 time, or a duration from now (90d)"
                .into()
        })
    }
}

/// A day as people write it.
///
/// # Errors
/// What a day is, in words.
pub fn parse_day(text: &str) -> Result<Date, String> {
    day(text).ok_or_else(|| "a day is a date, as in 2027-01-31".into())
}

/// Refuses a day on which nothing can have happened yet, wherever on earth it is said.
///
/// # Errors
/// [`crate::error::Kind::Usage`], naming the option.
pub fn check_has_come(option: &str, day: Option<Date>, now: Timestamp) -> Result<()> {
    let ahead = now.checked_add(14.hours()).unwrap_or(now);
    match day.filter(|day| *day > utc(ahead).date()) {
        Some(day) => Err(Error::usage(format!("{option}: {day} is still to come"))),
        None => Ok(()),
    }
}

fn day(text: &str) -> Option<Date> {
    // Only the plain form: the parser would also take a date with a time of no known zone.
    (text.len() == "2027-01-31".len()).then(|| text.parse().ok())?
}

fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp())
}

fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = start_of(day.tomorrow().ok()?, zone)?;
    midnight.checked_sub(1.second()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, Zoned};

    use super::{Duration, When};
    use crate::error::Kind;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A time in UTC, or this many hours east of it.
    fn here(text: &str, hours: i8) -> Zoned {
        time(text).to_zoned(TimeZone::fixed(jiff::tz::offset(hours)))
    }

    fn future(text: &str, now: &Zoned) -> Timestamp {
        text.parse::<When>().unwrap().in_future(now).unwrap()
    }

    #[test]
    fn a_date_is_the_end_of_that_day_where_it_is_said() {
        let now = here("2026-11-22T10:00:00Z", 0);
        assert_eq!(future("2027-01-31", &now), time("2027-01-31T23:59:59Z"));
        assert_eq!(future("2026-11-22", &now), time("2026-11-22T23:59:59Z"));
        let berlin = here("2026-11-22T10:00:00Z", 1);
        assert_eq!(future("2027-01-31", &berlin), time("2027-01-31T22:59:59Z"));
        let day = "2027-01-31".parse::<When>().unwrap().last_day(&berlin);
        assert_eq!(day.unwrap().to_string(), "2027-01-31");
    }

    #[test]
    fn durations_count_from_now() {
        let now = here("2026-01-31T10:00:00Z", 1);
        assert_eq!(future("90d", &now), time("2026-05-01T10:00:00Z"));
        assert_eq!(future("P1M", &now), time("2026-02-28T10:00:00Z"));
        assert_eq!(future("15m", &now), time("2026-01-31T10:15:00Z"));
        assert_eq!(future("2w", &now), time("2026-02-14T10:00:00Z"));
        assert_eq!(future("1y", &now), time("2027-01-31T10:00:00Z"));
    }

    #[test]
    fn a_date_as_a_beginning_is_the_start_of_that_day() {
        let now = here("2026-11-22T10:00:00Z", -5);
        let begins = |text: &str| text.parse::<When>().unwrap().as_beginning(&now).unwrap();
        assert_eq!(begins("2026-11-22"), time("2026-11-22T05:00:00Z"));
        assert_eq!(begins("2020-01-01T08:00:00Z"), time("2020-01-01T08:00:00Z"));
        assert_eq!(begins("2w"), time("2026-12-06T10:00:00Z"));
    }

    #[test]
    fn the_past_is_refused_where_the_future_is_meant() {
        let when: When = "2020-01-01".parse().unwrap();
        let now = here("2026-01-01T00:00:00Z", 0);
        let error = when.in_future(&now).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.message(), "2020-01-01 is in the past");
        assert_eq!(when.in_past(&now).unwrap(), time("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn the_future_is_refused_where_the_past_is_meant() {
        let now = here("2026-11-22T10:00:00Z", 0);
        let passed = |text: &str| text.parse::<When>().unwrap().passed(&now, "--at");
        assert_eq!(passed("2h").unwrap(), time("2026-11-22T08:00:00Z"));
        assert_eq!(passed("2026-11-22T10:00:00Z").unwrap(), now.timestamp());
        for late in ["2026-11-22T10:00:01Z", "2026-11-23"] {
            let why = passed(late).unwrap_err();
            let told = (why.kind(), why.message());
            assert_eq!(told, (Kind::Usage, "--at is in the future"));
        }
    }

    #[test]
    fn nonsense_is_not_a_time() {
        for bad in [
            "",
            "tomorrow",
            "0d",
            "-3d",
            "2026-13-01",
            "2026-01-01T10:00",
            "9999999999999y",
            "1",
            "d",
        ] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
        assert!("90 parsecs".parse::<Duration>().is_err());
    }

    #[test]
    fn durations_are_stored_as_iso_8601() {
        let stored = "90d".parse::<Duration>().unwrap().to_string();
        assert_eq!(stored, "P90D");
        assert_eq!(format!("{:#}", stored.parse::<Duration>().unwrap()), "90d");
    }
}
