//! What a share is when it is opened with stock `age`: a letter that a person reads, and behind it
//! the signed document for programs. Nothing of the letter is trusted by one that takes it in.

mod lang;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use zeroize::Zeroizing;

use self::lang::{HandOverWords, LetterWords};
use super::bundle::{Bundle, BundleItem, Loan, SharedFile, Value};
use super::paper::dates::minute;
use super::paper::field_words::field_word;
use super::paper::{PaperPage, WIDTH, filled, sender, sentence};
use crate::crypto::Document;
use crate::error::{Error, Result};
use crate::model::consent::asked::place;
use crate::model::consent::scope::SharedField;
use crate::model::entry::field::attachment_field;
use crate::model::people::fields::MeValues;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::secret::Secret;
use crate::model::text::visible::{is_unsafe, one_line};

const BEGIN: &str = "-----BEGIN VAULT SHARE-----";
const END: &str = "-----END VAULT SHARE-----";
/// What stands above and below a value of several lines.
const DASHES: &str = "----------------------------------------";
/// The fields that come first, as they are needed.
const FIRST: [&str; 3] = ["urls", "username", "secret"];
/// A larger file is only in the block, in bytes.
const SHOWN_FILE: usize = 64 << 10;

/// A letter and what it tells.
pub(super) struct Letter<'a> {
    /// What is shared.
    pub(super) bundle: &'a Bundle,
    /// Who shares it.
    pub(super) me: &'a MeValues,
}

/// The signed document that a letter ends with: the last one, since a value may look like one.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is none; [`crate::error::Kind::Integrity`] when it is
/// cut off.
pub fn document_in(text: &str) -> Result<Secret> {
    let none = || Error::usage("the file opens, but what is in it is no share");
    let at = (text.rmatch_indices(BEGIN)).find(|(at, _)| begins_line(text, *at));
    let (at, _) = at.ok_or_else(none)?;
    let block = text.get(at + BEGIN.len()..).unwrap_or_default();
    let broken = || Error::integrity("the share is cut off or was changed");
    let (block, _) = block.split_once(END).ok_or_else(broken)?;
    let mut packed = Zeroizing::new(String::with_capacity(block.len()));
    packed.extend(block.chars().filter(|c| !c.is_ascii_whitespace()));
    let bytes = STANDARD.decode(packed.as_bytes()).map_err(|_| broken())?;
    String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_| broken())
}

fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at)
        .is_some_and(|before| before.is_empty() || before.ends_with('\n'))
}

/// A document in the lines that [`document_in`] reads.
#[must_use]
pub fn block(document: &str) -> String {
    let packed = STANDARD.encode(document);
    let mut text = String::with_capacity(packed.len() + packed.len() / WIDTH + 64);
    text.push_str(BEGIN);
    for (at, c) in packed.chars().enumerate() {
        if at % WIDTH == 0 {
            text.push('\n');
        }
        text.push(c);
    }
    text.push('\n');
    text.push_str(END);
    text.push('\n');
    text
}

impl Letter<'_> {
    /// A letter of what is lent, with the document behind it. The terms are those of the loan, who
    /// allowed it, and by whose clocks it ends.
    ///
    /// # Errors
    /// As [`Document::to_json`], as with all that follow.
    pub(super) fn lent(
        &self,
        (loan, allowed_by, zone): (&Loan, &str, &TimeZone),
        document: &Document,
    ) -> Result<Secret> {
        let (bundle, lang) = (self.bundle, self.lang());
        let words = LetterWords::of(lang);
        let mut page = self.begun(words.title, words.opening);
        let purpose = sentence(&bundle.purpose);
        page.field(words.purpose, &format!("{purpose} {}", words.nothing_else));
        let place = place(zone, loan.expires);
        page.field(words.until, &minute(lang, loan.expires, zone, &place));
        page.field(words.allowed_by, &one_line(allowed_by));
        let duties: Vec<String> = loan.obligations.iter().map(|it| dashed(it)).collect();
        page.field(words.duties, &duties.join("\n"));
        if let Some(rules) = &loan.rules {
            let client = one_line(bundle.client.called());
            page.field(words.rules, &format!("{client}: \"{}\"", one_line(rules)));
        }
        page.gap();
        self.ended(page, "", words.how_to_answer, document)
    }

    /// A letter with which credentials are handed over to their owner, with the document behind it.
    pub(super) fn handed_over(&self, document: &Document) -> Result<Secret> {
        let words = HandOverWords::of(self.lang());
        let page = self.begun(words.title, words.opening);
        self.ended(page, words.closing, words.how_to_answer, document)
    }

    fn lang(&self) -> Lang {
        self.bundle.lang.parse().unwrap_or_default()
    }

    /// The title, and who gives what to whom.
    fn begun(&self, title: &str, opening: &str) -> PaperPage {
        let (bundle, mut from) = (self.bundle, sender(self.lang(), self.me));
        if from.is_empty() {
            from.clone_from(&bundle.sender.identity.fingerprint);
        }
        let mut page = PaperPage::default();
        page.line(&filled(title, &[("number", &number(bundle.share))]));
        page.gap();
        let to = one_line(bundle.recipient.called());
        let client = one_line(bundle.client.called());
        let values = [
            ("sender", from.as_str()),
            ("recipient", &to),
            ("client.", &sentence(&client)),
        ];
        page.paragraph(&filled(opening, &values));
        page.gap();
        page
    }

    /// What is in it, what is said of that, how to answer, and the document.
    fn ended(
        &self,
        mut page: PaperPage,
        closing: &str,
        how_to_answer: &str,
        document: &Document,
    ) -> Result<Secret> {
        let words = LetterWords::of(self.lang());
        for (at, item) in (1..).zip(&self.bundle.items) {
            item_lines(&mut page, self.lang(), at, item);
        }
        if !closing.is_empty() {
            page.paragraph(closing);
            page.gap();
        }
        let mail = self.me.email.as_deref().map(one_line);
        let mail = mail.unwrap_or_else(|| words.sender.to_owned());
        let number = number(self.bundle.share);
        let answer = [("number", number.as_str()), ("mail", &mail)];
        page.field(words.answer, &filled(how_to_answer, &answer));
        page.gap();
        page.paragraph(words.for_programs);
        page.gap();
        let mut text = page.into_text();
        text.push_str(&block(&document.to_json()?));
        Ok(Secret::new(text))
    }
}

fn dashed(text: &str) -> String {
    format!("- {}", one_line(text))
}

/// One credential: each value alone on its line, so that it can be copied.
fn item_lines(page: &mut PaperPage, lang: Lang, at: usize, item: &BundleItem) {
    page.line(&format!("{at}. \"{}\"", one_line(&item.name)));
    page.gap();
    let mut fields: Vec<(&String, &Value)> = item.fields.iter().collect();
    fields.sort_by_key(|(name, _)| {
        let first = FIRST.iter().position(|it| it == name);
        (
            first.unwrap_or(FIRST.len()),
            name.parse::<SharedField>().ok(),
        )
    });
    for (name, value) in fields {
        let label = match name.parse::<SharedField>() {
            Ok(field) => field_word(lang, &field),
            Err(_) => one_line(name),
        };
        match value {
            Value::Text(text) => value_lines(page, lang, &label, text.expose()),
            Value::List(texts) => {
                for text in texts {
                    value_lines(page, lang, &label, text);
                }
            }
        }
    }
    for file in &item.attachments {
        file_lines(page, lang, file);
    }
}

/// A label, and below it the value; one of several lines between dashes.
fn value_lines(page: &mut PaperPage, lang: Lang, label: &str, value: &str) {
    let shown = spelt(value);
    let words = LetterWords::of(lang);
    let note = if shown == value { "" } else { words.hidden };
    page.line(&format!("{label}{note}:"));
    if shown.contains('\n') {
        page.exact(DASHES);
        page.exact(shown.strip_suffix('\n').unwrap_or(&shown));
        page.exact(DASHES);
    } else {
        page.exact(&shown);
    }
    page.gap();
}

/// A file of text as a value; another is only in the block.
fn file_lines(page: &mut PaperPage, lang: Lang, file: &SharedFile) {
    let name = one_line(&file.name);
    let label = match attachment_field(&file.name).parse::<SharedField>() {
        Ok(field) => field_word(lang, &field),
        Err(_) => name,
    };
    let bytes = file.content.bytes();
    let text = std::str::from_utf8(bytes).ok();
    if let Some(text) = text.filter(|text| text.len() <= SHOWN_FILE && spelt(text) == *text) {
        value_lines(page, lang, &label, text);
        return;
    }
    let (words, size) = (LetterWords::of(lang), bytes.len().to_string());
    let values = [("file", label.as_str()), ("size", &size)];
    page.paragraph(&filled(words.only_below, &values));
    page.gap();
}

/// A text of several lines, with what a terminal could obey spelt out.
fn spelt(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            c if is_unsafe(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{block, document_in};
    use crate::error::Kind;

    #[test]
    fn the_last_block_of_a_letter_counts() {
        let (real, forged) = (block("{\"real\":1}"), block("{\"forged\":1}"));
        let letter = format!("notes:\n----\n{forged}----\n\n{real}");
        assert_eq!(document_in(&letter).unwrap().expose(), "{\"real\":1}");
        let mailed = letter.replace('\n', "\r\n");
        assert_eq!(document_in(&mailed).unwrap().expose(), "{\"real\":1}");
        assert!(real.lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn what_is_cut_off_or_no_letter_is_called_that() {
        let kind = |text: &str| document_in(text).unwrap_err().kind();
        for none in ["", "hunter2", "{}", " -----BEGIN VAULT SHARE-----\nQQ==\n"] {
            assert_eq!(kind(none), Kind::Usage, "{none}");
        }
        let text = block("{}");
        for cut in [
            &text[..text.len() - 8],
            "-----BEGIN VAULT SHARE-----\n*\n-----END VAULT SHARE-----",
        ] {
            assert_eq!(kind(cut), Kind::Integrity);
        }
    }
}
