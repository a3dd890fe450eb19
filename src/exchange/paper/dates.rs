//! Days and times as people of a language write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::GLUE;
use crate::model::text::lang::Lang;

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
/// Towns that name a zone and are called otherwise in German.
const GERMAN_TOWNS: [(&str, &str); 16] = [
    ("Athens", "Athen"),
    ("Belgrade", "Belgrad"),
    ("Brussels", "Brüssel"),
    ("Bucharest", "Bukarest"),
    ("Copenhagen", "Kopenhagen"),
    ("Kyiv", "Kiew"),
    ("Lisbon", "Lissabon"),
    ("Luxembourg", "Luxemburg"),
    ("Moscow", "Moskau"),
    ("Prague", "Prag"),
    ("Rome", "Rom"),
    ("Singapore", "Singapur"),
    ("Tokyo", "Tokio"),
    ("Vienna", "Wien"),
    ("Warsaw", "Warschau"),
    ("Zurich", "Zürich"),
];

/// A day: `28 December 2026`, `28. Dezember 2026`. No line is broken within it.
pub fn day(lang: Lang, date: Date) -> String {
    let at = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
    let month = |names: &[&'static str; 12]| names.get(at).copied().unwrap_or_default();
    let (day, year) = (date.day(), date.year());
    match lang {
        Lang::En => format!("{day}{GLUE}{}{GLUE}{year}", month(&ENGLISH)),
        Lang::De => format!("{day}.{GLUE}{}{GLUE}{year}", month(&GERMAN)),
    }
}

/// A time to the minute by the clocks of a place: `28 December 2026, 09:51 (Berlin)`.
pub fn minute(lang: Lang, time: Timestamp, zone: &TimeZone, place: &str) -> String {
    let local = time.to_zoned(zone.clone());
    let day = day(lang, local.date());
    let clock = local.strftime("%H:%M");
    match lang {
        Lang::En => format!("{day}, {clock} ({place})"),
        Lang::De => {
            let german = GERMAN_TOWNS.iter().find(|(english, _)| *english == place);
            let place = german.map_or(place, |(_, german)| german);
            format!("{day}, {clock}{GLUE}Uhr ({place})")
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::{day, minute};
    use crate::model::text::lang::Lang;

    #[test]
    fn days_and_times_are_written_as_each_language_does() {
        let date = "2026-03-05".parse().unwrap();
        assert_eq!(day(Lang::En, date), "5\u{a0}March\u{a0}2026");
        assert_eq!(day(Lang::De, date), "5.\u{a0}März\u{a0}2026");
        let time = "2026-12-31T23:30:20Z".parse().unwrap();
        let zone = TimeZone::fixed(offset(1));
        let plain = |text: String| text.replace('\u{a0}', " ");
        assert_eq!(
            plain(minute(Lang::En, time, &zone, "Vienna")),
            "1 January 2027, 00:30 (Vienna)"
        );
        assert_eq!(
            plain(minute(Lang::De, time, &zone, "Vienna")),
            "1. Januar 2027, 00:30 Uhr (Wien)"
        );
    }
}
