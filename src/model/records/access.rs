//! The password's way in: what the `vault-argon2id` stanza says and the `access` cell repeats.

use serde::{Deserialize, Serialize};

use super::base64_bytes;
use crate::model::text::kdf::KdfParams;

/// Salt and cost of the password's way in. They stay from save to save, so that the master key is
/// derived once per unlock; a new password draws a new salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Argon2id's salt.
    #[serde(with = "base64_bytes")]
    pub salt: [u8; 16],
    /// Argon2id's cost.
    #[serde(flatten)]
    pub kdf: KdfParams,
    /// Whether a key file goes in as Argon2's secret input.
    pub key_file: bool,
}
