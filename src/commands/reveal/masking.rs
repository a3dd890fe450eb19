//! Whether what a program prints is masked, and what of it.

use crate::context::Context;
use crate::error::Result;
use crate::model::entry::field::Found;
use crate::model::inject::reference::Reading;
use crate::model::masking::matcher::{Gathered, Matcher};
use crate::model::text::name::EntryPath;

/// Variables that assistants set for the programs that they run.
const ASSISTANTS: [&str; 13] = [
    "AI_AGENT",
    "AUGMENT_AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE",
    "CLINE_ACTIVE",
    "CODEX_CI",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "QWEN_CODE",
];

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
    /// it, and what is too short for it.
    pub(crate) fn matcher(
        &self,
        ctx: &Context,
        readings: &[Reading<'_>],
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
        let mut gathered = Gathered::new();
        let mut short: Vec<&EntryPath> = Vec::new();
        for reading in readings {
            let is_secret = matches!(reading.found, Found::Secret(_));
            let name = format!("[vault: {}]", reading.path);
            if is_secret && !gathered.add(reading.expose(), &name) {
                short.push(reading.path);
            }
        }
        short.dedup();
        for path in short {
            ctx.warn(&format!(
                "{path} is not masked: it has fewer than 6 characters, which any text may have"
            ));
        }
        gathered.into_matcher().map(Some)
    }
}

/// The first variable that tells of an assistant.
fn assistant() -> Option<&'static str> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ASSISTANTS.into_iter().find(is_set)
}
