//! What the entry of an SSH key says of its use: where it logs in, and what it signs.

use super::destination::Destination;
use crate::model::records::entry::Entry;

/// The field with the keys of the servers, instead of the user's known hosts.
pub const HOST_KEY_FIELD: &str = "host-key";
/// The field with the namespaces in which files are signed.
pub const NAMESPACES_FIELD: &str = "ssh-sign";

/// What an entry says, as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTerms {
    /// Where its URLs lead.
    pub destinations: Vec<Destination>,
    /// URLs of SSH that cannot be read: they bind the key all the same.
    pub unreadable: Vec<String>,
    /// The keys of the servers, fingerprints or whole keys, where the entry names them.
    pub host_keys: Option<String>,
    /// The namespaces in which files are signed, where the entry names them.
    pub namespaces: Option<Vec<String>>,
}

impl KeyTerms {
    /// The terms of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let mut terms = Self {
            host_keys: field(entry, HOST_KEY_FIELD),
            namespaces: field(entry, NAMESPACES_FIELD).map(|text| {
                let names = text.split([',', ' ', '\n', '\t']);
                names
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect()
            }),
            ..Self::default()
        };
        for url in entry.urls() {
            match Destination::of_url(url) {
                Some(Ok(destination)) => terms.destinations.push(destination),
                Some(Err(())) => terms.unreadable.push(url.clone()),
                None => {}
            }
        }
        terms
    }

    /// Whether the key is for certain servers only.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        !self.destinations.is_empty() || !self.unreadable.is_empty() || self.host_keys.is_some()
    }

    /// The terms with the fingerprints of the servers' keys: `of_host` knows those of a
    /// destination, `named` are those that the entry names.
    #[must_use]
    pub fn with_host_keys(
        &self,
        named: Option<Vec<String>>,
        of_host: impl Fn(&Destination) -> Vec<String>,
    ) -> KeyBounds {
        let mut places: Vec<BoundPlace> = (self.destinations.iter())
            .map(|it| BoundPlace {
                name: it.known_as(),
                user: it.user.clone(),
                host_keys: named.clone().unwrap_or_else(|| of_host(it)),
            })
            .collect();
        if let (true, Some(host_keys)) = (places.is_empty(), named) {
            places.push(BoundPlace {
                name: String::new(),
                user: None,
                host_keys,
            });
        }
        KeyBounds {
            is_bound: self.is_bound(),
            places,
            namespaces: self.namespaces.clone(),
        }
    }
}

fn field(entry: &Entry, name: &str) -> Option<String> {
    entry.field(name).map(|found| found.expose().to_owned())
}

/// A server that a key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundPlace {
    /// What it is called; nothing where only its key is known.
    pub name: String,
    /// Whom the key logs in as; anybody where none is named.
    pub user: Option<String>,
    /// The fingerprints of its keys; none where nobody here knows it.
    pub host_keys: Vec<String>,
}

/// What a key may sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBounds {
    /// Whether it is for certain servers only.
    pub is_bound: bool,
    /// Those servers.
    pub places: Vec<BoundPlace>,
    /// The namespaces in which it signs files; all where none are named and it is for any server.
    pub namespaces: Option<Vec<String>>,
}
