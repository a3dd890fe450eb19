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
/// What firms have behind their names and nobody says, in lower case and without stops.
const LEGAL_FORMS: &[&str] = &[
    "ab", "ag", "aps", "as", "bv", "co", "corp", "ek", "ev", "gbr", "gmbh", "inc", "kg", "kft",
    "limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "plc", "sa", "sarl", "sas", "se",
    "sl", "spa", "srl", "ug",
];

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
            let called = names(client).into_iter();
            let called = called.filter(|name| !began.contains(&name.to_lowercase()));
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

    /// Hosts at which one client alone has something, or mail, with that client.
    fn hosts_of_one_client(&self) -> Result<HashMap<String, Uuid>> {
        let mut owners: HashMap<String, HashSet<Uuid>> = HashMap::new();
        for entry in self.entries.all()? {
            let hosts = entry.urls().iter().filter_map(|url| host(url));
            for host in hosts {
                owners.entry(host).or_default().extend(entry.client.get());
            }
        }
        for client in &self.clients {
            for (_, domain) in client.addresses().filter_map(|it| it.rsplit_once('@')) {
                let owners = owners.entry(domain.to_lowercase()).or_default();
                owners.insert(client.id);
            }
        }
        let alone = owners.into_iter().filter(|(_, owners)| owners.len() == 1);
        Ok(alone
            .filter_map(|(host, owners)| Some((host, owners.into_iter().next()?)))
            .collect())
    }
}

/// What a client can be known by: names, with their legal form and without, persons, also by their
/// surname alone, and addresses.
fn names(client: &Client) -> Vec<&str> {
    let called = client.called();
    let persons = client.persons().iter().map(|person| person.name.as_str());
    let surnames = persons
        .clone()
        .filter_map(|name| name.split_whitespace().last());
    let all = [client.slug(), called, without_legal_form(called)].into_iter();
    let all = all.chain(persons).chain(surnames).chain(client.addresses());
    all.filter(|name| name.chars().count() >= FEWEST_LETTERS)
        .collect()
}

/// A name without the legal form at its end, as people say it.
fn without_legal_form(name: &str) -> &str {
    let mut said = name.trim_end();
    while let Some((before, last)) = said.rsplit_once([' ', ',']) {
        let letters = last.chars().filter(|c| c.is_alphanumeric());
        let letters: String = letters.flat_map(char::to_lowercase).collect();
        if !letters.is_empty() && !LEGAL_FORMS.contains(&letters.as_str()) {
            break;
        }
        said = before.trim_end();
    }
    said
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
    use super::{has_word, without_legal_form};

    #[test]
    fn a_name_is_found_as_a_word() {
        for text in ["acme", "at ACME.", "acme's shop", "(Acme)"] {
            assert!(has_word(&text.to_lowercase(), "Acme"), "{text}");
        }
        for text in ["acmes", "pacme", "ac me", ""] {
            assert!(!has_word(text, "acme"), "{text}");
        }
    }

    #[test]
    fn a_firm_is_called_without_its_legal_form() {
        for (name, said) in [
            ("Müller & Söhne GmbH", "Müller & Söhne"),
            ("Müller GmbH & Co. KG", "Müller"),
            ("Acme, Inc.", "Acme"),
            ("Acme", "Acme"),
            ("", ""),
        ] {
            assert_eq!(without_legal_form(name), said, "{name}");
        }
    }
}
