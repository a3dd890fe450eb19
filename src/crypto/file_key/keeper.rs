//! Who keeps the master key wraps and unwraps file keys with it: the key itself in this process,
//! or an agent that never gives it out. The `vault-argon2id` stanza is made and read here.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::{fmt, io};

use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::{aead_decrypt, aead_encrypt};
use age_core::secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::argon2id::MasterKey;
use crate::crypto::encoding::{base64, number, unbase64};
use crate::crypto::random;
use crate::error::{Error, Result};
use crate::model::records::access::Access;
use crate::model::records::base64_bytes;
use crate::model::text::kdf::KdfParams;

/// The stanza's tag.
pub(crate) const TAG: &str = "vault-argon2id";
/// Bytes of a file key and of the tag that comes with it when it is wrapped.
const WRAPPED_BYTES: usize = FILE_KEY_BYTES + 16;

/// The key of one file, under which its payload is.
pub type PlainFileKey = Zeroizing<[u8; FILE_KEY_BYTES]>;

/// A file key as it stands in the header: only the master key unwraps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedFileKey {
    /// Drawn anew for each write.
    #[serde(with = "base64_bytes")]
    pub nonce: [u8; 16],
    /// The file key, encrypted and authenticated.
    #[serde(with = "base64_bytes")]
    pub body: [u8; WRAPPED_BYTES],
}

/// Has a master key and wraps and unwraps file keys with it.
pub trait KeyKeeper: fmt::Debug {
    /// What the key was derived under. A file with another `access` needs another key.
    fn access(&self) -> &Access;

    /// Whether it has the key still, and will for a moment.
    fn is_ready(&self) -> bool;

    /// Wraps the file key of a write.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when it has the key no longer.
    fn wrap(&self, file_key: &[u8; FILE_KEY_BYTES]) -> Result<WrappedFileKey>;

    /// Unwraps the file key of a file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Locked`] when the master key does not fit, or when it has it no
    /// longer.
    fn unwrap(&self, wrapped: &WrappedFileKey) -> Result<PlainFileKey>;
}

impl KeyKeeper for MasterKey {
    fn access(&self) -> &Access {
        MasterKey::access(self)
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn wrap(&self, file_key: &[u8; FILE_KEY_BYTES]) -> Result<WrappedFileKey> {
        let nonce = random::bytes();
        let body = aead_encrypt(&self.wrapping_key(&nonce), file_key);
        let body = body.try_into();
        let body = body.map_err(|_| Error::failed("the file key did not wrap"))?;
        Ok(WrappedFileKey { nonce, body })
    }

    fn unwrap(&self, wrapped: &WrappedFileKey) -> Result<PlainFileKey> {
        let wrapping_key = self.wrapping_key(&wrapped.nonce);
        let opened = aead_decrypt(&wrapping_key, FILE_KEY_BYTES, &wrapped.body);
        let opened = opened.map(Zeroizing::new).ok();
        let file_key = opened.and_then(|opened| <[u8; FILE_KEY_BYTES]>::try_from(&**opened).ok());
        file_key.map(Zeroizing::new).ok_or_else(|| {
            Error::locked(if self.access().key_file {
                "wrong password or key file"
            } else {
                "wrong password"
            })
        })
    }
}

/// The arguments of a `vault-argon2id` stanza: `SALT M T P K NONCE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PasswordStanza {
    pub(crate) access: Access,
    nonce: [u8; 16],
}

impl PasswordStanza {
    /// Reads the arguments after the tag, each in its one spelling.
    pub(crate) fn parse<S: AsRef<str>>(args: &[S]) -> Option<Self> {
        let [salt, m, t, p, key_file, nonce] = args else {
            return None;
        };
        Some(Self {
            access: Access {
                salt: unbase64(salt.as_ref())?,
                kdf: KdfParams {
                    m: number(m.as_ref())?,
                    t: number(t.as_ref())?,
                    p: number(p.as_ref())?,
                },
                key_file: match key_file.as_ref() {
                    "k" => true,
                    "-" => false,
                    _ => return None,
                },
            },
            nonce: unbase64(nonce.as_ref())?,
        })
    }

    fn args(&self) -> Vec<String> {
        let Access {
            salt,
            kdf,
            key_file,
        } = self.access;
        vec![
            base64(&salt),
            kdf.m.to_string(),
            kdf.t.to_string(),
            kdf.p.to_string(),
            if key_file { "k" } else { "-" }.to_owned(),
            base64(&self.nonce),
        ]
    }
}

/// Wraps the file key of a write under the master key.
pub(crate) struct PasswordRecipient<'a> {
    keeper: &'a dyn KeyKeeper,
    /// What went wrong, which age's errors have no room for.
    pub(crate) failure: OnceCell<Error>,
}

impl<'a> PasswordRecipient<'a> {
    pub(crate) fn new(keeper: &'a dyn KeyKeeper) -> Self {
        Self {
            keeper,
            failure: OnceCell::new(),
        }
    }
}

impl age::Recipient for PasswordRecipient<'_> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let wrapped = self.keeper.wrap(file_key.expose_secret()).map_err(|why| {
            let shown = io::Error::other(why.to_string());
            self.failure.get_or_init(|| why);
            EncryptError::Io(shown)
        })?;
        let stanza = PasswordStanza {
            access: *self.keeper.access(),
            nonce: wrapped.nonce,
        };
        let stanza = Stanza {
            tag: TAG.to_owned(),
            args: stanza.args(),
            body: wrapped.body.to_vec(),
        };
        Ok((vec![stanza], HashSet::new()))
    }
}

/// Unwraps the file key with the master key.
pub(crate) struct PasswordIdentity<'a> {
    keeper: &'a dyn KeyKeeper,
    /// What went wrong, which age's errors have no room for.
    pub(crate) failure: OnceCell<Error>,
}

impl<'a> PasswordIdentity<'a> {
    pub(crate) fn new(keeper: &'a dyn KeyKeeper) -> Self {
        Self {
            keeper,
            failure: OnceCell::new(),
        }
    }

    fn unwrap(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let arguments = PasswordStanza::parse(&stanza.args)?;
        let wrapped = WrappedFileKey {
            nonce: arguments.nonce,
            body: stanza.body.as_slice().try_into().ok()?,
        };
        let file_key = match self.keeper.unwrap(&wrapped) {
            Ok(file_key) => file_key,
            Err(why) => {
                self.failure.get_or_init(|| why);
                return Some(Err(DecryptError::KeyDecryptionFailed));
            }
        };
        Some(Ok(FileKey::init_with_mut(|bytes| {
            bytes.copy_from_slice(&*file_key);
        })))
    }
}

impl age::Identity for PasswordIdentity<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != TAG {
            return None;
        }
        let unwrapped = self.unwrap(stanza);
        Some(unwrapped.unwrap_or(Err(DecryptError::InvalidHeader)))
    }

    /// Refuses more than one stanza of this tag: of several, one could be for another password.
    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let mut ours = stanzas.iter().filter(|stanza| stanza.tag == TAG);
        let first = ours.next()?;
        if ours.next().is_some() {
            return Some(Err(DecryptError::InvalidHeader));
        }
        self.unwrap_stanza(first)
    }
}

#[cfg(test)]
mod tests {
    use age::{DecryptError, Identity as _, Recipient as _};
    use age_core::format::{FileKey, Stanza};
    use age_core::secrecy::ExposeSecret;

    use super::{KeyKeeper, MasterKey, PasswordIdentity, PasswordRecipient, PasswordStanza};
    use crate::error::Kind;
    use crate::model::records::access::Access;
    use crate::model::text::kdf::KdfParams;

    const ACCESS: Access = Access {
        salt: [3; 16],
        kdf: KdfParams { m: 8, t: 1, p: 1 },
        key_file: false,
    };

    fn key(byte: u8) -> MasterKey {
        MasterKey::init(ACCESS, |key| key.fill(byte))
    }

    fn wrapped(master_key: &MasterKey) -> Stanza {
        let recipient = PasswordRecipient::new(master_key);
        let file_key = FileKey::new(Box::new([9; 16]));
        recipient.wrap_file_key(&file_key).unwrap().0.remove(0)
    }

    #[test]
    fn a_file_key_unwraps_with_the_right_key_only() {
        let stanzas = [wrapped(&key(1))];
        let right = key(1);
        let file_key = PasswordIdentity::new(&right)
            .unwrap_stanzas(&stanzas)
            .unwrap();
        assert_eq!(file_key.ok().unwrap().expose_secret(), &[9; 16]);
        let wrong = key(2);
        let identity = PasswordIdentity::new(&wrong);
        let refused = identity.unwrap_stanzas(&stanzas).unwrap();
        assert!(matches!(refused, Err(DecryptError::KeyDecryptionFailed)));
        assert_eq!(identity.failure.get().unwrap().kind(), Kind::Locked);
    }

    #[test]
    fn more_than_one_password_stanza_is_refused() {
        let key = key(1);
        let stanzas = [wrapped(&key), wrapped(&key)];
        let identity = PasswordIdentity::new(&key);
        let result = identity.unwrap_stanzas(&stanzas).unwrap();
        assert!(matches!(result, Err(DecryptError::InvalidHeader)));
    }

    #[test]
    fn a_body_of_another_length_is_refused() {
        let key = key(1);
        let mut stanza = wrapped(&key);
        stanza.body.push(0);
        let result = PasswordIdentity::new(&key).unwrap_stanza(&stanza).unwrap();
        assert!(matches!(result, Err(DecryptError::InvalidHeader)));
    }

    #[test]
    fn each_wrap_draws_a_nonce() {
        let key = key(1);
        let (one, two) = (wrapped(&key), wrapped(&key));
        assert_ne!(one.args[5], two.args[5]);
        assert_ne!(one.body, two.body);
        assert_eq!(PasswordStanza::parse(&one.args).unwrap().access, ACCESS);
    }

    #[test]
    fn a_wrong_key_file_is_named_where_one_is_needed() {
        let access = Access {
            key_file: true,
            ..ACCESS
        };
        let key = MasterKey::init(access, |key| key.fill(1));
        let wrapped = key.wrap(&[9; 16]).unwrap();
        let other = MasterKey::init(access, |key| key.fill(2));
        let why = KeyKeeper::unwrap(&other, &wrapped).unwrap_err();
        assert_eq!(why.message(), "wrong password or key file");
    }
}
