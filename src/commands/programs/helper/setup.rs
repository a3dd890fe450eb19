//! `vault helper --setup`: writes into another program's configuration that it asks here, after it was
//! shown, and leaves all else there as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::quote::as_word;
use crate::process::own_program::lasting_path;
use crate::store::disk::file::{Prepared, make_private_folder, read_bounded, real_path};

pub(super) mod aws;
pub(super) mod browserpass;
pub(super) mod docker;
pub(super) mod git;
pub(super) mod kube;

/// What a file of configuration may have, in bytes.
const FILE_BYTES: u64 = 4 << 20;

/// The words by which this program is called for a helper, about the vault that is meant now.
fn words(ctx: &Context, helper: &[&str]) -> Result<Vec<String>> {
    let text = |path: &Path| {
        let text = path
            .to_str()
            .filter(|text| !text.contains(char::is_control));
        text.map(str::to_owned).ok_or_else(|| {
            let shown = path.display();
            Error::usage(format!(
                "the path {shown} cannot stand in a line of configuration"
            ))
        })
    };
    let mut words = vec![text(&lasting_path()?)?];
    if let Some(vault) = &ctx.globals.vault {
        let vault = std::path::absolute(vault).unwrap_or_else(|_| vault.clone());
        words.extend(["--vault".to_owned(), text(&vault)?]);
    }
    words.push("helper".to_owned());
    words.extend(helper.iter().map(|word| (*word).to_owned()));
    Ok(words)
}

/// Words as one line of a shell.
fn line(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(as_word).collect();
    words.join(" ")
}

/// Whether a line of a shell calls this program, by any path, for a helper.
fn is_own(line: &str, helper: &str) -> bool {
    let words = shlex::split(line).unwrap_or_default();
    let program = words.first().map(Path::new).and_then(Path::file_name);
    let own = lasting_path().ok();
    let own = own.as_deref().and_then(Path::file_name);
    let asks = words.windows(2).any(|pair| pair == ["helper", helper]);
    asks && program.is_some_and(|name| name == "vault" || Some(name) == own)
}

/// Refuses an entry or a client that is not there, where the vault is open and tells.
fn check_there(
    ctx: &Context,
    entry: Option<&EntryPath>,
    client: Option<&ClientSlug>,
) -> Result<()> {
    if entry.is_none() && client.is_none() {
        return Ok(());
    }
    let Some(session) = ctx.unlock_unasked()? else {
        return Ok(());
    };
    let vault = session.vault();
    entry.map(|entry| vault.entry(entry)).transpose()?;
    client
        .map(|client| vault.known_client(client))
        .transpose()?;
    Ok(())
}

/// Shows what is to be written where, and asks; whether it is to be.
fn agreed(ctx: &Context, yes: bool, place: &str, shown: &[String]) -> Result<bool> {
    ctx.ui.note(&format!("{place}:"));
    for line in shown {
        ctx.ui.note(&format!("  {line}"));
    }
    let agreed = ctx.confirm_or_yes(yes, &format!("changing {place}"), "Write it?")?;
    if !agreed {
        ctx.answer_change("nothing changed", &[]);
    }
    Ok(agreed)
}

/// A file in the user's home, or where a variable says that it is.
fn place(variable: &str, in_home: &str) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    Ok(home()?.join(in_home))
}

/// The user's home. What is written below it names paths that hold in any folder.
fn home() -> Result<PathBuf> {
    let home = dirs::home_dir()
        .ok_or_else(|| Error::failed("this system names no home folder").hint("set HOME"))?;
    if home.is_relative() {
        let why = format!("HOME is {}, which is no absolute path", home.display());
        return Err(Error::usage(why).hint("set HOME to the path of your home from / on"));
    }
    Ok(home)
}

/// What a file has, as text; nothing where it is not there.
fn text_of(file: &Path) -> Result<String> {
    let bytes = match read_bounded(file, FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(why) if why.kind() == Kind::NotFound => return Ok(String::new()),
        Err(why) => return Err(why),
    };
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| Error::usage(format!("{} is not UTF-8", file.display())))?;
    Ok(text.to_owned())
}

/// Gives a file another content, in its real place and with the mode that it has, else `mode`.
fn write(ctx: &Context, file: &Path, text: &str, mode: u32) -> Result<()> {
    if ctx.rehearses() {
        return Ok(());
    }
    let mode = match real_path(file).map(fs::metadata) {
        Ok(Ok(found)) => found.permissions().mode() & 0o777,
        _ => mode,
    };
    prepared(file, text, mode)?.replace()?.sync()
}

/// A file with another content, that waits beside its real place, in a folder that is made.
fn prepared(file: &Path, text: &str, mode: u32) -> Result<Prepared> {
    if let Some(folder) = file.parent() {
        make_private_folder(folder)?;
    }
    let file = real_path(file)?;
    let prepared = Prepared::write(&file, text.as_bytes())?;
    fs::set_permissions(prepared.path(), fs::Permissions::from_mode(mode))
        .map_err(|why| Error::failed(format!("cannot write {}: {why}", file.display())))?;
    Ok(prepared)
}
