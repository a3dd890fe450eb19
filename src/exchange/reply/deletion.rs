//! The statement that what came with a share is deleted: made in the same change that deletes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChainHead, Reply, ReplyContent, ShareRef, heads, own_name, sign, words::ReplyWords};
use crate::crypto::signing::documents::DELETION;
use crate::error::Result;
use crate::exchange::at_most;
use crate::exchange::identity::PublicIdentity;
use crate::exchange::manifest::Manifest;
use crate::model::records::event::sha256_hex;
use crate::model::records::share::FiledDocument;
use crate::model::records::stamping::Author;
use crate::model::sharing::came_files::{CameFile, FileState};
use crate::model::text::limits::SHARE_ITEMS;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// The body of a statement of deletion.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// Its own id.
    pub id: Uuid,
    /// Which share it is about.
    pub share: ShareRef,
    /// The entries that were deleted, by their ids in the sender's vault; none where it is all that
    /// came with the share.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>"
    )]
    pub entries: Vec<Uuid>,
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

impl Deletion {
    /// What it says was left, a line each, with times as `day` tells them: its own words are quoted,
    /// as they may be of another language.
    #[must_use]
    pub fn left(&self, day: impl Fn(Timestamp) -> String) -> Vec<String> {
        let retained = self.retained.iter().map(|kept| {
            let until = match kept.gone_by {
                Some(time) => format!("gone by {}", day(time)),
                None => quoted(&kept.reason),
            };
            format!("it may still be in {}: {until}", quoted(&kept.what))
        });
        let outside = match &self.outside {
            Some(outside) => format!("copies elsewhere: {}", quoted(outside)),
            None => "there are no copies elsewhere, they say".to_owned(),
        };
        retained.chain([outside]).collect()
    }

    /// A statement that was filed; none that was mailed, which says no more than that.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for one that is damaged.
    pub fn filed(filed: &FiledDocument) -> Result<Option<Self>> {
        if filed.mailed_from.is_some() {
            return Ok(None);
        }
        Ok(match Reply::parse(&filed.document)?.into_content() {
            ReplyContent::Deletion(deletion) => Some(deletion),
            _ => None,
        })
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text))
}

/// A backup that may hold what came with a share: its generation, and when it is gone.
pub type KeptBackup = (u64, Option<Timestamp>);

/// Deletes what came with a share, or only those of its entries here, and signs that, unless that
/// was done before. `backups` are kept beside the vault, `files` are those that it was read from,
/// `outside` is what the recipient says of copies elsewhere, if there are any.
///
/// # Errors
/// As [`Vault::attestable`].
pub fn attest(
    vault: &mut Vault,
    (share, only): (Uuid, &[Uuid]),
    (backups, files): (&[KeptBackup], &[CameFile]),
    outside: Option<String>,
    author: &Author<'_>,
) -> Result<String> {
    let received = vault.received.by_id(share)?;
    if let Some(before) = received.attestation() {
        return Ok(before.to_owned());
    }
    let part = vault.attestable(share, only)?;
    let about = ShareRef {
        id: share,
        payload_sha256: received.payload_sha256.clone(),
        manifest_sha256: sha256_hex(received.manifest.as_bytes()),
    };
    let manifest = Manifest::from_json(&received.manifest)?;
    let words = ReplyWords::of(&manifest.lang);
    let name = own_name(vault, manifest.recipient.called());
    let since = vault.held_since(received, &part)?;
    let held = backups
        .iter()
        .filter(|(number, _)| since.is_none_or(|since| *number > since));
    let mut retained = retained(words, &held.copied().collect::<Vec<_>>());
    let mut locations = vec![Location {
        place: format!("vault {}", vault.vault_id),
        method: words.method.to_owned(),
    }];
    for file in files {
        match of_file(words, file) {
            Ok(gone) => locations.push(gone),
            Err(kept) => retained.push(kept),
        }
    }
    let mut entries = Vec::new();
    if !part.is_whole {
        entries.extend(
            part.ids()
                .into_iter()
                .filter_map(|id| received.origin_of(id)),
        );
    }
    let named = manifest
        .items
        .iter()
        .filter(|it| entries.contains(&it.entry));
    let named: Vec<&str> = named.map(|item| item.name.as_str()).collect();
    let named = (!part.is_whole).then(|| named.join(", "));
    let statement = words.deleted(&name, named.as_deref(), outside.as_deref());
    let stamp = vault.purge_received(share, &part, author)?;
    let deletion = Deletion {
        id: (author.new_id)(),
        share: about,
        entries,
        recipient: PublicIdentity::of(vault)?,
        deleted_at: author.now,
        locations,
        retained,
        statement,
        outside,
        remark: words.cannot_know.to_owned(),
        log: heads(vault),
    };
    let statement = sign(vault, DELETION, &deletion)?;
    vault.file_attestation(share, &part, statement.clone(), stamp)?;
    Ok(statement)
}

/// That a file which it was read from is gone, or else that nobody can say so here.
fn of_file(words: &ReplyWords, file: &CameFile) -> std::result::Result<Location, Retained> {
    let what = words.file(file.name());
    if file.state == FileState::Gone {
        return Ok(Location {
            place: what,
            method: words.file_gone.to_owned(),
        });
    }
    Err(Retained {
        what,
        reason: words.file_unseen.to_owned(),
        gone_by: None,
    })
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
