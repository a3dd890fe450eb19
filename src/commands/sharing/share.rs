//! `vault share`: gives a contact what a client's consent allows.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::shares;
use crate::commands::reveal::clock_check;
use crate::context::Context;
use crate::crypto::{SealedTo, random};
use crate::error::{Error, Kind, Result as VaultResult};
use crate::exchange::share::{Lock, SealedShare, make};
use crate::model::consent::permit::{Answer, Ask, Refusal};
use crate::model::consent::scope::SharedField;
use crate::model::entry::generate::{Recipe, Separator};
use crate::model::records::contact::Contact;
use crate::model::records::log::EventDraft;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::name::{ContactName, EntryPath};
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::clock::AcceptedClock;
use crate::store::disk::file::{InPlace, Prepared, check_new_file};
use crate::store::session::Session;
use crate::store::session_journal::Pen;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault share acme/wordpress --to bob              the secret and all that the consent covers
  vault share acme/wp acme/db --to bob --expires 7d --out for-bob.age
  vault share acme/api --to bob --field secret     this field only
  vault share acme/wp --to eve --passphrase        for a contact with no key
  vault share acme/wp --to bob --out - | mail-it   the file to stdout

The client has to have consented to it: vault consent request, or vault consent add. The share is
in the ledger (vault shares) before its file is written. Bob opens it with vault receive FILE, or
with plain age: age -d -i KEY FILE. What was shared can be revoked, not taken back: vault revoke.";

/// Words of a passphrase: 77 bits.
const PASSPHRASE_WORDS: u16 = 6;

/// Options of `share`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress; several of one client
    #[arg(required = true, value_name = "ENTRY")]
    entries: Vec<EntryPath>,
    /// Whom it is for
    #[arg(long, value_name = "CONTACT")]
    to: ContactName,
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
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Encrypt it with a passphrase, shown once, for a contact with no key
    #[arg(long)]
    passphrase: bool,
}

/// Where the file goes.
enum Out {
    /// The answer itself.
    Answer,
    File(PathBuf),
    Here,
}

/// Shares what a consent allows, or says why none does.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let out = out(args, ctx)?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let contact = vault.known_contact(&args.to)?;
    let ask = ask(args, vault, contact.id, ctx.now())?;
    let passphrase = args.passphrase.then(new_passphrase).transpose()?;
    let lock = Lock::of(contact, passphrase.clone())?;
    let log = RefusalLog::of(ctx, &session, &ask)?;
    let clock = clock_check::check(ctx, &session).inspect_err(|why| {
        if why.kind() == Kind::Refused {
            log.log(ctx, "clock");
        }
    })?;
    decide(ctx, session.vault(), &ask, &log)?;
    warn_of_contact(ctx, contact, &lock);
    let name = contact.name().to_owned();
    let (made, session) =
        enter(ctx, session, &ask, passphrase.as_ref(), clock).inspect_err(|why| {
            if why.kind() == Kind::Refused {
                log.log(ctx, "meanwhile");
            }
        })?;
    let path = write(ctx, &made, &out, &name)?;
    if let Some(words) = &passphrase {
        ctx.ui.passphrase(words);
    }
    let session = mark_sent(ctx, session, made.id);
    answer(ctx, session.as_ref(), &made, path.as_deref(), &name)?;
    Ok(())
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

fn ask(args: &Args, vault: &Vault, contact: Uuid, now: Timestamp) -> VaultResult<Ask> {
    let consent = args
        .consent
        .as_ref()
        .map(|start| vault.consents.by_start(start));
    let mut fields = args.fields.clone();
    fields.sort();
    fields.dedup();
    Ok(Ask {
        entries: args.entries.clone(),
        contact,
        fields,
        consent: consent.transpose()?.map(|consent| consent.id),
        expires: args
            .expires
            .as_ref()
            .map(|end| end.in_future(now))
            .transpose()?,
    })
}

fn new_passphrase() -> VaultResult<Secret> {
    Ok(Recipe::words(PASSPHRASE_WORDS, Separator::default())?.draw(random::below))
}

/// Asks the rule, and logs a refusal.
fn decide(ctx: &Context, vault: &Vault, ask: &Ask, log: &RefusalLog) -> VaultResult<()> {
    let answer = vault.permit(ask, ctx.now())?;
    if let Answer::Refused(refusal) = &answer {
        log.log_ended(ctx, refusal);
    }
    let permit = answer.permit()?;
    if permit.shortened {
        ctx.ui.note(&format!(
            "the consent ends sooner than in 14 days: the share ends with it, on {}",
            local_time(permit.expires)
        ));
    }
    Ok(())
}

/// A refusal before it is logged: what was asked for, and what to log it with. It outlives the
/// session, since the last word is spoken while the vault is changed.
struct RefusalLog {
    pen: Pen,
    draft: EventDraft,
}

impl RefusalLog {
    fn of(ctx: &Context, session: &Session, ask: &Ask) -> VaultResult<Self> {
        let vault = session.vault();
        let entries = ask.entries.iter().filter_map(|path| vault.entry(path).ok());
        let subject = entries.map(|entry| entry.id).collect();
        let draft = EventDraft::new(ctx.now(), "refuse", subject)
            .with("what", "share")
            .with("to", ask.contact.to_string());
        let pen = session.pen()?;
        Ok(Self { pen, draft })
    }

    /// Logs a refusal, and which consents had ended: what was known once is not forgotten with the
    /// file that knew it.
    fn log_ended(&self, ctx: &Context, refusal: &Refusal) {
        let ended: Vec<String> = refusal.ended().iter().map(Uuid::to_string).collect();
        let draft = self.draft.clone();
        let draft = match ended.as_slice() {
            [] => draft,
            ended => draft.with("ended", ended.join(" ")),
        };
        self.write(ctx, draft.with("reason", refusal.code));
    }

    /// Logs a refusal with its `code`. One that cannot be logged is a refusal all the same.
    fn log(&self, ctx: &Context, code: &str) {
        self.write(ctx, self.draft.clone().with("reason", code));
    }

    fn write(&self, ctx: &Context, draft: EventDraft) {
        if let Err(why) = self.pen.journal(draft) {
            ctx.warn(&format!("this refusal is not in the log: {why}"));
        }
    }
}

fn warn_of_contact(ctx: &Context, contact: &Contact, lock: &Lock) {
    let (name, now) = (contact.name(), ctx.now());
    for why in &lock.skipped {
        ctx.warn(&format!("a key of {name} is left out: {why}"));
    }
    if let Some(due) = contact.review_by.value().filter(|due| **due <= now) {
        ctx.warn(&format!(
            "whether {name} still needs access was to be looked at {}",
            relative(*due, now)
        ));
    }
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
        make(vault, ask, passphrase.cloned(), author)
    })
}

/// Encrypts and writes the file, and gives its path.
fn write(
    ctx: &Context,
    made: &SealedShare,
    out: &Out,
    contact: &str,
) -> VaultResult<Option<PathBuf>> {
    let path = match out {
        Out::Answer => None,
        Out::File(path) => Some(path.clone()),
        Out::Here => Some(default_path(made, contact)),
    };
    let written = made
        .to
        .encrypt(made.plaintext.expose().as_bytes())
        .and_then(|file| match &path {
            Some(path) => Prepared::write(path, &file)?.create().map(Some),
            None => (ctx.ui.bytes(&file).and_then(|()| ctx.ui.flush())).map(|()| None),
        });
    match written {
        Ok(in_place) => {
            // It is out of this vault's hands, whether it lasts or not.
            if let Some(Err(why)) = in_place.map(InPlace::sync) {
                ctx.warn(why.message());
            }
            Ok(path)
        }
        Err(why) => Err(Error::failed(format!(
            "share {} is in the ledger as unsent, but its file was not written: {why}",
            number(made.id)
        ))
        .hint("nobody was given anything; make room for the file, and share again")),
    }
}

fn default_path(made: &SealedShare, contact: &str) -> PathBuf {
    let item = made.permit.items.first();
    let client = item.map_or("share", |item| item.path.client().as_str());
    PathBuf::from(format!("{client}-{contact}-{}.age", number(made.id)))
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
    made: &SealedShare,
    path: Option<&Path>,
    contact: &str,
) -> VaultResult<()> {
    let file = path.map(|path| path.display().to_string());
    if ctx.ui.is_json() {
        let ledger = session.map(|session| session.vault().ledger(ctx.now()));
        let ledger = ledger.transpose()?.unwrap_or_default();
        let standing = ledger.into_iter().find(|it| it.share.id == made.id);
        let share = match (session, standing) {
            (Some(session), Some(standing)) => Some(shares::as_json(session.vault(), standing)?),
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
    }
    tell(ctx, made, file.as_deref().unwrap_or("FILE"), contact);
    Ok(())
}

/// What is in it, for whom, until when, why it may be, and how it is opened.
fn tell(ctx: &Context, made: &SealedShare, file: &str, contact: &str) {
    let permit = &made.permit;
    let id = number(made.id);
    for item in &permit.items {
        let fields: Vec<String> = item.fields.iter().map(ToString::to_string).collect();
        ctx.ui
            .note(&format!("{}: {}", item.path, fields.join(", ")));
    }
    ctx.ui.note(&format!(
        "share {id} for {contact}, until {} ({}), under consent {}",
        local_time(permit.expires),
        relative(permit.expires, ctx.now()),
        number(permit.consent)
    ));
    let file = as_word(file);
    match &made.to {
        SealedTo::Keys(_) => ctx.ui.note(&format!(
            "{contact} opens it with: vault receive {file}, or age -d -i KEY {file}"
        )),
        SealedTo::Passphrase(_) => ctx.ui.note(&format!(
            "Send {contact} the file, and tell them the passphrase by phone: it is shown here \
             once and kept nowhere. They open it with: age -d {file}, or vault receive {file}"
        )),
    }
}
