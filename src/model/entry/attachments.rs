//! Files that are kept with entries.

use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::Entry;
use crate::model::records::lazy::{Lazy, decode};
use crate::model::records::stamping::Author;
use crate::model::text::limits::{ATTACHMENT_BYTES, ATTACHMENTS_BYTES};
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::text::similar;
use crate::model::vault::Vault;

/// Refuses a file that is too large to be attached.
///
/// # Errors
/// [`crate::error::Kind::Usage`], with the limit.
pub(crate) fn check_attachment_size(size: usize) -> Result<()> {
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
    let sizes: Vec<u64> = match entry.json() {
        // Nothing but the sizes: the files themselves are passed over.
        Some(json) => {
            let sizes: Sizes = decode(json)?;
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
    let near = similar::did_you_mean(name.as_str(), names.iter().copied());
    let hint = near.unwrap_or_else(|| match names.as_slice() {
        [] => format!("attach one: vault attach {path:#} FILE"),
        names => format!("it has: {}", names.join(", ")),
    });
    Error::not_found(format!("{path} has no attachment {name}")).hint(hint)
}

impl Entry {
    /// The files that are attached, by name.
    pub fn attached(&self) -> impl Iterator<Item = &Attachment> {
        self.attached
            .keys()
            .filter_map(|name| self.attachment(name))
    }

    /// The file that is attached as `name`.
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

    /// Whether another file that is attached to an entry, here or elsewhere, is the same.
    pub(crate) fn has_other_copy(&self, file: &Attachment) -> Result<bool> {
        let live = self.live()?;
        let mut attached = live.iter().flat_map(|(_, entry)| entry.attached());
        Ok(attached.any(|other| other.id != file.id && other.sha256 == file.sha256))
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
        self.check_room_for_bytes(size)
    }

    /// Refuses new files that are too large to be kept with all others.
    pub(crate) fn check_room_for_bytes(&self, size: usize) -> Result<()> {
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
    /// [`crate::error::Kind::NotFound`] without such an entry, [`crate::error::Kind::Conflict`]
    /// when the name is taken, [`crate::error::Kind::Usage`] past a limit.
    pub fn attach(
        &mut self,
        path: &EntryPath,
        name: &AttachmentName,
        bytes: &[u8],
        replace: bool,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.check_attachable(path, name, bytes.len(), replace)?;
        self.change(author, "attach", |edit| {
            let file = Attachment::new((author.new_id)(), name, bytes, author.now);
            let id = file.id;
            let event = edit.event.note("attachment", id.to_string());
            event.note("size", file.size);
            let entry = edit.vault.entry_mut(path)?;
            event.about(entry.id);
            if let Some(old) = entry.attachment(name.as_str()) {
                event.note("replaced", old.id.to_string());
            }
            entry.attach(file, edit.stamp);
            entry.updated = Some(author.now);
            Ok(id)
        })
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
        self.change(author, "detach", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            if let Some(current) = entry.attached.get_mut(name.as_str()) {
                current.set(edit.stamp, None);
            }
            entry.updated = Some(author.now);
            edit.event.note("attachment", id.to_string());
            edit.event.about(entry.id);
            Ok(())
        })
    }

    /// All files that are kept with contacts and consents.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn filed(&self) -> Result<Vec<&Attachment>> {
        let agreements = self.contacts.all()?.into_iter().map(|it| &it.agreements);
        let agreements = agreements.chain(self.clients.iter().map(|it| &it.agreements));
        let consents = self.consents.all()?.into_iter();
        let papers = consents.flat_map(|it| [&it.files, &it.confirmations]);
        Ok(agreements.chain(papers).flatten().collect())
    }

    /// The size of all attachments, those in the history and in the trash included, with the
    /// agreements and what shows consents.
    pub(crate) fn attachments_size(&self) -> Result<u64> {
        let attached = self.entries.iter().map(sizes_in);
        let filed = self.filed()?.into_iter().map(|file| Ok(file.size));
        (attached.chain(filed)).try_fold(0, |all, size| Ok(u64::saturating_add(all, size?)))
    }
}

#[cfg(test)]
mod tests;
