//! Credentials that go to the client whose they are, in a file.

use std::path::PathBuf;

use super::share_file::{Out, file_name, new_passphrase, page_words, sealed, tell_page, write};
use super::share_lines;
use crate::context::Context;
use crate::error::Result;
use crate::exchange::hand_over::{self, HandOverAsk};
use crate::model::records::client::Client;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::store::session::Session;

/// Hands over, and tells it. Gives the file, if it is one.
pub(super) fn handed_over(
    ctx: &Context,
    session: Session,
    ask: &HandOverAsk,
    (passphrase, as_page): (Option<&Secret>, bool),
    out: Out,
) -> Result<(Option<PathBuf>, Session)> {
    let (made, session) = ctx.change_and_stay(session, None, |vault, author| {
        hand_over::make(vault, ask, passphrase.cloned(), author)
    })?;
    let id = number(made.id);
    let page = as_page.then(|| lang_of(session.vault(), &made.client));
    let here = file_name(&format!("{}-{id}", made.client), page);
    let file = sealed(session.vault(), made.id, (&made.to, &made.plaintext), page);
    let written = file.as_deref().map_err(Clone::clone);
    let path = write(ctx, &id, written, out.path(here))?;
    if let Some(words) = passphrase {
        ctx.ui.passphrase(words);
    }
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.mark_handed_over(made.id, author)
    })?;
    share_lines::tell_items(ctx, &made.items);
    let client = &made.client;
    ctx.ui.note(&format!(
        "handed over to {client}, number {id}: a letter that opens with plain age, and with vault \
         receive; it is theirs and does not end"
    ));
    if let (Some(words), Ok(file)) = (page_words(session.vault(), page)?, &file) {
        tell_page(ctx, &words, file);
    }
    Ok((path, session))
}

/// The language that the client reads.
pub(super) fn lang_of(vault: &Vault, slug: &str) -> Lang {
    let client = vault.client(slug);
    let lang = client.and_then(|client| client.lang.value()?.parse().ok());
    lang.unwrap_or_default()
}

/// Hands these entries over in a file of the usual name: for the client's key, or with a passphrase
/// where none is known. In a dry run nothing is encrypted and no file is written.
///
/// # Errors
/// As [`hand_over::make`]; [`crate::error::Kind::Failed`] when the file cannot be written.
pub(crate) fn hand_all_over(
    ctx: &Context,
    session: Session,
    client: &Client,
    (entries, as_page): (Vec<EntryPath>, bool),
) -> Result<(Option<PathBuf>, Session)> {
    let has_key = client.vouched_keys().next().is_some();
    let passphrase = (as_page || !has_key).then(new_passphrase).transpose()?;
    let ask = HandOverAsk {
        proof: ctx.prove_all(&session, &entries)?,
        entries,
        fields: Vec::new(),
        person: None,
    };
    if ctx.rehearses() {
        let (made, session) = ctx.change_and_stay(session, None, |vault, author| {
            hand_over::make(vault, &ask, passphrase, author)
        })?;
        share_lines::tell_items(ctx, &made.items);
        ctx.note_done(&format!("handed over to {}", made.client));
        return Ok((None, session));
    }
    handed_over(
        ctx,
        session,
        &ask,
        (passphrase.as_ref(), as_page),
        Out::Here,
    )
}
