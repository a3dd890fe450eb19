//! The forms in which a secret may turn up.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::own_lines::{is_long_enough, own_lines};

/// Fewer characters than these stand in any text by chance.
pub(crate) const FEWEST_CHARS: usize = 6;
/// What is larger is looked for as it is and line by line, and in no other form.
const CODED_BYTES: usize = 16 << 10;
/// A form that is longer is looked for in pieces.
const PIECE_BYTES: usize = 4 << 10;
/// The lengths of lines that base64 is broken into.
const WRAPPED_AT: [usize; 2] = [64, 76];
/// A shorter piece of a form is looked for with the one before it.
const FEWEST_PIECE_BYTES: usize = 16;

/// What `encodeURIComponent`, RFC 3986, forms and Python leave as it is.
const URL_SETS: [&AsciiSet; 4] = [
    &UNRESERVED,
    &UNRESERVED
        .remove(b'!')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*'),
    &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'*'),
    &UNRESERVED.remove(b'/'),
];
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The bytes of a form.
#[derive(PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub(super) struct Form(Vec<u8>);

impl Form {
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// All forms of a value, none twice; none at all where it is too short to be told from other text.
pub(super) fn forms(value: &str) -> BTreeSet<Form> {
    let mut all = Forms::default();
    let value = value.trim_end_matches(['\r', '\n']);
    if !is_long_enough(value, FEWEST_CHARS) {
        return all.0;
    }
    all.add(value.as_bytes());
    if value.contains('\n') {
        all.add_text(with_line_ends_of_dos(value));
        for line in own_lines(value) {
            all.add(line.as_bytes());
        }
    }
    if value.len() <= CODED_BYTES {
        all.add_base64(value.as_bytes());
        all.add_url_encoded(value);
        all.add_json(value);
    }
    all.0
}

/// Those of text in 16-bit characters, as Windows has it in some files, in both orders of bytes.
pub(super) fn wide_forms(value: &str) -> BTreeSet<Form> {
    let mut all = Forms::default();
    let value = value.trim_end_matches(['\r', '\n']);
    if value.len() > CODED_BYTES || !is_long_enough(value, FEWEST_CHARS) {
        return all.0;
    }
    all.add_wide(value);
    if value.contains('\n') {
        all.add_wide(&Zeroizing::new(with_line_ends_of_dos(value)));
        for line in own_lines(value) {
            all.add_wide(line);
        }
    }
    all.0
}

fn with_line_ends_of_dos(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("\r\n")
}

#[derive(Default)]
struct Forms(BTreeSet<Form>);

impl Forms {
    fn add(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while rest.len() > PIECE_BYTES + FEWEST_PIECE_BYTES {
            let (piece, after) = rest.split_at(PIECE_BYTES);
            self.0.insert(Form(piece.to_vec()));
            rest = after;
        }
        self.0.insert(Form(rest.to_vec()));
    }

    fn add_text(&mut self, text: String) {
        let text = Zeroizing::new(text);
        self.add(text.as_bytes());
    }

    fn add_wide(&mut self, text: &str) {
        for bytes_of in [u16::to_le_bytes, u16::to_be_bytes] {
            let mut bytes = Zeroizing::new(Vec::with_capacity(4 * text.len()));
            text.encode_utf16()
                .for_each(|unit| bytes.extend_from_slice(&bytes_of(unit)));
            self.add(&bytes);
        }
    }

    /// Wherever it begins within the groups of three bytes that base64 is made of, with what its
    /// last byte shares with the next, and with padding; and broken into lines.
    fn add_base64(&mut self, value: &[u8]) {
        for engine in [&STANDARD, &URL_SAFE] {
            for (before, skipped) in [(0, 0), (1, 2), (2, 3)] {
                let mut shifted = Zeroizing::new(vec![0; before]);
                shifted.extend_from_slice(value);
                let own = shifted.len() * 8 / 6;
                let coded = Zeroizing::new(engine.encode(&shifted));
                let unpadded = coded.trim_end_matches('=');
                for end in [own, unpadded.len(), coded.len()] {
                    self.add(coded.as_bytes().get(skipped..end).unwrap_or_default());
                }
                if before > 0 {
                    continue;
                }
                for width in WRAPPED_AT.into_iter().filter(|width| coded.len() > *width) {
                    let lines = coded.as_bytes().chunks(width);
                    lines
                        .filter(|line| line.len() >= FEWEST_PIECE_BYTES)
                        .for_each(|line| self.add(line));
                }
            }
        }
    }

    fn add_url_encoded(&mut self, value: &str) {
        for left in URL_SETS {
            let upper = Zeroizing::new(utf8_percent_encode(value, left).to_string());
            let lower = Zeroizing::new(with_lower_hex(&upper));
            for coded in [upper, lower] {
                self.add_text(coded.replace("%20", "+"));
                self.add(coded.as_bytes());
            }
        }
    }

    fn add_json(&mut self, value: &str) {
        let Ok(quoted) = serde_json::to_string(value).map(Zeroizing::new) else {
            return;
        };
        let plain = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let plain = plain.unwrap_or_default();
        let slashes = Zeroizing::new(plain.replace('/', "\\/"));
        let html = Zeroizing::new(escaped(plain, |c| "<>&".contains(c)));
        for text in [plain, &slashes, &html] {
            self.add(text.as_bytes());
            self.add_text(escaped(text, |c| !c.is_ascii()));
        }
    }
}

/// Percent-encoded text with its digits in lower case.
fn with_lower_hex(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// Text of JSON in which some characters stand as their numbers.
fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{forms, wide_forms};

    fn has(value: &str, form: &str) -> bool {
        forms(value)
            .iter()
            .any(|known| known.expose() == form.as_bytes())
    }

    #[test]
    fn a_short_value_has_no_form() {
        assert!(forms("12345").is_empty());
        assert!(forms("1234\n\n\n").is_empty());
        assert!(has("äöüäöü", "äöüäöü"));
    }

    #[test]
    fn base64_is_known_wherever_it_begins() {
        let value = "hunter2/x?";
        // Alone, behind `a:` and behind `abc:`, as `base64` prints them.
        for whole in [
            "aHVudGVyMi94Pw==",
            "YTpodW50ZXIyL3g/",
            "YWJjOmh1bnRlcjIveD8=",
            "aHVudGVyMi94Pw",
        ] {
            let known = forms(value);
            let mut known = known
                .iter()
                .map(|form| std::str::from_utf8(form.expose()).unwrap());
            assert!(
                known.any(|form| form.len() >= 11 && whole.contains(form)),
                "{whole}"
            );
        }
        assert!(has(value, "odW50ZXIyL3g_"));
    }

    #[test]
    fn urls_and_json_escape_in_several_ways() {
        let value = "a b/c\"d<é";
        for form in [
            "a%20b%2Fc%22d%3C%C3%A9",
            "a%20b%2fc%22d%3c%c3%a9",
            "a+b%2Fc%22d%3C%C3%A9",
            "a%20b/c%22d%3C%C3%A9",
            "a b/c\\\"d<é",
            "a b\\/c\\\"d<\\u00e9",
            "a b/c\\\"d\\u003cé",
        ] {
            assert!(has(value, form), "{form}");
        }
    }

    #[test]
    fn text_in_16_bits_is_known_in_both_orders() {
        let known = wide_forms("hunt\u{e9}r2");
        for form in [b"h\0u\0n\0t\0\xe9\0r\x002\0", b"\0h\0u\0n\0t\0\xe9\0r\x002"] {
            assert!(known.iter().any(|known| known.expose() == form));
        }
        assert!(wide_forms("12345").is_empty());
    }
}
