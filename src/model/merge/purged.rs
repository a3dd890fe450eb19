//! What was purged on one device stays gone on all, and whatever was not known to that device when
//! it purged survives, in whatever order copies meet.
//!
//! An entry whose id was purged goes on under one that every device derives from it. A device that
//! has purged it and has nothing under that id is one that has emptied every cell it had seen: so
//! cells merge by the rule of all cells, and a purge keeps nothing but ids. Versions and files
//! are gone by their ids.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::cell::{Cell, Stamp};
use crate::model::records::entry::Entry;
use crate::model::records::merging::{Mergeable, SeenByBoth};
use crate::model::records::record_id::derived;
use crate::model::records::stamped::Stamped;
use crate::model::vault::Vault;

/// What either of two copies has purged.
pub(super) struct Purges {
    gone: BTreeSet<Uuid>,
    /// The ids under which what is left of purged entries goes on.
    remnants: HashSet<Uuid>,
}

/// The visible fields of entries that one device alone has purged, by the ids under which what is
/// left of them goes on.
pub(super) type PurgedFields = BTreeMap<Uuid, Entry>;

impl Purges {
    pub(super) fn of(own: &Vault, other: &Vault) -> Self {
        let gone: BTreeSet<Uuid> = own.tombstones.union(&other.tombstones).copied().collect();
        let remnants = gone.iter().map(|id| id_left(*id, &gone)).collect();
        Self { gone, remnants }
    }

    /// The ids of all that is gone.
    pub(super) fn gone(&self) -> &BTreeSet<Uuid> {
        &self.gone
    }

    /// The id of what is left of an entry.
    pub(super) fn id_left(&self, id: Uuid) -> Uuid {
        id_left(id, &self.gone)
    }

    /// A copy in which all this is gone, and the fields that its purged entries had.
    pub(super) fn applied<'a>(
        &self,
        copy: Cow<'a, Vault>,
    ) -> Result<(Cow<'a, Vault>, PurgedFields)> {
        let mut fields = PurgedFields::new();
        let copy = self.without_answers(copy)?;
        let is_touched = |entry: &Entry| entry.ids().any(|id| self.gone.contains(&id));
        let touched: Vec<Entry> = (copy.entries.all()?.into_iter())
            .filter(|entry| is_touched(entry))
            .cloned()
            .collect();
        if touched.is_empty() {
            return Ok((copy, fields));
        }
        let mut copy = copy.into_owned();
        copy.entries.retain(|entry| !is_touched(entry));
        let mut known: HashSet<Uuid> = copy.entries.ids()?.into_iter().collect();
        for entry in touched {
            let left = self.left_of(entry);
            add_fields(&mut fields, &left)?;
            if known.insert(left.id) {
                copy.entries.add(left);
            } else {
                let there = copy.entries.by_id_mut(left.id)?;
                *there = there.merged(&left, &SeenByBoth::default())?;
            }
        }
        copy.entries.sort()?;
        Ok((Cow::Owned(copy), fields))
    }

    /// A copy without what was answered about what is gone, in reviews and audits.
    fn without_answers<'a>(&self, copy: Cow<'a, Vault>) -> Result<Cow<'a, Vault>> {
        let reviewed = copy.reviews.all()?.into_iter().map(|it| it.subject);
        let accepted = copy.accepted.all()?.into_iter().map(|it| it.subject);
        if !reviewed.chain(accepted).any(|id| self.gone.contains(&id)) {
            return Ok(copy);
        }
        let mut copy = copy.into_owned();
        copy.forget_answers_about(|id| self.gone.contains(id));
        Ok(Cow::Owned(copy))
    }

    /// What is left of an entry.
    fn left_of(&self, mut entry: Entry) -> Entry {
        let id = self.id_left(entry.id);
        if id != entry.id {
            entry.id = id;
            // What came back did so when it was merged.
            entry.updated = None;
        }
        let stays = |id: &Uuid| !self.gone.contains(id);
        entry.versions.retain(|version| stays(&version.id));
        entry.attachments.retain(|file| stays(&file.id));
        let by_name = entry
            .current
            .values_mut()
            .chain(entry.attached.values_mut());
        for cell in by_name.chain([&mut entry.pending]) {
            let left = cell
                .values()
                .filter(|(_, id)| id.as_ref().is_none_or(stays));
            *cell = left.map(|(stamp, id)| (stamp, *id)).collect();
        }
        entry
    }

    /// A copy that has something, if only nothing, under each id under which the other has what is
    /// left of an entry.
    pub(super) fn with_remnants_of<'a>(
        &self,
        copy: Cow<'a, Vault>,
        other: &Vault,
    ) -> Result<Cow<'a, Vault>> {
        let known: HashSet<Uuid> = self.found_in(&copy)?.map(|entry| entry.id).collect();
        let missing: Vec<Entry> = (self.found_in(other)?)
            .filter(|entry| !known.contains(&entry.id))
            .map(|entry| Entry::with(entry.id, entry.created))
            .collect();
        if missing.is_empty() {
            return Ok(copy);
        }
        let mut copy = copy.into_owned();
        for entry in missing {
            copy.entries.add(entry);
        }
        Ok(Cow::Owned(copy))
    }

    /// Takes what is empty out of the outcome. Returns the ids of what is left of purged entries.
    pub(super) fn tidy(&self, outcome: &mut Vault) -> Result<BTreeSet<Uuid>> {
        let left: BTreeSet<Uuid> = self.found_in(outcome)?.map(|entry| entry.id).collect();
        for entry in outcome.entries.iter_mut() {
            if left.contains(&entry.get()?.id) {
                let entry = entry.get_mut()?;
                entry.fields.retain(|_, cell| cell.get().is_some());
                entry.current.retain(|_, cell| cell.get().is_some());
                entry.attached.retain(|_, cell| cell.get().is_some());
            }
        }
        let is_empty = |entry: &Entry| left.contains(&entry.id) && is_empty(entry);
        outcome.entries.retain(|entry| !is_empty(entry));
        Ok(self.found_in(outcome)?.map(|entry| entry.id).collect())
    }

    /// What is left of purged entries in a copy.
    pub(super) fn found_in<'a>(&self, copy: &'a Vault) -> Result<impl Iterator<Item = &'a Entry>> {
        let all = if self.remnants.is_empty() {
            Vec::new()
        } else {
            copy.entries.all()?
        };
        Ok(all.into_iter().filter(|it| self.remnants.contains(&it.id)))
    }
}

/// The id under which what is left of an entry goes on, where these are gone.
pub(super) fn id_left(mut id: Uuid, gone: &BTreeSet<Uuid>) -> Uuid {
    while gone.contains(&id) {
        id = derived("vault/purged", id.as_bytes());
    }
    id
}

fn is_empty(entry: &Entry) -> bool {
    let mut writes = 0;
    entry.each_cell(&mut |stamps| writes += stamps.count());
    writes == 0 && entry.versions.is_empty() && entry.attachments.is_empty()
}

/// Adds the visible fields of an entry.
pub(super) fn add_fields(fields: &mut PurgedFields, of: &Entry) -> Result<()> {
    let mut visible = of.clone();
    visible.versions.clear();
    visible.attachments.clear();
    if let Some(known) = fields.get(&of.id) {
        visible = known.merged(&visible, &SeenByBoth::default())?;
    }
    fields.insert(of.id, visible);
    Ok(())
}

impl Entry {
    /// Whether it is what is left of a purged entry that another device had only put in the trash,
    /// or had taken back before it was purged there too: nothing, which nobody is shown.
    pub(crate) fn is_husk(&self) -> bool {
        if self.name.get().is_some() {
            return false;
        }
        let mut rest = self.clone();
        rest.removed = Cell::default();
        rest.came_back = Cell::default();
        is_empty(&rest)
    }

    /// What a purge has emptied of what came back: visible fields are as they were, and of each
    /// secret and file the newest counts.
    pub(super) fn fill_from(&mut self, had: &Self, stamp: Stamp) {
        fill(&mut self.client, &had.client, stamp);
        fill(&mut self.name, &had.name, stamp);
        fill(&mut self.username, &had.username, stamp);
        fill(&mut self.urls, &had.urls, stamp);
        fill(&mut self.notes, &had.notes, stamp);
        fill(&mut self.tags, &had.tags, stamp);
        fill(&mut self.env, &had.env, stamp);
        fill(&mut self.expires, &had.expires, stamp);
        fill(&mut self.rotate_every, &had.rotate_every, stamp);
        for (name, cell) in &had.fields {
            fill(self.fields.entry(name.clone()).or_default(), cell, stamp);
        }
        let pending = self.pending.value().copied();
        for version in self.versions.iter().rev() {
            if Some(version.id) != pending && version.aborted.value().is_none() {
                let current = self.current.entry(version.slot().to_owned()).or_default();
                fill(current, &Cell::new(stamp, Some(version.id)), stamp);
            }
        }
        for file in self.attachments.iter().rev() {
            let current = self.attached.entry(file.name.clone()).or_default();
            fill(current, &Cell::new(stamp, Some(file.id)), stamp);
        }
    }
}

/// Writes what a cell had, where it has nothing.
fn fill<T: Clone + PartialEq>(cell: &mut Cell<T>, had: &Cell<T>, stamp: Stamp) {
    if let (None, Some(value)) = (cell.get(), had.get()) {
        cell.set(stamp, value.clone());
    }
}
