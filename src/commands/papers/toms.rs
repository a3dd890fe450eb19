//! `vault toms`: the technical and organisational measures, with what was measured.

use anyhow::Result;
use serde_json::{Value, json};

use crate::commands::args::signed_page::PageArgs;
use crate::commands::safety::doctor::gather;
use crate::context::Context;
use crate::exchange::measures_page;
use crate::model::findings::measures::{Measure, Measured};

const EXAMPLES: &str = "\
Examples:
  vault toms                           prints the page
  vault toms --lang de --out toms.txt  writes it, and its signature beside it
  vault toms --json | jq -r '.[] | select(.state == \"off\") | .measure'

For the agreement with a client (GDPR Art. 28 and 32). What holds by the way the program works is
said; what depends on this machine and this vault is measured now, as vault doctor does, and what is
not in place is said to be so.
  ssh-keygen -Y verify -f allowed -I me -n vault-toms -s toms.txt.sig < toms.txt";

/// Options of `toms`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
}

/// Measures, and prints or writes the page.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.page.check()?;
    let session = ctx.unlock()?;
    let facts = gather(ctx, &ctx.store()?, Some(&session))?;
    let measures = session.vault().measures(&facts)?;
    if ctx.ui.is_json() && !args.page.has_file() {
        let all: Vec<Value> = measures.iter().map(as_json).collect();
        return Ok(ctx.ui.json(&all)?);
    }
    let here = ctx.now_here();
    let lang = args.page.lang.unwrap_or_default();
    let how = (lang, here.timestamp(), here.time_zone());
    let page = measures_page::write(session.vault(), &measures, how)?;
    Ok(args.page.write(ctx, &page)?)
}

fn as_json(it: &Measure) -> Value {
    let measure = it.kind.as_str();
    match it.measured {
        Measured::On => json!({"measure": measure, "state": "on"}),
        Measured::Off => json!({"measure": measure, "state": "off"}),
        Measured::Unmeasured => json!({"measure": measure, "state": "unmeasured"}),
        Measured::Of(some, all) => {
            let state = if some == all { "on" } else { "off" };
            json!({"measure": measure, "state": state, "count": some, "of": all})
        }
        Measured::Last(time) => json!({"measure": measure, "state": "on", "time": time}),
        Measured::Cost(kdf) => json!({"measure": measure, "state": "on", "kdf": kdf}),
        Measured::LowCost(kdf) => json!({"measure": measure, "state": "off", "kdf": kdf}),
    }
}
