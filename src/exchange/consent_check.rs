//! Holding the consent that travels with a share against the share, on the recipient's side. The
//! sender signed both; what the client signed is held against the record too.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::at_most;
use super::bundle::{Bundle, BundleItem, Loan};
use super::request::{NAMESPACE, states};
use crate::crypto::SshPublicKey;
use crate::crypto::signing::sshsig;
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::{AgreedEntry, AgreedRecipient, AgreedTerms, terms_hash};
use crate::model::consent::scope::SharedField;
use crate::model::json_depth;
use crate::model::records::client::Assurance;
use crate::model::records::event::sha256_hex;
use crate::model::text::limits::{FIELDS_PER_ENTRY, JSON_DEPTH};
use crate::model::text::name::EntryPath;

/// Whose word the consent is, as far as its recipient can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consented {
    /// This key signed it. Whose key that is, the recipient has to ask the client.
    Signed(SshPublicKey),
    /// A key of the client's signed it, says the sender: the paper names more than the share.
    SaidSigned,
    /// The sender says so: what shows it stayed in their vault.
    Stated,
}

/// What is read of [`super::consent_record`].
#[derive(Deserialize)]
struct ReadConsent {
    id: Uuid,
    terms: String,
    whole_terms: String,
    not_before: Timestamp,
    #[serde(default)]
    until: Option<Timestamp>,
    assurance: Option<String>,
    #[serde(default, deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    evidence: Vec<ReadEvidence>,
    request: Option<String>,
}

#[derive(Deserialize)]
struct ReadEvidence {
    sha256: Option<String>,
    signature: Option<String>,
    key: Option<String>,
}

/// Checks that the consent in a share is whole and allows that share, lent as it is. `opened_by` are the keys of
/// whoever opened it, those that they had before too; none is a passphrase.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when the consent is not the one that its hash says, is
/// malformed, its signature is not good, or the text that was signed states other terms;
/// [`crate::error::Kind::Refused`] when it does not allow the share.
pub fn check(bundle: &Bundle, loan: &Loan, opened_by: &[String]) -> Result<Consented> {
    let (named, text) = (&loan.consent.named, &loan.consent.text);
    if sha256_hex(text.as_bytes()) != named.sha256 {
        return Err(another("is not the one that its hash says"));
    }
    let malformed = || another("is malformed");
    if json_depth(text) > JSON_DEPTH {
        return Err(malformed());
    }
    let record: ReadConsent = serde_json::from_str(text).map_err(|_| malformed())?;
    let terms = AgreedTerms::narrowed_from_json(&record.terms)?;
    if terms.consent != record.id {
        return Err(another("holds the terms of another one"));
    }
    if named.id != record.id || named.assurance != record.assurance {
        return Err(another("is another one than the share names"));
    }
    let consented = record.consented(&terms)?;
    record.check_time(bundle, loan, &terms)?;
    check_parties(bundle, &terms, opened_by)?;
    check_scope(bundle, &terms)?;
    check_narrow(bundle, &terms)?;
    Ok(consented)
}

/// Who allowed it, as the sender says; none where the consent does not tell.
pub fn granted_by(loan: &Loan) -> Option<String> {
    #[derive(Deserialize)]
    struct Granted {
        granted_by: Option<String>,
    }
    let text = &loan.consent.text;
    let granted: Option<Granted> = (json_depth(text) <= JSON_DEPTH)
        .then(|| serde_json::from_str(text).ok())
        .flatten();
    granted?.granted_by
}

fn another(what: &str) -> Error {
    Error::integrity(format!("the consent in the share {what}"))
}

impl ReadConsent {
    fn consented(&self, terms: &AgreedTerms) -> Result<Consented> {
        let signed = self.evidence.iter().find(|it| it.signature.is_some());
        if let Some(evidence) = signed {
            return (self.check_signature(evidence, terms)).map(Consented::Signed);
        }
        if self.assurance.as_deref() != Some(Assurance::Signed.as_str()) {
            return Ok(Consented::Stated);
        }
        // What was signed stays behind only where it is more than what came.
        if self.is_whole() {
            return Err(another("says that it is signed, and holds no signature"));
        }
        Ok(Consented::SaidSigned)
    }

    /// Whether all that was agreed to came.
    fn is_whole(&self) -> bool {
        self.whole_terms == terms_hash(&self.terms)
    }

    /// The key that signed, if the text is the record's, states its terms, and the signature is
    /// good.
    fn check_signature(
        &self,
        evidence: &ReadEvidence,
        terms: &AgreedTerms,
    ) -> Result<SshPublicKey> {
        let (Some(text), Some(signature)) = (&self.request, &evidence.signature) else {
            return Err(another("does not hold the text that was signed"));
        };
        if evidence.sha256.as_deref() != Some(sha256_hex(text.as_bytes()).as_str()) {
            return Err(another("holds another text than its hash says"));
        }
        let verified = sshsig::verify(signature, NAMESPACE, text.as_bytes())
            .map_err(|why| another(&format!("was not signed so: {}", why.message())))?;
        if evidence.key.as_deref() != Some(verified.key.to_openssh().as_str()) {
            return Err(another("was signed by another key than it names"));
        }
        if !self.is_whole() || !states(text, terms, &self.terms) {
            return Err(another("has other terms than the text that was signed"));
        }
        Ok(verified.key)
    }

    fn check_time(&self, bundle: &Bundle, loan: &Loan, terms: &AgreedTerms) -> Result<()> {
        let end = self
            .until
            .map_or(terms.expires, |until| until.min(terms.expires));
        if end < loan.expires {
            return Err(refused(format!(
                "the share would last until {}, its consent ends on {end}",
                loan.expires
            )));
        }
        if bundle.created < self.not_before {
            return Err(refused(format!(
                "the share was made on {}, its consent begins on {}",
                bundle.created, self.not_before
            )));
        }
        Ok(())
    }
}

/// Whose it is, whom it is for and what for.
fn check_parties(bundle: &Bundle, terms: &AgreedTerms, opened_by: &[String]) -> Result<()> {
    let name = bundle.client.name.as_ref().unwrap_or(&bundle.client.slug);
    if terms.client.slug != bundle.client.slug || terms.client.name != *name {
        return Err(refused(
            "the consent in the share was given by another client".to_owned(),
        ));
    }
    let named = |one: &&AgreedRecipient| one.name == bundle.recipient.contact;
    let Some(recipient) = terms.recipients.iter().find(named) else {
        return Err(refused(
            "the consent in the share was given for somebody else".to_owned(),
        ));
    };
    let by_passphrase = opened_by.is_empty() && recipient.keys.is_empty();
    if !by_passphrase && !opened_by.iter().any(|key| recipient.keys.contains(key)) {
        return Err(refused(
            "the consent in the share was given for other keys than yours".to_owned(),
        ));
    }
    if terms.purpose() != bundle.purpose {
        return Err(refused(
            "the consent in the share was given for another purpose".to_owned(),
        ));
    }
    Ok(())
}

fn check_scope(bundle: &Bundle, terms: &AgreedTerms) -> Result<()> {
    let scope = terms.scope();
    for item in &bundle.items {
        let path = format!("{}/{}", bundle.client.slug, item.name);
        // Repeated only as a name: it is a text of whoever made the file.
        let Ok(path) = path.parse::<EntryPath>() else {
            return Err(Error::integrity("the share's content is malformed: a name"));
        };
        let path = path.to_string();
        // By the path that was agreed to, too: the id alone says nothing to anybody.
        let named = |it: &AgreedEntry| it.entry == item.entry && it.path == path;
        if !terms.entries.iter().any(named) {
            return Err(refused(format!(
                "the share's consent does not cover {path}"
            )));
        }
        if fields(item).any(|field| !scope.has_field(&field)) {
            return Err(refused(format!(
                "the share holds more of {path} than its consent covers"
            )));
        }
    }
    Ok(())
}

/// Nothing comes of what the client agreed to beside the share. All that is in it is covered.
fn check_narrow(bundle: &Bundle, terms: &AgreedTerms) -> Result<()> {
    let is_narrow = terms.recipients.len() == 1
        && terms.entries.len() == bundle.items.len()
        && terms.patterns.is_empty()
        && terms.covered.is_empty()
        && terms.except.is_empty();
    if is_narrow {
        return Ok(());
    }
    Err(another("names more than the share"))
}

/// What an item holds; what has no valid name is refused elsewhere.
fn fields(item: &BundleItem) -> impl Iterator<Item = SharedField> {
    let texts = item.fields.keys().filter_map(|name| name.parse().ok());
    let files = (item.attachments.iter())
        .filter_map(|file| Some(SharedField::Attachment(file.name.parse().ok()?)));
    texts.chain(files)
}

fn refused(message: String) -> Error {
    Error::refused(message)
        .hint("nothing was kept; tell the sender, who may have to ask the client")
}
