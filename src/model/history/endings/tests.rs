use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use crate::model::consent::ending::PermissionPart;
use crate::model::consent::permit::world::World;
use crate::model::records::cell::DeviceId;
use crate::model::records::client::ClientKey;
use crate::model::records::event::{Event, EventDraft};
use crate::model::testing::{author, day, fault, new_id, path, read_again};
use crate::model::vault::Vault;

fn with_consents() -> (World, Vec<Uuid>) {
    let mut world = World::new();
    let ids = (0..3).map(|_| world.consent("acme")).collect();
    (world, ids)
}

/// What somebody does after the copy was made.
#[derive(Clone, Copy, Debug)]
enum HistoryStep {
    Withdraw(usize),
    WithdrawPart(usize),
    Purge(usize),
    RemoveContact,
}

fn steps() -> impl Strategy<Value = Vec<HistoryStep>> {
    let step = prop_oneof![
        (0..3_usize).prop_map(HistoryStep::Withdraw),
        (0..3_usize).prop_map(HistoryStep::WithdrawPart),
        (0..3_usize).prop_map(HistoryStep::Purge),
        Just(HistoryStep::RemoveContact),
    ];
    prop::collection::vec(step, 0..6)
}

const ENTRIES: [&str; 3] = ["acme/wp", "acme/db", "globex/mail"];

fn take(vault: &mut Vault, consents: &[Uuid], step: HistoryStep) {
    let author = author(5);
    match step {
        HistoryStep::Withdraw(n) => vault
            .withdraw_consent(consents[n], &PermissionPart::default(), None, &author)
            .unwrap(),
        HistoryStep::WithdrawPart(n) => {
            if let Ok(entry) = vault.entry(&path("acme/wp")) {
                let only = PermissionPart {
                    entries: vec![entry.id],
                    contacts: Vec::new(),
                };
                vault
                    .withdraw_consent(consents[n], &only, None, &author)
                    .unwrap();
            }
        }
        HistoryStep::Purge(n) => {
            if let Ok(id) = vault.remove(&path(ENTRIES[n]), &author) {
                vault.empty_trash(&HashSet::from([id]), &author).unwrap();
            }
        }
        HistoryStep::RemoveContact => {
            let _ = vault.remove_contact(&"eve".parse().unwrap(), &author);
        }
    }
}

/// What has ended, in words that can be compared.
fn ended(vault: &Vault) -> Vec<String> {
    let consents = vault.all_consents().unwrap().into_iter();
    let parts = consents.clone().flat_map(|consent| {
        let parts = consent.ends().flat_map(|event| &event.entries);
        parts.map(|entry| format!("{} for {entry}", consent.id))
    });
    let parts: Vec<String> = parts.collect();
    let consents = consents.filter(|consent| consent.ended().is_some());
    let contacts = vault.contacts.all().unwrap().into_iter();
    let contacts = contacts.filter(|contact| contact.is_removed());
    let mut all: Vec<String> = (consents.map(|it| it.id))
        .chain(contacts.map(|it| it.id))
        .chain(vault.tombstones.iter().copied())
        .map(|id| id.to_string())
        .chain(parts)
        .collect();
    all.sort();
    all
}

proptest! {
    #[test]
    fn what_ended_anywhere_is_ended_whatever_is_looked_at_first(one in steps(), two in steps()) {
        let (world, consents) = with_consents();
        let laters = [one, two].map(|steps| {
            let mut later = read_again(&world.vault);
            for step in steps {
                take(&mut later, &consents, step);
            }
            later
        });
        let carry = |order: [usize; 2]| {
            let mut copy = read_again(&world.vault);
            for at in order {
                copy.carry_endings_from(&laters[at], &author(9)).unwrap();
            }
            copy
        };
        let copy = carry([0, 1]);
        for later in &laters {
            let all = ended(&copy);
            prop_assert!(ended(later).iter().all(|id| all.contains(id)));
        }
        let either: HashSet<String> = laters.iter().flat_map(ended).collect();
        prop_assert_eq!(ended(&copy).into_iter().collect::<HashSet<_>>(), either);
        prop_assert_eq!(ended(&copy), ended(&carry([1, 0])));
        prop_assert_eq!(fault(&copy), None);

        let mut again = read_again(&copy);
        prop_assert!(again.carry_endings_from(&laters[0], &author(9)).unwrap().is_empty());
        prop_assert_eq!(ended(&again), ended(&copy));
    }
}

#[test]
fn keys_that_were_taken_away_stay_away_and_none_comes_along() {
    let (mut world, _) = with_consents();
    let author = author(5);
    let set = |vault: &mut Vault, keys: &[&str]| {
        let stamp = vault.seen.next(author.device);
        let contact = vault.contacts.by_id_mut(world.bob).unwrap();
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        contact.recipients.set(stamp, keys);
    };
    set(&mut world.vault, &["lost", "kept"]);
    let mut later = read_again(&world.vault);
    set(&mut later, &["kept", "new"]);
    let mut copy = read_again(&world.vault);
    let carried = copy.carry_endings_from(&later, &author).unwrap();
    assert_eq!(carried.keys.len(), 1);
    let bob = copy.contacts.by_id_mut(world.bob).unwrap();
    assert_eq!(bob.recipients(), ["kept"]);
    assert_eq!(fault(&copy), None);
}

#[test]
fn a_key_of_a_client_that_was_closed_does_not_open_again() {
    let (mut world, _) = with_consents();
    let author = author(5);
    let key = |from: i64, to: Option<i64>| {
        let mut key = ClientKey::new("ssh-ed25519".into(), "AAAA".into());
        (key.from, key.to) = (Some(day(from)), to.map(day));
        key
    };
    let set = |vault: &mut Vault, keys: Vec<ClientKey>| {
        let stamp = vault.seen.next(author.device);
        let acme = vault.client("acme").unwrap().id;
        vault.client_mut(acme).unwrap().keys.set(stamp, keys);
    };
    set(&mut world.vault, vec![key(1, None)]);
    let mut later = read_again(&world.vault);
    set(&mut later, vec![key(1, Some(3)), key(4, None)]);
    let mut copy = read_again(&world.vault);
    // What the older file was changed to since is no reason to open it.
    set(&mut copy, vec![key(1, None), key(2, None)]);
    let carried = copy.carry_endings_from(&later, &author).unwrap();
    assert_eq!(carried.keys.len(), 1);
    let keys = copy.client("acme").unwrap().keys();
    assert_eq!(keys, [key(1, Some(3)), key(2, None)]);
    assert!(
        copy.carry_endings_from(&later, &author)
            .unwrap()
            .keys
            .is_empty()
    );
    // Nor does a file that knows it as open only.
    later.carry_endings_from(&world.vault, &author).unwrap();
    assert_eq!(later.client("acme").unwrap().keys()[0], key(1, Some(3)));
}

#[test]
fn a_refusal_that_names_what_had_ended_ends_it_again() {
    let (world, consents) = with_consents();
    let mut copy = read_again(&world.vault);
    let detail = EventDraft::new(day(6), "refuse", vec![])
        .with("reason", "withdrawn")
        .with("ended", format!("{} {} nonsense", consents[1], new_id()));
    let (text, _) = crate::model::records::event::LogHead::default().extend(detail);
    let event: Event = serde_json::from_str(&text).unwrap();
    let carried = copy
        .carry_refusals([&event].into_iter(), &author(9))
        .unwrap();
    assert_eq!(
        carried.consents.into_iter().collect::<Vec<_>>(),
        [consents[1]]
    );
    assert_eq!(ended(&copy), [consents[1].to_string()]);
}

#[test]
fn a_share_that_was_revoked_stays_revoked() {
    let (mut world, consents) = with_consents();
    let mut ask = world.ask(&["acme/wp"], &[]);
    ask.consent = Some(consents[0]);
    let share = world.share(&ask, 2);
    let mut later = read_again(&world.vault);
    later.revoke_share(share, None, &author(3)).unwrap();
    let mut copy = read_again(&world.vault);
    let carried = copy.carry_endings_from(&later, &author(9)).unwrap();
    assert_eq!(carried.shares.into_iter().collect::<Vec<_>>(), [share]);
    let ended = |vault: &mut Vault| {
        vault
            .shares
            .by_id_mut(share)
            .unwrap()
            .ended
            .value()
            .cloned()
    };
    assert_eq!(ended(&mut copy), ended(&mut later));
    assert!(ended(&mut copy).is_some());
}

#[test]
fn the_stricter_assurance_wins_unless_it_was_lowered_in_knowledge_of_that() {
    let (world, _) = with_consents();
    let set = |vault: &mut Vault, device: u8, least: Option<&str>| {
        let stamp = vault.seen.next(DeviceId::from_random([device; 8]));
        vault.clients[0]
            .min_assurance
            .set(stamp, least.map(str::to_owned));
    };
    let at = |least| {
        let mut vault = read_again(&world.vault);
        set(&mut vault, 5, least);
        vault
    };
    let carried = |copy: &Vault, later: &Vault| {
        let mut copy = read_again(copy);
        let known = copy.seen.clone();
        (copy.carry_stricter_from(later, &known, &author(9))).unwrap();
        assert_eq!(fault(&copy), None);
        copy.clients[0].min_assurance.value().cloned()
    };
    let levels = [Some("attested"), None, Some("signed"), Some("notarised")];
    for (low, one) in levels.iter().enumerate() {
        let mut copy = read_again(&world.vault);
        set(&mut copy, 6, *one);
        for (high, other) in levels.iter().enumerate() {
            let want = levels[low.max(high)].map(str::to_owned);
            assert_eq!(carried(&copy, &at(*other)), want, "{one:?} {other:?}");
        }
    }
    let earlier = at(Some("signed"));
    let mut lowered = read_again(&earlier);
    set(&mut lowered, 6, Some("attested"));
    assert_eq!(carried(&lowered, &earlier).as_deref(), Some("attested"));
}
