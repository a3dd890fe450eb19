//! The command line: global options and the list of commands. The only source of help, man
//! pages and completions.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::commands::access::{agent, id, init, lock, passwd, recipient, recovery, status, unlock};
use crate::commands::consent;
use crate::commands::entries::{
    add, attach, edit, find, generate, history, list, mv, rm, show, trash,
};
use crate::commands::people::{client, contact};
use crate::commands::reveal::{clear_clipboard, code, detach, get, inject, run};
use crate::commands::rotation::rotate;
use crate::commands::safety::{backup, backups, doctor, log, restore, verify};
use crate::commands::sharing::{ack, attest, receive, revoke, share, shares};
use crate::commands::shell::{complete, completions, help, man, tour};
use crate::commands::transfer::{export, import};
use crate::error::Error;
use crate::model::text::kdf::KdfLimit;
use crate::ui::Color;

const MORE: &str = "\
vault help COMMAND has examples, vault help --all every option. New here? vault tour shows it all.";

/// Keeps clients' credentials in one encrypted file, and the record of who was allowed to see them.
#[derive(Debug, Parser)]
#[command(
    name = "vault",
    version,
    after_help = MORE,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Options of all commands.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Where a command gives an option of all commands another meaning, that one counts.
    #[must_use]
    pub fn settled(mut self) -> Self {
        if let Command::Receive(_) = self.command {
            // It names what the share is opened with; the vault takes its password.
            self.globals.identity = None;
        }
        self
    }
}

/// The command line with its help by groups, which only help needs and parsing would wait for.
#[must_use]
pub fn with_help() -> clap::Command {
    Cli::command().help_template(crate::help::groups::help_template())
}

/// Options of all commands.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag on the command line"
)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The vault file
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help = "The vault file [default: vault/vault.age in your data folder] [env: VAULT_FILE]",
        hide_short_help = true
    )]
    pub vault: Option<PathBuf>,
    /// Read the master password from this file descriptor
    #[arg(long, global = true, value_name = "N", value_parser = descriptor, hide_short_help = true)]
    pub password_fd: Option<u32>,
    /// Read the master password from this file's first line
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help = "Read the master password from this file's first line [env: VAULT_PASSWORD_FILE, \
                or VAULT_PASSWORD_COMMAND for a command that prints it]",
        hide_short_help = true
    )]
    pub password_file: Option<PathBuf>,
    /// The key file, if the vault uses one
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help = "The key file, if the vault uses one [env: VAULT_KEY_FILE]",
        hide_short_help = true
    )]
    pub key_file: Option<PathBuf>,
    /// Unlock with a recovery identity, an SSH key or a hardware key's file instead of the
    /// password, for reading and for passwd
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub identity: Option<PathBuf>,
    /// Do not use the agent, though it may have the key
    #[arg(long, global = true, hide_short_help = true)]
    pub no_agent: bool,
    /// How long to wait for another process that is writing
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s", value_parser = wait, hide_short_help = true)]
    pub wait: Duration,
    /// The most that a vault may ask of Argon2id, as in m=8GiB,t=64,p=16
    #[arg(long, global = true, value_name = "LIMIT", hide_short_help = true)]
    pub kdf_limit: Option<KdfLimit>,
    /// Read this generation once, although this device has seen a later one; nothing is shared
    /// under it
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub accept_generation: Option<u64>,
    /// Trust the signer with this fingerprint although another was known
    #[arg(
        long,
        global = true,
        value_name = "FINGERPRINT",
        hide_short_help = true
    )]
    pub accept_signer: Option<String>,
    /// Go by the clock although this device has seen a later time
    #[arg(long, global = true, hide_short_help = true)]
    pub accept_clock: bool,
    /// Never ask; exit 9 instead
    #[arg(long, global = true, hide_short_help = true)]
    pub no_input: bool,
    /// Answer in JSON, errors too
    #[arg(long, global = true, hide_short_help = true)]
    pub json: bool,
    /// No notes, hints or progress
    #[arg(short, long, global = true, hide_short_help = true)]
    pub quiet: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true
    )]
    pub color: Color,
}

fn wait(text: &str) -> Result<Duration, String> {
    let wait: jiff::SignedDuration = text
        .parse()
        .map_err(|_| "a duration is 10s, 1m, or 0s for no wait".to_owned())?;
    Duration::try_from(wait).map_err(|_| "a wait cannot be negative".to_owned())
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a vault
    Init(init::Args),
    /// Take over what another program or a browser keeps
    Import(import::Args),
    /// Write entries as other programs read them
    Export(export::Args),
    /// Keep a new credential
    Add(add::Args),
    /// Print a secret
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
    /// Print the one-time code of the moment
    Code(code::Args),
    /// Run a program with secrets in its environment
    Run(run::Args),
    /// Put secrets into a template
    Inject(inject::Args),
    /// Give a credential another name or client
    Mv(mv::Args),
    /// Put a credential in the trash
    Rm(rm::Args),
    /// See, restore or empty the trash
    Trash(trash::Args),
    /// Show when a secret changed, and why
    History(history::Args),
    /// Whose credentials these are: contact, keys, rules
    Client(client::Args),
    /// Whom one may share with: keys, role, agreement
    Contact(contact::Args),
    /// What clients have permitted: ask for it, file it, withdraw it
    Consent(consent::Args),
    /// Keep a small file with a credential
    Attach(attach::Args),
    /// Write out a file that is kept with a credential
    Detach(detach::Args),
    /// Give a contact what a client's consent allows
    Share(share::Args),
    /// See who was given what, and what became of it
    Shares(shares::Args),
    /// End a share before its time
    Revoke(revoke::Args),
    /// Take in what somebody shares with this vault
    Receive(receive::Args),
    /// File what the recipient of a share sends back
    Ack(ack::Args),
    /// Delete what came with a share, and sign that
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
    /// List what there is to go back to, and whether it is whole
    Backups(backups::Args),
    /// Go back to a backup, or put one in the place of a damaged vault
    Restore(restore::Args),
    /// Look at this machine and the vault's settings for what is not safe
    Doctor(doctor::Args),
    /// Change the master password, its cost, or the key file
    Passwd(passwd::Args),
    /// Ways back in when the password is lost
    Recovery(recovery::Args),
    /// Hardware, SSH and age keys that open the vault
    Recipient(recipient::Args),
    /// Ask for the master password once, and keep the vault open for a while
    Unlock(unlock::Args),
    /// Let the agent forget all keys
    Lock(lock::Args),
    /// Show where the vault is and how it stands
    Status(status::Args),
    /// Watch the whole story in a temporary vault
    Tour(tour::Args),
    /// Make Tab complete commands and names in your shell
    Completions(completions::Args),
    /// Print the manual page, or write all of them
    Man(man::Args),
    /// What may stand at the cursor, for the scripts of completions
    #[command(hide = true)]
    Complete(complete::Args),
    /// Explain the program or a command
    #[command(hide = true)]
    Help(help::Args),
    /// What --clip starts to clear the clipboard later
    #[command(hide = true)]
    ClearClipboard(clear_clipboard::Args),
    /// The process that unlock starts
    #[command(name = agent::NAME, hide = true)]
    Agent(agent::Args),
}

/// The number of a descriptor.
///
/// # Errors
/// In words, when it is none.
pub fn descriptor(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "a descriptor is a number, as in 3".to_owned())
}

/// The colour that was asked for on a command line that does not parse.
#[must_use]
pub fn color(args: &[OsString]) -> Color {
    let after = |at: usize| args.get(at + 1).and_then(|value| value.to_str());
    let values = args.iter().enumerate().filter_map(|(at, arg)| {
        let arg = arg.to_str()?;
        if arg == "--color" {
            after(at)
        } else {
            arg.strip_prefix("--color=")
        }
    });
    let mut chosen = values.filter_map(|value| Color::from_str(value, true).ok());
    chosen.next_back().unwrap_or_default()
}

/// A command line that does not parse, in this program's form: what is wrong, then how it goes.
///
/// A value that is in the wrong place may be a secret that was meant for a prompt: none is
/// repeated.
#[must_use]
pub fn usage_error(why: &clap::Error) -> Error {
    let context = |kind| match why.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    let arg = context(ContextKind::InvalidArg).unwrap_or_default();
    let usage = context(ContextKind::Usage).map(|usage| usage.trim().replace("Usage: ", "usage: "));
    match why.kind() {
        ErrorKind::InvalidSubcommand => return unknown_command(why),
        ErrorKind::UnknownArgument if crate::help::hints::takes_a_secret(&arg) => {
            let option = arg.split('=').next().unwrap_or_default();
            return Error::usage(format!("there is no {option}")).hint(format!(
                "{}; {}",
                crate::help::hints::NEVER_AN_ARGUMENT,
                crate::help::hints::MASTER_PASSWORD
            ));
        }
        ErrorKind::UnknownArgument if !is_option(&arg) => {
            let command = command_of(&context(ContextKind::Usage).unwrap_or_default());
            return match crate::help::hints::instead_of_an_argument(&command) {
                Some(hint) => Error::usage("there is one argument too many").hint(hint),
                None => Error::usage(
                    "there is one argument too many; it is not repeated here, in case it is a secret",
                )
                .hint(crate::help::hints::where_secrets_come_from(&command)),
            };
        }
        ErrorKind::UnknownArgument => {
            let command = command_of(&context(ContextKind::Usage).unwrap_or_default());
            let near = context(ContextKind::SuggestedArg);
            let option = arg.split('=').next().unwrap_or_default();
            let hint = crate::help::hints::instead_of_an_option(&command, option, near.as_deref());
            return Error::usage(format!("there is no {option} here")).hint(hint);
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => {
            return Error::usage(format!(
                "{arg} takes no value; what was given is not repeated here, in case it is a secret"
            ))
            .hint(crate::help::hints::NEVER_AN_ARGUMENT);
        }
        ErrorKind::ValueValidation => {
            let reason = crate::help::hints::reason(std::error::Error::source(why));
            let given = context(ContextKind::InvalidValue)
                .filter(|_| crate::help::hints::is_repeated(&arg));
            let message = match given {
                Some(given) => format!("{arg} '{given}': {reason}"),
                None => format!("{arg}: {reason}"),
            };
            return Error::usage(message).hint("--help shows examples");
        }
        ErrorKind::InvalidValue => {
            let choices = context(ContextKind::ValidValue).unwrap_or_default();
            let message = if choices.is_empty() {
                format!("{arg} needs a value")
            } else {
                format!("{arg} is one of: {choices}")
            };
            return Error::usage(message).hint("--help shows examples");
        }
        _ => {}
    }
    let rendered = why.to_string();
    let mut paragraphs = rendered.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let message = first.trim_start_matches("error: ").replace('\n', " ");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let tip = context(ContextKind::SuggestedArg).map(|near| format!("did you mean {near}?"));
    let missing = (why.kind() == ErrorKind::MissingRequiredArgument).then(|| {
        crate::help::hints::instead_of_nothing(&command_of(usage.as_deref().unwrap_or_default()))
    });
    Error::usage(message).hint(
        tip.or(missing.flatten().map(str::to_owned))
            .or(usage)
            .unwrap_or_else(|| "vault help lists the commands".into()),
    )
}

/// Whether it is spelt as options are.
fn is_option(arg: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    arg.starts_with('-') && (arg.chars().count() == 2 || arg.chars().all(plain))
}

fn unknown_command(why: &clap::Error) -> Error {
    let text = |kind| match why.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        // The nearest one comes last.
        Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_default(),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    let near = text(ContextKind::SuggestedSubcommand);
    let near = Some(near.as_str()).filter(|near| !near.is_empty());
    let parent = command_of(&text(ContextKind::Usage));
    crate::help::hints::unknown_command(&parent, &text(ContextKind::InvalidSubcommand), near)
}

/// The command that a usage line is about.
fn command_of(usage: &str) -> clap::Command {
    let mut command = Cli::command();
    command.build();
    for word in usage.split_whitespace() {
        if let Some(found) = command.find_subcommand(word).cloned() {
            command = found;
        }
    }
    command
}
