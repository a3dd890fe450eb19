//! `KeePass` 2's XML, which `KeePassXC` writes too, and the older one of `KeePassX` 1.

use std::collections::HashMap;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use zeroize::Zeroizing;

use super::keepass::{Entry, TextField};
use super::xml::{Element, Xml};
use super::{Intake, Reader, Source, times};
use crate::crypto::HiddenStream;
use crate::error::{Error, Result};
use crate::model::import::{Imported, ImportedFile};
use crate::model::limits::IMPORT_BYTES;
use crate::model::secret::Secret;

/// Reads `KeePass`'s XML.
pub(super) struct KeePassXml;

impl Reader for KeePassXml {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        read(source.text()?, Vec::new(), None, intake)
    }
}

/// Reads the XML. Of a database it has numbered files beside it, and protected values are hidden.
pub(super) fn read(
    text: &str,
    files: Vec<Zeroizing<Vec<u8>>>,
    stream: Option<HiddenStream>,
    intake: &mut Intake,
) -> Result<()> {
    let mut xml = Xml::new(text);
    let root = xml.root()?.name();
    let mut document = Document::new(intake);
    document.stream = stream;
    document.files = (0..).map(|n: usize| n.to_string()).zip(files).collect();
    match root.as_str() {
        "KeePassFile" => document.read(&mut xml),
        "database" => document.groups_of_keepassx(&mut xml, &[]),
        _ => Err(Error::usage("the file is no XML of KeePass")
            .hint("in KeePass: File, Export, KeePass XML (2.x)")),
    }
}

struct Document<'a> {
    intake: &'a mut Intake,
    row: u64,
    trash: Option<String>,
    trash_is_used: bool,
    files: HashMap<String, Zeroizing<Vec<u8>>>,
    /// Bytes that may still be unpacked.
    room: u64,
    /// What shows protected values, in the order in which they stand.
    stream: Option<HiddenStream>,
}

impl<'i> Document<'i> {
    fn new(intake: &'i mut Intake) -> Self {
        Self {
            intake,
            row: 0,
            trash: None,
            trash_is_used: false,
            files: HashMap::new(),
            room: IMPORT_BYTES,
            stream: None,
        }
    }

    fn read(&mut self, xml: &mut Xml<'_>) -> Result<()> {
        let mut groups = 0;
        xml.children(|xml, child| match child.name().as_str() {
            "Meta" => self.meta(xml),
            "Root" => xml.children(|xml, child| {
                if child.name() == "Group" {
                    groups += 1;
                    // The outermost group is the database itself.
                    self.group(xml, None, false)
                } else {
                    xml.skip()
                }
            }),
            _ => xml.skip(),
        })?;
        if groups == 0 {
            return Err(Error::usage(
                "the file has no group, so it is no export of KeePass",
            ));
        }
        Ok(())
    }

    fn meta(&mut self, xml: &mut Xml<'_>) -> Result<()> {
        xml.children(|xml, child| match child.name().as_str() {
            "RecycleBinEnabled" => {
                self.trash_is_used = xml.text()?.eq_ignore_ascii_case("true");
                Ok(())
            }
            "RecycleBinUUID" => {
                self.trash = Some(xml.text()?.trim().to_owned());
                Ok(())
            }
            "Binaries" => xml.children(|xml, child| {
                let id = child.attribute("ID").unwrap_or_default();
                let packed = child.is("Compressed");
                let text = xml.text()?;
                let bytes = self.bytes(child, &text, packed)?;
                self.files.extend(bytes.map(|bytes| (id, bytes)));
                Ok(())
            }),
            _ => xml.skip(),
        })
    }

    /// Decodes a file; none where it is not what it says it is.
    fn bytes(
        &mut self,
        element: &Element<'_>,
        base64: &str,
        packed: bool,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Ok(bytes) = STANDARD.decode(base64.trim()) else {
            return Ok(None);
        };
        let mut bytes = Zeroizing::new(bytes);
        if let Some(stream) = self.stream.as_mut().filter(|_| element.is("Protected")) {
            stream.show(&mut bytes);
        }
        let bytes = if packed {
            let mut unpacked = Zeroizing::new(Vec::new());
            let read = GzDecoder::new(bytes.as_slice())
                .take(self.room + 1)
                .read_to_end(&mut unpacked);
            if read.is_err() {
                return Ok(None);
            }
            unpacked
        } else {
            bytes
        };
        self.room = self.room.checked_sub(bytes.len() as u64).ok_or_else(|| {
            Error::usage(format!(
                "the attachments unpack to more than {IMPORT_BYTES} bytes, the limit"
            ))
        })?;
        Ok(Some(bytes))
    }

    fn group(&mut self, xml: &mut Xml<'_>, path: Option<&[String]>, in_trash: bool) -> Result<()> {
        let mut in_trash = in_trash;
        let mut groups = path.map(<[String]>::to_vec);
        let mut named = false;
        xml.children(|xml, child| match child.name().as_str() {
            "UUID" => {
                let id = xml.text()?;
                in_trash |= self.trash_is_used && self.trash.as_deref() == Some(id.trim());
                Ok(())
            }
            "Name" => {
                let name = xml.text()?;
                if let Some(groups) = groups.as_mut().filter(|_| !named) {
                    groups.push(name.to_string());
                }
                named = true;
                Ok(())
            }
            "Entry" => {
                self.row += 1;
                let row = self.row;
                let entry = self.entry(xml, true)?;
                if in_trash {
                    return self.intake.skip(row, "it is in the recycle bin there");
                }
                let (imported, lost) = entry.imported(row, groups.as_deref().unwrap_or_default());
                for reason in lost {
                    self.intake.lose(row, reason);
                }
                self.intake.entry(imported)
            }
            "Group" => {
                let path = groups.clone().unwrap_or_default();
                self.group(xml, Some(&path), in_trash)
            }
            _ => xml.skip(),
        })
    }

    fn entry(&mut self, xml: &mut Xml<'_>, with_history: bool) -> Result<Entry> {
        let mut entry = Entry::default();
        xml.children(|xml, child| match child.name().as_str() {
            "Tags" => {
                entry.tags = xml.text()?.to_string();
                Ok(())
            }
            "Times" => read_times(xml, &mut entry),
            "String" => {
                entry.fields.extend(self.string(xml)?);
                Ok(())
            }
            "Binary" => self.attachment(xml, &mut entry),
            "History" if with_history => xml.children(|xml, child| {
                if child.name() == "Entry" {
                    entry.history.push(self.entry(xml, false)?);
                    Ok(())
                } else {
                    xml.skip()
                }
            }),
            _ => xml.skip(),
        })?;
        Ok(entry)
    }

    fn attachment(&mut self, xml: &mut Xml<'_>, entry: &mut Entry) -> Result<()> {
        let mut name = String::new();
        let mut found = None;
        xml.children(|xml, child| {
            match child.name().as_str() {
                "Key" => name = xml.text()?.to_string(),
                "Value" => {
                    let reference = child.attribute("Ref");
                    let packed = child.is("Compressed");
                    let text = xml.text()?;
                    found = match reference {
                        Some(id) => self.files.get(&id).cloned(),
                        None => self.bytes(child, &text, packed)?,
                    };
                }
                _ => xml.skip()?,
            }
            Ok(())
        })?;
        match found {
            Some(bytes) => entry.files.push(ImportedFile { name, bytes }),
            None => entry
                .lost
                .push("an attachment of it is not in the file".into()),
        }
        Ok(())
    }

    fn string(&mut self, xml: &mut Xml<'_>) -> Result<Option<TextField>> {
        let mut key = String::new();
        let mut value = None;
        let mut protected = false;
        xml.children(|xml, child| {
            match child.name().as_str() {
                "Key" => key = xml.text()?.to_string(),
                "Value" => {
                    protected = child.is("ProtectInMemory") || child.is("Protected");
                    value = Some(self.shown(child, &xml.text()?)?);
                }
                _ => xml.skip()?,
            }
            Ok(())
        })?;
        Ok(value.map(|value| TextField {
            key,
            value,
            protected,
        }))
    }

    /// A value as it is, or as the stream shows it.
    fn shown(&mut self, element: &Element<'_>, text: &str) -> Result<Secret> {
        let Some(stream) = self.stream.as_mut().filter(|_| element.is("Protected")) else {
            return Ok(Secret::new(text.to_owned()));
        };
        let damaged = || Error::integrity("a protected value in the database is damaged");
        let mut bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| damaged())?);
        stream.show(&mut bytes);
        let shown = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| damaged())?;
        Ok(Secret::new(shown))
    }

    /// `KeePassX` 1: groups and entries with a title each.
    fn groups_of_keepassx(&mut self, xml: &mut Xml<'_>, path: &[String]) -> Result<()> {
        let mut path = path.to_vec();
        xml.children(|xml, child| match child.name().as_str() {
            "title" => {
                path.push(xml.text()?.to_string());
                Ok(())
            }
            "group" => self.groups_of_keepassx(xml, &path),
            "entry" => {
                self.row += 1;
                let mut imported = Imported::at(self.row);
                imported.groups.clone_from(&path);
                xml.children(|xml, child| keepassx_field(xml, child, &mut imported))?;
                self.intake.entry(imported)
            }
            _ => xml.skip(),
        })
    }
}

fn keepassx_field(xml: &mut Xml<'_>, child: &Element<'_>, imported: &mut Imported) -> Result<()> {
    let text = xml.text()?;
    // Without a zone; KeePassX means UTC.
    let time = || times::rfc3339(&format!("{}Z", text.trim()));
    match child.name().as_str() {
        "title" => imported.title = text.to_string(),
        "username" if !text.is_empty() => imported.username = Some(text.to_string()),
        "password" => imported.secret = Some(Secret::new(text.to_string())),
        "url" => imported.urls.push(text.to_string()),
        "comment" => imported.note(&text),
        "creation" => imported.created = time(),
        "lastmod" => imported.updated = time(),
        "expire" => imported.expires = time(),
        _ => {}
    }
    Ok(())
}

fn read_times(xml: &mut Xml<'_>, entry: &mut Entry) -> Result<()> {
    let (mut expires, mut end) = (false, None);
    xml.children(|xml, child| {
        let text = xml.text()?;
        match child.name().as_str() {
            "CreationTime" => entry.created = times::keepass(&text),
            "LastModificationTime" => entry.updated = times::keepass(&text),
            "Expires" => expires = text.eq_ignore_ascii_case("true"),
            "ExpiryTime" => end = times::keepass(&text),
            _ => {}
        }
        Ok(())
    })?;
    entry.expires = end.filter(|_| expires);
    Ok(())
}
