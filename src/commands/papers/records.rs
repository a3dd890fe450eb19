//! `vault records`: the record of processing of a processor, and the approved sub-processors of one
//! client.

use anyhow::Result;
use serde_json::{Value, json};

use crate::commands::args::signed_page::PageArgs;
use crate::context::Context;
use crate::exchange::records_page;
use crate::model::people::processing::{ClientProcessing, SubProcessor};
use crate::model::text::name::ClientSlug;

const EXAMPLES: &str = "\
Examples:
  vault records                        what you do for whom, and who else is permitted access
  vault records --lang de --out records.txt     writes it, and its signature beside it
  vault records --client acme          the annex for acme: who may be given access, and nobody else's
  vault records --json | jq -r '.[].approved[] | select(.place != \"eea\") | .contact'

GDPR Art. 30(2) asks a processor for this record. It has clients, but for those who are private
persons (vault client edit CLIENT --role private); what is missing in it is a finding of the audit.
  ssh-keygen -Y verify -f allowed -I me -n vault-records -s records.txt.sig < records.txt";

/// Options of `records`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only who may be given what is this client's, as an annex for them
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    #[command(flatten)]
    page: PageArgs,
}

/// Prints or writes the record.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.page.check()?;
    let session = ctx.unlock()?;
    let vault = session.vault();
    let client = args.client.as_ref();
    let client = client.map(|slug| vault.known_client(slug)).transpose()?;
    let here = ctx.now_here();
    let now = here.timestamp();
    let all = vault.processing(client, now)?;
    if ctx.ui.is_json() && !args.page.has_file() {
        let all: Vec<Value> = all.iter().map(as_json).collect();
        return Ok(ctx.ui.json(&all)?);
    }
    let theirs = client.and_then(|it| it.lang.value()?.parse().ok());
    let lang = args.page.lang.or(theirs).unwrap_or_default();
    let page = records_page::write(vault, &all, client, (lang, now, here.time_zone()))?;
    Ok(args.page.write(ctx, &page)?)
}

fn as_json(it: &ClientProcessing<'_>) -> Value {
    let client = it.client;
    let emails: Vec<&str> = client.emails().collect();
    json!({
        "client": client.slug(),
        "name": client.called(),
        "emails": emails,
        "phone": client.phone(),
        "role": client.role.value(),
        "since": client.created,
        "agreed_on": client.agreed_on.value(),
        "retain_until": client.retain_until(),
        "entries": it.entries,
        "approved": it.approved.iter().map(other_as_json).collect::<Vec<_>>(),
        "former": it.former.iter().map(other_as_json).collect::<Vec<_>>(),
    })
}

fn other_as_json(it: &SubProcessor<'_>) -> Value {
    let contact = it.contact;
    let permitted = it.permitted.iter().map(|used| {
        json!({
            "consent": used.consent, "purpose": used.purpose, "by": used.by, "until": used.until,
        })
    });
    json!({
        "contact": contact.name(),
        "full_name": contact.full_name.value(),
        "firm": contact.firm.value(),
        "address": contact.address.value(),
        "country": contact.country.value(),
        "place": it.place.as_str(),
        "agreed_on": it.agreed_on(),
        "permitted": permitted.collect::<Vec<_>>(),
    })
}
