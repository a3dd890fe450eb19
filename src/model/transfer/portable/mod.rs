//! Entries and clients outside of a vault: plain values, in which nothing of the vault's own
//! bookkeeping (stamps, what each device has seen) is left. `export` writes them as JSON, and
//! `import` makes entries and clients of them again.

mod client;
mod entry;
mod outgoing;
mod restore;

use serde::{Deserialize, Serialize};

use crate::model::records::slot::StoredSecret;
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plain(StoredSecret);

impl Plain {
    /// The secret.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

impl From<Secret> for Plain {
    fn from(secret: Secret) -> Self {
        Self(secret.into())
    }
}
