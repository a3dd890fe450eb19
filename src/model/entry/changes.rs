//! What to set in an entry and what to empty, held against the limits before anything is asked.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::model::records::slot::Slot;
use crate::model::text::limits::{FIELD_BYTES, SECRET_BYTES};
use crate::model::text::name::{EnvName, FieldName, Tag};
use crate::model::text::secret::Secret;
use crate::model::text::text_rules::check_text;
use crate::model::text::variable::check_settable;
use crate::model::text::when::Duration;

/// A field of an entry that can be emptied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unset {
    /// The username.
    Username,
    /// All URLs.
    Urls,
    /// The notes.
    Notes,
    /// All tags.
    Tags,
    /// The environment variable's name.
    Env,
    /// The end of the credential.
    Expires,
    /// The rotation rule.
    RotateEvery,
    /// The seed of the one-time codes; its versions stay in the history.
    Totp,
    /// A custom field; a hidden one's versions stay in the history.
    Field(FieldName),
}

impl FromStr for Unset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "username" => Self::Username,
            "url" | "urls" => Self::Urls,
            "notes" => Self::Notes,
            "tag" | "tags" => Self::Tags,
            "env" => Self::Env,
            "expires" => Self::Expires,
            "rotate-every" | "rotate_every" => Self::RotateEvery,
            "totp" => Self::Totp,
            "secret" => return Err("an entry keeps its secret; rm removes the entry".into()),
            name => Self::Field(name.parse()?),
        })
    }
}

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username => "username",
            Self::Urls => "url",
            Self::Notes => "notes",
            Self::Tags => "tag",
            Self::Env => "env",
            Self::Expires => "expires",
            Self::RotateEvery => "rotate-every",
            Self::Totp => "totp",
            Self::Field(name) => name.as_str(),
        })
    }
}

/// What to set in an entry. Lists replace what was there; what is empty stays as it is.
#[derive(Clone, Default)]
pub struct Changes {
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
    pub expires: Option<Timestamp>,
    /// How often the secret is to change.
    pub rotate_every: Option<Duration>,
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
    /// [`crate::error::Kind::Usage`], naming the field and the limit; for the variable, as
    /// [`check_settable`].
    pub fn check(&self) -> Result<()> {
        let texts = (self.username.iter().map(|text| ("username", text)))
            .chain(self.urls.iter().map(|text| ("url", text)))
            .chain(self.notes.iter().map(|text| ("notes", text)))
            .chain(self.fields.iter().map(|(name, text)| (name.as_str(), text)));
        for (name, text) in texts {
            check_text(name, text, FIELD_BYTES)?;
        }
        for (slot, secret) in &self.secrets {
            check_text(slot.as_str(), secret.expose(), SECRET_BYTES)?;
        }
        // An entry that names it could never be given to a program.
        self.env.as_ref().map_or(Ok(()), check_settable)
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
            Unset::Username => self.username.is_some(),
            Unset::Urls => !self.urls.is_empty(),
            Unset::Notes => self.notes.is_some(),
            Unset::Tags => !self.tags.is_empty(),
            Unset::Env => self.env.is_some(),
            Unset::Expires => self.expires.is_some(),
            Unset::RotateEvery => self.rotate_every.is_some(),
            Unset::Totp => asked.contains(&Slot::Totp),
            Unset::Field(field) => {
                self.fields.iter().any(|(name, _)| name == field)
                    || asked.contains(&Slot::Field(field.clone()))
            }
        }
    }

    /// The names of what is set or emptied.
    pub(crate) fn touched(&self) -> Vec<String> {
        let lists = [
            (self.username.is_some(), Unset::Username),
            (!self.urls.is_empty(), Unset::Urls),
            (self.notes.is_some(), Unset::Notes),
            (!self.tags.is_empty(), Unset::Tags),
            (self.env.is_some(), Unset::Env),
            (self.expires.is_some(), Unset::Expires),
            (self.rotate_every.is_some(), Unset::RotateEvery),
        ];
        let set = lists.into_iter().filter(|(is_set, _)| *is_set);
        (set.map(|(_, what)| what.to_string()))
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
        self.username.is_none()
            && self.urls.is_empty()
            && self.notes.is_none()
            && self.tags.is_empty()
            && self.env.is_none()
            && self.expires.is_none()
            && self.rotate_every.is_none()
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
