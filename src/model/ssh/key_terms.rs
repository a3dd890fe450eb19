//! What the entry of an SSH key says of its use: where it logs in, and what it signs.

use super::destination::Destination;
use crate::model::records::entry::Entry;

/// The field with the keys of the servers, instead of the user's known hosts.
pub const HOST_KEY_FIELD: &str = "host-key";
/// The field with the namespaces in which files are signed.
pub const NAMESPACES_FIELD: &str = "ssh-sign";

/// A server's key, as an entry names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedHostKey {
    /// Whose it is: `HOST` or `HOST:PORT`; not said where there is one server alone.
    pub host: Option<String>,
    /// The key's fingerprint.
    pub fingerprint: String,
}

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
    /// destination, `named` are those that the entry names. Each server has its own: a key that
    /// does not say whose it is counts where there is one server alone.
    #[must_use]
    pub fn with_host_keys(
        &self,
        named: Option<&[NamedHostKey]>,
        of_host: impl Fn(&Destination) -> Vec<String>,
    ) -> KeyBounds {
        let mut hosts: Vec<String> = self
            .destinations
            .iter()
            .map(Destination::known_as)
            .collect();
        hosts.extend(self.unreadable.iter().cloned());
        hosts.sort_unstable();
        hosts.dedup();
        let is_one = hosts.len() <= 1;
        let is_of = |key: &NamedHostKey, place: &Destination| match &key.host {
            Some(host) => place.is_called(host),
            None => is_one,
        };
        let places = self.destinations.iter().map(|place| BoundPlace {
            name: place.known_as(),
            user: place.user.clone(),
            host_keys: match named {
                Some(named) => fingerprints(named, |key| is_of(key, place)),
                None => of_host(place),
            },
        });
        let mut places: Vec<BoundPlace> = places.collect();
        let named = named.unwrap_or_default();
        if hosts.is_empty() {
            places.extend(places_of(named));
        }
        let is_nobodys = |key: &NamedHostKey| {
            !hosts.is_empty() && !self.destinations.iter().any(|place| is_of(key, place))
        };
        KeyBounds {
            is_bound: self.is_bound(),
            places,
            namespaces: self.namespaces.clone(),
            unused_host_keys: fingerprints(named, is_nobodys),
        }
    }
}

/// The servers that only their keys tell of.
fn places_of(named: &[NamedHostKey]) -> Vec<BoundPlace> {
    let mut hosts: Vec<_> = named.iter().map(|key| &key.host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let place = |host: &Option<String>| BoundPlace {
        name: host.clone().unwrap_or_default(),
        user: None,
        host_keys: fingerprints(named, |key| key.host == *host),
    };
    hosts.into_iter().map(place).collect()
}

fn fingerprints(named: &[NamedHostKey], is_meant: impl Fn(&NamedHostKey) -> bool) -> Vec<String> {
    let meant = named.iter().filter(|key| is_meant(key));
    meant.map(|key| key.fingerprint.clone()).collect()
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
    /// Keys of servers that the entry names and that count for none of them.
    pub unused_host_keys: Vec<String>,
}

impl KeyBounds {
    /// The place of a login: the one whose key this is, and whose user is meant, if there is one.
    #[must_use]
    pub fn place(&self, fingerprint: &str, user: &str) -> Option<&BoundPlace> {
        let here = || {
            let places = self.places.iter();
            places.filter(|it| it.host_keys.iter().any(|key| key == fingerprint))
        };
        here().find(|it| it.is_for(user)).or_else(|| here().next())
    }
}

impl BoundPlace {
    /// Whether the key logs in as `user` there.
    #[must_use]
    pub fn is_for(&self, user: &str) -> bool {
        self.user.as_deref().is_none_or(|it| it == user)
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, KeyTerms, NamedHostKey};

    fn terms(urls: &[&str]) -> KeyTerms {
        let read = |url: &&str| Destination::of_url(url).unwrap().unwrap();
        KeyTerms {
            destinations: urls.iter().map(read).collect(),
            host_keys: Some("those".into()),
            ..KeyTerms::default()
        }
    }

    fn key(host: Option<&str>, fingerprint: &str) -> NamedHostKey {
        NamedHostKey {
            host: host.map(str::to_owned),
            fingerprint: fingerprint.into(),
        }
    }

    const TWO: [&str; 2] = ["ssh://root@web1", "ssh://deploy@web2:2222"];

    #[test]
    fn each_of_several_servers_has_its_own_keys() {
        for (web1, web2) in [
            ("web1", "web2:2222"),
            ("web1:22", "[web2]:2222"),
            ("[web1]:22", "web2:2222"),
        ] {
            let named = [key(Some(web1), "ONE"), key(Some(web2), "TWO")];
            let bounds = terms(&TWO).with_host_keys(Some(&named), |_| unreachable!());
            let keys: Vec<_> = bounds.places.iter().map(|it| &it.host_keys).collect();
            assert_eq!(keys, [&["ONE"], &["TWO"]], "{web1} {web2}");
            assert!(bounds.unused_host_keys.is_empty());
            assert_eq!(bounds.place("TWO", "root").unwrap().name, "[web2]:2222");
        }
    }

    #[test]
    fn a_key_that_does_not_say_whose_it_is_counts_for_one_server_alone() {
        let named = [key(None, "ONE"), key(Some("web2"), "TWO")];
        let bounds = terms(&TWO).with_host_keys(Some(&named), |_| unreachable!());
        assert!(bounds.places.iter().all(|it| it.host_keys.is_empty()));
        assert_eq!(bounds.unused_host_keys, ["ONE", "TWO"], "web2 at port 22");
        let same = ["ssh://root@web1", "ssh://kim@web1"];
        let bounds = terms(&same).with_host_keys(Some(&named[..1]), |_| unreachable!());
        assert!(bounds.places.iter().all(|it| it.host_keys == ["ONE"]));
        assert_eq!(
            bounds.place("ONE", "kim").unwrap().user.as_deref(),
            Some("kim")
        );
        let mut half = terms(&TWO[..1]);
        half.unreadable.push("ssh://".into());
        let bounds = half.with_host_keys(Some(&named[..1]), |_| unreachable!());
        assert!(
            bounds.places[0].host_keys.is_empty(),
            "it may be the other's"
        );
    }

    #[test]
    fn without_urls_the_keys_alone_tell_the_servers() {
        let named = [key(None, "ONE"), key(Some("web2"), "TWO"), key(None, "SIX")];
        let bounds = terms(&[]).with_host_keys(Some(&named), |_| unreachable!());
        let places = bounds.places.iter();
        let places: Vec<_> = places
            .map(|it| (&*it.name, it.host_keys.join(" ")))
            .collect();
        assert_eq!(places, [("", "ONE SIX".into()), ("web2", "TWO".into())]);
        assert!(bounds.is_bound && bounds.unused_host_keys.is_empty());
    }
}
