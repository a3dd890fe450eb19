//! Encrypting to other people: to their age or SSH keys, or with a passphrase that they are told.
//!
//! What comes out is a plain age file, which stock `age` opens.

use std::io::Write;
use std::str::FromStr;
use std::{fmt, io};

use age::armor::{ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{Encryptor, scrypt, ssh, x25519};

use super::age_keys;
use crate::crypto::memory;
use crate::crypto::signing::ssh_public::SshPublicKey;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// Logarithm of scrypt's work factor: about a second. Fixed, since the age crate would measure
/// the machine, and a busy one would choose less.
const WORK_FACTOR: u8 = 18;
/// The same for a file that a phone's browser opens: 32 MiB, and some seconds. A generated
/// passphrase of six words, 77 bits, needs no more.
const BROWSER_WORK_FACTOR: u8 = 15;
/// Keys that one file is encrypted to. Readers take 32 stanzas and less.
const KEYS: usize = 16;

/// A key that a file can be encrypted to: `age1…`, or an SSH key of type Ed25519 or RSA.
#[derive(Clone)]
pub struct RecipientKey {
    spelling: String,
    key: ParsedRecipient,
}

#[derive(Clone)]
enum ParsedRecipient {
    Age(x25519::Recipient),
    Ssh(ssh::Recipient),
}

impl RecipientKey {
    /// Reads a key; the comment of an SSH key is dropped.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none that can be encrypted to; never with the text,
    /// which could be a private key.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if !text.starts_with("ssh-") && !text.starts_with("ecdsa-") && !text.starts_with("sk-") {
            let key = age_keys::recipient(text)?;
            return Ok(Self {
                spelling: key.to_string(),
                key: ParsedRecipient::Age(key),
            });
        }
        let public = SshPublicKey::parse(text)?;
        let spelling = format!("{} {}", public.kind(), public.to_base64());
        // The age crate would panic on a weak one, and `SshPublicKey` lets none pass.
        let key = ssh::Recipient::from_str(&spelling).map_err(|_| {
            Error::usage(format!(
                "nothing can be encrypted to a key of type {}",
                public.kind()
            ))
            .hint("an age key (age1…), ssh-ed25519 or ssh-rsa can be encrypted to")
        })?;
        Ok(Self {
            spelling,
            key: ParsedRecipient::Ssh(key),
        })
    }

    /// `age1…`, or the type and the key in base64 as OpenSSH writes them.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    pub(crate) fn into_age(self) -> Box<dyn age::Recipient> {
        match self.key {
            ParsedRecipient::Age(key) => Box::new(key),
            ParsedRecipient::Ssh(key) => Box::new(key),
        }
    }

    fn recipient(&self) -> &dyn age::Recipient {
        match &self.key {
            ParsedRecipient::Age(key) => key,
            ParsedRecipient::Ssh(key) => key,
        }
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipientKey({})", self.spelling)
    }
}

/// What a file is encrypted to.
#[derive(Clone, Debug)]
pub enum SealedTo {
    /// Keys; each of them opens it.
    Keys(Vec<RecipientKey>),
    /// A passphrase.
    Passphrase(Secret),
}

impl SealedTo {
    /// Encrypts `plaintext` into an age file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for no key or more than 16; [`crate::error::Kind::Failed`]
    /// when the system has no memory for it.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let encryptor = match self {
            Self::Keys(keys) if keys.len() > KEYS => {
                return Err(Error::usage(format!(
                    "{} keys to encrypt to, the limit is {KEYS}",
                    keys.len()
                )));
            }
            Self::Keys(keys) => {
                Encryptor::with_recipients(keys.iter().map(RecipientKey::recipient))
                    .map_err(|why| failed(&why))?
            }
            Self::Passphrase(passphrase) => by_passphrase(passphrase, WORK_FACTOR)?,
        };
        write(encryptor, plaintext, Format::Binary)
    }
}

/// Encrypts with a *generated* passphrase for a page in a browser: an age file in armour, whose
/// work factor is one for phones. A passphrase that a person chose is too weak for that.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when the system has no memory for it.
pub fn seal_for_browser(passphrase: &Secret, plaintext: &[u8]) -> Result<String> {
    let encryptor = by_passphrase(passphrase, BROWSER_WORK_FACTOR)?;
    let file = write(encryptor, plaintext, Format::AsciiArmor)?;
    String::from_utf8(file).map_err(|why| failed(&why))
}

fn by_passphrase(passphrase: &Secret, work_factor: u8) -> Result<Encryptor> {
    let passphrase = SecretString::from(passphrase.expose().to_owned());
    let mut recipient = scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(work_factor);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    Encryptor::with_recipients(recipients).map_err(|why| failed(&why))
}

fn write(encryptor: Encryptor, plaintext: &[u8], format: Format) -> Result<Vec<u8>> {
    let file = write_as(encryptor, plaintext, format);
    memory::wipe_stack();
    file.map_err(|why| failed(&why))
}

fn write_as(encryptor: Encryptor, plaintext: &[u8], format: Format) -> io::Result<Vec<u8>> {
    let armour = ArmoredWriter::wrap_output(Vec::new(), format)?;
    let mut writer = encryptor.wrap_output(armour)?;
    writer.write_all(plaintext)?;
    writer.finish()?.finish()
}

fn failed(why: &dyn fmt::Display) -> Error {
    Error::failed(format!("cannot encrypt: {why}"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use age::secrecy::SecretString;
    use age::{Decryptor, scrypt};

    use super::{RecipientKey, SealedTo};
    use crate::crypto::{AgeIdentity, Identities, SigningKey};
    use crate::error::Kind;
    use crate::model::text::secret::Secret;

    /// Made by `ssh-keygen`.
    const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCLQjH5tc3XFFGqgmtFshU69mP/1YjLO3A424MdEiJDn2L6C+HHT4eaExA3KaQbPbLE7JRPleMJOVu0Hu4+tfI7wavl648vM/LZgb4H1WheiQ2mRugiFtWqOQtCeUf/FVQsuFKd6+WqHR+KUEBQr0Qgz49HTW2DB7XkwVVipcG9ujM2+fzIsvXVM21uVv82WxdcLuMl8JLSvmoehoQ/NHZKYH6bpuZXbdRF0lCm1G2i4UURsQbP9l4EtSIEPJSMp1/Uxz02K63LvW0EUSds2TANMlyMVvu7oBQN1ODxnLpvcbRw9GWVhSkfMevAFbZL9Q3QJonXdzrAwAS75nW7VUpz";
    const ECDSA: &str = "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBMjii8nylPk9+z4VuNptt7vh10/T/EF2FQsEBSO+XQrbJCmdMp4KRGzf0qlf+f/6INLjvcRoXuNU2OTHtq4GedmTCVyUK1zpsnLhenc2tISNDr8ZPr+WYU7FiJQlcoAjcQ==";

    fn age_key() -> (AgeIdentity, RecipientKey) {
        let identity = AgeIdentity::generate();
        let key = RecipientKey::parse(&identity.recipient()).unwrap();
        (identity, key)
    }

    fn open(file: &[u8], identity: &AgeIdentity) -> Option<Vec<u8>> {
        let keys = Identities::parse(&identity.secret()).unwrap();
        let mut reader = Decryptor::new_buffered(file)
            .ok()?
            .decrypt(keys.iter())
            .ok()?;
        let mut text = Vec::new();
        reader.read_to_end(&mut text).ok()?;
        Some(text)
    }

    #[test]
    fn each_of_the_keys_opens_the_file_and_no_other() {
        let ((one, first), (two, second), (other, _)) = (age_key(), age_key(), age_key());
        let keys = vec![first, RecipientKey::parse(RSA).unwrap(), second];
        let file = SealedTo::Keys(keys).encrypt(b"for two").unwrap();
        assert_eq!(open(&file, &one).unwrap(), b"for two");
        assert_eq!(open(&file, &two).unwrap(), b"for two");
        assert_eq!(open(&file, &other), None);
        let header = String::from_utf8_lossy(&file).into_owned();
        assert!(header.contains("-> ssh-rsa "), "{header}");
    }

    #[test]
    fn a_file_for_a_browser_is_in_armour_and_costs_less() {
        let file = super::seal_for_browser(&Secret::new("six words".into()), b"told").unwrap();
        assert!(
            file.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"),
            "{file}"
        );
        assert!(
            file.ends_with("-----END AGE ENCRYPTED FILE-----\n"),
            "{file}"
        );
        let mut header = String::new();
        let mut armour = age::armor::ArmoredReader::new(file.as_bytes());
        let mut bytes = Vec::new();
        armour.read_to_end(&mut bytes).unwrap();
        header.push_str(&String::from_utf8_lossy(&bytes));
        assert!(header.lines().nth(1).unwrap().ends_with(" 15"), "{header}");
    }

    #[test]
    fn a_passphrase_opens_the_file_at_the_fixed_cost() {
        let passphrase = Secret::new("six words".into());
        let file = SealedTo::Passphrase(passphrase).encrypt(b"told").unwrap();
        let header = String::from_utf8_lossy(&file).into_owned();
        let stanza = header.lines().nth(1).unwrap().to_owned();
        assert!(stanza.starts_with("-> scrypt "), "{stanza}");
        assert!(stanza.ends_with(" 18"), "{stanza}");
        let open = |words: &str| {
            let mut identity = scrypt::Identity::new(SecretString::from(words.to_owned()));
            identity.set_max_work_factor(18);
            let keys = std::iter::once(&identity as &dyn age::Identity);
            Decryptor::new_buffered(file.as_slice())
                .unwrap()
                .decrypt(keys)
        };
        let mut text = String::new();
        open("six words")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "told");
        assert!(open("seven words").is_err());
    }

    #[test]
    fn keys_have_one_spelling_without_a_comment() {
        let signer = SigningKey::generate().signer().to_openssh();
        for key in [RSA, &signer] {
            let parsed = RecipientKey::parse(&format!(" {key} bob@laptop\n")).unwrap();
            assert_eq!(parsed.as_str(), key);
        }
    }

    #[test]
    fn what_cannot_be_encrypted_to_is_refused_and_not_repeated() {
        let secret = AgeIdentity::generate().secret();
        let weak = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "A".repeat(43));
        for bad in ["", "age1", "ssh-rsa AAAA", &weak, ECDSA, secret.expose()] {
            let why = RecipientKey::parse(bad).unwrap_err();
            assert_eq!(why.kind(), Kind::Usage, "{bad}");
            assert!(bad.is_empty() || !why.message().contains(bad), "{why}");
        }
        let many = vec![age_key().1; 17];
        assert_eq!(
            SealedTo::Keys(many).encrypt(b"").unwrap_err().kind(),
            Kind::Usage
        );
        SealedTo::Keys(vec![]).encrypt(b"").unwrap_err();
    }
}
