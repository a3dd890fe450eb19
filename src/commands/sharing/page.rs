//! `vault page`: the page that opens what was encrypted with a passphrase, for one's own web space.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::commands::args::document::{Target, write_out};
use crate::context::Context;
use crate::model::records::event::sha256_hex;
use crate::model::text::lang::Lang;
use crate::pages::opener;

const EXAMPLES: &str = "\
Examples:
  vault page --out open.html
  vault page --out oeffnen.html --lang de

It opens files of vault share --passphrase in a browser, and any other file of age with a passphrase.
It is the same for everybody and holds nothing of anybody: put it on your own web space,
and send recipients its address beside the file. What it opens stays in the browser. No vault is needed.
Its SHA-256 is in: vault help pages";

/// Options of `page`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Write it to this new file; - is stdout
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// The language of the page: en or de
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
}

/// Writes the page.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let target = Target::new(ctx, &args.out)?;
    let page = opener(args.lang)?;
    let sum = sha256_hex(page.as_bytes());
    write_out(ctx, &target, page.as_bytes())?;
    ctx.ui.flush()?;
    ctx.ui.note(&format!("its SHA-256: {sum}"));
    ctx.answer_with(&[], &[("sha256", json!(sum))]);
    Ok(())
}
