//! The letter that tells a client of an incident: what the law asks for (GDPR Art. 33(3)), each as
//! far as it is known, and nothing of another client.

mod lang;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lang::IncidentWords;

use super::paper::dates::{day, minute};
use super::paper::{PaperPage, filled, sender, sentence};
use crate::model::consent::asked::place;
use crate::model::people::fields::MeValues;
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// How long a client has to tell the authority, from when they are told (GDPR Art. 33(1)).
pub const CLIENTS_CLOCK: SignedDuration = SignedDuration::from_hours(72);

/// What of an incident concerns one client.
#[derive(Clone, Debug)]
pub struct ClientsPart<'a> {
    /// What the client is called.
    pub client: String,
    /// The language of papers for them.
    pub lang: Lang,
    /// Their entries, each with whether its secret was changed since.
    pub entries: Vec<(&'a AffectedEntry, bool)>,
    /// The names of those who can know something of them, besides who writes.
    pub known_to: Vec<String>,
    /// When they were told first, if they were.
    pub told: Option<Timestamp>,
}

/// The letter.
#[must_use]
pub fn to_client(
    incident: &Incident,
    part: &ClientsPart<'_>,
    me: &MeValues,
    (now, zone): (Timestamp, &TimeZone),
) -> String {
    let lang = part.lang;
    let words = IncidentWords::of(lang);
    let at = |time: Timestamp| minute(lang, time, zone, &one_line(&place(zone, time)));
    let mut page = PaperPage::default();
    page.line(words.title);
    page.gap();
    let (from, to) = (sender(lang, me), sentence(&one_line(&part.client)));
    let today = day(lang, now.to_zoned(zone.clone()).date());
    let known = [
        ("sender", from.as_str()),
        ("client.", &to),
        ("number", &number(incident.id)),
        ("day", &today),
    ];
    page.paragraph(&filled(words.opening, &known));
    page.gap();
    page.field(words.what, &sentence(incident.description.text()));
    page.field(words.since, &at(incident.aware));
    page.field(words.reached, &reached(part, words));
    let known_to = match part.known_to.as_slice() {
        [] => words.nobody_else.to_owned(),
        names => names.join(", "),
    };
    page.field(words.known_to, &one_line(&known_to));
    for (label, value) in [
        (words.nature, &incident.nature),
        (words.people, &incident.people),
        (words.records, &incident.records),
        (words.consequences, &incident.consequences),
        (words.measures, &incident.measures),
    ] {
        let value = value.value().map(|text| sentence(text));
        page.field(label, value.as_deref().unwrap_or(words.to_follow));
    }
    let updates = (1..).zip(&incident.updates);
    let updates = updates.map(|(n, it)| format!("{n}. {}: {}", at(it.time), sentence(&it.text)));
    let updates: Vec<String> = updates.collect();
    if !updates.is_empty() {
        page.field(words.updates, &updates.join("\n"));
    }
    page.field(words.ask, &from);
    page.gap();
    let is_all_changed = part.entries.iter().all(|(_, is_changed)| *is_changed);
    let i_do = if is_all_changed {
        words.i_did
    } else {
        words.i_do
    };
    page.field(words.me, i_do);
    page.field(words.you, words.you_do);
    page.gap();
    let deadline = part.told.map(|told| at(told + CLIENTS_CLOCK));
    let clock = match &deadline {
        Some(deadline) => filled(words.clock_runs, &[("deadline", deadline)]),
        None => words.clock.to_owned(),
    };
    page.paragraph(&clock);
    page.into_text()
}

/// The client's entries, each with whether it was changed and how it is reached.
fn reached(part: &ClientsPart<'_>, words: &IncidentWords) -> String {
    let lines = (1..).zip(&part.entries);
    let lines = lines.map(|(at, (entry, is_changed))| {
        let state = if *is_changed {
            words.changed
        } else {
            words.not_changed
        };
        let how = if entry.by_same_secret {
            words.same_secret
        } else {
            ""
        };
        format!("{at}. {} ({state}{how})", named(entry, words))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An entry by its name, where one logs in and whom as.
fn named(entry: &AffectedEntry, words: &IncidentWords) -> String {
    let name = entry.path.split_once('/').map_or("", |(_, name)| name);
    let user = entry.username.iter();
    let user = user.map(|name| format!("{} \"{}\"", words.user, one_line(name)));
    let urls = entry.urls.iter().map(|url| one_line(url));
    let name = [format!("\"{}\"", one_line(name))];
    let all: Vec<String> = name.into_iter().chain(urls).chain(user).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::{ClientsPart, to_client};
    use crate::model::people::fields::MeValues;
    use crate::model::records::incident::{AffectedEntry, Incident};
    use crate::model::testing::{author, day, empty_vault, new_id};
    use crate::model::text::lang::Lang;

    fn letter(lang: Lang, told: Option<i64>) -> String {
        let mut entry = AffectedEntry::with(new_id(), new_id(), "acme/wp".into(), false);
        entry.urls = vec!["https://acme.example".into()];
        entry.username = Some("admin\u{202e}".into());
        let mut incident = Incident::with(new_id(), day(1), day(1), vec![entry.clone()]);
        let stamp = empty_vault().seen.next(author(1).device);
        incident
            .description
            .set(stamp, "somebody broke into the host".into());
        let part = ClientsPart {
            client: "Acme".into(),
            lang,
            entries: vec![(&entry, false)],
            known_to: vec![],
            told: told.map(day),
        };
        let me = MeValues {
            name: Some("Kim Doe".into()),
            ..MeValues::default()
        };
        to_client(&incident, &part, &me, (day(2), &TimeZone::UTC))
    }

    #[test]
    fn it_says_what_is_known_and_what_is_to_follow() {
        let text = letter(Lang::En, None);
        assert!(
            text.lines().all(|line| line.chars().count() <= 64),
            "{text}"
        );
        assert_eq!(text.matches("to follow").count(), 5, "{text}");
        assert!(text.contains("somebody broke into the host."));
        assert!(!text.contains('\u{202e}'), "{text}");
        assert!(text.contains("72 hours"), "{text}");
        assert_eq!(letter(Lang::De, None).matches("folgt").count(), 5);
    }

    #[test]
    fn the_clients_clock_runs_from_when_they_were_told() {
        let text = letter(Lang::En, Some(2)).replace('\n', " ");
        assert!(text.contains("6 January 2026"), "{text}");
    }
}
