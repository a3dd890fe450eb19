//! The vault's own keys, and those it had before.

use jiff::Timestamp;
use uuid::Uuid;

use super::record::record;
use super::slot::StoredSecret;
use crate::model::text::secret::Secret;

record! {
    /// The vault's own keys. They never leave the payload but to be used.
    ///
    /// A copy of the vault whose signer stands among the retired ones of another copy takes that
    /// one's keys; the retired ones are a set of records.
    pub struct Identity {
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
            /// The keys before these.
            retired: Vec<Retired>,
        }
    }
}

record! {
    /// Keys that were replaced. The age key stays, to open what was encrypted to it; the signing
    /// key is gone.
    pub struct Retired {
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
        optional {}
    }
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
