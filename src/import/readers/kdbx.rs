//! KDBX, the database of `KeePass` itself: opened with its password or key file, then read as the
//! XML that is inside.

use zeroize::Zeroizing;

use super::keepass_xml;
use crate::crypto::{KdbxKeyFile, open_kdbx};
use crate::error::{Error, Result};
use crate::import::parts::totp;
use crate::import::parts::xml::Xml;
use crate::import::{Intake, Reader, Source};

/// Reads a database of `KeePass`.
pub(crate) struct KeePassDatabase;

impl Reader for KeePassDatabase {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        if source.password.is_none() && source.key.is_none() {
            return Err(
                Error::needs_input("the database of KeePass needs its password")
                    .hint("use --source-password-file FILE, --source-key-file FILE or both"),
            );
        }
        let key = source.key.map(key_file).transpose()?;
        let (kdbx, stream) = open_kdbx(source.bytes, source.password, key.as_ref())?;
        let inner = Source::file(kdbx.xml());
        keepass_xml::read(inner.text()?, kdbx.files(), Some(stream), intake)
    }
}

/// A key file: XML of `KeePass`'s with a key in base64 (1.00) or in hexadecimal digits with the
/// beginning of its hash (2.0), or any other file.
fn key_file(bytes: &[u8]) -> Result<KdbxKeyFile<'_>> {
    let is_xml = bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xef\xbb\xbf<");
    let text = Source::file(bytes).text().ok().filter(|_| is_xml);
    let Some(mut xml) = text.map(|text| Xml::new(text.trim_start())) else {
        return Ok(KdbxKeyFile::of_bytes(bytes));
    };
    if !xml.root().is_ok_and(|root| root.name() == "KeyFile") {
        return Ok(KdbxKeyFile::of_bytes(bytes));
    }
    let (mut version, mut data, mut hash) = (String::new(), None, None);
    xml.children(|xml, child| match child.name() {
        "Meta" => xml.children(|xml, child| {
            let text = xml.text()?;
            if child.name() == "Version" {
                text.trim().clone_into(&mut version);
            }
            Ok(())
        }),
        "Key" => xml.children(|xml, child| {
            if child.name() != "Data" {
                return xml.skip();
            }
            hash = child.attribute("Hash");
            data = Some(xml.text()?);
            Ok(())
        }),
        _ => xml.skip(),
    })?;
    let digits: Zeroizing<String> = Zeroizing::new(
        data.iter()
            .flat_map(|text| text.split_whitespace())
            .collect(),
    );
    let key = match version.split('.').next() {
        Some("1") => totp::base64(&digits),
        Some("2") => totp::hex(&digits),
        _ => {
            return Err(Error::refused(
                "the key file of KeePass is of a version that is not known here",
            )
            .hint("make a key file of version 2.0 in KeePass: File, Change Master Key"));
        }
    };
    let hash = hash.map(|hash| totp::hex(&hash).unwrap_or_default());
    let hash = hash.as_ref().map(|hash| hash.as_slice());
    KdbxKeyFile::of_key(key.as_ref().map_or(&[][..], |key| key.as_slice()), hash)
}
