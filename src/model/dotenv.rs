//! Files of `NAME=value` lines, as `.env` files are. Nothing is expanded: a `$` is a `$`, and the
//! process's own environment is not looked at (the crates for it do both).
//!
//! What is read: `#` comments, `export` before a name, plain values up to a blank and a `#`,
//! `'…'` as it stands, `"…"` with the escapes `\n \r \t \\ \" \' \$` and `` \` ``. Quoted values
//! may have several lines.

use super::name::EnvName;
use crate::error::{Error, Result};

/// A variable of an env file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: EnvName,
    /// What it is set to.
    pub value: String,
    /// The line where it starts, from 1.
    pub line: usize,
}

/// Reads an env file.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the number of the line, never with its text.
pub fn parse(text: &str) -> Result<Vec<Assignment>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser {
        rest: text,
        line: 1,
    };
    let mut assignments = Vec::new();
    while !parser.rest.is_empty() {
        if let Some(assignment) = parser.assignment()? {
            assignments.push(assignment);
        }
    }
    Ok(assignments)
}

struct Parser<'a> {
    rest: &'a str,
    line: usize,
}

impl Parser<'_> {
    /// What stands on the next line, quoted lines after it included.
    fn assignment(&mut self) -> Result<Option<Assignment>> {
        self.skip_blanks();
        if self.at_end() {
            self.next_line();
            return Ok(None);
        }
        let line = self.line;
        let name = self.name()?;
        self.skip_blanks();
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => self.plain(),
        };
        self.skip_blanks();
        if !self.at_end() {
            return Err(self.wrong("something follows the closing quote"));
        }
        self.next_line();
        Ok(Some(Assignment { name, value, line }))
    }

    fn name(&mut self) -> Result<EnvName> {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let Some((name, _)) = line.split_once('=') else {
            return Err(self.wrong("there is no NAME=value"));
        };
        self.rest = self.rest.get(name.len() + 1..).unwrap_or_default();
        let name = name.trim();
        let exported = name
            .strip_prefix("export")
            .filter(|rest| rest.starts_with([' ', '\t']));
        let name = exported.unwrap_or(name).trim();
        name.parse().map_err(|why: String| self.wrong(&why))
    }

    /// Up to the line's end, or a `#` after a blank.
    fn plain(&mut self) -> String {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let comment = line.match_indices('#').map(|(at, _)| at);
        let mut comment = comment.filter(|at| match line.get(..*at) {
            Some(before) => before.is_empty() || before.ends_with([' ', '\t']),
            None => false,
        });
        let value = line.get(..comment.next().unwrap_or(line.len()));
        self.rest = self.rest.get(line.len()..).unwrap_or_default();
        value.unwrap_or_default().trim().to_owned()
    }

    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                let (inside, rest) = self.rest.split_at(at);
                self.line += inside.matches('\n').count();
                self.rest = rest.get(1..).unwrap_or_default();
                return Ok(value);
            }
            if c == '\\' && quote == '"' {
                let escaped = chars.next().map_or('\\', |(_, c)| c);
                value.extend(unescaped(escaped));
            } else {
                value.push(c);
            }
        }
        Err(self.wrong("a quote is not closed"))
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(['\n', '#'])
    }

    fn next_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
    }

    fn wrong(&self, what: &str) -> Error {
        Error::usage(format!("line {}: {what}", self.line))
    }
}

/// What a backslash and a character stand for between double quotes.
fn unescaped(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'n' => ('\n', None),
        'r' => ('\r', None),
        't' => ('\t', None),
        '\\' | '"' | '\'' | '$' | '`' => (c, None),
        other => ('\\', Some(other)),
    };
    std::iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;
    use crate::error::Kind;
    use crate::model::quote::Quote;

    fn read(text: &str) -> Vec<(String, String)> {
        let pair = |a: super::Assignment| (a.name.as_str().to_owned(), a.value);
        parse(text).unwrap().into_iter().map(pair).collect()
    }

    fn value(text: &str) -> String {
        read(&format!("A={text}\n")).remove(0).1
    }

    #[test]
    fn names_values_comments_and_exports_are_read() {
        let text = "\u{feff}# a comment\n\nA=1\r\n  export B = two words # comment\nC=\n\tD=a=b#c\nE= # nothing\nexport=x";
        let pairs = read(text);
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", ""),
            ("D", "a=b#c"),
            ("E", ""),
            ("export", "x"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs, expected);
    }

    #[test]
    fn nothing_is_expanded() {
        for text in [
            "$HOME",
            "${HOME}",
            "'$HOME'",
            "\"${HOME:-x}\"",
            "$(id)",
            "\"`id`\"",
        ] {
            assert_eq!(value(text), text.trim_matches(['\'', '"']));
        }
    }

    #[test]
    fn quotes_keep_what_is_in_them() {
        assert_eq!(value("' a \\n # '"), " a \\n # ");
        assert_eq!(
            value("\" a\\n\\t\\\"\\$\\`\\\\ \\q # \"  # x"),
            " a\n\t\"$`\\ \\q # "
        );
        assert_eq!(value("plain \\n 'x'"), "plain \\n 'x'");
        assert_eq!(value("\"\""), "");
    }

    #[test]
    fn a_quoted_value_may_have_lines_and_errors_after_it_count_them() {
        let text = "A='one\ntwo'\nB=\"three\\nfour\\\nfive\"\n";
        let lines: Vec<_> = parse(text).unwrap().into_iter().map(|a| a.line).collect();
        assert_eq!(lines, [1, 3]);
        assert_eq!(read(text)[1].1, "three\nfour\\\nfive");
        let why = parse(&format!("{text}hunter2\n")).unwrap_err();
        assert_eq!(why.message(), "line 5: there is no NAME=value");
    }

    #[test]
    fn what_is_no_env_file_is_refused_with_its_line_and_not_its_text() {
        for bad in [
            "hunter2",
            "hunter 2=x",
            "2A=x",
            "=hunter2",
            "A='hunter2",
            "A=\"hunter2\\\"",
            "A='hunter2'x",
            "A='hunter''2'",
            "export A",
        ] {
            let why = parse(&format!("OK=1\n{bad}")).unwrap_err();
            assert_eq!(why.kind(), Kind::Usage);
            assert!(why.message().starts_with("line 2: "), "{why}");
            assert!(!why.message().contains("hunter"), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([A-C=\"'\\\\$#\n\r é]|export){0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_quoted_is_read_back(text in "[^\0\r]{0,20}|[ab\"'\\\\$`#\n !]{0,12}") {
            let quoted = Quote::Dotenv.apply(&text);
            let found = read(&format!("A={}\nB=2", *quoted)).remove(0).1;
            prop_assert_eq!(found, text);
        }
    }
}
