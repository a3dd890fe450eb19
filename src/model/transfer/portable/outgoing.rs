//! What leaves with an export, and what does not.

use std::collections::HashSet;

use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::text::name::ClientSlug;
use crate::model::text::path_of::path_of;
use crate::model::vault::Vault;

/// What is to leave: all of a vault, or all that is one client's and nothing of anybody else.
pub struct Outgoing<'a> {
    /// The entries with their paths, sorted by those.
    pub entries: Vec<(String, &'a Entry)>,
    /// The entries in the trash, likewise.
    pub trash: Vec<(String, &'a Entry)>,
    /// The clients, sorted by name.
    pub clients: Vec<&'a Client>,
    /// The vault whose other records go along; none where one client's entries go.
    pub records: Option<&'a Vault>,
    /// How many entries stay because somebody else shared them: their terms end elsewhere.
    pub received: usize,
}

impl Vault {
    /// What an export of `client`, or of everything, is made of; with `has_trash` what is in the
    /// trash goes out too. It holds what is for use only as well, for which `prove` is to ask.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown client, [`crate::error::Kind::Integrity`]
    /// for a malformed record, and those of `prove`; [`crate::error::Kind::NeedsInput`] where it
    /// has no proof.
    pub fn outgoing<'a>(
        &'a self,
        client: Option<&ClientSlug>,
        has_trash: bool,
        prove: impl FnOnce(&[(&str, &'a Entry)]) -> Result<PasswordProof>,
    ) -> Result<Outgoing<'a>> {
        let mut clients: Vec<&Client> = match client {
            Some(slug) => {
                self.known_client(slug)?;
                let named = |client: &&Client| client.slug() == slug.as_str();
                self.live_clients().filter(named).collect()
            }
            None => self.clients.iter().collect(),
        };
        clients.sort_by_key(|client| (client.slug().to_owned(), client.id));
        let wanted: HashSet<Uuid> = clients.iter().map(|client| client.id).collect();
        let mut outgoing = Outgoing {
            entries: Vec::new(),
            trash: Vec::new(),
            clients,
            records: client.is_none().then_some(self),
            received: 0,
        };
        let slugs = self.slugs();
        let entries = self.entries.all()?.into_iter();
        for entry in entries.filter(|entry| !entry.is_husk()) {
            let owner = entry.client.get().copied();
            if client.is_some() && owner.is_none_or(|owner| !wanted.contains(&owner)) {
                continue;
            }
            let path = path_of(&slugs, owner, entry.name());
            match (entry.received, entry.is_removed()) {
                (Some(_), false) => outgoing.received += 1,
                (Some(_), true) => {}
                (None, true) => outgoing.trash.push((path, entry)),
                (None, false) => outgoing.entries.push((path, entry)),
            }
        }
        for entries in [&mut outgoing.entries, &mut outgoing.trash] {
            entries.sort_by(|(a, x), (b, y)| (a, x.id).cmp(&(b, y.id)));
        }
        let trash = outgoing.trash.iter().filter(|_| has_trash);
        let all = outgoing.entries.iter().chain(trash);
        let all: Vec<_> = all.map(|(path, entry)| (path.as_str(), *entry)).collect();
        let proof = prove(&all)?;
        all.iter()
            .try_for_each(|(path, entry)| proof.check(path, entry))?;
        Ok(outgoing)
    }
}

impl Outgoing<'_> {
    /// The ids of the clients whose entries leave; with `trash` those in the trash too.
    pub fn owners(&self, trash: bool) -> Vec<Uuid> {
        let trash = self.trash.iter().filter(|_| trash);
        let owner = |(_, entry): &(String, &Entry)| entry.client.get().copied();
        let owners: HashSet<Uuid> = self.entries.iter().chain(trash).filter_map(owner).collect();
        let ids = self.clients.iter().map(|client| client.id);
        ids.filter(|id| owners.contains(id)).collect()
    }
}
