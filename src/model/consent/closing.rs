//! The end of the work for a client: what is still to be done before all of theirs can be removed,
//! and what is written on the way there.

use std::collections::HashSet;

use jiff::{Span, Timestamp};
use uuid::Uuid;

use super::changes::{check_said, consent_event};
use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::records::ask::OneTimeAsk;
use crate::model::records::client::Client;
use crate::model::records::closing::{ClosingDeed, ClosingStep, ReturnChoice};
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::entry::Entry;
use crate::model::records::hand_over::HandOver;
use crate::model::records::stamping::Author;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::model::text::quote::as_word;
use crate::model::text::when::Duration;
use crate::model::vault::Vault;

/// The shortest time for which the records of a closed client stay.
const LEAST_RECORDS: &str = "1y";

/// What is still to be done before a client can be closed.
#[derive(Debug)]
pub struct ClosingLeft<'a> {
    /// The shares of theirs that are live.
    pub shares: Vec<LedgerLine<'a>>,
    /// What they permit, and what they are asked for.
    pub permissions: Vec<&'a Consent>,
    /// What they were asked for, where its key opens an answer or a correction of one.
    pub asks: Vec<&'a OneTimeAsk>,
    /// What is theirs, in the trash too, by its paths.
    pub entries: Vec<(String, &'a Entry)>,
    /// The shares of which nobody has said that what was in them is deleted or removed, and of which
    /// that is waited for.
    pub owed: Vec<LedgerLine<'a>>,
}

/// What ended with the work for a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndedWork {
    /// The shares.
    pub shares: Vec<Uuid>,
    /// The permissions, and the requests for one.
    pub permissions: Vec<Uuid>,
    /// What they were asked for.
    pub asks: Vec<Uuid>,
}

impl Vault {
    /// The clients whom there is work for: neither removed nor closed.
    pub fn open_clients(&self) -> impl Iterator<Item = &Client> {
        self.live_clients().filter(|it| it.closed().is_none())
    }

    /// Whether a share was made by the permission of a client who is closed: they were told what to
    /// change, and who has not said that it is deleted.
    #[must_use]
    pub fn is_of_closed(&self, line: &LedgerLine<'_>) -> bool {
        let mut clients = self.clients.iter().filter(|it| it.closed().is_some());
        line.consent
            .is_some_and(|consent| clients.any(|it| it.id == consent.client))
    }

    /// What is left to do before a client can be closed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
    pub fn closing_left(&self, client: &Client, now: Timestamp) -> Result<ClosingLeft<'_>> {
        let owners = self.owners()?;
        let mut shares = self.ledger(now)?;
        shares.retain(|line| line.is_of(client.id, &owners));
        let (shares, mut owed): (Vec<_>, Vec<_>) =
            shares.into_iter().partition(|line| line.state.is_live());
        owed.extend(shares.iter().filter(|it| it.owes_deletion().is_some()));
        owed.retain(|line| {
            let is_due = line.owes_deletion().is_some() || line.login_left().is_some();
            is_due && client.waived(line.share.id).is_none()
        });
        let mut permissions = Vec::new();
        for consent in self.all_consents()? {
            let is_theirs = consent.client == client.id;
            if is_theirs && !self.consent_state(consent, now)?.is_end() {
                permissions.push(consent);
            }
        }
        let is_theirs = |it: &Entry| it.client.get() == Some(&client.id) && !it.is_husk();
        let mut asks = self.asks_with_key(now)?;
        asks.retain(|it| it.client == client.id);
        Ok(ClosingLeft {
            asks,
            shares,
            permissions,
            entries: self.entries_by_path(is_theirs)?,
            owed,
        })
    }

    /// What is theirs, in use, and not in their hands as it is now. What others have lent is not
    /// theirs to get back from here.
    ///
    /// # Errors
    /// As [`Self::closing_left`].
    pub fn not_handed_over(&self, client: &Client) -> Result<Vec<EntryPath>> {
        let mut sent = self.handed_over.all()?;
        sent.retain(|it| it.client == client.id && it.sent.value().is_some());
        let is_meant = |it: &Entry| {
            let is_theirs = it.client.get() == Some(&client.id) && !it.is_removed();
            is_theirs && it.received.is_none() && !has_all_of(&sent, it)
        };
        let left = self.entries_by_path(is_meant)?.into_iter();
        let parsed = left.map(|(path, _)| {
            let is_none = |_| Error::integrity(format!("an entry has no valid path: {path}"));
            path.parse().map_err(is_none)
        });
        parsed.collect()
    }

    /// Ends all that was shared of a client's and all that they permit: the work is over, and it is
    /// not the client who takes it back.
    ///
    /// # Errors
    /// As [`Self::closing_left`].
    pub fn end_work(&mut self, client: Uuid, author: &Author<'_>) -> Result<EndedWork> {
        let left = self.closing_left(self.client_by_id(client)?, author.now)?;
        let shares: Vec<Uuid> = left.shares.iter().map(|it| it.share.id).collect();
        let given = left.permissions.iter().map(|it| (it.id, it.was_given()));
        let given: Vec<(Uuid, bool)> = given.collect();
        let asks: Vec<Uuid> = left.asks.iter().map(|it| it.id).collect();
        for id in &shares {
            self.revoke_share(*id, Some(WORK_ENDED.to_owned()), author)?;
        }
        for (id, was_given) in &given {
            let state = if *was_given {
                ConsentState::Ended
            } else {
                ConsentState::Cancelled
            };
            self.change(author, "withdraw", |edit| {
                let consent = edit.vault.consents.by_id_mut(edit.event.about(*id))?;
                let mut event = consent_event(state.as_str(), author);
                event.reason = Some(WORK_ENDED.to_owned());
                consent.events.push(event);
                edit.event.note("of", client.to_string());
                Ok::<_, Error>(())
            })?;
        }
        for ask in &asks {
            self.close_ask(*ask, author)?;
        }
        let permissions = given.into_iter().map(|(id, _)| id).collect();
        Ok(EndedWork {
            shares,
            permissions,
            asks,
        })
    }

    /// Notes what a client chose for their credentials, and how they said so. Nothing is written
    /// where that is known.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a text past its limit.
    pub fn choose_return(
        &mut self,
        client: Uuid,
        choice: ReturnChoice,
        said: Option<&str>,
        author: &Author<'_>,
    ) -> Result<()> {
        said.map_or(Ok(()), |said| check_said("--said", said))?;
        if self.client_by_id(client)?.return_chosen() == Some((choice, said)) {
            return Ok(());
        }
        self.step(client, ClosingDeed::Chosen, author, |step| {
            step.handover = Some(choice.as_str().to_owned());
            step.said = said.map(ToOwned::to_owned);
        })
    }

    /// Notes that the closing of a client goes on without the word of a contact that what they had by
    /// these shares is deleted, and why.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a text past its limit.
    pub fn waive_deletion(
        &mut self,
        client: Uuid,
        (contact, shares): (Uuid, &[Uuid]),
        why: &str,
        author: &Author<'_>,
    ) -> Result<()> {
        check_said("--reason", why)?;
        self.step(client, ClosingDeed::Waived, author, |step| {
            step.contact = Some(contact);
            step.shares = shares.to_vec();
            step.said = Some(why.to_owned());
        })
    }

    /// Removes these entries for good and closes their client. Returns the ids of those that were
    /// there.
    ///
    /// # Errors
    /// As [`Self::purge`]; [`crate::error::Kind::Conflict`] when something is left that has to be done
    /// first, as by what another device did meanwhile; [`crate::error::Kind::Usage`] for records that
    /// would stay less than a year.
    pub fn close_client(
        &mut self,
        client: Uuid,
        (entries, certificate): (&HashSet<Uuid>, Option<Uuid>),
        records_for: Option<&Duration>,
        author: &Author<'_>,
    ) -> Result<Vec<Uuid>> {
        records_for.map_or(Ok(()), |stay| check_records_for(stay, author.now))?;
        let gone = self.purge(entries, certificate, author)?;
        let of = self.client_by_id(client)?;
        let left = self.closing_left(of, author.now)?;
        if !left.is_nothing() {
            let why = Error::conflict(format!("there is more of {} than before", of.slug()));
            return Err(why.hint(format!(
                "go through it once more: vault client close {}",
                as_word(of.slug())
            )));
        }
        self.step(client, ClosingDeed::Closed, author, |step| {
            step.records_for = records_for.map(ToString::to_string);
        })?;
        Ok(gone)
    }

    /// Opens a client again who was closed.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn reopen_client(&mut self, slug: &ClientSlug, author: &Author<'_>) -> Result<()> {
        let id = self.known_client(slug)?.id;
        self.step(id, ClosingDeed::Reopened, author, |_| {})
    }

    fn client_by_id(&self, id: Uuid) -> Result<&Client> {
        let mut clients = self.live_clients();
        clients
            .find(|client| client.id == id)
            .ok_or_else(|| Error::not_found("the client is not there any more"))
    }

    fn step(
        &mut self,
        client: Uuid,
        deed: ClosingDeed,
        author: &Author<'_>,
        fill: impl FnOnce(&mut ClosingStep),
    ) -> Result<()> {
        let action = match deed {
            ClosingDeed::Reopened => "reopen",
            _ => "close",
        };
        self.change(author, action, |edit| {
            edit.event.about(client);
            edit.event.note("what", deed.as_str());
            edit.closing_step(client, deed, fill);
            Ok(())
        })
    }
}

/// Why a share or a permission ends with the work, as recipients are told it.
const WORK_ENDED: &str = "the work for the client is over";

impl Edit<'_> {
    /// Adds a step to a client's. None is of the second in which they were opened again: what came
    /// before that and after it is told apart by the time.
    pub(crate) fn closing_step(
        &mut self,
        client: Uuid,
        deed: ClosingDeed,
        fill: impl FnOnce(&mut ClosingStep),
    ) {
        let (id, now) = ((self.author.new_id)(), self.author.now);
        let Some(client) = self.vault.client_mut(client) else {
            return;
        };
        let last = client.closing.last();
        let apart = last.filter(|last| {
            let reopened = ClosingDeed::Reopened.as_str();
            last.deed == reopened || deed.as_str() == reopened
        });
        let after = apart.and_then(|it| it.time.checked_add(Span::new().seconds(1)).ok());
        let time = after.map_or(now, |after| after.max(now));
        let mut step = ClosingStep::with(id, time, deed.as_str().to_owned());
        fill(&mut step);
        client.closing.push(step);
    }
}

impl ClosingLeft<'_> {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.is_at_work() && self.owed.is_empty()
    }

    /// Whether something of theirs is here, shared, permitted or asked for.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        !self.is_ended() || !self.entries.is_empty()
    }

    /// Whether nothing is shared, permitted or asked for any more.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.shares.is_empty() && self.permissions.is_empty() && self.asks.is_empty()
    }
}

impl Client {
    /// Refuses to begin anything new for a client who is closed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`], with the next step.
    pub fn check_open(&self) -> Result<()> {
        let Some(closed) = self.closed() else {
            return Ok(());
        };
        Err(
            Error::conflict(format!("client {} was closed on {closed}", self.slug())).hint(
                format!(
                    "to work for them again: vault client reopen {}",
                    as_word(self.slug())
                ),
            ),
        )
    }
}

/// Whether all secrets and files of an entry, as they are now, were handed over.
fn has_all_of(sent: &[&HandOver], entry: &Entry) -> bool {
    let items = sent.iter().flat_map(|it| &it.items);
    let mut items = items.filter(|item| item.entry == entry.id).peekable();
    if items.peek().is_none() {
        return false;
    }
    let went: HashSet<&Uuid> = items.flat_map(|item| item.versions.values()).collect();
    let slots = entry.current.keys();
    let current = slots.filter_map(|slot| Some(&entry.current(slot)?.id));
    let files = entry.attached().map(|file| &file.id);
    current.chain(files).all(|id| went.contains(id))
}

/// Refuses records that would stay less than a year.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_records_for(stay: &Duration, now: Timestamp) -> Result<()> {
    let least: Duration = LEAST_RECORDS.parse().map_err(Error::failed)?;
    if stay.after(now) < least.after(now) {
        return Err(Error::usage(format!(
            "--records-for {stay:#} is less than a year: the records show what was permitted"
        ))
        .hint("the shortest is --records-for 1y"));
    }
    Ok(())
}
