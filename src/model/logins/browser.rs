//! How entries are shown to the browser extension Browserpass, which knows files of a folder and finds
//! a page's host among the parts of their paths; and what one of them holds.

use url::Url;

use super::place::WebPlace;
use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// How each file's name ends.
pub const FILE_END: &str = ".gpg";
/// By this, in any part of a path but the host, the extension takes the part for no host.
const NO_HOST: &str = "@";
/// What is before a `:` on a line that the extension takes for a field.
const KEYS: [&str; 16] = [
    "secret",
    "password",
    "pass",
    "login",
    "username",
    "user",
    "openid",
    "otp",
    "totp",
    "url",
    "uri",
    "website",
    "site",
    "link",
    "launch",
    "autosubmit",
];
/// Pages of a browser's own, which no site can open and write into.
const OWN_PAGES: [&str; 3] = ["home", "newtab", "privatebrowsing"];
/// What ends a line for a part of it; such a value is not found on its line.
const LINES: [char; 2] = ['\u{2028}', '\u{2029}'];
/// Schemes of pages of Chromium and its kin.
const OWN_SCHEMES: [&str; 5] = ["chrome", "brave", "edge", "opera", "vivaldi"];
/// How a line begins that it takes for the seed of codes.
const SEED: &str = "otpauth://";

/// An entry, as a file for one of its hosts.
#[derive(Debug)]
pub struct BrowserFile<'a> {
    /// The entry's path.
    pub path: EntryPath,
    /// The entry.
    pub entry: &'a Entry,
    /// `HOST/@CLIENT/@NAME.gpg`.
    pub file: String,
    /// The place of that host.
    pub place: WebPlace,
}

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

impl Vault {
    /// The entries with a secret, as a file for each host of the web among their URLs, sorted.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn browser_files(&self) -> Result<Vec<BrowserFile<'_>>> {
        let mut files = Vec::new();
        for (path, entry) in self.live()? {
            let Ok(path) = path.parse::<EntryPath>() else {
                continue;
            };
            if entry.current(SECRET).is_none() {
                continue;
            }
            for place in web_places(entry) {
                let file = file_of(&path, &place);
                let path = path.clone();
                files.push(BrowserFile {
                    path,
                    entry,
                    file,
                    place,
                });
            }
        }
        files.sort_by(|a, b| a.file.cmp(&b.file));
        files.dedup_by(|a, b| a.file == b.file);
        Ok(files)
    }
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

fn is_of_web(place: &WebPlace) -> bool {
    ["http", "https"].contains(&place.scheme())
}

fn web_places(entry: &Entry) -> impl Iterator<Item = WebPlace> {
    let places = entry.urls().iter().filter_map(|url| WebPlace::parse(url));
    places.filter(is_of_web)
}

fn file_of(path: &EntryPath, place: &WebPlace) -> String {
    let path = path.to_string();
    let parts: Vec<String> = path
        .split('/')
        .map(|part| format!("{NO_HOST}{part}"))
        .collect();
    format!("{}/{}{FILE_END}", place.host(), parts.join("/"))
}

/// What the file holds for a place of its entry: the secret's line, then the user, the address, and the
/// seed where it is wanted.
///
/// # Errors
/// [`crate::error::Kind::Refused`] where the extension would read another value.
pub fn browser_lines(
    shown: &BrowserFile<'_>,
    place: &WebPlace,
    secret: &Secret,
    seed: Option<&Secret>,
) -> Result<Secret> {
    let (path, secret) = (&shown.path, secret.expose());
    let user = shown.entry.username.value().map_or("", String::as_str);
    let address = place.to_string();
    let values = [
        ("secret", secret),
        ("user name", user),
        ("URL", &address),
        ("seed of codes", seed.map_or("", Secret::expose)),
    ];
    for (what, value) in values {
        if value.contains(['\n', '\r', '\0']) {
            return Err(Error::refused(format!(
                "a browser gets no {what} with a line end or a NUL byte in it, which {path} has"
            )));
        }
    }
    let is_field = is_field(secret);
    let another = |what: &str| {
        let why = "the extension drops blanks at its ends";
        Error::refused(format!(
            "a browser would fill in another {what} than {path} has: {why}"
        ))
    };
    if secret.trim_matches(is_blank).is_empty()
        || is_field && (is_cut(secret) || secret.contains(LINES))
    {
        return Err(another("secret").hint("copy it: vault get --clip"));
    }
    if is_cut(user) || user.contains(LINES) {
        let name = format!("name it without: vault edit {path:#} --username NAME");
        return Err(another("user name").hint(name));
    }
    let mark = if is_field { "password: " } else { "" };
    let mut lines = format!("{mark}{secret}\nlogin: {user}\nurl: {address}\n");
    if let Some(seed) = seed {
        lines.extend([seed.expose(), "\n"]);
    }
    Ok(Secret::new(lines))
}

/// What the extension drops at the ends of a value.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

fn is_cut(value: &str) -> bool {
    value.starts_with(is_blank) || value.ends_with(is_blank)
}

/// Whether the extension would take a secret's line for another field. Where nothing but blanks is
/// before the `:`, it takes what follows for the key.
fn is_field(line: &str) -> bool {
    let is_seed = line
        .get(..SEED.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SEED));
    let parts = line.split_once(':').map(|(key, value)| [key, value]);
    let mut parts = (parts.into_iter().flatten()).map(|part| part.trim_matches(is_blank));
    let key = parts.find(|part| !part.is_empty());
    is_seed || key.is_some_and(|key| KEYS.contains(&key.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DoubtfulPage, OpenPage, browser_lines};
    use crate::model::testing::{author, empty_vault, path, with_secret};
    use crate::model::text::secret::Secret;
    use crate::model::vault::Vault;

    fn vault(entries: &[(&str, &[&str])]) -> Vault {
        let mut vault = empty_vault();
        for (name, urls) in entries {
            let mut changes = with_secret(name);
            changes.values.username = Some("jo".into());
            changes.values.urls = urls.iter().map(|url| (*url).to_owned()).collect();
            vault.add(&path(name), changes, &author(0)).unwrap();
        }
        vault
    }

    #[test]
    fn an_entry_is_a_file_for_each_host_of_the_web_that_it_has() {
        let vault = vault(&[
            (
                "acme/bank.example/b@x",
                &["bücher.example", "https://[::1]:8443/x"],
            ),
            ("acme/ssh", &["ssh://git.example", "jo@git.example"]),
            ("globex/none", &[]),
            (
                "globex/two",
                &["http://a.example:80/x", "https://a.example/y"],
            ),
        ]);
        let files = vault.browser_files().unwrap();
        let files: Vec<&str> = files.iter().map(|it| it.file.as_str()).collect();
        assert_eq!(
            files,
            [
                "[::1]:8443/@acme/@bank.example/@b@x.gpg",
                "a.example/@globex/@two.gpg",
                "xn--bcher-kva.example/@acme/@bank.example/@b@x.gpg",
            ]
        );
    }

    #[test]
    fn a_page_is_the_webs_or_the_browsers_or_no_entry_is_for_it() {
        let vault = vault(&[(
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
    fn no_value_is_read_as_another() {
        let vault = vault(&[("acme/wp", &["https://acme.example/login"])]);
        let files = vault.browser_files().unwrap();
        let lines = |secret: &str, seed: Option<&str>| {
            let seed = seed.map(|seed| Secret::new(seed.into()));
            let secret = Secret::new(secret.into());
            let shown = files.first().unwrap();
            let lines = browser_lines(shown, &shown.place, &secret, seed.as_ref());
            lines.map(|it| it.expose().to_owned())
        };
        let rest = "login: jo\nurl: https://acme.example/login\n";
        for (secret, line) in [
            ("x", "x"),
            (" a b ", " a b "),
            ("a:b", "a:b"),
            ("Login : x", "password: Login : x"),
            ("OTPAUTH://x", "password: OTPAUTH://x"),
            ("\u{feff}x", "\u{feff}x"),
            (" :x", " :x"),
            ("a:login", "a:login"),
        ] {
            assert_eq!(lines(secret, None).unwrap(), format!("{line}\n{rest}"));
        }
        let seeded = lines("x", Some("otpauth://totp/x?secret=A")).unwrap();
        assert_eq!(seeded, format!("x\n{rest}otpauth://totp/x?secret=A\n"));
        for bad in [
            "a\nlogin: eve",
            "a\rb",
            "a\0",
            "  ",
            "\u{feff}",
            "user: x ",
            "\u{feff}login: eve",
            " :login",
            "\u{a0}:Username",
        ] {
            lines(bad, None).unwrap_err();
        }
        lines("x", Some("otpauth://x\nurl: y")).unwrap_err();
    }

    #[test]
    fn the_address_is_that_of_the_page_and_doubtful_ones_are_told_apart() {
        let vault = vault(&[
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
