//! `vault recipient`: keys of their owner's that open the vault too.

use anyhow::Result;
use clap::Subcommand;

use super::ways_in;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::keys::text_of;
use crate::context::Context;
use crate::crypto::WayInKey;
use crate::error::{Error, Result as VaultResult};
use crate::model::records::record_id::short;
use crate::model::records::way_in::{Family, WayInKind};
use crate::model::text::name::WayInName;
use crate::process::helper::find_helper;

const EXAMPLES: &str = "\
Examples:
  vault recipient add ~/.ssh/id_ed25519.pub --name laptop
  vault recipient add age1yubikey1… --name keyring       a hardware key, through its age plugin
  vault list --identity ~/.ssh/id_ed25519
  vault recipient rm 3f2a

They open the vault for reading and for vault passwd, not for other changes.";

const ADD_EXAMPLES: &str = "\
Examples:
  vault recipient add ~/.ssh/id_ed25519.pub --name laptop
  vault recipient add age1yubikey1… --name keyring       made by age-plugin-yubikey
  vault recipient add age1tag1…                          a hardware key, but no plugin for changes
  vault recipient add age1…

A key of an age plugin needs that plugin, age-plugin-NAME in PATH, at each change of the vault, on
every machine: without it, exit 1 and nothing is changed. A key that is spelt age1tag1… needs it
only for unlocking. An SSH key's first bytes of a hash stand in the file: who has both the file
and your public key sees that it opens it. Of SSH keys, prefer Ed25519: RSA decryption here takes
a time that depends on the key, for who can measure it on this machine.";

const LIST_EXAMPLES: &str = "\
Examples:
  vault recipient list
  vault recipient list --json | jq -r '.[].recipient'";

const RM_EXAMPLES: &str = "\
Examples:
  vault recipient rm 3f2a             asks first
  vault recipient rm laptop --yes     by its name

The vault is encrypted anew, without that key. Old copies and backups still open with it: if
somebody else may have it, vault passwd --compromised makes new keys for the vault too.";

/// Options of `recipient`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with recipients.
#[derive(Debug, Subcommand)]
enum Action {
    /// Let a key open the vault
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// The public key (age1…, ssh-ed25519, ssh-rsa), or a file that holds it
        #[arg(value_name = "KEY")]
        key: String,
        /// What to call it, as in laptop
        #[arg(long, value_name = "NAME")]
        name: Option<WayInName>,
    },
    /// List the keys that open the vault
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List,
    /// Take a key away
    #[command(after_help = RM_EXAMPLES)]
    Rm {
        /// Its id, the start of it, or its name; may be several
        #[arg(required = true, value_name = "ID")]
        ids: Vec<WayInName>,
        #[command(flatten)]
        dry_run: DryRunArg,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Adds, lists or takes away.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::Add { key, name } => add(ctx, key, name.as_ref())?,
        Action::List => ways_in::list(ctx, Family::Recipient)?,
        Action::Rm { ids, dry_run, yes } => {
            dry_run.begin(ctx);
            ways_in::remove(ctx, Family::Recipient, ids, *yes)?;
        }
    }
    Ok(())
}

fn add(ctx: &Context, given: &str, name: Option<&WayInName>) -> VaultResult<()> {
    let key = read(given)?;
    if let Some(plugin) = key.plugin() {
        find_helper(&plugin.program())?;
    }
    let session = ctx.unlock_to_change()?;
    ctx.prove_for_way_in(&session, &[session.vault()])?;
    let id = ctx.change(session, |vault, author| {
        vault.add_way_in(key.kind(), key.as_str().to_owned(), name, author)
    })?;
    let note = format!("{} now opens the vault", short(id));
    ctx.answer_change(&note, &[id.to_string()]);
    ctx.ui.note(match key.kind() {
        WayInKind::Plugin => {
            "It needs its plugin at each change of the vault, here and on your other machines. \
             Try it now: vault list --identity FILE, with the plugin's identity file."
        }
        _ => "Try it now: vault list --identity FILE, with the private key.",
    });
    Ok(())
}

/// The one key that was given, or that the file of that name holds.
fn read(given: &str) -> VaultResult<WayInKey> {
    let (text, source) = text_of(given)?;
    let private = ["PRIVATE KEY", "AGE-SECRET-KEY-", "AGE-PLUGIN-"];
    if private
        .iter()
        .any(|part| text.to_ascii_uppercase().contains(part))
    {
        return Err(Error::usage(source.of("that is a private key")).hint(
            "give the public one: from the file that ends in .pub, or age1… as age-keygen -y shows \
             it; a plugin's file names it in a comment",
        ));
    }
    let lines = text.lines().map(str::trim);
    let mut keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (first, second) = (keys.next(), keys.next());
    match (first, second) {
        (Some(key), None) => WayInKey::parse(key).map_err(|why| source.in_error(why)),
        (None, _) => Err(Error::usage(source.of("there is no key in it"))),
        (Some(_), Some(_)) => Err(Error::usage(source.of("there is more than one key in it"))
            .hint("give each by itself, so that each can be taken away")),
    }
}
