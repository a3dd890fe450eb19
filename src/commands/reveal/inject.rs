//! `vault inject`: puts secrets into a template.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use zeroize::Zeroizing;

use super::hand_out::hand_out;
use crate::commands::args::document::named;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::inject::reference::{Reading, Reference};
use crate::model::inject::template::{Piece, parse};
use crate::model::text::limits::{INJECTED_BYTES, TEXT_FILE_BYTES};
use crate::model::text::quote::Quote;
use crate::store::disk::file::{Prepared, check_new_file, read_named};
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  echo 'password={{ vault://acme/db }}' | vault inject
  vault inject -i config.yml.tpl -o config.yml       readable by you only, never over a file
  vault inject -i .env.tpl --quote dotenv -o .env
  vault inject -i deploy.json.tpl | deploy --config -

In the template, {{ vault://CLIENT/NAME }} stands for a secret and {{ vault://CLIENT/NAME#FIELD }}
for a field: username, url, notes, a custom one; #totp is the current code. In a name, a
space is %20. If one is not found, nothing is written (3).
A value can be quoted, and then brings its own quotes: KEY={{ vault://acme/db | dotenv }}, for
JSON {{ … | json }}, for a shell script {{ … | shell }}. --quote says it for all that say nothing.
Whatever else stands in {{ }} is left alone. To write {{ before vault:, write {{ \"{{\" }}.";

/// Options of `inject`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The template [default: stdin]
    #[arg(short, long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// A new file for the result [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How values are quoted where the template does not say
    #[arg(long, value_name = "HOW", default_value = "raw", value_parser = quote())]
    quote: Quote,
}

fn quote() -> impl TypedValueParser<Value = Quote> {
    let names = Quote::NAMES.map(|(name, _)| name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Quote>())
}

/// Writes the template with its references replaced, after recording what was revealed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let input = named(args.input.as_deref());
    let out = named(args.out.as_deref());
    match out {
        Some(out) => check_new_file(out)?,
        None if ctx.ui.is_json() => {
            return Err(Error::usage("--json has no form for what is injected")
                .hint("write it to a file: --out FILE")
                .into());
        }
        None => {}
    }
    // Before anything is asked; stdin may still have the password in front of the template.
    let template = input.map(read_template).transpose()?;
    if let Some(template) = &template {
        parse(template)?;
    }
    let session = ctx.unlock()?;
    let template = match template {
        Some(template) => template,
        None => bounded(ctx.ui.stdin_bytes(TEXT_FILE_BYTES)?)?,
    };
    let pieces = parse(&template)?;
    let readings = look_up(ctx, &session, &pieces)?;
    let filled = fill(&pieces, &readings, args.quote)?;
    if out.is_none() {
        ctx.ui.check_showable(&filled)?;
    }
    let handed: Vec<_> = readings.values().map(RevealedItem::reading).collect();
    hand_out(ctx, &session, &handed, &Via::Command("inject"))?;
    write(ctx, &filled, out, readings.len())?;
    Ok(())
}

fn read_template(path: &Path) -> VaultResult<Zeroizing<Vec<u8>>> {
    let read = read_named("the template", path, TEXT_FILE_BYTES)?;
    Ok(Zeroizing::new(read.to_vec()))
}

fn bounded(template: Zeroizing<Vec<u8>>) -> VaultResult<Zeroizing<Vec<u8>>> {
    if template.len() > TEXT_FILE_BYTES {
        return Err(Error::usage(
            "the template on stdin is larger than 1 MiB, the limit",
        ));
    }
    Ok(template)
}

type Readings<'a> = BTreeMap<&'a Reference, Reading<'a>>;

fn look_up<'a>(
    ctx: &Context,
    session: &'a Session,
    pieces: &'a [Piece<'_>],
) -> VaultResult<Readings<'a>> {
    let now = ctx.now();
    let mut readings = Readings::new();
    for piece in pieces {
        let Piece::Value(reference, _) = piece else {
            continue;
        };
        if !readings.contains_key(reference) {
            readings.insert(reference, session.vault().read(reference, now)?);
        }
    }
    Ok(readings)
}

fn fill(
    pieces: &[Piece<'_>],
    readings: &Readings<'_>,
    default: Quote,
) -> VaultResult<Zeroizing<Vec<u8>>> {
    let mut filled = Zeroizing::new(Vec::new());
    for piece in pieces {
        match piece {
            Piece::Text(text) => filled.extend_from_slice(text),
            Piece::Value(reference, quote) => {
                let value = readings.get(reference).map_or("", Reading::expose);
                let value = quote.unwrap_or(default).apply(value);
                filled.extend_from_slice(value.as_bytes());
            }
        }
        if filled.len() > INJECTED_BYTES {
            return Err(Error::usage("the result is larger than 16 MiB, the limit"));
        }
    }
    Ok(filled)
}

fn write(ctx: &Context, filled: &[u8], out: Option<&Path>, count: usize) -> VaultResult<()> {
    if count == 0 {
        ctx.ui.note("there is no {{ vault://… }} in the template");
    }
    let Some(out) = out else {
        return ctx.ui.file(filled);
    };
    Prepared::write(out, filled)?.create()?.sync()?;
    ctx.ui
        .note(&format!("wrote {}, readable by you only", out.display()));
    ctx.answer(&[]);
    Ok(())
}
