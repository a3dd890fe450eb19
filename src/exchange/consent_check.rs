//! Holding the consent that travels with a share against the share, on the recipient's side. The
//! sender signed both; what the client signed is held against the record too.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::bundle::{Bundle, Item};
use super::request::{NAMESPACE, states};
use crate::crypto::SshPublicKey;
use crate::crypto::sshsig;
use crate::error::{Error, Result};
use crate::model::client::Assurance;
use crate::model::consent::Scope;
use crate::model::json_depth;
use crate::model::limits::JSON_DEPTH;
use crate::model::log::sha256_hex;
use crate::model::name::EntryPath;
use crate::model::scope::SharedField;

/// Whose word the consent is, as far as its recipient can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consented {
    /// This key signed it. Whose key that is, the recipient has to ask the client.
    Signed(SshPublicKey),
    /// The sender says so: what shows it stayed in their vault.
    Stated,
}

/// What is read of [`super::consent_record`].
#[derive(Deserialize)]
struct Record {
    id: Uuid,
    client: OfClient,
    scope: ScopePart,
    not_before: Timestamp,
    expires: Timestamp,
    assurance: Option<String>,
    #[serde(default)]
    evidence: Vec<EvidencePart>,
    request: Option<String>,
}

#[derive(Deserialize)]
struct OfClient {
    slug: String,
}

#[derive(Deserialize)]
struct ScopePart {
    entries: Vec<String>,
    patterns: Vec<String>,
    fields: Vec<String>,
}

#[derive(Deserialize)]
struct EvidencePart {
    sha256: Option<String>,
    signature: Option<String>,
    key: Option<String>,
}

/// Checks that the consent in a share is whole and allows that share.
///
/// # Errors
/// Integrity when the consent is not the one that its hash says, is malformed, or its signature
/// is not good; refused when it does not allow the share.
pub fn check(bundle: &Bundle) -> Result<Consented> {
    if sha256_hex(bundle.consent.as_bytes()) != bundle.consent_sha256 {
        return Err(Error::integrity(
            "the consent in the share is not the one that its hash says",
        ));
    }
    let malformed = || Error::integrity("the consent in the share is malformed");
    if json_depth(&bundle.consent) > JSON_DEPTH {
        return Err(malformed());
    }
    let record: Record = serde_json::from_str(&bundle.consent).map_err(|_| malformed())?;
    let consented = record.consented()?;
    record.check_time(bundle)?;
    record.check_scope(bundle)?;
    Ok(consented)
}

impl Record {
    fn consented(&self) -> Result<Consented> {
        let signed = self.evidence.iter().find(|it| it.signature.is_some());
        if let Some(evidence) = signed {
            return self.check_signature(evidence).map(Consented::Signed);
        }
        if self.assurance.as_deref() == Some(Assurance::Signed.as_str()) {
            return Err(Error::integrity(
                "the consent in the share says that it is signed, and holds no signature",
            ));
        }
        Ok(Consented::Stated)
    }

    /// The key that signed, if the text is the record's and the signature is good.
    fn check_signature(&self, evidence: &EvidencePart) -> Result<SshPublicKey> {
        let another = |what: &str| Error::integrity(format!("the consent in the share {what}"));
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
        if !states(text, self.id, self.expires) {
            return Err(another(
                "has another number or end than the text that was signed",
            ));
        }
        Ok(verified.key)
    }

    fn check_time(&self, bundle: &Bundle) -> Result<()> {
        if self.expires < bundle.expires {
            return Err(refused(format!(
                "the share would last until {}, its consent ends on {}",
                bundle.expires, self.expires
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

    fn check_scope(&self, bundle: &Bundle) -> Result<()> {
        if self.client.slug != bundle.client.slug {
            return Err(refused(
                "the consent in the share was given by another client".to_owned(),
            ));
        }
        let scope = Scope::with(
            vec![],
            self.scope.patterns.clone(),
            self.scope.fields.clone(),
            false,
        );
        for item in &bundle.items {
            let path = format!("{}/{}", bundle.client.slug, item.name);
            // Repeated only as a name: it is a text of whoever made the file.
            let Ok(path) = path.parse::<EntryPath>() else {
                return Err(Error::integrity("the share's content is malformed: a name"));
            };
            let path = path.to_string();
            let covered = self.scope.entries.contains(&path)
                || scope.patterns().any(|pattern| pattern.matches(&path));
            if !covered {
                return Err(refused(format!(
                    "the share's consent does not cover {path}"
                )));
            }
            if fields(item).any(|(field, hidden)| !scope.has_field(&field, hidden)) {
                return Err(refused(format!(
                    "the share holds more of {path} than its consent covers"
                )));
            }
        }
        Ok(())
    }
}

/// What an item holds, and whether that is hidden; what has no valid name is refused elsewhere.
fn fields(item: &Item) -> impl Iterator<Item = (SharedField, bool)> {
    let texts = (item.fields.keys())
        .filter_map(|name| Some((name.parse().ok()?, item.hidden.contains(name))));
    let files = (item.attachments.iter())
        .filter_map(|file| Some((SharedField::Attachment(file.name.parse().ok()?), false)));
    texts.chain(files)
}

fn refused(message: String) -> Error {
    Error::refused(message)
        .hint("nothing was kept; tell the sender, who may have to ask the client")
}
