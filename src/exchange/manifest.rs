//! What a share says of itself without a secret: who gives what of whose to whom, what for, until
//! when, under which consent. It travels in the share as one text; the hash of that text stands in
//! the ledger, the receipt and the statement of deletion, so that anybody who is shown the text can
//! check what was shared.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::at_most;
use super::identity::PublicIdentity;
use crate::error::{Error, Result};
use crate::model::json_depth;
use crate::model::text::limits::{FIELDS_PER_ENTRY, JSON_DEPTH, SHARE_ITEMS};
use crate::model::vault::Vault;

/// The most fields of one item: its own, and files.
const ITEM_FIELDS: usize = 2 * FIELDS_PER_ENTRY;

/// What a share says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The share's id.
    pub share: Uuid,
    /// Its number for people: the first digits of the id.
    pub number: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its end; none where it is handed over to the client it belongs to.
    pub expires: Option<Timestamp>,
    /// The language of what people read of it.
    pub lang: String,
    /// Who gives it.
    pub sender: ShareSender,
    /// Whom it is for.
    pub recipient: Recipient,
    /// Whose credentials these are.
    pub client: OfClient,
    /// The credentials.
    #[serde(deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>")]
    pub items: Vec<ManifestItem>,
    /// The shares in whose place it stands, the last first: what they had and this has not is over.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>"
    )]
    pub supersedes: Vec<Uuid>,
    /// What for.
    pub purpose: String,
    /// What the recipient is bound to.
    #[serde(deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    pub obligations: Vec<String>,
    /// The client's own rules of handling.
    pub rules: Option<String>,
    /// The consent that allows it; none where it is handed over.
    pub consent: Option<ConsentRef>,
}

/// Who gives a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareSender {
    /// The full name, where it is noted.
    pub name: Option<String>,
    /// The keys.
    #[serde(flatten)]
    pub identity: PublicIdentity,
}

/// Whom a share is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// What the sender calls them.
    pub contact: String,
    /// The full name, where it is noted.
    pub name: Option<String>,
    /// The keys that it is encrypted to, with [`super::bundle::KEY_SEPARATOR`] between them, or
    /// [`super::bundle::PASSPHRASE`].
    pub key: String,
}

/// Whose credentials a share holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfClient {
    /// The client's name on the command line.
    pub slug: String,
    /// The name that people use.
    pub name: Option<String>,
}

/// One credential, as far as it is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestItem {
    /// The entry's id in the sender's vault.
    pub entry: Uuid,
    /// Its name below the client.
    pub name: String,
    /// The hosts that it is for.
    #[serde(deserialize_with = "at_most::list::<FIELDS_PER_ENTRY, _, _>")]
    pub hosts: Vec<String>,
    /// Whom one logs in as.
    pub username: Option<String>,
    /// The names of all fields, files as `attachment:NAME`.
    #[serde(deserialize_with = "at_most::list::<ITEM_FIELDS, _, _>")]
    pub fields: Vec<String>,
    /// Which version of its secret this is, if the secret is shared.
    pub version: Option<u32>,
}

/// The consent that allows a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRef {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of its record that travels with the share, lower-case hex.
    pub sha256: String,
    /// How sure it is.
    pub assurance: Option<String>,
}

impl ShareSender {
    /// Who keeps a vault.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when a key of the vault is damaged.
    pub fn of(vault: &Vault) -> Result<Self> {
        Ok(Self {
            name: vault.me.name.value().cloned(),
            identity: PublicIdentity::of(vault)?,
        })
    }
}

impl OfClient {
    /// The name that people use, or the short one.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.slug)
    }
}

impl Recipient {
    /// The full name, or what the sender calls them.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.contact)
    }
}

impl Manifest {
    /// Reads the text.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is no manifest; never with bytes of it.
    pub fn from_json(text: &str) -> Result<Self> {
        if json_depth(text) > JSON_DEPTH {
            return Err(Error::integrity("the share is nested too deeply"));
        }
        serde_json::from_str(text).map_err(|why| {
            let column = why.column();
            Error::integrity(format!(
                "the share's manifest is malformed at column {column}"
            ))
        })
    }

    /// The text that is hashed.
    ///
    /// # Errors
    /// None that is known: every value has a form in JSON.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|why| Error::failed(format!("cannot write the manifest: {why}")))
    }
}
