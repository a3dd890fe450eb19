//! `vault incident plan`: what to do on the day, with the numbers that this vault has.

use crate::context::Context;
use crate::error::Result;
use crate::model::vault::Vault;

const EXAMPLES: &str = "\
Examples:
  vault incident plan
  vault incident plan > plan.txt       to print it: on the day this machine may be what is lost

It holds names, numbers and addresses, and no secret.";

/// Options of `incident plan`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

const STEPS: &str = "\
WHEN SOMETHING LEAKS

1. Stop it. Cut off the device or the account: sign out everywhere, take away keys, lock the
   vault (vault lock). If this machine is lost: restore a copy elsewhere, vault passwd
   --compromised, vault id rotate.
2. Enter it, with the time at which you learnt of it: vault incident open TEXT --host HOST
3. Change what it reaches: vault rotate --due --incident NUMBER
4. End what others have of it: vault who ENTRY, vault revoke NUMBER; of a contact whose device is
   gone: vault contact lost CONTACT
5. Call each client, today: vault incident told NUMBER CLIENT --by phone. Do not weigh the risk
   first: that is theirs. Then the letter: vault incident notice NUMBER --all --out DIR
6. Find the cause. Keep logs and mails before anything is cleaned.
7. Tell each client what you learnt: vault incident note NUMBER TEXT, and the letter anew.
8. Close it with cause and measures: vault incident close NUMBER";

pub(super) fn run(_args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let (clients, contacts) = (clients(vault), contacts(vault)?);
    if ctx.ui.is_json() {
        return ctx.ui.json(&serde_json::json!({
            "steps": STEPS, "clients": clients, "contacts": contacts,
        }));
    }
    let steps = STEPS.lines().map(ToOwned::to_owned);
    let titles = [("CLIENTS", clients), ("CONTACTS", contacts)];
    let titles = titles.into_iter().filter(|(_, people)| !people.is_empty());
    let people = titles.flat_map(|(title, people)| {
        let title = [String::new(), title.to_owned()].into_iter();
        title.chain(people.into_iter().map(|person| format!("  {person}")))
    });
    for line in steps.chain(people) {
        ctx.ui.line(&line)?;
    }
    Ok(())
}

/// Each client with how to reach them.
fn clients(vault: &Vault) -> Vec<String> {
    let mut all: Vec<_> = vault.live_clients().collect();
    all.sort_by_key(|client| client.slug());
    all.iter()
        .map(|client| {
            let persons = client.persons.items().iter().map(ToString::to_string);
            let emails = client.emails().map(ToOwned::to_owned);
            let phone = client.phone().map(ToOwned::to_owned);
            let channel = client.channel.value().cloned();
            told(
                client.called(),
                persons.chain(phone).chain(emails).chain(channel),
            )
        })
        .collect()
}

/// Each contact with how to reach them.
fn contacts(vault: &Vault) -> Result<Vec<String>> {
    let all = vault.live_contacts()?;
    let told = all.iter().map(|contact| {
        let full_name = contact.full_name.value().cloned();
        let phone = contact.phone.value().cloned();
        let emails = contact.emails().iter().cloned();
        let channel = contact.channel.value().cloned();
        told(
            contact.name(),
            full_name
                .into_iter()
                .chain(phone)
                .chain(emails)
                .chain(channel),
        )
    });
    Ok(told.collect())
}

fn told(name: &str, reach: impl Iterator<Item = String>) -> String {
    let reach: Vec<String> = reach.collect();
    if reach.is_empty() {
        return format!("{name}: no number and no address on record");
    }
    format!("{name}: {}", reach.join(", "))
}
