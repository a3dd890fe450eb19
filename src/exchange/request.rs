//! The request for a permission: a plain text of a page, in the client's language, that can be
//! answered by mail and signed as it is. It names what the client knows: hosts, users and people.
//! All of it is made of the terms, so that it can be written again from them, word for word. Its
//! last lines are for machines: the whole id, the end to the second, the hash of the terms and the
//! recipients' keys.

pub mod confirmation;
mod lang;

use jiff::tz::TimeZone;
use lang::{ChangeWords, Words};
use unicode_width::UnicodeWidthStr;
use uuid::Uuid;

use super::paper::dates::day;
use super::paper::field_words::field_word;
use super::paper::{PaperPage, WIDTH, address, filled, sender, sentence};
use crate::crypto::recipient_fingerprint;
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::{AgreedEntry, AgreedRecipient, AgreedTerms, terms_hash};
use crate::model::consent::asked::{AgreementDay, Asked};
use crate::model::consent::replaced::ReplacedPermission;
use crate::model::consent::requests::FIRST_MACHINE_LINE;
use crate::model::consent::scope::SharedField;
use crate::model::entry::fields::EntryField;
use crate::model::records::record_id::number;
use crate::model::sharing::duties::Duties;
use crate::model::text::lang::Lang;
use crate::model::text::pattern::Pattern;
use crate::model::text::text_file::unix_lines;
use crate::model::text::visible::one_line;

/// The command that signs a request, up to the file's name.
const SIGN: &str = "ssh-keygen -Y sign -n vault-consent -f KEY ";
/// What a signature over a request is good for.
pub const NAMESPACE: &str = "vault-consent";

/// A request as it is printed.
struct Paper<'a> {
    terms: &'a AgreedTerms,
    json: &'a str,
    asked: &'a Asked,
    lang: Lang,
    zone: TimeZone,
    words: &'static Words,
}

/// The text that asks for these terms, with the line break at its end.
///
/// # Errors
/// [`crate::error::Kind::Failed`] where the terms are none that were asked for; as
/// [`AgreedTerms::to_json`].
pub fn text(terms: &AgreedTerms) -> Result<String> {
    let json = terms.to_json()?;
    let paper = Paper::of(terms, &json);
    let paper = paper.ok_or_else(|| Error::failed("these terms were not asked for on a paper"))?;
    Ok(paper.text())
}

/// What the file of a request is called.
#[must_use]
pub fn file_name(id: Uuid) -> String {
    format!("consent-{}.txt", number(id))
}

/// Whether a signed text is exactly the request for these terms, apart from line ends, which a mail
/// may change. `json` is the serialised form of the terms, whose hash the request states.
#[must_use]
pub fn states(text: &str, terms: &AgreedTerms, json: &str) -> bool {
    let text = &*unix_lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    // Every paper says that nothing may be passed on.
    !terms.onward_sharing && Paper::of(terms, json).is_some_and(|paper| paper.text() == text)
}

impl<'a> Paper<'a> {
    fn of(terms: &'a AgreedTerms, json: &'a str) -> Option<Self> {
        let asked = terms.asked.as_ref()?;
        let lang = asked.lang()?;
        Some(Self {
            terms,
            json,
            asked,
            lang,
            zone: asked.zone()?,
            words: Words::of(lang),
        })
    }

    fn text(&self) -> String {
        let (terms, words) = (self.terms, self.words);
        let number = number(terms.consent);
        let number = [("number", number.as_str())];
        let mut page = PaperPage::default();
        page.line(&filled(words.title, &number));
        page.gap();
        page.paragraph(&self.opening());
        if let Some(old) = &self.asked.replaces {
            page.paragraph(&self.replacing(old));
        }
        page.gap();
        page.field(words.who, &self.recipients());
        page.field(words.what, &self.items());
        let purpose = sentence(&terms.purpose());
        page.field(words.purpose, &format!("{purpose} {}", words.nothing_else));
        page.field(words.until, &self.minute(terms.expires));
        page.field(words.then, &self.then());
        page.field(words.duties, &self.duties());
        page.field(words.not_included, &self.not_included());
        page.gap();
        page.field(words.answer, &filled(words.how_to_answer, &number));
        page.field(words.mind, &self.change_of_mind());
        page.field(words.copy, words.what_comes_back);
        page.gap();
        self.signing(&mut page);
        if !self.asked.private {
            page.paragraph(&self.law());
        }
        self.machine_lines(&mut page);
        page.into_text()
    }

    fn opening(&self) -> String {
        let sender = sender(self.lang, &self.asked.by);
        let client = one_line(&self.terms.client.name);
        let values = [
            ("sender", sender.as_str()),
            ("client", &client),
            ("client.", &sentence(&client)),
            ("day", &day(self.lang, self.asked.answer_by)),
        ];
        filled(self.words.opening, &values)
    }

    /// Which permission this one is to take the place of, and what a no means for that.
    fn replacing(&self, old: &ReplacedPermission) -> String {
        let words = self.words;
        let until = old.until.map(|until| {
            let until = day(self.lang, until);
            format!(" {}", filled(words.until_then, &[("day", &until)]))
        });
        self.of_old(words.replaces, old) + &until.unwrap_or_default()
    }

    /// A sentence on the permission that this one is to take the place of.
    fn of_old(&self, template: &str, old: &ReplacedPermission) -> String {
        let (number, made) = (number(old.consent), day(self.lang, old.made));
        filled(template, &[("number", &number), ("day", &made)])
    }

    fn recipients(&self) -> String {
        let several = self.terms.recipients.len() > 1;
        let all = (1..).zip(&self.terms.recipients).map(|(at, one)| {
            let about = self.recipient(one);
            if several {
                format!("{at}. {about}")
            } else {
                about
            }
        });
        all.collect::<Vec<_>>().join("\n")
    }

    fn recipient(&self, one: &AgreedRecipient) -> String {
        let described = one.described.iter().map(|part| address(self.lang, part));
        let all = std::iter::once(one_line(&one.called())).chain(described);
        let about = sentence(&all.collect::<Vec<_>>().join(", "));
        let works = &self.words.works_for_me;
        let (bound, date) = match one.agreement {
            Some(AgreementDay::Made(date)) => (works.agreed, Some(date)),
            Some(AgreementDay::Filed(date)) => (works.filed, Some(date)),
            None => (works.unbound, None),
        };
        let date = date.map(|date| day(self.lang, date)).unwrap_or_default();
        format!("{about} {}", filled(bound, &[("day", &date)]))
    }

    /// The entries by name, host and user, and what patterns cover.
    fn items(&self) -> String {
        let terms = self.terms;
        let mut items: Vec<String> = Vec::new();
        for entry in &terms.entries {
            let at = items.len() + 1;
            let parts = self.parts();
            let without = self.without(|it| it.entry == entry.entry);
            items.push(match self.place(entry) {
                Some(place) => format!(
                    "{at}. {}\n   {place}:\n   {parts}{without}",
                    self.name(&entry.path)
                ),
                None => format!("{at}. {}:\n   {parts}{without}", self.name(&entry.path)),
            });
        }
        for pattern in &terms.patterns {
            items.push(format!("{}. {}", items.len() + 1, self.pattern(pattern)));
        }
        items.join("\n")
    }

    fn pattern(&self, text: &str) -> String {
        let all = &self.words.pattern;
        let pattern: Option<Pattern> = text.parse().ok();
        let fits = |entry: &AgreedEntry| pattern.as_ref().is_some_and(|it| it.matches(&entry.path));
        let covered: Vec<String> = (self.terms.covered.iter().filter(|it| fits(it)))
            .map(|entry| {
                let place = self.place(entry).map(|place| format!("\n     {place}"));
                format!(
                    "   - {}{}",
                    self.name(&entry.path),
                    place.unwrap_or_default()
                )
            })
            .collect();
        let name = self.name(text);
        let is_any = pattern.as_ref().is_some_and(Pattern::is_any);
        let words = if is_any { &all.any } else { &all.named };
        let head = if covered.is_empty() {
            words.nothing_today
        } else {
            words.today
        };
        let head = filled(head, &[("pattern", &name)]);
        let stars = if text.contains("**") {
            all.stars
        } else {
            all.star
        };
        let parts = self.parts();
        let values = [("parts", &*parts), ("pattern", &name), ("stars", stars)];
        let later = filled(words.later, &values);
        let lines = std::iter::once(head).chain(covered);
        let lines = lines.chain([format!("   {later}")]);
        lines.collect::<Vec<_>>().join("\n") + &self.without(fits)
    }

    /// What was taken out of the permission that this one is to take the place of, as far as it is
    /// `meant`: a line each.
    fn without(&self, meant: impl Fn(&AgreedEntry) -> bool) -> String {
        let out = self.terms.except.iter().filter(|out| meant(&out.entry));
        let lines = out.map(|out| {
            let who: Vec<String> = out.recipients.iter().map(|it| one_line(it)).collect();
            let words = match who.as_slice() {
                [] => self.words.without,
                _ => self.words.without_for,
            };
            let (name, who) = (self.name(&out.entry.path), who.join(", "));
            let line = filled(words, &[("name", &name), ("who", &who)]);
            format!("\n   {line}")
        });
        lines.collect()
    }

    /// What an entry is called below its client, in quotes.
    fn name(&self, path: &str) -> String {
        let slug = format!("{}/", self.terms.client.slug);
        format!("\"{}\"", one_line(path.strip_prefix(&slug).unwrap_or(path)))
    }

    /// Where one logs in, and whom as.
    fn place(&self, entry: &AgreedEntry) -> Option<String> {
        let user = entry.username.iter();
        let user = user.map(|user| format!("{} \"{}\"", self.words.user, one_line(user)));
        let urls = entry.urls.iter().map(|url| one_line(url));
        let all: Vec<String> = urls.chain(user).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// Which fields are given.
    fn parts(&self) -> String {
        let named = self.terms.fields.iter().map(|text| match text.parse() {
            Ok(field) => field_word(self.lang, &field),
            Err(_) => one_line(text),
        });
        let usual = [
            SharedField::Secret,
            SharedField::Field(EntryField::Username),
            SharedField::Field(EntryField::Urls),
        ];
        let all: Vec<String> = if self.terms.fields.is_empty() {
            usual
                .iter()
                .map(|field| field_word(self.lang, field))
                .collect()
        } else {
            named.collect()
        };
        all.join(", ")
    }

    fn has(&self, is_it: impl Fn(&SharedField) -> bool) -> bool {
        let named = self
            .terms
            .fields
            .iter()
            .filter_map(|text| text.parse().ok());
        named.into_iter().any(|field| is_it(&field))
    }

    /// The words for what happens to what was shared.
    fn changes(&self, words: &ChangeWords) -> &'static str {
        let terms = self.terms;
        // A field of the entry's own may be hidden.
        let is_open = |field: &SharedField| matches!(field, SharedField::Field(it) if *it != EntryField::Notes);
        let several = terms.entries.len() + 2 * terms.patterns.len() > 1;
        if terms.fields.is_empty() || self.has(|field| *field == SharedField::Secret) {
            return if several {
                words.passwords
            } else {
                words.password
            };
        }
        if self.has(|field| !is_open(field)) {
            words.other
        } else {
            words.nothing
        }
    }

    /// The words for one recipient, by name, or for several.
    fn who(&self, words: &lang::Number) -> String {
        match self.terms.recipients.as_slice() {
            [one] => {
                let name = one.full_name.as_ref().unwrap_or(&one.name);
                filled(words.one, &[("who", &one_line(name))])
            }
            _ => words.several.to_owned(),
        }
    }

    fn then(&self) -> String {
        let changes = self.changes(&self.words.then_changes);
        format!("{} {changes}", self.who(&self.words.deletes))
    }

    fn duties(&self) -> String {
        let rules = self.asked.rules.iter().map(|rules| {
            let rules = one_line(rules);
            filled(self.words.rules, &[("rules", &rules)])
        });
        let duties = Duties::from_texts(&self.asked.duties).in_one_sentence(self.lang);
        let all: Vec<String> = std::iter::once(duties).chain(rules).collect();
        all.join(" ").trim().to_owned()
    }

    fn not_included(&self) -> String {
        let left = &self.words.left_out;
        let has_file = self.has(|field| matches!(field, SharedField::Attachment(_)));
        let files = if has_file {
            left.other_files
        } else {
            left.files
        };
        let notes = SharedField::Field(EntryField::Notes);
        let all = [
            (!self.has(|field| *field == SharedField::Totp), left.codes),
            (!self.has(|field| *field == notes), left.notes),
            (true, files),
            (true, left.older),
        ];
        let all = all.iter().filter(|(is_left, _)| *is_left);
        let all: Vec<&str> = all.map(|(_, what)| *what).collect();
        format!("{}: {}.", self.words.else_, all.join(", "))
    }

    fn change_of_mind(&self) -> String {
        let [mail, mail_or_phone] = self.words.ways;
        let by_phone = self.asked.by.phone.is_some();
        let ways = if by_phone { mail_or_phone } else { mail };
        let how = filled(self.words.how_to_withdraw, &[("ways", ways)]);
        let known = self.who(&self.words.stays_known);
        format!("{how} {known}{}", self.changes(&self.words.so_it_changes))
    }

    /// How to sign, for who has a key.
    fn signing(&self, page: &mut PaperPage) {
        let Some(file) = self.asked.sign.as_deref().map(one_line) else {
            return;
        };
        page.paragraph(self.words.sign);
        page.gap();
        if SIGN.width() + file.width() <= WIDTH {
            page.line(&format!("{SIGN}{file}"));
        } else {
            page.line(&format!("{SIGN}\\"));
            // A longer name would be broken, which no shell could read.
            let fits = file.width() + 2 <= WIDTH;
            page.line(&format!("  {}", if fits { &file } else { "FILE" }));
        }
        page.gap();
        page.paragraph(self.words.after_signing);
        page.gap();
    }

    fn law(&self) -> String {
        let [undated, dated] = self.words.under_agreement;
        let under = match self.asked.agreement {
            Some(AgreementDay::Made(date)) => filled(dated, &[("day", &day(self.lang, date))]),
            Some(AgreementDay::Filed(_)) => undated.to_owned(),
            None => String::new(),
        };
        filled(self.words.in_law, &[("agreement", &under)])
    }

    /// The terms once more, in full and for machines.
    fn machine_lines(&self, page: &mut PaperPage) {
        let terms = self.terms;
        page.line(&format!("{FIRST_MACHINE_LINE}{}", terms.consent));
        page.line(&format!("until {}", terms.expires));
        page.line(&format!("terms {}", terms_hash(self.json)));
        for key in terms.recipients.iter().flat_map(|one| &one.keys) {
            page.line(&format!("key {}", recipient_fingerprint(key)));
        }
    }
}
