//! What a later file has narrowed without ending it: entries in the trash or of another client,
//! clients that were removed, the least that a consent has to be, and consents that end sooner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::Endings;
use crate::error::Result;
use crate::model::records::cell::{Cell, Seen, Stamp};
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, ConsentEvent, SHORTENED};
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::text::path_of::path_of;
use crate::model::vault::Vault;

/// Where an entry went.
enum Departure {
    Trash(Timestamp),
    Client(Uuid),
}

impl Vault {
    /// Carries over what a client of `later` asks for in writes that are not in `known`, where it
    /// is more than here: of any consent, and an earlier end of one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn carry_stricter_from(
        &mut self,
        later: &Self,
        known: &Seen,
        author: &Author<'_>,
    ) -> Result<Endings> {
        let stamp = self.seen.next(author.device);
        Ok(Endings {
            stricter: self.raise_assurance(later, known, stamp),
            shortened: self.shorten_consents(later, known, stamp)?,
            ..Endings::default()
        })
    }

    /// Carries over which entries and clients `later` has removed or moved in writes that are not
    /// in `known`. An entry that cannot go where it went there, since that client is not here or
    /// its path is taken, goes to the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn carry_departures_from(
        &mut self,
        later: &Self,
        known: &Seen,
        author: &Author<'_>,
    ) -> Result<Endings> {
        let stamp = self.seen.next(author.device);
        let (trashed, moved) = self.let_entries_go(later, known, stamp, author)?;
        Ok(Endings {
            trashed,
            moved,
            removed: self.remove_clients(later, known, stamp)?,
            ..Endings::default()
        })
    }

    fn let_entries_go(
        &mut self,
        later: &Self,
        known: &Seen,
        stamp: Stamp,
        author: &Author<'_>,
    ) -> Result<(BTreeSet<Uuid>, BTreeSet<Uuid>)> {
        let left = later.left(known)?;
        let (mut trashed, mut moved) = (BTreeSet::new(), BTreeSet::new());
        let mut leaving = Vec::new();
        for lazy in self.entries.iter_mut() {
            let entry = lazy.get()?;
            match left.get(&entry.id) {
                Some(Departure::Trash(time)) if !entry.is_removed() => {
                    trashed.insert(entry.id);
                    lazy.get_mut()?.removed.set(stamp, Some(*time));
                }
                Some(Departure::Client(client)) if entry.client.get() != Some(client) => {
                    leaving.push((entry.id, *client, entry.name().to_owned()));
                }
                _ => {}
            }
        }
        for (id, client, name) in leaving {
            let is_free = self.has_room(id, client, &name);
            let entry = self.entries.by_id_mut(id)?;
            if is_free {
                entry.client.set(stamp, client);
                moved.insert(id);
            } else if !entry.is_removed() {
                entry.removed.set(stamp, Some(author.now));
                trashed.insert(id);
            }
        }
        Ok((trashed, moved))
    }

    /// The entries that went to the trash or to another client in writes that are not in `known`.
    fn left(&self, known: &Seen) -> Result<BTreeMap<Uuid, Departure>> {
        let mut left = BTreeMap::new();
        for entry in self.entries.all()? {
            let (removed, client) = (entry.removed.value(), entry.client.get());
            if let Some(time) = removed.filter(|_| is_news(&entry.removed, known)) {
                left.insert(entry.id, Departure::Trash(*time));
            } else if let Some(client) = client.filter(|_| is_news(&entry.client, known)) {
                left.insert(entry.id, Departure::Client(*client));
            }
        }
        Ok(left)
    }

    fn has_room(&self, entry: Uuid, client: Uuid, name: &str) -> bool {
        let is_live = self.live_clients().any(|it| it.id == client);
        let path = path_of(&self.slugs(), Some(client), name).parse::<EntryPath>();
        is_live && path.is_ok_and(|path| self.check_free_but_for(&path, Some(entry)).is_ok())
    }

    fn raise_assurance(&mut self, later: &Self, known: &Seen, stamp: Stamp) -> BTreeSet<Uuid> {
        let mut raised = BTreeSet::new();
        for theirs in &later.clients {
            let mine = self.client_mut(theirs.id);
            let Some(mine) = mine.filter(|mine| is_stricter(theirs, mine)) else {
                continue;
            };
            if is_news(&theirs.min_assurance, known) {
                let least = theirs.min_assurance.value().cloned();
                mine.min_assurance.set(stamp, least);
                raised.insert(theirs.id);
            }
        }
        raised
    }

    /// Lets the consents end sooner that were given and shortened, with the events that say so.
    fn shorten_consents(
        &mut self,
        later: &Self,
        known: &Seen,
        stamp: Stamp,
    ) -> Result<BTreeSet<Uuid>> {
        let mut shortened = BTreeSet::new();
        for theirs in later.consents.all()? {
            let mine = self.consents.find_mut(theirs.id)?;
            let is_longer = |mine: &&mut Consent| {
                mine.was_given() && theirs.permitted_until() < mine.permitted_until()
            };
            let Some(mine) = mine.filter(is_longer) else {
                continue;
            };
            if is_news(&theirs.until, known) {
                mine.until.set(stamp, theirs.earlier_end());
                let is_new = |event: &&ConsentEvent| {
                    event.state == SHORTENED && !mine.events.iter().any(|it| it.id == event.id)
                };
                let new: Vec<ConsentEvent> = theirs.events.iter().filter(is_new).cloned().collect();
                mine.events.extend(new);
                shortened.insert(theirs.id);
            }
        }
        Ok(shortened)
    }

    /// Removes the clients that were removed and have no entry here.
    fn remove_clients(
        &mut self,
        later: &Self,
        known: &Seen,
        stamp: Stamp,
    ) -> Result<BTreeSet<Uuid>> {
        let counts = self.count_entries()?;
        let mut removed = BTreeSet::new();
        for theirs in &later.clients {
            let mine = self.client_mut(theirs.id);
            let Some(mine) = mine.filter(|mine| !counts.contains_key(&mine.id)) else {
                continue;
            };
            if is_news(&theirs.removed, known)
                && super::end(&mut mine.removed, &theirs.removed, stamp)
            {
                removed.insert(theirs.id);
            }
        }
        Ok(removed)
    }
}

/// Whether a cell was written beyond what is known.
fn is_news<T: PartialEq>(cell: &Cell<T>, known: &Seen) -> bool {
    !cell.is_covered_by(known)
}

/// Whether a client asks for more than the same one did elsewhere. What this version does not know
/// cannot be reached, and is the strictest.
fn is_stricter(one: &Client, other: &Client) -> bool {
    match (one.least_assurance(), other.least_assurance()) {
        (one, Some(other)) => one.is_none_or(|one| one > other),
        (_, None) => false,
    }
}
