//! The letter that tells a client of an incident: what the law asks for (GDPR Art. 33(3)), each as
//! far as it is known, and nothing of another client.

pub mod addressed;
mod lang;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lang::IncidentWords;

use super::paper::dates::minute;
use super::paper::{PaperPage, filled, sender, sentence};
use crate::model::consent::asked::place;
use crate::model::entry::field::{ATTACHMENT, SECRET, TOTP};
use crate::model::incidents::affected::AffectedState;
use crate::model::people::fields::MeValues;
use crate::model::records::client::ClientRole;
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
    /// What they are in law, where that is noted.
    pub role: Option<ClientRole>,
    /// Their entries, each with what became of it.
    pub entries: Vec<(&'a AffectedEntry, AffectedState<'a>)>,
    /// The names of those who were given something of them.
    pub known_to: Vec<String>,
    /// The names of others, who were given something else that has the same password.
    pub same_known_to: Vec<String>,
    /// Since when it is known that it concerns them.
    pub since: Timestamp,
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
    let opening = match part.entries.as_slice() {
        [] => words.opening_without,
        _ => words.opening,
    };
    page.paragraph(&filled(
        opening,
        &[("sender", from.as_str()), ("client.", &to)],
    ));
    page.gap();
    let known = [("number", number(incident.id)), ("time", at(now))];
    let known = known.each_ref().map(|(name, it)| (*name, it.as_str()));
    page.paragraph(&filled(words.as_of, &known));
    page.gap();
    page.field(words.what, &sentence(incident.description.text()));
    page.field(words.since, &at(part.since));
    if !part.entries.is_empty() {
        page.field(words.reached, &reached(part, words));
        page.field(words.passed_on, &one_line(&passed_on(part, words)));
    }
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
    if let Some(cause) = incident.cause.value() {
        page.field(words.cause, &sentence(cause));
    }
    let updates = incident.valid_updates();
    let updates = updates.map(|(n, it)| format!("{n}. {}: {}", at(it.time), sentence(&it.text)));
    let updates: Vec<String> = updates.collect();
    if !updates.is_empty() {
        page.field(words.updates, &updates.join("\n"));
    }
    page.field(words.ask, &from);
    page.gap();
    page.field(words.me, i_do(part, words));
    page.field(words.you, words.you_do);
    let deadline = part.told.map(|told| at(told + CLIENTS_CLOCK));
    let clock = match (part.role, &deadline) {
        // The law binds nobody in their own affairs.
        (Some(ClientRole::Private), _) => return page.into_text(),
        (Some(ClientRole::Processor), _) => words.processor.to_owned(),
        (_, Some(deadline)) => filled(words.clock_runs, &[("deadline", deadline)]),
        (_, None) => words.clock.to_owned(),
    };
    page.gap();
    page.paragraph(&clock);
    page.into_text()
}

/// Who was given something of it, and who knows it by something else.
fn passed_on(part: &ClientsPart<'_>, words: &IncidentWords) -> String {
    let given = match part.known_to.as_slice() {
        [] => words.to_nobody.to_owned(),
        names => format!("{} {}", words.to, names.join(", ")),
    };
    let has_same = match part.same_known_to.len() {
        0 => return given,
        1 => words.one_has_same,
        _ => words.some_have_same,
    };
    format!("{given}; {} {has_same}", part.same_known_to.join(", "))
}

/// What whoever writes does or did about it.
fn i_do(part: &ClientsPart<'_>, words: &IncidentWords) -> &'static str {
    let mut states = part.entries.iter().map(|(_, state)| state);
    if states
        .clone()
        .any(|it| matches!(it, AffectedState::InUse(_)))
    {
        words.i_do
    } else if !part.entries.is_empty() && states.all(|it| *it == AffectedState::Changed) {
        words.i_did
    } else {
        words.i_tell
    }
}

/// The client's entries, each with what became of it and how it is reached.
fn reached(part: &ClientsPart<'_>, words: &IncidentWords) -> String {
    let lines = (1..).zip(&part.entries);
    let lines = lines.map(|(at, (entry, state))| {
        let state = match state {
            AffectedState::InUse(slots) if *slots == [SECRET] => words.not_changed.to_owned(),
            AffectedState::InUse(slots) => {
                let named: Vec<String> = slots.iter().map(|it| called(it, words)).collect();
                let some = format!("{}: {}", words.not_changed, named.join(", "));
                if slots.len() < entry.versions.len() {
                    format!("{some}; {}", words.rest_changed)
                } else {
                    some
                }
            }
            AffectedState::Changed => words.changed.to_owned(),
            AffectedState::Removed => words.removed.to_owned(),
            AffectedState::NoSecret => words.no_secret.to_owned(),
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

/// A secret or a file, as people call it.
fn called(slot: &str, words: &IncidentWords) -> String {
    match (slot, slot.strip_prefix(ATTACHMENT)) {
        (SECRET, _) => words.password.to_owned(),
        (TOTP, _) => words.codes.to_owned(),
        (_, Some(name)) => format!("{} \"{}\"", words.file, one_line(name)),
        (field, None) => format!("\"{}\"", one_line(field)),
    }
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

    use super::{ClientsPart, IncidentWords, passed_on, to_client};
    use crate::model::incidents::affected::AffectedState;
    use crate::model::people::fields::MeValues;
    use crate::model::records::client::ClientRole;
    use crate::model::records::incident::{AffectedEntry, Incident};
    use crate::model::testing::{author, day, empty_vault, new_id};
    use crate::model::text::lang::Lang;

    fn letter(lang: Lang, told: Option<i64>) -> String {
        let state = AffectedState::InUse(vec!["secret", "totp", "attachment:key"]);
        letter_to(lang, told, None, &[state])
    }

    fn letter_to(
        lang: Lang,
        told: Option<i64>,
        role: Option<ClientRole>,
        states: &[AffectedState<'_>],
    ) -> String {
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
            role,
            entries: states.iter().map(|it| (&entry, it.clone())).collect(),
            known_to: vec![],
            same_known_to: vec![],
            since: day(1),
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
        let german = letter(Lang::De, None);
        assert_eq!(german.matches("nachgereicht").count(), 5, "{german}");
    }

    #[test]
    fn what_became_of_it_is_said_as_it_is() {
        let is_said = |lang, state: AffectedState<'static>, words: &str| {
            let text = letter_to(lang, None, None, &[state]).replace('\n', " ");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(words), "{words}: {text}");
            text
        };
        let all = || AffectedState::InUse(vec!["secret", "totp", "attachment:key"]);
        let some = "not changed yet: password, one-time codes, file \"key\"";
        assert!(!is_said(Lang::En, all(), some).contains("have changed"));
        is_said(
            Lang::De,
            all(),
            "noch nicht geändert: Passwort, Einmalcodes, Datei \"key\"",
        );
        is_said(Lang::En, AffectedState::Changed, "have changed all of it");
        let removed = is_said(Lang::En, AffectedState::Removed, "I keep it no longer");
        assert!(!removed.contains("have changed") && !removed.contains("changed since"));
        is_said(
            Lang::De,
            AffectedState::NoSecret,
            "kein Passwort gespeichert",
        );
        let none = letter_to(Lang::En, None, None, &[]);
        assert!(
            none.contains("may concern you") && !none.contains("LOGINS"),
            "{none}"
        );
    }

    #[test]
    fn who_was_given_something_else_is_not_said_to_have_been_passed_it() {
        let told = |lang, given: &[&str], same: &[&str]| {
            let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
            let part = ClientsPart {
                client: "Acme".into(),
                lang,
                role: None,
                entries: vec![],
                known_to: names(given),
                same_known_to: names(same),
                since: day(1),
                told: None,
            };
            passed_on(&part, IncidentWords::of(lang))
        };
        assert_eq!(told(Lang::En, &["Bob"], &[]), "to Bob");
        assert_eq!(
            told(Lang::En, &[], &["Eve E"]),
            "to nobody; Eve E was given something else that has the same password"
        );
        assert_eq!(
            told(Lang::De, &["Bob"], &["Eve E", "Kai"]),
            "an Bob; Eve E, Kai haben etwas anderes bekommen, das dasselbe Passwort hat"
        );
    }

    #[test]
    fn the_law_is_that_of_the_clients_role() {
        let law = |role| letter_to(Lang::En, Some(2), role, &[AffectedState::Changed]);
        let controller = law(Some(ClientRole::Controller));
        assert!(controller.contains("supervisory authority") && controller.contains("Art. 34"));
        let processor = law(Some(ClientRole::Processor));
        assert!(
            processor.contains("33(2)") && !processor.contains("authority"),
            "{processor}"
        );
        assert!(!law(Some(ClientRole::Private)).contains("GDPR"));
    }

    #[test]
    fn the_clients_clock_runs_from_when_they_were_told() {
        let text = letter(Lang::En, Some(2)).replace('\n', " ");
        assert!(text.contains("6 January 2026"), "{text}");
    }
}
