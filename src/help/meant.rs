//! What is meant by the value of an argument, and the names that a vault has for it.

use std::any::TypeId;
use std::path::PathBuf;

use clap::Arg;

use crate::model::entry::sought::{Sought, SoughtEntry};
use crate::model::records::record_id::RecordId;
use crate::model::text::name::{ClientSlug, ContactName, EntryPath, Tag};
use crate::model::text::selector::{ListedFolder, Selector};

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// An entry, by its path.
    Entry,
    /// An entry in the trash, by the path that it had.
    Trashed,
    /// A client, by its short name.
    Client,
    /// A contact.
    Contact,
    /// A request or a consent, by its number.
    Consent,
    /// A share that was made here, by its number.
    Share,
    /// A share that came from others, by its number.
    Received,
    /// A request for credentials that waits for its answer, by its number.
    Ask,
    /// An incident, by its number.
    Incident,
    /// A recovery identity that opens the vault, by its short id.
    Recovery,
    /// Another key that opens the vault, by its short id.
    Recipient,
    /// A field of an entry, with a name of its own.
    Field,
    /// A field that an entry may have of its nature, as its username.
    CommonField,
    /// What an entry has of its nature and `--unset` takes away.
    Emptied,
    /// A file that is kept with an entry.
    Attachment,
    /// A tag.
    Tag,
    /// A device that has written the vault.
    Device,
    /// An earlier generation of the vault.
    Backup,
    /// A command.
    Command,
}

/// A name, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownName {
    /// What it is the name of.
    pub kind: NameKind,
    /// The whole word, unquoted.
    pub word: String,
    /// What it is, on one line.
    pub about: Option<String>,
    /// The entry that it is a field of.
    pub of: Option<String>,
}

impl KnownName {
    /// A name of which nothing more is to be said.
    #[must_use]
    pub fn new(kind: NameKind, word: String) -> Self {
        Self {
            kind,
            word,
            about: None,
            of: None,
        }
    }

    /// The same name, with what it is.
    #[must_use]
    pub fn about(mut self, text: String) -> Self {
        self.about = Some(text);
        self
    }

    /// The same name, as that of a field of an entry.
    #[must_use]
    pub fn of(mut self, entry: impl Into<String>) -> Self {
        self.of = Some(entry.into());
        self
    }

    /// The same name in other words.
    pub(super) fn called(mut self, how: impl FnOnce(&str) -> String) -> Self {
        self.word = how(&self.word);
        self
    }

    /// Whether it may be what is being typed: a number in any case, and with its hyphen or not.
    pub(super) fn fits(&self, typed: &str) -> bool {
        let is_number = matches!(
            self.kind,
            NameKind::Consent
                | NameKind::Share
                | NameKind::Received
                | NameKind::Ask
                | NameKind::Incident
        );
        let plain = |text: &str| text.replace('-', "").to_ascii_uppercase();
        self.word.starts_with(typed) || (is_number && plain(&self.word).starts_with(&plain(typed)))
    }
}

/// Where names are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameSource {
    /// The vault, which has to be open.
    Vault,
    /// The earlier generations that are kept, which need no password.
    Backups,
}

/// What is meant by the value of an argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meant {
    /// A name of one of these kinds.
    Names(&'static [NameKind]),
    /// Entries, or all of a client.
    Entries,
    /// The path of an entry that is to be made.
    NewEntry,
    /// A field of one of these kinds, of the entry on the line.
    Field(&'static [NameKind]),
    /// A command.
    Command,
    /// A name of one of these kinds, or any file.
    OrFile(NameSource, &'static [NameKind]),
    /// A file.
    File,
}

impl Meant {
    /// What an argument of a command means; `path` are the words that name the command.
    pub(super) fn by(path: &str, arg: &Arg) -> Option<Self> {
        use NameKind::{Client, Consent, Contact, Entry, Incident, Received, Share, Trashed};
        let parsed = arg.get_value_parser().type_id();
        let is = |id: TypeId| parsed == id;
        let name = arg.get_id().as_str();
        Some(match (path, name) {
            ("add", "entry") | ("mv", "new") => Self::NewEntry,
            ("ask", "entry") | ("receive", "as_entry") => Self::Entries,
            ("ask close", _) => Self::Names(&[NameKind::Ask]),
            ("help", "commands") => Self::Command,
            ("restore", "file") => Self::OrFile(NameSource::Backups, &[NameKind::Backup]),
            ("log", "about") | ("who", "name") => Self::Names(&[Client, Contact, Entry]),
            ("shares", "of") | ("purge", "names") => Self::Names(&[Client, Entry]),
            ("trash restore" | "trash empty", "names") => Self::Names(&[Trashed]),
            ("consent withdraw", "what") => Self::Names(&[Client, Consent, Share]),
            ("consent answer", "words") => Self::OrFile(NameSource::Vault, &[Consent]),
            ("add" | "edit", "fields" | "secret_fields") => return None,
            ("recovery rm", _) => Self::Names(&[NameKind::Recovery]),
            ("recipient rm", _) => Self::Names(&[NameKind::Recipient]),
            ("edit", "unset") => Self::Field(&[NameKind::Field, NameKind::Emptied]),
            ("detach", "name") | ("get", "file") => Self::Field(&[NameKind::Attachment]),
            ("log", "by") => Self::Names(&[NameKind::Device]),
            ("get", "field") => Self::Field(&[NameKind::Field, NameKind::CommonField]),
            ("share" | "consent request" | "consent add" | "history", "field" | "fields") => {
                Self::Field(&[NameKind::Field])
            }
            ("attest", _) | ("receive", "again") if is(TypeId::of::<RecordId>()) => {
                Self::Names(&[Received])
            }
            ("shares show", _) if is(TypeId::of::<RecordId>()) => Self::Names(&[Share, Received]),
            (_, "consent") => Self::Names(&[Consent]),
            (path, _) if is(TypeId::of::<RecordId>()) && path.starts_with("consent") => {
                Self::Names(&[Consent])
            }
            (_, "incident") => Self::Names(&[Incident]),
            (path, _) if is(TypeId::of::<RecordId>()) && path.starts_with("incident") => {
                Self::Names(&[Incident])
            }
            _ if is(TypeId::of::<RecordId>()) => Self::Names(&[Share]),
            _ if is(TypeId::of::<EntryPath>()) || is(TypeId::of::<SoughtEntry>()) => {
                Self::Names(&[Entry])
            }
            _ if is(TypeId::of::<Selector>()) || is(TypeId::of::<Sought<Selector>>()) => {
                Self::Entries
            }
            _ if is(TypeId::of::<ClientSlug>()) || is(TypeId::of::<ListedFolder>()) => {
                Self::Names(&[Client])
            }
            _ if is(TypeId::of::<ContactName>()) => Self::Names(&[Contact]),
            _ if is(TypeId::of::<Tag>()) => Self::Names(&[NameKind::Tag]),
            _ if is(TypeId::of::<PathBuf>()) => Self::File,
            _ => return None,
        })
    }
}
