//! The statement that what came with a share is deleted: made in the same change that deletes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChainHead, ShareRef, heads, own_name, sign, words::ReplyWords};
use crate::crypto::signing::documents::DELETION;
use crate::error::Result;
use crate::exchange::identity::PublicIdentity;
use crate::exchange::manifest::Manifest;
use crate::model::records::log::sha256_hex;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// The body of a statement of deletion.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// Its own id.
    pub id: Uuid,
    /// Which share it is about.
    pub share: ShareRef,
    /// Who states it.
    pub recipient: PublicIdentity,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Where it was deleted.
    pub locations: Vec<Location>,
    /// What may still hold it.
    pub retained: Vec<Retained>,
    /// What the recipient says, in the language of the share.
    pub statement: String,
    /// What can and what cannot be known of it.
    pub remark: String,
    /// How far the recipient's log had come.
    pub log: Vec<ChainHead>,
}

/// A place from which it was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The place.
    #[serde(rename = "where")]
    pub place: String,
    /// How.
    pub method: String,
}

/// A copy that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// What it is.
    pub what: String,
    /// Why it is kept.
    pub reason: String,
}

/// Deletes what came with a share and signs that, unless that was done before. `backups` are the
/// generations that are kept beside the vault.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] when there is no such share.
pub fn attest(
    vault: &mut Vault,
    share: Uuid,
    backups: &[u64],
    author: &Author<'_>,
) -> Result<String> {
    let received = vault.received.by_id(share)?;
    if let Some(before) = received.attestation() {
        return Ok(before.to_owned());
    }
    let about = ShareRef {
        id: share,
        payload_sha256: received.payload_sha256.clone(),
        manifest_sha256: sha256_hex(received.manifest.as_bytes()),
    };
    let manifest = Manifest::from_json(&received.manifest)?;
    let stamp = vault.purge_received(share, author)?;
    let deletion = Deletion {
        id: (author.new_id)(),
        share: about,
        recipient: PublicIdentity::of(vault)?,
        deleted_at: author.now,
        locations: vec![Location {
            place: format!("vault {}", vault.vault_id),
            method: "the entries were removed with all their versions and files; the vault was \
                     written anew, under a new file key"
                .into(),
        }],
        retained: retained(backups),
        statement: ReplyWords::of(&manifest.lang)
            .deleted(&own_name(vault, manifest.recipient.called())),
        remark: "What came with this share is deleted from this vault. The encrypted copies \
                    under `retained` were made before and may still hold it until they are \
                    removed; copies outside this vault are not known to it."
            .into(),
        log: heads(vault),
    };
    let statement = sign(vault, DELETION, &deletion)?;
    vault.file_attestation(share, statement.clone(), stamp)?;
    Ok(statement)
}

fn retained(backups: &[u64]) -> Vec<Retained> {
    if backups.is_empty() {
        return vec![];
    }
    let numbers: Vec<String> = backups.iter().map(u64::to_string).collect();
    vec![Retained {
        what: format!(
            "encrypted backups of the vault: generations {}",
            numbers.join(", ")
        ),
        reason: "kept to recover from mistakes and damage; the ten newest stay, then one a day \
                 for thirty days"
            .into(),
    }]
}
