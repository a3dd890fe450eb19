//! `vault incident`: what may have given credentials away, whom it concerns, and what was done.

mod letters;
mod open;
mod plan;
mod register;
mod starts;
mod told;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

const EXAMPLES: &str = "\
Examples:
  vault incident open 'the host was broken into' --host acme.example
  vault rotate --due --incident 2f95            change what it reaches, one after another
  vault incident notice 2f95 --all --out letters    a letter for each client, about its own alone
  vault incident told 2f95 acme --by phone
  vault incident note 2f95 'came in by a plug-in' --cause 'an old plug-in'
  vault incident note 2f95 --host mail.acme.example     more was hit
  vault incident close 2f95 --measures 'changed all of it, removed the plug-in'
  vault incident plan                           what to do on the day, with your own numbers

Two clocks run. Yours: you tell each client without undue delay once you know of it. The client's: 72
hours from when they are told, to tell the authority, if personal data is concerned (GDPR Art. 33).";

/// Options of `incident`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: IncidentCommand,
}

/// What is done about an incident.
#[derive(Debug, Subcommand)]
enum IncidentCommand {
    /// Enter one: what it reaches is found and flagged
    Open(open::Args),
    /// List them, the open ones first
    List(register::ListArgs),
    /// Show one with all that is known
    Show(register::ShowArgs),
    /// Add what was learnt
    Note(Box<register::NoteArgs>),
    /// Write the letters to the clients
    Notice(letters::Args),
    /// Note that clients were told
    Told(told::Args),
    /// Close one, with its cause and the measures
    Close(register::CloseArgs),
    /// Print the plan for the day
    Plan(plan::Args),
}

/// Enters, shows or changes incidents.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.command {
        IncidentCommand::Open(args) => open::run(args, ctx)?,
        IncidentCommand::List(args) => register::list(args, ctx)?,
        IncidentCommand::Show(args) => register::show(args, ctx)?,
        IncidentCommand::Note(args) => register::note(args, ctx)?,
        IncidentCommand::Notice(args) => letters::run(args, ctx)?,
        IncidentCommand::Told(args) => told::run(args, ctx)?,
        IncidentCommand::Close(args) => register::close(args, ctx)?,
        IncidentCommand::Plan(args) => plan::run(args, ctx)?,
    }
    Ok(())
}
