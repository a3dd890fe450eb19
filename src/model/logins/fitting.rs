//! Which entries a program may mean that asks for the login at a place.

use jiff::Timestamp;

use super::place::WebPlace;
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
}

/// What a program that asks is to get.
#[derive(Debug)]
pub enum FoundLogin<'a> {
    /// Nothing is for that place.
    None,
    /// Only what has expired, or came with a share that has ended.
    Expired(Vec<FittingLogin<'a>>),
    /// One.
    One(FittingLogin<'a>),
    /// Several, none of which is meant more than the others.
    Several(Vec<FittingLogin<'a>>),
}

impl FittingLogin<'_> {
    /// Whom one logs in as, if that is known.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.entry.username.value().map(String::as_str)
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
        let mut all = Vec::new();
        for (path, entry) in self.live()? {
            let Ok(path) = path.parse() else { continue };
            let places = entry.urls().iter().filter_map(|url| WebPlace::parse(url));
            let depth = places.filter_map(|place| wanted.depth_of(&place)).max();
            if let Some(depth) = depth.filter(|_| entry.current(SECRET).is_some()) {
                all.push(FittingLogin { path, entry, depth });
            }
        }
        let mut fitting = wanted.of_user(all);
        let most = fitting.iter().map(|fit| fit.depth).max();
        fitting.retain(|fit| Some(fit.depth) == most);
        Ok(fitting)
    }

    /// As [`Self::fitting`], what a program is to get at `now`: an answer only where one is meant.
    ///
    /// # Errors
    /// As there.
    pub fn found_login(&self, wanted: &WantedLogin, now: Timestamp) -> Result<FoundLogin<'_>> {
        let is_over = |fit: &FittingLogin<'_>| {
            fit.has_expired(now) || self.check_usable(fit.entry, now).is_err()
        };
        let (expired, mut valid): (Vec<_>, Vec<_>) =
            self.fitting(wanted)?.into_iter().partition(is_over);
        Ok(match (valid.len(), expired.is_empty()) {
            (0, true) => FoundLogin::None,
            (0, false) => FoundLogin::Expired(expired),
            (1, _) => valid.pop().map_or(FoundLogin::None, FoundLogin::One),
            _ => FoundLogin::Several(valid),
        })
    }
}

impl WantedLogin {
    /// As [`WebPlace::depth_for`], of the spelling that says most.
    #[must_use]
    pub fn depth_of(&self, place: &WebPlace) -> Option<usize> {
        let depths = self
            .places
            .iter()
            .filter_map(|asked| place.depth_for(asked, self.has_path));
        depths.max()
    }

    /// Those of the user that is asked for; else those that name none.
    fn of_user<'a>(&self, all: Vec<FittingLogin<'a>>) -> Vec<FittingLogin<'a>> {
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
            FoundLogin::One(_)
        ));
        assert!(matches!(
            vault.found_login(&wanted, day(5)).unwrap(),
            FoundLogin::Expired(all) if all.len() == 1
        ));
        vault.remove(&path("acme/a"), &author(2)).unwrap();
        assert!(matches!(
            vault.found_login(&wanted, day(4)).unwrap(),
            FoundLogin::None
        ));
    }
}
