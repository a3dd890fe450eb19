//! A credential: its visible fields are cells, its secrets are versions that stay until purged.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::record::record;
use super::record_id::short;
use super::slot::StoredSecret;
use super::stamped::Stamped;
use crate::model::text::secret::Secret;
use crate::model::text::when::Duration;
use crate::model::text::words::words;

record! {
    /// One value that a secret had or has.
    pub struct Version by created {
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
            /// When the site refused it, as a program that tried it said; none where the site took
            /// it since.
            refused: Cell<Option<Timestamp>>,
        }
    }
}

impl Version {
    /// The secret.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.value
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

/// The fewest digits of an entry's id that tell it from another of the same name.
pub(crate) const FEWEST_MARK_DIGITS: usize = 4;
/// Digits of a version's id that tell it from another of the same number.
const VERSION_MARK_DIGITS: usize = 4;

/// How a version is named: `2`, or `2~1f0a` where two devices have each stored a version 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionName {
    number: u32,
    mark: String,
}

impl VersionName {
    fn fits(&self, version: &Version) -> bool {
        version.number == self.number && short(version.id).starts_with(&self.mark)
    }
}

impl FromStr for VersionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, mark) = text.split_once('~').unwrap_or((text, ""));
        let is_mark = mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = number.parse().ok().filter(|_| is_mark);
        Ok(Self {
            number: number.ok_or("a version is a number, as vault history shows it")?,
            mark: mark.to_ascii_lowercase(),
        })
    }
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mark.as_str() {
            "" => write!(f, "{}", self.number),
            mark => write!(f, "{}~{mark}", self.number),
        }
    }
}

words! {
    /// What a login asks for beside the secret.
    pub enum SecondFactor {
        /// Nothing: the site has no second factor.
        Nothing = "none",
        /// A one-time code of an app or a message.
        App = "app",
        /// A security key or a passkey.
        Key = "key",
    }
}

record! {
    /// A credential.
    pub struct Entry as "entry" of "vault list" by created {
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
            /// What the login asks for beside the secret, see [`SecondFactor`].
            second_factor: Cell<Option<String>>,
            /// That programs get it while the vault is unlocked, and people with the password only.
            use_only: Cell<Option<bool>>,
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
            /// When it came back with what was not known to the device that purged it, until
            /// somebody says that it stays.
            came_back: Cell<Option<Timestamp>>,
        }
    }
}

impl Entry {
    /// The name below the client; empty in a damaged record only.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// When anything in it last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.updated.unwrap_or(self.created)
    }

    /// Whether it is in the trash, or nothing is left of it.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some() || self.is_husk()
    }

    /// Whether it is in use although another device has put it in the trash, or purged it.
    pub(crate) fn is_claimed(&self) -> bool {
        let is_disputed = self.removed.in_conflict() || self.came_back.value().is_some();
        is_disputed && !self.is_removed()
    }

    /// Stays in use, whatever another device has done.
    pub(crate) fn stay_in_use(&mut self, stamp: Stamp) {
        self.removed.empty(stamp);
        self.came_back.empty(stamp);
    }

    /// The mark behind its name, where a merge has found two entries under that: `~1f0a`.
    pub(crate) fn name_mark(&self) -> Option<&str> {
        let at = self.name().rfind('~')?;
        let digits = self.name().get(at + 1..)?;
        let is_own = self.id.as_simple().to_string().starts_with(digits);
        self.name()
            .get(at..)
            .filter(|_| is_own && digits.len() >= FEWEST_MARK_DIGITS)
    }

    /// The labels.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        self.tags.items()
    }

    /// Keeps a file, as the current one of its name.
    pub(crate) fn attach(&mut self, file: Attachment, stamp: Stamp) {
        let current = self.attached.entry(file.name.clone()).or_default();
        current.set(stamp, Some(file.id));
        self.attachments.push(file);
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
        self.urls.items()
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

    /// The version of its secret that is to become the current one once the site has it. Where one
    /// device has settled a rotation that another has begun anew, it is the one that is not settled.
    #[must_use]
    pub fn pending(&self) -> Option<&Version> {
        let id = self.pending.values().rev().find_map(|(_, id)| *id)?;
        self.history("secret").find(|version| version.id == id)
    }

    /// The versions of the secret named `slot` that `name` fits: `2` alone means all that have that
    /// number, since two devices that wrote apart may each have given it.
    pub fn version(&self, slot: &str, name: &VersionName) -> impl Iterator<Item = &Version> {
        self.history(slot).filter(move |version| name.fits(version))
    }

    /// What one of its versions is called: by its number, or where another has the same, with the
    /// start of its id behind it, as in `2~1f0a`.
    #[must_use]
    pub fn version_name(&self, version: &Version) -> String {
        let mut same = self.history(version.slot());
        let is_alone = !same.any(|it| it.number == version.number && it.id != version.id);
        if is_alone {
            version.number.to_string()
        } else {
            let mark: String = short(version.id)
                .chars()
                .take(VERSION_MARK_DIGITS)
                .collect();
            format!("{}~{mark}", version.number)
        }
    }

    /// Whether two devices have each set the secret named `slot`, and nobody has chosen yet.
    pub(crate) fn is_set_apart(&self, slot: &str) -> bool {
        self.current.get(slot).is_some_and(Stamped::in_conflict)
    }

    /// As [`Self::is_set_apart`], of the files that were attached under `name`.
    pub(crate) fn is_attached_apart(&self, name: &str) -> bool {
        self.attached.get(name).is_some_and(Stamped::in_conflict)
    }

    /// All versions of the secret named `slot`.
    pub fn history(&self, slot: &str) -> impl Iterator<Item = &Version> {
        self.versions
            .iter()
            .filter(move |version| version.slot() == slot)
    }

    /// What calls for attention, as words: `rotate`, `pending`, `conflict`, `expired`, `received`.
    /// What others may know is not seen here:
    /// [`crate::model::rotation::exposure::Exposures::flags`] does.
    #[must_use]
    pub fn flags(&self, now: Timestamp) -> Vec<&'static str> {
        let due = self.rotation_due().is_some_and(|due| due <= now);
        let expired = self.expires.value().is_some_and(|end| *end <= now);
        [
            (due, "rotate"),
            (self.pending.value().is_some(), "pending"),
            (self.is_unsettled(), "conflict"),
            (expired, "expired"),
            (self.received.is_some(), "received"),
            (self.refused_by_host().is_some(), "refused-by-host"),
            (self.is_use_only(), "use-only"),
        ]
        .into_iter()
        .filter_map(|(holds, word)| holds.then_some(word))
        .collect()
    }

    /// What the login asks for beside the secret, as far as it is known: one-time codes that are
    /// made here, or what was noted.
    pub(crate) fn second_factor(&self) -> Option<SecondFactor> {
        let noted = self.second_factor.value().and_then(|it| it.parse().ok());
        let codes = self.current("totp").map(|_| SecondFactor::App);
        codes.or(noted)
    }

    /// When the secret has to change by the entry's own rule.
    pub(crate) fn rotation_due(&self) -> Option<Timestamp> {
        let every: Duration = self.rotate_every.value()?.parse().ok()?;
        every.after(self.current("secret")?.in_use_since())
    }

    /// Whether there is something to choose: of what is in the trash, whether it is.
    pub(crate) fn is_unsettled(&self) -> bool {
        if self.is_removed() {
            return self.removed.values().any(|(_, at)| at.is_none());
        }
        // Two devices that each settled one rotation leave two dates in its version, which nobody
        // has to choose from.
        let mut fields = self.conflicts().into_iter();
        fields.any(|field| !["versions", "came_back"].contains(&field))
            || self.came_back.value().is_some()
            || self.name_mark().is_some()
    }
}
