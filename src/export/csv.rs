//! Tables: Bitwarden's columns, which most programs import, and Chrome's, which browsers do.

use std::borrow::Cow;
use std::io::Write;

use csv::{QuoteStyle, WriterBuilder};
use zeroize::Zeroizing;

use super::parts::{fields, place, secret, seed, text};
use super::{Writer, unwritten};
use crate::error::Result;
use crate::model::records::entry::Entry;
use crate::model::transfer::portable::Outgoing;

/// What a spreadsheet takes for the start of a formula, in full-width forms too.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// What a spreadsheet may take for the end of a cell, by the customs of the place.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\n', '\r'];

/// Writes Bitwarden's columns.
pub(super) struct BitwardenCsv {
    pub(super) inert: bool,
}

/// Writes Chrome's columns.
pub(super) struct ChromeCsv {
    pub(super) inert: bool,
}

impl Writer for BitwardenCsv {
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()> {
        let header = [
            "folder",
            "favorite",
            "type",
            "name",
            "notes",
            "fields",
            "reprompt",
            "login_uri",
            "login_username",
            "login_password",
            "login_totp",
        ];
        let rows = outgoing.entries.iter();
        let rows = rows.map(|(path, entry)| bitwarden_row(path, entry));
        table(out, &header, rows, self.inert)
    }
}

fn bitwarden_row<'a>(path: &'a str, entry: &'a Entry) -> [Cow<'a, str>; 11] {
    let (folder, title) = place(path);
    let mut lines = Zeroizing::new(String::new());
    for field in fields(entry) {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(field.name);
        lines.push_str(": ");
        lines.push_str(field.value);
    }
    let urls = entry.urls().join(",");
    let login = [
        secret(entry),
        seed(entry),
        text(entry.username.value()),
        &urls,
    ];
    let is_login = login.iter().any(|cell| !cell.is_empty());
    [
        folder.into(),
        "".into(),
        if is_login { "login" } else { "note" }.into(),
        title.into(),
        text(entry.notes.value()).into(),
        lines.to_string().into(),
        "0".into(),
        urls.into(),
        text(entry.username.value()).into(),
        secret(entry).into(),
        seed(entry).into(),
    ]
}

impl Writer for ChromeCsv {
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()> {
        let header = ["name", "url", "username", "password", "note"];
        let rows = outgoing.entries.iter().flat_map(|(path, entry)| {
            let urls = entry.urls().iter().map(String::as_str);
            // Chrome keeps each site apart; one without a URL has a row all the same.
            let none = entry.urls().is_empty().then_some("");
            urls.chain(none)
                .map(move |url| chrome_row(path, url, entry))
        });
        table(out, &header, rows, self.inert)
    }
}

fn chrome_row<'a>(path: &'a str, url: &'a str, entry: &'a Entry) -> [Cow<'a, str>; 5] {
    [
        path.into(),
        url.into(),
        text(entry.username.value()).into(),
        secret(entry).into(),
        text(entry.notes.value()).into(),
    ]
}

fn table<'a, const N: usize>(
    out: &mut dyn Write,
    header: &[&str; N],
    rows: impl Iterator<Item = [Cow<'a, str>; N]>,
    inert: bool,
) -> Result<()> {
    let failed = |why: csv::Error| match why.into_kind() {
        csv::ErrorKind::Io(why) => unwritten(why),
        _ => unwritten(std::io::Error::other("a row is no row")),
    };
    let quotes = if inert {
        QuoteStyle::Always
    } else {
        QuoteStyle::Necessary
    };
    let mut writer = WriterBuilder::new().quote_style(quotes).from_writer(out);
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        let cells = row.iter().map(|cell| shown(cell, inert));
        // As bytes: the cells are made one at a time.
        for cell in cells {
            writer.write_field(cell.as_bytes()).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.flush().map_err(unwritten)
}

/// A cell, with a quotation mark before what would be a formula where that is asked for: at its
/// start, and behind whatever some spreadsheet splits it at.
fn shown(cell: &str, inert: bool) -> Cow<'_, str> {
    if !inert || !cell.contains(FORMULA) {
        return cell.into();
    }
    let mut shown = Zeroizing::new(String::with_capacity(cell.len() + 16));
    let mut begins = true;
    for c in cell.chars() {
        let separates = c.is_whitespace() && !shown.is_empty();
        if begins && FORMULA.contains(&c) && !separates {
            shown.push('\'');
            begins = false;
        }
        shown.push(c);
        let is_blank = c.is_whitespace() || c == '"';
        begins = SEPARATORS.contains(&c) || begins && is_blank;
    }
    std::mem::take(&mut *shown).into()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn only_what_starts_a_formula_is_quoted_and_only_where_that_is_asked_for() {
        for formula in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\u{ff1d}1"] {
            assert_eq!(shown(formula, true), format!("'{formula}"));
            assert_eq!(shown(formula, false), formula);
        }
        for plain in ["", "a=b", "'=1", "1-1", "a; b", "a; b=c"] {
            assert_eq!(shown(plain, true), plain);
        }
    }

    #[test]
    fn what_starts_a_formula_where_a_spreadsheet_splits_the_cell_is_quoted_too() {
        for (cell, inert) in [
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("a;=1+1", "a;'=1+1"),
            ("a\t@x", "a\t'@x"),
            ("a|-1", "a|'-1"),
            ("a;\"=1", "a;\"'=1"),
            ("a\n=1", "a\n'=1"),
            ("a; =1", "a; '=1"),
            (" =1", " '=1"),
        ] {
            assert_eq!(shown(cell, true), inert);
            assert_eq!(shown(cell, false), cell);
        }
    }
}
