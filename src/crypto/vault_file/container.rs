//! The vault file as a whole: read, checked, opened, written.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io::Write;
use std::ops::Range;
use std::sync::OnceLock;
use std::{fmt, iter};

use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::hkdf;
use age_core::secrecy::ExposeSecret;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::header::{Draft, Header, HeaderFacts};
use super::payload::{PAYLOAD_NONCE, PayloadCipher, PayloadWriter};
use crate::crypto::encoding::{SIGNATURE_TAG, base64};
use crate::crypto::file_key::keeper::{
    KeyKeeper, PasswordIdentity, PasswordRecipient, PlainFileKey,
};
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
        let file_key = self.file_key(way)?;
        let (nonce, chunks) = (self.bytes().get(self.header.payload..))
            .and_then(|payload| payload.split_at_checked(PAYLOAD_NONCE))
            .ok_or_else(damaged)?;
        let opened = PayloadCipher::new(&file_key, nonce).decrypt(chunks);
        memory::wipe_stack();
        opened?.ok_or_else(damaged)
    }

    /// Checks that `way` opens the file and that the header's MAC fits, without reading the
    /// payload.
    pub(crate) fn check_way_in(&self, way: UnlockedWith<'_>) -> Result<()> {
        let opened = self.file_key(way).map(|_| ());
        memory::wipe_stack();
        opened
    }

    /// The key of the file, once the header's MAC fits it.
    fn file_key(&self, way: UnlockedWith<'_>) -> Result<PlainFileKey> {
        let decryptor = Decryptor::new_buffered(self.bytes()).map_err(|_| damaged())?;
        let found = OnceCell::new();
        let keeping = |identity| KeepingIdentity {
            identity,
            found: &found,
        };
        let opened = match way {
            UnlockedWith::Password(keeper) => {
                let identity = PasswordIdentity::new(keeper);
                let opened =
                    decryptor.decrypt(iter::once(&keeping(&identity) as &dyn age::Identity));
                if let Some(why) = identity.failure.into_inner() {
                    return Err(why);
                }
                opened.map(|_| ())
            }
            UnlockedWith::Identities(identities) => {
                let keeping: Vec<_> = identities.iter().map(keeping).collect();
                let opened = decryptor.decrypt(keeping.iter().map(|it| it as &dyn age::Identity));
                if let (Err(_), Some(why)) = (&opened, identities.take_failure()) {
                    return Err(why);
                }
                opened.map(|_| ())
            }
        };
        opened.map_err(|why| match (why, way) {
            (DecryptError::NoMatchingKeys, UnlockedWith::Identities(_)) => {
                Error::locked("no key of the identity file opens this vault")
            }
            _ => damaged(),
        })?;
        found.into_inner().ok_or_else(damaged)
    }
}

/// An identity that keeps the file key it finds, which age gives to nobody: the payload is not
/// read by age.
struct KeepingIdentity<'a> {
    identity: &'a dyn age::Identity,
    found: &'a OnceCell<PlainFileKey>,
}

impl KeepingIdentity<'_> {
    fn remember(
        &self,
        unwrapped: Option<Result<FileKey, DecryptError>>,
    ) -> Option<Result<FileKey, DecryptError>> {
        if let Some(Ok(file_key)) = &unwrapped {
            self.found
                .get_or_init(|| Zeroizing::new(*file_key.expose_secret()));
        }
        unwrapped
    }
}

impl age::Identity for KeepingIdentity<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.remember(self.identity.unwrap_stanza(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        self.remember(self.identity.unwrap_stanzas(stanzas))
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
    let content = Content {
        expected: plaintext.len(),
        write: &|file| file.write_all(plaintext).map_err(|why| failed(&why)),
    };
    seal_content(&content, draft, keeper, recipients, plugins, signing_key)
}

/// The plaintext of a vault that is to be sealed.
pub(crate) struct Content<'a> {
    /// How long it will be, more or less.
    pub(crate) expected: usize,
    /// Writes it.
    pub(crate) write: &'a dyn Fn(&mut dyn Write) -> Result<()>,
}

/// As [`seal`], of plaintext that is written into its place in the file.
pub(crate) fn seal_content(
    content: &Content<'_>,
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
    let file_key = signature
        .file_key
        .into_inner()
        .ok_or_else(|| failed(&"no file key was drawn"))?;
    let signed =
        encrypt(encryptor, &file_key, content).and_then(|file| sign(file, signing_key, &file_key));
    memory::wipe_stack();
    signed
}

fn failed(why: &dyn fmt::Display) -> Error {
    Error::failed(format!("cannot encrypt the vault: {why}"))
}

/// Writes header and payload into one buffer and encrypts the payload there.
fn encrypt(
    encryptor: Encryptor,
    file_key: &[u8; FILE_KEY_BYTES],
    content: &Content<'_>,
) -> Result<Vec<u8>> {
    // As soon as it is to write somewhere, age has written the header and the payload's nonce.
    let mut header = Vec::with_capacity(HEADER_BYTES);
    encryptor
        .wrap_output(&mut header)
        .map_err(|why| failed(&why))?;
    let (_, nonce) = (header.split_last_chunk::<PAYLOAD_NONCE>())
        .ok_or_else(|| failed(&"age has written no nonce"))?;
    let mut payload = PayloadWriter::behind(&header, content.expected);
    (content.write)(&mut payload)?;
    payload.seal(&PayloadCipher::new(file_key, nonce))
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
