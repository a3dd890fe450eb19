//! Whose credentials they are, and how the client wants them handled.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::cell::{Cell, Stamp};
use super::record::record;
use crate::model::text::name::ClientSlug;
use crate::model::text::words::words;

record! {
    /// A client.
    pub struct Client {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// The short name that paths start with.
            slug: Cell<String>,
            /// The full name.
            name: Cell<Option<String>>,
            /// How to reach them.
            contacts: Cell<Vec<Reach>>,
            /// The keys that their signatures are checked against.
            keys: Cell<Vec<ClientKey>>,
            /// Their own rules for handling their credentials.
            rules: Cell<Option<String>>,
            /// The least that a consent of theirs has to be, see [`Assurance`].
            min_assurance: Cell<Option<String>>,
            /// Until when their credentials may be kept.
            retain_until: Cell<Option<Timestamp>>,
            /// When it was removed.
            removed: Cell<Option<Timestamp>>,
        }
    }
}

/// A way to reach a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// A mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

/// An OpenSSH public key of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// The type, as in `ssh-ed25519`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The key itself in base64, as OpenSSH writes it.
    pub public: String,
    /// How it was made sure that the key is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_via: Option<String>,
    /// Whether it came in by `import`, and nobody has made sure of it here since: what is said of
    /// it is the file's word, and no signature by it counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// Fields that this version does not know.
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

impl ClientKey {
    /// A key of type `kind`, in base64.
    #[must_use]
    pub fn new(kind: String, public: String) -> Self {
        Self {
            kind,
            public,
            verified_via: None,
            imported: false,
            extra: BTreeMap::new(),
        }
    }

    /// The key as it came in by `import`, or as it goes out to be.
    #[must_use]
    pub fn with_origin(mut self, imported: bool) -> Self {
        self.imported = imported;
        self
    }

    /// `TYPE BASE64`, the line that OpenSSH reads.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.kind, self.public)
    }
}

words! {
    /// How sure a consent is.
    #[derive(PartialOrd, Ord)]
    pub enum Assurance {
        /// Somebody says that it was given.
        Attested = "attested",
        /// A document shows it.
        Document = "document",
        /// A signature proves it.
        Signed = "signed",
    }
}

impl Client {
    pub(crate) fn new(id: Uuid, created: Timestamp, stamp: Stamp, slug: &ClientSlug) -> Self {
        let mut client = Self::with(id, created);
        client.slug.set(stamp, slug.as_str().to_owned());
        client
    }

    /// The short name; empty in a damaged record only.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.slug.text()
    }

    /// The full name, or else the short one.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.value().map_or(self.slug(), String::as_str)
    }

    /// The mail addresses.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.reaches().iter().filter_map(|r| r.email.as_deref())
    }

    /// The telephone number.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.reaches().iter().find_map(|r| r.phone.as_deref())
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[ClientKey] {
        self.keys.items()
    }

    /// Whether it was removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some()
    }

    fn reaches(&self) -> &[Reach] {
        self.contacts.items()
    }

    /// Replaces the mail addresses; what else is known of an address that stays is kept.
    pub(crate) fn set_emails(&mut self, stamp: Stamp, emails: &[String]) {
        let mut reaches = self.reaches().to_vec();
        for reach in &mut reaches {
            reach.email = reach.email.take().filter(|email| emails.contains(email));
        }
        for email in emails {
            if !reaches.iter().any(|r| r.email.as_ref() == Some(email)) {
                reaches.push(Reach {
                    email: Some(email.clone()),
                    ..Reach::default()
                });
            }
        }
        self.set_reaches(stamp, reaches);
    }

    /// Replaces the telephone number.
    pub(crate) fn set_phone(&mut self, stamp: Stamp, phone: Option<String>) {
        let mut reaches = self.reaches().to_vec();
        for reach in &mut reaches {
            reach.phone = None;
        }
        if phone.is_some() {
            reaches.push(Reach {
                phone,
                ..Reach::default()
            });
        }
        self.set_reaches(stamp, reaches);
    }

    fn set_reaches(&mut self, stamp: Stamp, mut reaches: Vec<Reach>) {
        reaches.retain(|reach| *reach != Reach::default());
        self.contacts.set(stamp, reaches);
    }
}
