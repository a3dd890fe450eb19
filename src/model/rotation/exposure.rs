//! What others may know although they no longer may: why an entry is to be rotated. All of it
//! follows from shares and consents, nothing is stored.
//!
//! A share that was revoked, or whose consent was withdrawn, while its recipient might still use
//! it exposes the versions that it held. A reason holds while the current bytes are those of one of
//! them, and new ones clear it.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::field::TOTP;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::share::Cause;
use crate::model::records::slot::Slot;
use crate::model::vault::Vault;

/// How something became known to somebody who may not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The share that held it.
    pub share: Uuid,
    /// Whom it was for.
    pub contact: Uuid,
    /// Since when they may not use it.
    pub since: Timestamp,
    /// Why not.
    pub cause: Cause,
}

/// A secret or a file of one version, and how that became known.
#[derive(Clone, Debug)]
struct Exposed {
    slot: String,
    version: Uuid,
    how: Exposure,
}

/// All that is exposed, by entry.
#[derive(Clone, Debug, Default)]
pub struct Exposures(HashMap<Uuid, Vec<Exposed>>);

impl Exposures {
    /// What of an entry is exposed and still in use: the secret's or attachment's name, and how,
    /// the longest known first.
    pub fn of(&self, entry: &Entry) -> Vec<(&str, Exposure)> {
        let all = self.0.get(&entry.id).map_or(&[][..], Vec::as_slice);
        let exposed = all.iter().filter(|it| is_current(entry, it));
        exposed.map(|it| (it.slot.as_str(), it.how)).collect()
    }

    /// As [`Entry::flags`], with `rotate` for what is exposed too.
    pub fn flags(&self, entry: &Entry, now: Timestamp) -> Vec<&'static str> {
        let mut flags = entry.flags(now);
        if !flags.contains(&"rotate") && !self.of(entry).is_empty() {
            flags.insert(0, "rotate");
        }
        flags
    }
}

/// Whether what is exposed is in use. What is known are bytes: a later version with the same ones,
/// however it came to be, is known as well.
fn is_current(entry: &Entry, exposed: &Exposed) -> bool {
    if let Some(name) = exposed.slot.strip_prefix("attachment:") {
        return entry.attachment(name).is_some_and(|current| {
            let mut files = entry.attachments.iter();
            let known = files.find(|file| file.id == exposed.version);
            current.id == exposed.version || known.is_some_and(|it| it.sha256 == current.sha256)
        });
    }
    entry.current(&exposed.slot).is_some_and(|current| {
        let mut versions = entry.history(&exposed.slot);
        let known = versions.find(|version| version.id == exposed.version);
        let same = |it: &Version| match exposed.slot.as_str() {
            TOTP => Slot::Totp.is_same(it.secret(), current.secret()),
            _ => it.secret() == current.secret(),
        };
        current.id == exposed.version || known.is_some_and(same)
    })
}

impl Vault {
    /// All that is exposed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn exposures(&self) -> Result<Exposures> {
        let mut exposures = Exposures::default();
        // What a share is by now does not matter here, only how it ended.
        let mut ledger = self.ledger(Timestamp::MAX)?;
        ledger.sort_by_key(|it| it.share.early_end(it.consent).map(|end| end.time));
        for line in ledger {
            let share = line.share;
            let Some(end) = share.early_end(line.consent) else {
                continue;
            };
            let how = Exposure {
                share: share.id,
                contact: share.recipient.contact,
                since: end.time,
                cause: end.cause,
            };
            for item in &share.items {
                let versions = item.versions.iter().map(|(slot, version)| Exposed {
                    slot: slot.clone(),
                    version: *version,
                    how,
                });
                exposures.0.entry(item.entry).or_default().extend(versions);
            }
        }
        Ok(exposures)
    }
}

#[cfg(test)]
mod tests;
