//! What a client gets to keep when they have said yes: what, who, until when, and how to end it, in
//! the language of the request.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::Paper;
use crate::error::{Error, Result};
use crate::exchange::paper::dates::{day, minute};
use crate::exchange::paper::{PaperPage, filled, sender, sentence};
use crate::model::consent::agreed_terms::{AgreedTerms, terms_hash};
use crate::model::consent::asked::place;
use crate::model::consent::granted::{GrantedPart, LeftOut, NotGiven};
use crate::model::consent::renewal::Replacing;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// How a client said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// By mail.
    Mail,
    /// By letter.
    Letter,
    /// By phone, and nothing written shows it.
    Phone,
    /// By a signature over the request.
    Signature,
}

/// A yes, as it is confirmed.
#[derive(Clone, Debug)]
pub struct Yes<'a> {
    /// The person who said it.
    pub by: &'a str,
    /// How.
    pub channel: AnsweredBy,
    /// When.
    pub on: Timestamp,
    /// When the permission ends unless it is confirmed in writing, where nothing written shows it.
    pub provisional_until: Option<Timestamp>,
    /// Whether it only lets end sooner what was permitted before.
    pub is_shortening: bool,
    /// What becomes of the permission that it takes the place of, where there is one.
    pub replacing: Option<Replacing>,
    /// SHA-256 of what shows it, lower-case hex.
    pub sha256: Option<String>,
}

struct ConfirmationWords {
    title: &'static str,
    opening: &'static str,
    title_of_nothing: &'static str,
    opening_of_nothing: &'static str,
    title_of_shorter: &'static str,
    opening_of_shorter: &'static str,
    shortened_by: &'static str,
    answered_by: &'static str,
    allowed_by: &'static str,
    by_mail: &'static str,
    by_letter: &'static str,
    by_phone: &'static str,
    by_signature: &'static str,
    replaces: &'static str,
    ends_with_this: &'static str,
    was_over: &'static str,
    waits: &'static str,
    not_given: &'static str,
    of_what_was_asked: &'static str,
    for_whom: &'static str,
    taken_out: &'static str,
    removed: &'static str,
    moved: &'static str,
    renamed: &'static str,
    parted: &'static str,
    keys_lost: &'static str,
    other_keys: &'static str,
    asked_until: &'static str,
    of_what_was_allowed: &'static str,
    allowed_until: &'static str,
    in_writing: &'static str,
    how_to_write: &'static str,
    to_end_it: &'static str,
    wrong: &'static str,
    say_so: &'static str,
}

/// What stands above the hash of an answer, where there is a file of it.
pub(crate) const HASH_OF_ANSWER: &str = "answer, SHA-256:";

const ENGLISH: ConfirmationWords = ConfirmationWords {
    title: "PERMISSION GIVEN                           number {number}",
    opening: "{sender} confirms to {client} what was allowed. Please keep this.",
    title_of_nothing: "NOTHING PERMITTED                          number {number}",
    opening_of_nothing: "{sender} confirms to {client} that this answer has come. It permits nothing: \
                         of what was asked for, nothing was left. Please keep this.",
    title_of_shorter: "PERMISSION SHORTENED                       number {number}",
    opening_of_shorter: "{sender} confirms to {client} that this permission ends sooner than was \
                         allowed at first. Please keep this.",
    shortened_by: "SHORTENED BY",
    answered_by: "ANSWERED BY",
    allowed_by: "ALLOWED BY",
    by_mail: "{by}, by e-mail of {day}",
    by_letter: "{by}, by letter of {day}",
    by_phone: "{by}, by phone on {day}",
    by_signature: "{by}, with a signature that came on {day}",
    replaces: "REPLACES",
    ends_with_this: "Takes the place of number {number} of {day}, which ended with this.",
    was_over: "Takes the place of number {number} of {day}, which was over before.",
    waits: "Takes the place of number {number} of {day} once you have confirmed it in writing; until \
            then that one stays as it is.",
    not_given: "NOT GIVEN",
    asked_until: "- the time after that: I had asked until {minute}",
    of_what_was_allowed: "Of what was allowed at first, this is no part of it any more:",
    allowed_until: "- the time after that: it was allowed until {minute}",
    of_what_was_asked: "Of what I asked for, this is no part of the permission:",
    for_whom: "for {who}",
    taken_out: "was taken out since",
    removed: "is not there any more",
    moved: "is no longer kept for you",
    renamed: "has another name now",
    parted: "gets nothing from me any more",
    keys_lost: "has lost the keys that it was for",
    other_keys: "has other keys now, for which I have to ask you again",
    in_writing: "IN WRITING",
    how_to_write: "Please confirm it in writing by {day}. Reply from your usual address, first line:\n  \
                   YES {number}\nand your name. Without that it ends on {minute}.",
    to_end_it: "TO END IT",
    wrong: "NOT RIGHT?",
    say_so: "If you did not allow this, or anything in it is wrong, tell me at once.",
};

const GERMAN: ConfirmationWords = ConfirmationWords {
    title: "ERLAUBNIS ERTEILT                          Nummer {number}",
    opening: "{sender} bestätigt {client}, was erlaubt wurde. Bitte bewahren Sie das auf.",
    title_of_nothing: "KEINE ERLAUBNIS                            Nummer {number}",
    opening_of_nothing: "{sender} bestätigt {client}, dass diese Antwort eingegangen ist. Erlaubt ist \
                         damit nichts: Von dem, worum gebeten wurde, war nichts mehr übrig. Bitte \
                         bewahren Sie das auf.",
    title_of_shorter: "ERLAUBNIS VERKÜRZT                         Nummer {number}",
    opening_of_shorter: "{sender} bestätigt {client}, dass diese Erlaubnis früher endet als zuerst \
                         erlaubt. Bitte bewahren Sie das auf.",
    shortened_by: "VERKÜRZT VON",
    answered_by: "ANTWORT VON",
    allowed_by: "ERLAUBT VON",
    by_mail: "{by}, per E-Mail vom {day}",
    by_letter: "{by}, mit Schreiben vom {day}",
    by_phone: "{by}, telefonisch am {day}",
    by_signature: "{by}, mit einer Unterschrift, die am {day} einging",
    replaces: "ERSETZT",
    ends_with_this: "Tritt an die Stelle der Nummer {number} vom {day}, die damit endete.",
    was_over: "Tritt an die Stelle der Nummer {number} vom {day}, die schon vorher beendet war.",
    waits: "Tritt an die Stelle der Nummer {number} vom {day}, sobald Sie das schriftlich bestätigt \
            haben; bis dahin gilt jene unverändert.",
    not_given: "NICHT ERTEILT",
    asked_until: "- die Zeit danach: gefragt war bis {minute}",
    of_what_was_allowed: "Von dem, was zuerst erlaubt war, gehört nicht mehr dazu:",
    allowed_until: "- die Zeit danach: erlaubt war bis {minute}",
    of_what_was_asked: "Von dem, worum ich gebeten hatte, gehört nicht zur Erlaubnis:",
    for_whom: "für {who}",
    taken_out: "wurde seither herausgenommen",
    removed: "gibt es nicht mehr",
    moved: "wird nicht mehr für Sie geführt",
    renamed: "heißt inzwischen anders",
    parted: "bekommt von mir nichts mehr",
    keys_lost: "hat die Schlüssel verloren, für die es war",
    other_keys: "hat inzwischen andere Schlüssel, für die ich Sie noch einmal fragen muss",
    in_writing: "SCHRIFTLICH",
    how_to_write: "Bitte bestätigen Sie das bis zum {day} schriftlich. Antworten Sie von Ihrer \
                   üblichen Adresse. In die erste Zeile schreiben Sie\n  JA {number}\n\
                   und darunter Ihren Namen. Sonst endet die Erlaubnis am {minute}.",
    to_end_it: "WIDERRUF",
    wrong: "STIMMT NICHT?",
    say_so: "Wenn Sie das nicht erlaubt haben oder etwas nicht stimmt, sagen Sie es mir bitte \
             sofort.",
};

/// What the file of a confirmation is called; `nth` is 1 for the first.
#[must_use]
pub fn confirmation_name(id: Uuid, nth: usize) -> String {
    let number = number(id);
    match nth {
        0 | 1 => format!("confirmation-{number}.txt"),
        nth => format!("confirmation-{number}-{nth}.txt"),
    }
}

/// The text that confirms a yes to these terms, as far as it gives something, with the line break at
/// its end. Of terms that were not asked for, what was granted says who writes it.
///
/// # Errors
/// [`crate::error::Kind::Failed`] where what was granted does not say that; as
/// [`AgreedTerms::to_json`].
pub fn confirmation(
    terms: &AgreedTerms,
    granted: &GrantedPart,
    yes: &Yes<'_>,
    here: &TimeZone,
) -> Result<String> {
    let json = terms.to_json()?;
    let paper = Paper::of(&granted.terms, &json);
    let mut paper =
        paper.ok_or_else(|| Error::failed("these terms were not asked for on a paper"))?;
    // The request has one offset, that of its end: the clocks may differ on the days before.
    let is_same_place = place(here, paper.terms.expires) == paper.asked.place;
    let is_same_time = here.to_offset(paper.terms.expires).seconds() == 60 * paper.asked.utc_offset;
    if is_same_place && is_same_time {
        paper.zone = here.clone();
    }
    Ok(paper.confirmation(granted, yes, terms))
}

impl Paper<'_> {
    fn confirmation(&self, granted: &GrantedPart, yes: &Yes<'_>, first: &AgreedTerms) -> String {
        let words = match self.lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        };
        let (terms, number) = (self.terms, number(self.terms.consent));
        let number = ("number", number.as_str());
        let is_nothing = granted.is_nothing();
        let (title, opening, by) = if yes.is_shortening {
            let opening = words.opening_of_shorter;
            (words.title_of_shorter, opening, words.shortened_by)
        } else if is_nothing {
            let opening = words.opening_of_nothing;
            (words.title_of_nothing, opening, words.answered_by)
        } else {
            (words.title, words.opening, words.allowed_by)
        };
        let mut page = PaperPage::default();
        page.line(&filled(title, &[number]));
        page.gap();
        let client = one_line(&terms.client.name);
        let parties = [
            ("sender", &*sender(self.lang, &self.asked.by)),
            ("client", &client),
        ];
        page.paragraph(&filled(opening, &parties));
        page.gap();
        page.field(by, &self.allowed_by(words, yes));
        if !is_nothing {
            page.field(self.words.who, &self.recipients());
            page.field(self.words.what, &self.items());
            let purpose = sentence(&terms.purpose());
            let purpose = format!("{purpose} {}", self.words.nothing_else);
            page.field(self.words.purpose, &purpose);
            page.field(self.words.until, &self.minute(terms.expires));
        }
        if let (Some(old), Some(how)) = (&self.asked.replaces, yes.replacing) {
            let how = match how {
                Replacing::Ends => words.ends_with_this,
                Replacing::WasOver => words.was_over,
                Replacing::Waits => words.waits,
            };
            page.field(words.replaces, &self.of_old(how, old));
        }
        if let Some(not_given) = self.not_given(words, granted, first) {
            page.field(words.not_given, &not_given);
        }
        page.gap();
        let is_waited_for = yes.replacing == Some(Replacing::Waits);
        let lasts_longer = |end: &Timestamp| *end < terms.expires || is_waited_for;
        if let Some(end) = yes.provisional_until.filter(lasts_longer) {
            let minute = self.minute(end);
            let values = [number, ("day", &*self.day(end)), ("minute", &minute)];
            page.field(words.in_writing, &filled(words.how_to_write, &values));
        }
        if !is_nothing {
            page.field(words.to_end_it, &self.change_of_mind());
        }
        page.field(words.wrong, words.say_so);
        page.gap();
        page.line(&format!("vault-confirmation 1 {}", terms.consent));
        page.line(&format!("terms {}", terms_hash(self.json)));
        if let Some(sha256) = &yes.sha256 {
            page.line(HASH_OF_ANSWER);
            page.line(sha256);
        }
        page.into_text()
    }

    /// What of the terms at first is no part of the permission, if anything is not.
    fn not_given(
        &self,
        words: &ConfirmationWords,
        granted: &GrantedPart,
        first: &AgreedTerms,
    ) -> Option<String> {
        let (of_what, until) = match first.asked {
            Some(_) => (words.of_what_was_asked, words.asked_until),
            None => (words.of_what_was_allowed, words.allowed_until),
        };
        let is_shorter = !granted.is_nothing() && self.terms.expires < first.expires;
        let minute = self.minute(first.expires);
        let time = is_shorter.then(|| filled(until, &[("minute", &minute)]));
        let parts = granted.left_out.iter();
        let parts = parts.map(|part| self.left_out(words, part)).chain(time);
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| format!("{of_what}\n{}", parts.join("\n")))
    }

    fn allowed_by(&self, words: &ConfirmationWords, yes: &Yes<'_>) -> String {
        let how = match yes.channel {
            AnsweredBy::Mail => words.by_mail,
            AnsweredBy::Letter => words.by_letter,
            AnsweredBy::Phone => words.by_phone,
            AnsweredBy::Signature => words.by_signature,
        };
        let by = one_line(yes.by);
        filled(how, &[("by", &*by), ("day", &self.day(yes.on))])
    }

    /// What is no part of it, and why.
    fn left_out(&self, words: &ConfirmationWords, part: &LeftOut) -> String {
        let why = match part.why {
            NotGiven::TakenOut => words.taken_out,
            NotGiven::Removed => words.removed,
            NotGiven::Moved => words.moved,
            NotGiven::Renamed => words.renamed,
            NotGiven::Parted => words.parted,
            NotGiven::KeysLost => words.keys_lost,
            NotGiven::OtherKeys => words.other_keys,
        };
        let entry = part.entry.as_ref().map(|entry| self.name(&entry.path));
        let who = part.recipient.as_ref().map(|one| one_line(&one.called()));
        let what = match (entry, who) {
            (Some(entry), Some(who)) => {
                format!("{entry} {}", filled(words.for_whom, &[("who", &who)]))
            }
            (entry, who) => entry.or(who).unwrap_or_default(),
        };
        format!("- {what}: {why}")
    }

    /// The day of a time by the clocks of who asks.
    fn day(&self, time: Timestamp) -> String {
        day(self.lang, time.to_zoned(self.zone.clone()).date())
    }

    /// A time by the clocks of who asks.
    pub(super) fn minute(&self, time: Timestamp) -> String {
        minute(self.lang, time, &self.zone, &one_line(&self.asked.place))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use uuid::Uuid;

    use super::{AnsweredBy, Yes, confirmation};
    use crate::model::consent::agreed_terms::{
        AgreedClient, AgreedEntry, AgreedRecipient, AgreedTerms,
    };
    use crate::model::consent::asked::Asked;
    use crate::model::consent::granted::GrantedPart;
    use crate::model::people::fields::MeValues;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    /// Asked for in Berlin until a day of winter.
    fn terms() -> AgreedTerms {
        AgreedTerms {
            consent: Uuid::from_u128(1),
            client: AgreedClient {
                slug: "baker".into(),
                name: "Baker Ltd".into(),
            },
            recipients: vec![AgreedRecipient {
                name: "bob".into(),
                ..AgreedRecipient::default()
            }],
            entries: vec![AgreedEntry {
                path: "baker/cms".into(),
                ..AgreedEntry::default()
            }],
            patterns: vec![],
            covered: vec![],
            except: vec![],
            fields: vec![],
            purposes: vec!["shop".into()],
            onward_sharing: false,
            expires: at("2026-12-28T08:51:20Z"),
            asked: Some(Asked {
                lang: "en".into(),
                by: MeValues::default(),
                answer_by: "2026-11-05".parse().unwrap(),
                utc_offset: 60,
                place: "Berlin".into(),
                rules: None,
                duties: vec![],
                agreement: None,
                private: false,
                replaces: None,
                sign: None,
            }),
        }
    }

    /// What is confirmed of a call on the last day of summer time, by clocks of `zone`.
    fn confirmed(zone: &str) -> String {
        let granted = GrantedPart {
            terms: terms(),
            left_out: vec![],
        };
        let yes = Yes {
            by: "Anna",
            channel: AnsweredBy::Phone,
            on: at("2026-10-23T22:30:00Z"),
            provisional_until: Some(at("2026-10-24T22:30:00Z")),
            is_shortening: false,
            replacing: None,
            sha256: None,
        };
        let zone = TimeZone::get(zone).unwrap();
        confirmation(&terms(), &granted, &yes, &zone).unwrap()
    }

    #[test]
    fn a_day_of_summer_is_told_by_the_clocks_of_summer() {
        let text = confirmed("Europe/Berlin");
        for told in ["28 December 2026, 09:51 (Berlin)", "24 October 2026"] {
            assert!(text.contains(told), "{told}: {text}");
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = "25 October 2026, 00:30 (Berlin)";
        assert!(text.contains(end), "the clocks of that night: {text}");
        // Elsewhere, nobody knows the clocks of Berlin: those of the paper are told.
        let text = confirmed("America/New_York");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = "24 October 2026, 23:30 (Berlin)";
        assert!(text.contains(end), "{text}");
    }
}
