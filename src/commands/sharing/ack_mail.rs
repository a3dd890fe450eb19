//! `vault ack --mail`: files what the recipient of a share says by plain mail.

use std::collections::HashSet;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use uuid::Uuid;

use super::share_lines::tell_refused;
use crate::commands::args::document_file::read_mail;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::mail::{Doubt, Mail, Said, Undated};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::{FiledDocument, SharedItem};
use crate::model::sharing::replies::{ReplyKind, SentOut};
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::ui::Unasked;
use crate::ui::time::local_time;

/// What recipients write, in the languages of letters.
const VERBS: [(&str, ReplyKind); 6] = [
    ("RECEIVED", ReplyKind::Receipt),
    ("EMPFANGEN", ReplyKind::Receipt),
    ("ERHALTEN", ReplyKind::Receipt),
    ("DELETED", ReplyKind::Deletion),
    ("GELÖSCHT", ReplyKind::Deletion),
    ("GELOESCHT", ReplyKind::Deletion),
];
/// What those write who do not take it. It counts at the start of a line, with the number, where the
/// mail says nothing else: a no stands in many a sentence.
const NO: [(&str, ReplyKind); 2] = [("NO", ReplyKind::Refusal), ("NEIN", ReplyKind::Refusal)];
/// Lines of a mail that are shown.
const LINES: usize = 6;

/// Files the mail with the share that it is about.
///
/// # Errors
/// [`crate::error::Kind::Usage`] where it says neither, [`crate::error::Kind::Refused`] where it is
/// from somebody else, [`crate::error::Kind::NeedsInput`] where it is not clear and nobody can be
/// asked.
pub(super) fn run(path: &Path, only: &[EntryPath], yes: bool, ctx: &Context) -> Result<()> {
    let bytes = read_mail(ctx, path)?;
    let mail = Mail::parse(&bytes)?;
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let filed = filed(&bytes, ctx);
    let mut replies = Vec::new();
    let all = meant(vault, &mail)?;
    if !only.is_empty() && all.len() > 1 {
        return Err(
            Error::usage("the mail is about several shares, and --only about one")
                .hint("ask for a mail with one number: DELETED NUMBER"),
        );
    }
    for sent in &all {
        let about = match all.as_slice() {
            [_] => mail.clone(),
            _ => mail.about(|number| number.is_start_of(sent.id())),
        };
        let reply = MailedReply::read(ctx, vault, &about, (*sent, &all), only)?;
        let sent = vault.sent_out(reply.share)?;
        let before = sent.filed(reply.kind);
        if before.is_some_and(|it| it.mailed_from.is_none()) {
            let (word, told) = (reply.kind.as_str(), number(reply.share));
            ctx.ui.note(&format!(
                "the {word} of share {told} is filed already, signed: the mail adds nothing"
            ));
        } else if sent.has_filed(reply.kind, &filed.document)? {
            let told = number(reply.share);
            ctx.ui
                .note(&format!("that of share {told} is filed already"));
        } else if is_clear(ctx, &about, &reply, yes)? {
            tell_refused(ctx, sent, reply.kind);
            replies.push(reply);
        } else {
            ctx.ui.note("filed nothing");
        }
    }
    if replies.is_empty() {
        ctx.answer(&[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| {
        replies.iter().try_for_each(|reply| {
            let mut filed = filed.clone();
            filed.mailed_from = Some(reply.from.clone());
            filed.lost_since = reply.lost;
            vault.file_reply(reply.share, (reply.kind, &reply.part), filed, author)
        })
    })?;
    for reply in &replies {
        ctx.ui.note(&format!("filed that {}, by mail", reply.told));
    }
    let ids = replies.iter().map(|reply| reply.share.to_string());
    ctx.answer(&ids.collect::<Vec<_>>());
    Ok(())
}

/// What a mail says of one share.
struct MailedReply {
    share: Uuid,
    kind: ReplyKind,
    /// The entries that were deleted alone; none where it is about the whole.
    part: Vec<Uuid>,
    from: String,
    lost: Option<Timestamp>,
    /// Who did what, and with which share.
    told: String,
    /// Why somebody has to look at it.
    doubts: Vec<String>,
}

impl MailedReply {
    /// What it says of one of `all` that it names.
    fn read(
        ctx: &Context,
        vault: &Vault,
        mail: &Mail,
        (sent, all): (SentOut<'_>, &[SentOut<'_>]),
        only: &[EntryPath],
    ) -> Result<Self> {
        let recipient = MailRecipient::of(vault, sent)?;
        let from = recipient.sender(mail)?;
        let (said, kind) = recipient.read(mail, sent)?;
        let sent = in_place(ctx, vault, (sent, all), kind)?;
        let lost = lost_since(vault, sent, mail)?;
        if kind != ReplyKind::Deletion && !only.is_empty() {
            return Err(
                Error::usage("--only is about a deletion, and the mail is about none")
                    .hint("file the mail without it: vault ack --mail FILE"),
            );
        }
        let (part, doubt) = match kind {
            ReplyKind::Deletion => deleted_part(vault, sent, only, ctx.now())?,
            _ => (Vec::new(), None),
        };
        let what = match kind {
            ReplyKind::Deletion if !part.is_empty() => {
                let items = sent.items().iter();
                let paths = items.filter(|it| part.contains(&it.entry));
                let paths: Vec<&str> = paths.map(|it| it.path.as_str()).collect();
                format!("deleted {}", paths.join(", "))
            }
            ReplyKind::Deletion => "deleted it".to_owned(),
            ReplyKind::Receipt => "received it".to_owned(),
            ReplyKind::Refusal => "refused it".to_owned(),
        };
        let name = recipient.called;
        let mut doubts = doubts(name, &said, lost);
        doubts.extend(undated(sent, mail, ctx.now()));
        doubts.extend(doubt);
        if let SentOut::Lent(share) = sent
            && kind == ReplyKind::Refusal
            && vault.in_place_of(share, ctx.now())?.end.is_some()
        {
            doubts.push("that share is over: a no may be one to deleting it".to_owned());
        }
        Ok(Self {
            share: sent.id(),
            kind,
            part,
            from,
            lost,
            told: format!("{name} {what}, share {}", number(sent.id())),
            doubts,
        })
    }
}

/// The shares whose numbers stand in the mail, or else in its subject or what it answers to.
fn meant<'a>(vault: &'a Vault, mail: &Mail) -> Result<Vec<SentOut<'a>>> {
    let of = |numbers: Vec<RecordId>| -> Result<Vec<Uuid>> {
        let mut found = Vec::new();
        for start in numbers {
            let ids = (vault.shares.ids()?.into_iter()).chain(vault.handed_over.ids()?);
            found.extend(ids.filter(|id| start.is_start_of(*id)));
        }
        let mut seen = HashSet::new();
        found.retain(|id| seen.insert(*id));
        Ok(found)
    };
    let mut found = of(mail.said(&VERBS, &[]).numbers)?;
    if found.is_empty() {
        found = of(mail.numbers_around())?;
        if found.len() > 1 {
            return Err(Error::usage(
                "the mail has the numbers of several shares around what it says",
            )
            .hint("ask for a mail with the number in its first line: DELETED NUMBER"));
        }
    }
    if found.is_empty() {
        return Err(Error::not_found("the mail has no number of a share")
            .hint("vault shares shows the numbers"));
    }
    found.into_iter().map(|id| vault.sent_out(id)).collect()
}

/// Whose mail counts.
struct MailRecipient<'a> {
    /// What they are called here.
    called: &'a str,
    /// Names that may stand below what they say.
    names: Vec<&'a str>,
    addresses: Vec<&'a str>,
    /// What notes another address of theirs.
    edit: &'static str,
}

/// What it is filed with. What is deleted is deleted with the share in its place, whose deletion is
/// to be confirmed; that one file has arrived says nothing of another.
fn in_place<'a>(
    ctx: &Context,
    vault: &'a Vault,
    (sent, all): (SentOut<'a>, &[SentOut<'_>]),
    kind: ReplyKind,
) -> Result<SentOut<'a>> {
    let SentOut::Lent(named) = sent else {
        return Ok(sent);
    };
    let last = vault.in_place_of(named, ctx.now())?;
    let is_named = all.iter().any(|it| it.id() == last.share.id);
    let Some(place) = last.told_place().filter(|_| !is_named) else {
        return Ok(sent);
    };
    let owes = vault.ledger(ctx.now())?;
    let mut owes = owes.iter().filter(|line| line.owes_deletion().is_some());
    let is_left = owes.any(|line| line.share.id == named.id);
    if kind == ReplyKind::Deletion && !is_left && last.owes_deletion().is_some() {
        ctx.ui.note(&place);
        return Ok(SentOut::Lent(last.share));
    }
    let number = number(last.share.id);
    ctx.ui
        .note(&format!("{place}; the mail says nothing of {number}"));
    Ok(sent)
}

/// Since when a device is lost on which a share may be, if the mail was written after that or does
/// not say when.
fn lost_since(vault: &Vault, sent: SentOut<'_>, mail: &Mail) -> Result<Option<Timestamp>> {
    let SentOut::Lent(share) = sent else {
        return Ok(None);
    };
    let contact = vault.contacts.by_id(share.recipient.contact)?;
    let lost = contact.lost_after(share.created);
    Ok(lost.filter(|lost| mail.date().is_none_or(|date| *lost <= date)))
}

/// Why its date does not fit what was sent, if it does not.
fn undated(sent: SentOut<'_>, mail: &Mail, now: Timestamp) -> Option<String> {
    let made = match sent {
        SentOut::Lent(share) => share.created,
        SentOut::HandedOver(it) => it.created,
    };
    (mail.undated(made, now)).map(|why| match why {
        Undated::Missing => "the mail does not say when it was sent".to_owned(),
        Undated::Unfit => format!(
            "the mail's date is not between {}, when the share was made, and now",
            local_time(made)
        ),
    })
}

/// What of a share a mail says is deleted, none where it is the whole: the entries of `only`, or else
/// what has ended of it while others go on, which is to be confirmed.
fn deleted_part(
    vault: &Vault,
    sent: SentOut<'_>,
    only: &[EntryPath],
    now: Timestamp,
) -> Result<(Vec<Uuid>, Option<String>)> {
    let mut named = Vec::new();
    for path in only {
        named.push(item_called(vault, sent, path)?);
    }
    let is_left = |it: &SharedItem| !named.contains(&it.entry);
    if !named.is_empty() {
        let is_part = sent.items().iter().any(is_left);
        return Ok((if is_part { named } else { Vec::new() }, None));
    }
    let ledger = vault.ledger(now)?;
    let Some(standing) = ledger.iter().find(|it| it.share.id == sent.id()) else {
        return Ok((Vec::new(), None));
    };
    let live: Vec<&str> = standing.live_items().map(|it| it.path.as_str()).collect();
    let ended = standing.undeleted_items().map(|(item, _)| item.entry);
    let ended: Vec<Uuid> = ended.filter(|_| !live.is_empty()).collect();
    let doubt = (!ended.is_empty()).then(|| {
        format!(
            "only a part of that share has ended, and {} goes on: the mail counts for the part. If \
             more is deleted, name all of it with --only",
            live.join(", ")
        )
    });
    Ok((ended, doubt))
}

/// The entry of a share that is called so today, or was on the day when it went.
fn item_called(vault: &Vault, sent: SentOut<'_>, path: &EntryPath) -> Result<Uuid> {
    let today = vault.entry(path).ok().map(|entry| entry.id);
    let then = path.to_string();
    let mut items = sent.items().iter();
    let item = items.find(|it| today.map_or(it.path == then, |id| it.entry == id));
    let id = number(sent.id());
    item.map(|it| it.entry).ok_or_else(|| {
        Error::not_found(format!("{path} was not in share {id}"))
            .hint(format!("vault shares show {id} tells what was"))
    })
}

/// Why somebody has to look at it.
fn doubts(name: &str, said: &Said<ReplyKind>, lost: Option<Timestamp>) -> Vec<String> {
    let unclear = (said.why().into_iter()).map(|why| format!("the mail is not clear: {why}"));
    let lost = lost.map(|since| {
        let since = local_time(since);
        format!("{name} has lost a device, {since}: whoever has it may have written this mail")
    });
    unclear.chain(lost).collect()
}

impl<'a> MailRecipient<'a> {
    /// The contact of a share; of a hand-over, the client and the people who speak for them.
    fn of(vault: &'a Vault, sent: SentOut<'_>) -> Result<Self> {
        match sent {
            SentOut::Lent(share) => {
                let contact = vault.contacts.by_id(share.recipient.contact)?;
                let full = contact.full_name.value().map(String::as_str);
                Ok(Self {
                    called: contact.name(),
                    names: std::iter::once(contact.name()).chain(full).collect(),
                    addresses: contact.emails().iter().map(String::as_str).collect(),
                    edit: "contact",
                })
            }
            SentOut::HandedOver(it) => {
                let client = vault.clients.iter().find(|client| client.id == it.client);
                let client =
                    client.ok_or_else(|| Error::integrity("it was handed over to no client"))?;
                let persons = client.persons().iter();
                let of_persons = persons.clone().filter_map(|it| it.email.as_deref());
                Ok(Self {
                    called: client.slug(),
                    names: persons
                        .map(|it| it.name.as_str())
                        .chain([client.called()])
                        .collect(),
                    addresses: client.emails().chain(of_persons).collect(),
                    edit: "client",
                })
            }
        }
    }

    /// The address that a mail is from, if it is theirs.
    fn sender(&self, mail: &Mail) -> Result<String> {
        let (name, edit) = (self.called, self.edit);
        let Some(from) = mail.from() else {
            return Err(Error::refused("the mail does not say who it is from"));
        };
        let mut known = self.addresses.iter();
        if known.any(|known| known.eq_ignore_ascii_case(&from.address)) {
            return Ok(from.address.clone());
        }
        Err(Error::refused(format!(
            "the mail is from {}, which is not an address of {name}",
            from.address
        ))
        .hint(format!(
            "if {name} confirms it: vault {edit} edit {} --email {}",
            as_word(name),
            as_word(&from.address)
        )))
    }

    /// What it says of what they were sent.
    fn read(&self, mail: &Mail, sent: SentOut<'_>) -> Result<(Said<ReplyKind>, ReplyKind)> {
        let of_mail = mail.from().and_then(|from| from.name.as_deref());
        let names: Vec<&str> = self.names.iter().copied().chain(of_mail).collect();
        let mut said = mail.said(&VERBS, &names);
        let number = number(sent.id());
        let verbs = match sent {
            SentOut::Lent(_) => {
                format!("neither RECEIVED {number} nor DELETED {number}, and not NO {number}")
            }
            SentOut::HandedOver(_) => format!("not RECEIVED {number}"),
        };
        if let SentOut::Lent(_) = sent
            && said.verb.is_none()
        {
            let no = mail.said(&NO, &names);
            if no.doubt != Some(Doubt::NoAnswer) {
                said = no;
            }
        }
        let kind = said.verb.ok_or_else(|| {
            Error::usage(format!("the mail says {verbs}"))
                .hint("ask for a mail with that as its first line")
        })?;
        Ok((said, kind))
    }
}

/// Whether there is no doubt, or else somebody confirms what it says.
fn is_clear(ctx: &Context, mail: &Mail, reply: &MailedReply, yes: bool) -> Result<bool> {
    let doubts = &reply.doubts;
    if doubts.is_empty() {
        return Ok(true);
    }
    let from = mail.from().map(|from| from.address.as_str());
    let date = mail.date().map(|date| format!(", {}", local_time(date)));
    ctx.ui.note(&format!(
        "From {}{}: {}",
        from.unwrap_or_default(),
        date.unwrap_or_default(),
        mail.subject()
    ));
    for line in mail.lines().iter().take(LINES) {
        ctx.ui.note(&format!("  {line}"));
    }
    for doubt in doubts {
        ctx.warn(doubt);
    }
    let unasked = Unasked {
        needed: doubts.first().map_or("", String::as_str),
        instead: "make sure of it, then use --yes",
    };
    Ok(yes
        || ctx
            .ui
            .confirm(&format!("Is it so: {}?", reply.told), unasked)?)
}

/// The mail as it came.
fn filed(bytes: &[u8], ctx: &Context) -> FiledDocument {
    let text = std::str::from_utf8(bytes).ok();
    let document = text.map_or_else(|| STANDARD.encode(bytes), ToOwned::to_owned);
    let mut filed = FiledDocument::with(ctx.now(), document);
    filed.encoding = text.is_none().then(|| "base64".to_owned());
    filed
}
