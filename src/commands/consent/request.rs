//! `vault consent request`: a text for the client to answer.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use uuid::Uuid;

use crate::commands::args::consent_terms::{DAYS, TermsArgs, tell_coverage};
use crate::commands::args::document::Target;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::request::{file_name, text};
use crate::model::consent::agreed_terms::AgreedException;
use crate::model::consent::asked::{Asking, answer_by};
use crate::model::consent::replaced::ReplacedPermission;
use crate::model::consent::terms::Terms;
use crate::model::people::fields::ContactValues;
use crate::model::records::client::Client;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::text::visible::one_line;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::disk::file::{InPlace, Prepared};
use crate::store::session::Session;
use crate::ui::size;
use crate::ui::time::local_time;

/// Examples in the help of `consent request`.
pub const EXAMPLES: &str = "\
Examples:
  vault consent request acme --to bob --scope acme/wordpress --purpose 'fix the shop' --out ask.txt
  vault consent request acme --to bob --scope 'acme/shop/*' --field username --field secret \\
      --purpose 'relaunch' --expires 30d --answer-by 7d --lang de --out ask.txt
  vault consent request acme --to bob --to cy --scope acme/wordpress --purpose 'audit' --sign

The client answers by mail, YES or NO and the number, or signs the text as it is:
  ssh-keygen -Y sign -n vault-consent -f KEY ask.txt
What comes back is filed with:
  vault consent answer mail.eml
  vault consent answer --signature ask.txt.sig";

/// Options of `consent request`.
#[derive(clap::Args, Debug)]
pub struct RequestArgs {
    /// The client's short name
    client: ClientSlug,
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    paper: PaperArgs,
}

/// How a request is written.
#[derive(clap::Args, Debug)]
pub(super) struct PaperArgs {
    /// The last day on which you wait for an answer [default: in a week]
    #[arg(long, value_name = "WHEN")]
    answer_by: Option<When>,
    /// The language of the text: en or de [default: the client's, else en]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    /// Say how to sign it with an SSH key, even if you know of none of the client's
    #[arg(long)]
    sign: bool,
    /// Write the text to this new file [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes a text that asks for a consent, and remembers it.
pub fn run(args: &RequestArgs, ctx: &Context) -> Result<()> {
    let terms = args.terms.terms(ctx, &args.client, None, DAYS)?;
    args.paper.check_out(ctx)?;
    let session = ctx.unlock_to_permit()?;
    ask(ctx, session, &terms, &args.paper, None)?;
    args.terms.tell_default(ctx, &terms, DAYS);
    Ok(())
}

/// Asks for these terms; `renewed` is the consent that they are to take the place of.
pub(super) fn ask(
    ctx: &Context,
    session: Session,
    terms: &Terms,
    args: &PaperArgs,
    renewed: Option<Uuid>,
) -> Result<()> {
    let zone = TimeZone::system();
    let answer_by = answer_day(args, ctx, terms.expires, &zone)?;
    session.vault().check_terms(terms)?;
    let session = ask_for_missing(ctx, session)?;
    let vault = session.vault();
    let id = vault.free_request_id(Uuid::new_v4)?;
    let out = args.out();
    let name = out.and_then(|out| out.file_name());
    let renewed = renewed.map(|id| vault.consents.by_id(id)).transpose()?;
    let asked = vault.asked(&Asking {
        client: terms.client.clone(),
        to: terms.to.clone(),
        lang: args.lang,
        answer_by,
        expires: terms.expires,
        replaces: renewed.map(|it| ReplacedPermission::of(it, ctx.now(), &zone)),
        zone,
        file: name.map_or_else(|| file_name(id), |name| as_word(name.display())),
        sign: args.sign,
    })?;
    let signs = asked.sign.is_some();
    let whom = vault.known_client(&terms.client)?.addressees();
    let agreed = vault.terms_to_ask(id, terms, asked)?;
    let text = text(&agreed)?;
    // Written beside its place first, so that a folder that takes no file is noticed in time.
    let prepared = out.map(|out| Prepared::write(out, text.as_bytes()));
    let prepared = prepared.transpose()?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.request_consent(terms, &agreed, &text, author)
    })?;
    if let Some(prepared) = prepared {
        prepared
            .create()
            .and_then(InPlace::sync)
            .map_err(|why| unwritten(id, why))?;
    }
    let notes = || tell(ctx, session.vault(), terms, &agreed.except);
    answer((ctx, args), id, &text, notes)?;
    let file = out.map_or_else(|| file_name(id), |out| as_word(out.display()));
    what_now(ctx, id, &whom, signs.then_some(&file));
    let client = session.vault().known_client(&terms.client)?;
    if let Some(channel) = client.channel.value() {
        ctx.ui
            .note(&format!("To reach them safely: {}", one_line(channel)));
    }
    Ok(())
}

impl PaperArgs {
    fn out(&self) -> Option<&Path> {
        self.out.as_deref().filter(|out| out.as_os_str() != "-")
    }

    /// Refuses a file that is there, before anything is asked.
    pub(super) fn check_out(&self, ctx: &Context) -> Result<()> {
        self.out().map(|out| Target::new(ctx, out)).transpose()?;
        Ok(())
    }
}

fn answer_day(args: &PaperArgs, ctx: &Context, end: Timestamp, zone: &TimeZone) -> Result<Date> {
    let now = ctx.now();
    let Some(when) = &args.answer_by else {
        return Ok(answer_by(now, end, zone));
    };
    let day = when.last_day(&ctx.now_here())?;
    let of = |time: Timestamp| time.to_zoned(zone.clone()).date();
    if day < of(now) {
        return Err(Error::usage(format!("--answer-by: {day} is in the past")));
    }
    if day > of(end) {
        return Err(Error::usage(format!(
            "--answer-by: {day} is after the end of what is asked for, {}",
            of(end)
        )));
    }
    Ok(day)
}

/// Says what may stand in the way of an answer, or of a share under it.
fn tell(ctx: &Context, vault: &Vault, terms: &Terms, except: &[AgreedException]) -> Result<()> {
    let client = vault.known_client(&terms.client)?;
    if !client.can_answer_by_mail() {
        let slug = &terms.client;
        ctx.warn(&format!(
            "no mail address of {slug} is noted from which an answer would count"
        ));
        ctx.ui.hint(&format!(
            "note who may permit it: vault client edit {slug:#} --person 'NAME <ADDRESS>' --may-permit"
        ));
    }
    tell_past_retention(ctx, client, terms);
    tell_named(ctx, vault, terms)?;
    tell_coverage(ctx, vault, terms, except)?;
    tell_unknown(ctx, vault, terms)
}

/// Says that the purpose, which the client reads on papers, tells of another client.
pub(super) fn tell_named(ctx: &Context, vault: &Vault, terms: &Terms) -> Result<()> {
    let client = vault.known_client(&terms.client)?;
    if let Some(other) = vault.other_client_in(&terms.purpose, client.id)? {
        ctx.warn(&format!(
            "the purpose names {}, and {} will read it",
            other.slug(),
            terms.client
        ));
        ctx.ui
            .hint("to keep them apart, say what it is for without that name");
    }
    Ok(())
}

/// Says that a permission lasts longer than what it is for is kept.
fn tell_past_retention(ctx: &Context, client: &Client, terms: &Terms) {
    if let Some(end) = client.retain_until().filter(|end| *end < terms.expires) {
        let (until, end) = (local_time(terms.expires), local_time(end));
        ctx.warn(&format!(
            "it asks until {until}, but what is of {} is kept until {end} only: shares under it end \
             by then",
            terms.client
        ));
        ctx.ui.hint("to ask for no longer: --expires DATE");
    }
}

/// Says what the paper cannot name, and whom a share could not be encrypted to.
fn tell_unknown(ctx: &Context, vault: &Vault, terms: &Terms) -> Result<()> {
    for name in &terms.to {
        let contact = vault.known_contact(name)?;
        let known = ContactValues::of(contact);
        let unknown = [
            (known.full_name.is_some(), "--full-name NAME"),
            (known.address.is_some(), "--address ADDRESS"),
            (contact.has_agreed(), "--agreement FILE"),
        ];
        let unknown = unknown.iter().filter(|(is_known, _)| !is_known);
        let unknown: Vec<&str> = unknown.map(|(_, option)| *option).collect();
        if !unknown.is_empty() {
            ctx.ui.hint(&format!(
                "the paper says little about {name}: vault contact edit {name:#} {}",
                unknown.join(" ")
            ));
        }
        if contact.recipients().is_empty() {
            ctx.warn(&format!(
                "{name} has no key on record: the permission will hold for shares with \
                 --passphrase only"
            ));
            ctx.ui.hint(&format!(
                "for shares to a key, note it before you ask: vault contact edit {name:#} --card FILE \
                 (they print it with `vault id --card`), or vault contact edit {name:#} --recipient KEY"
            ));
        }
    }
    Ok(())
}

fn unwritten(id: Uuid, why: Error) -> Error {
    why.prefixed("the request is remembered, but ")
        .hint(format!(
            "write it elsewhere: vault consent show {} --out FOLDER",
            number(id)
        ))
}

/// Gives the text, or says where it is, and then what else there is to tell; a script is given the
/// warnings with its answer.
fn answer(
    (ctx, args): (&Context, &PaperArgs),
    id: Uuid,
    text: &str,
    notes: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if let Some(out) = args.out() {
        let bytes = size(text.len() as u64);
        ctx.ui.note(&format!("wrote {} ({bytes})", out.display()));
        notes()?;
        ctx.answer(&[id.to_string()]);
        return Ok(());
    }
    if !ctx.ui.is_json() {
        ctx.ui.file(text.as_bytes())?;
        ctx.ui.flush()?;
        return notes();
    }
    notes()?;
    ctx.ui.json(&json!({
        "ok": true,
        "changed": [id],
        "warnings": ctx.warnings(),
        "request": text,
    }))
}

/// Says how the text gets to the client, and what comes back; `signed` is what they sign.
fn what_now(ctx: &Context, id: Uuid, whom: &str, signed: Option<&String>) {
    let number = number(id);
    ctx.ui.note(&format!(
        "Send it to {} as it is, in a mail or attached to one. They answer with the number {number}.",
        one_line(whom)
    ));
    ctx.ui.note("When the mail with the answer is back:");
    ctx.ui.note("  vault consent answer MAIL");
    if let Some(file) = signed {
        ctx.ui.note("When a signed file is back:");
        ctx.ui
            .note(&format!("  vault consent answer --signature {file}.sig"));
    }
}
