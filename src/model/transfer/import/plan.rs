//! What would become of each credential: where it goes, and what happens when something is there.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use super::fit::Candidate;
use super::twins::twins;
use super::{OnClash, Policy};
use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::text::limits::{ATTACHMENTS_BYTES, ENTRIES};
use crate::model::text::name::{ClientSlug, EntryPath, look};
use crate::model::text::numbering::{Numbers, numbered};
use crate::model::transfer::portable::PortableClient;
use crate::model::vault::Vault;

/// The client of what says nothing about whose it is.
const NOBODYS: &str = "imported";
/// The name of what has none.
const UNTITLED: &str = "untitled";
/// How many entries of one name are looked through for the one that is meant.
const ALIKE: usize = 1000;

/// What becomes of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportAction {
    /// It becomes a new entry.
    Add,
    /// The entry at this position of the vault is changed to it.
    Update {
        /// The position.
        at: usize,
    },
    /// The vault has exactly this.
    Same,
    /// A row above says exactly this.
    Twin,
    /// The name is taken, and it is to be left out then.
    Skip,
    /// The entry is to be changed, and a rotation of it is pending.
    Pending,
}

/// A credential's place, and what becomes of it.
#[derive(Clone, Debug)]
pub struct ImportStep {
    /// Where it stands in the source.
    pub row: u64,
    /// Where it goes, or what is in its place.
    pub path: EntryPath,
    /// What becomes of it.
    pub action: ImportAction,
    /// How many of its files there is room for.
    pub files: usize,
    /// Whether there is neither a password in it nor anything else that is hidden.
    pub is_bare: bool,
}

/// What becomes of all of them, in the order that they were read.
#[derive(Clone, Debug, Default)]
pub struct ImportPlan {
    /// One for each credential.
    pub steps: Vec<ImportStep>,
    /// The clients that will be made.
    pub new_clients: BTreeSet<ClientSlug>,
    /// What the file says of clients and is not taken over.
    pub clients_left: Vec<String>,
    /// What cannot be kept, by row: files for which there is no room.
    pub left_out: Vec<(u64, String)>,
}

impl ImportPlan {
    /// The clients that entries are added to or changed for.
    #[must_use]
    pub fn clients(&self) -> BTreeSet<&ClientSlug> {
        let changed = self.steps.iter().filter(|step| step.is_change());
        changed.map(|step| step.path.client()).collect()
    }

    /// Whether the vault is changed by it.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        !self.new_clients.is_empty() || self.steps.iter().any(ImportStep::is_change)
    }

    /// How many steps do this.
    #[must_use]
    pub fn count(&self, is_it: impl Fn(ImportAction) -> bool) -> usize {
        self.steps.iter().filter(|step| is_it(step.action)).count()
    }
}

impl ImportStep {
    /// Whether the vault is changed by it.
    #[must_use]
    pub fn is_change(&self) -> bool {
        matches!(self.action, ImportAction::Add | ImportAction::Update { .. })
    }
}

impl Vault {
    /// What would become of each candidate, and of the clients that come with them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when there would be too many entries,
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn plan_import(
        &self,
        candidates: &[Candidate],
        clients: &[PortableClient],
        policy: &Policy,
    ) -> Result<ImportPlan> {
        let mut planner = Planner::new(self, policy)?;
        planner.place_clients(clients);
        let twins = twins(candidates);
        let single = candidates.iter().zip(&twins);
        let single = single.filter(|(_, twin)| twin.is_none());
        planner.count_names(single.map(|(candidate, _)| candidate));
        for (candidate, twin) in candidates.iter().zip(twins) {
            match twin {
                Some(first) => planner.leave(candidate, first),
                None => planner.place(candidate)?,
            }
        }
        let plan = planner.plan;
        let all = self.entries.len() + plan.count(|action| action == ImportAction::Add);
        if all > ENTRIES {
            return Err(Error::usage(format!(
                "the vault would have {all} entries, the limit is {ENTRIES}"
            )));
        }
        Ok(plan)
    }
}

/// An entry of the vault: its position and its path.
type StoredEntry = (usize, EntryPath);

/// What is known of one name and its numbered forms.
struct Alike {
    /// How many rows want it.
    wanted: usize,
    /// The entries of the vault that have it and that no row was taken for yet; none before the
    /// first look.
    stored: Option<VecDeque<StoredEntry>>,
}

struct Planner<'a> {
    vault: &'a Vault,
    policy: &'a Policy,
    /// Short names of clients, by their look.
    clients: HashMap<String, ClientSlug>,
    /// Every path that is taken, by its look, with the entry that has it if that is in the vault.
    taken: HashMap<String, Option<StoredEntry>>,
    alike: HashMap<String, Alike>,
    numbers: Numbers,
    room_for_files: u64,
    plan: ImportPlan,
}

impl<'a> Planner<'a> {
    fn new(vault: &'a Vault, policy: &'a Policy) -> Result<Self> {
        let slugs = vault.live_clients().map(Client::slug);
        let clients = slugs.filter_map(|slug| Some((look(slug), slug.parse().ok()?)));
        let mut taken = HashMap::new();
        for (at, path) in vault.live_positions()? {
            taken.insert(look(&path), path.parse().ok().map(|path| (at, path)));
        }
        Ok(Self {
            vault,
            policy,
            clients: clients.collect(),
            taken,
            alike: HashMap::new(),
            numbers: Numbers::default(),
            room_for_files: ATTACHMENTS_BYTES.saturating_sub(vault.attachments_size()?),
            plan: ImportPlan::default(),
        })
    }

    /// Takes the clients that are not known here; what the file says of others is noted.
    fn place_clients(&mut self, clients: &[PortableClient]) {
        let live = self.vault.live_clients();
        let live: HashMap<String, &Client> = live.map(|it| (look(it.slug()), it)).collect();
        let is_whole = self.vault.has_no_records();
        for client in clients {
            let known = live.get(&look(&client.slug));
            let left = if self.policy.client.is_some() {
                Some(client.left("everything goes to the client that was named"))
            } else if client.removed.is_some() {
                // Where nothing is yet, it comes back as it was.
                (!is_whole).then(|| client.left("it was removed there"))
            } else if let Some(known) = known {
                client.difference(known)
            } else if let Ok(slug) = client.slug.parse::<ClientSlug>() {
                let slug = self.client(&slug);
                let is_new = self.plan.new_clients.insert(slug);
                (!is_new).then(|| client.left("another client of the file has its name"))
            } else {
                None
            };
            self.plan.clients_left.extend(left);
        }
    }

    fn count_names<'c>(&mut self, candidates: impl Iterator<Item = &'c Candidate>) {
        for candidate in candidates {
            let wanted = look(&self.wish(candidate).to_string());
            let alike = self.alike.entry(wanted).or_insert(Alike {
                wanted: 0,
                stored: None,
            });
            alike.wanted += 1;
        }
    }

    /// Where the candidate would go if nothing else were there.
    fn wish(&mut self, candidate: &Candidate) -> EntryPath {
        if let Some(path) = candidate.own_path() {
            let client = self.policy.client.as_ref().unwrap_or(path.client());
            let slug = self.client(client);
            return path.of_client(slug);
        }
        let (client, name) = place(candidate, self.policy);
        let slug = self.client(&client);
        EntryPath::below(slug, &name)
    }

    /// The client of that name or of one that looks the same; new if there is none.
    fn client(&mut self, name: &ClientSlug) -> ClientSlug {
        let known = self.clients.entry(look(name.as_str()));
        known.or_insert_with(|| name.clone()).clone()
    }

    /// Leaves out what the candidate at `first` says already.
    fn leave(&mut self, candidate: &Candidate, first: usize) {
        let first = self.plan.steps.get(first).cloned();
        self.plan.steps.extend(first.map(|first| ImportStep {
            row: candidate.row,
            action: ImportAction::Twin,
            files: 0,
            ..first
        }));
    }

    fn place(&mut self, candidate: &Candidate) -> Result<()> {
        let wish = self.wish(candidate);
        let base = look(&wish.to_string());
        let Some(mut alike) = self.alike.remove(&base) else {
            return Ok(());
        };
        let found = self.counterpart(candidate, &wish, &mut alike)?;
        if found.is_none() {
            let client = self.vault.client(wish.client().as_str());
            client.map_or(Ok(()), Client::check_open)?;
        }
        let (path, action) = found.unwrap_or_else(|| (self.free(&wish), ImportAction::Add));
        self.alike.insert(base, alike);
        let step = ImportStep {
            row: candidate.row,
            files: self.room_for(candidate, action),
            path,
            action,
            is_bare: candidate.is_bare(),
        };
        if action == ImportAction::Add && self.vault.client(step.path.client().as_str()).is_none() {
            self.plan.new_clients.insert(step.path.client().clone());
        }
        self.plan.steps.push(step);
        Ok(())
    }

    /// The entry of the vault that the candidate is, if there is one: exactly the same, else, where
    /// that matters, of the same name and username, or of the name if only one has it.
    fn counterpart(
        &self,
        candidate: &Candidate,
        wish: &EntryPath,
        alike: &mut Alike,
    ) -> Result<Option<(EntryPath, ImportAction)>> {
        let stored = alike.stored.get_or_insert_with(|| self.stored_alike(wish));
        let mut same_user = None;
        for (index, (at, _)) in stored.iter().take(ALIKE).enumerate() {
            let Some(entry) = self.vault.entries.get(*at) else {
                continue;
            };
            let entry = entry.get()?;
            if candidate.is_in(entry) {
                let found = stored.remove(index);
                return Ok(found.map(|(_, path)| (path, ImportAction::Same)));
            }
            if same_user.is_none()
                && candidate.changes.values.username.as_ref() == entry.username.value()
            {
                same_user = Some(index);
            }
        }
        let alone = (alike.wanted == 1 && stored.len() == 1).then_some(0);
        let found = match self.policy.on_clash {
            OnClash::Suffix => None,
            _ => same_user.or(alone),
        };
        let found = found.and_then(|index| stored.remove(index));
        Ok(found.map(|(at, path)| (path, self.deed_for(at))))
    }

    fn deed_for(&self, at: usize) -> ImportAction {
        let entry = self
            .vault
            .entries
            .get(at)
            .and_then(|entry| entry.get().ok());
        match self.policy.on_clash {
            OnClash::Update if entry.is_some_and(|entry| entry.pending().is_some()) => {
                ImportAction::Pending
            }
            OnClash::Update => ImportAction::Update { at },
            _ => ImportAction::Skip,
        }
    }

    /// The entries of the vault that have the name or a numbered form of it.
    fn stored_alike(&self, wish: &EntryPath) -> VecDeque<StoredEntry> {
        let mut stored = VecDeque::new();
        for number in 1.. {
            let path = with_number(wish, number);
            match self.taken.get(&look(&path.to_string())) {
                Some(holder) => stored.extend(holder.clone()),
                None => break,
            }
        }
        stored
    }

    /// The first path that nothing has: the wish, or one with a number.
    fn free(&mut self, wish: &EntryPath) -> EntryPath {
        let Self { taken, numbers, .. } = self;
        // As it is: a name of this program's own export is not mended.
        if let Entry::Vacant(free) = taken.entry(look(&wish.to_string())) {
            free.insert(None);
            return wish.clone();
        }
        let client = wish.client();
        let path = |name: &str| EntryPath::below(client.clone(), name);
        let name = numbers.first(&wish.to_string(), |all| {
            let name = all.split_once('/').map_or(all, |(_, name)| name);
            match taken.entry(look(&path(name).to_string())) {
                Entry::Vacant(free) => {
                    free.insert(None);
                    true
                }
                Entry::Occupied(_) => false,
            }
        });
        path(name.split_once('/').map_or(&name, |(_, name)| name))
    }

    /// How many of its files there is room for.
    fn room_for(&mut self, candidate: &Candidate, action: ImportAction) -> usize {
        if !matches!(action, ImportAction::Add | ImportAction::Update { .. }) {
            return 0;
        }
        if let Some(size) = candidate.own_files_size() {
            // All or none: which of them count is said in the entry.
            if let Some(room) = self.room_for_files.checked_sub(size) {
                self.room_for_files = room;
                return usize::MAX;
            }
            let reason = no_room("its attachments");
            self.plan.left_out.push((candidate.row, reason));
            return 0;
        }
        let mut kept = 0;
        for (_, bytes) in &candidate.files {
            match self.room_for_files.checked_sub(bytes.len() as u64) {
                Some(room) => self.room_for_files = room,
                None => break,
            }
            kept += 1;
        }
        for (name, _) in candidate.files.iter().skip(kept) {
            let reason = no_room(&format!("attachment {name}"));
            self.plan.left_out.push((candidate.row, reason));
        }
        kept
    }
}

fn no_room(what: &str) -> String {
    format!("{what}: all attachments would have more than {ATTACHMENTS_BYTES} bytes, the limit")
}

fn with_number(path: &EntryPath, number: usize) -> EntryPath {
    match number {
        1 => path.clone(),
        _ => EntryPath::below(path.client().clone(), &numbered(path.name(), number)),
    }
}

/// The client and the name that the candidate's own words propose, or the policy says.
fn place(candidate: &Candidate, policy: &Policy) -> (ClientSlug, String) {
    let own = candidate.name.as_deref().or(candidate.host.as_deref());
    let username = candidate.username_part();
    let name = own.or(username.as_deref()).unwrap_or(UNTITLED);
    let below = |groups: &[String]| {
        let parts = groups.iter().map(String::as_str).chain([name]);
        parts.collect::<Vec<_>>().join("/")
    };
    if let Some(client) = &policy.client {
        let groups = match candidate.groups.split_first() {
            // A folder that is named as the client says nothing more.
            Some((first, rest)) if look(first) == look(client.as_str()) => rest,
            _ => candidate.groups.as_slice(),
        };
        return (client.clone(), below(groups));
    }
    if let Some((client, rest)) = candidate.groups.split_first() {
        return (ClientSlug::mended(client), below(rest));
    }
    let Some(domain) = candidate.domain() else {
        return (ClientSlug::mended(NOBODYS), below(&[]));
    };
    // A browser's title is the host once more: whose account it is says more.
    let titled = name.to_lowercase();
    let says_nothing = titled.trim_start_matches("www.") == domain;
    let name = match &username {
        Some(username) if says_nothing => username.clone(),
        _ => below(&[]),
    };
    (ClientSlug::mended(&domain), name)
}
