//! What a consent covers within one client: entries by id, patterns of paths, and fields.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::model::entry::field::{ATTACHMENT, SECRET, TOTP};
use crate::model::entry::fields::{EntryField, Use};
use crate::model::records::consent::{Consent, Scope};
use crate::model::records::entry::Entry;
use crate::model::text::name::{AttachmentName, ClientSlug, EntryPath, FieldName};
use crate::model::text::pattern::Pattern;

/// A field of an entry that can be shared. The order is the one that people read: what one logs in
/// with first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedField {
    /// The secret that `get` gives.
    Secret,
    /// One of those that every entry may have.
    Field(EntryField),
    /// The seed of the one-time codes.
    Totp,
    /// An attached file.
    Attachment(AttachmentName),
    /// A custom field, visible or hidden.
    Custom(FieldName),
}

impl SharedField {
    /// Where it stands in a list: what one logs in with, what else an entry has, then files and
    /// fields of its own by name.
    fn place(&self) -> (u8, Option<EntryField>, String) {
        match self {
            Self::Secret => (0, None, String::new()),
            Self::Field(field) if field.serves(Use::Share) => (1, Some(*field), String::new()),
            Self::Totp => (2, None, String::new()),
            Self::Field(field) => (3, Some(*field), String::new()),
            Self::Attachment(_) => (4, None, self.to_string()),
            Self::Custom(_) => (5, None, self.to_string()),
        }
    }
}

impl Ord for SharedField {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for SharedField {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for SharedField {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix(ATTACHMENT) {
            return name.parse().map(Self::Attachment);
        }
        let can_be_shared =
            |field: &EntryField| field.serves(Use::Share) || field.serves(Use::ShareNamed);
        if let Some(field) = EntryField::named(text).filter(can_be_shared) {
            return Ok(Self::Field(field));
        }
        Ok(match text {
            SECRET => Self::Secret,
            TOTP => Self::Totp,
            name => Self::Custom(name.parse().map_err(|why| {
                format!(
                    "{why}; a field to share is secret, username, urls, totp, notes, \
                     attachment:NAME or the name of a custom field"
                )
            })?),
        })
    }
}

impl fmt::Display for SharedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => f.write_str(SECRET),
            Self::Field(field) => f.write_str(field.key()),
            Self::Totp => f.write_str(TOTP),
            Self::Attachment(name) => write!(f, "{ATTACHMENT}{name}"),
            Self::Custom(name) => name.fmt(f),
        }
    }
}

/// One item of a scope as people name it: an entry, or a pattern of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeItem {
    /// One entry.
    Entry(EntryPath),
    /// All entries, now and later, of which the path fits.
    Pattern(Pattern),
}

impl ScopeItem {
    /// The client that it is about.
    pub fn client(&self) -> &ClientSlug {
        match self {
            Self::Entry(path) => path.client(),
            Self::Pattern(pattern) => pattern.client(),
        }
    }
}

impl FromStr for ScopeItem {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('*') {
            return text.parse().map(Self::Pattern);
        }
        text.parse().map(Self::Entry)
    }
}

impl fmt::Display for ScopeItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(path) => path.fmt(f),
            Self::Pattern(pattern) => pattern.fmt(f),
        }
    }
}

impl Scope {
    /// Whether an entry of the client is named, or its path fits a pattern. The client may be
    /// called otherwise since. Whose the entry is, is not looked at: [`Consent::covers`] does.
    pub(crate) fn has_entry(&self, entry: Uuid, path: &str) -> bool {
        self.entries.contains(&entry) || self.patterns().any(|it| it.matches_whatever_client(path))
    }

    /// The patterns; one that cannot be read covers nothing.
    pub fn patterns(&self) -> impl Iterator<Item = Pattern> {
        self.patterns.iter().filter_map(|text| text.parse().ok())
    }

    /// The fields that are named; none means all that need not be named.
    pub fn fields(&self) -> impl Iterator<Item = SharedField> {
        self.fields.iter().filter_map(|text| text.parse().ok())
    }

    /// Whether a field is covered. Without names, these are the secret, the username and the URLs:
    /// whatever else an entry has goes only by its name.
    pub fn has_field(&self, field: &SharedField) -> bool {
        if !self.fields.is_empty() {
            return self.fields().any(|named| named == *field);
        }
        match field {
            SharedField::Secret => true,
            SharedField::Field(field) => field.serves(Use::Share),
            SharedField::Custom(_) | SharedField::Totp | SharedField::Attachment(_) => false,
        }
    }
}

impl Consent {
    /// Whether an entry, of this path now, is within the scope. One that it was withdrawn for is
    /// not, and one that belongs to another client never is, whatever it was when it was given.
    pub fn covers(&self, entry: &Entry, path: &str) -> bool {
        entry.client.get() == Some(&self.client)
            && self.scope.has_entry(entry.id, path)
            && !self.is_over_for_entry(entry.id)
    }
}

#[cfg(test)]
mod tests;
