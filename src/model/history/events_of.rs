//! Whose business an event of the log is.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;
use crate::model::vault::Vault;

impl Vault {
    /// Keeps those of `events`, oldest first, that concern a client: its own record, its consents,
    /// the contacts whom they are for and what was shared under them, and entries for as long as
    /// they were its, those that were removed or purged since too.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn retain_events_of(
        &self,
        client: Uuid,
        events: &mut Vec<(DeviceId, Event)>,
    ) -> Result<()> {
        let mut owners = self.owners()?;
        for consent in self.all_consents()? {
            owners.insert(consent.id, consent.client);
            if consent.client == client {
                owners.extend(
                    consent
                        .contacts()
                        .into_iter()
                        .map(|contact| (contact, client)),
                );
            }
        }
        for share in self.shares.all()? {
            if let Some(owner) = owners.get(&share.consent.id).copied() {
                owners.insert(share.id, owner);
            }
        }
        // Backwards from what is known now, undoing the moves.
        events.reverse();
        events.retain(|(_, event)| concerns(client, event, &mut owners));
        events.reverse();
        Ok(())
    }
}

fn concerns(client: Uuid, event: &Event, owners: &mut HashMap<Uuid, Uuid>) -> bool {
    let named = |key| event.detail.get(key).and_then(Value::as_str)?.parse().ok();
    let now_gone: Option<Uuid> = named("client").filter(|_| event.action == "purge");
    let moved_from: Option<Uuid> = named("from").filter(|_| event.action == "move");
    if let Some(owner) = now_gone {
        owners.extend(event.subject.iter().map(|id| (*id, owner)));
    }
    let is_theirs = |id: &Uuid| *id == client || owners.get(id) == Some(&client);
    let concerned = event.subject.iter().any(is_theirs) || moved_from == Some(client);
    if let Some(owner) = moved_from {
        owners.extend(event.subject.iter().map(|id| (*id, owner)));
    }
    concerned
}
