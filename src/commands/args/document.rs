//! Writing a document to a new file or to stdout.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::disk::file::{Prepared, check_new_file, make_private_folder};
use crate::ui::size;

/// Where a document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To stdout, exactly.
    Answer,
    /// To a file that is not there yet.
    File(PathBuf),
}

impl Target {
    /// What an option names; `-` is stdout.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when the file is there,
    /// [`crate::error::Kind::Usage`] when stdout is to have JSON too.
    pub fn new(ctx: &Context, out: &Path) -> Result<Self> {
        if out.as_os_str() != "-" {
            check_new_file(out)?;
            return Ok(Self::File(out.to_path_buf()));
        }
        if ctx.ui.is_json() {
            return Err(Error::usage("--json and - both ask for stdout")
                .hint("write the document to a file"));
        }
        Ok(Self::Answer)
    }
}

/// The file that an option names; `-` is none, but stdout or stdin.
pub(crate) fn named(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.as_os_str() != "-")
}

/// A name of something new where nobody has named one: what must not wait is not stopped by what lies
/// there from before. `ending` goes behind the number that makes it another one.
pub(crate) fn unused_name(stem: &str, ending: &str) -> PathBuf {
    const MOST: usize = 1000;
    let mut numbered = (2..MOST).map(|n| format!("{stem}-{n}{ending}"));
    let first = format!("{stem}{ending}");
    let is_free = |name: &String| Path::new(name).symlink_metadata().is_err();
    let free = Some(first.clone()).filter(is_free);
    free.or_else(|| numbered.find(is_free))
        .unwrap_or(first)
        .into()
}

/// Writes files into a new folder of one's own, each 0600.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when the folder is there,
/// [`crate::error::Kind::Failed`] when it cannot be written.
pub(crate) fn write_folder(
    ctx: &Context,
    folder: &Path,
    files: &[(String, Zeroizing<Vec<u8>>)],
) -> Result<()> {
    make_private_folder(folder)?;
    for (name, bytes) in files {
        write_out(ctx, &Target::File(folder.join(name)), bytes)?;
    }
    ctx.answer(&[]);
    Ok(())
}

/// As [`write_folder`], with files in folders of the new one; they are told of in one sentence.
///
/// # Errors
/// As [`write_folder`].
pub(crate) fn write_folders(
    ctx: &Context,
    folder: &Path,
    files: &[(String, Zeroizing<Vec<u8>>)],
) -> Result<()> {
    for (name, bytes) in files {
        let file = folder.join(name);
        make_private_folder(file.parent().unwrap_or(folder))?;
        Prepared::write(&file, bytes)?.create()?.sync()?;
    }
    ctx.note_done(&format!(
        "wrote {} files to {}, readable by you only",
        files.len(),
        folder.display()
    ));
    ctx.answer(&[]);
    Ok(())
}

/// Where the signature over a file goes: `FILE.sig`.
pub(crate) fn signature_beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Writes a document, a file 0600 and never over another one.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when the file is there by now,
/// [`crate::error::Kind::Failed`] when it cannot be written.
pub fn write_out(ctx: &Context, target: &Target, bytes: &[u8]) -> Result<()> {
    let path = match target {
        Target::Answer if ctx.rehearses() => return Ok(()),
        Target::Answer => return ctx.ui.file(bytes),
        Target::File(path) => path,
    };
    if !ctx.rehearses() {
        Prepared::write(path, bytes)?.create()?.sync()?;
    }
    ctx.note_done(&format!(
        "wrote {} ({}), readable by you only",
        path.display(),
        size(bytes.len() as u64)
    ));
    Ok(())
}
