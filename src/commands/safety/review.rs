//! `vault review`: looking at who has access to what, and whether it is still needed.

mod page;
mod walk;

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use serde_json::json;
use uuid::Uuid;

use crate::commands::args::dry_run::DryRunArg;
use crate::commands::reveal::exposure;
use crate::commands::sharing::revoke::{still, tell_recipients};
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::findings::review::FiledReview;
use crate::model::findings::review_answers::ReviewAnswer;
use crate::model::findings::review_item::{ReviewItem, ReviewKind};
use crate::model::text::name::ClientSlug;
use crate::model::text::when::When;
use crate::store::session::Session;
use crate::ui::Shown;
use crate::ui::time::day;

const EXAMPLES: &str = "\
Examples:
  vault review                        asks about all that is due, one after the other
  vault review --list                 only says what is due
  vault review bob --keep --note 'works on the shop until May'
  vault review 2F95-B33D --end        not needed any more: the share ends
  vault review acme --asked           asked for what is missing; it comes back in two weeks
  vault review --client acme          only what is acme's, and who has access to that
  vault review --out review.txt       who has access, and what was answered in three months; the
                                      signature is beside it

Shares, and permissions that nothing is shared under, come up every three months, contacts every
year; and so do entries that nobody used for a year, papers that are missing, clients without
rules, what is kept for too long, and what the log has that is unusual. Each answer is saved at once and stands in the log: leave when
you like, and the rest is asked next time.
  ssh-keygen -Y verify -f allowed -I me -n vault-review -s review.txt.sig < review.txt";

/// Options of `review`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    group(clap::ArgGroup::new("answer").args(["keep", "end", "asked"]).requires("subjects"))
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Args {
    /// What to answer for: a path, a client, a contact, or the number of a share or a permission
    #[arg(value_name = "SUBJECT", requires = "answer")]
    subjects: Vec<String>,
    /// It is still needed, as it is
    #[arg(long)]
    keep: bool,
    /// It is not needed any more: a share ends; of all else it is noted, and said how to end it
    #[arg(long)]
    end: bool,
    /// You have asked, for what is missing or whether it is needed: it comes back in two weeks
    #[arg(long)]
    asked: bool,
    /// Why, in your own words
    #[arg(
        long,
        value_name = "TEXT",
        value_parser = NonEmptyStringValueParser::new(),
        requires = "answer"
    )]
    note: Option<String>,
    /// Only what is this client's, and the contacts whom they have permitted something
    #[arg(long, value_name = "CLIENT", conflicts_with = "subjects")]
    client: Option<ClientSlug>,
    /// List what is due, and ask nothing
    #[arg(short, long, conflicts_with_all = ["subjects", "out"])]
    list: bool,
    /// Write who has access and what was answered to this new file, and its signature beside it, as
    /// FILE.sig
    #[arg(short, long, value_name = "FILE", conflicts_with = "subjects")]
    out: Option<PathBuf>,
    /// What was answered since then: a date, a time, or a duration ago; else the last 91 days
    #[arg(long, value_name = "WHEN", requires = "out")]
    since: Option<When>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    fn answer(&self) -> Option<ReviewAnswer> {
        let given = [
            (self.keep, ReviewAnswer::Keep),
            (self.end, ReviewAnswer::End),
            (self.asked, ReviewAnswer::Asked),
        ];
        given.into_iter().find_map(|(is, it)| is.then_some(it))
    }
}

/// Lists what is due, asks about it, or files answers.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    if let Some(answer) = args.answer() {
        return Ok(file(args, ctx, answer)?);
    }
    if let Some(out) = &args.out {
        return Ok(page::run(
            ctx,
            out,
            (args.client.as_ref(), args.since.as_ref()),
        )?);
    }
    if args.list || ctx.ui.is_json() {
        let session = ctx.unlock()?;
        return Ok(list(ctx, &items(ctx, &session, args.client.as_ref())?)?);
    }
    Ok(walk::run(ctx, args.client.as_ref())?)
}

/// What is due, of a client alone where one is meant.
fn items(
    ctx: &Context,
    session: &Session,
    client: Option<&ClientSlug>,
) -> VaultResult<Vec<ReviewItem>> {
    let events = session.all_events(|why| ctx.ui.note(why))?;
    let mut items = session.vault().review_items(&events, &ctx.now_here())?;
    if let Some(slug) = client {
        let vault = session.vault();
        let theirs = vault.records_of(vault.known_client(slug)?.id)?;
        items.retain(|item| theirs.contains(&item.id));
    }
    for found in items.iter_mut().flat_map(|item| &mut item.why) {
        found.fix = found.fix.take().map(|fix| ctx.ui.as_typed(&fix));
    }
    Ok(items)
}

fn list(ctx: &Context, items: &[ReviewItem]) -> VaultResult<()> {
    let rows = items.iter().map(|item| {
        let why: Vec<&str> = item.why.iter().map(|it| it.message.as_str()).collect();
        let rules: Vec<&str> = item.why.iter().map(|it| it.rule).collect();
        let answers: Vec<&str> = item.answers().iter().map(|it| it.as_str()).collect();
        Shown::default()
            .field("kind", "KIND", item.kind.as_str())
            .field("subject", "SUBJECT", &item.name)
            .json("id", item.id)
            .json("about", &item.about)
            .json("rules", rules)
            .told("why", "WHY", json!(why), why.join("; "))
            .json("answers", answers)
    });
    ctx.ui.list(rows, "nothing is to be reviewed")
}

/// Files one answer about each of the subjects, or none.
fn file(args: &Args, ctx: &Context, answer: ReviewAnswer) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    let due = items(ctx, &session, None)?;
    let vault = session.vault();
    let mut meant: Vec<ReviewItem> = Vec::new();
    for subject in &args.subjects {
        let item = vault.meant_to_review(subject, &due, ctx.now())?;
        if meant.iter().all(|it| it.id != item.id) {
            item.check_answer(answer)?;
            meant.push(item);
        }
    }
    let (filed, session) = save(ctx, session, &meant, (answer, args.note.as_ref()))?;
    tell(ctx, &session, &meant, (answer, &filed))?;
    ctx.answer(&filed.iter().map(|it| it.id.to_string()).collect::<Vec<_>>());
    Ok(())
}

fn save(
    ctx: &Context,
    session: Session,
    items: &[ReviewItem],
    (answer, note): (ReviewAnswer, Option<&String>),
) -> VaultResult<(Vec<FiledReview>, Session)> {
    ctx.change_and_stay(session, None, |vault, author| {
        let filed = items.iter();
        let filed = filed.map(|item| vault.answer_review(item, answer, note.cloned(), author));
        filed.collect()
    })
}

/// Says what an answer has done, and what is left to do.
fn tell(
    ctx: &Context,
    session: &Session,
    items: &[ReviewItem],
    (answer, filed): (ReviewAnswer, &[FiledReview]),
) -> VaultResult<()> {
    let now = ctx.now();
    for (item, filed) in items.iter().zip(filed) {
        let name = &item.name;
        let next = filed.next.map(|next| day(next, now)).unwrap_or_default();
        let told = match answer {
            ReviewAnswer::Keep => {
                let kept = item.kind.if_kept();
                format!("{name} {kept}; to be reviewed again on {next}")
            }
            ReviewAnswer::Asked => format!("{name}: asked for; to be reviewed again on {next}"),
            ReviewAnswer::End => match item.to_end() {
                None => ctx.as_done(&format!("ended share {name}")),
                Some(_) => {
                    format!("{name} is not needed any more; it is there until you end it")
                }
            },
        };
        ctx.ui.note(&told);
        let to_end = item.to_end().filter(|_| answer == ReviewAnswer::End);
        if let Some(command) = to_end {
            ctx.ui.hint(&format!("to end it: {command}"));
        }
    }
    let is_ended =
        |item: &&ReviewItem| answer == ReviewAnswer::End && item.kind == ReviewKind::Share;
    let ended: Vec<Uuid> = items.iter().filter(is_ended).map(|it| it.id).collect();
    if ended.is_empty() {
        return Ok(());
    }
    tell_ended(ctx, session, &ended)
}

/// Says what is left to do of shares that have ended, as where they are revoked.
fn tell_ended(ctx: &Context, session: &Session, ended: &[Uuid]) -> VaultResult<()> {
    let vault = session.vault();
    for line in vault.ledger(ctx.now())? {
        if ended.contains(&line.share.id) {
            let contact = vault.contact_name(line.share.recipient.contact)?;
            ctx.ui.note(&still(line, &contact));
        }
    }
    exposure::tell_to_rotate(ctx, vault, ended)?;
    tell_recipients(ctx, vault, ended, false)
}
