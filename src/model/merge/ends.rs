//! A conflict, and which command ends it.

use jiff::Timestamp;

use crate::model::entry::fields::{EntryField, ValueKind};
use crate::model::people::fields::{ClientField, ContactField, MeField};
use crate::model::records::cell::DeviceId;
use crate::model::records::client::Client;
use crate::model::text::quote::as_word;

/// Something with more than one value to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What kind of record it is in: `entry`, `client`, `contact`, `me`.
    pub record: &'static str,
    /// What kind of choice it is: `field`, `secret`, `rotation`, `file`, `path`, `same-path`,
    /// `removed`, `purged`.
    pub kind: &'static str,
    /// What the record is called.
    pub path: String,
    /// The field.
    pub field: String,
    /// The values, the one that counts meanwhile first.
    pub values: Vec<ApartValue>,
    /// The commands that end it, one for each way. Words in capitals are to be filled in.
    pub commands: Vec<String>,
}

/// One of the values that were written apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApartValue {
    /// The value; of a secret the name of its version, never the secret.
    pub text: String,
    /// The device that has set it, where that is known.
    pub device: Option<DeviceId>,
    /// When that was, where it is known: of versions, of files, and of what was removed.
    pub time: Option<Timestamp>,
}

impl ApartValue {
    /// A value of which nothing more is known.
    pub(super) fn bare(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            device: None,
            time: None,
        }
    }
}

/// A cell with more than one value.
pub(super) struct Choice {
    /// The member of the record: the cell itself, or the cells by name that it is one of.
    pub(super) member: String,
    /// The field.
    pub(super) field: String,
    /// The values.
    pub(super) values: Vec<ApartValue>,
}

/// How a conflict in an entry ends.
pub(super) fn end_of_entry(path: &str, choice: Choice) -> Conflict {
    let (word, field) = (as_word(path), as_word(&choice.field));
    let resolve = |what: &str| format!("vault resolve {word} {what}");
    // The one that counts meanwhile, or where that is none, another.
    let version = |of: &str| {
        let mut names = (choice.values.iter()).filter_map(|it| it.text.strip_prefix(of));
        format!("--version {}", names.next().unwrap_or("N"))
    };
    let edit = |set: &str| format!("vault edit {word} {set}");
    let (kind, command) = match choice.member.as_str() {
        "current" if choice.field == "secret" => ("secret", resolve(&version("version "))),
        "current" => {
            let of_field = format!("{} --field {field}", version("version "));
            ("secret", resolve(&of_field))
        }
        "attached" => {
            let of_file = format!("{} --file {field}", version("file "));
            ("file", resolve(&of_file))
        }
        "pending" => ("rotation", resolve(&version("version "))),
        "client" | "name" => ("path", format!("vault mv {word} {word}")),
        "removed" => ("removed", resolve("--keep-deleted")),
        "purged" => ("purged", resolve("--keep-deleted")),
        "same-path" => ("same-path", resolve("--rename NEW")),
        "fields" => {
            let pair = as_word(format!("{}=VALUE", choice.field));
            ("field", edit(&format!("--field {pair}")))
        }
        member => {
            let field = EntryField::named(member).map(EntryField::row);
            let option = field.map_or(member, |row| row.option);
            let set = to_set(option);
            // What is set in a list is added to both, unless that is emptied first.
            let is_list = field.is_some_and(|row| row.kind.is_list());
            let is_mark = field.is_some_and(|row| row.kind == ValueKind::Mark);
            let set = match (is_list, is_mark) {
                (true, _) => format!("--unset {option} {set}"),
                (_, true) => format!("--{option}"),
                _ => set,
            };
            ("field", edit(&set))
        }
    };
    let mut commands = vec![command];
    if kind == "rotation" {
        commands.push(format!("vault rotate {word} --abort"));
    }
    let mark = EntryField::named(&choice.member).map(EntryField::row);
    let mark = mark.filter(|row| row.kind == ValueKind::Mark);
    commands.extend(mark.map(|row| edit(&format!("--no-{}", row.option))));
    if matches!(kind, "removed" | "purged") {
        commands.push(format!("vault trash restore {word}"));
    }
    conflict("entry", kind, path, choice, commands)
}

/// How a conflict in a client ends.
pub(super) fn end_of_client(client: &Client, choice: Choice) -> Conflict {
    let slug = client.slug();
    let word = as_word(slug);
    let edit = |option: &str| format!("vault client edit {word} {}", to_set(option));
    let (kind, command) = match choice.member.as_str() {
        "slug" => ("path", format!("vault client rename {word} {word}")),
        // Whoever changes anything keeps the client.
        "removed" => ("removed", edit("name")),
        // There is one number only: it is to be chosen. Addresses are kept of all.
        "contacts" if client.has_phones_apart() => ("field", edit("phone")),
        "contacts" => ("field", edit("email")),
        "persons" => ("field", edit("person")),
        "keys" => ("field", edit("key")),
        member => {
            let option = ClientField::named(member).map_or(member, |field| field.row().option);
            ("field", edit(option))
        }
    };
    conflict("client", kind, slug, choice, vec![command])
}

/// How a conflict in a contact ends.
pub(super) fn end_of_contact(name: &str, choice: Choice) -> Conflict {
    let member = &*choice.member;
    let option = ContactField::named(member).map_or(member, |field| field.row().option);
    let command = format!("vault contact edit {} {}", as_word(name), to_set(option));
    conflict("contact", "field", name, choice, vec![command])
}

/// How a conflict in what is known of who keeps the vault ends.
pub(super) fn end_of_me(choice: Choice) -> Conflict {
    let member = &*choice.member;
    let option = MeField::named(member).map_or(member, |field| field.row().option);
    let command = format!("vault me {}", to_set(option));
    conflict("me", "field", "me", choice, vec![command])
}

fn to_set(option: &str) -> String {
    format!("--{option} VALUE")
}

fn conflict(
    record: &'static str,
    kind: &'static str,
    path: &str,
    choice: Choice,
    commands: Vec<String>,
) -> Conflict {
    Conflict {
        record,
        kind,
        path: path.to_owned(),
        field: choice.field,
        values: choice.values,
        commands,
    }
}
