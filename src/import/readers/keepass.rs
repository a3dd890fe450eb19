//! What `KeePass` keeps in an entry, whether it came as XML or from a database: strings by key,
//! files, and its former states.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::model::text::limits::IMPORT_LIST;
use crate::model::text::secret::Secret;
use crate::model::transfer::import::{Imported, Past, shortened};

/// An entry as it is.
#[derive(Default)]
pub(crate) struct KeePassEntry {
    /// Its UUID, in base64.
    pub(crate) id: String,
    pub(crate) fields: Vec<TextField>,
    pub(crate) tags: String,
    pub(crate) files: Vec<FileOf>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    /// Its former states.
    pub(crate) history: Vec<Former>,
    /// What could not be read of it.
    pub(crate) lost: Vec<String>,
}

/// A string by its key.
pub(crate) struct TextField {
    pub(crate) key: String,
    pub(crate) value: Secret,
    pub(crate) protected: bool,
}

/// An attachment: by the number that the database has for it, or as it stands in the entry.
pub(crate) struct FileOf {
    pub(crate) name: String,
    pub(crate) content: FileSource,
}

/// Where the bytes of an attachment are.
pub(crate) enum FileSource {
    /// In the list of the whole file.
    Shared(String),
    /// Here.
    Own(Zeroizing<Vec<u8>>),
    /// Nowhere; this is why.
    Lost(String),
}

/// A former state of an entry.
pub(crate) struct Former {
    pub(crate) password: Option<Secret>,
    updated: Option<Timestamp>,
    /// All that it held besides, so that it shows whether that is there still.
    pub(crate) others: HashSet<u64>,
}

impl KeePassEntry {
    /// The value of the first string of this key that has one.
    pub(crate) fn get(&self, key: &str) -> Option<&Secret> {
        let found = self.fields.iter().find(|field| field.key == key);
        found
            .map(|field| &field.value)
            .filter(|value| !value.is_empty())
    }

    /// Takes the first string of this key out of the entry.
    pub(crate) fn take(&mut self, key: &str) -> Option<TextField> {
        let at = self.fields.iter().position(|field| field.key == key)?;
        Some(self.fields.remove(at)).filter(|field| !field.value.is_empty())
    }

    /// Adds a string, unless it is empty.
    pub(crate) fn add(&mut self, key: &str, value: Secret, protected: bool) {
        if value.is_empty() {
            return;
        }
        if self.fields.len() >= IMPORT_LIST {
            return self.lose(format!("strings of it past the first {IMPORT_LIST}"));
        }
        self.fields.push(TextField {
            key: shortened(key).to_owned(),
            value,
            protected,
        });
    }

    /// Notes what could not be read of it, once for each kind of it.
    pub(crate) fn lose(&mut self, reason: String) {
        if !self.lost.contains(&reason) {
            self.lost.push(reason);
        }
    }

    pub(crate) fn take_text(&mut self, key: &str) -> Option<String> {
        self.take(key).map(|field| field.value.expose().to_owned())
    }

    /// What is kept of it where it is a former state.
    pub(crate) fn into_former(mut self) -> Former {
        let password = self.take("Password").map(|field| field.value);
        Former {
            password,
            updated: self.updated,
            others: self.others(),
        }
    }

    pub(crate) fn others(&self) -> HashSet<u64> {
        let hash = |parts: (&str, &str)| {
            let mut hasher = DefaultHasher::new();
            parts.hash(&mut hasher);
            hasher.finish()
        };
        let fields = self.fields.iter();
        let fields = fields.map(|field| hash((&field.key, field.value.expose())));
        let files = self.files.iter().map(|file| hash(("file", &file.name)));
        fields.chain(files).collect()
    }

    /// Former states become former passwords: those that differ from the one after.
    pub(crate) fn remember(self, imported: &mut Imported) {
        let mut states = self.history;
        states.sort_by_key(|state| state.updated);
        let mut last: Option<Secret> = None;
        let mut since = None;
        for state in states {
            let Some(password) = state.password else {
                continue;
            };
            if last.as_ref() != Some(&password) {
                since = state.updated;
                imported.history.push(Past {
                    secret: password.clone(),
                    since,
                });
                last = Some(password);
            }
        }
        if last.is_some() && last == imported.secret {
            imported.history.pop();
            imported.secret_since = since;
        }
    }
}
