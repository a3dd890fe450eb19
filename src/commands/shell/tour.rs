//! `vault tour`: the whole story in temporary vaults. Each command is shown, really run by this
//! binary, and its real output printed.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::story::{STORY, Step};
use crate::context::{Context, write_private};
use crate::error::{Error, Result as VaultResult};
use crate::model::records::record_id::number;
use crate::model::text::secret::Secret;
use crate::process::child::child;
use crate::store::disk::file::{check_is_place, unwritable};

mod story;

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

/// A file for the story to keep.
const KEY_FILE: &str = "deploy_key";
const KEY: &str = "-----BEGIN KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END KEY-----\n";
/// What a client answers in it.
const MAIL_FILE: &str = "mail.eml";
const MAIL: &str = "From: Jo <jo@acme.example>\nDate: TIME\nSubject: Re: Bob\n\nYES NUMBER\nJo\n";
/// The master password of the temporary vaults, which protects nothing.
const PASSWORD: &str = "orbit canvas mellow trumpet dusk\n";
const PASSWORD_FILE: &str = "master-password";
/// What stands for the newest share in a step.
const SHARE: &str = "SHARE";

/// Tells the whole story.
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
    check_is_place(folder)?;
    std::fs::create_dir(folder).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => Error::conflict(format!("{} already exists", folder.display()))
            .hint("choose a folder that does not exist yet"),
        _ => unwritable(folder, &why),
    })
}

/// Runs a step and shows it, or gives it for the answer in JSON.
fn tell(ctx: &Context, binary: &Path, home: &Path, step: &Step, nth: usize) -> VaultResult<Value> {
    let arguments = arguments(ctx, binary, home, step)?;
    let pipe = match step.pipes {
        Some(text) => format!("printf '%s' '{text}' | "),
        None => String::new(),
    };
    let into = step.saves.map(|file| format!(" > {file}"));
    let shown = command_line(&arguments) + &into.unwrap_or_default();
    let json = ctx.ui.is_json();
    if !json {
        ctx.ui.line("")?;
        ctx.ui.heading(&format!("{nth}. {}", step.says))?;
        ctx.ui.line(&format!("$ {pipe}{shown}"))?;
        ctx.ui.flush()?;
    }
    let failed = |why| Error::failed(format!("step {nth} cannot be run: {why}"));
    let mut output = vault(binary, home, &arguments, step.pipes).map_err(failed)?;
    if let Some(file) = step.saves {
        std::fs::write(home.join(file), &output.stdout).map_err(failed)?;
        output.stdout.clear();
    }
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
        "step {nth} ({shown}) ended with {}, not with exit code {}",
        output.status, step.exits
    )))
}

/// The story is the same wherever the temporary folder is.
fn told(text: &[u8], home: &Path) -> String {
    String::from_utf8_lossy(text).replace(&home.display().to_string(), "~")
}

/// The arguments of a step; the newest share is looked up where they name it, and a mail is written
/// that answers the newest request.
fn arguments(ctx: &Context, binary: &Path, home: &Path, step: &Step) -> VaultResult<Vec<String>> {
    let share = if step.runs.contains(&SHARE) {
        newest(binary, home, &["shares", "--json"])?
    } else {
        String::new()
    };
    if step.runs.contains(&MAIL_FILE) {
        let number = newest(binary, home, &["consent", "list", "--json"])?;
        let sent = jiff::fmt::rfc2822::to_string(&ctx.now_here());
        let sent = sent.map_err(|why| Error::failed(format!("the mail has no date: {why}")))?;
        let mail = MAIL.replace("NUMBER", &number).replace("TIME", &sent);
        write_private(&home.join(MAIL_FILE), &Secret::new(mail))?;
    }
    let arguments = step.runs.iter().map(|argument| match *argument {
        SHARE => share.clone(),
        other => other.to_owned(),
    });
    Ok(arguments.collect())
}

/// The number of the newest record that a command lists.
fn newest(binary: &Path, home: &Path, command: &[&str]) -> VaultResult<String> {
    let list: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    let output = vault(binary, home, &list, None)
        .map_err(|why| Error::failed(format!("the story cannot go on: {why}")))?;
    let records: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let newest = records.as_array().and_then(|records| records.last());
    let id = newest.and_then(|record| record.get("id")?.as_str()?.parse().ok());
    id.map(number)
        .ok_or_else(|| Error::failed("the story has no share and no request"))
}

/// A command as one would type it.
fn command_line(arguments: &[String]) -> String {
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
fn vault(
    binary: &Path,
    home: &Path,
    arguments: &[String],
    pipes: Option<&str>,
) -> std::io::Result<Output> {
    let mut child = child(binary)
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("VAULT_PASSWORD_FILE", home.join(PASSWORD_FILE))
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(pipes.unwrap_or_default().as_bytes())?;
    }
    child.wait_with_output()
}
