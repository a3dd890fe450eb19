//! A real pseudo-terminal to type on and to look at.

use std::process::Command;

use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};

use super::env::{TIMEOUT, TestEnv};

/// Printed by the script when it is through.
const END: &str = "[the end]";

impl TestEnv {
    /// Runs a script on a terminal that echoes, with no password at hand.
    pub(crate) fn terminal(&self, script: &str) -> Terminal {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile", "-c"]);
        command.arg(format!(
            "stty sane -onlcr; {script}\nprintf '%s\\n' '{END}'"
        ));
        self.start(command)
    }

    /// A shell with job control, whose prompt is `$>`.
    pub(crate) fn job_control(&self) -> Terminal {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile", "--noediting", "-i"]);
        let mut terminal = self.start(command);
        terminal.sees("$>");
        terminal
    }

    pub(crate) fn start(&self, mut command: Command) -> Terminal {
        self.hermetic(&mut command);
        command.env("TERM", "xterm").env("PS1", "$>");
        let timeout = u64::try_from(TIMEOUT.as_millis()).unwrap();
        let options = Options::new().timeout_ms(Some(timeout));
        Terminal {
            session: spawn_with_options(command, options).unwrap(),
            screen: String::new(),
        }
    }
}

/// A terminal, and all that it has shown so far.
pub(crate) struct Terminal {
    pub(crate) session: PtySession,
    pub(crate) screen: String,
}

impl Terminal {
    /// Waits until `text` is shown.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        match self.session.exp_string(text) {
            Ok(before) => self.screen.push_str(&(before + text)),
            Err(error) => panic!("{error}\n--- before\n{}", self.screen),
        }
        self
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.session.send_line(line).unwrap();
        self
    }

    /// Presses Ctrl and a letter.
    pub(crate) fn presses(&mut self, letter: char) -> &mut Self {
        self.session.send_control(letter).unwrap();
        self
    }

    /// Waits until the script is through, and gives all that was shown.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> &str {
        self.sees(END);
        assert!(!self.screen.contains("panicked"), "{}", self.screen);
        &self.screen
    }
}
