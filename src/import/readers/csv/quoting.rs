//! Quotation marks, held against the rules before a table is read: a reader that guesses lets a
//! cell swallow the rows below it.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// Where in a cell a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a mark that closes the cell, unless another one follows.
    Closed,
}

/// The table, with the escapes of `backslash` (`\"` and `\\` between quotation marks, as `KeePass`
/// 1 writes them) in the usual spelling. One pass, in memory of the table's size at most.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the row where a quotation mark is never closed, is followed
/// by text, or stands in a cell that does not start with one.
pub(crate) fn checked(text: &str, delimiter: u8, backslash: bool) -> Result<Cow<'_, str>> {
    let mut usual = backslash.then(|| String::with_capacity(text.len()));
    let (mut at, mut row, mut between_rows) = (At::Start, 0_u64, true);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends_row = matches!(c, '\r' | '\n');
        if between_rows && !ends_row {
            row += 1;
            between_rows = false;
        }
        at = match (at, c) {
            (At::Quoted, '"') => At::Closed,
            (At::Quoted, '\\') if backslash && matches!(chars.peek(), Some('"' | '\\')) => {
                let escaped = chars.next().unwrap_or(c);
                if let Some(usual) = usual.as_mut().filter(|_| escaped == '"') {
                    usual.push('"');
                }
                if let Some(usual) = &mut usual {
                    usual.push(escaped);
                }
                continue;
            }
            (At::Start | At::Closed, '"') | (At::Quoted, _) => At::Quoted,
            _ if ends_row => {
                between_rows = true;
                At::Start
            }
            (_, c) if c == char::from(delimiter) => At::Start,
            (At::Closed, _) => return Err(wrong(row, "text follows a closing quotation mark")),
            (At::Plain, '"') => {
                return Err(wrong(
                    row,
                    "a quotation mark stands in a cell that does not start with one",
                ));
            }
            _ => At::Plain,
        };
        if let Some(usual) = &mut usual {
            usual.push(c);
        }
    }
    if at == At::Quoted {
        return Err(wrong(row, "a quotation mark is never closed"));
    }
    Ok(usual.map_or(Cow::Borrowed(text), Cow::Owned))
}

fn wrong(row: u64, what: &str) -> Error {
    Error::usage(format!("row {row}: {what}")).hint(
        "export again, or put the cell in quotation marks and double those in it; nothing was changed",
    )
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn marks_that_follow_the_rules_are_no_matter() {
        for text in [
            "",
            "a,b\n",
            "\"a\",\"\"\r\n",
            "\"a \"\"b\"\", c\",d",
            "\"two\nlines\"\n\n",
            "a,\"\"\"\"\n",
        ] {
            assert_eq!(checked(text, b',', false).unwrap(), text, "{text}");
        }
    }

    #[test]
    fn what_breaks_them_is_refused_with_its_row() {
        for (text, row) in [
            ("a,b\n1,\"half\n2,two\n", 2),
            ("a,b\r\n\r\n\"1\n2\",x\r\n3,\"x\"y\r\n", 3),
            ("a,b\nx, \"y\"\n", 2),
            ("a,b\nx,y\"z\n", 2),
            ("\"", 1),
        ] {
            let why = checked(text, b',', false).unwrap_err();
            assert!(why.message().starts_with(&format!("row {row}: ")), "{why}");
        }
    }

    #[test]
    fn backslashes_escape_where_the_dialect_says_so_and_nowhere_else() {
        let text = "\"a\\\\b\\\"c\",\"\\n\",\\\n";
        let usual = "\"a\\b\"\"c\",\"\\n\",\\\n";
        assert_eq!(checked(text, b',', true).unwrap(), usual);
        assert!(checked("\"a\\\"\n", b',', true).is_err());
        assert_eq!(checked("\"a\\\"\n", b',', false).unwrap(), "\"a\\\"\n");
    }
}
