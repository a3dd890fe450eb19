//! The file that a share was read from: noting it, and looking whether it is still there.

use std::path::Path;

use crate::error::Result;
use crate::model::records::event::sha256_hex;
use crate::model::records::received::{FileRead, Received};
use crate::model::sharing::came_files::{CameFile, FileState};
use crate::model::sharing::incoming::IncomingFile;
use crate::model::sharing::received::AttestedPart;
use crate::model::text::limits::SHARE_FILE_BYTES;
use crate::model::text::text_file::without_mark;
use crate::store::disk::file::read_document;
use crate::store::session::Session;
use crate::ui::Shown;
use uuid::Uuid;

/// The file of these bytes, to be noted; none for stdin, or where its path is no text.
pub(super) fn noted(path: &Path, bytes: &[u8]) -> Option<IncomingFile> {
    let path = (path.as_os_str() != "-").then(|| std::path::absolute(path).ok());
    let path = path.flatten()?.to_str()?.to_owned();
    Some(IncomingFile {
        path,
        sha256: sha256_hex(bytes),
    })
}

/// The files that hold what is deleted of a share, as they are found.
///
/// # Errors
/// As [`crate::model::vault::Vault::files_of_received`].
pub(super) fn of_share(
    session: &Session,
    share: Uuid,
    part: &AttestedPart,
) -> Result<Vec<CameFile>> {
    let files = session.vault().files_of_received(share, part)?.into_iter();
    Ok(files.map(|file| found(session, file)).collect())
}

/// Adds the file that a share was read from, as it is found.
pub(super) fn with_file(shown: Shown, label: &str, session: &Session, it: &Received) -> Shown {
    let file = it.file.as_ref().map(|file| found(session, file));
    let file = file.as_ref();
    shown
        .json("file", file.map(|file| &file.path))
        .json("file_state", file.map(|file| file.state.as_str()))
        .text(label, file.map(CameFile::told))
}

fn found(session: &Session, file: &FileRead) -> CameFile {
    CameFile {
        path: file.path.clone(),
        state: state(session, file),
    }
}

/// What cannot be read is taken to be there.
fn state(session: &Session, file: &FileRead) -> FileState {
    if session.device() != Some(file.device) {
        return FileState::Elsewhere;
    }
    let path = Path::new(&file.path);
    if matches!(path.try_exists(), Ok(false)) {
        return FileState::Gone;
    }
    match read_document("the file", path, SHARE_FILE_BYTES) {
        Ok(bytes) if sha256_hex(without_mark(&bytes)) != file.sha256 => FileState::Gone,
        _ => FileState::There,
    }
}
