//! `vault generate`: makes up a password or a passphrase; and the same options wherever a secret
//! can be generated.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::commands::args::generated::RecipeArgs;
use crate::commands::reveal::clip::ClipArgs;
use crate::context::Context;
use crate::crypto::random;

const EXAMPLES: &str = "\
Examples:
  vault generate                          24 characters of all kinds
  vault generate -l 32 --no-symbols       for what takes letters and digits only
  vault generate --words 6                a passphrase to be typed or read out
  vault generate --clip                   to the clipboard, which is cleared after 45 s
  vault generate --charset 0123456789abcdef -l 64

A secret with less than 40 bits of entropy is refused (2): it could be guessed.";

/// Options of `generate`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    recipe: RecipeArgs,
    #[command(flatten)]
    clip: ClipArgs,
}

#[derive(Serialize)]
struct GeneratedSecret<'a> {
    secret: Option<&'a str>,
    bits: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    clip: Option<Value>,
}

/// Makes up a password or a passphrase. No vault is needed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let recipe = args.recipe.recipe()?;
    let clip = args.clip.find(ctx)?;
    let secret = recipe.draw(random::below);
    let bits = recipe.bits();
    let copied = clip.map(|clip| clip.copy(ctx, &secret)).transpose()?;
    if ctx.ui.is_json() {
        let shown = copied.is_none().then(|| secret.expose());
        ctx.ui.json(&GeneratedSecret {
            secret: shown,
            bits,
            clip: copied,
        })?;
        return Ok(());
    }
    if copied.is_none() {
        ctx.ui.reveal(&secret, true)?;
    }
    if ctx.ui.stderr_is_terminal() {
        ctx.ui.note(&format!("{bits} bits of entropy"));
    }
    Ok(())
}
