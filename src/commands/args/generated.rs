//! Options of the commands that can make up a secret.

use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::generate::{Charset, DEFAULT_CHARS, Recipe, Separator};
use crate::model::text::limits::{PASSPHRASE_WORDS, PASSWORD_CHARS};
use crate::model::text::name::EntryPath;

/// `--generate`, where a secret may come from elsewhere too.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct GenerateArgs {
    /// Generate the secret, as each of the options below does too
    #[arg(long, help_heading = "Generated secrets")]
    generate: bool,
    #[command(flatten)]
    recipe: RecipeArgs,
}

impl GenerateArgs {
    /// Whether one of its options is given.
    pub(crate) fn is_given(&self) -> bool {
        self.generate || self.recipe.is_given()
    }

    /// What to generate, if anything.
    pub(crate) fn recipe(&self) -> VaultResult<Option<Recipe>> {
        self.is_given().then(|| self.recipe.recipe()).transpose()
    }

    /// What to generate where nothing else gives the secret.
    pub(crate) fn recipe_or_default(&self) -> VaultResult<Recipe> {
        self.recipe.recipe()
    }

    /// Says how strong the stored secret is and how to read it, if it was generated.
    pub(crate) fn note(&self, ctx: &Context, path: &EntryPath) {
        if let Ok(Some(recipe)) = self.recipe() {
            let bits = recipe.bits();
            ctx.ui.note(&format!(
                "generated a secret of {bits} bits; to read it: vault get {path:#}"
            ));
        }
    }
}

/// Options that say what to generate.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "recipe")]
pub(crate) struct RecipeArgs {
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
    /// A passphrase of N words instead, 3 to 64
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

impl RecipeArgs {
    /// Whether anything is said of it.
    fn is_given(&self) -> bool {
        self.length.is_some() || self.no_symbols || self.charset.is_some() || self.words.is_some()
    }

    /// What to generate.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it could be guessed.
    pub(crate) fn recipe(&self) -> VaultResult<Recipe> {
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

fn in_range(range: std::ops::RangeInclusive<u16>) -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(i64::from(*range.start())..=i64::from(*range.end()))
}
