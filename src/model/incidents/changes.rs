//! What commands change of incidents.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::affected::{IncidentReach, IncidentStart};
use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::incident::{
    AffectedEntry, Incident, IncidentUpdate, LaterFind, ToldClient,
};
use crate::model::records::record_id::number;
use crate::model::records::stamping::Author;
use crate::model::rotation::in_use::is_in_use;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// How many clients a refusal names.
const NAMED: usize = 5;

/// What the law asks to be told of an incident (GDPR Art. 33(3)), each as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct IncidentFields {
    /// What happened, in other words than before.
    pub description: Option<String>,
    /// What kind of breach it is.
    pub nature: Option<String>,
    /// How many people it concerns, and of which kind.
    pub people: Option<String>,
    /// How many records, and of which kind.
    pub records: Option<String>,
    /// What it is likely to lead to.
    pub consequences: Option<String>,
    /// What was done, and what is proposed.
    pub measures: Option<String>,
    /// What it came from.
    pub cause: Option<String>,
}

/// What was learnt of an incident.
#[derive(Clone, Debug, Default)]
pub struct IncidentNews {
    /// An update in the user's own words.
    pub text: Option<String>,
    /// The number of an update that the text stands in the place of; without a text it is taken
    /// back.
    pub replaces: Option<usize>,
    /// What is known by now of what the law asks for.
    pub fields: IncidentFields,
    /// What else was hit.
    pub starts: Vec<IncidentStart>,
    /// Since when that is known, if not only now.
    pub aware: Option<Timestamp>,
}

impl IncidentFields {
    fn each(&self) -> [(&'static str, Option<&String>); 7] {
        [
            ("--description", self.description.as_ref()),
            ("--nature", self.nature.as_ref()),
            ("--people", self.people.as_ref()),
            ("--records", self.records.as_ref()),
            ("--consequences", self.consequences.as_ref()),
            ("--measures", self.measures.as_ref()),
            ("--cause", self.cause.as_ref()),
        ]
    }

    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.each().iter().all(|(_, value)| value.is_none())
    }

    /// Holds each against the rules of texts.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        for (option, value) in self.each() {
            if let Some(value) = value {
                check_text(option, value, FIELD_BYTES)?;
            }
        }
        Ok(())
    }
}

impl Vault {
    /// Enters an incident; its id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for a description that would tell one client of another.
    pub fn open_incident(
        &mut self,
        description: String,
        starts: &[IncidentStart],
        reach: IncidentReach,
        aware: Timestamp,
        author: &Author<'_>,
    ) -> Result<Uuid> {
        self.change(author, "incident", |edit| {
            let id = edit.event.about((author.new_id)());
            edit.event
                .subject
                .extend(reach.affected.iter().map(|it| it.entry));
            edit.event
                .note("phase", "opened")
                .note("entries", reach.affected.len());
            let mut incident = Incident::with(id, author.now, aware, reach.affected);
            incident.concerned = reach.concerned;
            incident.contacts = reach.contacts;
            incident.description.set(edit.stamp, description);
            incident.causes = starts.iter().map(IncidentStart::told).collect();
            edit.vault.check_own_words(&incident)?;
            edit.vault.incidents.add(incident);
            Ok(id)
        })
    }

    /// Adds what was learnt; what it is found to reach beside, or to reach more of, since `aware`,
    /// and what got one of its secrets since.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] for an incident that is closed, and for words that would
    /// tell one client of another; [`crate::error::Kind::NotFound`] for an update that is not there
    /// and for what it came to, as with [`Vault::affected`]; [`crate::error::Kind::Usage`] where it
    /// would be known before the incident was.
    pub fn update_incident(
        &mut self,
        id: Uuid,
        news: IncidentNews,
        author: &Author<'_>,
    ) -> Result<Vec<AffectedEntry>> {
        let incident = self.incidents.by_id(id)?;
        check_open(incident)?;
        if news.aware.is_some_and(|it| it < incident.aware) {
            let aware = incident.aware;
            return Err(Error::usage(format!(
                "--aware is before {aware}, since when you know of the incident"
            )));
        }
        let aware = news.aware.unwrap_or(author.now.max(incident.aware));
        let replaces = news.replaces.map(|n| update_id(incident, n)).transpose()?;
        let reach = self.affected(&news.starts, incident.aware, author.now)?;
        let mut found = self.newly_affected(incident, reach.affected)?;
        let mut later = self.reached_later(incident)?;
        later.retain(|it| !found.iter().any(|new| new.entry == it.entry));
        found.extend(self.newly_affected(incident, later)?);
        let named = reach.concerned.difference(&incident.concerned).copied();
        let whose = found.iter().map(|it| it.client).chain(named).collect();
        let finds = finds_of(incident, &whose, aware, author);
        self.change(author, "incident", |edit| {
            let stamp = edit.stamp;
            let incident = edit.vault.incidents.by_id_mut(edit.event.about(id))?;
            if news.text.is_some() || replaces.is_some() {
                let text = news.text.unwrap_or_default();
                let new = IncidentUpdate::with((author.new_id)(), author.now, text);
                incident.updates.push(IncidentUpdate { replaces, ..new });
            }
            let fields = news.fields;
            if let Some(description) = fields.description {
                incident.description.set(stamp, description);
            }
            for (cell, value) in [
                (&mut incident.nature, fields.nature),
                (&mut incident.people, fields.people),
                (&mut incident.records, fields.records),
                (&mut incident.consequences, fields.consequences),
                (&mut incident.measures, fields.measures),
                (&mut incident.cause, fields.cause),
            ] {
                if value.is_some() {
                    cell.set(stamp, value);
                }
            }
            let is_found = |it: &AffectedEntry| found.iter().any(|new| new.entry == it.entry);
            incident.affected.retain(|it| !is_found(it));
            incident.affected.extend(found.iter().cloned());
            incident.affected.sort_by(|a, b| a.path.cmp(&b.path));
            let causes = news.starts.iter().map(IncidentStart::told);
            incident.causes.extend(causes);
            incident.concerned.extend(reach.concerned);
            incident.contacts.extend(reach.contacts);
            incident.finds.extend(finds);
            edit.event.note("phase", "updated");
            if !found.is_empty() {
                let entries = found.iter().map(|it| it.entry);
                edit.event.subject.extend(entries);
                edit.event.note("entries", found.len());
            }
            edit.vault
                .check_own_words(edit.vault.incidents.by_id(id)?)?;
            Ok(found)
        })
    }

    /// What is reached that an incident does not have yet, or has less of; with what it has. Of a
    /// secret, the version that is in use counts.
    fn newly_affected(
        &self,
        incident: &Incident,
        reached: Vec<AffectedEntry>,
    ) -> Result<Vec<AffectedEntry>> {
        let mut found = Vec::new();
        for mut new in reached {
            let before = incident.affected.iter().find(|it| it.entry == new.entry);
            if let Some(before) = before {
                let entry = self.entries.by_id(new.entry)?;
                for (slot, version) in &before.versions {
                    if is_in_use(entry, slot, *version) || !new.versions.contains_key(slot) {
                        new.versions.insert(slot.clone(), *version);
                    }
                }
                new.by_same_secret &= before.by_same_secret;
                let is_same = new.by_same_secret == before.by_same_secret;
                if is_same && new.versions == before.versions {
                    continue;
                }
            }
            found.push(new);
        }
        Ok(found)
    }

    /// Notes that a client was told, in the place of what was noted before where that was wrong.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a client whom the incident does not concern, or for a time
    /// before anybody knew of it.
    pub fn tell_of_incident(
        &mut self,
        id: Uuid,
        client: Uuid,
        told: ClientTold,
        author: &Author<'_>,
    ) -> Result<()> {
        self.change(author, "incident", |edit| {
            let incident = edit.vault.incidents.by_id_mut(edit.event.about(id))?;
            if !incident.clients().contains(&client) {
                return Err(Error::usage(format!(
                    "incident {} reaches nothing of theirs",
                    number(id)
                ))
                .hint(format!("vault incident show {}", number(id))));
            }
            if told.at < incident.aware {
                let aware = incident.aware;
                return Err(Error::usage(format!(
                    "--at is before {aware}, since when you know of it"
                )));
            }
            let mut new = ToldClient::with((author.new_id)(), told.at, client, told.by);
            if told.replaces_first {
                new.replaces = incident.first_told(client).map(|it| it.id);
            }
            incident.told.push(new);
            edit.event.about(client);
            edit.event.note("phase", "told");
            Ok(())
        })
    }

    fn check_all_told(&self, incident: &Incident) -> Result<()> {
        let untold = self.untold(incident);
        let number = number(incident.id);
        let mut slugs: Vec<&str> = untold.iter().map(|it| it.slug()).collect();
        slugs.sort_unstable();
        let whom = match slugs.as_slice() {
            [] => return Ok(()),
            [only] => as_word(only),
            _ => "--all".to_owned(),
        };
        let verb = if slugs.len() == 1 { "was" } else { "were" };
        let rest = slugs.len().saturating_sub(NAMED);
        slugs.truncate(NAMED);
        let mut names = slugs.join(", ");
        if rest > 0 {
            names = format!("{names} and {rest} more");
        }
        let is_later = |it: &&Client| incident.first_told(it.id).is_some();
        let what = if untold.iter().all(is_later) {
            "what was found later of "
        } else {
            ""
        };
        Err(Error::refused(format!(
            "{names} {verb} not told of {what}incident {number}"
        ))
        .hint(format!(
            "once they were: vault incident told {number} {whom} --by HOW"
        )))
    }

    /// Closes an incident: what it came from and what was done are on record.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] where cause or measures are missing;
    /// [`crate::error::Kind::Refused`] while somebody concerned was not told, or where it is closed.
    pub fn close_incident(&mut self, id: Uuid, author: &Author<'_>) -> Result<()> {
        let incident = self.incidents.by_id(id)?;
        check_open(incident)?;
        let number = number(id);
        for (field, option) in [(&incident.cause, "cause"), (&incident.measures, "measures")] {
            if field.value().is_none() {
                return Err(
                    Error::usage(format!("incident {number} has no {option} on record")).hint(
                        format!("vault incident close {number} --cause TEXT --measures TEXT"),
                    ),
                );
            }
        }
        self.check_all_told(incident)?;
        self.change(author, "incident", |edit| {
            let (stamp, now) = (edit.stamp, author.now);
            let incident = edit.vault.incidents.by_id_mut(edit.event.about(id))?;
            incident.closed.set(stamp, Some(now));
            edit.event.note("phase", "closed");
            Ok(())
        })
    }
}

/// That a client was told.
#[derive(Clone, Debug)]
pub struct ClientTold {
    /// When.
    pub at: Timestamp,
    /// How: `phone`, `mail`…
    pub by: String,
    /// Whether what counted of them before was wrong.
    pub replaces_first: bool,
}

fn update_id(incident: &Incident, at: usize) -> Result<Uuid> {
    let mut valid = incident.valid_updates();
    let found = valid.find(|(n, _)| *n == at);
    found.map(|(_, update)| update.id).ok_or_else(|| {
        let id = number(incident.id);
        Error::not_found(format!("incident {id} has no update {at}")).hint(format!(
            "for its updates, each with its number: vault incident show {id}"
        ))
    })
}

/// That more was found of some clients, known since a time.
fn finds_of(
    incident: &Incident,
    whose: &BTreeSet<Uuid>,
    aware: Timestamp,
    author: &Author<'_>,
) -> Vec<LaterFind> {
    let before = incident.clients();
    let find = |client: &Uuid| {
        let is_first = !before.contains(client);
        let mut find = LaterFind::with((author.new_id)(), author.now, aware, *client, is_first);
        let told = incident.told.iter().filter(|it| it.client == *client);
        find.told_before = told.map(|it| it.id).collect();
        find
    };
    whose.iter().map(find).collect()
}

fn check_open(incident: &Incident) -> Result<()> {
    if incident.is_closed() {
        return Err(
            Error::refused(format!("incident {} is closed", number(incident.id)))
                .hint("what came after is an incident of its own: vault incident open --help"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
