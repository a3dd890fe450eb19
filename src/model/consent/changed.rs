//! What a client was shown of an entry, held against what it is today: a permission is for the hosts
//! and the user that stood in it, and for the entries that a pattern covered on its day.

use std::collections::BTreeSet;
use std::fmt;

use uuid::Uuid;

use super::agreed_terms::{AgreedEntry, AgreedTerms};
use crate::error::Result;
use crate::model::records::consent::{Consent, CoveredEntry};
use crate::model::records::entry::Entry;
use crate::model::text::domain::host;
use crate::model::text::web_address::without_secrets;

/// An entry that is not what the client permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedEntry {
    /// The entry.
    pub entry: Uuid,
    /// Its path.
    pub path: String,
    /// In which way.
    pub change: Change,
}

/// How an entry differs from what the client permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// One logs in at other hosts.
    Hosts {
        /// Those that were permitted.
        then: Vec<String>,
        /// Those of today.
        now: Vec<String>,
    },
    /// One logs in as somebody else.
    User {
        /// Who was permitted.
        then: Option<String>,
        /// Who it is today.
        now: Option<String>,
    },
    /// A pattern covers it, and did not on the day of the permission.
    New,
}

impl Change {
    /// A stable word for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Hosts { .. } => "hosts",
            Self::User { .. } => "user",
            Self::New => "new",
        }
    }
}

impl fmt::Display for ChangedEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.change {
            Change::Hosts { then, now } => {
                write!(
                    f,
                    "{path}: hosts now {}; permitted were {}",
                    hosts(now),
                    hosts(then)
                )
            }
            Change::User { then, now } => {
                write!(
                    f,
                    "{path}: user now {}; permitted was {}",
                    user(now.as_ref()),
                    user(then.as_ref())
                )
            }
            Change::New => write!(
                f,
                "{path} is newer than the permission: a pattern covers it, and the client was not told of it"
            ),
        }
    }
}

fn hosts(all: &[String]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.join(", ")
}

fn user(name: Option<&String>) -> &str {
    name.map_or("none", String::as_str)
}

impl AgreedEntry {
    /// The same as a consent keeps it that no paper lists it for.
    pub(crate) fn into_covered(self) -> CoveredEntry {
        let mut covered = CoveredEntry::with(self.entry, self.path);
        covered.urls = self.urls;
        covered.username = self.username;
        covered
    }
}

impl Consent {
    /// In which ways an entry that it covers is not what was permitted. A new name alone is none.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for malformed terms.
    pub fn changes_of(&self, entry: &Entry, path: &str) -> Result<Vec<ChangedEntry>> {
        let terms = AgreedTerms::from_json(&self.terms)?;
        let printed = terms.entries.iter().chain(&terms.covered);
        let printed = printed.map(|it| (it.entry, &it.urls, &it.username));
        let kept = (self.covered.iter()).map(|it| (it.entry, &it.urls, &it.username));
        let changes = match printed.chain(kept).find(|(id, ..)| *id == entry.id) {
            None => vec![Change::New],
            Some((_, urls, username)) => differences(entry, urls, username.as_ref()),
        };
        let all = changes.into_iter().map(|change| ChangedEntry {
            entry: entry.id,
            path: path.to_owned(),
            change,
        });
        Ok(all.collect())
    }
}

fn differences(entry: &Entry, urls: &[String], username: Option<&String>) -> Vec<Change> {
    let (then, now) = (hosts_of(urls), hosts_of(entry.urls()));
    let hosts = (then != now).then(|| Change::Hosts {
        then: then.into_iter().collect(),
        now: now.into_iter().collect(),
    });
    let user = (username != entry.username.value()).then(|| Change::User {
        then: username.cloned(),
        now: entry.username.value().cloned(),
    });
    hosts.into_iter().chain(user).collect()
}

/// The hosts of addresses; what names none counts as a whole.
fn hosts_of(urls: &[String]) -> BTreeSet<String> {
    let of = |url: &String| host(url).unwrap_or_else(|| without_secrets(url));
    urls.iter().map(of).filter(|of| !of.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::consent::changes::{Grant, Proof};
    use crate::model::consent::permit::world::World;
    use crate::model::consent::terms::Terms;
    use crate::model::entry::changes::Changes;
    use crate::model::entry::fields::EntryValues;
    use crate::model::records::consent::GrantedBy;
    use crate::model::testing::{author, day, path, with_secret};

    /// acme permits bob its entry wp and all below acme/shop/.
    fn permitted() -> (World, uuid::Uuid) {
        let mut world = World::new();
        let shop = path("acme/shop/a");
        world
            .vault
            .add(&shop, with_secret("s"), &author(0))
            .unwrap();
        let terms = Terms {
            client: "acme".parse().unwrap(),
            to: vec!["bob".parse().unwrap()],
            scope: vec!["acme/wp".parse().unwrap(), "acme/shop/*".parse().unwrap()],
            fields: vec![],
            purpose: "relaunch".into(),
            expires: day(90),
        };
        let grant = Grant {
            by: GrantedBy::with("Jo".into()),
            from: None,
            until: None,
            method: None,
            proof: Proof::Document {
                name: "yes.txt".parse().unwrap(),
                media_type: "text/plain",
                bytes: b"yes".to_vec(),
                date: None,
            },
        };
        let id = world.vault.add_consent(&terms, grant, &author(1)).unwrap();
        (world, id)
    }

    fn changes(world: &World, consent: uuid::Uuid, at: &str) -> Vec<String> {
        let consent = world.vault.consents.by_id(consent).unwrap();
        let entry = world.vault.entry(&path(at)).unwrap();
        let changes = consent.changes_of(entry, at).unwrap();
        changes
            .iter()
            .map(|it| it.change.code().to_owned())
            .collect()
    }

    fn edit(world: &mut World, at: &str, urls: &[&str], username: &str) {
        let changes = Changes {
            values: EntryValues {
                urls: urls.iter().map(|url| (*url).to_owned()).collect(),
                username: Some(username.into()),
                ..EntryValues::default()
            },
            ..Changes::default()
        };
        world.vault.edit(&path(at), changes, &author(2)).unwrap();
    }

    #[test]
    fn other_hosts_and_another_user_differ_and_another_page_of_a_host_does_not() {
        let (mut world, consent) = permitted();
        assert!(changes(&world, consent, "acme/wp").is_empty());
        edit(
            &mut world,
            "acme/wp",
            &["https://ACME.example/login?x=1"],
            "admin",
        );
        assert!(changes(&world, consent, "acme/wp").is_empty());
        for urls in [
            &["https://evil.example"][..],
            &["https://acme.example", "https://two.example"],
        ] {
            edit(&mut world, "acme/wp", urls, "admin");
            assert_eq!(changes(&world, consent, "acme/wp"), ["hosts"]);
        }
        edit(&mut world, "acme/wp", &["https://acme.example"], "root");
        assert_eq!(changes(&world, consent, "acme/wp"), ["user"]);
        edit(&mut world, "acme/shop/a", &["https://shop.example"], "x");
        assert_eq!(changes(&world, consent, "acme/shop/a"), ["hosts", "user"]);
    }

    #[test]
    fn a_new_name_is_the_same_entry_and_a_new_entry_is_not() {
        let (mut world, consent) = permitted();
        let (old, new) = (path("acme/shop/a"), path("acme/shop/b"));
        world.vault.rename(&old, &new, &author(2)).unwrap();
        assert!(changes(&world, consent, "acme/shop/b").is_empty());
        world.vault.add(&old, with_secret("t"), &author(2)).unwrap();
        assert_eq!(changes(&world, consent, "acme/shop/a"), ["new"]);
        let (db, moved) = (path("acme/db"), path("acme/shop/db"));
        world.vault.rename(&db, &moved, &author(2)).unwrap();
        assert_eq!(changes(&world, consent, "acme/shop/db"), ["new"]);
    }
}
