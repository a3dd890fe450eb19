//! Giving an entry, a folder or a client another name, and entries another client.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::record_id::number;
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::text::name::{ClientSlug, EntryPath, look};
use crate::model::text::selector::{EntryFolder, Selector};
use crate::model::vault::Vault;

/// What a move is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// A client gets another name: its records and permissions stay.
    Client {
        /// The client.
        id: Uuid,
        /// What it is called.
        old: ClientSlug,
        /// What it is to be called.
        new: ClientSlug,
    },
    /// Entries get other paths, all of one client.
    Entries(Vec<MovedEntry>),
}

/// An entry and its other path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedEntry {
    /// The entry.
    pub id: Uuid,
    /// Where it is.
    pub old: EntryPath,
    /// Where it is to be.
    pub new: EntryPath,
}

impl MovedEntry {
    fn changes_client(&self) -> bool {
        self.old.client() != self.new.client()
    }
}

/// What a move did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What was done.
    pub done: Move,
    /// Whether the client of the new paths is new.
    pub client_is_new: bool,
    /// What entries have left, see [`Vault::permissions_left`].
    pub left: Vec<String>,
    /// The client that has no entries any more, none in the trash either.
    pub emptied: Option<ClientSlug>,
}

impl Vault {
    /// What moving `old` to `new` comes to. Where `new` is a client that does not exist, all of a
    /// client gets that name. A folder that goes into a client keeps its own.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for `old`; [`crate::error::Kind::Conflict`] if a new name is
    /// taken or looks like another, and for what is shared and would leave its client;
    /// [`crate::error::Kind::Usage`] for what cannot be moved so.
    pub fn plan_move(&self, old: &Selector, new: &Selector, now: Timestamp) -> Result<Move> {
        let paths = match (old, new) {
            (Selector::Entry(old), Selector::Entry(new)) => vec![(old.clone(), new.clone())],
            (Selector::Entry(old), Selector::Folder(into)) => {
                let name = old.name().rsplit('/').next().unwrap_or_default();
                vec![(old.clone(), path_in(into, name)?)]
            }
            (Selector::Folder(old), Selector::Folder(new))
                if old.is_whole_client() && new.is_whole_client() && !self.has_client(new) =>
            {
                return self.plan_client_rename(old.client(), new.client());
            }
            (Selector::Folder(old), Selector::Folder(new)) => self.folder_paths(old, new)?,
            (Selector::Folder(old), Selector::Entry(new)) => {
                return Err(
                    Error::usage(format!("{old} is no entry, and {new} is named as one")).hint(
                        format!("end both with /: vault mv {old:#} {:#}", folder_of(new)?),
                    ),
                );
            }
            (Selector::Pattern(_), _) | (_, Selector::Pattern(_)) => {
                return Err(Error::usage("a pattern cannot be moved")
                    .hint("name an entry, or a folder as in: vault mv acme/shop/ globex/"));
            }
        };
        let moved = self.with_ids(paths)?;
        self.check_all_free(&moved)?;
        self.check_not_shared(&moved, now)?;
        Ok(Move::Entries(moved))
    }

    fn has_client(&self, folder: &EntryFolder) -> bool {
        self.client(folder.client().as_str()).is_some()
    }

    /// What giving a client another name comes to.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Conflict`] if the name is taken or
    /// looks like another.
    pub fn plan_client_rename(&self, old: &ClientSlug, new: &ClientSlug) -> Result<Move> {
        let client = self.known_client(old)?;
        let id = client.id;
        if old == new && !client.slug.in_conflict() {
            return Err(called_so_already(old));
        }
        self.check_client_free_but_for(new, Some(id))
            .map_err(|why| {
                let move_them = format!("to move its entries there: vault mv {old:#}/ {new:#}/");
                match self.client(new.as_str()) {
                    Some(_) => why.hint(move_them),
                    None => why,
                }
            })?;
        let (old, new) = (old.clone(), new.clone());
        Ok(Move::Client { id, old, new })
    }

    fn folder_paths(
        &self,
        old: &EntryFolder,
        new: &EntryFolder,
    ) -> Result<Vec<(EntryPath, EntryPath)>> {
        let new = new.taking(old);
        let entries = self.selected(&[Selector::Folder(old.clone())])?;
        let paths = entries.into_iter().map(|path| {
            let text = path.to_string();
            let to = path_in(&new, old.below(&text).unwrap_or_default())?;
            Ok((path, to))
        });
        paths.collect()
    }

    fn with_ids(&self, paths: Vec<(EntryPath, EntryPath)>) -> Result<Vec<MovedEntry>> {
        if let [(old, _)] = paths.as_slice() {
            self.entry(old)?;
        }
        let slugs = self.slugs();
        let places = self.entry_places()?.into_iter();
        let ids: HashMap<String, Uuid> = places
            .filter_map(|(client, name, id)| Some((format!("{}/{name}", slugs.get(&client)?), id)))
            .collect();
        let moved = paths.into_iter().map(|(old, new)| {
            let id = ids.get(&old.to_string()).copied();
            let id = id.ok_or_else(|| Error::not_found(format!("no entry {old}")))?;
            if old == new && !self.is_path_in_conflict(id)? {
                return Err(called_so_already(&old));
            }
            Ok(MovedEntry { id, old, new })
        });
        moved.collect()
    }

    fn is_path_in_conflict(&self, id: Uuid) -> Result<bool> {
        let entry = self.entries.by_id(id)?;
        Ok(entry.client.in_conflict() || entry.name.in_conflict())
    }

    /// Refuses new paths that other entries have, or that a person could take for theirs.
    fn check_all_free(&self, moved: &[MovedEntry]) -> Result<()> {
        let Some(first) = moved.first() else {
            return Ok(());
        };
        let Some(client) = self.client(first.new.client().as_str()) else {
            return self.check_client_free(first.new.client());
        };
        client.check_open()?;
        let moving: HashSet<Uuid> = moved.iter().map(|it| it.id).collect();
        let mut looks = HashSet::new();
        for (owner, name, id) in self.entry_places()? {
            if owner == client.id && !moving.contains(&id) {
                looks.insert(look(&name));
            }
        }
        let mut taken = moved
            .iter()
            .filter(|it| looks.contains(&look(it.new.name())));
        taken.try_for_each(|it| {
            let free = self.check_free_but_for(&it.new, Some(it.id));
            free.map_err(|why| match self.entry(&it.new) {
                Ok(_) => why.hint(format!(
                    "choose another name, or give that one another first: vault mv {:#} NEW_NAME",
                    it.new
                )),
                Err(_) => why,
            })
        })
    }

    /// Refuses to take from a client what somebody may use by its permission.
    fn check_not_shared(&self, moved: &[MovedEntry], now: Timestamp) -> Result<()> {
        let leaving: HashMap<Uuid, &EntryPath> = (moved.iter())
            .filter(|it| it.changes_client())
            .map(|it| (it.id, &it.old))
            .collect();
        let Some(client) = leaving.values().next().map(|path| path.client()) else {
            return Ok(());
        };
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        for line in self.ledger(now)? {
            let contact = self.contact_name(line.share.recipient.contact)?;
            let number = number(line.share.id);
            for path in line.live_items().filter_map(|it| leaving.get(&it.entry)) {
                lines.push(format!("{path}: {contact}, share {number}"));
                numbers.push(number.clone());
            }
        }
        lines.sort();
        let Some(number) = numbers.first() else {
            return Ok(());
        };
        Err(Error::conflict(format!(
            "what is shared by a permission of {client} cannot go to another client"
        ))
        .details(lines)
        .hint(format!("end what is shared first: vault revoke {number}")))
    }

    /// The live permissions that entries leave when they go to another client, each as people are
    /// told it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn permissions_left(&self, moved: &[MovedEntry], now: Timestamp) -> Result<Vec<String>> {
        let mut left = Vec::new();
        for consent in self.all_consents()? {
            if !consent.is_live(now) {
                continue;
            }
            let mut paths = Vec::new();
            for it in moved.iter().filter(|it| it.changes_client()) {
                let path = it.old.to_string();
                if consent.covers(self.entries.by_id(it.id)?, &path) {
                    paths.push(path);
                }
            }
            if !paths.is_empty() {
                let (number, to) = (number(consent.id), self.contact_names(&consent.contacts())?);
                let (paths, to) = (paths.join(", "), to.join(", "));
                left.push(format!(
                    "{paths}: no longer covered by consent {number}, for {to}"
                ));
            }
        }
        Ok(left)
    }

    /// Moves what [`Self::plan_move`] finds; ids and histories stay. A new client is made.
    ///
    /// # Errors
    /// As [`Self::plan_move`].
    pub fn move_all(
        &mut self,
        old: &Selector,
        new: &Selector,
        author: &Author<'_>,
    ) -> Result<Moved> {
        let plan = self.plan_move(old, new, author.now)?;
        self.make_move(plan, author)
    }

    /// Moves an entry to another path, see [`Self::move_all`].
    ///
    /// # Errors
    /// As [`Self::plan_move`].
    pub fn rename(
        &mut self,
        old: &EntryPath,
        new: &EntryPath,
        author: &Author<'_>,
    ) -> Result<Moved> {
        let (old, new) = (Selector::Entry(old.clone()), Selector::Entry(new.clone()));
        self.move_all(&old, &new, author)
    }

    /// Gives a client another name; its records and permissions stay.
    ///
    /// # Errors
    /// As [`Self::plan_client_rename`].
    pub fn rename_client(
        &mut self,
        old: &ClientSlug,
        new: &ClientSlug,
        author: &Author<'_>,
    ) -> Result<Moved> {
        let plan = self.plan_client_rename(old, new)?;
        self.make_move(plan, author)
    }

    fn make_move(&mut self, done: Move, author: &Author<'_>) -> Result<Moved> {
        match &done {
            Move::Client { id, new, .. } => {
                self.change_surely(author, "rename", |edit| {
                    edit.event.about(*id);
                    if let Some(client) = edit.vault.client_mut(*id) {
                        client.slug.set(edit.stamp, new.as_str().to_owned());
                    }
                });
                Ok(Moved {
                    done,
                    client_is_new: false,
                    left: vec![],
                    emptied: None,
                })
            }
            Move::Entries(moved) => {
                let left = self.permissions_left(moved, author.now)?;
                let client_is_new = self.move_entries(moved, author)?;
                let from = moved.first().map(|it| it.old.client().clone());
                let emptied = from.filter(|slug| self.check_client_empty(slug).is_ok());
                Ok(Moved {
                    done,
                    client_is_new,
                    left,
                    emptied,
                })
            }
        }
    }

    /// Whether the client that they go to was made.
    fn move_entries(&mut self, moved: &[MovedEntry], author: &Author<'_>) -> Result<bool> {
        let Some(first) = moved.first() else {
            return Ok(false);
        };
        self.change(author, "move", |edit| {
            let (client, client_is_new) = edit.client_for(first.new.client());
            for it in moved {
                let entry = edit.vault.entries.by_id_mut(it.id)?;
                if let Some(from) = entry.client.get().filter(|from| **from != client) {
                    let event = edit.event.note("from", from.to_string());
                    event.note("to", client.to_string());
                }
                // Of what devices have named apart, this counts from now on.
                entry.client.set(edit.stamp, client);
                entry.name.set(edit.stamp, it.new.name().to_owned());
                entry.updated = Some(author.now);
                edit.event.about(it.id);
            }
            Ok(client_is_new)
        })
    }
}

fn path_in(folder: &EntryFolder, name: &str) -> Result<EntryPath> {
    folder.path_of(name).map_err(Error::usage)
}

fn folder_of(path: &EntryPath) -> Result<EntryFolder> {
    format!("{path}/")
        .parse()
        .map_err(|why: String| Error::usage(why))
}

fn called_so_already(name: impl std::fmt::Display) -> Error {
    Error::conflict(format!("{name} already has that name")).hint("give it another name")
}

#[cfg(test)]
mod tests;
