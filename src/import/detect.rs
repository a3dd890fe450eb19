//! Which format a source is, by what it holds and not by what it is called, and what reads it.

use serde_json::value::RawValue;

use super::Reader;
use super::format::ImportFormat;
use super::parts::archive::Archive;
use super::parts::json_marks::Marks;
use super::parts::refused::{encrypted, unknown};
use super::parts::xml::Xml;
use super::readers::{
    bitwarden, csv, dotenv, kdbx, keepass_xml, onepux, own, password_store, protonpass,
};
use super::source::Source;
use crate::error::{Error, Kind, Result};
use crate::model::transfer::portable::FORMAT_NAME;

/// Which format a source is.
///
/// # Errors
/// [`crate::error::Kind::Refused`] for what is encrypted, [`crate::error::Kind::Usage`] for
/// anything else that cannot be read, saying what it looks like and what to export instead.
pub fn detect(source: &Source<'_>) -> Result<ImportFormat> {
    if let Some(folder) = source.folder {
        return match password_store::ending(folder) {
            Some("gpg") => Ok(ImportFormat::Pass),
            Some(_) => Ok(ImportFormat::Passage),
            None => Err(unknown(
                "is a folder, and no store of pass or passage",
                "name the file itself, or the folder that has .gpg or .age files in it",
            )),
        };
    }
    if source.bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::usage("the file is empty").hint("export again; nothing was changed"));
    }
    if Archive::is_one(source.bytes) {
        return archive(source);
    }
    if source.starts_with(b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5") {
        return Ok(ImportFormat::Kdbx);
    }
    binary(source)?;
    let text = source.text()?.trim_start();
    if text.starts_with(['{', '[']) {
        return json(text);
    }
    if text.starts_with('<') {
        return xml(text);
    }
    table(text)
}

fn binary(source: &Source<'_>) -> Result<()> {
    if source.starts_with(b"age-encryption.org/v1") || source.starts_with(b"-----BEGIN AGE") {
        return Err(encrypted(
            "an age file",
            "decrypt it first: age -d -i KEY FILE; a vault of this program is opened with --vault",
        ));
    }
    if source.starts_with(b"-----BEGIN PGP MESSAGE") {
        return Err(encrypted(
            "a PGP message",
            "export again without a passphrase: Proton Pass, Settings, Export, JSON or CSV",
        ));
    }
    if source.starts_with(b"\x03\xd9\xa2\x9a\x66\xfb\x4b\xb5") {
        return Err(encrypted(
            "a database of a KeePass 2 before its first release (KDBX 2)",
            "open it in KeePass 2 and save it, or export it: File, Export, KeePass XML (2.x)",
        ));
    }
    if source.starts_with(b"\x03\xd9\xa2\x9a") {
        return Err(encrypted(
            "a database of KeePass 1 (KDB)",
            "open it in KeePass 2 or KeePassXC, and save it as KDBX or export it as XML",
        ));
    }
    if source.starts_with(b"SQLite format 3") {
        return Err(unknown(
            "is a database, as browsers keep it",
            "export from the browser itself: its password settings have Export passwords",
        ));
    }
    if source.bytes.contains(&0)
        && !source.starts_with(b"\xff\xfe")
        && !source.starts_with(b"\xfe\xff")
    {
        return Err(unknown(
            "is not text, and nothing that is known here",
            "export as CSV, JSON or XML; vault import --help has the list",
        ));
    }
    Ok(())
}

pub(crate) fn archive(source: &Source<'_>) -> Result<ImportFormat> {
    let archive = Archive::open(source.bytes)?;
    if archive.names().iter().any(|name| name == onepux::DATA) {
        return Ok(ImportFormat::OnePux);
    }
    if protonpass::data_of(&archive).is_some() {
        return Ok(ImportFormat::ProtonpassZip);
    }
    Err(unknown(
        "is an archive of no kind that is known here",
        "unpack it and import what is in it",
    ))
}

pub(crate) fn json(text: &str) -> Result<ImportFormat> {
    if text.contains("***5642bee8-a5ff-11dc-8314-0800200c9a66***") {
        return Err(unknown(
            "is a 1PIF, which 1Password has given up",
            "export as 1PUX or CSV: File, Export",
        ));
    }
    let marks = Marks::of(text)?;
    marks.check_plain()?;
    if marks
        .format
        .as_ref()
        .is_some_and(|format| format.starts_with(FORMAT_NAME))
    {
        return Ok(ImportFormat::Json);
    }
    if marks.is_bitwarden() || bitwarden::is_list(text) {
        return Ok(ImportFormat::BitwardenJson);
    }
    if marks.is_enpass() {
        return Err(unknown(
            "looks like Enpass's JSON, which is not read here",
            "export as CSV instead: in Enpass, File, Export, and the type .csv",
        ));
    }
    let has_vaults = |accounts: &&RawValue| accounts.get().contains("\"vaults\"");
    if marks.accounts.as_ref().is_some_and(has_vaults) {
        return Ok(ImportFormat::OnePux);
    }
    if marks.vaults.is_some() {
        return Ok(ImportFormat::ProtonpassJson);
    }
    if marks.ct.is_some() {
        return Err(encrypted(
            "a sealed container",
            "export again without a password, as CSV",
        ));
    }
    if marks.db.is_some() || marks.tokens.is_some() {
        return Err(unknown(
            "looks like a backup of an authenticator app, which holds one-time codes only",
            "add each to its entry: vault edit ENTRY --totp",
        ));
    }
    Err(unknown(
        "is JSON of no kind that is known here",
        "export as CSV; vault import --help has the list",
    ))
}

pub(crate) fn xml(text: &str) -> Result<ImportFormat> {
    let root = Xml::new(text).root().map(|root| root.name().to_owned());
    match root.as_deref() {
        Ok("database") if has_cards(text) => {
            return Err(unknown(
                "looks like SafeInCloud's XML, which is not read here",
                "export as CSV: in SafeInCloud, File, Export, As CSV",
            ));
        }
        Ok("KeePassFile" | "database") => return Ok(ImportFormat::KeepassXml),
        Err(why) if why.kind() == Kind::Refused => return Err(why.clone()),
        _ => {}
    }
    let start: String = text.chars().take(512).collect::<String>().to_lowercase();
    if start.contains("<html") || start.contains("<!doctype html") {
        return Err(unknown("is a web page", "export as CSV or JSON instead"));
    }
    Err(unknown(
        "is XML of no kind that is known here",
        "export as CSV instead",
    ))
}

/// Whether the outermost element has cards in it, as `SafeInCloud`'s has; `KeePassX`'s has groups.
fn has_cards(text: &str) -> bool {
    let mut xml = Xml::new(text);
    let (mut cards, mut groups) = (false, false);
    let read = xml.root().and_then(|_| {
        xml.children(|xml, child| {
            cards |= child.name() == "card";
            groups |= child.name() == "group";
            xml.skip()
        })
    });
    read.is_ok() && cards && !groups
}

pub(crate) fn table(text: &str) -> Result<ImportFormat> {
    let (format, width) = csv::recognised(text);
    if let Some(format) = format {
        return Ok(format);
    }
    if dotenv::is_one(text) {
        return Ok(ImportFormat::Dotenv);
    }
    if text.starts_with("keychain: ") {
        return Err(unknown(
            "is a dump of a keychain",
            "export from the Passwords app instead: File, Export All Passwords",
        ));
    }
    if width > 1 {
        return Err(unknown(
            &format!(
                "is a table with {width} columns whose first line is no header that is known here"
            ),
            "if it has no header line, add one: name,url,username,password,note; if it is Keeper's: --format keeper-csv",
        ));
    }
    if dotenv::is_mostly(text) {
        return Err(unknown(
            "is mostly lines of NAME=VALUE, and has others",
            "--format dotenv reads the variables and tells each other line",
        ));
    }
    Err(unknown(
        "is text of no kind that is known here",
        "vault import --help has the list of what can be read",
    ))
}

impl ImportFormat {
    /// What reads it.
    #[must_use]
    pub fn reader(self) -> Box<dyn Reader> {
        match self {
            Self::ChromeCsv
            | Self::FirefoxCsv
            | Self::AppleCsv
            | Self::BitwardenCsv
            | Self::OnePasswordCsv
            | Self::LastpassCsv
            | Self::KeepassxcCsv
            | Self::ProtonpassCsv
            | Self::NordpassCsv
            | Self::KeeperCsv
            | Self::EnpassCsv
            | Self::Csv => Box::new(csv::TableReader(self)),
            Self::BitwardenJson => Box::new(bitwarden::BitwardenJson),
            Self::OnePux => Box::new(onepux::OnePux),
            Self::ProtonpassJson => Box::new(protonpass::ProtonPassJson),
            Self::ProtonpassZip => Box::new(protonpass::ProtonPassZip),
            Self::Pass => Box::new(password_store::Pass),
            Self::Passage => Box::new(password_store::Passage),
            Self::Kdbx => Box::new(kdbx::KeePassDatabase),
            Self::Json => Box::new(own::OwnJson),
            Self::Dotenv => Box::new(dotenv::Dotenv),
            Self::KeepassXml => Box::new(keepass_xml::KeePassXml),
        }
    }
}
