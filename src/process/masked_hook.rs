//! Runs a program that is given secrets on its stdin, and masks them in what it prints.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::{ExitStatus, Stdio};
use std::thread;

use super::child::{ChildOutput, child};
use super::masked_stream::MaskedStream;
use crate::model::masking::matcher::Matcher;
use crate::model::text::secret::Secret;

/// As [`super::child::run_with_input`], with all that it prints masked on its way to our stderr.
pub(crate) fn run_masked_with_input(
    program: &OsStr,
    args: &[OsString],
    input: &Secret,
    matcher: &Matcher<String>,
) -> io::Result<ExitStatus> {
    let (from, writer) = io::pipe()?;
    let mut command = child(program);
    (command.args(args).stdin(Stdio::piped()))
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn()?;
    // Its output ends with it: nothing of the pipe is left open here.
    drop(command);
    let (ended, ending) = io::pipe()?;
    let stream = MaskedStream {
        from: from.into(),
        to: ChildOutput::Errors,
    };
    thread::scope(|scope| {
        // Where it cannot be passed on, the program is told by its next write.
        scope.spawn(|| stream.pass_on(matcher, &ended));
        if let Some(mut pipe) = child.stdin.take() {
            // It need not read it all, or at all.
            let _ = pipe.write_all(input.expose().as_bytes());
        }
        let status = child.wait();
        drop(ending);
        status
    })
}
