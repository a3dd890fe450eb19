//! `KeePassX` 1's XML: groups and entries with a title each, read into what `KeePass`'s is read
//! into.

use super::keepass::KeePassEntry;
use super::keepass_document::KeePassTree;
use crate::error::Result;
use crate::import::parts::times;
use crate::import::parts::xml::{Text, Xml};
use crate::model::text::limits::SECRET_BYTES;
use crate::model::text::secret::Secret;

/// Reads what is in the document's outermost element, which stands for the database.
pub(crate) fn read(xml: &mut Xml<'_>, document: &mut KeePassTree<'_>) -> Result<()> {
    let database = document.new_group(None)?;
    group(xml, document, database)
}

fn group(xml: &mut Xml<'_>, document: &mut KeePassTree<'_>, this: usize) -> Result<()> {
    xml.children(|xml, child| match child.name() {
        "title" => {
            let title = xml.text()?;
            document.name_group(this, &title);
            Ok(())
        }
        "group" => {
            let inner = document.new_group(Some(this))?;
            group(xml, document, inner)
        }
        "entry" => {
            let entry = entry(xml)?;
            document.new_entry(this, entry)
        }
        "icon" => xml.skip(),
        // Groups and entries are read wherever they stand.
        _ => group(xml, document, this),
    })
}

fn entry(xml: &mut Xml<'_>) -> Result<KeePassEntry> {
    let mut entry = KeePassEntry::default();
    xml.children(|xml, child| {
        let text = match xml.text_within(SECRET_BYTES)? {
            Text::Whole(text) => text,
            Text::Long(_) => {
                entry.lose(format!(
                    "a value of it: it has more than {SECRET_BYTES} bytes, the limit"
                ));
                return Ok(());
            }
        };
        // Without a zone; KeePassX means UTC.
        let time = || times::rfc3339(&format!("{}Z", text.trim()));
        let key = match child.name() {
            "creation" => {
                entry.created = time();
                return Ok(());
            }
            "lastmod" => {
                entry.updated = time();
                return Ok(());
            }
            "expire" => {
                entry.expires = time();
                return Ok(());
            }
            "lastaccess" | "icon" => return Ok(()),
            "title" => "Title",
            "username" => "UserName",
            "password" => "Password",
            "url" => "URL",
            "comment" => "Notes",
            other => other,
        };
        let hidden = !matches!(key, "Title" | "UserName" | "URL" | "Notes");
        entry.add(key, Secret::new(text.to_string()), hidden);
        Ok(())
    })?;
    Ok(entry)
}
