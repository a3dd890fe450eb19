//! The walk: one question about each record that is due, each answer saved at once.

use std::path::Path;

use super::{items, page, save, tell};
use crate::context::Context;
use crate::error::Result;
use crate::model::entry::record_names::RecordNames;
use crate::model::findings::review_answers::ReviewAnswer;
use crate::model::findings::review_item::{ReviewItem, ReviewKind};
use crate::model::records::record_id::number;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;
use crate::ui::Unasked;
use crate::ui::time::local_time;

const UNASKED: Unasked<'static> = Unasked {
    needed: "the review asks about each",
    instead: "use vault review --list, then vault review SUBJECT --keep, --end or --asked",
};

/// What is done about one of them.
enum WalkStep {
    Answer(ReviewAnswer),
    Later,
    Stop,
}

pub(super) fn run(ctx: &Context, client: Option<&ClientSlug>) -> Result<()> {
    let mut session = ctx.unlock_to_change()?;
    let due = items(ctx, &session, client)?;
    let (mut answered, mut left) = (0, 0);
    for (at, item) in (1..).zip(&due) {
        let answer = match ask(ctx, session.vault(), item, (at, due.len()))? {
            WalkStep::Answer(answer) => answer,
            WalkStep::Later => {
                left += 1;
                continue;
            }
            WalkStep::Stop => {
                left += due.len() + 1 - at;
                break;
            }
        };
        let note = ctx.ui.ask_line("Why, or Enter", UNASKED)?;
        let note = Some(note.trim().to_owned()).filter(|note| !note.is_empty());
        let one = std::slice::from_ref(item);
        let (filed, after) = save(ctx, session, one, (answer, note.as_ref()))?;
        session = after;
        tell(ctx, &session, one, (answer, &filed))?;
        answered += 1;
    }
    match (answered, left) {
        (0, 0) => ctx.ui.note("nothing is to be reviewed"),
        (_, 0) => ctx
            .ui
            .note(&format!("reviewed {answered}, nothing is left")),
        (_, left) => ctx.ui.note(&format!(
            "reviewed {answered}, {left} left for the next time"
        )),
    }
    // Nothing is filed that a page could have.
    if ctx.rehearses() {
        return Ok(());
    }
    if answered > 0 && left == 0 {
        let of = client.map(|slug| format!("{slug}-")).unwrap_or_default();
        let name = format!("review-{of}{}.txt", ctx.now_here().date());
        let out = Path::new(&name);
        let question = format!("Write the signed page to {name}?");
        if check_new_file(out).is_ok() && ctx.ui.confirm_or_enter(&question, UNASKED)? {
            return page::write(ctx, &session, out, (client, None));
        }
    }
    if answered > 0 {
        let of = client.map(|slug| format!("--client {} ", as_word(slug)));
        let of = of.unwrap_or_default();
        ctx.ui.hint(&format!(
            "the signed page of it: vault review {of}--out FILE"
        ));
    }
    Ok(())
}

/// Says why it is asked, and asks until an answer fits.
fn ask(
    ctx: &Context,
    vault: &Vault,
    item: &ReviewItem,
    (at, of): (usize, usize),
) -> Result<WalkStep> {
    let answers = item.answers();
    let words: Vec<&str> = answers.iter().map(|it| it.as_str()).collect();
    let called = item.called();
    let question = format!("{called}: {}, stop, or Enter for later", words.join(", "));
    if ctx.ui.can_ask() {
        let why: Vec<&str> = item.why.iter().map(|it| it.message.as_str()).collect();
        ctx.ui.note(&format!("{at} of {of}: {}", why.join("; ")));
        tell_more(ctx, vault, item)?;
    }
    loop {
        let typed = ctx.ui.ask_line(&question, UNASKED)?;
        let typed = typed.trim().to_lowercase();
        match typed.as_str() {
            "" | "later" => return Ok(WalkStep::Later),
            "stop" | "quit" | "q" => return Ok(WalkStep::Stop),
            _ => {}
        }
        let mut meant = answers.iter().filter(|it| it.as_str().starts_with(&typed));
        if let (Some(answer), None) = (meant.next(), meant.next()) {
            return Ok(WalkStep::Answer(*answer));
        }
        let unfit = typed.parse().ok().map(|answer| item.check_answer(answer));
        ctx.ui.note(&match unfit {
            Some(Err(why)) => why.message().to_owned(),
            _ => format!("'{typed}' is no answer to that: {}", words.join(", ")),
        });
    }
}

/// What helps to answer: of a share what it is for and until when, of a contact their role and what
/// they have.
fn tell_more(ctx: &Context, vault: &Vault, item: &ReviewItem) -> Result<()> {
    let ledger = vault.ledger(ctx.now())?;
    match item.kind {
        ReviewKind::Share => {
            for line in ledger.iter().filter(|it| it.share.id == item.id) {
                let (purpose, until) = (&line.share.purpose, local_time(line.share.expires));
                let under = number(line.under());
                ctx.ui.note(&format!(
                    "  for {purpose}, until {until}, under permission {under}"
                ));
            }
        }
        ReviewKind::Contact => {
            if let Some(role) = vault.contacts.by_id(item.id)?.role.value() {
                ctx.ui.note(&format!("  their role: {role}"));
            }
            let names = RecordNames::of(vault)?;
            let theirs = |it: &&LedgerLine<'_>| it.share.recipient.contact == item.id;
            for line in ledger.iter().filter(theirs).filter(|it| it.state.is_live()) {
                let paths: Vec<String> = line.live_items().map(|it| names.shared(it)).collect();
                let (id, until) = (number(line.share.id), local_time(line.share.expires));
                ctx.ui.note(&format!(
                    "  share {id}: {}, until {until}",
                    paths.join(", ")
                ));
            }
        }
        _ => {}
    }
    Ok(())
}
