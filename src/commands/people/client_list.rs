//! `vault client list`: the clients whom there is work for, or those who are closed.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::Result;
use crate::model::records::client::{Assurance, Client};
use crate::ui::Shown;
use crate::ui::time::{day, relative};

/// Lists those that have `part` in a name, closed ones alone or not at all.
pub(super) fn list(ctx: &Context, part: &str, closed: bool) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let counts = vault.count_entries()?;
    let entries = |client: &Client| counts.get(&client.id).map_or(0, |held| held.live);
    let (mut clients, others): (Vec<&Client>, Vec<&Client>) = vault
        .live_clients()
        .partition(|client| client.closed().is_some() == closed);
    clients.sort_by_key(|client| client.slug());
    let is_empty = clients.is_empty();
    let part = part.to_lowercase();
    clients.retain(|client| {
        let mut names = [Some(client.slug()), client.name.value().map(String::as_str)].into_iter();
        names.any(|name| name.is_some_and(|name| name.to_lowercase().contains(&part)))
    });
    let now = ctx.now();
    let shown = clients.iter().map(|client| {
        let named = Shown::default()
            .field("client", "CLIENT", client.slug())
            .field("name", "NAME", client.name.value());
        if closed {
            return with_end(named, client, now);
        }
        let until = client.retain_until.value();
        named
            .field("entries", "ENTRIES", entries(client))
            .json("retain_until", until)
            .text("RETAIN UNTIL", until.map(|until| relative(*until, now)))
            .told(
                "min_assurance",
                "CONSENT",
                client.min_assurance.value(),
                least(client),
            )
    });
    let none = match (is_empty, closed) {
        (true, true) => "no client is closed",
        (true, false) => "no clients yet",
        (false, _) => "no client is called so",
    };
    ctx.ui.list(shown, none)?;
    if !closed && !others.is_empty() {
        let count = match others.len() {
            1 => "1 client is closed".to_owned(),
            count => format!("{count} clients are closed"),
        };
        ctx.ui.note(&format!("{count}: vault client list --closed"));
    }
    Ok(())
}

fn with_end(shown: Shown, client: &Client, now: Timestamp) -> Shown {
    let (closed, until) = (client.closed(), client.records_until());
    let told = |time: Option<Timestamp>| time.map(|time| day(time, now));
    shown
        .json("closed", closed)
        .text("CLOSED", told(closed))
        .json("records_until", until)
        .text("RECORDS UNTIL", told(until))
}

/// The least that a consent has to be, as it is noted or by default.
pub(super) fn least(client: &Client) -> String {
    let default = Assurance::Document.to_string();
    client.min_assurance.value().cloned().unwrap_or(default)
}
