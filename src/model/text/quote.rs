//! How a value is written where a template puts it: as it is, or quoted for the file it goes into.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// How a value is quoted. The quotes are part of what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quote {
    /// Not at all.
    #[default]
    Raw,
    /// As the value of a `.env` file, which may be read by a shell too.
    Dotenv,
    /// As a JSON string.
    Json,
    /// As one word of a POSIX shell.
    Shell,
}

impl Quote {
    /// All of them, by name.
    pub const NAMES: [(&str, Self); 4] = [
        ("raw", Self::Raw),
        ("dotenv", Self::Dotenv),
        ("json", Self::Json),
        ("shell", Self::Shell),
    ];

    /// The value as it is to be written.
    #[must_use]
    pub fn apply(self, value: &str) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Raw => value.to_owned(),
            Self::Dotenv => dotenv(value),
            // A string is always JSON.
            Self::Json => serde_json::to_string(value).unwrap_or_default(),
            Self::Shell => format!("'{}'", value.replace('\'', r"'\''")),
        })
    }
}

/// A name or a path as one word of a command that people are told to type: quoted where it has to
/// be.
#[must_use]
pub fn as_word(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%,:=…".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    Quote::Shell.apply(&text).to_string()
}

/// The characters of a word that was given, as far as an error repeats it.
pub const LONGEST_WORD: usize = 300;

/// A text that was given, without its middle where it has more than `most` characters.
#[must_use]
pub fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= most {
        return Cow::Borrowed(text);
    }
    let end = most / 4;
    let start = text.chars().take(most - end);
    let end = text.chars().skip(count - end);
    Cow::Owned(start.chain(['…']).chain(end).collect())
}

impl FromStr for Quote {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut names = Self::NAMES.iter();
        let found = names
            .find(|(name, _)| *name == text)
            .map(|(_, quote)| *quote);
        found.ok_or_else(|| {
            let names = Self::NAMES.map(|(name, _)| name);
            format!("a value is quoted as one of: {}", names.join(", "))
        })
    }
}

/// The readers of such files agree on what stands between quotes only as long as nothing there
/// looks like an escape. So: single quotes, then double quotes, where either holds the value as it
/// is; and where neither does, double quotes with the escapes that shells take.
fn dotenv(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@%+=".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    // Some take \\ and \' for escapes in single quotes too.
    if !value.contains('\'') && !value.contains(r"\\") && !value.ends_with('\\') {
        return format!("'{value}'");
    }
    let mut quoted = String::with_capacity(value.len() + 8);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Quote, as_word, clipped};

    fn quoted(quote: Quote, value: &str) -> String {
        quote.apply(value).to_string()
    }

    #[test]
    fn what_has_a_blank_is_quoted_as_one_word() {
        assert_eq!(as_word("/a/b-c.age"), "/a/b-c.age");
        assert_eq!(as_word("/my files/it's"), r"'/my files/it'\''s'");
        assert_eq!(as_word("Müller/cms"), "Müller/cms");
        assert_eq!(as_word(""), "''");
    }

    #[test]
    fn a_long_word_is_repeated_without_its_middle() {
        let path = format!("/{}/end", "ä".repeat(200));
        assert_eq!(clipped(&path, 300), path);
        let long = format!("start{}end", "ä".repeat(100_000));
        let shown = clipped(&long, 300);
        assert_eq!(shown.chars().count(), 301);
        assert!(shown.starts_with("startä") && shown.ends_with("äend") && shown.contains('…'));
    }

    #[test]
    fn a_dotenv_value_has_the_simplest_quotes_that_hold_it() {
        for (value, expected) in [
            ("hunter2", "hunter2"),
            ("postgres://u:p@h/db", "postgres://u:p@h/db"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$HOME #1 \"x\" `y` !z", "'$HOME #1 \"x\" `y` !z'"),
            ("one\ntwo", "'one\ntwo'"),
            (r"C:\new", r"'C:\new'"),
            ("it's", "\"it's\""),
            (r"a\", "\"a\\\\\""),
            ("it's $5 \"`\\", "\"it's \\$5 \\\"\\`\\\\\""),
        ] {
            assert_eq!(quoted(Quote::Dotenv, value), expected);
        }
    }

    #[test]
    fn json_and_shell_values_bring_their_quotes() {
        assert_eq!(quoted(Quote::Json, "a\"\n\u{1}é"), r#""a\"\n\u0001é""#);
        assert_eq!(quoted(Quote::Shell, "it's $5"), r"'it'\''s $5'");
        assert_eq!(quoted(Quote::Raw, "it's\n"), "it's\n");
        assert!("yaml".parse::<Quote>().is_err());
        assert_eq!("shell".parse(), Ok(Quote::Shell));
    }

    proptest! {
        // dotenvy takes no \` and, like others, reads lines: an escape it does not know or a
        // carriage return is its limit, not ours.
        #[test]
        fn another_reader_of_dotenv_files_reads_the_value_back(
            value in "[a-z0-9 \"'\\\\$#\n!=é{}]{0,16}"
        ) {
            let file = format!("A={}\n", quoted(Quote::Dotenv, &value));
            let mut read = dotenvy::from_read_iter(file.as_bytes());
            let (_, found) = read.next().unwrap().unwrap();
            prop_assert_eq!(found, value);
        }
    }
}
