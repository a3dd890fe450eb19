//! `vault consent request`: a text for the client to sign.

use std::path::PathBuf;

use serde_json::json;
use uuid::Uuid;

use crate::commands::args::consent_terms::{TermsArgs, tell_coverage};
use crate::commands::args::document::Target;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::request::{Lang, Request, file_name};
use crate::model::records::record_id::short;
use crate::model::text::limits::PURPOSE_CHARS;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::store::disk::file::{InPlace, Prepared};
use crate::ui::size;

/// Examples in the help of `consent request`.
pub const EXAMPLES: &str = "\
Examples:
  vault consent request acme --to bob --scope acme/wordpress --purpose 'fix the shop' --out ask.txt
  vault consent request acme --to bob --scope 'acme/shop/*' --field username --field secret \\
      --purpose 'relaunch' --expires 30d --lang de --as 'Jane Doe' --out ask.txt

The client signs the text as it is, with: ssh-keygen -Y sign -n vault-consent -f KEY ask.txt
The answer is filed with: vault consent add acme --request ask.txt --signature ask.txt.sig";

/// Options of `consent request`.
#[derive(clap::Args, Debug)]
pub struct RequestArgs {
    /// The client's short name
    client: ClientSlug,
    #[command(flatten)]
    terms: TermsArgs,
    /// The language of the text: en or de
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    /// Your name, as the client knows you
    #[arg(long = "as", value_name = "NAME")]
    asker: Option<String>,
    /// Write the text to this new file [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes a text that asks for a consent, and remembers it.
pub fn run(args: &RequestArgs, ctx: &Context) -> Result<()> {
    let terms = args.terms.terms(ctx, &args.client, None)?;
    check_asker(args.asker.as_deref())?;
    let out = args.out.as_ref().filter(|out| out.as_os_str() != "-");
    out.map(|out| Target::new(ctx, out)).transpose()?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    vault.check_terms(&terms)?;
    let id = Uuid::new_v4();
    let agreed = vault.agreed_terms(id, &terms)?;
    let name = out.and_then(|out| out.file_name());
    let file = name.map_or_else(|| file_name(id), |name| as_word(name.display()));
    let request = Request {
        terms: &agreed,
        lang: args.lang,
        asker: args.asker.as_deref(),
        now: ctx.now(),
        file: &file,
    };
    let text = request.text(vault)?;
    tell_coverage(ctx, vault, &terms)?;
    if vault.known_client(&args.client)?.keys().is_empty() {
        ctx.warn(&format!(
            "{0} has no key on record, and a signature counts only by a key that was recorded \
             before: vault client edit {0:#} --key FILE --key-verified HOW",
            args.client
        ));
    }
    if vault.known_contact(&terms.to)?.recipients().is_empty() {
        ctx.warn(&format!(
            "{0} has no key on record: the permission will hold for shares with --passphrase only. \
             For shares to a key, note it before you ask: vault contact edit {0:#} --card FILE \
             (they print it with `vault id --card`), or vault contact edit {0:#} --recipient KEY",
            terms.to
        ));
    }
    // Written beside its place first, so that a folder that takes no file is noticed in time.
    let prepared = out.map(|out| Prepared::write(out, text.as_bytes()));
    let prepared = prepared.transpose()?;
    ctx.change(session, |vault, author| {
        vault.request_consent(&terms, &agreed, &text, author)
    })?;
    if let Some(prepared) = prepared {
        prepared
            .create()
            .and_then(InPlace::sync)
            .map_err(|why| unwritten(id, why))?;
    }
    args.terms.tell_default(ctx, &terms);
    answer(args, ctx, id, &text)
}

fn check_asker(name: Option<&str>) -> Result<()> {
    let length = name.map_or(1, |name| name.trim().chars().count());
    if length == 0 || length > PURPOSE_CHARS {
        return Err(Error::usage(format!(
            "--as has {length} characters; it needs 1 to {PURPOSE_CHARS}"
        )));
    }
    Ok(())
}

fn unwritten(id: Uuid, why: Error) -> Error {
    why.prefixed("the request is remembered, but ")
        .hint(format!(
            "write it elsewhere: vault consent show {} --evidence FILE",
            short(id)
        ))
}

fn answer(args: &RequestArgs, ctx: &Context, id: Uuid, text: &str) -> Result<()> {
    let file = match &args.out {
        Some(out) if out.as_os_str() != "-" => {
            let bytes = size(text.len() as u64);
            ctx.ui.note(&format!("wrote {} ({bytes})", out.display()));
            ctx.answer(&[id.to_string()]);
            as_word(out.display())
        }
        _ => {
            print(ctx, id, text)?;
            file_name(id)
        }
    };
    ctx.ui.note(&format!(
        "Send it to {} as it is. When the signed file is back:",
        args.client
    ));
    ctx.ui.note(&format!(
        "  vault consent add {:#} --request {file} --signature {file}.sig",
        args.client
    ));
    Ok(())
}

fn print(ctx: &Context, id: Uuid, text: &str) -> Result<()> {
    if ctx.ui.is_json() {
        return ctx.ui.json(&json!({
            "ok": true,
            "changed": [id],
            "warnings": ctx.warnings(),
            "request": text,
        }));
    }
    ctx.ui.file(text.as_bytes())?;
    ctx.ui.flush()
}
