//! `vault ack`: files what the recipient of a share sends back.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::ack_mail;
use super::share_lines::tell_refused;
use crate::commands::args::document_file::read_file;
use crate::context::Context;
use crate::crypto::Signer;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::reply::{Reply, ReplyContent};
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::records::share::{FiledDocument, Share};
use crate::model::sharing::replies::{ReplyKind, SentOut};
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault ack RECEIPT-2F95-B33D.json     that the share has arrived
  vault ack DELETION-2F95-B33D.json    that what came with it is deleted
  vault ack REFUSAL-2F95-B33D.json     that they do not take it
  vault ack --mail answer.eml          that they say so by mail: RECEIVED, DELETED or NO
  vault ack --mail answer.eml --only acme/db
                                       that they have deleted this entry of it alone
  vault shares show 2F95-B33D          shows what was filed";

/// Options of `ack`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A receipt, a refusal or a statement of deletion, as the recipient sent it; - is stdin
    #[arg(required_unless_present = "mail")]
    file: Option<PathBuf>,
    /// A mail of theirs instead, saved as it is: RECEIVED, DELETED or NO, with the
    /// NUMBER; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    mail: Option<PathBuf>,
    /// The mail is about the deletion of this entry alone; may be given several times
    #[arg(long, value_name = "ENTRY", requires = "mail")]
    only: Vec<EntryPath>,
    /// File what is shown, even if the mail is not clear, or from after the loss of a device
    #[arg(short, long, requires = "mail")]
    yes: bool,
}

/// Files a receipt, a refusal or a statement of deletion with the share that it is about.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match (&args.mail, &args.file) {
        (Some(mail), _) => ack_mail::run(mail, &args.only, args.yes, ctx)?,
        (None, Some(file)) => signed(file, ctx)?,
        // The command line asks for one of the two.
        (None, None) => {}
    }
    Ok(())
}

fn signed(file: &Path, ctx: &Context) -> VaultResult<()> {
    let bytes = read_file(ctx, file, TEXT_FILE_BYTES)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Error::usage("the document is not UTF-8"))?;
    let reply = Reply::parse(text)?;
    let session = ctx.unlock_to_change()?;
    let sent = session.vault().sent_out(reply.content().share().id)?;
    let id = sent.id();
    let contact = check_signer(session.vault(), sent, &reply)?;
    reply.check_about(sent)?;
    let kind = kind(&reply);
    let what = format!("the {} of share {}", reply.content().word(), number(id));
    if sent.has_filed(kind, reply.document())? {
        ctx.answer_change(&format!("{what} is filed already"), &[]);
        return Ok(());
    }
    let others = [ReplyKind::Receipt, ReplyKind::Deletion, ReplyKind::Refusal]
        .map(|other| sent.filed(other));
    if (others.into_iter().flatten()).any(|other| !reply.log_agrees_with(&other.document)) {
        ctx.warn(&format!(
            "the log of {contact} is shorter in the later one of two documents of theirs; ask why"
        ));
    }
    tell_refused(ctx, sent, kind);
    ctx.change(session, |vault, author| {
        let filed = FiledDocument::signed(author.now, reply.document(), text);
        vault.file_reply(id, (kind, reply.content().only()), filed, author)
    })?;
    ctx.ui.note(&format!("filed {what}"));
    tell(ctx, &contact, reply.content());
    ctx.answer(&[id.to_string()]);
    Ok(())
}

fn kind(reply: &Reply) -> ReplyKind {
    match reply.content() {
        ReplyContent::Receipt(_) => ReplyKind::Receipt,
        ReplyContent::Deletion(_) => ReplyKind::Deletion,
        ReplyContent::Refusal(_) => ReplyKind::Refusal,
    }
}

/// Refuses a document that its recipient has not signed. Gives the recipient's name.
fn check_signer(vault: &Vault, sent: SentOut<'_>, reply: &Reply) -> VaultResult<String> {
    let (word, key) = (reply.content().word(), reply.signer());
    if let Some((owner, since)) = vault.lost_key(&key.to_openssh())? {
        return Err(Error::refused(format!(
            "the {word} is signed by a key that {owner} has lost on {since}"
        ))
        .hint(
            "somebody else may have made it: ask by phone, and have them write it in a mail: \
             vault ack --mail FILE",
        ));
    }
    match sent {
        SentOut::Lent(share) => check_contact_signed(vault, share, word, key),
        SentOut::HandedOver(it) => check_client_signed(vault, it, word, key),
    }
}

/// Of a client, only keys that somebody vouched for count: what they open a file with is seldom
/// what their vault signs with, which is to be noted first.
fn check_client_signed(
    vault: &Vault,
    it: &HandOver,
    word: &str,
    key: Signer,
) -> VaultResult<String> {
    let client = vault.clients.iter().find(|client| client.id == it.client);
    let client = client.ok_or_else(|| Error::integrity("it was handed over to no client"))?;
    let mut keys = client.vouched_keys();
    if keys.any(|it| Signer::parse_openssh(&it.to_openssh()).ok() == Some(key)) {
        return Ok(client.called().to_owned());
    }
    let slug = client.slug();
    Err(Error::refused(format!(
        "the {word} is signed by {}, which is not a key of {slug} on record",
        key.fingerprint()
    ))
    .hint(format!(
        "if {slug} confirms that key by phone: vault client edit {} --key '{}' --key-verified phone",
        as_word(slug),
        key.to_openssh()
    )))
}

fn check_contact_signed(
    vault: &Vault,
    share: &Share,
    word: &str,
    key: Signer,
) -> VaultResult<String> {
    let contact = vault.contacts.find(share.recipient.contact)?;
    let Some(contact) = contact else {
        return Err(Error::integrity(format!(
            "share {} names no contact of this vault",
            share.id
        )));
    };
    let name = contact.name().to_owned();
    let record = format!(
        "vault contact edit {} --signer '{}'",
        as_word(&name),
        key.to_openssh()
    );
    if contact.signers().is_empty() {
        return Err(Error::refused(format!(
            "{name} has no signing key on record; the {word} is signed by {}",
            key.fingerprint()
        ))
        .hint(format!("if {name} confirms that key: {record}")));
    }
    let mut signers = contact.signers().iter();
    if signers.any(|signer| Signer::parse_openssh(signer).ok() == Some(key)) {
        return Ok(name);
    }
    Err(Error::integrity(format!(
        "the {word} is signed by {}, which is not a key of {name}",
        key.fingerprint()
    ))
    .hint(format!(
        "if {name} has new keys and confirms them: {record}"
    )))
}

fn tell(ctx: &Context, contact: &str, content: &ReplyContent) {
    match content {
        ReplyContent::Receipt(receipt) => {
            let many = match receipt.accepted.len() {
                1 => "1 credential".to_owned(),
                count => format!("{count} credentials"),
            };
            let when = local_time(receipt.received);
            ctx.ui
                .note(&format!("  {contact} received {many} on {when}"));
        }
        ReplyContent::Refusal(refusal) => {
            let when = local_time(refusal.refused);
            let reason = refusal
                .reason
                .iter()
                .map(|it| format!(": {}", one_line(it)));
            let reason: String = reason.collect();
            ctx.ui
                .note(&format!("  {contact} refused it on {when}{reason}"));
        }
        ReplyContent::Deletion(deletion) => {
            let when = local_time(deletion.deleted_at);
            let what = match deletion.entries.len() {
                0 => "it".to_owned(),
                1 => "1 entry of it".to_owned(),
                count => format!("{count} entries of it"),
            };
            ctx.ui
                .note(&format!("  {contact} deleted {what} on {when}"));
            for left in deletion.left(local_time) {
                ctx.ui.note(&format!("  {left}"));
            }
        }
    }
}
