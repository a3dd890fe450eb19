//! What this device has seen of a vault: its signer, and how far it had come. A file that falls
//! behind that is an old copy, one signed by another is another's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::{HeaderFacts, Signer};
use crate::error::{Error, Result};
use crate::model::records::cell::Seen;

/// What `pin.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The signer's OpenSSH public key.
    pub signer: String,
    /// The highest generation.
    pub generation: u64,
    /// SHA-256 of the file of that generation, lower-case hex.
    pub hash: String,
    /// The writes that were seen in it.
    pub seen: Seen,
    /// Its signature, base64: tells another file of the same generation without hashing it. Empty
    /// where nothing is remembered of it.
    #[serde(default)]
    pub signature: String,
    /// The signers before this one, in OpenSSH form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// The keys of the ways in that were open and known here; none where that was not noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<BTreeSet<String>>,
    /// The keys of those that were open too, of which this device does not know who added them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub doubted: BTreeSet<String>,
}

/// What a user accepts after reading what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// This generation, although a later one was seen here.
    pub generation: Option<u64>,
    /// The signer with this fingerprint, although another was known.
    pub signer: Option<String>,
}

impl Accepted {
    pub(crate) fn signer(&self, signer: Signer) -> bool {
        self.signer.as_deref() == Some(signer.fingerprint().as_str())
    }
}

/// How a file stands to what this device remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As it should be, or nothing is remembered.
    Good,
    /// An older generation, which the user accepted for this once.
    AcceptedOlder,
    /// Another signer, or another vault at a known path, which the user accepted.
    AcceptedSigner,
}

/// What this device remembers of a file and of the place where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    /// What was seen of its vault.
    pub pin: Option<&'a Pin>,
    /// The vaults that were last seen at its place, by each name of that.
    pub known: &'a [Uuid],
    /// Whether this device itself was about to put it there when it was last heard of.
    pub intended: bool,
}

/// Holds a file's facts against what this device remembers; `way_back` says how the newest state
/// comes back.
///
/// # Errors
/// [`crate::error::Kind::Integrity`], naming the possible causes and the way out.
pub fn judge(
    facts: &HeaderFacts,
    memory: &Memory<'_>,
    accepted: &Accepted,
    way_back: impl FnOnce() -> String,
) -> Result<Freshness> {
    let pin = memory.pin;
    let fingerprint = facts.signer.fingerprint();
    let accept_signer = format!("if you know that this is right: --accept-signer {fingerprint}");
    if let Some(known) = memory.known.iter().find(|known| **known != facts.vault_id) {
        if !accepted.signer(facts.signer) {
            return Err(Error::integrity(format!(
                "another vault stands at this path: it is {}, {known} was here before; \
                 someone put it there, or you moved it",
                facts.vault_id
            ))
            .hint(accept_signer));
        }
        if pin.is_none() {
            return Ok(Freshness::AcceptedSigner);
        }
    }
    let Some(pin) = pin else {
        return Ok(Freshness::Good);
    };
    let older = facts.generation < pin.generation;
    if pin.signer != facts.signer.to_openssh() {
        // The keys were rotated here, and the pin could not follow.
        if memory.intended && !older {
            return Ok(Freshness::Good);
        }
        if accepted.signer(facts.signer) {
            return Ok(if older {
                Freshness::AcceptedOlder
            } else {
                Freshness::AcceptedSigner
            });
        }
        return Err(Error::integrity(format!(
            "the vault is signed by {fingerprint}, this device knows {}; \
             someone else signed it, or its identity was rotated on another device",
            known_fingerprint(pin)
        ))
        .hint(accept_signer));
    }
    if !older {
        return Ok(Freshness::Good);
    }
    if accepted.generation == Some(facts.generation) {
        return Ok(Freshness::AcceptedOlder);
    }
    Err(Error::integrity(format!(
        "the vault has generation {}, this device has seen {}; \
         an old copy was put back, or another device wrote without this one's changes",
        facts.generation, pin.generation
    ))
    .hint(format!(
        "{}; to read the old copy once all the same, which changes nothing of what this device has \
         seen: --accept-generation {}",
        way_back(),
        facts.generation
    )))
}

fn known_fingerprint(pin: &Pin) -> String {
    Signer::parse_openssh(&pin.signer).map_or_else(|_| "another".into(), Signer::fingerprint)
}
