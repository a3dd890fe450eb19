//! Random bytes from the operating system.

use chacha20poly1305::aead::OsRng;
use chacha20poly1305::aead::rand_core::{CryptoRng, RngCore};

/// `N` random bytes: a salt, a nonce, an id.
///
/// # Panics
/// When the operating system has no randomness to give, since nothing safe can be done without.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// The source itself, for draws that take more than bytes. Panics as [`bytes`] does.
#[must_use]
pub fn source() -> impl RngCore + CryptoRng {
    OsRng
}

/// Fills a key in place. Panics as [`bytes`] does.
pub(super) fn fill(bytes: &mut [u8]) {
    OsRng.fill_bytes(bytes);
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_draws_differ() {
        assert_ne!(super::bytes::<16>(), super::bytes::<16>());
    }
}
