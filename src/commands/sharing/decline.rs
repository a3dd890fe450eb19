//! `vault decline`: refuses what somebody else has shared with this vault.

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;

use super::{arrived_terms, share_key};
use crate::commands::args::document_file::{place, read_file, write_reply};
use crate::context::Context;
use crate::context::globals::descriptor;
use crate::crypto::EncryptedFile;
use crate::error::Error;
use crate::exchange::arrived::Arrived;
use crate::exchange::reply::refusal;
use crate::model::records::event::EventDraft;
use crate::model::records::record_id::number;
use crate::model::text::limits::{FIELD_BYTES, SHARE_FILE_BYTES};
use crate::model::text::text_rules::check_text;

const EXAMPLES: &str = "\
Examples:
  vault decline share.age                          writes REFUSAL-ID.json for its sender
  vault decline share.age --reason 'not my job'

Nothing of the share is kept. The sender files the refusal with: vault ack FILE";

/// Options of `decline`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The share, as its sender made it; - is stdin
    file: PathBuf,
    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Where to write the refusal; - is stdout [default: REFUSAL-ID.json, in this folder]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The SSH or age key that the share is encrypted to, if that is not this vault's own
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Read the passphrase of the share or of the SSH key from this file descriptor
    #[arg(long, value_name = "N", value_parser = descriptor)]
    passphrase_fd: Option<u32>,
}

/// Writes a signed refusal, and keeps nothing of the share.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if let Some(reason) = &args.reason {
        check_text("reason", reason, FIELD_BYTES)?;
    }
    let bytes = read_file(ctx, &args.file, SHARE_FILE_BYTES)?;
    let file = EncryptedFile::parse(&bytes)?;
    let session = ctx.unlock_to_permit()?;
    let opened = share_key::open(
        ctx,
        &session,
        &file,
        args.identity.as_deref(),
        args.passphrase_fd,
    )?;
    let arrived = Arrived::parse(&opened, &share_key::own_recipients(&session)?)?;
    drop(opened);
    let share = arrived.share();
    if arrived.loan().is_none() {
        return Err(Error::refused(format!(
            "{} is handed over to you: it is yours, and there are no terms to decline",
            number(share)
        ))
        .hint("delete the file if you do not want it")
        .into());
    }
    session.vault().check_not_received(share)?;
    let contact = arrived.contact(session.vault())?;
    let whom = contact.map_or_else(|| "the sender".to_owned(), |(_, name)| name);
    for line in arrived_terms::lines(&arrived, &whom, ctx.now()) {
        ctx.ui.note(&line);
    }
    let out = args.out.clone();
    let out = out.unwrap_or_else(|| format!("REFUSAL-{}.json", number(share)).into());
    let target = place(ctx, &out)?;
    let document = refusal::refuse(
        session.vault(),
        arrived.share_ref(),
        (arrived.lang(), arrived.called()),
        args.reason.clone(),
        ctx.now(),
    )?;
    let draft = EventDraft::new(ctx.now(), "refuse", vec![share]).with("what", "terms");
    session.pen()?.journal(draft)?;
    write_reply(ctx, &target, &document, &whom)?;
    ctx.answer(&[]);
    Ok(())
}
