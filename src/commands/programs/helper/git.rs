//! git's credential helper, see gitcredentials(7).

use zeroize::Zeroizing;

use super::login::{hand, meant, opened};
use super::operation::WantedOperation;
use super::stored::{TriedLogin, erase, store};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::logins::git_lines::{GitLogin, MESSAGE_BYTES, git_answer};
use crate::store::gate::Via;

/// What it is called in the log.
const NAME: &str = "git";
/// What tells several entries of one host apart.
const CHOICE: &str = "to choose one, name the user in git's URL (https://USER@HOST/…); or give the entries \
     URLs with the path of their repositories, and: git config --global credential.useHttpPath true";

const EXAMPLES: &str = "\
Examples:
  vault helper --setup git
  printf 'protocol=https\\nhost=git.example\\n' | vault helper git get

git calls it with get, store and erase, and with the login on stdin. get answers with the user name,
the secret and --expires. store keeps nothing unless --store names a client: then a login that worked
and is new goes there, and another secret of the one entry that fits after a question. erase, by which
git says that the host refused the login, deletes nothing: an entry that has this secret is flagged
refused-by-host and not given again, until the secret changes or the host takes it: type it at git's
question then.";

/// Options of `helper git`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    pub(super) wanted: WantedOperation,
}

/// Answers git.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for what is no message of git's; as the gate.
pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    match args.wanted.word() {
        Some("get") => get(ctx),
        Some("store") => {
            let Some(tried) = tried(ctx)? else {
                return Ok(());
            };
            let outcome = store(ctx, &tried, args.wanted.store())?;
            // Without --store nobody waits for a word about it.
            let is_told = args.wanted.store().is_some();
            if let Some(why) = outcome.why_not().filter(|_| is_told) {
                ctx.ui.note(why);
            }
            Ok(())
        }
        Some("erase") => match tried(ctx)? {
            Some(tried) => erase(ctx, &tried),
            None => Ok(()),
        },
        None => Err(
            Error::usage("git's helper is called with get, store or erase")
                .hint("to let git call it: vault helper --setup git"),
        ),
        // What git may want one day is not wanted from this one.
        Some(_) => Ok(()),
    }
}

fn message(ctx: &Context) -> Result<Zeroizing<Vec<u8>>> {
    let message = ctx.ui.stdin_message(MESSAGE_BYTES)?;
    if message.len() > MESSAGE_BYTES {
        return Err(Error::usage(format!(
            "git sends more than {MESSAGE_BYTES} bytes"
        )));
    }
    Ok(message)
}

fn get(ctx: &Context) -> Result<()> {
    let asked = GitLogin::read(&message(ctx)?)?;
    let Some(wanted) = asked.wanted() else {
        return Ok(());
    };
    let Some(session) = opened(ctx, NAME)? else {
        return Ok(());
    };
    let Some(fit) = meant(ctx, &session, &wanted, CHOICE)? else {
        return Ok(());
    };
    let current = fit.entry.known_field(&fit.path, "secret")?;
    let whose = fit.path.to_string();
    let username = fit.username().or(asked.username.as_deref());
    let expires = fit.entry.expires.value().copied();
    // Refused before it counts as handed out.
    git_answer(&whose, username, &current.to_secret(), expires)?;
    let host = wanted
        .places
        .first()
        .map(crate::model::logins::place::WebPlace::host);
    let via = Via::Helper {
        program: NAME,
        host: host.as_deref(),
    };
    let secret = hand(ctx, &session, &fit, &via)?;
    let answer = git_answer(&whose, username, &secret, expires)?;
    ctx.ui.bytes(answer.expose().as_bytes())
}

/// The login that git has tried, if it tells all of it.
fn tried(ctx: &Context) -> Result<Option<TriedLogin>> {
    let mut told = GitLogin::read(&message(ctx)?)?;
    let (Some(wanted), Some(secret)) = (told.wanted(), told.password.take()) else {
        return Ok(None);
    };
    Ok(Some(TriedLogin {
        program: NAME,
        wanted,
        secret,
        expires: told.expires,
        is_ephemeral: told.is_ephemeral,
    }))
}
