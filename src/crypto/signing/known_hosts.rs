//! The keys of servers: those that OpenSSH's `known_hosts` has for a host, its hashed names too,
//! and those that a field names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac_sha1::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::ssh_public::SshPublicKey;
use crate::model::ssh::key_terms::NamedHostKey;
use crate::model::text::limits::SSH_NAME_BYTES;

/// What a hashed name begins with.
const HASHED: &str = "|1|";
/// A key that is no longer to be trusted.
const REVOKED: &str = "@revoked";
/// The start of a fingerprint.
const FINGERPRINT: &str = "SHA256:";
/// Characters behind it.
const FINGERPRINT_CHARS: usize = 43;

/// The fingerprints of the keys that files of known hosts have for a host, under the first of its
/// names that they know: `[web1.acme.example]:2222`, `web1.acme.example`. Authorities of
/// certificates are not among them, nor keys that are revoked under any of the names.
#[must_use]
pub fn known_keys(files: &[&str], names: &[String]) -> Vec<String> {
    let under = names.iter().map(|name| keys_under(files, name));
    let (known, revoked): (Vec<_>, Vec<_>) = under.unzip();
    let revoked: Vec<String> = revoked.into_iter().flatten().collect();
    let known = known.into_iter().find(|keys| !keys.is_empty());
    let mut known = known.unwrap_or_default();
    known.retain(|key| !revoked.contains(key));
    known
}

/// What files of known hosts call the host with this key; none where they have the name hashed, or
/// a pattern.
#[must_use]
pub fn known_name(files: &[&str], fingerprint: &str) -> Option<String> {
    let is_plain = |name: &&str| {
        let is_name = |c: char| c.is_ascii_graphic() && !"*?!|".contains(c);
        name.len() <= SSH_NAME_BYTES && name.chars().all(is_name)
    };
    for line in files.iter().flat_map(|file| file.lines()) {
        let mut words = line.split_ascii_whitespace();
        let names = words.next().filter(|it| !it.starts_with(['#', '@']));
        let (Some(names), Some(kind), Some(key)) = (names, words.next(), words.next()) else {
            continue;
        };
        let is_its = SshPublicKey::parse(&format!("{kind} {key}"))
            .is_ok_and(|key| key.fingerprint() == fingerprint);
        let name = names.split(',').find(is_plain).filter(|_| is_its);
        if let Some(name) = name {
            return Some(name.to_owned());
        }
    }
    None
}

/// The keys under one name, and those that are revoked there.
fn keys_under(files: &[&str], host: &str) -> (Vec<String>, Vec<String>) {
    let (mut known, mut revoked) = (Vec::new(), Vec::new());
    for line in files.iter().flat_map(|file| file.lines()) {
        let mut words = line.split_ascii_whitespace();
        let Some(first) = words.next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let (is_revoked, names) = match first {
            REVOKED => (true, words.next()),
            _ if first.starts_with('@') => continue,
            names => (false, Some(names)),
        };
        if !names.is_some_and(|names| is_named(names, host)) {
            continue;
        }
        let (Some(kind), Some(key)) = (words.next(), words.next()) else {
            continue;
        };
        if let Ok(key) = SshPublicKey::parse(&format!("{kind} {key}")) {
            let keys = if is_revoked { &mut revoked } else { &mut known };
            keys.push(key.fingerprint());
        }
    }
    (known, revoked)
}

/// The keys that a text names: each by its fingerprint, or whole as OpenSSH writes it, behind
/// `HOST=` where it says whose it is. None where there is anything else in it.
#[must_use]
pub fn named_keys(text: &str) -> Option<Vec<NamedHostKey>> {
    let mut words = text.split([' ', '\t', '\n', '\r', ',']);
    let mut named = Vec::new();
    while let Some(word) = words.next() {
        if word.is_empty() {
            continue;
        }
        let (host, word) = match word.split_once('=') {
            Some((host, word)) if !word.is_empty() && !host.starts_with(FINGERPRINT) => {
                (Some(host.to_lowercase()).filter(|it| !it.is_empty()), word)
            }
            _ => (None, word),
        };
        let base64 = word.strip_prefix(FINGERPRINT);
        let fingerprint = match base64.map(|it| it.trim_end_matches('=')) {
            Some(base64) if base64.len() == FINGERPRINT_CHARS => {
                format!("{FINGERPRINT}{base64}")
            }
            Some(_) => return None,
            None => {
                let key = words.next()?;
                let key = SshPublicKey::parse(&format!("{word} {key}")).ok()?;
                key.fingerprint()
            }
        };
        named.push(NamedHostKey { host, fingerprint });
    }
    Some(named)
}

/// Whether the names of a line are `host`'s.
fn is_named(names: &str, host: &str) -> bool {
    if let Some(hashed) = names.strip_prefix(HASHED) {
        return is_hash_of(hashed, host).unwrap_or(false);
    }
    let mut is_one = false;
    for name in names.split(',') {
        match name.strip_prefix('!') {
            Some(other) if fits(other, host) => return false,
            Some(_) => {}
            None => is_one |= fits(name, host),
        }
    }
    is_one
}

/// Whether `SALT|HASH` is what OpenSSH makes of a host's name.
fn is_hash_of(hashed: &str, host: &str) -> Option<bool> {
    let (salt, hash) = hashed.split_once('|')?;
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(host.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// Whether a pattern with `*` and `?` fits a name, in any case.
fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(read) => {
                at += 1;
                read += 1;
            }
            _ => match &mut star {
                Some((after, from)) => {
                    *from += 1;
                    (at, read) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::{NamedHostKey, fits, known_keys, known_name, named_keys};

    const ONE: &str = include_str!("../../../tests/vectors/ssh_keys/ed25519.pub");
    const OTHER: &str = include_str!("../../../tests/vectors/ssh_keys/p256.pub");
    /// `ssh-keygen -H` made it of web1.acme.example.
    const HASHED: &str = include_str!("../../../tests/vectors/ssh_keys/known_hosts_hashed");

    fn key(public: &str) -> String {
        public
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn fingerprint(public: &str) -> String {
        super::SshPublicKey::parse(public).unwrap().fingerprint()
    }

    #[test]
    fn a_host_is_found_by_name_pattern_port_and_hash() {
        let (one, other) = (key(ONE), key(OTHER));
        let file = format!(
            "# a comment\n\nweb1.acme.example,10.0.0.1 {one} jo\n*.lan,!bad.lan {one}\n\
             [web1.acme.example]:2222\t{other}\n|1|broken {one}\nshort\n@cert-authority * {other}\n"
        );
        let found = |host: &str| known_keys(&[&file], &[host.to_owned()]);
        for host in [
            "web1.acme.example",
            "10.0.0.1",
            "a.lan",
            "WEB1.acme.example",
        ] {
            assert_eq!(found(host), [fingerprint(&one)], "{host}");
        }
        assert_eq!(found("[web1.acme.example]:2222"), [fingerprint(&other)]);
        for host in ["bad.lan", "web2.acme.example", "[10.0.0.1]:22", ""] {
            assert!(found(host).is_empty(), "{host}");
        }
        let hashed = |host: &str| known_keys(&[HASHED], &[host.to_owned()]);
        assert_eq!(hashed("web1.acme.example"), [fingerprint(&one)]);
        assert!(hashed("web2.acme.example").is_empty());
    }

    #[test]
    fn a_host_at_a_port_is_known_by_its_plain_name_where_the_port_is_not() {
        let (one, other) = (key(ONE), key(OTHER));
        let file = format!("web {one}\n[web]:2222 {other}\n@revoked [web]:24 {one}\n");
        let found = |port: u16| known_keys(&[&file], &[format!("[web]:{port}"), "web".into()]);
        assert_eq!(found(2222), [fingerprint(&other)]);
        assert_eq!(found(23), [fingerprint(&one)]);
        assert!(found(24).is_empty(), "revoked there");
    }

    #[test]
    fn a_key_has_the_first_plain_name_of_its_host() {
        let (one, other) = (key(ONE), key(OTHER));
        let file = format!("# web\n*.lan,hop,10.0.0.1 {one}\n@revoked x {other}\n|1|a|b {other}\n");
        assert_eq!(known_name(&[&file], &fingerprint(&one)), Some("hop".into()));
        assert_eq!(known_name(&[&file], &fingerprint(&other)), None);
    }

    #[test]
    fn a_revoked_key_does_not_count_wherever_it_is_revoked() {
        let (one, other) = (key(ONE), key(OTHER));
        let file = format!("web {one}\nweb {other}\n");
        let revoked = format!("@revoked * {one}\n");
        let left = known_keys(&[&file, &revoked], &["web".into()]);
        assert_eq!(left, [fingerprint(&other)]);
    }

    #[test]
    fn keys_are_named_whole_or_by_fingerprint() {
        let (one, other) = (key(ONE), fingerprint(OTHER));
        let text = format!("{one}, {other}\n{other}=\n");
        let named = |host: Option<&str>, fingerprint: &str| NamedHostKey {
            host: host.map(str::to_owned),
            fingerprint: fingerprint.to_owned(),
        };
        let of_one = fingerprint(&one);
        let all = [
            named(None, &of_one),
            named(None, &other),
            named(None, &other),
        ];
        assert_eq!(named_keys(&text), Some(all.to_vec()));
        let text = format!("Web1:22={other}= web2={one}");
        let both = [named(Some("web1:22"), &other), named(Some("web2"), &of_one)];
        assert_eq!(named_keys(&text), Some(both.to_vec()));
        assert_eq!(named_keys(""), Some(vec![]));
        for bad in [
            "SHA256:x",
            "web1",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "MD5:aa:bb",
            "web1=",
            "web1=SHA256:x",
        ] {
            assert_eq!(named_keys(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_time() {
        let pattern = "*a".repeat(200);
        assert!(!fits(&pattern, &"a".repeat(150)));
        assert!(fits("*a*b?", "xxaxxbc"));
        assert!(fits("*", "") && !fits("?", ""));
    }
}
