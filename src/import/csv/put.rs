//! Where the cell of a column goes.

use crate::import::labels::is_plain;
use crate::import::times;
use crate::model::import::Imported;
use crate::model::secret::Secret;

pub(super) fn title(imported: &mut Imported, _: &str, cell: &str) {
    cell.clone_into(&mut imported.title);
}

/// The first one that is not blank.
pub(super) fn username(imported: &mut Imported, column: &str, cell: &str) {
    match &imported.username {
        None => imported.username = Some(cell.to_owned()),
        Some(other) if other != cell => imported.field(column, cell, false),
        Some(_) => {}
    }
}

/// A username where there is no other.
pub(super) fn email(imported: &mut Imported, column: &str, cell: &str) {
    username(imported, column, cell);
}

pub(super) fn secret(imported: &mut Imported, _: &str, cell: &str) {
    imported.secret = Some(Secret::new(cell.to_owned()));
}

pub(super) fn totp(imported: &mut Imported, _: &str, cell: &str) {
    imported.totp = Some(Secret::new(cell.to_owned()));
}

pub(super) fn notes(imported: &mut Imported, _: &str, cell: &str) {
    imported.note(cell);
}

/// One URL, or several with commas between them.
pub(super) fn urls(imported: &mut Imported, _: &str, cell: &str) {
    for part in cell.split(',') {
        let starts_one = part
            .trim_start()
            .split_once("://")
            .is_some_and(|(scheme, _)| {
                scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
            });
        match imported.urls.last_mut() {
            // A comma may stand in a URL.
            Some(last) if !starts_one => {
                last.push(',');
                last.push_str(part);
            }
            _ => imported.urls.push(part.to_owned()),
        }
    }
}

/// A folder and those in it, `A/B`.
pub(super) fn folder(imported: &mut Imported, _: &str, cell: &str) {
    imported.groups = cell.split('/').map(str::to_owned).collect();
}

/// `A\B`.
pub(super) fn backslashed_folder(imported: &mut Imported, _: &str, cell: &str) {
    imported.groups = cell.split('\\').map(str::to_owned).collect();
}

/// `Root/A/B`, where the root says nothing.
pub(super) fn rooted_folder(imported: &mut Imported, column: &str, cell: &str) {
    folder(imported, column, cell);
    imported.groups.drain(..1);
}

/// Several folders that it is in: the first one counts, the others become labels.
pub(super) fn collections(imported: &mut Imported, column: &str, cell: &str) {
    let (first, rest) = cell.split_once(',').unwrap_or((cell, ""));
    folder(imported, column, first);
    imported.tags.extend(rest.split(',').map(str::to_owned));
}

pub(super) fn tags(imported: &mut Imported, column: &str, cell: &str) {
    if cell.starts_with('{') {
        // A list in a notation of its own.
        return imported.field(column, cell, true);
    }
    let all = cell
        .split([',', ';'])
        .map(str::trim)
        .filter(|tag| !tag.is_empty());
    imported.tags.extend(all.map(str::to_owned));
}

/// A field that is shown if its label says that it may be.
pub(super) fn field(imported: &mut Imported, column: &str, cell: &str) {
    imported.field(column, cell, !is_plain(column));
}

pub(super) fn visible(imported: &mut Imported, column: &str, cell: &str) {
    imported.field(column, cell, false);
}

/// What means nothing here.
pub(super) fn nothing(_: &mut Imported, _: &str, _: &str) {}

pub(super) fn created_seconds(imported: &mut Imported, _: &str, cell: &str) {
    imported.created = times::seconds(cell);
}

pub(super) fn updated_seconds(imported: &mut Imported, _: &str, cell: &str) {
    imported.updated = times::seconds(cell);
}

pub(super) fn created_milliseconds(imported: &mut Imported, _: &str, cell: &str) {
    imported.created = times::milliseconds(cell);
}

pub(super) fn changed_milliseconds(imported: &mut Imported, _: &str, cell: &str) {
    imported.secret_since = times::milliseconds(cell);
}

pub(super) fn created(imported: &mut Imported, _: &str, cell: &str) {
    imported.created = times::rfc3339(cell);
}

pub(super) fn updated(imported: &mut Imported, _: &str, cell: &str) {
    imported.updated = times::rfc3339(cell);
}
