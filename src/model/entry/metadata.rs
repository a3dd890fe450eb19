//! An entry as a person edits it: all at once, what is left out is emptied. Which changes that makes
//! is worked out here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::{Changes, Unset};
use super::totp;
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::records::slot::Slot;
use crate::model::text::name::{EnvName, FieldName, Tag};
use crate::model::text::secret::Secret;
use crate::model::text::when::{Duration, When};

/// What an entry holds, its secrets by their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Whom one logs in as.
    pub username: Option<String>,
    /// Where one logs in.
    pub urls: Vec<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// The environment variable that `run` sets.
    pub env: Option<String>,
    /// When the credential ends.
    pub expires: Option<Timestamp>,
    /// How often the secret is to change, an ISO 8601 duration.
    pub rotate_every: Option<String>,
    /// Visible custom fields.
    pub fields: BTreeMap<String, String>,
    /// The secrets that are set: `secret`, `totp` and hidden fields.
    pub secrets: BTreeMap<String, (Uuid, Secret)>,
}

/// What a person made of it.
#[derive(Debug, Default)]
pub struct Edited {
    /// Whom one logs in as.
    pub username: Option<String>,
    /// Where one logs in.
    pub urls: Vec<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<Tag>,
    /// The environment variable that `run` sets.
    pub env: Option<EnvName>,
    /// When the credential ends.
    pub expires: Option<When>,
    /// How often the secret is to change.
    pub rotate_every: Option<Duration>,
    /// Visible custom fields.
    pub fields: Vec<(FieldName, String)>,
    /// The secrets that stay, each with its value where values were shown.
    pub secrets: Vec<(Slot, Option<Secret>)>,
}

impl Metadata {
    /// What `entry` holds.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let secret = |(name, version): (&str, &crate::model::records::entry::Version)| {
            (name.to_owned(), (version.id, version.secret().clone()))
        };
        Self {
            username: entry.username.value().cloned(),
            urls: entry.urls().to_vec(),
            notes: entry.notes.value().cloned(),
            tags: entry.tags().to_vec(),
            env: entry.env.value().cloned(),
            expires: entry.expires.value().copied(),
            rotate_every: entry.rotate_every.value().cloned(),
            fields: (entry.visible_fields())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            secrets: entry.secrets().map(secret).collect(),
        }
    }

    /// What has to change for the entry to be as `edited`; nothing else is set anew.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past a limit, for an end in the past, for a secret that has
    /// no value, and when the entry's own secret is left out.
    pub fn changes(&self, edited: Edited, now: Timestamp) -> Result<Changes> {
        let mut changes = Changes::default();
        let unset = &mut changes.unset;
        changes.username = differs(
            self.username.as_ref(),
            edited.username,
            Unset::Username,
            unset,
        );
        changes.notes = differs(self.notes.as_ref(), edited.notes, Unset::Notes, unset);
        changes.urls = list_differs(&self.urls, edited.urls, Unset::Urls, unset);
        changes.tags = self.changed_tags(edited.tags, unset);
        let same = |env: &EnvName| self.env.as_deref() == Some(env.as_str());
        changes.env = set_or_unset(self.env.is_some(), edited.env, same, Unset::Env, unset);
        let same = |at: &When| matches!(at, When::At(at) if self.expires == Some(*at));
        let had = self.expires.is_some();
        let expires = set_or_unset(had, edited.expires, same, Unset::Expires, unset);
        let expires = expires.map(|at| at.in_future(now)).transpose();
        changes.expires = expires.map_err(|why| Error::usage(format!("expires: {why}")))?;
        let same = |every: &Duration| self.rotate_every.as_ref() == Some(&every.to_string());
        let had = self.rotate_every.is_some();
        let every = set_or_unset(had, edited.rotate_every, same, Unset::RotateEvery, unset);
        changes.rotate_every = every;
        self.change_fields(edited.fields, &mut changes)?;
        self.change_secrets(edited.secrets, &mut changes)?;
        changes.check()?;
        Ok(changes)
    }

    /// In the vault they have an order of their own.
    fn changed_tags(&self, edited: Vec<Tag>, unset: &mut Vec<Unset>) -> Vec<Tag> {
        let mut names: Vec<&str> = edited.iter().map(Tag::as_str).collect();
        names.sort_unstable();
        names.dedup();
        if names == self.tags {
            return Vec::new();
        }
        if edited.is_empty() {
            unset.push(Unset::Tags);
        }
        edited
    }

    fn change_fields(&self, edited: Vec<(FieldName, String)>, changes: &mut Changes) -> Result<()> {
        for name in self.fields.keys() {
            if edited.iter().all(|(kept, _)| kept.as_str() != name) {
                changes.unset.push(Unset::Field(field_name(name)?));
            }
        }
        let is_new = |(name, value): &(FieldName, String)| {
            self.fields
                .get(name.as_str())
                .is_none_or(|old| old != value)
        };
        changes.fields = edited.into_iter().filter(is_new).collect();
        Ok(())
    }

    fn change_secrets(
        &self,
        edited: Vec<(Slot, Option<Secret>)>,
        changes: &mut Changes,
    ) -> Result<()> {
        for name in self.secrets.keys() {
            if edited.iter().all(|(kept, _)| kept.as_str() != name) {
                changes.unset.push(match name.as_str() {
                    "secret" => {
                        return Err(Error::usage("an entry keeps its secret")
                            .hint("rm removes the entry, rotate or edit --secret replaces it"));
                    }
                    "totp" => Unset::Totp,
                    field => Unset::Field(field_name(field)?),
                });
            }
        }
        for (slot, value) in edited {
            let old = self.secrets.get(slot.as_str());
            match (old, value) {
                (Some(_), None) => {}
                (Some((_, old)), Some(value)) if *old == value => {}
                (_, Some(value)) => {
                    if slot == Slot::Totp {
                        totp::check(&value)?;
                    }
                    changes.secrets.push((slot, value));
                }
                (None, None) => {
                    return Err(Error::usage("a secret without a value is listed").hint(
                        "a new one is given with edit --secret-field NAME, --totp or --secret",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Refuses `changes`, made from this, where another has changed the same since: `newest` is
    /// what the entry holds now.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`], naming the fields.
    pub fn check_unchanged(&self, newest: &Self, changes: &Changes) -> Result<()> {
        let touched = changes.touched();
        let mut both = self.differences(newest);
        both.retain(|name| touched.contains(name));
        if both.is_empty() {
            return Ok(());
        }
        Err(Error::conflict(format!(
            "another process has changed the same meanwhile: {}",
            both.join(", ")
        ))
        .hint("nothing was changed; see what is there now, and edit again"))
    }

    fn differences(&self, other: &Self) -> Vec<String> {
        let built_in = [
            (self.username != other.username, "username"),
            (self.urls != other.urls, "url"),
            (self.notes != other.notes, "notes"),
            (self.tags != other.tags, "tag"),
            (self.env != other.env, "env"),
            (self.expires != other.expires, "expires"),
            (self.rotate_every != other.rotate_every, "rotate-every"),
        ];
        let changed = built_in.into_iter().filter(|(differs, _)| *differs);
        let mut names: Vec<String> = changed.map(|(_, name)| name.to_owned()).collect();
        let custom = (self.fields.keys().chain(other.fields.keys()))
            .chain(self.secrets.keys().chain(other.secrets.keys()));
        names.extend(
            custom
                .filter(|name| self.custom(name) != other.custom(name))
                .cloned(),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    fn custom(&self, name: &str) -> (Option<&String>, Option<Uuid>) {
        let version = self.secrets.get(name).map(|(version, _)| *version);
        (self.fields.get(name), version)
    }
}

fn field_name(name: &str) -> Result<FieldName> {
    name.parse().map_err(Error::usage)
}

fn differs(
    old: Option<&String>,
    new: Option<String>,
    name: Unset,
    unset: &mut Vec<Unset>,
) -> Option<String> {
    let same = |new: &String| old == Some(new);
    set_or_unset(old.is_some(), new, same, name, unset)
}

fn list_differs(
    old: &[String],
    new: Vec<String>,
    name: Unset,
    unset: &mut Vec<Unset>,
) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    if new.is_empty() {
        unset.push(name);
    }
    new
}

/// The new value where it is not the same; emptied where there was one and is none.
fn set_or_unset<T>(
    had: bool,
    new: Option<T>,
    same: impl FnOnce(&T) -> bool,
    name: Unset,
    unset: &mut Vec<Unset>,
) -> Option<T> {
    if had && new.is_none() {
        unset.push(name);
    }
    new.filter(|new| !same(new))
}
