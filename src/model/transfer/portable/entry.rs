//! An entry as an export has it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Plain;
use crate::error::Result;
use crate::model::entry::fields::EntryValues;
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::{Entry, Version};
use crate::model::text::secret::Secret;

/// An entry with all that its secrets and attachments were, in the trash or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortableEntry {
    /// The record's id.
    pub id: Uuid,
    /// `CLIENT/NAME`.
    pub path: String,
    /// The client's id.
    #[serde(default)]
    pub client: Option<Uuid>,
    /// When it was made.
    pub created: Timestamp,
    /// When anything in it last changed, if it did since it was made.
    #[serde(default)]
    pub updated: Option<Timestamp>,
    /// When it was put in the trash, if it was.
    #[serde(default)]
    pub removed: Option<Timestamp>,
    /// The fields of every entry.
    #[serde(flatten)]
    pub values: EntryValues,
    /// Visible custom fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// `secret`, `totp` and hidden fields: all values that each had and has.
    #[serde(default)]
    pub secrets: BTreeMap<String, Vec<PortableVersion>>,
    /// All files that were and are attached.
    #[serde(default)]
    pub attachments: Vec<PortableFile>,
    /// Members that this version does not know; their values are passed over.
    #[serde(flatten, skip_serializing)]
    pub unknown: BTreeMap<String, Option<IgnoredAny>>,
}

/// What a value of a secret is to the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The one that is in use.
    Current,
    /// The one that a rotation has begun with.
    Pending,
    /// One that was in use, or given up.
    Former,
}

/// One value of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortableVersion {
    /// The record's id.
    pub id: Uuid,
    /// Counts the versions of one secret from 1.
    pub number: u32,
    /// What it is to the entry.
    pub state: State,
    /// When it was stored.
    pub created: Timestamp,
    /// When it was taken into use, if it was pending until then.
    #[serde(default)]
    pub promoted: Option<Timestamp>,
    /// When it was given up, if it was pending until then.
    #[serde(default)]
    pub aborted: Option<Timestamp>,
    /// Why it was stored.
    #[serde(default)]
    pub reason: String,
    /// The secret itself.
    pub value: Plain,
}

/// A file that is or was attached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PortableFile {
    /// The record's id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Whether the name still stands for it.
    pub current: bool,
    /// When it was attached.
    pub created: Timestamp,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The file itself in base64.
    pub content: Plain,
}

impl PortableEntry {
    /// All of an entry.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a damaged attachment.
    pub fn of(path: &str, entry: &Entry) -> Result<Self> {
        let mut secrets: BTreeMap<String, Vec<PortableVersion>> = BTreeMap::new();
        for version in &entry.versions {
            let of_slot = secrets.entry(version.slot().to_owned()).or_default();
            of_slot.push(PortableVersion::of(entry, version));
        }
        let files = entry.attachments.iter();
        let files = files.map(|file| PortableFile::of(entry, file));
        Ok(Self {
            id: entry.id,
            path: path.to_owned(),
            client: entry.client.get().copied(),
            created: entry.created,
            updated: entry.updated,
            removed: entry.removed.value().copied(),
            values: EntryValues::of(entry),
            fields: (entry.visible_fields())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            secrets,
            attachments: files.collect::<Result<_>>()?,
            unknown: BTreeMap::new(),
        })
    }

    /// The values that are in use, by the names of the secrets.
    pub(crate) fn current(&self) -> impl Iterator<Item = (&str, &PortableVersion)> {
        self.secrets.iter().filter_map(|(slot, versions)| {
            let mut current = versions.iter().filter(|v| v.state == State::Current);
            Some((slot.as_str(), current.next()?))
        })
    }
}

impl PortableVersion {
    fn of(entry: &Entry, version: &Version) -> Self {
        let is = |other: Option<&Version>| other.is_some_and(|other| other.id == version.id);
        let state = if is(entry.current(version.slot())) {
            State::Current
        } else if is(entry.pending()) {
            State::Pending
        } else {
            State::Former
        };
        Self {
            id: version.id,
            number: version.number,
            state,
            created: version.created,
            promoted: version.promoted.value().copied(),
            aborted: version.aborted.value().copied(),
            reason: version.reason.clone(),
            value: version.secret().clone().into(),
        }
    }
}

impl PortableFile {
    fn of(entry: &Entry, file: &Attachment) -> Result<Self> {
        let bytes = file.bytes()?;
        let current = entry.attachment(&file.name);
        Ok(Self {
            id: file.id,
            name: file.name.clone(),
            current: current.is_some_and(|current| current.id == file.id),
            created: file.created,
            sha256: file.sha256.clone(),
            size: file.size,
            content: Secret::new(STANDARD.encode(&*bytes)).into(),
        })
    }

    /// The file, if it is canonical base64.
    pub(crate) fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let text = self.content.secret().expose();
        STANDARD.decode(text).ok().map(Zeroizing::new)
    }
}
