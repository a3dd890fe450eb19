//! What became known of one entry may be in use in another: what is known are bytes.

use std::collections::HashMap;

use uuid::Uuid;

use crate::model::entry::field::{SECRET, TOTP, attachment_field};
use crate::model::records::entry::Entry;

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

/// What is in use of these entries that has the bytes of what is `known` of another of them, by
/// version or file. A seed belongs to one account.
pub(crate) fn known_elsewhere<'a, T: Copy>(
    entries: &[&'a Entry],
    known: &HashMap<Uuid, Vec<T>>,
) -> Vec<KnownElsewhere<'a, T>> {
    let mut by_bytes: HashMap<&str, Vec<(Uuid, T)>> = HashMap::new();
    for entry in entries {
        for (version, bytes) in all_bytes(entry) {
            let known = known.get(&version).into_iter().flatten();
            let known = known.map(|it| (entry.id, *it));
            for it in known {
                by_bytes.entry(bytes).or_default().push(it);
            }
        }
    }
    let mut found = Vec::new();
    for entry in entries.iter().filter(|_| !by_bytes.is_empty()) {
        for (slot, version, bytes) in bytes_in_use(entry) {
            let known = by_bytes.get(bytes).into_iter().flatten();
            let others = known.filter(|(other, _)| *other != entry.id);
            found.extend(others.map(|(_, known)| KnownElsewhere {
                entry,
                slot: slot.clone(),
                version,
                known: *known,
            }));
        }
    }
    found
}

/// All secrets and the hashes of all files that an entry has or had.
fn all_bytes(entry: &Entry) -> impl Iterator<Item = (Uuid, &str)> {
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
pub(crate) fn can_be_elsewhere(slot: &str, secret: &str) -> bool {
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
