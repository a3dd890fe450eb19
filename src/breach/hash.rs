//! The hash under which the list has a password: SHA-1 in upper-case hex.

use std::fmt;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::model::text::secret::Secret;

/// Digits of a hash.
pub(super) const DIGITS: usize = 40;
/// Digits of the start of a hash that names a range: 20 bits.
pub const PREFIX_DIGITS: usize = 5;

/// The SHA-1 of a secret: as good as the secret itself where that is guessable, and so treated
/// like one.
pub struct PwnedHash(Zeroizing<String>);

impl fmt::Debug for PwnedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PwnedHash(…)")
    }
}

impl PwnedHash {
    /// The hash of a secret's bytes, as they are.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
        for byte in Sha1::digest(secret.expose()) {
            for nibble in [byte >> 4, byte & 0xf] {
                digits.extend(char::from_digit(u32::from(nibble), 16));
            }
        }
        digits.make_ascii_uppercase();
        Self(digits)
    }

    /// The range that it is in.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.get(..PREFIX_DIGITS).unwrap_or_default()
    }

    /// What a range file has of it.
    pub(super) fn suffix(&self) -> &[u8] {
        self.0.as_bytes().get(PREFIX_DIGITS..).unwrap_or_default()
    }

    pub(super) fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A line of a list: digits of a hash, and how often it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListedHash<'a> {
    pub(super) digits: &'a [u8],
    pub(super) count: u64,
}

/// Reads a line with a hash of `length` digits, without its line end.
pub(super) fn parse(line: &[u8], length: usize) -> Option<ListedHash<'_>> {
    let (digits, rest) = line.trim_ascii().split_at_checked(length)?;
    let count = std::str::from_utf8(rest.strip_prefix(b":")?).ok()?;
    let is_hash = digits.iter().all(u8::is_ascii_hexdigit);
    let count = count.parse().ok().filter(|_| is_hash)?;
    Some(ListedHash { digits, count })
}

/// A text without the mark that some programs put before it.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{ListedHash, PwnedHash, parse, without_mark};
    use crate::model::text::secret::Secret;

    #[test]
    fn a_password_has_its_published_hash() {
        let hash = PwnedHash::of(&Secret::new("password".into()));
        assert_eq!(hash.digits(), b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
        assert_eq!(hash.prefix(), "5BAA6");
        assert_eq!(hash.suffix(), b"1E4C9B93F3F0682250B6CF8331B7EE68FD8");
        assert_eq!(format!("{hash:?}"), "PwnedHash(…)");
    }

    #[test]
    fn a_line_is_digits_and_a_count() {
        let listed = |line| parse(line, 4);
        let found = ListedHash {
            digits: b"aB09",
            count: 7,
        };
        assert_eq!(listed(b"aB09:7"), Some(found));
        assert_eq!(listed(b"aB09:7\r"), Some(found));
        for wrong in [
            "", "aB0", "aB09", "aB09:", "aB0g:7", "aB09:-1", "aB09:7:7", "<htm:1",
        ] {
            assert_eq!(listed(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(without_mark(b"\xef\xbb\xbfx"), b"x");
    }
}
