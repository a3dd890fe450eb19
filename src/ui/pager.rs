//! Long answers, a screen at a time.

use std::process::{Child, Stdio};

use super::Ui;
use super::stdout::Stdout;
use crate::error::Result;
use crate::process::child::{Command, child, shell};

/// What `sh` answers when it cannot run a command.
const NOT_RUN: [i32; 2] = [126, 127];

impl Ui {
    /// Prints through the user's pager if stdout is a terminal, else directly. The text is escaped
    /// as for the terminal itself. `start` is what less begins with: `+G` at the end of the text.
    pub(crate) fn paged(&self, start: &str, print: impl Fn() -> Result<()>) -> Result<()> {
        let pager = (self.stdout.terminal && !self.options.json).then(|| pager(start));
        let Some(mut pager) = pager.flatten() else {
            return print();
        };
        self.flush()?;
        // Ctrl-C is for the pager; ending first would leave it fighting the shell for the terminal.
        self.leave_keys_to_child();
        let Ok(child) = pager.stdin(Stdio::piped()).spawn() else {
            return print();
        };
        match self.print_to(child, &print)? {
            Some(code) if NOT_RUN.contains(&code) => print(),
            _ => Ok(()),
        }
    }

    /// Prints to a child's stdin and waits for its exit code.
    fn print_to(&self, mut child: Child, print: impl Fn() -> Result<()>) -> Result<Option<i32>> {
        let Some(pipe) = child.stdin.take() else {
            return Ok(None);
        };
        let terminal = self.out.replace(Stdout::new(Box::new(pipe)));
        let printed = print().and_then(|()| self.flush());
        drop(self.out.replace(terminal));
        let ended = child.wait();
        printed?;
        Ok(ended.ok().and_then(|status| status.code()))
    }
}

/// `$PAGER`, or `less`; none where the user wants none. less writes no file and starts no program:
/// its keys do so by a slip of the hand.
fn pager(start: &str) -> Option<Command> {
    let set = std::env::var_os("PAGER");
    let mut command = match set {
        Some(text) if text.is_empty() || text == "cat" => return None,
        Some(text) => shell(&text),
        None => child("less"),
    };
    // Ends at once when all fits, shows colours, leaves the text on the screen.
    let options = std::env::var("LESS").unwrap_or_else(|_| "FRX".to_owned());
    command.env("LESS", format!("{options} {start}").trim_end());
    command.env("LESSSECURE", "1");
    Some(command)
}
