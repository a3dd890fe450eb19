//! What the user writes of an incident stands in the letters to all clients concerned: none may
//! learn from it who else is a client.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::incident::Incident;
use crate::model::text::domain::{host, is_mail_provider};
use crate::model::vault::Vault;

/// The fewest letters of a name that is looked for: a shorter one stands in many words' place.
const FEWEST_LETTERS: usize = 3;
/// What firms have behind their names and nobody says, in lower case and without stops.
const LEGAL_FORMS: &[&str] = &[
    "ab", "ag", "aps", "as", "bv", "co", "corp", "ek", "ev", "gbr", "gmbh", "inc", "kg", "kft",
    "limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "plc", "sa", "sarl", "sas", "se",
    "sl", "spa", "srl", "ug",
];

/// What stands before a surname, in lower case and without stops.
const FORMS_OF_ADDRESS: &[&str] = &[
    "dr", "familie", "frau", "herr", "herrn", "madame", "miss", "monsieur", "mr", "mrs", "ms",
    "mx", "prof",
];

/// The names by which a text may tell of a client, read once for many texts.
pub struct TellingNames<'a> {
    vault: &'a Vault,
    /// Hosts at which one client alone has something, with that client.
    hosts: HashMap<String, Uuid>,
}

/// Words by which a text tells of a client.
struct TellingWords<'a> {
    client: &'a Client,
    words: String,
    /// Whether it is a surname alone, which may be another word too.
    is_surname: bool,
}

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
        // A letter that goes to nobody else may name whom it goes to.
        let is_told_alone = |client: Uuid| concerned.len() == 1 && concerned.contains(&client);
        let names = self.telling_names()?;
        let Some(told) = names.told_in(&incident.own_words(), &began, is_told_alone) else {
            return Ok(());
        };
        let (words, slug) = (&told.words, told.client.slug());
        let (names, besides) = if told.is_surname {
            (
                "may be a person of",
                "; in small letters it is a word as any other",
            )
        } else {
            ("names", "")
        };
        Err(Error::refused(format!(
            "'{words}' {names} {slug}, and what you write stands in the letters to others too"
        ))
        .hint(format!(
            "say it without that name{besides}; what stands there already is written anew by: \
             vault incident note NUMBER --description TEXT, or --instead-of N TEXT for an update"
        )))
    }

    /// Another client than this one, if a text tells of any.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn other_client_in(&self, text: &str, own: Uuid) -> Result<Option<&Client>> {
        Ok(self.telling_names()?.other_in(text, own))
    }

    /// The names by which texts may tell of clients.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn telling_names(&self) -> Result<TellingNames<'_>> {
        Ok(TellingNames {
            vault: self,
            hosts: self.hosts_of_one_client()?,
        })
    }

    /// Hosts at which one client alone has something, or mail, with that client; where anybody has
    /// mail names nobody.
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
        let alone = (owners.into_iter())
            .filter(|(host, owners)| owners.len() == 1 && !is_mail_provider(host));
        Ok(alone
            .filter_map(|(host, owners)| Some((host, owners.into_iter().next()?)))
            .collect())
    }
}

impl<'a> TellingNames<'a> {
    /// Another client than this one, if a text tells of any.
    #[must_use]
    pub fn other_in(&self, text: &str, own: Uuid) -> Option<&'a Client> {
        let told = self.told_in(&[text], &HashSet::new(), |it| it == own)?;
        Some(told.client)
    }

    /// The first client of whom one of the texts tells, but for those who `may` be told of, and by
    /// names that may be said.
    fn told_in(
        &self,
        texts: &[&str],
        sayable: &HashSet<String>,
        may: impl Fn(Uuid) -> bool,
    ) -> Option<TellingWords<'a>> {
        let texts: Vec<Vec<char>> = texts.iter().map(|text| text.chars().collect()).collect();
        for client in self.vault.clients.iter().filter(|it| !may(it.id)) {
            let own = self.hosts.iter().filter(|(_, owner)| **owner == client.id);
            let own = own.map(|(host, _)| host.as_str());
            let called = names(client).into_iter();
            let called = called.filter(|name| !sayable.contains(&name.to_lowercase()));
            let mut names = called.chain(own);
            let told = names.find(|name| texts.iter().any(|text| has_word(text, name)));
            let surname =
                || surnames(client).find(|name| texts.iter().any(|text| has_surname(text, name)));
            let is_surname = told.is_none();
            if let Some(words) = told.or_else(surname) {
                return Some(TellingWords {
                    client,
                    words: words.to_owned(),
                    is_surname,
                });
            }
        }
        None
    }
}

/// What names a client and nothing else: names, with their legal form and without, persons, and
/// addresses.
fn names(client: &Client) -> Vec<&str> {
    let called = client.called();
    let persons = client.persons().iter().map(|person| person.name.as_str());
    let all = [client.slug(), called, without_legal_form(called)].into_iter();
    let all = all.chain(persons).chain(client.addresses());
    all.filter(|name| is_long(name)).collect()
}

/// The surnames of those who speak for a client. Many are words, too: Best, Long, Koch.
fn surnames(client: &Client) -> impl Iterator<Item = &str> {
    let names = client.persons().iter().map(|person| person.name.as_str());
    let surnames = names.filter_map(|name| name.split_whitespace().last());
    surnames.filter(|name| is_long(name))
}

fn is_long(name: &str) -> bool {
    name.chars().count() >= FEWEST_LETTERS
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

/// Whether a text has a name as words of their own, in whatever case.
fn has_word(text: &[char], name: &str) -> bool {
    places(text, name).next().is_some()
}

/// Whether a text has a surname written as one: with a capital, or behind a form of address.
fn has_surname(text: &[char], name: &str) -> bool {
    places(text, name).any(|at| {
        let is_capital = text.get(at).is_some_and(|c| c.is_uppercase());
        is_capital || is_addressed(text.get(..at).unwrap_or_default())
    })
}

/// Whether a text ends with a form of address.
fn is_addressed(before: &[char]) -> bool {
    let before: String = before.iter().collect();
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let last = last.trim_matches(|c: char| !c.is_alphanumeric());
    FORMS_OF_ADDRESS.contains(&last.to_lowercase().as_str())
}

/// Where a name begins in a text as words of their own, in whatever case.
fn places(text: &[char], name: &str) -> impl Iterator<Item = usize> {
    let name: Vec<char> = name.chars().map(small).collect();
    let is_part = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let starts = 0..=text.len().saturating_sub(name.len());
    starts.filter(move |at| {
        let (before, rest) = text.split_at(*at);
        let is_it =
            rest.len() >= name.len() && rest.iter().zip(&name).all(|(a, b)| small(*a) == *b);
        is_it && !name.is_empty() && !is_part(before.last()) && !is_part(rest.get(name.len()))
    })
}

/// A letter in lower case, where that is one letter.
fn small(letter: char) -> char {
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::{has_surname, has_word, without_legal_form};

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn a_name_is_found_as_a_word() {
        for text in ["acme", "at ACME.", "acme's shop", "(Acme)"] {
            assert!(has_word(&chars(text), "Acme"), "{text}");
        }
        for text in ["acmes", "pacme", "ac me", ""] {
            assert!(!has_word(&chars(text), "acme"), "{text}");
        }
    }

    #[test]
    fn a_surname_is_one_where_it_is_written_so() {
        for text in ["Best called", "at Best's", "mr. best called", "(herr BEST)"] {
            assert!(has_surname(&chars(text), "Best"), "{text}");
        }
        for text in [
            "the best of all",
            "Besten Dank",
            "it is best",
            "after mr x, best",
        ] {
            assert!(!has_surname(&chars(text), "Best"), "{text}");
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
