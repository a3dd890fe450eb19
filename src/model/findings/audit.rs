//! What a vault that knows who has seen what has to say of itself: all rules about credentials,
//! people and permissions, beside what is due.

pub mod accepted;
pub mod catalogue;
pub(super) mod parties;
mod permissions;
mod secrets;
pub(super) mod upkeep;

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::due::due;
use super::rule::Examined;
use crate::error::Result;
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;
use crate::model::text::words::words;
use crate::model::vault::Vault;

words! {
    /// What is asked for beyond the rules that every vault is held to.
    pub enum AuditPolicy {
        /// Nothing.
        Default = "default",
        /// What PCI DSS 4.0 asks of passwords: at least 12 characters (8.3.6), and new ones every
        /// 90 days where there is no second factor (8.3.9).
        Pci = "pci",
    }
}

/// When each entry was last used or changed.
pub type LastUses = HashMap<Uuid, Timestamp>;

/// The action of a review in the log.
const REVIEW: &str = "review";

/// When each record was last spoken of by events: a look at whether it is needed is no use of it.
#[must_use]
pub fn last_uses(events: &[(DeviceId, Event)]) -> LastUses {
    let mut uses = LastUses::new();
    for (_, event) in events.iter().filter(|(_, event)| event.action != REVIEW) {
        for id in &event.subject {
            let last = uses.entry(*id).or_insert(event.time);
            *last = (*last).max(event.time);
        }
    }
    uses
}

/// Looks at the whole vault; days are those where `here` is. What is for use only is not compared
/// without a `proof`.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn audit(
    vault: &Vault,
    uses: &LastUses,
    policy: AuditPolicy,
    here: &Zoned,
    proof: PasswordProof,
) -> Result<Vec<Examined>> {
    let now = here.timestamp();
    let mut all = due(vault, here)?;
    all.extend(secrets::examine(vault, policy, proof)?);
    all.extend(upkeep::examine(vault, uses, policy, here)?);
    all.extend(parties::examine(vault, now)?);
    all.extend(permissions::examine(vault, now)?);
    Ok(all)
}

impl Vault {
    /// The ids of all records that are a client's: itself, its entries, permissions and shares, what
    /// was lent of them, and the contacts whom it has permitted something.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn records_of(&self, client: Uuid) -> Result<HashSet<Uuid>> {
        let mut all: HashSet<Uuid> = self
            .owners()?
            .into_iter()
            .filter_map(|(id, owner)| (owner == client).then_some(id))
            .collect();
        all.insert(client);
        for consent in self.all_consents()? {
            if consent.client == client {
                all.insert(consent.id);
                all.extend(consent.contacts());
            }
        }
        for share in self.shares.all()? {
            if all.contains(&share.consent.id) {
                all.insert(share.id);
            }
        }
        for share in self.received.all()? {
            if share.entries.iter().any(|entry| all.contains(entry)) {
                all.insert(share.id);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
