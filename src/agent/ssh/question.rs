//! A person who is asked whether a key may be used: by a program with a window, or on the terminal.
//! Nobody else waits meanwhile.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::process::askpass::AskpassQuestion;

/// How long an answer may take. A server waits for two minutes.
pub const LONGEST: Duration = Duration::from_mins(2);

/// A question that is asked.
#[derive(Debug)]
pub enum Question {
    /// By a program.
    Program(AskpassQuestion),
    /// On the terminal: a byte comes when it is answered, `y` for yes.
    Terminal(UnixStream),
}

impl Question {
    /// What can be read once there is something to look at.
    pub fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Program(asked) => asked.fd(),
            Self::Terminal(answer) => answer.as_fd(),
        }
    }

    /// The answer, if there is one.
    pub fn answer(&mut self) -> Option<bool> {
        match self {
            Self::Program(asked) => asked.answer(),
            Self::Terminal(answer) => {
                let mut byte = [0];
                let read = rustix::io::read(answer, &mut byte);
                (read != Err(rustix::io::Errno::AGAIN)).then_some(byte == *b"y")
            }
        }
    }
}
