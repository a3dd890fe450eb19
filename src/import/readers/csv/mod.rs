//! Tables: most programs export one, each with columns of its own.
//!
//! A [`Layout`] says which columns a program writes and where each goes. Rows may be shorter than
//! the header as long as they reach the password, lines may end in any way, and quoted cells may
//! hold line breaks; quotation marks that break the rules are refused. Columns that a layout does
//! not know are kept as fields, and so is a second cell for what has one place. What is passed over
//! is a program's own book-keeping, such as ids and favourites.

mod any;
pub(crate) mod apple;
mod enpass;
mod lastpass;
mod layouts;
mod one_password;
mod put;
mod quoting;
mod written;

use csv::StringRecord;

use self::written::WrittenTable;
use crate::error::{Error, Result};
use crate::import::{ImportFormat, Intake, Reader, Source};
use crate::model::text::limits::IMPORT_COLUMNS;
use crate::model::text::name::nfc;
use crate::model::transfer::import::Imported;

/// Puts a cell where it belongs: the credential, the column's header, the cell.
type Put = fn(&mut Imported, &str, &str);

/// The columns of one program's export.
pub(crate) struct Layout {
    format: ImportFormat,
    /// Columns, in lower case, that have to be there.
    needs: &'static [&'static str],
    /// Columns and where their cells go.
    columns: &'static [(&'static str, Put)],
    /// Where the cells of other columns go.
    others: Put,
    /// Whether a table with other columns is recognised as one of these.
    takes_others: bool,
    /// Where cells go that follow the last column; with none, there may be no such cells.
    more: Option<Put>,
    /// Whether there is no header line, and the columns of `needs` stand in this order.
    headless: bool,
    /// Whether a backslash in quotes escapes a quotation mark or a backslash.
    backslash: bool,
    /// Whether the columns, in lower case, are this program's beyond their names.
    marks: fn(&[String]) -> bool,
    /// Has the last word on a row: why it is left out, if it is.
    finish: fn(&mut Imported, &Cells<'_>) -> Option<&'static str>,
}

/// A row's cells by the lower-case names of their columns.
struct Cells<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
}

impl<'a> Cells<'a> {
    /// The first cell of that column.
    fn get(&self, column: &str) -> &'a str {
        self.all(column).next().unwrap_or_default()
    }

    /// The cells of every column of that name.
    fn all(&self, column: &str) -> impl Iterator<Item = &'a str> {
        let named = self.columns.iter().zip(self.record);
        named.filter_map(move |(name, cell)| (name == column).then_some(cell))
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    fn filled(&self) -> usize {
        self.record.iter().filter(|cell| !cell.is_empty()).count()
    }
}

fn all_layouts() -> impl Iterator<Item = &'static Layout> + Clone {
    static ALL: ([Layout; 15], [Layout; 7]) = (layouts::ALL, any::ALL);
    ALL.0.iter().chain(&ALL.1)
}

/// A header line.
pub(crate) struct HeaderRow {
    columns: Vec<String>,
}

impl HeaderRow {
    /// The first row of a table.
    fn of(table: &WrittenTable<'_>) -> Option<Self> {
        let mut first = StringRecord::new();
        let found = table.reader().read_record(&mut first).ok()?;
        let columns = first.iter().map(|cell| cell.trim().to_owned()).collect();
        found.then_some(Self { columns })
    }

    /// What it could be a table of.
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        all_layouts().find(|layout| layout.fits(self))
    }

    /// How many columns it has.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The names as they are compared: in small letters, each of them one character.
    fn lower(&self) -> Vec<String> {
        let columns = self.columns.iter();
        columns.map(|name| nfc(name).to_lowercase()).collect()
    }
}

impl Layout {
    /// What it is a table of.
    pub(crate) fn format(&self) -> ImportFormat {
        self.format
    }

    /// The header that it does not have.
    fn head(&self) -> HeaderRow {
        HeaderRow {
            columns: self.needs.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn fits(&self, head: &HeaderRow) -> bool {
        let columns = head.lower();
        let known = |name: &String| {
            self.needs.contains(&name.as_str()) || self.columns.iter().any(|(own, _)| own == name)
        };
        self.is_named_by(&columns)
            && (self.marks)(&columns)
            && (self.takes_others || columns.iter().all(known))
    }

    /// Whether a table has what it needs, whatever it has besides.
    fn is_named_by(&self, columns: &[String]) -> bool {
        let has = |need: &&str| columns.iter().any(|name| name == need);
        !self.headless && self.needs.iter().all(has)
    }

    fn put(&self, column: &str) -> Put {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map_or(self.others, |(_, put)| *put)
    }
}

/// Reads the tables of one program.
pub(crate) struct TableReader(pub(crate) ImportFormat);

impl Reader for TableReader {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let mut table = WrittenTable::of(source.text()?);
        if self.0 == ImportFormat::EnpassCsv {
            return enpass::read(&table, intake);
        }
        if self.0 == ImportFormat::Csv && enpass::is_one(&table) {
            return Err(
                Error::usage("the file is a table of Enpass: it has no header")
                    .hint("--format enpass-csv reads it"),
            );
        }
        let head = HeaderRow::of(&table).ok_or_else(|| self.no_layout(None))?;
        let mut own = all_layouts().filter(|layout| layout.format == self.0);
        if let Some(layout) = own.clone().find(|layout| layout.headless) {
            if !table.is_told {
                table.delimiter = b',';
            }
            return read(&table, &layout.head(), layout, intake);
        }
        let fitting = own.clone().find(|layout| layout.fits(&head));
        let columns = head.lower();
        let named = || own.find(|layout| layout.is_named_by(&columns));
        let layout = fitting.or_else(named);
        let layout = layout.ok_or_else(|| self.no_layout(Some(&head)))?;
        let width = head.width();
        if width > IMPORT_COLUMNS {
            let many = format!("the table has {width} columns, the limit is {IMPORT_COLUMNS}");
            return Err(Error::usage(many).hint("take away the columns that you do not need"));
        }
        read(&table, &head, layout, intake)
    }
}

/// Which table a text is, as far as its first lines say, and how many columns it has.
pub(crate) fn recognised(text: &str) -> (Option<ImportFormat>, usize) {
    let table = WrittenTable::of(text);
    let head = HeaderRow::of(&table);
    let layout = head.as_ref().and_then(HeaderRow::layout);
    let format = match layout.map(Layout::format) {
        // A row of pairs may have the names of columns in it.
        None | Some(ImportFormat::Csv) if enpass::is_one(&table) => Some(ImportFormat::EnpassCsv),
        found => found,
    };
    (format, head.map_or(0, |head| head.width()))
}

impl TableReader {
    /// The first line may hold a secret where there is no header: none of it is repeated.
    fn no_layout(&self, head: Option<&HeaderRow>) -> Error {
        let columns = all_layouts().find(|layout| layout.format == self.0);
        let needs = columns
            .map(|layout| layout.needs.join(","))
            .unwrap_or_default();
        let found = match head {
            Some(head) => format!(
                "its first line, of {} cells, is not that header",
                head.width()
            ),
            None => "it is empty".into(),
        };
        Error::usage(format!("the file is no {}: {found}", self.0.name()))
            .hint(format!("the header has at least: {needs}"))
    }
}

/// Columns that hold the password: a row that does not reach the first of them was torn.
const PASSWORDS: [&str; 6] = [
    "password",
    "pwd",
    "login_password",
    "password_value",
    "passwort",
    "kennwort",
];

/// Where each cell of a row goes.
struct Columns<'a> {
    layout: &'a Layout,
    names: &'a [String],
    lower: Vec<String>,
    puts: Vec<Put>,
    /// The cells that a row has at least.
    least: usize,
}

impl<'a> Columns<'a> {
    fn of(layout: &'a Layout, head: &'a HeaderRow) -> Self {
        let lower = head.lower();
        let password = lower
            .iter()
            .position(|name| PASSWORDS.contains(&name.as_str()));
        Self {
            layout,
            names: &head.columns,
            puts: lower.iter().map(|name| layout.put(name)).collect(),
            least: password.map_or(1, |at| at + 1).max(2).min(lower.len()),
            lower,
        }
    }

    /// Why a row cannot be taken for one of this table.
    fn torn(&self, record: &StringRecord) -> Option<String> {
        let (cells, columns) = (record.len(), self.names.len());
        if cells < self.least {
            return Some(format!(
                "it has {cells} of {columns} cells: a line break that is not in quotation marks may have torn it"
            ));
        }
        let more = record.iter().skip(columns).any(|cell| !cell.is_empty());
        (self.layout.more.is_none() && more)
            .then(|| format!("it has {cells} cells, the header has {columns}"))
    }

    /// What a row holds.
    fn imported(&self, row: u64, record: &StringRecord) -> Imported {
        let mut imported = Imported::at(row);
        for ((cell, put), name) in record.iter().zip(&self.puts).zip(self.names) {
            if !cell.is_empty() {
                put(&mut imported, name, cell);
            }
        }
        if let Some(put) = self.layout.more {
            for cell in record.iter().skip(self.names.len()) {
                put(&mut imported, "field", cell);
            }
        }
        imported
    }
}

fn read(
    table: &WrittenTable<'_>,
    head: &HeaderRow,
    layout: &Layout,
    intake: &mut Intake,
) -> Result<()> {
    let text = quoting::checked(table.text, table.delimiter, layout.backslash)?;
    let columns = Columns::of(layout, head);
    let mut reader = written::reader(&text, table.delimiter);
    let mut record = StringRecord::new();
    let mut row = 0;
    // What cannot be read as a record is not read on from: text in memory has no other faults.
    while reader.read_record(&mut record).unwrap_or(false) {
        row += 1;
        if row == 1 && !layout.headless {
            continue;
        }
        if let Some(why) = columns.torn(&record) {
            intake.refuse(row, why)?;
            continue;
        }
        let mut imported = columns.imported(row, &record);
        let cells = Cells {
            columns: &columns.lower,
            record: &record,
        };
        match (layout.finish)(&mut imported, &cells) {
            Some(reason) => intake.skip(row, reason)?,
            None => intake.entry(imported)?,
        }
    }
    Ok(())
}
