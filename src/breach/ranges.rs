//! Which ranges of the list are needed, among others, so that whoever serves them cannot tell.

use std::collections::BTreeSet;

use super::hash::{PREFIX_DIGITS, PwnedHash};
use crate::crypto::DerivedSecret;

/// How many ranges there are: 16⁵.
const RANGES: usize = 1 << (4 * PREFIX_DIGITS);

/// The ranges of some hashes and `decoys` others, in order: nothing tells one kind from the other.
/// Each decoy goes with one of the ranges, by a secret of the vault, and stays as long as that one
/// does: who compares what is asked for today with what was asked for before learns nothing.
#[must_use]
pub fn needed<'a>(
    hashes: impl Iterator<Item = &'a PwnedHash>,
    decoys: usize,
    secret: &DerivedSecret,
) -> BTreeSet<String> {
    let real: BTreeSet<String> = hashes.map(|hash| hash.prefix().to_owned()).collect();
    let mut ranges = real.clone();
    if real.is_empty() {
        return ranges;
    }
    let all = ranges.len().saturating_add(decoys).min(RANGES);
    let drawn = (0_u64..).flat_map(|round| real.iter().map(move |range| (range, round)));
    for (range, round) in drawn {
        if ranges.len() >= all {
            break;
        }
        ranges.insert(decoy(range, round, secret));
    }
    ranges
}

/// The decoy of a range in a round.
fn decoy(range: &str, round: u64, secret: &DerivedSecret) -> String {
    let mut digits = String::new();
    for byte in secret.draw(range, round).iter().take(PREFIX_DIGITS) {
        digits.extend(char::from_digit(u32::from(byte & 0xf), 16));
    }
    digits.to_uppercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::needed;
    use crate::breach::hash::PwnedHash;
    use crate::crypto::SigningKey;
    use crate::model::text::secret::Secret;

    fn ranges(secrets: &[&str], decoys: usize, key: &SigningKey) -> BTreeSet<String> {
        let hashes = secrets
            .iter()
            .map(|it| PwnedHash::of(&Secret::new((*it).into())));
        let hashes: Vec<PwnedHash> = hashes.collect();
        needed(hashes.iter(), decoys, &key.derived("decoys"))
    }

    #[test]
    fn decoys_are_as_many_as_wanted_and_look_like_the_rest() {
        let key = SigningKey::generate();
        let real = ranges(&["password", "password", "letmein"], 0, &key);
        assert_eq!(
            real.iter().map(String::as_str).collect::<Vec<_>>(),
            ["5BAA6", "B7A87"]
        );
        for decoys in [1, 2, 3, 1000] {
            let all = ranges(&["password", "letmein"], decoys, &key);
            assert_eq!(all.len(), 2 + decoys);
            assert!(all.is_superset(&real));
            let is_range = |it: &String| it.len() == 5 && it.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(all.iter().all(is_range), "{all:?}");
        }
        assert!(ranges(&[], 3, &key).is_empty());
    }

    #[test]
    fn they_are_the_same_each_time_and_go_with_what_they_hide() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let before = ranges(&["password", "letmein"], 2, &key);
        assert_eq!(ranges(&["password", "letmein"], 2, &key), before);
        assert_ne!(
            ranges(&["password", "letmein"], 2, &other),
            before,
            "another vault's"
        );
        let after = ranges(&["password", "changed"], 2, &key);
        assert_eq!(
            before.intersection(&after).count(),
            2,
            "one and its decoy stay"
        );
    }
}
