//! What came in by a share: finding it, and what may be done with it.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Kind, Result};
use crate::model::records::cell::Stamp;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::records::stamping::Author;
use crate::model::text::path_of::path_of;
use crate::model::vault::Vault;

/// An entry without what was put into it: its name, and the numbers and times of its versions.
fn without_content(entry: &Entry) -> Entry {
    let mut empty = Entry::with(entry.id, entry.created);
    empty.updated = entry.updated;
    empty.client = entry.client.clone();
    empty.name = entry.name.clone();
    empty.current = entry.current.clone();
    empty.pending = entry.pending.clone();
    empty.versions.clone_from(&entry.versions);
    empty.received = entry.received;
    empty.removed = entry.removed.clone();
    empty
}

impl Vault {
    /// Refuses a share that was received before, whatever became of what it brought.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_not_received(&self, share: Uuid) -> Result<()> {
        let Some(before) = self.received.find(share)? else {
            return Ok(());
        };
        let id = number(share);
        Err(match before.attestation() {
            None => Error::refused(format!(
                "share {id} was received on {} already; a share is taken only once",
                before.received
            ))
            .hint(format!(
                "its receipt is written again with: vault receive --again {id}"
            )),
            Some(_) => Error::refused(format!(
                "share {id} was received before, and it was attested that it is deleted"
            ))
            .hint("ask the sender for a new share"),
        })
    }

    /// Refuses to hand out what came with a share that has ended. `now` is the time that counts,
    /// see [`crate::model::history::clock::latest`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`]; [`crate::error::Kind::Integrity`] when the share is not on
    /// record.
    pub fn check_usable(&self, entry: &Entry, now: Timestamp) -> Result<()> {
        let Some(share) = entry.received else {
            return Ok(());
        };
        let path = || path_of(&self.slugs(), entry.client.get().copied(), entry.name());
        let Some(received) = self.received.find(share)? else {
            return Err(Error::integrity(format!(
                "{} came with a share that is not on record",
                path()
            )));
        };
        if now < received.expires {
            return Ok(());
        }
        let id = number(share);
        Err(Error::refused(format!(
            "{} came with share {id}, which ended on {}",
            path(),
            received.expires
        ))
        .hint(format!(
            "ask the sender for a new share; to delete this one and say so: vault attest {id}"
        )))
    }

    /// An entry as far as it may be told: of what came with a share that has ended, no more than
    /// that it is there. `now` as for [`Self::check_usable`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when the share is not on record.
    pub fn as_visible<'a>(&self, entry: &'a Entry, now: Timestamp) -> Result<Cow<'a, Entry>> {
        match self.check_usable(entry, now) {
            Ok(()) => Ok(Cow::Borrowed(entry)),
            Err(why) if why.kind() == Kind::Refused => Ok(Cow::Owned(without_content(entry))),
            Err(why) => Err(why),
        }
    }

    /// Keeps the receipt that was signed for a share, as a part of the change that received it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn file_receipt(&mut self, share: Uuid, receipt: String) -> Result<()> {
        self.received.by_id_mut(share)?.receipt = Some(receipt);
        Ok(())
    }

    /// Removes for good what came with a share: only ids remain. Returns the stamp for
    /// [`Self::file_attestation`], which belongs to the same change.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn purge_received(&mut self, share: Uuid, author: &Author<'_>) -> Result<Stamp> {
        self.change(author, "attest", |edit| {
            let entries = edit.vault.entries_of_share(share)?.into_iter();
            let gone: Vec<Uuid> = entries.map(|(_, entry)| entry.id).collect();
            edit.event.about(share);
            edit.purge_entries(&gone)?;
            Ok(edit.stamp)
        })
    }

    /// Keeps the statement that what came with a share is deleted.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn file_attestation(&mut self, share: Uuid, statement: String, stamp: Stamp) -> Result<()> {
        let received = self.received.by_id_mut(share)?;
        received.attestation.set(stamp, Some(statement));
        Ok(())
    }

    /// The entries that came with a share and are still here, in the trash or not, by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn entries_of_share(&self, share: Uuid) -> Result<Vec<(String, &Entry)>> {
        self.entries_by_path(|entry| entry.received == Some(share))
    }
}
