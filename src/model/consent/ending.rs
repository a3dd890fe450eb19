//! The end of a permission: found by whatever its client knows of it, whole or for some entries.

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::{check_said, consent_event};
use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::stamping::Author;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::similar;
use crate::model::vault::Vault;

impl Vault {
    /// The consents and requests that a client may mean: all open ones by the client's name, or
    /// one by its number or that of a share under it, then with that share or the one in its place;
    /// and with it a renewal that was only said. Ended ones are found by number only.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for what there is not, [`crate::error::Kind::Usage`] when
    /// several numbers start so or it is neither a name nor a number.
    pub fn meant_consents(
        &self,
        word: &str,
        now: Timestamp,
    ) -> Result<Vec<(&Consent, Option<LedgerLine<'_>>)>> {
        if let Some(client) = self.client(word) {
            let mut open = Vec::new();
            for consent in self.all_consents()? {
                let is_over = self.consent_state(consent, now)?.is_end();
                open.extend((consent.client == client.id && !is_over).then_some((consent, None)));
            }
            return Ok(open);
        }
        let number: RecordId = word.parse().map_err(|_| {
            let hint = self.what_to_end(word, now).unwrap_or_else(|| {
                "vault client list and vault consent list show what there is; of a number, 4 digits \
                 are enough"
                    .to_owned()
            });
            Error::usage(format!("{word} is neither a client nor a number")).hint(hint)
        })?;
        let ids = self.consents.ids()?.into_iter().chain(self.shares.ids()?);
        let id = number.find(ids, "request, consent or share", "vault consent list")?;
        // What took its place is what there is to end.
        let share = self.shares.find(id)?;
        let line = share
            .map(|share| self.in_place_of(share, now))
            .transpose()?;
        let named = line.map_or(id, |line| line.share.consent.id);
        let consent = self.renewed(self.consents.by_id(named)?)?;
        let mut meant = vec![(consent, line)];
        for renewal in self.all_consents()? {
            let is_said = renewal.supersedes == Some(consent.id) && renewal.is_provisional();
            if is_said && renewal.is_open(now) && !consent.is_renewed() {
                meant.push((renewal, line));
            }
        }
        Ok(meant)
    }

    /// What to say in the place of a word that is an entry or a contact, or nearly a client.
    fn what_to_end(&self, word: &str, now: Timestamp) -> Option<String> {
        let entry = word.parse::<EntryPath>().ok();
        if let Some(path) = entry.filter(|path| self.entry(path).is_ok()) {
            return Some(format!(
                "for an entry alone: vault consent withdraw {} --only {path:#}",
                as_word(path.client())
            ));
        }
        let called = word
            .parse()
            .ok()
            .and_then(|it| self.contacts_ever(&it).ok());
        if let Some(contact) = called.and_then(|all| all.into_iter().next()) {
            let open = self.all_consents().ok()?.into_iter();
            let mut open = open.filter(|it| it.is_open(now) && it.is_for(contact.id));
            let client = open.next().map(|it| it.client);
            let client = self.live_clients().find(|it| Some(it.id) == client);
            let client = client.map_or_else(|| "CLIENT".to_owned(), |it| as_word(it.slug()));
            return Some(format!(
                "for a contact alone: vault consent withdraw {} --to {}",
                client,
                as_word(contact.name())
            ));
        }
        similar::did_you_mean(word, self.live_clients().map(Client::slug))
    }

    /// The shares that are live at `now` and hold what these consents are about, of their clients
    /// and for their contacts, each with its entries. Only entries and contacts of `part` count.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn live_beside(
        &self,
        consents: &[Uuid],
        part: &PermissionPart,
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
                let went = ledger.iter().filter(|line| line.is_under(consent.id));
                let mut went = went.flat_map(|line| &line.share.items);
                line.consent.is_some_and(|it| it.client == consent.client)
                    && consent.is_for(line.share.recipient.contact)
                    && (self.is_in_scope(consent, entry, path) || went.any(|it| it.entry == entry))
            })
        };
        let beside = ledger.iter().filter_map(|line| {
            let items = line.live_items().map(|item| item.entry);
            let counts = |id: &Uuid| part.has(*id, line.share.recipient.contact);
            let held: Vec<Uuid> = items
                .filter(|id| counts(id) && is_meant(line, *id))
                .collect();
            (!held.is_empty()).then_some((*line, held))
        });
        Ok(beside.collect())
    }

    /// Ends a consent or a request for one, or a part of it, at once and for good. Nothing happens
    /// to what was ended before.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], for an entry that it does not cover too;
    /// [`crate::error::Kind::Usage`] for a reason past the limit.
    pub fn withdraw_consent(
        &mut self,
        id: Uuid,
        part: &PermissionPart,
        reason: Option<&str>,
        author: &Author<'_>,
    ) -> Result<()> {
        if let Some(reason) = reason {
            check_said("--reason", reason)?;
        }
        let consent = self.consents.by_id(id)?;
        let names = self.names()?;
        for entry in &part.entries {
            let path = names.get(entry).map_or("", String::as_str);
            if !self.is_in_scope(consent, *entry, path) {
                let start = number(id);
                return Err(
                    Error::not_found(format!("consent {start} does not cover {path}"))
                        .hint(format!("vault consent show {start} tells what it covers")),
                );
            }
        }
        if part.is_over(consent) {
            return Ok(());
        }
        let state = if consent.was_given() {
            ConsentState::Withdrawn
        } else {
            ConsentState::Cancelled
        };
        let whole = part.is_all_that_is_left_of(consent);
        self.change(author, "withdraw", |edit| {
            let consent = edit.vault.consents.by_id_mut(edit.event.about(id))?;
            let mut event = consent_event(state.as_str(), author);
            event.reason = reason.map(ToOwned::to_owned);
            if !whole {
                edit.event.subject.extend(&part.entries);
                event.entries.clone_from(&part.entries);
                event.contacts.clone_from(&part.contacts);
            }
            consent.events.push(event);
            edit.event.note("of", consent.client.to_string());
            Ok(())
        })
    }
}

/// The part of a permission that ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionPart {
    /// Its entries; none means all of them.
    pub entries: Vec<Uuid>,
    /// Its contacts; none means all of them.
    pub contacts: Vec<Uuid>,
}

impl PermissionPart {
    /// Whether it is about an entry and a contact.
    #[must_use]
    pub fn has(&self, entry: Uuid, contact: Uuid) -> bool {
        (self.entries.is_empty() || self.entries.contains(&entry)) && self.has_contact(contact)
    }

    fn has_contact(&self, contact: Uuid) -> bool {
        self.contacts.is_empty() || self.contacts.contains(&contact)
    }

    /// Whether all of it ended before.
    #[must_use]
    pub fn is_over(&self, consent: &Consent) -> bool {
        let over_for = |contact: Uuid| {
            let mut entries = self.entries.iter();
            let each = entries.all(|entry| consent.ended_for(*entry, contact).is_some());
            consent.is_over_for(contact) || (!self.entries.is_empty() && each)
        };
        let mut meant = consent.contacts();
        meant.retain(|contact| self.has_contact(*contact));
        consent.ended().is_some() || meant.into_iter().all(over_for)
    }

    /// Whether nothing of a permission is left without it.
    fn is_all_that_is_left_of(&self, consent: &Consent) -> bool {
        let scope = &consent.scope;
        consent.contacts().into_iter().all(|contact| {
            let mut named = scope.entries.iter();
            let each = scope.patterns.is_empty()
                && named
                    .all(|it| self.has(*it, contact) || consent.ended_for(*it, contact).is_some());
            let whole = self.entries.is_empty() && self.has_contact(contact);
            whole || consent.is_over_for(contact) || each
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::testing::{author, day, path};

    use super::PermissionPart;

    fn of(entry: uuid::Uuid) -> PermissionPart {
        PermissionPart {
            entries: vec![entry],
            contacts: Vec::new(),
        }
    }

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
                let (vault, only) = (&mut world.vault, of(entry));
                vault
                    .withdraw_consent(consent, &only, None, &author(2))
                    .unwrap();
            }
            assert_eq!(state(&world), (after, 2), "the terms stay as they were");
        }
        let other = world
            .vault
            .withdraw_consent(consent, &of(mail), None, &author(2));
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
            let only = of(world.vault.entry(&path(at)).unwrap().id);
            let vault = &mut world.vault;
            vault
                .withdraw_consent(consent, &only, None, &author(on))
                .unwrap();
            assert_eq!(ends(&world), found);
        }
    }

    #[test]
    fn a_share_that_was_made_for_longer_ends_with_what_is_permitted() {
        let mut world = World::new();
        let consent = world.consent("acme");
        let ask = world.ask(&["acme/wp"], &[]);
        world.share(&ask, 1);
        let stamp = world.vault.seen.next(author(1).device);
        let sooner = world.vault.consents.by_id_mut(consent).unwrap();
        sooner.until.set(stamp, Some(day(5)));
        for (on, state, end) in [(4, "sent", None), (5, "expired", Some(day(5)))] {
            let line = world.vault.ledger(day(on)).unwrap()[0];
            assert!(line.share.expires > day(9));
            assert_eq!(line.until(), day(5));
            let ended = line.end.map(|end| end.time);
            assert_eq!((line.state.as_str(), ended), (state, end));
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
        let all = PermissionPart::default();
        let beside = |world: &World, id, part: &PermissionPart| {
            let beside = world.vault.live_beside(&[id], part, day(2)).unwrap();
            beside
                .iter()
                .map(|(line, _)| line.share.id)
                .collect::<Vec<_>>()
        };
        let db = world.vault.entry(&path("acme/db")).unwrap().id;
        assert_eq!(beside(&world, one, &all), [share]);
        assert!(beside(&world, one, &of(db)).is_empty());
        assert!(beside(&world, eves, &all).is_empty());
        world.happens(two, "withdrawn", 2);
        assert!(beside(&world, one, &all).is_empty());
    }
}
