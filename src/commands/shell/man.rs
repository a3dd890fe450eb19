//! `vault man`: the manual, for `man`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::commands::args::document::named;
use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::help::pages;
use crate::help::pages::ManualPage;
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::store::disk::file::{Prepared, check_new_file, read_bounded, unwritable};

const EXAMPLES: &str = "\
Examples:
  vault man | man -l -                                   read it here
  vault man --out ~/.local/share/man                     then: man vault, man vault-add,
                                                         man 7 vault-permission";

/// Options of `man`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Write a page for each command into man1 of this folder, and one for each topic into man7,
    /// in place of pages that were written before; missing folders are made
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page of the program, or writes all pages.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let today = ctx.now().to_zoned(TimeZone::UTC).date();
    let Some(folder) = named(args.out.as_deref()) else {
        ctx.ui
            .bytes(pages::main_page((ctx.tree)(), today)?.text.as_bytes())?;
        if ctx.ui.stdout_is_terminal() {
            ctx.ui.hint("to read it: vault man | man -l -");
        }
        return Ok(());
    };
    let pages = pages::all((ctx.tree)(), today)?;
    let places: Vec<PathBuf> = pages
        .iter()
        .map(|page| {
            let section = folder.join(format!("man{}", page.section));
            section.join(format!("{}.{}", page.name, page.section))
        })
        .collect();
    places.iter().try_for_each(|place| check_ours(place))?;
    if !folder.is_dir() {
        check_new_file(folder)?;
    }
    for section in places.iter().filter_map(|place| place.parent()) {
        fs::create_dir_all(section).map_err(|why| unwritable(section, &why))?;
    }
    for (page, place) in pages.iter().zip(&places) {
        write(page, place)?;
    }
    let written: Vec<String> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    let note = format!("wrote {} pages into {}", written.len(), folder.display());
    ctx.answer_change(&note, &written);
    Ok(())
}

/// Refuses a place where something stands that is no page of this manual.
fn check_ours(place: &Path) -> VaultResult<()> {
    let ours = match read_bounded(place, TEXT_FILE_BYTES as u64) {
        Ok(old) => old.starts_with(pages::MARK.as_bytes()),
        Err(why) if why.kind() == Kind::Integrity => false,
        Err(why) if why.kind() == Kind::NotFound => true,
        Err(why) => return Err(why),
    };
    if ours {
        return Ok(());
    }
    Err(
        Error::conflict(format!("{} is not a page of this manual", place.display()))
            .hint("it is not overwritten; choose another folder, or remove it"),
    )
}

/// A manual is for everybody who may look into its folder.
fn write(page: &ManualPage, place: &Path) -> VaultResult<()> {
    let prepared = Prepared::write(place, page.text.as_bytes())?;
    fs::set_permissions(prepared.path(), fs::Permissions::from_mode(0o644))
        .map_err(|why| Error::failed(format!("cannot write {}: {why}", place.display())))?;
    prepared.replace()?.sync()
}
