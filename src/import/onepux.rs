//! 1Password's 1PUX: an archive whose `export.data` is JSON, with the files beside it. The JSON
//! alone is read too.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::archive::Archive;
use super::json::{Hidden, Many, parse};
use super::{Intake, Reader, Source, history, times};
use crate::error::{Error, Result};
use crate::model::import::{Imported, ImportedFile};
use crate::model::secret::Secret;

/// The member that holds everything but files.
pub(super) const DATA: &str = "export.data";

#[derive(Deserialize)]
struct Export {
    accounts: Many<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    vaults: Many<Vault>,
}

#[derive(Deserialize)]
struct Vault {
    attrs: Option<VaultAttributes>,
    #[serde(default)]
    items: Many<Wrapped>,
}

#[derive(Deserialize)]
struct VaultAttributes {
    name: Option<String>,
    /// `P` is the personal one.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The first versions wrapped each item once more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wrapped {
    Inner { item: Box<Item> },
    Plain(Box<Item>),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    created_at: Option<i64>,
    updated_at: Option<i64>,
    trashed: Option<bool>,
    state: Option<String>,
    details: Option<Details>,
    overview: Option<Overview>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    login_fields: Many<LoginField>,
    notes_plain: Option<String>,
    sections: Many<Section>,
    password_history: Many<Former>,
    document_attributes: Option<Document>,
    password: Option<Hidden>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LoginField {
    value: Option<Hidden>,
    name: Option<String>,
    field_type: Option<String>,
    designation: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Section {
    title: Option<String>,
    fields: Many<Field>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field {
    title: Option<String>,
    id: Option<String>,
    value: Option<Value>,
}

#[derive(Deserialize)]
struct Former {
    value: Option<Hidden>,
    time: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    file_name: String,
    document_id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    title: Option<String>,
    url: Option<String>,
    urls: Many<Url>,
    tags: Many<String>,
}

#[derive(Deserialize)]
struct Url {
    url: Option<String>,
}

/// Reads 1PUX.
pub(super) struct OnePux;

impl Reader for OnePux {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        if !Archive::is_one(source.bytes) {
            return read(source.text()?, None, intake);
        }
        let mut archive = Archive::open(source.bytes)?;
        let data = archive
            .read(DATA)?
            .ok_or_else(|| Error::usage(format!("the archive is no 1PUX: it has no {DATA}")))?;
        let inner = Source::file(&data);
        read(inner.text()?, Some(Files::of(archive)), intake)
    }
}

/// The files in the archive, by the documents that they belong to.
struct Files<'a> {
    archive: Archive<'a>,
    members: HashMap<String, String>,
}

impl<'a> Files<'a> {
    fn of(archive: Archive<'a>) -> Self {
        let member = |name: &String| {
            let (id, _) = name.strip_prefix("files/")?.split_once("__")?;
            Some((id.to_owned(), name.clone()))
        };
        let members = archive.names().iter().filter_map(member).collect();
        Self { archive, members }
    }

    fn read(&mut self, document: &Document) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match self.members.get(&document.document_id) {
            Some(name) => self.archive.read(name),
            None => Ok(None),
        }
    }
}

fn read(text: &str, mut files: Option<Files<'_>>, intake: &mut Intake) -> Result<()> {
    let export: Export = parse(text)?;
    let vaults = export
        .accounts
        .0
        .into_iter()
        .flat_map(|account| account.vaults.0);
    let mut row = 0;
    for vault in vaults {
        let folder = vault.attrs.and_then(|attrs| {
            let personal = attrs.kind.as_deref() == Some("P");
            attrs.name.filter(|_| !personal)
        });
        for wrapped in vault.items.0 {
            row += 1;
            let (Wrapped::Inner { item } | Wrapped::Plain(item)) = wrapped;
            if item.trashed == Some(true) || item.state.as_deref() == Some("trashed") {
                intake.skip(row, "it is in the trash there")?;
                continue;
            }
            let (mut imported, documents) = item.imported(row);
            imported.groups = folder.clone().into_iter().collect();
            for document in documents {
                let bytes = match &mut files {
                    Some(files) => files.read(&document)?,
                    None => None,
                };
                match bytes {
                    Some(bytes) => imported.files.push(ImportedFile {
                        name: document.file_name,
                        bytes,
                    }),
                    None => intake.lose(row, "a file that belongs to it is not in the archive"),
                }
            }
            intake.entry(imported)?;
        }
    }
    Ok(())
}

impl Item {
    fn imported(self, row: u64) -> (Imported, Vec<Document>) {
        let mut imported = Imported::at(row);
        let overview = self.overview.unwrap_or_default();
        let details = self.details.unwrap_or_default();
        imported.title = overview.title.unwrap_or_default();
        let urls = overview.urls.0.into_iter().filter_map(|url| url.url);
        imported.urls = overview.url.into_iter().chain(urls).collect();
        imported.tags = overview.tags.0;
        if self.state.as_deref() == Some("archived") {
            imported.tags.push("archived".into());
        }
        imported.created = self.created_at.and_then(times::from_seconds);
        imported.updated = self.updated_at.and_then(times::from_seconds);
        imported.notes = details.notes_plain;
        for field in details.login_fields.0 {
            field.add_to(&mut imported);
        }
        if let Some(password) = details.password.filter(|_| imported.secret.is_none()) {
            imported.secret = Some(password.0);
        }
        let mut documents: Vec<Document> = details.document_attributes.into_iter().collect();
        for section in details.sections.0 {
            let title = section.title.unwrap_or_default();
            for field in section.fields.0 {
                documents.extend(field.add_to(&title, &mut imported));
            }
        }
        let former = details.password_history.0.into_iter().filter_map(|former| {
            Some((former.value?.0, former.time.and_then(times::from_seconds)))
        });
        history::add(&mut imported, former.collect());
        (imported, documents)
    }
}

impl LoginField {
    fn add_to(self, imported: &mut Imported) {
        let Some(Hidden(value)) = self.value.filter(|value| !value.0.is_empty()) else {
            return;
        };
        match self.designation.as_deref() {
            Some("username") => imported.username = Some(value.expose().to_owned()),
            Some("password") => imported.secret = Some(value),
            _ => {
                let plain = matches!(
                    self.field_type.as_deref(),
                    Some("C" | "E" | "U" | "TEL" | "B")
                );
                let name = self.name.unwrap_or_default();
                imported.field(&name, value.expose(), !plain);
            }
        }
    }
}

impl Field {
    /// Adds the field, or says which file it stands for.
    fn add_to(self, section: &str, imported: &mut Imported) -> Option<Document> {
        let Some(Value::Object(value)) = self.value else {
            return None;
        };
        let (kind, value) = value.into_iter().next()?;
        if kind == "file" {
            return serde_json::from_value(value).ok();
        }
        let (text, hidden) = text_of(&kind, &value);
        if text.is_empty() {
            return None;
        }
        let label = [self.title, self.id.clone()]
            .into_iter()
            .flatten()
            .find(|label| !label.is_empty());
        let label = label.unwrap_or_else(|| kind.clone());
        match (kind.as_str(), self.id.as_deref()) {
            ("totp", _) if imported.totp.is_none() => imported.totp = Some(Secret::new(text)),
            ("string", Some("username")) if imported.username.is_none() => {
                imported.username = Some(text);
            }
            ("concealed", Some("password" | "credential")) if imported.secret.is_none() => {
                imported.secret = Some(Secret::new(text));
            }
            ("sshKey", _) if imported.secret.is_none() => imported.secret = Some(Secret::new(text)),
            (_, Some("url" | "website")) | ("url", _) => {
                imported.urls.push(text);
            }
            _ if section.is_empty() => imported.field(&label, &text, hidden),
            _ => imported.field(&format!("{section} {label}"), &text, hidden),
        }
        None
    }
}

/// What a value of 1Password's says, and whether it is one to hide.
fn text_of(kind: &str, value: &Value) -> (String, bool) {
    let inner = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let text = match (kind, value) {
        (_, Value::Null) => String::new(),
        ("email", _) => inner("email_address").unwrap_or_else(|| plain(value)),
        ("sshKey", _) => inner("privateKey").unwrap_or_else(|| value.to_string()),
        ("date", Value::Number(seconds)) => {
            let time = seconds.as_i64().and_then(times::from_seconds);
            time.map_or_else(String::new, |time| time.to_string())
        }
        ("monthYear", Value::Number(number)) => match number.as_i64().unwrap_or_default() {
            0 => String::new(),
            number => format!("{}-{:02}", number / 100, number % 100),
        },
        ("address", Value::Object(parts)) => {
            let parts = parts
                .values()
                .filter_map(Value::as_str)
                .filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(", ")
        }
        _ => plain(value),
    };
    let shown = [
        "address",
        "creditCardType",
        "date",
        "email",
        "gender",
        "menu",
        "monthYear",
        "phone",
        "string",
        "url",
    ];
    (text, !shown.contains(&kind))
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
