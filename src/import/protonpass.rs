//! Proton Pass: its JSON, alone or in its archive, and what its table has in common with that.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::archive::Archive;
use super::json::{Hidden, Many, parse};
use super::labels::is_plain;
use super::{Intake, Reader, Source, times};
use crate::error::{Error, Result};
use crate::import::format::detect_encrypted;
use crate::model::import::Imported;

/// The vault that everybody has.
const PERSONAL: &str = "Personal";
/// The member that holds everything.
const DATA: &str = "Proton Pass/data.json";
/// The same, encrypted.
const SEALED: &str = "Proton Pass/data.pgp";
/// The state of an item in the trash.
const TRASHED: i64 = 2;

#[derive(Deserialize)]
struct Export {
    vaults: BTreeMap<String, Vault>,
}

#[derive(Deserialize)]
struct Vault {
    name: Option<String>,
    #[serde(default)]
    items: Many<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    data: Data,
    state: Option<i64>,
    alias_email: Option<String>,
    create_time: Option<i64>,
    modify_time: Option<i64>,
    #[serde(default)]
    files: Many<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    metadata: Metadata,
    #[serde(default)]
    extra_fields: Many<Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Value,
}

#[derive(Deserialize)]
struct Metadata {
    name: Option<String>,
    note: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Login {
    item_email: Option<String>,
    item_username: Option<String>,
    username: Option<String>,
    password: Option<Hidden>,
    urls: Many<String>,
    totp_uri: Option<Hidden>,
    passkeys: Many<Value>,
}

/// Reads Proton Pass's JSON.
pub(super) struct ProtonPassJson;

/// Reads Proton Pass's archive.
pub(super) struct ProtonPassZip;

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
pub(super) fn data_of<'a>(archive: &'a Archive<'_>) -> Option<&'a str> {
    let is_data = |name: &&String| matches!(name.as_str(), DATA | SEALED);
    archive.names().iter().find(is_data).map(String::as_str)
}

fn read(text: &str, intake: &mut Intake) -> Result<()> {
    detect_encrypted(text)?;
    let export: Export = parse(text)?;
    let mut row = 0;
    for vault in export.vaults.into_values() {
        let folder = vault.name.filter(|name| name != PERSONAL);
        for item in vault.items.0 {
            row += 1;
            if item.state == Some(TRASHED) {
                intake.skip(row, "it is in the trash there")?;
                continue;
            }
            if !item.files.0.is_empty() {
                intake.lose(row, "its files are not in an export that this can read");
            }
            let mut imported = item.imported(row)?;
            imported.groups = folder.clone().into_iter().collect();
            intake.entry(imported)?;
        }
    }
    Ok(())
}

impl Item {
    fn imported(self, row: u64) -> Result<Imported> {
        let mut imported = Imported::at(row);
        imported.title = self.data.metadata.name.unwrap_or_default();
        imported.created = self.create_time.and_then(times::from_seconds);
        imported.updated = self.modify_time.and_then(times::from_seconds);
        imported.username = self.alias_email;
        match (self.data.kind.as_deref(), self.data.content) {
            (Some("login"), content) => {
                let login: Login = serde_json::from_value(content)
                    .map_err(|_| Error::usage(format!("item {row} of the file is malformed")))?;
                login.add_to(&mut imported);
            }
            (_, Value::Object(content)) => add_content(&mut imported, &content),
            _ => {}
        }
        imported.note(&self.data.metadata.note.unwrap_or_default());
        for field in self.data.extra_fields.0 {
            extra_field(&mut imported, &field);
        }
        Ok(imported)
    }
}

impl Login {
    fn add_to(self, imported: &mut Imported) {
        let names = [self.item_username, self.username, self.item_email];
        for name in names.into_iter().flatten().filter(|name| !name.is_empty()) {
            match &imported.username {
                None => imported.username = Some(name),
                Some(other) if *other != name => imported.field("email", &name, false),
                Some(_) => {}
            }
        }
        imported.secret = self.password.map(|password| password.0);
        imported.totp = self.totp_uri.map(|seed| seed.0);
        imported.urls = self.urls.0;
        for passkey in self.passkeys.0 {
            imported.field("passkey", &passkey.to_string(), true);
        }
    }
}

/// Takes the fields of a card or an identity from the JSON that stands in place of its note;
/// whether there were any.
pub(super) fn structured_note(imported: &mut Imported, kind: &str, note: &str) -> bool {
    if !matches!(kind, "creditCard" | "identity") {
        return false;
    }
    let Ok(Value::Object(content)) = serde_json::from_str(note) else {
        return false;
    };
    add_content(imported, &content);
    true
}

/// Takes the fields of anything but a login.
fn add_content(imported: &mut Imported, content: &Map<String, Value>) {
    for (label, value) in content {
        match (label.as_str(), value) {
            ("note", Value::String(note)) => imported.note(note),
            ("cardType", _) => {}
            (_, Value::Array(extra)) => {
                for field in extra {
                    extra_field(imported, field);
                }
            }
            (_, Value::String(text)) => imported.field(label, text, !is_plain(label)),
            _ => {}
        }
    }
}

/// `{fieldName, type, data: {content}}`, or a section of such.
fn extra_field(imported: &mut Imported, field: &Value) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(inner) = field.get("sectionFields").and_then(Value::as_array) {
        for field in inner {
            extra_field(imported, field);
        }
        return;
    }
    let data = field.get("data");
    let kind = text(field.get("type"));
    let content = data.and_then(|data| data.get("content").or_else(|| data.get("totpUri")));
    let content = text(content.or_else(|| data.and_then(|data| data.get("timestamp"))));
    imported.field(&text(field.get("fieldName")), &content, kind != "text");
}
