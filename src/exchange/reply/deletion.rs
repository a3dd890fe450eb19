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
use crate::model::sharing::came_files::{CameFile, FileState};
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
    /// Copies elsewhere, in the recipient's own words; none where they say that there are none.
    pub outside: Option<String>,
    /// What cannot be known of it.
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
    /// When it is gone; none where that is not known.
    pub gone_by: Option<Timestamp>,
}

/// A backup that may hold what came with a share: its generation, and when it is gone.
pub type KeptBackup = (u64, Option<Timestamp>);

/// Deletes what came with a share and signs that, unless that was done before. `backups` are kept
/// beside the vault, `files` are those that it was read from, `outside` is what the recipient says of copies elsewhere, if there are any.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] when there is no such share; [`crate::error::Kind::Conflict`]
/// when a later one holds a part of it.
pub fn attest(
    vault: &mut Vault,
    share: Uuid,
    (backups, files): (&[KeptBackup], &[CameFile]),
    outside: Option<String>,
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
    let words = ReplyWords::of(&manifest.lang);
    let name = own_name(vault, manifest.recipient.called());
    let since = received.generation;
    let held = backups
        .iter()
        .filter(|(number, _)| since.is_none_or(|since| *number > since));
    let mut retained = retained(words, &held.copied().collect::<Vec<_>>());
    let mut locations = vec![Location {
        place: format!("vault {}", vault.vault_id),
        method: words.method.to_owned(),
    }];
    for file in files {
        let what = words.file(file.name());
        let kept = |reason: &str| Retained {
            what: what.clone(),
            reason: reason.to_owned(),
            gone_by: None,
        };
        match (file.state, &outside) {
            (FileState::Gone, _) => locations.push(Location {
                place: what,
                method: words.file_gone.to_owned(),
            }),
            (FileState::There, Some(why)) => retained.push(kept(why)),
            (FileState::There | FileState::Elsewhere, _) => {
                retained.push(kept(words.file_unseen));
            }
        }
    }
    let stamp = vault.purge_received(share, author)?;
    let deletion = Deletion {
        id: (author.new_id)(),
        share: about,
        recipient: PublicIdentity::of(vault)?,
        deleted_at: author.now,
        locations,
        retained,
        statement: words.deleted(&name, outside.as_deref()),
        outside,
        remark: words.cannot_know.to_owned(),
        log: heads(vault),
    };
    let statement = sign(vault, DELETION, &deletion)?;
    vault.file_attestation(share, statement.clone(), stamp)?;
    Ok(statement)
}

/// Backups without a date in one, each with a date for itself.
fn retained(words: &ReplyWords, backups: &[KeptBackup]) -> Vec<Retained> {
    let of = |generations: &[u64], reason: &str, gone_by| Retained {
        what: words.backups_of(generations),
        reason: reason.to_owned(),
        gone_by,
    };
    let undated = backups.iter().filter(|(_, gone_by)| gone_by.is_none());
    let undated: Vec<u64> = undated.map(|(generation, _)| *generation).collect();
    let dated = backups.iter().filter(|(_, gone_by)| gone_by.is_some());
    let dated = dated.map(|(generation, gone_by)| of(&[*generation], words.one_a_day, *gone_by));
    let newest = (!undated.is_empty()).then(|| of(&undated, words.the_newest, None));
    dated.chain(newest).collect()
}
