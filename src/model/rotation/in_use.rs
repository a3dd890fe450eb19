//! Whether what somebody knows of an entry is in use.

use uuid::Uuid;

use crate::model::entry::field::{ATTACHMENT, TOTP, attachment_field};
use crate::model::records::entry::{Entry, Version};
use crate::model::records::slot::Slot;

/// Whether a version of a secret, or a file, is in use. What is known are bytes: a later version
/// with the same ones, however it came to be, is known as well.
pub(crate) fn is_in_use(entry: &Entry, slot: &str, version: Uuid) -> bool {
    if let Some(name) = slot.strip_prefix(ATTACHMENT) {
        return entry.attachment(name).is_some_and(|current| {
            let mut files = entry.attachments.iter();
            let known = files.find(|file| file.id == version);
            current.id == version || known.is_some_and(|it| it.sha256 == current.sha256)
        });
    }
    entry.current(slot).is_some_and(|current| {
        let mut versions = entry.history(slot);
        let known = versions.find(|it| it.id == version);
        let same = |it: &Version| match slot {
            TOTP => Slot::Totp.is_same(it.secret(), current.secret()),
            _ => it.secret() == current.secret(),
        };
        current.id == version || known.is_some_and(same)
    })
}

/// The names of the secrets and files of an entry that are in use.
pub(crate) fn slots_in_use(entry: &Entry) -> impl Iterator<Item = String> {
    let secrets = entry.secrets().map(|(slot, _)| slot.to_owned());
    let files = entry.attached().map(|file| attachment_field(&file.name));
    secrets.chain(files)
}
