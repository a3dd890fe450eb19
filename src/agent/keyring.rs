//! What the agent has: master keys, each with its deadlines. The time is passed in.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::{KeyKeeper, MasterKey, PlainFileKey, WrappedFileKey};
use crate::model::records::access::Access;
use crate::model::text::limits::AGENT_VAULTS;

/// Which key is meant: a vault's, under the salt and the cost that its file has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyId {
    /// The vault.
    pub vault: Uuid,
    /// What its key is derived under. A new password has another salt, and so another key.
    pub access: Access,
}

/// How long a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepTerms {
    /// At most so long, whatever happens.
    pub at_most: Duration,
    /// And so long without being used.
    pub idle: Duration,
}

/// How long a key will still be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// At most.
    pub at_most: Duration,
    /// If it is not used.
    pub idle: Duration,
    /// When it is forgotten at last, by the agent's clock: no two unlockings have the same.
    pub until: Duration,
}

/// Why a key did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// There is no such key here.
    Unknown,
    /// There is, and it does not fit.
    Wrong,
    /// There is no room for another.
    Full,
}

struct KeyringEntry {
    vault: Uuid,
    key: MasterKey,
    until: Duration,
    idle: Duration,
    idle_until: Duration,
}

impl KeyringEntry {
    fn deadline(&self) -> Duration {
        self.until.min(self.idle_until)
    }

    fn is(&self, of: &KeyId) -> bool {
        self.vault == of.vault && *self.key.access() == of.access
    }
}

/// The keys that are kept. Those past a deadline are as good as gone: none is used before
/// [`Self::expire`] has wiped them.
#[derive(Default)]
pub struct Keyring(Vec<KeyringEntry>);

impl Keyring {
    /// Wipes the keys whose time is over. To be called before anything else at each turn.
    pub fn expire(&mut self, now: Duration) {
        self.0.retain(|kept| kept.deadline() > now);
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the next key's time is over.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.0.iter().map(KeyringEntry::deadline).min()
    }

    /// Keeps a key, in place of any that the vault had.
    ///
    /// # Errors
    /// [`KeyRefusal::Full`].
    pub fn insert(
        &mut self,
        vault: Uuid,
        key: MasterKey,
        terms: KeepTerms,
        now: Duration,
    ) -> Result<(), KeyRefusal> {
        self.forget(vault);
        if self.0.len() >= AGENT_VAULTS {
            return Err(KeyRefusal::Full);
        }
        self.0.push(KeyringEntry {
            vault,
            key,
            until: now.saturating_add(terms.at_most),
            idle: terms.idle,
            idle_until: now.saturating_add(terms.idle),
        });
        Ok(())
    }

    /// Wipes the keys of a vault.
    pub fn forget(&mut self, vault: Uuid) {
        self.0.retain(|kept| kept.vault != vault);
    }

    /// Wipes all keys.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How long a key will still be kept. Looking is no use of it.
    #[must_use]
    pub fn left(&self, of: &KeyId, now: Duration) -> Option<Left> {
        let kept = self.0.iter().find(|kept| kept.is(of))?;
        Some(Left {
            at_most: kept.until.saturating_sub(now),
            idle: kept.idle_until.saturating_sub(now),
            until: kept.until,
        })
    }

    /// Says that a key is about to be used.
    ///
    /// # Errors
    /// [`KeyRefusal::Unknown`].
    pub fn touch(&mut self, of: &KeyId, now: Duration) -> Result<(), KeyRefusal> {
        self.using(of, now).map(|_| ())
    }

    /// Wraps a file key.
    ///
    /// # Errors
    /// [`KeyRefusal::Unknown`].
    pub fn wrap(
        &mut self,
        of: &KeyId,
        file_key: &PlainFileKey,
        now: Duration,
    ) -> Result<WrappedFileKey, KeyRefusal> {
        let key = self.using(of, now)?;
        key.wrap(file_key).map_err(|_| KeyRefusal::Wrong)
    }

    /// Unwraps a file key.
    ///
    /// # Errors
    /// [`KeyRefusal::Unknown`] or [`KeyRefusal::Wrong`].
    pub fn unwrap(
        &mut self,
        of: &KeyId,
        wrapped: &WrappedFileKey,
        now: Duration,
    ) -> Result<PlainFileKey, KeyRefusal> {
        let key = self.using(of, now)?;
        KeyKeeper::unwrap(key, wrapped).map_err(|_| KeyRefusal::Wrong)
    }

    /// As [`Self::unwrap`], for what a person has not asked for: it is no use of the key.
    ///
    /// # Errors
    /// As [`Self::unwrap`].
    pub fn unwrap_aside(
        &self,
        of: &KeyId,
        wrapped: &WrappedFileKey,
    ) -> Result<PlainFileKey, KeyRefusal> {
        let kept = self.0.iter().find(|kept| kept.is(of));
        let key = &kept.ok_or(KeyRefusal::Unknown)?.key;
        KeyKeeper::unwrap(key, wrapped).map_err(|_| KeyRefusal::Wrong)
    }

    fn using(&mut self, of: &KeyId, now: Duration) -> Result<&MasterKey, KeyRefusal> {
        let kept = self.0.iter_mut().find(|kept| kept.is(of));
        let kept = kept.ok_or(KeyRefusal::Unknown)?;
        kept.idle_until = now.saturating_add(kept.idle);
        Ok(&kept.key)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::{KeepTerms, KeyId, KeyRefusal, Keyring};
    use crate::crypto::{KeyKeeper, MasterKey};
    use crate::model::records::access::Access;
    use crate::model::text::kdf::KdfParams;
    use crate::model::text::limits::AGENT_VAULTS;

    const TERMS: KeepTerms = KeepTerms {
        at_most: Duration::from_mins(15),
        idle: Duration::from_mins(5),
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000 + seconds)
    }

    fn id(vault: u128, salt: u8) -> KeyId {
        KeyId {
            vault: Uuid::from_u128(vault),
            access: Access {
                salt: [salt; 16],
                kdf: KdfParams { m: 8, t: 1, p: 1 },
                key_file: false,
            },
        }
    }

    fn key(of: KeyId) -> MasterKey {
        MasterKey::init(of.access, |bytes| bytes.fill(7))
    }

    fn with(ids: &[KeyId]) -> Keyring {
        let mut keyring = Keyring::default();
        for of in ids {
            keyring.insert(of.vault, key(*of), TERMS, at(0)).unwrap();
        }
        keyring
    }

    #[test]
    fn a_file_key_comes_back_as_it_was() {
        let of = id(1, 1);
        let mut keyring = with(&[of]);
        let file_key = Zeroizing::new([5; 16]);
        let wrapped = keyring.wrap(&of, &file_key, at(1)).unwrap();
        assert_eq!(keyring.unwrap(&of, &wrapped, at(1)).unwrap(), file_key);
        let mut other = wrapped;
        other.body[0] ^= 1;
        assert_eq!(keyring.unwrap(&of, &other, at(1)), Err(KeyRefusal::Wrong));
    }

    #[test]
    fn another_vault_or_another_salt_is_unknown() {
        let mut keyring = with(&[id(1, 1)]);
        for of in [id(2, 1), id(1, 2)] {
            assert_eq!(keyring.touch(&of, at(1)), Err(KeyRefusal::Unknown));
            assert_eq!(keyring.left(&of, at(1)), None);
        }
    }

    #[test]
    fn use_puts_off_the_idle_deadline_and_nothing_else() {
        let of = id(1, 1);
        let mut keyring = with(&[of]);
        for seconds in (0..900).step_by(299) {
            keyring.expire(at(seconds));
            keyring.touch(&of, at(seconds)).unwrap();
        }
        assert_eq!(keyring.next_deadline(), Some(at(900)));
        keyring.expire(at(899));
        assert!(!keyring.is_empty());
        keyring.expire(at(900));
        assert!(keyring.is_empty());
    }

    #[test]
    fn a_key_that_is_not_used_goes_first() {
        let (used, unused) = (id(1, 1), id(2, 1));
        let mut keyring = with(&[used, unused]);
        keyring.touch(&used, at(200)).unwrap();
        // Asking how long it has is no use, nor is what nobody asked for.
        assert!(keyring.left(&unused, at(299)).is_some());
        let wrapped = KeyKeeper::wrap(&key(unused), &[5; 16]).unwrap();
        assert!(keyring.unwrap_aside(&unused, &wrapped).is_ok());
        let unknown = keyring.unwrap_aside(&id(3, 1), &wrapped);
        assert_eq!(unknown, Err(KeyRefusal::Unknown));
        keyring.expire(at(300));
        assert!(keyring.left(&used, at(300)).is_some());
        assert!(keyring.left(&unused, at(300)).is_none());
        let left = keyring.left(&used, at(300)).unwrap();
        assert_eq!(left.at_most, Duration::from_mins(10));
        assert_eq!(left.idle, Duration::from_secs(200));
    }

    #[test]
    fn a_new_key_of_a_vault_replaces_the_old_one() {
        let mut keyring = with(&[id(1, 1), id(1, 2)]);
        assert_eq!(keyring.touch(&id(1, 1), at(1)), Err(KeyRefusal::Unknown));
        keyring.touch(&id(1, 2), at(1)).unwrap();
        keyring.forget(id(1, 2).vault);
        assert!(keyring.is_empty());
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let many = (0..AGENT_VAULTS as u128).map(|vault| id(vault, 1));
        let mut keyring = with(&many.collect::<Vec<_>>());
        let one_more = id(999, 1);
        let kept = keyring.insert(one_more.vault, key(one_more), TERMS, at(1));
        assert_eq!(kept, Err(KeyRefusal::Full));
        let again = id(3, 2);
        keyring
            .insert(again.vault, key(again), TERMS, at(1))
            .unwrap();
    }

    #[test]
    fn terms_without_end_do_not_wrap_around() {
        let of = id(1, 1);
        let mut keyring = Keyring::default();
        let terms = KeepTerms {
            at_most: Duration::MAX,
            idle: Duration::MAX,
        };
        keyring.insert(of.vault, key(of), terms, at(0)).unwrap();
        keyring.expire(at(1));
        keyring.touch(&of, at(1)).unwrap();
    }
}
