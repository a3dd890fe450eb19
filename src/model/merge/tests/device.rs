//! A device that changes its copy of the vault, and what was said and done on it.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use crate::model::consent::changes::consent_event;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::merge::vaults::{VaultCopy, merge};
use crate::model::records::access::Access;
use crate::model::records::cell::DeviceId;
use crate::model::records::identity::PublicKey;
use crate::model::records::share::{AllowedBy, Share, SharedItem, SharedWith};
use crate::model::records::stamping::Author;
use crate::model::testing::{
    day, fault, new_id, path, replacement, requested, secret, with_secret,
};
use crate::model::text::kdf::KdfParams;
use crate::model::vault::{AccessReason, Vault};
use crate::model::ways_in::NewKeys;

/// The day on which what was shared is looked at: after all that is done.
const LATER: i64 = 10_000;

const NAMES: [&str; 4] = ["acme/wp", "acme/db", "globex/mail", "initech/host"];

/// What was said and done, as far as a device knows.
#[derive(Clone, Debug, Default, PartialEq)]
struct KnownOfDevice {
    secrets: BTreeSet<String>,
    purged: BTreeSet<String>,
    consents: BTreeSet<Uuid>,
    ended: BTreeSet<Uuid>,
    shares: BTreeSet<Uuid>,
}

impl KnownOfDevice {
    fn learn(&mut self, other: &Self) {
        self.secrets.extend(other.secrets.iter().cloned());
        self.purged.extend(other.purged.iter().cloned());
        self.consents.extend(&other.consents);
        self.ended.extend(&other.ended);
        self.shares.extend(&other.shares);
    }
}

#[derive(Clone)]
pub(super) struct ChangingDevice {
    id: DeviceId,
    pub(super) vault: Vault,
    known: KnownOfDevice,
    past: Vec<(Vault, KnownOfDevice)>,
}

pub(super) fn author(id: DeviceId, time: i64) -> Author<'static> {
    Author {
        device: id,
        now: day(time),
        new_id: &new_id,
    }
}

pub(super) fn new_device() -> DeviceId {
    let (number, _) = new_id().as_u64_pair();
    DeviceId::from_random((number >> 32).to_be_bytes())
}

pub(super) fn copy(vault: &Vault) -> VaultCopy<'_> {
    VaultCopy {
        vault,
        signer: vault.identity.signing.expose(),
    }
}

/// Every secret in a vault, but for one that two entries have from the start.
fn secrets(vault: &Vault) -> BTreeSet<String> {
    let entries = vault.entries.all().unwrap().into_iter();
    let versions = entries.flat_map(|entry| &entry.versions);
    let secrets = versions.map(|it| it.secret().expose().to_owned());
    secrets.filter(|secret| secret != "two").collect()
}

pub(super) fn text(vault: &Vault) -> String {
    String::from_utf8(vault.encode(0).unwrap().to_vec()).unwrap()
}

impl ChangingDevice {
    pub(super) fn new(vault: &Vault) -> Self {
        let known = KnownOfDevice {
            secrets: secrets(vault),
            ..KnownOfDevice::default()
        };
        Self {
            id: new_device(),
            vault: vault.clone(),
            known,
            past: vec![],
        }
    }

    pub(super) fn live(&self, which: u8) -> Option<String> {
        let live = self.vault.live().unwrap();
        let paths: Vec<String> = live.into_iter().map(|(path, _)| path).collect();
        one_of(&paths, which)
    }

    pub(super) fn take_in(&mut self, other: &Self, now: i64) {
        if other.vault.has_all_of(&self.vault) {
            self.vault = other.vault.clone();
        } else if !self.vault.has_all_of(&other.vault) {
            let merged = merge(copy(&self.vault), copy(&other.vault)).unwrap();
            self.vault = merged.vault;
            let revived = merged.revived;
            let settled = self
                .vault
                .settle_merge(&revived, &[], &author(self.id, now));
            settled.unwrap();
        }
        self.known.learn(&other.known);
    }

    /// Its file and all that it remembers are gone: it begins anew with what another has.
    pub(super) fn lose(&mut self, other: &Self) {
        (self.vault, self.known) = (other.vault.clone(), other.known.clone());
        self.id = new_device();
        self.past.clear();
    }

    pub(super) fn act(&mut self, what: DeviceAct, which: u8, number: u32, now: i64) {
        let author = author(self.id, now);
        let (live, vault) = (self.live(which), &mut self.vault);
        let new = format!("secret-{number}");
        match (what, live) {
            (DeviceAct::Add, _) => {
                let to = path(NAMES[usize::from(which) % NAMES.len()]);
                if vault.add(&to, with_secret(&new), &author).is_ok() {
                    self.known.secrets.insert(new);
                }
            }
            (DeviceAct::Rotate, Some(at)) => {
                if vault.rotate(&path(&at), replacement(&new), &author).is_ok() {
                    self.known.secrets.insert(new);
                }
            }
            (DeviceAct::Edit, Some(at)) => {
                vault.edit(&path(&at), with_user(new), &author).unwrap();
            }
            (DeviceAct::Remove, Some(at)) => drop(vault.remove(&path(&at), &author).unwrap()),
            (DeviceAct::Restore, _) => {
                if let Some(id) = trashed(vault, which) {
                    let _ = vault.restore(&[id.parse().unwrap()], &author);
                }
            }
            (DeviceAct::Purge, _) => {
                if let Some(id) = trashed(vault, which) {
                    let before = secrets(vault);
                    let gone = HashSet::from([id.parse().unwrap()]);
                    vault.empty_trash(&gone, &author).unwrap();
                    let after = secrets(vault);
                    self.known.purged.extend(before.difference(&after).cloned());
                }
            }
            (DeviceAct::NewPassword, _) => {
                vault.set_access(access(which), AccessReason::Chosen, &author);
            }
            (DeviceAct::NewIdentity, _) => vault.rotate_identity(new_keys(&new, vault), &author),
            (DeviceAct::Permit, _) => {
                let id = permit(vault, &author);
                self.known.consents.insert(id);
            }
            (DeviceAct::Withdraw, _) => {
                if let Some(id) = one_of(&vault.consents.ids().unwrap(), which) {
                    withdraw(vault, id, &author);
                    self.known.ended.insert(id);
                }
            }
            (DeviceAct::Share, Some(at)) => {
                let consents = vault.consents.ids().unwrap().into_iter();
                let open = consents.filter(|id| !self.known.ended.contains(id));
                if let Some(consent) = one_of(&open.collect::<Vec<_>>(), which) {
                    self.known
                        .shares
                        .insert(share(vault, consent, &at, &author));
                }
            }
            (DeviceAct::Save, _) => self.past.push((vault.clone(), self.known.clone())),
            (DeviceAct::PutBack, _) => {
                if let Some((vault, known)) = self.past.pop() {
                    (self.vault, self.known) = (vault, known);
                    // Whoever goes on from an old copy is another device in it.
                    self.id = new_device();
                }
            }
            (DeviceAct::Clone, _) => {
                if let Some((vault, known)) = self.past.pop() {
                    (self.vault, self.known) = (vault, known);
                }
            }
            (DeviceAct::Rotate | DeviceAct::Edit | DeviceAct::Remove | DeviceAct::Share, None) => {}
        }
    }
}

fn one_of<T: Clone>(all: &[T], which: u8) -> Option<T> {
    let count = all.len();
    (count > 0).then(|| all[usize::from(which) % count].clone())
}

/// The id of an entry in the trash.
fn trashed(vault: &Vault, which: u8) -> Option<String> {
    let trash = vault.trash().unwrap().into_iter();
    one_of(
        &trash.map(|it| it.id.to_string()).collect::<Vec<_>>(),
        which,
    )
}

pub(super) fn with_user(name: String) -> Changes {
    Changes {
        values: EntryValues {
            username: Some(name),
            ..EntryValues::default()
        },
        ..Changes::default()
    }
}

fn access(salt: u8) -> Access {
    Access {
        salt: [salt; 16],
        kdf: KdfParams::default(),
        key_file: false,
    }
}

fn new_keys(name: &str, vault: &Vault) -> NewKeys {
    let public = |key: &str| PublicKey {
        openssh: key.to_owned(),
        fingerprint: key.to_owned(),
    };
    NewKeys {
        age: secret(&format!("age-{name}")),
        signing: secret(&format!("key-{name}")),
        card: name.to_owned(),
        old_signer: public(vault.identity.signing.expose()),
        new_signer: public(&format!("key-{name}")),
    }
}

fn permit(vault: &mut Vault, author: &Author<'_>) -> Uuid {
    let id = requested(vault, author);
    vault.change_surely(author, "consent", |edit| {
        let consent = edit.vault.consents.by_id_mut(id).unwrap();
        consent.events.push(consent_event("given", author));
        consent.assurance.set(edit.stamp, Some("document".into()));
    });
    id
}

fn share(vault: &mut Vault, consent: Uuid, at: &str, author: &Author<'_>) -> Uuid {
    let entry = vault.entry(&path(at)).unwrap().id;
    let contact = vault.contacts.ids().unwrap()[0];
    let id = new_id();
    let share = Share::with(
        id,
        AllowedBy::with(consent, String::new()),
        vec![SharedItem::with(
            entry,
            vec!["secret".into()],
            at.to_owned(),
        )],
        SharedWith::with(contact, "age1".into()),
        "relaunch".into(),
        author.now,
        day(2 * LATER),
        String::new(),
        "{}".into(),
    );
    vault.record_share(share, author);
    vault.mark_sent(id, author).unwrap();
    id
}

fn withdraw(vault: &mut Vault, id: Uuid, author: &Author<'_>) {
    vault.change_surely(author, "withdraw", |edit| {
        let consent = edit.vault.consents.by_id_mut(id).unwrap();
        consent.events.push(consent_event("withdrawn", author));
    });
}

#[derive(Clone, Copy, Debug)]
pub(super) enum DeviceAct {
    Add,
    Rotate,
    Edit,
    Remove,
    Restore,
    Purge,
    NewPassword,
    NewIdentity,
    Permit,
    Withdraw,
    Share,
    Save,
    PutBack,
    /// The machine is restored from an image, and goes on as the device that it was.
    Clone,
}

impl ChangingDevice {
    pub(super) fn check(&self) {
        let due: BTreeSet<String> = (self.known.secrets)
            .difference(&self.known.purged)
            .cloned()
            .collect();
        assert_eq!(
            secrets(&self.vault),
            due,
            "all that ever was but for what was purged"
        );
        for consent in self.vault.consents.all().unwrap() {
            let is_over = consent.ended().is_some();
            assert_eq!(is_over, self.known.ended.contains(&consent.id));
        }
        for line in self.vault.ledger(day(LATER)).unwrap() {
            let is_over = self.known.ended.contains(&line.share.consent.id);
            assert!(!(is_over && line.state.is_live()), "what was shared ends");
        }
        let shares: BTreeSet<Uuid> = self.vault.shares.ids().unwrap().into_iter().collect();
        assert_eq!(shares, self.known.shares);
        let ids: BTreeSet<Uuid> = self.vault.consents.ids().unwrap().into_iter().collect();
        assert_eq!(ids, self.known.consents);
        let paths: Vec<String> = self
            .vault
            .live()
            .unwrap()
            .into_iter()
            .map(|it| it.0)
            .collect();
        let apart: BTreeSet<&String> = paths.iter().collect();
        assert_eq!(
            apart.len(),
            paths.len(),
            "each has a path of its own: {paths:?}"
        );
        assert!(!paths.iter().any(|path| path.starts_with('?')), "{paths:?}");
    }

    pub(super) fn check_file(&self) {
        assert_eq!(fault(&self.vault), None);
    }
}
