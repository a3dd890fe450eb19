//! `vault share`: gives a contact what a client's consent allows.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::tz::TimeZone;
use serde_json::json;
use uuid::Uuid;

use super::despite::DespiteArgs;
use super::hand_over::handed_over;
use super::refusal_log::{RefusalLog, decide};
use super::share_file::{
    Out, PageLang, file_name, new_passphrase, page_words, sealed, tell_page, write,
};
use super::share_lines;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::commands::reveal::clock_check;
use crate::context::Context;
use crate::crypto::SealedTo;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::exchange::bundle::PASSPHRASE;
use crate::exchange::hand_over::HandOverAsk;
use crate::exchange::share::{Lock, SealedShare, make, rehearse};
use crate::model::consent::permit::Ask;
use crate::model::consent::scope::SharedField;
use crate::model::records::contact::Contact;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::name::{ContactName, EntryPath};
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::text::selector::Selector;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::clock::AcceptedClock;
use crate::store::disk::file::check_new_file;
use crate::store::session::Session;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault share acme/wordpress --to bob              the secret and all that the consent covers
  vault share acme/wp acme/db --to bob --expires 7d --out for-bob.age
  vault share acme/shop/ 'acme/api*' --to bob      what there is today in a folder, of a pattern
  vault share acme/api --to bob --field secret     this field only
  vault share acme/wp --to eve --passphrase        for a contact with no key
  vault share acme/wp --to eve --passphrase --page     as a page: all they need is a browser
  vault share acme/wp --to-client --passphrase     to the client it belongs to, without a consent
  vault share acme/wp --to bob --out - | mail-it   the file to stdout
  vault share --update 3f2a91bc                    the new secret, to who has the old one
  vault share --renew 3f2a91bc --expires 30d       more time

The client has to have consented to it: vault consent request, or vault consent add. The share is
in the ledger (vault shares) before its file is written. Bob opens it with vault receive FILE, or
with plain age: age -d -i KEY FILE. What was shared can be revoked, not taken back: vault revoke.";

/// Options of `share`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress, a folder CLIENT/FOLDER/, all of CLIENT/ or a pattern, as in
    /// 'acme/*'; several of one client
    #[arg(required_unless_present = "again", value_name = "ENTRY")]
    entries: Vec<Selector>,
    /// Who it is for
    #[arg(long, value_name = "CONTACT", required_unless_present_any = ["again", "to_client"])]
    to: Option<ContactName>,
    /// Hand it over to the client it belongs to: needs no consent, and everything goes that is not
    /// limited by --field
    #[arg(long, conflicts_with_all = ["to", "consent", "expires", "DespiteArgs", "dry_run"])]
    to_client: bool,
    /// With --to-client, the person of the client that it is for
    #[arg(long, value_name = "NAME", requires = "to_client")]
    person: Option<String>,
    /// In the place of this share: the same entries, fields and contact, with what is in them
    /// today, until the same end
    #[arg(
        long,
        value_name = "SHARE",
        group = "again",
        conflicts_with_all = ["entries", "to", "to_client", "fields"]
    )]
    update: Option<RecordId>,
    /// In the place of this share, with more time
    #[arg(
        long,
        value_name = "SHARE",
        group = "again",
        conflicts_with_all = ["entries", "to", "to_client", "fields"]
    )]
    renew: Option<RecordId>,
    /// The consent that allows it, where more than one does
    #[arg(long, value_name = "ID")]
    consent: Option<RecordId>,
    /// Its end, not after the consent's [default: 14d, or the consent's end]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    /// Only this field: secret, username, urls, totp, notes, attachment:NAME or a custom one
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<SharedField>,
    /// Where to write it; - is stdout [default: CLIENT-CONTACT-ID.age here]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Encrypt it with a passphrase, shown once, for a contact with no key
    #[arg(long)]
    passphrase: bool,
    /// Write it as a page that opens in a browser, for people without age
    #[arg(long, requires = "passphrase")]
    page: bool,
    #[command(flatten)]
    despite: DespiteArgs,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Shares what a consent allows, or says why none does.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if args.to_client {
        hand_over(args, ctx)?;
    } else {
        share(args, ctx)?;
    }
    Ok(())
}

/// A page says who it is from.
fn unlock(args: &Args, ctx: &Context) -> VaultResult<Session> {
    let session = ctx.unlock_to_permit()?;
    if args.page {
        return ask_for_missing(ctx, session);
    }
    Ok(session)
}

fn hand_over(args: &Args, ctx: &Context) -> VaultResult<()> {
    let out = out(args, ctx)?;
    let passphrase = args.passphrase.then(new_passphrase).transpose()?;
    let session = unlock(args, ctx)?;
    let entries = entries(args, ctx, session.vault())?;
    let ask = HandOverAsk {
        proof: ctx.prove_all(&session, &entries)?,
        entries,
        fields: args.fields.clone(),
        person: args.person.clone(),
    };
    let (path, _) = handed_over(ctx, session, &ask, (passphrase.as_ref(), args.page), out)?;
    let path = path.map(|path| path.display().to_string());
    ctx.answer(&path.into_iter().collect::<Vec<_>>());
    Ok(())
}

fn share(args: &Args, ctx: &Context) -> VaultResult<()> {
    args.dry_run.begin(ctx);
    let out = out(args, ctx)?;
    let session = unlock(args, ctx)?;
    let vault = session.vault();
    let mut ask = ask(args, ctx, vault)?;
    let contact = vault.contacts.by_id(ask.contact)?;
    let lang = contact.lang.value().and_then(|lang| lang.parse().ok());
    let page = args.page.then(|| lang.unwrap_or_default());
    let passphrase = is_by_passphrase(args, vault, &ask, contact)?;
    let passphrase = passphrase.then(new_passphrase).transpose()?;
    let lock = Lock::of(contact, passphrase.clone())?;
    if ctx.rehearses() {
        return foretell(args, ctx, &session, (ask, passphrase));
    }
    let log = RefusalLog::of(ctx, &session, &ask)?;
    let clock = clock_check::check(ctx, &session).inspect_err(|why| {
        if why.kind() == Kind::Refused {
            log.log(ctx, "clock");
        }
    })?;
    let permit = decide(ctx, session.vault(), &ask, &log)?;
    ask.proof = ctx.prove_all(&session, &ask.entries)?;
    let login = share_lines::login_of_their_own(vault, &ask)?;
    let confirmed = args.despite.confirm(ctx, vault, &ask, permit);
    ask.despite.changes = confirmed.inspect_err(|why| {
        if why.kind() == Kind::Refused {
            log.log(ctx, "changed");
        }
    })?;
    let name = contact.name().to_owned();
    let (made, session) =
        enter(ctx, session, &ask, passphrase.as_ref(), clock).inspect_err(|why| {
            if why.kind() == Kind::Refused {
                log.log(ctx, "meanwhile");
            }
        })?;
    let here = default_path(&made, &name, page);
    let file = sealed(session.vault(), made.id, (&made.to, &made.plaintext), page);
    let written = file.as_deref().map_err(Clone::clone);
    let words = page_words(session.vault(), page)?;
    let path = write(ctx, &number(made.id), written, out.path(here))?;
    if let Some(words) = &passphrase {
        ctx.ui.passphrase(words);
    }
    let session = mark_sent(ctx, session, made.id);
    let warn = || {
        for why in &lock.skipped {
            ctx.warn(&format!("a key of {name} is left out: {why}"));
        }
    };
    if ctx.ui.is_json() {
        warn();
    }
    answer(ctx, session.as_ref(), (&made, page), path.as_deref(), &name)?;
    if let (Some(words), Ok(file)) = (words, &file) {
        tell_page(ctx, &words, file);
    }
    if !ctx.ui.is_json() {
        warn();
    }
    if let Some(hint) = login {
        ctx.ui.hint(&hint);
    }
    Ok(())
}

/// Goes through all that may refuse a share, and answers what would go; nothing is recorded.
fn foretell(
    args: &Args,
    ctx: &Context,
    session: &Session,
    (mut ask, passphrase): (Ask, Option<Secret>),
) -> VaultResult<()> {
    clock_check::check(ctx, session)?;
    let vault = session.vault();
    let permit = vault.permit(&ask, ctx.now())?.permit()?;
    ask.proof = ctx.prove_all(session, &ask.entries)?;
    ask.despite.changes = args.despite.foretell(ctx, vault, &ask, permit)?;
    let permit = rehearse(vault, &ask, passphrase, &TimeZone::system(), ctx.now())?;
    share_lines::tell_allowed(ctx, vault, &permit)
}

fn out(args: &Args, ctx: &Context) -> VaultResult<Out> {
    let Some(path) = &args.out else {
        return Ok(Out::Here);
    };
    if path.as_os_str() != "-" {
        check_new_file(path)?;
        return Ok(Out::File(path.clone()));
    }
    if ctx.ui.is_json() {
        return Err(
            Error::usage("--out - and --json both need stdout").hint("name a file: --out FILE")
        );
    }
    // An encrypted file is no text.
    ctx.ui.check_showable(b"\0")?;
    Ok(Out::Answer)
}

/// The entries that are meant; what several names come to today is told.
fn entries(args: &Args, ctx: &Context, vault: &Vault) -> VaultResult<Vec<EntryPath>> {
    for selector in &args.entries {
        if !matches!(selector, Selector::Entry(_)) {
            let meant = vault.selected(std::slice::from_ref(selector))?;
            let paths: Vec<String> = meant.iter().map(ToString::to_string).collect();
            ctx.ui
                .note(&format!("{selector} is today: {}", paths.join(", ")));
        }
    }
    vault.selected(&args.entries)
}

fn ask(args: &Args, ctx: &Context, vault: &Vault) -> VaultResult<Ask> {
    let here = ctx.now_here();
    let asked = match (args.update.as_ref().or(args.renew.as_ref()), &args.to) {
        (Some(old), _) => {
            let now = here.timestamp();
            let line = vault.in_place_of(vault.shares.by_start(old)?, now)?;
            if let Some(place) = line.told_place() {
                ctx.ui.note(&place);
            }
            vault.ask_again(&line, args.renew.is_some(), now)?
        }
        (None, Some(to)) => Ask::of(entries(args, ctx, vault)?, vault.known_contact(to)?.id),
        (None, None) => return Err(Error::usage("--to is missing")),
    };
    let consent = args
        .consent
        .as_ref()
        .map(|start| vault.consents.by_start(start));
    let mut fields = args.fields.clone();
    fields.sort();
    fields.dedup();
    let expires = args.expires.as_ref().map(|end| end.in_future(&here));
    Ok(Ask {
        fields,
        consent: consent.transpose()?.map(|it| it.id).or(asked.consent),
        expires: expires.transpose()?,
        despite: args.despite.limits(),
        ..asked
    })
}

/// Whether it is encrypted with a passphrase: as asked for, or as the share that it replaces, while
/// the contact has no key.
fn is_by_passphrase(args: &Args, vault: &Vault, ask: &Ask, contact: &Contact) -> VaultResult<bool> {
    let old = ask
        .replaces
        .map(|old| vault.shares.by_id(old))
        .transpose()?;
    let was = old.is_some_and(|old| old.recipient.key == PASSPHRASE);
    Ok(args.passphrase || (was && contact.recipients().is_empty()))
}

/// Enters the share in the ledger: from here on it is known, whatever becomes of its file. All is
/// decided once more, by the newest vault.
fn enter(
    ctx: &Context,
    session: Session,
    ask: &Ask,
    passphrase: Option<&Secret>,
    clock: AcceptedClock,
) -> VaultResult<(SealedShare, Session)> {
    ctx.change_and_stay(session, None, |vault, author| {
        clock.record(vault, author);
        make(vault, ask, passphrase.cloned(), &TimeZone::system(), author)
    })
}

fn default_path(made: &SealedShare, contact: &str, page: PageLang) -> PathBuf {
    let item = made.permit.items.first();
    let client = item.map_or("share", |item| item.path.client().as_str());
    file_name(&format!("{client}-{contact}-{}", number(made.id)), page)
}

/// The file is there, and the ledger is to say so. Where it cannot, that is no reason to make
/// people share again.
fn mark_sent(ctx: &Context, session: Session, id: Uuid) -> Option<Session> {
    let marked = ctx.change_and_stay(session, None, |vault, author| vault.mark_sent(id, author));
    match marked {
        Ok(((), session)) => Some(session),
        Err(why) => {
            ctx.warn(&format!(
                "the file is written; the ledger may still have share {} as unsent: {why}",
                number(id)
            ));
            None
        }
    }
}

fn answer(
    ctx: &Context,
    session: Option<&Session>,
    (made, page): (&SealedShare, PageLang),
    path: Option<&Path>,
    contact: &str,
) -> VaultResult<()> {
    let file = path.map(|path| path.display().to_string());
    if ctx.ui.is_json() {
        let ledger = session.map(|session| session.vault().ledger(ctx.now()));
        let ledger = ledger.transpose()?.unwrap_or_default();
        let standing = ledger.into_iter().find(|it| it.share.id == made.id);
        let share = match (session, standing) {
            (Some(session), Some(standing)) => {
                Some(share_lines::as_json(session.vault(), standing)?)
            }
            _ => None,
        };
        return ctx.ui.json(&json!({
            "ok": true,
            "changed": [made.id],
            "warnings": ctx.warnings(),
            "file": file,
            "share": share,
        }));
    }
    if let Some(file) = &file {
        ctx.ui.line(file)?;
        ctx.ui.flush()?;
    }
    let told = file.as_deref().unwrap_or("FILE");
    tell(ctx, (made, page), told, contact);
    session.map_or(Ok(()), |session| {
        share_lines::tell_left_out(ctx, session.vault(), made.id)
    })
}

/// What is in it, for whom, until when, why it may be, and how it is opened.
fn tell(ctx: &Context, (made, page): (&SealedShare, PageLang), file: &str, contact: &str) {
    let permit = &made.permit;
    let id = number(made.id);
    ctx.ui.note(&format!(
        "share {id} for {contact}, until {} ({}), under consent {}",
        local_time(permit.expires),
        relative(permit.expires, ctx.now()),
        number(permit.consent)
    ));
    share_lines::tell_items(ctx, &permit.items);
    let file = as_word(file);
    match &made.to {
        SealedTo::Keys(_) => ctx.ui.note(&format!(
            "{contact} opens it with: vault receive {file}, or age -d -i KEY {file}"
        )),
        SealedTo::Passphrase(_) if page.is_some() => ctx.ui.note(&format!(
            "Send {contact} the page. The passphrase is shown here once and kept nowhere. They open \
             it in a browser, or with: vault receive {file}"
        )),
        SealedTo::Passphrase(_) => ctx.ui.note(&format!(
            "Send {contact} the file, and tell them the passphrase by phone: it is shown here \
             once and kept nowhere. They open it with: age -d {file}, or vault receive {file}"
        )),
    }
}
