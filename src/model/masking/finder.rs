//! Looks through a text of any size, a part at a time, and tells the lines.

use std::collections::BTreeSet;

use memchr::memchr_iter;
use zeroize::Zeroizing;

use super::matcher::Matcher;
use super::wanted::WantedSecret;

/// Places in one text that are told, besides the first of each entry; so many are enough to know.
const PLACES: usize = 1000;

/// A text on its way through.
pub(crate) struct Finder<'m> {
    matcher: &'m Matcher<WantedSecret>,
    /// The end of what came before, in which a secret may begin.
    kept: Zeroizing<Vec<u8>>,
    /// The line in which that begins.
    line: u64,
    seen: BTreeSet<(u64, &'m str)>,
    places: Vec<(u64, &'m WantedSecret)>,
    /// The entries among them.
    entries: BTreeSet<&'m str>,
    has_more: bool,
}

impl<'m> Finder<'m> {
    pub(crate) fn new(matcher: &'m Matcher<WantedSecret>) -> Self {
        Self {
            matcher,
            kept: Zeroizing::default(),
            line: 1,
            seen: BTreeSet::new(),
            places: Vec::new(),
            entries: BTreeSet::new(),
            has_more: false,
        }
    }

    /// Looks through what comes next.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let known = self.kept.len();
        let mut text = Zeroizing::new(Vec::with_capacity(known + bytes.len()));
        text.extend_from_slice(&self.kept);
        text.extend_from_slice(bytes);
        let (mut line, mut counted) = (self.line, 0);
        for found in self.matcher.found(&text) {
            line += lines(text.get(counted..found.range.start).unwrap_or_default());
            counted = found.range.start;
            if found.range.end <= known {
                // It was found before.
                continue;
            }
            for secret in found.known_by {
                if self.places.len() >= PLACES && self.entries.contains(&*secret.path) {
                    self.has_more |= !self.seen.contains(&(line, &*secret.path));
                } else if self.seen.insert((line, &secret.path)) {
                    self.entries.insert(&secret.path);
                    self.places.push((line, secret));
                }
            }
        }
        let keep = self.matcher.open_at(&text);
        self.line += lines(text.get(..keep).unwrap_or_default());
        self.kept = Zeroizing::new(text.get(keep..).unwrap_or_default().to_vec());
    }

    /// What was found, the line and the secret, each entry once at least; and whether there is more.
    pub(crate) fn places(self) -> (Vec<(u64, &'m WantedSecret)>, bool) {
        (self.places, self.has_more)
    }
}

fn lines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::super::matcher::{Gathered, Matcher};
    use super::{Finder, WantedSecret};

    fn matcher(values: &[&str]) -> Matcher<WantedSecret> {
        let mut gathered = Gathered::new();
        for value in values {
            let secret = WantedSecret {
                path: format!("acme/{value}"),
                is_current: true,
            };
            assert!(gathered.add(value, &secret));
        }
        gathered.into_matcher().unwrap()
    }

    #[test]
    fn lines_are_told_however_the_text_is_cut() {
        let matcher = matcher(&["hunter2", "hunter22", "secret!"]);
        let text = b"a\nhunter22 hunter2\n\nx secret!\nhunter2";
        for size in 1..text.len() {
            let mut finder = Finder::new(&matcher);
            text.chunks(size).for_each(|part| finder.feed(part));
            let mut places: Vec<_> = (finder.places().0.into_iter())
                .map(|(line, secret)| (line, secret.path.as_str()))
                .collect();
            places.sort_unstable();
            let expected = [
                (2, "acme/hunter2"),
                (2, "acme/hunter22"),
                (4, "acme/secret!"),
                (5, "acme/hunter2"),
            ];
            assert_eq!(places, expected, "{size}");
        }
    }

    #[test]
    fn a_text_full_of_secrets_is_bounded() {
        let matcher = matcher(&["hunter2", "secret!"]);
        let mut finder = Finder::new(&matcher);
        for _ in 0..1000 {
            finder.feed(b"hunter2\n");
        }
        assert!(!finder.has_more);
        for _ in 0..1000 {
            finder.feed(b"hunter2\nsecret!\n");
        }
        let (places, has_more) = finder.places();
        assert_eq!((places.len(), has_more), (1001, true));
        let last = places.last().map(|(line, secret)| (*line, &*secret.path));
        assert_eq!(last, Some((1002, "acme/secret!")));
    }
}
