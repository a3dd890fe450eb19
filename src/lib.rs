//! A credential vault for freelancers: every client's credentials in one age-encrypted, signed
//! file, and the record of what was done with them.
//!
//! Where to find what:
//!
//! | question | folder |
//! |---|---|
//! | Which options has a command, and what does it ask and answer? | [`commands`], in the folder of its family |
//! | What does the help say, and a hint? | [`mod@help`] |
//! | How is the vault found, unlocked and changed? | [`context`] |
//! | What is allowed, what follows from what? | [`model`], pure: records below, the vault in the middle, families above |
//! | In which order is a file read and written, and what does this device remember? | [`store`] |
//! | How is it encrypted and signed? | [`crypto`] |
//! | What goes to other people, and what comes back? | [`exchange`] |
//! | What do people see who have nothing but a browser? | [`pages`] |
//! | What do other programs keep, and read? | [`import`], [`export`] |
//! | Who keeps the key for a while? | [`agent`] |
//! | How does the vault get from one machine to another? | [`sync`] |
//! | What is printed, and how is asked? | [`ui`] |
//! | Which programs are started, and what may they inherit? | [`process`] |
//!
//! [`cli`] parses the line and [`run`] answers it. Each module uses only those in lower layers;
//! `tests/architecture` holds the layers, and that no files use each other in a circle.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that fails panics"
    )
)]

pub mod agent;
pub(crate) mod breach;
pub mod cli;
pub(crate) mod commands;
pub(crate) mod context;
pub mod crypto;
pub mod error;
pub mod exchange;
pub mod export;
pub(crate) mod help;
pub mod import;
pub mod model;
pub mod pages;
pub(crate) mod process;
pub(crate) mod report;
pub mod store;
pub(crate) mod sync;
pub mod ui;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::StyledStr;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::help::errors;
use crate::help::layout::laid_out;
use crate::process::inherited::Inherited;
use crate::process::own_program;
use crate::ui::{Ui, UiOptions};

/// Runs the command line `args` to the process's exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let inherited = Inherited::mark();
    crypto::memory::harden();
    outlive_size_limits();
    let args = cli::by_called_name(args.into_iter().collect());
    let called = own_program::called(args.first().map(OsString::as_os_str));
    let cli = match Cli::read(&args) {
        Ok(cli) => cli.settled(),
        Err(why) => return refuse(&why, &args, &called),
    };
    let ui = Ui::new(UiOptions {
        json: cli.globals.json,
        quiet: cli.globals.quiet,
        color: cli.globals.color,
        no_input: cli.globals.no_input,
    })
    .with_inherited(inherited)
    .typed_as(
        &called,
        cli.globals.vault.as_deref(),
        cli::names_of_commands,
    );
    let ctx = Context::new(ui, cli.globals, cli::whole_tree);
    let outcome = commands::run(cli.command, &ctx);
    let outcome = outcome.and_then(|()| ctx.ui.flush().map_err(Into::into));
    match outcome {
        Ok(()) => {
            ctx.tell_unfitting();
            ctx.tell_rehearsed();
            ctx.exit_code()
        }
        Err(why) => report(&ctx.ui, &why),
    }
}

/// A write past the limit of file sizes (`ulimit -f`) is to fail like one to a full disk, not to
/// end the process in the middle of it.
fn outlive_size_limits() {
    let signal = rustix::process::Signal::XFSZ.as_raw();
    // A handler and not "ignore", which the children would inherit.
    let _ = signal_hook::flag::register(signal, Arc::default());
}

/// Says what went wrong; what was not put into words by this crate is a failure.
fn report(ui: &Ui, why: &anyhow::Error) -> ExitCode {
    let error = match why.downcast_ref::<Error>() {
        Some(error) => error.clone(),
        None => Error::failed(format!("{why:#}")),
    };
    ui.error(&error);
    ExitCode::from(error.kind().exit_code())
}

/// The version or the help that a command line asks for, the commands by groups.
fn help(why: &clap::Error, args: &[OsString], ui: &Ui) -> StyledStr {
    if why.kind() == ErrorKind::DisplayVersion {
        return why.render();
    }
    match laid_out(cli::whole_tree(), ui).try_get_matches_from(args) {
        Err(asked) => asked.render(),
        Ok(_) => why.render(),
    }
}

/// Answers a command line that does not parse: help and version on stdout, anything else as an
/// error in this program's form.
fn refuse(why: &clap::Error, args: &[OsString], called: &str) -> ExitCode {
    let json = args.iter().any(|arg| arg == "--json");
    let ui = Ui::new(UiOptions {
        json,
        color: errors::color(args),
        ..UiOptions::default()
    })
    .typed_as(called, None, cli::names_of_commands);
    if matches!(
        why.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let shown = ui.help(&help(why, args, &ui));
        return shown.map_or_else(|why| report(&ui, &why.into()), |()| ExitCode::SUCCESS);
    }
    if why.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !json {
        ui.usage(&help(why, args, &ui));
        return ExitCode::from(Kind::Usage.exit_code());
    }
    let error = errors::usage_error(why, &cli::whole_tree(), args);
    ui.error(&error);
    ExitCode::from(error.kind().exit_code())
}
