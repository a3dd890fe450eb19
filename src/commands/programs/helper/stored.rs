//! What a program says of a login that it tried: the host took it, or refused it.

use crate::context::Context;
use crate::error::Result;
use crate::model::entry::changes::Changes;
use crate::model::logins::fitting::{FittingLogin, WantedLogin};
use crate::model::records::slot::Slot;
use crate::model::rotation::pending::Replacement;
use crate::model::rotation::refused::TriedSecret;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

use super::login::{asked, listed, opened_to_change};

/// How many names are tried for a new entry.
const NAMES: usize = 9;

/// A login that a program has tried.
pub(super) struct TriedLogin {
    /// The program.
    pub(super) program: &'static str,
    /// Where, and for whom.
    pub(super) wanted: WantedLogin,
    /// What it tried.
    pub(super) secret: Secret,
}

impl TriedLogin {
    fn host(&self) -> String {
        let place = self.wanted.places.first();
        place.map_or_else(String::new, crate::model::logins::place::WebPlace::host)
    }

    fn username(&self) -> Option<&str> {
        self.wanted.username.as_deref()
    }

    /// The entries that have just this login.
    fn entries_with_it<'a>(&self, vault: &'a Vault) -> Result<Vec<FittingLogin<'a>>> {
        let mut fitting = vault.fitting(&self.wanted)?;
        fitting.retain(|fit| fit.has(&self.secret));
        Ok(fitting)
    }
}

/// Flags the entries whose secret the host has refused. Nothing is deleted.
///
/// # Errors
/// As a change of the vault.
pub(super) fn erase(ctx: &Context, tried: &TriedLogin) -> Result<()> {
    let Some(session) = opened_to_change(ctx)? else {
        return Ok(());
    };
    for path in note(ctx, session, tried, false)? {
        ctx.ui
            .warn(&format!("{} refused the secret of {path}", tried.host()));
        (ctx.ui).hint(&format!(
            "store the one that works: vault edit {path:#} --secret"
        ));
    }
    Ok(())
}

/// Notes of all entries with this login whether the host took it, where that is news.
fn note(
    ctx: &Context,
    session: Session,
    tried: &TriedLogin,
    is_taken: bool,
) -> Result<Vec<EntryPath>> {
    let kept = tried.entries_with_it(session.vault())?;
    let news = (kept.into_iter()).filter(|fit| is_taken == fit.entry.refused_by_host().is_some());
    let news = news.filter_map(|fit| Some((fit.entry.current("secret")?.id, fit.path)));
    let news: Vec<_> = news.collect();
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let host = tried.host();
    ctx.change(session, |vault, author| {
        for (version, path) in &news {
            let tried = TriedSecret {
                version: *version,
                is_taken,
                by_helper: Some((tried.program, &host)),
            };
            vault.note_tried(path, &tried, author)?;
        }
        Ok(())
    })?;
    Ok(news.into_iter().map(|(_, path)| path).collect())
}

/// What becomes of a login that worked and that no entry has.
enum NewLoginPlace {
    /// A new entry of this name.
    New(EntryPath),
    /// Another secret of the one that is for it.
    Instead(EntryPath),
    /// It is not kept, which is told.
    Nowhere(String),
}

/// What became of it.
pub(super) enum StoreOutcome {
    /// An entry has it.
    Done,
    /// None has it, and none is to be made by this program.
    NotSetUp,
    /// None has it, for this reason.
    Not(String),
}

/// Takes note of a login that worked. What is new is kept only where that was set up.
///
/// # Errors
/// As a change of the vault; [`crate::error::Kind::NeedsInput`] where a secret would take the place of
/// another and nobody can be asked.
pub(super) fn store(
    ctx: &Context,
    tried: &TriedLogin,
    client: Option<&ClientSlug>,
) -> Result<StoreOutcome> {
    let Some(session) = opened_to_change(ctx)? else {
        let locked = |client| format!("the vault is locked: nothing was stored for {client}");
        return Ok(client.map_or(StoreOutcome::NotSetUp, |client| {
            StoreOutcome::Not(locked(client))
        }));
    };
    if !tried.entries_with_it(session.vault())?.is_empty() {
        note(ctx, session, tried, true)?;
        return Ok(StoreOutcome::Done);
    }
    let Some(client) = client else {
        return Ok(StoreOutcome::NotSetUp);
    };
    match place(session.vault(), tried, client)? {
        NewLoginPlace::New(path) => {
            let mut changes = Changes::default();
            changes.values.username = tried.username().map(str::to_owned);
            changes.values.urls = tried
                .wanted
                .places
                .first()
                .map(ToString::to_string)
                .into_iter()
                .collect();
            changes.secrets = vec![(Slot::Secret, tried.secret.clone())];
            changes.check()?;
            ctx.change(session, |vault, author| vault.add(&path, changes, author))?;
            ctx.note_done(&format!("added {path}"));
            Ok(StoreOutcome::Done)
        }
        NewLoginPlace::Instead(path) => instead(ctx, session, tried, &path),
        NewLoginPlace::Nowhere(why) => Ok(StoreOutcome::Not(why)),
    }
}

fn instead(
    ctx: &Context,
    session: Session,
    tried: &TriedLogin,
    path: &EntryPath,
) -> Result<StoreOutcome> {
    let (program, host) = (tried.program, tried.host());
    let unasked = Unasked {
        needed: &format!(
            "{path} has another secret than {host} took, and replacing it needs a confirmation"
        ),
        instead: &format!("vault rotate {path:#}"),
    };
    let question = format!("{host} took another secret than {path} has. Store it there?");
    if !ctx.ui.confirm(&question, unasked)? {
        return Ok(StoreOutcome::Not(format!("kept {path} as it was")));
    }
    let new = Replacement {
        secret: tried.secret.clone(),
        reason: Some(format!("{program} logged in with it")),
        again: true,
    };
    ctx.change(session, |vault, author| vault.rotate(path, new, author))?;
    ctx.note_done(&format!(
        "rotated {path}: the old secret stays in the history"
    ));
    Ok(StoreOutcome::Done)
}

/// Where a login goes that no entry has: never to another client than the one that was named.
fn place(vault: &Vault, tried: &TriedLogin, client: &ClientSlug) -> Result<NewLoginPlace> {
    vault.known_client(client)?;
    let fitting = vault.fitting(&tried.wanted)?;
    match fitting.as_slice() {
        [] => {}
        [fit] if fit.path.client() == client && fit.username() == tried.username() => {
            return Ok(NewLoginPlace::Instead(fit.path.clone()));
        }
        all => {
            return Ok(NewLoginPlace::Nowhere(format!(
                "nothing was stored: {} fit {}, with another secret",
                listed(all),
                asked(&tried.wanted)
            )));
        }
    }
    let free = names(tried).find_map(|name| {
        let path: EntryPath = format!("{client}/{name}").parse().ok()?;
        vault.check_free(&path).is_ok().then_some(path)
    });
    Ok(free.map_or_else(
        || {
            NewLoginPlace::Nowhere(format!(
                "nothing was stored: {client} has no free name for {}",
                tried.host()
            ))
        },
        NewLoginPlace::New,
    ))
}

/// Names of a new entry, the best first: its host; with the user behind it; with a number.
fn names(tried: &TriedLogin) -> impl Iterator<Item = String> {
    let fit = |c: char| {
        if c.is_alphanumeric() || "._@+-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let host: String = tried
        .host()
        .trim_matches(['[', ']'])
        .chars()
        .map(fit)
        .collect();
    let user = tried.username().map(|user| {
        let user: String = user.chars().map(fit).collect();
        format!("{host}-{user}")
    });
    let numbered = host.clone();
    let numbers = (2..=NAMES).map(move |number| format!("{numbered}-{number}"));
    std::iter::once(host).chain(user).chain(numbers)
}
