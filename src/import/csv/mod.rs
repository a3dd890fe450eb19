//! Tables: most programs export one, each with columns of its own.
//!
//! A [`Layout`] says which columns a program writes and where each goes. Rows may be shorter than
//! the header, lines may end in any way, and quoted cells may hold line breaks.

mod any;
mod layouts;
mod one_password;
mod put;

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use super::{Format, Intake, Reader, Source};
use crate::error::{Error, Result};
use crate::model::import::Imported;

/// Puts a cell where it belongs: the credential, the column's header, the cell.
type Put = fn(&mut Imported, &str, &str);

/// The columns of one program's export.
pub(super) struct Layout {
    format: Format,
    /// Columns, in lower case, that have to be there.
    needs: &'static [&'static str],
    /// Columns and where their cells go.
    columns: &'static [(&'static str, Put)],
    /// Where the cells of other columns go; with none, there may be no other.
    others: Option<Put>,
    /// Where cells go that follow the last column; with none, there may be no such cells.
    more: Option<Put>,
    /// Whether there is no header line, and the columns of `needs` stand in this order.
    headless: bool,
    /// Whether a backslash in quotes escapes what follows.
    backslash: bool,
    /// Has the last word on a row: why it is left out, if it is.
    finish: fn(&mut Imported, &Cells<'_>) -> Option<&'static str>,
}

/// A row's cells by the lower-case names of their columns.
struct Cells<'a> {
    positions: &'a HashMap<String, usize>,
    record: &'a StringRecord,
}

impl Cells<'_> {
    fn get(&self, column: &str) -> &str {
        let at = self.positions.get(column);
        at.and_then(|at| self.record.get(*at)).unwrap_or_default()
    }

    fn has(&self, column: &str) -> bool {
        self.positions.contains_key(column)
    }

    fn filled(&self) -> usize {
        self.record.iter().filter(|cell| !cell.is_empty()).count()
    }
}

fn all_layouts() -> impl Iterator<Item = &'static Layout> + Clone {
    static ALL: ([Layout; 15], [Layout; 5]) = (layouts::ALL, any::ALL);
    ALL.0.iter().chain(&ALL.1)
}

/// A header line, and how the file is written.
pub(super) struct Head {
    columns: Vec<String>,
    delimiter: u8,
}

impl Head {
    /// The first line of a table.
    pub(super) fn of(text: &str) -> Option<Self> {
        let line = text.lines().find(|line| !line.trim().is_empty())?;
        let count = |delimiter: &u8| line.bytes().filter(|byte| byte == delimiter).count();
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(count)?;
        let mut reader = reader(text, delimiter, false);
        let mut first = StringRecord::new();
        let found = reader.read_record(&mut first).ok()?;
        let columns = first.iter().map(|cell| cell.trim().to_owned()).collect();
        found.then_some(Self { columns, delimiter })
    }

    /// What it could be a table of.
    pub(super) fn layout(&self) -> Option<&'static Layout> {
        all_layouts().find(|layout| layout.fits(self))
    }

    /// How many columns it has.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }
}

impl Layout {
    /// What it is a table of.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// The header that it does not have.
    fn head(&self) -> Head {
        Head {
            columns: self.needs.iter().map(|name| (*name).to_owned()).collect(),
            delimiter: b',',
        }
    }

    fn fits(&self, head: &Head) -> bool {
        if self.headless {
            return false;
        }
        let lower: Vec<String> = head
            .columns
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let known = |name: &String| {
            self.others.is_some() || self.needs.contains(&name.as_str()) || self.put(name).is_some()
        };
        self.needs
            .iter()
            .all(|need| lower.iter().any(|name| name == need))
            && lower.iter().all(known)
    }

    fn put(&self, column: &str) -> Option<Put> {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map(|(_, put)| *put).or(self.others)
    }
}

/// Reads the tables of one program.
pub(super) struct Table(pub(super) Format);

impl Reader for Table {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        let head = Head::of(text).ok_or_else(|| self.no_layout(None))?;
        let mut own = all_layouts().filter(|layout| layout.format == self.0);
        if let Some(layout) = own.clone().find(|layout| layout.headless) {
            return read(text, &layout.head(), layout, intake);
        }
        let layout = own.find(|layout| layout.fits(&head));
        let layout = layout.ok_or_else(|| self.no_layout(Some(&head)))?;
        read(text, &head, layout, intake)
    }
}

impl Table {
    /// The first line may hold a secret where there is no header: none of it is repeated.
    fn no_layout(&self, head: Option<&Head>) -> Error {
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

fn reader(text: &str, delimiter: u8, backslash: bool) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .escape(backslash.then_some(b'\\'))
        .from_reader(text.as_bytes())
}

fn read(text: &str, head: &Head, layout: &Layout, intake: &mut Intake) -> Result<()> {
    let mut positions = HashMap::new();
    for (at, name) in head.columns.iter().enumerate() {
        positions.entry(name.to_lowercase()).or_insert(at);
    }
    let puts: Vec<Option<Put>> = (head.columns.iter())
        .map(|name| layout.put(&name.to_lowercase()))
        .collect();
    let mut reader = reader(text, head.delimiter, layout.backslash);
    let mut record = StringRecord::new();
    let mut row = 0;
    // What cannot be read as a record is not read on from: text in memory has no other faults.
    while reader.read_record(&mut record).unwrap_or(false) {
        row += 1;
        if row == 1 && !layout.headless {
            continue;
        }
        let cells = Cells {
            positions: &positions,
            record: &record,
        };
        let mut more = record.iter().skip(head.width());
        if layout.more.is_none() && more.any(|cell| !cell.is_empty()) {
            let (cells, columns) = (record.len(), head.width());
            intake.refuse(
                row,
                format!("it has {cells} cells, the header has {columns}"),
            )?;
            continue;
        }
        let mut imported = Imported::at(row);
        for ((cell, put), name) in record.iter().zip(&puts).zip(&head.columns) {
            if let Some(put) = put.filter(|_| !cell.is_empty()) {
                put(&mut imported, name, cell);
            }
        }
        if let Some(put) = layout.more {
            for cell in more {
                put(&mut imported, "field", cell);
            }
        }
        match (layout.finish)(&mut imported, &cells) {
            Some(reason) => intake.skip(row, reason)?,
            None if imported.is_blank() => intake.skip(row, "it is empty")?,
            None => intake.entry(imported)?,
        }
    }
    Ok(())
}
