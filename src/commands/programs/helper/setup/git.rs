//! The line of git's configuration by which it asks here.

use super::{agreed, check_there, is_own, line, words};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::process::git::{Git, GitOutput};

/// The setting: a list, which git goes through.
const KEY: &str = "credential.helper";
/// What git may print of it, in bytes.
const LIST_BYTES: usize = 1 << 20;

/// Sets git up.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for an unknown client, [`crate::error::Kind::Failed`] where git
/// cannot be run, [`crate::error::Kind::NeedsInput`].
pub(in super::super) fn run(ctx: &Context, store: Option<&ClientSlug>, yes: bool) -> Result<()> {
    check_there(ctx, None, store)?;
    let mut helper = vec!["git"];
    if let Some(client) = store {
        helper.extend(["--store", client.as_str()]);
    }
    let value = format!("!{}", line(&words(ctx, &helper)?));
    let git = Git::of_user();
    let all = helpers(&git)?;
    let (own, others): (Vec<&String>, Vec<&String>) = all.iter().partition(|helper| {
        let line = helper.strip_prefix('!');
        line.is_some_and(|line| is_own(line, "git"))
    });
    for other in others.iter().filter(|other| !other.is_empty()) {
        ctx.warn(&format!(
            "git tells what it gets here to its helper {other} too, which may keep it; to leave that \
             out: git config --global --fixed-value --unset-all {KEY} {}",
            as_word(other)
        ));
    }
    if own == [&value] {
        ctx.answer_change("nothing to do: git asks here already", &[]);
        return Ok(());
    }
    let mut shown = vec![format!("{KEY} = {value}")];
    shown.extend(own.iter().map(|old| format!("in the place of {old}")));
    if !agreed(ctx, yes, "git's settings", &shown)? {
        return Ok(());
    }
    if !ctx.rehearses() {
        let set = |args: &[&str]| {
            checked(git.run(&[&["config", "--global"], args].concat(), b"", LIST_BYTES)?)
        };
        let mut old = own.iter().filter(|old| **old != &value);
        if own.contains(&&value) {
            // It stays; of several lines, the others go.
        } else if let Some(first) = old.next() {
            set(&["--fixed-value", "--replace-all", KEY, &value, first])?;
        } else {
            set(&["--add", KEY, &value])?;
        }
        for old in old {
            set(&["--fixed-value", "--unset-all", KEY, old])?;
        }
    }
    ctx.answer_change(
        "changed git's settings: it asks here from now on",
        &[KEY.to_owned()],
    );
    Ok(())
}

/// The helpers that git asks, in order.
fn helpers(git: &Git) -> Result<Vec<String>> {
    let args = ["config", "--global", "-z", "--get-all", KEY];
    let listed = git.run(&args, b"", LIST_BYTES)?;
    // It is 1 where there is none.
    if listed.code == Some(1) {
        return Ok(Vec::new());
    }
    let listed = checked(listed)?.text();
    let values = listed.strip_suffix('\0').unwrap_or(&listed);
    Ok(values.split('\0').map(str::to_owned).collect())
}

fn checked(output: GitOutput) -> Result<GitOutput> {
    if output.is_ok() {
        return Ok(output);
    }
    let said: Vec<&str> = output.said.lines().map(str::trim).collect();
    Err(Error::failed(format!("git failed: {}", said.join("; "))))
}
