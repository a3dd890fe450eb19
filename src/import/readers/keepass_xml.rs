//! `KeePass` 2's XML, which `KeePassXC` writes too, and the older one of `KeePassX` 1.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use zeroize::Zeroizing;

use super::keepass::{FileOf, FileSource, KeePassEntry};
use super::keepass_document::{KeePassTree, Stored};
use super::keepassx;
use crate::crypto::HiddenStream;
use crate::error::{Error, Result};
use crate::import::parts::times;
use crate::import::parts::xml::{Element, Text, Xml};
use crate::import::{Intake, Reader, Source};
use crate::model::text::limits::{
    ATTACHMENT_BYTES, FIELD_BYTES, IMPORT_ATTACHMENTS, IMPORT_LIST, SECRET_BYTES,
};
use crate::model::text::secret::Secret;
use crate::model::transfer::import::shortened;

/// The digits of an attachment in base64, with room for line breaks.
const FILE_DIGITS: usize = ATTACHMENT_BYTES / 2 * 3;
/// Why a value that only a database can show is not kept.
const SEALED: &str = "it is encrypted in the file; import the database itself, or export it again";
/// What attachments may unpack to, in bytes: what there is room for in a vault, twice.
const FILES_BYTES: usize = 32 << 20;

/// What an entry has for its looks and for the program's own book-keeping.
const THEIRS: [&str; 7] = [
    "BackgroundColor",
    "CustomIconUUID",
    "ForegroundColor",
    "History",
    "IconID",
    "PreviousParentGroup",
    "QualityCheck",
];

/// Reads `KeePass`'s XML.
pub(crate) struct KeePassXml;

impl Reader for KeePassXml {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        read(source.text()?, Vec::new(), None, intake)
    }
}

/// Reads the XML. Of a database it has numbered files beside it, and protected values are hidden.
pub(crate) fn read(
    text: &str,
    files: Vec<&[u8]>,
    stream: Option<HiddenStream>,
    intake: &mut Intake,
) -> Result<()> {
    let mut xml = Xml::new(text);
    let root = xml.root()?;
    match root.name() {
        "KeePassFile" => {
            let files = files.into_iter().map(Stored::Beside);
            let mut parser = XmlParser {
                document: KeePassTree::default(),
                room: FILES_BYTES,
                stream,
            };
            parser.document.files = (0..).map(|n: usize| n.to_string()).zip(files).collect();
            parser.read(&mut xml)?;
            parser.document.give(intake)
        }
        "database" => {
            let mut document = KeePassTree::default();
            keepassx::read(&mut xml, &mut document)?;
            document.give(intake)
        }
        _ => Err(Error::usage("the file is no XML of KeePass")
            .hint("in KeePass: File, Export, KeePass XML (2.x)")),
    }
}

/// What reads the XML into a document.
struct XmlParser<'f> {
    document: KeePassTree<'f>,
    /// Bytes of attachments that may still be unpacked.
    room: usize,
    /// What shows protected values, in the order in which they stand.
    stream: Option<HiddenStream>,
}

impl XmlParser<'_> {
    fn read(&mut self, xml: &mut Xml<'_>) -> Result<()> {
        xml.children(|xml, child| match child.name() {
            "Meta" => self.meta(xml),
            "Root" => xml.children(|xml, child| match child.name() {
                "Group" => self.group(xml, None),
                _ => self.unknown(xml, child, None),
            }),
            _ => self.unknown(xml, child, None),
        })?;
        if self.document.is_empty() {
            return Err(Error::usage(
                "the file has no group, so it is no export of KeePass",
            ));
        }
        Ok(())
    }

    fn meta(&mut self, xml: &mut Xml<'_>) -> Result<()> {
        xml.children(|xml, child| match child.name() {
            "RecycleBinEnabled" => {
                self.document.trash_is_used = xml.text()?.eq_ignore_ascii_case("true");
                Ok(())
            }
            "RecycleBinUUID" => {
                self.document.trash = Some(xml.text()?.trim().to_owned());
                Ok(())
            }
            "Binaries" => xml.children(|xml, child| {
                let id = child.attribute("ID").unwrap_or_default();
                let content = match self.bytes(xml, child)? {
                    FileSource::Own(bytes) => Stored::Inside(bytes),
                    FileSource::Lost(why) => Stored::Lost(why),
                    FileSource::Shared(_) => return Ok(()),
                };
                if self.document.files.len() < IMPORT_ATTACHMENTS {
                    self.document.files.insert(id, content);
                }
                Ok(())
            }),
            "DatabaseDescription" => self.lose_text(xml, "the description of the database"),
            "DefaultUserName" => self.lose_text(xml, "the default username of the database"),
            "CustomData" => self.lose_data(xml, "custom data of the database"),
            _ => xml.skip(),
        })
    }

    /// Notes that a text has no place here, if it says anything.
    fn lose_text(&mut self, xml: &mut Xml<'_>, what: &'static str) -> Result<()> {
        if !xml.text()?.trim().is_empty() {
            self.document.lost.insert(what);
        }
        Ok(())
    }

    /// Notes that custom data has no place here, but for what programs keep for themselves.
    fn lose_data(&mut self, xml: &mut Xml<'_>, what: &'static str) -> Result<()> {
        const THEIRS: [&str; 3] = ["_LAST_MODIFIED", "KPXC_", "FDO_SECRETS_"];
        let mut data = KeePassEntry::default();
        xml.children(|xml, _| self.pair(xml, &mut data, "custom data "))?;
        let is_theirs = |key: &str| {
            let key = key.trim_start_matches("custom data ");
            THEIRS.iter().any(|start| key.starts_with(start))
        };
        if !data.lost.is_empty() || data.fields.iter().any(|field| !is_theirs(&field.key)) {
            self.document.lost.insert(what);
        }
        Ok(())
    }

    /// Reads and unpacks a file.
    fn bytes(&mut self, xml: &mut Xml<'_>, element: &Element<'_>) -> Result<FileSource> {
        let lost = |why: &str| Ok(FileSource::Lost(format!("an attachment of it {why}")));
        let stream = self.stream.as_mut().filter(|_| element.is("Protected"));
        let text = match xml.text_within(FILE_DIGITS)? {
            Text::Whole(text) => text,
            Text::Long(digits) => {
                if let Some(stream) = stream {
                    stream.skip(digits / 4 * 3);
                }
                return lost("is larger than an attachment may be");
            }
        };
        let Ok(bytes) = STANDARD.decode(text.trim()) else {
            return lost("is damaged");
        };
        let mut bytes = Zeroizing::new(bytes);
        match stream {
            Some(stream) => stream.show(&mut bytes),
            None if element.is("Protected") && !bytes.is_empty() => {
                return Ok(FileSource::Lost(format!("an attachment of it: {SEALED}")));
            }
            None => {}
        }
        if element.is("Compressed") {
            let mut unpacked = Zeroizing::new(Vec::new());
            let limit = ATTACHMENT_BYTES.min(self.room) as u64 + 1;
            let read = GzDecoder::new(bytes.as_slice())
                .take(limit)
                .read_to_end(&mut unpacked);
            if read.is_err() {
                return lost("is damaged");
            }
            bytes = unpacked;
        }
        if bytes.len() > ATTACHMENT_BYTES {
            return lost("is larger than an attachment may be");
        }
        match self.room.checked_sub(bytes.len()) {
            Some(room) => self.room = room,
            None => return lost("finds no room: the file holds too much of them"),
        }
        Ok(FileSource::Own(bytes))
    }

    fn group(&mut self, xml: &mut Xml<'_>, parent: Option<usize>) -> Result<()> {
        let this = self.document.new_group(parent)?;
        xml.children(|xml, child| match child.name() {
            "UUID" => {
                let id = xml.text()?.trim().to_owned();
                self.document.with_group(this, |group| group.id = id);
                Ok(())
            }
            "Name" => {
                let name = xml.text()?;
                self.document.name_group(this, &name);
                Ok(())
            }
            "Notes" => self.lose_text(xml, "notes of groups"),
            "Tags" => self.lose_text(xml, "tags of groups"),
            "DefaultAutoTypeSequence" => self.lose_text(xml, "auto-type of groups"),
            "CustomData" => self.lose_data(xml, "custom data of groups"),
            "Group" => self.group(xml, Some(this)),
            _ => self.unknown(xml, child, Some(this)),
        })
    }

    /// Looks through what stands where nothing is expected: entries and groups in it belong to the
    /// group that it is in, outside of all groups to the database.
    fn unknown(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        group: Option<usize>,
    ) -> Result<()> {
        match element.name() {
            "Entry" => {
                let entry = self.entry(xml, true)?;
                let group = group.map_or_else(|| self.document.database(), Ok)?;
                self.document.new_entry(group, entry)
            }
            "Group" => {
                let group = group.map_or_else(|| self.document.database(), Ok)?;
                self.group(xml, Some(group))
            }
            // What is hidden takes its part of the stream, wherever it stands.
            _ if self.stream.is_some() && element.is("Protected") => {
                self.bytes(xml, element).map(drop)
            }
            _ => xml.children(|xml, child| self.unknown(xml, child, group)),
        }
    }

    /// What an entry has that is not known: a text is kept hidden, anything else is told.
    fn unknown_of(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        entry: &mut KeePassEntry,
    ) -> Result<()> {
        let name = element.name();
        if THEIRS.contains(&name) {
            return xml.skip();
        }
        if element.is("Protected") {
            let value = self.value(xml, element, entry)?;
            entry.add(name, value, true);
            return Ok(());
        }
        match xml.plain_text(SECRET_BYTES)? {
            Some(Text::Whole(text)) if text.trim().is_empty() => {}
            Some(Text::Whole(text)) => entry.add(name, Secret::new(text.to_string()), true),
            Some(Text::Long(_)) | None => {
                entry.lose(format!("{}: it is not known what that is", shortened(name)));
            }
        }
        Ok(())
    }

    fn entry(&mut self, xml: &mut Xml<'_>, with_history: bool) -> Result<KeePassEntry> {
        let mut entry = KeePassEntry::default();
        xml.children(|xml, child| match child.name() {
            "UUID" => {
                entry.id = xml.text()?.to_string();
                Ok(())
            }
            "Tags" => {
                match xml.text_within(FIELD_BYTES)? {
                    Text::Whole(tags) => entry.tags = tags.to_string(),
                    Text::Long(_) => entry.lose("its tags: they are too long".into()),
                }
                Ok(())
            }
            "Times" => read_times(xml, &mut entry),
            "String" => self.pair(xml, &mut entry, ""),
            "OverrideURL" => {
                let value = self.value(xml, child, &mut entry)?;
                entry.add("override URL", value, false);
                Ok(())
            }
            "AutoType" => self.auto_type(xml, &mut entry),
            "CustomData" => xml.children(|xml, _| self.pair(xml, &mut entry, "custom data ")),
            "Binary" => self.attachment(xml, &mut entry),
            "History" if with_history => xml.children(|xml, child| {
                if child.name() != "Entry" {
                    return xml.skip();
                }
                let former = self.entry(xml, false)?.into_former();
                if entry.history.len() < IMPORT_LIST {
                    entry.history.push(former);
                } else {
                    entry.lose(too_many("former states"));
                }
                Ok(())
            }),
            _ => self.unknown_of(xml, child, &mut entry),
        })?;
        Ok(entry)
    }

    /// What is typed into windows may hold anything.
    fn auto_type(&mut self, xml: &mut Xml<'_>, entry: &mut KeePassEntry) -> Result<()> {
        xml.children(|xml, child| match child.name() {
            "DefaultSequence" => {
                let value = self.value(xml, child, entry)?;
                entry.add("auto-type", value, true);
                Ok(())
            }
            "Association" => xml.children(|xml, child| {
                let value = self.value(xml, child, entry)?;
                let name = format!("auto-type {}", child.name().to_lowercase());
                entry.add(&name, value, true);
                Ok(())
            }),
            _ => xml.skip(),
        })
    }

    fn attachment(&mut self, xml: &mut Xml<'_>, entry: &mut KeePassEntry) -> Result<()> {
        let mut name = String::new();
        let mut content = FileSource::Lost("an attachment of it is not in the file".into());
        xml.children(|xml, child| {
            match child.name() {
                "Key" => name = xml.text()?.to_string(),
                "Value" => match child.attribute("Ref") {
                    Some(id) => {
                        content = FileSource::Shared(id);
                        xml.skip()?;
                    }
                    None => content = self.bytes(xml, child)?,
                },
                _ => xml.skip()?,
            }
            Ok(())
        })?;
        if entry.files.len() < IMPORT_LIST {
            entry.files.push(FileOf { name, content });
        } else {
            entry.lose(too_many("attachments"));
        }
        Ok(())
    }

    /// A key and its value.
    fn pair(&mut self, xml: &mut Xml<'_>, entry: &mut KeePassEntry, prefix: &str) -> Result<()> {
        let mut key = prefix.to_owned();
        let mut found = None;
        xml.children(|xml, child| {
            match child.name() {
                "Key" => key.push_str(&xml.text()?),
                "Value" => {
                    let protected = child.is("ProtectInMemory") || child.is("Protected");
                    let value = self.value(xml, child, entry)?;
                    // What programs keep for themselves is not for everyone to see.
                    found = Some((value, protected || !prefix.is_empty()));
                }
                _ => xml.skip()?,
            }
            Ok(())
        })?;
        // When that data last changed is nobody's secret and of no use here.
        let is_time = key == "custom data _LAST_MODIFIED";
        if let Some((value, protected)) = found.filter(|_| !is_time) {
            entry.add(&key, value, protected);
        }
        Ok(())
    }

    /// A value as it is, or as the stream shows it.
    fn value(
        &mut self,
        xml: &mut Xml<'_>,
        element: &Element<'_>,
        entry: &mut KeePassEntry,
    ) -> Result<Secret> {
        let stream = self.stream.as_mut().filter(|_| element.is("Protected"));
        // Three bytes are four digits.
        let limit = if stream.is_some() {
            SECRET_BYTES / 3 * 4 + 4
        } else {
            SECRET_BYTES
        };
        let text = match xml.text_within(limit)? {
            Text::Whole(text) => text,
            Text::Long(digits) => {
                if let Some(stream) = stream {
                    stream.skip(digits / 4 * 3);
                }
                entry.lose(format!(
                    "a value of it: it has more than {SECRET_BYTES} bytes, the limit"
                ));
                return Ok(Secret::new(String::new()));
            }
        };
        let Some(stream) = stream else {
            if element.is("Protected") && !text.is_empty() {
                entry.lose(format!("a value of it: {SEALED}"));
                return Ok(Secret::new(String::new()));
            }
            return Ok(Secret::new(text.to_string()));
        };
        let damaged = || Error::integrity("a protected value in the database is damaged");
        let mut bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| damaged())?);
        stream.show(&mut bytes);
        let shown = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| damaged())?;
        Ok(Secret::new(shown))
    }
}

fn too_many(what: &str) -> String {
    format!("{what} of it: it has more than {IMPORT_LIST}, the limit")
}

fn read_times(xml: &mut Xml<'_>, entry: &mut KeePassEntry) -> Result<()> {
    let (mut expires, mut end) = (false, None);
    xml.children(|xml, child| {
        match child.name() {
            "CreationTime" => entry.created = times::keepass(&xml.text()?),
            "LastModificationTime" => entry.updated = times::keepass(&xml.text()?),
            "Expires" => expires = xml.text()?.eq_ignore_ascii_case("true"),
            "ExpiryTime" => end = times::keepass(&xml.text()?),
            _ => xml.skip()?,
        }
        Ok(())
    })?;
    entry.expires = end.filter(|_| expires);
    Ok(())
}
