//! What to set in an entry and what to empty, held against the limits before anything is asked.

use std::fmt;
use std::str::FromStr;

use super::field::{SECRET, TOTP};
use super::fields::{EntryField, EntryValues};
use crate::error::{Error, Result};
use crate::model::records::slot::Slot;
use crate::model::text::limits::{FIELD_BYTES, SECRET_BYTES};
use crate::model::text::name::FieldName;
use crate::model::text::secret::Secret;
use crate::model::text::text_rules::check_text;

/// What can be emptied in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unset {
    /// A field of every entry.
    Field(EntryField),
    /// The seed of the one-time codes; its versions stay in the history.
    Totp,
    /// A custom field; a hidden one's versions stay in the history.
    Custom(FieldName),
}

impl FromStr for Unset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            TOTP => Self::Totp,
            SECRET => return Err("an entry keeps its secret; rm removes the entry".into()),
            name => match EntryField::named(name) {
                Some(field) => Self::Field(field),
                None => Self::Custom(name.parse()?),
            },
        })
    }
}

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field(field) => field.row().option,
            Self::Totp => TOTP,
            Self::Custom(name) => name.as_str(),
        })
    }
}

/// What to set in an entry. Lists replace what was there; what is empty stays as it is.
#[derive(Clone, Default)]
pub struct Changes {
    /// The fields of every entry.
    pub values: EntryValues,
    /// Visible custom fields.
    pub fields: Vec<(FieldName, String)>,
    /// New values of secrets.
    pub secrets: Vec<(Slot, Secret)>,
    /// What to empty first.
    pub unset: Vec<Unset>,
}

impl Changes {
    /// Holds every text against its limit, so that nothing is asked for what cannot be stored.
    ///
    /// # Errors
    /// As [`EntryValues::check`].
    pub fn check(&self) -> Result<()> {
        self.values.check()?;
        for (name, text) in &self.fields {
            check_text(name.as_str(), text, FIELD_BYTES)?;
        }
        for (slot, secret) in &self.secrets {
            check_text(slot.as_str(), secret.expose(), SECRET_BYTES)?;
        }
        Ok(())
    }

    /// Refuses to set and to empty one thing at once; `asked` are the secrets that will be set.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming it.
    pub fn check_unset(&self, asked: &[Slot]) -> Result<()> {
        match self.unset.iter().find(|unset| self.sets(unset, asked)) {
            Some(both) => Err(
                Error::usage(format!("{both} is to be set and to be emptied"))
                    .hint("--unset is not needed where a new value is given"),
            ),
            None => Ok(()),
        }
    }

    fn sets(&self, unset: &Unset, asked: &[Slot]) -> bool {
        match unset {
            Unset::Field(field) => self.values.set_fields().any(|set| set == *field),
            Unset::Totp => asked.contains(&Slot::Totp),
            Unset::Custom(field) => {
                self.fields.iter().any(|(name, _)| name == field)
                    || asked.contains(&Slot::Field(field.clone()))
            }
        }
    }

    /// The names of what is set or emptied.
    pub(crate) fn touched(&self) -> Vec<String> {
        let set = self.values.set_fields();
        (set.map(|field| field.row().option.to_owned()))
            .chain(self.unset.iter().map(ToString::to_string))
            .chain(self.fields.iter().map(|(name, _)| name.to_string()))
            .chain(
                self.secrets
                    .iter()
                    .map(|(slot, _)| slot.as_str().to_owned()),
            )
            .collect()
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values == EntryValues::default()
            && self.fields.is_empty()
            && self.secrets.is_empty()
            && self.unset.is_empty()
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
