//! `vault scan`: where this vault's own secrets stand in files, by value.

mod files;

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use self::files::{SourceText, SourceTexts};
use super::left_out::{few_of, tell_not_sought};
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::masking::finder::Finder;
use crate::model::masking::matcher::Matcher;
use crate::model::masking::wanted::WantedSecret;
use crate::model::text::name::EntryPath;

const EXAMPLES: &str = "\
Examples:
  vault scan                          all files below this folder
  vault scan src .env deploy.log
  git diff main | vault scan -        a stream
  vault scan --staged                 what git is to commit, for a hook

It looks for every secret of this vault and every private key among its files, the earlier ones and
those in the trash too: as they are, in base64, URL-encoded, as JSON escapes them, in UTF-16, and of
one with several lines each line of a private key and each value that looks like a secret itself.
It tells the file, the line and the entry, and never the secret; of one file 1000 places, and each
entry once at least. Fewer than 6 characters, and what is among the first passwords that anybody
tries, are not looked for; which entries that are is told.
.git is left out, and links are not followed; a pipe is read where it is named, and left out and told
inside a folder. Binary files are looked through like any; what packs or encrypts is not looked into,
and names of files are not looked at. Exit 8 when anything is found, 1 when a file could not be read.

As a hook that refuses a commit with a secret in it, in the folder that git rev-parse --git-path hooks
prints, as the file pre-commit that can be executed:
  #!/bin/sh
  exec vault -q scan --staged";

/// How many files that cannot be read are named.
const NAMED: usize = 20;

/// Options of `scan`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files and folders, - for stdin [default: this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look through what git is to commit instead
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
}

/// A place where a secret stands.
struct SecretFound<'m> {
    file: String,
    line: u64,
    secret: &'m WantedSecret,
    /// Whether it is the last that is told of a file with more.
    is_cut: bool,
}

/// Looks for all secrets and says where they stand.
///
/// # Errors
/// [`Kind::Findings`] where there are any, [`Kind::Failed`] where not all could be read.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    // Before anything is asked.
    let texts = if args.staged {
        SourceTexts::staged()?
    } else {
        SourceTexts::of(ctx, &args.paths)?
    };
    let session = ctx.unlock().map_err(|why| locked(why, args))?;
    let (gathered, not_sought) =
        (session.vault()).gather_secrets(session.proof(), |secret| secret)?;
    tell_not_sought(ctx, &not_sought);
    let matcher = gathered.into_matcher()?;
    let (mut found, mut unread, mut no_files, mut count) = (vec![], vec![], vec![], 0);
    let counter = ctx.ui.counter("files looked through");
    for text in texts {
        if let Ok(SourceText::NoFile(_)) = &text {
            no_files.extend(text.map(|text| text.name()));
            continue;
        }
        count += 1;
        counter.set(count);
        match look_through(&matcher, text) {
            Ok(places) => found.extend(places),
            Err(why) => unread.push(why),
        }
    }
    drop(counter);
    tell(ctx, &found)?;
    if !no_files.is_empty() {
        ctx.warn(&format!(
            "left out, since it is no file: {}",
            few_of(&no_files)
        ));
    }
    for why in unread.iter().take(NAMED) {
        ctx.warn(why.message());
    }
    ctx.ui.flush()?;
    fail_for(&found, (unread.len(), count))?;
    if !ctx.ui.is_json() {
        let files = if count == 1 {
            "1 file".to_owned()
        } else {
            format!("{count} files")
        };
        ctx.ui
            .note(&format!("none of this vault's secrets stands in {files}"));
    }
    Ok(())
}

/// A hook cannot ask; it says how to go on.
fn locked(why: Error, args: &Args) -> Error {
    if args.staged && matches!(why.kind(), Kind::NeedsInput | Kind::Locked) {
        return why.hint(
            "unlock the vault and commit again: vault unlock; git commit --no-verify commits unseen",
        );
    }
    why
}

fn look_through(
    matcher: &Matcher<WantedSecret>,
    text: VaultResult<SourceText>,
) -> VaultResult<Vec<SecretFound<'_>>> {
    let text = text?;
    let file = text.name();
    let mut finder = Finder::new(matcher);
    text.read(|bytes| finder.feed(bytes))?;
    let (places, has_more) = finder.places();
    let last = places.len();
    let found = (1..).zip(places).map(|(at, (line, secret))| SecretFound {
        file: file.clone(),
        line,
        secret,
        is_cut: has_more && at == last,
    });
    Ok(found.collect())
}

fn tell(ctx: &Context, found: &[SecretFound<'_>]) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let rows = found.iter().map(|it| {
            let mut row = json!({
                "file": it.file,
                "line": it.line,
                "entry": it.secret.path,
                "client": it.secret.client(),
                "current": it.secret.is_current,
            });
            if let Some(row) = row.as_object_mut().filter(|_| it.is_cut) {
                row.insert("more".to_owned(), true.into());
            }
            row
        });
        return ctx.ui.json(&rows.collect::<Vec<_>>());
    }
    for it in found {
        let earlier = if it.secret.is_current {
            ""
        } else {
            " (an earlier secret)"
        };
        let line = format!("{}:{}: {}{earlier}", it.file, it.line, it.secret.path);
        ctx.ui.line(&line)?;
        if it.is_cut {
            ctx.ui.line(&format!("{}: and more", it.file))?;
        }
    }
    Ok(())
}

/// An earlier secret needs no other, and an entry in the trash cannot have one.
fn next_step(found: &[SecretFound<'_>]) -> String {
    let Some(current) = found.iter().find(|it| it.secret.is_current) else {
        return "take them out, and see that they no longer work where they were used: they were \
                replaced, or their entry is in the trash"
            .to_owned();
    };
    let entry = current.secret.path.parse::<EntryPath>();
    let rotate = entry.map_or_else(
        |_| "vault rotate ENTRY".to_owned(),
        |path| format!("vault rotate {path:#}"),
    );
    format!("take them out; one that others may have seen needs a new one: {rotate}")
}

fn fail_for(found: &[SecretFound<'_>], (unread, all): (usize, u64)) -> VaultResult<()> {
    if !found.is_empty() {
        let more = if found.iter().any(|it| it.is_cut) {
            " and more"
        } else {
            ""
        };
        let places = match found.len() {
            1 => format!("1 place{more}"),
            count => format!("{count} places{more}"),
        };
        let message = format!("secrets of this vault were found in {places}");
        return Err(Error::new(Kind::Findings, message).hint(next_step(found)));
    }
    if unread > 0 {
        return Err(
            Error::failed(format!("{unread} of {all} files could not be read"))
                .hint("nothing was found in the others; make these readable, or leave them out"),
        );
    }
    Ok(())
}
