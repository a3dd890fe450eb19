//! `vault sync --setup`: a repository of the user's own that holds the vault file is told how to
//! merge and to show it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{diff_text, merge_driver};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::text::quote::as_word;
use crate::process::own_program::lasting_path;
use crate::store::reading::VaultPlace;
use crate::sync::patterns::{attributes_pattern, exclude_pattern};
use crate::sync::work_tree::{WorkTree, add_lines};

/// Where git's attributes of files are written.
const GIT_ATTRIBUTES: &str = ".gitattributes";
/// What those of the vault file are to be, and how git tells them.
const ATTRIBUTES: [&str; 3] = ["merge=vault", "diff=vault", "-text"];
const NAMES: [&str; 3] = ["merge", "diff", "text"];
const VALUES: [&str; 3] = ["vault", "vault", "unset"];

/// Sets up the repository that `folder` is in, else that of the vault's own folder.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] where there is no vault or no repository,
/// [`crate::error::Kind::Usage`] where the one is not in the other,
/// [`crate::error::Kind::Failed`].
pub fn run(ctx: &Context, folder: Option<&Path>) -> Result<()> {
    let is_trial = ctx.rehearses();
    let store = ctx.store()?;
    store.remembered()?;
    let (tree, vault) = tree_of(&store, folder)?;
    let mut written = Vec::new();
    let attributes = tree.top().join(GIT_ATTRIBUTES);
    if attributes.is_symlink() {
        let shown = attributes.display();
        return Err(Error::usage(format!(
            "{shown} is a symbolic link, which git does not follow"
        ))
        .hint("put a file of its own there"));
    }
    let mut line = attributes_pattern(vault.as_os_str().as_bytes());
    for attribute in ATTRIBUTES {
        line.extend([b" ", attribute.as_bytes()].concat());
    }
    if add_lines(&attributes, &[line], is_trial)? {
        written.push(GIT_ATTRIBUTES.to_owned());
    }
    let exclude = tree.exclude_file()?;
    if add_lines(&exclude, &excluded(&store, &vault), is_trial)? {
        written.push("info/exclude".to_owned());
    }
    for (key, value) in settings(&lasting_path()?)? {
        if tree.configure(key, &value, is_trial)? {
            written.push(key.to_owned());
        }
    }
    let merges = is_trial || has_last_word(ctx, &tree, &vault)?;
    warn_of_copies(ctx, &tree, &store)?;
    let done = SetUp {
        tree: &tree,
        vault: &vault,
        written: &written,
        merges,
    };
    answer(ctx, &done)
}

/// Whether git takes the attributes as they were written, and nothing comes between it and the file.
fn has_last_word(ctx: &Context, tree: &WorkTree, vault: &Path) -> Result<bool> {
    let shown = vault.display();
    let to_look = format!("git check-attr -a {}", as_word(shown.to_string()));
    let told = tree.attributes(vault, &NAMES)?;
    let merges = told.first().map(String::as_str) == VALUES.first().copied();
    if told != VALUES {
        ctx.warn(&format!(
            "another file of attributes (.git/info/attributes, one of a folder below, or that of \
             core.attributesFile) has the last word on {shown}: {to_look}"
        ));
    }
    let filter = tree.attributes(vault, &["filter"])?;
    if filter.iter().any(|it| it != "unspecified" && it != "unset") {
        ctx.warn(&format!(
            "git keeps what the filter {} makes of {shown}, which cannot be merged: put -filter in \
             its line of {GIT_ATTRIBUTES}",
            filter.join(" ")
        ));
    }
    Ok(merges)
}

/// The work tree, and where the vault is in it.
fn tree_of(store: &VaultPlace, folder: Option<&Path>) -> Result<(WorkTree, PathBuf)> {
    let named = folder.map(WorkTree::around).transpose()?;
    let path = store.path();
    let own = path.parent().unwrap_or(path);
    let tree = match (WorkTree::around(own), named) {
        (Ok(tree), None) => tree,
        (Ok(tree), Some(named)) if tree.top() == named.top() => tree,
        (Err(why), None) => return Err(why),
        (_, Some(named)) => return Err(not_in(path, &named)),
    };
    let vault = path.strip_prefix(tree.top()).map(Path::to_path_buf);
    match vault {
        Ok(vault) => Ok((tree, vault)),
        Err(_) => Err(not_in(path, &tree)),
    }
}

fn not_in(path: &Path, tree: &WorkTree) -> Error {
    let (path, top) = (path.display(), tree.top().display());
    Error::usage(format!("the vault {path} is not in the work tree {top}"))
        .hint("name the vault file that is: --vault PATH")
}

/// What lies beside the vault and is of this machine alone.
fn excluded(store: &VaultPlace, vault: &Path) -> Vec<Vec<u8>> {
    let folder = vault.parent().unwrap_or(Path::new(""));
    let names = store.names_beside().into_iter();
    let paths = names.map(|name| exclude_pattern(folder.join(name).as_os_str().as_bytes()));
    let mut patterns: Vec<Vec<u8>> = paths.collect();
    patterns.push(
        store.temporary_pattern(|start| exclude_pattern(folder.join(start).as_os_str().as_bytes())),
    );
    patterns
}

/// The settings of the repository: the keys and their values.
fn settings(program: &Path) -> Result<[(&'static str, String); 5]> {
    let program = program.to_str().ok_or_else(|| {
        Error::usage("the path of this program is not text, which git's settings have to be")
    })?;
    let program = as_word(program);
    // In a driver's line, git takes a % for a placeholder. It quotes %P itself.
    let driver = program.replace('%', "%%");
    Ok([
        (
            "merge.vault.name",
            "vault: what both sides wrote".to_owned(),
        ),
        (
            "merge.vault.driver",
            format!("{driver} {} -- %O %A %B %P", merge_driver::NAME),
        ),
        // What several common ancestors have in common is not asked for.
        ("merge.vault.recursive", "binary".to_owned()),
        (
            "diff.vault.textconv",
            format!("{program} {} --", diff_text::NAME),
        ),
        // It would keep names in the clear.
        ("diff.vault.cachetextconv", "false".to_owned()),
    ])
}

/// What git has already is not kept out by a pattern.
fn warn_of_copies(ctx: &Context, tree: &WorkTree, store: &VaultPlace) -> Result<()> {
    let beside = store.names_beside();
    let beside: Vec<PathBuf> = beside
        .iter()
        .map(|name| store.path().with_file_name(name))
        .collect();
    if tree.has_any(&beside)? {
        let words: Vec<String> = beside.iter().map(|path| as_word(path.display())).collect();
        ctx.warn(&format!(
            "git has what lies beside the vault; to take it out: git rm -r --cached \
             --ignore-unmatch {}",
            words.join(" ")
        ));
    }
    Ok(())
}

/// What was done.
struct SetUp<'a> {
    tree: &'a WorkTree,
    vault: &'a Path,
    /// What was written, or would be.
    written: &'a [String],
    /// Whether git says that it merges the vault with the driver.
    merges: bool,
}

fn answer(ctx: &Context, done: &SetUp<'_>) -> Result<()> {
    let (written, is_trial) = (done.written, ctx.rehearses());
    let (top, vault) = (done.tree.top().display(), done.vault.display());
    if ctx.ui.is_json() {
        return ctx.ui.json(&json!({
            "ok": true,
            "repository": top.to_string(),
            "path": vault.to_string(),
            "dry_run": is_trial,
            "written": !is_trial && !written.is_empty(),
            "changed": written,
            "merges": done.merges,
            "warnings": ctx.warnings(),
        }));
    }
    if !written.is_empty() {
        let files = written.join(", ");
        ctx.note_done(&format!("wrote in {top}: {files}"));
    }
    if !done.merges {
        ctx.ui.note(&format!(
            "git does not merge {vault} in {top} with it before that other file says merge=vault too"
        ));
        return Ok(());
    }
    if written.is_empty() {
        ctx.ui.note(&format!(
            "nothing to do: git merges {vault} in {top} already"
        ));
        return Ok(());
    }
    if is_trial {
        return Ok(());
    }
    let next = if written.iter().any(|file| file == GIT_ATTRIBUTES) {
        ". Commit .gitattributes, and do this in every other clone: the rest is of this one alone"
    } else {
        ""
    };
    ctx.ui.note(&format!(
        "git merges {vault} from now on, while the vault is unlocked{next}"
    ));
    Ok(())
}
