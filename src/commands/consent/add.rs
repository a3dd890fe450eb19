//! `vault consent add`: files what a client has permitted.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use uuid::Uuid;

use crate::commands::args::consent_terms::{TermsArgs, tell_coverage};
use crate::commands::args::contact_fields::fit_name;
use crate::commands::args::keys::ssh_key_of;
use crate::context::Context;
use crate::crypto::SshPublicKey;
use crate::crypto::signing::sshsig;
use crate::crypto::signing::sshsig::Verified;
use crate::error::{Error, Kind, Result};
use crate::exchange::request::NAMESPACE;
use crate::model::consent::changes::{Grant, Proof};
use crate::model::consent::requests::SignedBy;
use crate::model::records::client::Client;
use crate::model::records::log::EventDraft;
use crate::model::records::record_id::short;
use crate::model::text::limits::{ATTACHMENT_BYTES, TEXT_FILE_BYTES};
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::quote::as_word;
use crate::model::text::text_file::before_an_editor;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::disk::file::{read_document, read_named};
use crate::store::session::Session;
use crate::ui::time::local_time;

/// Examples in the help of `consent add`.
pub const EXAMPLES: &str = "\
Examples:
  vault consent add acme --request ask.txt --signature ask.txt.sig
  vault consent add acme --to bob --scope 'acme/*' --purpose 'fix the shop' --by 'Jo Doe' \\
      --evidence contract.pdf --method contract --expires 2027-06-30
  vault consent add acme --to bob --scope acme/wordpress --field username --purpose 'audit' \\
      --by 'Jo Doe' --note 'said so on the phone, 14:10'

How sure it is: signed (a signature was checked), document (evidence is kept), attested (a note).
A client's --min-assurance says what counts.";

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
    /// The request, as vault consent request wrote it
    #[arg(
        long,
        value_name = "FILE",
        requires = "signature",
        conflicts_with_all = ["to", "scope", "fields", "purpose", "expires", "from", "evidence", "method", "note"]
    )]
    request: Option<PathBuf>,
    /// The signature over the request, as ssh-keygen -Y sign wrote it
    #[arg(long, value_name = "SIG", requires = "request")]
    signature: Option<PathBuf>,
    /// Only a signature by this key, one of the client's; a key or a file
    #[arg(long, value_name = "KEY", requires = "request")]
    signer: Option<String>,
}

/// Files what a client has permitted.
pub fn run(args: &AddArgs, ctx: &Context) -> Result<()> {
    match (&args.request, &args.signature) {
        (Some(request), Some(signature)) => add_signed(args, ctx, request, signature),
        _ => add_granted(args, ctx),
    }
}

fn add_granted(args: &AddArgs, ctx: &Context) -> Result<()> {
    let from = args.from.as_ref();
    let from = from
        .map(|from| from.as_beginning(&ctx.now_here()))
        .transpose()?;
    let terms = args.terms.terms(ctx, &args.client, from)?;
    let by = args.by.clone().ok_or_else(|| {
        Error::usage("--by is missing").hint("say who gave the consent, as in: --by 'Jo Doe'")
    })?;
    let grant = Grant {
        by,
        from,
        method: args.method.map(Method::as_str),
        proof: proof(args)?,
    };
    let session = ctx.unlock_to_permit()?;
    let assurance = grant.proof.assurance();
    let check = |vault: &Vault| {
        vault.check_terms(&terms)?;
        vault.check_assurance(&args.client, assurance)
    };
    check(session.vault()).inspect_err(|why| refused(ctx, &session, &args.client, why))?;
    tell_coverage(ctx, session.vault(), &terms)?;
    let id = ctx.change(session, |vault, author| {
        vault.add_consent(&terms, grant, author)
    })?;
    let start = short(id);
    args.terms.tell_default(ctx, &terms);
    ctx.answer_change(
        &format!(
            "consent {start} ({assurance}): {} may be given what it covers until {}",
            named(&terms.to),
            local_time(terms.expires)
        ),
        &[id.to_string()],
    );
    Ok(())
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
    let bytes = read_named("the evidence", path, ATTACHMENT_BYTES)?;
    if bytes.is_empty() {
        return Err(Error::usage(format!("{} is empty", path.display())));
    }
    Ok(Proof::Document {
        name: fit_name(path, "evidence")?,
        media_type: media_type(&bytes),
        bytes: bytes.to_vec(),
    })
}

/// The kind of a file, by how it begins.
fn media_type(bytes: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 4] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
    ];
    let found = known.iter().find(|(start, _)| bytes.starts_with(start));
    match found {
        Some((_, kind)) => kind,
        None if std::str::from_utf8(bytes).is_ok() => "text/plain",
        None => "application/octet-stream",
    }
}

fn add_signed(args: &AddArgs, ctx: &Context, request: &Path, signature: &Path) -> Result<()> {
    let signature = read_signature(signature)?;
    let text = as_signed(&read_text(request, "the request")?, &signature);
    let signer = args.signer.as_deref().map(ssh_key_of).transpose()?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let checked = vault
        .open_request(&args.client, &text, ctx.now())
        .and_then(|consent| {
            let key = check_signed(vault, args, &text, &signature, signer.as_ref())?;
            Ok((consent, key))
        })
        .inspect_err(|why| refused(ctx, &session, &args.client, why));
    let (consent, verified) = checked?;
    let note = format!(
        "consent {} (signed by {}): {} may be given what it covers until {}",
        short(consent.id),
        verified.key.fingerprint(),
        vault.contact_names(&consent.contacts())?.join(", "),
        local_time(consent.expires)
    );
    let gone = !(vault.live_contacts()?.iter()).any(|contact| consent.is_for(contact.id));
    let evidence = SignedBy {
        by: args.by.clone(),
        key: verified.key.to_openssh(),
        signature: verified.signature,
    };
    let id = ctx.change(session, |vault, author| {
        vault.sign_consent(&args.client, &text, evidence, author)
    })?;
    if gone {
        ctx.warn("whom it is for was removed from the contacts: it allows nothing");
    }
    ctx.answer_change(&note, &[id.to_string()]);
    Ok(())
}

fn check_signed(
    vault: &Vault,
    args: &AddArgs,
    text: &str,
    signature: &str,
    signer: Option<&SshPublicKey>,
) -> Result<Verified> {
    let client = vault.known_client(&args.client)?;
    if let Some(signer) = signer {
        check_recorded(client, signer)?;
    }
    let verified = sshsig::verify(signature, NAMESPACE, text.as_bytes())?;
    if let Some(signer) = signer.filter(|signer| **signer != verified.key) {
        return Err(Error::integrity(format!(
            "the signature is by {}, not by {}",
            verified.key.fingerprint(),
            signer.fingerprint()
        )));
    }
    check_recorded(client, &verified.key)?;
    Ok(verified)
}

/// Refuses a key that was not recorded for the client before.
fn check_recorded(client: &Client, key: &SshPublicKey) -> Result<()> {
    let line = key.to_openssh();
    let recorded = (client.keys().iter()).find(|known| known.to_openssh() == line);
    let slug = client.slug();
    Err(match recorded {
        Some(recorded) if !recorded.imported => return Ok(()),
        Some(_) => Error::refused(format!(
            "the key {} came in by import, and nobody has made sure here that it is {slug}'s",
            key.fingerprint()
        )),
        None => Error::refused(format!(
            "the key {} is not recorded for {slug}",
            key.fingerprint()
        )),
    }
    .hint(format!(
        "make sure by phone that it is theirs, then: vault client edit {} --key FILE --key-verified HOW",
        as_word(slug)
    )))
}

fn read_text(path: &Path, what: &str) -> Result<String> {
    let bytes = read_named(what, path, TEXT_FILE_BYTES)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::usage(format!("{} is no text", path.display())))?;
    Ok(text.to_owned())
}

/// The request as it was signed: an editor or a mail program may have put other line ends or a byte
/// order mark in since. What was not signed in any such form stays as it is.
fn as_signed(text: &str, signature: &str) -> String {
    let is_signed =
        |text: &Cow<'_, str>| sshsig::verify(signature, NAMESPACE, text.as_bytes()).is_ok();
    let found = before_an_editor(text).find(is_signed);
    found.map_or_else(|| text.to_owned(), Cow::into_owned)
}

/// A signature that cannot be read counts as missing.
fn read_signature(path: &Path) -> Result<String> {
    let bytes = read_document("the signature", path, TEXT_FILE_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A refusal is in the log too; one that cannot be recorded is still a refusal.
fn refused(ctx: &Context, session: &Session, client: &ClientSlug, why: &Error) {
    if !matches!(why.kind(), Kind::Refused | Kind::Integrity) {
        return;
    }
    let client: Vec<Uuid> = (session.vault().client(client.as_str()))
        .map(|client| client.id)
        .into_iter()
        .collect();
    let draft = EventDraft::new(ctx.now(), "refuse", client)
        .with("what", "consent")
        .with("reason", why.kind().code());
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this refusal is not in the log: {why}"));
    }
}
