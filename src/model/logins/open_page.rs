//! The page that is in front while the extension Browserpass asks, and whether an entry is for it.

use url::Url;

use super::browser::{BrowserFile, is_of_web, web_places};
use super::place::WebPlace;
use crate::model::records::entry::Entry;

/// Pages of a browser's own, which no site can open and write into.
const OWN_PAGES: [&str; 3] = ["home", "newtab", "privatebrowsing"];
/// Schemes of pages of Chromium and its kin.
const OWN_SCHEMES: [&str; 5] = ["chrome", "brave", "edge", "opera", "vivaldi"];

/// The page that is in front while the extension asks.
#[derive(Debug, PartialEq, Eq)]
pub enum OpenPage {
    /// None of a host: the browser's own, or none that is told.
    None,
    /// One of the web.
    At(WebPlace),
    /// Any other, which no entry is for.
    Other(String),
}

impl OpenPage {
    /// Reads the address of the tab in front.
    #[must_use]
    pub fn read(address: Option<&str>) -> Self {
        let Some(address) = address else {
            return Self::None;
        };
        let Ok(url) = Url::parse(address) else {
            return Self::Other(address.to_owned());
        };
        match url.scheme() {
            // What a site has opened and writes into is `about:` too.
            "about" if !OWN_PAGES.contains(&url.path()) => Self::Other(address.to_owned()),
            "about" => Self::None,
            own if OWN_SCHEMES.contains(&own) => Self::None,
            "moz-extension" | "chrome-extension" => {
                // Its own page, which asks for what a host wants before it shows any.
                let wanted = url.query_pairs().find(|(name, _)| name == "authUrl");
                // Decoded once, as it was encoded: what is encoded in it belongs to its user name.
                wanted.map_or(Self::None, |(_, url)| Self::of_web(&url))
            }
            _ => Self::of_web(address),
        }
    }

    fn of_web(address: &str) -> Self {
        match WebPlace::parse(address).filter(is_of_web) {
            Some(place) => Self::At(place),
            None => Self::Other(address.to_owned()),
        }
    }

    /// The place of an entry that may be filled in there: one with the same scheme, host and port,
    /// where one has more of the path that one. Where there is no page, it is that of the file.
    #[must_use]
    pub fn place_of(&self, shown: &BrowserFile<'_>) -> Option<WebPlace> {
        match self {
            Self::None => Some(shown.place.clone()),
            Self::At(page) => {
                let fitting = web_places(shown.entry);
                let fitting = fitting.filter(|place| place.depth_for(page, false).is_some());
                fitting.max_by_key(|place| place.depth_for(page, true))
            }
            Self::Other(_) => None,
        }
    }
}

/// Why a page of the web should get no login, and not be added to an entry without a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoubtfulPage {
    /// It comes unencrypted, and the entry is for encrypted ones.
    Unencrypted,
    /// Letters of its host may look like others, and no entry has it.
    Lookalike,
}

impl DoubtfulPage {
    /// What is doubtful of a page, for an entry that is not for it.
    #[must_use]
    pub fn of(page: &WebPlace, entry: &Entry, files: &[BrowserFile<'_>]) -> Option<Self> {
        let is_foreign = page
            .host_name()
            .split('.')
            .any(|part| part.starts_with("xn--"));
        let is_known = || (files.iter()).any(|it| it.place.host_name() == page.host_name());
        if page.scheme() == "http" && web_places(entry).any(|place| place.scheme() == "https") {
            return Some(Self::Unencrypted);
        }
        (is_foreign && !is_known()).then_some(Self::Lookalike)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DoubtfulPage, OpenPage};
    use crate::model::testing::with_logins;

    #[test]
    fn a_page_is_the_webs_or_the_browsers_or_no_entry_is_for_it() {
        let vault = with_logins(&[(
            "acme/wp",
            &["https://acme.example/login", "http://dev.example:8080"],
        )]);
        let files = vault.browser_files().unwrap();
        let shown = files.first().unwrap();
        for (page, fits) in [
            (None, true),
            (Some("about:newtab"), true),
            (Some("brave://newtab/"), true),
            (Some("edge://newtab/"), true),
            (Some("view-source:https://acme.example"), false),
            (Some("about:blank"), false),
            (Some("ABOUT:BLANK"), false),
            (Some("about:srcdoc"), false),
            (Some("about:reader?url=https://acme.example"), false),
            (Some(""), false),
            (
                Some(
                    "moz-extension://5e/popup.html?authUrl=https%3A%2F%2Facme.example%252F%40evil.example",
                ),
                false,
            ),
            (Some("moz-extension://5e/popup.html"), true),
            (Some("https://acme.example/other?x#y"), true),
            (Some("https://jo@acme.example:443/"), true),
            (Some("http://dev.example:8080"), true),
            (
                Some("moz-extension://5e/popup.html?authUrl=https%3A%2F%2Facme.example%2Fx"),
                true,
            ),
            (
                Some("moz-extension://5e/popup.html?authUrl=https%3A%2F%2Fevil.example"),
                false,
            ),
            (Some("http://acme.example"), false),
            (Some("https://www.acme.example"), false),
            (Some("https://acme.example.evil.example"), false),
            (Some("https://acme.example:8443"), false),
            (Some("http://dev.example"), false),
            (Some("data:text/html,https://acme.example"), false),
            (Some("file:///tmp/acme.example"), false),
            (Some("acme.example\nx"), false),
        ] {
            let place = OpenPage::read(page).place_of(shown);
            assert_eq!(place.is_some(), fits, "{page:?}");
        }
    }

    #[test]
    fn the_address_is_that_of_the_page_and_doubtful_ones_are_told_apart() {
        let vault = with_logins(&[
            (
                "acme/wp",
                &[
                    "http://dev.example",
                    "https://acme.example",
                    "https://acme.example/login",
                ],
            ),
            ("acme/idn", &["https://xn--bcher-kva.example"]),
            ("acme/plain", &["http://old.example"]),
        ]);
        let files = vault.browser_files().unwrap();
        let shown = |start: &str| files.iter().find(|it| it.file.starts_with(start)).unwrap();
        let wp = shown("dev.example");
        let place = |page| OpenPage::read(Some(page)).place_of(wp).unwrap().to_string();
        assert_eq!(
            place("https://acme.example/login?x"),
            "https://acme.example/login"
        );
        assert_eq!(place("https://acme.example/other"), "https://acme.example");
        assert_eq!(place("about:newtab"), "http://dev.example");
        for (page, entry, doubt) in [
            ("http://acme.example", wp, Some(DoubtfulPage::Unencrypted)),
            ("http://old.example", shown("old.example"), None),
            ("http://new.example", shown("old.example"), None),
            ("https://new.example", wp, None),
            ("https://xn--bcher-kva.example", wp, None),
            (
                "https://xn--acm-hma.example",
                wp,
                Some(DoubtfulPage::Lookalike),
            ),
            ("https://аcme.example", wp, Some(DoubtfulPage::Lookalike)),
        ] {
            let OpenPage::At(page) = OpenPage::read(Some(page)) else {
                panic!("{page}");
            };
            assert_eq!(
                DoubtfulPage::of(&page, entry.entry, &files),
                doubt,
                "{page}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(address in "(https?://|about:|moz-extension://)?.{0,40}") {
            let _ = OpenPage::read(Some(&address));
        }
    }
}
