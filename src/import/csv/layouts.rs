//! The columns of each program, as found in exports and in what the programs document. The first
//! layout that fits a header is taken: those that say more about themselves come first.

use super::put::{
    backslashed_folder, changed_milliseconds, collections, created, created_milliseconds,
    created_seconds, field, folder, notes, nothing, rooted_folder, secret, title, totp, updated,
    updated_seconds, urls, username, visible,
};
use super::{Cells, Layout, any, one_password};
use crate::import::Format;
use crate::import::labels::is_plain;
use crate::import::protonpass;
use crate::model::import::Imported;

/// Every layout.
pub(super) const ALL: [Layout; 15] = [
    any::NORDPASS,
    any::ROBOFORM,
    FIREFOX,
    FIREFOX_EXPORTER,
    BITWARDEN,
    LASTPASS,
    PROTON_PASS,
    KEEPASSXC,
    KEEPASS_1,
    one_password::VERSION_8,
    one_password::VERSION_MAC,
    one_password::VERSION_ALL,
    APPLE,
    one_password::VERSION_4,
    CHROME,
];

const CHROME: Layout = Layout {
    format: Format::ChromeCsv,
    needs: &["name", "url", "username", "password"],
    columns: &[
        ("name", title),
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("note", notes),
        ("notes", notes),
    ],
    others: None,
    more: None,
    headless: false,
    backslash: false,
    finish: keep,
};

const FIREFOX: Layout = Layout {
    format: Format::FirefoxCsv,
    needs: &["url", "username", "password", "formactionorigin", "guid"],
    columns: &[
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("httprealm", visible),
        ("timecreated", created_milliseconds),
        ("timepasswordchanged", changed_milliseconds),
    ],
    others: Some(nothing),
    more: None,
    headless: false,
    backslash: false,
    finish: titled_by_url,
};

/// What the add-on FF Password Exporter writes.
const FIREFOX_EXPORTER: Layout = Layout {
    format: Format::FirefoxCsv,
    needs: &["hostname", "username", "password"],
    columns: &[
        ("hostname", urls),
        ("username", username),
        ("password", secret),
        ("httprealm", visible),
        ("formsubmiturl", nothing),
    ],
    others: None,
    more: None,
    headless: false,
    backslash: false,
    finish: titled_by_url,
};

const BITWARDEN: Layout = Layout {
    format: Format::BitwardenCsv,
    needs: &[
        "type",
        "name",
        "login_uri",
        "login_username",
        "login_password",
    ],
    columns: &[
        ("folder", folder),
        ("collections", collections),
        ("favorite", nothing),
        ("reprompt", nothing),
        ("type", nothing),
        ("name", title),
        ("notes", notes),
        ("fields", bitwarden_fields),
        ("login_uri", urls),
        ("login_username", username),
        ("login_password", secret),
        ("login_totp", totp),
    ],
    others: Some(field),
    more: None,
    headless: false,
    backslash: false,
    finish: keep,
};

const LASTPASS: Layout = Layout {
    format: Format::LastpassCsv,
    needs: &["url", "username", "password", "extra", "name", "grouping"],
    columns: &[
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("totp", totp),
        ("extra", lastpass_extra),
        ("name", title),
        ("grouping", backslashed_folder),
        ("fav", nothing),
    ],
    others: Some(field),
    more: None,
    headless: false,
    backslash: false,
    finish: lastpass,
};

const PROTON_PASS: Layout = Layout {
    format: Format::ProtonpassCsv,
    needs: &[
        "type", "name", "url", "username", "password", "note", "totp",
    ],
    columns: &[
        ("type", nothing),
        ("name", title),
        ("url", urls),
        ("username", username),
        ("email", nothing),
        ("password", secret),
        ("note", nothing),
        ("totp", totp),
        ("createtime", created_seconds),
        ("modifytime", updated_seconds),
        ("vault", folder),
    ],
    others: Some(field),
    more: None,
    headless: false,
    backslash: false,
    finish: proton_pass,
};

/// `KeePassXC`, and `KeePassX` 2 with fewer columns.
const KEEPASSXC: Layout = Layout {
    format: Format::KeepassxcCsv,
    needs: &["group", "title", "username", "password", "url", "notes"],
    columns: &[
        ("group", rooted_folder),
        ("title", title),
        ("username", username),
        ("password", secret),
        ("url", urls),
        ("notes", notes),
        ("totp", totp),
        ("icon", nothing),
        ("last modified", updated),
        ("created", created),
    ],
    others: Some(field),
    more: None,
    headless: false,
    backslash: false,
    finish: keep,
};

/// `KeePass` 1, which `KeePass` 2 writes too.
const KEEPASS_1: Layout = Layout {
    format: Format::KeepassxcCsv,
    needs: &["account", "login name", "password", "web site", "comments"],
    columns: &[
        ("account", title),
        ("login name", username),
        ("password", secret),
        ("web site", urls),
        ("comments", notes),
    ],
    others: None,
    more: None,
    headless: false,
    backslash: false,
    finish: keep,
};

pub(super) const APPLE: Layout = Layout {
    format: Format::AppleCsv,
    needs: &["title", "url", "username", "password"],
    columns: &[
        ("title", title),
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("notes", notes),
        ("otpauth", totp),
    ],
    others: None,
    more: None,
    headless: false,
    backslash: false,
    finish: apple,
};

pub(super) fn keep(_: &mut Imported, _: &Cells<'_>) -> Option<&'static str> {
    None
}

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

/// Firefox knows no titles; a "URL" without a host is one.
fn titled_by_url(imported: &mut Imported, _: &Cells<'_>) -> Option<&'static str> {
    if let Some(url) = imported.urls.first()
        && !url.contains("://")
    {
        imported.title.clone_from(url);
    }
    None
}

/// `name: value`, a line each; a line without a name goes on with the value before.
fn bitwarden_fields(imported: &mut Imported, _: &str, cell: &str) {
    labelled_lines(imported, cell, ": ", false);
}

fn labelled_lines(imported: &mut Imported, text: &str, between: &str, notes: bool) {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut in_notes = false;
    for line in text.lines() {
        let labelled = line.split_once(between).filter(|_| !in_notes);
        match (labelled, found.last_mut()) {
            (Some((label, value)), _) => {
                in_notes = notes && label == "Notes";
                found.push((label.to_owned(), value.to_owned()));
            }
            (None, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            (None, None) => found.push(("field".into(), line.to_owned())),
        }
    }
    for (label, value) in found {
        match label.as_str() {
            "Notes" if notes => imported.note(&value),
            // A comma alone is a date that was left empty.
            _ if value == "," => {}
            label => imported.field(label, &value, !is_plain(label)),
        }
    }
}

/// A note, or the fields of a card, a server, an identity…
fn lastpass_extra(imported: &mut Imported, column: &str, cell: &str) {
    if cell.starts_with("NoteType:") {
        labelled_lines(imported, cell, ":", true);
    } else {
        notes(imported, column, cell);
    }
}

fn lastpass(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    match cells.get("url") {
        "http://group" => return Some("it is a folder"),
        // How LastPass marks what is no login.
        "http://sn" | "http://" => imported.urls.clear(),
        _ => {}
    }
    None
}

fn proton_pass(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    let email = cells.get("email");
    if !email.is_empty() {
        username(imported, "email", email);
    }
    let (kind, note) = (cells.get("type"), cells.get("note"));
    if !protonpass::structured_note(imported, kind, note) {
        imported.note(note);
    }
    if cells.get("vault") == "Personal" {
        imported.groups.clear();
    }
    None
}
