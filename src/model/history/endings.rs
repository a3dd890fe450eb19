//! What ended stays ended. Where one goes on from an older copy of the vault, every ending that is
//! known from a later file is carried into it: consents, shares, what was attested, what was
//! purged, contacts and ways in that were removed, keys that were taken away, entries that left
//! their client, a least assurance that was raised, an end that was set sooner. Nothing else comes along, and nothing that a
//! later file allows.

mod narrowed;

use std::collections::BTreeSet;
use std::fmt;

use uuid::Uuid;

use crate::error::Result;
use crate::model::consent::changes::consent_event;
use crate::model::records::cell::{Cell, Seen, Stamp};
use crate::model::records::client::ClientKey;
use crate::model::records::consent::ConsentEvent;
use crate::model::records::entry::Entry;
use crate::model::records::event::Event;
use crate::model::records::share::EntryDeletion;
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;

/// What was carried over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    /// Consents and requests that ended.
    pub consents: BTreeSet<Uuid>,
    /// Shares that were revoked or are signed to be deleted.
    pub shares: BTreeSet<Uuid>,
    /// Received shares of which it was attested that they are deleted.
    pub received: BTreeSet<Uuid>,
    /// Contacts, clients and ways in that were removed.
    pub removed: BTreeSet<Uuid>,
    /// Contacts and clients of whom a key was taken away.
    pub keys: BTreeSet<Uuid>,
    /// Entries, versions and files that were purged.
    pub purged: BTreeSet<Uuid>,
    /// Entries that went to the trash.
    pub trashed: BTreeSet<Uuid>,
    /// Entries that went to another client.
    pub moved: BTreeSet<Uuid>,
    /// Clients who ask for more of a consent.
    pub stricter: BTreeSet<Uuid>,
    /// Consents that end sooner.
    pub shortened: BTreeSet<Uuid>,
}

impl Endings {
    fn parts(&self) -> [(&'static str, &BTreeSet<Uuid>); 10] {
        [
            ("consents", &self.consents),
            ("shares", &self.shares),
            ("received", &self.received),
            ("removed", &self.removed),
            ("keys", &self.keys),
            ("purged", &self.purged),
            ("trashed", &self.trashed),
            ("moved", &self.moved),
            ("stricter", &self.stricter),
            ("shortened", &self.shortened),
        ]
    }

    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|(_, ids)| ids.is_empty())
    }

    /// Adds what else was carried over.
    pub fn extend(&mut self, other: Self) {
        self.consents.extend(other.consents);
        self.shares.extend(other.shares);
        self.received.extend(other.received);
        self.removed.extend(other.removed);
        self.keys.extend(other.keys);
        self.purged.extend(other.purged);
        self.trashed.extend(other.trashed);
        self.moved.extend(other.moved);
        self.stricter.extend(other.stricter);
        self.shortened.extend(other.shortened);
    }
}

impl fmt::Display for Endings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            "ended consents",
            "ended shares",
            "attested deletions",
            "removed contacts, clients and ways in",
            "contacts and clients with a key less",
            "purged records",
            "entries in the trash",
            "entries of another client",
            "clients who ask for more",
            "consents that end sooner",
        ];
        let parts = self.parts();
        let told = (words.iter().zip(parts)).filter(|(_, (_, ids))| !ids.is_empty());
        let told: Vec<String> =
            (told.map(|(word, (_, ids))| format!("{word}: {}", ids.len()))).collect();
        f.write_str(&told.join(", "))
    }
}

impl Vault {
    /// Carries every ending over that `later`, another file of this vault, knows. What has ended
    /// here already stays as it is.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn carry_endings_from(&mut self, later: &Self, author: &Author<'_>) -> Result<Endings> {
        let stamp = self.seen.next(author.device);
        Ok(Endings {
            consents: self.end_consents(later)?,
            shares: self.end_shares(later, stamp)?,
            received: self.take_attested(later, stamp)?,
            removed: self.remove_removed(later, stamp)?,
            keys: self.take_keys_away(later, stamp)?,
            purged: self.purge_purged(later, stamp, author)?,
            ..Endings::default()
        })
    }

    /// Ends the consents under which a share was refused because they had ended, as far as these
    /// events say so.
    pub(crate) fn carry_refusals<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Event>,
        author: &Author<'_>,
    ) -> Result<Endings> {
        let mut consents = BTreeSet::new();
        for event in events.filter(|event| event.action == "refuse") {
            for id in ended_in(event) {
                let consent = self.consents.find_mut(id)?;
                if let Some(consent) = consent.filter(|it| it.ended().is_none()) {
                    let mut end = consent_event("withdrawn", author);
                    end.time = event.time;
                    consent.events.push(end);
                    consents.insert(id);
                }
            }
        }
        Ok(Endings {
            consents,
            ..Endings::default()
        })
    }

    /// Ends every live consent, since the file that may hold its end cannot be read.
    pub(crate) fn end_every_consent(&mut self, author: &Author<'_>) -> Result<Endings> {
        let mut consents = BTreeSet::new();
        for consent in self.consents.iter_mut() {
            if consent.get()?.ended().is_some() {
                continue;
            }
            let mut end = consent_event("withdrawn", author);
            end.reason =
                Some("an older copy was gone on from, and what ended later is lost".into());
            let consent = consent.get_mut()?;
            consent.events.push(end);
            consents.insert(consent.id);
        }
        Ok(Endings {
            consents,
            ..Endings::default()
        })
    }

    /// Notes in the log what was carried over.
    pub fn record_carried(&mut self, carried: &Endings, author: &Author<'_>) {
        let subject = (carried.consents.iter())
            .chain(&carried.shares)
            .chain(&carried.received)
            .chain(&carried.trashed)
            .chain(&carried.moved)
            .chain(&carried.shortened)
            .copied()
            .collect();
        self.change_surely(author, "carry", |edit| {
            edit.event.subject = subject;
            for (what, ids) in carried.parts() {
                edit.event.note(what, ids.len());
            }
        });
    }

    fn end_consents(&mut self, later: &Self) -> Result<BTreeSet<Uuid>> {
        let mut ended = BTreeSet::new();
        for theirs in later.consents.all()? {
            let Some(mine) = self.consents.find(theirs.id)? else {
                continue;
            };
            let known: Vec<Uuid> = mine.events.iter().map(|event| event.id).collect();
            let new = (theirs.ends()).filter(|event| !known.contains(&event.id));
            let new: Vec<ConsentEvent> = new.cloned().collect();
            if !new.is_empty() {
                self.consents.by_id_mut(theirs.id)?.events.extend(new);
                ended.insert(theirs.id);
            }
        }
        Ok(ended)
    }

    fn end_shares(&mut self, later: &Self, stamp: Stamp) -> Result<BTreeSet<Uuid>> {
        let mut ended = BTreeSet::new();
        for theirs in later.shares.all()? {
            let parts = &theirs.deletions;
            if theirs.ended.value().is_none()
                && theirs.attestation.value().is_none()
                && parts.is_empty()
            {
                continue;
            }
            let Some(mine) = self.shares.find_mut(theirs.id)? else {
                continue;
            };
            let is_new = |it: &&EntryDeletion| {
                let mut known = mine.deletions.iter();
                !known.any(|own| own.entries == it.entries && own.filed == it.filed)
            };
            let new: Vec<_> = parts.iter().filter(is_new).cloned().collect();
            let in_part = !new.is_empty();
            mine.deletions.extend(new);
            let revoked = end(&mut mine.ended, &theirs.ended, stamp);
            let deleted = end(&mut mine.attestation, &theirs.attestation, stamp);
            if revoked || deleted || in_part {
                ended.insert(theirs.id);
            }
        }
        Ok(ended)
    }

    /// A share that was received, and whose deletion was attested, is not taken again, whether it
    /// is known here or not.
    fn take_attested(&mut self, later: &Self, stamp: Stamp) -> Result<BTreeSet<Uuid>> {
        let mut kept = BTreeSet::new();
        for theirs in later.received.all()? {
            let in_part = theirs.ended_entries.len() + theirs.deletions.len() > 0;
            if (theirs.ended.value().is_some() || in_part)
                && let Some(mine) = self.received.find_mut(theirs.id)?
            {
                let before = mine.ended_entries.len();
                let parts = theirs.ended_entries.iter();
                parts.for_each(|part| mine.end_for(part.clone()));
                for part in &theirs.deletions {
                    let mut known = mine.deletions.iter();
                    if !known.any(|it| it.statement == part.statement) {
                        mine.deletions.push(part.clone());
                    }
                }
                if end(&mut mine.ended, &theirs.ended, stamp) || mine.ended_entries.len() > before {
                    kept.insert(theirs.id);
                }
            }
            if theirs.attestation().is_none() {
                continue;
            }
            if self.received.find(theirs.id)?.is_none() {
                let mut mine = theirs.clone();
                mine.attestation = Cell::default();
                self.received.add(mine);
            }
            let mine = self.received.by_id_mut(theirs.id)?;
            if end(&mut mine.attestation, &theirs.attestation, stamp) {
                kept.insert(theirs.id);
            }
        }
        Ok(kept)
    }

    fn remove_removed(&mut self, later: &Self, stamp: Stamp) -> Result<BTreeSet<Uuid>> {
        let mut removed = BTreeSet::new();
        for theirs in later.contacts.all()? {
            if let Some(mine) = self.contacts.find_mut(theirs.id)?
                && end(&mut mine.removed, &theirs.removed, stamp)
            {
                removed.insert(theirs.id);
            }
        }
        for theirs in &later.recipients {
            let mine = self.recipients.iter_mut().find(|way| way.id == theirs.id);
            if mine.is_some_and(|mine| end(&mut mine.removed, &theirs.removed, stamp)) {
                removed.insert(theirs.id);
            }
        }
        Ok(removed)
    }

    fn take_keys_away(&mut self, later: &Self, stamp: Stamp) -> Result<BTreeSet<Uuid>> {
        let mut less = BTreeSet::new();
        let seen = &later.seen;
        for theirs in later.contacts.all()? {
            let Some(mine) = self.contacts.find_mut(theirs.id)? else {
                continue;
            };
            let same = |a: &String, b: &String| a == b;
            let fewer = narrow(&mut mine.recipients, &theirs.recipients, seen, same, stamp);
            let fewer = narrow(&mut mine.signers, &theirs.signers, seen, same, stamp) || fewer;
            // What took the place of a key says that this one counts no more.
            let known: Vec<Uuid> = mine.successions.iter().map(|it| it.id).collect();
            let new = theirs
                .successions
                .iter()
                .filter(|it| !known.contains(&it.id));
            mine.successions.extend(new.cloned());
            let known_lost: Vec<Uuid> = mine.lost.iter().map(|it| it.id).collect();
            let lost = theirs.lost.iter().filter(|it| !known_lost.contains(&it.id));
            mine.lost.extend(lost.cloned());
            let known_losses: Vec<Uuid> = mine.losses.iter().map(|it| it.id).collect();
            let losses = theirs.losses.iter();
            let losses = losses.filter(|it| !known_losses.contains(&it.id));
            mine.losses.extend(losses.cloned());
            let more = mine.lost.len() > known_lost.len();
            if fewer || more || mine.successions.len() > known.len() {
                less.insert(theirs.id);
            }
        }
        for theirs in &later.clients {
            let Some(mine) = self.client_mut(theirs.id) else {
                continue;
            };
            let same = |a: &ClientKey, b: &ClientKey| (&a.kind, &a.public) == (&b.kind, &b.public);
            let fewer = narrow(&mut mine.keys, &theirs.keys, seen, same, stamp);
            if mine.close_keys(theirs.keys(), stamp) || fewer {
                less.insert(theirs.id);
            }
        }
        Ok(less)
    }

    fn purge_purged(
        &mut self,
        later: &Self,
        stamp: Stamp,
        author: &Author<'_>,
    ) -> Result<BTreeSet<Uuid>> {
        let new: BTreeSet<Uuid> = (later.tombstones.difference(&self.tombstones))
            .copied()
            .collect();
        let (mut purged, mut empty) = (BTreeSet::new(), BTreeSet::new());
        for entry in self.entries.iter_mut() {
            let gone: Vec<Uuid> = (entry.get()?.ids()).filter(|id| new.contains(id)).collect();
            if !gone.is_empty() && !entry.get_mut()?.forget(&gone, stamp, author) {
                empty.insert(entry.get()?.id);
            }
            purged.extend(gone);
        }
        self.entries.retain(|entry| !empty.contains(&entry.id));
        self.tombstones.extend(new);
        let changed = later.changed_before_purge.iter();
        self.changed_before_purge.extend(changed);
        for (version, purged) in &later.same_as_purged {
            let known = self.same_as_purged.entry(*version).or_default();
            known.extend(purged);
        }
        Ok(purged)
    }
}

impl Entry {
    /// Forgets what was purged of it; `false` when nothing is left that was not. Where its own id
    /// was purged and something is left, it goes on under a new one.
    fn forget(&mut self, gone: &[Uuid], stamp: Stamp, author: &Author<'_>) -> bool {
        let is_gone = |id: &Uuid| gone.contains(id);
        self.versions.retain(|version| !is_gone(&version.id));
        self.attachments.retain(|file| !is_gone(&file.id));
        let current = self.current.values_mut().chain(self.attached.values_mut());
        for cell in current.chain([&mut self.pending]) {
            if cell.value().is_some_and(is_gone) {
                cell.set(stamp, None);
            }
        }
        if !is_gone(&self.id) {
            return true;
        }
        self.id = (author.new_id)();
        !(self.versions.is_empty() && self.attachments.is_empty())
    }
}

/// Takes an end over where there is none yet.
fn end<T: Clone + PartialEq>(
    mine: &mut Cell<Option<T>>,
    theirs: &Cell<Option<T>>,
    stamp: Stamp,
) -> bool {
    match theirs.value() {
        Some(value) if mine.value().is_none() => {
            mine.set(stamp, Some(value.clone()));
            true
        }
        _ => false,
    }
}

/// Leaves only what the later list has too, where that was written in knowledge of this one.
fn narrow<T: Clone + PartialEq>(
    mine: &mut Cell<Vec<T>>,
    theirs: &Cell<Vec<T>>,
    seen: &Seen,
    same: impl Fn(&T, &T) -> bool,
    stamp: Stamp,
) -> bool {
    let known = mine.is_covered_by(seen);
    let (Some(list), true) = (mine.get(), known) else {
        return false;
    };
    let theirs = theirs.items();
    let stays = |key: &&T| theirs.iter().any(|other| same(key, other));
    let left: Vec<T> = list.iter().filter(stays).cloned().collect();
    if left.len() == list.len() {
        return false;
    }
    mine.set(stamp, left);
    true
}

/// The consents that had ended when a share was refused.
fn ended_in(event: &Event) -> impl Iterator<Item = Uuid> {
    let ids = event.detail.get("ended").and_then(|ids| ids.as_str());
    ids.unwrap_or_default()
        .split(' ')
        .filter_map(|id| id.parse().ok())
}

#[cfg(test)]
mod tests;
