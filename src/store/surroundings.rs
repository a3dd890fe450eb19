//! What this machine does with the places where a vault is: who may read them, which repository or
//! folder service has them, whether their disk is encrypted, and what else lies about.

pub mod encryption;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::process::geteuid;

use super::backups::generations;
use super::disk::file::read_bounded;
use super::reading::VaultPlace;
use crate::model::findings::doctor::{Around, Fact, FileFacts, looks_exported};

/// What the folders of services that sync them are called, in lower case, and the service.
const SERVICES: [(&str, &str); 11] = [
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("mobile documents", "iCloud Drive"),
    ("icloud drive", "iCloud Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("pclouddrive", "pCloud"),
    ("syncthing", "Syncthing"),
    ("tresorit", "Tresorit"),
];
/// What Syncthing puts into each of its folders.
const SYNCTHING: &str = ".stfolder";

/// How many files of a folder are looked at.
const LISTED_FILES: usize = 100_000;
/// The most that is read of a file of git's settings.
const GIT_FILE_BYTES: u64 = 1024 * 1024;

impl VaultPlace {
    /// The files and folders of the vault and of what this device knows of it, as far as they are
    /// there.
    pub fn places(&self) -> Vec<FileFacts> {
        let folder = crate::store::disk::waiting::folder(&self.path).to_path_buf();
        let backups = generations::folder(&self.path);
        let kept = generations::list(&backups).unwrap_or_default();
        let kept = kept.into_iter().map(|kept| kept.path);
        let mut all = vec![(self.path.clone(), true), (folder, false), (backups, true)];
        all.extend(kept.map(|path| (path, true)));
        all.push((self.root.path().to_path_buf(), true));
        for id in self.known().unwrap_or_default() {
            let state = self.root.vault(id);
            all.push((state.last(), true));
            all.push((state.file(""), true));
        }
        let places = all
            .iter()
            .filter_map(|(path, private)| place(path, *private));
        places.collect()
    }

    /// What surrounds the vault and the folder of what this device knows.
    pub fn around(&self) -> Vec<Around> {
        vec![around(&self.path, false), around(self.root.path(), true)]
    }
}

fn place(path: &Path, is_private: bool) -> Option<FileFacts> {
    let found = fs::metadata(path).ok()?;
    Some(FileFacts {
        path: path.display().to_string(),
        is_folder: found.is_dir(),
        is_private,
        mode: found.mode(),
        is_own: found.uid() == geteuid().as_raw(),
    })
}

fn around(path: &Path, is_state: bool) -> Around {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let above = || real.ancestors().skip(1);
    let work_tree = above().find(|folder| folder.join(".git").exists());
    let is_set_up = work_tree.is_some_and(|tree| {
        let says = |file: &str, what: &str| {
            let text = read_bounded(&tree.join(file), GIT_FILE_BYTES);
            text.is_ok_and(|text| String::from_utf8_lossy(&text).contains(what))
        };
        says(".gitattributes", "merge=vault") && says(".git/config", "[merge \"vault\"]")
    });
    Around {
        path: path.display().to_string(),
        is_state,
        work_tree: work_tree.map(|tree| tree.display().to_string()),
        is_set_up,
        synced_by: above().find_map(service),
    }
}

/// The service whose folder this is.
fn service(folder: &Path) -> Option<String> {
    if folder.join(SYNCTHING).exists() {
        return Some("Syncthing".to_owned());
    }
    let name = folder.file_name()?.to_string_lossy().to_lowercase();
    // As in "OneDrive - Company".
    let known = SERVICES.iter().find(|(start, _)| name.starts_with(start));
    known.map(|(_, service)| (*service).to_owned())
}

/// Files in the folders where programs put what they export that look like passwords of another
/// program, by their names alone.
///
/// # Errors
/// Why a folder could not be looked through.
pub fn exports() -> Fact<Vec<String>> {
    let home = dirs::home_dir();
    let or = |found: Option<PathBuf>, name| found.or_else(|| Some(home.as_ref()?.join(name)));
    let folders = [
        or(dirs::download_dir(), "Downloads"),
        or(dirs::desktop_dir(), "Desktop"),
    ];
    let mut found = Vec::new();
    for folder in folders.into_iter().flatten() {
        found.extend(exports_in(&folder)?);
    }
    Ok(found)
}

fn exports_in(folder: &Path) -> Fact<Vec<String>> {
    let unread = |why: io::Error| format!("cannot look into {}: {why}", folder.display());
    let listed = match fs::read_dir(folder) {
        Err(why) if matches!(why.kind(), io::ErrorKind::NotFound) => return Ok(Vec::new()),
        listed => listed.map_err(unread)?,
    };
    let mut found = Vec::new();
    for file in listed.take(LISTED_FILES) {
        let file = file.map_err(unread)?;
        if looks_exported(&file.file_name().to_string_lossy()) {
            found.push(file.path().display().to_string());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The device that a file is on, as a number that tells it from others.
pub fn device(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|found| found.dev())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{around, service};

    #[test]
    fn work_trees_and_synced_folders_are_seen_above() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("OneDrive - Work/repo/keys");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.parent().unwrap().join(".git"), "gitdir: x").unwrap();
        let seen = around(&folder.join("vault.age"), false);
        assert!(seen.work_tree.unwrap().ends_with("repo"));
        assert_eq!(seen.synced_by.as_deref(), Some("OneDrive"));
        assert_eq!(service(Path::new("/home/jo/Documents")), None);
        fs::create_dir(root.path().join(".stfolder")).unwrap();
        assert_eq!(service(root.path()).as_deref(), Some("Syncthing"));
    }
}
