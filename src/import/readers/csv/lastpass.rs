//! The forms that `LastPass` keeps in its notes: `NoteType:Server`, then a label a line.
//!
//! Only labels that the form has part its text, and below `Notes:` everything is the note: a line
//! of a key or of a note may look like a label.

use super::put;
use crate::import::parts::labels::is_plain;
use crate::import::parts::lines::{labelled, plain_lines};
use crate::model::transfer::import::Imported;

const START: &str = "NoteType:";

/// The forms and their labels, besides `NoteType`, `Language` and `Notes`.
const FORMS: [(&str, &str); 17] = [
    (
        "Address",
        "Title|First Name|Middle Name|Last Name|Username|Gender|Birthday|Company|Address 1|\
         Address 2|Address 3|City / Town|County|State|Zip / Postal Code|Country|Timezone|\
         Email Address|Phone|Evening Phone|Mobile Phone|Fax",
    ),
    (
        "Bank Account",
        "Bank Name|Account Type|Routing Number|Account Number|SWIFT Code|IBAN Number|Pin|\
         Branch Address|Branch Phone",
    ),
    (
        "Credit Card",
        "Name on Card|Type|Number|Security Code|Start Date|Expiration Date",
    ),
    (
        "Database",
        "Type|Hostname|Port|Database|Username|Password|SID|Alias",
    ),
    (
        "Driver's License",
        "Number|Expiration Date|License Class|Name|Address|City / Town|State|ZIP / Postal Code|\
         Country|Date of Birth|Sex|Height",
    ),
    (
        "Email Account",
        "Username|Password|Server|Port|Type|SMTP Server|SMTP Port",
    ),
    (
        "Health Insurance",
        "Company|Company Phone|Policy Type|Policy Number|Group ID|Member Name|Member ID|\
         Physician Name|Physician Phone|Physician Address|Co-pay",
    ),
    ("Instant Messenger", "Type|Username|Password|Server|Port"),
    (
        "Insurance",
        "Company|Policy Type|Policy Number|Expiration|Agent Name|Agent Phone|URL",
    ),
    (
        "Membership",
        "Organization|Membership Number|Member Name|Start Date|Expiration Date|Website|Telephone|\
         Password",
    ),
    (
        "Passport",
        "Type|Name|Country|Number|Sex|Nationality|Issuing Authority|Date of Birth|Issued Date|\
         Expiration Date",
    ),
    ("Server", "Hostname|Username|Password"),
    ("Social Security", "Name|Number"),
    (
        "Software License",
        "License Key|Licensee|Version|Publisher|Support Email|Website|Price|Purchase Date|\
         Order Number|Number of Licenses|Order Total",
    ),
    (
        "SSH Key",
        "Bit Strength|Format|Passphrase|Private Key|Public Key|Hostname|Date",
    ),
    (
        "Wi-Fi Password",
        "SSID|Password|Connection Type|Connection Mode|Authentication|Encryption|Use 802.1X|\
         FIPS Mode|Key Type|Protected|Key Index",
    ),
    ("Generic", ""),
];

/// A note, or one of the forms.
pub(crate) fn extra(imported: &mut Imported, column: &str, cell: &str) {
    let plain = plain_lines(cell);
    let cell = plain.as_str();
    let kind = cell
        .strip_prefix(START)
        .and_then(|rest| rest.lines().next());
    let Some(kind) = kind.map(str::trim) else {
        return put::notes(imported, column, cell);
    };
    let (form, notes) = parts(cell);
    let known = FORMS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let labels = known.map(|(_, labels)| *labels);
    if labels.is_none() && !every_line_has_a_label(form) {
        // A form that somebody made: what its labels are is not certain.
        imported.field("form", cell, true);
        return;
    }
    let label = |line| -> Option<(&str, &str)> {
        let (label, value) = str::split_once(line, ':')?;
        let is_own = labels.is_none_or(|own| own.split('|').any(|own| own == label));
        (is_own || matches!(label, "NoteType" | "Language")).then_some((label, value))
    };
    for (label, value) in labelled(form, label) {
        fill(imported, label.unwrap_or("form"), &value);
    }
    imported.note(notes);
}

/// The form, and what is below `Notes:`.
fn parts(cell: &str) -> (&str, &str) {
    let start = cell.find("\nNotes:").unwrap_or(cell.len());
    let (form, rest) = cell.split_at(start);
    let notes = rest.strip_prefix("\nNotes:").unwrap_or(rest);
    (form, notes.trim_matches('\n'))
}

fn every_line_has_a_label(form: &str) -> bool {
    let is_label = |line: &str| {
        line.split_once(':')
            .is_some_and(|(label, _)| !label.is_empty() && label.len() <= 64)
    };
    !form.contains("-----BEGIN ") && form.lines().all(is_label)
}

fn fill(imported: &mut Imported, label: &str, value: &str) {
    let value = value.trim_start_matches('\n');
    match label {
        // A comma alone is a date that was left empty.
        _ if value == "," => {}
        "Password" | "Passphrase" => add(imported, label, value, Imported::add_secret),
        "Username" => add(imported, label, value, Imported::add_username),
        "URL" | "Website" => imported.add_url(value),
        _ => imported.field(label, value, !is_plain(label)),
    }
}

fn add(imported: &mut Imported, label: &str, value: &str, place: fn(&mut Imported, &str, &str)) {
    if !value.trim().is_empty() {
        place(imported, label, value);
    }
}
