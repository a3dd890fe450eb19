//! Credentials that come from elsewhere: what a reader may find, what of it fits, where it goes,
//! and how all of it becomes entries at once.
//!
//! A reader fills an [`Imported`]; [`Candidate::fit`] holds it against the rules and limits of this
//! vault; [`Vault::plan_import`] says what would become of it, and [`Vault::import`] does it.
//!
//! [`Vault::plan_import`]: crate::model::vault::Vault::plan_import
//! [`Vault::import`]: crate::model::vault::Vault::import

mod apply;
mod field_names;
mod fit;
mod own;
mod plan;
mod secret_names;
mod twins;

use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::model::entry::totp;
use crate::model::text::limits::{FIELDS_PER_ENTRY, IMPORT_LIST, SECRET_BYTES};
use crate::model::text::name::ClientSlug;
use crate::model::text::secret::Secret;

pub use field_names::FieldNames;
pub use fit::Candidate;
pub use own::ExportExtras;
pub use plan::{ImportAction, ImportPlan, ImportStep};
pub use secret_names::{holds_secret, names_secret};

/// A credential as another program kept it; everything is optional but its place in the source.
#[derive(Default)]
pub struct Imported {
    /// Where it stands in the source: the line of a spreadsheet, or the number of the item, from 1.
    pub row: u64,
    /// What it was called.
    pub title: String,
    /// The folders that it was in, the outermost first.
    pub groups: Vec<String>,
    /// Whom one logs in as.
    pub username: Option<String>,
    /// The password.
    pub secret: Option<Secret>,
    /// The seed of its one-time codes.
    pub totp: Option<Secret>,
    /// Where one logs in.
    pub urls: Vec<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Custom fields, in the order that they had: as many as an entry may have.
    pub fields: Vec<ImportedField>,
    /// The custom fields past those.
    pub rest: Rest,
    /// The environment variable that it is for.
    pub env: Option<String>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// Former passwords, the oldest first.
    pub history: Vec<Past>,
    /// Files that were kept with it.
    pub files: Vec<ImportedFile>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When anything in it last changed.
    pub updated: Option<Timestamp>,
    /// Since when the password is what it is.
    pub secret_since: Option<Timestamp>,
    /// Labels, folders and URLs past those that a list may have.
    pub over: usize,
    /// What is to be said of it besides, in words that hold nothing of its content.
    pub told: Vec<String>,
}

/// A custom field.
pub struct ImportedField {
    /// What it was called.
    pub name: String,
    /// What it holds.
    pub value: Secret,
    /// Whether it is to be shown only when asked for. What is known for a secret by its name or its
    /// form is hidden in any case.
    pub hidden: bool,
}

/// A former password.
#[derive(PartialEq, Eq)]
pub struct Past {
    /// The password.
    pub secret: Secret,
    /// Since when it was in use.
    pub since: Option<Timestamp>,
}

/// A file that was kept with a credential.
pub struct ImportedFile {
    /// What it was called.
    pub name: String,
    /// The file itself.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Imported {
    /// One at this place of the source, with nothing in it yet.
    #[must_use]
    pub fn at(row: u64) -> Self {
        Self {
            row,
            ..Self::default()
        }
    }

    /// Adds a custom field, unless its value is blank.
    pub fn field(&mut self, name: &str, value: &str, hidden: bool) {
        if value.trim().is_empty() {
            return;
        }
        let name = shortened(name);
        if self.fields.len() >= FIELDS_PER_ENTRY {
            return self.rest.add(name, value);
        }
        self.fields.push(ImportedField {
            name: name.to_owned(),
            value: Secret::new(value.to_owned()),
            hidden,
        });
    }

    /// Puts it in a folder below the ones that it is in; one that is nested very deeply becomes a
    /// label.
    pub fn group(&mut self, name: &str) {
        let start = shortened(name);
        if start.len() < name.len() {
            self.told
                .push("the end of a folder's very long name".into());
        }
        self.add_group(start);
    }

    /// As [`Self::group`], by a name that no other entry has a copy of and that stays whole.
    pub fn add_group(&mut self, name: &str) {
        const DEPTH: usize = 16;
        if self.groups.len() < DEPTH {
            self.groups.push(name.to_owned());
        } else {
            self.add_tag(name);
        }
    }

    /// Adds where one logs in, unless the list is full.
    pub fn add_url(&mut self, url: &str) {
        let is_full = self.urls.len() >= IMPORT_LIST;
        self.over += usize::from(is_full);
        self.urls.extend((!is_full).then(|| url.to_owned()));
    }

    /// Adds a label, unless the list is full.
    pub fn add_tag(&mut self, tag: &str) {
        let is_full = self.tags.len() >= IMPORT_LIST;
        self.over += usize::from(is_full);
        self.tags.extend((!is_full).then(|| tag.to_owned()));
    }

    /// Takes what it was called; a further title becomes a field of this name.
    pub fn add_title(&mut self, name: &str, title: &str) {
        if self.title.trim().is_empty() {
            title.clone_into(&mut self.title);
        } else if self.title != title {
            self.field(name, title, false);
        }
    }

    /// Takes whom one logs in as; a further username becomes a field of this name.
    pub fn add_username(&mut self, name: &str, username: &str) {
        match &self.username {
            Some(first) if !first.trim().is_empty() => {
                if first != username {
                    self.field(name, username, false);
                }
            }
            _ => self.username = Some(username.to_owned()),
        }
    }

    /// Takes the password; a further one becomes a hidden field of this name.
    pub fn add_secret(&mut self, name: &str, secret: &str) {
        if first_of(&mut self.secret, secret) {
            self.field(name, secret, true);
        }
    }

    /// Takes the seed of its one-time codes; a further one becomes a hidden field of this name, and
    /// it is told if no codes can be made of that.
    pub fn add_totp(&mut self, name: &str, seed: &str) {
        if first_of(&mut self.totp, seed) {
            self.field(name, seed, true);
            let unfit = totp::check(&Secret::new(seed.to_owned())).err();
            let told = unfit.map(|why| format!("no codes of a further seed: {why}; kept hidden"));
            self.told
                .extend(told.filter(|told| !self.told.contains(told)));
        }
    }

    /// Adds free text below what is there.
    pub fn note(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let notes = self.notes.get_or_insert_default();
        if !notes.is_empty() {
            notes.push('\n');
        }
        notes.push_str(text);
    }

    /// Whether there is nothing in it at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let texts = [&self.username, &self.notes, &self.env];
        let mut secrets = [&self.secret, &self.totp].into_iter().flatten();
        let texts = texts.into_iter().flatten().map(String::as_str);
        let lists = self.urls.iter().chain(&self.tags).map(String::as_str);
        let mut texts = texts.chain(lists).chain([self.title.as_str()]);
        texts.all(|text| text.trim().is_empty())
            && secrets.all(Secret::is_empty)
            && self.fields.is_empty()
            && self.files.is_empty()
            && self.history.is_empty()
    }
}

/// Puts a secret in its place, unless another one is there: then it is one more.
fn first_of(place: &mut Option<Secret>, secret: &str) -> bool {
    match place {
        Some(first) if !first.is_empty() => first.expose() != secret,
        _ => {
            *place = Some(Secret::new(secret.to_owned()));
            false
        }
    }
}

/// Custom fields for which an entry has no places: lines of one text, as long as a secret may be.
#[derive(Default)]
pub struct Rest {
    text: Zeroizing<String>,
    /// How many there was no room for.
    lost: usize,
}

impl Rest {
    fn add(&mut self, name: &str, value: &str) {
        // A colon, a blank and the end of the line.
        if self.text.len() + name.len() + value.len() + 3 > SECRET_BYTES {
            self.lost += 1;
            return;
        }
        for part in [name, ": ", value, "\n"] {
            self.text.push_str(part);
        }
    }
}

/// The beginning of a name, longer than any name that is kept: names that are used many times over
/// cost little then.
#[must_use]
pub fn shortened(name: &str) -> &str {
    // A name has 64 characters of at most four bytes.
    const BYTES: usize = 256;
    name.get(..name.floor_char_boundary(BYTES)).unwrap_or(name)
}

impl fmt::Debug for Imported {
    /// Where it stands, and nothing that it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imported")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

/// What happens to an entry whose name is taken by one in the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClash {
    /// It is added under a name with a number behind it.
    #[default]
    Suffix,
    /// It is left out.
    Skip,
    /// The one in the vault is changed to it; former secrets stay in the history.
    Update,
}

/// How entries are placed.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Whose all of them are, whatever the source says.
    pub client: Option<ClientSlug>,
    /// What happens when a name is taken.
    pub on_clash: OnClash,
}

#[cfg(test)]
mod tests;
