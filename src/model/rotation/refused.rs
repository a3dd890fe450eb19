//! Whether a site refuses the secret that is stored, as a program that tried it said.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::records::stamping::Author;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

impl Entry {
    /// When the site refused the secret that is in use, if it did and has not taken it since.
    #[must_use]
    pub fn refused_by_host(&self) -> Option<Timestamp> {
        self.current(SECRET)?.refused.value().copied()
    }
}

impl Vault {
    /// Notes whether the site has taken a version of an entry's secret.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown entry, [`crate::error::Kind::Conflict`] when
    /// another version is in use by now.
    pub fn note_tried(
        &mut self,
        path: &EntryPath,
        (version, is_taken): (Uuid, bool),
        author: &Author<'_>,
    ) -> Result<()> {
        self.change(author, "rotate", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            let id = entry.id;
            let current = entry.current(SECRET).map(|it| it.id);
            let tried = entry.versions.iter_mut().find(|it| it.id == version);
            let Some(tried) = tried.filter(|_| current == Some(version)) else {
                return Err(Error::conflict(format!(
                    "{path} has another secret by now than the one that was tried"
                )));
            };
            tried
                .refused
                .set(edit.stamp, (!is_taken).then_some(author.now));
            let phase = if is_taken { "taken" } else { "refused" };
            edit.event
                .note("phase", phase)
                .note("version", tried.number);
            edit.event.about(id);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::testing::{author, day, empty_vault, path, replacement, with_secret};

    #[test]
    fn what_the_site_refused_is_flagged_until_it_takes_it_or_another_is_stored() {
        let mut vault = empty_vault();
        let db = path("acme/db");
        vault.add(&db, with_secret("one"), &author(0)).unwrap();
        let flags = |vault: &crate::model::vault::Vault| vault.entry(&db).unwrap().flags(day(9));
        let id = vault.entry(&db).unwrap().current("secret").unwrap().id;
        assert!(flags(&vault).is_empty());
        vault.note_tried(&db, (id, false), &author(1)).unwrap();
        assert_eq!(flags(&vault), ["refused-by-host"]);
        assert_eq!(vault.entry(&db).unwrap().refused_by_host(), Some(day(1)));
        vault.note_tried(&db, (id, true), &author(2)).unwrap();
        assert!(flags(&vault).is_empty());
        vault.note_tried(&db, (id, false), &author(3)).unwrap();
        vault.rotate(&db, replacement("two"), &author(4)).unwrap();
        assert!(flags(&vault).is_empty());
        vault.note_tried(&db, (id, false), &author(5)).unwrap_err();
    }
}
