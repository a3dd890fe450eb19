//! The answer to a request for a consent: a signature over exactly the text that was sent, once.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::agreed_terms::{AgreedTerms, terms_hash};
use super::changes::{check_said, consent_event, note_consent};
use crate::error::{Error, Result};
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, ConsentState, Evidence};
use crate::model::records::log::sha256_hex;
use crate::model::records::record_id::short;
use crate::model::records::stamping::Author;
use crate::model::text::name::ClientSlug;
use crate::model::vault::Vault;

/// What stands before the id of a request, in the first of its lines for machines.
pub const FIRST_MACHINE_LINE: &str = "vault-request 1 ";

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

impl Vault {
    /// The request with exactly this text, if it is the client's and still waits for an answer.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for what is no request, [`crate::error::Kind::NotFound`] for
    /// an id that nothing was asked under, [`crate::error::Kind::Refused`] for another text under
    /// the id, another client's, and for one that was used or has ended;
    /// [`crate::error::Kind::Integrity`] where its terms are not those of the text.
    pub fn open_request(&self, slug: &ClientSlug, text: &str, now: Timestamp) -> Result<&Consent> {
        let client = self.known_client(slug)?.id;
        let id = id_in(text).ok_or_else(|| {
            Error::usage("that is no request for a consent: there is no id in it")
                .hint("name the file that vault consent request wrote")
        })?;
        let start = short(id);
        let consent = self.consents.by_id(id).map_err(|_| {
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
        let terms = AgreedTerms::from_json(&consent.terms)?;
        terms.check_are_of(consent)?;
        let stated = format!("terms {}", terms_hash(&consent.terms));
        if !text.lines().any(|line| line == stated) {
            return Err(Error::integrity(format!(
                "request {start} states other terms than the vault has for it"
            ))
            .hint("ask anew: vault consent request"));
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
        let Some(key) = key.filter(|key| !key.imported) else {
            return Err(Error::refused(format!(
                "the key that signed is not recorded for {slug}, or not verified here"
            )));
        };
        let mut evidence = Evidence::with("signature".to_owned());
        evidence.sha256 = Some(sha256_hex(text.as_bytes()));
        evidence.signature = Some(signed.signature);
        evidence.key = Some(signed.key);
        evidence.verified_via.clone_from(&key.verified_via);
        let by = signed.by.unwrap_or_else(|| client.called().to_owned());
        self.change(author, "consent", |edit| {
            let (level, method) = (Assurance::Signed, Some("signature"));
            let consent = edit.vault.consents.by_id_mut(id)?;
            consent.give(edit.stamp, by, author.now, level, method);
            consent.evidence.push(evidence);
            consent.events.push(consent_event("given", author));
            note_consent(&mut edit.event, "given", consent);
            edit.vault.supersede_for(id, author)?;
            Ok(id)
        })
    }
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

fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The id of a request, which stands in its last lines.
fn id_in(text: &str) -> Option<Uuid> {
    let mut ids = text
        .lines()
        .rev()
        .filter_map(|line| line.strip_prefix(FIRST_MACHINE_LINE));
    ids.find_map(|id| id.trim().parse().ok())
}
