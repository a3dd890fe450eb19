//! Programs that are started from here, and what they have in common.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGQUIT};

use super::Ui;
use super::inherited::close_inherited;
use crate::error::{Error, Kind, Result};
use crate::model::secret::Secret;
use crate::model::variable::tells_password;

/// Keeps the `VAULT_PASSWORD…` variables from a child.
pub(super) fn without_passwords(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if tells_password(&name) {
            command.env_remove(name);
        }
    }
}

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

    /// Keeps the descriptor that the password came from out of the programs that are started from
    /// here: a file could be read again. Once is enough: later its number may be another file's.
    pub fn forget_password_source(&self, descriptor: Option<u32>) {
        if !self.source_forgotten.replace(true) {
            descriptor.into_iter().for_each(close_inherited);
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

    /// Puts a program in the place of this one, with `variables` besides its own environment: it
    /// has the same process id, terminal, descriptors and signals. Comes back only with the reason
    /// why that is not possible.
    pub fn become_program(
        &self,
        program: &OsStr,
        args: &[OsString],
        variables: &[(String, Secret)],
    ) -> Error {
        if let Err(why) = self.flush() {
            return why;
        }
        let mut command = Command::new(program);
        without_passwords(&mut command);
        command.args(args);
        for (name, value) in variables {
            command.env(name, value.expose());
        }
        not_run(program, &command.exec())
    }

    /// Runs a program to its end with `input` on its stdin. What it prints goes to our stderr, so
    /// that it is not taken for our answer. Ctrl-C is for the program: what is to be done after it
    /// is done all the same.
    ///
    /// # Errors
    /// Failed: it cannot be started or waited for.
    pub fn run_with_input(
        &self,
        program: &OsStr,
        args: &[OsString],
        input: &Secret,
    ) -> Result<ExitStatus> {
        let shown = program.display();
        let failed = |why| Error::failed(format!("cannot run {shown}: {why}"));
        self.flush()?;
        self.leave_keys_to_child();
        let mut command = Command::new(program);
        without_passwords(&mut command);
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(std::io::stderr());
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut pipe) = child.stdin.take() {
            // It need not read it all, or at all.
            let _ = pipe.write_all(input.expose().as_bytes());
        }
        child.wait().map_err(failed)
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
