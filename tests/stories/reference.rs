//! What each command means, as plain maps: the contract, not the program.
//!
//! When several things are wrong with a command, its arguments come first, then what the vault
//! holds, then what is on stdin.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::stories::op::{Fields, Op, Part, Path, Piped, Step, What};
use crate::stories::{OTHER_PASSWORD, PASSWORD};

const USAGE: i32 = 2;
const NOT_FOUND: i32 = 3;
const LOCKED: i32 = 4;
const CONFLICT: i32 = 7;
const NEEDS_INPUT: i32 = 9;

/// What a command has to answer; with all but the first it exits with 0.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It exits with this, prints nothing and changes nothing.
    Fails(i32),
    /// stdout is exactly this.
    Prints(Vec<u8>),
    /// stdout starts so.
    Begins(String),
    /// stdout is this value, times left out.
    Json(Value),
}

type Result<T = Answer> = std::result::Result<T, i32>;

struct Version {
    slot: &'static str,
    number: u32,
    value: String,
    aborted: bool,
}

#[derive(Default)]
struct Entry {
    username: Option<&'static str>,
    urls: Vec<&'static str>,
    notes: Option<&'static str>,
    tags: BTreeSet<&'static str>,
    fields: BTreeMap<&'static str, &'static str>,
    versions: Vec<Version>,
    /// By slot, places in `versions`.
    current: BTreeMap<&'static str, usize>,
    pending: Option<usize>,
    files: BTreeMap<&'static str, Vec<u8>>,
}

/// A vault.
#[derive(Default)]
pub(crate) struct Reference {
    clients: Vec<&'static Part>,
    entries: BTreeMap<String, (Path, Entry)>,
    trash: Vec<Entry>,
    events: BTreeMap<&'static str, usize>,
    changes: u64,
    other_password: bool,
}

impl Reference {
    /// What a command has to answer; what it does is done.
    pub(crate) fn apply(&mut self, op: &Op) -> Answer {
        self.answer(op).unwrap_or_else(Answer::Fails)
    }

    fn answer(&mut self, op: &Op) -> Result {
        match op {
            Op::BadPath { .. } => Err(USAGE),
            Op::Add {
                path,
                secret,
                fields,
            } => self.add(*path, secret, fields),
            Op::Get {
                path,
                what,
                newline,
                json,
            } => self.get(*path, what, *newline, *json),
            Op::Edit {
                path,
                fields,
                unset,
                secret,
            } => self.edit(*path, fields, unset, secret.as_ref()),
            Op::Hide { path, secret } => self.hide(*path, secret),
            Op::Remove { path, sure } => self.remove(*path, *sure),
            Op::List { client, tag, json } => self.listed(*client, *tag, *json),
            Op::Show { path, json } => self.show(*path, *json),
            Op::Rotate { path, step } => self.rotate(*path, step),
            Op::Attach {
                path,
                file,
                bytes,
                replace,
            } => self.attach(*path, file, bytes, *replace),
            Op::Detach { path, file, remove } => self.detach(*path, file, *remove),
            Op::Passwd => {
                self.other_password = !self.other_password;
                Ok(self.changed("passwd"))
            }
            Op::WrongPassword { .. } => Err(LOCKED),
        }
    }

    fn add(&mut self, path: Path, secret: &Piped, fields: &Fields) -> Result {
        if fields.are_bad() {
            return Err(USAGE);
        }
        let known = self.clients.iter().find(|c| c.look == path.client.look);
        let like = |taken: &Path| {
            taken.client.kept == path.client.kept && taken.name.look == path.name.look
        };
        if known.is_some_and(|known| known.kept != path.client.kept)
            || self.entries.values().any(|(taken, _)| like(taken))
        {
            return Err(CONFLICT);
        }
        let value = secret.kept().ok_or(USAGE)?;
        if known.is_none() {
            self.clients.push(path.client);
        }
        let mut entry = Entry::default();
        entry.set(fields);
        entry.store("secret", value);
        self.entries.insert(path.kept(), (path, entry));
        Ok(self.changed("add"))
    }

    fn get(&mut self, path: Path, what: &What, newline: bool, json: bool) -> Result {
        let entry = self.entry(path)?;
        let (version, text) = match what {
            What::Secret => entry.now("secret")?,
            What::Pending => entry.told(entry.pending.ok_or(NOT_FOUND)?),
            What::Version(number) => entry.then("secret", *number)?,
            What::FieldVersion(name, number) => entry.then(name, *number)?,
            What::Field(name) => match entry.now(name) {
                Ok(hidden) => hidden,
                Err(_) => (None, entry.visible(name).ok_or(NOT_FOUND)?),
            },
        };
        let value = json!({
            "path": path.kept(),
            "version": version,
            "username": entry.username,
            "urls": entry.urls,
            "secret": text,
            "fields": entry.fields,
        });
        let answer = match what {
            What::Field(name) | What::FieldVersion(name, _) if json => Answer::Json(json!({
                "path": path.kept(), "version": version, "username": entry.username,
                "urls": entry.urls, "secret": null, "fields": {*name: text},
            })),
            _ if json => Answer::Json(value),
            _ => Answer::Prints((text + if newline { "\n" } else { "" }).into_bytes()),
        };
        if version.is_some() {
            self.event("reveal");
        }
        Ok(answer)
    }

    fn edit(
        &mut self,
        path: Path,
        fields: &Fields,
        unset: &[&'static str],
        secret: Option<&Piped>,
    ) -> Result {
        let nothing = fields.is_empty() && unset.is_empty() && secret.is_none();
        if fields.are_bad() || nothing || unset.iter().any(|name| fields.clash(name)) {
            return Err(USAGE);
        }
        let entry = self.entry(path)?;
        if secret.is_some() && entry.pending.is_some() {
            return Err(CONFLICT);
        }
        for (at, name) in unset.iter().enumerate() {
            let missing = !entry.has(name) || unset[..at].contains(name);
            if missing && !fields.set(name) {
                return Err(NOT_FOUND);
            }
        }
        let value = secret.map(|piped| piped.kept().ok_or(USAGE)).transpose()?;
        if value.as_ref().is_some_and(|value| entry.had(value)) {
            return Err(USAGE);
        }
        let before = entry.described();
        for name in unset {
            entry.unset(name);
        }
        entry.set(fields);
        // What is so already is not written.
        if value.is_none() && entry.described() == before {
            return Ok(Answer::Prints(Vec::new()));
        }
        if let Some(value) = value {
            entry.store("secret", value);
        }
        Ok(self.changed("edit"))
    }

    fn hide(&mut self, path: Path, secret: &Piped) -> Result {
        let entry = self.entry(path)?;
        let value = secret.kept().ok_or(USAGE)?;
        let current = entry
            .current
            .get("pin")
            .map(|at| &entry.versions[*at].value);
        if current == Some(&value) {
            return Err(USAGE);
        }
        entry.store("pin", value);
        Ok(self.changed("edit"))
    }

    fn remove(&mut self, path: Path, sure: bool) -> Result {
        self.entry(path)?;
        if !sure {
            return Err(NEEDS_INPUT);
        }
        let removed = self.entries.remove(&path.kept());
        self.trash.extend(removed.map(|(_, entry)| entry));
        Ok(self.changed("remove"))
    }

    fn listed(&self, client: Option<&'static Part>, tag: Option<&str>, json: bool) -> Result {
        if client.is_some_and(|client| self.clients.iter().all(|c| c.kept != client.kept)) {
            return Err(NOT_FOUND);
        }
        let list = self.list(client.map(|client| client.kept), tag);
        if json {
            return Ok(Answer::Json(list));
        }
        let paths = list.as_array().into_iter().flatten();
        let lines = paths.map(|entry| format!("{}\n", entry["path"].as_str().unwrap()));
        Ok(Answer::Prints(lines.collect::<String>().into_bytes()))
    }

    /// What `list --json` answers, times left out.
    pub(crate) fn list(&self, client: Option<&str>, tag: Option<&str>) -> Value {
        let wanted = |(path, entry): &&(Path, Entry)| {
            client.is_none_or(|client| path.client.kept == client)
                && tag.is_none_or(|tag| entry.tags.contains(tag))
        };
        let list = self.entries.values().filter(wanted).map(|(path, entry)| {
            json!({
                "path": path.kept(),
                "client": path.client.kept,
                "name": path.name.kept,
                "username": entry.username,
                "urls": entry.urls,
                "tags": entry.tags,
                "version": entry.versions[entry.current["secret"]].number,
                "flags": entry.flags(), "expires": null, "received_share": null,
            })
        });
        list.collect()
    }

    fn show(&mut self, path: Path, json: bool) -> Result {
        let entry = self.entry(path)?;
        if !json {
            return Ok(Answer::Begins(format!("{}\n", path.kept())));
        }
        let mut has = Map::from_iter([("totp".to_owned(), json!(false))]);
        for slot in entry.current.keys() {
            has.insert((*slot).to_owned(), json!(true));
        }
        let files = entry.files.iter().map(|(name, bytes)| {
            let sha256 = Sha256::digest(bytes)
                .iter()
                .fold(String::new(), |mut hex, byte| {
                    write!(hex, "{byte:02x}").unwrap();
                    hex
                });
            json!({"name": name, "size": bytes.len(), "sha256": sha256})
        });
        Ok(Answer::Json(json!({
            "path": path.kept(),
            "version": entry.versions[entry.current["secret"]].number,
            "pending": entry.pending.map(|at| entry.versions[at].number),
            "fields": entry.fields,
            "client": path.client.kept,
            "username": entry.username,
            "urls": entry.urls,
            "notes": entry.notes,
            "tags": entry.tags,
            "env": null,
            "expires": null,
            "rotate_every": null,
            "second_factor": null,
            "use_only": null,
            "received": null,
            "flags": entry.flags(),
            "attachments": files.collect::<Value>(),
            "exposed": [], "set_apart": [],
            "known_to": [], "retain_until": null, "rules": null,
            "has": has,
        })))
    }

    fn rotate(&mut self, path: Path, step: &Step) -> Result {
        let entry = self.entry(path)?;
        match step {
            Step::Once(piped) => {
                let value = entry.replacement(piped)?;
                entry.store("secret", value);
            }
            Step::Begin(piped) => {
                let value = entry.replacement(piped)?;
                entry.pending = Some(entry.keep("secret", value.clone()));
                self.event("reveal");
                self.changed("rotate");
                return Ok(Answer::Prints((value + "\n").into_bytes()));
            }
            Step::Confirm => {
                let at = entry.pending.take().ok_or(NOT_FOUND)?;
                entry.current.insert("secret", at);
            }
            Step::Abort => {
                let at = entry.pending.take().ok_or(NOT_FOUND)?;
                entry.versions[at].aborted = true;
            }
        }
        Ok(self.changed("rotate"))
    }

    fn attach(&mut self, path: Path, file: &'static str, bytes: &[u8], replace: bool) -> Result {
        let files = &mut self.entry(path)?.files;
        match files.get(file) {
            Some(_) if !replace => return Err(CONFLICT),
            Some(old) if old == bytes => return Ok(Answer::Prints(Vec::new())),
            _ => files.insert(file, bytes.to_vec()),
        };
        Ok(self.changed("attach"))
    }

    fn detach(&mut self, path: Path, file: &str, remove: bool) -> Result {
        let files = &mut self.entry(path)?.files;
        let bytes = files.get(file).ok_or(NOT_FOUND)?.clone();
        if remove {
            files.remove(file);
            self.changed("detach");
        }
        self.event("reveal");
        Ok(Answer::Prints(bytes))
    }

    fn entry(&mut self, path: Path) -> Result<&mut Entry> {
        let found = self.entries.get_mut(&path.kept());
        found.map(|(_, entry)| entry).ok_or(NOT_FOUND)
    }

    fn event(&mut self, action: &'static str) {
        *self.events.entry(action).or_default() += 1;
    }

    /// A change that answers nothing.
    fn changed(&mut self, action: &'static str) -> Answer {
        self.event(action);
        self.changes += 1;
        Answer::Prints(Vec::new())
    }

    /// How often each action stands in the log.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&str, usize)> {
        self.events.iter().map(|(action, count)| (*action, *count))
    }

    /// How often the vault was written.
    pub(crate) fn generation(&self) -> u64 {
        1 + self.changes
    }

    /// The master password by now.
    pub(crate) fn password(&self) -> &'static str {
        if self.other_password {
            OTHER_PASSWORD
        } else {
            PASSWORD
        }
    }

    /// All secrets that there ever were, sorted.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let live = self.entries.values().map(|(_, entry)| entry);
        let versions = live.chain(&self.trash).flat_map(|entry| &entry.versions);
        let mut secrets: Vec<&str> = versions.map(|version| version.value.as_str()).collect();
        secrets.sort_unstable();
        secrets
    }
}

impl Entry {
    fn set(&mut self, fields: &Fields) {
        self.username = fields.username.or(self.username);
        self.notes = fields.notes.or(self.notes);
        for url in &fields.urls {
            if !self.urls.contains(url) {
                self.urls.push(url);
            }
        }
        self.tags.extend(&fields.tags);
        for (name, value) in &fields.custom {
            self.current.remove(name);
            self.fields.insert(name, value);
        }
    }

    fn unset(&mut self, name: &str) {
        match name {
            "username" => self.username = None,
            "url" => self.urls.clear(),
            "notes" => self.notes = None,
            "tag" => self.tags.clear(),
            custom => {
                self.fields.remove(custom);
                self.current.remove(custom);
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        match name {
            "username" => self.username.is_some(),
            "url" => !self.urls.is_empty(),
            "notes" => self.notes.is_some(),
            "tag" => !self.tags.is_empty(),
            custom => self.fields.contains_key(custom) || self.current.contains_key(custom),
        }
    }

    /// All that is no secret.
    fn described(&self) -> impl PartialEq + use<> {
        let hidden: Vec<&str> = self.current.keys().copied().collect();
        let fields = self.fields.clone();
        (
            self.username,
            self.urls.clone(),
            self.notes,
            self.tags.clone(),
            fields,
            hidden,
        )
    }

    fn keep(&mut self, slot: &'static str, value: String) -> usize {
        let older = self.versions.iter().filter(|version| version.slot == slot);
        let number = 1 + u32::try_from(older.count()).unwrap();
        self.versions.push(Version {
            slot,
            number,
            value,
            aborted: false,
        });
        self.versions.len() - 1
    }

    fn store(&mut self, slot: &'static str, value: String) {
        self.fields.remove(slot);
        let at = self.keep(slot, value);
        self.current.insert(slot, at);
    }

    /// A secret that this entry never had, unless it was given up before it was in use.
    fn replacement(&self, piped: &Piped) -> Result<String> {
        if self.pending.is_some() {
            return Err(CONFLICT);
        }
        let value = piped.kept().ok_or(USAGE)?;
        if self.had(&value) {
            return Err(USAGE);
        }
        Ok(value)
    }

    /// Whether that is no new secret.
    fn had(&self, value: &str) -> bool {
        let had = |v: &Version| v.slot == "secret" && !v.aborted && v.value == value;
        self.versions.iter().any(had)
    }

    fn told(&self, at: usize) -> (Option<u32>, String) {
        let version = &self.versions[at];
        (Some(version.number), version.value.clone())
    }

    fn now(&self, slot: &str) -> Result<(Option<u32>, String)> {
        let at = self.current.get(slot).ok_or(NOT_FOUND)?;
        Ok(self.told(*at))
    }

    fn then(&self, slot: &str, number: u32) -> Result<(Option<u32>, String)> {
        let wanted = |version: &Version| version.slot == slot && version.number == number;
        let at = self.versions.iter().position(wanted).ok_or(NOT_FOUND)?;
        Ok(self.told(at))
    }

    fn visible(&self, name: &str) -> Option<String> {
        let tags: Vec<&str> = self.tags.iter().copied().collect();
        let joined = |all: &[&str]| (!all.is_empty()).then(|| all.join("\n"));
        match name {
            "username" => self.username.map(str::to_owned),
            "notes" => self.notes.map(str::to_owned),
            "url" => self.urls.first().map(|url| (*url).to_owned()),
            "urls" => joined(&self.urls),
            "tags" => joined(&tags),
            custom => self.fields.get(custom).map(|value| (*value).to_owned()),
        }
    }

    fn flags(&self) -> &[&str] {
        if self.pending.is_some() {
            &["pending"]
        } else {
            &[]
        }
    }
}
