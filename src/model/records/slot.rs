//! Where a secret of an entry stands, and how it is stored.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::merging::written_once;
use super::stamped::Stamped;
use crate::error::Result;
use crate::model::text::name::FieldName;
use crate::model::text::secret::Secret;

/// A secret as a version holds it. It is written to the vault's own encoding and to shares, and
/// nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret(Secret);

impl Stamped for StoredSecret {}
written_once!(StoredSecret);

impl From<Secret> for StoredSecret {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl Deref for StoredSecret {
    type Target = Secret;

    fn deref(&self) -> &Secret {
        &self.0
    }
}

impl Serialize for StoredSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for StoredSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// Which secret of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The one that `get` gives.
    Secret,
    /// The seed of its one-time codes, base32 or an `otpauth://` URI.
    Totp,
    /// A hidden field.
    Field(FieldName),
}

impl Slot {
    /// Its name in the file and in output.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Secret => "secret",
            Self::Totp => "totp",
            Self::Field(name) => name.as_str(),
        }
    }
}
