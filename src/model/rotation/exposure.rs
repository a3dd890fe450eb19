//! What others may know although they no longer may: why an entry is to be rotated. All of it
//! follows from shares and consents, nothing is stored.
//!
//! A password that somebody has seen is known until it is changed: every end of a share exposes
//! the versions that it held. A reason holds while the current bytes are those of one of them, in
//! another entry too, and new ones clear it.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::compromised::{Compromise, Compromises};
use super::in_use::is_in_use;
use crate::error::Result;
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::entry::Entry;
use crate::model::records::share::ShareState;
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// What is said of an entry in the trash that somebody may know.
pub const IN_TRASH: &str = "is in the trash here, and works at the site as before";

/// How something became known to somebody who may not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The share that held it.
    pub share: Uuid,
    /// Whom it was for.
    pub contact: Uuid,
    /// Since when they may not use it.
    pub since: Timestamp,
    /// Why not: what became of the share.
    pub cause: ShareState,
    /// Whether whoever has a lost device may know it, too.
    pub lost: bool,
}

impl Exposure {
    /// Whether nobody can know it but whoever was to know it once.
    #[must_use]
    pub fn is_orderly(&self) -> bool {
        self.cause.is_orderly() && !self.lost
    }

    /// Who may know it: `contact`, and whoever has a lost device.
    #[must_use]
    pub fn knower(&self, contact: &str) -> String {
        knower(contact, self.lost)
    }

    /// How urgent it is, as a flag of the entry.
    #[must_use]
    pub fn flag(&self) -> &'static str {
        if self.is_orderly() {
            "rotate-soon"
        } else {
            "rotate"
        }
    }
}

/// A secret or a file of one version, and how that became known.
#[derive(Clone, Debug)]
struct Exposed {
    slot: String,
    version: Uuid,
    how: Exposure,
}

/// Something in use that others may know who may not use it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownInUse {
    /// The path of the entry.
    pub path: String,
    /// The entry.
    pub entry: Uuid,
    /// The name of the secret, or `attachment:NAME`.
    pub slot: String,
    /// The version or the file.
    pub version: Uuid,
}

/// All that is exposed, by entry, what ended in an unfriendly way first.
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    by_entry: HashMap<Uuid, Vec<Exposed>>,
    pub(super) compromises: Compromises,
}

impl Exposures {
    fn is_empty(&self) -> bool {
        self.by_entry.is_empty() && self.compromises.is_empty()
    }

    /// What of an entry is exposed and still in use: the secret's or attachment's name, and how,
    /// what ended in an unfriendly way first, of that the longest known.
    pub fn of(&self, entry: &Entry) -> Vec<(&str, Exposure)> {
        let all = self.by_entry.get(&entry.id).map_or(&[][..], Vec::as_slice);
        let exposed = all
            .iter()
            .filter(|it| is_in_use(entry, &it.slot, it.version));
        exposed.map(|it| (it.slot.as_str(), it.how)).collect()
    }

    /// The names of all secrets and files of an entry that are in use and that others may know.
    #[must_use]
    pub fn known_slots(&self, entry: &Entry) -> BTreeSet<String> {
        let shared = self.of(entry).into_iter();
        let shared = shared.map(|(slot, _)| slot.to_owned());
        shared.chain(self.compromises.slots(entry)).collect()
    }

    /// Why a secret of an entry that is in use counts as known for another reason than a share.
    pub fn compromises(&self, entry: &Entry, slot: &str) -> Vec<Compromise> {
        self.compromises.of(entry, slot)
    }

    /// Why anything of an entry that is in use counts as known for another reason than a share, the
    /// oldest first.
    #[must_use]
    pub fn compromise(&self, entry: &Entry) -> Option<Compromise> {
        self.compromises.of_any(entry)
    }

    /// What of an entry that was removed for good was exposed, but for what was known then to be in
    /// use no longer.
    pub fn of_removed(&self, entry: Uuid) -> Vec<(&str, Exposure)> {
        let all = self.by_entry.get(&entry).map_or(&[][..], Vec::as_slice);
        all.iter().map(|it| (it.slot.as_str(), it.how)).collect()
    }

    /// Adds what has the bytes of something exposed in another entry, but for what a contact may
    /// still use after an orderly end. What was changed before its entry was purged is in use there
    /// no longer, and may be in another one.
    fn spread(&mut self, vault: &Vault, usable: &HashSet<(Uuid, Uuid)>) -> Result<()> {
        let mut known: HashMap<Uuid, Vec<Exposure>> = HashMap::new();
        for it in self.by_entry.values().flatten() {
            known.entry(it.version).or_default().push(it.how);
        }
        for it in vault.known_elsewhere(&known)? {
            let (slot, version, how) = (it.slot, it.version, it.known);
            let all = self.by_entry.entry(it.entry.id).or_default();
            let mut same = all.iter().filter(|it| it.slot == slot && it.how == how);
            let is_known = same.any(|known| is_in_use(it.entry, &slot, known.version));
            if is_known || (how.is_orderly() && usable.contains(&(how.contact, version))) {
                continue;
            }
            all.push(Exposed { slot, version, how });
        }
        for all in self.by_entry.values_mut() {
            all.retain(|it| !vault.changed_before_purge.contains(&it.version));
            all.sort_by_key(|it| (it.how.is_orderly(), it.how.since));
        }
        Ok(())
    }

    /// As [`Entry::flags`], with `rotate` for what is compromised or exposed too, or `rotate-soon` where that
    /// was by orderly ends only.
    pub fn flags(&self, entry: &Entry, now: Timestamp) -> Vec<&'static str> {
        let mut flags = entry.flags(now);
        if flags.contains(&"rotate") {
            return flags;
        }
        let exposed = self.of(entry).first().map(|(_, how)| how.flag());
        let is_compromised = self.compromises.of_any(entry).is_some();
        if let Some(flag) = is_compromised.then_some("rotate").or(exposed) {
            flags.insert(0, flag);
        }
        flags
    }
}

/// Who may know something: a contact, and whoever has a lost device of theirs.
#[must_use]
pub fn knower(contact: &str, lost: bool) -> String {
    if lost {
        return format!("{contact}, or whoever has the lost device,");
    }
    contact.to_owned()
}

impl Vault {
    /// All in use that others may know, of all entries.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn known_in_use(&self, now: Timestamp) -> Result<BTreeSet<KnownInUse>> {
        let exposures = self.exposures(now)?;
        let mut all = BTreeSet::new();
        if exposures.is_empty() {
            return Ok(all);
        }
        for (path, entry) in self.entries_by_path(|_| true)? {
            for slot in exposures.known_slots(entry) {
                let version = match slot.strip_prefix(ATTACHMENT) {
                    Some(name) => entry.attachment(name).map(|it| it.id),
                    None => entry.current(&slot).map(|it| it.id),
                };
                all.extend(version.map(|version| KnownInUse {
                    path: path.clone(),
                    entry: entry.id,
                    slot,
                    version,
                }));
            }
        }
        Ok(all)
    }

    /// All that is exposed at `now`. After an orderly end, what the contact may still use by
    /// another share is not; what the share in its place has taken along is exposed by that one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn exposures(&self, now: Timestamp) -> Result<Exposures> {
        let ledger = self.ledger(now)?;
        let mut usable: HashSet<(Uuid, Uuid)> = HashSet::new();
        for line in ledger
            .iter()
            .filter(|line| line.state != ShareState::Unsent)
        {
            let versions = line.live_items().flat_map(|item| item.versions.values());
            usable.extend(versions.map(|version| (line.share.recipient.contact, *version)));
        }
        let mut ended = Vec::new();
        for line in &ledger {
            for item in &line.share.items {
                let how = line.end_of(item).map(|end| Exposure {
                    share: line.share.id,
                    contact: line.share.recipient.contact,
                    since: end.time,
                    cause: end.state,
                    lost: line.lost().is_some(),
                });
                ended.extend(how.map(|how| (line, item, how)));
            }
        }
        ended.sort_by_key(|(_, _, how)| (how.is_orderly(), how.since));
        let mut exposures = Exposures {
            by_entry: HashMap::new(),
            compromises: self.compromises()?,
        };
        for (line, item, how) in ended {
            let lives_on = |version: &Uuid| {
                let goes_on = how.is_orderly() && usable.contains(&(how.contact, *version));
                goes_on || (how.cause.is_orderly() && line.is_told_by_successor(item, version))
            };
            let known = item.versions.iter().filter(|(_, it)| !lives_on(it));
            let exposed = known.map(|(slot, version)| Exposed {
                slot: slot.clone(),
                version: *version,
                how,
            });
            exposures
                .by_entry
                .entry(item.entry)
                .or_default()
                .extend(exposed);
        }
        exposures.spread(self, &usable)?;
        Ok(exposures)
    }
}

/// The commands that give what is known of an entry new values, by the names of secrets and files;
/// one in the trash comes back first.
pub fn remedies(path: &EntryPath, entry: &Entry, known: &BTreeSet<String>) -> Vec<String> {
    let restored = (entry.is_removed()).then(|| format!("vault trash restore {path:#}"));
    let fixes = known.iter().map(|slot| remedy(path, slot));
    restored.into_iter().chain(fixes).collect()
}

/// The command that gives what is known a new value.
pub fn remedy(path: &EntryPath, slot: &str) -> String {
    match (slot, slot.strip_prefix(ATTACHMENT)) {
        ("secret", _) => format!("vault rotate {path:#}"),
        ("totp", _) => format!("vault edit {path:#} --totp"),
        (_, Some(name)) => format!(
            "vault attach {path:#} FILE --as {} --replace",
            as_word(name)
        ),
        (field, None) => format!("vault edit {path:#} --secret-field {}", as_word(field)),
    }
}

#[cfg(test)]
mod tests;
