//! The one spelling that each value has in a header. What could be spelled in a second way could
//! be changed without changing its meaning.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Base64 without padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// Exactly `N` bytes from base64 without padding; the engine refuses trailing bits.
pub(super) fn unbase64<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    match STANDARD_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(length) if length == N => Some(bytes),
        _ => None,
    }
}

/// A decimal number without sign or leading zeros.
pub(super) fn number<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|n: &T| n.to_string() == text)
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 32 bytes from lower-case hexadecimal.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    (hex(&bytes) == text).then_some(bytes)
}

/// The tag of the stanza that carries the signature.
pub(crate) const SIGNATURE_TAG: &str = "vault-signature";

#[cfg(test)]
mod tests {
    use super::{base64, hex, number, unbase64, unhex};

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(unbase64(&base64(&[7; 16])), Some([7; 16]));
        assert_eq!(unbase64::<1>("AA"), Some([0]));
        for other in ["AB", "AA==", "AAA", "A", "", "AA ", "A-"] {
            assert_eq!(unbase64::<1>(other), None, "{other}");
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number::<u64>("0"), Some(0));
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        for other in ["", "+1", "01", "-1", "1 ", "18446744073709551616"] {
            assert_eq!(number::<u64>(other), None, "{other}");
        }
    }

    #[test]
    fn a_hash_has_one_spelling() {
        assert_eq!(unhex(&hex(&[0xab; 32])), Some([0xab; 32]));
        for other in [
            "",
            &"AB".repeat(32),
            &"ab".repeat(31),
            &"ab".repeat(33),
            &"+a".repeat(32),
            &"ä".repeat(32),
        ] {
            assert_eq!(unhex(other), None, "{other}");
        }
    }
}
