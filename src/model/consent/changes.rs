//! The changes that commands make to consents: asked for, given, withdrawn. The terms of one
//! never change after it was made.

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::{AgreedClient, AgreedEntry, AgreedRecipient, AgreedTerms};
use super::scope::{ScopeItem, SharedField};
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, ConsentEvent, Evidence, PermittedRecipient};
use crate::model::records::contact::Contact;
use crate::model::records::log::EventDraft;
use crate::model::records::stamping::Author;
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, PURPOSE_CHARS, SCOPE_ITEMS};
use crate::model::text::name::{AttachmentName, ClientSlug, ContactName};
use crate::model::text::text_rules::{check_count, check_text};
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// The terms of a consent, as people name them.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whose permission it is.
    pub client: ClientSlug,
    /// Who may be given what it covers.
    pub to: ContactName,
    /// What it covers.
    pub scope: Vec<ScopeItem>,
    /// The fields it is limited to; none means those that need not be named.
    pub fields: Vec<SharedField>,
    /// What for.
    pub purpose: String,
    /// The end of it.
    pub expires: Timestamp,
}

/// A consent that was given outside of this program.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The person who gave it.
    pub by: String,
    /// From when on it holds; from now on, if that is not said.
    pub from: Option<Timestamp>,
    /// How it was obtained: `contract`, `email` or `letter`.
    pub method: Option<&'static str>,
    /// What shows it.
    pub proof: Proof,
}

/// What shows that a consent was given.
#[derive(Clone, Debug)]
pub enum Proof {
    /// What is said about it.
    Note(String),
    /// A document.
    Document {
        /// What it is called.
        name: AttachmentName,
        /// The kind of file.
        media_type: &'static str,
        /// The file.
        bytes: Vec<u8>,
    },
}

/// Terms with the records that they name.
struct Resolved<'a> {
    client: &'a Client,
    contact: &'a Contact,
    entries: Vec<AgreedEntry>,
    patterns: Vec<String>,
    fields: Vec<String>,
}

impl Proof {
    /// How sure it makes a consent.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        match self {
            Self::Note(_) => Assurance::Attested,
            Self::Document { .. } => Assurance::Document,
        }
    }
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

    fn resolve(&self, terms: &Terms) -> Result<Resolved<'_>> {
        let client = self.known_client(&terms.client)?;
        let contact = self.known_contact(&terms.to)?;
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
                ScopeItem::Entry(path) => entries.push(AgreedEntry {
                    entry: self.entry(path)?.id,
                    path: path.to_string(),
                }),
                ScopeItem::Pattern(pattern) => patterns.push(pattern.to_string()),
            }
        }
        let mut fields: Vec<String> = terms.fields.iter().map(ToString::to_string).collect();
        for list in [&mut patterns, &mut fields] {
            list.sort();
            list.dedup();
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup();
        Ok(Resolved {
            client,
            contact,
            entries,
            patterns,
            fields,
        })
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
            recipients: vec![AgreedRecipient {
                name: resolved.contact.name().to_owned(),
                described: described(resolved.contact),
                keys: resolved.contact.recipients().to_vec(),
            }],
            entries: resolved.entries,
            patterns: resolved.patterns,
            fields: resolved.fields,
            purposes: vec![terms.purpose.clone()],
            onward_sharing: false,
            expires: terms.expires,
        })
    }

    fn new_consent(
        &self,
        terms: &Terms,
        agreed: &AgreedTerms,
        state: &str,
        author: &Author<'_>,
    ) -> Result<Consent> {
        let resolved = self.resolve(terms)?;
        let keys = agreed.recipients.iter().map(|one| one.keys.clone());
        let contact = resolved.contact.id;
        let mut consent = Consent::with(
            agreed.consent,
            resolved.client.id,
            author.now,
            agreed.scope(),
            keys.map(|keys| PermittedRecipient::with(contact, keys))
                .collect(),
            agreed.purposes.clone(),
            agreed.expires,
            agreed.to_json()?,
        );
        consent.events.push(consent_event(state, author));
        Ok(consent)
    }

    /// Refuses a consent that is less sure than its client asks for.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_assurance(&self, slug: &ClientSlug, given: Assurance) -> Result<()> {
        let least = self.known_client(slug)?.min_assurance.value();
        // What cannot be read is taken for the strictest.
        let least = least.map(|text| text.parse().unwrap_or(Assurance::Signed));
        match least {
            Some(least) if given < least => Err(Error::refused(format!(
                "{slug} asks for consents that are at least {least}, this one is {given}"
            ))
            .hint(match least {
                Assurance::Signed => format!(
                    "have them sign a request: vault consent request {slug:#} …, then vault consent add {slug:#} --request FILE --signature SIG"
                ),
                _ => "keep what shows it: --evidence FILE".to_owned(),
            })),
            _ => Ok(()),
        }
    }

    /// Remembers a request, with the terms and the exact text that are sent.
    ///
    /// # Errors
    /// As [`Self::check_terms`]; [`crate::error::Kind::Conflict`] when somebody has changed
    /// meanwhile what the text says.
    pub fn request_consent(
        &mut self,
        terms: &Terms,
        agreed: &AgreedTerms,
        text: &str,
        author: &Author<'_>,
    ) -> Result<()> {
        let id = agreed.consent;
        if self.agreed_terms(id, terms)? != *agreed {
            return Err(Error::conflict(
                "another process has changed meanwhile what the request says",
            )
            .hint("nothing was written; ask again"));
        }
        let mut consent = self.new_consent(terms, agreed, "requested", author)?;
        consent.request = Some(text.to_owned());
        consent.withdrawal_method = Some("a message in any form, at any time".to_owned());
        self.change_surely(author, "consent", |edit| {
            note_consent(&mut edit.event, "requested", &consent);
            edit.vault.consents.add(consent);
        });
        Ok(())
    }

    /// Files a consent that was given.
    ///
    /// # Errors
    /// As [`Self::check_terms`] and [`Self::check_assurance`]; [`crate::error::Kind::Usage`] when
    /// it would end before it begins.
    pub fn add_consent(
        &mut self,
        terms: &Terms,
        grant: Grant,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        check_grant(terms, &grant)?;
        let assurance = grant.proof.assurance();
        self.check_assurance(&terms.client, assurance)?;
        let id = (author.new_id)();
        let agreed = self.agreed_terms(id, terms)?;
        let mut consent = self.new_consent(terms, &agreed, "given", author)?;
        if let Proof::Document { bytes, .. } = &grant.proof {
            self.check_room_for_file(bytes.len())?;
        }
        self.change(author, "consent", |edit| {
            let from = grant.from.unwrap_or(author.now);
            consent.give(edit.stamp, grant.by, from, assurance, grant.method);
            consent.file(grant.proof, author);
            note_consent(&mut edit.event, "given", &consent);
            edit.vault.consents.add(consent);
            Ok(id)
        })
    }
}

impl Consent {
    fn file(&mut self, proof: Proof, author: &Author<'_>) {
        let mut evidence;
        match proof {
            Proof::Note(note) => {
                evidence = Evidence::with("note".to_owned());
                evidence.note = Some(note);
            }
            Proof::Document {
                name,
                media_type,
                bytes,
            } => {
                let file = Attachment::new((author.new_id)(), &name, &bytes, author.now);
                evidence = Evidence::with("document".to_owned());
                evidence.sha256 = Some(file.sha256.clone());
                evidence.media_type = Some(media_type.to_owned());
                evidence.attachment = Some(file.id);
                self.files.push(file);
            }
        }
        self.evidence.push(evidence);
    }
}

/// What an event says of a consent. It is for one contact, as it is made here.
pub(crate) fn note_consent(event: &mut EventDraft, state: &str, consent: &Consent) {
    event.about(consent.id);
    event.note("state", state);
    if let Some(assurance) = consent.assurance() {
        event.note("assurance", assurance.as_str());
    }
    event.note("of", consent.client.to_string());
    let first = consent.recipients.first();
    event.note(
        "for",
        first.map_or_else(String::new, |one| one.contact.to_string()),
    );
}

pub(crate) fn consent_event(state: &str, author: &Author<'_>) -> ConsentEvent {
    ConsentEvent::with((author.new_id)(), author.now, state.to_owned())
}

/// Somebody as a paper names them: the name, what they do, how to reach them.
fn described(contact: &Contact) -> String {
    let role = contact.role.value().map(|role| one_line(role));
    let emails = contact.emails().iter().map(|email| one_line(email));
    let all = std::iter::once(contact.name().to_owned()).chain(role);
    all.chain(emails).collect::<Vec<_>>().join(", ")
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

/// Holds what somebody said against the limits.
pub(crate) fn check_said(option: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::usage(format!("{option} says nothing")));
    }
    check_text(option, text, FIELD_BYTES)
}

fn check_grant(terms: &Terms, grant: &Grant) -> Result<()> {
    check_said("--by", &grant.by)?;
    if let Proof::Note(note) = &grant.proof {
        check_said("--note", note)?;
    }
    match grant.from {
        Some(from) if from >= terms.expires => Err(Error::usage(format!(
            "it would end on {}, before it begins on {from}",
            terms.expires
        ))),
        _ => Ok(()),
    }
}
