//! Text at the width of the terminal: broken between words, or cut.

use std::borrow::Cow;

use textwrap::{Options, WordSplitter, WrapAlgorithm};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Before a line that goes on.
pub(super) const INDENT: &str = "  ";
/// What a path that is cut needs to show how it begins and how it ends.
const TWO_ENDS: usize = 12;
/// Keeps two words together, and is shown as a blank.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// Text in lines of so many columns, broken between words only: what is too long in itself stays
/// whole, on a line of its own where it has more room there. `before` are the columns that the first
/// line has already; those that follow begin with `indent`.
pub(super) fn wrapped<'a>(
    text: &'a str,
    before: usize,
    indent: &str,
    columns: Option<usize>,
) -> Cow<'a, str> {
    let Some(columns) = columns.filter(|columns| before + text.width() > *columns) else {
        return text.into();
    };
    let first = text.split(' ').next().unwrap_or_default();
    if before > indent.width() && before + first.width() > columns {
        let below = wrapped(text, indent.width(), indent, Some(columns));
        return format!("\n{indent}{below}").replace(NO_BREAK, " ").into();
    }
    let taken = " ".repeat(before);
    let options = Options::new(columns)
        .initial_indent(&taken)
        .subsequent_indent(indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(text, options).join("\n");
    let lines = lines.strip_prefix(&taken).unwrap_or(&lines);
    lines.replace(NO_BREAK, " ").into()
}

/// What stands between a label and a text that may begin below it.
pub(super) fn gap(text: &str) -> &'static str {
    if text.starts_with('\n') { "" } else { " " }
}

/// As much of it as fits into so many columns, with a sign that something is missing.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return text.into();
    }
    let mut shown = String::new();
    let mut left = columns.saturating_sub(1);
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        shown.push(c);
    }
    if columns > 0 {
        shown.push('…');
    }
    shown.into()
}

/// As [`cut`], for a path: where that says enough, how it begins and, the most of it, how it ends,
/// which is what it is called.
pub(super) fn cut_path(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns || columns < TWO_ENDS {
        return cut(text, columns);
    }
    let front = cut(text, columns / 3);
    let mut left = columns - front.width();
    let end = text.char_indices().rev().find(|(_, c)| {
        let width = c.width().unwrap_or(0);
        let is_past = width > left;
        left = left.saturating_sub(width);
        is_past
    });
    let end = end.map_or(0, |(at, c)| at + c.len_utf8());
    format!("{front}{}", text.get(end..).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::{INDENT, cut, cut_path, wrapped};

    #[test]
    fn what_is_cut_off_is_marked() {
        assert_eq!(cut("acme", 4), "acme");
        assert_eq!(cut("acme/wp", 4), "acm…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("acme", 0), "");
    }

    #[test]
    fn a_path_keeps_how_it_begins_and_ends() {
        assert_eq!(cut_path("acme/wp", 7), "acme/wp");
        let path = "acme/hosting/a-long-name";
        assert_eq!(cut_path(path, 16), "acme…a-long-name");
        assert_eq!(cut_path(path, 11), "acme/hosti…");
        assert_eq!(cut_path(path, 0), "");
        assert_eq!(cut_path("日本語の長い名前", 12), "日…長い名前");
    }

    #[test]
    fn lines_are_broken_between_words_and_indented() {
        assert_eq!(
            wrapped("one two three", 0, INDENT, Some(8)),
            "one two\n  three"
        );
        assert_eq!(
            wrapped("one two three", 6, INDENT, Some(10)),
            "one\n  two\n  three"
        );
        assert_eq!(
            wrapped("one two three", 0, INDENT, Some(13)),
            "one two three"
        );
        assert_eq!(wrapped("one two three", 0, INDENT, None), "one two three");
    }

    #[test]
    fn a_long_word_and_what_is_tied_together_stay_whole() {
        assert_eq!(
            wrapped("a abcdefghij b", 0, INDENT, Some(5)),
            "a\n  abcdefghij\n  b"
        );
        assert_eq!(
            wrapped("a b\u{a0}c\u{a0}d", 0, INDENT, Some(6)),
            "a\n  b c d"
        );
    }

    #[test]
    fn what_is_too_long_beside_a_label_goes_below_it() {
        assert_eq!(
            wrapped("a\u{a0}bcd ef", 6, INDENT, Some(8)),
            "\n  a bcd\n  ef"
        );
        assert_eq!(wrapped("a\u{a0}bcd", 6, INDENT, Some(8)), "\n  a bcd");
        assert_eq!(wrapped("abcdefghi", 0, INDENT, Some(8)), "abcdefghi");
    }

    proptest! {
        #[test]
        fn nothing_gets_lost(text in "[a-z日 ]{0,60}", before in 0_usize..20, columns in 1_usize..40) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let shown = wrapped(&text, before, INDENT, Some(columns));
            prop_assert_eq!(words(&shown), words(&text));
            for line in shown.lines().skip(1) {
                prop_assert!(line.width() <= columns || words(line).len() <= 1, "{:?}", line);
            }
        }
    }
}
