//! Stored text made safe to show on a terminal: what could move the cursor, recolour, reorder or
//! hide other text is shown as an escape such as `\x1b` or `\u{202e}`.
//!
//! The backslash itself is left alone, so clean text is never changed; this is a display, not an
//! encoding. See Unicode UAX #9 (bidirectional controls) and "Trojan Source" (CVE-2021-42574).

use std::borrow::Cow;
use std::fmt::Write;

pub use crate::model::text::visible::is_unsafe;

/// Text for one line: line breaks and tabs are escaped too, so that stored text cannot forge a
/// line of its own.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe)
}

/// Text that may have lines of its own: `\n` and `\t` are kept.
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, |c| !matches!(c, '\n' | '\t') && is_unsafe(c))
}

fn escape(text: &str, escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&escaped) {
        return Cow::Borrowed(text);
    }
    // An escape is at most `\u{e007f}`, nine bytes for four: never a second allocation, and so no
    // copy of a secret left behind by growth.
    let mut shown = String::with_capacity(text.len() * 4);
    for c in text.chars() {
        if escaped(c) {
            push_escape(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn push_escape(shown: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = match c {
        '\n' => write!(shown, "\\n"),
        '\r' => write!(shown, "\\r"),
        '\t' => write!(shown, "\\t"),
        c if c.is_control() => write!(shown, "\\x{:02x}", u32::from(c)),
        c => write!(shown, "\\u{{{:x}}}", u32::from(c)),
    };
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{block, is_unsafe, line};

    #[test]
    fn escapes_and_overrides_are_shown() {
        assert_eq!(line("a\x1b[31mb"), "a\\x1b[31mb");
        assert_eq!(line("\u{9b}2J"), "\\x9b2J");
        assert_eq!(line("gpj\u{202e}exe"), "gpj\\u{202e}exe");
        assert_eq!(
            line("\u{feff}a\u{200b}b\u{e0041}"),
            "\\u{feff}a\\u{200b}b\\u{e0041}"
        );
        assert_eq!(
            line("a\nb\tc\rd\x07\x08\x7f"),
            "a\\nb\\tc\\rd\\x07\\x08\\x7f"
        );
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("a\n\tb\r\u{2028}"), "a\n\tb\\r\\u{2028}");
    }

    #[test]
    fn emoji_sequences_and_scripts_stay_readable() {
        for text in ["👩‍💻", "❤️", "می‌خواهم", "日本語", "שלום", "C:\\dir"]
        {
            assert!(matches!(line(text), Cow::Borrowed(_)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_unsafe_comes_out(text in "\\PC*|.*|[\\x00-\\u{a0}\\u{2000}-\\u{2070}\\u{e0000}-\\u{e0080}]*") {
            prop_assert!(!line(&text).contains(is_unsafe));
            prop_assert!(!block(&text).contains(|c| c != '\n' && c != '\t' && is_unsafe(c)));
        }

        #[test]
        fn clean_text_is_unchanged(text in "[ -~à-ÿא-ת一-龥]*") {
            prop_assert!(matches!(line(&text), Cow::Borrowed(same) if same == text));
        }

        #[test]
        fn one_allocation_is_enough(text in "[\\x00-\\x1f\\u{2028}-\\u{202e}\\u{e0000}-\\u{e007f}]*") {
            prop_assert!(line(&text).len() <= text.len() * 4);
        }
    }
}
