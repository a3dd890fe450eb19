//! `vault ssh-agent --list`: the SSH keys of the vault, and where each may be used.

use super::bounds::bounds_of;
use super::offers::{KeyOffer, key_offers, usable};
use crate::agent::ssh::sockets::SshPlace;
use crate::context::Context;
use crate::error::Result;
use crate::model::ssh::binding::fingerprint;
use crate::model::ssh::key_terms::{BoundPlace, KeyBounds};
use crate::model::text::name::ClientSlug;
use crate::ui::Shown;

/// Shows the keys of a client, or all.
pub(super) fn run(client: Option<&ClientSlug>, place: &SshPlace, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    if let Some(client) = client {
        session.vault().known_client(client)?;
    }
    let offers = key_offers(&session, client)?;
    let all: Vec<String> = offers.iter().map(KeyOffer::name).collect();
    let usable: Vec<String> = usable(&session, key_offers(&session, client)?, ctx.now())?
        .iter()
        .map(KeyOffer::name)
        .collect();
    let shown = offers.iter().map(|offer| {
        let is_usable = usable.contains(&offer.name());
        let socket = place.socket_of(offer.path.client());
        shown(offer, &bounds_of(ctx, offer.entry), is_usable).json("socket", socket)
    });
    let shown: Vec<Shown> = shown.collect();
    ctx.ui.list(
        &shown,
        "No entry has an SSH key: it is the secret, or an attached file.",
    )?;
    if !usable.is_empty() {
        ctx.ui.note(&format!(
            "Sockets, while vault ssh-agent runs: {}, and for one client's keys {}",
            place.socket().display(),
            place.clients().join("CLIENT.sock").display()
        ));
    }
    if all.len() > usable.len() {
        ctx.ui
            .note("What came with a share that has ended is not offered.");
    }
    Ok(())
}

fn shown(offer: &KeyOffer<'_>, bounds: &KeyBounds, is_usable: bool) -> Shown {
    let (kind, key, problem) = match &offer.key {
        Ok(key) if is_usable => (Some(key.kind()), Some(fingerprint(&key.public())), None),
        Ok(key) => (
            Some(key.kind()),
            None,
            Some("its share has ended".to_owned()),
        ),
        Err(problem) => (None, None, Some(problem.to_string())),
    };
    let places: Vec<String> = bounds.places.iter().map(place).collect();
    let told = match &problem {
        Some(problem) => format!("not offered: {problem}"),
        None if !bounds.is_bound => "anywhere".to_owned(),
        None if places.is_empty() => "nowhere: its URL cannot be read".to_owned(),
        None => places.join(", "),
    };
    let told = match bounds.unused_host_keys.as_slice() {
        [] => told,
        unused => format!(
            "{told} (host-key does not say of which server: {})",
            unused.join(" ")
        ),
    };
    let signs = match &bounds.namespaces {
        _ if problem.is_some() => String::new(),
        Some(named) => named.join(", "),
        None if bounds.is_bound => "no files".to_owned(),
        None => "all".to_owned(),
    };
    Shown::default()
        .field("key", "KEY", offer.name())
        .field("type", "TYPE", kind)
        .json("fingerprint", key)
        .json("offered", problem.is_none())
        .json("problem", &problem)
        .json("bound", bounds.is_bound)
        .told("hosts", "LOGS IN AT", &places, told)
        .told("namespaces", "SIGNS", &bounds.namespaces, signs)
}

fn place(place: &BoundPlace) -> String {
    let user = place.user.as_ref().map(|user| format!("{user}@"));
    let name = match (place.name.as_str(), place.host_keys.as_slice()) {
        ("", keys) => keys.join(" "),
        (name, []) => format!("{name} (whose key is not known)"),
        (name, _) => name.to_owned(),
    };
    format!("{}{name}", user.unwrap_or_default())
}
