//! KDBX 3.1 and 4, the databases of `KeePass`: what opens them, and what is inside before its XML
//! is read. Written after `KeePass`'s own description of the format.

pub(crate) mod header;
pub(crate) mod key;

use std::io::Read;
use std::ops::Range;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, BlockEncrypt, KeyInit, KeyIvInit, StreamCipher};
use argon2::{Algorithm, Argon2, Params, Version};
use flate2::read::GzDecoder;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::kdbx::header::{ByteReader, Derivation, Inner, KdbxHeader, damaged};
use super::kdbx::key::KdbxKeyFile;
use crate::error::{Error, Result};
use crate::model::text::limits::IMPORT_UNPACKED_BYTES;
use crate::model::text::secret::Secret;

/// The nonce of the stream that version 3 hides passwords under.
const SALSA_NONCE: [u8; 8] = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];

/// What is in a database.
pub struct Kdbx {
    plain: Zeroizing<Vec<u8>>,
    /// Where the attachments and the XML stand in that.
    files: Vec<Range<usize>>,
    xml: Range<usize>,
}

impl Kdbx {
    /// `KeePass`'s XML, with protected values still hidden.
    #[must_use]
    pub fn xml(&self) -> &[u8] {
        self.plain.get(self.xml.clone()).unwrap_or_default()
    }

    /// Attachments, by their numbers; version 3 has them in the XML.
    #[must_use]
    pub fn files(&self) -> Vec<&[u8]> {
        let files = self.files.iter();
        files
            .map(|range| self.plain.get(range.clone()).unwrap_or_default())
            .collect()
    }
}

/// The stream that protected values are hidden under.
pub struct HiddenStream(Box<dyn StreamCipher>);

impl HiddenStream {
    /// Shows the next protected value.
    pub fn show(&mut self, bytes: &mut [u8]) {
        // A stream of 256 GiB cannot run out.
        let _ = self.0.try_apply_keystream(bytes);
    }

    /// Passes over a protected value of so many bytes.
    pub fn skip(&mut self, count: usize) {
        let mut passed = [0; 4096];
        for _ in 0..count / passed.len() {
            self.show(&mut passed);
        }
        let rest = passed.get_mut(..count % 4096).unwrap_or_default();
        self.show(rest);
    }
}

/// Opens a database with its password, its key file or both, and gives what hides its protected
/// values.
///
/// # Errors
/// [`crate::error::Kind::Locked`] when they do not fit; [`crate::error::Kind::Integrity`] when it
/// is damaged, or asks for more than the limits of key derivation; [`crate::error::Kind::Usage`]
/// past the limits of what it holds.
pub fn open_kdbx(
    bytes: &[u8],
    password: Option<&Secret>,
    key_file: Option<&KdbxKeyFile<'_>>,
) -> Result<(Kdbx, HiddenStream)> {
    let (header, body) = KdbxHeader::read(bytes)?;
    let master = Zeroizing::new(derive(&header.derivation, &composite(password, key_file))?);
    let mut key = Sha256::new();
    key.update(&header.master_seed);
    key.update(*master);
    let key = Zeroizing::new(<[u8; 32]>::from(key.finalize()));
    if header.major == 3 {
        let plain = decrypt(&header, &key, body.to_vec()).map_err(|_| wrong_key())?;
        let rest = plain
            .strip_prefix(header.start_bytes.as_slice())
            .ok_or_else(wrong_key)?;
        let blocks = hashed_blocks(rest)?;
        drop(plain);
        let plain = unpack(&header, blocks)?;
        let kdbx = Kdbx {
            files: Vec::new(),
            xml: 0..plain.len(),
            plain,
        };
        return Ok((kdbx, hidden_stream(header.stream, &header.stream_key)?));
    }
    let sealed = checked_blocks(&header, &master, bytes, body)?;
    let plain = unpack(&header, decrypt(&header, &key, sealed)?)?;
    let inner = Inner::read(&plain)?;
    let stream = hidden_stream(inner.stream, &inner.stream_key)?;
    let kdbx = Kdbx {
        files: inner.files,
        xml: inner.xml,
        plain,
    };
    Ok((kdbx, stream))
}

fn wrong_key() -> Error {
    Error::locked("that password or key file does not open the database of KeePass")
}

fn composite(password: Option<&Secret>, key_file: Option<&KdbxKeyFile<'_>>) -> Zeroizing<[u8; 32]> {
    let mut all = Sha256::new();
    if let Some(password) = password {
        all.update(Sha256::digest(password.expose()));
    }
    if let Some(key_file) = key_file {
        all.update(*key_file.key());
    }
    Zeroizing::new(all.finalize().into())
}

fn derive(derivation: &Derivation, composite: &[u8; 32]) -> Result<[u8; 32]> {
    match derivation {
        Derivation::Aes { seed, rounds } => {
            let cipher = aes::Aes256::new_from_slice(seed).map_err(|_| damaged())?;
            let (left, right) = composite.split_at(16);
            let mut key = Sha256::new();
            for half in [left, right] {
                let mut block = aes::Block::clone_from_slice(half);
                for _ in 0..*rounds {
                    cipher.encrypt_block(&mut block);
                }
                key.update(block);
            }
            Ok(key.finalize().into())
        }
        Derivation::Argon2 {
            id,
            salt,
            memory_kib,
            passes,
            lanes,
        } => {
            let algorithm = if *id {
                Algorithm::Argon2id
            } else {
                Algorithm::Argon2d
            };
            let params =
                Params::new(*memory_kib, *passes, *lanes, Some(32)).map_err(|_| damaged())?;
            let argon2 = Argon2::new(algorithm, Version::V0x13, params);
            let mut key = [0; 32];
            argon2
                .hash_password_into(composite, salt, &mut key)
                .map_err(|_| damaged())?;
            Ok(key)
        }
    }
}

fn decrypt(header: &KdbxHeader, key: &[u8; 32], mut sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>> {
    if header.is_chacha {
        let cipher = chacha20::ChaCha20::new_from_slices(key, &header.nonce);
        cipher.map_err(|_| damaged())?.apply_keystream(&mut sealed);
        return Ok(Zeroizing::new(sealed));
    }
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, &header.nonce);
    let plain = cipher
        .map_err(|_| damaged())?
        .decrypt_padded_mut::<Pkcs7>(&mut sealed);
    let length = plain.map_err(|_| damaged())?.len();
    sealed.truncate(length);
    Ok(Zeroizing::new(sealed))
}

/// Version 4: blocks, each with a MAC, behind a MAC over the header.
fn checked_blocks(
    header: &KdbxHeader,
    master: &[u8; 32],
    file: &[u8],
    body: &[u8],
) -> Result<Vec<u8>> {
    let mut base = Sha512::new();
    base.update(&header.master_seed);
    base.update(master);
    base.update([1]);
    let base = Zeroizing::new(<[u8; 64]>::from(base.finalize()));
    let mac_key = |index: u64| {
        let mut key = Sha512::new();
        key.update(index.to_le_bytes());
        key.update(*base);
        Zeroizing::new(<[u8; 64]>::from(key.finalize()))
    };
    let start = file.get(..file.len() - body.len()).ok_or_else(damaged)?;
    let mut body = ByteReader(body);
    if body.take(32)? != Sha256::digest(start).as_slice() {
        return Err(damaged());
    }
    check(&mac_key(u64::MAX), &[start], body.take(32)?).map_err(|_| wrong_key())?;
    let mut sealed = Vec::with_capacity(body.0.len());
    for index in 0.. {
        let mac = body.take(32)?;
        let size = body.take(4)?;
        let block = body.take(u32_of(size)? as usize)?;
        check(&mac_key(index), &[&index.to_le_bytes(), size, block], mac)?;
        if block.is_empty() {
            break;
        }
        sealed.extend_from_slice(block);
    }
    Ok(sealed)
}

fn check(key: &[u8; 64], parts: &[&[u8]], mac: &[u8]) -> Result<()> {
    let mut expected = <Hmac<Sha256> as Mac>::new_from_slice(key).map_err(|_| damaged())?;
    for part in parts {
        expected.update(part);
    }
    expected.verify_slice(mac).map_err(|_| damaged())
}

/// Version 3: blocks, each with its hash.
fn hashed_blocks(rest: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut rest = ByteReader(rest);
    let mut all = Zeroizing::new(Vec::with_capacity(rest.0.len()));
    loop {
        rest.take(4)?;
        let hash = rest.take(32)?;
        let size = u32_of(rest.take(4)?)? as usize;
        if size == 0 {
            return Ok(all);
        }
        let block = rest.take(size)?;
        if Sha256::digest(block).as_slice() != hash {
            return Err(damaged());
        }
        all.extend_from_slice(block);
    }
}

fn u32_of(bytes: &[u8]) -> Result<u32> {
    bytes
        .try_into()
        .map(u32::from_le_bytes)
        .map_err(|_| damaged())
}

fn unpack(header: &KdbxHeader, bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
    let limit = usize::try_from(IMPORT_UNPACKED_BYTES).unwrap_or(usize::MAX);
    if !header.is_packed {
        return Ok(bytes);
    }
    // The size of what was packed stands at the end; it is believed up to the limit.
    let said = bytes.last_chunk::<4>().copied().map(u32::from_le_bytes);
    let said = said.map_or(0, |said| said as usize).min(limit);
    let mut plain = Zeroizing::new(Vec::with_capacity(said + 1));
    let read = GzDecoder::new(bytes.as_slice())
        .take(IMPORT_UNPACKED_BYTES + 1)
        .read_to_end(&mut plain);
    read.map_err(|_| damaged())?;
    if plain.len() > limit {
        return Err(Error::usage(format!(
            "the database unpacks to more than {limit} bytes, the limit"
        ))
        .hint("in KeePass, move large attachments out of it, or export a part of it as XML"));
    }
    Ok(plain)
}

fn hidden_stream(id: u32, key: &[u8]) -> Result<HiddenStream> {
    Ok(match id {
        2 => {
            let key = Sha256::digest(key);
            HiddenStream(Box::new(salsa20::Salsa20::new(&key, &SALSA_NONCE.into())))
        }
        3 => {
            let key = Sha512::digest(key);
            let (key, rest) = key.split_at(32);
            let nonce = rest.get(..12).unwrap_or_default();
            let stream = chacha20::ChaCha20::new_from_slices(key, nonce);
            HiddenStream(Box::new(stream.map_err(|_| damaged())?))
        }
        _ => return Err(damaged()),
    })
}
