//! Small files that are kept with an entry. Each is a record that stays until it is purged; which
//! one a name stands for is a cell, as with secrets.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::entry::Entry;
use super::lazy::{Lazy, decode};
use super::log::sha256_hex;
use super::record::record;
use crate::error::{Error, Result};
use crate::model::text::limits::{ATTACHMENT_BYTES, ATTACHMENTS_BYTES};
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::text::secret::Secret;
use crate::model::text::similar;
use crate::model::vault::{Author, Vault};

/// A file's bytes as base64 without padding, decoded only where they are asked for.
#[derive(Clone)]
pub struct Content(Secret);

impl Content {
    fn new(bytes: &[u8]) -> Self {
        Self(Secret::new(STANDARD_NO_PAD.encode(bytes)))
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

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(…)")
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

record! {
    /// A file that is or was attached to an entry.
    pub struct Attachment {
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
            content: Content,
        }
        optional {}
    }
}

impl Attachment {
    pub(crate) fn new(id: Uuid, name: &AttachmentName, bytes: &[u8], created: Timestamp) -> Self {
        Self::with(
            id,
            name.as_str().to_owned(),
            created,
            sha256_hex(bytes),
            bytes.len() as u64,
            Content::new(bytes),
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
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() as u64 && self.sha256 == sha256_hex(bytes)
    }
}

impl Entry {
    /// The files that are attached, by name.
    pub fn attached(&self) -> impl Iterator<Item = &Attachment> {
        self.attached
            .keys()
            .filter_map(|name| self.attachment(name))
    }

    /// The file that is attached as `name`.
    #[must_use]
    pub fn attachment(&self, name: &str) -> Option<&Attachment> {
        let id = self.attached.get(name)?.value()?;
        self.attachments.iter().find(|file| file.id == *id)
    }
}

impl Vault {
    /// The file that is attached to an entry as `name`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with what there is as a hint.
    pub fn attachment(&self, path: &EntryPath, name: &AttachmentName) -> Result<&Attachment> {
        let entry = self.entry(path)?;
        (entry.attachment(name.as_str())).ok_or_else(|| no_attachment(entry, path, name))
    }

    /// Refuses a file that could not be attached: a name that is taken, unless it is to be
    /// replaced, and a size past a limit.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], [`crate::error::Kind::Conflict`] or
    /// [`crate::error::Kind::Usage`].
    pub fn check_attachable(
        &self,
        path: &EntryPath,
        name: &AttachmentName,
        size: usize,
        replace: bool,
    ) -> Result<()> {
        let taken = self.entry(path)?.attachment(name.as_str()).is_some();
        if taken && !replace {
            return Err(
                Error::conflict(format!("{path} already has an attachment {name}")).hint(
                    "--replace puts the new file in its place, --as NAME gives it another name",
                ),
            );
        }
        self.check_room_for_file(size)
    }

    /// Refuses a file that is too large to be kept, by itself or with all others.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], with the limit.
    pub fn check_room_for_file(&self, size: usize) -> Result<()> {
        check_attachment_size(size)?;
        let all = self.attachments_size()?.saturating_add(size as u64);
        if all > ATTACHMENTS_BYTES {
            return Err(Error::usage(format!(
                "all attachments would have {all} bytes, the limit is {ATTACHMENTS_BYTES}"
            ))
            .hint("those that were replaced or removed count until they are purged"));
        }
        Ok(())
    }

    /// Attaches a file to an entry. One that had the name before stays in the history.
    ///
    /// # Errors
    /// As [`Self::check_attachable`].
    pub fn attach(
        &mut self,
        path: &EntryPath,
        name: &AttachmentName,
        bytes: &[u8],
        replace: bool,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.check_attachable(path, name, bytes.len(), replace)?;
        let stamp = self.seen.next(author.device);
        let file = Attachment::new((author.new_id)(), name, bytes, author.now);
        let (id, size) = (file.id, file.size);
        let entry = self.entry_mut(path)?;
        let current = entry.attached.entry(name.as_str().to_owned()).or_default();
        let replaced = current.value().copied();
        current.set(stamp, Some(id));
        entry.attachments.push(file);
        entry.updated = Some(author.now);
        let subject = vec![entry.id];
        self.record(author, "attach", subject, |event| {
            let event = event.with("attachment", id.to_string()).with("size", size);
            match replaced {
                Some(old) => event.with("replaced", old.to_string()),
                None => event,
            }
        });
        Ok(id)
    }

    /// Takes the attachment `id` from an entry; it stays in the history.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Conflict`] when the name stands for
    /// another file by now.
    pub fn detach(
        &mut self,
        path: &EntryPath,
        name: &AttachmentName,
        id: Uuid,
        author: &Author<'_>,
    ) -> Result<()> {
        if self.attachment(path, name)?.id != id {
            return Err(Error::conflict(format!(
                "attachment {name} of {path} was replaced by another process meanwhile"
            ))
            .hint("it was not removed; look at what it is now"));
        }
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        if let Some(current) = entry.attached.get_mut(name.as_str()) {
            current.set(stamp, None);
        }
        entry.updated = Some(author.now);
        let subject = vec![entry.id];
        self.record(author, "detach", subject, |event| {
            event.with("attachment", id.to_string())
        });
        Ok(())
    }

    /// All files that are kept with contacts and consents.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn filed(&self) -> Result<Vec<&Attachment>> {
        let mut files: Vec<&Attachment> = Vec::new();
        for contact in &self.contacts {
            files.extend(&contact.get()?.agreements);
        }
        for consent in &self.consents {
            files.extend(&consent.get()?.files);
        }
        Ok(files)
    }

    /// The size of all attachments, those in the history and in the trash included, with the
    /// agreements of contacts and what shows consents.
    pub(crate) fn attachments_size(&self) -> Result<u64> {
        let mut all = 0_u64;
        for entry in &self.entries {
            all = all.saturating_add(sizes_in(entry)?);
        }
        for file in self.filed()? {
            all = all.saturating_add(file.size);
        }
        Ok(all)
    }
}

/// Refuses a file that is too large to be attached.
///
/// # Errors
/// [`crate::error::Kind::Usage`], with the limit.
pub fn check_attachment_size(size: usize) -> Result<()> {
    if size > ATTACHMENT_BYTES {
        return Err(Error::usage(format!(
            "the file has {size} bytes, the limit of an attachment is {ATTACHMENT_BYTES}"
        )));
    }
    Ok(())
}

fn sizes_in(entry: &Lazy<Entry>) -> Result<u64> {
    #[derive(Deserialize)]
    struct Sizes {
        #[serde(default)]
        attachments: Vec<Size>,
    }
    #[derive(Deserialize)]
    struct Size {
        size: u64,
    }
    let sizes: Vec<u64> = match entry.text() {
        // Nothing but the sizes: the files themselves are passed over.
        Some(text) => {
            let sizes: Sizes = decode(text)?;
            sizes.attachments.iter().map(|file| file.size).collect()
        }
        None => entry
            .get()?
            .attachments
            .iter()
            .map(|file| file.size)
            .collect(),
    };
    Ok(sizes.into_iter().fold(0, u64::saturating_add))
}

fn no_attachment(entry: &Entry, path: &EntryPath, name: &AttachmentName) -> Error {
    let names: Vec<&str> = entry.attached().map(|file| file.name.as_str()).collect();
    let error = Error::not_found(format!("{path} has no attachment {name}"));
    match similar::nearest(name.as_str(), names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None if names.is_empty() => error.hint(format!("attach one: vault attach {path:#} FILE")),
        None => error.hint(format!("it has: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests;
