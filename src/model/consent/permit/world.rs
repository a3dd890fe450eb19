//! A vault with clients, contacts and consents, made without commands.

use uuid::Uuid;

use super::{Answer, Ask};
use crate::model::consent::agreed_terms::{
    AgreedClient, AgreedEntry, AgreedRecipient, AgreedTerms,
};
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::records::consent::{Consent, ConsentEvent, PermittedRecipient, Scope};
use crate::model::records::contact::Contact;
use crate::model::records::share::{AllowedBy, Share, SharedItem, SharedWith};
use crate::model::records::slot::Slot;
use crate::model::testing::{author, day, empty_vault, new_id, path, secret, with_secret};
use crate::model::vault::Vault;

pub(crate) struct World {
    pub(crate) vault: Vault,
    pub(crate) bob: Uuid,
    pub(crate) eve: Uuid,
}

/// A consent before it is in the vault: for bob, from day 0 to day 90, given and attested.
pub(crate) struct GivenTerms<'a> {
    pub(crate) entries: &'a [&'a str],
    pub(crate) patterns: &'a [&'a str],
    pub(crate) fields: &'a [&'a str],
    pub(crate) events: &'a [(&'a str, i64)],
    pub(crate) assurance: &'a str,
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) for_eve: bool,
    /// The keys that it is bound to; the contact's own, if that is not said.
    pub(crate) keys: Option<&'a [&'a str]>,
}

impl Default for GivenTerms<'_> {
    fn default() -> Self {
        Self {
            entries: &[],
            patterns: &["acme/*"],
            fields: &[],
            events: &[("given", 0)],
            assurance: "document",
            from: 0,
            until: 90,
            for_eve: false,
            keys: None,
        }
    }
}

impl World {
    /// acme/wp with a bit of everything, acme/db, globex/mail; bob and eve; no consent.
    pub(crate) fn new() -> Self {
        let mut vault = empty_vault();
        let full = Changes {
            values: EntryValues {
                username: Some("admin".into()),
                urls: vec!["https://acme.example".into()],
                notes: Some("note".into()),
                ..EntryValues::default()
            },
            fields: vec![("site".parse().unwrap(), "7".into())],
            secrets: vec![
                (Slot::Secret, secret("one")),
                (Slot::Totp, secret("JBSWY3DPEHPK3PXP")),
                (Slot::Field("pin".parse().unwrap()), secret("1234")),
            ],
            ..Changes::default()
        };
        vault.add(&path("acme/wp"), full, &author(0)).unwrap();
        let (key, day_0) = ("key.pem".parse().unwrap(), author(0));
        let attached = vault.attach(&path("acme/wp"), &key, b"key", false, &day_0);
        attached.unwrap();
        for other in ["acme/db", "globex/mail"] {
            vault.add(&path(other), with_secret("two"), &day_0).unwrap();
        }
        let (bob, eve) = (new_id(), new_id());
        for (id, name) in [(bob, "bob"), (eve, "eve")] {
            let mut contact = Contact::with(id, day(0));
            contact
                .name
                .set(vault.seen.next(author(0).device), name.into());
            vault.contacts.add(contact);
        }
        Self { vault, bob, eve }
    }

    /// Adds a consent of a client's.
    pub(crate) fn consent(&mut self, client: &str) -> Uuid {
        self.consent_with(client, |_| {})
    }

    /// Adds a consent of a client's, with other terms.
    pub(crate) fn consent_with<'a>(
        &mut self,
        client: &str,
        change: impl FnOnce(&mut GivenTerms<'a>),
    ) -> Uuid {
        let mut terms = GivenTerms::default();
        change(&mut terms);
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let named = terms.entries.iter();
        let entries = named.map(|text| self.vault.entry(&path(text)).unwrap().id);
        let scope = Scope::with(
            entries.collect(),
            owned(terms.patterns),
            owned(terms.fields),
            false,
        );
        let (id, stamp) = (new_id(), self.vault.seen.next(author(0).device));
        let contact = if terms.for_eve { self.eve } else { self.bob };
        let all = self.vault.contacts.all().unwrap();
        let of_now = all.iter().find(|it| it.id == contact).unwrap().recipients();
        let keys = terms.keys.map_or_else(|| of_now.to_vec(), owned);
        let agreed = AgreedTerms {
            consent: id,
            client: AgreedClient {
                slug: client.into(),
                name: client.into(),
            },
            recipients: vec![AgreedRecipient {
                name: self.vault.contact_name(contact).unwrap(),
                keys: keys.clone(),
                ..AgreedRecipient::default()
            }],
            entries: (scope.entries.iter().zip(terms.entries))
                .map(|(entry, path)| AgreedEntry {
                    entry: *entry,
                    path: (*path).into(),
                    ..AgreedEntry::default()
                })
                .collect(),
            patterns: scope.patterns.clone(),
            covered: vec![],
            except: vec![],
            fields: scope.fields.clone(),
            purposes: vec!["relaunch".into()],
            onward_sharing: false,
            expires: day(terms.until),
            asked: None,
        };
        let mut consent = Consent::with(
            id,
            self.vault.client(client).unwrap().id,
            day(0),
            scope,
            vec![PermittedRecipient::with(contact, keys)],
            agreed.purposes.clone(),
            agreed.expires,
            agreed.to_json().unwrap(),
        );
        let patterns: Vec<_> = consent.scope.patterns().collect();
        let covered = self.vault.covered(consent.client, &patterns).unwrap();
        consent.covered = covered.into_iter().map(AgreedEntry::into_covered).collect();
        consent.not_before.set(stamp, Some(day(terms.from)));
        consent.assurance.set(stamp, Some(terms.assurance.into()));
        let events = terms.events.iter();
        consent.events = events
            .map(|(state, on)| ConsentEvent::with(new_id(), day(*on), (*state).into()))
            .collect();
        self.vault.consents.add(consent);
        id
    }

    /// Adds what happened to a consent.
    pub(crate) fn happens(&mut self, consent: Uuid, state: &str, on: i64) {
        let event = ConsentEvent::with(new_id(), day(on), state.into());
        let all = self.vault.consents.iter_mut();
        let mut all = all.map(|it| it.get_mut().unwrap());
        all.find(|it| it.id == consent).unwrap().events.push(event);
    }

    /// What bob is to be given.
    pub(crate) fn ask(&self, entries: &[&str], fields: &[&str]) -> Ask {
        Ask {
            fields: fields.iter().map(|text| text.parse().unwrap()).collect(),
            ..Ask::of(entries.iter().map(|text| path(text)).collect(), self.bob)
        }
    }

    /// The answer on a day.
    pub(crate) fn answer(&self, ask: &Ask, on: i64) -> Answer {
        self.vault.permit(ask, day(on)).unwrap()
    }

    /// Enters a share of what is permitted on a day, as sent.
    pub(crate) fn share(&mut self, ask: &Ask, on: i64) -> Uuid {
        let permit = self.answer(ask, on).permit().unwrap();
        let items = permit.items.iter().map(|item| {
            let entry = self.vault.entry(&item.path).unwrap();
            let fields = item.fields.iter().map(ToString::to_string);
            let mut kept = SharedItem::with(entry.id, fields.collect(), item.path.to_string());
            let secrets = entry
                .secrets()
                .map(|(slot, version)| (slot.into(), version.id));
            let files = entry
                .attached()
                .map(|it| (format!("attachment:{}", it.name), it.id));
            let shared = secrets
                .chain(files)
                .filter(|(name, _)| kept.fields.contains(name));
            kept.versions = shared.collect();
            kept
        });
        let id = new_id();
        let mut share = Share::with(
            id,
            AllowedBy::with(permit.consent, String::new()),
            items.collect(),
            SharedWith::with(permit.contact, "age1".into()),
            "relaunch".into(),
            day(on),
            permit.expires,
            String::new(),
            "{}".into(),
        );
        share.supersedes = ask.replaces;
        self.vault.record_share(share, &author(on));
        self.vault.mark_sent(id, &author(on)).unwrap();
        id
    }
}
