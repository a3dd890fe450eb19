//! What several devices have written apart, and somebody has to choose from.

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::records::entry::{Entry, VersionName};
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

/// A field with more than one value to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What kind of record it is: `entry`, `client`, `contact`, `way in`, `me`.
    pub kind: &'static str,
    /// What the record is called.
    pub name: String,
    /// The field.
    pub field: String,
    /// The values, the one that counts meanwhile first: of a secret the names of its versions,
    /// never the secret.
    pub values: Vec<String>,
}

impl Vault {
    /// All that is to be chosen, by kind and name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        let mut all = Vec::new();
        for (path, entry) in self.entries_by_path(Entry::in_conflict)? {
            all.extend(of_entry(&path, entry));
        }
        for client in self.clients.iter().filter(Stamped::in_conflict) {
            all.extend(of_record("client", client.slug(), client));
        }
        let contacts = self.contacts.all()?.into_iter();
        for contact in contacts.filter(Stamped::in_conflict) {
            all.extend(of_record("contact", contact.name(), contact));
        }
        if self.me.in_conflict() {
            all.extend(of_record("me", "", &self.me));
        }
        Ok(all)
    }

    /// Settles which version of an entry's secret counts; an entry that another device put in the
    /// trash meanwhile stays.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry or a version that is not there,
    /// [`crate::error::Kind::Usage`] where several versions have that name.
    pub fn resolve_version(
        &mut self,
        path: &EntryPath,
        slot: &str,
        name: &VersionName,
        author: &Author<'_>,
    ) -> Result<()> {
        let chosen = self.entry(path)?.known_version(path, slot, name)?.id;
        self.change(author, "resolve", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            edit.event.subject.push(entry.id);
            edit.event.note("what", "secret");
            let current = entry.current.entry(slot.to_owned()).or_default();
            current.set(edit.stamp, Some(chosen));
            if entry.removed.in_conflict() {
                entry.removed.set(edit.stamp, None);
            }
            entry.updated = Some(author.now);
            Ok(())
        })
    }

    /// Puts an entry in the trash after all that one device had put there while another changed
    /// it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], also where no device has put it in the trash.
    pub fn resolve_deleted(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<()> {
        let entry = self.entry(path)?;
        if !entry.removed.in_conflict() {
            return Err(
                Error::not_found(format!("no device has put {path} in the trash"))
                    .hint(format!("to put it there now: vault rm {path:#}")),
            );
        }
        self.change(author, "resolve", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            edit.event.subject.push(entry.id);
            edit.event.note("what", "removed");
            entry.removed.set(edit.stamp, Some(author.now));
            entry.updated = Some(author.now);
            Ok(())
        })
    }
}

fn of_entry(path: &str, entry: &Entry) -> Vec<Conflict> {
    // What is looked through then holds no secret.
    let mut visible = entry.clone();
    visible.versions = Vec::new();
    visible.attachments = Vec::new();
    let called = |value: String| {
        let version = entry.versions.iter().find(|it| it.id.to_string() == value);
        let file = entry
            .attachments
            .iter()
            .find(|it| it.id.to_string() == value);
        let version = version.map(|version| format!("version {}", entry.version_name(version)));
        version
            .or_else(|| Some(short_hash(&file?.sha256)))
            .unwrap_or(value)
    };
    let mut conflicts = of_record("entry", path, &visible);
    for conflict in &mut conflicts {
        let values = std::mem::take(&mut conflict.values);
        conflict.values = values.into_iter().map(called).collect();
        if conflict.field == "removed" {
            let word = |value: &String| {
                if value == "unset" {
                    "in use"
                } else {
                    "in the trash"
                }
            };
            let words = conflict.values.iter().map(|value| word(value).to_owned());
            conflict.values = words.collect();
        }
    }
    conflicts
}

fn short_hash(sha256: &str) -> String {
    format!("the file {}…", sha256.get(..8).unwrap_or_default())
}

/// The cells of a record with more than one value, found by their shape.
fn of_record(kind: &'static str, name: &str, record: &impl Serialize) -> Vec<Conflict> {
    let Ok(Value::Object(fields)) = serde_json::to_value(record) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (field, value) in fields {
        match value {
            // Cells by name: custom fields, current versions, attachments.
            Value::Object(cells) => {
                for (field, cell) in cells {
                    found.extend(values(&cell).map(|values| (field, values)));
                }
            }
            cell => found.extend(values(&cell).map(|values| (field, values))),
        }
    }
    let conflict = |(field, values)| Conflict {
        kind,
        name: name.to_owned(),
        field,
        values,
    };
    found.into_iter().map(conflict).collect()
}

/// The values of a cell that has several, the current one first.
fn values(cell: &Value) -> Option<Vec<String>> {
    let stamped = |item: &Value| match item.as_array()?.as_slice() {
        [Value::Number(_), Value::String(_), value] => Some(spelt(value)),
        _ => None,
    };
    let values: Option<Vec<String>> = cell.as_array()?.iter().rev().map(stamped).collect();
    let mut values = values?;
    let mut known = std::collections::HashSet::new();
    values.retain(|value| known.insert(value.clone()));
    (values.len() > 1).then_some(values)
}

/// A value for people.
fn spelt(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}
