//! What one sender has shared before: an entry that comes once more is updated where it is, and what
//! is deleted is deleted with all that brought it.

use std::collections::HashSet;

use uuid::Uuid;

use super::incoming::{Incoming, TakenNames};
use super::received::AttestedPart;
use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::text::name::EntryPath;
use crate::model::text::path_of::path_of;
use crate::model::vault::Vault;

impl Vault {
    /// The entry that an earlier share of the same sender brought for one of theirs, if it is here;
    /// one in use before one in the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn lent_before(&self, incoming: &Incoming, origin: Uuid) -> Result<Option<&Entry>> {
        let mut before = self.received.all()?;
        before.retain(|it| it.attestation().is_none() && incoming.is_of_sender(it));
        before.reverse();
        let mut in_trash = None;
        for id in before.into_iter().filter_map(|it| it.entry_for(origin)) {
            match self.entries.find(id)? {
                Some(entry) if !entry.is_removed() => return Ok(Some(entry)),
                found => in_trash = in_trash.or(found),
            }
        }
        Ok(in_trash)
    }

    /// What is held, and goes on, under the shares in whose place one comes: each share and entry.
    /// Nobody ends what somebody else has lent.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn replaced_by(&self, incoming: &Incoming) -> Result<Vec<(Uuid, Uuid)>> {
        let mut held = Vec::new();
        for before in self.received.all()? {
            if incoming.loan.is_some()
                && incoming.supersedes.contains(&before.id)
                && incoming.is_of_sender(before)
            {
                let entries = self.entries_held_under(before)?.into_iter();
                let going_on = entries.filter(|entry| before.ended_for(*entry).is_none());
                held.extend(going_on.map(|entry| (before.id, entry)));
            }
        }
        Ok(held)
    }

    /// Refuses a share that is older than one by which one of its entries is held: it would bring
    /// an old secret back.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub(crate) fn check_no_older(&self, incoming: &Incoming) -> Result<()> {
        for item in &incoming.items {
            let Some(entry) = self.lent_before(incoming, item.entry)? else {
                continue;
            };
            let held = self.held_under(entry)?;
            if let Some(newer) = held.filter(|it| it.made > Some(incoming.made)) {
                return Err(Error::refused(format!(
                    "share {} is older than share {}, which has updated {} since",
                    number(incoming.share),
                    number(newer.id),
                    item.path
                ))
                .hint("ask the sender which one counts"));
            }
        }
        Ok(())
    }

    /// A share and all before it that brought some of these entries of it: those here, or for the
    /// same ones of its sender. `entries` are entries here.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn chain_of<'a>(
        &'a self,
        last: &Received,
        entries: &[Uuid],
    ) -> Result<Vec<&'a Received>> {
        let origins: Vec<Uuid> = entries
            .iter()
            .filter_map(|id| last.origin_of(*id))
            .collect();
        let order = |it: &Received| (it.made, it.received, it.generation);
        let has_any = |of: &[Uuid], wanted: &[Uuid]| of.iter().any(|id| wanted.contains(id));
        let mut all = self.received.all()?;
        all.retain(|it| {
            let is_same = has_any(&it.entries, entries)
                || it.is_of(last.contact, &last.signer) && has_any(&it.origins, &origins);
            it.id == last.id || it.is_lent() && is_same && order(it) <= order(last)
        });
        Ok(all)
    }

    /// The vault's generation before the first share brought what of this one is deleted: older
    /// backups do not hold it. None where that is not known.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn held_since(&self, received: &Received, part: &AttestedPart) -> Result<Option<u64>> {
        let mut entries = part.ids();
        if part.is_whole {
            entries.extend(&received.entries);
        }
        let chain = self.chain_of(received, &entries)?.into_iter();
        let first: Option<Vec<u64>> = chain.map(|it| it.generation).collect();
        Ok(first.and_then(|all| all.into_iter().min()))
    }

    /// What earlier shares brought for the same entries of the sender as these of a share, and it
    /// did not update: in the trash, or taken in on two devices. `only` are entries here, none where
    /// it is all of the share.
    pub(super) fn left_by_earlier(&self, last: &Received, only: &[Uuid]) -> Result<HashSet<Uuid>> {
        let mut left = HashSet::new();
        let meant = if only.is_empty() { &last.entries } else { only };
        let origins = meant.iter().filter_map(|id| last.origin_of(*id));
        let origins: Vec<Uuid> = origins.collect();
        let chain = self.chain_of(last, meant)?;
        for earlier in &chain {
            let theirs = origins.iter().filter_map(|it| earlier.entry_for(*it));
            for id in theirs.filter(|id| !last.entries.contains(id)) {
                let entry = self.entries.find(id)?;
                let holder = entry.map(|it| self.held_under(it)).transpose()?.flatten();
                if holder.is_some_and(|it| chain.iter().any(|of| of.id == it.id)) {
                    left.insert(id);
                }
            }
        }
        Ok(left)
    }
}

impl Received {
    /// Whether it is lent by this sender: the same contact, or the same key.
    pub(super) fn is_of(&self, contact: Option<Uuid>, signer: &str) -> bool {
        let known = contact.is_some() && self.contact == contact;
        self.is_lent() && (known || self.signer == signer)
    }
}

impl Edit<'_> {
    /// Takes out of the trash what a share is to update; a name that is taken meanwhile gets a
    /// number behind it. Gives the paths.
    pub(super) fn bring_back(&mut self, known: &[Option<Uuid>]) -> Result<Vec<EntryPath>> {
        let mut back = Vec::new();
        for id in known.iter().flatten() {
            let entry = self.vault.entries.by_id(*id)?;
            if !entry.is_removed() {
                continue;
            }
            let client = entry.client.get().copied();
            let path = path_of(&self.vault.slugs(), client, entry.name());
            let path: EntryPath = path.parse().map_err(Error::integrity)?;
            let free = TakenNames::of(self.vault, path.client())?.free(&path)?;
            let entry = self.vault.entries.by_id_mut(*id)?;
            if free.name() != path.name() {
                entry.name.set(self.stamp, free.name().to_owned());
            }
            entry.stay_in_use(self.stamp);
            entry.updated = Some(self.author.now);
            back.push(free);
        }
        Ok(back)
    }
}
