//! `vault helper`: what git, docker, AWS and Kubernetes tools and browsers start when they need a login.
//!
//! Nobody is asked for the master password here: the terminal is the other program's. What is handed
//! out goes through the gate as with `get`, and the log has the program and the host.

use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

mod aws;
mod browserpass;
mod docker;
mod git;
mod kube;
mod login;
mod operation;
mod setup;
mod stored;

/// What the program is called where git and docker look for it, and the helper that it then is.
pub(crate) const LINK_NAMES: [(&str, &str); 2] = [
    ("git-credential-vault", "git"),
    ("docker-credential-vault", "docker"),
];

/// How long a program that waits for an answer is kept waiting for another that writes the vault.
const PATIENCE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  vault helper --setup git                     the lines for ~/.gitconfig, shown first
  vault helper --setup git --store acme        new logins that work go to acme
  vault helper --setup docker
  vault helper --setup aws acme/aws            the profile acme in ~/.aws/config
  vault helper --setup kube acme/cluster       prints the user for a kubeconfig
  vault helper --setup browserpass             Firefox, Chromium, Chrome and Brave ask here
  printf 'protocol=https\\nhost=git.example\\n' | vault helper git get

An entry is the one that is meant where its URL has the same scheme, host and port, and where it has a
path, the same start of it; and the same user where the program names one. Where several fit, none is
given, and stderr says what would choose. While the vault is locked nothing is given and nothing is
asked: vault unlock. The log has each use, with the program and the host.";

/// Options of `helper`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    program: HelperProgram,
    /// Set the program up to ask here: what is written is shown first
    #[arg(long, global = true)]
    setup: bool,
    /// Write it without asking
    #[arg(short, long, global = true)]
    yes: bool,
    /// Only say what would be written
    #[arg(short = 'n', long, global = true)]
    dry_run: bool,
}

/// Who asks.
#[derive(Debug, Subcommand)]
enum HelperProgram {
    /// Answer git, as its credential helper
    Git(git::Args),
    /// Answer docker and podman, as their credential helper
    Docker(docker::Args),
    /// Answer AWS tools, as their `credential_process`
    Aws(aws::Args),
    /// Answer kubectl, as its exec plugin
    Kube(kube::Args),
    /// Answer browsers, as the host of their extension Browserpass
    Browserpass(browserpass::Args),
}

impl Args {
    /// Whether somebody may be asked: who sets a program up, and who has let new logins be stored.
    pub(crate) fn may_ask(&self) -> bool {
        self.setup
            || match &self.program {
                HelperProgram::Git(args) => args.wanted.may_ask(),
                HelperProgram::Docker(args) => args.wanted.may_ask(),
                HelperProgram::Aws(_) | HelperProgram::Kube(_) | HelperProgram::Browserpass(_) => {
                    false
                }
            }
    }
}

impl Args {
    /// How long a vault that is being written is waited for, where a program waits for the answer.
    pub(crate) fn patience(&self) -> Option<Duration> {
        (!self.setup).then_some(PATIENCE)
    }
}

/// Answers a program, or sets it up.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if args.dry_run {
        ctx.rehearse();
    }
    match &args.program {
        HelperProgram::Git(git) if args.setup => {
            setup::git::run(ctx, git.wanted.store(), args.yes)?;
        }
        HelperProgram::Docker(docker) if args.setup => {
            setup::docker::run(ctx, docker.wanted.store(), args.yes)?;
        }
        HelperProgram::Aws(aws) if args.setup => setup::aws::run(ctx, aws, args.yes)?,
        HelperProgram::Kube(kube) if args.setup => setup::kube::run(ctx, kube)?,
        HelperProgram::Browserpass(_) if args.setup => setup::browserpass::run(ctx, args.yes)?,
        _ if args.yes || args.dry_run => {
            return Err(crate::error::Error::usage("--yes and --dry-run go with --setup").into());
        }
        HelperProgram::Git(git) => git::run(git, ctx)?,
        HelperProgram::Docker(docker) => docker::run(docker, ctx)?,
        HelperProgram::Aws(aws) => aws::run(aws, ctx)?,
        HelperProgram::Kube(kube) => kube::run(kube, ctx)?,
        HelperProgram::Browserpass(_) => browserpass::run(ctx)?,
    }
    Ok(())
}
