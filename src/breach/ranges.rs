//! Which ranges of the list are needed, among others, so that whoever serves them cannot tell.

use std::collections::BTreeSet;

use super::hash::{PREFIX_DIGITS, PwnedHash};

/// How many ranges there are: 16⁵.
pub const RANGES: usize = 1 << (4 * PREFIX_DIGITS);

/// The ranges of some hashes and `decoys` others, in order: nothing tells one kind from the other.
/// `below` draws a number below its argument.
#[must_use]
pub fn needed<'a>(
    hashes: impl Iterator<Item = &'a PwnedHash>,
    decoys: usize,
    mut below: impl FnMut(usize) -> usize,
) -> BTreeSet<String> {
    let mut ranges: BTreeSet<String> = hashes.map(|hash| hash.prefix().to_owned()).collect();
    let all = ranges.len().saturating_add(decoys).min(RANGES);
    while ranges.len() < all {
        ranges.insert(format!("{:05X}", below(RANGES)));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::needed;
    use crate::breach::hash::PwnedHash;
    use crate::model::text::secret::Secret;

    #[test]
    fn decoys_look_like_the_rest_and_none_is_drawn_twice() {
        let hashes =
            ["password", "password", "letmein"].map(|it| PwnedHash::of(&Secret::new(it.into())));
        let mut next = 0x5BAA5;
        let ranges = needed(hashes.iter(), 3, |_| {
            next += 1;
            next
        });
        let expected = ["5BAA6", "5BAA7", "5BAA8", "5BAA9", "B7A87"];
        assert_eq!(
            ranges.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
        assert_eq!(needed(hashes.iter(), 0, |_| 0).len(), 2);
    }
}
