//! Two copies of a vault in one: pure, and the same whichever is taken first.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use super::one_client;
use super::past_records::without_past_records;
use super::purged::{PurgedFields, Purges, add_fields};
use crate::error::{Error, Result};
use crate::model::consent::renewal::{Shortening, carried_to};
use crate::model::records::cell::Cell;
use crate::model::records::entry::Entry;
use crate::model::records::merging::{Mergeable, SeenByBoth};
use crate::model::vault::Vault;

/// A copy of the vault.
#[derive(Clone, Copy, Debug)]
pub struct VaultCopy<'a> {
    /// Its records.
    pub vault: &'a Vault,
    /// The key that it is signed with, in OpenSSH form.
    pub signer: &'a str,
}

/// Two copies in one.
#[derive(Debug)]
pub struct MergedVault {
    /// The records of both.
    pub vault: Vault,
    /// The key that the vault's keys sign with from now on, in OpenSSH form.
    pub signer: String,
    /// Entries that are there although one device had removed them.
    pub revived: Revived,
}

/// Entries that one device removed while another gave them what was not known then.
#[derive(Clone, Debug, Default)]
pub struct Revived {
    /// Those that are in the trash.
    pub from_trash: BTreeSet<Uuid>,
    /// Those that were purged, by the ids under which they came back.
    pub from_purge: BTreeSet<Uuid>,
    /// The visible fields that purged entries had where they were not purged.
    pub(super) fields: PurgedFields,
}

impl Revived {
    /// Adds those of another copy.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn extend(&mut self, more: Self) -> Result<()> {
        self.from_trash.extend(more.from_trash);
        self.from_purge.extend(more.from_purge);
        let mut fields = more.fields.values();
        fields.try_for_each(|entry| add_fields(&mut self.fields, entry))
    }
}

impl Vault {
    /// Whether everything that `other` knows is known here.
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        let seen = self.log.believed(&self.seen, &other.log);
        seen.includes(&other.seen) && self.log.has_all_of(&other.log)
    }
}

/// Merges two copies. Their generation, parents and device are for whoever writes the outcome.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for another vault's copy, [`crate::error::Kind::Failed`] for one
/// that a newer version has reserved for itself, [`crate::error::Kind::Integrity`] for a malformed
/// record.
pub fn merge(own: VaultCopy<'_>, other: VaultCopy<'_>) -> Result<MergedVault> {
    if own.vault.vault_id != other.vault.vault_id {
        return Err(Error::usage(format!(
            "it is a copy of another vault, {}; this one is {}",
            other.vault.vault_id, own.vault.vault_id
        )));
    }
    other.vault.check_writable()?;
    let aliases = one_client::aliases(own.vault, other.vault)?;
    let [mine, theirs] = [own.vault, other.vault].map(|vault| one_client::folded(vault, &aliases));
    let (mine, theirs) = (mine?, theirs?);
    let known = SeenByBoth {
        own: mine.log.believed(&mine.seen, &theirs.log),
        other: theirs.log.believed(&theirs.seen, &mine.log),
        signers: [own.signer, other.signer].map(ToOwned::to_owned),
    };
    let purges = Purges::of(&mine, &theirs);
    let (mine, theirs) = without_past_records((mine, theirs), purges.gone())?;
    let before: HashSet<Uuid> = (purges.found_in(&mine)?.chain(purges.found_in(&theirs)?))
        .map(|entry| entry.id)
        .collect();
    let (mine, mut fields) = purges.applied(mine)?;
    let (theirs, more) = purges.applied(theirs)?;
    more.values()
        .try_for_each(|entry| add_fields(&mut fields, entry))?;
    let mine = purges.with_remnants_of(mine, &theirs)?;
    let theirs = purges.with_remnants_of(theirs, &mine)?;
    let mut vault = mine.as_ref().merged(theirs.as_ref(), &known)?;
    let mut from_purge = purges.tidy(&mut vault)?;
    for id in &from_purge {
        // What each had given back was purged by the other, but for what only a third wrote.
        if vault.entries.by_id(*id)?.name.get().is_none() {
            for had in [mine.entries.find(*id)?, theirs.entries.find(*id)?] {
                had.map_or(Ok(()), |had| add_fields(&mut fields, had))?;
            }
        }
    }
    from_purge.retain(|id| !before.contains(id));
    end_renewals_of_ended(&mut vault)?;
    shorten_renewals_of_shortened(&mut vault)?;
    hold_under_the_last_share(&mut vault, &purges)?;
    let from_trash = removed_and_changed(&vault, &mine, &theirs)?;
    let keys = |vault: &Vault| vault.identity.age.expose().to_owned();
    let is_own = keys(&vault) == keys(own.vault);
    let signer = if is_own { own.signer } else { other.signer }.to_owned();
    Ok(MergedVault {
        vault,
        signer,
        revived: Revived {
            from_trash,
            from_purge,
            fields,
        },
    })
}

/// Ends a renewal where the consent that it took the place of was ended elsewhere: the client said
/// so of what both of them permit.
fn end_renewals_of_ended(vault: &mut Vault) -> Result<()> {
    let mut ends = Vec::new();
    let all = vault.consents.all()?;
    for renewal in &all {
        let old = renewal
            .supersedes
            .and_then(|id| all.iter().find(|it| it.id == id));
        let Some(old) = old else { continue };
        ends.push((
            renewal.id,
            carried_to(renewal, old.taken_back_past_renewal()),
        ));
    }
    for (renewal, ends) in ends {
        let renewal = vault.consents.by_id_mut(renewal)?;
        renewal.events.extend(ends);
        renewal.events.sort_by_key(|event| (event.time, event.id));
    }
    Ok(())
}

/// Lets a renewal end sooner where the client said so, elsewhere, of the consent that it took the
/// place of after the renewal was asked for.
fn shorten_renewals_of_shortened(vault: &mut Vault) -> Result<()> {
    let mut renewals = vault.consents.all()?;
    renewals.retain(|it| it.supersedes.is_some() && it.was_given());
    // A renewal of a renewal comes after that.
    renewals.sort_by_key(|it| (it.created, it.id));
    let renewals: Vec<(Uuid, Option<Uuid>)> =
        renewals.iter().map(|it| (it.id, it.supersedes)).collect();
    for (id, old) in renewals {
        let renewal = vault.consents.by_id(id)?;
        let old = old.map(|old| vault.consents.find(old)).transpose()?;
        let sooner = old
            .flatten()
            .and_then(|it| Shortening::reaching(it, renewal));
        let Some(sooner) = sooner.filter(|it| it.end < renewal.permitted_until()) else {
            continue;
        };
        let (end, stamp) = (sooner.end, sooner.stamp);
        let events = carried_to(renewal, sooner.events.into_iter());
        let renewal = vault.consents.by_id_mut(id)?;
        renewal.until.set_beside(stamp, Some(end));
        renewal.events.extend(events);
        renewal.events.sort_by_key(|event| (event.time, event.id));
    }
    Ok(())
}

/// An entry that several shares brought is held under the last of them.
fn hold_under_the_last_share(vault: &mut Vault, purges: &Purges) -> Result<()> {
    let mut shares = vault.received.all()?;
    shares.sort_by_key(|share| (share.made, share.received, share.id));
    let brought = |share: &&crate::model::records::received::Received| {
        let id = share.id;
        share
            .entries
            .clone()
            .into_iter()
            .map(move |entry| (purges.id_left(entry), id))
    };
    let under: std::collections::BTreeMap<Uuid, Uuid> = shares.iter().flat_map(brought).collect();
    for (entry, share) in under {
        let entry = vault.entries.find_mut(entry)?;
        if let Some(entry) = entry.filter(|entry| entry.received.is_some()) {
            entry.received = Some(share);
        }
    }
    Ok(())
}

/// The entries of which one copy has what the other did not know when it put them in the trash.
fn removed_and_changed(vault: &Vault, own: &Vault, other: &Vault) -> Result<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    let removed = vault.entries.all()?.into_iter();
    for entry in removed.filter(|it| it.is_removed()) {
        let sides = (own.entries.find(entry.id)?, other.entries.find(entry.id)?);
        if let (Some(one), Some(two)) = sides
            && (is_changed_beyond(one, two, entry)? || is_changed_beyond(two, one, entry)?)
        {
            found.insert(entry.id);
        }
    }
    Ok(found)
}

/// Whether the outcome has what was not known where the entry was put in the trash: a version, a
/// file, or a visible field.
fn is_changed_beyond(removed: &Entry, changed: &Entry, outcome: &Entry) -> Result<bool> {
    if !removed.is_removed() || changed.is_removed() {
        return Ok(false);
    }
    let known: HashSet<Uuid> = removed.ids().collect();
    if outcome.ids().any(|id| !known.contains(&id)) {
        return Ok(true);
    }
    // Where nothing is known to be replaced, a merge keeps every value of both.
    let both = |other| removed.merged(other, &SeenByBoth::default()).map(visible);
    Ok(both(outcome)? != both(removed)?)
}

/// What somebody has written in an entry, but for its secrets and where it is.
fn visible(mut entry: Entry) -> Vec<u8> {
    entry.versions.clear();
    entry.attachments.clear();
    entry.removed = Cell::default();
    entry.came_back = Cell::default();
    entry.updated = None;
    entry.received = None;
    serde_json::to_vec(&entry).unwrap_or_default()
}
