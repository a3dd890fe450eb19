//! The keys of the vault, as the SSH agent has them: at each request out of the vault, if it is
//! unlocked, and through the gate.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use super::asking::{AskedUse, KeyQuestions};
use super::bounds::{bounds_of, name_of};
use super::judged::{JudgedKey, KeyMeans, host_in, understood};
use super::offers::{KeyOffer, key_offers, usable, usable_first};
use super::refused::RefusalLimit;
use crate::agent::clock;
use crate::agent::ssh::question::Question;
use crate::agent::ssh::server::{SignOutcome, SignRequested, SshKeys};
use crate::agent::ssh::wire::OfferedKey;
use crate::commands::reveal::hand_out::hand_out;
use crate::commands::reveal::share_terms::check_usable;
use crate::context::{Context, ProgramSession, socket_folder};
use crate::crypto::memory::wipe_stack;
use crate::error::{Error, Result};
use crate::model::records::event::EventDraft;
use crate::model::ssh::binding::fingerprint;
use crate::model::ssh::verdict::{SshRefusal, SshUse, SshVerdict, judge};
use crate::model::text::name::ClientSlug;
use crate::store::gate::Via;
use crate::store::session::Session;

/// Of what the log has, what who looks on is told.
const TOLD: [&str; 3] = ["user", "host", "through"];
/// Between two looks whether a vault whose file stayed the same was unlocked.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The keys of the vault.
pub(super) struct VaultSshKeys<'a> {
    ctx: &'a Context,
    /// The client that is served alone.
    only: Option<ClientSlug>,
    asking: KeyQuestions,
    /// What the files were when the clients were last looked at, when that was, and whether the
    /// vault was unlocked.
    seen: Option<(SeenFiles, Duration, bool)>,
    /// Whether the last look found the vault locked, which was told.
    is_told_locked: bool,
    refused: RefusalLimit,
}

/// The vault's file and the socket of the password's agent: device, inode, time.
type SeenFiles = [Option<(u64, u64, i64, i64)>; 2];

impl<'a> VaultSshKeys<'a> {
    pub(super) fn new(ctx: &'a Context, only: Option<ClientSlug>, asking: KeyQuestions) -> Self {
        Self {
            ctx,
            only,
            asking,
            seen: None,
            is_told_locked: false,
            refused: RefusalLimit::default(),
        }
    }

    /// The client whose keys are asked for.
    fn client<'c>(&'c self, of_socket: Option<&'c ClientSlug>) -> Option<&'c ClientSlug> {
        of_socket.or(self.only.as_ref())
    }

    fn locked(&mut self) {
        self.asking.locked();
        if !self.is_told_locked {
            self.ctx
                .ui
                .hint("no key is offered while the vault is locked: vault unlock");
        }
        self.is_told_locked = true;
    }

    /// The vault, to use a key in it.
    fn open(&mut self) -> Option<ProgramSession> {
        match self.ctx.unlock_for_program() {
            Ok(Some(opened)) => {
                self.asking.unlocked(opened.until);
                self.is_told_locked = false;
                Some(opened)
            }
            Ok(None) => {
                self.locked();
                None
            }
            Err(why) => {
                self.ctx.ui.error(&why);
                None
            }
        }
    }

    /// Signs in a vault that counts it as a use. What is refused or has to be asked is none, and
    /// keeps the vault open no longer.
    fn sign_in(
        &mut self,
        mut opened: ProgramSession,
        request: &SignRequested<'_>,
    ) -> Result<SignOutcome<AskedUse>> {
        if let Some(outcome) = self.sign_with(&opened.session, request, false)? {
            return Ok(outcome);
        }
        if !self.ctx.use_in(&mut opened)? {
            return Ok(SignOutcome::Refused);
        }
        let outcome = self.sign_with(&opened.session, request, true)?;
        Ok(outcome.unwrap_or(SignOutcome::Refused))
    }

    /// What comes of a request; none where it would be signed and `is_counted` does not say yet
    /// that it is a use.
    fn sign_with(
        &mut self,
        session: &Session,
        request: &SignRequested<'_>,
        is_counted: bool,
    ) -> Result<Option<SignOutcome<AskedUse>>> {
        let offers = key_offers(session, self.client(request.client))?;
        let is_meant = |offer: &KeyOffer<'_>| {
            (offer.key.as_ref()).is_ok_and(|key| key.public() == request.ask.public)
        };
        let offers: Vec<_> = offers.into_iter().filter(is_meant).collect();
        let offers = usable_first(session, offers, self.ctx.now())?;
        let Some(first) = offers.first().map(|offer| offer.entry.id) else {
            return Ok(Some(SignOutcome::Refused));
        };
        let hop = request.chain.hop();
        let means = KeyMeans {
            key: fingerprint(&request.ask.public),
            through: hop.map(|hop| name_of(self.ctx, hop)),
        };
        let wanted = match understood(request) {
            Ok(wanted) => wanted,
            Err(why) => {
                self.refuse(session, first, why, "ssh", &means.details());
                return Ok(Some(SignOutcome::Refused));
            }
        };
        let (verdict, found) = self.best(offers, means, wanted);
        let Some(found) = found else {
            return Ok(Some(SignOutcome::Refused));
        };
        let (by, details) = (found.to_do.via(), found.details());
        // Before anybody is asked for what may not be used.
        check_usable(self.ctx, session, found.offer.entry)?;
        match verdict {
            SshVerdict::Refused(why) => {
                self.refuse(session, found.offer.entry.id, why, &by, &details);
                return Ok(Some(SignOutcome::Refused));
            }
            SshVerdict::Ask { .. } if !request.is_confirmed => {
                return Ok(Some(SignOutcome::Ask(AskedUse {
                    question: found.question(),
                    entry: found.offer.entry.id,
                    by,
                    details,
                })));
            }
            _ if !is_counted => return Ok(None),
            SshVerdict::Ask {
                is_remembered: true,
            } => self.asking.allow(&found.means.key, &found.to_do),
            SshVerdict::Ask { .. } | SshVerdict::Allowed => {}
        }
        let Some(item) = found.offer.item() else {
            return Ok(Some(SignOutcome::Refused));
        };
        let via = Via::Used {
            by: &by,
            details: &details,
        };
        hand_out(self.ctx, session, &[item], &via)?;
        let key = found.offer.key.as_ref().ok();
        let signature = key.and_then(|key| key.sign(&request.ask.data));
        Ok(Some(
            signature.map_or(SignOutcome::Refused, SignOutcome::Signed),
        ))
    }

    /// Of several entries with one key, the one that allows most.
    fn best<'o>(
        &self,
        offers: Vec<KeyOffer<'o>>,
        means: KeyMeans,
        wanted: SshUse,
    ) -> (SshVerdict, Option<JudgedKey<'o>>) {
        let is_allowed = self.asking.is_allowed(&means.key, &wanted);
        let judged = offers.into_iter().map(|offer| {
            let bounds = bounds_of(self.ctx, offer.entry);
            let verdict = judge(&bounds, &wanted, self.asking.mode, is_allowed);
            (verdict, host_in(&bounds, &wanted), offer)
        });
        let rank = |verdict: &SshVerdict| match verdict {
            SshVerdict::Allowed => 0,
            SshVerdict::Ask { .. } => 1,
            SshVerdict::Refused(_) => 2,
        };
        let best = judged.min_by_key(|(verdict, _, _)| rank(verdict));
        match best {
            Some((verdict, host, offer)) => (
                verdict,
                Some(JudgedKey {
                    offer,
                    to_do: wanted,
                    host,
                    means,
                }),
            ),
            None => (SshVerdict::Refused(SshRefusal::Unsafe), None),
        }
    }

    /// Logs a refusal, and tells who looks on.
    fn refuse(
        &mut self,
        session: &Session,
        entry: Uuid,
        why: SshRefusal,
        by: &str,
        details: &[(&'static str, String)],
    ) {
        self.log_rest(session);
        if !self.refused.admits(entry, why.as_str(), clock::now()) {
            return;
        }
        let told = details.iter().filter(|(name, _)| TOLD.contains(name));
        let told: Vec<&str> = told.map(|(_, it)| it.as_str()).collect();
        let told = told.join(" ");
        let mut draft = EventDraft::new(self.ctx.now(), "refuse", vec![entry])
            .with("what", "ssh")
            .with("reason", why.as_str())
            .with("via", by);
        for (key, value) in details {
            draft.note(key, value.as_str());
        }
        if let Err(why) = session.journal(draft) {
            self.ctx
                .warn(&format!("this refusal is not in the log: {why}"));
        }
        let told = if told.is_empty() {
            String::new()
        } else {
            format!(" ({told})")
        };
        self.ctx
            .warn(&format!("refused to sign{told}: {}", why.in_words()));
    }

    /// Logs how many refusals were not logged by themselves, once their minute is over.
    fn log_rest(&mut self, session: &Session) {
        if !self.refused.has_rest(clock::now()) {
            return;
        }
        let (more, entries) = self.refused.take_rest();
        let draft = EventDraft::new(self.ctx.now(), "refuse", entries)
            .with("what", "ssh")
            .with("more", more)
            .with("via", "ssh");
        if let Err(why) = session.journal(draft) {
            self.ctx
                .warn(&format!("{more} more refusals are not in the log: {why}"));
        }
    }

    /// The clients that have a key.
    fn look_for_clients(&mut self) -> Option<Vec<ClientSlug>> {
        let session = self.ctx.unlock_without_asking()?;
        let offers = key_offers(&session, self.only.as_ref());
        let offers = offers
            .and_then(|offers| usable(&session, offers, self.ctx.now()))
            .ok()?;
        let usable = offers.iter().filter(|offer| offer.key.is_ok());
        let clients: BTreeSet<_> = usable.map(|offer| offer.path.client().clone()).collect();
        Some(clients.into_iter().collect())
    }
}

impl SshKeys for VaultSshKeys<'_> {
    type Asked = AskedUse;

    fn offered(&mut self, client: Option<&ClientSlug>) -> Vec<OfferedKey> {
        // Looking is no use: `ssh` looks at every key wherever it goes.
        let Some(session) = self.ctx.unlock_without_asking() else {
            self.locked();
            return Vec::new();
        };
        self.is_told_locked = false;
        let offers = key_offers(&session, self.client(client));
        let offers = offers.and_then(|offers| usable(&session, offers, self.ctx.now()));
        let offers = offers.unwrap_or_else(|why| {
            self.ctx.ui.error(&why);
            Vec::new()
        });
        let mut offered: Vec<OfferedKey> = Vec::new();
        for offer in offers {
            let Ok(key) = &offer.key else { continue };
            let public = key.public();
            if !offered.iter().any(|it| it.public == public) {
                let comment = offer.name();
                offered.push(OfferedKey { public, comment });
            }
        }
        self.ctx.forget_warnings();
        wipe_stack();
        offered
    }

    fn sign(&mut self, request: &SignRequested<'_>) -> SignOutcome<AskedUse> {
        let outcome = match self.open() {
            Some(opened) => self.sign_in(opened, request),
            None => Ok(SignOutcome::Refused),
        };
        self.ctx.forget_warnings();
        wipe_stack();
        outcome.unwrap_or_else(|why| {
            self.ctx.ui.error(&why);
            SignOutcome::Refused
        })
    }

    fn ask(&mut self, asked: &AskedUse) -> Option<Question> {
        self.asking.ask(self.ctx, &asked.question)
    }

    fn not_allowed(&mut self, asked: &AskedUse, was_answered: bool) {
        let why = if was_answered {
            SshRefusal::Declined
        } else {
            SshRefusal::Unasked
        };
        if let Some(session) = self.ctx.unlock_without_asking() {
            self.refuse(&session, asked.entry, why, &asked.by, &asked.details);
        }
        self.ctx.forget_warnings();
    }

    fn clients(&mut self) -> Option<Vec<ClientSlug>> {
        let now = clock::now();
        if self.refused.has_rest(now)
            && let Some(session) = self.ctx.unlock_without_asking()
        {
            self.log_rest(&session);
        }
        let files = self.files();
        let is_known = self.seen.as_ref().is_some_and(|(seen, at, was_unlocked)| {
            let has_agent = files.get(1).is_some_and(Option::is_some);
            // An agent that is there already may have been given the vault's key.
            let may_be_unlocked = has_agent && !was_unlocked;
            let is_late = now.saturating_sub(*at) >= LOOK_EVERY;
            *seen == files && !(may_be_unlocked && is_late)
        });
        if is_known {
            return None;
        }
        let clients = self.look_for_clients();
        self.seen = Some((files, now, clients.is_some()));
        self.ctx.forget_warnings();
        wipe_stack();
        clients
    }

    fn no_socket(&mut self, why: &Error) {
        self.ctx.ui.warn(&why.to_string());
    }
}

impl VaultSshKeys<'_> {
    fn files(&self) -> SeenFiles {
        let look = |path: &Path| {
            let found = fs::metadata(path).ok()?;
            Some((found.dev(), found.ino(), found.mtime(), found.mtime_nsec()))
        };
        let vault = self.ctx.store().ok();
        let socket = socket_folder().ok();
        [
            vault.and_then(|vault| look(vault.path())),
            socket.and_then(|folder| look(&folder.socket())),
        ]
    }
}
