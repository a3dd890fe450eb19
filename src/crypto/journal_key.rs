//! The key of this vault's journals: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), one sealed
//! record at a time. Its nonces are long enough to be drawn at random by every device.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::encoding::{base64, unbase64};
use super::memory::LockedKey;
use super::random;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// Bytes of the nonce in front of each record.
const NONCE_BYTES: usize = 24;

/// The key, in locked memory.
#[derive(Debug)]
pub struct JournalKey(LockedKey);

impl JournalKey {
    /// A new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(LockedKey::init(|key| random::fill(key)))
    }

    /// Reads base64 without padding.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is anything else, since it comes from inside a
    /// vault.
    pub fn from_base64(text: &Secret) -> Result<Self> {
        let bytes = unbase64(text.expose())
            .map(Zeroizing::new)
            .ok_or_else(|| Error::integrity("the journal key inside is damaged"))?;
        Ok(Self(LockedKey::init(|key| *key = *bytes)))
    }

    /// The key as base64 without padding.
    #[must_use]
    pub fn to_base64(&self) -> Secret {
        Secret::new(base64(self.0.expose()))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose().into())
    }

    /// Seals a record to the place that `context` names: 24 bytes of nonce, then the ciphertext
    /// with its 16 bytes of tag.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when the record is longer than the cipher takes (256 GiB).
    pub fn seal(&self, record: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let nonce = random::bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: record,
            aad: context,
        };
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| Error::failed("the record is too long to seal"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Self::seal`] made for the same `context`; `None` when it is anything else.
    #[must_use]
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, msg) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg, aad: context };
        let record = self.cipher().decrypt(XNonce::from_slice(nonce), payload);
        record.ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::JournalKey;
    use crate::error::Kind;
    use crate::model::text::secret::Secret;

    #[test]
    fn a_record_opens_only_as_it_was_sealed() {
        let key = JournalKey::generate();
        let sealed = key.seal(b"record", b"line 1").unwrap();
        assert_eq!(sealed.len(), 24 + 6 + 16);
        assert_eq!(key.open(&sealed, b"line 1").unwrap().as_slice(), b"record");
        assert!(key.open(&sealed, b"line 2").is_none());
        assert!(JournalKey::generate().open(&sealed, b"line 1").is_none());
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(key.open(&flipped, b"line 1").is_none());
            assert!(key.open(&sealed[..at], b"line 1").is_none());
        }
    }

    #[test]
    fn equal_records_are_sealed_differently() {
        let key = JournalKey::generate();
        assert_ne!(key.seal(b"r", b"").unwrap(), key.seal(b"r", b"").unwrap());
    }

    #[test]
    fn a_key_reads_back_from_its_text() {
        let key = JournalKey::generate();
        let again = JournalKey::from_base64(&key.to_base64()).unwrap();
        assert!(again.open(&key.seal(b"r", b"").unwrap(), b"").is_some());
        let damaged = JournalKey::from_base64(&Secret::new("AAAA".into())).unwrap_err();
        assert_eq!(damaged.kind(), Kind::Integrity);
    }
}
