//! The program itself: the name it was called by, and whether it is what a shell starts by it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::helper::first_program;
use crate::error::{Error, Result};
use crate::model::findings::doctor::{Fact, Namesake};

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

/// Other programs in `PATH` that are `called` as this one was: by a name that it does not use it is
/// not what a shell is to start.
///
/// # Errors
/// Why that is not known.
pub fn namesakes(called: &str) -> Fact<Vec<Namesake>> {
    let program = env::current_exe().map_err(|why| format!("it does not know its file: {why}"))?;
    Ok(others_called(called, &program, &path_folders()))
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

/// The programs of this name in the folders that are not this one, each file once.
fn others_called(name: &str, program: &Path, folders: &[PathBuf]) -> Vec<Namesake> {
    let file = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    let own = file(program);
    let mut seen = BTreeSet::new();
    let mut others = Vec::new();
    for folder in folders {
        let Some(found) = first_program(name, [folder.clone()]) else {
            continue;
        };
        let is_first = seen.is_empty();
        let Some(id) = file(&found) else { continue };
        if seen.insert(id) && Some(id) != own {
            others.push(Namesake {
                path: found.display().to_string(),
                is_first,
            });
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{called, not_from_the_root, others_called};

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
    fn each_other_program_of_the_name_is_told_and_whether_it_is_the_first() {
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
        let others = |folders: &[&str]| {
            let folders: Vec<_> = folders.iter().map(|it| at(it)).collect();
            let found = others_called("vault", &at("own/vault"), &folders);
            let found = found.into_iter().map(|it| (it.path, it.is_first));
            found.collect::<Vec<_>>()
        };
        let other = at("other/vault").display().to_string();
        assert_eq!(others(&["empty", "text", "own"]), []);
        assert_eq!(others(&["link", "own"]), []);
        assert_eq!(
            others(&["link", "other", "other"]),
            [(other.clone(), false)]
        );
        assert_eq!(others(&["text", "other", "own", "other"]), [(other, true)]);
    }
}
