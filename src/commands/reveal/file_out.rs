//! A file that is kept with an entry, written to where the user wants it.

use std::path::{Path, PathBuf};

use super::hand_out::hand_out;
use super::share_terms::check_usable;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::text::name::EntryPath;
use crate::store::disk::file::Prepared;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;
use crate::ui::size;

/// Where a file goes.
#[derive(Clone, Debug)]
pub(crate) enum FileOut {
    Stdout,
    Place { path: PathBuf, overwrites: bool },
}

impl FileOut {
    /// The place that was named, `-` for stdout, which has to be free unless it is overwritten.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`]; [`crate::error::Kind::Usage`] for stdout under `--json`.
    pub(crate) fn of(ctx: &Context, out: &Path, overwrites: bool) -> Result<Self> {
        if out.as_os_str() == "-" {
            if ctx.ui.is_json() {
                return Err(
                    Error::usage("--json and a file on stdout both ask for stdout")
                        .hint("write the file elsewhere: --out FILE"),
                );
            }
            return Ok(Self::Stdout);
        }
        refuse_taken(out, overwrites)?;
        Ok(Self::Place {
            path: out.to_owned(),
            overwrites,
        })
    }

    /// Writes the file, after recording that it was revealed.
    ///
    /// # Errors
    /// As [`hand_out`]; [`crate::error::Kind::Failed`] when not all of it was written.
    pub(crate) fn write(
        &self,
        ctx: &Context,
        session: &Session,
        path: &EntryPath,
        file: &Attachment,
    ) -> Result<()> {
        let bytes = file.bytes()?;
        if matches!(self, Self::Stdout) {
            ctx.ui.check_showable(&bytes)?;
        }
        let entry = session.vault().entry(path)?;
        if ctx.rehearses() {
            check_usable(ctx, session, entry)?;
            ctx.prove(session, [(path, entry)])?;
        } else {
            let handed = RevealedItem::attachment(path, entry, file);
            hand_out(ctx, session, &[handed], &Via::Asked)?;
        }
        let (path, overwrites) = match self {
            Self::Stdout if ctx.rehearses() => return Ok(()),
            Self::Stdout => {
                ctx.ui.file(&bytes)?;
                return ctx.ui.flush();
            }
            Self::Place { path, overwrites } => (path, *overwrites),
        };
        if !ctx.rehearses() {
            let prepared = Prepared::write(path, &bytes)?;
            if overwrites {
                prepared.replace()?.sync()?;
            } else {
                prepared.create()?.sync()?;
            }
        }
        ctx.note_done(&format!(
            "wrote {} ({}), readable by you only",
            path.display(),
            size(file.size)
        ));
        Ok(())
    }
}

fn refuse_taken(target: &Path, overwrites: bool) -> Result<()> {
    let shown = target.display();
    match target.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) if !overwrites => Err(Error::conflict(format!("{shown} already exists"))
            .hint("--force overwrites it, --out FILE chooses another place")),
        Ok(there) if there.is_file() || there.is_symlink() => Ok(()),
        Ok(_) => Err(
            Error::conflict(format!("{shown} is no file that could be overwritten"))
                .hint("--out FILE chooses another place"),
        ),
    }
}
