//! `vault ask`: asks somebody without software for credentials.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use super::hand_over::lang_of;
use crate::commands::args::document::{Target, write_out};
use crate::commands::args::document_file::place;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::crypto::AgeIdentity;
use crate::error::Result as VaultResult;
use crate::exchange::ask_page::{ask_page, words_of};
use crate::model::records::ask::OneTimeAsk;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::{RecordId, number};
use crate::model::sharing::asking::{NewAsk, check_purpose};
use crate::model::text::lang::Lang;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::visible::one_line;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::pages::AskedField;
use crate::ui::Shown;
use crate::ui::time::{day, relative};

const EXAMPLES: &str = "\
Examples:
  vault ask acme/wordpress --for 'the relaunch of the shop' --out ask.html
  vault ask acme/hosting --for 'the move' --need secret,note --until 7d --lang de --out ask.html
  vault ask acme/db --for 'the move' --text       for a technician who has age
  vault ask list
  vault ask close 2F95-B33D

The page is for whoever has nothing but a browser: it encrypts what is typed to a key made for this
request, and sends nothing itself. Read the six words out over the phone: who makes up a page in your
name does not know them. What comes back, as a mail or a file, is taken in with: vault receive MAIL
What a page cannot do: vault help pages";

const LIST_EXAMPLES: &str = "\
Examples:
  vault ask list acme --open
  vault ask list --json | jq -r '.[] | select(.state == \"open\") | .path'

open: the answer is awaited. answered: a correction opens until the day that is named, if one is.
closed: the key is wiped, and no answer opens any more.";

/// How long an answer is waited for where nothing is said, as `When` reads it.
const UNTIL: &str = "14d";
/// What is asked for where nothing is said.
const NEED: &str = "url,username,secret,note";

/// Options of `ask`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "vault ask <ENTRY> --for <PURPOSE> (--out <FILE> | --text) [OPTIONS]\n       \
                      vault ask list [CLIENT]\n       vault ask close <ID>"
)]
pub struct Args {
    /// What it is to be called here: CLIENT/NAME
    #[arg(required = true)]
    entry: Option<EntryPath>,
    /// What you need it for, as whoever is asked reads it
    #[arg(long = "for", value_name = "PURPOSE", required = true)]
    purpose: Option<String>,
    /// What to ask for, with commas between: url, username, secret, note, rules
    #[arg(long, value_name = "PARTS", value_delimiter = ',', default_value = NEED)]
    need: Vec<AskedField>,
    /// The last day on which you wait for the answer
    #[arg(long, value_name = "WHEN", default_value = UNTIL)]
    until: When,
    /// The language of the page: en or de [default: the client's, else en]
    #[arg(long, value_name = "LANG", conflicts_with = "text")]
    lang: Option<Lang>,
    /// Write the page to this new file; - is stdout
    #[arg(short, long, value_name = "FILE", required_unless_present = "text")]
    out: Option<PathBuf>,
    /// No page: print the command with which a technician encrypts a text with age
    #[arg(long, conflicts_with_all = ["out", "need"])]
    text: bool,
    #[command(subcommand)]
    action: Option<AskAction>,
}

#[derive(clap::Subcommand, Debug)]
enum AskAction {
    /// List what you have asked for, the newest last
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        /// Only this client's
        #[arg(value_name = "CLIENT", conflicts_with = "client")]
        of: Option<ClientSlug>,
        /// Only this client's
        #[arg(long, value_name = "CLIENT")]
        client: Option<ClientSlug>,
        /// Only those that wait for an answer
        #[arg(long)]
        open: bool,
    },
    /// Wait for no answer and no correction any longer, and wipe the key
    #[command(after_help = "Example:\n  vault ask close 2F95-B33D")]
    Close {
        /// Its number, or the start of its id
        id: RecordId,
    },
}

/// Asks for credentials, or says what was asked for.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match (&args.action, &args.entry, &args.purpose) {
        (Some(AskAction::List { of, client, open }), ..) => {
            list(ctx, of.as_ref().or(client.as_ref()), *open)?;
        }
        (Some(AskAction::Close { id }), ..) => close(ctx, id)?,
        (None, Some(entry), Some(purpose)) => ask(args, ctx, (entry, purpose))?,
        // The command line asks for both.
        (None, ..) => {}
    }
    Ok(())
}

fn ask(args: &Args, ctx: &Context, (path, purpose): (&EntryPath, &str)) -> VaultResult<()> {
    check_purpose(purpose)?;
    let here = ctx.now_here();
    let until = args.until.in_future(&here)?;
    let last_day = args.until.last_day(&here)?;
    let target = args.out.as_deref().map(|out| place(ctx, out)).transpose()?;
    let session = ctx.unlock_to_permit()?;
    if session.vault().entry(path).is_err() {
        session.vault().check_free(path)?;
    }
    let session = if target.is_some() {
        ask_for_missing(ctx, session)?
    } else {
        session
    };
    let key = AgeIdentity::generate();
    let lang = args
        .lang
        .unwrap_or_else(|| lang_of(session.vault(), path.client().as_str()));
    let mut need: Vec<AskedField> = Vec::new();
    for part in &args.need {
        if !need.contains(part) {
            need.push(*part);
        }
    }
    let new = NewAsk {
        id: session.vault().free_request_id(Uuid::new_v4)?,
        path: path.clone(),
        purpose: purpose.to_owned(),
        need: need.iter().map(ToString::to_string).collect(),
        recipient: key.recipient(),
        key: key.secret(),
        until,
        lang: target.as_ref().map(|_| lang),
    };
    let paper = AskPaper::of(session.vault(), &new, target, (&need, last_day, lang))?;
    let known = session.vault().client(path.client().as_str());
    let other =
        (session.vault()).other_client_in(purpose, known.map_or(Uuid::nil(), |it| it.id))?;
    let named = other.map(|other| other.slug().to_owned());
    let is_change = session.vault().entry(path).is_ok();
    let id = ctx.change(session, |vault, author| vault.open_ask(new, author))?;
    if let Some(other) = &named {
        tell_named(ctx, other, path);
    }
    paper.give(ctx, id)?;
    paper.tell(ctx, id, is_change);
    let more = [
        ("recipient", json!(paper.recipient)),
        ("words", json!(paper.words)),
        ("sha256", json!(paper.page.as_ref().map(|(_, sum)| sum))),
    ];
    ctx.answer_with(&[id.to_string()], &more);
    Ok(())
}

/// Says that the purpose, which whoever is asked reads, tells of another client.
fn tell_named(ctx: &Context, other: &str, path: &EntryPath) {
    ctx.warn(&format!(
        "the purpose names {other}, and {} will read it",
        path.client()
    ));
    ctx.ui
        .hint("to keep them apart: close the request, and say what it is for without that name");
}

/// What is given to whoever is asked.
struct AskPaper {
    recipient: String,
    words: String,
    /// The page and its SHA-256; none where it is a command.
    page: Option<(String, String)>,
    target: Option<Target>,
}

impl AskPaper {
    fn of(
        vault: &Vault,
        new: &NewAsk,
        target: Option<Target>,
        (need, until, lang): (&[AskedField], Date, Lang),
    ) -> VaultResult<Self> {
        let page = match &target {
            Some(_) => Some(ask_page(vault, new, (need, until), lang)?),
            None => None,
        };
        Ok(Self {
            words: words_of(vault, &new.recipient)?,
            recipient: new.recipient.clone(),
            page: page.map(|page| {
                let sum = sha256_hex(page.as_bytes());
                (page, sum)
            }),
            target,
        })
    }

    /// The one command with which a text is encrypted.
    fn command(&self) -> String {
        format!("age -a -r {} FILE", self.recipient)
    }

    fn give(&self, ctx: &Context, id: Uuid) -> VaultResult<()> {
        let given = match (&self.page, &self.target) {
            (Some((page, _)), Some(target)) => write_out(ctx, target, page.as_bytes()),
            _ if ctx.ui.is_json() => Ok(()),
            _ => ctx.ui.line(&self.command()),
        };
        given.and_then(|()| ctx.ui.flush()).map_err(|why| {
            let number = number(id);
            why.prefixed(&format!("request {number} is open, but "))
                .hint(format!(
                    "give it up and ask again: vault ask close {number}"
                ))
        })
    }

    fn tell(&self, ctx: &Context, id: Uuid, is_change: bool) {
        let note = |text: &str| ctx.ui.note(text);
        if let Some((_, sum)) = &self.page {
            note(&format!("its SHA-256: {sum}"));
            note("Send the page as it is, attached to a mail: nothing in it is secret.");
        } else {
            note("Send that line. FILE is a text: the password, and what else is needed below it.");
        }
        if self.page.is_some() {
            note("Then call them, and read out these six words; they stand in the page:");
            note(&format!("  {}", self.words));
            note(
                "They type nothing unless the words are the same: a page cannot vouch for itself.",
            );
        } else {
            note("Then call them, and let them read the key back to you, the age1…, as it came.");
        }
        if self.page.is_some() {
            note(
                "Mail systems may hold back or change files that end in .html. If it does not arrive: \
                 put it on your own web space, or on a shared folder or a USB stick, and send the link.",
            );
        }
        note("When the answer is back, as a mail or a file:");
        note("  vault receive MAIL");
        if is_change {
            note("The entry keeps its secret until you confirm the new one.");
        }
        note(&format!("To give it up: vault ask close {}", number(id)));
    }
}

fn close(ctx: &Context, start: &RecordId) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    let ask = session.vault().asks.by_start(start)?;
    let (id, told) = (ask.id, number(ask.id));
    if let Some(end) = ask.end().filter(|_| ask.key_at(ctx.now()).is_none()) {
        ctx.answer_change(&format!("request {told} is {} already", end.outcome), &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| vault.close_ask(id, author))?;
    ctx.answer_change(
        &format!("closed request {told}: its key is wiped, and no answer to it opens any more"),
        &[id.to_string()],
    );
    Ok(())
}

fn list(ctx: &Context, client: Option<&ClientSlug>, is_open: bool) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let client = client.map(|slug| vault.known_client(slug)).transpose()?;
    let mut asks = vault.asks.all()?;
    asks.retain(|ask| client.is_none_or(|client| client.id == ask.client));
    asks.retain(|ask| !is_open || ask.is_open());
    let rows = asks.into_iter().map(|ask| shown(ctx, vault, ask));
    let rows = rows.collect::<VaultResult<Vec<Shown>>>()?;
    ctx.ui.list(
        &rows,
        "nothing was asked for yet: vault ask CLIENT/NAME --for PURPOSE --out FILE",
    )
}

fn shown(ctx: &Context, vault: &Vault, ask: &OneTimeAsk) -> VaultResult<Shown> {
    let now = ctx.now();
    let path = vault.path_of_ask(ask)?;
    let opens = ask.takes_correction(now).then_some(ask.until);
    let told = match (ask.end(), opens) {
        (Some(end), Some(until)) => format!(
            "{} {}, opens a correction until {}",
            end.outcome,
            day(end.time, now),
            day(until, now)
        ),
        (Some(end), None) => format!("{} {}", end.outcome, day(end.time, now)),
        (None, _) if ask.until < now => format!("open, was due {}", day(ask.until, now)),
        (None, _) => format!("open, due {}", relative(ask.until, now)),
    };
    let end = ask.end();
    Ok(Shown::default()
        .json("id", ask.id)
        .json("number", number(ask.id))
        .json("client", path.client().as_str())
        .json("path", path.to_string())
        .json("purpose", &ask.purpose)
        .json("need", &ask.need)
        .json("state", end.map_or("open", |end| &end.outcome))
        .json("recipient", &ask.recipient)
        .json("words", words_of(vault, &ask.recipient)?)
        .json("lang", &ask.lang)
        .json("created", ask.created)
        .json("until", ask.until)
        .json("ended", end.map(|end| end.time))
        .json("corrections_until", opens)
        .json("from", end.and_then(|end| end.from.as_ref()))
        .text("ID", [number(ask.id)])
        .text("ENTRY", [path.to_string()])
        .text("STATE", [told])
        .text("FOR", [one_line(&ask.purpose)]))
}
