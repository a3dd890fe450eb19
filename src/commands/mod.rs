//! One file for each command: its options, and a `run` that asks, calls the domain and answers.
//! No rule of the domain lives here.

use anyhow::Result;

use crate::cli::Command;
use crate::context::Context;

pub mod ack;
pub mod add;
pub mod agent;
pub mod attach;
pub mod attest;
pub mod backup;
pub mod backups;
pub mod clear_clipboard;
pub mod client;
pub mod client_fields;
pub mod clip;
pub mod clock;
pub mod code;
pub mod complete;
pub mod completions;
pub mod consent;
pub mod consent_add;
pub mod consent_request;
pub mod consent_show;
pub mod consent_terms;
pub mod contact;
pub mod contact_fields;
pub mod detach;
pub mod doctor;
mod document_file;
pub mod edit;
mod edit_in_editor;
pub mod export;
pub mod exposed;
pub mod fields;
pub mod find;
pub mod generate;
pub mod get;
pub mod help;
pub mod history;
pub mod id;
pub mod import;
mod import_claims;
mod import_report;
pub mod init;
pub mod inject;
pub mod key_files;
pub mod list;
pub mod lock;
pub mod log;
pub mod man;
pub mod mv;
pub mod other_password;
pub mod passwd;
pub mod pick;
pub mod receive;
pub mod recipient;
pub mod recovery;
pub mod restore;
mod reveal;
pub mod revoke;
pub mod rm;
pub mod rotate;
mod rotate_due;
mod rotate_exec;
pub mod run;
pub mod share;
mod share_key;
pub mod shares;
pub mod show;
pub mod status;
mod terms;
pub mod tour;
pub mod trash;
pub mod unlock;
pub mod verify;
mod ways_in;
pub mod write_out;

/// Runs one command.
///
/// # Errors
/// Whatever kept it from doing what was asked; nothing was changed then.
pub fn run(command: Command, ctx: &Context) -> Result<()> {
    match command {
        Command::Init(args) => init::run(&args, ctx),
        Command::Import(args) => import::run(&args, ctx),
        Command::Export(args) => export::run(&args, ctx),
        Command::Add(args) => add::run(&args, ctx),
        Command::Get(args) => get::run(&args, ctx),
        Command::Show(args) => show::run(&args, ctx),
        Command::List(args) => list::run(&args, ctx),
        Command::Find(args) => find::run(&args, ctx),
        Command::Edit(args) => edit::run(args, ctx),
        Command::Code(args) => code::run(&args, ctx),
        Command::Run(args) => run::run(&args, ctx),
        Command::Inject(args) => inject::run(&args, ctx),
        Command::Mv(args) => mv::run(&args, ctx),
        Command::Rm(args) => rm::run(&args, ctx),
        Command::Trash(args) => trash::run(&args, ctx),
        Command::History(args) => history::run(&args, ctx),
        Command::Client(args) => client::run(args, ctx),
        Command::Consent(args) => consent::run(&args, ctx),
        Command::Contact(args) => contact::run(&args, ctx),
        Command::Attach(args) => attach::run(&args, ctx),
        Command::Detach(args) => detach::run(&args, ctx),
        Command::Share(args) => share::run(&args, ctx),
        Command::Shares(args) => shares::run(&args, ctx),
        Command::Revoke(args) => revoke::run(&args, ctx),
        Command::Receive(args) => receive::run(&args, ctx),
        Command::Ack(args) => ack::run(&args, ctx),
        Command::Attest(args) => attest::run(&args, ctx),
        Command::Id(args) => id::run(&args, ctx),
        Command::Generate(args) => generate::run(&args, ctx),
        Command::Rotate(args) => rotate::run(&args, ctx),
        Command::Verify(args) => verify::run(&args, ctx),
        Command::Log(args) => log::run(&args, ctx),
        Command::Backup(args) => backup::run(&args, ctx),
        Command::Backups(args) => backups::run(&args, ctx),
        Command::Restore(args) => restore::run(&args, ctx),
        Command::Doctor(args) => doctor::run(&args, ctx),
        Command::Passwd(args) => passwd::run(&args, ctx),
        Command::Recovery(args) => recovery::run(&args, ctx),
        Command::Recipient(args) => recipient::run(&args, ctx),
        Command::Unlock(args) => unlock::run(&args, ctx),
        Command::Lock(args) => lock::run(&args, ctx),
        Command::Status(args) => status::run(&args, ctx),
        Command::Tour(args) => tour::run(&args, ctx),
        Command::Completions(args) => completions::run(&args, ctx),
        Command::Man(args) => man::run(&args, ctx),
        Command::Complete(args) => complete::run(args, ctx),
        Command::Help(args) => help::run(&args, ctx),
        Command::ClearClipboard(args) => clear_clipboard::run(&args, ctx),
        Command::Agent(args) => agent::run(&args),
    }
}
