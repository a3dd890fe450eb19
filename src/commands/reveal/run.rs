//! `vault run`: a program with secrets in its environment, in files or on its stdin.
//!
//! It takes this one's place, so that its terminal, its signals and its exit code are its own; where
//! what it prints is masked, this one stays beside it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::str::FromStr;

use anyhow::Result;
use zeroize::Zeroizing;

use super::hand_out::hand_out;
use super::masking::Masking;
use crate::context::Context;
use crate::crypto::memory::with_core_limit_as_before;
use crate::error::{Error, Result as VaultResult};
use crate::model::inject::dotenv;
use crate::model::inject::file_reference::{FileReading, FileReference};
use crate::model::inject::reference::{Reference, SCHEME};
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::name::{ClientSlug, EnvName};
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::text::selector::{EntryFolder, Selector};
use crate::model::text::variable::check_settable;
use crate::model::vault::Vault;
use crate::process::child::{HandedBytes, ProgramToRun};
use crate::store::disk::file::read_named;
use crate::store::gate::{RevealedItem, Via, base_name};

const EXAMPLES: &str = "\
Examples:
  vault run --client acme -- npm run deploy       what acme's entries name with --env
  vault run --entry acme/db -- ./migrate
  vault run --entry 'acme/db/*' -- ./migrate      what those of acme/db/ name
  vault run --env DB_PASSWORD=vault://acme/db --env DB_USER=vault://acme/db#username -- ./backup
  vault run --env-file .env -- docker compose up
  vault run --file PGPASSFILE=vault://acme/pgpass -- psql -h db.acme.example
  vault run --file KUBECONFIG=vault://acme/cluster?file=config -- kubectl get pods
  vault run --stdin vault://acme/registry -- docker login -u acme --password-stdin

An env file has NAME=value lines; a value may be a reference, as in
  DB_PASSWORD=vault://acme/db
so that it can be kept in a repository. Other values are set as they are; nothing is expanded.
Values in single or double quotes or backticks may have several lines; \\n and other escapes count in
double quotes only, and a # with a blank before it starts a comment, as in docker compose.
--env counts before --env-file, and that before what entries name. In a reference, a space is %20.
The program gets your environment and these variables, but none of VAULT_PASSWORD…; what steers a
program, such as PATH or LD_PRELOAD, is never set (6). Processes of yours, and root, can read its
environment while it runs. The exit code is the program's own; 127 if it is not found, 126 if it
cannot be executed.
--file and --stdin hand over a file that is attached, too: vault://CLIENT/NAME?file=FILE.
A file of --file is readable by you only, on no disk, and gone with the program. It ends with a line
end where the secret has several lines; --stdin adds none. With masking, a program that is started by
the program can open it only where it inherits its descriptors, which Python's subprocess gives with
close_fds=False.

--mask puts [vault: ENTRY] in the place of every secret that the program prints, on stdout and
stderr: as it is, in base64, URL-encoded, as JSON escapes it, and of one with several lines each line of
a private key and each value that looks like a secret itself. Secrets of fewer than 6 characters are not masked, and that is said. It
guards against accidents: a program that means to show a secret can. Where an assistant runs it, as
CLAUDECODE, CURSOR_AGENT, GEMINI_CLI, CODEX_SANDBOX, AI_AGENT and the like say, that is done without
the option; --no-mask passes on every byte. What it leaves running finds its output closed.";

/// Options of `run`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Set what this client's entries name with --env; may be given several times
    #[arg(long = "client", value_name = "CLIENT")]
    clients: Vec<ClientSlug>,
    /// Set what this entry names with --env, or those of CLIENT/FOLDER/ or of a pattern; may be given
    /// several times
    #[arg(long = "entry", value_name = "ENTRY")]
    entries: Vec<Selector>,
    /// Set a variable to what a reference stands for; may be given several times
    #[arg(long = "env", value_name = "NAME=REF", value_parser = assignment::<Reference>)]
    env: Vec<(EnvName, Reference)>,
    /// Set what this file of NAME=value lines says
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Give the program a file in memory with what a reference stands for, and set a variable to its
    /// path; may be given several times
    #[arg(long = "file", value_name = "NAME=REF", value_parser = assignment::<FileReference>)]
    files: Vec<(EnvName, FileReference)>,
    /// Give the program what a reference stands for on its stdin, and nothing more
    #[arg(long, value_name = "REF")]
    stdin: Option<FileReference>,
    #[command(flatten)]
    masking: Masking,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

fn assignment<R: FromStr<Err = String>>(text: &str) -> Result<(EnvName, R), String> {
    let (name, reference) = text
        .split_once('=')
        .ok_or_else(|| "it is NAME=REF, as in DB_PASSWORD=vault://acme/db".to_owned())?;
    Ok((name.parse()?, reference.parse()?))
}

/// What a variable is to be set to.
enum EnvSource {
    Reference(Reference),
    Plain(String),
    /// The path of a file that holds it.
    File(FileReference),
}

type EnvSources = BTreeMap<String, EnvSource>;

/// Runs the program, after recording what is handed to it.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Error::usage("there is no program to run").into());
    };
    check_something_wanted(args)?;
    (ctx.ui.check_program(program)).map_err(|why| another_meant(args, program, why))?;
    let named = named(args)?;
    let session = ctx.unlock()?;
    let vault = session.vault();
    let clients = args.clients.iter().cloned().map(EntryFolder::of);
    let selection = (args.entries.iter().cloned()).chain(clients.map(Selector::Folder));
    let selection: Vec<Selector> = selection.collect();
    let mut sources = EnvSources::new();
    for (name, path) in vault.variables(&selection, |name| named.contains_key(name))? {
        sources.insert(name, EnvSource::Reference(Reference::to_secret(path)));
    }
    sources.extend(named);
    let mut program = ProgramToRun {
        name: program,
        args: rest,
        variables: Vec::new(),
        files: Vec::new(),
        stdin: None,
    };
    let readings = look_up(ctx, vault, &sources, &mut program)?;
    let stdin = args.stdin.as_ref();
    let stdin = (stdin.map(|reference| vault.read_file(reference, ctx.now()))).transpose()?;
    program.stdin = (stdin.as_ref()).map(|reading| HandedBytes::new(reading.bytes()));
    let readings: Vec<FileReading<'_>> = readings.into_iter().chain(stdin).collect();
    let masked = args.masking.matcher(ctx, &readings)?;
    let via = Via::Program {
        command: "run",
        program: &base_name(program.name),
    };
    let handed: Vec<_> = readings.iter().map(RevealedItem::file_reading).collect();
    hand_out(ctx, &session, &handed, &via)?;
    let Some(matcher) = masked else {
        let become_it = || ctx.ui.become_program(&program);
        return Err(with_core_limit_as_before(become_it).into());
    };
    let started = with_core_limit_as_before(|| ctx.ui.start_masked(&program))?;
    let ended = started.pass_on(&matcher);
    let ended = ended.map_err(|why| Error::failed(format!("cannot wait for it: {why}")))?;
    if let Some(why) = ended.lost {
        let name = base_name(program.name);
        return Err(
            Error::failed(format!("cannot pass on what {name} prints: {why}"))
                .hint("its output is cut off there, and it was ended: make room, and run it again")
                .into(),
        );
    }
    ctx.end_with(exit_code(ended.status));
    Ok(())
}

/// That of the program, or 128 and the signal that ended it.
fn exit_code(ended: ExitStatus) -> u8 {
    let by_signal = || ended.signal().map(|signal| signal + 128);
    let code = ended.code().or_else(by_signal);
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}

/// Gives the program its variables and files; what of it is read from the vault.
fn look_up<'a>(
    ctx: &Context,
    vault: &'a Vault,
    sources: &'a EnvSources,
    program: &mut ProgramToRun<'_>,
) -> VaultResult<Vec<FileReading<'a>>> {
    let now = ctx.now();
    let mut readings = Vec::new();
    for (name, source) in sources {
        let value = match source {
            EnvSource::Plain(text) => Secret::new(text.clone()),
            EnvSource::Reference(reference) => {
                let reading = vault.read(reference, now)?;
                let value = reading.secret();
                readings.push(FileReading::Text(reading));
                value
            }
            EnvSource::File(reference) => {
                let reading = vault.read_file(reference, now)?;
                program.files.push((name.clone(), as_file(&reading)));
                readings.push(reading);
                continue;
            }
        };
        check_value(name, &value)?;
        program.variables.push((name.clone(), value));
    }
    Ok(readings)
}

/// OpenSSH and others refuse a key whose last line has no end. A file is handed over as it is.
fn as_file(reading: &FileReading<'_>) -> HandedBytes {
    let bytes = reading.bytes();
    let is_text = matches!(reading, FileReading::Text(_));
    if !is_text || !bytes.contains(&b'\n') || bytes.ends_with(b"\n") {
        return HandedBytes::new(bytes);
    }
    HandedBytes::new(&Zeroizing::new([bytes, b"\n"].concat()))
}

fn check_something_wanted(args: &Args) -> VaultResult<()> {
    let nothing = args.clients.is_empty()
        && args.entries.is_empty()
        && args.env.is_empty()
        && args.env_file.is_none()
        && args.files.is_empty()
        && args.stdin.is_none();
    if nothing {
        return Err(
            Error::usage("no secrets are selected for the program").hint(
                "name them: --client CLIENT, --entry ENTRY, --env NAME=vault://…, --env-file FILE, \
                 --file NAME=vault://…, --stdin vault://…",
            ),
        );
    }
    Ok(())
}

/// Where a client or an entry stands in the place of the program: an option takes one.
fn another_meant(args: &Args, program: &OsStr, why: Error) -> Error {
    let name = program.to_str().unwrap_or_default();
    let (option, first) = match (args.entries.last(), args.clients.last()) {
        (Some(entry), _) if name.parse::<Selector>().is_ok() => ("--entry", entry.to_string()),
        (None, Some(client)) if args.command.iter().any(|arg| arg == "--") => {
            ("--client", client.to_string())
        }
        _ => return why,
    };
    why.hint(format!(
        "check its name; another one of the vault has an option of its own: {option} {} {option} {}",
        as_word(first),
        as_word(name)
    ))
}

/// What the options and the env file set, options first.
fn named(args: &Args) -> VaultResult<EnvSources> {
    let mut named = EnvSources::new();
    for (name, reference) in &args.env {
        check_settable(name)?;
        let source = EnvSource::Reference(reference.clone());
        let name = name.as_str().to_owned();
        if named.insert(name.clone(), source).is_some() {
            return Err(Error::usage(format!("--env sets {name} twice")));
        }
    }
    for (name, reference) in &args.files {
        check_settable(name)?;
        let source = EnvSource::File(reference.clone());
        match named.insert(name.as_str().to_owned(), source) {
            Some(EnvSource::File(_)) => {
                return Err(Error::usage(format!("--file sets {name} twice")));
            }
            Some(_) => {
                return Err(Error::usage(format!("--env and --file both set {name}")));
            }
            None => {}
        }
    }
    if let Some(path) = &args.env_file {
        for (name, source) in read_env_file(path)? {
            named.entry(name).or_insert(source);
        }
    }
    Ok(named)
}

fn read_env_file(path: &Path) -> VaultResult<EnvSources> {
    let shown = path.display();
    let bytes = read_named("the env file", path, TEXT_FILE_BYTES)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::usage(format!("the env file {shown} is not UTF-8")))?;
    let in_file = |why: Error| why.prefixed(&format!("{shown}, "));
    let mut sources = EnvSources::new();
    for assignment in dotenv::parse(text).map_err(in_file)? {
        check_settable(&assignment.name)?;
        let source = if assignment.value.starts_with(SCHEME) {
            let reference = assignment.value.parse();
            EnvSource::Reference(reference.map_err(|why: String| {
                in_file(Error::usage(format!("line {}: {why}", assignment.line)))
            })?)
        } else {
            EnvSource::Plain(assignment.value)
        };
        sources.insert(assignment.name.as_str().to_owned(), source);
    }
    Ok(sources)
}

/// A vault that another program wrote may hold what an environment cannot.
fn check_value(name: &str, value: &Secret) -> VaultResult<()> {
    if value.expose().contains('\0') {
        return Err(Error::refused(format!(
            "{name} cannot be set: the value has a NUL byte, which ends a variable"
        )));
    }
    Ok(())
}
