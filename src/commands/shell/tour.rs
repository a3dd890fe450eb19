//! `vault tour`: the whole story in temporary vaults, in chapters. Each command is shown, really run by
//! this binary, and its real output printed.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::screen::Screen;
use self::story::{STORY, Step};
use crate::context::{Context, write_private};
use crate::error::{Error, Result as VaultResult};
use crate::model::records::record_id::number;
use crate::model::text::secret::Secret;
use crate::process::child::child;
use crate::store::disk::file::{check_is_place, unwritable};

mod screen;
mod story;

const EXAMPLES: &str = "\
Examples:
  vault tour                    nothing of yours is touched, nothing is left behind
  vault tour --all              without a pause after each screen
  vault tour --keep /tmp/tour   keeps the vault to look at";

/// Options of `tour`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Go through all of it without a pause after each chapter, and without a secret to type
    #[arg(long)]
    all: bool,
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
/// Said before anything happens.
const FIRST: &str = "This is the story of Kim, who keeps the passwords of two clients, and of Bob, \
who helps out with one of them. Each command is really run, in a temporary folder: nothing of yours is \
touched.";
/// Said at the end.
const WHAT_NOW: &str = "
What now:
  vault add acme/wordpress     your own first password; makes your vault
  vault import FILE            what your browser exports
  vault help                   all commands, and topics to read";
/// What a command ends with that was given nothing.
const USAGE: i32 = 2;
/// Said where somebody was asked for a secret and typed none.
const NOTHING_TYPED: &str = "Nothing was typed, so the story's own it is.";
/// The lines that follow where a secret is typed: the question, and what is made of it.
const TYPED_LINES: usize = 3;
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
    let stage = Stage {
        ctx,
        binary: std::env::current_exe().context("cannot find this program")?,
        home,
        has_audience: !args.all
            && !ctx.ui.is_json()
            && ctx.ui.stdout_is_terminal()
            && ctx.ui.can_ask(),
    };
    let mut screen = Screen::new(ctx, stage.has_audience);
    let told = stage.tell_all(&mut screen)?;
    if ctx.ui.is_json() {
        ctx.ui.json(&json!({"steps": told}))?;
        return Ok(());
    }
    screen.gap();
    screen.text(&format!("All {} steps did what they should.", told.len()));
    if args.keep.is_some() {
        screen.text(&format!(
            "The vault is kept in {}; its password is in {PASSWORD_FILE} there.",
            stage.home.display()
        ));
    }
    screen.text(&ctx.ui.as_called(WHAT_NOW));
    screen.show_end()?;
    Ok(())
}

/// Where the story is played, and whether somebody looks on.
struct Stage<'a> {
    ctx: &'a Context,
    binary: PathBuf,
    home: PathBuf,
    has_audience: bool,
}

impl Stage<'_> {
    /// Plays every chapter, or those up to where somebody has seen enough; gives each step for the
    /// answer in JSON.
    fn tell_all(&self, screen: &mut Screen<'_>) -> Result<Vec<Value>> {
        let mut told = Vec::new();
        screen.prose(FIRST);
        for (nth, chapter) in (1..).zip(STORY) {
            screen.gap();
            screen.heading(&format!("{nth} of {}: {}", STORY.len(), chapter.title));
            for step in chapter.steps {
                let nth = told.len() + 1;
                match self.tell(step, nth, screen)? {
                    Some(step) => told.push(step),
                    None => return Ok(told),
                }
            }
            if nth < STORY.len() && !screen.goes_on()? {
                break;
            }
        }
        Ok(told)
    }

    /// Runs a step and shows it; gives it for the answer in JSON, or nothing where somebody has seen
    /// enough.
    fn tell(&self, step: &Step, nth: usize, screen: &mut Screen<'_>) -> VaultResult<Option<Value>> {
        let home = &self.home;
        let arguments = arguments(self.ctx, &self.binary, home, step)?;
        let stdin = match step.pipes {
            Some(_) if step.may_be_typed && self.has_audience => StepInput::Typed,
            Some(text) => StepInput::Piped(text),
            None => StepInput::Nothing,
        };
        let pipe = match (stdin, step.deletes) {
            (StepInput::Piped(text), _) => format!("printf '%s' '{text}' | "),
            (_, Some(file)) => format!("rm {file} && "),
            _ => String::new(),
        };
        let into = step.saves.map(|file| format!(" > {file}"));
        let shown = command_line(&arguments) + &into.unwrap_or_default();
        let is_typed = matches!(stdin, StepInput::Typed);
        screen.gap();
        screen.heading(&format!("{nth}. {}", step.says));
        if is_typed {
            screen.prose("Type anything you like: it is kept in this story only.");
        }
        screen.command(&format!("$ {pipe}{shown}"));
        // Who looks on sees a step as a whole, on one screen.
        if (is_typed || !self.has_audience) && !screen.show(TYPED_LINES)? {
            return Ok(None);
        }
        let failed = |why| Error::failed(format!("step {nth} cannot be run: {why}"));
        if let Some(file) = step.deletes {
            std::fs::remove_file(home.join(file)).map_err(failed)?;
        }
        let run = |input| vault(&self.binary, home, &arguments, input).map_err(failed);
        let mut output = run(stdin)?;
        if is_typed {
            screen.skip_line();
        }
        if is_typed && output.status.code() == Some(USAGE) {
            screen.prose(NOTHING_TYPED);
            output = run(StepInput::Piped(step.pipes.unwrap_or_default()))?;
        }
        if let Some(file) = step.saves {
            std::fs::write(home.join(file), &output.stdout).map_err(failed)?;
            output.stdout.clear();
        }
        let texts = [output.stdout, output.stderr].map(|text| told(&text, home));
        let [answer, messages] = &texts;
        screen.answer(answer);
        screen.messages(messages);
        let goes_on = screen.show(0)?;
        if output.status.code() != Some(step.exits) {
            return Err(Error::failed(format!(
                "step {nth} ({shown}) ended with {}, not with exit code {}",
                output.status, step.exits
            )));
        }
        Ok(goes_on.then(|| {
            json!({
                "says": step.says,
                "command": format!("{pipe}{shown}"),
                "exit": step.exits,
                "output": texts.concat(),
            })
        }))
    }
}

/// What a command of the story reads.
#[derive(Clone, Copy)]
enum StepInput<'a> {
    Nothing,
    Piped(&'a str),
    /// The terminal: the command asks.
    Typed,
}

fn make_new(folder: &Path) -> VaultResult<()> {
    check_is_place(folder)?;
    std::fs::create_dir(folder).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => Error::conflict(format!("{} already exists", folder.display()))
            .hint("choose a folder that does not exist yet"),
        _ => unwritable(folder, &why),
    })
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
    let output = vault(binary, home, &list, StepInput::Nothing)
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
    input: StepInput<'_>,
) -> std::io::Result<Output> {
    let stdin = match input {
        StepInput::Typed => Stdio::inherit(),
        _ => Stdio::piped(),
    };
    let mut child = child(binary)
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("VAULT_PASSWORD_FILE", home.join(PASSWORD_FILE))
        .current_dir(home)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let (Some(mut stdin), StepInput::Piped(text)) = (child.stdin.take(), input) {
        stdin.write_all(text.as_bytes())?;
    }
    child.wait_with_output()
}
