//! Where one logs in: what of an address has to be the same for a secret to go there.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::{Host, Url};

use crate::model::text::visible::is_unsafe;

/// The scheme of an address that names none: never one without encryption.
const DEFAULT_SCHEME: &str = "https";
/// What stands between a scheme and a host.
const MARK: &str = "://";
/// Ports that belong to schemes which are not the web's.
const PORTS: [(&str, u16); 6] = [
    ("ssh", 22),
    ("imap", 143),
    ("imaps", 993),
    ("ldaps", 636),
    ("smtp", 25),
    ("smtps", 465),
];

/// What is encoded in a part of a path.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An address as far as it says who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPlace {
    scheme: String,
    /// In ASCII and lower case, as it is looked up.
    host: String,
    port: Option<u16>,
    path: Vec<String>,
    username: Option<String>,
}

impl WebPlace {
    /// Reads an address as browsers do; one without a scheme is taken for `https`. None where it
    /// names no host, or holds what no address has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // A browser drops line ends and tabs: what is shown would not be where it leads.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let (scheme, rest) = text.split_once(MARK).unwrap_or((DEFAULT_SCHEME, text));
        // Without a scheme it is a mail address.
        if !text.contains(MARK) && text.contains('@') {
            return None;
        }
        // A browser takes the next word for the host.
        if rest.starts_with(['/', '\\']) {
            return None;
        }
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
        if !is_written_out(authority.rsplit('@').next().unwrap_or(authority)) {
            return None;
        }
        // Hosts of the web are looked up in one spelling; so are those of any other scheme here.
        let at_web = Url::parse(&format!("{DEFAULT_SCHEME}{MARK}{rest}")).ok()?;
        let host = at_web.host_str()?.to_owned();
        let url = Url::parse(&format!("{scheme}{MARK}{rest}")).ok()?;
        let scheme = url.scheme().to_owned();
        let port = url
            .port_or_known_default()
            .or_else(|| default_port(&scheme));
        let path = segments(at_web.path())?;
        let username = percent_decode_str(at_web.username()).decode_utf8().ok()?;
        Some(Self {
            scheme,
            host,
            port,
            path,
            username: (!username.is_empty()).then(|| username.into_owned()),
        })
    }

    /// The place that a program names in parts: `host` may have a port, `path` is not encoded.
    #[must_use]
    pub fn of_parts(scheme: &str, host: &str, path: Option<&str>) -> Option<Self> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        if scheme.is_empty()
            || !scheme.chars().all(is_word)
            || host.contains(['/', '\\', '?', '#', '@'])
            || !is_written_out(host)
        {
            return None;
        }
        let mut place = Self::parse(&format!("{scheme}{MARK}{host}"))?;
        let parts = path.unwrap_or_default().split('/');
        place.path = whole(parts.map(Cow::Borrowed))?;
        Some(place)
    }

    /// The host, with the port where it is another than the scheme's own.
    #[must_use]
    pub fn host(&self) -> String {
        match self.port.filter(|port| Some(*port) != self.usual_port()) {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The host alone.
    #[must_use]
    pub fn host_name(&self) -> &str {
        &self.host
    }

    /// The scheme, in lower case.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The path's parts.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The user that the address names.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    fn usual_port(&self) -> Option<u16> {
        let url = Url::parse(&format!("{}{MARK}x", self.scheme)).ok()?;
        url.port_or_known_default()
            .or_else(|| default_port(&self.scheme))
    }

    /// How many parts of its path this place has in common with one that a program asks for, where
    /// a secret of here may go there: all of its own. `has_path` is whether the program told a path.
    #[must_use]
    pub fn depth_for(&self, asked: &Self, has_path: bool) -> Option<usize> {
        let is_same = self.scheme == asked.scheme
            && self.host == asked.host
            && self.port == asked.port
            && self.port.is_some();
        if !is_same {
            return None;
        }
        if !has_path {
            return Some(0);
        }
        self.is_start_of(asked, |own, part| own == part)
            .then_some(self.path.len())
    }

    /// Whether it is nothing but capital and small letters by which its path is not that of `asked`.
    #[must_use]
    pub fn differs_in_case(&self, asked: &Self) -> bool {
        self.is_start_of(asked, |own, part| own.to_lowercase() == part.to_lowercase())
    }

    /// Whether its path is a start of another's, part by part; the last may have `.git` behind it.
    fn is_start_of(&self, asked: &Self, is_same: impl Fn(&str, &str) -> bool) -> bool {
        let Some((last, rest)) = self.path.split_last() else {
            return true;
        };
        let is_start = asked.path.len() > rest.len()
            && (rest.iter().zip(&asked.path)).all(|(own, part)| is_same(own, part));
        let part = asked.path.get(rest.len()).filter(|_| is_start);
        part.is_some_and(|part| is_same(last, part) || is_same(bare(last), bare(part)))
    }

    /// The same place, for what its path has from part `first` on.
    #[must_use]
    pub(super) fn with_path_from(mut self, first: usize) -> Self {
        self.path.drain(..first.min(self.path.len()));
        self
    }

    /// Whether nobody between here and there can read what is sent: it is encrypted, or it stays on
    /// this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let is_here = || match Host::parse(&self.host) {
            Ok(Host::Ipv4(address)) => address.is_loopback(),
            Ok(Host::Ipv6(address)) => address.is_loopback(),
            Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Err(_) => false,
        };
        self.scheme == "https" || self.scheme == "http" && is_here()
    }
}

impl fmt::Display for WebPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{MARK}{}", self.scheme, self.host())?;
        let parts = self.path.iter();
        parts
            .map(|part| utf8_percent_encode(part, ENCODED))
            .try_for_each(|part| write!(f, "/{part}"))
    }
}

/// Whether a host has nothing that a reader of addresses would change into another, or leave out.
fn is_written_out(host: &str) -> bool {
    let is_changed = |c: char| {
        let is_dropped = matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        let is_dot = matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
        c == '%' || c.is_whitespace() || is_unsafe(c) || is_dropped || is_dot
    };
    !host.contains(is_changed)
}

/// A part of a path without the `.git` that git's hosts take for the same.
fn bare(part: &str) -> &str {
    let bare = part.strip_suffix(".git");
    bare.filter(|bare| !bare.is_empty()).unwrap_or(part)
}

fn default_port(scheme: &str) -> Option<u16> {
    let known = PORTS.iter().find(|(known, _)| *known == scheme);
    known.map(|(_, port)| *port)
}

/// The parts of an encoded path.
fn segments(path: &str) -> Option<Vec<String>> {
    let parts = path.split('/');
    whole(
        parts
            .map(|part| percent_decode_str(part).decode_utf8())
            .collect::<Result<Vec<_>, _>>()
            .ok()?
            .into_iter(),
    )
}

/// The parts that have a name; none where one would lead elsewhere.
fn whole<'a>(parts: impl Iterator<Item = Cow<'a, str>>) -> Option<Vec<String>> {
    let parts: Vec<String> = parts
        .filter(|part| !part.is_empty())
        .map(Cow::into_owned)
        .collect();
    let leads_away =
        |part: &String| part == "." || part == ".." || part.chars().any(char::is_control);
    (!parts.iter().any(leads_away)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::WebPlace;

    fn depth(entry: &str, asked: &str) -> Option<usize> {
        let entry = WebPlace::parse(entry)?;
        entry.depth_for(&WebPlace::parse(asked).unwrap(), true)
    }

    #[test]
    fn scheme_host_and_port_are_the_same_and_a_path_is_a_start_of_whole_parts() {
        for (entry, asked) in [
            ("https://git.example", "https://git.example/acme/site.git"),
            ("git.example", "https://git.example"),
            ("HTTPS://Git.Example:443/", "https://git.example"),
            ("http://git.example:80", "http://git.example"),
            ("https://git.example/acme", "https://git.example/acme/site"),
            ("https://git.example/acme/", "https://git.example/acme"),
            ("https://git.example/a%20b", "https://git.example/a%20b/c"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://BÜCHER.example", "https://bücher.example"),
            ("https://[::1]:8443", "https://[0:0::1]:8443"),
            ("ssh://Git.example", "ssh://git.example:22"),
            ("https://jo@git.example", "https://git.example"),
            (
                "https://git.example/acme/x",
                "https://git.example/acme/x.git",
            ),
            (
                "https://git.example/acme/x.git",
                "https://git.example/acme/x",
            ),
            (
                "https://git.example/acme/x",
                "https://git.example/acme/x.git/info/lfs",
            ),
        ] {
            assert!(depth(entry, asked).is_some(), "{entry} {asked}");
        }
        for (entry, asked) in [
            ("https://git.example", "http://git.example"),
            ("git.example", "http://git.example"),
            ("https://git.example", "https://git.example:8443"),
            ("https://git.example:8443", "https://git.example"),
            ("https://git.example", "https://www.git.example"),
            ("https://git.example", "https://git.example.evil.example"),
            ("https://git.example/acme", "https://git.example/acme2"),
            ("https://git.example/acme", "https://git.example"),
            ("https://git.example/Acme", "https://git.example/acme"),
            (
                "https://git.example/acme/x",
                "https://git.example/acme/x.github",
            ),
            ("https://git.example/acme/.git", "https://git.example/acme"),
            (
                "https://git.example/acme.git/x",
                "https://git.example/acme/x",
            ),
            ("https://git.example.", "https://git.example"),
            ("https://git.example", "https://git.example."),
            ("https://git.example\\@evil.example", "https://evil.example"),
            ("https://evil.example#@git.example", "https://git.example"),
            ("ssh://git.example:443", "ssh://git.example"),
            ("https://paypаl.example", "https://paypal.example"),
        ] {
            assert_eq!(depth(entry, asked), None, "{entry} {asked}");
        }
    }

    #[test]
    fn what_is_no_address_is_no_place() {
        for text in [
            "",
            "https://",
            "https:///git.example",
            "//git.example",
            "/git.example",
            "https://git .example",
            "https://git\n.example",
            "https://git.example:99999",
            "mailto:jo@git.example",
            "jo@git.example",
            "data:text/plain,x",
            "https://[::1",
            "https://git%2eexample",
            "git\u{ad}.example",
            "git\u{3002}example",
        ] {
            assert_eq!(WebPlace::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_part_that_a_program_names_is_nothing_but_that_part() {
        let place = WebPlace::of_parts("https", "git.example:8443", Some("a b/c.git")).unwrap();
        assert_eq!(place.host(), "git.example:8443");
        assert_eq!(place.path(), ["a b", "c.git"]);
        for (scheme, host, path) in [
            ("https", "git.example/evil", None),
            ("https", "jo@git.example", None),
            ("https", "git.example?x", None),
            ("https", "", None),
            ("", "git.example", None),
            ("https://x", "git.example", None),
            ("https", "git.example", Some("acme/../globex")),
            ("https", "git%2eexample", None),
            ("https", "git.example ", None),
            ("https", "git.example\t", None),
            ("https", "git.example\u{a0}", None),
            ("https", "git.example\u{85}", None),
            ("https", "git.example\u{3000}", None),
            ("https", "git\u{ad}.example", None),
            ("https", "git\u{fe0f}.example", None),
            ("https", "git.example\u{1b}", None),
        ] {
            assert_eq!(
                WebPlace::of_parts(scheme, host, path),
                None,
                "{host} {path:?}"
            );
        }
    }

    #[test]
    fn what_is_sent_is_private_by_encryption_or_on_this_machine() {
        for (address, is_private) in [
            ("https://git.example", true),
            ("http://localhost:3000", true),
            ("http://x.localhost", true),
            ("http://127.0.0.2", true),
            ("http://[::1]:80", true),
            ("http://git.example", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("smtp://localhost", false),
        ] {
            let place = WebPlace::parse(address).unwrap();
            assert_eq!(place.is_private(), is_private, "{address}");
        }
    }

    /// Addresses: any scheme and user, a host of which some are no ASCII, a port and a path.
    fn addresses() -> impl Strategy<Value = String> {
        let user = "([a-z]{1,3}@)?";
        let host = "[a-zA-Z0-9bücß]{1,8}(\\.[a-zA-Zéя]{1,6}){0,2}";
        let port = "(:[1-9][0-9]{0,3})?";
        let path = "(/[a-zA-Z0-9.%ä ~+-]{0,6}){0,3}";
        let scheme = prop::sample::select(vec!["https", "http", "ssh", "HTTPS", "smtp", "x"]);
        (scheme, user, host, port, path).prop_map(|(scheme, user, host, port, path)| {
            format!("{scheme}://{user}{host}{port}{path}")
        })
    }

    proptest! {
        #[test]
        fn a_place_reads_as_it_is_shown(text in addresses()) {
            let Some(place) = WebPlace::parse(&text) else { return Ok(()) };
            let again = WebPlace::parse(&place.to_string()).unwrap();
            prop_assert_eq!(again.host(), place.host());
            prop_assert_eq!(again.path(), place.path());
            prop_assert_eq!(again.scheme(), place.scheme());
            // No port is known of an unknown scheme, and nothing goes there.
            let depth = place.port.map(|_| place.path().len());
            prop_assert_eq!(place.depth_for(&again, true), depth);
        }

        #[test]
        fn most_of_these_addresses_are_places(texts in prop::collection::vec(addresses(), 64)) {
            let places = texts.iter().filter_map(|text| WebPlace::parse(text));
            prop_assert!(places.count() > 8);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", host in ".{0,20}", path in ".{0,20}") {
            let _ = WebPlace::parse(&text);
            if let Some(place) = WebPlace::of_parts("https", &host, Some(&path)) {
                prop_assert!(!host.contains(['%', ' ', '/', '@']));
                prop_assert_eq!(WebPlace::parse(&place.to_string()), Some(place));
            }
        }
    }
}
