//! One file for each command: its options, and a `run` that asks, calls the domain and answers.
//! No rule of the domain lives here.

use anyhow::Result;
use clap::Subcommand;

use self::access::{agent, id, init, lock, passwd, recipient, recovery, status, unlock};
use self::entries::{
    add, attach, attachments, edit, find, generate, history, list, mv, purge, rm, show, trash,
};
use self::papers::{clauses, evidence, records, report, toms};
use self::people::{client, contact, me};
use self::programs::{helper, ssh_agent};
use self::reveal::{clear_clipboard, code, detach, get, inject, run};
use self::rotation::rotate;
use self::safety::{
    audit, backup, backups, breach, doctor, incident, log, redact, restore, review, scan, verify,
};
use self::sharing::{ack, ask, attest, decline, grant, page, receive, revoke, share, shares, who};
use self::shell::{complete, completions, help, man, tour};
use self::sync::{conflicts, diff_text, merge, merge_driver, resolve, sync as syncing};
use self::transfer::{export, import};
use crate::context::Context;

pub(crate) mod access;
pub(crate) mod args;
pub(crate) mod consent;
pub(crate) mod entries;
pub(crate) mod papers;
pub(crate) mod people;
pub(crate) mod programs;
pub(crate) mod reveal;
pub(crate) mod rotation;
pub(crate) mod safety;
pub(crate) mod sharing;
pub(crate) mod shell;
pub(crate) mod sync;
pub(crate) mod transfer;

/// What there is to do. Only the command that is named is built whole.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Make a vault
    Init(init::Args),
    /// Import from another program or a browser
    Import(import::Args),
    /// Export for another program
    Export(export::Args),
    /// Keep a new credential
    Add(add::Args),
    /// Print a secret, or copy it with --clip
    #[command(visible_alias = "reveal")]
    Get(get::Args),
    /// Show everything but secrets
    Show(show::Args),
    /// List what there is
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// Find credentials by name, username, URL, note or tag
    Find(find::Args),
    /// Change a credential
    Edit(edit::Args),
    /// Print the current one-time code
    Code(code::Args),
    /// Run a program with secrets in its environment
    Run(run::Args),
    /// Find this vault's secrets in files, by value
    Scan(scan::Args),
    /// Take this vault's secrets out of a stream
    Redact(redact::Args),
    /// Put secrets into a template
    Inject(inject::Args),
    /// Answer git, docker, AWS and Kubernetes tools that ask for a login
    Helper(helper::Args),
    /// Rename or move a credential, a folder or a client
    Mv(mv::Args),
    /// Put a credential in the trash
    Rm(rm::Args),
    /// See, restore or empty the trash
    Trash(trash::Args),
    /// Remove credentials for good, and certify it
    Purge(purge::Args),
    /// Show when a secret changed, and why
    History(history::Args),
    /// Who you are on the papers that clients get
    Me(me::Args),
    /// Manage clients: people, keys, rules
    Client(client::Args),
    /// People you share with: keys, role, agreement
    Contact(contact::Args),
    /// Ask for a client's permission, file it, withdraw it
    Consent(consent::Args),
    /// Keep a small file with a credential
    Attach(attach::Args),
    /// List the files that are kept with a credential
    Attachments(attachments::Args),
    /// Take a file from a credential
    Detach(detach::Args),
    /// Give a contact what a client's consent allows
    Share(share::Args),
    /// Record a login of their own instead of a shared secret
    Grant(grant::Args),
    /// See who was given what, and what became of it
    Shares(shares::Args),
    /// Show who can know what, and who allowed it
    Who(who::Args),
    /// Write the page that opens a share in a browser
    Page(page::Args),
    /// End a share before its time
    Revoke(revoke::Args),
    /// Ask for credentials by a page that needs nothing but a browser
    Ask(ask::Args),
    /// What is done with a share that came
    #[command(flatten)]
    Incoming(IncomingCommand),
    /// File what the recipient of a share sends back
    Ack(ack::Args),
    /// Delete what came with a share, and sign that you did
    Attest(attest::Args),
    /// Show the vault's public identity, or make new keys
    Id(id::Args),
    /// Make up a password or a passphrase
    Generate(generate::Args),
    /// Give a credential a new secret, in step with the site
    Rotate(rotate::Args),
    /// Prove without the password that the vault is whole, and who wrote it
    Verify(verify::Args),
    /// Show what was done, when, on which device
    Log(log::Args),
    /// Copy the vault to another disk, and check the copy
    Backup(backup::Args),
    /// List the backups, and whether each is whole
    Backups(backups::Args),
    /// Go back to a backup, or put one in the place of a damaged vault
    Restore(restore::Args),
    /// Keep the same vault on several machines, over git
    Sync(syncing::Args),
    /// Bring copies of the vault that were changed apart together
    Merge(merge::Args),
    /// Show where devices changed the same thing, and what you can choose
    Conflicts(conflicts::Args),
    /// Choose which change counts
    Resolve(resolve::Args),
    /// Find weak spots: secrets, people and permissions
    Audit(audit::Args),
    /// Go through who has access to what, and whether it is still needed
    Review(review::Args),
    /// Tell a client what you keep, who can know it and by whose word
    Report(report::Args),
    /// Write a folder that shows what a client permitted, and a script that checks it
    Evidence(evidence::Args),
    /// Look secrets up in a list of leaked ones, without the network
    Breach(breach::Args),
    /// Enter an incident, and do what is to be done about it
    Incident(incident::Args),
    /// What you do on behalf of whom, and who else is permitted access (GDPR Art. 30)
    Records(records::Args),
    /// What is in place to protect the vault, as measured (GDPR Art. 32)
    Toms(toms::Args),
    /// Clauses for agreements with clients and with those who are given access
    Clauses(clauses::Args),
    /// Check this machine and the vault's settings for what is not safe
    Doctor(doctor::Args),
    /// Change the master password, its cost, or the key file
    Passwd(passwd::Args),
    /// Ways back in when the password is lost
    Recovery(recovery::Args),
    /// Hardware, SSH and age keys that open the vault
    Recipient(recipient::Args),
    /// Ask for the master password once, and keep the vault open for a while
    Unlock(unlock::Args),
    /// Lock the vault now
    Lock(lock::Args),
    /// Let ssh and git use SSH keys of the vault, each where its entry allows it
    SshAgent(ssh_agent::Args),
    /// Show where the vault is, how it is doing and what is due
    Status(status::Args),
    /// Watch the whole story in a temporary vault
    Tour(tour::Args),
    /// Make Tab complete commands and names in your shell
    Completions(completions::Args),
    /// Print the manual page, or write all of them
    Man(man::Args),
    /// A command that nobody has to know
    #[command(flatten)]
    Unlisted(UnlistedCommand),
}

/// What is done with a share that came. Its `--identity` opens the share, in place of the option that
/// all commands have: for that both are built at once, and not when they are named.
#[derive(Debug, Subcommand)]
pub enum IncomingCommand {
    /// Take in a share, or the answer to what you asked for
    Receive(receive::Args),
    /// Refuse a share, and sign that you did
    Decline(decline::Args),
}

/// What other programs call, and what help is asked for by.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum UnlistedCommand {
    /// What may stand at the cursor, for the scripts of completions
    #[command(hide = true)]
    Complete(complete::Args),
    /// Explain the program or a command
    #[command(hide = true)]
    Help(help::Args),
    /// What --clip starts to clear the clipboard later
    #[command(hide = true)]
    ClearClipboard(clear_clipboard::Args),
    /// Merge two states of the vault, for git
    #[command(name = merge_driver::NAME, hide = true)]
    MergeDriver(merge_driver::Args),
    /// Show a state of the vault as text, for git
    #[command(name = diff_text::NAME, hide = true)]
    DiffText(diff_text::Args),
    /// The process that unlock starts
    #[command(name = agent::NAME, hide = true)]
    Agent(agent::Args),
    /// The process that ssh-agent starts
    #[command(name = ssh_agent::NAME, hide = true)]
    SshAgentProcess(ssh_agent::ServeArgs),
}

/// Runs one command.
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
        Command::Scan(args) => scan::run(&args, ctx),
        Command::Redact(args) => redact::run(&args, ctx),
        Command::Inject(args) => inject::run(&args, ctx),
        Command::Helper(args) => helper::run(&args, ctx),
        Command::Mv(args) => mv::run(&args, ctx),
        Command::Rm(args) => rm::run(&args, ctx),
        Command::Trash(args) => trash::run(&args, ctx),
        Command::Purge(args) => purge::run(&args, ctx),
        Command::History(args) => history::run(&args, ctx),
        Command::Me(args) => me::run(args, ctx),
        Command::Client(args) => client::run(args, ctx),
        Command::Consent(args) => consent::run(&args, ctx),
        Command::Contact(args) => contact::run(&args, ctx),
        Command::Attach(args) => attach::run(&args, ctx),
        Command::Attachments(args) => attachments::run(&args, ctx),
        Command::Detach(args) => detach::run(&args, ctx),
        Command::Share(args) => share::run(&args, ctx),
        Command::Grant(args) => grant::run(&args, ctx),
        Command::Shares(args) => shares::run(&args, ctx),
        Command::Who(args) => who::run(&args, ctx),
        Command::Page(args) => page::run(&args, ctx),
        Command::Revoke(args) => revoke::run(&args, ctx),
        Command::Ask(args) => ask::run(&args, ctx),
        Command::Incoming(IncomingCommand::Receive(args)) => receive::run(&args, ctx),
        Command::Incoming(IncomingCommand::Decline(args)) => decline::run(&args, ctx),
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
        Command::Sync(args) => syncing::run(&args, ctx),
        Command::Merge(args) => merge::run(&args, ctx),
        Command::Conflicts(args) => conflicts::run(&args, ctx),
        Command::Resolve(args) => resolve::run(&args, ctx),
        Command::Audit(args) => audit::run(&args, ctx),
        Command::Review(args) => review::run(&args, ctx),
        Command::Report(args) => report::run(&args, ctx),
        Command::Evidence(args) => evidence::run(&args, ctx),
        Command::Breach(args) => breach::run(&args, ctx),
        Command::Incident(args) => incident::run(&args, ctx),
        Command::Records(args) => records::run(&args, ctx),
        Command::Toms(args) => toms::run(&args, ctx),
        Command::Clauses(args) => clauses::run(&args, ctx),
        Command::Doctor(args) => doctor::run(&args, ctx),
        Command::Passwd(args) => passwd::run(&args, ctx),
        Command::Recovery(args) => recovery::run(&args, ctx),
        Command::Recipient(args) => recipient::run(&args, ctx),
        Command::Unlock(args) => unlock::run(&args, ctx),
        Command::Lock(args) => lock::run(&args, ctx),
        Command::SshAgent(args) => ssh_agent::run(&args, ctx),
        Command::Status(args) => status::run(&args, ctx),
        Command::Tour(args) => tour::run(&args, ctx),
        Command::Completions(args) => completions::run(&args, ctx),
        Command::Man(args) => man::run(&args, ctx),
        Command::Unlisted(command) => run_unlisted(command, ctx),
    }
}

fn run_unlisted(command: UnlistedCommand, ctx: &Context) -> Result<()> {
    match command {
        UnlistedCommand::Complete(args) => complete::run(args, ctx),
        UnlistedCommand::Help(args) => help::run(&args, ctx),
        UnlistedCommand::ClearClipboard(args) => clear_clipboard::run(&args, ctx),
        UnlistedCommand::MergeDriver(args) => merge_driver::run(&args, ctx),
        UnlistedCommand::DiffText(args) => diff_text::run(&args, ctx),
        UnlistedCommand::Agent(args) => agent::run(&args),
        UnlistedCommand::SshAgentProcess(args) => ssh_agent::go_on(&args, ctx),
    }
}
