//! The vault's own keys, and those it had before.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::merging::{Mergeable, SeenByBoth};
use super::record::record;
use super::record_id::{derived, is_derived};
use super::slot::StoredSecret;
use crate::error::Result;
use crate::model::text::secret::Secret;

record! {
    /// The vault's own keys. They never leave the payload but to be used.
    ///
    /// A copy of the vault whose signer stands among the retired ones of another copy takes that
    /// one's keys; the retired ones are a set of records.
    pub struct Identity merged apart {
        required {
            /// The age identity, `AGE-SECRET-KEY-1…`.
            age: StoredSecret,
            /// The signing key, an unencrypted OpenSSH private key in PEM.
            signing: StoredSecret,
            /// The journal's key, 32 bytes in base64.
            journal: StoredSecret,
        }
        optional {
            /// Where these keys took the place of others: the card signed by both.
            card: Option<String>,
            /// When they took the place of others, if they did.
            since: Option<Timestamp>,
            /// The keys before these.
            retired: Vec<Retired>,
        }
    }
}

record! {
    /// Keys that were replaced. The age key stays, to open what was encrypted to it; the signing
    /// key is gone.
    pub struct Retired by retired {
        required {
            /// The record's id.
            id: Uuid,
            /// The age identity, `AGE-SECRET-KEY-1…`.
            age: StoredSecret,
            /// The signing key's public half, in OpenSSH form.
            signer: String,
            /// When they were replaced.
            retired: Timestamp,
        }
        optional {
            /// The last generation that was signed with them, as far as it is known.
            generation: Option<u64>,
        }
    }
}

/// The keys of the copy that has replaced the other's. Where both were replaced apart, those of the
/// later time count, and the others stay to open what was encrypted to them.
impl Mergeable for Identity {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        let [signer, other_signer] = &known.signers;
        let has_replaced = |one: &Self, former: &Self| {
            let mut retired = one.retired.iter();
            retired.any(|keys| keys.age.expose() == former.age.expose())
        };
        let rank = |keys: &Self| (keys.since, keys.age.expose().to_owned());
        let is_same = self.age.expose() == other.age.expose();
        let own_count = is_same || has_replaced(self, other);
        let are_apart = !own_count && !has_replaced(other, self);
        let (mut keys, former, former_signer) =
            if own_count || are_apart && rank(self) > rank(other) {
                (self.clone(), other, other_signer)
            } else {
                (other.clone(), self, signer)
            };
        let mut retired = [self.retired.clone(), other.retired.clone()].concat();
        if are_apart {
            let id = derived("vault/retired", former_signer.as_bytes());
            let (age, since) = (former.age.clone(), former.since.unwrap_or_default());
            retired.push(Retired::with(id, age, former_signer.clone(), since));
        }
        keys.retired = once_each(retired);
        keys.extra = self.extra.merged(&other.extra, known)?;
        Ok(keys)
    }
}

/// Of several records of the same keys the one that was made where they were replaced, and of
/// those the first.
fn once_each(mut retired: Vec<Retired>) -> Vec<Retired> {
    retired.sort_by_key(|keys| (is_derived(keys.id), keys.retired, keys.id));
    let mut known = HashSet::new();
    retired.retain(|keys| known.insert(keys.age.expose().to_owned()));
    retired.sort_by_key(|keys| (keys.retired, keys.id));
    retired
}

impl Identity {
    /// The keys of a new vault.
    #[must_use]
    pub fn new(age: Secret, signing: Secret, journal: Secret) -> Self {
        Self::with(age.into(), signing.into(), journal.into())
    }
}

/// A public signing key in its two spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// `ssh-ed25519 AAAA…`.
    pub openssh: String,
    /// `SHA256:…`.
    pub fingerprint: String,
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn what_a_newer_version_wrote_beside_the_keys_is_kept() {
        let retired = r#"{"id":"00000000-0000-0000-0000-000000000001","age":"o","signer":"p","retired":"2026-01-01T00:00:00Z","x":[1]}"#;
        let text = format!(
            r#"{{"age":"a","signing":"s","journal":"j","retired":[{retired}],"y":{{"z":null}}}}"#
        );
        let identity: Identity = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&identity).unwrap(), text);
    }

    #[test]
    fn debug_shows_nothing_of_the_keys() {
        let text = r#"{"age":"canary1","signing":"canary2","journal":"canary3"}"#;
        let identity: Identity = serde_json::from_str(text).unwrap();
        assert!(!format!("{identity:?}").contains("canary"));
    }
}
