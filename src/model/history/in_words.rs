//! The log for people: what its events are about, by name, and what they say, in words.

mod known_words;
mod refusals;

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use self::known_words::WORDS;
use self::refusals::refusal_of;
use crate::error::{Error, Result};
use crate::model::records::cell::DeviceId;
use crate::model::records::client::Client;
use crate::model::records::consent::{ConsentEvent, SHORTENED};
use crate::model::records::event::Event;
use crate::model::records::record_id::{RecordId, number, short};
use crate::model::records::way_in::{Family, WayIn};
use crate::model::text::name::ContactName;
use crate::model::text::similar;
use crate::model::vault::Vault;

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRecord {
    /// Its id.
    pub id: Uuid,
    /// What it is: `entry`, `client`, `contact`, `consent`, `share`, `hand-over`, `request`, `incident`,
    /// `recovery identity`, `recipient`; none once it is gone.
    pub kind: Option<&'static str>,
    /// Its path, its name or its number; the start of its id once it is gone.
    pub name: String,
}

impl NamedRecord {
    /// As a line tells it: an entry by its path alone, all others with what they are.
    #[must_use]
    pub fn told(&self) -> String {
        match self.kind {
            None | Some("entry") => self.name.clone(),
            Some(kind) => format!("{kind} {}", self.name),
        }
    }
}

/// How the value of a detail is told.
#[derive(Clone, Copy)]
enum Told {
    /// Alone.
    Bare,
    /// Behind a word.
    After(&'static str),
    /// As the means: a command of vault, or another.
    Via,
    /// As the reason: of a share that was refused, what its code stands for.
    Why,
    /// As a number of things, or of the things that it lists: of one, and of several.
    Count(&'static str, &'static str),
    /// As this, where it is true.
    If(&'static str),
    /// As memory, from KiB.
    Memory,
    /// As a file's name.
    File(&'static str),
    /// As the format of what came in or went out.
    Format,
}

/// The details that are known, in the order in which they are told.
const DETAILS: &[(&str, Told)] = &[
    ("what", Told::Bare),
    ("kind", Told::Bare),
    ("rule", Told::Bare),
    ("found", Told::Count("leaked secret", "leaked secrets")),
    ("phase", Told::Bare),
    ("answer", Told::Bare),
    ("state", Told::Bare),
    ("document", Told::Bare),
    ("new_secrets", Told::Count("new secret", "new secrets")),
    ("mark", Told::Bare),
    ("version", Told::After("version")),
    ("attachment", Told::File("file")),
    ("size", Told::Count("byte", "bytes")),
    ("replaced", Told::If("in the place of another")),
    ("assurance", Told::Bare),
    ("from", Told::After("from")),
    ("contact", Told::After("from")),
    ("of", Told::After("of")),
    ("client", Told::After("of")),
    ("certificate", Told::After("certificate")),
    ("to", Told::After("to")),
    ("for", Told::After("for")),
    ("for_2", Told::After("and")),
    ("for_3", Told::After("and")),
    ("for_4", Told::After("and")),
    ("for_5", Told::After("and")),
    ("consent", Told::After("under")),
    ("share", Told::After("under")),
    ("supersedes", Told::After("in the place of")),
    ("confirmed", Told::After("confirmed:")),
    ("reason", Told::Why),
    ("ended", Told::After("which ended:")),
    ("user", Told::After("as")),
    ("host", Told::After("at")),
    ("host_key", Told::After("with the key")),
    ("ssh_key", Told::After("by the key")),
    ("through", Told::After("through")),
    ("via", Told::Via),
    ("program", Told::After("for")),
    ("host", Told::After("at")),
    ("by", Told::After("by")),
    ("more", Told::Count("more", "more")),
    ("added", Told::Count("added", "added")),
    ("updated", Told::Count("updated", "updated")),
    ("entries", Told::Count("entry", "entries")),
    ("format", Told::Format),
    ("unverified_keys", Told::After("keys to be compared:")),
    ("generation", Told::After("generation")),
    ("back", Told::Count("brought back", "brought back")),
    ("changed", Told::Count("changed", "changed")),
    (
        "trashed",
        Told::Count("put in the trash", "put in the trash"),
    ),
    ("files", Told::Count("file", "files")),
    (
        "forked",
        Told::Count(
            "device of which there were two",
            "devices of which there were two",
        ),
    ),
    ("whole", Told::If("all of it")),
    ("lines", Told::Count("line", "lines")),
    ("m", Told::Memory),
    ("t", Told::Count("pass", "passes")),
    ("p", Told::Count("lane", "lanes")),
    ("old", Told::After("from")),
    ("new", Told::After("to")),
    ("key_file", Told::If("with a key file")),
    ("compromised", Told::If("the old one is known to others")),
    ("kept", Told::If("kept as it was here")),
    ("same", Told::If("the same password")),
    ("events_stay", Told::After("events stay for")),
    ("dropped", Told::Count("event dropped", "events dropped")),
];

/// The records of a vault as the log tells them.
pub struct RecordsByName<'a> {
    vault: &'a Vault,
    named: HashMap<Uuid, (&'static str, String)>,
}

impl<'a> RecordsByName<'a> {
    /// All of them, those that were removed too.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn of(vault: &'a Vault) -> Result<Self> {
        let entries = vault.names()?.into_iter();
        let mut named: HashMap<Uuid, _> = entries.map(|(id, it)| (id, ("entry", it))).collect();
        let clients = vault.clients.iter();
        named.extend(clients.map(|it| (it.id, ("client", it.slug().to_owned()))));
        let contacts = vault.contacts.all()?.into_iter();
        named.extend(contacts.map(|it| (it.id, ("contact", it.name().to_owned()))));
        for (kind, ids) in [
            ("consent", vault.consents.ids()?),
            ("share", vault.shares.ids()?),
            ("share", vault.received.ids()?),
            ("hand-over", vault.handed_over.ids()?),
            ("request", vault.asks.ids()?),
            ("incident", vault.incidents.ids()?),
        ] {
            named.extend(ids.into_iter().map(|id| (id, (kind, number(id)))));
        }
        for way in &vault.recipients {
            named.insert(way.id, (kind_of(way), short(way.id)));
        }
        Ok(Self { vault, named })
    }

    /// What an event is about.
    #[must_use]
    pub fn subjects(&self, event: &Event) -> Vec<NamedRecord> {
        event.subject.iter().map(|id| self.record(*id)).collect()
    }

    fn record(&self, id: Uuid) -> NamedRecord {
        let (kind, name) = self.named.get(&id).cloned().unzip();
        NamedRecord {
            id,
            kind,
            name: name.unwrap_or_else(|| short(id)),
        }
    }

    /// What else an event says.
    #[must_use]
    pub fn details(&self, event: &Event) -> String {
        let place = |key: &str| DETAILS.iter().position(|(known, _)| *known == key);
        let mut details: Vec<_> = event.detail.iter().collect();
        details.sort_by_key(|(key, _)| place(key).unwrap_or(DETAILS.len()));
        let told = details.into_iter().filter_map(|(key, value)| {
            let known = DETAILS.iter().find(|(known, _)| known == key);
            match known {
                Some((_, how)) => self.detail(event, *how, value),
                None => Some(format!("{} {}", key.replace('_', " "), self.value(value))),
            }
        });
        let told = told.chain(self.shortened_by(event));
        told.collect::<Vec<_>>().join(" ")
    }

    /// Who has let a consent end sooner, and how: the log itself names nobody.
    fn shortened_by(&self, event: &Event) -> Option<String> {
        let state = event.detail.get("state").and_then(Value::as_str);
        let of = event.subject.first().filter(|_| state == Some(SHORTENED))?;
        let consent = self.vault.consents.find(*of).ok()??;
        let mut same = consent.events.iter().filter(|it| it.time == event.time);
        same.find_map(ConsentEvent::shortened_by)
    }

    fn detail(&self, event: &Event, how: Told, value: &Value) -> Option<String> {
        if matches!(how, Told::After("of")) && is_subject(event, value) {
            return None;
        }
        let text = match how {
            Told::Count(..) => count_of(value),
            Told::Why => refusal_of(event, value).map_or_else(|| self.value(value), str::to_owned),
            _ => self.value(value),
        };
        match how {
            // The subject and the file say that.
            Told::Bare if matches!(&*text, "attachment" | "recovery identity") => None,
            Told::Bare => Some(text),
            Told::After(word) => Some(format!("{word} {text}")),
            Told::Why if event.detail.contains_key("ssh_key") => Some(format!("because {text},")),
            Told::Why => Some(format!("because {text}")),
            Told::Via if text.starts_with("ssh") => Some(format!("by {text}")),
            Told::Via => Some(format!("by vault {text}")),
            Told::Count(..) if text == "0" => None,
            Told::Count(one, _) if text == "1" => Some(format!("1 {one}")),
            Told::Count(_, many) => Some(format!("{text} {many}")),
            Told::If(text) => (value != &Value::Bool(false)).then(|| text.to_owned()),
            Told::Format if event.action == "import" => Some(format!("from {text}")),
            Told::Format => Some(format!("as {text}")),
            Told::Memory => value.as_u64().map(|kib| format!("{} MiB", kib / 1024)),
            Told::File(word) => Some(match self.file(event, value) {
                Some(name) => format!("{word} {name}"),
                None => word.to_owned(),
            }),
        }
    }

    /// The name of an attachment that is there still.
    fn file(&self, event: &Event, id: &Value) -> Option<String> {
        let id: Uuid = id.as_str()?.parse().ok()?;
        let entry = self.vault.entries.find(*event.subject.first()?).ok()??;
        let file = entry.attachments.iter().find(|file| file.id == id)?;
        Some(file.name.clone())
    }

    /// A value in words: records by name, several with commas.
    fn value(&self, value: &Value) -> String {
        let Some(text) = value.as_str() else {
            return value.to_string();
        };
        let words = text.split(' ').map(|word| match word.parse() {
            Ok(id) => self.record(id).told(),
            Err(_) => in_words(word),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// The ids of what a word names, and of what was shared with it or permitted to it: an entry,
    /// one in the trash too, a contact, or the number of a consent or a share.
    fn meant_by(&self, word: &str) -> Result<Vec<Uuid>> {
        let named = self.named.iter();
        let called =
            named.filter(|(_, (kind, name))| matches!(*kind, "entry" | "contact") && name == word);
        let mut ids: Vec<Uuid> = called.map(|(id, _)| *id).collect();
        if word.parse::<ContactName>().is_ok() {
            let is_theirs = |id: &Uuid| ids.contains(id);
            let shares = self.vault.shares.all()?.into_iter();
            let shares = shares.filter(|it| is_theirs(&it.recipient.contact));
            let consents = self.vault.consents.all()?.into_iter();
            let consents = consents.filter(|it| it.contacts().iter().any(is_theirs));
            let theirs = shares.map(|it| it.id).chain(consents.map(|it| it.id));
            let theirs: Vec<Uuid> = theirs.collect();
            ids.extend(theirs);
        }
        if let Ok(start) = word.parse::<RecordId>()
            && ids.is_empty()
        {
            let kinds = ["consent", "share", "hand-over", "request"];
            let all = self.named.iter();
            ids.extend(all.filter_map(|(id, (kind, _))| {
                (kinds.contains(kind) && start.is_start_of(*id)).then_some(*id)
            }));
        }
        Ok(ids)
    }
}

impl Vault {
    /// Keeps those of `events`, oldest first, that concern what a word names: an entry by its
    /// path, a client, a contact, or the number of a consent or a share.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest name as a hint;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn retain_events_about(
        &self,
        word: &str,
        events: &mut Vec<(DeviceId, Event)>,
    ) -> Result<()> {
        if let Some(client) = self.client(word) {
            return self.retain_events_of(client.id, events);
        }
        let ids = RecordsByName::of(self)?.meant_by(word)?;
        if ids.is_empty() {
            return Err(self.not_in_log(word));
        }
        let is_meant = |id: &Uuid| ids.contains(id);
        let as_id = |value: &Value| value.as_str().and_then(|it| it.parse().ok());
        events.retain(|(_, event)| {
            let mut named = event.detail.values().filter_map(as_id);
            event.subject.iter().any(is_meant) || named.any(|id| is_meant(&id))
        });
        Ok(())
    }

    fn not_in_log(&self, word: &str) -> Error {
        if let Ok(path) = word.parse() {
            let missing = self.entry(&path).err();
            return missing.unwrap_or_else(|| Error::not_found(format!("no entry {word}")));
        }
        let clients = self.live_clients().map(Client::slug);
        let contacts = self.live_contacts().unwrap_or_default();
        let names = clients.chain(contacts.iter().map(|it| it.name()));
        let near = similar::did_you_mean(word, names);
        let hint = near.unwrap_or_else(|| {
            "vault list, vault client list and vault contact list show what there is".into()
        });
        Error::not_found(format!("no entry, client or contact is called {word}")).hint(hint)
    }
}

/// What was done, as people say it.
#[must_use]
pub fn action_in_words(event: &Event) -> String {
    match event.action.as_str() {
        "way-in" => "add".to_owned(),
        "way-in-removed" => "remove".to_owned(),
        other => other.replace('-', " "),
    }
}

fn kind_of(way: &WayIn) -> &'static str {
    if Family::Recovery.has(way) {
        "recovery identity"
    } else {
        "recipient"
    }
}

/// Whether a value is what an event is about, which is told already.
fn is_subject(event: &Event, value: &Value) -> bool {
    let id = value.as_str().and_then(|text| text.parse().ok());
    id.is_some_and(|id: Uuid| event.subject.contains(&id))
}

/// A number, or how many things are listed.
fn count_of(value: &Value) -> String {
    match value {
        Value::Array(listed) => listed.len().to_string(),
        Value::String(number) => number.clone(),
        other => other.to_string(),
    }
}

fn in_words(word: &str) -> String {
    let known = WORDS.iter().find(|(known, _)| *known == word);
    known.map_or_else(|| word.to_owned(), |(_, told)| (*told).to_owned())
}

#[cfg(test)]
mod tests;
