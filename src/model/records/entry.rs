//! A credential: its visible fields are cells, its secrets are versions that stay until purged.

use std::collections::BTreeMap;
use std::ops::Deref;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::record::record;
use crate::error::{Error, Result};
use crate::model::entry::changes::{Changes, Unset};
use crate::model::entry::totp;
use crate::model::text::limits::FIELDS_PER_ENTRY;
use crate::model::text::name::{FieldName, Tag};
use crate::model::text::secret::Secret;
use crate::model::text::when::Duration;

/// A secret as a version holds it. It is written to the vault's own encoding and to shares, and
/// nowhere else.
#[derive(Clone, Debug)]
pub struct StoredSecret(Secret);

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

    /// Whether two values are one secret: a seed is the same in every spelling.
    pub(crate) fn is_same(&self, one: &Secret, other: &Secret) -> bool {
        one == other || *self == Self::Totp && totp::is_same(one, other)
    }
}

record! {
    /// One value that a secret had or has.
    pub struct Version {
        required {
            /// The record's id.
            id: Uuid,
            /// Counts the versions of one secret from 1.
            number: u32,
            /// When it was stored.
            created: Timestamp,
            /// Why: `add`, `edit`, `rotate`…
            reason: String,
            /// The secret itself.
            value: StoredSecret,
        }
        optional {
            /// Which secret of the entry, `secret` when left out.
            slot: Option<String>,
            /// When it was taken into use, if it was pending until then.
            promoted: Cell<Option<Timestamp>>,
            /// When it was given up, if it was pending until then.
            aborted: Cell<Option<Timestamp>>,
        }
    }
}

impl Version {
    /// The secret.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.value.0
    }

    /// Since when it is in use, if it ever was.
    #[must_use]
    pub fn in_use_since(&self) -> Timestamp {
        self.promoted.value().copied().unwrap_or(self.created)
    }

    /// The name of the secret that it is a version of.
    #[must_use]
    pub fn slot(&self) -> &str {
        self.slot.as_deref().unwrap_or("secret")
    }
}

record! {
    /// A credential.
    pub struct Entry {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// When anything in it last changed, if it did since it was made.
            updated: Option<Timestamp>,
            /// Whose it is: a client's id.
            client: Cell<Uuid>,
            /// Its name below the client.
            name: Cell<String>,
            /// Whom one logs in as.
            username: Cell<Option<String>>,
            /// Where one logs in.
            urls: Cell<Vec<String>>,
            /// Free text.
            notes: Cell<Option<String>>,
            /// Labels.
            tags: Cell<Vec<String>>,
            /// The environment variable that `run` sets to the secret.
            env: Cell<Option<String>>,
            /// When the credential ends.
            expires: Cell<Option<Timestamp>>,
            /// How often the secret is to change, an ISO 8601 duration.
            rotate_every: Cell<Option<String>>,
            /// Visible custom fields.
            fields: BTreeMap<String, Cell<Option<String>>>,
            /// The current version of each secret.
            current: BTreeMap<String, Cell<Option<Uuid>>>,
            /// The version of its secret that is to become the current one once the site has it.
            pending: Cell<Option<Uuid>>,
            /// All values that its secrets had and have.
            versions: Vec<Version>,
            /// The current attachment of each name.
            attached: BTreeMap<String, Cell<Option<Uuid>>>,
            /// All files that were and are attached.
            attachments: Vec<Attachment>,
            /// The share that it came with, if somebody shared it with this vault.
            received: Option<Uuid>,
            /// When it was put in the trash.
            removed: Cell<Option<Timestamp>>,
        }
    }
}

impl Entry {
    /// The name below the client; empty in a damaged record only.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get().map_or("", String::as_str)
    }

    /// When anything in it last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.updated.unwrap_or(self.created)
    }

    /// Whether it is in the trash.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some()
    }

    /// The labels.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        self.tags.get().map_or(&[], Vec::as_slice)
    }

    /// The ids that have to stay gone when the entry is: its own and those of what it holds.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Uuid> {
        let versions = self.versions.iter().map(|version| version.id);
        let attachments = self.attachments.iter().map(|attachment| attachment.id);
        std::iter::once(self.id).chain(versions).chain(attachments)
    }

    /// The places where one logs in.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        self.urls.get().map_or(&[], Vec::as_slice)
    }

    /// The visible custom fields that are set.
    pub fn visible_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .filter_map(|(name, cell)| Some((name.as_str(), cell.value()?.as_str())))
    }

    /// The secrets that are set: `secret`, `totp` and hidden fields, each with its current version.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &Version)> {
        self.current
            .keys()
            .filter_map(|slot| Some((slot.as_str(), self.current(slot)?)))
    }

    /// The current version of the secret named `slot`.
    #[must_use]
    pub fn current(&self, slot: &str) -> Option<&Version> {
        let id = self.current.get(slot)?.value()?;
        self.versions.iter().find(|version| version.id == *id)
    }

    /// The version of its secret that is to become the current one once the site has it.
    #[must_use]
    pub fn pending(&self) -> Option<&Version> {
        let id = self.pending.value()?;
        self.history("secret").find(|version| version.id == *id)
    }

    /// Version `number` of the secret named `slot`. Two devices that wrote apart may have given
    /// the same number to two.
    pub fn version(&self, slot: &str, number: u32) -> impl Iterator<Item = &Version> {
        self.history(slot)
            .filter(move |version| version.number == number)
    }

    /// All versions of the secret named `slot`.
    pub fn history(&self, slot: &str) -> impl Iterator<Item = &Version> {
        self.versions
            .iter()
            .filter(move |version| version.slot() == slot)
    }

    /// What calls for attention, as words: `rotate`, `pending`, `conflict`, `expired`, `received`.
    /// What others may know is not seen here: [`crate::model::rotation::exposure::Exposures::flags`] does.
    #[must_use]
    pub fn flags(&self, now: Timestamp) -> Vec<&'static str> {
        let due = self.rotation_due().is_some_and(|due| due <= now);
        let expired = self.expires.value().is_some_and(|end| *end <= now);
        [
            (due, "rotate"),
            (self.pending.value().is_some(), "pending"),
            (self.in_conflict(), "conflict"),
            (expired, "expired"),
            (self.received.is_some(), "received"),
        ]
        .into_iter()
        .filter_map(|(holds, word)| holds.then_some(word))
        .collect()
    }

    /// When the secret has to change by the entry's own rule.
    pub(crate) fn rotation_due(&self) -> Option<Timestamp> {
        let every: Duration = self.rotate_every.value()?.parse().ok()?;
        every.after(self.current("secret")?.in_use_since())
    }

    fn in_conflict(&self) -> bool {
        self.client.in_conflict()
            || self.name.in_conflict()
            || self.username.in_conflict()
            || self.urls.in_conflict()
            || self.notes.in_conflict()
            || self.tags.in_conflict()
            || self.env.in_conflict()
            || self.expires.in_conflict()
            || self.rotate_every.in_conflict()
            || self.removed.in_conflict()
            || self.pending.in_conflict()
            || self.fields.values().any(Cell::in_conflict)
            || self.current.values().any(Cell::in_conflict)
            || self.attached.values().any(Cell::in_conflict)
    }

    /// All stamps in the record, for checking it against what the vault has seen.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.client
            .stamps()
            .chain(self.name.stamps())
            .chain(self.username.stamps())
            .chain(self.urls.stamps())
            .chain(self.notes.stamps())
            .chain(self.tags.stamps())
            .chain(self.env.stamps())
            .chain(self.expires.stamps())
            .chain(self.rotate_every.stamps())
            .chain(self.removed.stamps())
            .chain(self.pending.stamps())
            .chain(self.fields.values().flat_map(Cell::stamps))
            .chain(self.current.values().flat_map(Cell::stamps))
            .chain(self.attached.values().flat_map(Cell::stamps))
            .chain(self.versions.iter().flat_map(|v| v.promoted.stamps()))
            .chain(self.versions.iter().flat_map(|v| v.aborted.stamps()))
    }

    pub(crate) fn apply(&mut self, changes: Changes, write: &Write<'_>) -> Result<()> {
        changes.check()?;
        for unset in &changes.unset {
            self.unset(unset, write.stamp)?;
        }
        let stamp = write.stamp;
        if let Some(username) = changes.username {
            self.username.set(stamp, Some(username));
        }
        if !changes.urls.is_empty() {
            self.urls.set(stamp, changes.urls);
        }
        if let Some(notes) = changes.notes {
            self.notes.set(stamp, Some(notes));
        }
        if !changes.tags.is_empty() {
            self.tags.set(stamp, unique_tags(&changes.tags));
        }
        if let Some(env) = changes.env {
            self.env.set(stamp, Some(env.as_str().to_owned()));
        }
        if let Some(expires) = changes.expires {
            self.expires.set(stamp, Some(expires));
        }
        if let Some(every) = changes.rotate_every {
            self.rotate_every.set(stamp, Some(every.to_string()));
        }
        for (name, value) in changes.fields {
            self.hide_nothing_under(name.as_str(), stamp);
            let cell = self.fields.entry(name.as_str().to_owned()).or_default();
            cell.set(stamp, Some(value));
        }
        for (slot, secret) in changes.secrets {
            self.store(&slot, secret, write);
        }
        self.updated = Some(write.now).filter(|now| *now != self.created);
        self.check_field_count()
    }

    /// A field is either visible or hidden; the last one set counts.
    fn hide_nothing_under(&mut self, name: &str, stamp: Stamp) {
        if let Some(current) = self.current.get_mut(name) {
            current.set(stamp, None);
        }
    }

    pub(crate) fn store(&mut self, slot: &Slot, secret: Secret, write: &Write<'_>) {
        let name = slot.as_str();
        if let Some(visible) = self.fields.get_mut(name) {
            visible.set(write.stamp, None);
        }
        let id = self.keep(slot, secret, write);
        let current = self.current.entry(name.to_owned()).or_default();
        current.set(write.stamp, Some(id));
    }

    /// Adds a version without making it the current one.
    pub(crate) fn keep(&mut self, slot: &Slot, secret: Secret, write: &Write<'_>) -> Uuid {
        let name = slot.as_str();
        let number = self.history(name).map(|v| v.number).max().unwrap_or(0) + 1;
        let mut version = Version::with(
            write.new_id(),
            number,
            write.now,
            write.reason.to_owned(),
            StoredSecret(secret),
        );
        version.slot = (*slot != Slot::Secret).then(|| name.to_owned());
        let id = version.id;
        self.versions.push(version);
        id
    }

    fn unset(&mut self, what: &Unset, stamp: Stamp) -> Result<()> {
        match what {
            Unset::Username => self.username.set(stamp, None),
            Unset::Urls => self.urls.set(stamp, Vec::new()),
            Unset::Notes => self.notes.set(stamp, None),
            Unset::Tags => self.tags.set(stamp, Vec::new()),
            Unset::Env => self.env.set(stamp, None),
            Unset::Expires => self.expires.set(stamp, None),
            Unset::RotateEvery => self.rotate_every.set(stamp, None),
            Unset::Totp => self.unset_field("totp", stamp)?,
            Unset::Field(name) => self.unset_field(name.as_str(), stamp)?,
        }
        Ok(())
    }

    fn unset_field(&mut self, name: &str, stamp: Stamp) -> Result<()> {
        if let Some(cell) = self.fields.get_mut(name).filter(|c| c.value().is_some()) {
            cell.set(stamp, None);
            return Ok(());
        }
        if let Some(cell) = self.current.get_mut(name).filter(|c| c.value().is_some()) {
            cell.set(stamp, None);
            return Ok(());
        }
        Err(Error::not_found(format!("no field {name} to unset"))
            .hint("show ENTRY lists the fields of an entry"))
    }

    fn check_field_count(&self) -> Result<()> {
        let hidden = self.secrets().filter(|(slot, _)| *slot != "secret").count();
        let count = self.visible_fields().count() + hidden;
        if count > FIELDS_PER_ENTRY {
            return Err(Error::usage(format!(
                "that makes {count} fields, the limit is {FIELDS_PER_ENTRY} an entry"
            )));
        }
        Ok(())
    }
}

pub(crate) fn unique_tags(tags: &[Tag]) -> Vec<String> {
    let mut names: Vec<String> = tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// What a write to an entry is stamped with.
pub(crate) struct Write<'a> {
    pub(crate) stamp: Stamp,
    pub(crate) now: Timestamp,
    pub(crate) reason: &'a str,
    pub(crate) ids: &'a dyn Fn() -> Uuid,
}

impl Write<'_> {
    fn new_id(&self) -> Uuid {
        (self.ids)()
    }
}
