//! Padmé: lengths rounded up so that they tell little about what is inside.

/// The padded length of `len` bytes: at most 12 % more, and for a length of n bits one of about
/// log n values. Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
/// Communication with PURBs" (2019), section 4.
pub(crate) fn padme(len: usize) -> usize {
    let Some(exponent @ 1..) = len.checked_ilog2() else {
        return len;
    };
    let kept_bits = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - kept_bits)) - 1;
    (len + mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::padme;

    #[test]
    fn known_lengths() {
        for (len, padded) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (8, 8),
            (9, 10),
            (100, 104),
            (1_000, 1_024),
            (1_024, 1_024),
            (1_025, 1_088),
            (1_000_000, 1_015_808),
        ] {
            assert_eq!(padme(len), padded, "{len}");
        }
    }

    #[test]
    fn padding_is_stable_and_costs_at_most_12_percent() {
        for len in 0..100_000 {
            let padded = padme(len);
            assert_eq!(padme(padded), padded);
            assert!(padded >= len && (padded - len) * 100 <= len * 12, "{len}");
        }
    }
}
