//! The program itself: whether it is what a shell starts by its name.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::helper::first_program;
use crate::error::{Error, Result};
use crate::model::findings::doctor::Fact;

/// Another program that a shell starts in the place of the running one: the first of its name in
/// `PATH`.
///
/// # Errors
/// Why that is not known.
pub fn shadowed_by() -> Fact<Option<String>> {
    let program = env::current_exe().map_err(|why| format!("it does not know its file: {why}"))?;
    let other = first_other(&program, path_folders().into_iter());
    Ok(other.map(|other| other.display().to_string()))
}

/// This program, by the name that stays right when another version takes its place: the one that it
/// was called by, unless that is a link by which it serves another program.
///
/// # Errors
/// [`crate::error::Kind::Failed`] where the system does not know its file.
pub fn lasting_path() -> Result<PathBuf> {
    let real = env::current_exe()
        .map_err(|why| Error::failed(format!("cannot find this program: {why}")))?;
    let called = env::args_os().next().map(PathBuf::from);
    let called = called.as_deref().and_then(Path::file_name);
    let name = called.filter(|name| !name.as_encoded_bytes().ends_with(b"-credential-vault"));
    let name = name.or(real.file_name());
    let places = path_folders()
        .into_iter()
        .filter(|folder| folder.is_absolute());
    let mut places = places.filter_map(|folder| Some(folder.join(name?)));
    let is_this = |place: &PathBuf| fs::canonicalize(place).is_ok_and(|found| found == real);
    Ok(places.find(is_this).unwrap_or(real))
}

/// The first program of a name that a shell would start.
#[must_use]
pub fn found_in_path(name: &str) -> Option<PathBuf> {
    first_program(OsStr::new(name), path_folders())
}

/// Whether a shell finds programs in a folder.
#[must_use]
pub fn is_in_path(folder: &Path) -> bool {
    path_folders().iter().any(|known| known == folder)
}

/// Folders in `PATH` that are not named from the root: what is started from there depends on where a
/// shell stands. An empty part is the current folder.
#[must_use]
pub fn open_path_parts() -> Vec<String> {
    not_from_the_root(path_folders().into_iter())
}

/// The folders in `PATH`; none where it is not set.
fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map_or_else(Vec::new, |path| env::split_paths(&path).collect())
}

fn not_from_the_root(folders: impl Iterator<Item = PathBuf>) -> Vec<String> {
    let open = folders.filter(|folder| !folder.is_absolute());
    open.map(|folder| folder.display().to_string()).collect()
}

/// The first program of this name in the folders, if that is another one.
fn first_other(program: &Path, folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let first = first_program(program.file_name()?, folders)?;
    let file = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    (file(&first)? != file(program)?).then_some(first)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{first_other, not_from_the_root};

    #[test]
    fn an_empty_part_a_dot_and_a_relative_folder_are_not_from_the_root() {
        let open = |path: &str| not_from_the_root(std::env::split_paths(path));
        assert!(open("/usr/bin:/bin").is_empty());
        assert_eq!(open("/usr/bin:"), [""]);
        assert_eq!(open(".:/bin:bin:../x"), [".", "bin", "../x"]);
    }

    #[test]
    fn the_first_of_the_name_counts_unless_it_is_the_program_or_leads_to_it() {
        let root = tempfile::tempdir().unwrap();
        let at = |folder: &str| root.path().join(folder);
        for folder in ["own", "other", "link", "text", "empty"] {
            fs::create_dir(at(folder)).unwrap();
        }
        for file in ["own/vault", "other/vault", "text/vault"] {
            fs::write(at(file), "").unwrap();
            let mode = if file.starts_with("text") {
                0o644
            } else {
                0o755
            };
            fs::set_permissions(at(file), fs::Permissions::from_mode(mode)).unwrap();
        }
        symlink(at("own/vault"), at("link/vault")).unwrap();
        let first = |folders: &[&str]| {
            let folders = folders.iter().map(|it| at(it));
            first_other(&at("own/vault"), folders)
        };
        assert_eq!(first(&["empty", "text", "own", "other"]), None);
        assert_eq!(first(&["link", "other"]), None);
        assert_eq!(first(&["empty"]), None);
        assert_eq!(first(&["text", "other", "own"]), Some(at("other/vault")));
    }
}
