//! The record of a consent that travels with what is shared under it: who allowed what, to whom,
//! what for and until when. A consent that was signed carries its text and the signature, so that
//! whoever gets it can check it with `ssh-keygen -Y verify`.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::client::Assurance;
use crate::model::consent::{Consent, Evidence};
use crate::model::vault::Vault;

#[derive(Serialize)]
struct ConsentRecord<'a> {
    id: Uuid,
    client: ClientPart<'a>,
    granted_by: Option<&'a str>,
    recipients: Vec<String>,
    purposes: &'a [String],
    scope: ScopePart<'a>,
    not_before: Timestamp,
    expires: Timestamp,
    basis: Option<&'a str>,
    assurance: Option<&'static str>,
    collection_method: Option<&'a str>,
    withdrawal_method: Option<&'a str>,
    evidence: Vec<EvidencePart<'a>>,
    /// The text that was signed, exactly.
    request: Option<&'a str>,
}

#[derive(Serialize)]
struct ClientPart<'a> {
    slug: &'a str,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct ScopePart<'a> {
    entries: Vec<String>,
    patterns: &'a [String],
    /// None means the secret, username, URLs and all fields that are not hidden.
    fields: &'a [String],
    onward_sharing: bool,
}

/// Evidence without what is not the recipient's business: notes and files stay in the vault.
#[derive(Serialize)]
struct EvidencePart<'a> {
    kind: &'a str,
    sha256: Option<&'a str>,
    signature: Option<&'a str>,
    key: Option<&'a str>,
}

/// The record as JSON, the same for the same vault and consent.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when a record of the vault is malformed, or the consent's
/// client is missing.
pub fn to_json(vault: &Vault, consent: &Consent) -> Result<String> {
    let client = (vault.clients.iter())
        .find(|client| client.id == consent.client)
        .ok_or_else(|| {
            Error::integrity(format!("consent {} has no client in the vault", consent.id))
        })?;
    let signed = consent.evidence.iter().any(|e| e.signature.is_some());
    let record = ConsentRecord {
        id: consent.id,
        client: ClientPart {
            slug: client.slug(),
            name: client.name.value().map(String::as_str),
        },
        granted_by: consent.granted_by.value().map(|who| who.name.as_str()),
        recipients: vault.contact_names(&consent.recipients)?,
        purposes: &consent.purposes,
        scope: ScopePart {
            entries: vault.scope_paths(consent)?,
            patterns: &consent.scope.patterns,
            fields: &consent.scope.fields,
            onward_sharing: consent.scope.onward_sharing,
        },
        not_before: consent.not_before(),
        expires: consent.expires,
        basis: consent.basis.as_deref(),
        assurance: consent.assurance().map(Assurance::as_str),
        collection_method: consent.collection_method.value().map(String::as_str),
        withdrawal_method: consent.withdrawal_method.as_deref(),
        evidence: consent.evidence.iter().map(part).collect(),
        request: consent.request.as_deref().filter(|_| signed),
    };
    serde_json::to_string(&record)
        .map_err(|why| Error::failed(format!("cannot write the consent's record: {why}")))
}

fn part(evidence: &Evidence) -> EvidencePart<'_> {
    EvidencePart {
        kind: &evidence.kind,
        sha256: evidence.sha256.as_deref(),
        signature: evidence.signature.as_deref(),
        key: evidence.key.as_deref(),
    }
}
