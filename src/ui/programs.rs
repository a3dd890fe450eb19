//! Programs that have the terminal while they run, or take our place there.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGQUIT};

use super::Ui;
use crate::error::{Error, Kind, Result};
use crate::model::masking::matcher::Matcher;
use crate::model::text::secret::Secret;
use crate::process::child::{self, ProgramToRun};
use crate::process::masked::{MaskedProgram, PASSED_ON, mask_stdin};
use crate::process::masked_hook::run_masked_with_input;

/// Those of Ctrl-C and Ctrl-\. Ctrl-Z is for both: a shell waits for this process to stop.
const KEYS: [i32; 2] = [SIGINT, SIGQUIT];

impl Ui {
    /// Leaves Ctrl-C to a child that is waited for; all other signals do what they did.
    pub(super) fn leave_keys_to_child(&self) {
        if let Some(defaults) = self.signals.get() {
            defaults.release(&KEYS);
        }
        for signal in KEYS {
            let _ = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
        }
    }

    /// Refuses a program that is nowhere, before anything is asked or recorded for it.
    ///
    /// # Errors
    /// [`Kind::NoProgram`].
    pub fn check_program(&self, program: &OsStr) -> Result<()> {
        let searched = std::env::var_os("PATH");
        let is_there = if program.as_encoded_bytes().contains(&b'/') {
            Path::new(program).exists()
        } else {
            let mut folders = searched.iter().flat_map(std::env::split_paths);
            searched.is_none() || folders.any(|folder| folder.join(program).exists())
        };
        if is_there && !program.is_empty() {
            return Ok(());
        }
        Err(not_run(program, &ErrorKind::NotFound.into()))
    }

    /// Puts a program in the place of this one: it has the same process id, terminal, descriptors
    /// (but for those that secrets came from) and signals. Comes back only with the reason why that
    /// is not possible.
    pub fn become_program(&self, program: &ProgramToRun<'_>) -> Error {
        if let Err(why) = self.flush() {
            return why;
        }
        self.inherited.hand_on();
        not_run(program.name, &child::become_program(program))
    }

    /// Starts a program beside this one, which masks what it prints. It has the same descriptors,
    /// and the signals that come here.
    ///
    /// # Errors
    /// [`Kind::NoProgram`], [`Kind::NotExecutable`].
    pub(crate) fn start_masked(&self, program: &ProgramToRun<'_>) -> Result<MaskedProgram> {
        self.flush()?;
        if let Some(defaults) = self.signals.get() {
            defaults.release(&PASSED_ON);
        }
        self.inherited.hand_on();
        let started = MaskedProgram::start(program);
        self.inherited.let_go();
        started.map_err(|why| not_run(program.name, &why))
    }

    /// Passes stdin on to stdout, masked.
    ///
    /// # Errors
    /// [`Kind::Failed`] where it cannot be read or written.
    pub(crate) fn mask_stdin(&self, matcher: &Matcher<String>) -> Result<()> {
        self.flush()?;
        mask_stdin(matcher).map_err(|why| Error::failed(format!("cannot pass it on: {why}")))
    }

    /// Runs a program to its end with `input` on its stdin. What it prints goes to our stderr, so
    /// that it is not taken for our answer, without what is `masked`. Ctrl-C is for the program: what is to be done after it
    /// is done all the same.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`]: it cannot be started or waited for.
    pub(crate) fn run_with_input(
        &self,
        program: &OsStr,
        args: &[OsString],
        input: &Secret,
        masked: Option<&Matcher<String>>,
    ) -> Result<ExitStatus> {
        self.flush()?;
        self.leave_keys_to_child();
        let ended = match masked {
            None => child::run_with_input(program, args, input, std::io::stderr().into()),
            Some(matcher) => run_masked_with_input(program, args, input, matcher),
        };
        ended.map_err(|why| Error::failed(format!("cannot run {}: {why}", program.display())))
    }
}

fn not_run(program: &OsStr, why: &std::io::Error) -> Error {
    let (kind, next) = match why.kind() {
        ErrorKind::NotFound => (Kind::NoProgram, "check its name, or give its whole path"),
        ErrorKind::ArgumentListTooLong => (
            Kind::NotExecutable,
            "an environment holds no large values; write a file: vault inject --out FILE",
        ),
        _ => (
            Kind::NotExecutable,
            "check that it is a program, and executable",
        ),
    };
    let why = match kind {
        Kind::NoProgram => "there is no such program".to_owned(),
        _ => why.to_string(),
    };
    Error::new(kind, format!("cannot run {}: {why}", program.display())).hint(next)
}
