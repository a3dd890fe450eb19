//! `vault merge`: copies of the vault that were changed apart become one.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use uuid::Uuid;

use super::in_git::sides_in_git;
use super::outcome_password::OutcomePassword;
use super::taking_in::{check_ways_in, count_of, go_on_with, outcome_of, report_json, tell, write};
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::named_copy::named_copy;
use crate::commands::args::other_password::OtherPassword;
use crate::commands::args::rejected_keys::RejectedKeys;
use crate::context::Context;
use crate::crypto::MasterKey;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::merge::report::MergeReport;
use crate::model::records::way_in::WayIn;
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;
use crate::store::merging::CopiesBeside;
use crate::store::reading::{Remembered, VaultPlace};
use crate::store::session::Session;
use crate::store::taken::OpenCopy;

const EXAMPLES: &str = "\
Examples:
  vault merge --all --dry-run              what would come and go
  vault merge --all                        what lies beside the vault, and what this device wrote
  vault merge /media/usb-stick/vault-12-0123abcd.age
  vault merge old.age --other-password-file then
  vault merge old.age --identity recovery.txt   the vault by its password, the copy by that identity
  vault merge new.age --identity recovery.txt --keep-password   where nobody has the copy's newer one

Nothing is chosen by date: a write that knew another replaces it, and one that did not know it stays
beside it until somebody chooses, see vault conflicts. What was purged or ended on one device stays so.
Copies that --all found beside the vault go to its earlier generations, vault backups shows them. Where
one of them cannot be read, nothing is taken in: 9 where its password would be asked for, 5 where it is
damaged. Move it away then, or name the others.
Where git could not merge the vault, --all takes in both of its sides: then git add.";

/// Options of `merge`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A copy of this vault: a path, or a name as vault backups shows it
    #[arg(value_name = "FILE", required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Take in what lies beside the vault and what this device wrote last
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Go on although something that this device wrote is in no file any more
    #[arg(long, requires = "all")]
    accept_loss: bool,
    #[command(flatten)]
    other: OtherPassword,
    /// Keep the password of the vault here where a copy has another, later one
    #[arg(long)]
    keep_password: bool,
    #[command(flatten)]
    keys: RejectedKeys,
}

/// Merges them.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    args.keys.check()?;
    let store = ctx.store()?;
    let session = ctx.unlock_to_merge(store.read_to_merge()?)?;
    session.check_can_take_in()?;
    let vault = session.facts().vault_id;
    let found = if args.all {
        store.copies_beside(vault)?
    } else {
        CopiesBeside::default()
    };
    let named = args.files.iter().map(|file| named_copy(&store, file));
    let named = named.collect::<VaultResult<Vec<_>>>()?;
    let mut taking = Taking::into_vault(args, ctx, session)?;
    for path in named {
        let copy = taking.open(&store, &path);
        let copy = copy.map_err(|why| why.about(path.display()))?;
        taking.take(path, copy)?;
    }
    let unmerged = if args.all {
        sides_in_git(ctx, &store)
    } else {
        Vec::new()
    };
    let is_unmerged = !unmerged.is_empty();
    let unread = found.unread.into_iter();
    let mut unread: Vec<Error> = unread
        .map(|(path, why)| why.about(path.display()))
        .collect();
    for (name, bytes) in unmerged {
        let opened = store.arrived(bytes);
        let opened = opened.and_then(|read| taking.open_read(read, &name));
        let taken = opened.and_then(|copy| taking.take(name.clone(), copy));
        unread.extend(taken.err().map(|why| why.about(name.display())));
    }
    let mut beside = Vec::new();
    for path in found.copies {
        let opened = taking.open(&store, &path).map(|copy| (copy.mark(), copy));
        let taken = opened.and_then(|(mark, copy)| taking.take(path.clone(), copy).map(|()| mark));
        match taken {
            Ok(mark) => beside.push((path, mark)),
            Err(why) => unread.push(why.about(path.display())),
        }
    }
    check_all_read(unread)?;
    let more = taking.take_kept(&store, vault)?;
    let (mut taken, is_written) = taking.finish()?;
    taken.left = more;
    let mut moved = 0;
    if !ctx.rehearses() {
        for (path, mark) in beside {
            match store.move_aside(&path, mark) {
                Ok(is_moved) => moved += usize::from(is_moved),
                Err(why) => ctx.warn(&why.to_string()),
            }
        }
    }
    answer(ctx, &taken, moved, is_written)?;
    if is_unmerged && !ctx.rehearses() {
        ctx.ui
            .hint(&format!("git add {}", as_word(store.path().display())));
    }
    Ok(())
}

/// Refuses to take in the rest where a copy that was found could not be: whether a script is told of
/// that is not to depend on what else lies there.
fn check_all_read(unread: Vec<Error>) -> VaultResult<()> {
    let mut unread = unread.into_iter();
    let Some(first) = unread.next() else {
        return Ok(());
    };
    let without = "nothing was taken in; to go on without it, move it away, or name the others: \
                   vault merge FILE";
    let step = first.next_step().map(|step| format!("{step}; {without}"));
    let others = unread.map(|why| why.to_string()).collect();
    Err((first.details(others)).hint(step.unwrap_or_else(|| without.to_owned())))
}

/// Names a kept copy that has something which is not in the outcome: whoever went back to an older
/// state may have meant to.
fn tell_kept(ctx: &Context, kept: &Path) {
    let file = kept.file_name().unwrap_or(kept.as_os_str());
    let named = as_word(Path::new(file).display());
    ctx.warn(&format!(
        "{} has what the vault has not, and is no part of this; to take it in: vault merge {named}",
        kept.display()
    ));
}

/// What was taken in, or would be, and by which files.
#[derive(Default)]
struct TakenReport {
    report: MergeReport,
    files: Vec<PathBuf>,
    /// Whether something that this device wrote is given up.
    gives_up: bool,
    /// A kept copy with something more.
    left: Option<PathBuf>,
}

/// A vault that takes in one copy after the other: two are open at once at most.
struct Taking<'a> {
    args: &'a Args,
    ctx: &'a Context,
    other_password: Option<Secret>,
    session: Session,
    /// The vault as it was.
    before: Vault,
    /// The files that had something new.
    files: Vec<PathBuf>,
    /// The first copy with something new, while it is the only one: it may take the vault's place.
    only: Option<OpenCopy>,
    /// What opened the copies that were taken in.
    keys: Vec<MasterKey>,
    /// The password that it may open with from then on.
    password: OutcomePassword,
    /// Keys that came, and are not to open the vault.
    rejected: Vec<WayIn>,
    /// Copies that this device keeps and that open with a password of before.
    shut: Vec<PathBuf>,
}

impl<'a> Taking<'a> {
    fn into_vault(args: &'a Args, ctx: &'a Context, session: Session) -> VaultResult<Self> {
        Ok(Self {
            args,
            ctx,
            other_password: args.other.given(ctx)?,
            before: session.vault().clone(),
            session,
            files: Vec::new(),
            only: None,
            keys: Vec::new(),
            password: OutcomePassword::new(args.keep_password),
            rejected: Vec::new(),
            shut: Vec::new(),
        })
    }

    fn open(&self, store: &VaultPlace, path: &Path) -> VaultResult<OpenCopy> {
        self.open_read(store.read_copy(path)?, path)
    }

    fn open_read(&self, read: Remembered, path: &Path) -> VaultResult<OpenCopy> {
        let copy = self.session.as_mergeable(read)?;
        let (other, of) = (self.other_password.as_ref(), path.display().to_string());
        self.ctx.open_copy(&self.session, copy, &of, other)
    }

    /// A copy that this device keeps, by the vault's own key or else by the password or the
    /// identity that was given: nobody is asked for one of before.
    fn open_kept(&self, store: &VaultPlace, path: &Path) -> VaultResult<OpenCopy> {
        let is_given = self.other_password.is_some() || self.ctx.globals.identity.is_some();
        let own = self.session.as_mergeable(store.read_copy(path)?)?;
        match self.session.open_copy(own) {
            Err(why) if why.kind() == Kind::Locked && is_given => self.open(store, path),
            opened => opened,
        }
    }

    /// With --all, takes in copies that this device keeps until all that it has seen is there. Returns the
    /// newest of the others that has something more.
    fn take_kept(&mut self, store: &VaultPlace, vault: Uuid) -> VaultResult<Option<PathBuf>> {
        if !self.args.all {
            return Ok(None);
        }
        for path in store.copies_kept(vault)? {
            let is_all_there = self.is_all_there();
            match self.open_kept(store, &path) {
                Ok(copy) if !is_all_there => self.take(path, copy)?,
                Ok(copy) if self.has_more(&copy.vault) => return Ok(Some(path)),
                Err(why) if why.kind() == Kind::Locked && !is_all_there => self.shut.push(path),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Whether a copy has something that is neither in the vault nor in what was taken in.
    fn has_more(&self, copy: &Vault) -> bool {
        let only = self.only.iter().map(|only| &only.vault);
        let mut all = only.chain([&self.before, self.session.vault()]);
        !all.any(|vault| vault.has_all_of(copy))
    }

    /// Whether everything that this device has seen is in the vault or in what was taken in.
    fn is_all_there(&self) -> bool {
        let only = self.only.iter().map(|copy| &copy.vault);
        self.session.has_all_that_was_seen(only)
    }

    /// Takes a copy in, if it has something new.
    fn take(&mut self, path: PathBuf, copy: OpenCopy) -> VaultResult<()> {
        if self.before.has_all_of(&copy.vault) {
            return Ok(());
        }
        let rejected = check_ways_in(
            (self.ctx, &self.session),
            &self.args.keys,
            &self.before,
            &copy,
        )?;
        self.rejected.extend(rejected);
        self.password.given_up.compare(&self.before, &copy.vault)?;
        self.files.push(path);
        if self.files.len() == 1 {
            self.only = Some(copy);
            return Ok(());
        }
        if let Some(first) = self.only.take() {
            self.merge(first)?;
        }
        self.merge(copy)
    }

    fn merge(&mut self, copy: OpenCopy) -> VaultResult<()> {
        let given_up = &mut self.password.given_up;
        given_up.compare(self.session.vault(), &copy.vault)?;
        self.session.take_in(&copy)?;
        self.keys.extend(copy.key);
        Ok(())
    }

    /// Writes the outcome, and says whether there was anything to write.
    fn finish(mut self) -> VaultResult<(TakenReport, bool)> {
        let (ctx, is_dry) = (self.ctx, self.ctx.rehearses());
        self.args.keys.tell_unfitting(ctx, &self.rejected);
        let is_lost = !self.is_all_there();
        if is_lost && !self.args.accept_loss {
            return Err(lost(self.args, &self.session, &self.shut));
        }
        if self.files.is_empty() && !is_lost {
            let mut nothing = TakenReport::default();
            nothing.report.conflicts = Some(self.before.conflicts()?.len());
            return Ok((nothing, false));
        }
        let files = std::mem::take(&mut self.files);
        let done = |report, is_written| {
            let taken = TakenReport {
                report,
                files,
                gives_up: is_lost,
                left: None,
            };
            Ok((taken, is_written))
        };
        if let Some(copy) = self.only.take() {
            let (session, rejected) = (&self.session, &self.rejected);
            if !is_lost && self.password.takes_the_place(session, &copy, rejected)? {
                let report = copy.vault.taken_in_since(&self.before, ctx.now())?;
                if !is_dry {
                    go_on_with(ctx, self.session, &copy)?;
                }
                return done(report, !is_dry);
            }
            self.merge(copy)?;
        }
        if is_lost {
            if is_dry && !self.session.vault().consents.is_empty() {
                ctx.warn("every consent would be withdrawn: its end may be what is lost");
            }
            self.session.accept_loss();
        }
        let report = outcome_of(ctx, &self.session, &self.before, &self.rejected)?;
        let key = self.password.key_of_outcome(&self.session, &self.keys)?;
        if !is_dry {
            write(ctx, self.session, key, &self.rejected)?;
        }
        done(report, !is_dry)
    }
}

fn lost(args: &Args, session: &Session, shut: &[PathBuf]) -> Error {
    let error = Error::conflict(
        "something that this device wrote is neither in the vault nor in a copy that was taken in",
    );
    if !args.all {
        return error.hint("vault merge --all looks through what is kept beside the vault");
    }
    if let Some(newest) = shut.first() {
        let newest = as_word(newest.display());
        let copies = match shut.len() {
            1 => "a kept copy may have it, and opens".to_owned(),
            count => format!("{count} kept copies may have it, and open"),
        };
        return error.hint(format!(
            "{copies} with another password: vault merge {newest} --other-password-file FILE, or \
             --identity FILE with a key of it"
        ));
    }
    let after = if session.vault().consents.is_empty() {
        ""
    } else {
        ", and with every consent withdrawn, since its end may be lost"
    };
    error.hint(format!(
        "take in the file that has it: vault merge FILE; where it is lost everywhere, this goes on \
         without it{after}: vault merge --all --accept-loss"
    ))
}

/// Answers what was taken in, or would be; `moved` is how many copies went to the earlier
/// generations.
fn answer(ctx: &Context, taken: &TakenReport, moved: usize, is_written: bool) -> VaultResult<()> {
    if ctx.ui.is_json() {
        let files = taken.files.iter().map(|path| path.display().to_string());
        let mut answer = report_json(&taken.report);
        answer.extend([
            ("ok".to_owned(), json!(true)),
            ("dry_run".to_owned(), json!(ctx.rehearses())),
            ("written".to_owned(), json!(is_written)),
            ("files".to_owned(), json!(files.collect::<Vec<_>>())),
            ("moved".to_owned(), json!(moved)),
            ("gave_up".to_owned(), json!(taken.gives_up)),
            ("left".to_owned(), json!(taken.left)),
            ("warnings".to_owned(), json!(ctx.warnings())),
        ]);
        return ctx.ui.json(&answer);
    }
    tell(ctx, &taken.report);
    if let Some(kept) = &taken.left {
        tell_kept(ctx, kept);
    }
    let go = if ctx.rehearses() { "go" } else { "went" };
    let copies = count_of(taken.files.len(), "copy", "copies");
    let done = match (taken.gives_up, taken.files.len()) {
        (false, 0) if taken.left.is_some() => "nothing was taken in".to_owned(),
        (false, 0) => "nothing to take in: the vault has all that was found".to_owned(),
        (false, _) => format!("took in {copies}"),
        (true, 0) => "went on without what is lost".to_owned(),
        (true, _) => format!("took in {copies}, and {go} on without what is lost"),
    };
    let aside = match moved {
        0 => String::new(),
        moved => format!(
            "; {} went to its earlier generations",
            count_of(moved, "copy", "copies")
        ),
    };
    ctx.note_done(&format!("{done}{aside}"));
    Ok(())
}
