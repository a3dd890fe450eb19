//! What became known of one entry may be in use in another: what is known are bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::field::{SECRET, TOTP, attachment_field};
use crate::model::records::entry::Entry;
use crate::model::vault::Vault;

/// Digits up to which a hidden field is a PIN: many have the same by chance.
const PIN_DIGITS: usize = 8;

/// A secret or a file in use that has the bytes of something known of another entry.
pub(crate) struct KnownElsewhere<'a, T> {
    /// The entry in which it is in use.
    pub(crate) entry: &'a Entry,
    /// The name of the secret, or `attachment:NAME`.
    pub(crate) slot: String,
    /// The version or the file.
    pub(crate) version: Uuid,
    /// What is known of the other entry's.
    pub(crate) known: T,
}

/// Whether a secret is as short as it has to be where others lock it after a few tries.
pub(crate) fn is_pin(slot: &str, secret: &str) -> bool {
    let is_digits = secret.bytes().all(|byte| byte.is_ascii_digit());
    slot != SECRET && is_digits && secret.len() <= PIN_DIGITS
}

impl Vault {
    /// What is in use here that has the bytes of what is `known` of another entry, by version or file,
    /// whether that entry is here or was purged. A seed belongs to one account.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn known_elsewhere<T: Copy>(
        &self,
        known: &HashMap<Uuid, Vec<T>>,
    ) -> Result<Vec<KnownElsewhere<'_, T>>> {
        let mut found = Vec::new();
        if known.is_empty() {
            return Ok(found);
        }
        let entries = self.entries.all()?;
        let of = |version: &Uuid| known.get(version).into_iter().flatten().copied();
        let mut by_bytes: HashMap<&str, Vec<(Option<Uuid>, T)>> = HashMap::new();
        for entry in &entries {
            for (version, bytes) in all_bytes(entry) {
                let here = of(&version).map(|it| (Some(entry.id), it));
                let purged = self.same_as_purged.get(&version);
                let purged = purged.into_iter().flatten();
                let purged = purged.flat_map(of).map(|it| (None, it));
                for it in here.chain(purged) {
                    by_bytes.entry(bytes).or_default().push(it);
                }
            }
        }
        for entry in entries {
            for (slot, version, bytes) in bytes_in_use(entry) {
                let known = by_bytes.get(bytes).into_iter().flatten();
                let others = known.filter(|(other, _)| *other != Some(entry.id));
                found.extend(others.map(|(_, known)| KnownElsewhere {
                    entry,
                    slot: slot.clone(),
                    version,
                    known: *known,
                }));
            }
        }
        Ok(found)
    }

    /// What of these names of secrets and files of entries, which are to go out, is in use in an entry
    /// with which it does not go: the entry and the name, and the paths of those.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn in_use_elsewhere(
        &self,
        items: &HashMap<Uuid, BTreeSet<String>>,
    ) -> Result<BTreeMap<(Uuid, String), BTreeSet<String>>> {
        let goes =
            |entry: Uuid, slot: &str| items.get(&entry).is_some_and(|slots| slots.contains(slot));
        let mut known: HashMap<Uuid, Vec<(Uuid, Uuid)>> = HashMap::new();
        let mut slots: HashMap<Uuid, String> = HashMap::new();
        for entry in items.keys() {
            let in_use = bytes_in_use(self.entries.by_id(*entry)?);
            for (slot, version, _) in in_use.filter(|(slot, ..)| goes(*entry, slot)) {
                known.entry(version).or_default().push((*entry, version));
                slots.insert(version, slot);
            }
        }
        let paths = self.entries_by_path(|_| true)?.into_iter();
        let paths: HashMap<Uuid, String> = paths.map(|(path, entry)| (entry.id, path)).collect();
        let mut found: BTreeMap<(Uuid, String), BTreeSet<String>> = BTreeMap::new();
        for it in self.known_elsewhere(&known)? {
            let ((entry, version), other) = (it.known, it.entry.id);
            if let (Some(slot), Some(path)) = (slots.get(&version), paths.get(&other))
                && !goes(other, &it.slot)
            {
                let paths = found.entry((entry, slot.clone())).or_default();
                paths.insert(path.clone());
            }
        }
        Ok(found)
    }

    /// The bytes of purged versions, where something that is here has them, by their ids.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn bytes_of_purged(&self) -> Result<HashMap<Uuid, &str>> {
        let mut purged = HashMap::new();
        if self.same_as_purged.is_empty() {
            return Ok(purged);
        }
        for (version, bytes) in self.entries.all()?.into_iter().flat_map(all_bytes) {
            let same = self.same_as_purged.get(&version).into_iter().flatten();
            purged.extend(same.map(|purged| (*purged, bytes)));
        }
        Ok(purged)
    }
}

/// All secrets and the hashes of all files that an entry has or had.
pub(crate) fn all_bytes(entry: &Entry) -> impl Iterator<Item = (Uuid, &str)> {
    let secrets = entry.versions.iter().map(|it| {
        let bytes = it.secret().expose();
        (it.slot(), it.id, bytes)
    });
    let files = entry.attachments.iter();
    let files = files.map(|it| (it.id, it.sha256.as_str()));
    let secrets = secrets.filter(|(slot, _, bytes)| can_be_elsewhere(slot, bytes));
    secrets.map(|(_, id, bytes)| (id, bytes)).chain(files)
}

fn bytes_in_use(entry: &Entry) -> impl Iterator<Item = (String, Uuid, &str)> {
    let secrets = entry.secrets().map(|(slot, it)| {
        let bytes = it.secret().expose();
        (slot.to_owned(), it.id, bytes)
    });
    let files = entry.attached();
    let files = files.map(|it| (attachment_field(&it.name), it.id, it.sha256.as_str()));
    let secrets = secrets.filter(|(slot, _, bytes)| can_be_elsewhere(slot, bytes));
    secrets.chain(files)
}

/// Whether two entries that have the same of this have it from one source, and not by chance. A seed
/// belongs to one account.
fn can_be_elsewhere(slot: &str, secret: &str) -> bool {
    slot != TOTP && !secret.is_empty() && !is_pin(slot, secret)
}

#[cfg(test)]
mod tests {
    use crate::model::consent::permit::world::World;
    use crate::model::entry::changes::Changes;
    use crate::model::records::slot::Slot;
    use crate::model::testing::{author, day, path, replacement, secret};

    #[test]
    fn what_was_given_is_known_in_another_entry_too_and_a_pin_by_chance_is_not() {
        let mut world = World::new();
        world.consent_with("acme", |it| it.fields = &["secret", "pin"]);
        let share = world.share(&world.ask(&["acme/wp"], &[]), 1);
        world.vault.revoke_share(share, None, &author(3)).unwrap();
        let new = Changes {
            secrets: vec![
                (Slot::Secret, secret("one")),
                (Slot::Field("pin".parse().unwrap()), secret("1234")),
            ],
            ..Changes::default()
        };
        let x = path("globex/x");
        world.vault.add(&x, new, &author(4)).unwrap();
        let known = |world: &World| -> Vec<(String, String)> {
            let known = world.vault.known_in_use(day(5)).unwrap();
            known.into_iter().map(|it| (it.path, it.slot)).collect()
        };
        assert!(known(&world).contains(&("globex/x".to_owned(), "secret".to_owned())));
        let entry = world.vault.entry(&x).unwrap();
        let exposures = world.vault.exposures(day(5)).unwrap();
        let of = exposures.of(entry);
        assert_eq!(of.len(), 1, "the PIN is that of many");
        assert_eq!((of[0].1.share, of[0].1.contact), (share, world.bob));
        world
            .vault
            .rotate(&x, replacement("fresh"), &author(6))
            .unwrap();
        assert!(known(&world).iter().all(|(path, _)| path == "acme/wp"));
    }
}
