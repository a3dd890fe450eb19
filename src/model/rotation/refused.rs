//! Whether a site refuses the secret that is stored, as a program that tried it said.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

/// A version of a secret that was tried at its site.
#[derive(Clone, Copy, Debug)]
pub struct TriedSecret<'a> {
    /// Its id.
    pub version: Uuid,
    /// Whether the site took it.
    pub is_taken: bool,
    /// The program that says so by its protocol, and the host; none where a hook was asked.
    pub by_helper: Option<(&'a str, &'a str)>,
}

impl Entry {
    /// When the site refused the secret that is in use, if it did and has not taken it since.
    #[must_use]
    pub fn refused_by_host(&self) -> Option<Timestamp> {
        self.current(SECRET)?.refused.value().copied()
    }
}

impl Vault {
    /// Notes whether the site has taken a version of an entry's secret, and who tried it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown entry, [`crate::error::Kind::Conflict`] when
    /// another version is in use by now.
    pub fn note_tried(
        &mut self,
        path: &EntryPath,
        tried: &TriedSecret<'_>,
        author: &Author<'_>,
    ) -> Result<()> {
        let (version, is_taken) = (tried.version, tried.is_taken);
        self.change(author, "rotate", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            let id = entry.id;
            let current = entry.current(SECRET).map(|it| it.id);
            let found = entry.versions.iter_mut().find(|it| it.id == version);
            let Some(found) = found.filter(|_| current == Some(version)) else {
                return Err(Error::conflict(format!(
                    "{path} has another secret by now than the one that was tried"
                )));
            };
            found
                .refused
                .set(edit.stamp, (!is_taken).then_some(author.now));
            let phase = if is_taken { "taken" } else { "refused" };
            edit.event
                .note("phase", phase)
                .note("version", found.number);
            if let Some((program, host)) = tried.by_helper {
                edit.event.note("via", "helper").note("program", program);
                edit.event.note("host", host);
            }
            edit.event.about(id);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::testing::{author, day, empty_vault, path, replacement, with_secret};

    fn tried(version: uuid::Uuid, is_taken: bool) -> super::TriedSecret<'static> {
        super::TriedSecret {
            version,
            is_taken,
            by_helper: None,
        }
    }

    #[test]
    fn what_the_site_refused_is_flagged_until_it_takes_it_or_another_is_stored() {
        let mut vault = empty_vault();
        let db = path("acme/db");
        vault.add(&db, with_secret("one"), &author(0)).unwrap();
        let flags = |vault: &crate::model::vault::Vault| vault.entry(&db).unwrap().flags(day(9));
        let id = vault.entry(&db).unwrap().current("secret").unwrap().id;
        assert!(flags(&vault).is_empty());
        vault
            .note_tried(&db, &tried(id, false), &author(1))
            .unwrap();
        assert_eq!(flags(&vault), ["refused-by-host"]);
        assert_eq!(vault.entry(&db).unwrap().refused_by_host(), Some(day(1)));
        vault.note_tried(&db, &tried(id, true), &author(2)).unwrap();
        assert!(flags(&vault).is_empty());
        vault
            .note_tried(&db, &tried(id, false), &author(3))
            .unwrap();
        vault.rotate(&db, replacement("two"), &author(4)).unwrap();
        assert!(flags(&vault).is_empty());
        vault
            .note_tried(&db, &tried(id, false), &author(5))
            .unwrap_err();
    }
}
