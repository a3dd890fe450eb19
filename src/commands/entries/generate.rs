//! `vault generate`: makes up a password or a passphrase; and the same options wherever a secret
//! can be generated.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::commands::reveal::clip::ClipArgs;
use crate::context::Context;
use crate::crypto::random;
use crate::error::Result as VaultResult;
use crate::model::entry::generate::{Charset, DEFAULT_CHARS, Recipe, Separator};
use crate::model::text::limits::{PASSPHRASE_WORDS, PASSWORD_CHARS};
use crate::model::text::name::EntryPath;

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

/// Options that say what to generate.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "recipe")]
pub struct RecipeArgs {
    /// How many characters, 8 to 1024 [default: 24]
    #[arg(
        short,
        long,
        value_name = "N",
        value_parser = in_range(PASSWORD_CHARS),
        help_heading = "Generated secrets"
    )]
    length: Option<u16>,
    /// Letters and digits only
    #[arg(long, help_heading = "Generated secrets")]
    no_symbols: bool,
    /// These characters only
    #[arg(
        long,
        value_name = "CHARACTERS",
        conflicts_with = "no_symbols",
        allow_hyphen_values = true,
        help_heading = "Generated secrets"
    )]
    charset: Option<Charset>,
    /// So many words instead, 3 to 64
    #[arg(
        long,
        value_name = "N",
        value_parser = in_range(PASSPHRASE_WORDS),
        conflicts_with_all = ["length", "no_symbols", "charset"],
        help_heading = "Generated secrets"
    )]
    words: Option<u16>,
    /// What stands between words [default: -]
    #[arg(
        long,
        value_name = "TEXT",
        requires = "words",
        allow_hyphen_values = true,
        help_heading = "Generated secrets"
    )]
    separator: Option<Separator>,
}

fn in_range(range: std::ops::RangeInclusive<u16>) -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(i64::from(*range.start())..=i64::from(*range.end()))
}

impl RecipeArgs {
    /// What to generate.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it could be guessed.
    pub fn recipe(&self) -> VaultResult<Recipe> {
        if let Some(count) = self.words {
            return Recipe::words(count, self.separator.clone().unwrap_or_default());
        }
        let charset = match (&self.charset, self.no_symbols) {
            (Some(charset), _) => charset.clone(),
            (None, true) => Charset::letters_and_digits(),
            (None, false) => Charset::with_symbols(),
        };
        Recipe::characters(charset, self.length.unwrap_or(DEFAULT_CHARS))
    }
}

/// `--generate`, where a secret may come from elsewhere too.
#[derive(clap::Args, Clone, Debug)]
#[command(mut_group("recipe", |group| group.requires("generate")))]
pub struct GenerateArgs {
    /// Generate the secret
    #[arg(long, help_heading = "Generated secrets")]
    generate: bool,
    #[command(flatten)]
    recipe: RecipeArgs,
}

impl GenerateArgs {
    /// What to generate, if anything.
    ///
    /// # Errors
    /// As [`RecipeArgs::recipe`].
    pub fn recipe(&self) -> VaultResult<Option<Recipe>> {
        self.generate.then(|| self.recipe.recipe()).transpose()
    }

    /// What to generate where nothing else gives the secret.
    ///
    /// # Errors
    /// As [`RecipeArgs::recipe`].
    pub fn recipe_or_default(&self) -> VaultResult<Recipe> {
        self.recipe.recipe()
    }

    /// Says how strong the stored secret is and how to read it, if it was generated.
    pub fn note(&self, ctx: &Context, path: &EntryPath) {
        if let Ok(Some(recipe)) = self.recipe() {
            let bits = recipe.bits();
            ctx.ui.note(&format!(
                "generated a secret of {bits} bits; to read it: vault get {path:#}"
            ));
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    secret: Option<&'a str>,
    bits: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    clip: Option<Value>,
}

/// Makes up a password or a passphrase. No vault is needed.
///
/// # Errors
/// When it could be guessed, or cannot be copied.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let recipe = args.recipe.recipe()?;
    let clip = args.clip.find(ctx)?;
    let secret = recipe.draw(random::below);
    let bits = recipe.bits();
    let copied = clip.map(|clip| clip.copy(ctx, &secret)).transpose()?;
    if ctx.ui.is_json() {
        let shown = copied.is_none().then(|| secret.expose());
        ctx.ui.json(&Answer {
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
