//! What git has of the vault and could not merge.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::store::reading::VaultPlace;
use crate::sync::work_tree::WorkTree;

/// Both sides of the vault file where git has left it unmerged, each by the name that git has for
/// it. What keeps from looking is told.
pub fn sides_in_git(ctx: &Context, store: &VaultPlace) -> Vec<(PathBuf, Vec<u8>)> {
    let mut above = store.path().ancestors().skip(1);
    if !above.any(|folder| folder.join(".git").exists()) {
        return Vec::new();
    }
    unmerged(store).unwrap_or_else(|why| {
        ctx.warn(&format!("what git may not have merged is left out: {why}"));
        Vec::new()
    })
}

fn unmerged(store: &VaultPlace) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let Some(folder) = store.path().parent() else {
        return Ok(Vec::new());
    };
    WorkTree::around(folder)?.unmerged(store.path())
}
