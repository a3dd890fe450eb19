//! Entries and clients outside of a vault: plain values, in which nothing of the vault's own
//! bookkeeping (stamps, what each device has seen) is left. `export` writes them as JSON, and
//! `import` makes entries and clients of them again.

mod client;
mod entry;
mod outgoing;
mod restore;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::text::secret::Secret;

pub use client::PortableClient;
pub use entry::{PortableEntry, PortableVersion, State};
pub use outgoing::Outgoing;
pub(crate) use restore::Ids;

/// What a file of this program's own says that it is.
pub const FORMAT: &str = "vault-export/1";
/// What it starts with in any version.
pub const FORMAT_NAME: &str = "vault-export/";

/// A secret in plain text: what an export is made of, and written nowhere else.
#[derive(Clone)]
pub struct Plain(Secret);

impl Plain {
    /// The secret.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

impl From<Secret> for Plain {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}
