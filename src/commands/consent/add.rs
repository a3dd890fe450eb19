//! `vault consent add`: files what a client has permitted.

use std::path::PathBuf;

use clap::ValueEnum;

use super::answer::check_giver;
use super::proof::{document, log_refusal};
use super::request::tell_named;
use crate::commands::args::consent_terms::{DAYS, TermsArgs, check_none_missing, tell_coverage};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::consent::changes::{Grant, Proof};
use crate::model::consent::requests::PROVISIONAL_DAYS;
use crate::model::consent::terms::SETTLE_IT;
use crate::model::records::consent::GrantedBy;
use crate::model::records::record_id::number;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

/// Examples in the help of `consent add`.
pub const EXAMPLES: &str = "\
Examples:
  vault consent add acme --to bob --scope 'acme/*' --purpose 'fix the shop' --by 'Jo Doe' \\
      --evidence contract.pdf --method contract --expires 2027-06-30
  vault consent add acme --to bob --scope acme/wordpress --field username --purpose 'audit' \\
      --by 'Jo Doe' --note 'said so on the phone, 14:10'

What you asked for by vault consent request is answered by vault consent answer. Where they want what
is filed here to end sooner: vault consent answer NUMBER --phone HOW --until DATE, or their mail.
How sure it is: signed (a signature was checked), document (evidence is kept), attested (a note).
A client's --min-assurance says what counts; without it, a note does not. What is only noted ends
after 7 days, as what was said by phone does, unless --expires says more.";

/// How a consent was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    /// It stands in a contract
    Contract,
    /// By mail
    Email,
    /// By letter
    Letter,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Email => "email",
            Self::Letter => "letter",
        }
    }
}

/// Options of `consent add`.
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// The client's short name
    client: ClientSlug,
    #[command(flatten)]
    terms: TermsArgs,
    /// The person who gave it
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// From when on it holds: a date, a time, or a duration from now [default: now]
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// A document that shows it; its hash and a sealed copy are kept
    #[arg(long, value_name = "FILE", conflicts_with = "note")]
    evidence: Option<PathBuf>,
    /// How it was obtained: contract, email or letter
    #[arg(
        long,
        value_name = "METHOD",
        requires = "evidence",
        conflicts_with = "note"
    )]
    method: Option<Method>,
    /// How it was given, where no document shows it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Files what a client has permitted.
pub fn run(args: &AddArgs, ctx: &Context) -> Result<()> {
    check_none_missing(&missing(args))?;
    let from = args.from.as_ref();
    let from = from
        .map(|from| from.as_beginning(&ctx.now_here()))
        .transpose()?;
    let days = if args.note.is_some() {
        PROVISIONAL_DAYS
    } else {
        DAYS
    };
    let terms = args.terms.terms(ctx, &args.client, from, days)?;
    let by = args.by.as_deref().unwrap_or_default();
    let grant = Grant {
        by: GrantedBy::with(by.to_owned()),
        from,
        until: None,
        method: args.method.map(Method::as_str),
        proof: proof(args)?,
    };
    let session = ctx.unlock_to_permit()?;
    let assurance = grant.proof.assurance();
    let check = |vault: &Vault| {
        vault.check_terms(&terms)?;
        check_giver(ctx, vault.known_client(&args.client)?, by, true)?;
        vault.check_assurance(&args.client, assurance)
    };
    let client = session.vault().client(args.client.as_str()).map(|it| it.id);
    check(session.vault()).inspect_err(|why| log_refusal(ctx, &session, client, why))?;
    let apart = session.vault().apart_in(&terms)?;
    let (id, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.add_consent(&terms, grant, author)
    })?;
    ctx.note_done(&format!(
        "consent {} ({assurance}): {} may be given what it covers until {}",
        number(id),
        named(&terms.to),
        local_time(terms.expires)
    ));
    args.terms.tell_default(ctx, &terms, days);
    tell_coverage(ctx, session.vault(), &terms, &[])?;
    tell_named(ctx, session.vault(), &terms)?;
    if let Some(what) = apart {
        ctx.warn(&format!("{what}: it is filed with the one that counts now"));
        ctx.ui.hint(SETTLE_IT);
    }
    ctx.answer(&[id.to_string()]);
    Ok(())
}

/// What has to be said and is not.
fn missing(args: &AddArgs) -> Vec<(&'static str, String)> {
    let mut missing = args.terms.missing(&args.client);
    if args.by.is_none() {
        missing.push(("--by", "'Jo Doe'".to_owned()));
    }
    // Alone it has a better answer.
    if !missing.is_empty() && args.evidence.is_none() && args.note.is_none() {
        missing.push(("--evidence", "FILE".to_owned()));
    }
    missing
}

/// The names of contacts, as a message has them.
fn named(contacts: &[ContactName]) -> String {
    let names = contacts.iter().map(ToString::to_string);
    names.collect::<Vec<_>>().join(", ")
}

fn proof(args: &AddArgs) -> Result<Proof> {
    if let Some(note) = &args.note {
        return Ok(Proof::Note(note.clone()));
    }
    let Some(path) = &args.evidence else {
        return Err(Error::usage("nothing shows this consent")
            .hint("name what does: --evidence FILE, or --note TEXT for what was only said"));
    };
    document(path, None)
}
