//! The program itself, and what other programs have left about.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::MachineFacts;
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::text::quote::as_word;

/// The version of this program, and the day on which it came out. The time of the program's file says
/// only when that was copied here, and one that a build wrote in would make each build another.
pub const RELEASE: (&str, Date) = ("0.1.0", date(2026, 11, 29));
/// How old a program may be before it lacks too much of what was mended since.
const OLD: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Parts of the names that programs give to what they export, in lower case.
const EXPORTED: [&str; 19] = [
    "1password",
    "bitwarden",
    "credentials",
    "dashlane",
    "enpass",
    "keepass",
    "keeper",
    "kennw",
    "lastpass",
    "logins",
    "nordpass",
    "passwd",
    "password",
    "passwort",
    "passw\u{f6}rter",
    "proton pass",
    "roboform",
    "vault",
    "zugangsdaten",
];
/// The ends of such names. A `.kdbx` is encrypted.
const READABLE: [&str; 8] = ["1pif", "1pux", "csv", "html", "json", "txt", "xml", "zip"];

/// Whether a file is called like passwords that another program has exported.
#[must_use]
pub fn looks_exported(name: &str) -> bool {
    let name = name.to_lowercase();
    let Some((stem, end)) = name.rsplit_once('.') else {
        return false;
    };
    let is_1password = end.starts_with("1p");
    READABLE.contains(&end) && (is_1password || EXPORTED.iter().any(|part| stem.contains(part)))
}

pub(crate) fn exports(facts: &MachineFacts) -> Examined {
    let good = "no passwords that another program exported lie in Downloads or on the desktop";
    Rule::over(
        ("exports", "exports"),
        good,
        &facts.exports,
        |rule, files| {
            for file in files {
                let message = "by its name it holds passwords that another program exported";
                let word = as_word(file);
                let fix =
                    format!("take it in: vault import {word}; delete it once all of it is there");
                rule.find(Level::Medium, file, message, &fix);
            }
        },
    )
}

pub(crate) fn age(facts: &MachineFacts) -> Examined {
    let mut rule = Rule::new("program-age", "this version came out within a year");
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    let age = today.duration_since(facts.released);
    if age > OLD {
        let days = age.as_hours() / 24;
        let message = format!(
            "this version is of {}, {days} days ago: what was mended since is missing",
            facts.released
        );
        let fix = "look for a newer one, and install that";
        rule.find(Level::Low, "program", message, fix);
    }
    rule.0
}

/// Another program with this one's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namesake {
    /// Where it lies.
    pub path: String,
    /// Whether a shell starts it, and not this one.
    pub is_first: bool,
}

pub(crate) fn shadowed(facts: &MachineFacts) -> Examined {
    let good = "PATH leads to this program first, from wherever it is called";
    Rule::over(
        ("path", "program"),
        good,
        &facts.namesakes,
        |rule, others| {
            for other in others {
                let (level, message, fix) = if other.is_first {
                    let message = "whoever types its name starts this other program, and may give \
                                   it a password";
                    let fix = "put the folder of this one before it in PATH";
                    (Level::Medium, message, fix)
                } else {
                    let message = "this other program has the same name: where PATH is another, as \
                                   for an editor or a timer, it is started in this one's place";
                    let fix = "link this one to a name of its own and use that; it is then what \
                               hints and completions say too";
                    (Level::Low, message, fix)
                };
                rule.find(level, &other.path, message, fix);
            }
            for part in &facts.open_path_parts {
                let (part, is) = match part.as_str() {
                    "" => ("an empty part", "is the folder that you are in"),
                    "." => (".", "is the folder that you are in"),
                    part => (part, "depends on the folder that you are in"),
                };
                let message = format!(
                    "in PATH {part} {is}: a file that lies there is started by a command's name"
                );
                let fix = "take it out of PATH, or name it from the root";
                rule.find(Level::Medium, part, message, fix);
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::looks_exported;

    #[test]
    fn what_other_programs_exported_is_known_by_its_name() {
        for name in [
            "Chrome Passwords.csv",
            "Microsoft Edge Passwords (1).csv",
            "Chrome-Passw\u{f6}rter.csv",
            "bitwarden_export_20261101093012.json",
            "lastpass_vault_export.csv",
            "1PasswordExport-ABC-20261101-093012.1pux",
            "Proton Pass_export_2026-11-01_1.zip",
            "logins.csv",
            "KeePass.xml",
            "Passw\u{f6}rter.TXT",
        ] {
            assert!(looks_exported(name), "{name}");
        }
        for name in [
            "invoice.csv",
            "passwords.kdbx",
            "passwords",
            "1page.pdf",
            "password-rules.pdf",
        ] {
            assert!(!looks_exported(name), "{name}");
        }
    }
}
