//! Where the cell of a column goes. What has one place only, such as the password, leaves it to the
//! first cell; further ones become fields under the names of their columns.

use jiff::Timestamp;

use crate::import::parts::labels::is_plain;
use crate::import::parts::times;
use crate::model::transfer::import::Imported;

pub(crate) fn title(imported: &mut Imported, column: &str, cell: &str) {
    imported.add_title(column, cell);
}

pub(crate) fn username(imported: &mut Imported, column: &str, cell: &str) {
    imported.add_username(column, cell);
}

pub(crate) fn secret(imported: &mut Imported, column: &str, cell: &str) {
    imported.add_secret(column, cell);
}

pub(crate) fn totp(imported: &mut Imported, column: &str, cell: &str) {
    imported.add_totp(column, cell);
}

pub(crate) fn notes(imported: &mut Imported, _: &str, cell: &str) {
    imported.note(cell);
}

/// One URL, or several with commas between them.
pub(crate) fn urls(imported: &mut Imported, _: &str, cell: &str) {
    let before = imported.urls.len();
    let over = imported.over;
    for part in cell.split(',') {
        let starts_one = part
            .trim_start()
            .split_once("://")
            .is_some_and(|(scheme, _)| {
                scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
            });
        let own = imported.urls.get_mut(before..).unwrap_or_default();
        match own.last_mut() {
            // A comma may stand in a URL.
            Some(last) if !starts_one && imported.over == over => {
                last.push(',');
                last.push_str(part);
            }
            _ => imported.add_url(part),
        }
    }
}

/// A folder and those in it, `A/B`.
pub(crate) fn folder(imported: &mut Imported, column: &str, cell: &str) {
    place(imported, column, cell, '/');
}

/// `A\B`.
pub(crate) fn backslashed_folder(imported: &mut Imported, column: &str, cell: &str) {
    place(imported, column, cell, '\\');
}

fn place(imported: &mut Imported, column: &str, cell: &str, between: char) {
    if imported.groups.is_empty() {
        cell.split(between)
            .for_each(|part| imported.add_group(part));
    } else if !cell.split(between).eq(imported.groups.iter()) {
        imported.field(column, cell, false);
    }
}

/// Several folders that it is in: the first one counts, the others become labels.
pub(crate) fn collections(imported: &mut Imported, column: &str, cell: &str) {
    let (first, rest) = cell.split_once(',').unwrap_or((cell, ""));
    folder(imported, column, first);
    let rest = rest.split(',').filter(|label| !label.is_empty());
    rest.for_each(|label| imported.add_tag(label));
}

pub(crate) fn tags(imported: &mut Imported, column: &str, cell: &str) {
    if cell.starts_with('{') {
        // A list in a notation of its own.
        return imported.field(column, cell, true);
    }
    let all = cell
        .split([',', ';'])
        .map(str::trim)
        .filter(|tag| !tag.is_empty());
    all.for_each(|tag| imported.add_tag(tag));
}

/// A field that is shown if its label says that it may be.
pub(crate) fn field(imported: &mut Imported, column: &str, cell: &str) {
    imported.field(column, cell, !is_plain(column));
}

pub(crate) fn visible(imported: &mut Imported, column: &str, cell: &str) {
    imported.field(column, cell, false);
}

/// The program's own book-keeping: ids, marks, what it shows.
pub(crate) fn nothing(_: &mut Imported, _: &str, _: &str) {}

/// Puts a time into its place; into a custom field if the text is not a time or the place is taken.
fn time(
    imported: &mut Imported,
    column: &str,
    cell: &str,
    place: CellPlace,
    time: Option<Timestamp>,
) {
    match (place(imported), time) {
        (slot @ None, Some(time)) => *slot = Some(time),
        (Some(same), Some(time)) if *same == time => {}
        _ => imported.field(column, cell, false),
    }
}

type CellPlace = fn(&mut Imported) -> &mut Option<Timestamp>;

pub(crate) fn created_seconds(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::seconds(cell);
    time(imported, column, cell, |made| &mut made.created, at);
}

pub(crate) fn updated_seconds(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::seconds(cell);
    time(imported, column, cell, |made| &mut made.updated, at);
}

pub(crate) fn created_milliseconds(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::milliseconds(cell);
    time(imported, column, cell, |made| &mut made.created, at);
}

pub(crate) fn changed_milliseconds(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::milliseconds(cell);
    time(imported, column, cell, |made| &mut made.secret_since, at);
}

pub(crate) fn created(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::rfc3339(cell);
    time(imported, column, cell, |made| &mut made.created, at);
}

pub(crate) fn updated(imported: &mut Imported, column: &str, cell: &str) {
    let at = times::rfc3339(cell);
    time(imported, column, cell, |made| &mut made.updated, at);
}
