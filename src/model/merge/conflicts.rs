//! What several devices have written apart, and somebody has to choose from.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::ends::{
    ApartValue, Choice, Conflict, end_of_client, end_of_contact, end_of_entry, end_of_me,
};
use crate::error::Result;
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::Cell;
use crate::model::records::entry::Entry;
use crate::model::records::stamped::Stamped;
use crate::model::vault::Vault;

/// What stands for no value.
const UNSET: &str = "unset";

impl Vault {
    /// All that is to be chosen, by kind of record and name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        let mut all = Vec::new();
        for (path, entry) in self.entries_by_path(Entry::is_unsettled)? {
            all.extend(self.conflicts_of(&path, entry));
        }
        for client in self.clients.iter().filter(|it| !it.is_removed()) {
            let choices = of_record(client).into_iter();
            let called = |value| called(value, None, &client.agreements);
            all.extend(choices.map(|it| end_of_client(client, with_names(it, called))));
        }
        for contact in self.live_contacts()? {
            let choices = of_record(contact).into_iter();
            let called = |value| called(value, None, &contact.agreements);
            all.extend(choices.map(|it| end_of_contact(contact.name(), with_names(it, called))));
        }
        // What machines are called is nothing to choose.
        let choices = of_record(&self.me).into_iter();
        all.extend((choices.filter(|it| it.member != "devices")).map(end_of_me));
        Ok(all)
    }

    /// What is to be chosen of an entry, which is called `path`.
    #[must_use]
    pub fn conflicts_of(&self, path: &str, entry: &Entry) -> Vec<Conflict> {
        // What is looked through then holds no secret.
        let mut visible = entry.clone();
        visible.versions = Vec::new();
        visible.attachments = Vec::new();
        visible.came_back = Cell::default();
        if entry.is_removed() {
            // Of what is in the trash, nothing but that can be chosen.
            visible = Entry::with(entry.id, entry.created);
            visible.removed = entry.removed.clone();
        }
        let client = |mut value: ApartValue| {
            let client = self
                .clients
                .iter()
                .find(|it| it.id.to_string() == value.text);
            value.text = client.map_or(value.text, |client| client.slug().to_owned());
            value
        };
        let mut conflicts = Vec::new();
        for choice in of_record(&visible) {
            let choice = match choice.member.as_str() {
                "client" => with_names(choice, client),
                "removed" => with_names(choice, place),
                _ => with_names(choice, |id| called(id, Some(entry), &entry.attachments)),
            };
            conflicts.push(end_of_entry(path, choice));
        }
        let mut more = |member: &str, field: &str, values: [String; 2]| {
            let choice = Choice {
                member: member.to_owned(),
                field: field.to_owned(),
                values: values.map(ApartValue::bare).into(),
            };
            conflicts.push(end_of_entry(path, choice));
        };
        if entry.came_back.value().is_some() && !entry.is_removed() {
            let values = ["in use", "removed for good"].map(str::to_owned);
            more("purged", "removed", values);
        }
        if let Some(bare) = entry.name_mark().and_then(|mark| path.strip_suffix(mark)) {
            more("same-path", "path", [bare.to_owned(), path.to_owned()]);
        }
        conflicts
    }
}

fn with_names(mut choice: Choice, name: impl Fn(ApartValue) -> ApartValue) -> Choice {
    choice.values = choice.values.into_iter().map(name).collect();
    once_each(&mut choice.values);
    choice
}

/// Keeps of what reads the same the first.
fn once_each(values: &mut Vec<ApartValue>) {
    let mut known = HashSet::new();
    values.retain(|value| known.insert(value.text.clone()));
}

/// Where an entry is that was removed then, or not.
fn place(mut removed: ApartValue) -> ApartValue {
    removed.time = removed.text.parse().ok();
    let place = match removed.text.as_str() {
        UNSET => "in use",
        _ => "in the trash",
    };
    ApartValue {
        text: place.to_owned(),
        ..removed
    }
}

/// What is called by an id: a version by its name, a file by the start of its hash.
fn called(mut value: ApartValue, versions_of: Option<&Entry>, files: &[Attachment]) -> ApartValue {
    let mut versions = versions_of.iter().flat_map(|entry| {
        let versions = entry.versions.iter();
        versions.map(|version| (*entry, version))
    });
    let is_meant = |id: Uuid| id.to_string() == value.text;
    if let Some((entry, version)) = versions.find(|(_, version)| is_meant(version.id)) {
        value.time = Some(version.created);
        value.text = format!("version {}", entry.version_name(version));
    } else if let Some(file) = files.iter().find(|file| is_meant(file.id)) {
        value.time = Some(file.created);
        value.text = format!("file {}", file.short_hash());
    }
    value
}

/// The cells of a record with more than one value, found by their shape.
fn of_record(record: &(impl Serialize + Stamped)) -> Vec<Choice> {
    if !record.in_conflict() {
        return Vec::new();
    }
    let Ok(Value::Object(members)) = serde_json::to_value(record) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (member, value) in members {
        let cells = match value {
            // Cells by name: custom fields, current versions, attachments.
            Value::Object(cells) => cells.into_iter().collect(),
            cell => vec![(member.clone(), cell)],
        };
        for (field, cell) in cells {
            let member = member.clone();
            found.extend(values(&cell).map(|values| Choice {
                member,
                field,
                values,
            }));
        }
    }
    found
}

/// The values of a cell that has several, the current one first.
fn values(cell: &Value) -> Option<Vec<ApartValue>> {
    let stamped = |item: &Value| match item.as_array()?.as_slice() {
        [Value::Number(_), Value::String(device), value] => Some(ApartValue {
            text: spelt(value),
            device: device.parse().ok(),
            time: None,
        }),
        _ => None,
    };
    let values: Option<Vec<ApartValue>> = cell.as_array()?.iter().rev().map(stamped).collect();
    let mut values = values?;
    once_each(&mut values);
    (values.len() > 1).then_some(values)
}

/// A value for people.
fn spelt(value: &Value) -> String {
    let all = |items: Vec<String>, between| {
        let joined = items.join(between);
        if items.is_empty() {
            UNSET.to_owned()
        } else {
            joined
        }
    };
    match value {
        Value::Null => UNSET.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => all(items.iter().map(spelt).collect(), ", "),
        Value::Object(members) => {
            let texts = members.values().filter(|it| it.is_string());
            all(texts.map(spelt).collect(), " ")
        }
        other => other.to_string(),
    }
}
