//! Bitwarden's JSON of a person, unencrypted. What clients and folders are here are folders there.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::parts::{fields, folder_id, former, place, secret, seed, text};
use super::{Writer, unwritten};
use crate::error::Result;
use crate::model::records::entry::{Entry, Version};
use crate::model::transfer::portable::Outgoing;

/// Types of items.
const LOGIN: u8 = 1;
const NOTE: u8 = 2;
/// Types of fields.
const TEXT: u8 = 0;
const HIDDEN: u8 = 1;

/// Writes Bitwarden's JSON.
pub(super) struct BitwardenExport;

impl Writer for BitwardenExport {
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()> {
        let folders: BTreeMap<&str, Value> = outgoing
            .entries
            .iter()
            .map(|(path, _)| place(path).0)
            .map(|folder| (folder, json!({"id": folder_id(folder), "name": folder})))
            .collect();
        put(out, "{\"encrypted\":false,\n\"folders\":[")?;
        items(out, folders.into_values())?;
        put(out, "],\n\"items\":[")?;
        let entries = outgoing.entries.iter();
        items(out, entries.map(|(path, entry)| item(path, entry)))?;
        put(out, "]}\n")
    }
}

fn item(path: &str, entry: &Entry) -> Value {
    let (folder, title) = place(path);
    let fields: Vec<Value> = fields(entry)
        .map(|field| {
            let kind = if field.hidden { HIDDEN } else { TEXT };
            json!({"name": field.name, "value": field.value, "type": kind})
        })
        .collect();
    let mut item = json!({
        "id": entry.id,
        "organizationId": null,
        "folderId": folder_id(folder),
        "collectionIds": null,
        "type": LOGIN,
        "reprompt": 0,
        "favorite": false,
        "name": title,
        "notes": filled(text(entry.notes.value())),
        "fields": fields,
        "creationDate": entry.created,
        "revisionDate": entry.updated(),
        "deletedDate": null,
        "passwordHistory": history(entry),
    });
    let Some(object) = item.as_object_mut() else {
        return item;
    };
    if let Some(login) = login(entry) {
        object.insert("login".into(), login);
    } else {
        object.insert("type".into(), NOTE.into());
        object.insert("secureNote".into(), json!({"type": 0}));
    }
    item
}

/// What one logs in with, if it is a login at all.
fn login(entry: &Entry) -> Option<Value> {
    let (secret, seed) = (secret(entry), seed(entry));
    let username = text(entry.username.value());
    let has_any = !(secret.is_empty() && seed.is_empty() && username.is_empty());
    if !has_any && entry.urls().is_empty() {
        return None;
    }
    let uris: Vec<Value> = (entry.urls().iter())
        .map(|url| json!({"match": null, "uri": url}))
        .collect();
    let since = entry.current("secret").map(Version::in_use_since);
    Some(json!({
        "uris": uris,
        "username": filled(username),
        "password": filled(secret),
        "totp": filled(seed),
        "passwordRevisionDate": since,
    }))
}

/// Former passwords with the times at which each was replaced, the newest first.
fn history(entry: &Entry) -> Value {
    let former = former(entry);
    if former.is_empty() {
        return Value::Null;
    }
    let next = former
        .iter()
        .skip(1)
        .copied()
        .chain(entry.current("secret"));
    let ends: Vec<_> = next.map(Version::in_use_since).collect();
    let last = entry.updated();
    let states = former.iter().enumerate().map(|(at, version)| {
        let end = ends.get(at).copied().unwrap_or(last);
        json!({"lastUsedDate": end, "password": version.secret().expose()})
    });
    let mut states: Vec<Value> = states.collect();
    states.reverse();
    states.into()
}

/// A text, or null where there is none.
fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn items(out: &mut dyn Write, items: impl Iterator<Item = Value>) -> Result<()> {
    for (at, item) in items.enumerate() {
        put(out, if at == 0 { "\n" } else { ",\n" })?;
        serde_json::to_writer(&mut *out, &item).map_err(|why| unwritten(why.into()))?;
    }
    Ok(())
}

fn put(out: &mut dyn Write, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(unwritten)
}
