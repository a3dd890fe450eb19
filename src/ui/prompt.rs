//! Questions on the controlling terminal, wherever stdin, stdout and stderr lead.

use std::fs::File;
use std::io;
use std::io::{ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::termios::{QueueSelector, isatty, tcflush};

use super::Ui;
use super::hidden::{Defaults, Hidden};
use crate::error::{Error, Result};
use crate::model::text::limits::{FIELD_BYTES, SECRET_BYTES};
use crate::model::text::secret::Secret;

/// How often a new password may be asked for.
const ATTEMPTS: usize = 3;

/// What is said when there is nobody to ask.
#[derive(Clone, Copy, Debug)]
pub struct Unasked<'a> {
    /// What would be asked: `a master password is needed`.
    pub needed: &'a str,
    /// What would have answered: `use --password-file PATH or VAULT_PASSWORD_COMMAND`.
    pub instead: &'a str,
}

/// Keeps what is typed from being shown until it is dropped.
#[must_use = "the keys are shown again when it is dropped"]
#[derive(Default)]
pub struct UnshownKeys {
    _terminal: Option<Hidden>,
}

impl Ui {
    /// After a hidden question: what is typed while the answer is worked on is not shown in the
    /// middle of what is printed, and stays for whoever reads next. Without such a question the
    /// terminal may be another program's, as a pager's.
    pub fn show_no_keys(&self) -> UnshownKeys {
        let terminal = open().filter(|terminal| self.asked.get() && is_ours(terminal));
        let hide = |terminal| Hidden::unread(terminal, self.defaults()?);
        UnshownKeys {
            // They are shown, where that cannot be changed.
            _terminal: terminal.and_then(|terminal| hide(terminal).ok()),
        }
    }

    /// Whether there is a terminal to ask on, and asking is allowed.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.options.no_input && open().is_some()
    }

    /// Asks `PROMPT: ` once, hidden.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`]: there is nobody to ask. [`crate::error::Kind::Usage`]:
    /// nothing was entered, more than a line, more than 1 MiB, or no text.
    pub fn prompt_secret(&self, prompt: &str, unasked: Unasked<'_>) -> Result<Secret> {
        let hidden = self.hide(unasked)?;
        let secret = self.ask_hidden(&hidden, prompt)?;
        if secret.is_empty() {
            return Err(nothing_entered());
        }
        refuse_more(&hidden)?;
        Ok(secret)
    }

    /// Asks `PROMPT: ` once, hidden; none where nothing was entered.
    ///
    /// # Errors
    /// As [`Ui::prompt_secret`].
    pub fn prompt_optional(&self, prompt: &str, unasked: Unasked<'_>) -> Result<Option<Secret>> {
        let hidden = self.hide(unasked)?;
        let secret = self.ask_hidden(&hidden, prompt)?;
        refuse_more(&hidden)?;
        Ok(Some(secret).filter(|secret| !secret.is_empty()))
    }

    /// Asks `PROMPT: `, hidden, until `check` accepts it, three times at most.
    ///
    /// # Errors
    /// As [`Ui::prompt_secret`], and those of `check`.
    pub fn prompt_checked(
        &self,
        prompt: &str,
        unasked: Unasked<'_>,
        check: impl Fn(&Secret) -> Result<()>,
    ) -> Result<Secret> {
        let hidden = self.hide(unasked)?;
        let mut left = ATTEMPTS;
        loop {
            let secret = self.ask_hidden(&hidden, prompt)?;
            if secret.is_empty() {
                return Err(nothing_entered());
            }
            refuse_more(&hidden)?;
            left -= 1;
            match check(&secret) {
                Ok(()) => return Ok(secret),
                Err(why) if left == 0 => return Err(why),
                Err(why) => self.say_why(&hidden, &why)?,
            }
        }
    }

    /// Asks for a text of several lines, hidden: until an empty line, but for one within what is
    /// pasted, or until Ctrl-D. The last line has no end.
    ///
    /// # Errors
    /// As [`Ui::prompt_secret`].
    pub fn prompt_lines(&self, prompt: &str, unasked: Unasked<'_>) -> Result<Secret> {
        let hidden = self.hide(unasked)?;
        let start =
            format!("{prompt}, several lines that are not shown; an empty line or Ctrl-D ends it:");
        let start = self.fitted_to(hidden.columns(), &start, 0);
        hidden.say(&start).map_err(unreadable)?;
        let mut lines: Vec<Secret> = Vec::new();
        loop {
            match hidden.ask("") {
                Ok(line) if line.is_empty() && !hidden.is_pasted().map_err(unreadable)? => break,
                Ok(line) => lines.push(text_of(line)?),
                Err(end) if end.kind() == ErrorKind::UnexpectedEof => break,
                Err(why) => return Err(unreadable(why)),
            }
            if lines
                .iter()
                .map(|line| line.expose().len() + 1)
                .sum::<usize>()
                > SECRET_BYTES
            {
                return Err(Error::usage(
                    "what was typed is larger than 1 MiB, the limit",
                ));
            }
        }
        while lines.pop_if(|line| line.is_empty()).is_some() {}
        if lines.is_empty() {
            return Err(nothing_entered());
        }
        let mut text = String::with_capacity(lines.iter().map(|it| it.expose().len() + 1).sum());
        for (at, line) in lines.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "\n" });
            text.push_str(line.expose());
        }
        Ok(Secret::new(text))
    }

    /// Asks `PROMPT: ` and `REPEAT: `, hidden, until both are the same and `check` accepts it,
    /// three times at most.
    ///
    /// # Errors
    /// As [`Ui::prompt_secret`]; [`crate::error::Kind::Usage`] when they never are the same; those
    /// of `check`.
    pub fn prompt_new_password(
        &self,
        prompt: &str,
        repeat: &str,
        unasked: Unasked<'_>,
        check: impl Fn(&Secret) -> Result<()>,
    ) -> Result<Secret> {
        let hidden = self.hide(unasked)?;
        let mut last = nothing_entered();
        for left in (0..ATTEMPTS).rev() {
            let password = self.ask_hidden(&hidden, prompt)?;
            let checked = if password.is_empty() {
                Err(nothing_entered())
            } else {
                check(&password)
            };
            last = match checked {
                Err(why) => why,
                Ok(()) if self.ask_hidden(&hidden, repeat)? == password => {
                    refuse_more(&hidden)?;
                    return Ok(password);
                }
                Ok(()) => Error::usage("the two are not the same"),
            };
            if left == 0 {
                break;
            }
            self.say_why(&hidden, &last)?;
        }
        Err(last)
    }

    /// Asks `QUESTION [y/N] `. Only `y` or `yes` is yes; the end of input is no.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`]: there is nobody to ask.
    pub fn confirm(&self, question: &str, unasked: Unasked<'_>) -> Result<bool> {
        let answer = self.ask_visibly(&format!("{question} [y/N] "), unasked)?;
        Ok(is_yes(answer))
    }

    /// Asks `QUESTION [Y/n] `. Only `n`, `no` and the end of input are no.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`]: there is nobody to ask.
    pub fn confirm_or_enter(&self, question: &str, unasked: Unasked<'_>) -> Result<bool> {
        let answer = self.ask_visibly(&format!("{question} [Y/n] "), unasked)?;
        let answer = answer.map(|answer| answer.trim().to_lowercase());
        Ok(answer.is_some_and(|answer| !matches!(answer.as_str(), "n" | "no")))
    }

    /// As [`Self::confirm`], without waiting for it: what comes back becomes readable when it is
    /// answered, with `y` for yes, and the thread ends then, or once that is dropped. None where
    /// nobody can be asked.
    pub fn confirm_aside(&self, question: &str) -> Option<(UnixStream, JoinHandle<()>)> {
        let (ours, mut theirs) = UnixStream::pair().ok()?;
        ours.set_nonblocking(true).ok()?;
        let (options, question) = (self.options, question.to_owned());
        let is_possible = self.can_ask();
        let ask = move || {
            let answer = Self::new(options).confirm_while(&question, &theirs);
            let _ = theirs.write_all(if answer.unwrap_or(false) { b"y" } else { b"n" });
        };
        is_possible.then(|| (ours, std::thread::spawn(ask)))
    }

    /// As [`Self::confirm`], and no once the other end of `asker` is closed.
    fn confirm_while(&self, question: &str, asker: &UnixStream) -> Result<bool> {
        let terminal = self.put_visibly(
            &format!("{question} [y/N] "),
            Unasked {
                needed: "a yes is needed",
                instead: "name a program that asks in SSH_ASKPASS",
            },
        )?;
        let mut polled = [
            PollFd::new(asker, PollFlags::IN),
            PollFd::new(&terminal, PollFlags::IN),
        ];
        let waited = retry_on_intr(|| poll(&mut polled, None));
        waited.map_err(|why| unreadable(why.into()))?;
        if polled
            .first()
            .is_some_and(|asker| !asker.revents().is_empty())
        {
            let taken_back = (&terminal).write_all(b"\nThat is no longer asked.\n");
            return taken_back.map(|()| false).map_err(unreadable);
        }
        let answer = read_line(&terminal).map_err(unreadable)?;
        Ok(is_yes(answer))
    }

    /// As [`Self::confirm`], where `--yes` is the answer of who cannot be asked; `what` needs it.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub fn confirm_or_yes(&self, yes: bool, what: &str, question: &str) -> Result<bool> {
        let unasked = Unasked {
            needed: &format!("{what} needs a confirmation"),
            instead: "use --yes",
        };
        Ok(yes || self.confirm(question, unasked)?)
    }

    /// Asks `PROMPT: ` and returns the line, which may be empty. What is typed is seen.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`]: there is nobody to ask. [`crate::error::Kind::Usage`]:
    /// the end of input, or no text.
    pub fn ask_line(&self, prompt: &str, unasked: Unasked<'_>) -> Result<String> {
        let line = self.ask_visibly(&format!("{prompt}: "), unasked)?;
        line.ok_or_else(nothing_entered)
    }

    /// A line, or `None` at the end of input. What was typed before the question was not meant
    /// for it.
    fn ask_visibly(&self, question: &str, unasked: Unasked<'_>) -> Result<Option<String>> {
        let terminal = self.put_visibly(question, unasked)?;
        read_line(&terminal).map_err(unreadable)
    }

    /// Puts a question on the terminal.
    fn put_visibly(&self, question: &str, unasked: Unasked<'_>) -> Result<File> {
        let mut terminal = self.terminal(unasked)?;
        let _ = tcflush(&terminal, QueueSelector::IFlush);
        let question = self.question(columns(&terminal), question);
        let asked = terminal.write_all(question.as_bytes());
        asked.map(|()| terminal).map_err(unreadable)
    }

    /// What is typed, which may be nothing.
    fn ask_hidden(&self, hidden: &Hidden, prompt: &str) -> Result<Secret> {
        let prompt = self.question(hidden.columns(), &format!("{prompt}: "));
        text_of(hidden.ask(&prompt).map_err(unreadable)?)
    }

    /// Why it is asked again.
    fn say_why(&self, hidden: &Hidden, why: &Error) -> Result<()> {
        let said = match why.next_step() {
            Some(step) if step.starts_with(char::is_uppercase) => format!("{why}. {step}"),
            Some(step) => format!("{why}; {step}"),
            None => why.to_string(),
        };
        let said = self.fitted_to(hidden.columns(), &said, 0);
        hidden.say(&said).map_err(unreadable)
    }

    /// A question at the width of its terminal; the blank at its end stays.
    fn question(&self, columns: Option<usize>, question: &str) -> String {
        let text = question.trim_end_matches(' ');
        let room = columns.map(|columns| columns.saturating_sub(question.len() - text.len()));
        let end = question.get(text.len()..).unwrap_or_default();
        format!("{}{end}", self.fitted_to(room, text, 0))
    }

    fn hide(&self, unasked: Unasked<'_>) -> Result<Hidden> {
        let terminal = self.terminal(unasked)?;
        self.asked.set(true);
        let hide = || Hidden::new(terminal, self.defaults()?);
        hide().map_err(unreadable)
    }

    /// What the signals do while nothing else waits for them.
    pub(super) fn defaults(&self) -> io::Result<&Defaults> {
        if let Some(defaults) = self.signals.get() {
            return Ok(defaults);
        }
        let new = Defaults::new()?;
        Ok(self.signals.get_or_init(|| new))
    }

    /// The controlling terminal, with all that was said before shown on it.
    pub(super) fn terminal(&self, unasked: Unasked<'_>) -> Result<File> {
        let refused = |why: &str| {
            let message = format!("{}, {why}", unasked.needed);
            Error::needs_input(message).hint(unasked.instead)
        };
        if self.options.no_input {
            return Err(refused("and nobody may be asked"));
        }
        let terminal = open().ok_or_else(|| refused("and there is no terminal to ask on"))?;
        if self.stdout.terminal {
            self.flush()?;
        }
        Ok(terminal)
    }
}

fn is_yes(answer: Option<String>) -> bool {
    let answer = answer.unwrap_or_default().trim().to_lowercase();
    matches!(answer.as_str(), "y" | "yes")
}

/// The controlling terminal, if this process has one.
fn open() -> Option<File> {
    let terminal = File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    isatty(&terminal).then_some(terminal)
}

/// Whether this process is in the foreground: another that changes the modes is stopped.
fn is_ours(terminal: &File) -> bool {
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// The columns of a terminal, if it knows them.
pub(super) fn columns(terminal: &File) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn text_of(typed: String) -> Result<Secret> {
    let secret = Secret::new(typed);
    if secret.expose().contains(char::REPLACEMENT_CHARACTER) {
        return Err(Error::usage("what was typed is not UTF-8"));
    }
    Ok(secret)
}

/// Rather than keep the first line of what was pasted and lose the rest.
fn refuse_more(hidden: &Hidden) -> Result<()> {
    if hidden.has_more().map_err(unreadable)? {
        let hint = "give a text of several lines on stdin: … < FILE, or with --multiline";
        return Err(Error::usage("more than one line was entered").hint(hint));
    }
    Ok(())
}

/// One line of a terminal in its usual mode, without its end.
fn read_line(terminal: &File) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut byte = [0; 1];
    while line.len() < FIELD_BYTES {
        let count = retry_on_intr(|| rustix::io::read(terminal, &mut byte))?;
        match byte {
            _ if count == 0 => break,
            [b'\n'] => return text(line).map(Some),
            [byte] => line.push(byte),
        }
    }
    // After Ctrl-D the cursor is still on the question's line.
    let mut terminal = terminal;
    terminal.write_all(b"\n")?;
    if line.is_empty() {
        return Ok(None);
    }
    text(line).map(Some)
}

fn text(line: Vec<u8>) -> io::Result<String> {
    String::from_utf8(line)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "what was typed is not UTF-8"))
}

fn nothing_entered() -> Error {
    Error::usage("nothing was entered")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => nothing_entered(),
        ErrorKind::InvalidData => Error::usage(error.to_string()),
        _ => Error::failed(format!("cannot ask on the terminal: {error}")),
    }
}
