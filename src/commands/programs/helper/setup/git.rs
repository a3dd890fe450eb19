//! The lines of git's configuration by which it asks here, and no other program is told of the answer.

use super::{agreed, check_there, is_own, line, words};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::logins::git_helpers::{GitHelper, git_helpers, told_besides};
use crate::model::text::name::ClientSlug;
use crate::process::git::{Git, GitOutput};

/// The setting: a list, which git goes through.
const KEY: &str = "credential.helper";
/// That setting, and those for some addresses only.
const HELPERS: &str = r"^credential\.(.*\.)?helper$";
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
    let written = written(&git)?;
    let is_set_up = written.ends_with(&[String::new(), value.clone()])
        && written.iter().filter(|value| is_own_value(value)).count() == 1;
    if is_set_up {
        tell_others(ctx, &all, &value);
        ctx.answer_change("nothing to do: git asks here already", &[]);
        return Ok(());
    }
    let others = all.iter().filter(|it| !it.value.is_empty());
    let (own, others): (Vec<_>, Vec<_>) = others.partition(|it| is_own_value(&it.value));
    let mut shown = vec![
        format!("{KEY} =          (git forgets the helpers before it)"),
        format!("{KEY} = {value}"),
    ];
    shown.extend(
        own.iter()
            .map(|old| format!("in the place of {}", old.value)),
    );
    shown.extend(others.iter().map(|it| match it.url {
        None => format!("git asks no more: {it}"),
        Some(_) => format!("git asks besides, unless it is named before: {it}"),
    }));
    if !agreed(ctx, yes, "git's settings", &shown)? {
        return Ok(());
    }
    if ctx.rehearses() {
        let for_one = |it: &&&GitHelper| it.url.is_some();
        others
            .iter()
            .filter(for_one)
            .for_each(|it| warn_of(ctx, it));
    } else {
        write(&git, &written, &value)?;
        tell_others(ctx, &helpers(&git)?, &value);
    }
    ctx.answer_change(
        "changed git's settings: it asks here from now on",
        &[KEY.to_owned()],
    );
    Ok(())
}

fn is_own_value(value: &str) -> bool {
    let line = value.strip_prefix('!');
    line.is_some_and(|line| is_own(line, "git"))
}

/// Tells of the helpers that get to know what git gets here, and of what keeps git from asking here.
fn tell_others(ctx: &Context, all: &[GitHelper], value: &str) {
    for other in told_besides(all, |it| it.url.is_none() && it.value == value) {
        warn_of(ctx, other);
    }
}

fn warn_of(ctx: &Context, other: &GitHelper) {
    let removal = other.removal();
    if other.value.is_empty() {
        ctx.warn(&format!(
            "git does not ask here for what the empty helper{other} is for; to leave that out: {removal}"
        ));
        return;
    }
    ctx.warn(&format!(
        "git tells what it gets here to its helper {other} too, which {}; to leave that out: {removal}",
        other.keeps()
    ));
}

/// Writes the value behind an empty one, as the last of the user's file.
fn write(git: &Git, written: &[String], value: &str) -> Result<()> {
    let set = |args: &[&str]| {
        checked(git.run(&[&["config", "--global"], args].concat(), b"", LIST_BYTES)?)
    };
    let mut old: Vec<&String> = (written.iter())
        .filter(|it| it.is_empty() || is_own_value(it))
        .collect();
    old.sort();
    old.dedup();
    for old in old {
        set(&["--fixed-value", "--unset-all", KEY, old])?;
    }
    set(&["--add", KEY, ""])?;
    set(&["--add", KEY, value])?;
    Ok(())
}

/// All helpers that git's files name, in order.
fn helpers(git: &Git) -> Result<Vec<GitHelper>> {
    let args = ["config", "--show-origin", "-z", "--get-regexp", HELPERS];
    Ok(git_helpers(&listed(git, &args)?))
}

/// The helpers for all addresses that the user's file itself names, in order.
fn written(git: &Git) -> Result<Vec<String>> {
    let listed = listed(git, &["config", "--global", "-z", "--get-all", KEY])?;
    let mut values: Vec<String> = listed.split('\0').map(str::to_owned).collect();
    // Each has its end.
    values.pop();
    Ok(values)
}

fn listed(git: &Git, args: &[&str]) -> Result<String> {
    let listed = git.run(args, b"", LIST_BYTES)?;
    // It is 1 where there is none.
    if listed.code == Some(1) {
        return Ok(String::new());
    }
    Ok(checked(listed)?.text())
}

fn checked(output: GitOutput) -> Result<GitOutput> {
    if output.is_ok() {
        return Ok(output);
    }
    let said: Vec<&str> = output.said.lines().map(str::trim).collect();
    Err(Error::failed(format!("git failed: {}", said.join("; "))))
}
