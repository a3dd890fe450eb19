//! `vault receive`: takes in what somebody else has shared with this vault, or was asked for.

mod found;
mod given;
mod notice;

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use self::found::{encrypted, maybe_given, maybe_over, the_only};
use self::given::Given;
use super::{arrived_terms, came_file, share_key};
use crate::commands::args::document_file::{place, read_file, write_reply};
use crate::commands::reveal::clock_check;
use crate::commands::reveal::known_secret::KnownBefore;
use crate::context::Context;
use crate::context::globals::descriptor;
use crate::crypto::{Signer, check_fingerprint};
use crate::error::{Error, Kind, Result as VaultResult};
use crate::exchange::arrived::Arrived;
use crate::exchange::consent_check::Consented;
use crate::exchange::notice::SignedNotice;
use crate::exchange::reply::receipt;
use crate::model::records::event::EventDraft;
use crate::model::records::record_id::{RecordId, number};
use crate::model::sharing::incoming::{Incoming, StoredShare};
use crate::model::text::limits::SHARE_FILE_BYTES;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::quote::as_word;
use crate::store::clock::explain;
use crate::store::session::Session;
use crate::store::session_journal::Pen;
use crate::ui::Unasked;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault receive acme-bob-2F95-B33D.age            asks if the sender is not one of your contacts
  vault receive share.age --into acme-shop       under another client's name than the sender's
  vault receive share.age --trust SHA256:…       the fingerprint that the sender has told you
  vault receive share.age --identity ~/.ssh/id_ed25519
  vault receive share.age --accept-terms         in a script, after reading what it is bound to
  vault receive --again 3f2a                     writes the receipt of a share once more
  vault receive answer.eml                       what you have asked for, see vault ask
  vault receive notice.json                      the sender has ended a share: it is closed

You are shown the terms and asked to accept them; the receipt repeats them. What came with
a share keeps its terms: after the share's end it is not handed out any more, and
it cannot be shared on. What was handed over to you (share --to-client) is yours: it has no terms.
What is here from an earlier share is updated where it is, and --into another client is refused (7). The receipt is for the sender, who files it with: vault ack FILE";

/// How far the sender's clock may be ahead before it is worth a word, in seconds.
const CLOCKS_DIFFER: i64 = 300;

/// Options of `receive`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The share, as its sender made it, or the answer to vault ask; a mail with it will do; - is stdin
    #[arg(required_unless_present = "again")]
    file: Option<PathBuf>,
    /// Keep it under this client [default: the one that the share names]
    #[arg(long, value_name = "CLIENT")]
    into: Option<ClientSlug>,
    /// Where to write the receipt; - is stdout [default: RECEIPT-ID.json, in this folder]
    #[arg(short = 'o', long = "out", alias = "receipt", value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Trust the sender whose key has this fingerprint, without asking
    #[arg(long, value_name = "FINGERPRINT")]
    trust: Option<String>,
    /// The SSH or age key that the share is encrypted to, if that is not this vault's own; the
    /// vault itself opens with its password
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Accept the duties and the client's rules that the share comes with, without asking
    #[arg(long)]
    accept_terms: bool,
    /// Read the passphrase of the share or of the SSH key from this file descriptor
    #[arg(long, value_name = "N", value_parser = descriptor)]
    passphrase_fd: Option<u32>,
    /// It is no share, but a file that somebody has encrypted to this vault's key, a password in it:
    /// keep it as this
    #[arg(
        long = "as",
        value_name = "ENTRY",
        conflicts_with_all = ["into", "receipt", "trust", "accept_terms"]
    )]
    as_entry: Option<EntryPath>,
    /// Write the receipt of this share, received before, once more
    #[arg(
        long,
        value_name = "SHARE",
        conflicts_with_all = ["file", "into", "trust", "identity", "accept_terms", "passphrase_fd", "as_entry"]
    )]
    again: Option<RecordId>,
}

impl Args {
    /// Refuses options that mean something of shares only.
    fn check_only_for_shares(&self) -> VaultResult<()> {
        let given = [
            (self.into.is_some(), "--into"),
            (self.receipt.is_some(), "--out"),
            (self.trust.is_some(), "--trust"),
            (self.accept_terms, "--accept-terms"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) => Err(Error::usage(format!(
                "{option} is for shares, and this is an answer to what you asked for"
            ))
            .hint(format!("leave {option} out"))),
            None => Ok(()),
        }
    }
}

/// Takes in a share and writes its receipt.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match (&args.again, &args.file) {
        (Some(share), _) => receipt_again(args, ctx, share)?,
        (None, Some(file)) => {
            let bytes = read_file(ctx, file, SHARE_FILE_BYTES)?;
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            if let Some(notice) = SignedNotice::parse(text)? {
                return notice::close(ctx, &notice, text).map_err(Into::into);
            }
            receive(args, ctx, (file, &bytes))?;
        }
        // The command line asks for one of the two.
        (None, None) => {}
    }
    Ok(())
}

fn receive(args: &Args, ctx: &Context, (path, bytes): (&Path, &[u8])) -> VaultResult<()> {
    let files = encrypted(bytes)?;
    args.trust.as_deref().map(check_fingerprint).transpose()?;
    let given = args.receipt.as_deref().map(|out| place(ctx, out));
    let given = given.transpose()?;
    let session = ctx.unlock_to_permit()?;
    if let Some(given) = Given::to_ask(&session, (&files, bytes), ctx.now())? {
        return given.take(ctx, args, session);
    }
    let file = the_only(&files)?;
    let key = args.identity.as_deref();
    let opened = share_key::open(ctx, &session, file, key, args.passphrase_fd);
    let opened = opened.map_err(|why| match key {
        None if file.is_for_age_keys() => maybe_over(&session, ctx.now(), why),
        _ => why,
    })?;
    if args.as_entry.is_some() {
        return Given::to_vault(&opened)?.take(ctx, args, session);
    }
    let noted = came_file::noted(path, bytes);
    let arrived = Arrived::parse(&opened, &share_key::own_recipients(&session)?)
        .map_err(|why| maybe_given(path, why))?;
    drop(opened);
    let share = arrived.share();
    let news = News::of(ctx, &session, &arrived)?;
    let entries = arrived.entries();
    let pen = session.pen()?;
    let refused = |why: &Error| log_refusal(ctx, &pen, share, why);
    let called = arrived.called().to_owned();
    let (mut incoming, consented) =
        judge(args, ctx, &session, arrived, &news).inspect_err(refused)?;
    accept(args, ctx, consented.as_ref(), &news).inspect_err(refused)?;
    let target = match given {
        Some(target) => target,
        None => place(ctx, &default_place(share))?,
    };
    incoming.file = noted;
    let is_own = incoming.loan.is_none();
    let known = KnownBefore::of(ctx, session.vault())?;
    let changed = ctx.change_and_stay(session, None, |vault, author| {
        receipt::receive(vault, incoming, &called, entries, author)
    });
    // Another process may have taken it in meanwhile.
    let ((stored, receipt), session) = changed.inspect_err(refused)?;
    let paths: Vec<String> = stored.paths.iter().map(ToString::to_string).collect();
    tell(ctx, &news, &stored, is_own);
    known.warn_of_new(ctx, session.vault())?;
    let whom = news.contact.map_or("the sender", |_| news.sender.as_str());
    write_reply(ctx, &target, &receipt, whom).map_err(|why| {
        why.prefixed("the share is received, but ").hint(format!(
            "write the receipt once more: vault receive --again {} --out FILE",
            number(share)
        ))
    })?;
    ctx.answer(&paths);
    Ok(())
}

fn default_place(share: Uuid) -> PathBuf {
    format!("RECEIPT-{}.json", number(share)).into()
}

/// What people are told of a share.
struct News {
    share: Uuid,
    /// The contact's name, or the key's fingerprint.
    sender: String,
    contact: Option<Uuid>,
    signer: Signer,
    /// What comes, and under which terms, in lines.
    told: Vec<String>,
    /// When it was declined here, if it was.
    declined: Option<Timestamp>,
}

impl News {
    fn of(ctx: &Context, session: &Session, arrived: &Arrived) -> VaultResult<Self> {
        let contact = arrived.contact(session.vault())?;
        let signer = arrived.signer();
        let sender =
            (contact.as_ref()).map_or_else(|| signer.fingerprint(), |(_, name)| name.clone());
        let events = session.all_events(|text| ctx.warn(text))?.into_iter();
        let declined = events.map(|(_, event)| event).filter(|event| {
            event.action == "refuse"
                && event.subject.contains(&arrived.share())
                && event.detail.get("what").is_some_and(|what| what == "terms")
        });
        Ok(Self {
            told: arrived_terms::lines(arrived, &sender, ctx.now()),
            declined: declined.map(|event| event.time).max(),
            share: arrived.share(),
            contact: contact.as_ref().map(|(id, _)| *id),
            sender,
            signer,
        })
    }
}

/// What is refused without a look at the content comes first, so that nobody is asked in vain; the
/// content of a stranger is worked on only once they are trusted.
fn judge(
    args: &Args,
    ctx: &Context,
    session: &Session,
    arrived: Arrived,
    news: &News,
) -> VaultResult<(Incoming, Option<Consented>)> {
    if let Some(trusted) = &args.trust {
        check_trusted(trusted, news)?;
    }
    clock_check::accept(ctx, session)?;
    let now = session.no_earlier_than_log(ctx.now())?;
    if let Some(ends) = arrived.loan().map(|loan| loan.expires) {
        (arrived.check_not_ended(now)).map_err(|why| explain(ctx.now(), ends, why))?;
    }
    session.vault().check_not_received(news.share)?;
    let created = arrived.created();
    if news.contact.is_none() && args.trust.is_none() {
        ask_to_trust(ctx, news, arrived.words())?;
    }
    let (incoming, consented) = arrived.into_incoming(args.into.as_ref(), news.contact)?;
    session.vault().check_receivable(&incoming)?;
    if created.as_second() - now.as_second() > CLOCKS_DIFFER {
        ctx.warn(&format!(
            "the share was made at {created}, which is still to come here: one of the two clocks \
             is wrong"
        ));
    }
    Ok((incoming, consented))
}

/// Shows what comes and what whoever takes it is bound to, and asks. What is one's own comes
/// without terms, and is not asked about.
fn accept(
    args: &Args,
    ctx: &Context,
    consented: Option<&Consented>,
    news: &News,
) -> VaultResult<()> {
    for line in &news.told {
        ctx.ui.note(line);
    }
    let Some(consented) = consented else {
        return Ok(());
    };
    tell_consent(ctx, consented);
    if let Some(declined) = news.declined {
        ctx.warn(&format!(
            "you declined this share on {}; the receipt says that you take it now",
            local_time(declined)
        ));
    }
    if args.accept_terms {
        return Ok(());
    }
    let unasked = Unasked {
        needed: "the duties of the share have to be accepted",
        instead: "read them, then use --accept-terms; to refuse: vault decline FILE",
    };
    if ctx.ui.confirm("Do you accept?", unasked)? {
        return Ok(());
    }
    Err(
        Error::refused("the duties of the share were not accepted, and nothing of it is kept")
            .hint("to tell the sender so: vault decline FILE"),
    )
}

fn check_trusted(trusted: &str, news: &News) -> VaultResult<()> {
    let fingerprint = news.signer.fingerprint();
    if trusted == fingerprint {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the share is signed by {fingerprint}, not by {trusted}"
    ))
    .hint("nothing was kept; ask the sender which key is theirs: `vault id`"))
}

fn ask_to_trust(ctx: &Context, news: &News, words: &str) -> VaultResult<()> {
    let fingerprint = news.signer.fingerprint();
    if ctx.ui.can_ask() {
        ctx.ui
            .note("The sender is not one of your contacts. The key that signed the share:");
        ctx.ui.note(&format!("  {fingerprint}"));
        ctx.ui.note(&format!("  {words}"));
        ctx.ui
            .note("Compare the words over the phone; the sender's vault id shows them.");
    }
    let unasked = Unasked {
        needed: &format!("the sender, {fingerprint}, is not one of your contacts"),
        instead: "compare the fingerprint with the sender, then use --trust FINGERPRINT",
    };
    if ctx.ui.confirm("Is that the sender?", unasked)? {
        return Ok(());
    }
    Err(Error::refused("the sender is not trusted").hint("nothing was kept of the share"))
}

/// A refusal that cannot be recorded is still one.
fn log_refusal(ctx: &Context, pen: &Pen, share: Uuid, why: &Error) {
    if why.kind() == Kind::Refused {
        let draft = EventDraft::new(ctx.now(), "refuse", vec![share]).with("what", "receive");
        if let Err(why) = pen.journal(draft) {
            ctx.warn(&format!("this refusal is not in the log: {why}"));
        }
    }
}

fn tell(ctx: &Context, news: &News, stored: &StoredShare, is_own: bool) {
    let paths: Vec<String> = stored.paths.iter().map(ToString::to_string).collect();
    ctx.ui.note(&format!(
        "received {} from {}, share {}",
        paths.join(", "),
        news.sender,
        number(news.share)
    ));
    if is_own {
        ctx.ui.note(&format!(
            "It is yours. {} knows it until you change it: vault rotate",
            news.sender
        ));
    }
    for path in &stored.updated {
        ctx.ui.note(&format!(
            "{path} was here from an earlier share of theirs, and is updated"
        ));
    }
    for path in &stored.restored {
        ctx.ui.note(&format!(
            "{path} was in the trash, from an earlier share of theirs, and is restored and updated"
        ));
    }
    for ended in &stored.ended {
        let (path, share) = (&ended.path, number(ended.share));
        ctx.ui.note(&format!(
            "{path} is closed: it came with share {share}, and this one, in the place of that, brings \
             it no more"
        ));
        ctx.ui.hint(&format!(
            "to delete it and say so: vault attest {share} --only {}",
            as_word(path)
        ));
    }
    if let (true, Some(first)) = (stored.client_is_new, stored.paths.first()) {
        ctx.ui.note(&format!("made client {}", first.client()));
    }
    if news.contact.is_none() {
        ctx.ui.note(&format!(
            "To know the sender from now on: vault contact add NAME --signer '{}'",
            news.signer.to_openssh()
        ));
    }
}

fn tell_consent(ctx: &Context, consented: &Consented) {
    ctx.ui.note(&match consented {
        Consented::Signed(key) => format!(
            "The client's consent is signed by {}; the client can tell you whether that is their \
             key.",
            key.fingerprint()
        ),
        Consented::SaidSigned => {
            "The client signed the consent, says the sender. The signed paper names \
                                  more than this share, so it stayed with them."
                .to_owned()
        }
        Consented::Stated => {
            "The client's consent is the sender's claim; the evidence stayed with \
                              them."
                .to_owned()
        }
    });
}

fn receipt_again(args: &Args, ctx: &Context, start: &RecordId) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let received = session.vault().received.by_start(start)?;
    let Some(receipt) = &received.receipt else {
        return Err(Error::not_found(format!(
            "share {} has no receipt",
            number(received.id)
        )));
    };
    let out = (args.receipt.clone()).unwrap_or_else(|| default_place(received.id));
    write_reply(ctx, &place(ctx, &out)?, receipt, "the sender")?;
    ctx.answer(&[]);
    Ok(())
}
