//! `vault id`: the vault's public identity, and new keys in the place of old ones.

use std::path::PathBuf;

use anyhow::Result;

use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::exchange::identity;
use crate::exchange::identity::PublicIdentity;
use crate::store::disk::file::{InPlace, Prepared, check_new_file};
use crate::store::session::Session;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault id                               read the words out over the phone
  vault id --json | jq -r .signer        for CI: vault verify --signer KEY
  vault id --card --out my.card          to send to others; it holds nothing secret
  vault id rotate --out new.card";

const ROTATE_EXAMPLES: &str = "\
Examples:
  vault id rotate                        asks first
  vault id rotate --yes --out new.card

It is for when someone may have had a copy of the vault and its password: that copy holds the
signing key for ever. What it costs: other devices and CI refuse the vault (exit 5) until they
are told the new signer, and whoever shares with you needs the new card.";

/// Options of `id`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Print a signed card to send
    #[arg(long)]
    card: bool,
    /// Write the card to this new file
    #[arg(short, long, value_name = "FILE", requires = "card")]
    out: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<IdAction>,
}

#[derive(clap::Subcommand, Debug)]
enum IdAction {
    /// Make new age and signing keys
    Rotate(RotateArgs),
}

/// Options of `id rotate`.
#[derive(clap::Args, Debug)]
#[command(after_help = ROTATE_EXAMPLES)]
pub struct RotateArgs {
    /// Write the card, signed by the old and the new key, to this new file
    #[arg(short = 'o', long = "out", alias = "card", value_name = "FILE")]
    card: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Shows the vault's public identity, or replaces its keys.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.command {
        Some(IdAction::Rotate(args)) => rotate(args, ctx)?,
        None => show(args, ctx)?,
    }
    Ok(())
}

fn show(args: &Args, ctx: &Context) -> VaultResult<()> {
    let out = args.out.as_deref().filter(|out| out.as_os_str() != "-");
    out.map(check_new_file).transpose()?;
    let session = ctx.unlock()?;
    if args.card {
        let card = identity::card(session.vault(), ctx.now())? + "\n";
        let Some(out) = out else {
            return ctx.ui.file(card.as_bytes());
        };
        Prepared::write(out, card.as_bytes())?.create()?.sync()?;
        ctx.answer_change(&format!("wrote {}", out.display()), &[]);
        return Ok(());
    }
    let id = PublicIdentity::of(session.vault())?;
    let shown = Shown::default()
        .field("vault_id", "vault id", id.vault_id)
        .field("recipient", "recipient", &id.recipient)
        .field("signer", "signer", &id.signer)
        .field("fingerprint", "fingerprint", &id.fingerprint)
        .field("words", "words", &id.words);
    ctx.ui.show(&shown)
}

fn rotate(args: &RotateArgs, ctx: &Context) -> VaultResult<()> {
    args.dry_run.begin(ctx);
    args.card.as_deref().map(check_new_file).transpose()?;
    let session = ctx.unlock_to_change()?;
    let id = session.facts().vault_id.to_string();
    let is_synced = is_synced(&session);
    if !confirmed(ctx, args.yes)? {
        ctx.answer_change("kept the keys", &[]);
        return Ok(());
    }
    let keys = identity::new_keys(session.vault(), ctx.now())?;
    let fingerprint = keys.new_signer.fingerprint.clone();
    // Written beside its place first, so that a folder that takes no file is noticed in time.
    let card = match args.card.as_ref().filter(|_| !ctx.rehearses()) {
        Some(path) => Some(Prepared::write(
            path,
            format!("{}\n", keys.card).as_bytes(),
        )?),
        None => None,
    };
    ctx.change(session, |vault, author| {
        identity::rotate(vault, keys, author)
    })?;
    if let Some(card) = card {
        card.create().and_then(InPlace::sync).map_err(|why| {
            why.prefixed("the keys are new, but ")
                .hint("the card is kept in the vault: vault id --card")
        })?;
    }
    ctx.answer_change("made new keys", &[id]);
    if ctx.rehearses() {
        return Ok(());
    }
    tell_rotated(ctx, &fingerprint, is_synced);
    Ok(())
}

fn confirmed(ctx: &Context, yes: bool) -> VaultResult<bool> {
    if ctx.rehearses() || !yes && ctx.ui.can_ask() {
        ctx.ui.note(
            "Other devices and CI will refuse the vault (exit 5) until they are told the new \
             signer, and whoever shares with you needs the new card. There is no way back.",
        );
    }
    ctx.confirm_or_yes(yes, "making new keys", "Make new keys for this vault?")
}

/// Whether other devices get the vault by `vault sync`.
pub fn is_synced(session: &Session) -> bool {
    let record = session.file().device_folder().sync_record();
    record.is_ok_and(|record| record.is_some())
}

/// What is left to do once the keys are new.
pub fn tell_rotated(ctx: &Context, fingerprint: &str, is_synced: bool) {
    let devices = if is_synced {
        "Sync once more; then on each other device, once: vault sync"
    } else {
        "On each other device, once: vault list"
    };
    ctx.ui
        .note(&format!("{devices} --accept-signer {fingerprint}"));
    ctx.ui
        .note("In CI: vault verify --signer with the new key, which vault id shows.");
    ctx.ui
        .note("To whoever shares with you: vault id --card, signed by the old and the new key.");
}
