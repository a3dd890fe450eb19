//! The trash: what is in it, how it comes back, how it goes for good.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::RecordId;
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::text::selector::EntryFolder;
use crate::model::vault::Vault;

/// What the log calls the number of the paper about a purge.
pub(super) const CERTIFICATE: &str = "certificate";

/// An entry in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    /// The entry's id.
    pub id: Uuid,
    /// Where it was.
    pub path: String,
    /// When it was removed.
    pub removed: Timestamp,
}

/// How entries in the trash are named: by the path that they had, one by the start of its id, since
/// several may have had one path, or all that were in a folder or a client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrashName {
    /// The newest with this path.
    Path(EntryPath),
    /// The one whose id starts so.
    Id(RecordId),
    /// All that were in this folder.
    Folder(EntryFolder),
}

impl FromStr for TrashName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.ends_with('/') {
            return text.parse().map(Self::Folder);
        }
        if text.contains('/') {
            return text.parse().map(Self::Path);
        }
        text.parse().map(Self::Id).map_err(|_| {
            "it is a path, as in acme/wordpress, a folder or client as in acme/, or at least 4 \
                 digits of an id"
                .into()
        })
    }
}

impl fmt::Display for TrashName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Id(id) => id.fmt(f),
            Self::Folder(folder) => folder.fmt(f),
        }
    }
}

impl TrashName {
    fn means(&self, trashed: &Trashed) -> bool {
        match self {
            Self::Path(path) => trashed.path == path.to_string(),
            Self::Id(id) => id.is_start_of(trashed.id),
            Self::Folder(folder) => folder.below(&trashed.path).is_some(),
        }
    }
}

impl Vault {
    /// What is in the trash, by path, the newest of one path first.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn trash(&self) -> Result<Vec<Trashed>> {
        let is_shown = |it: &Entry| it.is_removed() && !it.is_husk();
        let removed = self.entries_by_path(is_shown)?.into_iter();
        // Of two within a second, the counter of the write tells.
        let trashed = |(path, entry): (String, &Entry)| {
            let (id, removed) = (entry.id, *entry.removed.value()?);
            let written = entry.removed.stamps().map(|stamp| stamp.counter).max();
            Some((written, Trashed { id, path, removed }))
        };
        let mut trash: Vec<_> = removed.filter_map(trashed).collect();
        trash.sort_by(|(a_written, a), (b_written, b)| {
            let newest_first = (&a.path, b.removed, b_written, a.id);
            newest_first.cmp(&(&b.path, a.removed, a_written, b.id))
        });
        Ok(trash.into_iter().map(|(_, trashed)| trashed).collect())
    }

    /// What in the trash the names mean, each once and at least one for each name; without names,
    /// all.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Usage`] for an id that several
    /// start with.
    pub fn trashed(&self, names: &[TrashName]) -> Result<Vec<Trashed>> {
        let mut trash = self.trash()?;
        let mut meant = HashSet::new();
        for name in names {
            let found = trash.iter().filter(|trashed| name.means(trashed));
            let found: Vec<Uuid> = found.map(|trashed| trashed.id).collect();
            match found.as_slice() {
                [] => return Err(self.not_in_trash(name)),
                [_, _, ..] if matches!(name, TrashName::Id(_)) => {
                    return Err(Error::usage(format!("several ids start with {name}"))
                        .hint("give more digits: vault trash list --json"));
                }
                _ => meant.extend(found),
            }
        }
        trash.retain(|trashed| names.is_empty() || meant.contains(&trashed.id));
        Ok(trash)
    }

    fn not_in_trash(&self, name: &TrashName) -> Error {
        let error = Error::not_found(format!("{name} is not in the trash"));
        match name {
            TrashName::Path(path) if self.entry(path).is_ok() => {
                error.hint(format!("it was not removed: vault show {path:#}"))
            }
            _ => error.hint("vault trash list shows what is"),
        }
    }

    /// Takes entries out of the trash; of several that had one path, the newest, unless one was
    /// named by its id. One that is in use although another device has removed it stays.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Conflict`] if a path is taken
    /// meanwhile, or looks like one that is.
    pub fn restore(&mut self, names: &[TrashName], author: &Author<'_>) -> Result<Vec<Trashed>> {
        let mut restored: Vec<Trashed> = Vec::new();
        for name in names {
            if let Some(claimed) = self.claimed(name) {
                restored.push(claimed);
                continue;
            }
            let mut newest = self.trashed(std::slice::from_ref(name))?;
            newest.dedup_by(|later, first| later.path == first.path);
            newest.retain(|it| !restored.contains(it));
            restored.extend(newest);
        }
        self.change(author, "restore", |edit| {
            for trashed in &restored {
                // What came back just before counts as well.
                if edit.vault.entries.by_id(trashed.id)?.is_removed() {
                    edit.vault.check_restorable(trashed)?;
                }
                let entry = edit.vault.entries.by_id_mut(trashed.id)?;
                entry.stay_in_use(edit.stamp);
                entry.updated = Some(author.now);
                edit.event.about(trashed.id);
            }
            Ok(restored)
        })
    }

    fn claimed(&self, name: &TrashName) -> Option<Trashed> {
        let TrashName::Path(path) = name else {
            return None;
        };
        let entry = self.entry(path).ok()?;
        entry.is_claimed().then(|| Trashed {
            id: entry.id,
            path: path.to_string(),
            removed: entry.updated(),
        })
    }

    fn check_restorable(&self, trashed: &Trashed) -> Result<()> {
        let path: EntryPath = trashed
            .path
            .parse()
            .map_err(|_| Error::integrity(format!("entry {} has no valid path", trashed.id)))?;
        self.check_free(&path).map_err(|why| {
            why.hint(format!(
                "give the one that is there another name first: vault mv {path:#} NEW_NAME"
            ))
        })
    }

    /// Removes these entries for good, as far as they still are in the trash; only their ids and
    /// those of their versions remain. Returns the ids of the entries.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`].
    pub fn empty_trash(&mut self, ids: &HashSet<Uuid>, author: &Author<'_>) -> Result<Vec<Uuid>> {
        let mut of_client: BTreeMap<Option<Uuid>, Vec<Uuid>> = BTreeMap::new();
        for entry in self.entries.all()? {
            if entry.is_removed() && ids.contains(&entry.id) {
                let client = entry.client.get().copied();
                of_client.entry(client).or_default().push(entry.id);
            }
        }
        self.purge_each(&of_client, None, author)?;
        Ok(of_client.into_values().flatten().collect())
    }

    /// Removes the entries of each client for good, with an event for each.
    pub(super) fn purge_each(
        &mut self,
        of_client: &BTreeMap<Option<Uuid>, Vec<Uuid>>,
        certificate: Option<Uuid>,
        author: &Author<'_>,
    ) -> Result<()> {
        for (client, entries) in of_client {
            self.change(author, "purge", |edit| {
                if let Some(client) = client {
                    edit.event.note("client", client.to_string());
                }
                if let Some(certificate) = certificate {
                    edit.event.note(CERTIFICATE, certificate.to_string());
                }
                edit.purge_entries(entries)
            })?;
        }
        Ok(())
    }
}

impl Edit<'_> {
    /// Removes entries for good: only their ids and those of their versions and files remain. What
    /// was answered about them, in a review or an audit, goes with them: it calls them by name.
    pub(crate) fn purge_entries(&mut self, gone: &[Uuid]) -> Result<()> {
        let (vault, set) = (
            &mut *self.vault,
            gone.iter().copied().collect::<HashSet<_>>(),
        );
        vault.record_before_purge(&set)?;
        let entries = vault.entries.all()?.into_iter();
        let purged = entries.filter(|entry| set.contains(&entry.id));
        vault.tombstones.extend(purged.flat_map(Entry::ids));
        vault.entries.retain(|entry| !set.contains(&entry.id));
        vault.forget_answers_about(|id| set.contains(id));
        self.event.subject.extend(gone);
        Ok(())
    }
}

impl Vault {
    /// Takes out what was answered about records that are gone, in reviews and audits.
    pub(crate) fn forget_answers_about(&mut self, is_gone: impl Fn(&Uuid) -> bool) {
        self.reviews.retain(|it| !is_gone(&it.subject));
        self.accepted.retain(|it| !is_gone(&it.subject));
    }
}

#[cfg(test)]
mod tests {
    use super::TrashName;

    #[test]
    fn a_path_or_the_start_of_an_id_names_an_entry_in_the_trash() {
        let path = TrashName::Path("acme/wp".parse().unwrap());
        assert_eq!("acme/wp".parse(), Ok(path));
        assert_eq!("AB12".parse(), "ab12".parse().map(TrashName::Id));
        for folder in ["acme/", "acme/old/"] {
            let name: TrashName = folder.parse().unwrap();
            assert!(matches!(&name, TrashName::Folder(it) if it.to_string() == folder));
        }
        for bad in ["", "abc", "acme", "/", "../x"] {
            assert!(bad.parse::<TrashName>().is_err(), "{bad}");
        }
    }
}
