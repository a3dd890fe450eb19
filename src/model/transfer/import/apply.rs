//! Doing what the plan says, all of it in one change.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::fit::Candidate;
use super::own::own_entry;
use super::{ExportExtras, ImportAction, ImportPlan, ImportStep, Policy};
use crate::error::Result;
use crate::model::change::Edit;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::Stamp;
use crate::model::records::entry::Entry;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::{Author, Write};
use crate::model::text::name::AttachmentName;
use crate::model::transfer::portable::Ids;
use crate::model::vault::Vault;

/// The reason of every version that comes with an import.
const REASON: &str = "import";

/// What all entries of one import have in common.
struct ImportWriter<'a> {
    stamp: Stamp,
    author: &'a Author<'a>,
}

impl Vault {
    /// Adds what is new and changes what is to be changed, all or nothing; `extras` is what an
    /// export of this program has besides, and `format` is recorded in the log. Returns what became
    /// of each.
    ///
    /// # Errors
    /// Those of the changes that it makes.
    pub fn import(
        &mut self,
        candidates: Vec<Candidate>,
        extras: ExportExtras,
        policy: &Policy,
        format: &str,
        author: &Author<'_>,
    ) -> Result<ImportPlan> {
        let plan = self.plan_import(&candidates, &extras.clients, policy)?;
        self.change(author, "import", |edit| {
            edit.event.note("format", format);
            edit.import(candidates, extras, &plan)
        })?;
        Ok(plan)
    }
}

impl Edit<'_> {
    fn import(
        &mut self,
        candidates: Vec<Candidate>,
        extras: ExportExtras,
        plan: &ImportPlan,
    ) -> Result<()> {
        let (stamp, author) = (self.stamp, self.author);
        let writer = ImportWriter { stamp, author };
        let mut ids = Ids::for_vault(self.vault, author);
        let clients_before = self.vault.clients.len();
        let former = (self.vault).add_clients(&extras, plan, stamp, &mut ids);
        let live = self.vault.live_clients();
        let mut clients: HashMap<String, Uuid> = live
            .map(|client| (client.slug().to_owned(), client.id))
            .collect();
        for slug in &plan.new_clients {
            if !clients.contains_key(slug.as_str()) {
                clients.insert(slug.as_str().to_owned(), self.new_client(slug));
            }
        }
        for (candidate, step) in candidates.into_iter().zip(&plan.steps) {
            match step.action {
                ImportAction::Add => {
                    let client = clients.get(step.path.client().as_str()).copied();
                    let client = client.unwrap_or_default();
                    let entry = match candidate.own {
                        Some(own) => own_entry(*own, step, client, stamp, &mut ids),
                        None => writer.entry(candidate, step, client)?,
                    };
                    self.vault.entries.add(entry);
                }
                ImportAction::Update { at } => {
                    if let Some(entry) = self.vault.entries.get_mut(at) {
                        writer.update(entry.get_mut()?, candidate, step)?;
                    }
                }
                ImportAction::Same
                | ImportAction::Twin
                | ImportAction::Skip
                | ImportAction::Pending => {}
            }
        }
        self.vault.add_trash(extras, &former, stamp, &mut ids);
        let restored = self.vault.clients.get(clients_before..).unwrap_or_default();
        let unverified_keys: usize = restored.iter().map(|client| client.keys().len()).sum();
        if unverified_keys > 0 {
            self.event.note("unverified_keys", unverified_keys);
        }
        let changed = plan.clients();
        let ids = changed.iter().filter_map(|slug| clients.get(slug.as_str()));
        self.event.subject = ids.copied().collect();
        let (added, updated) = (
            plan.count(|action| action == ImportAction::Add),
            plan.count(|action| matches!(action, ImportAction::Update { .. })),
        );
        self.event.note("added", added).note("updated", updated);
        Ok(())
    }
}

impl ImportWriter<'_> {
    /// What came from elsewhere has the times that it had there, but none that is still to come.
    fn time(&self, times: &[Option<Timestamp>]) -> Timestamp {
        let first = times.iter().flatten().next().copied();
        first.unwrap_or(self.author.now).min(self.author.now)
    }

    fn write(&self, now: Timestamp) -> Write<'_> {
        Write {
            stamp: self.stamp,
            now,
            reason: REASON,
            ids: self.author.new_id,
        }
    }

    fn entry(&self, candidate: Candidate, step: &ImportStep, client: Uuid) -> Result<Entry> {
        let created = self.time(&[candidate.created, Some(self.author.now)]);
        let mut entry = Entry::with((self.author.new_id)(), created);
        entry.client.set(self.stamp, client);
        entry.name.set(self.stamp, step.path.name().to_owned());
        for past in candidate.history {
            let since = self.time(&[past.since, candidate.created]);
            entry.add_version(&Slot::Secret, past.secret, &self.write(since));
        }
        let since = self.time(&[candidate.secret_since, candidate.updated, candidate.created]);
        entry.apply(*candidate.changes, &self.write(since))?;
        for (name, bytes) in candidate.files.into_iter().take(step.files) {
            self.attach(&mut entry, &name, &bytes, created);
        }
        let updated = self.time(&[candidate.updated, candidate.created]);
        entry.updated = Some(updated).filter(|updated| *updated > created);
        Ok(entry)
    }

    /// Sets what is different; what the entry has besides stays.
    fn update(&self, entry: &mut Entry, candidate: Candidate, step: &ImportStep) -> Result<()> {
        let changes = candidate.changes.without_what_is_in(entry);
        entry.apply(changes, &self.write(self.author.now))?;
        for (name, bytes) in candidate.files.into_iter().take(step.files) {
            let there = entry.attachment(name.as_str());
            if !there.is_some_and(|file| file.is_of(&bytes)) {
                self.attach(entry, &name, &bytes, self.author.now);
            }
        }
        entry.updated = Some(self.author.now);
        Ok(())
    }

    fn attach(
        &self,
        entry: &mut Entry,
        name: &AttachmentName,
        bytes: &Zeroizing<Vec<u8>>,
        created: Timestamp,
    ) {
        let file = Attachment::new((self.author.new_id)(), name, bytes, created);
        entry.attach(file, self.stamp);
    }
}

impl Candidate {
    /// Whether the entry has all of it.
    pub(crate) fn is_in(&self, entry: &Entry) -> bool {
        let has_file = |name: &AttachmentName, bytes: &[u8]| {
            (entry.attachment(name.as_str())).is_some_and(|file| file.is_of(bytes))
        };
        self.changes.is_in(entry) && self.files.iter().all(|(name, bytes)| has_file(name, bytes))
    }
}

impl Changes {
    fn is_in(&self, entry: &Entry) -> bool {
        let (set, _) = EntryValues::of(entry).changes_to(&self.values.stored());
        set == EntryValues::default()
            && self
                .fields
                .iter()
                .all(|(name, value)| has_field(entry, name.as_str(), value))
            && self
                .secrets
                .iter()
                .all(|(slot, secret)| has_secret(entry, slot, secret.expose()))
    }

    /// The changes that would change something.
    fn without_what_is_in(mut self, entry: &Entry) -> Self {
        self.fields
            .retain(|(name, value)| !has_field(entry, name.as_str(), value));
        self.secrets
            .retain(|(slot, secret)| !has_secret(entry, slot, secret.expose()));
        self
    }
}

fn has_field(entry: &Entry, name: &str, value: &str) -> bool {
    entry.visible_fields().any(|field| field == (name, value))
}

fn has_secret(entry: &Entry, slot: &Slot, text: &str) -> bool {
    let current = entry.current(slot.as_str());
    current.is_some_and(|version| version.secret().expose() == text)
}
