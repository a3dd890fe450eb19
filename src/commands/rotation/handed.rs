//! A new secret on its way to whoever rotates: it is kept, and then printed or copied.

use serde::Serialize;
use serde_json::{Map, Value};

use super::steps::{not_copied, unprinted};
use crate::commands::reveal::clip::Clip;
use crate::context::Context;
use crate::error::Result;
use crate::model::rotation::pending::{Replacement, VersionRef, settle};
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::session::Session;

/// Takes the new secret into use: there is nobody to ask whether the site has it.
pub(super) fn at_once(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    new: Replacement,
    clip: Option<&Clip>,
) -> Result<(VersionRef, Session)> {
    let shown = new.to.is_shown().then(|| new.secret.clone());
    let (which, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.rotate(path, new, author)
    })?;
    if let Some((secret, clip)) = shown.zip(clip) {
        clip.copy(ctx, &secret)
            .map_err(|why| not_copied(path, which, &why))?;
    }
    Ok((which, session))
}

/// Keeps the new secret as pending, and prints it once; a typed one is known already.
pub(super) fn begin(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    new: Replacement,
    clip: Option<&Clip>,
) -> Result<()> {
    let secret = new.secret.clone();
    let shown = new.to.is_shown().then_some(&secret);
    let (which, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.begin_rotation(path, new, author)
    })?;
    let copied = shown.zip(clip).map(|(secret, clip)| clip.copy(ctx, secret));
    let copied = copied.transpose();
    let copied = copied.map_err(|why| not_copied(path, which, &why))?;
    let shown = shown.filter(|_| copied.is_none());
    let printed = if ctx.ui.is_json() {
        answer_begun(ctx, &session, path, which, shown)
    } else {
        shown.map_or(Ok(()), |secret| ctx.ui.reveal(secret, true))
    };
    printed
        .and_then(|()| ctx.ui.flush())
        .map_err(|why| unprinted(path, which, &why))?;
    if !ctx.ui.is_json() {
        ctx.ui
            .note(&format!("version {} of {path} is pending", which.number));
        ctx.ui.hint(&settle(path));
    }
    Ok(())
}

fn answer_begun(
    ctx: &Context,
    session: &Session,
    path: &EntryPath,
    which: VersionRef,
    shown: Option<&Secret>,
) -> Result<()> {
    let entry = session.vault().entry(path)?;
    let fields = entry.visible_fields();
    ctx.ui.json(&BegunRotation {
        path: &path.to_string(),
        version: which.number,
        secret: shown.map(Secret::expose),
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect(),
        ok: true,
        changed: &[path.to_string()],
        warnings: &ctx.warnings(),
    })
}

/// What a script gets from `--begin`: what `get` answers, and what a change answers.
#[derive(Serialize)]
struct BegunRotation<'a> {
    path: &'a str,
    version: u32,
    secret: Option<&'a str>,
    fields: Map<String, Value>,
    ok: bool,
    changed: &'a [String],
    warnings: &'a [String],
}
