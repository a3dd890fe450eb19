//! `vault rotate --exec`: a program of the user's changes the secret on the site, and the vault
//! follows. The new secret is safe as pending before the program is told of it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use serde::Serialize;

use super::steps::note_rotated;
use crate::commands::reveal::hand_out::hand_out;
use crate::commands::reveal::masking::for_an_assistant;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::{Found, SECRET};
use crate::model::masking::matcher::Matcher;
use crate::model::records::entry::Entry;
use crate::model::rotation::pending::{NewSecretTo, Replacement, VersionRef, settle};
use crate::model::rotation::refused::TriedSecret;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::store::gate::{RevealedItem, Via, base_name};
use crate::store::session::Session;

/// From here on, what follows `--exec` is the check.
const VERIFY: &str = "--verify-exec";

/// Options of `rotate` that say what is to be changed.
const SELECTING: [&str; 3] = ["--due", "--client", "--incident"];
/// Options of `rotate` by which nothing is changed.
const HARMLESS: [&str; 2] = ["--dry-run", "-n"];

/// The programs of one rotation, each with its arguments.
pub(crate) struct Programs<'a> {
    change: HookProgram<'a>,
    check: Option<HookProgram<'a>>,
}

struct HookProgram<'a> {
    name: &'a OsStr,
    args: &'a [OsString],
}

impl<'a> Programs<'a> {
    /// What follows `--exec`, and the check that may have been named before it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`]: a check without a name, or two.
    /// [`crate::error::Kind::Failed`]: one of them is nowhere.
    pub(crate) fn new(
        ctx: &Context,
        exec: &'a [OsString],
        check: Option<&'a OsString>,
    ) -> Result<Self> {
        // What follows goes to the program: what is meant by it would be passed over, and more changed.
        let is_meant = |arg: &&OsString| {
            let mut meant = SELECTING.iter();
            let is_harmless = HARMLESS.iter().any(|it| *arg == it);
            meant.any(|it| *arg == it) || is_harmless && !ctx.rehearses()
        };
        if let Some(option) = exec.iter().find(is_meant) {
            let option = option.display();
            return Err(Error::usage(format!("{option} would go to the program"))
                .hint(format!("put {option} before --exec")));
        }
        let at = exec.iter().position(|arg| arg == VERIFY);
        let (change, rest) = exec.split_at(at.unwrap_or(exec.len()));
        let unnamed = |option| Error::usage(format!("{option} needs a program"));
        let after = rest.split_first().map(|(_, rest)| HookProgram::new(rest));
        let after = after
            .map(|program| program.ok_or_else(|| unnamed(VERIFY)))
            .transpose()?;
        let before = check.map(|name| HookProgram { name, args: &[] });
        if after.is_some() && before.is_some() {
            return Err(Error::usage(format!("{VERIFY} is given twice")));
        }
        let programs = Self {
            change: HookProgram::new(change).ok_or_else(|| unnamed("--exec"))?,
            check: after.or(before),
        };
        for program in programs.all() {
            let found = ctx.ui.check_program(program.name);
            found.map_err(|why| Error::failed(why.message()).hint("nothing was changed"))?;
        }
        Ok(programs)
    }

    /// The log has the program that changes it.
    pub(crate) fn to(&self) -> NewSecretTo {
        NewSecretTo::Program(base_name(self.change.name))
    }

    fn all(&self) -> impl Iterator<Item = &HookProgram<'a>> {
        std::iter::once(&self.change).chain(&self.check)
    }
}

impl fmt::Display for Programs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.all().map(|it| it.name.display().to_string()).collect();
        f.write_str(&names.join(" and "))
    }
}

impl<'a> HookProgram<'a> {
    fn new(words: &'a [OsString]) -> Option<Self> {
        let (name, args) = words.split_first()?;
        Some(Self { name, args })
    }
}

/// What stands in it.
#[derive(Serialize)]
struct Members<'a> {
    entry: &'a str,
    client: &'a str,
    username: Option<&'a str>,
    url: Option<&'a str>,
    old: &'a str,
    new: &'a str,
}

/// Which new secret the programs get.
pub(crate) enum Attempt {
    /// This one, which is kept as pending before they are told of it.
    First(Replacement),
    /// The pending one, which they or others failed with before.
    Again(VersionRef),
}

/// Keeps a new secret as pending, runs the programs, and makes it the current one if they agree.
///
/// # Errors
/// [`crate::error::Kind::Conflict`]: a program failed, and the new secret is still pending; or as a
/// rotation that begins.
pub(crate) fn run(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    attempt: Attempt,
    programs: &Programs<'_>,
) -> Result<()> {
    let (outcome, _) = rotate(ctx, session, path, attempt, programs)?;
    outcome?;
    ctx.answer(&[path.to_string()]);
    Ok(())
}

/// What a program exits with that cannot tell whether the site takes a secret: `EX_TEMPFAIL` of
/// sysexits.h.
const CANNOT_TELL: i32 = 75;

/// Asks a program whether the site takes the secret that is stored, and notes what it says.
///
/// # Errors
/// [`crate::error::Kind::Conflict`]: the site does not take it. [`crate::error::Kind::Failed`]: the
/// program could not tell.
pub(super) fn try_stored(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    program: &OsStr,
) -> Result<()> {
    let found = ctx.ui.check_program(program);
    found.map_err(|why| Error::failed(why.message()))?;
    let entry = session.vault().entry(path)?;
    let stored = entry.known_field(path, SECRET)?;
    let Some(current) = entry.current(SECRET) else {
        return entry.check_rotatable(path);
    };
    let (version, secret) = (current.id, current.secret().clone());
    let via = Via::Program {
        command: "rotate",
        program: &base_name(program),
    };
    if ctx.rehearses() {
        ctx.note_done(&format!("ran {} for {path}", program.display()));
        ctx.answer(&[]);
        return Ok(());
    }
    hand_out(
        ctx,
        &session,
        &[RevealedItem::field(path, entry, &stored)],
        &via,
    )?;
    let ended = HookInput::of(ctx, path, entry, &secret)?.hand_to(ctx, program, &[])?;
    let is_taken = ended.success();
    if !is_taken && ended.code().is_none_or(|code| code == CANNOT_TELL) {
        let how = how_it_ended(program, ended);
        return Err(Error::failed(format!(
            "whether the site takes the secret of {path} is not known: {how}"
        )));
    }
    let mut changed = Vec::new();
    // What is known already is not written again.
    if is_taken == entry.refused_by_host().is_some() {
        changed.push(path.to_string());
        let tried = TriedSecret {
            version,
            is_taken,
            by_helper: None,
        };
        ctx.change(session, |vault, author| {
            vault.note_tried(path, &tried, author)
        })?;
    }
    if is_taken {
        ctx.answer_change(&format!("the site takes the secret of {path}"), &changed);
        return Ok(());
    }
    let how = how_it_ended(program, ended);
    Err(Error::conflict(format!(
        "the site does not take the secret of {path}: {how}"
    ))
    .hint(format!(
        "it is flagged until you store the one that works: vault edit {path:#} --secret"
    )))
}

/// As [`run`], of one among several: a program that fails leaves the session open for the next.
pub(super) fn rotate(
    ctx: &Context,
    session: Session,
    path: &EntryPath,
    attempt: Attempt,
    programs: &Programs<'_>,
) -> Result<(Result<()>, Session)> {
    let entry = session.vault().entry(path)?;
    let mut handed = vec![entry.known_field(path, SECRET)?];
    if let (Attempt::Again(_), Some(pending)) = (&attempt, entry.pending()) {
        handed.push(Found::Secret(pending));
    }
    let handed = handed.iter();
    let handed: Vec<_> = (handed.map(|it| RevealedItem::field(path, entry, it))).collect();
    let via = Via::Program {
        command: "rotate",
        program: &base_name(programs.change.name),
    };
    hand_out(ctx, &session, &handed, &via)?;
    let is_first = matches!(attempt, Attempt::First(_));
    let (which, session) = match attempt {
        Attempt::First(new) => ctx.change_and_stay(session, None, |vault, author| {
            vault.begin_rotation(path, new, author)
        })?,
        Attempt::Again(which) => (which, session),
    };
    let entry = session.vault().entry(path)?;
    let new = entry.pending().map(|pending| pending.secret().clone());
    let new = new.ok_or_else(|| Error::conflict(format!("nothing is pending for {path}")))?;
    let input = HookInput::of(ctx, path, entry, &new)?;
    // No lock is held here: others go on reading and writing meanwhile.
    if let Err(why) = run_all(ctx, programs, &input, is_first) {
        return Ok((Err(still_pending(path, which, &why)), session));
    }
    let confirmed = ctx.change_and_stay(session, None, |vault, author| {
        vault.confirm_rotation(path, Some(which), author)
    });
    let (which, session) = confirmed.map_err(|why| {
        let message = format!(
            "the site has version {} of {path}, but it could not be made the current one: {why}",
            which.number
        );
        Error::new(why.kind(), message).hint(format!("try again: vault rotate {path:#} --confirm"))
    })?;
    note_rotated(ctx, &session, path, which);
    Ok((Ok(()), session))
}

/// Runs one program after the other; why not, if one of them does not agree. At another attempt the
/// site may have the new secret already: where a program can check that, it is asked first.
fn run_all(
    ctx: &Context,
    programs: &Programs<'_>,
    input: &HookInput,
    is_first: bool,
) -> Result<(), String> {
    let run = |program: &HookProgram<'_>| {
        let ended = input.hand_to(ctx, program.name, program.args);
        let ended = ended.map_err(|why| why.to_string())?;
        if ended.success() {
            return Ok(());
        }
        Err(how_it_ended(program.name, ended))
    };
    let check = programs.check.as_ref().filter(|_| !is_first);
    if check.is_some_and(|check| run(check).is_ok()) {
        return Ok(());
    }
    programs.all().try_for_each(run)
}

/// What the programs get, and how what they print is passed on.
struct HookInput {
    text: Secret,
    masked: Option<Matcher<String>>,
}

impl HookInput {
    fn of(ctx: &Context, path: &EntryPath, entry: &Entry, new: &Secret) -> Result<Self> {
        let old = entry.known_field(path, SECRET)?.to_secret();
        let members = Members {
            entry: &path.to_string(),
            client: path.client().as_str(),
            username: entry.username.value().map(String::as_str),
            url: entry.urls().first().map(String::as_str),
            old: old.expose(),
            new: new.expose(),
        };
        let mut text = serde_json::to_string(&members)
            .map_err(|_| Error::failed("what the program is to get cannot be written as JSON"))?;
        text.push('\n');
        Ok(Self {
            text: Secret::new(text),
            masked: for_an_assistant(ctx, path, [&old, new])?,
        })
    }

    fn hand_to(&self, ctx: &Context, program: &OsStr, args: &[OsString]) -> Result<ExitStatus> {
        let masked = self.masked.as_ref();
        ctx.ui.run_with_input(program, args, &self.text, masked)
    }
}

fn how_it_ended(program: &OsStr, ended: ExitStatus) -> String {
    let name = program.display();
    match (ended.code(), ended.signal()) {
        (Some(code), _) => format!("{name} exited with {code}"),
        (None, Some(signal)) => format!("{name} was killed by signal {signal}"),
        (None, None) => format!("{name} did not end well"),
    }
}

fn still_pending(path: &EntryPath, which: VersionRef, why: &str) -> Error {
    let number = which.number;
    Error::conflict(format!(
        "{why}; version {number} of {path} is pending, get goes on giving the old one"
    ))
    .hint(format!(
        "to have the program try again: vault rotate {path:#} --exec CMD; {}",
        settle(path)
    ))
}
