//! What layouts have in common, and Apple's, which another has too.

use super::put::{field, notes, secret, title, totp, urls, username};
use super::{Cells, Layout};
use crate::import::ImportFormat;
use crate::model::transfer::import::Imported;

/// What layouts have in common where they say nothing else.
pub(crate) const PLAIN: Layout = Layout {
    format: ImportFormat::Csv,
    needs: &[],
    columns: &[],
    others: field,
    takes_others: true,
    more: None,
    headless: false,
    backslash: false,
    marks: |_| true,
    finish: |_, _| None,
};

pub(crate) const APPLE: Layout = Layout {
    format: ImportFormat::AppleCsv,
    needs: &["title", "url", "username", "password"],
    columns: &[
        ("title", title),
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("notes", notes),
        ("otpauth", totp),
    ],
    takes_others: false,
    finish: apple,
    ..PLAIN
};

/// Apple's titles end in the username.
fn apple(imported: &mut Imported, _: &Cells<'_>) -> Option<&'static str> {
    let end = imported
        .username
        .as_ref()
        .map(|username| format!(" ({username})"));
    if let Some(title) = end.and_then(|end| imported.title.strip_suffix(&end).map(str::to_owned)) {
        imported.title = title;
    }
    None
}
