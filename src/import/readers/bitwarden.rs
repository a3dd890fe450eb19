//! Bitwarden's JSON, personal and of an organisation. What is encrypted is refused before.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Result;
use crate::import::parts::json::{JsonValue, Object, each, each_item, object, parse};
use crate::import::parts::json_marks::detect_encrypted;
use crate::import::parts::unknown::unknown_member;
use crate::import::parts::{history, times};
use crate::import::{Intake, Reader, Source};
use crate::model::text::limits::ENTRIES;
use crate::model::transfer::import::{Imported, shortened};

/// A field that names another one and has no value.
const LINKED: &str = "3";
/// Types of fields whose values are to be seen: text, and true or false.
const SEEN: [&str; 2] = ["0", "2"];

#[derive(Deserialize)]
struct BitwardenFile<'a> {
    #[serde(borrow)]
    folders: Option<&'a RawValue>,
    #[serde(borrow)]
    collections: Option<&'a RawValue>,
    #[serde(borrow)]
    items: &'a RawValue,
}

/// What the export around the items has.
const MEMBERS: [&str; 4] = ["collections", "encrypted", "folders", "items"];

/// What the items have that is left out, each told once for the file.
#[derive(Default)]
struct LeftOutMembers {
    reprompt: bool,
    matching: bool,
}

impl LeftOutMembers {
    fn tell(&self, intake: &mut Intake) {
        let told = [
            (
                self.reprompt,
                "that items ask for the master password once more (reprompt)",
            ),
            (self.matching, "how addresses of items are matched (match)"),
        ];
        for (_, what) in told.into_iter().filter(|(is_there, _)| *is_there) {
            intake.lose_of_file(what);
        }
    }
}

/// Reads Bitwarden's JSON.
pub(crate) struct BitwardenJson;

impl Reader for BitwardenJson {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        detect_encrypted(text)?;
        if is_list(text) {
            return read_items(text, &HashMap::new(), intake);
        }
        let export: BitwardenFile<'_> = parse(text)?;
        if let Some(name) = unknown_member(text, &MEMBERS) {
            intake.lose_of_file(format!(
                "{name}, and whatever else is new there beside the items"
            ));
        }
        let mut folders = HashMap::new();
        for list in [export.folders, export.collections].into_iter().flatten() {
            each(list.get(), |text| {
                let mut folder = object(text).unwrap_or_default();
                let named = folder.text("id").zip(folder.text("name"));
                let named = named.filter(|_| folders.len() < ENTRIES);
                folders.extend(named.map(|(id, name)| (id, shortened(&name).to_owned())));
                Ok(())
            })?;
        }
        read_items(export.items.get(), &folders, intake)
    }
}

/// Whether it is what `bw list items` prints: the items without an export around them.
pub(crate) fn is_list(text: &str) -> bool {
    let start = text.trim_start().chars().take(1024);
    let start: String = start.filter(|c| !c.is_whitespace()).collect();
    start.starts_with("[{") && start.contains("\"object\":\"item\"")
}

fn read_items(items: &str, folders: &HashMap<String, String>, intake: &mut Intake) -> Result<()> {
    let mut left_out = LeftOutMembers::default();
    each_item(items, &mut 0, intake, |row, mut found, intake| {
        if found.take("deletedDate").is_some() {
            return intake.skip(row, "it is in the trash there");
        }
        left_out.reprompt |= found
            .take("reprompt")
            .is_some_and(|it| it.text() != Some("0"));
        let imported = imported(found, row, folders, intake, &mut left_out);
        intake.entry(imported)
    })?;
    left_out.tell(intake);
    Ok(())
}

fn imported(
    mut item: Object,
    row: u64,
    folders: &HashMap<String, String>,
    intake: &mut Intake,
    left_out: &mut LeftOutMembers,
) -> Imported {
    let mut imported = Imported::at(row);
    imported.title = item.text("name").unwrap_or_default();
    imported.notes = item.text("notes");
    let mut time = |key: &str| item.text(key).as_deref().and_then(times::rfc3339);
    imported.created = time("creationDate");
    imported.updated = time("revisionDate");
    place(&mut item, &mut imported, folders);
    if let Some(login) = item.object("login") {
        left_out.matching |= add_login(login, &mut imported, row, intake);
    }
    for field in item.objects("fields", &mut imported) {
        if field.says("type").as_deref() == Some(LINKED) {
            intake.lose(
                row,
                "a linked field of it: it names another field and has no value",
            );
        }
        add_field(field, &mut imported);
    }
    for kind in ["card", "identity"] {
        if let Some(content) = item.object(kind) {
            content.keep_rest(&mut imported);
        }
    }
    if let Some(mut key) = item.object("sshKey") {
        if let Some(private) = key.secret("privateKey") {
            imported.add_secret("private key", private.expose());
        }
        let mut public = |key_of: &str, name: &str| {
            imported.field(name, &key.text(key_of).unwrap_or_default(), false);
        };
        public("publicKey", "public key");
        public("keyFingerprint", "fingerprint");
        key.hide_rest(&mut imported);
    }
    add_history(&mut item, &mut imported);
    if !item.list("attachments").is_empty() {
        intake.lose(
            row,
            "its attachments: an export of Bitwarden has their names only",
        );
    }
    if let Some(mut note) = item.object("secureNote") {
        note.leave_out(&["type"]);
        note.hide_rest(&mut imported);
    }
    if item.take("archivedDate").is_some() {
        imported.add_tag("archived");
    }
    item.leave_out(&[
        "creationDate",
        "favorite",
        "id",
        "object",
        "organizationId",
        "revisionDate",
        "type",
    ]);
    // What is new there, kinds of items too.
    for (name, value) in item.into_members() {
        match value {
            JsonValue::Object(content) => content.hide_rest(&mut imported),
            other => other.add_hidden_field(&name, &mut imported),
        }
    }
    imported
}

/// The first folder or collection is where it goes; it can be in several collections.
fn place(item: &mut Object, imported: &mut Imported, folders: &HashMap<String, String>) {
    let folder = item.text("folderId");
    let collections = item.list("collectionIds");
    let collections = collections.into_iter().filter_map(JsonValue::into_text);
    let ids = folder.into_iter().chain(collections);
    let mut names = ids.filter_map(|id| folders.get(&id));
    if let Some(first) = names.next() {
        first.split('/').for_each(|part| imported.group(part));
    }
    imported.tags.extend(names.cloned());
}

/// Whether it says of an address how it is matched.
fn add_login(mut login: Object, imported: &mut Imported, row: u64, intake: &mut Intake) -> bool {
    imported.username = login.text("username");
    imported.secret = login.secret("password");
    imported.totp = login.secret("totp");
    let changed = login.text("passwordRevisionDate");
    imported.secret_since = changed.as_deref().and_then(times::rfc3339);
    let mut is_matched = false;
    for mut uri in login.objects("uris", imported) {
        imported.urls.extend(uri.text("uri"));
        is_matched |= uri.take("match").is_some();
        uri.leave_out(&["uriChecksum"]);
        uri.hide_rest(imported);
    }
    // Some exports have the first one of them once more.
    if let Some(uri) = login.text("uri") {
        imported.urls.push(uri);
    }
    let passkeys = login.list("fido2Credentials");
    for passkey in &passkeys {
        passkey.add_hidden_field("passkey", imported);
    }
    if !passkeys.is_empty() {
        intake.lose(
            row,
            "the use of its passkey: nothing logs in here with the hidden field that it is now",
        );
    }
    login.leave_out(&["autofillOnPageLoad", "passwordRevisionDate"]);
    login.hide_rest(imported);
    is_matched
}

fn add_field(mut field: Object, imported: &mut Imported) {
    let name = field.text("name").unwrap_or_default();
    let kind = field.text("type");
    let kind = kind.as_deref().unwrap_or("0");
    match field.take("value") {
        None => {}
        // It names another one by its number.
        Some(value) if kind == LINKED => value.add_hidden_field(&name, imported),
        Some(value) => match value.text() {
            Some(text) => imported.field(&name, text, !SEEN.contains(&kind)),
            None => value.add_hidden_field(&name, imported),
        },
    }
    field.leave_out(&["linkedId"]);
    field.hide_rest(imported);
}

fn add_history(item: &mut Object, imported: &mut Imported) {
    let mut former = Vec::new();
    for mut past in item.objects("passwordHistory", imported) {
        let end = past
            .text("lastUsedDate")
            .as_deref()
            .and_then(times::rfc3339);
        former.extend(past.secret("password").map(|password| (password, end)));
        past.hide_rest(imported);
    }
    history::add(imported, former);
}
