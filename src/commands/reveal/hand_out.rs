//! Hands out what an entry holds, through the gate.

use super::clock_check::note_if_needless;
use crate::context::Context;
use crate::context::devices::device_name;
use crate::error::Result;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;
use crate::ui::time::local_time;

/// As [`Session::reveal`], telling the user; then the clients' rules are shown.
pub(crate) fn hand_out(
    ctx: &Context,
    session: &Session,
    items: &[RevealedItem<'_>],
    via: &Via<'_>,
) -> Result<()> {
    let shown = items.iter().filter(|item| item.is_shown(via));
    ctx.prove(session, shown.map(|item| (item.path(), item.entry())))?;
    let revealed = session.reveal(items, via, ctx.clock(), &|text| ctx.warn(text))?;
    note_if_needless(ctx, revealed.clock);
    for item in items {
        warn_of_another(ctx, session, item);
    }
    if !revealed.is_secret {
        return Ok(());
    }
    let mut clients: Vec<&EntryPath> = items.iter().map(RevealedItem::path).collect();
    clients.sort_by_key(|path| path.client());
    clients.dedup_by_key(|path| path.client());
    for path in clients {
        warn_of_retention(ctx, session.vault(), path);
        remind_of_rules(ctx, session.vault(), path);
    }
    Ok(())
}

/// Says that two devices have set apart what is handed out, and which of both this is.
fn warn_of_another(ctx: &Context, session: &Session, item: &RevealedItem<'_>) {
    let Some(apart) = item.set_apart() else {
        return;
    };
    let on = device_name(session, apart.device);
    let which = (apart.which.as_ref()).map_or_else(String::new, |which| format!("{which}, "));
    ctx.warn(&format!(
        "{} of {} was set apart on two devices: this is {which}from {on}; vault conflicts shows both",
        apart.what,
        item.path(),
    ));
}

/// Says that a client's credentials are kept longer than was agreed.
fn warn_of_retention(ctx: &Context, vault: &Vault, path: &EntryPath) {
    let client = vault.client(path.client().as_str());
    if let Some((client, end)) = client.and_then(|it| Some((it, it.retention_ended(ctx.now())?))) {
        ctx.warn(&format!(
            "{}'s data may be kept until {} only, which is past",
            client.slug(),
            local_time(end)
        ));
    }
}

/// Repeats the client's rules to a person to whom a secret is about to be shown.
pub(crate) fn remind_of_rules(ctx: &Context, vault: &Vault, path: &EntryPath) {
    let is_seen = ctx.ui.stdout_is_terminal() && ctx.ui.stderr_is_terminal() && !ctx.ui.is_json();
    let Some(client) = vault.client(path.client().as_str()).filter(|_| is_seen) else {
        return;
    };
    if let Some(rules) = client.rules.value() {
        ctx.ui.note(&format!("{} asks:", client.called()));
        for line in rules.lines() {
            ctx.ui.note(&format!("  {line}"));
        }
    }
}
