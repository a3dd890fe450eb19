//! KDBX, the database of `KeePass` itself: opened with its password or key file, then read as the
//! XML that is inside.

use super::keepass_xml;
use super::{Intake, Reader, Source};
use crate::crypto::open_kdbx;
use crate::error::{Error, Result};

/// Reads a database of `KeePass`.
pub(super) struct KeePassDatabase;

impl Reader for KeePassDatabase {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        if source.password.is_none() && source.key.is_none() {
            return Err(
                Error::needs_input("the database of KeePass needs its password")
                    .hint("use --source-password-file FILE, --source-key-file FILE or both"),
            );
        }
        let kdbx = open_kdbx(source.bytes, source.password, source.key)?;
        let inner = Source::file(&kdbx.xml);
        keepass_xml::read(inner.text()?, kdbx.files, Some(kdbx.stream), intake)
    }
}
