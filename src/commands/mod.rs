//! One file for each command: its options, and a `run` that asks, calls the domain and answers.
//! No rule of the domain lives here.

use anyhow::Result;

use crate::cli::Command;
use crate::context::Context;

pub mod access;
pub mod args;
pub mod consent;
pub mod entries;
pub mod people;
pub mod reveal;
pub mod rotation;
pub mod safety;
pub mod sharing;
pub mod shell;
pub mod transfer;

/// Runs one command.
///
/// # Errors
/// Whatever kept it from doing what was asked; nothing was changed then.
pub fn run(command: Command, ctx: &Context) -> Result<()> {
    match command {
        Command::Init(args) => access::init::run(&args, ctx),
        Command::Import(args) => transfer::import::run(&args, ctx),
        Command::Export(args) => transfer::export::run(&args, ctx),
        Command::Add(args) => entries::add::run(&args, ctx),
        Command::Get(args) => reveal::get::run(&args, ctx),
        Command::Show(args) => entries::show::run(&args, ctx),
        Command::List(args) => entries::list::run(&args, ctx),
        Command::Find(args) => entries::find::run(&args, ctx),
        Command::Edit(args) => entries::edit::run(args, ctx),
        Command::Code(args) => reveal::code::run(&args, ctx),
        Command::Run(args) => reveal::run::run(&args, ctx),
        Command::Inject(args) => reveal::inject::run(&args, ctx),
        Command::Mv(args) => entries::mv::run(&args, ctx),
        Command::Rm(args) => entries::rm::run(&args, ctx),
        Command::Trash(args) => entries::trash::run(&args, ctx),
        Command::History(args) => entries::history::run(&args, ctx),
        Command::Client(args) => people::client::run(args, ctx),
        Command::Consent(args) => consent::run(&args, ctx),
        Command::Contact(args) => people::contact::run(&args, ctx),
        Command::Attach(args) => entries::attach::run(&args, ctx),
        Command::Detach(args) => reveal::detach::run(&args, ctx),
        Command::Share(args) => sharing::share::run(&args, ctx),
        Command::Shares(args) => sharing::shares::run(&args, ctx),
        Command::Revoke(args) => sharing::revoke::run(&args, ctx),
        Command::Receive(args) => sharing::receive::run(&args, ctx),
        Command::Ack(args) => sharing::ack::run(&args, ctx),
        Command::Attest(args) => sharing::attest::run(&args, ctx),
        Command::Id(args) => access::id::run(&args, ctx),
        Command::Generate(args) => entries::generate::run(&args, ctx),
        Command::Rotate(args) => rotation::rotate::run(&args, ctx),
        Command::Verify(args) => safety::verify::run(&args, ctx),
        Command::Log(args) => safety::log::run(&args, ctx),
        Command::Backup(args) => safety::backup::run(&args, ctx),
        Command::Backups(args) => safety::backups::run(&args, ctx),
        Command::Restore(args) => safety::restore::run(&args, ctx),
        Command::Doctor(args) => safety::doctor::run(&args, ctx),
        Command::Passwd(args) => access::passwd::run(&args, ctx),
        Command::Recovery(args) => access::recovery::run(&args, ctx),
        Command::Recipient(args) => access::recipient::run(&args, ctx),
        Command::Unlock(args) => access::unlock::run(&args, ctx),
        Command::Lock(args) => access::lock::run(&args, ctx),
        Command::Status(args) => access::status::run(&args, ctx),
        Command::Tour(args) => shell::tour::run(&args, ctx),
        Command::Completions(args) => shell::completions::run(&args, ctx),
        Command::Man(args) => shell::man::run(&args, ctx),
        Command::Complete(args) => shell::complete::run(args, ctx),
        Command::Help(args) => shell::help::run(&args, ctx),
        Command::ClearClipboard(args) => reveal::clear_clipboard::run(&args, ctx),
        Command::Agent(args) => access::agent::run(&args),
    }
}
