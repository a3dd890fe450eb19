//! Which entries a program may mean that asks for the login at a place.

use jiff::Timestamp;

use super::place::WebPlace;
use super::place_kind::PlaceKind;
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// What a program asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedLogin {
    /// Where: the spellings of one place.
    pub places: Vec<WebPlace>,
    /// Whether it told a path.
    pub has_path: bool,
    /// For whom, if it told that.
    pub username: Option<String>,
    /// What is there.
    pub kind: PlaceKind,
}

/// An entry that fits.
#[derive(Clone, Debug)]
pub struct FittingLogin<'a> {
    /// Its path.
    pub path: EntryPath,
    /// The entry.
    pub entry: &'a Entry,
    /// How many parts of a path the place and the entry's URL have in common.
    depth: usize,
    /// The user that this URL names.
    url_user: Option<String>,
}

/// An entry for the same host whose URL has another path.
#[derive(Debug, PartialEq, Eq)]
pub struct NearLogin {
    /// Its path.
    pub path: EntryPath,
    /// Whether it is only capital and small letters that differ.
    pub differs_in_case: bool,
}

/// What a program that asks is to get.
#[derive(Debug)]
pub enum FoundLogin<'a> {
    /// Nothing is for that place; these are for another of that host.
    None(Vec<NearLogin>),
    /// Only what has expired, or came with a share that has ended.
    Expired(Vec<FittingLogin<'a>>),
    /// One, and what would have been meant before it, had it not ended.
    One(FittingLogin<'a>, Vec<FittingLogin<'a>>),
    /// Several, none of which is meant more than the others.
    Several(Vec<FittingLogin<'a>>),
}

impl FittingLogin<'_> {
    /// Whom one logs in as, if that is known: the entry's user name, else that of its URL.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        let own = self.entry.username.value();
        own.or(self.url_user.as_ref()).map(String::as_str)
    }

    /// Whether its own date is past.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.entry.expires.value().is_some_and(|end| *end <= now)
    }

    /// Whether its secret is this one.
    #[must_use]
    pub fn has(&self, secret: &Secret) -> bool {
        let current = self.entry.current(SECRET);
        current.is_some_and(|version| version.secret() == secret)
    }
}

impl Vault {
    /// The entries that are for a place and have a secret; of those that are for it, the ones whose
    /// URL says most of its path. A user name that is told leaves those out that have another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn fitting(&self, wanted: &WantedLogin) -> Result<Vec<FittingLogin<'_>>> {
        Ok(deepest(wanted.of_user(self.all_at(wanted, true)?)))
    }

    /// As [`Self::fitting`], for any user and any part of the path, and the ones without a secret too
    /// where `has_secret` is not asked for.
    ///
    /// # Errors
    /// As there.
    pub fn all_at(&self, wanted: &WantedLogin, has_secret: bool) -> Result<Vec<FittingLogin<'_>>> {
        let mut all = Vec::new();
        for (path, entry) in self.live()? {
            let Ok(path) = path.parse() else { continue };
            if has_secret && entry.current(SECRET).is_none() {
                continue;
            }
            if let Some((depth, url_user)) = wanted.best_of(entry) {
                all.push(FittingLogin {
                    path,
                    entry,
                    depth,
                    url_user,
                });
            }
        }
        Ok(all)
    }

    /// As [`Self::fitting`], what a program is to get at `now`: an answer only where one is meant.
    /// What is over is in nobody's way.
    ///
    /// # Errors
    /// As there.
    pub fn found_login(&self, wanted: &WantedLogin, now: Timestamp) -> Result<FoundLogin<'_>> {
        let is_over = |fit: &FittingLogin<'_>| {
            fit.has_expired(now) || self.check_usable(fit.entry, now).is_err()
        };
        let all = self.all_at(wanted, true)?;
        let (over, valid): (Vec<_>, Vec<_>) = all.into_iter().partition(is_over);
        let mut over = wanted.of_user(over);
        let mut valid = deepest(wanted.of_user(valid));
        if valid.len() > 1 {
            return Ok(FoundLogin::Several(valid));
        }
        Ok(match valid.pop() {
            Some(fit) => {
                let is_own = |it: &FittingLogin<'_>| {
                    fit.username().is_none() && wanted.username.as_deref() == it.username()
                };
                over.retain(|it| it.depth > fit.depth || is_own(it));
                FoundLogin::One(fit, over)
            }
            None if over.is_empty() => FoundLogin::None(self.near(wanted)?),
            None => FoundLogin::Expired(deepest(over)),
        })
    }

    /// The entries of that user whose URL has the host, but another path.
    fn near(&self, wanted: &WantedLogin) -> Result<Vec<NearLogin>> {
        let anywhere = WantedLogin {
            has_path: false,
            ..wanted.clone()
        };
        let near = anywhere.of_user(self.all_at(&anywhere, true)?);
        let near = near.into_iter().map(|fit| {
            let differs_in_case = wanted.differs_in_case(fit.entry);
            NearLogin {
                path: fit.path,
                differs_in_case,
            }
        });
        Ok(near.collect())
    }
}

/// Those whose URL says most of the path.
fn deepest(mut all: Vec<FittingLogin<'_>>) -> Vec<FittingLogin<'_>> {
    let most = all.iter().map(|fit| fit.depth).max();
    all.retain(|fit| Some(fit.depth) == most);
    all
}

impl WantedLogin {
    /// As [`WebPlace::depth_for`], of the spelling that says most.
    #[must_use]
    pub fn depth_of(&self, place: &WebPlace) -> Option<usize> {
        let place = self.kind.of_entry(place);
        let depths = self
            .places
            .iter()
            .filter_map(|asked| place.depth_for(asked, self.has_path));
        depths.max()
    }

    /// Of the URLs of an entry that is for the place, the one that is meant most: its depth, and the
    /// user that it names.
    fn best_of(&self, entry: &Entry) -> Option<(usize, Option<String>)> {
        let is_named = entry.username.value().is_some();
        let rank = |user: Option<&str>| match user {
            _ if is_named || self.username.is_none() => 0,
            Some(user) if Some(user) == self.username.as_deref() => 2,
            None => 1,
            Some(_) => 0,
        };
        let places = entry.urls().iter().filter_map(|url| WebPlace::parse(url));
        let fitting = places.filter_map(|place| {
            let depth = self.depth_of(&place)?;
            let user = place.username().map(str::to_owned);
            Some((rank(user.as_deref()), depth, user))
        });
        let best = fitting.max_by_key(|(rank, depth, _)| (*rank, *depth));
        best.map(|(_, depth, user)| (depth, user))
    }

    /// Whether it is only capital and small letters by which no URL of an entry is for the place.
    fn differs_in_case(&self, entry: &Entry) -> bool {
        let places = entry.urls().iter().filter_map(|url| WebPlace::parse(url));
        places
            .filter(|place| {
                self.places
                    .iter()
                    .any(|asked| place.depth_for(asked, false).is_some())
            })
            .any(|place| {
                let place = self.kind.of_entry(&place);
                self.places.iter().any(|asked| place.differs_in_case(asked))
            })
    }

    /// Those of the user that is asked for; else those that name none.
    #[must_use]
    pub fn of_user<'a>(&self, all: Vec<FittingLogin<'a>>) -> Vec<FittingLogin<'a>> {
        let Some(wanted) = self.username.as_deref() else {
            return all;
        };
        let (own, others): (Vec<_>, Vec<_>) =
            (all.into_iter()).partition(|fit| fit.username() == Some(wanted));
        if !own.is_empty() {
            return own;
        }
        let nameless = others.into_iter().filter(|fit| fit.username().is_none());
        nameless.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{FoundLogin, WantedLogin};
    use crate::model::logins::place::WebPlace;
    use crate::model::logins::place_kind::PlaceKind;
    use crate::model::testing::{author, day, empty_vault, path, with_secret};
    use crate::model::vault::Vault;

    /// A vault with these entries: path, user and URL.
    fn vault(entries: &[(&str, &str, &str)]) -> Vault {
        let mut vault = empty_vault();
        for (name, user, url) in entries {
            let mut changes = with_secret(name);
            changes.values.username = (!user.is_empty()).then(|| (*user).to_owned());
            changes.values.urls = vec![(*url).to_owned()];
            vault.add(&path(name), changes, &author(0)).unwrap();
        }
        vault
    }

    fn wanted(url: &str, has_path: bool, user: Option<&str>) -> WantedLogin {
        WantedLogin {
            places: vec![WebPlace::parse(url).unwrap()],
            has_path,
            username: user.map(str::to_owned),
            kind: PlaceKind::Web,
        }
    }

    fn names(vault: &Vault, wanted: &WantedLogin) -> Vec<String> {
        let fitting = vault.fitting(wanted).unwrap();
        fitting.iter().map(|fit| fit.path.to_string()).collect()
    }

    #[test]
    fn the_user_and_the_longest_path_choose_between_entries_of_one_host() {
        let vault = vault(&[
            ("acme/a", "jo", "https://git.example/acme"),
            ("acme/b", "jo", "https://git.example/acme/shop"),
            ("globex/c", "al", "https://git.example"),
        ]);
        let at = |path: &str| format!("https://git.example{path}");
        let all = ["acme/a", "acme/b", "globex/c"];
        assert_eq!(
            names(&vault, &wanted(&at("/acme/shop/x"), false, None)),
            all
        );
        assert_eq!(
            names(&vault, &wanted(&at("/acme/shop/x"), true, None)),
            ["acme/b"]
        );
        assert_eq!(
            names(&vault, &wanted(&at("/acme/x"), true, None)),
            ["acme/a"]
        );
        assert_eq!(
            names(&vault, &wanted(&at("/acme/x"), true, Some("al"))),
            ["globex/c"]
        );
        assert_eq!(
            names(&vault, &wanted(&at("/"), false, Some("al"))),
            ["globex/c"]
        );
        assert!(names(&vault, &wanted(&at("/"), false, Some("AL"))).is_empty());
        assert!(matches!(
            vault.found_login(&wanted(&at("/"), false, None), day(1)).unwrap(),
            FoundLogin::Several(all) if all.len() == 3
        ));
    }

    #[test]
    fn an_entry_without_a_user_serves_anybody_whom_no_other_names() {
        let vault = vault(&[
            ("acme/token", "", "https://git.example"),
            ("acme/jo", "jo", "https://git.example"),
        ]);
        let user = |user| names(&vault, &wanted("https://git.example", false, Some(user)));
        assert_eq!(user("jo"), ["acme/jo"]);
        assert_eq!(user("al"), ["acme/token"]);
    }

    #[test]
    fn what_is_in_the_trash_or_has_no_secret_does_not_fit_and_what_expired_is_told() {
        let mut vault = vault(&[("acme/a", "jo", "https://git.example")]);
        let mut bare = crate::model::entry::changes::Changes::default();
        bare.values.urls = vec!["https://git.example".into()];
        vault
            .add(&path("acme/bare"), bare.clone(), &author(0))
            .unwrap();
        let wanted = wanted("https://git.example", false, None);
        assert_eq!(names(&vault, &wanted), ["acme/a"]);
        bare.values.urls.clear();
        bare.values.expires = Some(day(5));
        vault.edit(&path("acme/a"), bare, &author(1)).unwrap();
        assert!(matches!(
            vault.found_login(&wanted, day(4)).unwrap(),
            FoundLogin::One(_, over) if over.is_empty()
        ));
        assert!(matches!(
            vault.found_login(&wanted, day(5)).unwrap(),
            FoundLogin::Expired(all) if all.len() == 1
        ));
        vault.remove(&path("acme/a"), &author(2)).unwrap();
        assert!(matches!(
            vault.found_login(&wanted, day(4)).unwrap(),
            FoundLogin::None(near) if near.is_empty()
        ));
    }

    #[test]
    fn the_user_of_a_url_is_the_entrys_where_it_has_none() {
        let vault = vault(&[
            ("acme/a", "", "https://jo@git.example"),
            ("acme/b", "al", "https://jo@git.example"),
        ]);
        let user = |user| names(&vault, &wanted("https://git.example", false, Some(user)));
        assert_eq!(user("jo"), ["acme/a"]);
        assert_eq!(user("al"), ["acme/b"]);
        assert!(user("eve").is_empty());
    }

    #[test]
    fn what_is_over_is_in_nobodys_way_and_is_told_where_it_was_meant() {
        let mut vault = vault(&[
            ("acme/a", "jo", "https://git.example/acme"),
            ("acme/b", "jo", "https://git.example"),
        ]);
        let mut ends = crate::model::entry::changes::Changes::default();
        ends.values.expires = Some(day(5));
        vault.edit(&path("acme/a"), ends, &author(1)).unwrap();
        let wanted = wanted("https://git.example/acme/x", true, None);
        let found = |now| match vault.found_login(&wanted, day(now)).unwrap() {
            FoundLogin::One(fit, over) => (fit.path.to_string(), over.len()),
            other => panic!("{other:?}"),
        };
        assert_eq!(found(4), ("acme/a".into(), 0));
        assert_eq!(found(5), ("acme/b".into(), 1));
    }

    #[test]
    fn what_comes_near_is_told_and_whether_only_the_case_differs() {
        let vault = vault(&[
            ("acme/a", "jo", "https://git.example/Acme/x"),
            ("acme/b", "jo", "https://git.example/users/sign_in"),
            ("acme/c", "jo", "https://other.example"),
        ]);
        let near = |url, user| match vault.found_login(&wanted(url, true, user), day(1)).unwrap() {
            FoundLogin::None(near) => near
                .into_iter()
                .map(|it| (it.path.to_string(), it.differs_in_case))
                .collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let both = [("acme/a".to_owned(), true), ("acme/b".to_owned(), false)];
        assert_eq!(near("https://git.example/acme/x.git", None), both);
        assert!(near("https://git.example/acme/x", Some("al")).is_empty());
        assert!(near("https://none.example/acme/x", None).is_empty());
    }
}
