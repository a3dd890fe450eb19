//! Proton Pass: its JSON, alone or in its archive, and what its table has in common with that.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::import::parts::archive::Archive;
use crate::import::parts::json::{JsonValue, Object, each, each_item, object, parse};
use crate::import::parts::json_marks::detect_encrypted;
use crate::import::parts::times;
use crate::import::{Intake, Reader, Source};
use crate::model::text::limits::ENTRIES;
use crate::model::transfer::import::{Imported, shortened};

/// The vault that everybody has.
const PERSONAL: &str = "Personal";
/// The member that holds everything.
const DATA: &str = "Proton Pass/data.json";
/// The same, encrypted.
const SEALED: &str = "Proton Pass/data.pgp";
/// Folders in folders whose names are kept, counted from the innermost.
const FOLDER_DEPTH: usize = 16;
/// The state of an item in the trash.
const TRASHED: i64 = 2;

#[derive(Deserialize)]
struct ProtonExport<'a> {
    #[serde(borrow)]
    vaults: BTreeMap<String, &'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProtonVault<'a> {
    name: Option<String>,
    description: Option<String>,
    #[serde(borrow)]
    folders: Option<&'a RawValue>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
}

/// Reads Proton Pass's JSON.
pub(crate) struct ProtonPassJson;

/// Reads Proton Pass's archive.
pub(crate) struct ProtonPassZip;

impl Reader for ProtonPassJson {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        read(source.text()?, intake)
    }
}

impl Reader for ProtonPassZip {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let mut archive = Archive::open(source.bytes)?;
        let Some(name) = data_of(&archive).map(str::to_owned) else {
            return Err(Error::usage(
                "the archive is no export of Proton Pass: it has no data.json",
            ));
        };
        if name == SEALED {
            return Err(
                Error::refused("the archive is an encrypted export of Proton Pass")
                    .hint("export again without a passphrase: Settings, Export, JSON or CSV"),
            );
        }
        let data = archive.read(&name)?.unwrap_or_default();
        read(Source::file(&data).text()?, intake)
    }
}

/// The member that holds everything, encrypted or not.
pub(crate) fn data_of<'a>(archive: &'a Archive<'_>) -> Option<&'a str> {
    let is_data = |name: &&String| matches!(name.as_str(), DATA | SEALED);
    archive.names().iter().find(is_data).map(String::as_str)
}

fn read(text: &str, intake: &mut Intake) -> Result<()> {
    detect_encrypted(text)?;
    let export: ProtonExport<'_> = parse(text)?;
    let mut row = 0;
    for vault in export.vaults.into_values() {
        let vault: ProtonVault<'_> = parse(vault.get())?;
        if vault
            .description
            .is_some_and(|text| !text.trim().is_empty())
        {
            let why = "the description of its vault: entries have notes, their folders have none";
            intake.lose(row + 1, why);
        }
        let name = vault.name.filter(|name| name != PERSONAL);
        let folders = folders(vault.folders)?;
        let items = vault.items.map_or("[]", RawValue::get);
        each_item(items, &mut row, intake, |row, mut found, intake| {
            if found.number("state") == Some(TRASHED) {
                return intake.skip(row, "it is in the trash there");
            }
            if !found.list("files").is_empty() {
                intake.lose(row, "its files are not in an export that this can read");
            }
            let mut imported = Imported::at(row);
            if let Some(name) = &name {
                imported.group(name);
            }
            let folder = found.text("folderId");
            for folder in path_of(folder.as_deref(), &folders) {
                imported.group(folder);
            }
            add_item(found, &mut imported);
            intake.entry(imported)
        })?;
    }
    Ok(())
}

/// A folder: its name, and the one that it is in.
struct Folder {
    name: String,
    parent: Option<String>,
}

fn folders(list: Option<&RawValue>) -> Result<HashMap<String, Folder>> {
    let mut folders = HashMap::new();
    each(list.map_or("[]", RawValue::get), |text| {
        let mut folder = object(text).unwrap_or_default();
        let named = folder.text("folderId").zip(folder.text("name"));
        if let Some((id, name)) = named.filter(|_| folders.len() < ENTRIES) {
            let name = shortened(&name).to_owned();
            let parent = folder.text("parentFolderId");
            folders.insert(id, Folder { name, parent });
        }
        Ok(())
    })?;
    Ok(folders)
}

/// The names of a folder and of those that it is in, the outermost first.
///
/// Folders that are in each other have no outermost one: the walk ends where it began to go round.
fn path_of<'a>(folder: Option<&str>, folders: &'a HashMap<String, Folder>) -> Vec<&'a str> {
    let mut path: Vec<&Folder> = Vec::new();
    let mut next = folder.and_then(|id| folders.get(id));
    while let Some(folder) = next.filter(|_| path.len() < FOLDER_DEPTH) {
        if path.iter().any(|seen| std::ptr::eq(*seen, folder)) {
            break;
        }
        path.push(folder);
        next = folder.parent.as_ref().and_then(|id| folders.get(id));
    }
    path.iter()
        .rev()
        .map(|folder| folder.name.as_str())
        .collect()
}

fn add_item(mut item: Object, imported: &mut Imported) {
    imported.created = item.number("createTime").and_then(times::from_seconds);
    imported.updated = item.number("modifyTime").and_then(times::from_seconds);
    imported.username = item.text("aliasEmail");
    if let Some(mut data) = item.object("data") {
        let note = data.object("metadata").and_then(|mut metadata| {
            imported.title = metadata.text("name").unwrap_or_default();
            let note = metadata.text("note");
            metadata.leave_out(&["itemUuid"]);
            metadata.hide_rest(imported);
            note
        });
        let kind = data.text("type");
        match data.object("content") {
            Some(content) if kind.as_deref() == Some("login") => add_login(content, imported),
            Some(content) => add_content(imported, content),
            None => {}
        }
        imported.note(&note.unwrap_or_default());
        for field in data.list("extraFields") {
            extra_field(imported, "", field);
        }
        data.hide_rest(imported);
    }
    item.leave_out(&[
        "contentFormatVersion",
        "createTime",
        "itemId",
        "modifyTime",
        "pinned",
        "revision",
        "shareCount",
        "shareId",
    ]);
    item.hide_rest(imported);
}

fn add_login(mut login: Object, imported: &mut Imported) {
    for key in ["itemUsername", "username", "itemEmail"] {
        if let Some(name) = login.text(key) {
            imported.add_username("email", &name);
        }
    }
    imported.secret = login.secret("password");
    imported.totp = login.secret("totpUri");
    for url in login.list("urls") {
        match url {
            JsonValue::Text(url) => imported.urls.push(url),
            other => other.add_hidden_field("url", imported),
        }
    }
    for mut url in login.objects("autofillUrls", imported) {
        imported.urls.extend(url.text("url"));
        url.leave_out(&["mode"]);
        url.hide_rest(imported);
    }
    for passkey in login.list("passkeys") {
        passkey.add_hidden_field("passkey", imported);
    }
    login.hide_rest(imported);
}

/// Takes the note of a table. Of anything but a login, an alias or a note it is JSON that holds all
/// fields, secrets too; what cannot be read of that is hidden.
pub(crate) fn note_of_table(imported: &mut Imported, kind: &str, note: &str) {
    let is_text = ["", "alias", "login", "note"]
        .iter()
        .any(|plain| kind.eq_ignore_ascii_case(plain));
    if is_text {
        return imported.note(note);
    }
    match object(note) {
        Some(content) => add_content(imported, content),
        None => imported.field("private note", note, true),
    }
}

/// Takes the fields of anything but a login. A private key, or the password of a network, is the
/// secret of its item.
fn add_content(imported: &mut Imported, mut content: Object) {
    content.leave_out(&["cardType"]);
    for (label, value) in content.into_members() {
        match (label.as_str(), value) {
            ("note", JsonValue::Text(note)) => imported.note(&note),
            ("privateKey" | "password", JsonValue::Text(secret)) => {
                imported.add_secret(&label, &secret);
            }
            ("sections", JsonValue::List(sections)) => {
                for section in sections {
                    extra_field(imported, "", section);
                }
            }
            (_, JsonValue::List(fields)) => {
                for field in fields {
                    extra_field(imported, &label, field);
                }
            }
            (_, value) => value.add_field(&label, imported),
        }
    }
}

/// `{fieldName, type, data: {content}}`, or a section of such; what is neither is kept as it is.
fn extra_field(imported: &mut Imported, label: &str, field: JsonValue) {
    let JsonValue::Object(mut field) = field else {
        return field.add_hidden_field(label, imported);
    };
    let section = field.text("sectionName").unwrap_or_default();
    for inner in field.list("sectionFields") {
        extra_field(imported, label, inner);
    }
    let name = field.text("fieldName");
    let name = name.or_else(|| Some(label.to_owned())).unwrap_or_default();
    let kind = field.text("type").unwrap_or_default();
    if let Some(mut data) = field.object("data") {
        for key in ["content", "totpUri", "timestamp"] {
            match data.take(key) {
                Some(JsonValue::Object(mut time)) if key == "timestamp" => {
                    let seconds = time.number("seconds").and_then(times::from_seconds);
                    let text = seconds.map(|time| time.to_string()).unwrap_or_default();
                    imported.field(&name, &text, false);
                    time.leave_out(&["nanos"]);
                    time.hide_rest(imported);
                }
                Some(value) => match value.text() {
                    Some(text) => imported.field(&name, text, kind != "text"),
                    None => value.add_hidden_field(&name, imported),
                },
                None => {}
            }
        }
        for (_, value) in data.into_members() {
            value.add_hidden_field(&name, imported);
        }
    }
    if !section.is_empty() {
        imported.field("section", &section, false);
    }
    for (_, value) in field.into_members() {
        value.add_hidden_field(&name, imported);
    }
}
