//! `vault tour`: the whole story in a temporary vault. Each command is shown, really run by this
//! binary, and its real output printed.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::context::{Context, write_private};
use crate::error::{Error, Result as VaultResult};
use crate::model::secret::Secret;

const EXAMPLES: &str = "\
Examples:
  vault tour                    nothing of yours is touched, nothing is left behind
  vault tour --keep /tmp/tour   keeps the vault to look at";

/// Options of `tour`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Keep the temporary vault in this new folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// One step of the story.
struct Step {
    says: &'static str,
    pipes: Option<&'static str>,
    runs: &'static [&'static str],
    exits: i32,
}

const fn step(says: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        says,
        pipes: None,
        runs,
        exits: 0,
    }
}

const fn piped(says: &'static str, pipes: &'static str, runs: &'static [&'static str]) -> Step {
    Step {
        pipes: Some(pipes),
        ..step(says, runs)
    }
}

const fn refused(says: &'static str, runs: &'static [&'static str], exits: i32) -> Step {
    Step {
        exits,
        ..step(says, runs)
    }
}

/// The master password of the temporary vault, which protects nothing.
const PASSWORD: &str = "orbit canvas mellow trumpet dusk\n";
const PASSWORD_FILE: &str = "master-password";
/// A file for the story to keep.
const KEY_FILE: &str = "deploy_key";
const KEY: &str = "-----BEGIN KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END KEY-----\n";

const STORY: &[Step] = &[
    step(
        "One file holds everything. A recovery identity is a second way in, to be kept offline.",
        &["init", "--recovery", "recovery.key"],
    ),
    step(
        "A client, and the rules that they gave for their logins.",
        &[
            "client",
            "add",
            "acme",
            "--name",
            "Acme Ltd",
            "--rules",
            "Only from the office network",
        ],
    ),
    piped(
        "Secrets are typed at a hidden prompt, or piped in. They are never arguments.",
        "tr0ub4dor&3",
        &[
            "add",
            "acme/wordpress",
            "-u",
            "admin",
            "--url",
            "https://acme.example/wp-admin",
            "--tag",
            "cms",
        ],
    ),
    step(
        "Or made up: uniform, from the operating system.",
        &[
            "add",
            "globex/database",
            "-u",
            "root",
            "--env",
            "DB_PASSWORD",
            "--rotate-every",
            "90d",
            "--generate",
        ],
    ),
    step(
        "Small files are kept with an entry.",
        &["attach", "globex/database", KEY_FILE],
    ),
    step("What there is.", &["list", "--long"]),
    step("And where something is.", &["find", "acme.example"]),
    step(
        "Everything about an entry but its secret.",
        &["show", "globex/database"],
    ),
    step(
        "The secret itself; this is in the log from now on.",
        &["get", "acme/wordpress"],
    ),
    piped(
        "A new secret waits until the site has it.",
        "correct-horse-battery",
        &["rotate", "acme/wordpress", "--begin", "--stdin"],
    ),
    step(
        "Until then the old one is given.",
        &["get", "acme/wordpress"],
    ),
    step(
        "The site has it: now it counts.",
        &["rotate", "acme/wordpress", "--confirm"],
    ),
    step(
        "The old one stays in the history.",
        &["history", "acme/wordpress"],
    ),
    refused(
        "A slip of the finger is answered with the next step.",
        &["get", "acme/wordpres"],
        3,
    ),
    step(
        "Names change; what was done stays with the entry.",
        &["mv", "acme/wordpress", "acme/blog"],
    ),
    step(
        "What is not needed goes to the trash.",
        &["rm", "acme/blog", "--yes"],
    ),
    step(
        "And comes back from there.",
        &["trash", "restore", "acme/blog"],
    ),
    step(
        "What was done, when, and on which device.",
        &["log", "--verify"],
    ),
    step(
        "Anyone who knows the signer can check the file, without the password.",
        &["verify"],
    ),
    step(
        "With the password, every record and every link of the log.",
        &["verify", "--full"],
    ),
    step("Who this vault is, to be compared over the phone.", &["id"]),
    step("How it stands.", &["status"]),
];

/// Tells the whole story.
///
/// # Errors
/// When any step does not do what it should.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let home = match &args.keep {
        Some(keep) => {
            make_new(keep)?;
            keep.canonicalize()?
        }
        None => temporary.path().to_path_buf(),
    };
    write_private(&home.join(PASSWORD_FILE), &Secret::new(PASSWORD.into()))?;
    write_private(&home.join(KEY_FILE), &Secret::new(KEY.into()))?;
    let binary = std::env::current_exe().context("cannot find this program")?;
    let mut told = Vec::with_capacity(STORY.len());
    for (at, step) in STORY.iter().enumerate() {
        told.push(tell(ctx, &binary, &home, step, at + 1)?);
    }
    if ctx.ui.is_json() {
        ctx.ui.json(&json!({"steps": told}))?;
        return Ok(());
    }
    ctx.ui.line("")?;
    ctx.ui
        .line(&format!("All {} steps did what they should.", STORY.len()))?;
    if args.keep.is_some() {
        ctx.ui.line(&format!(
            "The vault is kept in {}; its password is in {PASSWORD_FILE} there.",
            home.display()
        ))?;
    }
    Ok(())
}

fn make_new(folder: &Path) -> VaultResult<()> {
    std::fs::create_dir(folder).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => Error::conflict(format!("{} already exists", folder.display()))
            .hint("choose a folder that does not exist yet"),
        _ => Error::failed(format!("cannot make {}: {why}", folder.display())),
    })
}

/// Runs a step and shows it, or gives it for the answer in JSON.
fn tell(
    ctx: &Context,
    binary: &Path,
    home: &Path,
    step: &Step,
    number: usize,
) -> VaultResult<Value> {
    let pipe = match step.pipes {
        Some(text) => format!("printf '%s' '{text}' | "),
        None => String::new(),
    };
    let shown = command_line(step.runs);
    let json = ctx.ui.is_json();
    if !json {
        ctx.ui.line("")?;
        ctx.ui.heading(&format!("{number}. {}", step.says))?;
        ctx.ui.line(&format!("$ {pipe}{shown}"))?;
        ctx.ui.flush()?;
    }
    let output = vault(binary, home, step)
        .map_err(|why| Error::failed(format!("step {number} cannot be run: {why}")))?;
    let texts = [output.stdout, output.stderr].map(|text| told(&text, home));
    for text in texts.iter().filter(|text| !json && !text.is_empty()) {
        ctx.ui.block(text.trim_end_matches('\n'))?;
    }
    if output.status.code() == Some(step.exits) {
        return Ok(json!({
            "says": step.says,
            "command": format!("{pipe}{shown}"),
            "exit": step.exits,
            "output": texts.concat(),
        }));
    }
    Err(Error::failed(format!(
        "step {number} ({shown}) ended with {}, not with exit code {}",
        output.status, step.exits
    )))
}

/// The story is the same wherever the temporary folder is.
fn told(text: &[u8], home: &Path) -> String {
    String::from_utf8_lossy(text).replace(&home.display().to_string(), "~")
}

/// A command as one would type it.
fn command_line(arguments: &[&str]) -> String {
    let typed = arguments.iter().map(|argument| {
        if argument.contains(' ') {
            format!(" '{argument}'")
        } else {
            format!(" {argument}")
        }
    });
    format!("vault{}", typed.collect::<String>())
}

/// Runs one command of the story, with nothing of the user's in reach.
fn vault(binary: &Path, home: &Path, step: &Step) -> std::io::Result<std::process::Output> {
    let mut child = Command::new(binary)
        .args(step.runs)
        .env_clear()
        .env("HOME", home)
        .env("VAULT_PASSWORD_FILE", home.join(PASSWORD_FILE))
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(step.pipes.unwrap_or_default().as_bytes())?;
    }
    child.wait_with_output()
}
