//! The formats by name, and which one a file is, by what it holds and not by what it is called.

use clap::ValueEnum;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Reader;
use super::parts::archive::Archive;
use super::parts::json::{each, object};
use super::parts::xml::Xml;
use super::readers::{
    bitwarden, csv, dotenv, kdbx, keepass_xml, onepux, own, password_store, protonpass,
};
use super::source::Source;
use crate::error::{Error, Kind, Result};
use crate::model::transfer::portable::FORMAT_NAME;

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(
    clippy::doc_markdown,
    reason = "names of programs, as the help shows them"
)]
pub enum Format {
    /// Chrome, Edge, Brave, Opera, Vivaldi
    ChromeCsv,
    /// Firefox
    FirefoxCsv,
    /// Apple Passwords, Safari
    AppleCsv,
    /// Bitwarden, Vaultwarden
    BitwardenCsv,
    /// Bitwarden, Vaultwarden; of a person or an organisation
    BitwardenJson,
    /// 1Password
    #[value(name = "1password-csv")]
    OnePasswordCsv,
    /// 1Password, with files
    #[value(name = "1pux")]
    OnePux,
    /// LastPass
    LastpassCsv,
    /// KeePassXC, KeePassX 2, KeePass 1
    KeepassxcCsv,
    /// KeePass 2, KeePassXC, with history and files
    KeepassXml,
    /// KeePass 2, KeePassXC: the database itself, version 3.1 or 4
    Kdbx,
    /// Proton Pass
    ProtonpassCsv,
    /// Proton Pass, what its archive holds
    ProtonpassJson,
    /// Proton Pass, the archive
    ProtonpassZip,
    /// NordPass
    NordpassCsv,
    /// Keeper; it has no header, so it has to be named
    KeeperCsv,
    /// Enpass: a title, and pairs of a label and its value
    EnpassCsv,
    /// Any other table whose header has names such as name, url, username, password, notes
    Csv,
    /// pass, gopass: the folder, opened by gpg
    Pass,
    /// passage: the folder, opened by an age identity
    Passage,
    /// Variables of an environment, NAME=value
    Dotenv,
    /// What vault export wrote: all of it, in a vault that has nothing yet as it was
    Json,
}

impl Format {
    /// Its name in options, output and the log.
    #[must_use]
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

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
            | Self::Csv => Box::new(csv::Table(self)),
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

    /// Whether what was read is encrypted, so that it may stay where it is.
    #[must_use]
    pub fn is_sealed(self) -> bool {
        matches!(self, Self::Kdbx | Self::Pass | Self::Passage)
    }

    /// What else holds the secrets in plain text once they are here, beside the file.
    #[must_use]
    pub fn leftovers(self) -> Option<&'static str> {
        match self {
            Self::ChromeCsv | Self::FirefoxCsv | Self::AppleCsv => Some(
                "the browser still has them too: delete them in its settings, and let it save no more",
            ),
            _ => None,
        }
    }
}

/// Which format a source is.
///
/// # Errors
/// [`crate::error::Kind::Refused`] for what is encrypted, [`crate::error::Kind::Usage`] for
/// anything else that cannot be read, saying what it looks like and what to export instead.
pub fn detect(source: &Source<'_>) -> Result<Format> {
    if let Some(folder) = source.folder {
        return match password_store::ending(folder) {
            Some("gpg") => Ok(Format::Pass),
            Some(_) => Ok(Format::Passage),
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
        return Ok(Format::Kdbx);
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

fn unknown(looks_like: &str, hint: &str) -> Error {
    Error::usage(format!("the file {looks_like}")).hint(hint)
}

fn encrypted(what: &str, hint: &str) -> Error {
    Error::refused(format!(
        "the file is {what}; it cannot be read without its key"
    ))
    .hint(hint)
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
            "is no text, and nothing that is known here",
            "export as CSV, JSON or XML; vault import --help has the list",
        ));
    }
    Ok(())
}

/// What tells JSON exports apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Marks<'a> {
    encrypted: Option<bool>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    folders: Option<IgnoredAny>,
    collections: Option<IgnoredAny>,
    #[serde(borrow)]
    accounts: Option<&'a RawValue>,
    vaults: Option<IgnoredAny>,
    ct: Option<IgnoredAny>,
    db: Option<IgnoredAny>,
    tokens: Option<IgnoredAny>,
    format: Option<std::borrow::Cow<'a, str>>,
}

impl<'a> Marks<'a> {
    fn of(text: &'a str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(marks) => Ok(marks),
            Err(why) if why.is_data() => Ok(Self::default()),
            Err(why) => Err(malformed("JSON", why.line(), why.column())),
        }
    }

    /// Bitwarden's own exports say whether they are encrypted; what other tools make of them does
    /// not, and is known by its items.
    fn is_bitwarden(&self) -> bool {
        let lists = self.folders.is_some() || self.collections.is_some();
        self.items.is_some_and(|items| {
            let is_empty = lists && items.get().trim_start_matches(['[', ' ', '\n']) == "]";
            self.encrypted.is_some() || is_empty || has_item(items.get(), bitwarden::KINDS)
        })
    }

    fn is_enpass(&self) -> bool {
        let own = &["category", "fields", "template_type"];
        self.items.is_some_and(|items| has_item(items.get(), own))
    }

    fn check_plain(&self) -> Result<()> {
        if self.encrypted == Some(true) {
            return Err(encrypted(
                "an encrypted export of Bitwarden or Proton Pass",
                "export again as .json and not as .json (Encrypted), or without a passphrase",
            ));
        }
        Ok(())
    }
}

/// Whether an item of a list has one of these members.
fn has_item(items: &str, members: &[&str]) -> bool {
    let mut found = false;
    let read = each(items, |item| {
        found = found || object(item).is_some_and(|item| item.has_any(members));
        Ok(())
    });
    read.is_ok() && found
}

/// Refuses an export of Bitwarden that is encrypted.
pub(super) fn detect_encrypted(text: &str) -> Result<()> {
    Marks::of(text)?.check_plain()
}

fn archive(source: &Source<'_>) -> Result<Format> {
    let archive = Archive::open(source.bytes)?;
    if archive.names().iter().any(|name| name == onepux::DATA) {
        return Ok(Format::OnePux);
    }
    if protonpass::data_of(&archive).is_some() {
        return Ok(Format::ProtonpassZip);
    }
    Err(unknown(
        "is an archive of no kind that is known here",
        "unpack it and import what is in it",
    ))
}

fn json(text: &str) -> Result<Format> {
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
        return Ok(Format::Json);
    }
    if marks.is_bitwarden() || bitwarden::is_list(text) {
        return Ok(Format::BitwardenJson);
    }
    if marks.is_enpass() {
        return Err(unknown(
            "looks like Enpass's JSON, which is not read here",
            "export as CSV instead: in Enpass, File, Export, and the type .csv",
        ));
    }
    let has_vaults = |accounts: &&RawValue| accounts.get().contains("\"vaults\"");
    if marks.accounts.as_ref().is_some_and(has_vaults) {
        return Ok(Format::OnePux);
    }
    if marks.vaults.is_some() {
        return Ok(Format::ProtonpassJson);
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

/// What is malformed, by place only.
pub(super) fn malformed(what: &str, line: usize, column: usize) -> Error {
    Error::usage(format!(
        "the file is malformed {what} at line {line} column {column}"
    ))
    .hint("export it again; nothing was changed")
}

fn xml(text: &str) -> Result<Format> {
    let root = Xml::new(text).root().map(|root| root.name().to_owned());
    match root.as_deref() {
        Ok("database") if has_cards(text) => {
            return Err(unknown(
                "looks like SafeInCloud's XML, which is not read here",
                "export as CSV: in SafeInCloud, File, Export, As CSV",
            ));
        }
        Ok("KeePassFile" | "database") => return Ok(Format::KeepassXml),
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

fn table(text: &str) -> Result<Format> {
    let (format, width) = csv::recognised(text);
    if let Some(format) = format {
        return Ok(format);
    }
    if dotenv::is_one(text) {
        return Ok(Format::Dotenv);
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
    Err(unknown(
        "is text of no kind that is known here",
        "vault import --help has the list of what can be read",
    ))
}
