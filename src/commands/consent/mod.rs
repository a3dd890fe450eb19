//! `vault consent`: what clients have permitted.

pub(crate) mod add;
pub(crate) mod answer;
mod proof;
pub(crate) mod renew;
pub(crate) mod request;
pub(crate) mod show;
pub(crate) mod withdraw;
mod withdrawal_paper;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;

use super::consent::add::AddArgs;
use super::consent::answer::AnswerArgs;
use super::consent::renew::RenewArgs;
use super::consent::request::RequestArgs;
use super::consent::show::ConsentNow;
use super::consent::withdraw::WithdrawArgs;
use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::name::{ClientSlug, ContactName};
use crate::ui::Shown;
use crate::ui::time::relative;

const EXAMPLES: &str = "\
Examples:
  vault consent request acme --to bob --scope acme/wordpress --purpose 'fix the shop' --out ask.txt
  vault consent answer mail.eml
  vault consent list acme
  vault consent withdraw 2F95-B33D";

const LIST_EXAMPLES: &str = "\
Examples:
  vault consent list
  vault consent list acme --live
  vault consent list acme --json | jq -r '.[] | select(.state == \"given\") | .to[]'

requested: not answered yet. lapsed: nobody answered in time. expired: it was given, and its time is
over. ended: nobody is left whom it is for, or nothing that it covers.";

const SHOW_EXAMPLES: &str = "\
Examples:
  vault consent show 2F95-B33D
  vault consent show 2F95-B33D --out papers

The folder has the request, the answer as it came, and the confirmation. To check a signature there:
  echo \"client KEY\" > allowed
  ssh-keygen -Y verify -f allowed -I client -n vault-consent -s request.txt.sig < request.txt";

/// Options of `consent`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with consents.
#[derive(Debug, Subcommand)]
enum Action {
    /// Write a text that asks the client, to be answered by mail or signed
    #[command(
        after_help = request::EXAMPLES,
        override_usage = "vault consent request <CLIENT> --to <CONTACT>... --scope <ENTRY_OR_PATTERN>... --purpose <TEXT> [OPTIONS]"
    )]
    Request(RequestArgs),
    /// File what a client answered to a request: a mail, a letter, a signature, a call
    #[command(after_help = answer::EXAMPLES, override_usage = answer::USAGE)]
    Answer(AnswerArgs),
    /// File what a client has permitted without a request
    #[command(
        after_help = add::EXAMPLES,
        override_usage = "vault consent add <CLIENT> --to <CONTACT>... --scope <ENTRY_OR_PATTERN>... --purpose <TEXT> --by <NAME>\n                         \
                          (--evidence <FILE> | --note <TEXT>) [OPTIONS]"
    )]
    Add(AddArgs),
    /// List consents, the newest last
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        /// Only this client's
        #[arg(value_name = "CLIENT", conflicts_with = "client")]
        of: Option<ClientSlug>,
        /// Only this client's
        #[arg(long, value_name = "CLIENT")]
        client: Option<ClientSlug>,
        /// Only those for this contact
        #[arg(long, value_name = "CONTACT")]
        to: Option<ContactName>,
        /// Only those that allow something now
        #[arg(long)]
        live: bool,
    },
    /// Show a consent, or write out what shows it
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its id, or the start of it
        id: RecordId,
        /// Write what shows it to this new folder: the request, the answer, the confirmation
        #[arg(short, long, alias = "evidence", value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Ask for more time, by a request that takes the place of a consent
    #[command(after_help = renew::EXAMPLES)]
    Renew(RenewArgs),
    /// Take back a request that was not answered yet
    #[command(after_help = "Example:\n  vault consent cancel 2F95-B33D")]
    Cancel {
        /// Its number, or the start of its id
        id: RecordId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        dry_run: DryRunArg,
    },
    /// End a consent at once, with all that was shared under it
    #[command(after_help = withdraw::EXAMPLES)]
    Withdraw(WithdrawArgs),
}

/// Asks for, files, lists, shows or ends consents.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let Some(action) = &args.action else {
        return Ok(list(ctx, None, None, false)?);
    };
    match action {
        Action::Request(args) => request::run(args, ctx)?,
        Action::Answer(args) => answer::run(args, ctx)?,
        Action::Add(args) => add::run(args, ctx)?,
        Action::List {
            of,
            client,
            to,
            live,
        } => list(ctx, of.as_ref().or(client.as_ref()), to.as_ref(), *live)?,
        Action::Show { id, out } => match out {
            Some(out) => show::write_evidence(ctx, id, out)?,
            None => show::show(ctx, id)?,
        },
        Action::Renew(args) => renew::run(args, ctx)?,
        Action::Cancel {
            id,
            reason,
            dry_run,
        } => {
            dry_run.begin(ctx);
            withdraw::cancel(ctx, id, reason.as_deref())?;
        }
        Action::Withdraw(args) => withdraw::run(args, ctx)?,
    }
    Ok(())
}

fn list(
    ctx: &Context,
    client: Option<&ClientSlug>,
    to: Option<&ContactName>,
    live: bool,
) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let client = client.map(|slug| vault.known_client(slug)).transpose()?;
    let to = to.map(|name| vault.contacts_ever(name)).transpose()?;
    let is_for = |consent: &Consent| {
        to.as_ref()
            .is_none_or(|to| to.iter().any(|contact| consent.is_for(contact.id)))
    };
    let consents = vault.all_consents()?;
    let now = ctx.now();
    let mut states = Vec::new();
    for consent in consents {
        let state = vault.consent_state(consent, now)?;
        let counts = !live || (consent.is_live(now) && !state.is_end());
        if counts && is_for(consent) && client.is_none_or(|client| client.id == consent.client) {
            states.push((consent, state));
        }
    }
    let shown = states.into_iter().map(|(consent, state)| {
        let it = ConsentNow::of(vault, consent, state)?;
        Ok((it.as_json(vault))
            .text("ID", [number(consent.id)])
            .text("CLIENT", show::slug(vault, consent))
            .text("FOR", [it.to.join(", ")])
            .text("COVERS", [covered(&it)?])
            .text("STATE", [state_told(&it, now)])
            .time_text("ENDS", ends(consent, now))
            .text("PURPOSE", [consent.purpose()]))
    });
    let shown = shown.collect::<VaultResult<Vec<Shown>>>()?;
    let none = if live {
        "no consent is live"
    } else if client.is_some() || to.is_some() {
        "no consent is like that"
    } else {
        "no consents yet; ask for one: vault consent request CLIENT …"
    };
    ctx.ui.list(&shown, none)
}

/// What is covered, in short; of what is gone, what it was.
fn covered(it: &ConsentNow<'_>) -> VaultResult<String> {
    if !it.scope.is_empty() {
        return Ok(covers(&it.scope));
    }
    let terms = AgreedTerms::from_json(&it.consent.terms)?;
    let named: Vec<String> = terms.entries.into_iter().map(|entry| entry.path).collect();
    Ok(match &named[..] {
        [] => covers(&[]),
        named => format!("{} (no longer)", covers(named)),
    })
}

/// What is covered, in short.
fn covers(scope: &[String]) -> String {
    match scope {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, two] => format!("{one}, {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

fn state_told(it: &ConsentNow<'_>, now: Timestamp) -> String {
    let (consent, state) = (it.consent, it.state);
    match consent.assurance() {
        _ if it.suspended => format!("{state}, suspended"),
        _ if consent.is_out_unwritten(now) => format!("{state}, only said"),
        Some(assurance) if state == ConsentState::Given => format!("{state}, {assurance}"),
        _ => state.to_string(),
    }
}

fn ends(consent: &Consent, now: Timestamp) -> String {
    let end = consent.ended().map_or(consent.end(), |event| event.time);
    if consent.not_before() > now && consent.ended().is_none() {
        return format!("begins {}", relative(consent.not_before(), now));
    }
    relative(end, now)
}
