//! `vault me`: who you are on the papers that clients and contacts get.

use anyhow::Result;

use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::people::fields::{MeField, MeValues};
use crate::model::people::me_changes::MeChanges;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault me --name 'Kim Example' --address 'Lindenstr. 4, 10969 Berlin' --email kim@kim.example
  vault me --firm 'Kim Example Web Design' --phone '+49 30 555 01'
  vault me                      shows what is noted
  vault me --unset phone

Every paper for a client takes its sender from here; nothing else needs it.";

/// Options of `me`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Your full name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Your firm
    #[arg(long, value_name = "FIRM")]
    firm: Option<String>,
    /// Street, postal code and town
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Your country
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Your mail address, where clients send their answers
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Your telephone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Take it away: name, firm, address, country, email or phone
    #[arg(long, value_name = "FIELD")]
    unset: Vec<MeField>,
}

/// Notes who keeps the vault, or shows what is noted.
pub fn run(args: Args, ctx: &Context) -> Result<()> {
    let changes = MeChanges {
        values: MeValues {
            name: args.name,
            firm: args.firm,
            address: args.address,
            country: args.country,
            email: args.email,
            phone: args.phone,
        },
        unset: args.unset,
    };
    if changes == MeChanges::default() {
        return Ok(show(ctx)?);
    }
    changes.check()?;
    let session = ctx.unlock_to_change()?;
    if session.vault().edit_me_changes_nothing(&changes)? {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| vault.edit_me(changes, author))?;
    ctx.answer_change("noted who you are", &["me".to_owned()]);
    Ok(())
}

fn show(ctx: &Context) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let values = MeValues::of(&session.vault().me);
    if values == MeValues::default() && !ctx.ui.is_json() {
        ctx.ui
            .note("nothing is noted yet: vault me --name NAME --address ADDRESS --email ADDRESS");
    }
    let shown = MeField::ALL.iter().fold(Shown::default(), |shown, field| {
        let value = values.texts(*field).into_iter().next();
        shown.field(field.key(), field.row().option, value)
    });
    ctx.ui.show(&shown)
}
