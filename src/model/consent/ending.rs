//! The end of a permission: found by whatever its client knows of it, whole or for some entries.

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::{check_said, consent_event};
use crate::error::{Error, Result};
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::Share;
use crate::model::records::stamping::Author;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;

impl Vault {
    /// The consents and requests that a client may mean: all open ones by the client's name, or
    /// one by its number or that of a share under it. Ended ones are found by number only.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for what there is not, [`crate::error::Kind::Usage`] when
    /// several numbers start so or it is neither a name nor a number.
    pub fn meant_consents(&self, word: &str, now: Timestamp) -> Result<Vec<&Consent>> {
        if let Some(client) = self.client(word) {
            let mut open = self.all_consents()?;
            open.retain(|consent| consent.client == client.id && consent.is_open(now));
            return Ok(open);
        }
        let number: RecordId = word.parse().map_err(|_| {
            Error::usage(format!("{word} is neither a client nor a number"))
                .hint("vault client list and vault consent list show what there is")
        })?;
        let ids = self.consents.ids()?.into_iter().chain(self.shares.ids()?);
        let id = number.find(ids, "request, consent or share", "vault consent list")?;
        let consent = match self.shares.find(id)? {
            Some(share) => self.consents.by_id(share.consent.id)?,
            None => self.consents.by_id(id)?,
        };
        Ok(vec![consent])
    }

    /// The shares that are live at `now` and hold what these consents are about, of their clients
    /// and for their contacts, each with its entries. With `only`, none but these entries count.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn live_beside(
        &self,
        consents: &[Uuid],
        only: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<(LedgerLine<'_>, Vec<Uuid>)>> {
        let mut meant = Vec::new();
        for id in consents {
            meant.push(self.consents.by_id(*id)?);
        }
        let (names, ledger) = (self.names()?, self.ledger(now)?);
        let is_meant = |line: &LedgerLine<'_>, entry: Uuid| {
            let path = names.get(&entry).map_or("", String::as_str);
            meant.iter().any(|consent| {
                let under = |share: &Share| share.consent.id == consent.id;
                let went = ledger.iter().filter(|line| under(line.share));
                let mut went = went.flat_map(|line| &line.share.items);
                line.consent.is_some_and(|it| it.client == consent.client)
                    && consent.is_for(line.share.recipient.contact)
                    && (consent.scope.has_entry(entry, path) || went.any(|it| it.entry == entry))
            })
        };
        let beside = ledger.iter().filter_map(|line| {
            let items = line.live_items().map(|item| item.entry);
            let counts = |id: &Uuid| only.is_empty() || only.contains(id);
            let held: Vec<Uuid> = items
                .filter(|id| counts(id) && is_meant(line, *id))
                .collect();
            (!held.is_empty()).then_some((*line, held))
        });
        Ok(beside.collect())
    }

    /// Ends a consent at once and for good, or a request for one; with `only`, for these entries
    /// alone. Nothing happens to what was ended before.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], for an entry that it does not cover too;
    /// [`crate::error::Kind::Usage`] for a reason past the limit.
    pub fn withdraw_consent(
        &mut self,
        id: Uuid,
        only: &[Uuid],
        reason: Option<&str>,
        author: &Author<'_>,
    ) -> Result<()> {
        if let Some(reason) = reason {
            check_said("--reason", reason)?;
        }
        let consent = self.consents.by_id(id)?;
        let names = self.names()?;
        let mut parts = Vec::new();
        for entry in only {
            let path = names.get(entry).map_or("", String::as_str);
            if !consent.scope.has_entry(*entry, path) {
                let start = number(id);
                return Err(
                    Error::not_found(format!("consent {start} does not cover {path}"))
                        .hint(format!("vault consent show {start} tells what it covers")),
                );
            }
            if consent.ended_for(*entry).is_none() {
                parts.push(*entry);
            }
        }
        if consent.ended().is_some() || (!only.is_empty() && parts.is_empty()) {
            return Ok(());
        }
        let state = if consent.was_given() {
            ConsentState::Withdrawn
        } else {
            ConsentState::Cancelled
        };
        // What is left without anything is over.
        let mut left = consent.scope.entries.iter();
        let all = consent.scope.patterns.is_empty()
            && left.all(|it| parts.contains(it) || consent.ended_for(*it).is_some());
        self.change(author, "withdraw", |edit| {
            let consent = edit.vault.consents.by_id_mut(edit.event.about(id))?;
            let mut event = consent_event(state.as_str(), author);
            event.reason = reason.map(ToOwned::to_owned);
            if !all {
                edit.event.subject.extend(&parts);
                event.entries = parts;
            }
            consent.events.push(event);
            edit.event.note("of", consent.client.to_string());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::testing::{author, day, path};

    #[test]
    fn what_is_left_without_any_entry_is_over() {
        let mut world = World::new();
        let consent = world.consent_with("acme", |it| {
            it.entries = &["acme/wp", "acme/db"];
            it.patterns = &[];
        });
        let ids = ["acme/wp", "acme/db"].map(|at| world.vault.entry(&path(at)).unwrap().id);
        let mail = world.vault.entry(&path("globex/mail")).unwrap().id;
        let state = |world: &World| {
            let consent = world.vault.consents.by_id(consent).unwrap();
            (consent.state(day(9)).as_str(), consent.scope.entries.len())
        };
        for (entry, after) in ids.into_iter().zip(["given", "withdrawn"]) {
            for _ in 0..2 {
                let (vault, only) = (&mut world.vault, [entry]);
                vault
                    .withdraw_consent(consent, &only, None, &author(2))
                    .unwrap();
            }
            assert_eq!(state(&world), (after, 2), "the terms stay as they were");
        }
        let other = world
            .vault
            .withdraw_consent(consent, &[mail], None, &author(2));
        assert_eq!(other.unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn a_share_of_which_every_entry_was_withdrawn_is_withdrawn() {
        let mut world = World::new();
        let consent = world.consent("acme");
        let ask = world.ask(&["acme/wp", "acme/db"], &[]);
        world.share(&ask, 1);
        let ends = |world: &World| {
            let line = world.vault.ledger(day(9)).unwrap()[0];
            (
                line.state.as_str(),
                line.live_items().count(),
                line.end.map(|end| end.time),
            )
        };
        let found = [("sent", 1, None), ("withdrawn", 0, Some(day(4)))];
        for ((at, on), found) in [("acme/wp", 3), ("acme/db", 4)].into_iter().zip(found) {
            let only = [world.vault.entry(&path(at)).unwrap().id];
            let vault = &mut world.vault;
            vault
                .withdraw_consent(consent, &only, None, &author(on))
                .unwrap();
            assert_eq!(ends(&world), found);
        }
    }

    #[test]
    fn what_goes_on_beside_is_of_the_same_client_contact_and_entry() {
        let mut world = World::new();
        let (one, two) = (world.consent("acme"), world.consent("acme"));
        let eves = world.consent_with("acme", |it| it.for_eve = true);
        let ask = crate::model::consent::permit::Ask {
            consent: Some(two),
            ..world.ask(&["acme/wp"], &[])
        };
        let share = world.share(&ask, 1);
        let beside = |world: &World, id, only: &[uuid::Uuid]| {
            let beside = world.vault.live_beside(&[id], only, day(2)).unwrap();
            beside
                .iter()
                .map(|(line, _)| line.share.id)
                .collect::<Vec<_>>()
        };
        let db = world.vault.entry(&path("acme/db")).unwrap().id;
        assert_eq!(beside(&world, one, &[]), [share]);
        assert!(beside(&world, one, &[db]).is_empty());
        assert!(beside(&world, eves, &[]).is_empty());
        world.happens(two, "withdrawn", 2);
        assert!(beside(&world, one, &[]).is_empty());
    }
}
