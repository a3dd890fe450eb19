//! `vault import`: takes over what another program keeps.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};

use super::import_claims::Claims;
use super::import_report::Report;
use crate::commands::access::init;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::reveal::known_secret::KnownBefore;
use crate::context::Context;
use crate::crypto::memory::limit_address_space;
use crate::error::{Error, Result as VaultResult};
use crate::import::{ImportFormat, Intake, Source, detect};
use crate::model::text::limits::{
    IMPORT_ADDRESS_SPACE, IMPORT_BYTES, KDBX_MEMORY_KIB, TEXT_FILE_BYTES,
};
use crate::model::text::name::ClientSlug;
use crate::model::transfer::import::{OnClash, Policy};
use crate::store::disk::file::read_named;
use crate::ui::Unasked;

const EXAMPLES: &str = "\
Examples:
  vault import passwords.csv --dry-run        what would go where; nothing is changed
  vault import passwords.csv
  vault import acme.json --client acme        all of it belongs to one client
  vault import export.csv --update            take over what is newer there
  vault import ~/.password-store              pass and gopass; gpg asks for its passphrase
  bw export --format json --raw | vault import -

What cannot be kept is told with its row; if that is all of it, the exit code is 2. A second password
or title, and columns that are not known, become fields; what is a secret by its name is hidden.
Whose an entry is follows from --client, else its first folder, group, collection or tag, else the
domain of its URL, else it is `imported`. A name that is taken gets a number, unless --skip or
--update says otherwise; rows that are exactly the same are one entry; nothing is overwritten.
Afterwards delete the file: it is plain text.";

/// Options of `import`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What the other program exported, or the folder of pass or passage; - is stdin
    pub(crate) file: PathBuf,
    /// What it is; auto recognises it by what it holds
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = Formats)]
    format: FormatChoice,
    /// The password of a KDBX database, in this file's first line
    #[arg(long, value_name = "FILE")]
    source_password_file: Option<PathBuf>,
    /// The key file of a KDBX database, or the age identity of a store of passage
    #[arg(long, value_name = "FILE")]
    source_key_file: Option<PathBuf>,
    /// Put everything under this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Leave out what is there already, by name and username
    #[arg(long, conflicts_with = "update")]
    skip: bool,
    /// Change what is there already, by name and username; former secrets stay in the history
    #[arg(long)]
    update: bool,
}

/// The size that a folder is taken for, in bytes, where that decides how much memory is given (16
/// MiB).
const FOLDER_BYTES: usize = 16 << 20;

/// What is said when a database needs its password and nobody can be asked.
const SOURCE_UNASKED: Unasked<'_> = Unasked {
    needed: "the password of the database of KeePass is needed",
    instead: "use --source-password-file",
};

/// A format, or none to be recognised.
#[derive(Clone, Copy, Debug)]
struct FormatChoice(Option<ImportFormat>);

/// Takes over what another program keeps, all or nothing.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let piped = args.file.as_os_str() == "-";
    // Before the password is asked; stdin may still have that in front of the file.
    let early = (!piped).then(|| read_file(args, ctx)).transpose()?;
    args.dry_run.begin(ctx);
    let session = if ctx.rehearses() {
        ctx.unlock()?
    } else {
        init::unlock_or_make(ctx)?
    };
    let (format, mut intake) = match early {
        Some(read) => read,
        None => read_stdin(args, ctx)?,
    };
    let policy = args.policy();
    let keeps_none = intake.keeps_none();
    let candidates = std::mem::take(&mut intake.candidates);
    // With --client all belongs to that one, whatever the file says of others.
    let takes_all = session.vault().has_no_records() && args.client.is_none();
    let mut extras = intake.settle_extras(takes_all);
    let mut plan = {
        let _spinner = ctx.ui.spinner("Finding a place for each entry");
        (session.vault()).plan_import(&candidates, &extras.clients, &policy)?
    };
    let clients_left = std::mem::take(&mut plan.clients_left);
    if args.client.is_some() {
        extras.clients.clear();
    }
    let claims = Claims::of(&extras, &plan, takes_all);
    let has_more = takes_all && !extras.is_empty();
    if !ctx.rehearses() && (has_more || plan.changes_something()) {
        let _spinner = ctx.ui.spinner("Writing the vault");
        let known = KnownBefore::of(ctx, session.vault())?;
        let written;
        (plan, written) = ctx.change_and_stay(session, None, |vault, author| {
            vault.import(candidates, extras, &policy, &format.name(), author)
        })?;
        known.warn_of_new(ctx, written.vault())?;
    } else {
        // The answer of a large import needs room too.
        drop((candidates, extras));
    }
    plan.clients_left = clients_left;
    Report::new(format, intake, plan, claims, keeps_none, &args.file).answer(ctx)?;
    if keeps_none {
        let none = format!(
            "nothing was imported: no row of that {} can be kept",
            format.name()
        );
        return Err(Error::usage(none)
            .hint("each row is told above with its reason; mend the file, or export it again")
            .into());
    }
    Ok(())
}

impl Args {
    fn policy(&self) -> Policy {
        Policy {
            client: self.client.clone(),
            on_clash: match (self.skip, self.update) {
                (true, _) => OnClash::Skip,
                (_, true) => OnClash::Update,
                _ => OnClash::Suffix,
            },
        }
    }
}

fn read_file(args: &Args, ctx: &Context) -> VaultResult<(ImportFormat, Intake)> {
    let key = args.source_key_file.as_deref();
    let key = key
        .map(|path| read_named("the key", path, TEXT_FILE_BYTES))
        .transpose()?;
    if args.file.is_dir() {
        return read(args, ctx, &Source::folder(&args.file, key.as_deref()));
    }
    let bytes = read_named("the file", &args.file, IMPORT_BYTES)?;
    let mut source = Source::file(&bytes);
    source.key = key.as_deref();
    read(args, ctx, &source)
}

fn read_stdin(args: &Args, ctx: &Context) -> VaultResult<(ImportFormat, Intake)> {
    let bytes = ctx.ui.stdin_bytes(IMPORT_BYTES)?;
    if bytes.len() > IMPORT_BYTES {
        return Err(Error::usage(format!(
            "stdin has more than {IMPORT_BYTES} bytes, the limit"
        )));
    }
    read(args, ctx, &Source::file(&bytes))
}

fn read(args: &Args, ctx: &Context, source: &Source<'_>) -> VaultResult<(ImportFormat, Intake)> {
    let format = match args.format.0 {
        Some(format) => format,
        None => detect(source)?,
    };
    let password = match (&args.source_password_file, format) {
        (Some(path), _) => Some(ctx.ui.first_line_of_file(path)?),
        (None, ImportFormat::Kdbx) if source.key.is_none() => Some(
            ctx.ui
                .prompt_secret("Password of the database of KeePass", SOURCE_UNASKED)?,
        ),
        _ => None,
    };
    let source = &Source {
        password: password.as_ref(),
        ..*source
    };
    let counter = ctx.ui.counter("Reading entries");
    // What is in a folder is counted while it is read.
    let size = source.folder.map_or(source.bytes.len(), |_| FOLDER_BYTES);
    let mut intake = Intake::new(size, Box::new(move |read| counter.set(read)));
    let derivation = match format {
        ImportFormat::Kdbx => KDBX_MEMORY_KIB << 10,
        _ => 0,
    };
    let _limit = limit_address_space(IMPORT_ADDRESS_SPACE + derivation);
    format.reader().read(source, &mut intake)?;
    intake.done();
    // What was exported from an empty vault is whole.
    if intake.is_empty() && format != ImportFormat::Json {
        return Err(Error::usage(format!(
            "nothing to import: it looks like {} and has no entry in it",
            format.name()
        ))
        .hint("export it again, with everything chosen; another format is named with --format"));
    }
    Ok((format, intake))
}

#[derive(Clone)]
struct Formats;

impl TypedValueParser for Formats {
    type Value = FormatChoice;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> std::result::Result<FormatChoice, clap::Error> {
        if value == "auto" {
            return Ok(FormatChoice(None));
        }
        let format = EnumValueParser::<ImportFormat>::new().parse_ref(cmd, arg, value)?;
        Ok(FormatChoice(Some(format)))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let auto = PossibleValue::new("auto").help("Recognised by what the file holds");
        let formats = ImportFormat::value_variants().iter();
        let names = formats.filter_map(ValueEnum::to_possible_value);
        Some(Box::new(std::iter::once(auto).chain(names)))
    }
}
