//! Characters that do more than to be seen, and texts without them.

use std::fmt::Write;

/// Whether a terminal might do something else with `c` than show it, or `c` shows nothing that
/// could be seen to be there.
///
/// The zero-width joiner and non-joiner (U+200D, U+200C) and variation selectors are let through:
/// emoji and several scripts are unreadable without them, and they affect only their neighbours.
pub fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}'                    // soft hyphen
            | '\u{34f}'                 // combining grapheme joiner
            | '\u{61c}'                 // Arabic letter mark
            | '\u{115f}' | '\u{1160}'   // letters that show nothing
            | '\u{17b4}' | '\u{17b5}'   // vowels that show nothing
            | '\u{180e}'                // Mongolian vowel separator
            | '\u{200b}'                // zero-width space
            | '\u{200e}' | '\u{200f}'   // left-to-right and right-to-left marks
            | '\u{2028}'..='\u{202e}'   // line and paragraph separators, embeddings, overrides
            | '\u{2060}'..='\u{206f}'   // word joiner, invisible operators, isolates
            | '\u{2800}'                // Braille blank
            | '\u{3164}' | '\u{ffa0}'   // more letters that show nothing
            | '\u{feff}'                // byte order mark
            | '\u{fff9}'..='\u{fffb}'   // interlinear annotations
            | '\u{e0000}'..='\u{e007f}' // tags
        )
}

/// A text as one line of what is seen: breaks and tabs are spaces, whatever else a terminal could
/// obey is spelt out.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_whitespace() {
            line.push(' ');
        } else if is_unsafe(c) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{}", c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{is_unsafe, one_line};

    #[test]
    fn one_line_holds_nothing_but_what_is_seen() {
        let line = one_line(" a\nb\t\u{1b}[2J\u{202e}c\u{2028}d\r\n");
        assert_eq!(line, "a b \\u{1b}[2J\\u{202e}c d");
        assert!(!line.contains(is_unsafe));
        assert_eq!(one_line("Müller & Söhne"), "Müller & Söhne");
    }
}
