//! 1Password's 1PUX: an archive whose `export.data` is JSON, with the files beside it. The JSON
//! alone is read too.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::import::parts::archive::{Archive, Attached};
use crate::import::parts::json::{JsonValue, Object, each, each_item, parse};
use crate::import::parts::{history, times};
use crate::import::{Intake, Reader, Source};
use crate::model::transfer::import::{Imported, ImportedFile, shortened};

/// The member that holds everything but files.
pub(crate) const DATA: &str = "export.data";

#[derive(Deserialize)]
struct OnePuxExport<'a> {
    #[serde(borrow)]
    accounts: &'a RawValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    #[serde(borrow)]
    vaults: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OnePuxVault<'a> {
    attrs: Option<VaultAttributes>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct VaultAttributes {
    name: Option<String>,
    desc: Option<String>,
    /// `P` is the personal one.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// A file that belongs to an item.
struct OnePuxFile {
    file_name: String,
    id: String,
}

/// Reads 1PUX.
pub(crate) struct OnePux;

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
    /// The files in the archive that items name.
    named: HashSet<String>,
}

impl<'a> Files<'a> {
    fn of(archive: Archive<'a>) -> Self {
        let member = |name: &String| {
            let (id, _) = name.strip_prefix("files/")?.split_once("__")?;
            Some((id.to_owned(), name.clone()))
        };
        let members = archive.names().iter().filter_map(member).collect();
        let named = HashSet::new();
        Self {
            archive,
            members,
            named,
        }
    }

    fn read(&mut self, document: &OnePuxFile, intake: &mut Intake) -> Result<Option<Attached>> {
        let Some(name) = self.members.get(&document.id) else {
            return Ok(None);
        };
        self.named.insert(name.clone());
        self.archive.read_attachment(name, intake)
    }

    /// How many files belong to no item that is taken.
    fn unnamed(&self) -> usize {
        const OWN: [&str; 2] = [DATA, "export.attributes"];
        let is_unnamed = |name: &&String| {
            !name.ends_with('/') && !OWN.contains(&name.as_str()) && !self.named.contains(*name)
        };
        self.archive.names().iter().filter(is_unnamed).count()
    }
}

fn read(text: &str, mut files: Option<Files<'_>>, intake: &mut Intake) -> Result<()> {
    let export: OnePuxExport<'_> = parse(text)?;
    let mut row = 0;
    each(export.accounts.get(), |account| {
        let account: Account<'_> = parse(account)?;
        each(account.vaults.map_or("[]", RawValue::get), |vault| {
            let vault: OnePuxVault<'_> = parse(vault)?;
            let desc = vault.attrs.as_ref().and_then(|attrs| attrs.desc.as_ref());
            if desc.is_some_and(|text| !text.trim().is_empty()) {
                let why =
                    "the description of its vault: entries have notes, their folders have none";
                intake.lose(row + 1, why);
            }
            let folder = vault.attrs.and_then(|attrs| {
                let personal = attrs.kind.as_deref() == Some("P");
                attrs.name.filter(|_| !personal)
            });
            let items = vault.items.map_or("[]", RawValue::get);
            each_item(items, &mut row, intake, |row, found, intake| {
                take(found, row, folder.as_deref(), files.as_mut(), intake)
            })
        })
    })?;
    if let Some(count @ 1..) = files.as_ref().map(Files::unnamed) {
        let why = format!("files of the archive that belong to no item that is taken: {count}");
        intake.lose(row, why);
    }
    Ok(())
}

fn take(
    mut found: Object,
    row: u64,
    folder: Option<&str>,
    mut files: Option<&mut Files<'_>>,
    intake: &mut Intake,
) -> Result<()> {
    let mut imported = Imported::at(row);
    // The first versions wrapped each item once more.
    if let Some(inner) = found.object("item") {
        let wrapping = std::mem::replace(&mut found, inner);
        wrapping.hide_rest(&mut imported);
    }
    let state = found.text("state");
    if found.text("trashed").as_deref() == Some("true") || state.as_deref() == Some("trashed") {
        return intake.skip(row, "it is in the trash there");
    }
    if let Some(folder) = folder {
        imported.group(folder);
    }
    let documents = add_item(found, &mut imported);
    if state.as_deref() == Some("archived") {
        imported.tags.push("archived".into());
    }
    for document in documents {
        let found = match &mut files {
            Some(files) => files.read(&document, intake)?,
            None => None,
        };
        let lost = || Err("a file that belongs to it is not in the archive".into());
        match found.unwrap_or_else(lost) {
            Ok(bytes) => imported.files.push(ImportedFile {
                name: document.file_name,
                bytes,
            }),
            Err(why) => intake.lose(row, why),
        }
    }
    intake.entry(imported)
}

fn add_item(mut item: Object, imported: &mut Imported) -> Vec<OnePuxFile> {
    imported.created = item.number("createdAt").and_then(times::from_seconds);
    imported.updated = item.number("updatedAt").and_then(times::from_seconds);
    if let Some(overview) = item.object("overview") {
        add_overview(overview, imported);
    }
    let mut documents = Vec::new();
    if let Some(details) = item.object("details") {
        add_details(details, imported, &mut documents);
    }
    item.leave_out(&["categoryUuid", "favIndex", "uuid"]);
    item.hide_rest(imported);
    documents
}

fn add_overview(mut overview: Object, imported: &mut Imported) {
    imported.title = overview.text("title").unwrap_or_default();
    imported.urls.extend(overview.text("url"));
    for mut url in overview.objects("urls", imported) {
        imported.urls.extend(url.text("url"));
        url.leave_out(&["label", "mode"]);
        url.hide_rest(imported);
    }
    let tags = overview.list("tags").into_iter();
    imported.tags.extend(tags.filter_map(JsonValue::into_text));
    overview.leave_out(&[
        "ainfo",
        "icons",
        "pbe",
        "pgrng",
        "ps",
        "subtitle",
        "watchtowerExclusions",
    ]);
    overview.hide_rest(imported);
}

fn add_details(mut details: Object, imported: &mut Imported, documents: &mut Vec<OnePuxFile>) {
    imported.notes = details.text("notesPlain");
    for field in details.objects("loginFields", imported) {
        add_login_field(field, imported);
    }
    if let Some(password) = details.secret("password") {
        imported.add_secret("password", password.expose());
    }
    documents.extend(
        details
            .object("documentAttributes")
            .and_then(OnePuxFile::of),
    );
    for mut section in details.objects("sections", imported) {
        let title = section.text("title").unwrap_or_default();
        for field in section.objects("fields", imported) {
            add_field(field, shortened(&title), imported, documents);
        }
        section.leave_out(&["hideAddAnotherField", "name"]);
        section.hide_rest(imported);
    }
    let mut former = Vec::new();
    for mut past in details.objects("passwordHistory", imported) {
        let end = past.number("time").and_then(times::from_seconds);
        former.extend(past.secret("value").map(|password| (password, end)));
        past.hide_rest(imported);
    }
    history::add(imported, former);
    details.leave_out(&["htmlAction", "htmlForm", "htmlID", "htmlMethod"]);
    details.hide_rest(imported);
}

impl OnePuxFile {
    fn of(mut attributes: Object) -> Option<Self> {
        Some(Self {
            file_name: attributes.text("fileName")?,
            id: attributes.text("documentId")?,
        })
    }
}

fn add_login_field(mut field: Object, imported: &mut Imported) {
    let name = field.text("name").filter(|name| !name.is_empty());
    let kind = field.text("fieldType");
    let plain = matches!(kind.as_deref(), Some("C" | "E" | "U" | "TEL" | "B"));
    let designation = field.text("designation");
    let name = name.or_else(|| field.text("id")).unwrap_or_default();
    if let Some(value) = field.secret("value") {
        match designation.as_deref() {
            Some("username") => imported.add_username(&name, value.expose()),
            Some("password") => imported.add_secret(&name, value.expose()),
            _ => imported.field(&name, value.expose(), !plain),
        }
    }
    field.leave_out(&["id"]);
    field.hide_rest(imported);
}

fn add_field(
    mut field: Object,
    section: &str,
    imported: &mut Imported,
    documents: &mut Vec<OnePuxFile>,
) {
    let id = field.text("id").unwrap_or_default();
    let title = field.text("title").filter(|title| !title.is_empty());
    let named = title.unwrap_or_else(|| id.clone());
    let values = match field.take("value") {
        Some(JsonValue::Object(values)) => values.into_members(),
        Some(other) => {
            other.add_hidden_field(&named, imported);
            Vec::new()
        }
        None => Vec::new(),
    };
    for (kind, value) in values {
        let own = if named.is_empty() { &kind } else { &named };
        let label = if section.is_empty() {
            own.clone()
        } else {
            format!("{section} {}", shortened(own))
        };
        add_value(&kind, value, &id, &label, imported, documents);
    }
    field.leave_out(&[
        "dontGenerate",
        "guarded",
        "indexAtSource",
        "inputTraits",
        "multiline",
        "placeholder",
    ]);
    field.hide_rest(imported);
}

fn add_value(
    kind: &str,
    value: JsonValue,
    id: &str,
    label: &str,
    imported: &mut Imported,
    documents: &mut Vec<OnePuxFile>,
) {
    let value = match (kind, value) {
        ("file", JsonValue::Object(attributes)) => match OnePuxFile::of(attributes) {
            Some(document) => return documents.push(document),
            None => JsonValue::Text("a file of no name".into()),
        },
        ("sshKey", JsonValue::Object(key)) => return add_ssh_key(key, label, imported),
        (_, value) => value,
    };
    let (text, hidden) = text_of(kind, &value);
    match (kind, id) {
        _ if text.is_empty() => {}
        ("totp", _) => imported.add_totp(label, &text),
        ("string", "username") => imported.add_username(label, &text),
        ("concealed", "password" | "credential") | ("sshKey", _) => {
            imported.add_secret(label, &text);
        }
        (_, "url" | "website") | ("url", _) => imported.urls.push(text),
        _ => imported.field(label, &text, hidden),
    }
}

/// A private key is the secret of its item.
fn add_ssh_key(mut key: Object, label: &str, imported: &mut Imported) {
    if let Some(private) = key.secret("privateKey") {
        imported.add_secret(label, private.expose());
    }
    if let Some(mut public) = key.object("metadata") {
        for (key, name) in [("publicKey", "public key"), ("fingerprint", "fingerprint")] {
            imported.field(name, &public.text(key).unwrap_or_default(), false);
        }
        // The same key once more.
        if let Some(private) = public.secret("privateKey") {
            imported.add_secret(label, private.expose());
        }
        public.leave_out(&["keyType"]);
        public.hide_rest(imported);
    }
    key.hide_rest(imported);
}

/// What a value of 1Password's says, and whether it is one to hide.
fn text_of(kind: &str, value: &JsonValue) -> (String, bool) {
    let number = || value.text().and_then(|text| text.parse::<i64>().ok());
    let text = match (kind, value) {
        ("email", JsonValue::Object(email)) => email.says("email_address"),
        ("date", JsonValue::Word(_)) => {
            let time = number().and_then(times::from_seconds);
            time.map(|time| time.to_string())
        }
        ("monthYear", JsonValue::Word(_)) => number().map(|number| match number {
            0 => String::new(),
            number => format!("{}-{:02}", number / 100, number % 100),
        }),
        ("address", JsonValue::Object(address)) => Some(address.texts().join(", ")),
        _ => None,
    };
    let text = text.unwrap_or_else(|| value.to_text());
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
