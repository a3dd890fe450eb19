//! `vault backups`: what there is to go back to, and whether it is whole.

use anyhow::Result;
use jiff::Timestamp;

use crate::context::Context;
use crate::store::backups::catalogue::{BackupFile, BackupReason};
use crate::ui::Shown;
use crate::ui::size;
use crate::ui::time::local_time;

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
pub fn run(_: &Args, ctx: &Context) -> Result<()> {
    let kept = ctx.store()?.backup_catalogue()?;
    let now = ctx.now();
    let shown: Vec<Shown> = kept.files.iter().map(|file| as_shown(file, now)).collect();
    let none = "nothing is kept yet: each change keeps the generation before it";
    ctx.ui.list(&shown, none)?;
    if !shown.is_empty() && !ctx.ui.is_json() {
        (ctx.ui).hint("vault restore GENERATION --dry-run shows what going back would do");
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

fn as_shown(file: &BackupFile, now: Timestamp) -> Shown {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".into());
    let (problem, time) = (&file.problem, file.written);
    Shown::default()
        .json("generation", file.generation)
        .text(
            "GENERATION",
            [or_unknown(file.generation.map(|n| n.to_string()))],
        )
        .json("created", time)
        .time_text("CREATED", or_unknown(time.map(local_time)))
        .when(time, now)
        .told("size", "SIZE", file.size, size(file.size))
        .field("kind", "KIND", file.origin.as_str())
        .told("file", "FILE", file.path.display().to_string(), shown(file))
        .told(
            "problem",
            "STATE",
            problem,
            problem.clone().unwrap_or_else(|| "ok".into()),
        )
        .json("ok", file.is_good())
}

/// What names the file to `restore`: in places that it knows, the name alone.
fn shown(file: &BackupFile) -> String {
    match (file.origin, file.path.file_name()) {
        (BackupReason::Automatic | BackupReason::Last, Some(name)) => {
            name.to_string_lossy().into_owned()
        }
        _ => file.path.display().to_string(),
    }
}
