//! Which of what devices have written apart counts.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::Stamp;
use crate::model::records::entry::{Entry, VersionName};
use crate::model::records::stamped::Stamped as _;
use crate::model::records::stamping::Author;
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::vault::Vault;

impl Vault {
    /// Settles which version of an entry's secret counts; an entry that another device has removed
    /// meanwhile stays. Of rotations that several devices have begun, the version's goes on and the
    /// others are given up.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry or a version that is not there,
    /// [`crate::error::Kind::Usage`] where several versions have that name.
    pub fn resolve_version(
        &mut self,
        path: &EntryPath,
        slot: &str,
        name: &VersionName,
        author: &Author<'_>,
    ) -> Result<()> {
        let entry = self.entry(path)?;
        let chosen = entry.known_version(path, slot, name)?.id;
        if slot == "secret" && entry.is_pending_beside_another(chosen) {
            return self.resolve_entry(entry.id, "rotation", author, |entry, stamp| {
                entry.settle_pending(chosen, stamp, author.now);
            });
        }
        self.resolve_entry(entry.id, "secret", author, |entry, stamp| {
            let current = entry.current.entry(slot.to_owned()).or_default();
            current.set(stamp, Some(chosen));
            entry.stay_in_use(stamp);
        })
    }

    /// Settles which of the files that were attached under one name counts: the one whose hash
    /// starts with `hash`, lower-case hex.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an entry or a file that is not there,
    /// [`crate::error::Kind::Usage`] where several files start so.
    pub fn resolve_file(
        &mut self,
        path: &EntryPath,
        name: &AttachmentName,
        hash: &str,
        author: &Author<'_>,
    ) -> Result<()> {
        let entry = self.entry(path)?;
        let of_name = entry
            .attachments
            .iter()
            .filter(|it| it.name == name.as_str());
        let mut found: Vec<_> = of_name
            .clone()
            .filter(|it| it.sha256.starts_with(hash))
            .collect();
        found.dedup_by(|one, other| one.sha256 == other.sha256);
        let known = || {
            let hashes: Vec<&str> = of_name.clone().map(Attachment::short_hash).collect();
            match hashes.as_slice() {
                [] => format!("see what is attached: vault attachments {path:#}"),
                hashes => format!("it has had: {}", hashes.join(", ")),
            }
        };
        let chosen = match found.as_slice() {
            [file] => file.id,
            [] => {
                let message = format!("{path} has no file {name} whose hash starts with {hash}");
                return Err(Error::not_found(message).hint(known()));
            }
            _ => {
                let message = format!("several files {name} of {path} start with {hash}");
                return Err(Error::usage(message).hint(known()));
            }
        };
        self.resolve_entry(entry.id, "file", author, |entry, stamp| {
            let current = entry.attached.entry(name.as_str().to_owned()).or_default();
            current.set(stamp, Some(chosen));
        })
    }

    /// Puts an entry in the trash after all that one device had removed while another changed it,
    /// or took it out of the trash.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], also where no device has removed it.
    pub fn resolve_deleted(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<()> {
        let id = match self.entry(path) {
            Ok(entry) if entry.is_claimed() => entry.id,
            Ok(_) => {
                return Err(
                    Error::not_found(format!("no device has put {path} in the trash"))
                        .hint(format!("to put it there now: vault rm {path:#}")),
                );
            }
            Err(why) => self.disputed_in_trash(path)?.ok_or(why)?,
        };
        self.resolve_entry(id, "removed", author, |entry, stamp| {
            entry.removed.set(stamp, Some(author.now));
            entry.came_back.empty(stamp);
        })
    }

    fn disputed_in_trash(&self, path: &EntryPath) -> Result<Option<Uuid>> {
        let text = path.to_string();
        let disputed = self.entries_by_path(|it| it.is_removed() && it.is_unsettled())?;
        let found = disputed.into_iter().find(|(path, _)| *path == text);
        Ok(found.map(|(_, entry)| entry.id))
    }

    fn resolve_entry(
        &mut self,
        id: Uuid,
        what: &str,
        author: &Author<'_>,
        settle: impl FnOnce(&mut Entry, Stamp),
    ) -> Result<()> {
        self.change(author, "resolve", |edit| {
            let entry = edit.vault.entries.by_id_mut(id)?;
            settle(entry, edit.stamp);
            entry.updated = Some(author.now);
            edit.event.note("what", what);
            edit.event.about(id);
            Ok(())
        })
    }
}

impl Entry {
    /// Whether a version is one of several that devices have each begun to rotate to.
    fn is_pending_beside_another(&self, version: Uuid) -> bool {
        let mut begun = self.pending.values();
        self.pending.in_conflict() && begun.any(|(_, id)| *id == Some(version))
    }

    fn settle_pending(&mut self, chosen: Uuid, stamp: Stamp, now: Timestamp) {
        let begun: Vec<Uuid> = self.pending.values().filter_map(|(_, id)| *id).collect();
        for version in &mut self.versions {
            if begun.contains(&version.id) && version.id != chosen {
                version.aborted.set(stamp, Some(now));
            }
        }
        self.pending.set(stamp, Some(chosen));
    }
}
