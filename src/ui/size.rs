//! Sizes as people read them. Programs read bytes.

use indicatif::HumanBytes;

/// A number of bytes in the largest unit that fits: `512 B`, `1.50 KiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_in_the_largest_unit_that_fits() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(512), "512 B");
        assert_eq!(size(1536), "1.50 KiB");
        assert_eq!(size(5 << 20), "5.00 MiB");
    }
}
