//! Which copy to a clipboard was the last one, so that the process that clears after one copy
//! leaves a later one to the process of that.

use std::path::{Path, PathBuf};

use crate::crypto::random;
use crate::error::Result;
use crate::store::disk::file::{Prepared, make_private_folder, read_bounded};

/// Bytes of a mark: drawn at random, it says nothing of what was copied.
pub const MARK_BYTES: usize = 16;
/// Stands for a copy that could not be marked: no later one is known of it.
pub const UNMARKED: [u8; MARK_BYTES] = [0; MARK_BYTES];
/// The longest name of such a file that is needed to tell clipboards apart.
const NAME_CHARS: usize = 80;

/// The mark of the last copy to one clipboard, in a file.
#[derive(Debug)]
pub struct LastCopy(PathBuf);

impl LastCopy {
    /// That of the clipboard with this name, which is made fit for a file's.
    pub fn new(folder: &Path, clipboard: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = clipboard.chars().take(NAME_CHARS).map(plain).collect();
        Self(folder.join(format!("copied-{name}")))
    }

    /// Marks a new copy as the last one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when the folder or the file cannot be written.
    pub fn mark(&self) -> Result<[u8; MARK_BYTES]> {
        if let Some(folder) = self.0.parent() {
            make_private_folder(folder)?;
        }
        let mark = random::bytes();
        drop(Prepared::write(&self.0, &mark)?.replace()?);
        Ok(mark)
    }

    /// Whether no copy was marked after this one, as far as can be told.
    pub fn is(&self, mark: &[u8]) -> bool {
        *mark == UNMARKED
            || read_bounded(&self.0, MARK_BYTES as u64).map_or(true, |last| *last == *mark)
    }

    /// Forgets the last copy, which is no longer there.
    pub fn forget(&self) {
        // What is left of it does no harm.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{LastCopy, UNMARKED};

    #[test]
    fn a_later_copy_takes_the_mark_away() {
        let folder = tempfile::tempdir().unwrap();
        let last = LastCopy::new(&folder.path().join("vault"), "xclip :0");
        let one = last.mark().unwrap();
        assert!(last.is(&one));
        let two = last.mark().unwrap();
        assert!(!last.is(&one) && last.is(&two) && last.is(&UNMARKED));
        last.forget();
        assert!(last.is(&two), "nobody else has copied");
    }

    #[test]
    fn clipboards_are_told_apart_and_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] =
            ["xclip :0", "xclip ../../:1"].map(|name| LastCopy::new(folder.path(), name));
        let mark = one.mark().unwrap();
        two.mark().unwrap();
        assert!(one.is(&mark));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
