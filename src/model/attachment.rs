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
use super::limits::{ATTACHMENT_BYTES, ATTACHMENTS_BYTES};
use super::log::sha256_hex;
use super::name::{AttachmentName, EntryPath};
use super::record::record;
use super::secret::Secret;
use super::similar;
use super::vault::{Author, Vault};
use crate::error::{Error, Result};

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
    fn new(id: Uuid, name: &AttachmentName, bytes: &[u8], created: Timestamp) -> Self {
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

    /// The size of all attachments, those in the history and in the trash included.
    fn attachments_size(&self) -> Result<u64> {
        let mut all = 0_u64;
        for entry in &self.entries {
            all = all.saturating_add(sizes_in(entry)?);
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
        None if names.is_empty() => error.hint(format!("attach one: vault attach {path} FILE")),
        None => error.hint(format!("it has: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{Attachment, AttachmentName, EntryPath, Vault};
    use crate::error::Kind;
    use crate::model::access::Access;
    use crate::model::cell::DeviceId;
    use crate::model::changes::Changes;
    use crate::model::check;
    use crate::model::identity::Identity;
    use crate::model::kdf::KdfParams;
    use crate::model::limits::ATTACHMENT_BYTES;
    use crate::model::secret::Secret;
    use crate::model::vault::Author;

    fn author() -> Author<'static> {
        Author {
            device: DeviceId::from_random([7; 8]),
            now: Timestamp::UNIX_EPOCH,
            new_id: &Uuid::new_v4,
        }
    }

    fn path() -> EntryPath {
        "acme/server".parse().unwrap()
    }

    fn name() -> AttachmentName {
        "key".parse().unwrap()
    }

    /// A vault with one entry and the attachment `key`, as it is read from a file.
    fn attached() -> Vault {
        let access = Access {
            salt: [1; 16],
            kdf: KdfParams::default(),
            key_file: false,
        };
        let key = || Secret::new("key".into());
        let identity = Identity::new(key(), key(), key());
        let mut vault = Vault::new(Uuid::new_v4(), access, identity, &author());
        vault.add(&path(), Changes::default(), &author()).unwrap();
        vault
            .attach(&path(), &name(), b"canary", false, &author())
            .unwrap();
        reread(&vault)
    }

    fn reread(vault: &Vault) -> Vault {
        Vault::decode(&vault.encode(0).unwrap()).unwrap()
    }

    /// What `check` says is wrong first.
    fn fault(vault: &Vault) -> Option<String> {
        let mut faults = check::all(vault).into_iter();
        faults.find_map(|check| check.outcome.err())
    }

    fn damaged(damage: impl FnOnce(&mut Attachment)) -> Vault {
        let mut vault = attached();
        let entry = vault.entry_mut(&path()).unwrap();
        damage(&mut entry.attachments[0]);
        reread(&vault)
    }

    #[test]
    fn a_file_survives_the_payload_and_shows_in_no_debug_output() {
        let vault = attached();
        assert_eq!(fault(&vault), None);
        let file = vault.attachment(&path(), &name()).unwrap();
        assert_eq!(&**file.bytes().unwrap(), b"canary");
        assert!(file.is_of(b"canary") && !file.is_of(b"other!"));
        let shown = format!("{file:?}");
        assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"));
    }

    #[test]
    fn a_damaged_file_is_found_and_not_given_out() {
        let not_canonical = || super::Content(Secret::new("Y2FuYXJ5==".into()));
        let damages = [
            (damaged(|file| file.size += 1), "size"),
            (damaged(|file| file.sha256 = "00".repeat(32)), "SHA-256"),
            (
                damaged(|file| file.content = super::Content::new(b"canari")),
                "SHA-256",
            ),
            (damaged(|file| file.content = not_canonical()), "base64"),
        ];
        for (vault, says) in damages {
            assert!(fault(&vault).unwrap().contains(says));
            let file = vault.attachment(&path(), &name()).unwrap();
            assert_eq!(file.bytes().unwrap_err().kind(), Kind::Integrity);
        }
    }

    #[test]
    fn a_name_stands_for_a_file_that_is_there_and_is_called_so() {
        let gone = damaged(|file| file.id = Uuid::new_v4());
        let other = damaged(|file| file.name = "other".into());
        for vault in [gone, other] {
            assert!(fault(&vault).unwrap().contains("attachment"));
        }
        let hostile = damaged(|file| file.name = "../x".into());
        assert!(fault(&hostile).unwrap().contains("valid name"));
    }

    #[test]
    fn an_id_stands_for_one_record_only() {
        let mut vault = attached();
        let entry = vault.entry_mut(&path()).unwrap();
        let twin = entry.attachments[0].clone();
        entry.attachments.push(twin);
        assert!(fault(&vault).unwrap().contains("two records"));
    }

    #[test]
    fn sizes_that_add_up_to_too_much_do_not_wrap_around() {
        let read = damaged(|file| file.size = u64::MAX);
        let mut changed = read.clone();
        changed.entry_mut(&path()).unwrap();
        for vault in [read, changed] {
            let full = vault.check_attachable(&path(), &"more".parse().unwrap(), 1, false);
            assert_eq!(full.unwrap_err().kind(), Kind::Usage);
        }
    }

    #[test]
    fn a_file_past_the_limit_is_refused() {
        let mut vault = attached();
        let mut attach = |size| {
            let name = "large".parse().unwrap();
            vault.attach(&path(), &name, &vec![0; size], true, &author())
        };
        assert!(attach(ATTACHMENT_BYTES).is_ok());
        let larger = attach(ATTACHMENT_BYTES + 1).unwrap_err();
        assert_eq!(larger.kind(), Kind::Usage);
    }

    #[test]
    fn only_the_file_that_was_meant_is_taken_away() {
        let mut vault = attached();
        let old = vault.attachment(&path(), &name()).unwrap().id;
        let new = vault
            .attach(&path(), &name(), b"new", true, &author())
            .unwrap();
        let overtaken = vault.detach(&path(), &name(), old, &author());
        assert_eq!(overtaken.unwrap_err().kind(), Kind::Conflict);
        vault.detach(&path(), &name(), new, &author()).unwrap();
        let gone = vault.attachment(&path(), &name()).unwrap_err();
        assert_eq!(gone.kind(), Kind::NotFound);
        assert_eq!(vault.entry(&path()).unwrap().attachments.len(), 2);
        assert_eq!(fault(&reread(&vault)), None);
    }
}
