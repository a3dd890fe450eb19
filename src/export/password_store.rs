//! The store of `pass` and `gopass`: a folder with an encrypted file for each entry, whose first
//! line is the secret and whose others say the rest.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, io};

use zeroize::Zeroizing;

use super::parts::{fields, place, secret, seed_uri, text};
use super::unwritten;
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::transfer::portable::Outgoing;
use crate::process::gpg;

/// What a file system takes for one name, in bytes, without the ending.
const NAME_BYTES: usize = 255 - ".gpg".len();

/// Whom the files are encrypted to.
pub struct PasswordStore {
    recipients: Vec<String>,
}

impl PasswordStore {
    /// One that these keys open, as gpg names them.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when gpg is missing or cannot encrypt to one of them.
    pub fn new(recipients: Vec<String>) -> Result<Self> {
        let store = Self { recipients };
        let said = gpg::encrypt(b"", &store.recipients, Stdio::null())?;
        match said {
            None => Ok(store),
            Some(said) => Err(cannot_encrypt(&said)),
        }
    }

    /// Makes the files in `folder`, which is empty. `progress` is told how many there are.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn write(
        &self,
        outgoing: &Outgoing<'_>,
        folder: &Path,
        progress: impl Fn(u64),
    ) -> Result<()> {
        let mut ids = create(&folder.join(".gpg-id")).map_err(unwritten)?;
        for recipient in &self.recipients {
            writeln!(ids, "{recipient}").map_err(unwritten)?;
        }
        ids.sync_all().map_err(unwritten)?;
        let mut names = StoreFileNames::new(outgoing.entries.iter().map(|(path, _)| path.as_str()));
        for (done, (path, entry)) in (1..).zip(&outgoing.entries) {
            // A name that leads elsewhere must not: one that the rules allow does not.
            path.parse::<EntryPath>()
                .map_err(|_| Error::integrity(format!("entry {} has no valid path", entry.id)))?;
            let target = folder.join(names.file(path));
            make_folders(&target).map_err(unwritten)?;
            let file = create(&target).map_err(unwritten)?;
            let copy = file.try_clone().map_err(unwritten)?;
            if let Some(said) = gpg::encrypt(&content(path, entry), &self.recipients, copy.into())?
            {
                return Err(cannot_encrypt(&said));
            }
            file.sync_all().map_err(unwritten)?;
            progress(done);
        }
        Ok(())
    }
}

fn cannot_encrypt(said: &str) -> Error {
    Error::failed(format!("gpg cannot encrypt: {said}"))
        .hint("gpg --list-keys shows the keys it has; one that it does not trust yet: gpg --lsign-key KEY")
}

/// What stands in an entry's file.
fn content(path: &str, entry: &Entry) -> Zeroizing<Vec<u8>> {
    let mut lines = Zeroizing::new(Vec::new());
    let mut line = |parts: [&str; 3]| {
        for part in parts {
            lines.extend_from_slice(part.as_bytes());
        }
        lines.push(b'\n');
    };
    line([secret(entry), "", ""]);
    if let Some(username) = entry.username.value() {
        line(["username", ": ", username]);
    }
    for url in entry.urls() {
        line(["url", ": ", url]);
    }
    if let Some(uri) = seed_uri(path, entry) {
        line([uri.expose(), "", ""]);
    }
    for field in fields(entry) {
        line([field.name, ": ", field.value]);
    }
    let notes = text(entry.notes.value());
    if !notes.is_empty() {
        line([notes, "", ""]);
    }
    lines
}

/// A file of its own for each path, on file systems too that take upper and lower case for the
/// same.
struct StoreFileNames {
    folders: HashSet<String>,
    files: HashSet<String>,
}

impl StoreFileNames {
    fn new<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut folders = HashSet::new();
        for path in paths {
            let parts: Vec<String> = path
                .split('/')
                .map(|part| short(part, NAME_BYTES))
                .collect();
            let mut folder = String::new();
            for part in parts.iter().take(parts.len().saturating_sub(1)) {
                folder.push_str(&part.to_lowercase());
                folders.insert(folder.clone());
                folder.push('/');
            }
        }
        Self {
            folders,
            files: HashSet::new(),
        }
    }

    fn file(&mut self, path: &str) -> PathBuf {
        let parts: Vec<String> = path
            .split('/')
            .map(|part| short(part, NAME_BYTES))
            .collect();
        let whole = parts.join("/");
        for number in 1_usize.. {
            let mut name = format!("{whole}.gpg");
            if number > 1 {
                let end = format!("-{number}");
                let (front, last) = place(&whole);
                name = format!("{front}/{}{end}.gpg", short(last, NAME_BYTES - end.len()));
            }
            let look = name.to_lowercase();
            if !self.folders.contains(&look) && self.files.insert(look) {
                return PathBuf::from(name);
            }
        }
        PathBuf::from(whole)
    }
}

/// A name cut to fit.
fn short(name: &str, bytes: usize) -> String {
    let mut end = name.len().min(bytes);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

fn make_folders(file: &Path) -> io::Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.is_dir()) else {
        return Ok(());
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(test)]
mod tests {
    use super::StoreFileNames;

    #[test]
    fn every_path_has_a_file_of_its_own_that_a_file_system_takes() {
        let long = format!("acme/{}", "\u{20000}".repeat(64));
        let paths = [
            "acme/db",
            "acme/DB",
            "acme/db.gpg/x",
            "acme/db/main",
            &long,
            &format!("{long}/x"),
        ];
        let mut names = StoreFileNames::new(paths.iter().copied());
        let files: Vec<String> = paths
            .iter()
            .map(|path| names.file(path).to_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            files[..4],
            [
                "acme/db-2.gpg",
                "acme/DB-3.gpg",
                "acme/db.gpg/x.gpg",
                "acme/db/main.gpg"
            ]
        );
        for part in files.iter().flat_map(|file| file.split('/')) {
            assert!(part.len() <= 255, "{part}");
        }
    }
}
