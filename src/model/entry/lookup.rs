//! Finding records: entries by path, what looks alike, what was meant, names for ids.
//!
//! Of an entry that is only passed over, no more than its head is decoded.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::{memchr, memmem};
use serde::de::{IgnoredAny, MapAccess};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::cell::Cell;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::head::{Head, read_head};
use crate::model::records::lazy::Lazy;
use crate::model::records::record::JsonKey;
use crate::model::records::record_id::number;
use crate::model::text::name::{ClientSlug, EntryPath, are_look_alikes};
use crate::model::text::path_of::path_of;
use crate::model::text::quote::as_word;
use crate::model::text::similar;
use crate::model::vault::Vault;

/// The field of a record that was ever put in the trash.
const REMOVED: &[u8] = b"removed";

/// What finds an entry.
struct EntryHead<'a> {
    id: Uuid,
    client: Option<Uuid>,
    name: Cow<'a, str>,
    removed: bool,
}

/// As it is stored. The fields that are always there come first.
#[derive(Default)]
struct StoredEntryHead<'a> {
    id: Option<Uuid>,
    client: Option<Cell<Uuid>>,
    name: Option<Cell<JsonKey<'a>>>,
    removed: Option<Cell<Option<IgnoredAny>>>,
}

impl<'de: 'a, 'a> Head<'de> for StoredEntryHead<'a> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "id" => self.id = Some(map.next_value()?),
            "client" => self.client = Some(map.next_value()?),
            "name" => self.name = Some(map.next_value()?),
            "removed" => self.removed = Some(map.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn is_complete(&self) -> bool {
        self.id.is_some() && self.client.is_some() && self.name.is_some() && self.removed.is_some()
    }
}

impl<'a> StoredEntryHead<'a> {
    fn settled(self) -> Option<EntryHead<'a>> {
        let JsonKey(name) = self.name?.into_current()?;
        Some(EntryHead {
            id: self.id?,
            client: self.client.and_then(Cell::into_current),
            removed: self.removed.is_some_and(|it| it.value().is_some()),
            name,
        })
    }
}

impl<'a> EntryHead<'a> {
    fn of(entry: &'a Lazy<Entry>) -> Result<Self> {
        if let Some(json) = entry.json() {
            let mut stored = StoredEntryHead::default();
            // A field's name may be spelt with escapes.
            if memmem::find(json, REMOVED).is_none() && memchr(b'\\', json).is_none() {
                stored.removed = Some(Cell::default());
            }
            read_head(json, &mut stored)?;
            if let Some(head) = stored.settled() {
                return Ok(head);
            }
        }
        // What has no name may have nothing at all.
        let entry = entry.get()?;
        Ok(Self {
            id: entry.id,
            client: entry.client.get().copied(),
            name: entry.name().into(),
            removed: entry.is_removed(),
        })
    }
}

/// How many entries a client has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCount {
    /// Not in the trash.
    pub live: usize,
    /// In the trash.
    pub removed: usize,
}

impl Vault {
    /// The entry at `path`, not one in the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest path as a hint;
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn entry(&self, path: &EntryPath) -> Result<&Entry> {
        match self.position(path)?.and_then(|at| self.entries.get(at)) {
            Some(entry) => entry.get(),
            None => Err(self.no_entry(path)?),
        }
    }

    pub(crate) fn entry_mut(&mut self, path: &EntryPath) -> Result<&mut Entry> {
        let Some(at) = self.position(path)? else {
            return Err(self.no_entry(path)?);
        };
        match self.entries.get_mut(at) {
            Some(entry) => entry.get_mut(),
            None => Err(Error::not_found(format!("no entry {path}"))),
        }
    }

    fn position(&self, path: &EntryPath) -> Result<Option<usize>> {
        let Some(client) = self.client(path.client().as_str()).map(|client| client.id) else {
            return Ok(None);
        };
        let is_it = |head: &EntryHead<'_>| {
            head.client == Some(client) && head.name == path.name() && !head.removed
        };
        // The name as this program writes it; an entry without it is passed over unparsed.
        let spelt = serde_json::to_string(path.name()).unwrap_or_default();
        let finder = memmem::Finder::new(&spelt);
        let likely = |entry: &Lazy<Entry>| match entry.json() {
            Some(json) => finder.find(json).is_some(),
            None => true,
        };
        for (at, entry) in self.entries.iter().enumerate() {
            if likely(entry) && is_it(&EntryHead::of(entry)?) {
                return Ok(Some(at));
            }
        }
        // Another program may have spelt the name with escapes.
        for (at, entry) in self.entries.iter().enumerate() {
            if !likely(entry) && is_it(&EntryHead::of(entry)?) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    pub(super) fn no_entry(&self, path: &EntryPath) -> Result<Error> {
        let error = Error::not_found(format!("no entry {path}"));
        let slugs = self.slugs();
        let wanted = path.to_string();
        let mut paths = Vec::new();
        for head in self.heads()? {
            let other = path_of(&slugs, head.client, &head.name);
            if !head.removed {
                paths.push(other);
            } else if other == wanted {
                return Ok(error.hint(format!("it is in the trash: vault trash restore {path:#}")));
            }
        }
        let folder = format!("{wanted}/");
        if paths.iter().any(|path| path.starts_with(&folder)) {
            let folder = as_word(&folder);
            return Ok(error.hint(format!("it is a folder: vault list {folder}")));
        }
        let near = similar::did_you_mean(&wanted, paths.iter().map(String::as_str));
        Ok(error.hint(near.unwrap_or_else(|| match paths.as_slice() {
            [] => format!("add it: vault add {path:#}"),
            _ => "vault list shows what there is".into(),
        })))
    }

    /// The clients that were not removed.
    pub fn live_clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter().filter(|client| !client.is_removed())
    }

    /// The client with this short name.
    pub fn client(&self, slug: &str) -> Option<&Client> {
        self.live_clients().find(|client| client.slug() == slug)
    }

    /// The client with this short name.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest name as a hint.
    pub fn known_client(&self, slug: &ClientSlug) -> Result<&Client> {
        self.client(slug.as_str()).ok_or_else(|| {
            let near = similar::did_you_mean(slug.as_str(), self.live_clients().map(Client::slug));
            let hint = near.unwrap_or_else(|| "vault client list shows what there is".into());
            Error::not_found(format!("no client {slug}")).hint(hint)
        })
    }

    /// All entries that are not in the trash, with their paths, sorted by path.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn live(&self) -> Result<Vec<(String, &Entry)>> {
        self.entries_by_path(|entry| !entry.is_removed())
    }

    /// The entries that `is_meant`, in the trash or not, with their paths, sorted by path.
    pub(crate) fn entries_by_path(
        &self,
        is_meant: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<(String, &Entry)>> {
        let slugs = self.slugs();
        let path = |it: &Entry| path_of(&slugs, it.client.get().copied(), it.name());
        let meant = self.entries.all()?.into_iter().filter(|it| is_meant(it));
        let mut meant: Vec<_> = meant.map(|entry| (path(entry), entry)).collect();
        meant.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(meant)
    }

    fn heads(&self) -> Result<Vec<EntryHead<'_>>> {
        self.entries.iter().map(EntryHead::of).collect()
    }

    /// Positions and paths of the entries that are not in the trash.
    pub(crate) fn live_positions(&self) -> Result<Vec<(usize, String)>> {
        let slugs = self.slugs();
        let live = (self.heads()?.into_iter().enumerate()).filter(|(_, head)| !head.removed);
        let named = live.map(|(at, head)| (at, path_of(&slugs, head.client, &head.name)));
        Ok(named.collect())
    }

    /// The paths of the entries that are not in the trash, sorted. Nothing else of them is decoded.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn live_paths(&self) -> Result<impl Iterator<Item = String>> {
        let mut live = self.live_positions()?;
        live.sort_by(|(_, a), (_, b)| a.cmp(b));
        Ok(live.into_iter().map(|(_, path)| path))
    }

    /// Refuses a path that exists or that a person could take for one that does.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`], naming the other.
    pub fn check_free(&self, path: &EntryPath) -> Result<()> {
        self.check_free_but_for(path, None)
    }

    /// As [`Self::check_free`]; the entry `moving` may have the path itself.
    pub(crate) fn check_free_but_for(&self, path: &EntryPath, moving: Option<Uuid>) -> Result<()> {
        let Some(client) = self.client(path.client().as_str()) else {
            return self.check_client_free(path.client());
        };
        client.check_open()?;
        let looks_the_same = path.name_look_alike();
        for head in self.heads()? {
            if head.client != Some(client.id) || head.removed || Some(head.id) == moving {
                continue;
            }
            if head.name == path.name() {
                return Err(Error::conflict(format!("{path} already exists")).hint(format!(
                    "to change it: vault edit {path:#}; to give it a new secret: vault edit {path:#} --secret"
                )));
            }
            if looks_the_same(&head.name) {
                return Err(looks_like(
                    &path.to_string(),
                    &format!("{}/{}", client.slug(), head.name),
                ));
            }
        }
        Ok(())
    }

    /// Refuses a client's name that exists or that a person could take for one that does.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`], naming the other.
    pub fn check_client_free(&self, slug: &ClientSlug) -> Result<()> {
        self.check_client_free_but_for(slug, None)
    }

    /// As [`Self::check_client_free`]; the client `renamed` may look like it.
    pub(crate) fn check_client_free_but_for(
        &self,
        slug: &ClientSlug,
        renamed: Option<Uuid>,
    ) -> Result<()> {
        let taken = self.client(slug.as_str());
        if let Some(taken) = taken.filter(|client| Some(client.id) != renamed) {
            taken.check_open()?;
            return Err(Error::conflict(format!("client {slug} already exists"))
                .hint(format!("to change it: vault client edit {slug:#}")));
        }
        match self
            .live_clients()
            .find(|c| Some(c.id) != renamed && are_look_alikes(slug.as_str(), c.slug()))
        {
            Some(other) => Err(looks_like(slug.as_str(), other.slug())),
            None => Ok(()),
        }
    }

    /// Client, name and id of each entry that is not in the trash.
    pub(crate) fn entry_places(&self) -> Result<Vec<(Uuid, String, Uuid)>> {
        let live = self.heads()?.into_iter().filter(|head| !head.removed);
        let placed = live.filter_map(|it| Some((it.client?, it.name.into_owned(), it.id)));
        Ok(placed.collect())
    }

    /// The names of a client's entries that are not in the trash.
    pub(crate) fn live_names(&self, client: Uuid) -> Result<Vec<String>> {
        let mut theirs = self.heads()?;
        theirs.retain(|head| head.client == Some(client) && !head.removed);
        Ok(theirs
            .into_iter()
            .map(|head| head.name.into_owned())
            .collect())
    }

    /// How many entries each client has.
    pub(crate) fn count_entries(&self) -> Result<HashMap<Uuid, EntryCount>> {
        let mut counts: HashMap<Uuid, EntryCount> = HashMap::new();
        for head in self.heads()? {
            if let Some(client) = head.client {
                let entries = counts.entry(client).or_default();
                entries.removed += usize::from(head.removed);
                entries.live += usize::from(!head.removed);
            }
        }
        Ok(counts)
    }

    /// What a person calls each record: entries by path, those in the trash too, and what was
    /// shared and is gone by its path of that day; clients by short name, contacts, and shares by
    /// the start of their ids.
    pub(crate) fn names(&self) -> Result<HashMap<Uuid, String>> {
        let slugs = self.slugs();
        let clients = slugs.iter().map(|(id, slug)| (*id, (*slug).to_owned()));
        let mut names: HashMap<Uuid, String> = clients.collect();
        let shared = self.shares.all()?.into_iter().flat_map(|it| &it.items);
        let handed_over = self.handed_over.all()?.into_iter().flat_map(|it| &it.items);
        for item in shared.chain(handed_over) {
            names.insert(item.entry, item.path.clone());
        }
        for head in self.heads()? {
            names.insert(head.id, path_of(&slugs, head.client, &head.name));
        }
        for contact in self.contacts.all()? {
            names.insert(contact.id, contact.name().to_owned());
        }
        for id in self.handed_over.ids()? {
            names.insert(id, format!("hand-over {}", number(id)));
        }
        for id in self.asks.ids()? {
            names.insert(id, format!("request {}", number(id)));
        }
        for id in self.shares.ids()?.into_iter().chain(self.received.ids()?) {
            names.insert(id, format!("share {}", number(id)));
        }
        Ok(names)
    }

    /// Whose each entry is, those in the trash too.
    pub(crate) fn owners(&self) -> Result<HashMap<Uuid, Uuid>> {
        let owned = |head: EntryHead<'_>| Some((head.id, head.client?));
        Ok(self.heads()?.into_iter().filter_map(owned).collect())
    }

    pub(crate) fn slugs(&self) -> HashMap<Uuid, &str> {
        self.clients.iter().map(|c| (c.id, c.slug())).collect()
    }
}

fn looks_like(new: &str, other: &str) -> Error {
    Error::conflict(format!(
        "{new} looks like {other}, which exists; a person would take one for the other"
    ))
    .hint("choose a name that differs in more than case or look-alike letters")
}
