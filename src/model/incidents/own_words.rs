//! What the user writes of an incident stands in the letters to all clients concerned: none may
//! learn from it who else is a client.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::incident::Incident;
use crate::model::text::domain::host;
use crate::model::vault::Vault;

/// The fewest letters of a name that is looked for: a shorter one stands in many words' place.
const FEWEST_LETTERS: usize = 3;

impl Vault {
    /// Holds what the user wrote against the names of clients: in a letter to one none of another
    /// may stand.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`], naming the words; [`crate::error::Kind::Integrity`] for a
    /// malformed record.
    pub fn check_own_words(&self, incident: &Incident) -> Result<()> {
        let concerned = incident.clients();
        if concerned.is_empty() {
            return Ok(());
        }
        // Where it began may be said, but for a host that one client alone has.
        let began = incident.causes.iter();
        let began = began.filter_map(|it| it.strip_prefix("host ").map(str::to_lowercase));
        let began: HashSet<String> = began.collect();
        let hosts = self.hosts_of_one_client()?;
        let texts: Vec<String> = incident
            .own_words()
            .into_iter()
            .map(str::to_lowercase)
            .collect();
        for client in &self.clients {
            // A letter that goes to nobody else may name whom it goes to.
            if concerned.len() == 1 && concerned.contains(&client.id) {
                continue;
            }
            let own = hosts.iter().filter(|(_, owner)| **owner == client.id);
            let own = own.map(|(host, _)| host.as_str());
            let called = names(client).filter(|name| !began.contains(&name.to_lowercase()));
            let mut names = called.chain(own);
            let told = names.find(|name| texts.iter().any(|text| has_word(text, name)));
            if let Some(name) = told {
                let slug = client.slug();
                return Err(Error::refused(format!(
                    "'{name}' names {slug}, and what you write stands in the letters to others too"
                ))
                .hint(
                    "say it without that name; what stands there already is written anew by: vault \
                     incident note NUMBER --description TEXT, or --instead-of N TEXT for an update",
                ));
            }
        }
        Ok(())
    }

    /// Hosts at which one client alone has something, with that client.
    fn hosts_of_one_client(&self) -> Result<HashMap<String, Uuid>> {
        let mut owners: HashMap<String, HashSet<Uuid>> = HashMap::new();
        for entry in self.entries.all()? {
            let hosts = entry.urls().iter().filter_map(|url| host(url));
            for host in hosts {
                owners.entry(host).or_default().extend(entry.client.get());
            }
        }
        let alone = owners.into_iter().filter(|(_, owners)| owners.len() == 1);
        Ok(alone
            .filter_map(|(host, owners)| Some((host, owners.into_iter().next()?)))
            .collect())
    }
}

/// What a client can be known by: names, persons and addresses.
fn names(client: &Client) -> impl Iterator<Item = &str> {
    let persons = client.persons().iter().map(|person| person.name.as_str());
    let all = [client.slug(), client.called()].into_iter().chain(persons);
    let all = all.chain(client.addresses());
    all.filter(|name| name.chars().count() >= FEWEST_LETTERS)
}

/// Whether a text in lower case has a name as words of their own, in whatever case.
fn has_word(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !name.is_empty()
        && text.match_indices(&name).any(|(at, _)| {
            let (before, after) = (text.get(..at), text.get(at + name.len()..));
            !is_part(before.and_then(|it| it.chars().next_back()))
                && !is_part(after.and_then(|it| it.chars().next()))
        })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_name_is_found_as_a_word() {
        for text in ["acme", "at ACME.", "acme's shop", "(Acme)"] {
            assert!(has_word(&text.to_lowercase(), "Acme"), "{text}");
        }
        for text in ["acmes", "pacme", "ac me", ""] {
            assert!(!has_word(text, "acme"), "{text}");
        }
    }
}
