//! The one way in which what an entry holds gets out: whether it may be used is checked, the
//! reveal goes to the journal, then the client's rules are shown. Nothing is handed out before.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use uuid::Uuid;

use super::{clock_check, share_terms};
use crate::context::Context;
use crate::error::Result;
use crate::model::entry::field::{Found, SECRET, TOTP};
use crate::model::inject::reference::Reading;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::log::Happening;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;
use crate::store::session::Session;

/// What the log has of a program's name, in characters.
const LOGGED_CHARS: usize = 64;

/// Something that is about to be handed out.
pub(crate) struct Handed<'a> {
    path: &'a EntryPath,
    entry: &'a Entry,
    what: What,
}

/// What it is, as the log says it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    /// Text that is no secret: not logged.
    Visible,
    /// A version of a secret, or the code that a seed gives.
    Version { word: &'static str, number: u32 },
    /// An attachment.
    Attachment(Uuid),
}

impl<'a> Handed<'a> {
    /// A field.
    pub(crate) fn field(path: &'a EntryPath, entry: &'a Entry, found: &Found<'_>) -> Self {
        match found {
            Found::Secret(version) => Self::version(path, entry, version),
            Found::Visible(_) => Self {
                path,
                entry,
                what: What::Visible,
            },
        }
    }

    /// One version of a secret.
    pub(crate) fn version(path: &'a EntryPath, entry: &'a Entry, version: &Version) -> Self {
        let word = match version.slot() {
            SECRET => SECRET,
            TOTP => TOTP,
            _ => "hidden-field",
        };
        let number = version.number;
        Self {
            path,
            entry,
            what: What::Version { word, number },
        }
    }

    /// What a reference stands for.
    pub(crate) fn reading(reading: &Reading<'a>) -> Self {
        let handed = Self::field(reading.path, reading.entry, &reading.found);
        match (&reading.code, handed.what) {
            (Some(_), What::Version { number, .. }) => Self {
                what: What::Version {
                    word: "code",
                    number,
                },
                ..handed
            },
            _ => handed,
        }
    }

    /// A file.
    pub(crate) fn attachment(path: &'a EntryPath, entry: &'a Entry, file: Uuid) -> Self {
        Self {
            path,
            entry,
            what: What::Attachment(file),
        }
    }

    fn happening(&self, ctx: &Context, via: &Via<'_>) -> Option<Happening> {
        let happening = Happening::new(ctx.now(), "reveal", vec![self.entry.id]);
        let happening = match self.what {
            What::Visible => return None,
            What::Version { word, number } => happening.with("what", word).with("version", number),
            What::Attachment(id) => {
                let happening = happening.with("what", "attachment");
                happening.with("attachment", id.to_string())
            }
        };
        Some(match via {
            Via::Asked => happening,
            Via::Command(name) => happening.with("via", *name),
            Via::Program { command, program } => {
                happening.with("via", *command).with("program", *program)
            }
        })
    }
}

/// Where it goes.
pub(crate) enum Via<'a> {
    /// To whoever asked for just that.
    Asked,
    /// Through a command that puts it among other things.
    Command(&'static str),
    /// To a program: its name without folders, never its arguments.
    Program {
        command: &'static str,
        program: &'a str,
    },
}

/// To be called before any of `all` gets out. A reveal that cannot be recorded is still answered:
/// the user may need it now.
///
/// # Errors
/// When one of them must not be used any more.
pub(crate) fn hand_out(
    ctx: &Context,
    session: &Session,
    all: &[Handed<'_>],
    via: &Via<'_>,
) -> Result<()> {
    if all.iter().any(|handed| handed.entry.received.is_some()) {
        clock_check::accept(ctx, session)?;
    }
    // For all of them, before anything is recorded.
    for handed in all {
        share_terms::check_usable(ctx, session, handed.entry)?;
    }
    let mut seen = HashSet::new();
    let once = all
        .iter()
        .filter(|handed| seen.insert((handed.entry.id, handed.what)));
    let happenings: Vec<_> = once
        .filter_map(|handed| handed.happening(ctx, via))
        .collect();
    let reveals_nothing = happenings.is_empty();
    if let Err(why) = session.journal_all(happenings) {
        ctx.warn(&format!("this reveal is not in the log: {why}"));
    }
    if reveals_nothing {
        return Ok(());
    }
    let mut clients: Vec<&EntryPath> = all.iter().map(|handed| handed.path).collect();
    clients.sort_by_key(|path| path.client());
    clients.dedup_by_key(|path| path.client());
    for path in clients {
        remind_of_rules(ctx, session.vault(), path);
    }
    Ok(())
}

/// What the log has of a program: its name without folders.
pub(crate) fn base_name(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().chars().take(LOGGED_CHARS).collect()
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
