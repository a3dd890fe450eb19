//! `vault backups`: what there is to go back to, and whether it is whole.

use anyhow::Result;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::store::backups::catalogue::{Kept, KeptFile, Origin};
use crate::ui::size;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault backups
  vault backups --json | jq -r '.[] | select(.ok | not) | .file'
  vault restore 12 --dry-run        what going back to generation 12 would do

Each file is read and its signature checked; no password is needed. Files are
  automatic   kept beside the vault by each change, the 10 newest, then one a day for 30 days
  copy        made by vault backup --to
  last        the newest file that this device wrote, kept where it keeps what it knows";

/// Options of `backups`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Lists what is kept of the vault.
///
/// # Errors
/// When what this device remembers cannot be read.
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let kept = ctx.store()?.kept()?;
    if ctx.ui.is_json() {
        let list: Vec<Value> = kept.files.iter().map(to_json).collect();
        ctx.ui.json(&list)?;
    } else {
        answer(ctx, &kept)?;
    }
    for copy in kept.copies.iter().filter(|copy| !copy.folder().is_dir()) {
        ctx.ui.note(&format!(
            "a copy of generation {} went to {} on {}, which is not there now",
            copy.generation,
            copy.folder().display(),
            local_time(copy.time),
        ));
    }
    ctx.ui.flush()?;
    kept.check_complete()?;
    Ok(())
}

fn to_json(file: &KeptFile) -> Value {
    json!({
        "file": file.path.display().to_string(),
        "generation": file.generation,
        "created": file.written,
        "size": file.size,
        "ok": file.is_good(),
        "kind": file.origin.as_str(),
        "problem": file.problem,
    })
}

fn answer(ctx: &Context, kept: &Kept) -> VaultResult<()> {
    let now = ctx.now();
    let row = |file: &KeptFile| {
        let generation = file.generation.map_or("?".into(), |n| n.to_string());
        let (time, ago) = match file.written {
            Some(time) => (local_time(time), relative(time, now)),
            None => ("?".into(), String::new()),
        };
        let state = file.problem.clone().unwrap_or_else(|| "ok".into());
        vec![
            generation,
            time,
            ago,
            size(file.size),
            file.origin.as_str().to_owned(),
            shown(file),
            state,
        ]
    };
    let rows: Vec<Vec<String>> = kept.files.iter().map(row).collect();
    let headers = ["GENERATION", "CREATED", "", "SIZE", "KIND", "FILE", "STATE"];
    ctx.ui.table(&headers, &rows)?;
    if rows.is_empty() {
        ctx.ui
            .note("nothing is kept yet: each change keeps the generation before it");
    } else {
        ctx.ui
            .hint("vault restore GENERATION --dry-run shows what going back would do");
    }
    Ok(())
}

/// What names the file to `restore`: in places that it knows, the name alone.
fn shown(file: &KeptFile) -> String {
    match (file.origin, file.path.file_name()) {
        (Origin::Automatic | Origin::Last, Some(name)) => name.to_string_lossy().into_owned(),
        _ => file.path.display().to_string(),
    }
}
