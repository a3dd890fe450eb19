//! The terms of a consent: as people name them, held against the records, and as a paper has them.

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::{
    AgreedClient, AgreedEntry, AgreedException, AgreedRecipient, AgreedTerms,
};
use super::asked::{AgreementDay, Asked};
use super::scope::{ScopeItem, SharedField};
use crate::error::{Error, Result};
use crate::model::entry::fields::EntryField;
use crate::model::records::client::Client;
use crate::model::records::consent::Consent;
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::text::country::country_name;
use crate::model::text::limits::{
    FIELD_BYTES, FIELDS_PER_ENTRY, LISTED_ENTRIES, PURPOSE_CHARS, SCOPE_ITEMS,
};
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::pattern::Pattern;
use crate::model::text::text_rules::{check_count, check_text};
use crate::model::text::visible::one_line;
use crate::model::text::web_address::without_secrets;
use crate::model::vault::Vault;

/// What to do about what was set apart.
pub(crate) const SETTLE_IT: &str = "vault conflicts shows both, and the command that settles it";

/// The terms of a consent, as people name them.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whose permission it is.
    pub client: ClientSlug,
    /// Who may be given what it covers.
    pub to: Vec<ContactName>,
    /// What it covers.
    pub scope: Vec<ScopeItem>,
    /// The fields it is limited to; none means those that need not be named.
    pub fields: Vec<SharedField>,
    /// What for.
    pub purpose: String,
    /// The end of it.
    pub expires: Timestamp,
}

/// Terms with the records that they name.
pub(super) struct Resolved<'a> {
    pub(super) client: &'a Client,
    pub(super) contacts: Vec<&'a Contact>,
    entries: Vec<AgreedEntry>,
    patterns: Vec<String>,
    fields: Vec<String>,
}

impl Vault {
    /// Holds terms against what there is: the client, the contact, every entry.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for what does not exist, [`crate::error::Kind::Refused`]
    /// for what is not the client's, [`crate::error::Kind::Usage`] past a limit.
    pub fn check_terms(&self, terms: &Terms) -> Result<()> {
        self.resolve(terms).map(|_| ())
    }

    pub(super) fn resolve(&self, terms: &Terms) -> Result<Resolved<'_>> {
        let client = self.known_client(&terms.client)?;
        client.check_open()?;
        let contacts = self.named_contacts(&terms.to)?;
        check_purpose(&terms.purpose)?;
        check_count(terms.scope.len(), "entries and patterns", SCOPE_ITEMS)?;
        check_count(terms.fields.len(), "fields", FIELDS_PER_ENTRY)?;
        let (mut entries, mut patterns) = (Vec::new(), Vec::new());
        for item in &terms.scope {
            if *item.client() != terms.client {
                return Err(Error::refused(format!(
                    "{item} is not {}'s, and a consent covers only what is its client's",
                    terms.client
                ))
                .hint(format!("ask {} for a consent of their own", item.client())));
            }
            match item {
                ScopeItem::Entry(path) => {
                    entries.push(agreed_entry(&path.to_string(), self.entry(path)?));
                }
                ScopeItem::Pattern(pattern) => patterns.push(pattern.to_string()),
            }
        }
        let mut fields = terms.fields.clone();
        fields.sort();
        fields.dedup();
        patterns.sort();
        patterns.dedup();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup();
        Ok(Resolved {
            client,
            contacts,
            entries,
            patterns,
            fields: fields.iter().map(ToString::to_string).collect(),
        })
    }

    /// The contacts of these names, each once.
    fn named_contacts(&self, names: &[ContactName]) -> Result<Vec<&Contact>> {
        let mut contacts: Vec<&Contact> = Vec::with_capacity(names.len());
        for name in names {
            let contact = self.known_contact(name)?;
            if !contacts.iter().any(|other| other.id == contact.id) {
                contacts.push(contact);
            }
        }
        check_count(contacts.len(), "contacts", FIELDS_PER_ENTRY)?;
        Ok(contacts)
    }

    /// The entries that patterns of a client cover today, by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn covered(&self, client: Uuid, patterns: &[Pattern]) -> Result<Vec<AgreedEntry>> {
        let live = self.live()?.into_iter();
        let mut covered: Vec<AgreedEntry> = live
            .filter(|(path, entry)| {
                entry.client.get() == Some(&client)
                    && patterns.iter().any(|it| it.matches_whatever_client(path))
            })
            .map(|(path, entry)| agreed_entry(&path, entry))
            .collect();
        covered.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(covered)
    }

    /// What names one of these entries on a paper and was set apart on two devices, if something was:
    /// nobody could say later which of both was meant.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    fn apart_among<'a>(
        &self,
        mut entries: impl Iterator<Item = &'a AgreedEntry>,
    ) -> Result<Option<String>> {
        entries.try_fold(None, |found, agreed| {
            let entry = self.entries.find(agreed.entry)?;
            let naming = [EntryField::Urls, EntryField::Username].into_iter();
            let mut apart = naming.filter(|it| {
                let set_on = entry.and_then(|entry| entry.visible_set_apart(it.key()));
                set_on.is_some()
            });
            let told = apart.next().map(|field| {
                let (field, path) = (SharedField::Field(field), &agreed.path);
                format!("{field} of {path} was set apart on two devices, and nobody has chosen yet")
            });
            Ok(found.or(told))
        })
    }

    /// As [`Self::apart_among`], of what terms name and what their patterns cover today.
    ///
    /// # Errors
    /// As [`Self::check_terms`].
    pub fn apart_in(&self, terms: &Terms) -> Result<Option<String>> {
        let named = self.agreed_terms(Uuid::nil(), terms)?;
        let patterns: Vec<Pattern> = named.scope().patterns().collect();
        let covered = self.covered(self.known_client(&terms.client)?.id, &patterns)?;
        self.apart_among(named.entries.iter().chain(&covered))
    }

    /// Terms as they are printed, under the `id` that the consent will have: with names, paths and
    /// keys of today.
    ///
    /// # Errors
    /// As [`Self::check_terms`].
    pub fn agreed_terms(&self, id: Uuid, terms: &Terms) -> Result<AgreedTerms> {
        let resolved = self.resolve(terms)?;
        Ok(AgreedTerms {
            consent: id,
            client: AgreedClient {
                slug: resolved.client.slug().to_owned(),
                name: one_line(resolved.client.called()),
            },
            recipients: resolved
                .contacts
                .into_iter()
                .map(agreed_recipient)
                .collect(),
            entries: resolved.entries,
            covered: vec![],
            except: vec![],
            patterns: resolved.patterns,
            fields: resolved.fields,
            purposes: vec![terms.purpose.clone()],
            onward_sharing: false,
            expires: terms.expires,
            asked: None,
        })
    }

    /// Terms as a request prints them: with what patterns cover today, and what stands beside.
    ///
    /// # Errors
    /// As [`Self::agreed_terms`]; [`crate::error::Kind::Usage`] where patterns cover more than a
    /// person would read.
    pub fn terms_to_ask(&self, id: Uuid, terms: &Terms, asked: Asked) -> Result<AgreedTerms> {
        let agreed = self.agreed_terms(id, terms)?;
        let patterns: Vec<Pattern> = agreed.scope().patterns().collect();
        let mut covered = self.covered(self.known_client(&terms.client)?.id, &patterns)?;
        let mut except = Vec::new();
        if let Some(old) = &asked.replaces {
            let old = self.consents.by_id(old.consent)?;
            let to = self.named_contacts(&terms.to)?;
            let all = agreed.entries.iter().chain(&covered);
            except.extend(all.filter_map(|entry| taken_out(old, entry, &to)));
            // One that is named may be covered by a pattern too.
            except.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
            except.dedup();
        }
        let is_out = |it: &AgreedEntry| {
            let mut whole = except.iter().filter(|out| out.recipients.is_empty());
            whole.any(|out| out.entry.entry == it.entry)
        };
        covered.retain(|it| !is_out(it));
        check_count(covered.len(), "entries that fit a pattern", LISTED_ENTRIES).map_err(
            |why| {
                why.hint(
                    "a client is to know what they permit: name the entries, or a narrower pattern",
                )
            },
        )?;
        if let Some(what) = self.apart_among(agreed.entries.iter().chain(&covered))? {
            return Err(Error::refused(what).hint(SETTLE_IT));
        }
        Ok(AgreedTerms {
            covered,
            except,
            asked: Some(asked),
            ..agreed
        })
    }
}

/// What of an entry was taken out of a permission for those for whom it is renewed, if anything was.
fn taken_out(old: &Consent, entry: &AgreedEntry, to: &[&Contact]) -> Option<AgreedException> {
    let is_out = |it: &&Contact| old.ended_for(entry.entry, it.id).is_some();
    let (out, rest): (Vec<&Contact>, Vec<&Contact>) = to.iter().copied().partition(is_out);
    let called = |it: &Contact| agreed_recipient(it).called();
    (!out.is_empty()).then(|| AgreedException {
        entry: entry.clone(),
        recipients: match rest.as_slice() {
            [] => Vec::new(),
            _ => out.into_iter().map(called).collect(),
        },
    })
}

/// Somebody as a paper names them: the names, what they do, how to reach them.
pub(super) fn agreed_recipient(contact: &Contact) -> AgreedRecipient {
    let parts = [&contact.role, &contact.firm, &contact.address];
    let parts = parts.into_iter().filter_map(|it| it.value().cloned());
    let country = contact
        .country
        .value()
        .map(|it| country_name(it).to_owned());
    let parts = parts.chain(country);
    AgreedRecipient {
        name: contact.name().to_owned(),
        full_name: contact.full_name.value().cloned(),
        described: parts.chain(contact.emails().iter().cloned()).collect(),
        agreement: AgreementDay::of(
            contact.agreed_on.value().copied(),
            contact.agreement().map(|file| file.created),
        ),
        keys: contact.recipients().to_vec(),
    }
}

/// An entry as a paper names it.
pub(super) fn agreed_entry(path: &str, entry: &Entry) -> AgreedEntry {
    let urls = entry.urls().iter().map(|url| without_secrets(url));
    AgreedEntry {
        entry: entry.id,
        path: path.to_owned(),
        urls: urls.filter(|url| !url.is_empty()).collect(),
        username: entry.username.value().cloned(),
    }
}

fn check_purpose(purpose: &str) -> Result<()> {
    let length = purpose.chars().count();
    if purpose.trim().is_empty() {
        return Err(Error::usage("the purpose is empty")
            .hint("say what it is for, as in: --purpose 'fix the shop'"));
    }
    if length > PURPOSE_CHARS {
        return Err(Error::usage(format!(
            "the purpose has {length} characters, the limit is {PURPOSE_CHARS}"
        )));
    }
    check_text("the purpose", purpose, FIELD_BYTES)
}
