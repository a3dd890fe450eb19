//! What the formats of other programs are made of, as this program keeps it.

use uuid::Uuid;

use crate::model::entry::field::{SECRET, TOTP};
use crate::model::entry::totp::to_uri;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::event::sha256_hex;
use crate::model::text::secret::Secret;

/// The folder of an entry and its title: all parts of the path but the last, and that.
pub(super) fn place(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The client's part of a path.
pub(super) fn client(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// A text, or nothing.
pub(super) fn text(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

/// The secret in use.
pub(super) fn secret(entry: &Entry) -> &str {
    in_use(entry, SECRET)
}

/// The seed of its one-time codes, as it was given.
pub(super) fn seed(entry: &Entry) -> &str {
    in_use(entry, TOTP)
}

/// The seed as a URI.
pub(super) fn seed_uri(path: &str, entry: &Entry) -> Option<Secret> {
    let seed = entry.current(TOTP)?.secret();
    let (_, title) = place(path);
    let account = entry.username.value().map_or(title, String::as_str);
    Some(to_uri(seed, client(path), account))
}

fn in_use<'a>(entry: &'a Entry, slot: &str) -> &'a str {
    entry
        .current(slot)
        .map_or("", |version| version.secret().expose())
}

/// A custom field.
pub(super) struct ExportedField<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) hidden: bool,
}

/// The custom fields, the visible ones first.
pub(super) fn fields(entry: &Entry) -> impl Iterator<Item = ExportedField<'_>> {
    let field = |hidden| {
        move |(name, value)| ExportedField {
            name,
            value,
            hidden,
        }
    };
    let hidden = entry
        .secrets()
        .filter(|(slot, _)| ![SECRET, TOTP].contains(slot));
    let hidden = hidden.map(|(slot, version)| (slot, version.secret().expose()));
    entry
        .visible_fields()
        .map(field(false))
        .chain(hidden.map(field(true)))
}

/// The secrets that were in use before this one, the oldest first.
pub(super) fn former(entry: &Entry) -> Vec<&Version> {
    let other = |version: Option<&Version>| version.map(|version| version.id);
    let (current, pending) = (other(entry.current(SECRET)), other(entry.pending()));
    let mut former: Vec<&Version> = entry
        .history(SECRET)
        .filter(|version| Some(version.id) != current && Some(version.id) != pending)
        .filter(|version| version.aborted.value().is_none())
        .collect();
    former.sort_by_key(|version| (version.in_use_since(), version.number));
    former
}

/// An id for a folder, always the same one.
pub(super) fn folder_id(folder: &str) -> Uuid {
    let hash = sha256_hex(folder.as_bytes());
    hash.get(..32)
        .and_then(|id| id.parse().ok())
        .unwrap_or_default()
}

/// Whether XML 1.0 has all these characters.
pub(super) fn is_xml(text: &str) -> bool {
    let odd = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    !text.contains(odd)
}

/// Every text with its key, and whether it is to be hidden.
pub(super) fn strings(entry: &Entry) -> impl Iterator<Item = (&str, &str, bool)> {
    let known = [
        ("UserName", text(entry.username.value()), false),
        ("Password", secret(entry), true),
        ("URL", text(entry.urls().first()), false),
        ("Notes", text(entry.notes.value()), false),
    ];
    let custom = fields(entry).map(|field| (field.name, field.value, field.hidden));
    known.into_iter().chain(custom)
}

/// Every text.
pub(super) fn texts(entry: &Entry) -> impl Iterator<Item = &str> {
    strings(entry).map(|(_, value, _)| value)
}
