//! The records of a closed client, once nobody has to keep them any more.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::stamping::Author;
use crate::model::text::name::ClientSlug;
use crate::model::vault::Vault;

/// What goes with the records of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastRecords {
    /// Permissions, and requests for them.
    pub permissions: Vec<Uuid>,
    /// Shares with their receipts.
    pub shares: Vec<Uuid>,
    /// What was handed over to the client.
    pub handed_over: Vec<Uuid>,
    /// What the client was asked for.
    pub asks: Vec<Uuid>,
}

impl Vault {
    /// The client whose records may go.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Conflict`] for one who is not closed,
    /// and before the day.
    pub fn with_past_records(&self, slug: &ClientSlug, now: Timestamp) -> Result<&Client> {
        let client = self.known_client(slug)?;
        let Some(until) = client.records_until() else {
            return Err(Error::conflict(format!(
                "the records of {slug} stay as long as there is work for them"
            ))
            .hint(format!("to end it: vault client close {slug:#}")));
        };
        if now < until {
            return Err(Error::conflict(format!(
                "the records of {slug} are to stay until {until}: they show what was permitted"
            ))
            .hint("vault client list --closed shows until when records stay"));
        }
        Ok(client)
    }

    /// What goes with the records of a client.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn past_records(&self, client: Uuid) -> Result<PastRecords> {
        let mut past = PastRecords::default();
        let theirs = self.all_consents()?.into_iter();
        let theirs = theirs.filter(|it| it.client == client);
        past.permissions = theirs.map(|it| it.id).collect();
        let shares = self.shares.all()?.into_iter();
        let shares = shares.filter(|it| past.permissions.contains(&it.consent.id));
        past.shares = shares.map(|it| it.id).collect();
        let handed_over = self.handed_over.all()?.into_iter();
        let handed_over = handed_over.filter(|it| it.client == client);
        past.handed_over = handed_over.map(|it| it.id).collect();
        let asks = self.asks.all()?.into_iter();
        let asks = asks.filter(|it| it.client == client);
        past.asks = asks.map(|it| it.id).collect();
        Ok(past)
    }

    /// Removes the records of a client for good: names, permissions, shares and receipts, and the
    /// client. Their ids stay, so that no copy brings them back.
    ///
    /// # Errors
    /// As [`Self::with_past_records`].
    pub fn purge_records(&mut self, slug: &ClientSlug, author: &Author<'_>) -> Result<PastRecords> {
        let client = self.with_past_records(slug, author.now)?;
        let (id, also) = (client.id, client.also.clone());
        let past = self.past_records(id)?;
        self.change(author, "purge", |edit| {
            edit.event.about(id);
            edit.event.note("what", "records");
            let gone: HashSet<Uuid> = past.ids().chain([id]).chain(also).collect();
            edit.vault.tombstones.extend(&gone);
            edit.vault.forget_records(&gone);
            edit.vault
                .forget_answers_about(|subject| gone.contains(subject));
            Ok(past)
        })
    }

    /// Takes out clients, permissions, shares, hand-overs and requests of these ids.
    pub(crate) fn forget_records(&mut self, gone: &HashSet<Uuid>) {
        self.clients.retain(|it| !gone.contains(&it.id));
        self.consents.retain(|it| !gone.contains(&it.id));
        self.shares.retain(|it| !gone.contains(&it.id));
        self.handed_over.retain(|it| !gone.contains(&it.id));
        self.asks.retain(|it| !gone.contains(&it.id));
    }
}

impl PastRecords {
    /// The ids of all of them.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        let all = self.permissions.iter().chain(&self.shares);
        all.chain(&self.handed_over).chain(&self.asks).copied()
    }
}
