//! Clients that several devices have made under the same short name: the one with the least id is
//! all of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::error::Result;
use crate::model::records::cell::Cell;
use crate::model::records::client::Client;
use crate::model::records::merging::{Mergeable, SeenByBoth};
use crate::model::vault::Vault;

/// Which client is which other one.
pub(super) type Aliases = BTreeMap<Uuid, Uuid>;

/// The clients of two copies that are one: they have the same short name, or were found to be one
/// before.
pub(super) fn aliases(own: &Vault, other: &Vault) -> Result<Aliases> {
    let known = SeenByBoth {
        own: own.log.believed(&own.seen, &other.log),
        other: other.log.believed(&other.seen, &own.log),
        ..SeenByBoth::default()
    };
    let clients = own.clients.merged(&other.clients, &known)?;
    let mut groups: Vec<BTreeSet<Uuid>> = Vec::new();
    let mut of_slug: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
    for client in &clients {
        let also = client.also.iter().copied();
        groups.push(std::iter::once(client.id).chain(also).collect());
        if !client.is_removed() {
            of_slug.entry(client.slug()).or_default().insert(client.id);
        }
    }
    groups.extend(of_slug.into_values());
    let mut aliases = Aliases::new();
    for group in joined(groups) {
        let mut ids = group.into_iter();
        if let Some(least) = ids.next() {
            aliases.extend(ids.map(|id| (id, least)));
        }
    }
    Ok(aliases)
}

/// Groups that share a member are one.
fn joined(groups: Vec<BTreeSet<Uuid>>) -> Vec<BTreeSet<Uuid>> {
    let mut joined: Vec<BTreeSet<Uuid>> = Vec::new();
    for mut group in groups {
        let (touched, apart) = (joined.into_iter()).partition(|it| !it.is_disjoint(&group));
        joined = apart;
        group.extend(Vec::into_iter(touched).flatten());
        joined.push(group);
    }
    joined
}

/// A copy in which each of these clients is the other one.
pub(super) fn folded<'a>(vault: &'a Vault, aliases: &Aliases) -> Result<Cow<'a, Vault>> {
    let is_meant = |client: &Client| aliases.contains_key(&client.id);
    if !vault.clients.iter().any(is_meant) {
        return Ok(Cow::Borrowed(vault));
    }
    let mut vault = vault.clone();
    let mut clients: BTreeMap<Uuid, Client> = BTreeMap::new();
    for mut client in std::mem::take(&mut vault.clients) {
        if let Some(least) = aliases.get(&client.id) {
            client.also.insert(client.id);
            client.id = *least;
        }
        // What either says stays: neither knew of the other.
        let merged = match clients.remove(&client.id) {
            Some(known) => known.merged(&client, &SeenByBoth::default())?,
            None => client,
        };
        clients.insert(merged.id, merged);
    }
    vault.clients = clients.into_values().collect();
    vault
        .clients
        .sort_by_key(|client| (client.created, client.id));
    for entry in vault.entries.iter_mut() {
        if entry
            .get()?
            .client
            .values()
            .any(|(_, id)| aliases.contains_key(id))
        {
            let entry = entry.get_mut()?;
            entry.client = entry.client.mapped(|id| *aliases.get(id).unwrap_or(id));
        }
    }
    for consent in vault.consents.iter_mut() {
        if let Some(least) = aliases.get(&consent.get()?.client) {
            consent.get_mut()?.client = *least;
        }
    }
    for incident in vault.incidents.iter_mut() {
        let found = incident.get()?;
        let mut named = found.clients();
        named.extend(found.told.iter().map(|it| it.client));
        named.extend(found.finds.iter().map(|it| it.client));
        if named.iter().any(|client| aliases.contains_key(client)) {
            let incident = incident.get_mut()?;
            let affected = incident.affected.iter_mut().map(|it| &mut it.client);
            let told = incident.told.iter_mut().map(|it| &mut it.client);
            let finds = incident.finds.iter_mut().map(|it| &mut it.client);
            for client in affected.chain(told).chain(finds) {
                *client = *aliases.get(client).unwrap_or(client);
            }
            let concerned = incident.concerned.iter();
            let least = |client| *aliases.get(client).unwrap_or(client);
            incident.concerned = concerned.map(least).collect();
        }
    }
    for review in vault.reviews.iter_mut() {
        let owner = review.get()?.client;
        if let Some(least) = owner.and_then(|it| aliases.get(&it)) {
            review.get_mut()?.client = Some(*least);
        }
    }
    for hand_over in vault.handed_over.iter_mut() {
        if let Some(least) = aliases.get(&hand_over.get()?.client) {
            hand_over.get_mut()?.client = *least;
        }
    }
    for ask in vault.asks.iter_mut() {
        if let Some(least) = aliases.get(&ask.get()?.client) {
            ask.get_mut()?.client = *least;
        }
    }
    Ok(Cow::Owned(vault))
}

impl<T: Clone> Cell<T> {
    /// The same writes with other values.
    fn mapped(&self, to: impl Fn(&T) -> T) -> Self {
        self.values()
            .map(|(stamp, value)| (stamp, to(value)))
            .collect()
    }
}
