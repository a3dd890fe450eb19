//! How a person is asked whether a key may be used, and what was said yes to.

use std::collections::BTreeSet;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::agent::ssh::question::Question;
use crate::context::Context;
use crate::model::ssh::verdict::{ConfirmMode, SshUse};
use crate::process::askpass::Askpass;

/// How long a question on the terminal may take to go.
const FAREWELL: Duration = Duration::from_millis(500);
/// Between two looks whether it has gone.
const PAUSE: Duration = Duration::from_millis(2);

/// What a person is asked.
pub(super) struct AskedUse {
    pub(super) question: String,
    /// What the log has if the answer is no.
    pub(super) entry: Uuid,
    pub(super) by: String,
    pub(super) details: Vec<(&'static str, String)>,
}

/// The question whether `key` may be used; `host` is what the server is called, `through` the
/// machine that the agent is forwarded to.
pub(super) fn question(
    key: &str,
    wanted: &SshUse,
    host: Option<&str>,
    through: Option<&str>,
) -> String {
    let through = through.map(|machine| {
        format!("A program on another machine, through the agent forwarded to {machine}, asks: ")
    });
    let through = through.unwrap_or_default();
    match wanted {
        SshUse::File { namespace, .. } => {
            format!("{through}may {key} sign a file in the namespace {namespace}?")
        }
        SshUse::Login { user, server } => {
            let host = match (host, &server.fingerprint) {
                (Some(host), _) => host.to_owned(),
                (None, Some(fingerprint)) => format!("the server with the key {fingerprint}"),
                (None, None) => "a server that the program does not name".to_owned(),
            };
            let unproved = if server.is_proved {
                ""
            } else {
                " (which is not proved)"
            };
            format!("{through}may {key} log in as {user} at {host}{unproved}?")
        }
    }
}

/// Who asks, and what was said yes to since the vault was unlocked.
pub(super) struct KeyQuestions {
    pub(super) mode: ConfirmMode,
    program: Option<Askpass>,
    /// Whether the terminal may be asked, and its question that is not answered yet.
    has_terminal: bool,
    on_terminal: Option<JoinHandle<()>>,
    unlocked_until: Duration,
    allowed: BTreeSet<(String, String)>,
}

impl KeyQuestions {
    /// Asks by the user's program; in the foreground, by the terminal where there is none.
    pub(super) fn new(ctx: &Context, mode: ConfirmMode, is_foreground: bool) -> Self {
        Self {
            mode,
            program: Askpass::find(),
            has_terminal: is_foreground && ctx.ui.can_ask(),
            on_terminal: None,
            unlocked_until: Duration::ZERO,
            allowed: BTreeSet::new(),
        }
    }

    /// Whether somebody can be asked.
    pub(super) fn is_possible(&self) -> bool {
        self.program.is_some() || self.has_terminal
    }

    /// Asks, and does not wait; none where nobody can be asked.
    pub(super) fn ask(&mut self, ctx: &Context, question: &str) -> Option<Question> {
        if let Some(program) = &self.program {
            let asked = program.ask(question);
            if let Err(why) = &asked {
                ctx.warn(&format!("cannot ask: {why}"));
            }
            return asked.ok().map(Question::Program);
        }
        if !self.has_terminal || self.is_busy() {
            return None;
        }
        let (answer, thread) = ctx.ui.confirm_aside(question)?;
        self.on_terminal = Some(thread);
        Some(Question::Terminal(answer))
    }

    /// Whether the terminal's last question, which was answered or taken back, is there still.
    fn is_busy(&self) -> bool {
        let until = Instant::now() + FAREWELL;
        let Some(thread) = &self.on_terminal else {
            return false;
        };
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(PAUSE);
        }
        !thread.is_finished()
    }

    /// Forgets each yes when the vault was locked since: `until` is when its key will be forgotten,
    /// which differs from one unlocking to the next.
    pub(super) fn unlocked(&mut self, until: Duration) {
        if self.unlocked_until != until {
            self.allowed.clear();
        }
        self.unlocked_until = until;
    }

    /// Forgets each yes.
    pub(super) fn locked(&mut self) {
        self.allowed.clear();
    }

    /// Whether there was a yes to the same before.
    pub(super) fn is_allowed(&self, key: &str, wanted: &SshUse) -> bool {
        let what = (key.to_owned(), wanted.remembered_as());
        self.allowed.contains(&what)
    }

    /// Notes a yes that counts for the next time too.
    pub(super) fn allow(&mut self, key: &str, wanted: &SshUse) {
        self.allowed
            .insert((key.to_owned(), wanted.remembered_as()));
    }
}
