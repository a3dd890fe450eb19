//! Tells whether a text is a certain secret, without holding the secret: HMAC-SHA-256 (RFC 2104)
//! under a key that is drawn for it alone.
//!
//! Whoever has it can try guesses against it, so it is kept from others as a secret is; it cannot
//! be pasted.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::random;
use crate::error::{Error, Result};

/// Bytes of the key, and of the tag behind it.
const HALF: usize = 32;
/// Bytes of a recogniser in transit.
pub const RECOGNISER_BYTES: usize = 2 * HALF;

/// Recognises one text.
pub struct Recogniser(Zeroizing<[u8; RECOGNISER_BYTES]>);

impl Recogniser {
    /// One for this text.
    ///
    /// # Errors
    /// Never in practice: the key has a length that HMAC takes.
    pub fn of(text: &[u8]) -> Result<Self> {
        let mut both = Zeroizing::new([0; RECOGNISER_BYTES]);
        let (key, tag) = both.split_at_mut(HALF);
        random::fill(key);
        let mac = keyed(key)?.chain_update(text).finalize();
        tag.copy_from_slice(&mac.into_bytes());
        Ok(Self(both))
    }

    /// Reads what [`Self::as_bytes`] gave.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], when it is of another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut both = Zeroizing::new([0; RECOGNISER_BYTES]);
        if bytes.len() != both.len() {
            return Err(Error::usage("that recognises nothing"));
        }
        both.copy_from_slice(bytes);
        Ok(Self(both))
    }

    /// The key and the tag, for a process that is to recognise the text later.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Whether it is the text, in constant time.
    #[must_use]
    pub fn recognises(&self, text: &[u8]) -> bool {
        let (key, tag) = self.0.split_at(HALF);
        keyed(key).is_ok_and(|mac| mac.chain_update(text).verify_slice(tag).is_ok())
    }
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key).map_err(|_| Error::failed("a key has the wrong length"))
}

#[cfg(test)]
mod tests {
    use super::Recogniser;

    #[test]
    fn it_recognises_its_text_and_no_other() {
        let one = Recogniser::of(b"hunter2").unwrap();
        let one = Recogniser::from_bytes(one.as_bytes()).unwrap();
        assert!(one.recognises(b"hunter2"));
        for other in [&b"hunter2\n"[..], b"hunter", b"", b"Hunter2"] {
            assert!(!one.recognises(other));
        }
        assert!(Recogniser::from_bytes(&[0; 63]).is_err());
    }

    #[test]
    fn two_for_one_text_have_nothing_in_common() {
        let [one, two] = [(), ()].map(|()| Recogniser::of(b"hunter2").unwrap());
        let halves = |it: &Recogniser| {
            let (key, tag) = it.as_bytes().split_at(32);
            (key.to_vec(), tag.to_vec())
        };
        let ((key_one, tag_one), (key_two, tag_two)) = (halves(&one), halves(&two));
        assert_ne!(key_one, key_two);
        assert_ne!(tag_one, tag_two);
    }
}
