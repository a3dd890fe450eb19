//! An entry as a person edits it: all at once, what is left out is emptied. Which changes that
//! makes is worked out here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::{Changes, Unset};
use super::fields::{EntryField, EntryValues, ValueKind};
use super::totp;
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::records::fields::ReplacedValue;
use crate::model::records::slot::Slot;
use crate::model::text::name::FieldName;
use crate::model::text::secret::Secret;

/// What an entry holds, its secrets by their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The fields of every entry.
    pub values: EntryValues,
    /// Visible custom fields.
    pub fields: BTreeMap<String, String>,
    /// The secrets that are set: `secret`, `totp` and hidden fields.
    pub secrets: BTreeMap<String, (Uuid, Secret)>,
}

/// What a person made of it.
#[derive(Debug, Default)]
pub struct Edited {
    /// The fields of every entry, as they are stored.
    pub values: EntryValues,
    /// Visible custom fields.
    pub fields: Vec<(FieldName, String)>,
    /// The secrets that stay, each with its value where values were shown.
    pub secrets: Vec<(Slot, Option<Secret>)>,
}

impl Metadata {
    /// What `entry` holds.
    pub fn of(entry: &Entry) -> Self {
        let secret = |(name, version): (&str, &crate::model::records::entry::Version)| {
            (name.to_owned(), (version.id, version.secret().clone()))
        };
        Self {
            values: EntryValues::of(entry),
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
        let (values, emptied) = self.values.changes_to(&edited.values.stored());
        if let Some(end) = values.expires.filter(|end| *end <= now) {
            return Err(Error::usage(format!("expires: {end} is in the past")));
        }
        let mut changes = Changes {
            values,
            unset: emptied.into_iter().map(Unset::Field).collect(),
            ..Changes::default()
        };
        self.change_fields(edited.fields, &mut changes)?;
        self.change_secrets(edited.secrets, &mut changes)?;
        changes.check()?;
        Ok(changes)
    }

    fn change_fields(&self, edited: Vec<(FieldName, String)>, changes: &mut Changes) -> Result<()> {
        for name in self.fields.keys() {
            if edited.iter().all(|(kept, _)| kept.as_str() != name) {
                changes.unset.push(Unset::Custom(field_name(name)?));
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
                    field => Unset::Custom(field_name(field)?),
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

    /// What of this is not there any more in others: values and visible custom fields.
    pub(crate) fn replaced_by(&self, now: &Self) -> Vec<ReplacedValue> {
        let custom = self.fields.iter().filter_map(|(name, was)| {
            let now: Vec<String> = now.fields.get(name).cloned().into_iter().collect();
            (now.first() != Some(was)).then(|| ReplacedValue {
                option: name.clone(),
                was: vec![was.clone()],
                now,
            })
        });
        let values = self.values.replaced_by(&now.values).into_iter();
        values.map(in_words).chain(custom).collect()
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
        let (set, mut differing) = self.values.changes_to(&other.values);
        differing.extend(set.set_fields());
        let mut names: Vec<String> = (differing.iter())
            .map(|field| field.row().option.into())
            .collect();
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

/// A value as people write it; a mark that is taken away is none of something, but a no.
fn in_words(mut value: ReplacedValue) -> ReplacedValue {
    let field = EntryField::ALL.iter().map(|field| field.row());
    let Some(row) = field.into_iter().find(|row| row.option == value.option) else {
        return value;
    };
    for text in value.was.iter_mut().chain(&mut value.now) {
        *text = row.kind.written(text);
    }
    if row.kind == ValueKind::Mark && value.now.is_empty() {
        value.now.push("no".to_owned());
    }
    value
}

fn field_name(name: &str) -> Result<FieldName> {
    name.parse().map_err(Error::usage)
}
