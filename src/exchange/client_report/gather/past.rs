//! Days of use, refusals and incidents.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use super::{Gathering, LogSeen};
use crate::error::Result;
use crate::exchange::client_report::summary::{RefusedAttempt, ReportedIncident, UsedDay};
use crate::model::findings::unusual::USES;
use crate::model::history::in_words::action_in_words;
use crate::model::incidents::affected::AffectedState;
use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::number;
use crate::model::text::visible::one_line;

/// What stands above the heads of a log.
const HEADS: &str = "How far the log of each device had come, and the SHA-256 of its last line:";

impl Gathering<'_> {
    /// The client's entries by id, with what each is called.
    fn names(&self) -> Result<HashMap<Uuid, String>> {
        let client = self.scope.client.id;
        let theirs = |id: &Uuid, path: &str| (*id, self.entry_name(*id, path));
        let entries = self
            .vault
            .entries_by_path(|it| it.client.get() == Some(&client))?;
        let entries = entries.iter().map(|(path, it)| theirs(&it.id, path));
        Ok(entries.collect())
    }

    /// On which days something was used; `events` are the client's.
    pub(super) fn used(&self, events: &[(DeviceId, Event)]) -> Result<Vec<UsedDay>> {
        let names = self.names()?;
        let purges = self.vault.past_purges(self.scope.client);
        let removed: HashSet<Uuid> = purges.into_iter().flat_map(|it| it.entries).collect();
        let mut days: BTreeMap<Date, UsedDay> = BTreeMap::new();
        for (_, event) in events {
            let is_use = USES.contains(&event.action.as_str());
            let used = event.subject.iter().filter_map(|id| names.get(id));
            let mut used = used.peekable();
            let is_some_removed = event.subject.iter().any(|id| removed.contains(id));
            if !is_use || (used.peek().is_none() && !is_some_removed) {
                continue;
            }
            let day = event.time.to_zoned(self.zone.clone()).date();
            let of_day = days.entry(day).or_insert_with(|| UsedDay {
                day,
                entries: Vec::new(),
                is_some_removed: false,
                times: 0,
            });
            of_day.times += 1;
            of_day.is_some_removed |= is_some_removed;
            for name in used {
                if !of_day.entries.contains(name) {
                    of_day.entries.push(name.clone());
                }
            }
        }
        Ok(days.into_values().rev().collect())
    }

    /// What was refused; `events` are the client's.
    pub(super) fn refused(&self, events: &[(DeviceId, Event)]) -> Result<Vec<RefusedAttempt>> {
        let names = self.names()?;
        let refusals = events.iter().rev().map(|(_, event)| event);
        let refusals = refusals.filter(|event| event.action == "refuse");
        let told = refusals.map(|event| {
            let detail = |key: &str| event.detail.get(key).and_then(Value::as_str);
            let of = event.subject.iter().filter_map(|id| names.get(id));
            RefusedAttempt {
                time: event.time,
                entries: of.cloned().collect(),
                to: detail("to").and_then(|to| self.called(to)),
                reason: detail("reason").map(str::to_owned),
            }
        });
        Ok(told.collect())
    }

    /// The events that concern the client, a line each, and how far the log had come: ids of others
    /// and words of people are left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(in crate::exchange) fn log_told(&self, log: &LogSeen) -> Result<String> {
        let client = self.scope.client;
        let mut events = log.events.clone();
        events.sort_by_key(|(_, event)| event.time);
        self.vault.retain_events_of(client.id, &mut events)?;
        let mut names = self.names()?;
        let theirs = self.vault.records_of(client.id)?;
        for id in &theirs {
            if self.contacts.contains_key(id) {
                names.insert(*id, self.person(*id).name);
            } else {
                names.entry(*id).or_insert_with(|| number(*id));
            }
        }
        names.insert(client.id, client.called().to_owned());
        let mut lines = Vec::new();
        for (device, event) in events {
            let about = event.subject.iter().filter_map(|id| names.get(id));
            let about: Vec<String> = about.map(|it| one_line(it)).collect();
            let (n, action) = (event.n, action_in_words(&event));
            let line = format!(
                "{}  {device} {n}  {action}  {}",
                event.time,
                about.join(", ")
            );
            lines.push(line.trim_end().to_owned());
        }
        lines.push(String::new());
        lines.push(HEADS.to_owned());
        let heads = log.heads.iter();
        lines.extend(heads.map(|(device, it)| format!("{device} {} {}", it.count, it.head)));
        Ok(lines.join("\n") + "\n")
    }

    /// Who something was refused to: a contact by id.
    fn called(&self, to: &str) -> Option<String> {
        let id: Uuid = to.parse().ok()?;
        Some(self.person(id).name)
    }

    /// The incidents that concern the client, the last first: those of the time that is told, and
    /// those that are open.
    pub(super) fn incidents(&self) -> Result<Vec<ReportedIncident>> {
        let client = self.scope.client.id;
        let mut all = self.vault.incidents.all()?;
        all.retain(|it| {
            let is_told = self.is_told(it.known_since(client)) || !it.is_closed();
            it.clients().contains(&client) && is_told
        });
        all.sort_by_key(|it| (std::cmp::Reverse(it.known_since(client)), it.id));
        all.into_iter().map(|it| self.incident(it)).collect()
    }

    fn incident(&self, incident: &Incident) -> Result<ReportedIncident> {
        let client = self.scope.client.id;
        let id = number(incident.id);
        let told = |text: &String| self.told(|| format!("a text of incident {id}"), text);
        let mut unchanged = Vec::new();
        let mut settled = Vec::new();
        for item in incident.affected.iter().filter(|it| it.client == client) {
            let name = self.entry_name(item.entry, &item.path);
            match self.vault.affected_state(item)? {
                // What was removed here works at the site as it did.
                AffectedState::InUse(_) | AffectedState::Removed => unchanged.push(name),
                AffectedState::Changed | AffectedState::NoSecret => settled.push(name),
            }
        }
        Ok(ReportedIncident {
            aware: incident.known_since(client),
            told: incident.first_told(client).map(|it| it.time),
            what: told(&incident.description.text().to_owned()),
            cause: incident.cause.value().and_then(told),
            measures: incident.measures.value().and_then(told),
            unchanged,
            settled,
            closed: incident.closed.value().copied(),
            number: id.clone(),
        })
    }
}
