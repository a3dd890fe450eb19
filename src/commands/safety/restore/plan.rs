//! What would come and go, for people and for scripts. No secret and no value is in it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::model::history::restore::{Changed, RestorePlan};

/// Names of one kind that are told before it is asked; all of them are in `--dry-run`.
const TOLD: usize = 20;

/// Where one goes back to.
pub(crate) struct CopySource {
    path: PathBuf,
    pub(crate) generation: u64,
}

impl CopySource {
    pub(crate) fn new(path: &Path, generation: u64) -> Self {
        Self {
            path: path.to_path_buf(),
            generation,
        }
    }
}

impl fmt::Display for CopySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}", self.generation)
    }
}

/// The answer of `--dry-run`; `aside` is where a damaged vault would be kept.
pub(crate) fn answer(
    ctx: &Context,
    source: &CopySource,
    plan: &RestorePlan,
    in_place: Option<&Path>,
) -> Result<()> {
    if ctx.ui.is_json() {
        return ctx.ui.json(&to_json(source, plan, in_place));
    }
    let rows: Vec<Vec<String>> = rows(plan)
        .into_iter()
        .flat_map(|(what, names)| {
            names
                .into_iter()
                .map(move |name| vec![what.to_owned(), name])
        })
        .collect();
    ctx.ui.table(&["WHAT", "NAME"], &rows)?;
    ctx.ui.flush()?;
    if rows.is_empty() {
        ctx.ui.note(&format!(
            "nothing to restore: the vault is as it was in {source}"
        ));
    } else {
        ctx.note_done(&format!("restored what there was in {source}"));
    }
    Ok(())
}

fn to_json(source: &CopySource, plan: &RestorePlan, in_place: Option<&Path>) -> Value {
    let changed = |list: &[Changed], name: &str| -> Vec<Value> {
        let one = |changed: &Changed| json!({name: changed.name, "fields": changed.fields});
        list.iter().map(one).collect()
    };
    json!({
        "ok": true,
        "dry_run": true,
        "file": source.path.display().to_string(),
        "generation": source.generation,
        "in_place": in_place.is_some(),
        "back": plan.back,
        "changed": changed(&plan.changed, "path"),
        "trashed": plan.trashed,
        "purged": plan.purged,
        "clients": {
            "back": plan.clients_back,
            "changed": changed(&plan.clients_changed, "client"),
            "removed": plan.clients_removed,
        },
    })
}

/// What happens, and to what.
fn rows(plan: &RestorePlan) -> Vec<(&'static str, Vec<String>)> {
    let changed = |list: &[Changed]| -> Vec<String> {
        let one = |changed: &Changed| format!("{}: {}", changed.name, changed.fields.join(", "));
        list.iter().map(one).collect()
    };
    let rows = vec![
        ("comes back", plan.back.clone()),
        ("becomes what it was", changed(&plan.changed)),
        ("goes to the trash", plan.trashed.clone()),
        ("was purged and stays gone", plan.purged.clone()),
        ("client comes back", plan.clients_back.clone()),
        ("client becomes what it was", changed(&plan.clients_changed)),
        ("client goes", plan.clients_removed.clone()),
    ];
    rows.into_iter()
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

/// Says what would happen, before it is asked.
pub(crate) fn tell(ctx: &Context, source: &CopySource, plan: &RestorePlan) {
    ctx.ui
        .note(&format!("Back to {source} ({}):", source.path.display()));
    for (what, names) in rows(plan) {
        for name in names.iter().take(TOLD) {
            ctx.ui.note(&format!("  {what}: {name}"));
        }
        if names.len() > TOLD {
            let more = names.len() - TOLD;
            ctx.ui
                .note(&format!("  {what}: {more} more (--dry-run lists all)"));
        }
    }
}

/// Says what does not come back, and how it can be looked at all the same.
pub(crate) fn tell_purged(ctx: &Context, source: &CopySource, plan: &RestorePlan) {
    if plan.purged.is_empty() {
        return;
    }
    let what = match plan.purged.as_slice() {
        [only] => format!("{only} was purged since and stays gone"),
        all => format!("{} entries were purged since and stay gone", all.len()),
    };
    ctx.warn(&format!(
        "{what}; the backup still holds it: vault --vault {} --accept-generation {} get ENTRY",
        source.path.display(),
        source.generation,
    ));
}

/// Says that a site does not go back with the vault.
pub(crate) fn tell_sites(ctx: &Context, plan: &RestorePlan) {
    let has_secret = |changed: &Changed| changed.fields.iter().any(|field| field == "secret");
    if plan.changed.iter().any(has_secret) {
        ctx.ui.note(
            "Where a site has a newer secret now, that one still holds there: vault history \
             ENTRY, then vault get ENTRY --at-version N.",
        );
    }
}

/// The names of all that has changed.
pub(crate) fn names(plan: &RestorePlan) -> Vec<String> {
    let changed = plan.changed.iter().map(|changed| &changed.name);
    let clients = plan.clients_changed.iter().map(|changed| &changed.name);
    (plan.back.iter().chain(changed).chain(&plan.trashed))
        .chain(
            plan.clients_back
                .iter()
                .chain(clients)
                .chain(&plan.clients_removed),
        )
        .cloned()
        .collect()
}
