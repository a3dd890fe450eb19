//! What a client gets to keep when they have said yes: what, who, until when, and how to end it, in
//! the language of the request.

use jiff::Timestamp;
use uuid::Uuid;

use super::Paper;
use crate::error::{Error, Result};
use crate::exchange::paper::dates::{day, minute};
use crate::exchange::paper::{PaperPage, filled, sender, sentence};
use crate::model::consent::agreed_terms::{AgreedTerms, terms_hash};
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
    /// SHA-256 of what shows it, lower-case hex.
    pub sha256: Option<String>,
}

struct ConfirmationWords {
    title: &'static str,
    opening: &'static str,
    allowed_by: &'static str,
    by_mail: &'static str,
    by_letter: &'static str,
    by_phone: &'static str,
    by_signature: &'static str,
    in_writing: &'static str,
    how_to_write: &'static str,
    to_end_it: &'static str,
    wrong: &'static str,
    say_so: &'static str,
}

const ENGLISH: ConfirmationWords = ConfirmationWords {
    title: "PERMISSION GIVEN                           number {number}",
    opening: "{sender} confirms to {client} what was allowed. Please keep this.",
    allowed_by: "ALLOWED BY",
    by_mail: "{by}, by e-mail of {day}",
    by_letter: "{by}, by letter of {day}",
    by_phone: "{by}, by phone on {day}",
    by_signature: "{by}, with a signature that came on {day}",
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
    allowed_by: "ERLAUBT VON",
    by_mail: "{by}, per E-Mail vom {day}",
    by_letter: "{by}, mit Schreiben vom {day}",
    by_phone: "{by}, telefonisch am {day}",
    by_signature: "{by}, mit einer Unterschrift, die am {day} einging",
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

/// The text that confirms a yes to these terms, with the line break at its end.
///
/// # Errors
/// [`crate::error::Kind::Failed`] where the terms are none that were asked for; as
/// [`AgreedTerms::to_json`].
pub fn confirmation(terms: &AgreedTerms, yes: &Yes<'_>) -> Result<String> {
    let json = terms.to_json()?;
    let paper = Paper::of(terms, &json);
    let paper = paper.ok_or_else(|| Error::failed("these terms were not asked for on a paper"))?;
    Ok(paper.confirmation(yes))
}

impl Paper<'_> {
    fn confirmation(&self, yes: &Yes<'_>) -> String {
        let words = match self.lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        };
        let (terms, number) = (self.terms, number(self.terms.consent));
        let number = ("number", number.as_str());
        let mut page = PaperPage::default();
        page.line(&filled(words.title, &[number]));
        page.gap();
        let client = one_line(&terms.client.name);
        let parties = [("sender", &*sender(self.lang, &self.asked.by)), ("client", &client)];
        page.paragraph(&filled(words.opening, &parties));
        page.gap();
        page.field(words.allowed_by, &self.allowed_by(words, yes));
        page.field(self.words.who, &self.recipients());
        page.field(self.words.what, &self.items());
        let purpose = sentence(&terms.purpose());
        let purpose = format!("{purpose} {}", self.words.nothing_else);
        page.field(self.words.purpose, &purpose);
        page.field(self.words.until, &self.minute(terms.expires));
        page.gap();
        if let Some(end) = yes.provisional_until {
            let minute = self.minute(end);
            let values = [number, ("day", &*self.day(end)), ("minute", &minute)];
            page.field(words.in_writing, &filled(words.how_to_write, &values));
        }
        page.field(words.to_end_it, &self.change_of_mind());
        page.field(words.wrong, words.say_so);
        page.gap();
        page.line(&format!("vault-confirmation 1 {}", terms.consent));
        page.line(&format!("terms {}", terms_hash(self.json)));
        if let Some(sha256) = &yes.sha256 {
            page.line("answer, SHA-256:");
            page.line(sha256);
        }
        page.into_text()
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

    /// The day of a time by the clocks of who asks.
    fn day(&self, time: Timestamp) -> String {
        day(self.lang, time.to_zoned(self.zone.clone()).date())
    }

    /// A time by the clocks of who asks.
    pub(super) fn minute(&self, time: Timestamp) -> String {
        minute(self.lang, time, &self.zone, &one_line(&self.asked.place))
    }
}
