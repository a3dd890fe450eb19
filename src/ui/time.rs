//! Times as people read them. What programs read is RFC 3339 in UTC and not made here.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Ten months: farther away, a day is told with its year.
const HOURS_UNTIL_YEAR: i64 = 24 * 300;

/// The time in the system's zone, to the minute: `2026-11-22 10:15 CET`.
pub fn local_time(time: Timestamp) -> String {
    in_zone(time, TimeZone::system())
}

/// The day in the system's zone: `28 Nov`, with the year where that could be meant of another.
pub fn day(time: Timestamp, now: Timestamp) -> String {
    let far = now.duration_until(time).abs() > SignedDuration::from_hours(HOURS_UNTIL_YEAR);
    let form = if far { "%-d %b %Y" } else { "%-d %b" };
    time.to_zoned(TimeZone::system()).strftime(form).to_string()
}

/// A message in which each time of UTC, as in `2026-11-22T09:15:42Z`, is one of the system's zone:
/// what makes messages knows of no zone.
pub fn with_local_times(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ';', ':', '.', ')']);
        let time = bare.ends_with('Z').then(|| bare.parse::<Timestamp>().ok());
        match (time.flatten(), word.get(bare.len()..)) {
            (Some(time), Some(end)) => format!("{}{end}", local_time(time)),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn in_zone(time: Timestamp, zone: TimeZone) -> String {
    time.to_zoned(zone)
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// How long ago or from now: `3 minutes ago`, `in 2 days`, `just now`. Rounded down, but for the
/// few minutes that have passed since somebody said `3d`.
pub fn relative(time: Timestamp, now: Timestamp) -> String {
    const SINCE_IT_WAS_SAID: i64 = 5 * 60;
    let seconds = time.as_second() - now.as_second();
    let said = if seconds > 3600 { SINCE_IT_WAS_SAID } else { 0 };
    let Some(amount) = amount((seconds + said).unsigned_abs()) else {
        return "just now".to_owned();
    };
    if seconds < 0 {
        format!("{amount} ago")
    } else {
        format!("in {amount}")
    }
}

/// The largest unit that fits, from two months and two years on, so that "60 days" does not
/// become "1 month". Nothing below a minute.
fn amount(seconds: u64) -> Option<String> {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (count, unit) = match seconds {
        0..MINUTE => return None,
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ if seconds <= 60 * DAY => (seconds / DAY, "day"),
        _ if seconds < 730 * DAY => ((seconds / DAY) * 12 / 365, "month"),
        _ => (seconds / DAY / 365, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {unit}{plural}"))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};

    use super::{day, in_zone, local_time, relative, with_local_times};

    fn ago(seconds: i64) -> String {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        relative(now - SignedDuration::from_secs(seconds), now)
    }

    #[test]
    fn times_are_rounded_down_to_the_largest_unit() {
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(3 * 60 + 59), "3 minutes ago");
        assert_eq!(ago(-7200), "in 2 hours");
        assert_eq!(ago(-2 * 86400), "in 2 days");
        assert_eq!(ago(10 - 3 * 86400), "in 3 days");
        assert_eq!(ago(60 * 86400), "60 days ago");
        assert_eq!(ago(100 * 86400), "3 months ago");
        assert_eq!(ago(729 * 86400), "23 months ago");
        assert_eq!(ago(800 * 86400), "2 years ago");
    }

    #[test]
    fn a_day_far_away_has_its_year() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let of = |text: &str| day(text.parse().unwrap(), now);
        assert_eq!(of("2027-01-27T12:00:00Z"), "27 Jan");
        assert_eq!(of("2026-03-01T12:00:00Z"), "1 Mar");
        assert_eq!(of("2027-11-28T12:00:00Z"), "28 Nov 2027");
        assert_eq!(of("2025-11-28T12:00:00Z"), "28 Nov 2025");
    }

    #[test]
    fn times_of_utc_in_a_message_are_local_and_other_words_stay() {
        let time: Timestamp = "2026-11-22T10:15:42.5Z".parse().unwrap();
        let text = "it ended on 2026-11-22T10:15:42.5Z, see  a-2026-11-22T10:15:42Z (2026-11-22)";
        let local = text.replacen("2026-11-22T10:15:42.5Z", &local_time(time), 1);
        assert_eq!(with_local_times(text), local);
    }

    #[test]
    fn local_times_name_their_zone() {
        let time = "2026-11-22T10:15:42Z".parse().unwrap();
        assert_eq!(in_zone(time, TimeZone::UTC), "2026-11-22 10:15 UTC");
    }
}
