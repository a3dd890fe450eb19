//! A work tree of the user's own that the vault file is kept in, and what its repository is told.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::patterns::with_lines;
use crate::error::{Error, Kind, Result};
use crate::model::text::limits::VAULT_FILE_BYTES;
use crate::model::text::quote::as_word;
use crate::process::git::{Git, GitOutput};
use crate::store::disk::file::{Prepared, make_private_folder, read_bounded, real_path};

/// What git may print where a few lines are expected, in bytes.
const LINES_BYTES: usize = 1 << 20;
/// What a file of attributes or of patterns may have, in bytes.
const TEXT_BYTES: u64 = 1 << 20;

/// A work tree.
#[derive(Debug)]
pub struct WorkTree {
    git: Git,
    top: PathBuf,
}

impl WorkTree {
    /// The work tree that a folder is in.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where there is none, [`Kind::Usage`] for a bare repository or a folder of
    /// git's own, [`Kind::Failed`] when git cannot be run there.
    pub fn around(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        if !folder.is_dir() {
            return Err(Error::usage(format!("there is no folder {shown}")));
        }
        let git = Git::in_work_tree(folder);
        let asked = git.run(&["rev-parse", "--is-inside-work-tree"], b"", LINES_BYTES)?;
        if asked.said.contains("not a git repository") {
            return Err(Error::not_found(format!(
                "{shown} is in no git repository"
            ))
            .hint("name one that holds the vault file; where there is none, vault sync --remote URL needs none"));
        }
        if asked.said.contains("safe.directory") {
            return Err(
                Error::failed(format!("{shown} belongs to another user")).hint(format!(
                    "if you trust who that is: git config --global --add safe.directory {}",
                    as_word(shown)
                )),
            );
        }
        if checked(asked)?.text().trim() != "true" {
            return Err(Error::usage(format!(
                "{shown} is in no work tree: it is a bare repository, or a folder of git's own"
            ))
            .hint("name the folder of a clone that holds the vault file"));
        }
        let top = git.run(&["rev-parse", "--show-toplevel"], b"", LINES_BYTES)?;
        let top = path_in(checked(top)?);
        Ok(Self {
            git: Git::in_work_tree(&top),
            top,
        })
    }

    /// Its uppermost folder.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Where the file of patterns is that only this clone has.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn exclude_file(&self) -> Result<PathBuf> {
        let args = ["rev-parse", "--git-path", "info/exclude"];
        let asked = self.git.run(&args, b"", LINES_BYTES)?;
        real_path(&self.top.join(path_in(checked(asked)?)))
    }

    /// Sets a value in the configuration of the repository; `false` where it is so already. With
    /// `is_trial`, nothing is written.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn configure(&self, key: &str, value: &str, is_trial: bool) -> Result<bool> {
        let args = ["config", "--local", "-z", "--get-all", key];
        let known = self.git.run(&args, b"", LINES_BYTES)?;
        if known.is_ok() && known.stdout == [value.as_bytes(), b"\0"].concat() {
            return Ok(false);
        }
        if !is_trial {
            let args = ["config", "--local", "--replace-all", key, value];
            checked(self.git.run(&args, b"", LINES_BYTES)?)?;
        }
        Ok(true)
    }

    /// What git says that attributes of a file are.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn attributes(&self, path: &Path, names: &[&str]) -> Result<Vec<String>> {
        let mut args: Vec<&OsStr> = vec!["check-attr".as_ref(), "-z".as_ref()];
        args.extend(names.iter().map(OsStr::new));
        args.extend(["--".as_ref(), path.as_os_str()]);
        let told = checked(self.git.run(&args, b"", LINES_BYTES)?)?.text();
        let values = told.split('\0').skip(2).step_by(3);
        Ok(values.map(ToOwned::to_owned).collect())
    }

    /// Whether git has any of these files, or files in these folders, in what is committed next.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn has_any(&self, paths: &[PathBuf]) -> Result<bool> {
        let args = ["--literal-pathspecs", "ls-files", "-z", "--"];
        let mut args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        args.extend(paths.iter().map(|path| path.as_os_str()));
        let listed = checked(self.git.run(&args, b"", LINES_BYTES)?)?;
        Ok(!listed.stdout.is_empty())
    }
}

impl WorkTree {
    /// How many commits that this clone has, made until a time, changed a file.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn commits_of(&self, path: &Path, until: Timestamp) -> Result<u64> {
        let until = format!("--before=@{}", until.as_second());
        let args = [
            "--literal-pathspecs",
            "rev-list",
            "--all",
            "--count",
            &until,
            "--",
        ];
        let mut args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        args.push(path.as_os_str());
        let counted = checked(self.git.run(&args, b"", LINES_BYTES)?)?.text();
        let number = counted.trim().parse();
        number.map_err(|_| Error::failed("git counts its commits in words that are not known"))
    }

    /// The two sides of a vault file that git could not merge, each by its name there, as `:3:`;
    /// none where it is merged. The state that both come from is left out.
    ///
    /// # Errors
    /// [`Kind::Failed`].
    pub fn unmerged(&self, path: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let args = ["--literal-pathspecs", "ls-files", "--unmerged", "-z", "--"];
        let mut args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        args.push(path.as_os_str());
        let listed = checked(self.git.run(&args, b"", LINES_BYTES)?)?.text();
        let limit = usize::try_from(VAULT_FILE_BYTES).unwrap_or(usize::MAX);
        let mut sides = Vec::new();
        // MODE OBJECT STAGE, a tab, and the path from the top.
        for line in listed.split('\0') {
            let Some((facts, name)) = line.split_once('\t') else {
                continue;
            };
            let mut facts = facts.split(' ').skip(1);
            if let (Some(object), Some(stage @ ("2" | "3"))) = (facts.next(), facts.next()) {
                let args = ["cat-file", "blob", object];
                let blob = checked(self.git.run(&args, b"", limit)?)?;
                sides.push((PathBuf::from(format!(":{stage}:{name}")), blob.stdout));
            }
        }
        Ok(sides)
    }
}

/// Adds the lines to a file that it lacks; `false` where it has them all. With `is_trial`, nothing
/// is written.
///
/// # Errors
/// [`Kind::Integrity`] where it is no file of at most a mebibyte, [`Kind::Failed`].
pub fn add_lines(file: &Path, lines: &[Vec<u8>], is_trial: bool) -> Result<bool> {
    let old = match read_bounded(file, TEXT_BYTES) {
        Ok(old) => old.to_vec(),
        Err(why) if why.kind() == Kind::NotFound => Vec::new(),
        Err(why) => return Err(why),
    };
    let Some(new) = with_lines(&old, lines) else {
        return Ok(false);
    };
    if is_trial {
        return Ok(true);
    }
    if let Some(folder) = file.parent() {
        make_private_folder(folder)?;
    }
    // It is read by whoever may read the work tree.
    let mode = fs::metadata(file).map_or(0o644, |found| found.permissions().mode() & 0o777);
    let prepared = Prepared::write(file, &new)?;
    fs::set_permissions(prepared.path(), fs::Permissions::from_mode(mode))
        .map_err(|why| Error::failed(format!("cannot write {}: {why}", file.display())))?;
    prepared.replace()?.sync()?;
    Ok(true)
}

fn checked(output: GitOutput) -> Result<GitOutput> {
    if output.is_ok() {
        return Ok(output);
    }
    let said: Vec<&str> = output.said.lines().map(str::trim).collect();
    Err(Error::failed(format!("git failed: {}", said.join("; "))))
}

/// A path that git prints on a line.
fn path_in(output: GitOutput) -> PathBuf {
    let mut line = output.stdout;
    line.pop_if(|last| *last == b'\n');
    PathBuf::from(OsStr::from_bytes(&line))
}
