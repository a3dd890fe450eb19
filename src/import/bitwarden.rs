//! Bitwarden's JSON, personal and of an organisation. What is encrypted is refused before.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::json::{Hidden, Many, labelled, parse};
use super::{Intake, Reader, Source, history, times};
use crate::error::Result;
use crate::import::format::detect_encrypted;
use crate::model::import::Imported;

/// Types of fields.
const TEXT: u8 = 0;
const BOOLEAN: u8 = 2;
const LINKED: u8 = 3;

#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    folders: Many<Folder>,
    #[serde(default)]
    collections: Many<Folder>,
    items: Many<Item>,
}

#[derive(Deserialize)]
struct Folder {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: Option<String>,
    notes: Option<String>,
    folder_id: Option<String>,
    #[serde(default)]
    collection_ids: Many<Option<String>>,
    #[serde(default)]
    fields: Many<Field>,
    login: Option<Login>,
    card: Option<Map<String, Value>>,
    identity: Option<Map<String, Value>>,
    ssh_key: Option<SshKey>,
    #[serde(default)]
    password_history: Many<Former>,
    creation_date: Option<String>,
    revision_date: Option<String>,
    deleted_date: Option<String>,
}

#[derive(Deserialize)]
struct Field {
    name: Option<String>,
    value: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    #[serde(default)]
    uris: Many<Uri>,
    username: Option<String>,
    password: Option<Hidden>,
    totp: Option<Hidden>,
    password_revision_date: Option<String>,
    #[serde(default)]
    fido2_credentials: Many<Value>,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SshKey {
    private_key: Option<Hidden>,
    public_key: Option<String>,
    key_fingerprint: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Former {
    last_used_date: Option<String>,
    password: Option<Hidden>,
}

/// Reads Bitwarden's JSON.
pub(super) struct BitwardenJson;

impl Reader for BitwardenJson {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        detect_encrypted(text)?;
        let export: Export = parse(text)?;
        let folders = export.folders.0.into_iter().chain(export.collections.0);
        let folders: HashMap<String, String> = folders
            .filter_map(|folder| Some((folder.id?, folder.name?)))
            .collect();
        for (row, item) in (1..).zip(export.items.0) {
            if item.deleted_date.is_some() {
                intake.skip(row, "it is in the trash there")?;
            } else {
                intake.entry(item.imported(row, &folders))?;
            }
        }
        Ok(())
    }
}

impl Item {
    fn imported(self, row: u64, folders: &HashMap<String, String>) -> Imported {
        let mut imported = Imported::at(row);
        imported.title = self.name.unwrap_or_default();
        imported.notes = self.notes;
        imported.created = self.creation_date.as_deref().and_then(times::rfc3339);
        imported.updated = self.revision_date.as_deref().and_then(times::rfc3339);
        let collections = self.collection_ids.0.into_iter().flatten();
        let mut names = (self.folder_id.into_iter().chain(collections))
            .filter_map(|id| folders.get(&id).cloned());
        if let Some(first) = names.next() {
            imported.groups = first.split('/').map(str::to_owned).collect();
        }
        // It can be in several collections.
        imported.tags.extend(names);
        if let Some(login) = self.login {
            login.add_to(&mut imported);
        }
        for field in self.fields.0 {
            field.add_to(&mut imported);
        }
        for content in [self.card, self.identity].into_iter().flatten() {
            labelled(&mut imported, &content);
        }
        if let Some(key) = self.ssh_key {
            imported.secret = key.private_key.map(|key| key.0);
            imported.field("public key", &key.public_key.unwrap_or_default(), false);
            imported.field(
                "fingerprint",
                &key.key_fingerprint.unwrap_or_default(),
                false,
            );
        }
        let former = self.password_history.0.into_iter().filter_map(|former| {
            let end = former.last_used_date.as_deref().and_then(times::rfc3339);
            Some((former.password?.0, end))
        });
        history::add(&mut imported, former.collect());
        imported
    }
}

impl Login {
    fn add_to(self, imported: &mut Imported) {
        imported.urls = self.uris.0.into_iter().filter_map(|uri| uri.uri).collect();
        imported.username = self.username;
        imported.secret = self.password.map(|password| password.0);
        imported.totp = self.totp.map(|totp| totp.0);
        imported.secret_since = self
            .password_revision_date
            .as_deref()
            .and_then(times::rfc3339);
        for passkey in self.fido2_credentials.0 {
            imported.field("passkey", &passkey.to_string(), true);
        }
    }
}

impl Field {
    fn add_to(self, imported: &mut Imported) {
        let name = self.name.unwrap_or_default();
        let kind = self.kind.unwrap_or(TEXT);
        let text = match self.value {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        // A linked field only names another one.
        if kind != LINKED {
            imported.field(&name, &text, !matches!(kind, TEXT | BOOLEAN));
        }
    }
}
