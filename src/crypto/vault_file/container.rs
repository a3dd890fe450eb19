//! The vault file as a whole: read, checked, opened, written.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io::{Read, Write};
use std::ops::Range;
use std::sync::OnceLock;
use std::{fmt, io, iter};

use age::stream::StreamReader;
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::hkdf;
use age_core::secrecy::ExposeSecret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::header::{Draft, Header, HeaderFacts};
use super::padding::padme;
use crate::crypto::encoding::{SIGNATURE_TAG, base64};
use crate::crypto::file_key::keeper::{KeyKeeper, PasswordIdentity, PasswordRecipient};
use crate::crypto::file_key::stanzas::names_ssh_key;
use crate::crypto::keys::plugins::PluginHost;
use crate::crypto::keys::private_keys::Identities;
use crate::crypto::keys::way_in_keys::wrappers;
use crate::crypto::memory;
use crate::crypto::memory::Pages;
use crate::crypto::signing::ed25519::SigningKey;
use crate::error::{Error, Result};
use crate::model::records::access::Access;
use crate::model::text::limits::HEADER_BYTES;

/// What a signature of a file begins with, so that it is good for nothing else.
const SIGNED_PREFIX: &[u8] = b"vault-file-signature-v1\0";
/// Bytes of the payload's nonce, of a chunk's plaintext and of its tag (<https://c2sp.org/age>).
const PAYLOAD_NONCE: usize = 16;
const CHUNK: usize = 64 << 10;
const CHUNK_TAG: usize = 16;

/// A vault file whose header is well formed. Nothing else is known of it until
/// [`Self::verify_signature`] and [`Self::open`] say so.
pub struct SealedFile {
    bytes: Box<dyn AsRef<[u8]> + Send + Sync>,
    header: Header,
    sha256: OnceLock<[u8; 32]>,
}

/// What a vault is opened with.
#[derive(Clone, Copy, Debug)]
pub enum UnlockedWith<'a> {
    /// Whoever keeps what the password was derived to.
    Password(&'a dyn KeyKeeper),
    /// Keys of other ways in.
    Identities(&'a Identities),
}

impl SealedFile {
    /// Takes a whole file over and scans its header; the store has bounded its size.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is not a vault, is malformed or past a limit.
    pub fn parse(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        let header = Header::scan(bytes.as_ref())?;
        Ok(Self {
            bytes: Box::new(bytes),
            header,
            sha256: OnceLock::new(),
        })
    }

    /// Looks at the start of a file, at least [`HEADER_BYTES`] of it or all there is, so that what
    /// is no vault need not be read further.
    pub(crate) fn check_start(start: &[u8]) -> Result<()> {
        Header::scan(start).map(|_| ())
    }

    /// Checks the signature against the signer that the file itself names. Whether that is the
    /// right signer is for the caller to know.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it does not fit.
    pub fn verify_signature(&self) -> Result<()> {
        let message = signed_message(self.bytes(), &self.header);
        if self
            .header
            .facts
            .signer
            .verify(&message, &self.header.signature)
        {
            return Ok(());
        }
        Err(Error::integrity(
            "the signature does not fit: the file is damaged or was changed",
        ))
    }

    /// What the file says of itself.
    pub fn facts(&self) -> &HeaderFacts {
        &self.header.facts
    }

    /// Its signature in base64, which no other file has.
    pub fn signature(&self) -> String {
        base64(&self.header.signature)
    }

    /// What its password's way in asks for, not yet held against the ceiling.
    pub fn access(&self) -> &Access {
        &self.header.access
    }

    /// The tags of all stanzas but our two: other ways in, and grease.
    pub fn other_tags(&self) -> &[String] {
        &self.header.other_tags
    }

    /// Whether it may be encrypted to this SSH public key, as far as its header says.
    pub fn names_ssh_key(&self, openssh: &str) -> bool {
        names_ssh_key(&self.header.ssh_tags, openssh)
    }

    /// SHA-256 of the whole file.
    pub fn sha256(&self) -> [u8; 32] {
        *self
            .sha256
            .get_or_init(|| Sha256::digest(self.bytes()).into())
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }

    /// Decrypts the payload: the JSON and the spaces that pad it. Checks the header's MAC and reads
    /// to the end before it gives anything out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when the password or the keys do not fit;
    /// [`crate::error::Kind::Integrity`] when they do and the file is damaged or was changed.
    pub fn open(&self, way: UnlockedWith<'_>) -> Result<Pages> {
        let mut reader = self.reader(way)?;
        let length = plaintext_len(self.bytes().len() - self.header.payload).ok_or_else(damaged)?;
        let mut plaintext = Pages::zeroed(length)?;
        reader.read_exact(&mut plaintext).map_err(|_| damaged())?;
        // A file cut between two chunks shows only when one reads on.
        let rest = reader.read(&mut [0]);
        memory::wipe_stack();
        match rest {
            Ok(0) => Ok(plaintext),
            _ => Err(damaged()),
        }
    }

    /// Checks that `way` opens the file and that the header's MAC fits, without reading the
    /// payload.
    pub(crate) fn check_way_in(&self, way: UnlockedWith<'_>) -> Result<()> {
        let opened = self.reader(way).map(|_| ());
        memory::wipe_stack();
        opened
    }

    fn reader(&self, way: UnlockedWith<'_>) -> Result<StreamReader<&[u8]>> {
        let decryptor = Decryptor::new_buffered(self.bytes()).map_err(|_| damaged())?;
        match way {
            UnlockedWith::Password(keeper) => {
                let identity = PasswordIdentity::new(keeper);
                let opened = decryptor.decrypt(iter::once(&identity as &dyn age::Identity));
                if let Some(why) = identity.failure.into_inner() {
                    return Err(why);
                }
                opened
            }
            UnlockedWith::Identities(identities) => {
                let opened = decryptor.decrypt(identities.iter());
                if let (Err(_), Some(why)) = (&opened, identities.take_failure()) {
                    return Err(why);
                }
                opened
            }
        }
        .map_err(|why| match (why, way) {
            (DecryptError::NoMatchingKeys, UnlockedWith::Identities(_)) => {
                Error::locked("no key of the identity file opens this vault")
            }
            _ => damaged(),
        })
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedFile")
            .field("header", &self.header)
            .field("len", &self.bytes().len())
            .finish_non_exhaustive()
    }
}

fn damaged() -> Error {
    Error::integrity("the file is damaged or was changed")
}

/// Length of the plaintext in a payload of so many bytes; `None` when no payload is that long.
fn plaintext_len(payload: usize) -> Option<usize> {
    let chunks = payload.checked_sub(PAYLOAD_NONCE)?;
    let tags = chunks.div_ceil(CHUNK + CHUNK_TAG).max(1) * CHUNK_TAG;
    chunks.checked_sub(tags)
}

/// Bytes of the payload that holds so many bytes of plaintext.
fn payload_len(plaintext: usize) -> usize {
    PAYLOAD_NONCE + plaintext + plaintext.div_ceil(CHUNK).max(1) * CHUNK_TAG
}

/// The message that the signature is over: the header up to the MAC line, without the lines that
/// hold the signature itself, and all that follows the MAC line. Ranges come from the scanner and
/// lie within the file.
fn signed_message(file: &[u8], header: &Header) -> Vec<u8> {
    let part = |range: Range<usize>| file.get(range).unwrap_or_default();
    let head = Sha256::new()
        .chain_update(part(0..header.signature_body.start))
        .chain_update(part(header.signature_body.end..header.mac_line))
        .finalize();
    let payload = Sha256::digest(part(header.payload..file.len()));
    [SIGNED_PREFIX, &head, &payload].concat()
}

/// Encrypts and signs a vault. The plaintext is padded with spaces to a Padmé length; a recipient
/// that is named twice counts once.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when a recipient cannot be used or there are too many of them;
/// [`crate::error::Kind::Failed`] when the result would not be a vault (more than two parents); and
/// those of the keeper and of plugins, which `plugins` starts.
pub fn seal(
    plaintext: &[u8],
    draft: &Draft,
    keeper: &dyn KeyKeeper,
    recipients: &[String],
    plugins: &dyn PluginHost,
    signing_key: &SigningKey,
) -> Result<SealedFile> {
    if draft.parents.len() > 2 {
        return Err(failed(&"more than two parents"));
    }
    let facts = HeaderFacts {
        vault_id: draft.vault_id,
        generation: draft.generation,
        parents: draft.parents.clone(),
        signer: signing_key.signer(),
    };
    let password = PasswordRecipient::new(keeper);
    let plugin_failure = OnceCell::new();
    let others = wrappers(recipients, plugins, &plugin_failure)?;
    let signature = SignatureRecipient {
        facts: &facts,
        file_key: OnceCell::new(),
    };
    let all = iter::once(&password as &dyn age::Recipient)
        .chain(others.iter().map(|other| &**other))
        .chain(iter::once(&signature as &dyn age::Recipient));
    let encryptor = Encryptor::with_recipients(all);
    if let Some(why) = password.failure.get().or(plugin_failure.get()) {
        return Err(why.clone());
    }
    let encryptor = encryptor.map_err(|why| failed(&why))?;
    let file = encrypt(encryptor, plaintext).map_err(|why| failed(&why))?;
    let file_key = signature
        .file_key
        .into_inner()
        .ok_or_else(|| failed(&"no file key was drawn"))?;
    let signed = sign(file, signing_key, &file_key);
    memory::wipe_stack();
    signed
}

fn failed(why: &dyn fmt::Display) -> Error {
    Error::failed(format!("cannot encrypt the vault: {why}"))
}

/// Writes header and payload into one buffer of sufficient size.
fn encrypt(encryptor: Encryptor, plaintext: &[u8]) -> io::Result<Vec<u8>> {
    let padded = padme(plaintext.len());
    let file = Vec::with_capacity(HEADER_BYTES + payload_len(padded));
    let mut writer = encryptor.wrap_output(file)?;
    writer.write_all(plaintext)?;
    let padding = u64::try_from(padded - plaintext.len()).unwrap_or_default();
    io::copy(&mut io::repeat(b' ').take(padding), &mut writer)?;
    writer.finish()
}

/// Puts the signature in its place and makes the header's MAC anew, which covers it.
fn sign(
    mut file: Vec<u8>,
    signing_key: &SigningKey,
    file_key: &[u8; FILE_KEY_BYTES],
) -> Result<SealedFile> {
    let header = Header::scan(&file).map_err(|why| {
        // Of what is in a new header, only other ways in can be too much.
        Error::usage(format!("the ways in do not fit: {why}"))
            .hint("nothing was changed; Ed25519 keys are shorter than RSA keys")
    })?;
    let signature = base64(&signing_key.sign(&signed_message(&file, &header)));
    let (first, last) = signature.split_at(64);
    let lines = format!("{first}\n{last}\n");
    overwrite(&mut file, header.signature_body, lines.as_bytes())?;

    let covered = header.mac_line..header.mac_line + "---".len();
    let mac_key = Zeroizing::new(hkdf(&[], b"header", file_key));
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&*mac_key).map_err(|why| failed(&why))?;
    mac.update(file.get(..covered.end).unwrap_or_default());
    let line = format!(" {}\n", base64(&mac.finalize().into_bytes()));
    overwrite(&mut file, covered.end..header.payload, line.as_bytes())?;
    SealedFile::parse(file)
}

/// Replaces a part by one of the same length.
fn overwrite(file: &mut [u8], part: Range<usize>, with: &[u8]) -> Result<()> {
    let part = file
        .get_mut(part)
        .filter(|part| part.len() == with.len())
        .ok_or_else(|| failed(&"the header is not as expected"))?;
    part.copy_from_slice(with);
    Ok(())
}

/// Puts the stanza of the signature into the header, with zeros where the signature will be, and
/// keeps the file key that the MAC needs. It is no way in.
struct SignatureRecipient<'a> {
    facts: &'a HeaderFacts,
    file_key: OnceCell<Zeroizing<[u8; FILE_KEY_BYTES]>>,
}

impl age::Recipient for SignatureRecipient<'_> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.file_key
            .get_or_init(|| Zeroizing::new(*file_key.expose_secret()));
        let stanza = Stanza {
            tag: SIGNATURE_TAG.to_owned(),
            args: self.facts.args(),
            body: vec![0; 64],
        };
        Ok((vec![stanza], HashSet::new()))
    }
}

#[cfg(test)]
mod tests;
