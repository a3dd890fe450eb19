//! `KeePass` 2's XML, as `KeePassXC` imports it. A client is a group, and so is each further part
//! of a path; former secrets are former states of an entry.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesText, Event};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::parts::{folder_id, former, is_xml, seed_uri, strings, text};
use super::{Writer, unwritten};
use crate::error::Result;
use crate::model::records::entry::{Entry, Version};
use crate::model::transfer::portable::Outgoing;

type XmlWriter<'a> = quick_xml::Writer<&'a mut dyn Write>;

/// Names of strings that mean something to `KeePass` or a plugin of it.
const TAKEN: [&str; 7] = [
    "Title",
    "UserName",
    "Password",
    "URL",
    "Notes",
    "otp",
    "TOTP Seed",
];
/// Starts of such names.
const TAKEN_STARTS: [&str; 3] = ["KP2A_URL", "TimeOtp-", "TOTP Settings"];

/// Writes `KeePass`'s XML.
pub(super) struct KeePassXmlExport;

impl Writer for KeePassXmlExport {
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()> {
        let mut xml = XmlWriter::new_with_indent(out, b'\t', 1);
        let files = all_files(outgoing)?;
        let root = XmlGroup::of(outgoing);
        let mut number = 0;
        document(&mut xml, &files, &root, &mut number).map_err(unwritten)?;
        xml.into_inner().write_all(b"\n").map_err(unwritten)
    }
}

/// A file by its name.
struct XmlAttachment<'a> {
    name: &'a str,
    bytes: Zeroizing<Vec<u8>>,
}

/// All files in the order in which entries refer to them.
fn all_files<'a>(outgoing: &Outgoing<'a>) -> Result<BTreeMap<Uuid, Vec<XmlAttachment<'a>>>> {
    let mut all = BTreeMap::new();
    for (_, entry) in &outgoing.entries {
        let mut files = Vec::new();
        for file in entry.attached() {
            let (name, bytes) = (file.name.as_str(), file.bytes()?);
            files.push(XmlAttachment { name, bytes });
        }
        // What XML cannot hold is kept as a file.
        for (name, value, _) in strings(entry) {
            if !is_xml(value) {
                let bytes = Zeroizing::new(value.as_bytes().to_vec());
                files.push(XmlAttachment { name, bytes });
            }
        }
        if !files.is_empty() {
            all.insert(entry.id, files);
        }
    }
    Ok(all)
}

/// Entries and groups by name.
#[derive(Default)]
struct XmlGroup<'a> {
    path: String,
    entries: Vec<(&'a str, &'a str, &'a Entry)>,
    groups: BTreeMap<&'a str, XmlGroup<'a>>,
}

impl<'a> XmlGroup<'a> {
    fn of(outgoing: &'a Outgoing<'_>) -> Self {
        let mut root = Self::default();
        for (path, entry) in &outgoing.entries {
            let mut group = &mut root;
            let mut parts = path.split('/').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    group.entries.push((path, part, entry));
                    break;
                }
                let below = format!("{}/{part}", group.path);
                group = group.groups.entry(part).or_default();
                group.path = below;
            }
        }
        root
    }
}

fn document(
    xml: &mut XmlWriter<'_>,
    files: &BTreeMap<Uuid, Vec<XmlAttachment<'_>>>,
    root: &XmlGroup<'_>,
    number: &mut usize,
) -> io::Result<()> {
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), Some("yes"));
    xml.write_event(Event::Decl(declaration))?;
    within(xml, "KeePassFile", |xml| {
        within(xml, "Meta", |xml| meta(xml, &root.ordered(files)))?;
        within(xml, "Root", |xml| {
            group(xml, "vault", root, files, number)?;
            put(xml, "DeletedObjects", "")
        })
    })
}

impl XmlGroup<'_> {
    /// The files in the order in which [`group`] comes to their entries.
    fn ordered<'f>(
        &self,
        files: &'f BTreeMap<Uuid, Vec<XmlAttachment<'f>>>,
    ) -> Vec<&'f XmlAttachment<'f>> {
        let own = self.entries.iter();
        let own = own
            .filter_map(|(_, _, entry)| files.get(&entry.id))
            .flatten();
        let below = self.groups.values().flat_map(|group| group.ordered(files));
        own.chain(below).collect()
    }
}

fn meta(xml: &mut XmlWriter<'_>, files: &[&XmlAttachment<'_>]) -> io::Result<()> {
    put(xml, "Generator", "vault")?;
    put(xml, "DatabaseName", "vault")?;
    within(xml, "MemoryProtection", |xml| {
        put(xml, "ProtectPassword", "True")
    })?;
    put(xml, "RecycleBinEnabled", "False")?;
    // All that were in use are kept.
    put(xml, "HistoryMaxItems", "-1")?;
    put(xml, "HistoryMaxSize", "-1")?;
    within(xml, "Binaries", |xml| {
        for (at, file) in files.iter().enumerate() {
            let content = Zeroizing::new(STANDARD.encode(&*file.bytes));
            let id = at.to_string();
            let element = xml.create_element("Binary");
            let element = element.with_attributes([("ID", id.as_str()), ("Compressed", "False")]);
            element.write_text_content(BytesText::from_escaped(content.as_str()))?;
        }
        Ok(())
    })
}

fn group(
    xml: &mut XmlWriter<'_>,
    name: &str,
    content: &XmlGroup<'_>,
    files: &BTreeMap<Uuid, Vec<XmlAttachment<'_>>>,
    number: &mut usize,
) -> io::Result<()> {
    within(xml, "Group", |xml| {
        put(xml, "UUID", &id(folder_id(&content.path)))?;
        put(xml, "Name", name)?;
        for (path, title, item) in &content.entries {
            let own = files.get(&item.id).map_or(&[][..], Vec::as_slice);
            entry(xml, path, title, item, own, number)?;
        }
        for (name, below) in &content.groups {
            group(xml, name, below, files, number)?;
        }
        Ok(())
    })
}

fn entry(
    xml: &mut XmlWriter<'_>,
    path: &str,
    title: &str,
    item: &Entry,
    files: &[XmlAttachment<'_>],
    number: &mut usize,
) -> io::Result<()> {
    within(xml, "Entry", |xml| {
        put(xml, "UUID", &id(item.id))?;
        put(xml, "Tags", &item.tags().join(";"))?;
        times(
            xml,
            item.created,
            item.updated(),
            item.expires.value().copied(),
        )?;
        string(xml, "Title", title, false)?;
        for (key, value, hidden) in strings(item) {
            string(xml, &free_key(key), value, hidden)?;
        }
        for (at, url) in item.urls().iter().enumerate().skip(1) {
            string(xml, &format!("KP2A_URL_{at}"), url, false)?;
        }
        if let Some(uri) = seed_uri(path, item) {
            string(xml, "otp", uri.expose(), true)?;
        }
        for file in files {
            within(xml, "Binary", |xml| {
                put(xml, "Key", file.name)?;
                let number = number.to_string();
                let value = xml.create_element("Value");
                value
                    .with_attribute(("Ref", number.as_str()))
                    .write_empty()?;
                Ok(())
            })?;
            *number += 1;
        }
        within(xml, "History", |xml| {
            let states = former(item);
            states
                .iter()
                .try_for_each(|state| former_state(xml, title, item, state))
        })
    })
}

fn former_state(
    xml: &mut XmlWriter<'_>,
    title: &str,
    item: &Entry,
    state: &Version,
) -> io::Result<()> {
    within(xml, "Entry", |xml| {
        put(xml, "UUID", &id(item.id))?;
        times(xml, item.created, state.in_use_since(), None)?;
        string(xml, "Title", title, false)?;
        string(xml, "UserName", text(item.username.value()), false)?;
        string(xml, "Password", state.secret().expose(), true)
    })
}

/// A key that has no meaning of its own; those of built-in fields have theirs.
fn free_key(name: &str) -> String {
    let is_own = ["UserName", "Password", "URL", "Notes"].contains(&name);
    let is_taken =
        TAKEN.contains(&name) || TAKEN_STARTS.iter().any(|start| name.starts_with(start));
    if is_taken && !is_own {
        format!("{name} field")
    } else {
        name.to_owned()
    }
}

fn times(
    xml: &mut XmlWriter<'_>,
    created: Timestamp,
    updated: Timestamp,
    expires: Option<Timestamp>,
) -> io::Result<()> {
    within(xml, "Times", |xml| {
        put(xml, "LastModificationTime", &updated.to_string())?;
        put(xml, "CreationTime", &created.to_string())?;
        let end = expires.unwrap_or(created);
        put(xml, "ExpiryTime", &end.to_string())?;
        put(
            xml,
            "Expires",
            if expires.is_some() { "True" } else { "False" },
        )
    })
}

/// A text by its key; what XML cannot hold is a file instead, and nothing is not written.
fn string(xml: &mut XmlWriter<'_>, key: &str, value: &str, hidden: bool) -> io::Result<()> {
    if value.is_empty() || !is_xml(value) {
        return Ok(());
    }
    within(xml, "String", |xml| {
        put(xml, "Key", key)?;
        let element = xml.create_element("Value");
        let element = if hidden {
            element.with_attribute(("ProtectInMemory", "True"))
        } else {
            element
        };
        element.write_text_content(BytesText::from_escaped(escaped(value)))?;
        Ok(())
    })
}

fn put(xml: &mut XmlWriter<'_>, name: &str, value: &str) -> io::Result<()> {
    let text = BytesText::from_escaped(escaped(value));
    xml.create_element(name).write_text_content(text)?;
    Ok(())
}

/// A line end is part of the text, and not the reader's to unify.
fn escaped(value: &str) -> String {
    escape(value).replace('\r', "&#xD;")
}

fn within<'o>(
    xml: &mut XmlWriter<'o>,
    name: &str,
    write: impl FnOnce(&mut XmlWriter<'o>) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).write_inner_content(write)?;
    Ok(())
}

fn id(id: Uuid) -> String {
    STANDARD.encode(id.as_bytes())
}
