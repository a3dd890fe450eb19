//! The request for a consent: a plain text of a page at most, in the client's language, that is
//! signed as it is. It says who asks, what exactly is to be given to whom, what for and until
//! when, what is not covered, how to sign and how to withdraw.

mod lang;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::identity::PublicIdentity;
use crate::error::Result;
use crate::model::consent_changes::Terms;
use crate::model::contact::Contact;
use crate::model::record_id::short;
use crate::model::scope::{ScopeItem, SharedField};
use crate::model::vault::Vault;
use crate::model::visible::one_line;

pub use lang::Lang;

use lang::Words;

/// Where lines are broken, in characters.
const WIDTH: usize = 78;
/// What a signature over a request is good for.
pub const NAMESPACE: &str = "vault-consent";

/// What a request says beside its terms.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The id that the consent will have.
    pub id: Uuid,
    /// What is asked for.
    pub terms: &'a Terms,
    /// The client's language.
    pub lang: Lang,
    /// Who asks, as the client knows them.
    pub asker: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

impl Request<'_> {
    /// The text, with the line break at its end.
    ///
    /// # Errors
    /// As [`Vault::known_client`] and [`PublicIdentity::of`].
    pub fn text(&self, vault: &Vault) -> Result<String> {
        let words = self.lang.words();
        let client = vault.known_client(&self.terms.client)?;
        let contact = vault.known_contact(&self.terms.to)?;
        let mut page = Page::default();
        page.line(words.title);
        page.gap();
        page.field(words.number, &self.id.to_string());
        page.field(words.date, &day(self.now));
        page.field(words.from, &self.asker(vault, words)?);
        page.field(words.to, &one_line(client.called()));
        page.gap();
        page.paragraph(words.opening);
        page.gap();
        page.field(words.who, &person(contact));
        page.field(words.what, &self.scope(words));
        page.field(words.parts, &self.parts(words));
        page.field(words.purpose, &one_line(&self.terms.purpose));
        page.field(words.until, &second(self.terms.expires));
        page.gap();
        for paragraph in self.explanations(words) {
            page.paragraph(paragraph);
            page.gap();
        }
        page.paragraph(words.sign);
        page.gap();
        page.line(&format!(
            "    ssh-keygen -Y sign -n {NAMESPACE} -f ~/.ssh/id_ed25519 {}",
            file_name(self.id)
        ));
        page.gap();
        page.paragraph(words.after_signing);
        Ok(page.text)
    }

    fn asker(&self, vault: &Vault, words: &Words) -> Result<String> {
        let fingerprint = PublicIdentity::of(vault)?.fingerprint;
        let who = self.asker.map(one_line);
        let who = who.as_deref().unwrap_or(words.keeper);
        Ok(format!("{who} (vault {fingerprint})"))
    }

    fn scope(&self, words: &Words) -> String {
        let item = |item: &ScopeItem| match item {
            ScopeItem::Entry(path) => path.to_string(),
            ScopeItem::Pattern(pattern) => format!("{pattern} ({})", words.pattern),
        };
        let items: Vec<String> = self.terms.scope.iter().map(item).collect();
        items.join("\n")
    }

    fn parts(&self, words: &Words) -> String {
        if self.terms.fields.is_empty() {
            return words.all_parts.to_owned();
        }
        let fields = self.terms.fields.iter().map(|field| words.field(field));
        format!("{} {}", words.only, fields.collect::<Vec<_>>().join(", "))
    }

    fn explanations<'w>(&self, words: &'w Words) -> Vec<&'w str> {
        let patterns = |item: &ScopeItem| matches!(item, ScopeItem::Pattern(_));
        let mut all = Vec::new();
        if self.terms.scope.iter().any(patterns) {
            all.push(words.about_patterns);
        }
        all.push(words.not_covered);
        all.push(words.withdraw);
        all
    }
}

/// What the file of a request is called.
#[must_use]
pub fn file_name(id: Uuid) -> String {
    format!("consent-{}.txt", short(id))
}

/// Whether a text states this number and this end, in the lines that a request has for them.
#[must_use]
pub fn states(text: &str, id: Uuid, end: Timestamp) -> bool {
    let has = |label: &str, value: &str| {
        let mut page = Page::default();
        page.field(label, value);
        text.lines().any(|line| line == page.text.trim_end())
    };
    Lang::ALL.iter().any(|lang| {
        let words = lang.words();
        has(words.number, &id.to_string()) && has(words.until, &second(end))
    })
}

fn person(contact: &Contact) -> String {
    let role = contact.role.value().map(|role| one_line(role));
    let emails = contact.emails().iter().map(|email| one_line(email));
    let all = std::iter::once(contact.name().to_owned()).chain(role);
    all.chain(emails).collect::<Vec<_>>().join(", ")
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

/// A text that is written from the top.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Where values stand.
    const INDENT: usize = 12;

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

/// The words of a text in lines of `width` characters; a longer word stands alone.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
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

#[cfg(test)]
mod tests {
    use super::{Page, WIDTH, wrapped};

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = "a bb  ccc\ndddd";
        assert_eq!(wrapped(text, 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped(text, 1), ["a", "bb", "ccc", "dddd"]);
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
