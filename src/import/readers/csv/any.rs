//! Tables of programs that have no layout of their own: columns by the names that are usual.

use super::apple::PLAIN;
use super::put::{
    field, folder, notes, nothing, secret, tags, title, totp, urls, username, visible,
};
use super::{Cells, Layout, Put};
use crate::import::ImportFormat;
use crate::model::transfer::import::Imported;

/// Names of columns, and where their cells go.
const USUAL: &[(&str, Put)] = &[
    ("name", title),
    ("title", title),
    ("label", title),
    ("account", title),
    ("nickname", title),
    ("display_name", title),
    ("entry name", title),
    ("url", urls),
    ("urls", urls),
    ("website", urls),
    ("web site", urls),
    ("site url", urls),
    ("login_urls", urls),
    ("hostname", urls),
    ("origin_url", urls),
    ("domain", urls),
    ("username", username),
    ("user name", username),
    ("user", username),
    ("user id", username),
    ("login", username),
    ("login name", username),
    ("login_username", username),
    ("username_value", username),
    ("email", username),
    ("password", secret),
    ("pwd", secret),
    ("login_password", secret),
    ("password_value", secret),
    ("note", notes),
    ("notes", notes),
    ("comments", notes),
    ("additionalinfo", notes),
    ("totp", totp),
    ("otp", totp),
    ("otpauth", totp),
    ("otpsecret", totp),
    ("otpurl", totp),
    ("login_totp", totp),
    ("twofasecret", totp),
    ("folder", folder),
    ("group", folder),
    ("category", folder),
    ("!group_name", folder),
    ("rf_fields", roboform_field),
    ("tags", tags),
    ("favorite", nothing),
    ("uuid", visible),
    ("id", visible),
    ("!type", nothing),
    ("!group_id", nothing),
    ("!group_parent", nothing),
    // As people who write German name them.
    ("titel", title),
    ("bezeichnung", title),
    ("dienst", title),
    ("konto", title),
    ("benutzername", username),
    ("benutzer", username),
    ("benutzerkennung", username),
    ("nutzername", username),
    ("nutzer", username),
    ("anmeldename", username),
    ("e-mail", username),
    ("e-mail-adresse", username),
    ("email-adresse", username),
    ("passwort", secret),
    ("kennwort", secret),
    ("webseite", urls),
    ("webadresse", urls),
    ("internetadresse", urls),
    ("adresse", urls),
    ("notiz", notes),
    ("notizen", notes),
    ("anmerkung", notes),
    ("anmerkungen", notes),
    ("bemerkung", notes),
    ("bemerkungen", notes),
    ("kommentar", notes),
    ("kommentare", notes),
    ("ordner", folder),
    ("gruppe", folder),
    ("kategorie", folder),
    ("schlagwort", tags),
    ("schlagworte", tags),
    ("schlagw\u{f6}rter", tags),
    ("schlagwoerter", tags),
];

/// A table with a column for passwords, whatever that is called.
const ANY: Layout = Layout {
    format: ImportFormat::Csv,
    needs: &["password"],
    columns: USUAL,
    finish: without_folders,
    ..PLAIN
};

/// `NordPass`, which is the same with cards and folders.
pub(crate) const NORDPASS: Layout = Layout {
    format: ImportFormat::NordpassCsv,
    needs: &[
        "name",
        "url",
        "username",
        "password",
        "note",
        "cardholdername",
        "folder",
    ],
    ..ANY
};

/// `RoboForm`, which puts the fields of a form behind its last column.
pub(crate) const ROBOFORM: Layout = Layout {
    needs: &["name", "url", "login", "pwd", "note", "folder"],
    more: Some(roboform_field),
    ..ANY
};

/// Keeper, without a header.
const KEEPER: Layout = Layout {
    format: ImportFormat::KeeperCsv,
    needs: &[
        "folder",
        "title",
        "login",
        "password",
        "url",
        "notes",
        "shared folder",
    ],
    more: Some(field),
    headless: true,
    ..ANY
};

/// The layouts of tables that are read by what is usual.
pub(crate) const ALL: [Layout; 7] = [
    ANY,
    KEEPER,
    Layout {
        needs: &["pwd"],
        ..ANY
    },
    Layout {
        needs: &["login_password"],
        ..ANY
    },
    Layout {
        needs: &["password_value"],
        ..ANY
    },
    Layout {
        needs: &["passwort"],
        ..ANY
    },
    Layout {
        needs: &["kennwort"],
        ..ANY
    },
];

/// Buttercup says that a row is a folder; with `NordPass` it has a name and nothing else.
fn without_folders(_: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    let is_folder = cells.get("!type") == "group"
        || cells.get("type") == "folder"
        || (cells.has("cardholdername") && cells.filled() == 1);
    is_folder.then_some("it is a folder")
}

/// `Label$:kind:value`; what is the username or the password once more is passed over.
fn roboform_field(imported: &mut Imported, _: &str, cell: &str) {
    let Some((label, rest)) = cell.split_once("$:") else {
        return imported.field("field", cell, true);
    };
    let value = rest.split_once(':').map_or(rest, |(_, value)| value);
    let known = imported.username.as_deref() == Some(value)
        || imported
            .secret
            .as_ref()
            .is_some_and(|secret| secret.expose() == value);
    if !known {
        imported.field(label, value, true);
    }
}
