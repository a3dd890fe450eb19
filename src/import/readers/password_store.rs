//! `pass`, `gopass` and `passage`: a folder with an encrypted file for each secret. What else is in
//! the folder is told, but for what those programs keep there themselves.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::store_text::imported;
use crate::crypto::{EncryptedFile, KeyFileContent};
use crate::error::{Error, Result};
use crate::import::{Intake, Reader, Source};
use crate::model::text::limits::{ENTRIES, IMPORT_BYTES, JSON_DEPTH};
use crate::model::text::secret::Secret;
use crate::model::text::text_file::{unix_lines, without_mark};
use crate::process::gpg;

/// One secret and its notes, in bytes (4 MiB); what is larger is no password.
const SECRET_FILE_BYTES: u64 = 4 << 20;

/// Reads the store of `pass` or `gopass`.
pub(crate) struct Pass;

/// Reads the store of `passage`.
pub(crate) struct Passage;

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
        let key = std::str::from_utf8(without_mark(source.key.ok_or_else(missing)?));
        let key = unix_lines(key.map_err(|_| Error::usage("the identity is not text"))?);
        let keys = match KeyFileContent::parse(&Secret::new(key.into_owned()))? {
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
pub(crate) fn ending(folder: &Path) -> Option<&'static str> {
    ["gpg", "age"]
        .into_iter()
        .find(|end| StoreFolder::of(folder, end).is_ok_and(|store| !store.files.is_empty()))
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
    let store = StoreFolder::of(folder, end)?;
    let mut room = IMPORT_BYTES as u64;
    let mut rows = 1..;
    let (mut opened, mut first_closed) = (0_usize, None);
    for (path, row) in store.files.iter().zip(&mut rows) {
        let name = path.strip_prefix(folder).unwrap_or(path).with_extension("");
        let content = match decrypt(path) {
            Ok(content) => content,
            Err(why) => {
                intake.refuse(row, format!("{}: {why}", name.display()))?;
                first_closed.get_or_insert((name, why));
                continue;
            }
        };
        opened += 1;
        room = room.checked_sub(content.len() as u64).ok_or_else(|| {
            Error::usage(format!(
                "the store has more than {IMPORT_BYTES} bytes, the limit"
            ))
        })?;
        match std::str::from_utf8(&content) {
            Ok(text) => {
                let before = intake.refused.len();
                intake.entry(imported(row, &name, text))?;
                // Rows say nothing where files have names.
                for note in intake.refused.iter_mut().skip(before) {
                    note.reason = format!("{}: {}", name.display(), note.reason);
                }
            }
            Err(_) => intake.refuse(row, format!("{}: it is not text", name.display()))?,
        }
    }
    // A program is missing or a key does not fit.
    if let Some((name, why)) = first_closed.filter(|_| opened == 0) {
        return Err(why.about(format!("nothing of the store opens; {}", name.display())));
    }
    for ((path, why), row) in store.others.iter().zip(&mut rows) {
        let name = path.strip_prefix(folder).unwrap_or(path);
        intake.refuse(row, format!("{}: {why}", name.display()))?;
    }
    Ok(())
}

/// What the programs keep in a store for themselves; such a folder is not looked into.
const THEIRS: [&str; 11] = [
    ".age-recipients",
    ".extensions",
    ".git",
    ".gitattributes",
    ".gitignore",
    ".gopass.yml",
    ".gpg-id",
    ".gpg-id.sig",
    ".public-keys",
    ".stfolder",
    ".DS_Store",
];

/// What is in the folder of a store, sorted.
#[derive(Default)]
struct StoreFolder {
    /// The files that end as they should.
    files: Vec<PathBuf>,
    /// What is left out, and why.
    others: Vec<(PathBuf, &'static str)>,
}

impl StoreFolder {
    /// Looks through the folder for files that end so. No link is followed.
    fn of(folder: &Path, end: &str) -> Result<Self> {
        let unreadable =
            |why: std::io::Error| Error::failed(format!("cannot read the store: {why}"));
        let mut store = Self::default();
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
                if THEIRS.iter().any(|name| entry.file_name() == *name) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push((entry.path(), depth + 1));
                } else {
                    store.take(entry.path(), kind, end);
                }
            }
            if store.files.len() + store.others.len() > ENTRIES {
                return Err(Error::usage(format!(
                    "the store has more than {ENTRIES} files, the limit"
                )));
            }
        }
        store.files.sort();
        store.others.sort();
        Ok(store)
    }

    fn take(&mut self, path: PathBuf, kind: fs::FileType, end: &str) {
        if kind.is_symlink() {
            let why = "it is a link, which is not followed; import what it leads to";
            self.others.push((path, why));
        } else if !kind.is_file() {
            self.others.push((path, "it is not a file"));
        } else if path.extension().is_some_and(|ending| ending == end) {
            self.files.push(path);
        } else {
            let why = "it is no secret of the store: other endings are not read";
            self.others.push((path, why));
        }
    }
}
