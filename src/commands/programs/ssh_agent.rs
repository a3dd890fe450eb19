//! `vault ssh-agent`: lets `ssh`, `git` and others use the SSH keys of the vault.

mod asking;
mod bounds;
mod judged;
mod keys;
mod listing;
mod offers;
mod refused;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use self::asking::KeyQuestions;
use self::keys::VaultSshKeys;
use self::offers::key_offers;
use crate::agent::ssh::server::SshAgentServer;
use crate::agent::ssh::sockets::{SshPlace, SshSockets};
use crate::agent::ssh::start::{self, SshStarter};
use crate::context::{Context, check_runtime_folder, socket_folder};
use crate::error::{Error, Result as VaultResult};
use crate::model::ssh::verdict::ConfirmMode;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::process::askpass::Askpass;

/// The name of the command of its process.
pub const NAME: &str = start::COMMAND;

/// What a shell takes over.
const VARIABLES: [&str; 2] = ["SSH_AUTH_SOCK", "SSH_AGENT_PID"];

const EXAMPLES: &str = "\
Examples:
  eval \"$(vault ssh-agent)\"          in the background; ssh and git find it by SSH_AUTH_SOCK
  vault ssh-agent --list             which keys it has, and where each may be used
  vault ssh-agent --confirm always   asks before each use
  eval \"$(vault ssh-agent --stop)\"     ends it, and the shell forgets it

It offers Ed25519 and ECDSA keys in OpenSSH's format that are secrets or attached files, without a
passphrase, while the vault is unlocked. RSA keys are not offered. It keeps no key: each use takes it
out of the vault, by the agent of vault unlock, and vault log has it with the host and the user. Where
one runs for the same vault, its variables are printed again.

An entry's URLs say where its key may log in: ssh://root@web1.acme.example. Another server, or another
user there, is refused; the server is known by its key, from your known_hosts or from the field
host-key: SHA256:…, or with several servers web1.acme.example:22=SHA256:… for each. A host certificate
is not read: with HostKeyAlgorithms -*-cert-* in ~/.ssh/config the server shows its plain key. Such a
key signs files and commits only in the namespaces of the field ssh-sign, as in git. A key without such
URLs may be used anywhere.

Each client whose entries have keys has a socket, at which only those are offered (--list says where;
without XDG_RUNTIME_DIR in ~/.cache/vault-agent). In ~/.ssh/config:

    Host *.acme.example
      IdentityAgent ${XDG_RUNTIME_DIR}/vault/ssh/acme.sock

You are asked by the program in SSH_ASKPASS, or on the terminal with --foreground; where nobody can be
asked, the answer is no. What comes through a forwarded agent (ssh -A) is asked each time, with
--confirm never too; after a no, what comes through the same machine is refused for a minute.";

/// Options of `ssh-agent`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    serve: ServeArgs,
    /// Stay in the foreground, and tell there what is refused
    #[arg(long)]
    foreground: bool,
    /// List the keys, and where each may be used; no agent is started
    #[arg(short, long, conflicts_with_all = ["foreground", "confirm"])]
    list: bool,
    /// End the agent that runs
    #[arg(short = 'k', long, conflicts_with_all = ["list", "foreground", "confirm", "client"])]
    stop: bool,
}

/// What the agent does, wherever it runs.
#[derive(clap::Args, Debug)]
pub struct ServeArgs {
    /// Only this client's keys
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// When to ask before a key is used: always, once (for each key, host and user while the vault is
    /// unlocked) or never
    #[arg(long, value_name = "WHEN", default_value = "once")]
    confirm: ConfirmMode,
}

/// Starts the agent, ends it or lists its keys.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let place = SshPlace::new(socket_folder()?);
    let vault = served_vault(ctx)?;
    if args.stop {
        return Ok(stop(ctx, &place, &vault)?);
    }
    if args.list {
        return Ok(listing::run(args.serve.client.as_ref(), &place, ctx)?);
    }
    check(ctx)?;
    check_runtime_folder()?;
    if let (Some(running), false) = (place.running()?, args.foreground) {
        running.check_serves(&vault)?;
        ctx.ui
            .note("The SSH agent runs already, with the options that it was started with.");
        return Ok(tell(ctx, &place, running.process.as_raw_nonzero().get())?);
    }
    let sockets = SshSockets::listen(place.clone(), &vault)?;
    check_vault(&args.serve, ctx)?;
    if args.foreground {
        tell(
            ctx,
            &place,
            rustix::process::getpid().as_raw_nonzero().get(),
        )?;
        return serve(&args.serve, ctx, sockets, true);
    }
    // What could be wrong with them is told by now.
    drop(sockets);
    let process = start::start(&globals(ctx)?, &as_args(&args.serve))?;
    Ok(tell(ctx, &place, process)?)
}

/// Is the agent, until it ends.
pub fn go_on(args: &ServeArgs, ctx: &Context) -> Result<()> {
    let starter = SshStarter::leave()?;
    let listen = || SshSockets::listen(SshPlace::new(socket_folder()?), &served_vault(ctx)?);
    let sockets = listen();
    starter.tell(&sockets);
    serve(args, ctx, sockets?, false)
}

fn serve(args: &ServeArgs, ctx: &Context, sockets: SshSockets, is_foreground: bool) -> Result<()> {
    let asking = KeyQuestions::new(ctx, args.confirm, is_foreground);
    let keys = VaultSshKeys::new(ctx, args.client.clone(), asking);
    SshAgentServer::new(sockets, keys)?.serve()?;
    Ok(())
}

/// The file of the vault, by the one name that it has wherever one stands.
fn served_vault(ctx: &Context) -> VaultResult<PathBuf> {
    let path = ctx.store()?.path().to_owned();
    let named = std::fs::canonicalize(&path).or_else(|_| std::path::absolute(&path));
    named.map_err(|why| Error::failed(format!("cannot name the vault: {why}")))
}

fn stop(ctx: &Context, place: &SshPlace, vault: &Path) -> VaultResult<()> {
    let note = if place.stop(vault)? {
        "ended the SSH agent"
    } else {
        "There is no SSH agent."
    };
    ctx.answer_change(note, &[]);
    if ctx.ui.is_json() {
        return Ok(());
    }
    for name in VARIABLES {
        ctx.ui.line(&if is_csh() {
            format!("unsetenv {name};")
        } else {
            format!("unset {name};")
        })?;
    }
    ctx.ui.flush()
}

/// Refuses options that name a key of their own: it uses the agent of `unlock`, and that alone.
fn check(ctx: &Context) -> VaultResult<()> {
    let globals = &ctx.globals;
    let named = [
        ("--no-agent", globals.no_agent),
        ("--identity", globals.identity.is_some()),
        ("--password-file", globals.password_file.is_some()),
        ("--password-fd", globals.password_fd.is_some()),
    ];
    match named.iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Error::usage(format!(
            "ssh-agent opens the vault by the agent of unlock alone, and takes no {option}"
        ))
        .hint("leave it out; to open the vault: vault unlock")),
        None => Ok(()),
    }
}

/// Tells at once what would go wrong later, where it can be seen.
fn check_vault(args: &ServeArgs, ctx: &Context) -> VaultResult<()> {
    let locked = ctx.store()?.read()?;
    if args.confirm != ConfirmMode::Never
        && !KeyQuestions::new(ctx, args.confirm, true).is_possible()
    {
        ctx.warn(
            "nobody can be asked here, so that nothing is signed that has to be asked for: name a \
             program that asks in SSH_ASKPASS",
        );
    }
    if let Some(missing) = Askpass::missing() {
        let missing = missing.to_string_lossy().into_owned();
        ctx.warn(&format!("SSH_ASKPASS names {missing}, which is no program"));
    }
    let Some(session) = ctx.unlock_aside(locked) else {
        ctx.ui
            .hint("the vault is locked, and no key is offered until: vault unlock");
        return Ok(());
    };
    if let Some(client) = &args.client {
        session.vault().known_client(client)?;
    }
    for offer in key_offers(&session, args.client.as_ref())? {
        if let Err(problem) = &offer.key {
            ctx.ui
                .note(&format!("{} is not offered: {problem}", offer.name()));
        }
    }
    Ok(())
}

/// The options of all commands that the process in the background needs.
fn globals(ctx: &Context) -> VaultResult<Vec<OsString>> {
    let vault = std::path::absolute(ctx.store()?.path());
    let vault = vault.map_err(|why| Error::failed(format!("cannot name the vault: {why}")))?;
    Ok(vec!["--vault".into(), vault.into()])
}

fn as_args(args: &ServeArgs) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["--confirm".into(), args.confirm.as_str().into()];
    if let Some(client) = &args.client {
        all.extend(["--client".into(), client.as_str().into()]);
    }
    all
}

/// Prints what a shell is to take over, as OpenSSH's agent does.
fn tell(ctx: &Context, place: &SshPlace, process: i32) -> VaultResult<()> {
    let (socket, clients) = (place.socket(), place.clients());
    if ctx.ui.is_json() {
        ctx.answer_with(
            &[],
            &[
                ("socket", json!(socket)),
                ("clients", json!(clients)),
                ("process", json!(process)),
            ],
        );
        return Ok(());
    }
    let values = [as_word(socket.display()), process.to_string()];
    for (name, value) in VARIABLES.into_iter().zip(values) {
        ctx.ui.line(&if is_csh() {
            format!("setenv {name} {value};")
        } else {
            format!("{name}={value}; export {name};")
        })?;
    }
    ctx.ui.flush()
}

/// Whether the user's shell is one that speaks as csh does.
fn is_csh() -> bool {
    let shell = std::env::var_os("SHELL").unwrap_or_default();
    let name = Path::new(&shell).file_name().unwrap_or_default();
    name.to_string_lossy().ends_with("csh")
}
