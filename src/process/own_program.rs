//! The program itself: the name it was called by, and whether it is what a shell starts by it.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::helper::first_program;
use crate::model::findings::doctor::Fact;

/// What the program is called where nobody chose another name.
pub const PROGRAM_NAME: &str = "vault";
/// The longest name that it is called back by, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The name that the program was called by, the first of its arguments: the last part of a path, and
/// the program's own name where that could not be typed as one plain word.
#[must_use]
pub fn called(first_argument: Option<&OsStr>) -> String {
    let name = first_argument.and_then(|path| Path::new(path).file_name()?.to_str());
    let is_plain = |name: &&str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        name.len() <= MAX_NAME_BYTES && !name.starts_with('-') && name.chars().all(fits)
    };
    name.filter(is_plain).unwrap_or(PROGRAM_NAME).to_owned()
}

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
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{called, first_other, not_from_the_root};

    #[test]
    fn a_name_is_the_last_part_and_one_plain_word() {
        let long = "v".repeat(65);
        for (argument, name) in [
            ("vault", "vault"),
            ("./fv", "fv"),
            ("/opt/my tools/client-vault_2.1", "client-vault_2.1"),
            ("my vault", "vault"),
            ("--version", "vault"),
            ("a\nb", "vault"),
            ("tr\u{e9}sor", "vault"),
            ("", "vault"),
            ("/", "vault"),
            (&long, "vault"),
        ] {
            assert_eq!(called(Some(OsStr::new(argument))), name, "{argument}");
        }
        assert_eq!(called(None), "vault");
    }

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
