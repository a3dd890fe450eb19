//! Puts the name of its entry in the place of every secret that a stream of bytes carries.
//!
//! Only the end of the stream is held back, and only where a secret may begin there.

use zeroize::Zeroizing;

use super::matcher::Matcher;

/// As much of what may be the start of a secret tells nothing of it.
const FEW_BYTES: usize = 3;
/// How what waits for an answer ends.
const PROMPT_ENDS: &[u8] = b" \t\r\n:?>$#%)]";

/// For how long what is held back is waited for to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It tells nothing of a secret, or looks as if somebody is asked: a prompt is to be seen whole.
    Short,
    /// It looks as if it was cut within a secret.
    Long,
}

/// A stream on its way through.
pub(crate) struct Masker<'m> {
    matcher: &'m Matcher<String>,
    /// What may be the start of a secret.
    held: Zeroizing<Vec<u8>>,
    /// So much of it is out already: as it is, or as a part of the secret that `under` names.
    done: usize,
    /// What was named last, with nothing behind it since.
    under: Option<&'m str>,
}

impl<'m> Masker<'m> {
    pub(crate) fn new(matcher: &'m Matcher<String>) -> Self {
        Self {
            matcher,
            held: Zeroizing::default(),
            done: 0,
            under: None,
        }
    }

    /// Takes bytes in, and puts out what can be told of the stream so far.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.take_in(bytes);
        let keep = self.matcher.open_at(&self.held);
        self.put_out(keep, out);
    }

    /// Puts out what is held back at the end of the stream.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        self.put_out(self.held.len(), out);
    }

    /// For how long more is waited for before [`Self::let_out`]; `None` where nothing is held back.
    pub(crate) fn patience(&self) -> Option<Patience> {
        let held = self.held.get(self.done..).filter(|it| !it.is_empty())?;
        let is_prompt = held.last().is_some_and(|last| PROMPT_ENDS.contains(last));
        Some(if held.len() <= FEW_BYTES || is_prompt {
            Patience::Short
        } else {
            Patience::Long
        })
    }

    /// Lets out what is held back, with the names of the secrets that are whole in it; it still
    /// counts as the start of another.
    pub(crate) fn let_out(&mut self, out: &mut Vec<u8>) {
        (self.done, self.under) = self.write_to(self.held.len(), out);
    }

    /// Holds back more bytes, and wipes what becomes too small for them.
    fn take_in(&mut self, bytes: &[u8]) {
        let needed = self.held.len() + bytes.len();
        if needed > self.held.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
            larger.extend_from_slice(&self.held);
            self.held = larger;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Puts out what stands before `keep`, and the names of the secrets that begin there.
    fn put_out(&mut self, keep: usize, out: &mut Vec<u8>) {
        let (at, under) = self.write_to(keep, out);
        self.held.drain(..keep);
        self.done = at.saturating_sub(keep);
        self.under = under;
    }

    /// Writes that, and says how far it came, and what was named last.
    fn write_to(&self, keep: usize, out: &mut Vec<u8>) -> (usize, Option<&'m str>) {
        let (mut at, mut under) = (self.done, self.under);
        let plain = |from: usize, to: usize| self.held.get(from..to).unwrap_or_default();
        for place in self.matcher.found(&self.held) {
            let start = place.range.start;
            if start >= keep {
                break;
            }
            if place.range.end <= self.done {
                // It was named before.
                continue;
            }
            let name = place.known_by.first().map(String::as_str);
            // What overlaps is one place, and so are the pieces of one secret.
            let goes_on = under.is_some() && (start < at || (start == at && under == name));
            if !goes_on {
                out.extend_from_slice(plain(at, start));
                out.extend_from_slice(name.unwrap_or_default().as_bytes());
                under = name;
            }
            at = at.max(place.range.end);
        }
        if at < keep {
            out.extend_from_slice(plain(at, keep));
            at = keep;
            under = None;
        }
        (at, under)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::matcher::{Gathered, Matcher};
    use super::{Masker, Patience};

    fn matcher(values: &[&str]) -> Matcher<String> {
        let mut gathered = Gathered::new();
        for (at, value) in values.iter().enumerate() {
            assert!(gathered.add(value, &format!("[{at}]")));
        }
        gathered.into_matcher().unwrap()
    }

    fn masked(matcher: &Matcher<String>, parts: &[&[u8]]) -> String {
        let (mut masker, mut out) = (Masker::new(matcher), Vec::new());
        for part in parts {
            masker.feed(part, &mut out);
        }
        masker.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn secrets_are_masked_however_they_are_cut() {
        let matcher = matcher(&["hunter2", "hunter22", "abcdef", "defghi"]);
        for (text, expected) in [
            ("a hunter2 b", "a [0] b"),
            ("hunter22", "[1]"),
            ("hunter2hunter2", "[0]"),
            ("hunter2abcdef", "[0][2]"),
            ("abcdefghi!", "[2]!"),
            ("hunter", "hunter"),
            ("aHVudGVyMg==", "[0]"),
            ("hhunter2", "h[0]"),
        ] {
            assert_eq!(masked(&matcher, &[text.as_bytes()]), expected);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(masked(&matcher, &bytes), expected);
        }
    }

    #[test]
    fn nothing_is_held_back_that_begins_no_secret() {
        let matcher = matcher(&["hunter2"]);
        let (mut masker, mut out) = (Masker::new(&matcher), Vec::new());
        masker.feed(b"Password: ", &mut out);
        assert_eq!(out, b"Password: ");
        masker.feed(b"sh", &mut out);
        assert_eq!(out, b"Password: s");
        assert_eq!(masker.patience(), Some(Patience::Short));
        masker.let_out(&mut out);
        assert_eq!(out, b"Password: sh");
        masker.feed(b"unter2!", &mut out);
        assert_eq!(out, b"Password: sh[0]!");
        masker.feed(b"hunter", &mut out);
        assert_eq!(masker.patience(), Some(Patience::Long));
    }

    #[test]
    fn what_is_let_out_is_masked_once_and_may_still_begin_a_secret() {
        let matcher = matcher(&["Password: hunter2", "hunter2", "hunter2 \nother-2"]);
        let told = |parts: &[&str]| {
            let (mut masker, mut out) = (Masker::new(&matcher), Vec::new());
            for part in parts {
                masker.feed(part.as_bytes(), &mut out);
                masker.let_out(&mut out);
                assert_eq!(masker.patience(), None);
            }
            masker.finish(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(told(&["Password: ", "x"]), "Password: x");
        assert_eq!(told(&["Password: ", "hunter2", "!"]), "Password: [0]!");
        assert_eq!(told(&["hunter2", "!"]), "[1]!");
        assert_eq!(told(&["hunter2 ", "\n", "x"]), "[1] \nx");
        assert_eq!(told(&["hunter2 \noth", "er-2", "!"]), "[1] \noth[2]!");
        let (mut masker, mut out) = (Masker::new(&matcher), Vec::new());
        masker.feed(b"Password: ", &mut out);
        assert_eq!(masker.patience(), Some(Patience::Short));
    }

    #[test]
    fn a_stream_of_one_letter_is_not_held_back() {
        let matcher = matcher(&["aaaaaa"]);
        let (mut masker, mut out) = (Masker::new(&matcher), Vec::new());
        for _ in 0..1000 {
            masker.feed(&[b'a'; 1000], &mut out);
        }
        assert!(masker.held.len() < 10);
        masker.finish(&mut out);
        assert_eq!(out, b"[0]");
    }

    #[test]
    fn a_long_value_is_masked_whole() {
        let value: String = ('a'..='z').cycle().take(70_000).collect();
        let matcher = matcher(&[&value]);
        let text = format!("<{value}>");
        assert_eq!(masked(&matcher, &[text.as_bytes()]), "<[0]>");
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(text in "[ab]{0,60}", cuts in proptest::collection::vec(1..9_usize, 1..60)) {
            let matcher = matcher(&["ababab", "bbbabb", "aabbaa", "abbabbab"]);
            let whole = masked(&matcher, &[text.as_bytes()]);
            let (mut parts, mut rest) = (Vec::new(), text.as_bytes());
            for cut in cuts {
                let (part, after) = rest.split_at(cut.min(rest.len()));
                parts.push(part);
                rest = after;
            }
            parts.push(rest);
            prop_assert_eq!(masked(&matcher, &parts), whole);
        }
    }
}
