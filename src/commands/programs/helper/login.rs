//! What all helpers do: open the vault without a question, find the one entry that is meant, hand its
//! secret out.

use crate::commands::reveal::hand_out::hand_out;
use crate::commands::reveal::share_terms::check_usable;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::entry::field::SECRET;
use crate::model::logins::fitting::{FittingLogin, FoundLogin, NearLogin, WantedLogin};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;
use crate::ui::time::local_time;

/// What is said once while nothing can be answered.
const LOCKED: &str = "the vault is locked";
/// How many entries are told that come near.
const NEAR_ONES: usize = 3;

/// The vault, if it is open or a password is at hand; else that is told in one hint.
///
/// # Errors
/// As [`Context::unlock`], but for a question that nobody can answer.
pub(super) fn opened(ctx: &Context, program: &str) -> Result<Option<Session>> {
    match ctx.unlock() {
        Ok(session) => Ok(Some(session)),
        Err(why) if why.kind() == Kind::NeedsInput => {
            (ctx.ui).hint(&format!(
                "{LOCKED}, and {program} gets no answer: vault unlock"
            ));
            Ok(None)
        }
        Err(why) => Err(why),
    }
}

/// As [`opened`], for a program that is told by an error.
///
/// # Errors
/// [`Kind::NeedsInput`] while the vault is locked.
pub(super) fn opened_or_refused(ctx: &Context) -> Result<Session> {
    ctx.unlock().map_err(|why| match why.kind() {
        Kind::NeedsInput => Error::needs_input(LOCKED).hint("open it first: vault unlock"),
        _ => why,
    })
}

/// The vault to be changed, if nobody has to be asked for its password.
///
/// # Errors
/// As [`Context::unlock_to_change`].
pub(super) fn opened_to_change(ctx: &Context) -> Result<Option<Session>> {
    if !ctx.names_a_key() && ctx.unlock_without_asking().is_none() {
        return Ok(None);
    }
    ctx.unlock_to_change().map(Some)
}

/// The one entry that is meant; where there is none but others come near, that is told.
///
/// # Errors
/// [`Kind::Integrity`] for a malformed record.
pub(super) fn meant<'a>(
    ctx: &Context,
    session: &'a Session,
    wanted: &WantedLogin,
    choice: &str,
) -> Result<Option<FittingLogin<'a>>> {
    match session.vault().found_login(wanted, ctx.now())? {
        FoundLogin::None(near) => tell_near(ctx, wanted, &near),
        FoundLogin::One(fit, over) => {
            for ended in &over {
                let (ended, path) = (&ended.path, &fit.path);
                ctx.ui
                    .note(&format!("{ended} has ended, and is passed over for {path}"));
            }
            if !tell_refused(ctx, &fit) {
                return Ok(Some(fit));
            }
        }
        FoundLogin::Expired(all) => {
            for fit in all {
                // The gate logs what it refuses.
                let why = check_not_expired(ctx, &fit.path, fit.entry)
                    .and_then(|()| check_usable(ctx, session, fit.entry));
                if let Err(why) = why {
                    ctx.ui.warn(why.message());
                    (why.next_step())
                        .into_iter()
                        .for_each(|step| ctx.ui.hint(step));
                }
            }
        }
        FoundLogin::Several(all) => {
            ctx.ui.warn(&format!(
                "{} fit {}, so none is given",
                listed(&all),
                asked(wanted)
            ));
            ctx.ui.hint(choice);
        }
    }
    Ok(None)
}

/// Tells what is for the host that was asked for, but not for the path.
fn tell_near(ctx: &Context, wanted: &WantedLogin, near: &[NearLogin]) {
    for it in near.iter().take(NEAR_ONES) {
        let (path, asked) = (&it.path, asked(wanted));
        let why = if it.differs_in_case {
            "the path of its URL differs in capital letters"
        } else {
            "its URL has another path"
        };
        ctx.ui
            .note(&format!("{path} is not given for {asked}: {why}"));
    }
}

/// Whether the host has refused the secret, which is told: the program asks for another then.
fn tell_refused(ctx: &Context, fit: &FittingLogin<'_>) -> bool {
    let Some(since) = fit.entry.refused_by_host() else {
        return false;
    };
    let path = &fit.path;
    ctx.ui.hint(&format!(
        "{path} is not given: its host refused it on {}; store what works: vault edit {path:#} --secret; \
         to see it: vault get {path:#}",
        local_time(since)
    ));
    true
}

/// Says that a host has refused the secret: which one, a program that names none cannot tell.
pub(super) fn warn_if_refused(ctx: &Context, path: &EntryPath, entry: &Entry) {
    if let Some(since) = entry.refused_by_host() {
        ctx.ui.warn(&format!(
            "{path} was refused by its host on {}, and is given all the same",
            local_time(since)
        ));
        ctx.ui
            .hint(&format!("store what works: vault edit {path:#} --secret"));
    }
}

/// The place that was asked for, as it is told.
pub(super) fn asked(wanted: &WantedLogin) -> String {
    let place = wanted.places.first().map(ToString::to_string);
    let place = place.unwrap_or_default();
    match &wanted.username {
        Some(user) => format!("{place} as {user}"),
        None => place,
    }
}

/// Paths, as they stand in a sentence.
pub(super) fn listed(all: &[FittingLogin<'_>]) -> String {
    let paths: Vec<String> = all.iter().map(|fit| fit.path.to_string()).collect();
    match paths.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => paths.concat(),
    }
}

/// Refuses what has expired by its own date.
///
/// # Errors
/// [`Kind::Refused`].
pub(super) fn check_not_expired(ctx: &Context, path: &EntryPath, entry: &Entry) -> Result<()> {
    match entry.expires.value() {
        Some(end) if *end <= ctx.now() => Err(Error::refused(format!(
            "{path} expired on {}, and is not given",
            local_time(*end)
        ))
        .hint(format!(
            "where it was renewed: vault edit {path:#} --secret --expires WHEN"
        ))),
        _ => Ok(()),
    }
}

/// The secret, handed out to a program that asked for a host.
///
/// # Errors
/// As `hand_out`.
pub(super) fn hand(
    ctx: &Context,
    session: &Session,
    fit: &FittingLogin<'_>,
    via: &Via<'_>,
) -> Result<Secret> {
    let found = fit.entry.known_field(&fit.path, SECRET)?;
    let item = RevealedItem::field(&fit.path, fit.entry, &found);
    hand_out(ctx, session, &[item], via)?;
    Ok(found.to_secret())
}
