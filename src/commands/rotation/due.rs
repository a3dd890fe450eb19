//! `vault rotate --due`: walks a person through all that is due.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use super::steps::{RotationPace, SecretOrigin, ask_and_confirm, ask_secret, in_step};
use crate::commands::reveal::clip::Clip;
use crate::commands::reveal::{exposure, share_terms};
use crate::context::Context;
use crate::crypto::random;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::field::SECRET;
use crate::model::entry::generate::Recipe;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::RecordId;
use crate::model::rotation::due::{DueEntry, DueReason};
use crate::model::rotation::exposure::{IN_TRASH, remedies};
use crate::model::rotation::pending::{Replacement, VersionRef};
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::vault::Vault;
use crate::ui::Unasked;
use crate::ui::time::relative;

const UNASKED: Unasked<'_> = Unasked {
    needed: "rotate --due asks about each entry",
    instead: "vault list --json has the flags rotate and expired; then, for each: vault rotate ENTRY --begin --generate",
};

/// What a person says about one entry.
enum DueAnswer {
    Generate,
    Type,
    Skip,
    Quit,
}

/// How what is due gets its new secrets.
pub(crate) struct HowToRotate<'a> {
    /// How they are made up.
    pub(crate) recipe: Recipe,
    /// Why, for the history.
    pub(crate) reason: Option<&'a str>,
    /// Where they go instead of the screen.
    pub(crate) clip: Option<&'a Clip>,
}

/// What of all that is due is meant.
pub(super) struct DueSelection<'a> {
    /// What is this client's.
    pub(super) client: Option<&'a ClientSlug>,
    /// What this incident reaches.
    pub(super) incident: Option<&'a RecordId>,
}

impl DueSelection<'_> {
    pub(super) fn of(&self, vault: &Vault, now: Timestamp) -> VaultResult<Vec<DueEntry>> {
        let client = self.client.map(|slug| vault.known_client(slug));
        let mut due = vault.due(client.transpose()?.map(|it| it.id), now)?;
        if let Some(id) = self.incident {
            let incident = vault.incident(id)?;
            let later = vault.reached_later(incident)?;
            let reached = incident.affected.iter().chain(&later);
            let reached: HashSet<Uuid> = reached.map(|it| it.entry).collect();
            due.retain(|it| reached.contains(&it.id));
        }
        Ok(due)
    }
}

/// Walks through what is due.
pub(super) fn run(ctx: &Context, meant: &DueSelection<'_>, how: &HowToRotate<'_>) -> Result<()> {
    if !ctx.rehearses() && (ctx.ui.is_json() || !ctx.ui.can_ask()) {
        let needed = format!("{}, and there is nobody to ask", UNASKED.needed);
        return Err(Error::needs_input(needed).hint(UNASKED.instead).into());
    }
    let mut session = ctx.unlock_to_change()?;
    let due = meant.of(session.vault(), ctx.now())?;
    if due.is_empty() {
        ctx.ui.note("nothing is due");
    }
    let mut foretold = Vec::new();
    for (at, DueEntry { id, path, why }) in due.iter().enumerate() {
        let entry = session.vault().entries.by_id(*id)?;
        let exposures = session.vault().exposures(ctx.now())?;
        let known = exposures.known_slots(entry);
        let line = line(ctx, session.vault(), path, *why, entry);
        let pending = entry.pending().map(VersionRef::from);
        ctx.ui.note(&format!("{} of {}: {line}", at + 1, due.len()));
        if entry.is_removed() {
            let change = remedies(path, entry, &known).join("; ");
            ctx.ui.note(&format!("it {IN_TRASH}: {change}"));
            ctx.ui.hint(&format!(
                "once it is changed at the site: vault trash empty {path:#}"
            ));
            continue;
        }
        exposure::note_others(ctx, path, &known);
        if !is_secret_due(entry, &known, ctx) {
            continue;
        }
        if ctx.rehearses() {
            foretold.push(path.to_string());
            continue;
        }
        if let Some(which) = pending {
            ctx.ui.note(&format!("version {} is pending", which.number));
            session = ask_and_confirm(ctx, session, path, which)?;
            continue;
        }
        if let Err(why) = share_terms::check_usable(ctx, &session, entry) {
            ctx.ui.note(&why.to_string());
            continue;
        }
        if !share_terms::may_change(ctx, session.vault(), entry, false)? {
            continue;
        }
        let (secret, origin) = match choose(ctx)? {
            DueAnswer::Generate => (how.recipe.draw(random::below), SecretOrigin::Generated),
            DueAnswer::Type => (ask_secret(ctx, path, false)?, SecretOrigin::Typed),
            DueAnswer::Skip => continue,
            DueAnswer::Quit => break,
        };
        let reason = how.reason.map(str::to_owned);
        let to = RotationPace::InStep.hands_to(ctx, &session, path, (origin, how.clip))?;
        let new = Replacement {
            secret,
            reason,
            again: false,
            to,
        };
        session = in_step(ctx, session, path, new, how.clip)?;
    }
    if ctx.rehearses() {
        ctx.list_rehearsed(&foretold)?;
        let note = format!("asked about {} of {}", foretold.len(), due.len());
        ctx.answer_change(&note, &foretold);
    }
    Ok(())
}

/// Whether a new secret would help: what is known may be other fields and files only.
pub(super) fn is_secret_due(entry: &Entry, known: &BTreeSet<String>, ctx: &Context) -> bool {
    known.contains(SECRET) || entry.due(ctx.now()).is_some()
}

/// Which one, why, and where to go for it.
fn line(ctx: &Context, vault: &Vault, path: &EntryPath, why: DueReason, entry: &Entry) -> String {
    let now = ctx.now();
    let why = match why {
        DueReason::Exposed(how) => exposure::reason(vault, how, now),
        DueReason::Compromised(it) => exposure::compromise(it, now),
        DueReason::Rule(since) => format!("due {} by its own rule", relative(since, now)),
        DueReason::Expired(since) => format!("expired {}", relative(since, now)),
    };
    let user = entry.username.value().map(|name| format!("user {name}"));
    let url = entry.urls().first().cloned();
    let login: Vec<String> = user.into_iter().chain(url).collect();
    if login.is_empty() {
        return format!("{path}: {why}");
    }
    format!("{path} ({}): {why}", login.join(", "))
}

fn choose(ctx: &Context) -> VaultResult<DueAnswer> {
    loop {
        let question = "[g]enerate a new secret, [t]ype one, [S]kip, [q]uit";
        let answer = ctx.ui.ask_line(question, UNASKED)?;
        match answer.trim().to_lowercase().as_str() {
            "g" | "generate" => return Ok(DueAnswer::Generate),
            "t" | "type" => return Ok(DueAnswer::Type),
            "" | "s" | "skip" => return Ok(DueAnswer::Skip),
            "q" | "quit" => return Ok(DueAnswer::Quit),
            _ => ctx.ui.note("please answer g, t, s or q"),
        }
    }
}
