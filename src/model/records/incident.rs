//! Something that may have given credentials away, and what was done about it: the register that
//! GDPR Art. 33(5) asks for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::Cell;
use super::merging::{ListItem, Mergeable, SeenByBoth};
use super::record::record;
use crate::error::Result;

record! {
    /// An incident.
    pub struct Incident as "incident" of "vault incident list" by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was entered.
            created: Timestamp,
            /// Since when it is known here: the clock of whoever keeps the vault starts.
            aware: Timestamp,
            /// What it reaches, as it was on the day when that was found.
            affected: Vec<AffectedEntry>,
        }
        optional {
            /// What happened, in the user's own words.
            description: Cell<String>,
            /// What it began with or was found to come to later, as it was typed: `host
            /// acme.example`, `contact bob`.
            causes: BTreeSet<String>,
            /// Clients whom it concerns whatever it reaches of theirs: they were named, or an
            /// address of theirs was.
            concerned: BTreeSet<Uuid>,
            /// The contacts among the causes, whatever they are called by now.
            contacts: BTreeSet<Uuid>,
            /// What was learnt since, oldest first.
            updates: Vec<IncidentUpdate>,
            /// Which clients were told.
            told: Vec<ToldClient>,
            /// Of which clients more was found after it was entered.
            finds: Vec<LaterFind>,
            /// What kind of breach it is.
            nature: Cell<Option<String>>,
            /// How many people it concerns, and of which kind, as far as is known.
            people: Cell<Option<String>>,
            /// How many records, and of which kind.
            records: Cell<Option<String>>,
            /// What it is likely to lead to.
            consequences: Cell<Option<String>>,
            /// What was done, and what is proposed.
            measures: Cell<Option<String>>,
            /// What it came from.
            cause: Cell<Option<String>>,
            /// When it was closed.
            closed: Cell<Option<Timestamp>>,
        }
    }
}

record! {
    /// An entry that an incident reaches, with its names of that day.
    pub struct AffectedEntry {
        required {
            /// The entry.
            entry: Uuid,
            /// Whose it was.
            client: Uuid,
            /// Its path.
            path: String,
            /// Whether it is reached only because its secret is that of another one.
            by_same_secret: bool,
        }
        optional {
            /// Where one logs in.
            urls: Vec<String>,
            /// Whom one logs in as.
            username: Option<String>,
            /// The versions that may be known, by the name of the secret, and files by
            /// `attachment:NAME`.
            versions: BTreeMap<String, Uuid>,
        }
    }
}

/// Reached is what either knows to be: somebody may have found more on one device.
impl ListItem for AffectedEntry {
    fn merge_lists(own: &[Self], other: &[Self], known: &SeenByBoth) -> Result<Vec<Self>> {
        let mut both: BTreeMap<Uuid, Self> = BTreeMap::new();
        for item in own.iter().chain(other) {
            let joined = match both.get(&item.entry) {
                Some(before) => {
                    let mut joined = before.merged(item, known)?;
                    joined.by_same_secret = before.by_same_secret && item.by_same_secret;
                    joined
                }
                None => item.clone(),
            };
            both.insert(item.entry, joined);
        }
        let mut both: Vec<Self> = both.into_values().collect();
        both.sort_by(|a, b| (&a.path, a.entry).cmp(&(&b.path, b.entry)));
        Ok(both)
    }
}

record! {
    /// What was learnt of an incident.
    pub struct IncidentUpdate by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// What, in the user's own words; empty where it only takes back the one that it replaces.
            text: String,
        }
        optional {
            /// The update in whose place it stands.
            replaces: Option<Uuid>,
        }
    }
}

record! {
    /// That a client was told of an incident: the client's own clock starts.
    pub struct ToldClient by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// Whom.
            client: Uuid,
            /// How: `phone`, `mail`…
            by: String,
        }
        optional {
            /// The one in whose place it stands.
            replaces: Option<Uuid>,
        }
    }
}

record! {
    /// That something of a client was found after the incident was entered: they are to be told of
    /// that too.
    pub struct LaterFind by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was entered.
            time: Timestamp,
            /// Since when it is known.
            aware: Timestamp,
            /// Whose it is.
            client: Uuid,
            /// Whether the incident concerned nothing of theirs before.
            is_first: bool,
        }
        optional {
            /// The tellings of before, which were not of this.
            told_before: BTreeSet<Uuid>,
        }
    }
}

impl Incident {
    /// Whether it is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.value().is_some()
    }

    /// All that the user wrote of it that stands in letters.
    #[must_use]
    pub fn own_words(&self) -> Vec<&str> {
        let cells = [
            &self.nature,
            &self.people,
            &self.records,
            &self.consequences,
            &self.measures,
            &self.cause,
        ];
        let cells = cells.into_iter().filter_map(|cell| cell.value());
        let updates = self.valid_updates().map(|(_, it)| it.text.as_str());
        let fields = cells.map(String::as_str).chain(updates);
        fields.chain([self.description.text()]).collect()
    }

    /// The updates that stand, each with its number: no other took their place or took them back.
    pub fn valid_updates(&self) -> impl Iterator<Item = (usize, &IncidentUpdate)> {
        let replaced: BTreeSet<Uuid> = self.updates.iter().filter_map(|it| it.replaces).collect();
        let numbered = (1..).zip(&self.updates);
        numbered.filter(move |(_, it)| !it.text.is_empty() && !replaced.contains(&it.id))
    }

    /// The clients whom it concerns.
    #[must_use]
    pub fn clients(&self) -> BTreeSet<Uuid> {
        let affected = self.affected.iter().map(|it| it.client);
        affected.chain(self.concerned.iter().copied()).collect()
    }

    /// How and when a client was told, each time that stands, in the order of the times.
    #[must_use]
    pub fn tellings(&self, client: Uuid) -> Vec<&ToldClient> {
        let replaced: BTreeSet<Uuid> = self.told.iter().filter_map(|it| it.replaces).collect();
        let told = self.told.iter().filter(|it| it.client == client);
        let mut told: Vec<&ToldClient> = told.filter(|it| !replaced.contains(&it.id)).collect();
        told.sort_by_key(|it| it.time);
        told
    }

    /// How and when a client was told first, if they were.
    #[must_use]
    pub fn first_told(&self, client: Uuid) -> Option<&ToldClient> {
        self.tellings(client).into_iter().next()
    }

    /// Since when it is known that it concerns a client.
    #[must_use]
    pub fn known_since(&self, client: Uuid) -> Timestamp {
        let first = self.first_find(client).filter(|it| it.is_first);
        first.map_or(self.aware, |it| it.aware)
    }

    /// The last that was found of a client who was told, and that they were not told of.
    #[must_use]
    pub fn untold_find(&self, client: Uuid) -> Option<&LaterFind> {
        let told = self.tellings(client);
        let first = self.first_find(client).filter(|it| it.is_first);
        let is_told = |find: &LaterFind| {
            // One who was called before it was entered was told of what concerned them first.
            let is_first = first.is_some_and(|it| it.id == find.id);
            let mut since = told.iter().filter(|it| !find.told_before.contains(&it.id));
            since.any(|it| is_first || it.time >= find.aware)
        };
        let finds = self.finds.iter().filter(|it| it.client == client);
        let untold = finds.filter(|find| !told.is_empty() && !is_told(find));
        untold.max_by_key(|it| it.time)
    }

    /// When it was entered that something of a client is reached, the last time.
    #[must_use]
    pub fn last_found(&self, client: Uuid) -> Timestamp {
        let finds = self.finds.iter().filter(|it| it.client == client);
        finds.map(|it| it.time).max().unwrap_or(self.created)
    }

    fn first_find(&self, client: Uuid) -> Option<&LaterFind> {
        let finds = self.finds.iter().filter(|it| it.client == client);
        finds.min_by_key(|it| (it.aware, it.id))
    }
}
