//! How entries are shown to the browser extension Browserpass, which knows files of a folder and finds
//! a page's host among the parts of their paths; and what one of them holds.

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
/// What ends a line for a part of it; such a value is not found on its line.
const LINES: [char; 2] = ['\u{2028}', '\u{2029}'];
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

pub(super) fn is_of_web(place: &WebPlace) -> bool {
    ["http", "https"].contains(&place.scheme())
}

pub(super) fn web_places(entry: &Entry) -> impl Iterator<Item = WebPlace> {
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
    use super::browser_lines;
    use crate::model::testing::with_logins;
    use crate::model::text::secret::Secret;

    #[test]
    fn an_entry_is_a_file_for_each_host_of_the_web_that_it_has() {
        let vault = with_logins(&[
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
    fn no_value_is_read_as_another() {
        let vault = with_logins(&[("acme/wp", &["https://acme.example/login"])]);
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
}
