//! The ways into a vault and its own keys: finding them, adding them, replacing them.

use uuid::Uuid;

use super::records::identity::{PublicKey, Retired};
use super::records::record_id::{RecordId, short};
use super::records::stamping::Author;
use super::records::way_in::{Family, WayIn, WayInKind};
use super::text::limits::WAYS_IN;
use super::text::name::WayInName;
use super::text::secret::Secret;
use super::vault::Vault;
use crate::error::{Error, Result};

/// What takes the place of a vault's keys.
#[derive(Debug)]
pub struct NewKeys {
    /// The age identity, `AGE-SECRET-KEY-1…`.
    pub age: Secret,
    /// The signing key, an unencrypted OpenSSH private key in PEM.
    pub signing: Secret,
    /// The card that the old and the new signing key have signed.
    pub card: String,
    /// Public key and fingerprint of the old signing key.
    pub old_signer: PublicKey,
    /// Public key and fingerprint of the new signing key.
    pub new_signer: PublicKey,
}

impl Vault {
    /// Puts new keys in the place of the age and the signing key. The journal's key stays: events
    /// that are not folded yet are sealed with it.
    pub fn rotate_identity(&mut self, new: NewKeys, author: &Author<'_>) {
        // The write shows in `seen`, so that a copy without it cannot pass for newer.
        self.change_surely(author, "rotate-id", |edit| {
            let keys = &mut edit.vault.identity;
            let age = std::mem::replace(&mut keys.age, new.age.into());
            keys.signing = new.signing.into();
            keys.card = Some(new.card);
            keys.since = Some(author.now);
            let id = (author.new_id)();
            let mut old = Retired::with(id, age, new.old_signer.openssh, author.now);
            old.generation = Some(edit.vault.generation);
            keys.retired.push(old);
            let event = edit.event.note("old", new.old_signer.fingerprint);
            event.note("new", new.new_signer.fingerprint);
        });
    }
}

impl Vault {
    /// The ways in other than the password that are open now, the oldest first.
    pub fn ways_in(&self, family: Family) -> impl Iterator<Item = &WayIn> {
        self.open_ways().filter(move |way| family.has(way))
    }

    pub(crate) fn open_ways(&self) -> impl Iterator<Item = &WayIn> {
        self.recipients
            .iter()
            .filter(|way| way.removed.value().is_none())
    }

    /// The keys of all ways in other than the password that are open now.
    pub fn recipients(&self) -> Vec<String> {
        self.open_ways().map(|way| way.recipient.clone()).collect()
    }

    /// The id of the open way in of `family` whose id starts so, or that is called so.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when there is none, [`crate::error::Kind::Usage`] when
    /// there are several.
    pub fn known_way_in(&self, family: Family, word: &WayInName) -> Result<Uuid> {
        let other = family.other();
        (self.find_way_in(family, word)).map_err(|why| match self.find_way_in(other, word) {
            Ok(id) => Error::not_found(format!("{word} is a {other}")).hint(format!(
                "vault {} rm {}",
                other.command(),
                short(id)
            )),
            Err(_) => why,
        })
    }

    fn find_way_in(&self, family: Family, word: &WayInName) -> Result<Uuid> {
        let list = format!("vault {} list", family.command());
        if let Ok(start) = word.as_str().parse::<RecordId>()
            && self.ways_in(family).any(|way| start.is_start_of(way.id))
        {
            let ids = self.ways_in(family).map(|way| way.id);
            return start.find(ids, &family.to_string(), &list);
        }
        let is_called = |way: &&WayIn| way.name.as_deref() == Some(word.as_str());
        let named: Vec<Uuid> = (self.ways_in(family).filter(is_called))
            .map(|way| way.id)
            .collect();
        match named.as_slice() {
            [id] => Ok(*id),
            [] => Err(Error::not_found(format!("no {family} {word}"))
                .hint(format!("{list} shows what there is"))),
            several => {
                let ids: Vec<String> = several.iter().map(|id| short(*id)).collect();
                let count = several.len();
                Err(Error::usage(format!("{count} keys are called {word}"))
                    .hint(format!("take its id: {}", ids.join(", "))))
            }
        }
    }

    /// Adds a way in, under which the vault opens from the next write on. An identity that was made
    /// here counts as unwritten until [`Self::mark_written`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when that key is one already,
    /// [`crate::error::Kind::Usage`] past the limit.
    pub fn add_way_in(
        &mut self,
        kind: WayInKind,
        recipient: String,
        name: Option<&WayInName>,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        if let Some(same) = self.open_ways().find(|way| way.recipient == recipient) {
            return Err(Error::conflict(format!(
                "that key opens the vault already, {}",
                short(same.id)
            )));
        }
        let count = self.open_ways().count();
        if count >= WAYS_IN {
            return Err(Error::usage(format!(
                "the vault has {count} ways in besides the password, the limit is {WAYS_IN}"
            ))
            .hint("take one away first: vault recovery rm, or vault recipient rm"));
        }
        self.change(author, "way-in", |edit| {
            let id = edit.event.about((author.new_id)());
            edit.event.note("kind", kind.as_str());
            let mut way = WayIn::with(id, kind.as_str().into(), recipient, author.now);
            way.name = name.map(|name| name.as_str().to_owned());
            if kind == WayInKind::Recovery {
                way.unwritten.set(edit.stamp, true);
            }
            edit.vault.recipients.push(way);
            Ok(id)
        })
    }

    /// Says of an identity that was made here that it is written out.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when it was taken away meanwhile.
    pub fn mark_written(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        self.change(author, "way-in", |edit| {
            let way = (edit.vault.recipients.iter_mut()).find(|way| way.id == id);
            let gone = || Error::not_found(format!("way in {} is gone", short(id)));
            way.ok_or_else(gone)?.unwritten.set(edit.stamp, false);
            edit.event.about(id);
            edit.event.note("phase", "written");
            Ok(())
        })
    }

    /// Takes ways in away, and gives those that were open: from the next write on the vault does
    /// not open with them.
    pub fn remove_ways_in(&mut self, ids: &[Uuid], author: &Author<'_>) -> Vec<Uuid> {
        let is_named = |way: &&WayIn| ids.contains(&way.id);
        let open: Vec<Uuid> = self
            .open_ways()
            .filter(is_named)
            .map(|way| way.id)
            .collect();
        if open.is_empty() {
            return open;
        }
        self.change_surely(author, "way-in-removed", |edit| {
            for way in &mut edit.vault.recipients {
                if open.contains(&way.id) {
                    way.removed.set(edit.stamp, Some(author.now));
                }
            }
            edit.event.subject.clone_from(&open);
        });
        open
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::error::Kind;
    use crate::model::records::way_in::{Family, WayInKind};
    use crate::model::testing::{author, empty_vault, fault, read_again};
    use crate::model::text::limits::WAYS_IN;
    use crate::model::vault::Vault;

    fn add(vault: &mut Vault, key: &str) -> Result<Uuid, Kind> {
        let added = vault.add_way_in(WayInKind::Ssh, key.into(), None, &author(0));
        added.map_err(|why| why.kind())
    }

    #[test]
    fn a_way_in_that_was_taken_away_stays_known_and_may_come_back() {
        let mut vault = empty_vault();
        let (one, two) = (add(&mut vault, "a").unwrap(), add(&mut vault, "b").unwrap());
        assert_eq!(add(&mut vault, "a"), Err(Kind::Conflict));
        assert_eq!(vault.remove_ways_in(&[one], &author(0)), [one]);
        assert!(vault.remove_ways_in(&[one], &author(0)).is_empty());
        assert_eq!(vault.recipients(), ["b"]);
        assert_eq!(vault.recipients.len(), 2);
        let again = add(&mut vault, "a").unwrap();
        assert!(again != one && again != two);
        let start = |id: Uuid| id.to_string()[..13].parse().unwrap();
        let known = vault.known_way_in(Family::Recipient, &start(two));
        assert_eq!(known.unwrap(), two);
        let gone = vault.known_way_in(Family::Recipient, &start(one));
        assert_eq!(gone.unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn there_are_as_many_as_the_header_has_room_for() {
        let mut vault = empty_vault();
        for number in 0..WAYS_IN {
            add(&mut vault, &number.to_string()).unwrap();
        }
        assert_eq!(add(&mut vault, "one more"), Err(Kind::Usage));
        let first = vault.recipients[0].id;
        vault.remove_ways_in(&[first], &author(0));
        add(&mut vault, "one more").unwrap();
    }

    #[test]
    fn a_vault_with_ways_in_reads_back_as_it_was_and_checks() {
        let mut vault = empty_vault();
        let id = add(&mut vault, "a").unwrap();
        vault.remove_ways_in(&[id], &author(0));
        add(&mut vault, "b").unwrap();
        let payload = vault.encode(0).unwrap();
        assert_eq!(*read_again(&vault).encode(0).unwrap(), *payload);
        assert_eq!(fault(&vault), None);
    }
}
