//! The key files of `KeePass`, as the 32 bytes that they stand for.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// A key file.
pub struct KdbxKeyFile<'a>(KeyFileKind<'a>);

enum KeyFileKind<'a> {
    /// Bytes: 32 of them, 64 hexadecimal digits, or anything that is hashed.
    Bytes(&'a [u8]),
    /// The key that stood in one of XML.
    Key(Zeroizing<[u8; 32]>),
}

impl<'a> KdbxKeyFile<'a> {
    /// A file that is no XML of `KeePass`'s.
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self(KeyFileKind::Bytes(bytes))
    }

    /// The key that stood in one of XML; `hash` is the beginning of its SHA-256, if that stood
    /// there.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is none.
    pub fn of_key(key: &[u8], hash: Option<&[u8]>) -> Result<Self> {
        let damaged = || {
            Error::integrity("the key file of KeePass is damaged")
                .hint("take a copy of it that opens the database in KeePass")
        };
        let key = Zeroizing::new(<[u8; 32]>::try_from(key).map_err(|_| damaged())?);
        let digest = Sha256::digest(*key);
        let fits = |hash: &[u8]| {
            let start = digest.get(..hash.len()).filter(|start| !start.is_empty());
            start.is_some_and(|start| bool::from(start.ct_eq(hash)))
        };
        if hash.is_none_or(fits) {
            return Ok(Self(KeyFileKind::Key(key)));
        }
        Err(damaged())
    }

    pub(crate) fn key(&self) -> Zeroizing<[u8; 32]> {
        match &self.0 {
            KeyFileKind::Key(key) => key.clone(),
            KeyFileKind::Bytes(bytes) => key_of_bytes(bytes),
        }
    }
}

fn key_of_bytes(bytes: &[u8]) -> Zeroizing<[u8; 32]> {
    if let Ok(key) = bytes.try_into() {
        return Zeroizing::new(key);
    }
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let digits: Option<Vec<u8>> = bytes.trim_ascii().iter().map(digit).collect();
    if let Some(digits) = digits.filter(|digits| digits.len() == 64) {
        let mut key = Zeroizing::new([0; 32]);
        let (pairs, _) = digits.as_chunks::<2>();
        for (byte, [high, low]) in key.iter_mut().zip(pairs) {
            *byte = high << 4 | low;
        }
        return key;
    }
    Zeroizing::new(Sha256::digest(bytes).into())
}
