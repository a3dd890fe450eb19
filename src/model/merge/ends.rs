//! Which command ends a conflict.

use super::conflicts::{Choice, Conflict};
use crate::model::entry::fields::EntryField;
use crate::model::people::fields::{ClientField, ContactField, MeField};
use crate::model::text::quote::as_word;

/// How a conflict in an entry ends.
pub(super) fn end_of_entry(path: &str, choice: Choice) -> Conflict {
    let (entry, field) = (as_word(path), as_word(&choice.field));
    // The one that counts meanwhile, or where that is none, another.
    let version = |what: &str| {
        let mut names = choice.values.iter().filter_map(|it| it.strip_prefix(what));
        names.next().unwrap_or("N").to_owned()
    };
    let resolve = |what: String| vec![format!("vault resolve {entry} {what}")];
    let keep = || {
        let mut either = resolve("--keep-deleted".to_owned());
        either.push(format!("vault trash restore {entry}"));
        either
    };
    let (kind, commands) = match choice.member.as_str() {
        "current" if choice.field == "secret" => (
            "secret",
            resolve(format!("--version {}", version("version "))),
        ),
        "current" => {
            let version = version("version ");
            (
                "secret",
                resolve(format!("--version {version} --field {field}")),
            )
        }
        "attached" => {
            let version = version("file ");
            (
                "file",
                resolve(format!("--version {version} --file {field}")),
            )
        }
        "pending" => ("rotation", vec![format!("vault rotate {entry} --abort")]),
        "client" | "name" => ("path", vec![format!("vault mv {entry} {entry}")]),
        "removed" => ("removed", keep()),
        "purged" => ("purged", keep()),
        "same-path" => ("same-path", resolve("--rename NEW".to_owned())),
        "fields" => {
            let option = as_word(format!("{}=VALUE", choice.field));
            (
                "field",
                vec![format!("vault edit {entry} --field {option}")],
            )
        }
        member => {
            let option = EntryField::named(member).map_or(member, |field| field.row().option);
            (
                "field",
                vec![format!("vault edit {entry} --{option} VALUE")],
            )
        }
    };
    conflict("entry", kind, path, choice, commands)
}

/// How a conflict in a client ends.
pub(super) fn end_of_client(slug: &str, choice: Choice) -> Conflict {
    let client = as_word(slug);
    let (kind, command) = match choice.member.as_str() {
        "slug" => ("path", format!("vault client rename {client} {client}")),
        // Whoever changes anything keeps the client.
        "removed" => (
            "removed",
            format!("vault client edit {client} --name VALUE"),
        ),
        member => {
            let option = match member {
                "contacts" => "email",
                "persons" => "person",
                "keys" => "key",
                member => ClientField::named(member).map_or(member, |field| field.row().option),
            };
            (
                "field",
                format!("vault client edit {client} --{option} VALUE"),
            )
        }
    };
    conflict("client", kind, slug, choice, vec![command])
}

/// How a conflict in a contact ends.
pub(super) fn end_of_contact(name: &str, choice: Choice) -> Conflict {
    let member = &*choice.member;
    let option = ContactField::named(member).map_or(member, |field| field.row().option);
    let command = format!("vault contact edit {} --{option} VALUE", as_word(name));
    conflict("contact", "field", name, choice, vec![command])
}

/// How a conflict in what is known of who keeps the vault ends.
pub(super) fn end_of_me(choice: Choice) -> Conflict {
    let member = &*choice.member;
    let option = MeField::named(member).map_or(member, |field| field.row().option);
    let command = format!("vault me --{option} VALUE");
    conflict("me", "field", "me", choice, vec![command])
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
        versions: choice.values,
        commands,
    }
}
