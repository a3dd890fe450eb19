//! The entries that a command is about, where it may be about several.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::selector::Selector;
use crate::model::vault::Vault;

impl Vault {
    /// The entries that are meant, none of them in the trash: in the order in which they were named,
    /// those of one name sorted, each once.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for a name that means none;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn selected(&self, meant: &[Selector]) -> Result<Vec<EntryPath>> {
        let (mut selected, mut seen) = (Vec::new(), BTreeSet::new());
        for selector in meant {
            let found = match selector {
                Selector::Entry(path) => {
                    self.entry(path)?;
                    vec![path.clone()]
                }
                several => self.all_of(several)?,
            };
            selected.extend(found.into_iter().filter(|path| seen.insert(path.clone())));
        }
        Ok(selected)
    }

    fn all_of(&self, several: &Selector) -> Result<Vec<EntryPath>> {
        let client = self.known_client(several.client())?;
        let paths = self.live_positions()?.into_iter().map(|(_, path)| path);
        let paths = paths.filter(|path| several.has(path)).map(|path| {
            path.parse()
                .map_err(|_| Error::integrity(format!("an entry has no valid path: {path}")))
        });
        let mut found: Vec<EntryPath> = paths.collect::<Result<_>>()?;
        found.sort();
        if found.is_empty() {
            let word = as_word(client.slug());
            let why = Error::not_found(format!("there is no entry in {several}"));
            return Err(why.hint(format!("what there is: vault list {word}")));
        }
        Ok(found)
    }
}
