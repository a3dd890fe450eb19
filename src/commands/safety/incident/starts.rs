//! What an incident comes to, and what is to be done about that: as it is entered, and as more is
//! found.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::incidents::affected::IncidentStart;
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::record_id::number;
use crate::model::sharing::who::KnowerNames;
use crate::model::text::name::{ClientSlug, ContactName, EntryPath};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// What was hit.
#[derive(clap::Args, Debug)]
pub(super) struct StartArgs {
    /// A host that was broken into, with all below it; may be given several times
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// A credential that became known; may be given several times
    #[arg(long = "entry", value_name = "ENTRY")]
    entries: Vec<EntryPath>,
    /// A contact whose device or keys are in other hands; may be given several times
    #[arg(long = "contact", value_name = "CONTACT")]
    contacts: Vec<ContactName>,
    /// A mail address that was in a breach, a user name or that of a client's person; may be given
    /// several times
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    /// All that is a client's; may be given several times
    #[arg(long = "client", value_name = "CLIENT")]
    clients: Vec<ClientSlug>,
}

impl StartArgs {
    pub(super) fn starts(&self) -> Vec<IncidentStart> {
        let hosts = self.hosts.iter().cloned().map(IncidentStart::Host);
        let entries = self.entries.iter().cloned().map(IncidentStart::Entry);
        let contacts = self.contacts.iter().cloned().map(IncidentStart::Contact);
        let emails = self.emails.iter().cloned().map(IncidentStart::Email);
        let clients = self.clients.iter().cloned().map(IncidentStart::Client);
        hosts
            .chain(entries)
            .chain(contacts)
            .chain(emails)
            .chain(clients)
            .collect()
    }
}

/// What is reached, each with who else knows it.
pub(super) fn tell_reached(ctx: &Context, vault: &Vault, affected: &[AffectedEntry]) -> Result<()> {
    let known = vault.known_of_affected(affected, ctx.now())?;
    for item in affected {
        let how = if item.by_same_secret {
            ", by the same secret"
        } else {
            ""
        };
        let parts: Vec<&str> = item.versions.keys().map(String::as_str).collect();
        let parts = match parts.as_slice() {
            [] => " (no secret)".to_owned(),
            [SECRET] => String::new(),
            parts => format!(" ({})", parts.join(", ")),
        };
        let knowers = also_known(&known, item);
        ctx.ui
            .note(&format!("  {}{parts}{how}{knowers}", item.path));
    }
    Ok(())
}

/// Who else can know something that is reached, as it stands behind its path.
pub(super) fn also_known(known: &HashMap<Uuid, KnowerNames>, item: &AffectedEntry) -> String {
    let names = known.get(&item.entry).map(KnowerNames::all);
    match names.unwrap_or_default().as_slice() {
        [] => String::new(),
        names => format!("; also known to {}", names.join(", ")),
    }
}

/// The steps that are next for an incident that came to `starts`.
pub(super) fn tell_next(
    ctx: &Context,
    vault: &Vault,
    incident: &Incident,
    starts: &[IncidentStart],
) {
    let id = number(incident.id);
    for start in starts {
        if let IncidentStart::Contact(name) = start {
            ctx.ui.hint(&format!(
                "nothing goes to lost keys any more: vault contact lost {}",
                as_word(name.as_str())
            ));
        }
    }
    if incident.clients().is_empty() {
        ctx.ui.hint(&format!(
            "it is kept all the same; to close it: vault incident close {id} --cause TEXT --measures TEXT"
        ));
        return;
    }
    let untold = vault.untold(incident).into_iter();
    let untold: BTreeSet<String> = untold.map(|it| as_word(it.slug())).collect();
    let untold: Vec<String> = untold.into_iter().collect();
    let tell = match untold.as_slice() {
        [] => None,
        [only] => Some(format!(
            "call {only}, then: vault incident told {id} {only} --by phone"
        )),
        all => Some(format!(
            "call {}; after each call: vault incident told {id} CLIENT --by phone",
            all.join(", ")
        )),
    };
    let change = format!("change it: vault rotate --due --incident {id}");
    let change = (!incident.affected.is_empty()).then_some(change);
    let letters = Some(format!(
        "write the letters: vault incident notice {id} --all --out DIR"
    ));
    let steps = [change, tell, letters].into_iter().flatten();
    for (at, step) in (1..).zip(steps) {
        ctx.ui.hint(&format!("{at}. {step}"));
    }
}
