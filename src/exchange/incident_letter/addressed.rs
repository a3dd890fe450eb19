//! What of an incident goes into the letter to one client: her own entries, and who knows those.

use std::collections::{BTreeSet, HashMap};

use jiff::Zoned;
use uuid::Uuid;

use super::{ClientsPart, to_client};
use crate::error::{Error, Result};
use crate::model::people::fields::MeValues;
use crate::model::records::client::Client;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::number;
use crate::model::sharing::who::KnowerNames;
use crate::model::text::lang::Lang;
use crate::model::vault::Vault;

/// The letter to a client, and the language that it is in. `known_to` are the names of those who can
/// know something of each entry.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for a client whom the incident does not concern;
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn letter_for(
    vault: &Vault,
    (incident, known_to): (&Incident, &HashMap<Uuid, KnowerNames>),
    client: &Client,
    here: &Zoned,
) -> Result<(Lang, String)> {
    if !incident.clients().contains(&client.id) {
        return Err(Error::usage(format!(
            "incident {} reaches nothing of {}",
            number(incident.id),
            client.slug()
        ))
        .hint(format!("vault incident show {}", number(incident.id))));
    }
    let theirs = incident.affected.iter().filter(|it| it.client == client.id);
    let mut names = KnowerNames::default();
    let mut entries = Vec::new();
    for item in theirs {
        if let Some(of) = known_to.get(&item.entry) {
            names.extend(of);
        }
        entries.push((item, vault.affected_state(item)?));
    }
    let lang = client.lang.value().and_then(|lang| lang.parse().ok());
    let role = client.role.value().and_then(|role| role.parse().ok());
    let part = ClientsPart {
        client: client.called().to_owned(),
        lang: lang.unwrap_or(Lang::En),
        role,
        entries,
        known_to: full_names(vault, &names.given)?,
        same_known_to: full_names(vault, &names.by_other)?,
        since: incident.known_since(client.id),
        told: incident.first_told(client.id).map(|it| it.time),
    };
    let me = MeValues::of(&vault.me);
    let now = (here.timestamp(), here.time_zone());
    Ok((part.lang, to_client(incident, &part, &me, now)))
}

/// Contacts by the names that a client knows them by.
fn full_names(vault: &Vault, names: &BTreeSet<String>) -> Result<Vec<String>> {
    let contacts = vault.contacts.all()?;
    let full = names.iter().map(|name| {
        let contact = contacts.iter().rev().find(|it| it.name() == name);
        let full = contact.and_then(|it| it.full_name.value());
        full.unwrap_or(name).clone()
    });
    Ok(full.collect())
}

#[cfg(test)]
mod tests;
