//! What a name stands for in an entry: `secret`, `username`, `totp`, a custom field.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::model::records::entry::{Entry, Version};
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;

/// The field that is meant when none is named.
pub const SECRET: &str = "secret";
/// The field that holds the seed of one-time codes.
pub const TOTP: &str = "totp";

/// The fields of every entry that are no secrets.
const BUILT_IN: [&str; 5] = ["username", "url", "notes", "env", "tags"];

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// A secret in one of its versions: to hand it out is a reveal.
    Secret(&'a Version),
    /// Text that `show` shows too.
    Visible(Cow<'a, str>),
}

impl Found<'_> {
    /// The text itself. As with [`crate::model::text::secret::Secret::expose`], each caller lets it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Secret(version) => version.secret().expose(),
            Self::Visible(text) => text,
        }
    }

    /// The text, wiped when it is dropped.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.expose().to_owned())
    }

    /// The version's number, if it is a secret.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::Secret(version) => Some(version.number),
            Self::Visible(_) => None,
        }
    }
}

impl Entry {
    /// What the field `name` holds now: `secret`, `username`, `url` (the first), `urls`, `notes`,
    /// `tags`, `env`, `totp` (the seed), or a custom one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Found<'_>> {
        if let Some(version) = self.current(name) {
            return Some(Found::Secret(version));
        }
        let lines = |list: &[String]| (!list.is_empty()).then(|| Cow::Owned(list.join("\n")));
        let text = |value: Option<&'_ String>| value.cloned().map(Cow::Owned);
        let visible = match name {
            "username" => text(self.username.value()),
            "url" => text(self.urls().first()),
            "urls" => lines(self.urls()),
            "notes" => text(self.notes.value()),
            "env" => text(self.env.value()),
            "tags" => lines(self.tags()),
            custom => (self.visible_fields())
                .find(|(field, _)| *field == custom)
                .map(|(_, value)| Cow::Borrowed(value)),
        };
        visible.map(Found::Visible)
    }

    /// As [`Self::field`], of the entry at `path`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with what there is as a hint.
    pub fn known_field(&self, path: &EntryPath, name: &str) -> Result<Found<'_>> {
        self.field(name).ok_or_else(|| self.no_field(path, name))
    }

    /// Says that the entry at `path` has no such field, and what it has.
    #[must_use]
    pub fn no_field(&self, path: &EntryPath, name: &str) -> Error {
        let built_in = BUILT_IN
            .into_iter()
            .filter(|name| self.field(name).is_some());
        let visible = self.visible_fields().map(|(field, _)| field);
        let set: Vec<&str> = (self.secrets().map(|(slot, _)| slot))
            .chain(built_in)
            .chain(visible)
            .collect();
        let what = if name == SECRET {
            name.to_owned()
        } else {
            format!("field {name}")
        };
        let error = Error::not_found(format!("{path} has no {what}"));
        if set.is_empty() {
            error.hint(format!("see what it has: vault show {path:#}"))
        } else {
            error.hint(format!("it has: {}", set.join(", ")))
        }
    }
}
