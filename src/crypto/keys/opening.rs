//! An age file that somebody else has encrypted: looked at within limits, then opened with a
//! private key or a passphrase.

use std::io::Read;
use std::{fmt, iter};

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, scrypt};
use zeroize::Zeroizing;

use super::private_keys::PrivateKey;
use crate::crypto::encoding::number;
use crate::crypto::file_key::keeper;
use crate::crypto::file_key::stanzas::{
    FIRST_LINE, Lines, Stanza, Stanzas, malformed, names_ssh_key, ssh_tags,
};
use crate::crypto::memory;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// The most work that a file may ask of scrypt, as a power of two: some seconds and 1 GiB.
const MAX_WORK_FACTOR: u8 = 20;
/// How an armoured file begins (RFC 7468, as age narrows it).
const ARMOUR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// An age file whose header is well formed and within limits.
pub struct EncryptedFile {
    bytes: Vec<u8>,
    with_passphrase: bool,
    /// The tags of the SSH keys that it is encrypted to.
    ssh_tags: Vec<String>,
}

/// What an age file held, and what it was opened with.
pub struct Opened {
    /// The whole content.
    pub content: Zeroizing<Vec<u8>>,
    /// The public half of the key that opened it; none for a passphrase.
    pub key: Option<String>,
}

impl EncryptedFile {
    /// Takes over a file whose size the caller has bounded, and scans its header. Armour is taken
    /// off.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is no age file; [`crate::error::Kind::Integrity`] when
    /// it is malformed or past a limit.
    pub fn parse(file: &[u8]) -> Result<Self> {
        let bytes = without_armour(file)?;
        let mut lines = Lines::of(&bytes);
        if !bytes.starts_with(b"age-encryption.org/") {
            return Err(Error::usage("not an age file")
                .hint("give the file as the sender made it, still encrypted"));
        }
        if lines.next()? != FIRST_LINE {
            return Err(Error::usage("an age file of an unknown version"));
        }
        let stanzas = Stanzas::read(&mut lines)?.list;
        if stanzas.iter().any(|one| one.tag == keeper::TAG) {
            return Err(Error::usage(
                "that is a vault, not something that was shared",
            ));
        }
        let with_passphrase = is_for_passphrase(&stanzas)?;
        Ok(Self {
            with_passphrase,
            ssh_tags: ssh_tags(&stanzas),
            bytes,
        })
    }

    /// Whether it is encrypted with a passphrase, and not to keys.
    pub fn is_for_passphrase(&self) -> bool {
        self.with_passphrase
    }

    /// Whether it is encrypted to SSH keys.
    pub fn is_for_ssh_keys(&self) -> bool {
        !self.ssh_tags.is_empty()
    }

    /// Whether it is encrypted to keys of age's own, or of its plugins, alone.
    pub fn is_for_age_keys(&self) -> bool {
        !self.with_passphrase && self.ssh_tags.is_empty()
    }

    /// Whether it may be encrypted to this SSH public key, as far as its header says.
    pub fn names_ssh_key(&self, openssh: &str) -> bool {
        names_ssh_key(&self.ssh_tags, openssh)
    }

    /// Opens it with the first key that fits; none when it is addressed to another.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it was changed or cut off.
    pub fn open(&self, keys: &[PrivateKey]) -> Result<Option<Opened>> {
        for key in keys {
            match self.decrypt(key.as_age()) {
                Ok(content) => {
                    let key = Some(key.recipient().to_owned());
                    return Ok(Some(Opened { content, key }));
                }
                Err(Failure::OtherKey) => {}
                Err(Failure::Damaged) => return Err(damaged()),
            }
        }
        Ok(None)
    }

    /// Opens it with a passphrase.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when the passphrase is wrong;
    /// [`crate::error::Kind::Integrity`] when the file was changed or cut off.
    pub fn open_with_passphrase(&self, passphrase: &Secret) -> Result<Opened> {
        let mut identity =
            scrypt::Identity::new(SecretString::from(passphrase.expose().to_owned()));
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        match self.decrypt(&identity) {
            Ok(content) => Ok(Opened { content, key: None }),
            Err(Failure::OtherKey) => Err(Error::locked("wrong passphrase")),
            Err(Failure::Damaged) => Err(damaged()),
        }
    }

    fn decrypt(&self, identity: &dyn age::Identity) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let decryptor =
            Decryptor::new_buffered(self.bytes.as_slice()).map_err(|_| Failure::Damaged)?;
        let mut reader = decryptor
            .decrypt(iter::once(identity))
            .map_err(|why| match why {
                DecryptError::NoMatchingKeys
                | DecryptError::DecryptionFailed
                | DecryptError::KeyDecryptionFailed => Failure::OtherKey,
                _ => Failure::Damaged,
            })?;
        // Plaintext is shorter than what it was encrypted to.
        let mut content = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        let read = reader.read_to_end(&mut content);
        memory::wipe_stack();
        read.map_err(|_| Failure::Damaged)?;
        Ok(content)
    }
}

enum Failure {
    OtherKey,
    Damaged,
}

fn damaged() -> Error {
    Error::integrity("the file was changed or cut off on its way")
        .hint("nothing of it was kept; ask the sender to send it again")
}

fn without_armour(file: &[u8]) -> Result<Vec<u8>> {
    let text = file.trim_ascii_start();
    if !text.starts_with(ARMOUR) {
        return Ok(file.to_vec());
    }
    let mut bytes = Vec::with_capacity(text.len());
    ArmoredReader::new(text)
        .read_to_end(&mut bytes)
        .map_err(|_| malformed("the file's armour"))?;
    Ok(bytes)
}

/// Whether the way in is a passphrase, which then has to be the only one, at a cost within the
/// limit.
fn is_for_passphrase(stanzas: &[Stanza<'_>]) -> Result<bool> {
    let Some(scrypt) = stanzas.iter().find(|stanza| stanza.tag == "scrypt") else {
        return Ok(false);
    };
    let work: u8 = match scrypt.args.as_slice() {
        [_, work] if stanzas.len() == 1 => number(work),
        _ => None,
    }
    .ok_or_else(|| malformed("the header"))?;
    if work > MAX_WORK_FACTOR {
        return Err(Error::integrity(format!(
            "the file asks for 2^{work} rounds of scrypt, the limit is 2^{MAX_WORK_FACTOR}"
        )));
    }
    Ok(true)
}

impl fmt::Debug for EncryptedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedFile({} bytes)", self.bytes.len())
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({:?})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use age::armor::{ArmoredWriter, Format};

    use super::{EncryptedFile, PrivateKey, SecretString, scrypt};
    use crate::crypto::AgeIdentity;
    use crate::error::Kind;
    use crate::model::text::secret::Secret;

    fn sealed(to: &dyn age::Recipient) -> Vec<u8> {
        let mut file = Vec::new();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(to)).unwrap();
        let mut writer = encryptor.wrap_output(&mut file).unwrap();
        writer.write_all(b"content").unwrap();
        writer.finish().unwrap();
        file
    }

    fn native() -> (PrivateKey, Vec<u8>) {
        let identity = AgeIdentity::generate();
        let recipient: age::x25519::Recipient = identity.recipient().parse().unwrap();
        let key = PrivateKey::of_vault(&identity.secret()).unwrap();
        (key, sealed(&recipient))
    }

    fn with_passphrase(work: u8) -> Vec<u8> {
        let mut recipient = scrypt::Recipient::new(SecretString::from("open".to_owned()));
        recipient.set_work_factor(work);
        sealed(&recipient)
    }

    #[test]
    fn a_file_opens_with_its_key_and_with_no_other() {
        let ((key, file), (other, _)) = (native(), native());
        let file = EncryptedFile::parse(&file).unwrap();
        let name = key.recipient().to_owned();
        assert!(file.open(std::slice::from_ref(&other)).unwrap().is_none());
        let opened = file.open(&[other, key]).unwrap().unwrap();
        assert_eq!(*opened.content, b"content");
        assert_eq!(opened.key, Some(name));
    }

    #[test]
    fn every_changed_byte_and_every_truncation_is_found() {
        let (key, file) = native();
        let opens = |bytes: &[u8]| {
            let parsed = EncryptedFile::parse(bytes);
            parsed.is_ok_and(|file| {
                file.open(std::slice::from_ref(&key))
                    .is_ok_and(|o| o.is_some())
            })
        };
        assert!(opens(&file));
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(!opens(&changed), "byte {at}");
            assert!(!opens(&file[..at]), "cut at {at}");
        }
    }

    #[test]
    fn armour_is_taken_off() {
        let (key, file) = native();
        let mut armour = b"\n".to_vec();
        let mut writer = ArmoredWriter::wrap_output(&mut armour, Format::AsciiArmor).unwrap();
        writer.write_all(&file).unwrap();
        writer.finish().unwrap();
        let opened = EncryptedFile::parse(&armour).unwrap().open(&[key]).unwrap();
        assert_eq!(*opened.unwrap().content, b"content");
        let damaged = &armour[..armour.len() - 40];
        let why = EncryptedFile::parse(damaged).unwrap_err();
        assert_eq!(why.kind(), Kind::Integrity);
    }

    #[test]
    fn a_passphrase_opens_what_was_encrypted_with_it() {
        let file = EncryptedFile::parse(&with_passphrase(2)).unwrap();
        assert!(file.is_for_passphrase());
        let opened = file.open_with_passphrase(&Secret::new("open".into()));
        assert_eq!(*opened.unwrap().content, b"content");
        let why = file.open_with_passphrase(&Secret::new("shut".into()));
        assert_eq!(why.unwrap_err().kind(), Kind::Locked);
    }

    #[test]
    fn too_much_work_is_refused_before_any_of_it() {
        let text = String::from_utf8_lossy(&with_passphrase(2)).into_owned();
        let stanza = text.lines().nth(1).unwrap();
        let costly = text.replace(stanza, &format!("{}21", stanza.strip_suffix('2').unwrap()));
        let why = EncryptedFile::parse(costly.as_bytes()).unwrap_err();
        assert_eq!(why.kind(), Kind::Integrity);
        assert!(why.message().contains("2^21"), "{why}");
    }

    #[test]
    fn what_is_no_age_file_is_called_that() {
        for bad in [&b""[..], b"{}", b"age-encryption.org/v2\n"] {
            let why = EncryptedFile::parse(bad).unwrap_err();
            assert_eq!(why.kind(), Kind::Usage);
        }
    }

    #[test]
    fn ten_thousand_stanzas_are_refused_at_once() {
        let (_, file) = native();
        let text = String::from_utf8_lossy(&file);
        let (first, _) = text.split_once('\n').unwrap();
        let many = format!("{first}\n{}--- AAAA\n", "-> X25519 a\n\n".repeat(10_000));
        let why = EncryptedFile::parse(many.as_bytes()).unwrap_err();
        assert_eq!(why.kind(), Kind::Integrity);
    }
}
