//! What git is to commit: the index's content, whatever the work tree holds.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::process::git::Git;

/// What git may print of the files that are to be committed, in bytes.
const LIST_BYTES: usize = 64 << 20;
/// One of them, in bytes.
const FILE_BYTES: usize = 256 << 20;
/// How the mode of a submodule begins: it has no content here.
const SUBMODULE: &[u8] = b"160000";

/// What git says of a file that two sides changed.
const UNMERGED: &[u8] = b"U";

/// A file that is to be committed.
#[derive(Debug)]
pub(crate) struct StagedFile {
    /// Its path in the repository.
    pub(crate) path: PathBuf,
    blob: String,
}

/// The files that the next commit adds or changes, in the repository of the current folder.
///
/// # Errors
/// [`crate::error::Kind::Usage`] where there is no repository, [`crate::error::Kind::Failed`] without
/// git.
pub(crate) fn staged_files() -> Result<Vec<StagedFile>> {
    let args = [
        "diff",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--no-abbrev",
        "--diff-filter=d",
        "--ignore-submodules=all",
    ];
    let listed = Git::in_hook().run(&args, b"", LIST_BYTES)?;
    if !listed.is_ok() {
        return Err(
            Error::usage("git has nothing to say of what is staged here")
                .hint("run it in the folder of a git repository"),
        );
    }
    let mut parts = listed.stdout.split(|byte| *byte == 0);
    let mut files = Vec::new();
    // `:OLD_MODE MODE OLD_BLOB BLOB STATUS`, then the path.
    while let (Some(facts), Some(path)) = (parts.next(), parts.next()) {
        let facts: Vec<&[u8]> = facts.split(|byte| *byte == b' ').collect();
        let [_, mode, _, blob, status] = facts.as_slice() else {
            return Err(Error::failed(
                "git lists what is staged in a way that is not known",
            ));
        };
        if *status == UNMERGED {
            let path = String::from_utf8_lossy(path);
            return Err(Error::failed(format!(
                "{path} has a merge conflict: nothing of it is staged yet"
            ))
            .hint("solve it and git add it, then try again"));
        }
        if *mode != SUBMODULE {
            files.push(StagedFile {
                path: PathBuf::from(OsString::from_vec(path.to_vec())),
                blob: String::from_utf8_lossy(blob).into_owned(),
            });
        }
    }
    Ok(files)
}

impl StagedFile {
    /// What is to be committed of it.
    ///
    /// # Errors
    /// Where git cannot give it, and where it is larger than 256 MiB.
    pub(crate) fn content(&self) -> Result<Vec<u8>> {
        let args = ["cat-file", "blob", &self.blob];
        let read = Git::in_hook().run(&args, b"", FILE_BYTES)?;
        if !read.is_ok() {
            return Err(Error::failed("git cannot read it"));
        }
        Ok(read.stdout)
    }
}
