//! `pass`, `gopass` and `passage`: a folder with an encrypted file for each secret, whose first
//! line is the password and whose others are `key: value` or text.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::labels::is_plain;
use super::{Intake, Reader, Source};
use crate::crypto::{EncryptedFile, KeyFileContent};
use crate::error::{Error, Result};
use crate::model::import::Imported;
use crate::model::limits::{ENTRIES, IMPORT_BYTES, JSON_DEPTH};
use crate::model::secret::Secret;
use crate::process::gpg;

/// One secret and its notes, in bytes (4 MiB); what is larger is no password.
const SECRET_FILE_BYTES: u64 = 4 << 20;

/// Reads the store of `pass` or `gopass`.
pub(super) struct Pass;

/// Reads the store of `passage`.
pub(super) struct Passage;

impl Reader for Pass {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        read(source, "gpg", intake, |path| {
            gpg::decrypt(path, SECRET_FILE_BYTES)
        })
    }
}

impl Reader for Passage {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let missing = || {
            Error::needs_input("the identity that opens the store is needed")
                .hint("name it: --source-key-file ~/.passage/identities")
        };
        let key = std::str::from_utf8(source.key.ok_or_else(missing)?);
        let key = key.map_err(|_| Error::usage("the identity is no text"))?;
        let keys = match KeyFileContent::parse(&Secret::new(key.to_owned()))? {
            KeyFileContent::Ready(keys) => keys,
            KeyFileContent::Encrypted(_) => {
                return Err(Error::usage(
                    "the key has a passphrase, which import does not ask for",
                )
                .hint("name an age identity, or a key without a passphrase"));
            }
        };
        read(source, "age", intake, |path| {
            let mut sealed = Vec::new();
            let file = fs::File::open(path);
            let read = file.and_then(|file| file.take(SECRET_FILE_BYTES).read_to_end(&mut sealed));
            read.map_err(|_| Error::failed("it cannot be read"))?;
            let opened = EncryptedFile::parse(&sealed)?.open(&keys)?;
            opened
                .map(|opened| opened.content)
                .ok_or_else(|| Error::locked("none of the keys opens the age file"))
        })
    }
}

/// Which of the two a folder is a store of: the ending of its files.
pub(super) fn ending(folder: &Path) -> Option<&'static str> {
    ["gpg", "age"]
        .into_iter()
        .find(|end| files(folder, end).is_ok_and(|files| !files.is_empty()))
}

fn read(
    source: &Source<'_>,
    end: &str,
    intake: &mut Intake,
    decrypt: impl Fn(&Path) -> Result<Zeroizing<Vec<u8>>>,
) -> Result<()> {
    let end = if end == "gpg" { "gpg" } else { "age" };
    let Some(folder) = source.folder else {
        return Err(
            Error::usage("that is a file, and a password store is a folder")
                .hint("name the folder, as in ~/.password-store"),
        );
    };
    let files = files(folder, end)?;
    let mut room = IMPORT_BYTES;
    for (row, path) in (1..).zip(&files) {
        let name = path.strip_prefix(folder).unwrap_or(path).with_extension("");
        let content = match decrypt(path) {
            Ok(content) => content,
            // With a program that is missing or a key that does not fit, none would open.
            Err(why) if row == 1 => return Err(why),
            Err(why) => {
                intake.refuse(row, format!("{}: {why}", name.display()))?;
                continue;
            }
        };
        room = room.checked_sub(content.len() as u64).ok_or_else(|| {
            Error::usage(format!(
                "the store has more than {IMPORT_BYTES} bytes, the limit"
            ))
        })?;
        match std::str::from_utf8(&content) {
            Ok(text) => intake.entry(imported(row, &name, text))?,
            Err(_) => intake.refuse(row, format!("{}: it is no text", name.display()))?,
        }
    }
    Ok(())
}

/// The files of a store that end so, sorted; hidden ones and links are passed over.
fn files(folder: &Path, end: &str) -> Result<Vec<PathBuf>> {
    let unreadable = |why: std::io::Error| Error::failed(format!("cannot read the store: {why}"));
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if depth > JSON_DEPTH {
            return Err(Error::usage(format!(
                "the store's folders are more than {JSON_DEPTH} deep"
            )));
        }
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                folders.push((path, depth + 1));
            } else if kind.is_file() && path.extension().is_some_and(|ending| ending == end) {
                found.push(path);
            }
        }
        if found.len() > ENTRIES {
            return Err(Error::usage(format!(
                "the store has more than {ENTRIES} files, the limit"
            )));
        }
    }
    found.sort();
    Ok(found)
}

/// The credential in a file of the store.
fn imported(row: u64, name: &Path, text: &str) -> Imported {
    let mut imported = Imported::at(row);
    let mut parts: Vec<String> = name
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    imported.title = parts.pop().unwrap_or_default();
    imported.groups = parts;
    let (first, rest) = split(text);
    let mut rest = rest;
    if let Some(seed) = first.strip_prefix("otpauth://") {
        imported.totp = Some(Secret::new(format!("otpauth://{seed}")));
    } else if field(first).is_some_and(|(key, _)| is_known(key)) {
        // There is no password, and the first field is in its place.
        rest = text;
    } else {
        imported.secret = Some(Secret::new(first.trim_end_matches('\r').to_owned()));
    }
    for line in rest.lines() {
        add_line(&mut imported, line);
    }
    imported
}

/// The password, and what stands below it. A key in PEM is all of its lines.
fn split(text: &str) -> (&str, &str) {
    let key = text
        .starts_with("-----BEGIN ")
        .then(|| text.find("\n-----END "));
    let start = key.flatten().map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default();
    let end = start + line.find('\n').unwrap_or(line.len());
    let rest = text.get(end..).unwrap_or_default();
    (
        text.get(..end).unwrap_or_default(),
        rest.strip_prefix('\n').unwrap_or(rest),
    )
}

fn is_known(key: &str) -> bool {
    let known = [
        "login", "user", "username", "email", "url", "comments", "notes", "otpauth",
    ];
    known.contains(&key.to_lowercase().as_str())
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ").or_else(|| line.split_once(":\t"))?;
    let plain = !key.is_empty() && key.len() <= 64 && !key.contains("//");
    plain.then_some((key.trim(), value.trim()))
}

fn add_line(imported: &mut Imported, line: &str) {
    if line.trim_start().starts_with("otpauth://") && imported.totp.is_none() {
        imported.totp = Some(Secret::new(line.trim().to_owned()));
        return;
    }
    let Some((key, value)) = field(line) else {
        imported.note(line);
        return;
    };
    match key.to_lowercase().as_str() {
        "login" | "user" | "username" if imported.username.is_none() => {
            imported.username = Some(value.to_owned());
        }
        "url" | "website" | "site" => imported.urls.push(value.to_owned()),
        "comments" | "comment" | "notes" | "note" => imported.note(value),
        "otpauth" | "totp" if imported.totp.is_none() => {
            imported.totp = Some(Secret::new(value.to_owned()));
        }
        _ => imported.field(key, value, !is_plain(key)),
    }
}
