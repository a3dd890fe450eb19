//! `vault sync`: the same vault on several machines, through a git repository of its own.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::new_machine;
use super::outcome_password::OutcomePassword;
use super::remote::{another_signer, at_remote, fetch, remember, sign_of_life};
use super::setup;
use super::taking_in::{check_ways_in, go_on_with, outcome_of, report_json, tell, write};
use crate::commands::args::other_password::OtherPassword;
use crate::commands::args::rejected_keys::RejectedKeys;
use crate::commands::args::signer::{check_trusted, trusted_signers};
use crate::context::Context;
use crate::crypto::AllowedSigner;
use crate::error::{Error, Result as VaultResult};
use crate::model::merge::report::MergeReport;
use crate::model::records::event::sha256_hex;
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::store::device::sync_record::SyncRecord;
use crate::store::reading::LockedVault;
use crate::store::session::Session;
use crate::sync::remote::RemoteUrl;
use crate::sync::repository::{Fetched, Pushed, SyncRepository};

const EXAMPLES: &str = "\
Examples:
  vault sync --remote git@git.example:kim/vault.git   an empty repository of its own; once a machine
  vault sync                                       from then on
  vault sync --remote /media/stick/vault.git       made with git init --bare, on a disk
  vault sync --remote URL --signer \"$KEY\"          a new machine, with the signer that vault id shows
  vault --vault notes/vault.age sync --setup       for a vault in a repository that holds more

What two machines wrote apart is merged as vault merge does it: nothing is chosen by date, and what
is to be chosen is shown by vault conflicts. The repository holds the encrypted file and nothing else;
its commits tell neither who nor when. It keeps every earlier file, each of which opens with the
password that the vault had then: keep it private. Machines fetch the newest alone; where the earlier
ones have become too much, or should be gone, name another empty repository by --remote on each
machine, and delete the first.

--setup is for a vault in a repository of yours that holds other things too. It writes a line of
.gitattributes and settings of that clone, by which git merge, git rebase and git pull merge the vault
(they run vault merge-driver), and git diff and git log -p show it by names (they run vault diff-text).
Both work while the vault is unlocked, and never ask: where it is locked, git reports a conflict and
leaves the vault as it is on its side. vault help merge-driver and vault help diff-text tell more.";

/// How often a machine that was overtaken fetches anew.
const ATTEMPTS: usize = 5;

/// Options of `sync`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The repository: https://…, ssh://…, user@host:path or a folder; remembered from then on
    #[arg(long, value_name = "URL")]
    pub(super) remote: Option<String>,
    /// Who has to have signed what is there: an OpenSSH public key, or a file of such keys
    #[arg(long, value_name = "KEY_OR_FILE")]
    signer: Option<String>,
    /// Tell the git repository that holds the vault file how to merge and to show it: the one that
    /// DIR is in, else the vault's folder
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        conflicts_with_all = ["remote", "signer", "other_password_fd", "other_password_file", "keep_password", "reject_recipient"]
    )]
    #[expect(clippy::option_option, reason = "an option whose value is one")]
    setup: Option<Option<PathBuf>>,
    /// With --setup, only say what would be written
    #[arg(short = 'n', long, requires = "setup")]
    dry_run: bool,
    #[command(flatten)]
    other: OtherPassword,
    /// Keep the password of the vault here where a copy has another, later one
    #[arg(long)]
    keep_password: bool,
    #[command(flatten)]
    keys: RejectedKeys,
}

/// Syncs the vault.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    if let Some(folder) = &args.setup {
        if args.dry_run {
            ctx.rehearse();
        }
        return Ok(setup::run(ctx, folder.as_deref())?);
    }
    if args.dry_run {
        return Err(
            Error::usage("--dry-run is for --setup alone; a sync sends and takes in").into(),
        );
    }
    args.keys.check()?;
    let trusted = args.signer.as_deref().map(trusted_signers).transpose()?;
    let named = args.remote.as_deref().map(RemoteUrl::parse).transpose()?;
    let store = ctx.store()?;
    if !store.exists() {
        let Some(remote) = named else {
            return Err(store.read().err().unwrap_or_else(no_remote).into());
        };
        return Ok(new_machine::run(ctx, &store, &remote, trusted.as_deref())?);
    }
    let local = store.read_to_merge()?;
    let state = local.device_folder();
    let known = state.sync_record()?;
    let remote = match (named, &known) {
        (Some(remote), _) => remote,
        (None, Some(known)) => RemoteUrl::parse(&known.remote)?,
        (None, None) => return Err(no_remote().into()),
    };
    let _lock = state.lock_sync(ctx.globals.wait)?;
    let repository = SyncRepository::open(&state.sync_repository(), &remote, ctx.ui.can_ask())?;
    let meeting = Meeting {
        ctx,
        trusted: trusted.as_deref(),
        other_password: args.other.given(ctx)?,
        keys: &args.keys,
        keep_password: args.keep_password,
        known: known.as_ref().filter(|it| it.remote == remote.as_str()),
        remote: &remote,
        repository,
    };
    meeting.run()?;
    let former = known.and_then(|known| RemoteUrl::parse(&known.remote).ok());
    let former = former.filter(|former| former.to_string() != remote.to_string());
    if let Some(former) = former {
        ctx.ui.note(&format!(
            "syncs with {remote} from now on, no longer with {former}"
        ));
    }
    Ok(())
}

fn no_remote() -> Error {
    Error::usage("this vault is not synced with anything yet")
        .hint("name an empty repository of its own, once: vault sync --remote URL")
}

/// One vault and its remote.
struct Meeting<'a> {
    ctx: &'a Context,
    trusted: Option<&'a [AllowedSigner]>,
    other_password: Option<Secret>,
    /// Keys that are not to open the vault.
    keys: &'a RejectedKeys,
    /// Whether the password of the vault here stays.
    keep_password: bool,
    /// What this device last saw there.
    known: Option<&'a SyncRecord>,
    remote: &'a RemoteUrl,
    repository: SyncRepository<'a>,
}

/// What was done so far.
#[derive(Default)]
struct SyncOutcome {
    /// The generation that was taken in.
    taken: Option<u64>,
    /// What came with it.
    report: MergeReport,
    /// The generation that was sent.
    sent: Option<u64>,
}

impl SyncOutcome {
    /// Adds what was taken in, to what was before a lost race.
    fn take(&mut self, generation: u64, report: MergeReport) {
        self.report = report.after(std::mem::take(&mut self.report));
        self.taken = Some(generation);
    }
}

/// How the vault stands to what was fetched.
enum Met {
    /// It has all of it.
    HasAll(Box<Session>),
    /// What was fetched has all of it, and stands in its place now.
    Followed(MergeReport),
    /// It holds both now; the session is gone where the vault has another password now.
    Merged(Option<Box<Session>>, MergeReport),
}

impl Meeting<'_> {
    fn run(&self) -> VaultResult<()> {
        let mut session: Option<Box<Session>> = None;
        let mut outcome = SyncOutcome::default();
        for _ in 0..ATTEMPTS {
            let fetched = fetch(self.ctx, &self.repository, self.remote)?;
            let parent = fetched.as_ref().map(|fetched| fetched.commit.clone());
            let to_send = match fetched {
                None => {
                    if self.known.is_some() && outcome.sent.is_none() {
                        self.ctx.warn(
                            "the remote was empty again, although this device has seen the vault there: it \
                             is sent anew",
                        );
                    }
                    self.ctx.store()?.read()?
                }
                Some(fetched) => {
                    let local = self.local()?;
                    let generation = self.check(&fetched, &local)?;
                    let is_same = fetched.bytes == local.bytes();
                    // Another file than this device left there may lack what it wrote: that is seen
                    // in an open one.
                    if is_same && local.is_newest_seen() {
                        let local = self.ctx.store()?.read()?;
                        return self.finish(&fetched.commit, &local, &outcome);
                    }
                    let commit = fetched.commit.clone();
                    let is_current = |open: &Session| open.file().hash() == local.hash();
                    let open = match session.take().map(|open| *open).filter(is_current) {
                        Some(open) => open,
                        None => self.ctx.unlock_to_merge(local)?,
                    };
                    match self.meet(open, fetched.bytes)? {
                        Met::HasAll(open) => {
                            outcome.report.conflicts = Some(open.vault().conflicts()?.len());
                            if is_same {
                                return self.finish(&commit, &self.local()?, &outcome);
                            }
                            session = Some(open);
                        }
                        Met::Merged(open, report) => {
                            session = open;
                            outcome.take(generation, report);
                        }
                        Met::Followed(report) => {
                            outcome.take(generation, report);
                            return self.finish(&commit, &self.local()?, &outcome);
                        }
                    }
                    self.local()?
                }
            };
            let commit = self.repository.commit(to_send.bytes(), parent.as_deref())?;
            let spinner = sign_of_life(self.ctx, self.remote, "Sending to the remote");
            let pushed = self.repository.push(&commit, parent.as_deref())?;
            drop(spinner);
            if pushed == Pushed::Done {
                outcome.sent = Some(to_send.facts().generation);
                return self.finish(&commit, &to_send, &outcome);
            }
        }
        Err(Error::conflict(format!(
            "other machines were faster {ATTEMPTS} times in a row"
        ))
        .hint("what came is taken in, and nothing is lost; try again: vault sync"))
    }

    /// The vault at its place, whatever its generation is.
    fn local(&self) -> VaultResult<LockedVault> {
        self.ctx.store()?.read_to_merge()
    }

    /// Holds what was fetched against the vault and what this device last saw there, as far as that
    /// can be done without a password. Returns its generation.
    fn check(&self, fetched: &Fetched, local: &LockedVault) -> VaultResult<u64> {
        let store = self.ctx.store()?;
        let arrived = store.arrived(fetched.bytes.clone()).map_err(at_remote)?;
        let facts = arrived.sealed.facts();
        if facts.vault_id != local.facts().vault_id {
            return Err(Error::integrity(format!(
                "the remote holds another vault: it is {}, this one is {}",
                facts.vault_id,
                local.facts().vault_id
            ))
            .hint(format!(
                "each vault needs an empty repository of its own; to go on with the one there on this \
                 machine, move {} away, then vault sync --remote {} --accept-signer {}; vault export and \
                 vault import take along what is in this one",
                as_word(store.path().display()),
                as_word(self.remote),
                facts.signer.fingerprint()
            )));
        }
        if let Some(trusted) = self.trusted {
            check_trusted(facts.signer, trusted, self.ctx.now(), |known| {
                another_signer(&facts.signer.fingerprint(), known)
            })?;
        }
        let Some(known) = self.known else {
            return Ok(facts.generation);
        };
        let is_older = facts.generation < known.generation;
        let is_accepted = self.ctx.globals.accept_generation == Some(facts.generation);
        if is_older && !is_accepted {
            return Err(Error::integrity(format!(
                "the remote has generation {} where this device has seen {}: somebody has put an old \
                 state there",
                facts.generation, known.generation
            ))
            .hint(format!(
                "if you know why, bring it up to date: vault sync --accept-generation {}",
                facts.generation
            )));
        }
        Ok(facts.generation)
    }

    /// Whether the vault goes on from what was fetched, as this device remembers: that need not be
    /// opened then, which may take a password of before.
    fn has_had(&self, session: &Session, fetched: &[u8]) -> bool {
        let known = self.known.filter(|known| known.hash == sha256_hex(fetched));
        let seen = known.and_then(|known| known.seen.as_ref());
        let has_all = || session.has_all_that_was_seen(std::iter::empty());
        seen.is_some_and(|seen| session.vault().seen.includes(seen) && has_all())
    }

    /// Takes in what was fetched, as far as it is not here.
    fn meet(&self, mut session: Session, fetched: Vec<u8>) -> VaultResult<Met> {
        let ctx = self.ctx;
        session.check_can_take_in()?;
        if self.has_had(&session, &fetched) {
            return Ok(Met::HasAll(Box::new(session)));
        }
        let arrived = ctx.store()?.arrived(fetched).map_err(at_remote)?;
        let arrived = session.as_mergeable(arrived)?;
        let other = self.other_password.as_ref();
        let copy = ctx.open_copy(&session, arrived, "the vault at the remote", other)?;
        if !session.has_all_that_was_seen(std::iter::once(&copy.vault)) {
            return Err(Error::conflict(
                "something that this device wrote is neither in the vault nor at the remote",
            )
            .hint("take in what is kept on this device first: vault merge --all"));
        }
        let before = session.vault().clone();
        if before.has_all_of(&copy.vault) && !session.is_forked() {
            return Ok(Met::HasAll(Box::new(session)));
        }
        let rejected = check_ways_in((ctx, &session), self.keys, &before, &copy)?;
        self.keys.tell_unfitting(ctx, &rejected);
        let mut password = OutcomePassword::new(self.keep_password);
        password.given_up.compare(&before, &copy.vault)?;
        if password.takes_the_place(&session, &copy, &rejected)? {
            let report = copy.vault.taken_in_since(&before, ctx.now())?;
            go_on_with(ctx, session, &copy)?;
            return Ok(Met::Followed(report));
        }
        session.take_in(&copy)?;
        let report = outcome_of(ctx, &session, &before, &rejected)?;
        let key = password.key_of_outcome(&session, &copy.key)?;
        let session = write(ctx, session, key, &rejected)?;
        let session = key.is_none().then(|| Box::new(session));
        Ok(Met::Merged(session, report))
    }

    /// Remembers how it stands, and says what was done.
    fn finish(&self, commit: &str, vault: &LockedVault, outcome: &SyncOutcome) -> VaultResult<()> {
        remember(self.ctx, self.remote, vault);
        let ui = &self.ctx.ui;
        let generation = vault.facts().generation;
        let report = &outcome.report;
        if ui.is_json() {
            let mut answer = report_json(report);
            answer.extend([
                ("ok".to_owned(), json!(true)),
                ("remote".to_owned(), json!(self.remote.to_string())),
                ("commit".to_owned(), json!(commit)),
                ("generation".to_owned(), json!(generation)),
                ("taken".to_owned(), json!(outcome.taken)),
                ("sent".to_owned(), json!(outcome.sent)),
                ("warnings".to_owned(), json!(self.ctx.warnings())),
            ]);
            return ui.json(&answer);
        }
        tell(self.ctx, report);
        let done = match (outcome.taken, outcome.sent) {
            (None, None) => format!("nothing to do: both have generation {generation}"),
            (Some(taken), None) => format!("took in generation {taken}"),
            (None, Some(sent)) => format!("sent generation {sent}"),
            (Some(taken), Some(sent)) => format!("took in generation {taken}, sent {sent}"),
        };
        ui.note(&done);
        Ok(())
    }
}
