//! What came in by a share: finding it, and what may be done with it.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Kind, Result};
use crate::model::records::cell::Stamp;
use crate::model::records::entry::Entry;
use crate::model::records::received::{EndedEntry, OwnDeletion, Received};
use crate::model::records::record_id::number;
use crate::model::records::share::{FiledDocument, ShareState};
use crate::model::records::stamping::Author;
use crate::model::text::path_of::path_of;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// What its sender has ended of a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The share.
    pub share: Uuid,
    /// Its entries, by their ids here; none where it is the whole.
    pub entries: Option<Vec<Uuid>>,
    /// When.
    pub time: Timestamp,
}

impl Closing {
    /// Whether all of that had ended before.
    #[must_use]
    pub fn is_done(&self, received: &Received) -> bool {
        match &self.entries {
            None => received.ended.value().is_some(),
            Some(entries) => entries.iter().all(|it| received.ended_for(*it).is_some()),
        }
    }

    /// Whether it is about an entry here, which came with the share.
    #[must_use]
    pub fn has(&self, entry: Uuid) -> bool {
        let entries = self.entries.as_ref();
        entries.is_none_or(|entries| entries.contains(&entry))
    }
}

/// What of a share is deleted and called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedPart {
    /// Whether it is all that came with it.
    pub is_whole: bool,
    /// The entries that go, each with its path.
    pub entries: Vec<(String, Uuid)>,
}

impl AttestedPart {
    /// The entries that go.
    #[must_use]
    pub fn ids(&self) -> Vec<Uuid> {
        self.entries.iter().map(|(_, id)| *id).collect()
    }
}

impl Received {
    /// The command that deletes an entry and says so: with the whole share, or alone while others of
    /// it go on.
    #[must_use]
    pub fn told_to_attest(&self, path: &str, now: Timestamp) -> String {
        let id = number(self.id);
        if self.state(now).is_live() && self.entries.len() > 1 {
            return format!("vault attest {id} --only {}", as_word(path));
        }
        format!("vault attest {id}")
    }
}

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

    /// The share that an entry is held under: the last that brought or updated it; none for what is
    /// this vault's own.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is not on record.
    pub fn held_under(&self, entry: &Entry) -> Result<Option<&Received>> {
        let Some(first) = entry.received else {
            return Ok(None);
        };
        let all = self.received.all()?.into_iter();
        let holding = all.filter(|it| it.id == first || it.entries.contains(&entry.id));
        // Of two of one moment, the one that was received last.
        let last = holding.max_by_key(|it| (it.made, it.received));
        last.map(Some).ok_or_else(|| {
            let path = path_of(&self.slugs(), entry.client.get().copied(), entry.name());
            Error::integrity(format!("{path} came with a share that is not on record"))
        })
    }

    /// The entries of a share that came in, without those that a later one has updated and holds, or
    /// has held until they were removed for good, and those that were deleted alone.
    ///
    /// # Errors
    /// As [`Self::held_under`].
    pub fn entries_held_under(&self, received: &Received) -> Result<Vec<Uuid>> {
        let mut held = Vec::new();
        let mut later = self.received.all()?;
        // Of two within a second, the vault's generation tells.
        let order = |it: &Received| (it.received, it.generation);
        later.retain(|it| it.is_lent() && order(it) > order(received));
        let deleted = |id: &&Uuid| received.deletions.iter().any(|it| it.entries.contains(id));
        // Or it was deleted with a later one that brought the same of the sender's anew.
        let deleted_with = |it: &Received, id: Uuid| {
            let origin = received.origin_of(id).and_then(|of| it.entry_for(of));
            it.is_of(received.contact, &received.signer)
                && origin.is_some_and(|twin| it.deletion_of(twin).is_some())
        };
        for id in received.entries.iter().filter(|id| !deleted(id)) {
            let is_held = match self.entries.find(*id)? {
                Some(entry) => self
                    .held_under(entry)?
                    .is_none_or(|it| it.id == received.id),
                None => !(later.iter()).any(|it| it.entries.contains(id) || deleted_with(it, *id)),
            };
            if is_held {
                held.push(*id);
            }
        }
        Ok(held)
    }

    /// What became by `now` of a share that came in: also over when a later one holds, or its
    /// sender has ended, all that is left of it.
    ///
    /// # Errors
    /// As [`Self::held_under`].
    pub fn received_state(&self, received: &Received, now: Timestamp) -> Result<ShareState> {
        let held = self.entries_held_under(received)?;
        let is_over = held.iter().all(|id| received.ended_for(*id).is_some());
        Ok(match received.state(now) {
            state if !is_over || !state.is_live() || received.entries.is_empty() => state,
            _ if held.is_empty() => ShareState::Superseded,
            _ => ShareState::Revoked,
        })
    }

    /// The share that all is held under by now that came with one: itself, or a later one that has
    /// updated all of it.
    ///
    /// # Errors
    /// As [`Self::held_under`].
    pub fn received_in_place_of<'a>(&'a self, received: &'a Received) -> Result<&'a Received> {
        let mut holders = Vec::new();
        for id in &received.entries {
            if let Some(entry) = self.entries.find(*id)? {
                holders.extend(self.held_under(entry)?);
            }
        }
        let first = holders.first().copied().unwrap_or(received);
        let all = holders.iter().all(|it| it.id == first.id);
        Ok(if all { first } else { received })
    }

    /// Refuses to hand out what came with a share that has ended. `now` is the time that counts,
    /// see [`crate::model::history::clock::latest`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`]; [`crate::error::Kind::Integrity`] when the share is not on
    /// record.
    pub fn check_usable(&self, entry: &Entry, now: Timestamp) -> Result<()> {
        let Some(received) = self.held_under(entry)? else {
            return Ok(());
        };
        let which = match (received.ended_for(entry.id), received.expires) {
            (Some(time), _) => format!("its sender ended on {time}"),
            (None, Some(end)) if end <= now => format!("ended on {end}"),
            (None, _) => return Ok(()),
        };
        let path = path_of(&self.slugs(), entry.client.get().copied(), entry.name());
        let (id, attest) = (number(received.id), received.told_to_attest(&path, now));
        Err(
            Error::refused(format!("{path} came with share {id}, which {which}")).hint(format!(
                "ask the sender for a new share; to delete it and say so: {attest}"
            )),
        )
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

    /// Closes shares, or entries of them, that their sender has ended: what came with them is
    /// handed out no more.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn close_received(
        &mut self,
        closings: &[Closing],
        notice: &FiledDocument,
        author: &Author<'_>,
    ) -> Result<()> {
        self.change(author, "close", |edit| {
            for closing in closings {
                let received = edit.vault.received.by_id_mut(closing.share)?;
                if closing.is_done(received) {
                    continue;
                }
                edit.event.about(closing.share);
                match &closing.entries {
                    None => received.ended.set(edit.stamp, Some(closing.time)),
                    Some(entries) => {
                        let ended = entries.iter().map(|it| EndedEntry::with(*it, closing.time));
                        ended.for_each(|it| received.end_for(it));
                        edit.event.subject.extend(entries);
                    }
                }
                if received.notices.last() != Some(notice) {
                    received.notices.push(notice.clone());
                }
            }
            Ok(())
        })
    }

    /// Keeps the receipt that was signed for a share, as a part of the change that received it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn file_receipt(&mut self, share: Uuid, receipt: String) -> Result<()> {
        self.received.by_id_mut(share)?.receipt = Some(receipt);
        Ok(())
    }

    /// What of a share is to be deleted and called so: all of it, or those of its entries that are
    /// named; where a later share has updated and holds a part by now, what is left. `only` are
    /// entries here.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] where a later share holds what is meant,
    /// [`crate::error::Kind::Refused`] for what is one's own,
    /// [`crate::error::Kind::NotFound`] for an entry that did not come with it;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn attestable(&self, share: Uuid, only: &[Uuid]) -> Result<AttestedPart> {
        let received = self.received.by_id(share)?;
        if !received.is_lent() {
            return Err(Error::refused(format!(
                "share {} was handed over to you: what came with it is yours, and no deletion is owed",
                number(share)
            ))
            .hint("vault rm removes what you do not want"));
        }
        let brought = &received.entries;
        let earlier = self.left_by_earlier(received, only)?;
        let came = |entry: &Entry| {
            let is_left = earlier.contains(&entry.id);
            is_left || entry.received == Some(share) || brought.contains(&entry.id)
        };
        let (mut entries, mut gone_on) = (Vec::new(), None);
        for (path, entry) in self.entries_by_path(came)? {
            let is_left = earlier.contains(&entry.id);
            let later = (self.held_under(entry)?).filter(|it| it.id != share && !is_left);
            let is_named = is_left || only.contains(&entry.id);
            match later.map(|it| number(it.id)) {
                None if is_named || only.is_empty() => entries.push((path, entry.id)),
                Some(id) if is_named || gone_on.is_none() => gone_on = Some((path, id, is_named)),
                _ => {}
            }
        }
        let is_missing = |id: &&Uuid| !brought.contains(id);
        if let Some(missing) = only.iter().find(is_missing) {
            let (path, id) = (self.path_by_id(*missing)?, number(share));
            return Err(
                Error::not_found(format!("{path} did not come with share {id}"))
                    .hint(format!("vault shares show {id} tells what did")),
            );
        }
        match gone_on {
            Some((path, id, is_named)) if is_named || entries.is_empty() => {
                let stays = format!("{path} is held under share {id} now, and stays");
                Err(Error::conflict(stays)
                    .hint(format!("it goes with that one: vault attest {id}")))
            }
            gone_on => Ok(AttestedPart {
                is_whole: only.is_empty() && gone_on.is_none(),
                entries,
            }),
        }
    }

    /// Removes for good what came with a share, or that part: only ids remain. Returns the stamp for
    /// [`Self::file_attestation`], which belongs to the same change.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn purge_received(
        &mut self,
        share: Uuid,
        part: &AttestedPart,
        author: &Author<'_>,
    ) -> Result<Stamp> {
        self.change(author, "attest", |edit| {
            edit.event.about(share);
            edit.purge_entries(&part.ids())?;
            Ok(edit.stamp)
        })
    }

    /// Keeps the statement that what came with a share, or that part of it, is deleted.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn file_attestation(
        &mut self,
        share: Uuid,
        part: &AttestedPart,
        statement: String,
        stamp: Stamp,
    ) -> Result<()> {
        let received = self.received.by_id_mut(share)?;
        if part.is_whole {
            received.attestation.set(stamp, Some(statement));
        } else {
            let deleted = OwnDeletion::with(part.ids(), statement);
            received.deletions.push(deleted);
        }
        Ok(())
    }

    pub(in crate::model) fn path_by_id(&self, entry: Uuid) -> Result<String> {
        let found = self.entries_by_path(|it| it.id == entry)?.into_iter();
        Ok(found.map(|(path, _)| path).next().unwrap_or_default())
    }

    /// The entries that came with a share and are still here, in the trash or not, by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn entries_of_share(&self, share: Uuid) -> Result<Vec<(String, &Entry)>> {
        let held = |entry: &Entry| self.held_under(entry).ok().flatten().map(|it| it.id);
        self.entries_by_path(|entry| held(entry) == Some(share))
    }
}
