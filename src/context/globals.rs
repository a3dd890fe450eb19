//! Options of all commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::model::text::kdf::KdfLimit;
use crate::ui::Color;

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
    /// Let the holder of this key open the vault, although this device does not know it: the start
    /// of its id, or the key
    #[arg(long, global = true, value_name = "ID", hide_short_help = true)]
    pub accept_recipient: Vec<String>,
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

/// The number of a descriptor.
pub fn descriptor(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "a descriptor is a number, as in 3".to_owned())
}
