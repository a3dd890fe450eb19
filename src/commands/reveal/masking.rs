//! Whether what a program prints is masked, and what of it.

use crate::context::Context;
use crate::context::assistant::assistant;
use crate::error::Result;
use crate::model::entry::field::Found;
use crate::model::inject::file_reference::FileReading;
use crate::model::masking::matcher::{Gathered, Matcher};
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;

/// The options that say whether it is masked.
#[derive(clap::Args, Debug)]
pub(crate) struct Masking {
    /// Mask the secrets in what the program prints [default where an assistant runs it]
    #[arg(long, conflicts_with = "no_mask")]
    mask: bool,
    /// Pass on what the program prints as it is
    #[arg(long)]
    no_mask: bool,
}

impl Masking {
    /// What is to be masked of what is handed out, if anything is; says why where nobody asked for
    /// it, and what is too short for it, or no text.
    pub(crate) fn matcher(
        &self,
        ctx: &Context,
        readings: &[FileReading<'_>],
    ) -> Result<Option<Matcher<String>>> {
        let assistant = assistant().filter(|_| !self.mask);
        if self.no_mask || !(self.mask || assistant.is_some()) {
            return Ok(None);
        }
        if let Some(variable) = assistant {
            ctx.ui.note(&format!(
                "{variable} is set: secrets in what the program prints are masked (not with --no-mask)"
            ));
        }
        let is_secret = |reading: &&FileReading<'_>| match reading {
            FileReading::Text(reading) => matches!(reading.found, Found::Secret(_)),
            FileReading::Attached(_) => true,
        };
        let mut texts = Vec::new();
        for reading in readings.iter().filter(is_secret) {
            match std::str::from_utf8(reading.bytes()) {
                Ok(text) => texts.push((reading.path(), text)),
                Err(_) => ctx.warn(&format!(
                    "a file of {} is not masked: it is no text",
                    reading.path()
                )),
            }
        }
        matcher_of(ctx, texts.into_iter()).map(Some)
    }
}

/// Finds these secrets, each of the entry of its path, in what is printed; says which are too short.
fn matcher_of<'a>(
    ctx: &Context,
    secrets: impl Iterator<Item = (&'a EntryPath, &'a str)>,
) -> Result<Matcher<String>> {
    let mut gathered = Gathered::new();
    let mut short: Vec<&EntryPath> = Vec::new();
    for (path, secret) in secrets {
        if !gathered.add(secret, &format!("[vault: {path}]")) {
            short.push(path);
        }
    }
    short.dedup();
    for path in short {
        ctx.warn(&format!(
            "{path} is not masked: it has fewer than 6 characters, which any text may have"
        ));
    }
    gathered.into_matcher()
}

/// What is to be masked of what a program prints that gets these secrets of an entry, where an
/// assistant runs it.
pub(crate) fn for_an_assistant(
    ctx: &Context,
    path: &EntryPath,
    secrets: [&Secret; 2],
) -> Result<Option<Matcher<String>>> {
    let secrets = secrets.into_iter().map(|secret| (path, secret.expose()));
    let masked = assistant().map(|_| matcher_of(ctx, secrets));
    masked.transpose()
}
