//! What was purged on one device stays gone on all, whatever was not known when it was purged.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::cell::Cell;
use crate::model::records::entry::Entry;
use crate::model::records::merging::{Mergeable, SeenByBoth};
use crate::model::records::record_id::{derived, is_derived};
use crate::model::vault::Vault;

/// Takes out what either copy has purged. An entry that has a secret or a file which was not known
/// when it was purged comes back with that alone, under an id of its own: returns the ids of those
/// that were not there under it before.
pub(super) fn settle(
    vault: &mut Vault,
    own: &Vault,
    other: &Vault,
    known: &SeenByBoth,
) -> Result<BTreeSet<Uuid>> {
    let mut came_back = BTreeSet::new();
    if own.tombstones == other.tombstones {
        return Ok(came_back);
    }
    let gone = std::mem::take(&mut vault.tombstones);
    let mut back: Vec<(Uuid, Entry)> = Vec::new();
    let mut touched: BTreeSet<Uuid> = BTreeSet::new();
    for entry in vault.entries.all()? {
        if entry.ids().any(|id| gone.contains(&id)) {
            touched.insert(entry.id);
            back.extend(survivor(entry, &gone).map(|left| (entry.id, left)));
        }
    }
    vault.entries.retain(|entry| !touched.contains(&entry.id));
    for (id, left) in back {
        // It had come back before on the side that had purged it.
        let purged_here = own.tombstones.contains(&id);
        match vault.entries.find_mut(left.id)? {
            Some(back) if purged_here => *back = back.merged(&left, known)?,
            Some(back) => *back = left.merged(back, known)?,
            None => {
                if left.id != id {
                    came_back.insert(left.id);
                }
                vault.entries.add(left);
            }
        }
    }
    vault.entries.sort()?;
    vault.tombstones = gone;
    Ok(came_back)
}

/// The id of what is left of an entry.
pub(super) fn id_left(mut id: Uuid, gone: &BTreeSet<Uuid>) -> Uuid {
    while gone.contains(&id) {
        id = derived("vault/purged", id.as_bytes());
    }
    id
}

/// What is left of an entry.
fn survivor(entry: &Entry, gone: &BTreeSet<Uuid>) -> Option<Entry> {
    let id = id_left(entry.id, gone);
    let mut left = entry.clone();
    left.id = id;
    left.versions.retain(|version| !gone.contains(&version.id));
    left.attachments.retain(|file| !gone.contains(&file.id));
    let is_remnant = is_derived(id);
    if is_remnant && left.versions.is_empty() && left.attachments.is_empty() {
        return None;
    }
    let versions = left.versions.clone();
    for (slot, current) in &mut left.current {
        let newest = versions
            .iter()
            .filter(|it| it.slot() == slot)
            .map(|it| it.id)
            .next_back();
        without_gone(current, gone, newest);
    }
    for (name, current) in &mut left.attached {
        let mut newest = left
            .attachments
            .iter()
            .filter(|it| it.name == *name)
            .map(|it| it.id);
        without_gone(current, gone, newest.next_back());
    }
    without_gone(&mut left.pending, gone, None);
    Some(left)
}

/// Takes the ids out of a cell that stand for what is gone; the newest of what is left counts then.
fn without_gone(current: &mut Cell<Option<Uuid>>, gone: &BTreeSet<Uuid>, newest: Option<Uuid>) {
    let is_gone = |id: &Option<Uuid>| id.is_some_and(|id| gone.contains(&id));
    if !current.values().any(|(_, id)| is_gone(id)) {
        return;
    }
    let left: Cell<Option<Uuid>> = (current.values())
        .filter(|(_, id)| !is_gone(id))
        .map(|(stamp, id)| (stamp, *id))
        .collect();
    let last = current.stamps().last();
    *current = match last.filter(|_| left.get().is_none()) {
        Some(stamp) => Cell::new(stamp, newest),
        None => left,
    };
}
