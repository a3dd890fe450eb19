//! The tables of 1Password: each version has had columns of its own.

use super::apple::{APPLE, PLAIN};
use super::put::{
    created_seconds, folder, notes, nothing, secret, tags, title, totp, updated_seconds, urls,
    username,
};
use super::{Cells, Layout};
use crate::import::ImportFormat;
use crate::import::parts::labels::is_plain;
use crate::model::transfer::import::Imported;

pub(crate) const VERSION_8: Layout = Layout {
    format: ImportFormat::OnePasswordCsv,
    needs: &[
        "title", "url", "username", "password", "otpauth", "archived",
    ],
    columns: &[
        ("title", title),
        ("url", urls),
        ("website", urls),
        ("username", username),
        ("password", secret),
        ("otpauth", totp),
        ("favorite", nothing),
        ("archived", nothing),
        ("tags", tags),
        ("notes", notes),
    ],
    finish: one_password_8,
    ..PLAIN
};

/// 1Password 7 on a Mac: `label(id)`, quotation marks escaped by backslashes. Which columns there
/// are depends on what was exported.
pub(crate) const VERSION_MAC: Layout = Layout {
    format: ImportFormat::OnePasswordCsv,
    needs: &["title", "type"],
    columns: &[
        ("title", title),
        ("type", nothing),
        ("scope", nothing),
        ("username", username),
        ("username(username)", username),
        ("password", secret),
        ("password(password)", secret),
        ("url", urls),
        ("url(url)", urls),
        ("notes", notes),
        ("tags", one_password_tags),
        ("created date", created_seconds),
        ("modified date", updated_seconds),
    ],
    others: one_password_field,
    marks: |columns| columns.iter().any(|name| has_id(name)),
    backslash: true,
    ..PLAIN
};

/// 1Password 6 and 7 with all fields, 7 on Windows too.
pub(crate) const VERSION_ALL: Layout = Layout {
    format: ImportFormat::OnePasswordCsv,
    needs: &["title", "uuid"],
    columns: &[
        ("title", title),
        ("type", one_password_type),
        ("username", username),
        ("password", secret),
        ("url", urls),
        ("urls", one_password_urls),
        ("notes", notes),
        ("tags", tags),
        ("uuid", nothing),
        ("scope", nothing),
        ("autosubmit", nothing),
        ("ainfo", username),
    ],
    others: one_password_field,
    marks: is_all,
    ..PLAIN
};

/// 1Password 4. The same as Apple's, which is what it is taken for unless it is named.
pub(crate) const VERSION_4: Layout = Layout {
    format: ImportFormat::OnePasswordCsv,
    ..APPLE
};

fn one_password_8(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    if cells.get("archived").eq_ignore_ascii_case("true") {
        imported.tags.push("archived".into());
    }
    None
}

/// Cards alone have none of the columns of logins.
fn is_all(columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column == name);
    (has("scope") && has("notes"))
        || ["username", "password", "url", "notes"]
            .into_iter()
            .all(has)
}

/// Whether a column is called `label(id)`.
fn has_id(name: &str) -> bool {
    name.ends_with(')') && name.find('(').is_some_and(|at| at > 0)
}

/// `{( "A", "B" )}`, as a Mac prints a list.
fn one_password_tags(imported: &mut Imported, _: &str, cell: &str) {
    let inner = cell
        .trim_start_matches(['{', '('])
        .trim_end_matches(['}', ')']);
    let tags = inner.split(',').map(|tag| tag.trim().trim_matches('"'));
    imported
        .tags
        .extend(tags.filter(|tag| !tag.is_empty()).map(str::to_owned));
}

/// A category of 1Password's own says nothing about whose it is.
fn one_password_type(imported: &mut Imported, column: &str, cell: &str) {
    const CATEGORIES: [&str; 21] = [
        "API Credential",
        "Bank Account",
        "Credit Card",
        "Crypto Wallet",
        "Database",
        "Document",
        "Driver License",
        "Email Account",
        "Identity",
        "Login",
        "Medical Record",
        "Membership",
        "Outdoor License",
        "Passport",
        "Password",
        "Reward Program",
        "SSH Key",
        "Secure Note",
        "Server",
        "Social Security Number",
        "Software License",
    ];
    if !CATEGORIES.contains(&cell) {
        folder(imported, column, cell);
    }
}

/// All URLs, the first of which has a column of its own.
fn one_password_urls(imported: &mut Imported, _: &str, cell: &str) {
    let urls = cell.lines().flat_map(|line| line.split(", "));
    urls.for_each(|url| imported.add_url(url));
}

/// `label(id)`, `SECTION 2: label` and `label` alone.
fn one_password_field(imported: &mut Imported, column: &str, cell: &str) {
    let lower = column.to_lowercase();
    if lower.starts_with("section") && !lower.contains(" 1: ") {
        // Titles of sections.
        imported.field("section", cell, false);
        return;
    }
    let label = column.rsplit_once(": ").map_or(column, |(_, label)| label);
    let label = match label.rsplit_once('(') {
        Some((label, id)) if id.ends_with(')') && !label.is_empty() => label,
        _ => label,
    };
    imported.field(label, cell, !is_plain(label));
}
