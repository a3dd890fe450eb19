//! Random bytes from the operating system.

use chacha20poly1305::aead::OsRng;
use chacha20poly1305::aead::rand_core::RngCore;
use rand::Rng;

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

/// A number below `count`, which is not zero, each equally likely: what would favour some is drawn
/// again. Panics as [`bytes`] does.
#[must_use]
pub fn below(count: usize) -> usize {
    below_by(&mut OsRng, count)
}

fn below_by(random: &mut impl RngCore, count: usize) -> usize {
    random.gen_range(0..count)
}

/// Fills a key in place. Panics as [`bytes`] does.
pub(super) fn fill(bytes: &mut [u8]) {
    OsRng.fill_bytes(bytes);
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::OsRng;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::below_by;

    #[test]
    fn two_draws_differ() {
        assert_ne!(super::bytes::<16>(), super::bytes::<16>());
    }

    #[test]
    fn a_count_that_does_not_divide_the_range_is_no_bias() {
        // A remainder would be in the first third every other time.
        let third = 1 << (usize::BITS - 2);
        let mut random = ChaCha20Rng::seed_from_u64(20_261_122);
        let draws = (0..30_000).map(|_| below_by(&mut random, 3 * third));
        let first = draws.filter(|draw| *draw < third).count();
        assert!((9_500..10_500).contains(&first), "{first}");
    }

    #[test]
    fn the_systems_draws_are_spread_evenly() {
        let mut counts = [0_i32; 90];
        for _ in 0..90_000 {
            counts[below_by(&mut OsRng, 90)] += 1;
        }
        // Ten standard deviations around a thousand.
        assert!(counts.iter().all(|n| (n - 1000).abs() < 320), "{counts:?}");
        assert!(counts.iter().any(|n| *n != 1000), "{counts:?}");
    }
}
