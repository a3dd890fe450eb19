//! Credentials that go to the client whose they are, in a file.

use std::path::PathBuf;

use super::share_file::{Out, new_passphrase, write};
use super::share_lines;
use crate::context::Context;
use crate::error::Result;
use crate::exchange::hand_over::{self, HandOverAsk};
use crate::model::records::client::Client;
use crate::model::records::record_id::number;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::session::Session;

/// Hands over, and tells it. Gives the file, if it is one.
pub(super) fn handed_over(
    ctx: &Context,
    session: Session,
    ask: &HandOverAsk,
    passphrase: Option<&Secret>,
    out: Out,
) -> Result<(Option<PathBuf>, Session)> {
    let (made, session) = ctx.change_and_stay(session, None, |vault, author| {
        hand_over::make(vault, ask, passphrase.cloned(), author)
    })?;
    let id = number(made.id);
    let here = PathBuf::from(format!("{}-{id}.age", made.client));
    let path = write(ctx, &id, (&made.to, &made.plaintext), out.path(here))?;
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
    Ok((path, session))
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
    entries: Vec<EntryPath>,
) -> Result<(Option<PathBuf>, Session)> {
    let has_key = client.vouched_keys().next().is_some();
    let passphrase = (!has_key).then(new_passphrase).transpose()?;
    let ask = HandOverAsk {
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
    handed_over(ctx, session, &ask, passphrase.as_ref(), Out::Here)
}
