//! One record again as it was: only what differs is written, each as a new value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::model::entry::fields::{EntryField, EntryValues};
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::{Cell, Stamp};
use crate::model::records::client::Client;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::fields::FieldValues;
use crate::model::records::stamping::Author;

/// Why a version is there that its entry no longer had.
const REASON: &str = "restore";

/// Writes the old value where it is another; whether it was.
pub(crate) fn restore_cell<T: Clone + Default + PartialEq>(
    now: &mut Cell<T>,
    then: &Cell<T>,
    stamp: Stamp,
) -> bool {
    let wanted = then.get().cloned().unwrap_or_default();
    let differs = now
        .get()
        .map_or(wanted != T::default(), |now| *now != wanted);
    if differs {
        now.set(stamp, wanted);
    }
    differs
}

/// As [`restore_cell`], of all cells under a name; the names whose cells differed.
fn restore_cells<T: Clone + PartialEq>(
    now: &mut BTreeMap<String, Cell<Option<T>>>,
    wanted: impl IntoIterator<Item = (String, Option<T>)>,
    stamp: Stamp,
) -> Vec<String> {
    let mut differed = Vec::new();
    for (name, wanted) in wanted {
        let is = now.get(&name).and_then(Cell::value);
        if is != wanted.as_ref() {
            now.entry(name.clone()).or_default().set(stamp, wanted);
            differed.push(name);
        }
    }
    differed
}

impl Client {
    /// Makes what is known of a client what it was, but for what decides about permission. The
    /// short name is left where another has the old one.
    pub(crate) fn put_back(
        &mut self,
        then: &Self,
        name_is_free: bool,
        stamp: Stamp,
    ) -> Vec<String> {
        let slug = name_is_free && restore_cell(&mut self.slug, &then.slug, stamp);
        let differed = [
            (slug, "short name"),
            (restore_cell(&mut self.name, &then.name, stamp), "name"),
            (
                restore_cell(&mut self.contacts, &then.contacts, stamp),
                "contacts",
            ),
            (restore_cell(&mut self.rules, &then.rules, stamp), "rules"),
            (
                restore_cell(&mut self.retain_until, &then.retain_until, stamp),
                "retain-until",
            ),
            (restore_cell(&mut self.role, &then.role, stamp), "role"),
            (restore_cell(&mut self.lang, &then.lang, stamp), "lang"),
            (
                restore_cell(&mut self.channel, &then.channel, stamp),
                "channel",
            ),
        ];
        names(&differed)
    }
}

/// A client that is not there any more, under a new id.
pub(crate) fn back_client(id: Uuid, then: &Client, stamp: Stamp) -> Client {
    let mut client = Client::with(id, then.created);
    restore_cell(&mut client.keys, &then.keys, stamp);
    restore_cell(&mut client.min_assurance, &then.min_assurance, stamp);
    restore_cell(&mut client.persons, &then.persons, stamp);
    restore_cell(&mut client.agreed_on, &then.agreed_on, stamp);
    client
}

fn names(differed: &[(bool, &str)]) -> Vec<String> {
    let names = differed.iter().filter(|(differs, _)| *differs);
    names.map(|(_, name)| (*name).to_owned()).collect()
}

/// What entries are put back with.
pub(crate) struct EntryRestorer<'a> {
    stamp: Stamp,
    author: &'a Author<'a>,
    tombstones: &'a BTreeSet<Uuid>,
}

impl<'a> EntryRestorer<'a> {
    pub(crate) fn new(
        stamp: Stamp,
        author: &'a Author<'a>,
        tombstones: &'a BTreeSet<Uuid>,
    ) -> Self {
        Self {
            stamp,
            author,
            tombstones,
        }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.author.now
    }

    /// An entry that is not there any more, under new ids, with the history that it had.
    pub(crate) fn entry(&self, then: &Entry, client: Uuid) -> Entry {
        let mut entry = Entry::with((self.author.new_id)(), then.created);
        entry.received = then.received;
        entry.updated = Some(self.author.now);
        let mut ids = HashMap::new();
        for version in &then.versions {
            if !self.tombstones.contains(&version.id) {
                let copy = self.version(version, &version.reason);
                ids.insert(version.id, copy.id);
                entry.versions.push(copy);
            }
        }
        self.put_back_under(&mut entry, then, Some(client), &ids);
        entry
    }

    /// Makes an entry what it was; the names of what differed. Whether it is in the trash is left
    /// to the caller.
    pub(crate) fn put_back(
        &self,
        now: &mut Entry,
        then: &Entry,
        client: Option<Uuid>,
    ) -> Vec<String> {
        self.put_back_under(now, then, client, &HashMap::new())
    }

    fn put_back_under(
        &self,
        now: &mut Entry,
        then: &Entry,
        client: Option<Uuid>,
        ids: &HashMap<Uuid, Uuid>,
    ) -> Vec<String> {
        let stamp = self.stamp;
        let moves = client.filter(|client| now.client.get() != Some(client));
        if let Some(client) = moves {
            now.client.set(stamp, client);
        }
        let mut differed = names(&[
            (moves.is_some(), "client"),
            (restore_cell(&mut now.name, &then.name, stamp), "name"),
        ]);
        let (values, mut emptied) = EntryValues::of(now).changes_to(&EntryValues::of(then));
        // That takes the master password, which nobody asks for here.
        emptied.retain(|field| *field != EntryField::UseOnly);
        let changed = values.set_fields().chain(emptied.iter().copied());
        differed.extend(changed.map(|field| field.row().label.replace(' ', "-")));
        values.write_to(now, stamp);
        for field in emptied {
            now.empty(field, stamp);
        }
        let fields = all_names(&now.fields, &then.fields)
            .into_iter()
            .map(|name| {
                let wanted = then.fields.get(&name).and_then(Cell::value).cloned();
                (name, wanted)
            });
        let fields: Vec<_> = fields.collect();
        differed.extend(restore_cells(&mut now.fields, fields, stamp));
        let secrets = self.wanted_secrets(now, then, ids);
        differed.extend(restore_cells(&mut now.current, secrets, stamp));
        if self.put_back_pending(now, then, ids) {
            differed.push("pending rotation".into());
        }
        let files = self.wanted_files(now, then);
        let files = restore_cells(&mut now.attached, files, stamp);
        differed.extend(files.iter().map(|name| format!("attachment {name}")));
        differed
    }

    /// Which version each secret is to have; a purged one does not come back, and what is there
    /// instead stays.
    fn wanted_secrets(
        &self,
        now: &mut Entry,
        then: &Entry,
        ids: &HashMap<Uuid, Uuid>,
    ) -> Vec<(String, Option<Uuid>)> {
        let mut wanted = Vec::new();
        for slot in all_names(&now.current, &then.current) {
            match then.current(&slot) {
                None => wanted.push((slot, None)),
                Some(version) => {
                    if let Some(id) = self.version_in(now, version, ids) {
                        wanted.push((slot, Some(id)));
                    }
                }
            }
        }
        wanted
    }

    fn put_back_pending(&self, now: &mut Entry, then: &Entry, ids: &HashMap<Uuid, Uuid>) -> bool {
        let wanted = match then.pending() {
            None => None,
            Some(version) => match self.version_in(now, version, ids) {
                Some(id) => Some(id),
                None => return false,
            },
        };
        let differs = now.pending.value() != wanted.as_ref();
        if differs {
            now.pending.set(self.stamp, wanted);
        }
        differs
    }

    /// The id of this version in `now`, where it is added if it is missing. `None` if it was
    /// purged.
    fn version_in(
        &self,
        now: &mut Entry,
        version: &Version,
        ids: &HashMap<Uuid, Uuid>,
    ) -> Option<Uuid> {
        if let Some(id) = ids.get(&version.id) {
            return Some(*id);
        }
        if now.versions.iter().any(|known| known.id == version.id) {
            return Some(version.id);
        }
        if self.tombstones.contains(&version.id) {
            return None;
        }
        let highest = now.history(version.slot()).map(|known| known.number).max();
        let mut copy = self.version(version, REASON);
        copy.number = highest.unwrap_or(0) + 1;
        copy.created = self.author.now;
        let id = copy.id;
        now.versions.push(copy);
        Some(id)
    }

    fn version(&self, then: &Version, reason: &str) -> Version {
        let mut copy = Version::with(
            (self.author.new_id)(),
            then.number,
            then.created,
            reason.to_owned(),
            then.value.clone(),
        );
        copy.slot.clone_from(&then.slot);
        restore_cell(&mut copy.promoted, &then.promoted, self.stamp);
        restore_cell(&mut copy.aborted, &then.aborted, self.stamp);
        restore_cell(&mut copy.refused, &then.refused, self.stamp);
        copy
    }

    fn wanted_files(&self, now: &mut Entry, then: &Entry) -> Vec<(String, Option<Uuid>)> {
        let mut wanted = Vec::new();
        for name in all_names(&now.attached, &then.attached) {
            match then.attachment(&name) {
                None => wanted.push((name, None)),
                Some(file) if now.attachments.iter().any(|known| known.id == file.id) => {
                    wanted.push((name, Some(file.id)));
                }
                Some(file) if self.tombstones.contains(&file.id) => {}
                Some(file) => {
                    let id = (self.author.new_id)();
                    now.attachments.push(Attachment { id, ..file.clone() });
                    wanted.push((name, Some(id)));
                }
            }
        }
        wanted
    }
}

fn all_names<T>(one: &BTreeMap<String, T>, two: &BTreeMap<String, T>) -> BTreeSet<String> {
    one.keys().chain(two.keys()).cloned().collect()
}
