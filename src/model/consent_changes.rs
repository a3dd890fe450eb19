//! The changes that commands make to consents: asked for, given, withdrawn. The terms of one
//! never change after it was made.

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::changes::check_text;
use super::client::Assurance;
use super::consent::{Consent, ConsentEvent, ConsentState, Evidence, GrantedBy, Scope};
use super::lazy::Lazy;
use super::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, PURPOSE_CHARS, SCOPE_ITEMS};
use super::log::sha256_hex;
use super::name::{AttachmentName, ClientSlug, ContactName};
use super::record_id::short;
use super::scope::{ScopeItem, SharedField};
use super::vault::{Author, Vault};
use crate::error::{Error, Result};

/// The terms of a consent, as people name them.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whose permission it is.
    pub client: ClientSlug,
    /// Who may be given what it covers.
    pub to: ContactName,
    /// What it covers.
    pub scope: Vec<ScopeItem>,
    /// The fields it is limited to; see [`Scope::has_field`] for what none means.
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

/// A signature over a request that was checked to be good.
#[derive(Clone, Debug)]
pub struct SignedBy {
    /// The person who signed, if it was said.
    pub by: Option<String>,
    /// The armoured SSHSIG.
    pub signature: String,
    /// The key, one of the client's, in OpenSSH form.
    pub key: String,
}

/// Terms with the records that they name.
struct Resolved {
    client: Uuid,
    contact: Uuid,
    scope: Scope,
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

    fn resolve(&self, terms: &Terms) -> Result<Resolved> {
        let client = self.known_client(&terms.client)?.id;
        let contact = self.known_contact(&terms.to)?.id;
        check_purpose(&terms.purpose)?;
        check_counts(terms)?;
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
                ScopeItem::Entry(path) => entries.push(self.entry(path)?.id),
                ScopeItem::Pattern(pattern) => patterns.push(pattern.to_string()),
            }
        }
        let mut fields: Vec<String> = terms.fields.iter().map(ToString::to_string).collect();
        for list in [&mut patterns, &mut fields] {
            list.sort();
            list.dedup();
        }
        entries.sort_unstable();
        entries.dedup();
        Ok(Resolved {
            client,
            contact,
            scope: Scope::with(entries, patterns, fields, false),
        })
    }

    fn new_consent(
        &self,
        id: Uuid,
        terms: &Terms,
        state: &str,
        author: &Author<'_>,
    ) -> Result<Consent> {
        let resolved = self.resolve(terms)?;
        let mut consent = Consent::with(
            id,
            resolved.client,
            author.now,
            resolved.scope,
            vec![resolved.contact],
            vec![terms.purpose.clone()],
            terms.expires,
        );
        consent.events.push(event(state, author));
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
                    "have them sign a request: vault consent request {slug} …, then vault consent add {slug} --request FILE --signature SIG"
                ),
                _ => "keep what shows it: --evidence FILE".to_owned(),
            })),
            _ => Ok(()),
        }
    }

    /// Remembers a request under its `id`, with the exact text that is sent.
    ///
    /// # Errors
    /// As [`Self::check_terms`].
    pub fn request_consent(
        &mut self,
        id: Uuid,
        terms: &Terms,
        text: &str,
        author: &Author<'_>,
    ) -> Result<()> {
        let mut consent = self.new_consent(id, terms, "requested", author)?;
        consent.request = Some(text.to_owned());
        consent.withdrawal_method = Some("a message in any form, at any time".to_owned());
        let (client, contact) = (consent.client, terms_contact(&consent));
        self.consents.push(Lazy::new(consent));
        self.record(author, "consent", vec![id], |event| {
            let event = event.with("state", "requested");
            event.with("of", client.to_string()).with("for", contact)
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
        let mut consent = self.new_consent(id, terms, "given", author)?;
        if let Proof::Document { bytes, .. } = &grant.proof {
            self.check_room_for_file(bytes.len())?;
        }
        let stamp = self.seen.next(author.device);
        let by = GrantedBy::with(grant.by);
        consent.granted_by.set(stamp, Some(by));
        let from = grant.from.unwrap_or(author.now);
        consent.not_before.set(stamp, Some(from));
        let level = assurance.as_str().to_owned();
        consent.assurance.set(stamp, Some(level));
        if let Some(method) = grant.method {
            let method = Some(method.to_owned());
            consent.collection_method.set(stamp, method);
        }
        consent.file(grant.proof, author);
        let (client, contact) = (consent.client, terms_contact(&consent));
        self.consents.push(Lazy::new(consent));
        self.record(author, "consent", vec![id], |event| {
            let event = event.with("state", "given");
            let event = event.with("assurance", assurance.as_str());
            event.with("of", client.to_string()).with("for", contact)
        });
        Ok(id)
    }

    /// The request with exactly this text, if it is the client's and still waits for an answer.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for what is no request, [`crate::error::Kind::NotFound`] for
    /// an id that nothing was asked under, [`crate::error::Kind::Refused`] for another text under
    /// the id, another client's, and for one that was used or has ended.
    pub fn open_request(&self, slug: &ClientSlug, text: &str, now: Timestamp) -> Result<&Consent> {
        let client = self.known_client(slug)?.id;
        let id = first_id(text).ok_or_else(|| {
            Error::usage("that is no request for a consent: there is no id in it")
                .hint("name the file that vault consent request wrote")
        })?;
        let start = short(id);
        let consent = self.consent(id).map_err(|_| {
            Error::not_found(format!("nothing was asked for under {id}")).hint(
                "vault consent list shows what was; it may have been asked from another vault",
            )
        })?;
        if consent.client != client {
            return Err(Error::refused(format!(
                "request {start} is not for {slug}, it was written for another client"
            ))
            .hint(format!("vault consent show {start} tells whose it is")));
        }
        if consent.request.as_deref() != Some(text) {
            return Err(Error::refused(format!(
                "the file differs from request {start} as it was written"
            ))
            .hint(format!(
                "vault consent show {start} --evidence FILE writes it again; other terms need a request of their own"
            )));
        }
        check_open(consent, now)?;
        Ok(consent)
    }

    /// Files the signature over a request.
    ///
    /// # Errors
    /// As [`Self::open_request`]; [`crate::error::Kind::Refused`] when the key is not one of the
    /// client's by now.
    pub fn sign_consent(
        &mut self,
        slug: &ClientSlug,
        text: &str,
        signed: SignedBy,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        if let Some(by) = &signed.by {
            check_said("--by", by)?;
        }
        let id = self.open_request(slug, text, author.now)?.id;
        let client = self.known_client(slug)?;
        let key = client.keys().iter().find(|k| k.to_openssh() == signed.key);
        let Some(key) = key else {
            return Err(Error::refused(format!(
                "the key that signed is not recorded for {slug}"
            )));
        };
        let mut evidence = Evidence::with("signature".to_owned());
        evidence.sha256 = Some(sha256_hex(text.as_bytes()));
        evidence.signature = Some(signed.signature);
        evidence.key = Some(signed.key);
        evidence.verified_via.clone_from(&key.verified_via);
        let by = signed.by.unwrap_or_else(|| client.called().to_owned());
        let stamp = self.seen.next(author.device);
        let consent = self.consent_mut(id)?;
        consent.granted_by.set(stamp, Some(GrantedBy::with(by)));
        consent.not_before.set(stamp, Some(author.now));
        let level = Assurance::Signed.as_str().to_owned();
        consent.assurance.set(stamp, Some(level));
        let method = Some("signature".to_owned());
        consent.collection_method.set(stamp, method);
        consent.evidence.push(evidence);
        consent.events.push(event("given", author));
        let (client, contact) = (consent.client, terms_contact(consent));
        self.record(author, "consent", vec![id], |event| {
            let event = event.with("state", "given").with("assurance", "signed");
            event.with("of", client.to_string()).with("for", contact)
        });
        Ok(id)
    }

    /// Ends a consent, or a request for one, at once and for good. Nothing happens to one that was
    /// ended before.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Usage`] for a reason past the
    /// limit.
    pub fn withdraw_consent(
        &mut self,
        id: Uuid,
        reason: Option<&str>,
        author: &Author<'_>,
    ) -> Result<()> {
        if let Some(reason) = reason {
            check_said("--reason", reason)?;
        }
        let consent = self.consent_mut(id)?;
        if consent.ended().is_some() {
            return Ok(());
        }
        let mut event = event("withdrawn", author);
        event.reason = reason.map(ToOwned::to_owned);
        consent.events.push(event);
        let client = consent.client.to_string();
        self.record(author, "withdraw", vec![id], |event| {
            event.with("of", client)
        });
        Ok(())
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

/// A consent is for one contact, as it is made here.
fn terms_contact(consent: &Consent) -> String {
    let first = consent.recipients.first();
    first.map_or_else(String::new, Uuid::to_string)
}

fn event(state: &str, author: &Author<'_>) -> ConsentEvent {
    ConsentEvent::with((author.new_id)(), author.now, state.to_owned())
}

/// Refuses a request that was answered or is over.
fn check_open(consent: &Consent, now: Timestamp) -> Result<()> {
    let start = short(consent.id);
    let given = consent.events.iter().find(|event| event.state == "given");
    let state = consent.state(now);
    let what = match (given, consent.ended()) {
        (_, Some(end)) => format!("was {state} on {}", day(end.time)),
        (Some(given), None) => format!("was given on {} already", day(given.time)),
        (None, None) if state == ConsentState::Expired => {
            format!("asked for a time that ended on {}", day(consent.expires))
        }
        (None, None) => return Ok(()),
    };
    Err(Error::refused(format!(
        "request {start} {what}, and a request is used once"
    ))
    .hint("ask anew: vault consent request"))
}

fn day(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned(jiff::tz::TimeZone::UTC).date()
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
fn check_said(option: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::usage(format!("{option} says nothing")));
    }
    check_text(option, text, FIELD_BYTES)
}

fn check_counts(terms: &Terms) -> Result<()> {
    for (count, what, limit) in [
        (terms.scope.len(), "entries and patterns", SCOPE_ITEMS),
        (terms.fields.len(), "fields", FIELDS_PER_ENTRY),
    ] {
        if count > limit {
            return Err(Error::usage(format!(
                "{count} {what}, the limit is {limit}"
            )));
        }
    }
    Ok(())
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

/// The first id in a text.
fn first_id(text: &str) -> Option<Uuid> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let mut ids = words.filter(|word| word.len() == Uuid::nil().to_string().len());
    ids.find_map(|word| word.parse().ok())
}
