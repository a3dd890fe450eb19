//! What came in by a share: finding it, and what may be done with it.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Kind, Result};
use crate::model::records::entry::Entry;
use crate::model::records::lazy::{Lazy, find_mut};
use crate::model::records::received::Received;
use crate::model::records::record_id::{RecordId, short};
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
    /// Every share that was received.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn all_received(&self) -> Result<Vec<&Received>> {
        self.received.iter().map(Lazy::get).collect()
    }

    /// The share with this id, if it was received.
    ///
    /// # Errors
    /// As [`Self::all_received`].
    pub fn received(&self, share: Uuid) -> Result<Option<&Received>> {
        let all = self.all_received()?;
        Ok(all.into_iter().find(|received| received.id == share))
    }

    /// The received share whose id starts so.
    ///
    /// # Errors
    /// As [`RecordId::find`].
    pub fn known_received(&self, start: &RecordId) -> Result<&Received> {
        let ids = self.all_received()?.into_iter().map(|one| one.id);
        let id = start.find(ids, "received share", "vault show ENTRY")?;
        let none = || Error::not_found(format!("no received share {start}"));
        self.received(id)?.ok_or_else(none)
    }

    /// Refuses a share that was received before, whatever became of what it brought.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_not_received(&self, share: Uuid) -> Result<()> {
        let Some(before) = self.received(share)? else {
            return Ok(());
        };
        let id = short(share);
        let refused = |message: String| Error::refused(message);
        Err(match before.attestation() {
            None => refused(format!(
                "share {id} was received on {} already; a share is taken only once",
                before.received
            ))
            .hint(format!(
                "its receipt is written again with: vault receive --again {id}"
            )),
            Some(_) => refused(format!(
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
        let Some(received) = self.received(share)? else {
            return Err(Error::integrity(format!(
                "{} came with a share that is not on record",
                path()
            )));
        };
        if now < received.expires {
            return Ok(());
        }
        let id = short(share);
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
    pub fn as_told<'a>(&self, entry: &'a Entry, now: Timestamp) -> Result<Cow<'a, Entry>> {
        match self.check_usable(entry, now) {
            Ok(()) => Ok(Cow::Borrowed(entry)),
            Err(why) if why.kind() == Kind::Refused => Ok(Cow::Owned(without_content(entry))),
            Err(why) => Err(why),
        }
    }

    pub(crate) fn received_mut(&mut self, share: Uuid) -> Result<&mut Received> {
        let is_it = |received: &Lazy<Received>| Ok(received.get()?.id == share);
        let found = find_mut(&mut self.received, is_it)?;
        found.ok_or_else(|| Error::not_found(format!("no received share {share}")))
    }

    /// Keeps the receipt that was signed for a share.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn keep_receipt(&mut self, share: Uuid, receipt: String) -> Result<()> {
        self.received_mut(share)?.receipt = Some(receipt);
        Ok(())
    }

    /// Keeps the statement that what came with a share is deleted.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn keep_attestation(
        &mut self,
        share: Uuid,
        statement: String,
        author: &Author<'_>,
    ) -> Result<()> {
        let stamp = self.seen.next(author.device);
        self.received_mut(share)?
            .attestation
            .set(stamp, Some(statement));
        Ok(())
    }

    /// The entries that came with a share and are still here, in the trash or not, by path.
    ///
    /// # Errors
    /// As [`Self::all_received`].
    pub fn came_with(&self, share: Uuid) -> Result<Vec<(String, &Entry)>> {
        let slugs = self.slugs();
        let mut entries = Vec::new();
        for entry in &self.entries {
            let entry = entry.get()?;
            if entry.received == Some(share) {
                let path = path_of(&slugs, entry.client.get().copied(), entry.name());
                entries.push((path, entry));
            }
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(entries)
    }

    /// Removes for good what came with a share: only ids remain. Returns those of the entries.
    ///
    /// # Errors
    /// As [`Self::all_received`].
    pub fn forget_received(&mut self, share: Uuid, author: &Author<'_>) -> Result<Vec<Uuid>> {
        let came = self.came_with(share)?;
        let gone: Vec<Uuid> = came.iter().map(|(_, entry)| entry.id).collect();
        let ids: Vec<Uuid> = came.iter().flat_map(|(_, entry)| entry.ids()).collect();
        self.tombstones.extend(ids);
        let kept =
            |entry: &Lazy<Entry>| entry.get().map_or(true, |entry| !gone.contains(&entry.id));
        self.entries.retain(kept);
        let mut subject = vec![share];
        subject.extend(&gone);
        self.record(author, "attest", subject, |event| event);
        Ok(gone)
    }
}
