//! What a program says of a login that it tried: the host took it, or refused it.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::Result;
use crate::model::entry::changes::{Changes, Unset};
use crate::model::entry::fields::EntryField;
use crate::model::logins::fitting::{FittingLogin, WantedLogin};
use crate::model::logins::place::WebPlace;
use crate::model::records::slot::Slot;
use crate::model::rotation::pending::{NewSecretTo, Replacement};
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
    /// When it ends, if that was told.
    pub(super) expires: Option<Timestamp>,
    /// Whether nobody is to keep it.
    pub(super) is_ephemeral: bool,
}

impl TriedLogin {
    fn place(&self) -> Option<&WebPlace> {
        self.wanted.places.first()
    }

    fn host(&self) -> String {
        self.place().map_or_else(String::new, WebPlace::host)
    }

    fn username(&self) -> Option<&str> {
        self.wanted.username.as_deref()
    }

    /// The entries that have just this login.
    fn entries_with_it<'a>(&self, vault: &'a Vault) -> Result<Vec<FittingLogin<'a>>> {
        let mut fitting = self.wanted.of_user(vault.all_at(&self.wanted, true)?);
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
    /// None has it, for this reason.
    Not(String),
}

impl StoreOutcome {
    /// Why no entry has it.
    pub(super) fn why_not(&self) -> Option<&str> {
        match self {
            Self::Done => None,
            Self::Not(why) => Some(why),
        }
    }
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
        let named = client.map_or_else(String::new, |client| format!(" for {client}"));
        return Ok(StoreOutcome::Not(format!(
            "the vault is locked: nothing was stored{named}; vault unlock"
        )));
    };
    if !tried.entries_with_it(session.vault())?.is_empty() {
        note(ctx, session, tried, true)?;
        return Ok(StoreOutcome::Done);
    }
    if let Some(why) = unstored(ctx, session.vault(), tried, client)? {
        return Ok(StoreOutcome::Not(format!("nothing was stored: {why}")));
    }
    let Some(client) = client else {
        return Ok(StoreOutcome::Done);
    };
    match place(session.vault(), tried, client)? {
        NewLoginPlace::New(path) => {
            let mut changes = Changes::default();
            changes.values.username = tried.username().map(str::to_owned);
            changes.values.urls = tried.place().map(ToString::to_string).into_iter().collect();
            changes.values.expires = tried.expires;
            changes.secrets = vec![(Slot::Secret, tried.secret.clone())];
            changes.check()?;
            ctx.change(session, |vault, author| vault.add(&path, changes, author))?;
            ctx.note_done(&format!("added {path}"));
            Ok(StoreOutcome::Done)
        }
        NewLoginPlace::Instead(path) => instead(ctx, session, tried, &path),
        NewLoginPlace::Nowhere(why) => Ok(StoreOutcome::Not(format!("nothing was stored: {why}"))),
    }
}

/// Why a login that no entry has is not to be stored, whatever else the vault has.
fn unstored(
    ctx: &Context,
    vault: &Vault,
    tried: &TriedLogin,
    client: Option<&ClientSlug>,
) -> Result<Option<String>> {
    let place = asked(&tried.wanted);
    if client.is_none() {
        let fitting = vault.fitting(&tried.wanted)?;
        return Ok(Some(match fitting.as_slice() {
            [] => format!(
                "the vault has no login for {place}, and adds none by itself; to do it: \
                 vault add CLIENT/NAME --username USER --url URL"
            ),
            [fit] => format!(
                "{} has another secret for {place}; to change it: vault edit {:#} --secret",
                fit.path, fit.path
            ),
            all => format!("{} fit {place}, with another secret", listed(all)),
        }));
    }
    if tried.is_ephemeral {
        return Ok(Some(format!(
            "the login for {place} is good for this time only"
        )));
    }
    if tried.expires.is_some_and(|end| end <= ctx.now()) {
        return Ok(Some(format!("the login for {place} has ended")));
    }
    if !tried.place().is_some_and(WebPlace::is_private) {
        return Ok(Some(format!(
            "{place} is spoken to without encryption, and only what is at https is stored"
        )));
    }
    Ok(None)
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
        instead: &format!("store it yourself: vault edit {path:#} --secret"),
    };
    let question = format!("{host} took another secret than {path} has. Store it there?");
    if !ctx.ui.confirm(&question, unasked)? {
        return Ok(StoreOutcome::Not(format!("kept {path} as it was")));
    }
    let new = Replacement {
        secret: tried.secret.clone(),
        reason: Some(format!("{program} logged in with it")),
        again: true,
        to: NewSecretTo::Nobody,
    };
    let ends = |vault: &Vault, now| -> Result<Option<Changes>> {
        let has_ended = vault
            .entry(path)?
            .expires
            .value()
            .is_some_and(|end| *end <= now);
        let mut changes = Changes::default();
        changes.values.expires = tried.expires;
        if tried.expires.is_none() && has_ended {
            changes.unset = vec![Unset::Field(EntryField::Expires)];
        }
        Ok((tried.expires.is_some() || has_ended).then_some(changes))
    };
    ctx.change(session, |vault, author| {
        // The end of the old one is not that of the new one.
        if let Some(changes) = ends(vault, author.now)? {
            vault.edit(path, changes, author)?;
        }
        vault.rotate(path, new, author)
    })?;
    ctx.note_done(&format!(
        "rotated {path}: the old secret stays in the history"
    ));
    Ok(StoreOutcome::Done)
}

/// Where a login goes that no entry has: never to another client than the one that was named.
fn place(vault: &Vault, tried: &TriedLogin, client: &ClientSlug) -> Result<NewLoginPlace> {
    vault.known_client(client)?;
    // A URL without a path is for all of the host.
    let everywhere = WantedLogin {
        has_path: tried.wanted.has_path && tried.place().is_some_and(|it| !it.path().is_empty()),
        ..tried.wanted.clone()
    };
    let rivals = everywhere.of_user(vault.all_at(&everywhere, false)?);
    let meant = vault.fitting(&tried.wanted)?;
    match rivals.as_slice() {
        [] => {}
        [fit]
            if fit.path.client() == client
                && fit.username() == tried.username()
                && meant.iter().any(|it| it.path == fit.path) =>
        {
            return Ok(NewLoginPlace::Instead(fit.path.clone()));
        }
        all => {
            let fit = if all.len() == 1 { "fits" } else { "fit" };
            return Ok(NewLoginPlace::Nowhere(format!(
                "{} {fit} {} already, with another secret or none; to change one: vault edit ENTRY --secret",
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
        || NewLoginPlace::Nowhere(format!("{client} has no free name for {}", tried.host())),
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
