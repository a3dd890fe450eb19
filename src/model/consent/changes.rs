//! The changes that commands make to consents: asked for, given, withdrawn. The terms of one
//! never change after it was made.

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::{AgreedEntry, AgreedTerms};
use super::terms::Terms;
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::client::Assurance;
use crate::model::records::consent::{
    Consent, ConsentEvent, Evidence, GrantedBy, PermittedRecipient,
};
use crate::model::records::event::EventDraft;
use crate::model::records::stamping::Author;
use crate::model::text::limits::{FIELD_BYTES, REQUEST_BYTES};
use crate::model::text::name::{AttachmentName, ClientSlug};
use crate::model::text::pattern::Pattern;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// A consent that was given, or refused.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The person who answered.
    pub by: GrantedBy,
    /// From when on it holds; from now on, if that is not said.
    pub from: Option<Timestamp>,
    /// Until when, where that is before the end that was asked for.
    pub until: Option<Timestamp>,
    /// How it was obtained: `contract`, `email`, `letter`, `phone` or `signature`.
    pub method: Option<&'static str>,
    /// What shows it.
    pub proof: Proof,
}

/// What shows that a consent was given, or refused.
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
        /// Its day.
        date: Option<Timestamp>,
    },
    /// A mail.
    Mail {
        /// What its file is called.
        name: AttachmentName,
        /// The mail as it came.
        bytes: Vec<u8>,
        /// The address that it is from.
        from: Option<String>,
        /// When it says that it was sent.
        date: Option<Timestamp>,
        /// What the server that received it last is said to have found of the sender.
        reported: Option<String>,
        /// How it was made sure who sent it, where the address is none of the client's.
        made_sure: Option<String>,
        /// As what somebody has read it, and why it was not plain.
        read_as: Option<String>,
    },
    /// A signature over the request, which was checked to be good.
    Signature {
        /// The armoured SSHSIG.
        signature: String,
        /// The key, one of the client's, in OpenSSH form.
        key: String,
        /// How it was made sure before that the key is the client's.
        verified_via: Option<String>,
        /// SHA-256 of the text that was signed, lower-case hex.
        sha256: String,
    },
}

impl Proof {
    /// How sure it makes a consent.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        match self {
            Self::Note(_) => Assurance::Attested,
            Self::Document { .. } | Self::Mail { .. } => Assurance::Document,
            Self::Signature { .. } => Assurance::Signed,
        }
    }
}

impl Vault {
    fn new_consent(
        &self,
        terms: &Terms,
        agreed: &AgreedTerms,
        state: &str,
        author: &Author<'_>,
    ) -> Result<Consent> {
        let resolved = self.resolve(terms)?;
        let contacts = resolved.contacts.iter().map(|contact| contact.id);
        let keys = agreed.recipients.iter().map(|one| one.keys.clone());
        let mut consent = Consent::with(
            agreed.consent,
            resolved.client.id,
            author.now,
            agreed.scope(),
            (contacts.zip(keys))
                .map(|(contact, keys)| PermittedRecipient::with(contact, keys))
                .collect(),
            agreed.purposes.clone(),
            agreed.expires,
            agreed.to_json()?,
        );
        if agreed.covered.is_empty() {
            let patterns: Vec<Pattern> = consent.scope.patterns().collect();
            let covered = self.covered(resolved.client.id, &patterns)?.into_iter();
            consent.covered = covered.map(AgreedEntry::into_covered).collect();
        }
        consent.events.push(consent_event(state, author));
        Ok(consent)
    }

    /// Refuses a consent that is less sure than its client asks for.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_assurance(&self, slug: &ClientSlug, given: Assurance) -> Result<()> {
        // What cannot be read is taken for the strictest.
        let least = self.known_client(slug)?.least_assurance();
        match least.unwrap_or(Assurance::Signed) {
            least if given < least => Err(Error::refused(format!(
                "{slug} needs a consent that is at least {least}; this one is {given}"
            ))
            .hint(match least {
                Assurance::Signed => format!(
                    "have them sign a request: vault consent request {slug:#} …, then vault consent answer --signature SIG"
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
        let now = match &agreed.asked {
            Some(asked) => self.terms_to_ask(id, terms, asked.clone())?,
            None => self.agreed_terms(id, terms)?,
        };
        if now != *agreed {
            return Err(Error::conflict(
                "another process has changed meanwhile what the request says",
            )
            .hint("nothing was written; ask again"));
        }
        if text.len() > REQUEST_BYTES {
            return Err(Error::usage(format!(
                "the request would have {} bytes, the limit is {REQUEST_BYTES}",
                text.len()
            ))
            .hint("a person is to read it: ask for fewer entries"));
        }
        let mut consent = self.new_consent(terms, agreed, "requested", author)?;
        consent.request = Some(text.to_owned());
        consent.supersedes = agreed
            .asked
            .as_ref()
            .and_then(|it| Some(it.replaces?.consent));
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
        check_grant(&grant)?;
        if let Some(from) = grant.from.filter(|from| *from >= terms.expires) {
            return Err(Error::usage(format!(
                "it would end on {}, before it begins on {from}",
                terms.expires
            )));
        }
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
    /// Keeps what shows it.
    pub(super) fn file(&mut self, proof: Proof, author: &Author<'_>) {
        let mut evidence;
        let file;
        match proof {
            Proof::Note(note) => {
                evidence = Evidence::with("note".to_owned());
                evidence.note = Some(note);
                file = None;
            }
            Proof::Document {
                name,
                media_type,
                bytes,
                date,
            } => {
                evidence = Evidence::with("document".to_owned());
                evidence.media_type = Some(media_type.to_owned());
                evidence.date = date;
                file = Some((name, bytes));
            }
            Proof::Mail {
                name,
                bytes,
                from,
                date,
                reported,
                made_sure,
                read_as,
            } => {
                evidence = Evidence::with("mail".to_owned());
                evidence.media_type = Some("message/rfc822".to_owned());
                evidence.from = from;
                evidence.date = date;
                evidence.reported = reported;
                evidence.note = made_sure;
                evidence.read_as = read_as;
                file = Some((name, bytes));
            }
            Proof::Signature {
                signature,
                key,
                verified_via,
                sha256,
            } => {
                evidence = Evidence::with("signature".to_owned());
                evidence.sha256 = Some(sha256);
                evidence.signature = Some(signature);
                evidence.key = Some(key);
                evidence.verified_via = verified_via;
                file = None;
            }
        }
        if let Some((name, bytes)) = file {
            let file = Attachment::new((author.new_id)(), &name, &bytes, author.now);
            evidence.sha256 = Some(file.sha256.clone());
            evidence.attachment = Some(file.id);
            self.files.push(file);
        }
        self.evidence.push(evidence);
    }
}

/// What an event says of a consent.
pub(crate) fn note_consent(event: &mut EventDraft, state: &str, consent: &Consent) {
    if let Some(assurance) = consent.assurance() {
        event.note("assurance", assurance.as_str());
    }
    note_state(event, state, consent);
}

/// As [`note_consent`], where how sure the consent is says nothing of what happened.
pub(super) fn note_state(event: &mut EventDraft, state: &str, consent: &Consent) {
    event.about(consent.id);
    event.note("state", state);
    event.note("of", consent.client.to_string());
    for (at, contact) in consent.contacts().into_iter().enumerate() {
        let key = if at == 0 {
            "for".to_owned()
        } else {
            format!("for_{}", at + 1)
        };
        event.note(&key, contact.to_string());
    }
}

pub(crate) fn consent_event(state: &str, author: &Author<'_>) -> ConsentEvent {
    ConsentEvent::with((author.new_id)(), author.now, state.to_owned())
}

/// Holds what somebody said against the limits.
pub(crate) fn check_said(option: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::usage(format!("{option} says nothing")));
    }
    check_text(option, text, FIELD_BYTES)
}

/// Holds what was said of an answer against the limits.
pub(super) fn check_grant(grant: &Grant) -> Result<()> {
    check_said("--by", &grant.by.name)?;
    match &grant.proof {
        Proof::Note(note) => check_said("the note", note),
        Proof::Mail {
            made_sure: Some(how),
            ..
        } => check_said("--from-other", how),
        _ => Ok(()),
    }
}
