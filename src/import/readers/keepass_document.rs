//! All that a database of `KeePass` holds, until it was read to its end: nothing in it has to stand
//! in an order, and where an entry belongs may be said after it.

use std::collections::{BTreeSet, HashMap};

use zeroize::Zeroizing;

use super::keepass::{FileOf, FileSource, KeePassEntry};
use super::keepass_references;
use crate::error::{Error, Result};
use crate::import::Intake;
use crate::model::text::limits::ENTRIES;
use crate::model::transfer::import::{ImportedFile, shortened};

/// A group, by what may stand anywhere in it.
pub(crate) struct KeePassGroup {
    /// Its name; the outermost one is the database itself and has none.
    name: Option<String>,
    pub(crate) id: String,
    parent: Option<usize>,
}

/// An attachment in the list of the whole file.
pub(crate) enum Stored<'f> {
    /// Beside the XML.
    Beside(&'f [u8]),
    /// In the XML, decoded.
    Inside(Zeroizing<Vec<u8>>),
    /// Nowhere; this is why.
    Lost(String),
}

/// What was read so far.
#[derive(Default)]
pub(crate) struct KeePassTree<'f> {
    groups: Vec<KeePassGroup>,
    /// The group of entries that stand in none.
    database: Option<usize>,
    /// The entries, each with its group, in the order in which they stand.
    entries: Vec<KeePassEntry>,
    groups_of_entries: Vec<usize>,
    /// The recycle bin's UUID, and whether it is used.
    pub(crate) trash: Option<String>,
    pub(crate) trash_is_used: bool,
    /// Attachments, by the numbers that entries have for them.
    pub(crate) files: HashMap<String, Stored<'f>>,
    /// What groups and the database have that has no place here, each kind once.
    pub(crate) lost: BTreeSet<&'static str>,
}

impl KeePassTree<'_> {
    /// Adds a group that nothing is known of yet.
    pub(crate) fn new_group(&mut self, parent: Option<usize>) -> Result<usize> {
        let this = self.groups.len();
        if this >= ENTRIES {
            return Err(Error::usage(format!(
                "the file has more than {ENTRIES} groups, the limit"
            )));
        }
        self.groups.push(KeePassGroup {
            name: None,
            id: String::new(),
            parent,
        });
        Ok(this)
    }

    /// The database itself, as the group of what stands in none.
    pub(crate) fn database(&mut self) -> Result<usize> {
        let found = self.database.map_or_else(|| self.new_group(None), Ok)?;
        self.database = Some(found);
        Ok(found)
    }

    /// Names a group that has no name yet.
    pub(crate) fn name_group(&mut self, at: usize, name: &str) {
        let name = shortened(name).to_owned();
        self.with_group(at, |group| group.name = group.name.take().or(Some(name)));
    }

    /// Adds an entry to a group.
    pub(crate) fn new_entry(&mut self, group: usize, entry: KeePassEntry) -> Result<()> {
        if self.entries.len() >= ENTRIES {
            return Err(Error::usage(format!(
                "the file has more than {ENTRIES} entries, the limit of a vault"
            )));
        }
        self.entries.push(entry);
        self.groups_of_entries.push(group);
        Ok(())
    }

    /// Whether there is no group in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Changes what is known of a group.
    pub(crate) fn with_group(&mut self, at: usize, change: impl FnOnce(&mut KeePassGroup)) {
        if let Some(group) = self.groups.get_mut(at) {
            change(group);
        }
    }

    /// Gives on what was read.
    pub(crate) fn give(self, intake: &mut Intake) -> Result<()> {
        let Self {
            groups,
            mut entries,
            groups_of_entries,
            trash,
            trash_is_used,
            files,
            lost,
            ..
        } = self;
        let trash = trash.filter(|id| trash_is_used && !id.is_empty());
        let trash = |group: &KeePassGroup| trash.as_ref().is_some_and(|id| *id == group.id);
        keepass_references::resolve(&mut entries);
        let placed = entries.into_iter().zip(groups_of_entries);
        let mut row = 0;
        for (entry, at) in placed {
            row += 1;
            let path = path_of(&groups, at);
            if path.iter().any(|group| trash(group)) {
                intake.skip(row, "it is in the recycle bin there")?;
                continue;
            }
            // The outermost group is the database itself.
            let inner = path.iter().skip(1);
            let names: Vec<&str> = inner.filter_map(|group| group.name.as_deref()).collect();
            give_entry(entry, row, &names, &files, intake)?;
        }
        for what in lost {
            let why = format!("{what}: it is of no entry, and has no place here");
            intake.lose(row.max(1), why);
        }
        Ok(())
    }
}

/// The groups from the outermost one to this.
fn path_of(groups: &[KeePassGroup], at: usize) -> Vec<&KeePassGroup> {
    let mut path: Vec<&KeePassGroup> = Vec::new();
    let mut next = Some(at);
    while let Some(group) = next.and_then(|at| groups.get(at)) {
        path.push(group);
        next = group.parent;
    }
    path.reverse();
    path
}

fn give_entry(
    mut entry: KeePassEntry,
    row: u64,
    groups: &[&str],
    shared: &HashMap<String, Stored<'_>>,
    intake: &mut Intake,
) -> Result<()> {
    let files = std::mem::take(&mut entry.files);
    let (mut imported, lost) = entry.imported(row, groups);
    for reason in lost {
        intake.lose(row, reason);
    }
    for FileOf { name, content } in files {
        let bytes = match &content {
            FileSource::Own(bytes) => Ok(bytes.as_slice()),
            FileSource::Lost(why) => Err(why.as_str()),
            FileSource::Shared(id) => match shared.get(id) {
                Some(Stored::Beside(bytes)) => Ok(*bytes),
                Some(Stored::Inside(bytes)) => Ok(bytes.as_slice()),
                Some(Stored::Lost(why)) => Err(why.as_str()),
                None => Err("an attachment of it is not in the file"),
            },
        };
        let taken = bytes.map_err(str::to_owned).and_then(|bytes| {
            intake.room_for_file(bytes.len())?;
            Ok(Zeroizing::new(bytes.to_vec()))
        });
        match taken {
            Ok(bytes) => imported.files.push(ImportedFile { name, bytes }),
            Err(why) => intake.lose(row, why),
        }
    }
    intake.entry(imported)
}
