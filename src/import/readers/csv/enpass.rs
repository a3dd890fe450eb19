//! Enpass's table, which has no columns: a title, the label and the value of each field, and a
//! note.

use csv::StringRecord;

use super::put::{field, secret, title, totp, urls, username};
use super::written::{self, WrittenTable};
use super::{Put, quoting};
use crate::error::Result;
use crate::import::Intake;
use crate::model::text::limits::IMPORT_COLUMNS;
use crate::model::transfer::import::Imported;

/// Labels that Enpass has ready, and where their values go.
const LABELS: [(&str, Put); 28] = [
    ("username", username),
    ("user name", username),
    ("login", username),
    ("email", username),
    ("e-mail", username),
    ("password", secret),
    ("url", urls),
    ("website", urls),
    ("totp", totp),
    ("one-time code", totp),
    ("benutzername", username),
    ("passwort", secret),
    ("kennwort", secret),
    ("webseite", urls),
    ("access no.", field),
    ("account number", field),
    ("cardholder", field),
    ("cvc", field),
    ("expiry date", field),
    ("first name", field),
    ("last name", field),
    ("number", field),
    ("phone", field),
    ("phone number", field),
    ("pin", field),
    ("security answer", field),
    ("security question", field),
    ("type", field),
];
/// Rows by which a table is recognised.
const LOOKED_AT: usize = 100;

/// Whether most of its first rows are a title and pairs, or the first one says that they are.
pub(crate) fn is_one(table: &WrittenTable<'_>) -> bool {
    let mut reader = table.reader();
    let mut record = StringRecord::new();
    let (mut rows, mut of_pairs) = (0, 0);
    while rows < LOOKED_AT && reader.read_record(&mut record).unwrap_or(false) {
        if rows == 0 && is_header(&record) {
            return true;
        }
        if record.len() > 2 {
            rows += 1;
            of_pairs += usize::from(has_pairs(&record));
        }
    }
    // A header alone may have any names.
    rows > 1 && 2 * of_pairs > rows
}

/// `Title,Field,Value,Field,Value,…,Note`.
fn is_header(record: &StringRecord) -> bool {
    let mut cells = record.iter().map(|cell| cell.trim().to_lowercase());
    ["title", "field", "value"]
        .into_iter()
        .all(|name| cells.next().is_some_and(|cell| cell == name))
}

/// Whether labels stand where they should, and not where values are.
fn has_pairs(record: &StringRecord) -> bool {
    let known = |from: usize| {
        let cells = record.iter().skip(from).step_by(2);
        cells.filter(|cell| put(cell).is_some()).count()
    };
    known(1) > 2 * known(2)
}

fn put(label: &str) -> Option<Put> {
    let label = label.trim_end_matches('*').trim().to_lowercase();
    let found = LABELS.iter().find(|(name, _)| *name == label);
    found.map(|(_, put)| *put)
}

pub(crate) fn read(table: &WrittenTable<'_>, intake: &mut Intake) -> Result<()> {
    let text = quoting::checked(table.text, table.delimiter, false)?;
    let mut reader = written::reader(&text, table.delimiter);
    let mut record = StringRecord::new();
    let mut row = 0;
    while reader.read_record(&mut record).unwrap_or(false) {
        row += 1;
        if row == 1 && is_header(&record) {
            continue;
        }
        match record.len() {
            1 => intake.refuse(row, "it has 1 cell: a title has at least a note beside it")?,
            2..=IMPORT_COLUMNS => intake.entry(imported(row, &record))?,
            cells => {
                let many = format!("it has {cells} cells, the limit is {IMPORT_COLUMNS}");
                intake.refuse(row, many)?;
            }
        }
    }
    Ok(())
}

fn imported(row: u64, record: &StringRecord) -> Imported {
    let mut imported = Imported::at(row);
    let mut cells = record.iter();
    title(&mut imported, "title", cells.next().unwrap_or_default());
    while let Some(cell) = cells.next() {
        match cells.next() {
            Some(value) => put(cell).unwrap_or(field)(&mut imported, cell, value),
            // What has no value beside it is the note.
            None => imported.note(cell),
        }
    }
    imported
}
