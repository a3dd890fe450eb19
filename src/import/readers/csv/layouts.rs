//! The columns of each program, as found in exports and in what the programs document. The first
//! layout that fits a header is taken: those that say more about themselves come first.

use super::apple::{APPLE, PLAIN};
use super::put::{
    backslashed_folder, changed_milliseconds, collections, created, created_milliseconds,
    created_seconds, folder, notes, nothing, secret, title, totp, updated, updated_seconds, urls,
    username, visible,
};
use super::{Cells, Layout, any, lastpass, one_password};
use crate::import::ImportFormat;
use crate::import::parts::labels::is_plain;
use crate::import::parts::lines::{labelled, plain_lines};
use crate::import::readers::protonpass;
use crate::model::transfer::import::Imported;

/// Every layout.
pub(crate) const ALL: [Layout; 15] = [
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
    format: ImportFormat::ChromeCsv,
    needs: &["name", "url", "username", "password"],
    columns: &[
        ("name", title),
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("note", notes),
        ("notes", notes),
    ],
    takes_others: false,
    ..PLAIN
};

const FIREFOX: Layout = Layout {
    format: ImportFormat::FirefoxCsv,
    needs: &["url", "username", "password", "formactionorigin", "guid"],
    columns: &[
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("httprealm", visible),
        ("timecreated", created_milliseconds),
        ("timepasswordchanged", changed_milliseconds),
        ("timelastused", nothing),
        ("formactionorigin", nothing),
        ("guid", nothing),
    ],
    finish: firefox,
    ..PLAIN
};

/// What the add-on FF Password Exporter writes.
const FIREFOX_EXPORTER: Layout = Layout {
    format: ImportFormat::FirefoxCsv,
    needs: &["hostname", "username", "password"],
    columns: &[
        ("hostname", urls),
        ("username", username),
        ("password", secret),
        ("httprealm", visible),
        ("formsubmiturl", nothing),
    ],
    takes_others: false,
    finish: firefox,
    ..PLAIN
};

const BITWARDEN: Layout = Layout {
    format: ImportFormat::BitwardenCsv,
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
    ..PLAIN
};

const LASTPASS: Layout = Layout {
    format: ImportFormat::LastpassCsv,
    needs: &["url", "username", "password", "extra", "name", "grouping"],
    columns: &[
        ("url", urls),
        ("username", username),
        ("password", secret),
        ("totp", totp),
        ("extra", lastpass::extra),
        ("name", title),
        ("grouping", backslashed_folder),
        ("fav", nothing),
    ],
    finish: lastpass_mark,
    ..PLAIN
};

const PROTON_PASS: Layout = Layout {
    format: ImportFormat::ProtonpassCsv,
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
    finish: proton_pass,
    ..PLAIN
};

/// `KeePassXC`, and `KeePassX` 2 with fewer columns.
const KEEPASSXC: Layout = Layout {
    format: ImportFormat::KeepassxcCsv,
    needs: &["group", "title", "username", "password", "url", "notes"],
    columns: &[
        ("group", folder),
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
    marks: is_keepassxc,
    finish: without_root,
    ..PLAIN
};

/// `KeePass` 1, which `KeePass` 2 writes too.
const KEEPASS_1: Layout = Layout {
    format: ImportFormat::KeepassxcCsv,
    needs: &["account", "login name", "password", "web site", "comments"],
    columns: &[
        ("account", title),
        ("login name", username),
        ("password", secret),
        ("web site", urls),
        ("comments", notes),
    ],
    takes_others: false,
    backslash: true,
    ..PLAIN
};

/// The columns that every version has in this order; other programs have them in another.
const KEEPASSXC_ORDER: [&str; 6] = ["group", "title", "username", "password", "url", "notes"];

fn is_keepassxc(columns: &[String]) -> bool {
    let own = |name: &str| columns.iter().any(|column| column == name);
    let in_order = (columns.iter())
        .zip(KEEPASSXC_ORDER)
        .all(|(column, name)| column == name);
    in_order || (own("icon") && own("last modified"))
}

/// The group that all are in says nothing, where it is certain to be that.
fn without_root(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    const ROOTS: [&str; 4] = ["Root", "Passwords", "Database", "NewDatabase"];
    let is_new = cells.has("icon") && cells.has("last modified");
    let is_root = |group: &String| is_new || ROOTS.contains(&group.as_str());
    if imported.groups.first().is_some_and(is_root) {
        imported.groups.remove(0);
    }
    None
}

/// Its own key for synchronising stands among the passwords.
fn firefox(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    let place = [cells.get("url"), cells.get("hostname")];
    if place.contains(&"chrome://FirefoxAccounts") {
        return Some("it is Firefox's own key for synchronising");
    }
    // Where the form goes to says something where that is another site.
    for target in [cells.get("formactionorigin"), cells.get("formsubmiturl")] {
        let target = target.trim_end_matches('/');
        let is_same = |url: &&str| {
            let rest = url.strip_prefix(target);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !place.iter().any(is_same) {
            imported.field("form action", target, false);
        }
    }
    titled_by_url(imported, cells)
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
    for (label, value) in labelled(&plain_lines(cell), |line| line.split_once(": ")) {
        let label = label.unwrap_or("field");
        if value.trim().is_empty() {
            // Its name is lost with it, and may hold anything.
            imported.told.push("a field without a value".to_owned());
        }
        imported.field(label, &value, !is_plain(label));
    }
}

fn lastpass_mark(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    match cells.get("url") {
        "http://group" => return Some("it is a folder"),
        // How LastPass marks what is no login.
        mark @ ("http://sn" | "http://") => imported.urls.retain(|url| url != mark),
        _ => {}
    }
    None
}

fn proton_pass(imported: &mut Imported, cells: &Cells<'_>) -> Option<&'static str> {
    // Behind the column of usernames, which comes first where there are both.
    for email in cells.all("email").filter(|cell| !cell.is_empty()) {
        username(imported, "email", email);
    }
    for note in cells.all("note") {
        protonpass::note_of_table(imported, cells.get("type"), note);
    }
    if cells.get("vault") == "Personal" {
        imported.groups.clear();
    }
    None
}
