//! `vault me`: who you are on the papers that clients and contacts get.

use anyhow::Result;

use crate::commands::args::replaced::tell_replaced;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::people::fields::{MeField, MeValues};
use crate::model::people::me_changes::{MeChanges, check_device_name};
use crate::store::session::Session;
use crate::ui::Shown;

const EXAMPLES: &str = "\
Examples:
  vault me --name 'Kim Example' --address 'Lindenstr. 4, 10969 Berlin' --email kim@kim.example
  vault me --firm 'Kim Example Web Design' --phone '+49 30 555 01'
  vault me                      shows what is noted
  vault me --unset phone
  vault me --device laptop      what vault log calls this machine, here and on the others

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
    /// What recipients keep to beside the usual, with ; between: 'copies=off; Only by day'
    #[arg(long, value_name = "DUTIES")]
    duties: Option<String>,
    /// What this machine is called in the log: laptop
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Take it away: name, firm, address, country, email, phone or duties
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
            duties: args.duties,
        },
        unset: args.unset,
    };
    let has_changes = changes != MeChanges::default();
    if !has_changes && args.device.is_none() {
        return Ok(show(ctx)?);
    }
    changes.check()?;
    args.device.as_deref().map(check_device_name).transpose()?;
    let session = ctx.unlock_to_change()?;
    let is_named = args.device.is_none() || args.device.as_deref() == name_here(&session);
    if is_named && session.vault().edit_me_changes_nothing(&changes)? {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    let before = MeValues::of(&session.vault().me);
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        if has_changes {
            vault.edit_me(&changes, author)?;
        }
        let name = args.device.as_deref();
        name.map_or(Ok(()), |name| vault.name_device(name, author))
    })?;
    let now = MeValues::of(&session.vault().me);
    tell_replaced(ctx, &before.replaced_by(&now));
    ctx.answer_change("noted who you are", &["me".to_owned()]);
    Ok(())
}

/// What this machine is called.
fn name_here(session: &Session) -> Option<&str> {
    session.vault().me.device_name(session.device()?)
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
    ctx.ui
        .show(&shown.field("device", "device", name_here(&session)))
}
