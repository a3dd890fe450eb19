//! Private keys that open what somebody else has encrypted: this vault's own, those of an age
//! identity file, or an SSH key.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use age::secrecy::SecretString;
use age::ssh::{EncryptedKey, UnsupportedKey};
use age::{ssh, x25519};

use super::plugins::{PluginHost, PluginIdentity};
use crate::crypto::signing::ssh_public::SshPublicKey;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// The largest SSH key file, in bytes; an RSA key of 16384 bits has some 13,000.
const SSH_KEY_BYTES: usize = 64 << 10;

/// A private key, ready to be used.
pub struct PrivateKey {
    identity: PrivateKeyKind,
    recipient: String,
}

enum PrivateKeyKind {
    Native(x25519::Identity),
    Ssh(ssh::Identity),
}

/// What is in a file of private keys.
pub enum KeyFileContent {
    /// Keys that are ready to be used.
    Ready(Vec<PrivateKey>),
    /// An SSH key that is encrypted with a passphrase.
    Encrypted(EncryptedSshKey),
}

/// An SSH key that is encrypted with a passphrase.
pub struct EncryptedSshKey {
    key: EncryptedKey,
    recipient: String,
}

impl PrivateKey {
    /// Reads `AGE-SECRET-KEY-1…` from inside a vault.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is anything else.
    pub fn of_vault(text: &Secret) -> Result<Self> {
        x25519::Identity::from_str(text.expose())
            .map(Self::native)
            .map_err(|_| Error::integrity("an age key inside is damaged"))
    }

    fn native(identity: x25519::Identity) -> Self {
        Self {
            recipient: identity.to_public().to_string(),
            identity: PrivateKeyKind::Native(identity),
        }
    }

    /// The public half: `age1…`, or an OpenSSH key without a comment.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    pub(crate) fn as_age(&self) -> &dyn age::Identity {
        match &self.identity {
            PrivateKeyKind::Native(identity) => identity,
            PrivateKeyKind::Ssh(identity) => identity,
        }
    }
}

impl KeyFileContent {
    /// Whether a file looks like an SSH key, and not like keys of age.
    pub fn is_ssh(file: &Secret) -> bool {
        let text = file.expose();
        text.trim_start().starts_with("-----BEGIN ") && !text.contains("-----BEGIN AGE")
    }

    /// Reads an age identity file or an SSH private key.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is neither, of a kind that nothing can be encrypted
    /// to, or too weak; never with bytes of it.
    pub fn parse(file: &Secret) -> Result<Self> {
        if SshPublicKey::parse(file.expose()).is_ok() {
            return Err(Error::usage("that is a public key")
                .hint("give the private one, from the file without .pub"));
        }
        if !Self::is_ssh(file) {
            let keys = Identities::parse(file)?.into_keys().map(PrivateKey::native);
            return Ok(Self::Ready(keys.collect()));
        }
        let text = file.expose().trim_start();
        if text.len() > SSH_KEY_BYTES {
            return Err(not_a_key());
        }
        let identity =
            ssh::Identity::from_buffer(text.as_bytes(), None).map_err(|_| not_a_key())?;
        match identity {
            ssh::Identity::Unsupported(why) => Err(unsupported(&why)),
            ssh::Identity::Encrypted(key) => Ok(Self::Encrypted(EncryptedSshKey {
                recipient: recipient_of(key.clone().into())?,
                key,
            })),
            identity @ ssh::Identity::Unencrypted(_) => Ok(Self::Ready(vec![PrivateKey {
                recipient: recipient_of(identity.clone())?,
                identity: PrivateKeyKind::Ssh(identity),
            }])),
        }
    }
}

impl EncryptedSshKey {
    /// The public half, an OpenSSH key without a comment.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Decrypts it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when the passphrase is wrong.
    pub fn decrypt(&self, passphrase: &Secret) -> Result<PrivateKey> {
        let passphrase = SecretString::from(passphrase.expose().to_owned());
        let key = (self.key.decrypt(passphrase))
            .map_err(|_| Error::locked("wrong passphrase of the SSH key"))?;
        Ok(PrivateKey {
            identity: PrivateKeyKind::Ssh(key.into()),
            recipient: self.recipient.clone(),
        })
    }
}

/// The public half of an SSH key, if it is one that may be used.
fn recipient_of(identity: ssh::Identity) -> Result<String> {
    let recipient = ssh::Recipient::try_from(identity).map_err(|_| not_a_key())?;
    let recipient = recipient.to_string();
    SshPublicKey::parse(&recipient)?;
    Ok(recipient)
}

fn not_a_key() -> Error {
    Error::usage("no private key that age files can be opened with")
        .hint("ssh-ed25519 and ssh-rsa keys in OpenSSH's format can, and age identity files")
}

fn unsupported(why: &UnsupportedKey) -> Error {
    match why {
        UnsupportedKey::EncryptedPem | UnsupportedKey::EncryptedSsh(_) => {
            Error::usage("the SSH key is encrypted in a way that cannot be read here")
                .hint("ssh-keygen -p -f KEY writes it in today's format")
        }
        UnsupportedKey::Hardware(_) => {
            Error::usage("the SSH key stays inside a security key, which cannot decrypt with it")
                .hint(
                    "ask the sender to share with another key: vault id --card shows this vault's",
                )
        }
        UnsupportedKey::Type(_) => not_a_key(),
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.recipient)
    }
}

impl fmt::Debug for EncryptedSshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedSshKey({})", self.recipient)
    }
}

/// What a vault is opened with in place of its password: the keys of an age identity file, those
/// of age plugins among them, or an SSH key.
pub struct Identities(Vec<OpeningKey>);

enum OpeningKey {
    Native(x25519::Identity),
    Plugin(PluginIdentity),
    Ready(PrivateKey),
}

impl Identities {
    /// Reads an age identity file: keys, one a line, comments and blank lines.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], with the line and never its content, when there is something
    /// else or nothing.
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
    pub fn of_keys(keys: Vec<PrivateKey>) -> Self {
        Self(keys.into_iter().map(OpeningKey::Ready).collect())
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
                    .push(OpeningKey::Native(native(line).ok_or_else(|| {
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
            OpeningKey::Native(key) => Some(key),
            OpeningKey::Plugin(_) | OpeningKey::Ready(_) => None,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|key| match key {
            OpeningKey::Native(key) => key as &dyn age::Identity,
            OpeningKey::Plugin(key) => key,
            OpeningKey::Ready(key) => key.as_age(),
        })
    }

    /// What went wrong with a plugin when the keys were last used.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.0.iter().find_map(|key| match key {
            OpeningKey::Plugin(key) => key.take_failure(),
            OpeningKey::Native(_) | OpeningKey::Ready(_) => None,
        })
    }
}

/// A native key. One that was typed from paper may have the spaces that it has there.
pub(crate) fn native(line: &str) -> Option<x25519::Identity> {
    let key = Secret::new(line.split_ascii_whitespace().collect());
    x25519::Identity::from_str(key.expose()).ok()
}

/// The keys of one plugin go to it together.
fn add_plugin(keys: &mut Vec<OpeningKey>, new: PluginIdentity) {
    let mut new = Some(new);
    for key in keys.iter_mut() {
        if let OpeningKey::Plugin(same) = key {
            new = new.and_then(|new| same.join(new));
        }
    }
    keys.extend(new.map(OpeningKey::Plugin));
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
    use super::{KeyFileContent, Secret};
    use crate::crypto::AgeIdentity;
    use crate::error::{Error, Kind};

    fn parse(text: &str) -> Result<KeyFileContent, Error> {
        KeyFileContent::parse(&Secret::new(text.to_owned()))
    }

    #[test]
    fn an_age_identity_file_gives_its_keys() {
        let (one, two) = (AgeIdentity::generate(), AgeIdentity::generate());
        let text = format!(
            "# mine\n{}\n{}\n",
            one.secret().expose(),
            two.secret().expose()
        );
        let KeyFileContent::Ready(keys) = parse(&text).unwrap() else {
            panic!("it is not encrypted");
        };
        let recipients: Vec<_> = keys
            .iter()
            .map(crate::crypto::keys::private_keys::PrivateKey::recipient)
            .collect();
        assert_eq!(recipients, [one.recipient(), two.recipient()]);
    }

    #[test]
    fn a_public_key_is_called_that() {
        let public = crate::crypto::SigningKey::generate().signer().to_openssh();
        let why = parse(&format!("{public} me@laptop\n")).err().unwrap();
        assert_eq!(why.kind(), Kind::Usage);
        assert!(why.next_step().unwrap().contains(".pub"), "{why:?}");
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for bad in [
            "",
            "hunter2",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
            "-----BEGIN AGE ENCRYPTED FILE-----\nhunter2\n",
            &format!(
                "-----BEGIN OPENSSH PRIVATE KEY-----\n{}",
                "A\n".repeat(100_000)
            ),
        ] {
            let why = parse(bad).err().unwrap();
            assert_eq!(why.kind(), Kind::Usage, "{bad}");
            assert!(!why.message().contains("hunter2"), "{why}");
        }
    }
}
