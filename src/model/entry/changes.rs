//! What to set in an entry and what to empty, held against the limits before anything is asked.

use std::fmt;
use std::str::FromStr;

use super::field::{SECRET, TOTP};
use super::fields::{EntryField, EntryValues};
use super::use_only::PasswordProof;
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
    /// One item of a list.
    Item(EntryField, String),
    /// The seed of the one-time codes; its versions stay in the history.
    Totp,
    /// A custom field; a hidden one's versions stay in the history.
    Custom(FieldName),
}

impl FromStr for Unset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((name, item)) = text.split_once('=') {
            let list = EntryField::named(name).filter(|field| field.row().kind.is_list());
            let list = list.ok_or("one of several goes with tag=TAG or url=URL")?;
            let item = list.row().kind.stored(item);
            return Ok(Self::Item(list, item.ok_or(list.row().expected)?));
        }
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
            Self::Item(field, item) => return write!(f, "{} {item}", field.row().option),
            Self::Field(field) => field.row().option,
            Self::Totp => TOTP,
            Self::Custom(name) => name.as_str(),
        })
    }
}

/// What becomes of a list that has items already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    /// It is what is given.
    #[default]
    Replaced,
    /// What is given comes to those that are there.
    AddedTo,
}

/// What to set in an entry; what is empty stays as it is.
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
    /// What becomes of lists.
    pub lists: Lists,
    /// Whether an entry that is for use only may be one for everything again.
    pub proof: PasswordProof,
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
            // A list is emptied first, and then has what is given.
            Unset::Item(..) => false,
            Unset::Field(field) => {
                !field.row().kind.is_list() && self.values.set_fields().any(|set| set == *field)
            }
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
            .chain(self.unset.iter().map(|unset| match unset {
                Unset::Item(field, _) => field.row().option.to_owned(),
                unset => unset.to_string(),
            }))
            .chain(self.fields.iter().map(|(name, _)| name.to_string()))
            .chain(
                self.secrets
                    .iter()
                    .map(|(slot, _)| slot.as_str().to_owned()),
            )
            .collect()
    }

    /// Whether an entry that is for use only would be none any more.
    #[must_use]
    pub fn ends_use_only(&self) -> bool {
        self.unset.contains(&Unset::Field(EntryField::UseOnly))
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
