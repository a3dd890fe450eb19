//! The request for a consent: a plain text of a page at most, in the client's language, that is
//! signed as it is. It says who asks, what exactly is to be given to whom, what for and until
//! when, what is not covered, how to sign and how to withdraw. Its last lines are for machines: the
//! whole id, the end to the second, the hash of the terms and the recipient's keys.

mod lang;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lang::Words;
use uuid::Uuid;

use super::identity::PublicIdentity;
use crate::crypto::recipient_fingerprint;
use crate::error::Result;
use crate::model::consent::agreed_terms::{AgreedRecipient, AgreedTerms, terms_hash};
use crate::model::consent::scope::SharedField;
use crate::model::records::record_id::short;
use crate::model::text::text_file::unix_lines;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

pub use lang::Lang;

/// Where lines are broken, in characters.
const WIDTH: usize = 78;
/// The command that signs a request, up to the file's name.
const SIGN: &str = "    ssh-keygen -Y sign -n vault-consent -f ~/.ssh/id_ed25519 ";
/// What a signature over a request is good for.
pub const NAMESPACE: &str = "vault-consent";

/// What a request says beside its terms.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What is asked for, under the id that the consent will have.
    pub terms: &'a AgreedTerms,
    /// The client's language.
    pub lang: Lang,
    /// Who asks, as the client knows them.
    pub asker: Option<&'a str>,
    /// When.
    pub now: Timestamp,
    /// What the file of the text is called.
    pub file: &'a str,
}

/// A request as it is printed: the terms, and what stands beside them.
struct Paper<'a> {
    terms: &'a AgreedTerms,
    json: &'a str,
    words: &'static Words,
    date: &'a str,
    from: &'a str,
    file: &'a str,
}

impl Request<'_> {
    /// The text, with the line break at its end.
    ///
    /// # Errors
    /// As [`PublicIdentity::of`] and [`AgreedTerms::to_json`].
    pub fn text(&self, vault: &Vault) -> Result<String> {
        let words = self.lang.words();
        let paper = Paper {
            terms: self.terms,
            json: &self.terms.to_json()?,
            words,
            date: &day(self.now),
            from: &self.asker(vault, words)?,
            file: self.file,
        };
        Ok(paper.text())
    }

    fn asker(&self, vault: &Vault, words: &Words) -> Result<String> {
        let fingerprint = PublicIdentity::of(vault)?.fingerprint;
        let who = self.asker.map(one_line);
        let who = who.as_deref().unwrap_or(words.keeper);
        Ok(format!("{who} (vault {fingerprint})"))
    }
}

impl Paper<'_> {
    fn text(&self) -> String {
        let words = self.words;
        let mut page = Page::default();
        page.line(words.title);
        page.gap();
        page.field(words.number, &self.terms.consent.to_string());
        page.field(words.date, self.date);
        page.field(words.from, self.from);
        page.addressee(self.terms, words);
        page.gap();
        page.paragraph(words.opening);
        page.gap();
        page.terms(self.terms, words);
        page.gap();
        for paragraph in self.explanations() {
            page.paragraph(paragraph);
            page.gap();
        }
        page.paragraph(words.sign);
        page.gap();
        page.line(&format!("{SIGN}{}", self.file));
        page.gap();
        page.paragraph(words.after_signing);
        page.gap();
        page.machine_lines(self.terms, self.json);
        page.text
    }

    fn explanations(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        if !self.terms.patterns.is_empty() {
            all.push(self.words.about_patterns);
        }
        all.push(self.words.not_covered);
        all.push(self.words.withdraw);
        all
    }
}

/// What the file of a request is called.
#[must_use]
pub fn file_name(id: Uuid) -> String {
    format!("consent-{}.txt", short(id))
}

/// Whether a signed text is exactly the request for these terms, apart from line ends, which a mail
/// may change. `json` is the serialised form of the terms, whose hash the request states.
#[must_use]
pub fn states(text: &str, terms: &AgreedTerms, json: &str) -> bool {
    let text = &*unix_lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    // Every paper says that nothing may be passed on.
    !terms.onward_sharing
        && Lang::ALL.iter().any(|lang| {
            let words = lang.words();
            let read = Besides::read(text, words);
            read.is_some_and(|besides| {
                let paper = Paper {
                    terms,
                    json,
                    words,
                    date: besides.date,
                    from: &besides.from,
                    file: besides.file,
                };
                paper.text() == text
            })
        })
}

/// What stands in a request beside its terms.
struct Besides<'a> {
    date: &'a str,
    from: String,
    file: &'a str,
}

impl<'a> Besides<'a> {
    fn read(text: &'a str, words: &Words) -> Option<Self> {
        let date = text
            .lines()
            .find_map(|line| line.strip_prefix(words.date))?;
        let from = text
            .lines()
            .skip_while(|line| !line.starts_with(words.from));
        let from = from.take_while(|line| !line.starts_with(words.to));
        let from: Vec<&str> = from.flat_map(str::split_whitespace).collect();
        let file = text.lines().find_map(|line| line.strip_prefix(SIGN))?;
        Some(Self {
            date: date.trim(),
            from: from.get(1..)?.join(" "),
            file,
        })
    }
}

fn day(time: Timestamp) -> String {
    written(time, "%Y-%m-%d")
}

/// To the second, since it is what is signed that holds.
fn second(time: Timestamp) -> String {
    written(time, "%Y-%m-%d %H:%M:%S UTC")
}

fn written(time: Timestamp, form: &str) -> String {
    time.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

/// Which fields it is limited to.
fn parts(terms: &AgreedTerms, words: &Words) -> String {
    if terms.fields.is_empty() {
        return words.all_parts.to_owned();
    }
    let called = |text: &String| match text.parse::<SharedField>() {
        Ok(field) => words.field(&field),
        Err(_) => one_line(text),
    };
    let fields: Vec<String> = terms.fields.iter().map(called).collect();
    format!("{} {}", words.only, fields.join(", "))
}

/// A text that is written from the top.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Where values stand.
    const INDENT: usize = 12;

    /// Whose permission is asked for.
    fn addressee(&mut self, terms: &AgreedTerms, words: &Words) {
        let (name, slug) = (one_line(&terms.client.name), one_line(&terms.client.slug));
        let named = if name == slug {
            name
        } else {
            format!("{name} ({slug})")
        };
        self.field(words.to, &named);
    }

    /// What exactly is asked for.
    fn terms(&mut self, terms: &AgreedTerms, words: &Words) {
        let who = terms.recipients.iter().map(|one| one_line(&one.described));
        self.field(words.who, &who.collect::<Vec<_>>().join("\n"));
        let entries = terms.entries.iter().map(|it| one_line(&it.path));
        let patterns = (terms.patterns.iter())
            .map(|pattern| format!("{} ({})", one_line(pattern), words.pattern));
        let what: Vec<String> = entries.chain(patterns).collect();
        self.field(words.what, &what.join("\n"));
        self.field(words.parts, &parts(terms, words));
        self.field(words.purpose, &one_line(&terms.purpose()));
        self.field(words.until, &second(terms.expires));
    }

    /// The terms once more, in full and for machines. A line has no more than 64 characters, which
    /// survive a mail.
    fn machine_lines(&mut self, terms: &AgreedTerms, json: &str) {
        self.line(&format!("vault-request 1 {}", terms.consent));
        self.line(&format!("until {}", terms.expires));
        self.line(&format!("terms {}", terms_hash(json)));
        let keys = |one: &AgreedRecipient| one.keys.clone();
        for key in terms.recipients.iter().flat_map(keys) {
            self.line(&format!("key {}", recipient_fingerprint(&key)));
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrapped(text, WIDTH) {
            self.line(&line);
        }
    }

    /// A label, and what it is; further lines stand below the first.
    fn field(&mut self, label: &str, value: &str) {
        let width = WIDTH - Self::INDENT;
        let lines = value.split('\n').flat_map(|line| wrapped(line, width));
        for (at, line) in lines.enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(&format!("{label:<0$}{line}", Self::INDENT));
        }
    }
}

/// The words of a text in lines of `width` characters. A longer word is broken: left whole, it
/// would be broken where it is read, and a piece of it could pass for a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        let word = &*word;
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A word in pieces of `width` characters.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters
        .chunks(width)
        .map(|piece| piece.iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Page, WIDTH, wrapped};

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = "a bb  ccc\ndddd";
        assert_eq!(wrapped(text, 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped(text, 2), ["a", "bb", "cc", "c", "dd", "dd"]);
        assert!(wrapped("", 6).is_empty());
    }

    #[test]
    fn further_lines_of_a_value_stand_below_the_first() {
        let mut page = Page::default();
        page.field("What:", &format!("one\n{}", "two ".repeat(20)));
        let lines: Vec<&str> = page.text.lines().collect();
        assert_eq!(lines[0], "What:       one");
        assert!(lines[1].starts_with("            two two"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
        assert_eq!(lines.len(), 3);
    }
}
