//! Small files that are kept with an entry. Each is a record that stays until it is purged; which
//! one a name stands for is a cell, as with secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::cell::{Cell, Stamp};
use super::event::sha256_hex;
use super::merging::written_once;
use super::record::record;
use super::slot::StoredSecret;
use super::stamped::Stamped;
use crate::error::{Error, Result};
use crate::model::text::name::AttachmentName;
use crate::model::text::secret::Secret;

/// A file's bytes as base64 without padding, decoded only where they are asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileContent(pub(crate) StoredSecret);

impl Stamped for FileContent {}
written_once!(FileContent);

impl FileContent {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(Secret::new(STANDARD_NO_PAD.encode(bytes)).into())
    }

    fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let text = self.0.expose();
        // Made as large as it can become, so that no copy is left behind by growth.
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(base64::decoded_len_estimate(text.len())));
        STANDARD_NO_PAD.decode_vec(text, &mut bytes).ok()?;
        Some(bytes)
    }
}

record! {
    /// A file that is or was attached to an entry.
    pub struct Attachment by created {
        required {
            /// The record's id.
            id: Uuid,
            /// What it is called.
            name: String,
            /// When it was attached.
            created: Timestamp,
            /// SHA-256 of the file, lower-case hex.
            sha256: String,
            /// Its size in bytes.
            size: u64,
            /// The file itself.
            content: FileContent,
        }
        optional {}
    }
}

/// Keeps an agreement as the one that counts, unless it is that already.
pub(crate) fn file_agreement(
    counts: &mut Cell<Option<Uuid>>,
    all: &mut Vec<Attachment>,
    file: Attachment,
    stamp: Stamp,
) {
    let known = agreement_of(counts, all);
    let same = known.filter(|old| old.name == file.name && old.sha256 == file.sha256);
    if let Some(same) = same.map(|old| old.id) {
        counts.set(stamp, Some(same));
        return;
    }
    counts.set(stamp, Some(file.id));
    all.push(file);
}

/// The agreement that counts.
pub(crate) fn agreement_of<'a>(
    counts: &Cell<Option<Uuid>>,
    all: &'a [Attachment],
) -> Option<&'a Attachment> {
    let id = counts.value()?;
    all.iter().find(|file| file.id == *id)
}

impl Attachment {
    /// The start of its hash, which tells it from another of its name.
    pub(crate) fn short_hash(&self) -> &str {
        self.sha256.get(..8).unwrap_or_default()
    }

    pub(crate) fn new(id: Uuid, name: &AttachmentName, bytes: &[u8], created: Timestamp) -> Self {
        Self::with(
            id,
            name.as_str().to_owned(),
            created,
            sha256_hex(bytes),
            bytes.len() as u64,
            FileContent::new(bytes),
        )
    }

    /// The file, held against its size and hash.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`].
    pub fn bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let damaged = |what: &str| Error::integrity(format!("attachment {} {what}", self.id));
        let bytes = (self.content.decode()).ok_or_else(|| damaged("is not canonical base64"))?;
        if bytes.len() as u64 != self.size {
            return Err(damaged("has not the size that it says"));
        }
        if sha256_hex(&bytes) != self.sha256 {
            return Err(damaged("has not the SHA-256 that it says"));
        }
        Ok(bytes)
    }

    /// Whether it holds exactly these bytes, by what it says of itself.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() as u64 && self.sha256 == sha256_hex(bytes)
    }
}
