//! age's own keys: what recovery files hold and what shares are encrypted to.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519;
use age_core::primitives::bech32_decode;

use super::plugins::{PluginHost, PluginIdentity};
use super::private_keys::PrivateKey;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// A native age key pair (X25519).
pub struct AgeIdentity(x25519::Identity);

impl AgeIdentity {
    /// A new key pair.
    #[must_use]
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// Integrity when it is anything else, since it comes from inside a vault.
    pub fn from_secret(text: &Secret) -> Result<Self> {
        x25519::Identity::from_str(text.expose())
            .map(Self)
            .map_err(|_| Error::integrity("the age key inside is damaged"))
    }

    /// `AGE-SECRET-KEY-1…`.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::new(self.0.to_string().expose_secret().to_owned())
    }

    /// `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }
}

impl fmt::Debug for AgeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeIdentity({})", self.recipient())
    }
}

/// Reads a native recipient (`age1…`) and gives it back in its one spelling.
///
/// # Errors
/// Usage when it is none that can be encrypted to. The text is not repeated: it could be the
/// secret key, pasted by mistake.
pub fn parse_recipient(text: &str) -> Result<String> {
    recipient(text).map(|recipient| recipient.to_string())
}

pub(crate) fn recipient(text: &str) -> Result<x25519::Recipient> {
    let unusable = |why: &str| {
        Error::usage(format!("not an age recipient: {why}")).hint("a recipient looks like: age1…")
    };
    let text = text.trim();
    if text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("age-"))
    {
        return Err(unusable("that is a secret key"));
    }
    let recipient = x25519::Recipient::from_str(text).map_err(unusable)?;
    if is_low_order(text) {
        return Err(unusable("nothing can be encrypted to this key"));
    }
    Ok(recipient)
}

/// Whether the point is one of the few with which every exchange comes to zero. The age crate
/// panics when it is to encrypt to one.
fn is_low_order(recipient: &str) -> bool {
    let point = bech32_decode(
        recipient,
        |_| (),
        |_| Ok(()),
        |_, bytes| <[u8; 32]>::try_from(bytes.collect::<Vec<_>>()).map_err(|_| ()),
    );
    point.is_ok_and(|point| x25519_dalek::x25519([1; 32], point) == [0; 32])
}

/// What a vault is opened with in place of its password: the keys of an age identity file, those
/// of age plugins among them, or an SSH key.
pub struct Identities(Vec<Key>);

enum Key {
    Native(x25519::Identity),
    Plugin(PluginIdentity),
    Ready(PrivateKey),
}

impl Identities {
    /// Reads an age identity file: keys, one a line, comments and blank lines.
    ///
    /// # Errors
    /// Usage, with the line and never its content, when there is something else or nothing.
    pub fn parse(file: &Secret) -> Result<Self> {
        Self::read(file, None)
    }

    /// As [`Self::parse`], with keys of age plugins too, which `host` starts once they are used.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with_plugins(file: &Secret, host: &Rc<dyn PluginHost>) -> Result<Self> {
        Self::read(file, Some(host))
    }

    /// Keys that were read before.
    #[must_use]
    pub fn of_keys(keys: Vec<PrivateKey>) -> Self {
        Self(keys.into_iter().map(Key::Ready).collect())
    }

    fn read(file: &Secret, host: Option<&Rc<dyn PluginHost>>) -> Result<Self> {
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(file.expose().lines().map(str::trim_ascii)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let named = |what: &str| Error::usage(format!("identity file, line {number}: {what}"));
            match host.filter(|_| PluginIdentity::is_spelt_so(line)) {
                Some(host) => {
                    let key = PluginIdentity::parse(line, host);
                    add_plugin(&mut keys, key.map_err(|why| named(why.message()))?);
                }
                None => keys
                    .push(Key::Native(native(line).ok_or_else(|| {
                        named(describe(line)).hint(expected(host.is_some()))
                    })?)),
            }
        }
        if keys.is_empty() {
            return Err(Error::usage("the identity file holds no key"));
        }
        Ok(Self(keys))
    }

    /// The native keys.
    pub(crate) fn into_keys(self) -> impl Iterator<Item = x25519::Identity> {
        self.0.into_iter().filter_map(|key| match key {
            Key::Native(key) => Some(key),
            Key::Plugin(_) | Key::Ready(_) => None,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|key| match key {
            Key::Native(key) => key as &dyn age::Identity,
            Key::Plugin(key) => key,
            Key::Ready(key) => key.as_age(),
        })
    }

    /// What went wrong with a plugin when the keys were last used.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.0.iter().find_map(|key| match key {
            Key::Plugin(key) => key.take_failure(),
            Key::Native(_) | Key::Ready(_) => None,
        })
    }
}

/// A native key. One that was typed from paper may have the spaces that it has there.
fn native(line: &str) -> Option<x25519::Identity> {
    let key = Secret::new(line.split_ascii_whitespace().collect());
    x25519::Identity::from_str(key.expose()).ok()
}

/// The keys of one plugin go to it together.
fn add_plugin(keys: &mut Vec<Key>, new: PluginIdentity) {
    let mut new = Some(new);
    for key in keys.iter_mut() {
        if let Key::Plugin(same) = key {
            new = new.and_then(|new| same.join(new));
        }
    }
    keys.extend(new.map(Key::Plugin));
}

fn expected(with_plugins: bool) -> &'static str {
    if with_plugins {
        "it has to hold an age identity (AGE-SECRET-KEY-1…), an age plugin's, or an SSH private key"
    } else {
        "it has to hold native age keys: AGE-SECRET-KEY-1…"
    }
}

/// What a line is that is no native key.
fn describe(line: &str) -> &'static str {
    if line.starts_with("-----BEGIN AGE") || line.starts_with("age-encryption.org/") {
        "an encrypted file; decrypt it with age first"
    } else if line.starts_with("-----BEGIN") {
        "keys in PEM cannot be used here"
    } else if line.starts_with("AGE-PLUGIN-") {
        "keys of age plugins cannot be used here"
    } else if line.starts_with("age1") || line.starts_with("ssh-") {
        "that is a public key"
    } else {
        "not a key"
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{AgeIdentity, Identities, Secret, parse_recipient};
    use crate::error::{Error, Kind};

    fn identities(text: String) -> Result<usize, Error> {
        Identities::parse(&Secret::new(text)).map(|identities| identities.iter().count())
    }

    #[test]
    fn an_identity_reads_back_from_its_text() {
        let identity = AgeIdentity::generate();
        assert!(identity.secret().expose().starts_with("AGE-SECRET-KEY-1"));
        let again = AgeIdentity::from_secret(&identity.secret()).unwrap();
        assert_eq!(again.recipient(), identity.recipient());
        assert!(!format!("{identity:?}").contains("SECRET"));
        let damaged = AgeIdentity::from_secret(&Secret::new("x".into())).unwrap_err();
        assert_eq!(damaged.kind(), Kind::Integrity);
    }

    #[test]
    fn recipients_have_one_spelling() {
        let recipient = AgeIdentity::generate().recipient();
        assert_eq!(parse_recipient(&recipient), Ok(recipient.clone()));
        assert_eq!(parse_recipient(&format!(" {recipient}\n")), Ok(recipient));
    }

    #[test]
    fn what_cannot_be_encrypted_to_is_refused_and_not_repeated() {
        let secret = AgeIdentity::generate().secret();
        for bad in ["", "age1", "ssh-ed25519 AAAA", secret.expose(), "é"] {
            let error = parse_recipient(bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(bad.is_empty() || bad == "age1" || !error.message().contains(bad));
        }
    }

    #[test]
    fn a_key_to_which_nothing_can_be_encrypted_is_called_that() {
        // The point zero.
        let zero = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
        let error = parse_recipient(zero).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains("nothing can be encrypted"));
    }

    #[test]
    fn an_identity_file_may_hold_comments_and_several_keys() {
        let key = || AgeIdentity::generate().secret().expose().to_owned();
        let text = format!("# created\r\n\r\n{}\r\n# x\n{}", key(), key());
        assert_eq!(identities(text), Ok(2));
    }

    #[test]
    fn an_identity_file_of_another_kind_is_named_for_what_it_is() {
        for (text, says) in [
            ("", "holds no key"),
            ("# only this\n", "holds no key"),
            (
                "-----BEGIN AGE ENCRYPTED FILE-----\n",
                "line 1: an encrypted file",
            ),
            ("age-encryption.org/v1\n", "encrypted file"),
            (
                "\n-----BEGIN OPENSSH PRIVATE KEY-----\n",
                "line 2: keys in PEM",
            ),
            ("AGE-PLUGIN-YUBIKEY-1X\n", "plugins"),
            ("age1xyz\n", "public key"),
            ("hunter2\n", "not a key"),
        ] {
            let error = identities(text.to_owned()).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.message().contains(says), "{error}");
            assert!(!error.message().contains("hunter2"));
        }
    }
}
