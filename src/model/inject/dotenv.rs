//! Files of `NAME=value` lines, as `.env` files are: one reader for `import` and `run --env-file`.
//! It follows Node's dotenv and docker compose where those agree. Nothing is expanded: a `$` is a
//! `$`, and the process's own environment is not looked at.
//!
//! - A line is `NAME=value` or `NAME: value`, with or without `export` before it; blank lines and
//!   lines that start with `#` say nothing. A byte order mark is no matter,
//!   and lines end as those of Unix, Windows or an old Mac do.
//! - A plain value goes to the line's end, or to a `#` with a blank or a tab before it: `A=#FF0000` is
//!   `#FF0000` (as in compose; Node would have it quoted), `A= # x` is empty. Blanks around it go.
//! - `'…'` and `` `…` `` stand as they are; in `"…"` the escapes are
//!   `\n \r \t \\ \" \' \$` and `` \` `` (Node knows the first two). All three may have several
//!   lines. A backslash before a `'` in `'…'`, where readers disagree, is refused by what follows.
//! - Where a name is set twice, the later line counts.

use crate::error::{Error, Result};
use crate::model::text::name::EnvName;

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

/// What is no assignment, by its place; nothing of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line where it starts, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
    /// Whether a quote is never closed, so that nothing below it can be read.
    pub is_open: bool,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let error = Self::usage(format!("line {}: {}", fault.line, fault.reason));
        if fault.is_open {
            return error.hint("end the value with the quote that it starts with");
        }
        error
    }
}

/// What stands in an env file, line by line.
pub fn lines(text: &str) -> impl Iterator<Item = std::result::Result<Assignment, Fault>> {
    let mut parser = DotenvParser {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    std::iter::from_fn(move || parser.next())
}

/// Reads an env file in which every line has to be right.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the number of the line, never with its text.
pub fn parse(text: &str) -> Result<Vec<Assignment>> {
    lines(text).map(|line| line.map_err(Error::from)).collect()
}

/// What a line ends with; both of them in this order are one end.
const LINE_END: [char; 2] = ['\r', '\n'];

struct DotenvParser<'a> {
    rest: &'a str,
    line: usize,
}

impl DotenvParser<'_> {
    fn next(&mut self) -> Option<std::result::Result<Assignment, Fault>> {
        loop {
            self.skip_blanks();
            if !self.at_end() {
                break;
            }
            if self.rest.is_empty() {
                return None;
            }
            self.next_line();
        }
        let line = self.line;
        let found = self.assignment();
        match &found {
            Err(fault) if fault.is_open => self.rest = "",
            _ => self.next_line(),
        }
        Some(found.map(|(name, value)| Assignment { name, value, line }))
    }

    /// What stands on this line, quoted lines after it included.
    fn assignment(&mut self) -> std::result::Result<(EnvName, String), Fault> {
        let start = self.line;
        let name = self.name()?;
        let has_blank = self.rest.starts_with([' ', '\t']);
        self.skip_blanks();
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => self.quoted(quote)?,
            _ => self.plain(has_blank),
        };
        self.skip_blanks();
        if self.at_end() {
            return Ok((name, value));
        }
        Err(Fault {
            line: start,
            ..self.wrong("something follows the closing quote")
        })
    }

    fn name(&mut self) -> std::result::Result<EnvName, Fault> {
        let line = self.rest.split(LINE_END).next().unwrap_or_default();
        let none = || self.wrong("there is no NAME=value");
        let end = line.find(['=', ':']).ok_or_else(none)?;
        let (name, rest) = line.split_at(end);
        let is_yaml = rest.starts_with(": ") || rest.starts_with(":\t");
        if !is_yaml && !rest.starts_with('=') {
            return Err(none());
        }
        let name = name.trim();
        let exported = name
            .strip_prefix("export")
            .filter(|rest| rest.starts_with([' ', '\t']));
        let name = exported.unwrap_or(name).trim();
        let name = name.parse().map_err(|why: String| self.wrong(&why))?;
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Ok(name)
    }

    /// Up to the line's end, or a `#` after a blank, which may stand right before the value.
    fn plain(&mut self, has_blank: bool) -> String {
        let line = self.rest.split(LINE_END).next().unwrap_or_default();
        let mut marks = line.match_indices('#').map(|(at, _)| at);
        let comment = marks.find(|at| match line.get(..*at) {
            Some("") => has_blank,
            Some(before) => before.ends_with([' ', '\t']),
            None => false,
        });
        let value = line.get(..comment.unwrap_or(line.len()));
        self.rest = self.rest.get(line.len()..).unwrap_or_default();
        value.unwrap_or_default().trim().to_owned()
    }

    fn quoted(&mut self, quote: char) -> std::result::Result<String, Fault> {
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                let (inside, rest) = self.rest.split_at(at);
                let pairs = inside.matches("\r\n").count();
                self.line += inside.matches(LINE_END).count() - pairs;
                self.rest = rest.get(1..).unwrap_or_default();
                return Ok(value);
            }
            let ends_line = c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n');
            if c == '\\' && quote == '"' {
                let escaped = chars.next().map_or('\\', |(_, c)| c);
                value.extend(unescaped(escaped));
            } else if !ends_line {
                value.push(c);
            }
        }
        Err(Fault {
            is_open: true,
            ..self.wrong("a quote is never closed")
        })
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(['\n', '\r', '#'])
    }

    fn next_line(&mut self) {
        let end = self.rest.find(LINE_END).unwrap_or(self.rest.len());
        let rest = self.rest.get(end..).unwrap_or_default();
        let after = rest.strip_prefix("\r\n").or_else(|| rest.get(1..));
        self.rest = after.unwrap_or_default();
        self.line += 1;
    }

    fn wrong(&self, reason: &str) -> Fault {
        Fault {
            line: self.line,
            reason: reason.to_owned(),
            is_open: false,
        }
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

    use super::{Fault, lines, parse};
    use crate::error::Kind;
    use crate::model::text::quote::Quote;

    fn read(text: &str) -> Vec<(String, String)> {
        let pair =
            |a: crate::model::inject::dotenv::Assignment| (a.name.as_str().to_owned(), a.value);
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
    fn a_comment_has_a_blank_before_it() {
        for (text, expected) in [
            (" # only a comment", ""),
            ("\t#x", ""),
            ("v\t# tab", "v"),
            ("v#x", "v#x"),
            ("#FF0000", "#FF0000"),
            ("'v'#x", "v"),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
    }

    #[test]
    fn names_may_be_followed_by_a_colon_and_a_blank() {
        let pairs = [("A", "1"), ("B", "two"), ("C", "a:b=c")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read("A: 1\nexport B:\t'two'\nC=a:b=c"), pairs);
        assert!(parse("A:1").is_err());
    }

    #[test]
    fn windows_line_ends_are_no_matter_in_quotes_either() {
        let pairs = [("A", "one\ntwo"), ("B", "x")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read("A=\"one\r\ntwo\"\r\nB=x\r\n"), pairs);
    }

    #[test]
    fn a_carriage_return_alone_ends_a_line_outside_of_quotes() {
        let pairs = [("A", "1"), ("B", "one\rtwo"), ("C", "x"), ("D", "")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = "# a\rA=1 # b\rB='one\rtwo'\rC=x\r\rD=";
        assert_eq!(read(text), pairs);
        let lines: Vec<_> = parse(text).unwrap().into_iter().map(|a| a.line).collect();
        assert_eq!(lines, [2, 3, 5, 7]);
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_read() {
        let found: Vec<_> = lines("A=1\nhunter2\nB='x'y\nC=2\nD='open\nE=3\n").collect();
        let told = |fault: &Fault| (fault.line, fault.is_open);
        let faults: Vec<_> = found
            .iter()
            .filter_map(|line| line.as_ref().err())
            .map(told)
            .collect();
        assert_eq!(faults, [(2, false), (3, false), (5, true)]);
        assert_eq!(found.len(), 5);
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
        assert_eq!(value("`$A \\n \"'`"), "$A \\n \"'");
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
        fn no_text_makes_it_panic(text in "([A-C=\"'`:\\\\$#\n\r\t é]|export){0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn another_reader_agrees_where_nothing_is_expanded(
            name in "[A-Z][A-Z0-9_]{0,6}",
            value in "[a-z0-9#/:=@.,+-]{0,9}",
            quote in "['\"]?",
            export in "(export )?",
            comment in "( +# a note)?",
        ) {
            // dotenvy takes a # at the start of a plain value for a comment, whatever is before it.
            prop_assume!(!quote.is_empty() || !value.starts_with('#'));
            let text = format!("\n# a comment\n{export}{name}={quote}{value}{quote}{comment}\nZ=1\n");
            let theirs: Vec<_> = dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect();
            prop_assert_eq!(read(&text), theirs);
        }

        #[test]
        fn what_is_quoted_is_read_back(text in "[^\0\r]{0,20}|[ab\"'\\\\$`#\n !]{0,12}") {
            let quoted = Quote::Dotenv.apply(&text);
            let found = read(&format!("A={}\nB=2", *quoted)).remove(0).1;
            prop_assert_eq!(found, text);
        }
    }
}
