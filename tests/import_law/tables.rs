//! Tables, in the dialect of each program.

use proptest::prelude::*;
use vault::import::{ImportFormat, Source};
use vault::model::text::limits::{FIELD_BYTES, SECRET_BYTES};

use crate::law::{cell, import, text};

/// Headers of programs; the others of a program are its book-keeping.
const HEADERS: [(ImportFormat, &str); 12] = [
    (ImportFormat::ChromeCsv, "name,url,username,password,note"),
    (
        ImportFormat::FirefoxCsv,
        "url,username,password,httpRealm,formActionOrigin,guid",
    ),
    (
        ImportFormat::AppleCsv,
        "Title,URL,Username,Password,Notes,OTPAuth",
    ),
    (
        ImportFormat::BitwardenCsv,
        "folder,type,name,notes,fields,login_uri,login_username,login_password,login_totp",
    ),
    (
        ImportFormat::OnePasswordCsv,
        "Title,Url,Username,Password,OTPAuth,Archived,Tags,Notes",
    ),
    (
        ImportFormat::LastpassCsv,
        "url,username,password,totp,extra,name,grouping",
    ),
    (
        ImportFormat::KeepassxcCsv,
        "Group,Title,Username,Password,URL,Notes,TOTP",
    ),
    (
        ImportFormat::KeepassxcCsv,
        "Account,Login Name,Password,Web Site,Comments",
    ),
    (
        ImportFormat::ProtonpassCsv,
        "type,name,url,email,username,password,note,totp,vault",
    ),
    (
        ImportFormat::NordpassCsv,
        "name,url,username,password,note,cardholdername,folder",
    ),
    (
        ImportFormat::Csv,
        "title,name,user,login,email,pwd,password,otp,totp,folder,group,tags,url,website,notes,comments,door",
    ),
    (
        ImportFormat::Csv,
        "Titel,Ordner,Benutzername,E-Mail,Passwort,Adresse,Notizen,Anmerkungen,Schlagw\u{f6}rter,Raum",
    ),
];

/// Columns that hold what the program keeps for itself.
const BOOKKEEPING: [&str; 4] = ["guid", "formActionOrigin", "type", "Archived"];

const FURTHER: [&str; 8] = [
    "password",
    "Name",
    "url",
    "notes",
    "colour",
    "PIN",
    "",
    "a very odd: column/name \u{e9}",
];

/// Labels of Enpass, and others.
const ENPASS: [&str; 10] = [
    "Username",
    "E-mail",
    "Password",
    "Password*",
    "URL",
    "Website",
    "One-time code",
    "PIN",
    "door",
    "",
];

type Row = Vec<((String, String), bool)>;

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let blank = || prop::bool::weighted(0.25);
    prop::collection::vec(prop::collection::vec((text(), blank()), 22), 1..5)
}

/// The table as its program writes it, with what stands in each row.
fn table(
    columns: &[&str],
    rows: &[Row],
    backslash: bool,
    delimiter: &str,
) -> (String, Vec<Vec<String>>) {
    let quoted = |cell: &str| {
        let inner = if backslash {
            cell.replace('\\', "\\\\").replace('"', "\\\"")
        } else {
            cell.replace('"', "\"\"")
        };
        format!("\"{inner}\"")
    };
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        cells.join(delimiter) + "\r\n"
    };
    let head: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
    let mut text = line(&head);
    let mut all = Vec::new();
    for (row, cells) in rows.iter().enumerate() {
        let cells = columns.iter().enumerate().zip(cells);
        let cells: Vec<String> = cells
            .map(|((column, _), (text, blank))| cell(&format!("r{row}c{column}q"), text, *blank))
            .collect();
        text += &line(&cells);
        all.push(cells);
    }
    (text, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn each_cell_of_a_table_is_kept_or_its_row_is_told(
        at in 0..HEADERS.len(),
        further in prop::collection::vec(0..FURTHER.len(), 0..4),
        rows in rows(),
        told in prop::option::of(prop::sample::select(&[",", ";", "\t", "|"])),
    ) {
        let (format, header) = HEADERS[at];
        let mut columns: Vec<&str> = header.split(',').collect();
        columns.extend(further.iter().map(|at| FURTHER[*at]));
        let backslash = header.starts_with("Account");
        let (mut text, cells) = table(&columns, &rows, backslash, told.unwrap_or(","));
        if let Some(delimiter) = told {
            text.insert_str(0, &format!("sep={delimiter}\r\n"));
        }
        let outcome = import(format, &Source::file(text.as_bytes())).unwrap();
        for (row, cells) in (2..).zip(&cells) {
            let named = columns.iter().zip(cells);
            for (_, cell) in named.filter(|(name, _)| !BOOKKEEPING.contains(name)) {
                outcome.keeps_or_tells(row, cell);
            }
            let is_password = |name: &str| ["password", "pwd", "login_password", "passwort"].contains(&&*name.to_lowercase());
            let own = header.split(',').zip(cells);
            let mut passwords = own.filter(|(name, cell)| is_password(name) && !cell.is_empty());
            if let Some((_, first)) = passwords.next() {
                outcome.has_secret_or_tells(row, first);
            }
        }
    }

    #[test]
    fn each_cell_of_enpasss_pairs_is_kept_or_its_row_is_told(
        rows in rows(),
        labels in prop::collection::vec(prop::sample::select(&ENPASS), 11),
        has_header: bool,
    ) {
        let mut text = String::new();
        if has_header {
            text.push_str("Title,Field,Value,Field,Value,...,Note\n");
        }
        let mut all = Vec::new();
        for (row, cells) in rows.iter().enumerate() {
            let values = cells.iter().enumerate().map(|(column, (text, blank))| {
                cell(&format!("r{row}c{column}q"), text, *blank)
            });
            let mut values: Vec<String> = values.collect();
            for (at, label) in (1..values.len() - 1).step_by(2).zip(&labels) {
                (*label).clone_into(&mut values[at]);
            }
            let line = values.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
            text.push_str(&line.collect::<Vec<_>>().join(","));
            text.push('\n');
            all.push(values);
        }
        let outcome = import(ImportFormat::EnpassCsv, &Source::file(text.as_bytes())).unwrap();
        for (row, cells) in (1 + u64::from(has_header)..).zip(&all) {
            let labels = |at: usize| at % 2 == 1 && at < cells.len() - 1;
            let values = cells.iter().enumerate().filter(|(at, _)| !labels(*at));
            for (_, value) in values {
                outcome.keeps_or_tells(row, value);
            }
        }
    }

    #[test]
    fn no_text_is_a_table_that_loses_a_row_in_silence(text in "([a-z]{0,3}|[\",;\n\\\\]){0,40}") {
        let text = format!("name,url,username,password\n{text}");
        if let Ok(outcome) = import(ImportFormat::ChromeCsv, &Source::file(text.as_bytes())) {
            for (row, line) in (2..).zip(text.lines().skip(1).filter(|line| !line.is_empty())) {
                if !text.contains('"') {
                    line.split(',').for_each(|cell| outcome.keeps_or_tells(row, cell));
                }
            }
        }
    }
}

#[test]
fn values_past_the_limits_are_kept_or_told() {
    for (format, header) in HEADERS {
        let columns: Vec<&str> = header.split(',').collect();
        for (at, name) in columns.iter().enumerate() {
            let mut sizes = vec![FIELD_BYTES + 1];
            if format == ImportFormat::Csv && ["title", "password", "notes"].contains(name) {
                sizes.push(SECRET_BYTES + 1);
            }
            for size in sizes.into_iter().filter(|_| !BOOKKEEPING.contains(name)) {
                let long = format!("start{}end", "x".repeat(size));
                let cell = |column| if column == at { &*long } else { "v" };
                let cells: Vec<&str> = (0..columns.len()).map(cell).collect();
                let text = format!("{header}\n{}\n", cells.join(","));
                let outcome = import(format, &Source::file(text.as_bytes())).unwrap();
                outcome.keeps_or_tells(2, &long);
            }
        }
    }
}
