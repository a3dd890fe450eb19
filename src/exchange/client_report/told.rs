//! A report in the words of its language, as a page.

mod knowing;
mod standing;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::page::{Block, MarkedPage, PageSection, PageTable};
use super::summary::{ClientSummary, ReportedPerson, Verdict};
use super::words::{Count, ReportWords};
use crate::exchange::paper::dates::{day, minute};
use crate::exchange::paper::{field_words::field_word, filled};
use crate::model::consent::asked::place;
use crate::model::consent::scope::SharedField;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// The page of a report, for its client or for who keeps the vault; days are those of a zone.
pub(super) fn page(
    summary: &ClientSummary,
    is_for_oneself: bool,
    (lang, zone): (Lang, &TimeZone),
) -> MarkedPage {
    let words = ReportWords::of(lang);
    let telling = Telling { words, lang, zone };
    let parts = [
        telling.short(&summary.verdict),
        telling.kept_entries(summary),
        telling.access(summary),
        telling.ended(summary),
        telling.used(summary),
        telling.refused(summary),
        telling.rules(summary),
        telling.incidents(summary),
        telling.keeping(summary),
        telling.advice(summary),
        telling.proof(summary),
    ];
    let sections = words.parts.iter().zip(parts);
    let sections = sections.map(|(title, blocks)| PageSection {
        title: (*title).to_owned(),
        blocks,
    });
    let from = one_line(&summary.from);
    let from = if from.is_empty() { words.nobody } else { &from };
    let client = one_line(&summary.client);
    let made = summary.made;
    let at = minute(lang, made, zone, &one_line(&place(zone, made)));
    let since = summary
        .since
        .map(|it| filled(words.since, &[("day", &telling.day(it))]));
    let opening = [
        is_for_oneself.then(|| words.for_oneself.to_owned()),
        Some(filled(
            words.opening,
            &[("client", &client), ("sender", from)],
        )),
        Some(filled(words.as_of, &[("time", &at)])),
        since,
        Some(words.no_secret.to_owned()),
    ];
    MarkedPage {
        lang: lang.as_str(),
        title: format!("{}: {client}", words.title),
        opening: opening.into_iter().flatten().collect(),
        sections: sections.collect(),
    }
}

/// What all parts are told with.
struct Telling<'a> {
    words: &'static ReportWords,
    lang: Lang,
    zone: &'a TimeZone,
}

impl Telling<'_> {
    fn day(&self, time: Timestamp) -> String {
        day(self.lang, time.to_zoned(self.zone.clone()).date())
    }

    /// A text with a day in it.
    fn on(&self, text: &str, time: Timestamp) -> String {
        filled(text, &[("day", &self.day(time))])
    }

    /// All of it in a sentence, and what of it is not as it was allowed.
    fn short(&self, verdict: &Verdict) -> Vec<Block> {
        let words = &self.words.short;
        if verdict.known == 0 {
            let (entries, strangers) = (verdict.entries, verdict.strangers);
            let lead = match (entries, strangers) {
                (0, _) => words.nothing.to_owned(),
                (_, 0) => counted(words.nobody, entries),
                (_, _) => {
                    let (kept, known) = (words.kept, words.strangers);
                    format!("{} {}", counted(kept, entries), counted(known, strangers))
                }
            };
            return vec![Block::Lead(lead)];
        }
        let all = verdict.entries.to_string();
        let of = if verdict.entries == 1 {
            words.of_one.to_owned()
        } else {
            let (one, several) = words.of_some;
            let text = if verdict.known == 1 { one } else { several };
            filled(text, &[("n", &verdict.known.to_string()), ("all", &all)])
        };
        let people = counted(words.people, verdict.people);
        let allowed = if verdict.is_all_allowed() {
            words.allowed
        } else {
            words.not_all
        };
        let besides = [
            (words.unpermitted, verdict.unpermitted),
            (words.over, verdict.over),
            (words.lenders, verdict.lenders),
            (words.by_word, verdict.by_word),
            (words.strangers, verdict.strangers),
        ];
        let besides = besides.into_iter().filter(|(_, count)| *count > 0);
        let besides: Vec<String> = besides.map(|(text, count)| counted(text, count)).collect();
        let mut blocks = vec![Block::Lead(format!("{people} {of}; {allowed}."))];
        if !besides.is_empty() {
            blocks.push(Block::List(besides));
        }
        blocks
    }

    /// What the fields of entries are called.
    fn fields(&self, fields: &[String]) -> String {
        let named = fields.iter().filter_map(|field| {
            let known: SharedField = field.parse().ok()?;
            Some(field_word(self.lang, &known))
        });
        named.collect::<Vec<_>>().join(", ")
    }
}

/// A text for a number of things, which it has.
fn counted((one, several): Count, count: usize) -> String {
    let text = if count == 1 { one } else { several };
    filled(text, &[("n", &count.to_string())])
}

/// Rows below a sentence, or the sentence that there are none.
fn rows_or(none: &str, why: Option<&str>, table: PageTable) -> Vec<Block> {
    if table.rows.is_empty() {
        return vec![Block::Text(none.to_owned())];
    }
    let why = why.map(|text| Block::Text(text.to_owned()));
    why.into_iter().chain([Block::Table(table)]).collect()
}

/// A person with their firm, in lines.
fn person(who: &ReportedPerson) -> Vec<String> {
    std::iter::once(&who.name)
        .chain(&who.firm)
        .cloned()
        .collect()
}

/// The names of several.
fn people(all: &[ReportedPerson]) -> String {
    let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
    names.join(", ")
}
