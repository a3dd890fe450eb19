//! The record of processing that a processor keeps (GDPR Art. 30(2)), and the list of approved
//! sub-processors for one client. There is no secret in them.

mod lang;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lang::RecordWords;

use super::paper::dates::{day, minute};
use super::paper::signed::SignedPage;
use super::paper::{PaperPage, address, filled, sender, sentence};
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::people::fields::MeValues;
use crate::model::people::processing::{ClientProcessing, PermittedUse, SubProcessor};
use crate::model::records::client::{Client, ClientRole};
use crate::model::records::record_id::number;
use crate::model::text::country::{Place, country_name};
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature is good for.
const NAMESPACE: &str = "vault-records";

/// How a page says things: in which language, and when.
struct RecordsTelling<'a> {
    vault: &'a Vault,
    lang: Lang,
    words: &'static RecordWords,
    now: Timestamp,
    zone: &'a TimeZone,
    /// Whether it is for the client alone, so that no other may be named.
    is_annex: bool,
}

/// The record of all that is done on behalf of clients, or the list for `annex_of` alone.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn write(
    vault: &Vault,
    all: &[ClientProcessing<'_>],
    annex_of: Option<&Client>,
    (lang, now, zone): (Lang, Timestamp, &TimeZone),
) -> Result<SignedPage> {
    let words = RecordWords::of(lang);
    let telling = RecordsTelling {
        vault,
        lang,
        words,
        now,
        zone,
        is_annex: annex_of.is_some(),
    };
    let mut page = PaperPage::default();
    telling.head(&mut page, annex_of);
    for it in all {
        page.gap();
        telling.client(&mut page, it)?;
    }
    if all.is_empty() {
        page.gap();
        page.paragraph(words.nobody);
    }
    page.gap();
    if annex_of.is_none() {
        page.field(words.measures, words.see_measures);
        page.gap();
    }
    page.line(&format!("vault-records 1 {}", number(vault.vault_id)));
    if let Some(client) = annex_of {
        page.line(&format!("client {}", client.slug()));
    }
    page.line(&format!("made {now}"));
    SignedPage::of(vault, NAMESPACE, page)
}

impl RecordsTelling<'_> {
    fn day(&self, time: Timestamp) -> String {
        day(self.lang, time.to_zoned(self.zone.clone()).date())
    }

    fn head(&self, page: &mut PaperPage, annex_of: Option<&Client>) {
        let me = sender(self.lang, &MeValues::of(&self.vault.me));
        let who = match (me.is_empty(), self.lang) {
            (false, _) => me.as_str(),
            (true, Lang::En) => "Whoever has signed this",
            (true, Lang::De) => "Wer dies unterzeichnet hat,",
        };
        let at = minute(
            self.lang,
            self.now,
            self.zone,
            &one_line(&place(self.zone, self.now)),
        );
        let words = self.words;
        let Some(client) = annex_of else {
            page.line(words.title);
            page.line(words.law);
            page.gap();
            page.paragraph(&filled(words.opening, &[("who", who), ("at", &at)]));
            page.gap();
            page.field(words.processor, who);
            return;
        };
        let called = one_line(client.called());
        let agreed = client.agreed_on.value().map(|on| day(self.lang, *on));
        page.line(words.annex_title);
        let template = match agreed {
            Some(_) => words.annex_to_agreement,
            None => words.annex_to,
        };
        let agreed = agreed.unwrap_or_default();
        page.paragraph(&filled(template, &[("client", &called), ("day", &agreed)]));
        page.gap();
        let values = [("who", who), ("client", called.as_str()), ("at", &at)];
        page.paragraph(&filled(words.annex_opening, &values));
    }

    fn client(&self, page: &mut PaperPage, it: &ClientProcessing<'_>) -> Result<()> {
        let (words, client) = (self.words, it.client);
        let called = one_line(client.called());
        if !self.is_annex {
            page.field(words.client, &reached(client));
            self.what(page, it);
            page.field(
                words.since,
                &filled(words.since_when, &[("day", &self.day(client.created))]),
            );
            let agreed = client.agreed_on.value().map(|on| day(self.lang, *on));
            let filed = || client.agreement().map(|file| self.day(file.created));
            let agreed = match agreed.or_else(filed) {
                Some(day) => filled(words.agreed, &[("day", &day)]),
                None => words.not_agreed.to_owned(),
            };
            page.field(words.agreement, &agreed);
            let end = match (client.records_until(), client.retain_until()) {
                (Some(end), _) => filled(words.records_until, &[("day", &self.day(end))]),
                (None, Some(end)) => filled(words.kept_until, &[("day", &self.day(end))]),
                (None, None) => words.no_end.to_owned(),
            };
            page.field(words.end, &end);
        }
        let mut others = Vec::new();
        for (at, other) in (1..).zip(&it.approved) {
            others.push(format!("{at}. {}", self.other(client, other)?));
        }
        if others.is_empty() {
            others.push(words.no_others.to_owned());
        }
        page.field(words.others, &others.join("\n"));
        if !it.former.is_empty() {
            let names = names(it.former.iter());
            page.field(words.before, &filled(words.can_know, &[("names", &names)]));
        }
        if !it.approved.is_empty() || !it.former.is_empty() {
            page.field(words.transfers, &self.transfers(it, &called));
        }
        Ok(())
    }

    fn what(&self, page: &mut PaperPage, it: &ClientProcessing<'_>) {
        let words = self.words;
        if let Some(closed) = it.client.closed() {
            let closed = filled(words.closed, &[("day", &self.day(closed))]);
            page.field(words.what, &closed);
            return;
        }
        let count = it.entries.to_string();
        let mut what = match it.entries {
            1 => words.one_entry.to_owned(),
            _ => filled(words.entries, &[("count", &count)]),
        };
        let role = it.client.role.value().and_then(|role| role.parse().ok());
        if role == Some(ClientRole::Processor) {
            what = format!("{what}\n{}", words.works_for_controllers);
        }
        page.field(words.what, &what);
    }

    /// Who somebody is, what they are permitted, and by which agreement they are bound.
    fn other(&self, client: &Client, it: &SubProcessor<'_>) -> Result<String> {
        let words = self.words;
        let contact = it.contact;
        let own_words = |text: &str| -> Result<Option<String>> {
            // On a page for one client none of another stands.
            let names_other =
                self.is_annex && self.vault.other_client_in(text, client.id)?.is_some();
            Ok((!names_other).then(|| one_line(text)))
        };
        let country = contact.country.value().map(|it| country_name(it));
        let texts = [&contact.role, &contact.firm, &contact.address];
        let texts = texts.into_iter().filter_map(|cell| cell.value());
        let mut about = Vec::new();
        for text in texts.map(String::as_str).chain(country) {
            about.extend(own_words(&address(self.lang, text))?);
        }
        let mut told = full_name(it);
        if !about.is_empty() {
            told = format!("{told} ({})", about.join(", "));
        }
        let mut parts = Vec::new();
        for used in &it.permitted {
            let purpose = own_words(&used.purpose)?;
            parts.push(self.permitted(used, purpose));
        }
        let filed = || contact.agreement().map(|file| self.day(file.created));
        let agreed = it.agreed_on().map(|on| day(self.lang, on)).or_else(filed);
        parts.push(match agreed {
            Some(day) => filled(words.their_agreement, &[("day", &day)]),
            None => words.no_agreement_of_theirs.to_owned(),
        });
        Ok(sentence(&format!("{told}: {}", parts.join("; "))))
    }

    fn permitted(&self, used: &PermittedUse, purpose: Option<String>) -> String {
        let words = self.words;
        let template = match used.by {
            Some(_) => words.permitted_by,
            None => words.permitted,
        };
        let purpose = purpose.unwrap_or_else(|| words.purpose_left_out.to_owned());
        let by = one_line(used.by.as_deref().unwrap_or_default());
        let (until, number) = (self.day(used.until), number(used.consent));
        filled(
            template,
            &[
                ("purpose", &purpose),
                ("day", &until),
                ("by", &by),
                ("number", &number),
            ],
        )
    }

    fn transfers(&self, it: &ClientProcessing<'_>, called: &str) -> String {
        let words = self.words;
        let mut told = Vec::new();
        for place in [Place::Outside, Place::Unknown] {
            let there = it.approved.iter().chain(&it.former);
            let names = names(there.filter(|it| it.place == place));
            if let Some(template) = words.of_place(place).filter(|_| !names.is_empty()) {
                told.push(filled(template, &[("names", &names)]));
            }
        }
        if told.is_empty() {
            told.push(words.no_transfer.to_owned());
        }
        told.push(filled(words.only_people, &[("client", called)]));
        told.join("\n")
    }
}

/// A client with who speaks for them and how to reach them.
fn reached(client: &Client) -> String {
    let persons = client.persons().iter().map(|person| person.name.as_str());
    let ways = client.emails().chain(client.phone());
    let about: Vec<String> = persons.chain(ways).map(one_line).collect();
    let called = one_line(client.called());
    if about.is_empty() {
        return called;
    }
    format!("{called} ({})", about.join(", "))
}

fn full_name(it: &SubProcessor<'_>) -> String {
    let full = it.contact.full_name.value().map(String::as_str);
    one_line(full.unwrap_or(it.contact.name()))
}

fn names<'a>(all: impl Iterator<Item = &'a SubProcessor<'a>>) -> String {
    let names: Vec<String> = all.map(full_name).collect();
    names.join(", ")
}
