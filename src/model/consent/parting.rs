//! A contact who leaves, or who has lost the keys: all that was shared with them and permitted for
//! them ends, and what they may still know is to be changed.

use jiff::Timestamp;
use uuid::Uuid;

use super::agreed_terms::AgreedClient;
use super::changes::consent_event;
use super::parted::{LeftRequest, PartedClient, PartedEntry, PartedShare, Parting, PartingReason};
use super::terms::agreed_recipient;
use crate::error::Result;
use crate::model::change::Edit;
use crate::model::people::fields::MeValues;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::contact::{ContactLoss, LostKey};
use crate::model::records::entry::Entry;
use crate::model::records::share::{Revocation, SharedItem};
use crate::model::records::stamping::Author;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::who::Subject;
use crate::model::text::name::ContactName;
use crate::model::vault::Vault;

impl Vault {
    /// Ends all that a contact may use and all that is permitted for them alone. Who leaves is
    /// removed; keys that are lost count for nothing any more.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn part_with(
        &mut self,
        name: &ContactName,
        reason: PartingReason,
        author: &Author<'_>,
    ) -> Result<Parting> {
        let contact = self.known_contact(name)?;
        let (id, described) = (contact.id, agreed_recipient(contact));
        let lang = contact.lang.value().and_then(|lang| lang.parse().ok());
        let mut live = self.ledger(author.now)?;
        live.retain(|line| line.share.recipient.contact == id && line.state.is_live());
        let ends: Vec<Uuid> = live.iter().map(|line| line.share.id).collect();
        let given = self.consents_for(id, ConsentState::Given, author.now)?;
        let requests = self.consents_for(id, ConsentState::Requested, author.now)?;
        let action = match reason {
            PartingReason::Left => "leave",
            PartingReason::Lost(_) => "lose",
        };
        self.change(author, action, |edit| {
            edit.event.about(id);
            edit.end_shares(&ends, reason)?;
            edit.take_out_of(&given, ConsentState::Ended, id)?;
            edit.take_out_of(&requests, ConsentState::Cancelled, id)?;
            edit.part_from(id, reason)
        })?;
        let cancelled = requests.iter().filter(|it| it.others.is_empty());
        let consents: Vec<&LeftRequest> = given.iter().chain(cancelled).collect();
        let mut shares = Vec::new();
        let ledger = self.ledger(author.now)?.into_iter();
        for line in ledger.filter(|line| line.share.recipient.contact == id) {
            let over = line.owes_deletion();
            let ends_now = ends.contains(&line.share.id);
            let login_left = line.login_left().and(line.end).map(|end| end.time);
            let over = over.or(login_left);
            if ends_now || over.is_some() {
                shares.push(self.parted_share(line, over.filter(|_| !ends_now))?);
            }
        }
        Ok(Parting {
            reason,
            noted: author.now,
            me: MeValues::of(&self.me),
            contact: described,
            lang: lang.unwrap_or_default(),
            shares,
            clients: self.parted_clients(id, &ends, &consents, author.now)?,
            requests,
        })
    }

    /// Removes a contact, and takes them out of the requests that are open. Consents for them end:
    /// somebody of that name who is added later is another contact.
    ///
    /// # Errors
    /// As [`Self::check_contact_free_of_shares`].
    pub fn remove_contact(
        &mut self,
        name: &ContactName,
        author: &Author<'_>,
    ) -> Result<Vec<LeftRequest>> {
        let id = self.check_contact_free_of_shares(name, author.now)?;
        let given = self.consents_for(id, ConsentState::Given, author.now)?;
        let requests = self.consents_for(id, ConsentState::Requested, author.now)?;
        self.change(author, "remove", |edit| {
            let contact = edit.vault.contacts.by_id_mut(edit.event.about(id))?;
            contact.removed.set(edit.stamp, Some(author.now));
            edit.take_out_of(&given, ConsentState::Ended, id)?;
            edit.take_out_of(&requests, ConsentState::Cancelled, id)
        })?;
        Ok(requests)
    }

    /// What was asked for or given, by its state, for a contact for whom it is not over.
    fn consents_for(
        &self,
        contact: Uuid,
        state: ConsentState,
        now: Timestamp,
    ) -> Result<Vec<LeftRequest>> {
        let mut open = Vec::new();
        for consent in self.all_consents()? {
            let is_meant = consent.state(now) == state && consent.is_for(contact);
            if is_meant && !consent.is_over_for(contact) {
                open.push(LeftRequest {
                    request: consent.id,
                    others: self.others_of(consent, contact)?,
                });
            }
        }
        Ok(open)
    }

    /// Who else a consent is for and still there.
    fn others_of(&self, consent: &Consent, contact: Uuid) -> Result<Vec<Uuid>> {
        let live = self.live_contacts()?;
        let mut others = consent.contacts_left();
        others.retain(|id| *id != contact && live.iter().any(|it| it.id == *id));
        Ok(others)
    }

    fn parted_share(
        &self,
        line: LedgerLine<'_>,
        over_since: Option<Timestamp>,
    ) -> Result<PartedShare> {
        let owner = line.consent.map(|it| it.client);
        let client = self.clients.iter().find(|client| Some(client.id) == owner);
        let mut items: Vec<&SharedItem> = line.undeleted_items().map(|(item, _)| item).collect();
        if items.is_empty() {
            items.extend(&line.share.items);
        }
        let is_meant = |entry: &Entry| items.iter().any(|it| it.entry == entry.id);
        let today = self.entries_by_path(is_meant)?;
        let entries = items.into_iter().map(|item| {
            let mut today = today.iter().filter(|(_, it)| it.id == item.entry);
            let today = today.next().map(|(path, entry)| (path.as_str(), *entry));
            PartedEntry::of(item, line.share.login.as_deref(), today)
        });
        Ok(PartedShare {
            share: line.share.id,
            client: client.map_or("?", |client| client.called()).to_owned(),
            entries: entries.collect(),
            over_since,
        })
    }

    /// The clients of what ended, and of what the contact may still know or use.
    fn parted_clients(
        &self,
        contact: Uuid,
        shares: &[Uuid],
        consents: &[&LeftRequest],
        now: Timestamp,
    ) -> Result<Vec<PartedClient>> {
        let subject = Subject::Contact(vec![self.contacts.by_id(contact)?]);
        let knowledge = self.knowledge(&subject, now)?;
        let ledger = self.ledger(now)?;
        let mut told = Vec::new();
        for client in self.live_clients() {
            let mut ended = Vec::new();
            for left in consents {
                let consent = self.consents.by_id(left.request)?;
                if consent.client == client.id {
                    ended.push((consent, *left));
                }
            }
            let had = ledger.iter().any(|line| {
                shares.contains(&line.share.id)
                    && line.consent.is_some_and(|it| it.client == client.id)
            });
            let theirs = knowledge.entries.iter();
            let theirs: Vec<_> = theirs.map(|it| it.permitted_by(client.id)).collect();
            if ended.is_empty() && !had && theirs.iter().all(|it| it.knowers.is_empty()) {
                continue;
            }
            let lang = client.lang.value().and_then(|lang| lang.parse().ok());
            let (given, void): (Vec<_>, Vec<_>) =
                ended.into_iter().partition(|(it, _)| it.was_given());
            let known = theirs.iter().filter_map(|it| PartedEntry::known(it));
            let logins = theirs.iter().flat_map(|it| PartedEntry::logins(it));
            let mut knowers = theirs.iter().flat_map(|it| &it.knowers);
            told.push(PartedClient {
                client: AgreedClient {
                    slug: client.slug().to_owned(),
                    name: client.called().to_owned(),
                },
                lang: lang.unwrap_or_default(),
                was_used: had,
                consents: given.into_iter().map(|(_, left)| left.clone()).collect(),
                void: void.into_iter().map(|(it, _)| it.id).collect(),
                known: known.collect(),
                logins: logins.collect(),
                with_device: knowers.any(|it| it.line.lost().is_some()),
            });
        }
        told.sort_by(|a, b| a.client.slug.cmp(&b.client.slug));
        Ok(told)
    }
}

impl Edit<'_> {
    fn end_shares(&mut self, shares: &[Uuid], reason: PartingReason) -> Result<()> {
        let (cause, since) = match reason {
            PartingReason::Left => ("left", self.author.now),
            PartingReason::Lost(since) => ("lost", since),
        };
        for id in shares {
            let share = self.vault.shares.by_id_mut(self.event.about(*id))?;
            let time = since.max(share.created);
            let ended = Revocation::with(time, cause.to_owned());
            share.ended.set(self.stamp, Some(ended));
        }
        Ok(())
    }

    /// Ends something for a contact, and as a whole where nobody is left.
    fn take_out_of(
        &mut self,
        requests: &[LeftRequest],
        end: ConsentState,
        contact: Uuid,
    ) -> Result<()> {
        for left in requests {
            let request = self.event.about(left.request);
            let mut event = consent_event(end.as_str(), self.author);
            if !left.others.is_empty() {
                event.contacts.push(contact);
            }
            let request = self.vault.consents.by_id_mut(request)?;
            request.events.push(event);
        }
        Ok(())
    }

    fn part_from(&mut self, id: Uuid, reason: PartingReason) -> Result<()> {
        let (stamp, author) = (self.stamp, self.author);
        let contact = self.vault.contacts.by_id_mut(id)?;
        let PartingReason::Lost(since) = reason else {
            contact.removed.set(stamp, Some(author.now));
            return Ok(());
        };
        let keys = contact.recipients().iter().chain(contact.signers());
        let lost = keys.map(|key| LostKey::with((author.new_id)(), key.clone(), since));
        let lost: Vec<LostKey> = lost.collect();
        contact.lost.extend(lost);
        (contact.losses).push(ContactLoss::with((author.new_id)(), since, author.now));
        contact.recipients.set(stamp, vec![]);
        contact.signers.set(stamp, vec![]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PartedEntry, PartingReason};
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::people::contact_changes::ContactChanges;
    use crate::model::testing::{author, day, fault};

    /// acme permits bob and eve something; bob has acme/wp, for the key k1.
    fn world() -> World {
        let mut world = World::new();
        let mut changes = ContactChanges::default();
        changes.values.recipients = vec!["k1".into()];
        let bob = "bob".parse().unwrap();
        world.vault.edit_contact(&bob, changes, &author(0)).unwrap();
        world.consent("acme");
        world.consent_with("acme", |it| it.for_eve = true);
        world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
        world
    }

    fn states(world: &World) -> Vec<&'static str> {
        let consents = world.vault.all_consents().unwrap().into_iter();
        let shares = world.vault.ledger(day(5)).unwrap();
        let shares = shares.iter().map(|line| line.state.as_str());
        (consents.map(|it| it.state(day(5)).as_str()))
            .chain(shares)
            .collect()
    }

    #[test]
    fn who_leaves_has_and_may_be_given_nothing() {
        let mut world = world();
        let bob = "bob".parse().unwrap();
        let parted = world.vault.part_with(&bob, PartingReason::Left, &author(4));
        let parted = parted.unwrap();
        assert_eq!(states(&world), ["ended", "given", "ended"]);
        assert_eq!((parted.shares.len(), parted.clients.len()), (1, 1));
        let known = &parted.clients[0].known;
        assert_eq!(
            known.iter().map(PartedEntry::path).collect::<Vec<_>>(),
            ["acme/wp"]
        );
        assert_eq!(
            world.vault.known_contact(&bob).unwrap_err().kind(),
            Kind::NotFound
        );
        assert_eq!(fault(&world.vault), None);
    }

    #[test]
    fn lost_keys_come_back_only_by_hand_and_end_things_from_the_day_of_the_loss() {
        let mut world = world();
        let bob = "bob".parse().unwrap();
        let lost = PartingReason::Lost(day(3));
        world.vault.part_with(&bob, lost, &author(4)).unwrap();
        assert_eq!(states(&world), ["ended", "given", "ended"]);
        let ledger = world.vault.ledger(day(5)).unwrap();
        assert_eq!(ledger[0].end.unwrap().time, day(3));
        let mut changes = ContactChanges::default();
        changes.values.recipients = vec!["k1".into()];
        for name in ["bob", "eve"] {
            let name = name.parse().unwrap();
            let (vault, changes) = (&mut world.vault, changes.clone());
            let refused = vault.edit_contact(&name, changes, &author(5)).unwrap_err();
            assert_eq!(refused.kind(), Kind::Refused);
        }
        changes.key_verified = Some("by phone".into());
        world.vault.edit_contact(&bob, changes, &author(5)).unwrap();
        assert_eq!(world.vault.lost_key("k1").unwrap(), None);
        assert_eq!(fault(&world.vault), None);
    }
}
