//! What a merge took in, by the names that people know: no secret and no value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::consents::ChangedConsent;
use super::ended::CutShare;
use crate::error::Result;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::merging::Member;
use crate::model::records::table::{Record, Records};
use crate::model::records::way_in::WayIn;
use crate::model::vault::Vault;

/// How the outcome of a merge differs from what was here before.
#[derive(Clone, Debug, Default)]
pub struct MergeReport {
    /// Entries that are new.
    pub added: Vec<String>,
    /// Entries in which something changed.
    pub changed: Vec<String>,
    /// Entries that went to the trash or were purged.
    pub gone: Vec<String>,
    /// Names under which something else is found now, each with what was found under it before:
    /// entries by their paths, and contacts.
    pub renamed: Vec<Renamed>,
    /// Clients that were removed, and are there again: another device had given them an entry.
    pub back: Vec<String>,
    /// Clients that were closed, and are open again: another device had gone on with them.
    pub reopened: Vec<String>,
    /// How many clients, contacts, consents and shares are new or changed.
    pub others: Vec<(&'static str, usize)>,
    /// Ways in that open the vault now, and did not before.
    pub opened: Vec<WayIn>,
    /// Ways in that do not open it any more.
    pub closed: Vec<WayIn>,
    /// Consents that are new, or are not what they were.
    pub consents: Vec<ChangedConsent>,
    /// Shares that are over by what came.
    pub ended: Vec<CutShare>,
    /// How many things there are to choose now, see [`Vault::conflicts`]; none where nobody has
    /// looked.
    pub conflicts: Option<usize>,
    /// What devices are called of which there are two, as came to be known now: their logs went
    /// apart.
    pub forked: Vec<String>,
}

/// Something that lost its name to another of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// What it was called.
    pub from: String,
    /// What it is called now.
    pub to: String,
}

impl MergeReport {
    /// The same with what was taken in before this.
    #[must_use]
    pub fn after(mut self, mut all: Self) -> Self {
        for (list, more) in [
            (&mut all.added, &mut self.added),
            (&mut all.changed, &mut self.changed),
            (&mut all.gone, &mut self.gone),
            (&mut all.back, &mut self.back),
            (&mut all.reopened, &mut self.reopened),
        ] {
            more.retain(|path| !list.contains(path));
            list.append(more);
        }
        for (kind, count) in self.others {
            match all.others.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, sum)) => *sum += count,
                None => all.others.push((kind, count)),
            }
        }
        all.renamed.append(&mut self.renamed);
        all.opened.append(&mut self.opened);
        all.closed.append(&mut self.closed);
        all.consents.append(&mut self.consents);
        all.ended.append(&mut self.ended);
        all.conflicts = self.conflicts.or(all.conflicts);
        all.forked.append(&mut self.forked);
        all
    }
}

impl Vault {
    /// What was taken in since `before`, as it is at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn taken_in_since(&self, before: &Self, now: Timestamp) -> Result<MergeReport> {
        let known = by_id(before)?;
        let here = by_id(self)?;
        let (texts_before, texts_now) = (texts(before)?, texts(self)?);
        let is_untouched = |id: &Uuid| {
            let text = texts_before.get(id);
            text.is_some() && text == texts_now.get(id)
        };
        let mut report = MergeReport::default();
        for (id, (path, entry)) in &here {
            match known.get(id) {
                None => report.added.push(path.clone()),
                Some(_) if is_untouched(id) => {}
                Some((_, old)) if spelt(*old) != spelt(*entry) => report.changed.push(path.clone()),
                Some(_) => {}
            }
        }
        let gone = known.iter().filter(|(id, _)| !here.contains_key(id));
        report.gone = gone.map(|(_, (path, _))| path.clone()).collect();
        report.added.sort_unstable();
        report.changed.sort_unstable();
        report.gone.sort_unstable();
        report.renamed = names_taken(&paths(&known), &paths(&here));
        report
            .renamed
            .extend(names_taken(&contacts(before)?, &contacts(self)?));
        let was_removed = |client: &&Client| {
            let before = before.clients.iter().find(|it| it.id == client.id);
            !client.is_removed() && before.is_some_and(Client::is_removed)
        };
        let back = self.clients.iter().filter(was_removed);
        report.back = back.map(|client| client.slug().to_owned()).collect();
        report.reopened = reopened_since(before, self);
        report.others = vec![
            ("client", changed(&before.clients, &self.clients)),
            ("contact", changed_in(&before.contacts, &self.contacts)?),
            ("consent", changed_in(&before.consents, &self.consents)?),
            ("share", changed_in(&before.shares, &self.shares)?),
        ];
        report.others.retain(|(_, count)| *count > 0);
        report.opened = opened_since(before, self);
        report.closed = opened_since(self, before);
        report.consents = self.consents_changed_since(before, now)?;
        report.ended = self.shares_ended_since(before, now)?;
        report.conflicts = Some(self.conflicts()?.len());
        let mut known = before.log.forks();
        for device in self.log.forks() {
            match known.iter().position(|it| *it == device) {
                Some(at) => drop(known.swap_remove(at)),
                None => report.forked.push(self.me.told_device(device)),
            }
        }
        Ok(report)
    }

    /// The ways in that are open in `other` and not known here, of which no device that is known
    /// here says that it added them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed log.
    pub fn unknown_ways_in<'a>(&self, other: &'a Self) -> Result<Vec<&'a WayIn>> {
        let mut vouched: BTreeSet<Uuid> = BTreeSet::new();
        for chain in other.log.chains() {
            let known = self.log.chain(chain.device);
            let is_one_chain = known.is_some_and(|known| {
                chain.grew_from(&known.head()) || known.grew_from(&chain.head())
            });
            if !is_one_chain {
                continue;
            }
            for event in chain.read() {
                let event = event?;
                if event.action == "way-in" {
                    vouched.extend(event.subject);
                }
            }
        }
        let mut unknown: Vec<&WayIn> = other.open_ways().collect();
        unknown.retain(
            |way| match self.recipients.iter().find(|it| it.id == way.id) {
                Some(known) => known.recipient != way.recipient,
                None => !vouched.contains(&way.id),
            },
        );
        Ok(unknown)
    }
}

/// The clients of whom the last that is known is that they were opened again, and was not before.
fn reopened_since(before: &Vault, now: &Vault) -> Vec<String> {
    let known = before.clients.iter().flat_map(|it| &it.closing);
    let known: BTreeSet<Uuid> = known.map(|step| step.id).collect();
    let open = now.live_clients().filter(|client| {
        let last = client.opened_again();
        last.is_some_and(|step| !known.contains(&step.id))
    });
    open.map(|client| client.slug().to_owned()).collect()
}

/// The ways in that are open in `later` alone.
fn opened_since(earlier: &Vault, later: &Vault) -> Vec<WayIn> {
    let known: BTreeSet<Uuid> = earlier.open_ways().map(|way| way.id).collect();
    let new = later.open_ways().filter(|way| !known.contains(&way.id));
    new.cloned().collect()
}

fn by_id(vault: &Vault) -> Result<BTreeMap<Uuid, (String, &Entry)>> {
    let live = vault.live()?.into_iter();
    Ok(live
        .map(|(path, entry)| (entry.id, (path, entry)))
        .collect())
}

fn paths<'a>(entries: &'a BTreeMap<Uuid, (String, &Entry)>) -> BTreeMap<&'a str, Uuid> {
    let entries = entries.iter();
    entries
        .map(|(id, (path, _))| (path.as_str(), *id))
        .collect()
}

fn contacts(vault: &Vault) -> Result<BTreeMap<&str, Uuid>> {
    let live = vault.live_contacts()?.into_iter();
    Ok(live.map(|contact| (contact.name(), contact.id)).collect())
}

/// The names that stand for something else now.
fn names_taken(before: &BTreeMap<&str, Uuid>, now: &BTreeMap<&str, Uuid>) -> Vec<Renamed> {
    let names: HashMap<Uuid, &str> = now.iter().map(|(name, id)| (*id, *name)).collect();
    let taken = before.iter().filter_map(|(name, id)| {
        let (from, to) = ((*name).to_owned(), (*names.get(id)?).to_owned());
        let is_taken = from != to && now.contains_key(name);
        is_taken.then_some(Renamed { from, to })
    });
    taken.collect()
}

fn spelt(record: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(record).unwrap_or_default()
}

/// The JSON of entries that were only read.
fn texts(vault: &Vault) -> Result<HashMap<Uuid, &[u8]>> {
    let mut texts = HashMap::with_capacity(vault.entries.len());
    for entry in vault.entries.iter() {
        if let Some(json) = entry.json() {
            texts.insert(entry.get()?.id, json);
        }
    }
    Ok(texts)
}

/// How many are new or changed.
fn changed<'a, T>(
    before: impl IntoIterator<Item = &'a T>,
    now: impl IntoIterator<Item = &'a T>,
) -> usize
where
    T: Member + serde::Serialize + 'a,
{
    let known = before.into_iter().map(|it| (it.id(), spelt(it)));
    let known: BTreeMap<Uuid, Vec<u8>> = known.collect();
    let is_news = |it: &&T| known.get(&it.id()) != Some(&spelt(*it));
    now.into_iter().filter(is_news).count()
}

fn changed_in<T>(before: &Records<T>, now: &Records<T>) -> Result<usize>
where
    T: Record + serde::Serialize,
{
    Ok(changed(before.all()?, now.all()?))
}
