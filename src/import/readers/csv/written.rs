//! How a table is written: what its cells are parted by, and where its rows begin.

use csv::{Reader, ReaderBuilder};

/// A table as text.
pub(crate) struct WrittenTable<'a> {
    /// Its rows, from the first one on.
    pub(crate) text: &'a str,
    /// What parts its cells.
    pub(crate) delimiter: u8,
    /// Whether the file itself says what that is.
    pub(crate) is_told: bool,
}

impl<'a> WrittenTable<'a> {
    /// Goes by a first line such as `sep=;`, which is for spreadsheets and no row, else by what
    /// stands most often in the first row, outside of quotation marks.
    pub(crate) fn of(text: &'a str) -> Self {
        if let Some((delimiter, text)) = told(text) {
            return Self {
                text,
                delimiter,
                is_told: true,
            };
        }
        let outside = outside_quotation_marks(first_row(text));
        let count = |delimiter: &u8| outside.bytes().filter(|byte| byte == delimiter).count();
        let delimiters = [b',', b';', b'\t'].into_iter().rev();
        Self {
            text,
            delimiter: delimiters.max_by_key(count).unwrap_or(b','),
            is_told: false,
        }
    }

    /// Reads its rows.
    pub(crate) fn reader(&self) -> Reader<&'a [u8]> {
        reader(self.text, self.delimiter)
    }
}

/// The first row: lines up to the one at whose end every quotation mark is closed, or the first
/// line where they never are.
fn first_row(text: &str) -> &str {
    let text = text.trim_start_matches(['\r', '\n', ' ']);
    let mut marks = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => marks += 1,
            b'\n' | b'\r' if marks % 2 == 0 => return text.get(..at).unwrap_or(text),
            _ => {}
        }
    }
    if marks % 2 == 0 {
        return text;
    }
    text.lines().next().unwrap_or_default()
}

fn outside_quotation_marks(row: &str) -> String {
    row.split('"').step_by(2).collect()
}

/// Reads rows of any length.
pub(crate) fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// What a first line of `sep=` says, with or without quotation marks, and the text below it. What
/// a spreadsheet makes of it has more delimiters behind it.
fn told(text: &str) -> Option<(u8, &str)> {
    let text = text.trim_start_matches(['\u{feff}', '\r', '\n']);
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let line = line.strip_prefix('"').unwrap_or(line);
    let word = line.get(..4)?;
    let said = line
        .get(4..)
        .filter(|_| word.eq_ignore_ascii_case("sep="))?;
    let (delimiter, after) = match said.strip_prefix("\\t") {
        Some(after) => (b'\t', after),
        None => (*said.as_bytes().first()?, said.get(1..)?),
    };
    let is_one = matches!(delimiter, b'\t' | b' ') || delimiter.is_ascii_punctuation();
    let mark = char::from(delimiter);
    let is_all = after.trim_matches(['"', ' ', mark]).is_empty();
    (is_one && is_all && delimiter != b'"').then_some((delimiter, rest))
}

#[cfg(test)]
mod tests {
    use super::WrittenTable;

    #[test]
    fn a_first_line_of_sep_says_what_parts_the_cells() {
        for (line, delimiter) in [
            ("sep=;", b';'),
            ("sep=,", b','),
            ("SEP=\t", b'\t'),
            ("sep=\\t", b'\t'),
            ("\"sep=;\"", b';'),
            ("\"sep=|\"|||", b'|'),
            ("sep=;;;", b';'),
            ("\u{feff}sep=;", b';'),
        ] {
            for end in ["\n", "\r\n", "\r"] {
                let text = format!("{line}{end}a,b");
                let table = WrittenTable::of(&text);
                assert_eq!(
                    (table.delimiter, table.is_told),
                    (delimiter, true),
                    "{line}"
                );
                assert_eq!(table.text.trim_start(), "a,b", "{line}");
            }
        }
    }

    #[test]
    fn what_stands_between_quotation_marks_parts_no_cells() {
        for (text, delimiter) in [
            ("\"a\t\nb\t\t\",\"c\"\n", b','),
            ("\"a,b,c\";d\n", b';'),
            ("\n\ta\tb\n\"x,y,z", b'\t'),
            ("\"never closed, a;b\nc;d;e;f", b','),
        ] {
            assert_eq!(WrittenTable::of(text).delimiter, delimiter, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_says_something_else_is_a_row() {
        for text in [
            "sep=",
            "sep=x",
            "sep=;name",
            "sep",
            "sep=\"",
            "a,sep=;",
            "sepa=;",
            "s\u{e9}p=;",
        ] {
            let table = WrittenTable::of(text);
            assert_eq!((table.text, table.is_told), (text, false));
        }
    }
}
