//! Warns at once where a change takes a secret into use that others may know.

use std::collections::BTreeSet;

use super::exposure;
use crate::context::Context;
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::rotation::exposure::{KnownInUse, remedy};
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

/// Warns of secrets of an entry that are ones that something comes with, with the command that helps.
pub fn warn_of_presets(ctx: &Context, path: &EntryPath, entry: &Entry) {
    for (slot, known) in entry.presets() {
        let what = if slot == SECRET { "the secret" } else { slot };
        ctx.warn(&format!("{path}: {what} is {known}"));
        let fix = match slot {
            SECRET => format!("vault rotate {path:#} --generate"),
            slot => remedy(path, slot),
        };
        ctx.ui.hint(&format!("change it there, then here: {fix}"));
    }
}

/// What others may know of the secrets in use, before a change.
pub struct KnownBefore(BTreeSet<KnownInUse>);

impl KnownBefore {
    /// Reads it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn of(ctx: &Context, vault: &Vault) -> Result<Self> {
        Ok(Self(vault.known_in_use(ctx.now())?))
    }

    /// Warns of what came in since, with the command that helps.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn warn_of_new(&self, ctx: &Context, vault: &Vault) -> Result<()> {
        let now = ctx.now();
        let all = vault.known_in_use(now)?;
        let exposures = vault.exposures(now)?;
        for it in all.difference(&self.0) {
            let entry = vault.entries.by_id(it.entry)?;
            let path = &it.path;
            let what = match it.slot.as_str() {
                SECRET => "the secret",
                slot => slot,
            };
            let shares = exposures.of(entry).into_iter();
            let shares = shares.filter(|(slot, _)| *slot == it.slot);
            let shares = shares.map(|(_, how)| exposure::reason(vault, how, now));
            let others = exposures.compromises(entry, &it.slot).into_iter();
            let others = others.map(|why| exposure::compromise(why, now));
            let why: BTreeSet<String> = shares.chain(others).collect();
            for why in why {
                ctx.warn(&format!("{path}: {what} is known to others: {why}"));
            }
            if let Ok(path) = path.parse() {
                let fix = remedy(&path, &it.slot);
                ctx.ui
                    .hint(&format!("give it a new one at the site, then: {fix}"));
            }
        }
        Ok(())
    }
}
