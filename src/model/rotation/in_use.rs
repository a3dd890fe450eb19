//! Whether what somebody knows of an entry is in use.

use uuid::Uuid;

use crate::model::entry::field::TOTP;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::slot::Slot;

/// What stands before the name of a file among the secrets of an entry.
pub const FILE_SLOT: &str = "attachment:";

/// Whether a version of a secret, or a file, is in use. What is known are bytes: a later version
/// with the same ones, however it came to be, is known as well.
pub(crate) fn is_in_use(entry: &Entry, slot: &str, version: Uuid) -> bool {
    if let Some(name) = slot.strip_prefix(FILE_SLOT) {
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

/// What a file is called among the secrets of its entry.
pub(crate) fn file_slot(name: &str) -> String {
    format!("{FILE_SLOT}{name}")
}
