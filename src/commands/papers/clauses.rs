//! `vault clauses`: what to put into agreements with clients and with those who are given access.

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use crate::context::Context;
use crate::exchange::clauses::{ClauseKind, clauses};
use crate::model::text::lang::Lang;

const EXAMPLES: &str = "\
Examples:
  vault clauses client                 for the agreement with a client
  vault clauses sub --lang de          for whoever is given access, in German
  vault clauses sub > clauses.txt

The text says its version; what stands in [brackets] is yours to fill in. It is no legal advice. To
keep what was signed: vault client edit CLIENT --agreement FILE, vault contact edit NAME --agreement
FILE. No vault is needed.";

/// Options of `clauses`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Whom the agreement is with: sub, somebody who is given access, or client
    #[arg(value_name = "KIND", value_parser = kinds())]
    kind: ClauseKind,
    /// The language of the text: en or de
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
}

fn kinds() -> impl TypedValueParser {
    PossibleValuesParser::new(["sub", "client"]).try_map(|word| word.parse::<ClauseKind>())
}

/// Prints the clauses.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let text = clauses(args.kind, args.lang);
    if ctx.ui.is_json() {
        let (kind, lang) = (args.kind.as_str(), args.lang.as_str());
        return Ok(ctx
            .ui
            .json(&json!({"kind": kind, "lang": lang, "text": text}))?);
    }
    ctx.ui.file(text.as_bytes())?;
    Ok(ctx.ui.flush()?)
}
