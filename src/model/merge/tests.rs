//! Three devices change the vault apart and merge, in every order; beside each goes what was said
//! and done on it: all secrets that ever were but for those that were purged, and what ended.

mod asks;
mod closings;
mod device;
mod purges;

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use self::device::{ChangingDevice, DeviceAct, author, copy, new_device, text};
use super::vaults::{Revived, VaultCopy, merge};
use crate::model::consent::permit::world::World;
use crate::model::findings::review_answers::ReviewAnswer;
use crate::model::findings::review_due::YEAR;
use crate::model::incidents::affected::IncidentStart;
use crate::model::incidents::changes::IncidentNews;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::records::stamped::Stamped;
use crate::model::testing::{day, path, read_again, with_secret};
use crate::model::vault::Vault;

const DEVICES: usize = 3;

/// The outcome of a merge that is not settled.
fn both(one: &Vault, other: &Vault) -> Vault {
    merge(copy(one), copy(other)).unwrap().vault
}

#[derive(Clone, Copy, Debug)]
enum DeviceStep {
    Act {
        on: usize,
        what: DeviceAct,
        which: u8,
    },
    Merge {
        from: usize,
        into: usize,
    },
    Lose {
        on: usize,
        from: usize,
    },
}

/// Histories; with clones, or without.
#[derive(Debug)]
struct Histories<const CLONES: bool>;

impl<const CLONES: bool> ReferenceStateMachine for Histories<CLONES> {
    type State = ();
    type Transition = DeviceStep;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<DeviceStep> {
        use DeviceAct::{
            Add, Edit, NewIdentity, NewPassword, Permit, Purge, PutBack, Remove, Restore, Rotate,
            Save, Share, Withdraw,
        };
        let mut all = vec![
            Add,
            Add,
            Rotate,
            Rotate,
            Edit,
            Edit,
            Remove,
            Remove,
            Restore,
            Purge,
            Purge,
            NewPassword,
            NewIdentity,
            Permit,
            Withdraw,
            Share,
            Share,
            Save,
            PutBack,
        ];
        if CLONES {
            all.extend([Save, DeviceAct::Clone, DeviceAct::Clone]);
        }
        let act = (0..DEVICES, prop::sample::select(all), any::<u8>());
        let act = act.prop_map(|(on, what, which)| DeviceStep::Act { on, what, which });
        let merge = (0..DEVICES, 1..DEVICES).prop_map(|(into, step)| DeviceStep::Merge {
            from: (into + step) % DEVICES,
            into,
        });
        let lose = (0..DEVICES, 1..DEVICES).prop_map(|(on, step)| DeviceStep::Lose {
            on,
            from: (on + step) % DEVICES,
        });
        prop_oneof![30 => act, 10 => merge, 1 => lose].boxed()
    }

    fn apply((): (), _: &DeviceStep) {}
}

struct Devices<const CLONES: bool> {
    all: Vec<ChangingDevice>,
    steps: u32,
    /// The one that the last step was on.
    last: usize,
}

impl<const CLONES: bool> StateMachineTest for Devices<CLONES> {
    type SystemUnderTest = Self;
    type Reference = Histories<CLONES>;

    fn init_test((): &()) -> Self {
        let vault = read_again(&World::new().vault);
        Self {
            all: (0..DEVICES).map(|_| ChangingDevice::new(&vault)).collect(),
            steps: 0,
            last: 0,
        }
    }

    fn apply(mut devices: Self, (): &(), step: DeviceStep) -> Self {
        devices.steps += 1;
        let now = i64::from(devices.steps);
        let (DeviceStep::Act { on, .. }
        | DeviceStep::Merge { into: on, .. }
        | DeviceStep::Lose { on, .. }) = step;
        devices.last = on;
        match step {
            DeviceStep::Act { on, what, which } => {
                let number = devices.steps;
                devices.all[on].act(what, which, number, now);
            }
            DeviceStep::Merge { from, into } => {
                let other = devices.all[from].clone();
                devices.all[into].take_in(&other, now);
            }
            DeviceStep::Lose { on, from } => {
                let other = devices.all[from].clone();
                devices.all[on].lose(&other);
            }
        }
        devices
    }

    fn check_invariants(devices: &Self, (): &()) {
        devices.all[devices.last].check();
    }

    fn teardown(devices: Self, (): ()) {
        let [a, b, c] = [0, 1, 2].map(|at: usize| &devices.all[at].vault);
        assert_eq!(text(&both(a, b)), text(&both(b, a)), "commutative");
        let alone = both(a, a);
        assert_eq!(text(&both(&alone, &alone)), text(&alone), "idempotent");
        if !CLONES {
            assert_eq!(
                text(&both(&both(a, b), c)),
                text(&both(a, &both(b, c))),
                "associative"
            );
        }
        // One takes in the others, and they what it has.
        let mut all = devices.all;
        let now = i64::from(devices.steps) + 1;
        for (into, from) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
            let other = all[from].clone();
            all[into].take_in(&other, now);
        }
        for device in &all {
            assert_eq!(
                text(&device.vault),
                text(&all[0].vault),
                "they come together"
            );
        }
        all[0].check();
        all[0].check_file();
    }
}

/// `PROPTEST_CASES` says how many.
fn config() -> ProptestConfig {
    ProptestConfig {
        max_shrink_iters: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn keys_that_were_replaced_apart_stay_under_their_own_signers_however_many_copies_are_merged() {
    let vault = read_again(&World::new().vault);
    let mut devices: Vec<_> = (0..4).map(|_| ChangingDevice::new(&vault)).collect();
    for (at, now) in [(0, 2), (1, 4), (2, 3), (3, 1)] {
        devices[at].act(DeviceAct::NewIdentity, 0, now, i64::from(now));
    }
    let mut outcome = devices[0].vault.clone();
    let mut signer = copy(&outcome).signer.to_owned();
    for device in &devices[1..] {
        let own = VaultCopy {
            vault: &outcome,
            signer: &signer,
        };
        let merged = merge(own, copy(&device.vault)).unwrap();
        (outcome, signer) = (merged.vault, merged.signer);
    }
    assert_eq!(signer, copy(&devices[1].vault).signer);
    for device in [0, 2, 3].map(|at: usize| &devices[at].vault) {
        let mut retired = outcome.identity.retired.iter();
        let keys = retired.find(|it| it.age.expose() == device.identity.age.expose());
        assert_eq!(keys.unwrap().signer, copy(device).signer);
    }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn devices_that_merge_in_any_order_have_the_same(sequential 1..32 => Devices<false>);

    #[test]
    fn a_cloned_device_loses_nothing(sequential 1..32 => Devices<true>);
}

/// Of a contact whom two devices have kept in their reviews, the later review counts; a day that
/// somebody has set is left to choose from.
#[test]
fn of_two_reviews_that_devices_made_apart_the_later_counts() {
    let world = World::new();
    let bob = "bob".parse().unwrap();
    let reviewed = |on: i64| {
        let (device, mut vault) = (new_device(), world.vault.clone());
        let item = vault.meant_to_review("bob", &[], day(on)).unwrap();
        let by = author(device, on);
        vault
            .answer_review(&item, ReviewAnswer::Keep, None, &by)
            .unwrap();
        vault
    };
    let settled = |one: &Vault, other: &Vault| {
        let mut vault = both(one, other);
        let by = author(new_device(), 30);
        vault.settle_merge(&Revived::default(), &[], &by).unwrap();
        let contact = vault.known_contact(&bob).unwrap();
        (
            contact.review_by.value().copied(),
            contact.review_by.in_conflict(),
        )
    };
    let (early, late) = (reviewed(3), reviewed(20));
    for (one, other) in [(&early, &late), (&late, &early)] {
        assert_eq!(settled(one, other), (Some(day(20) + YEAR), false));
    }
    let mut set = ContactChanges::default();
    set.values.review_by = Some(day(40));
    let mut by_hand = world.vault.clone();
    by_hand
        .edit_contact(&bob, set, &author(new_device(), 4))
        .unwrap();
    assert!(settled(&early, &by_hand).1);
}

/// More was found of an incident on two devices apart: it reaches what either has found.
#[test]
fn what_devices_found_apart_of_an_incident_is_reached_by_it() {
    let world = World::new();
    let entry = |path: &str| vec![IncidentStart::Entry(path.parse().unwrap())];
    let mut first = world.vault.clone();
    let (wp, by) = (entry("acme/wp"), author(new_device(), 2));
    let reach = first.affected(&wp, day(2), day(2)).unwrap();
    let opened = first.open_incident("a break-in".into(), &wp, reach, day(2), &by);
    let id = opened.unwrap();
    let widened = |starts| {
        let (mut vault, by) = (first.clone(), author(new_device(), 3));
        let news = IncidentNews {
            starts,
            ..IncidentNews::default()
        };
        vault.update_incident(id, news, &by).unwrap();
        vault
    };
    // acme/db has the secret of globex/mail.
    let (one, other) = (widened(entry("acme/db")), widened(entry("globex/mail")));
    let reached = |vault: &Vault| {
        let incident = vault.incidents.by_id(id).unwrap();
        let affected = incident.affected.iter();
        let affected = affected.map(|it| (it.path.clone(), it.by_same_secret));
        (affected.collect::<Vec<_>>(), incident.causes.clone())
    };
    let all = reached(&both(&one, &other));
    let paths = ["acme/db", "acme/wp", "globex/mail"].map(|path| (path.to_owned(), false));
    assert_eq!(all.0, paths);
    let causes = paths.map(|(path, _)| format!("entry {path}"));
    assert_eq!(all.1, causes.into());
    assert_eq!(all, reached(&both(&other, &one)));
    assert_eq!(all, reached(&both(&both(&one, &other), &first)));
}

/// Events that one device has dropped do not come back with a copy that has them; what is left can be
/// checked, and grew from every copy.
#[test]
fn what_retention_has_dropped_does_not_come_back() {
    let mut common = World::new().vault;
    let wp = path("acme/wp");
    for on in [100, 200] {
        common.remove(&wp, &author(new_device(), on)).unwrap();
        let names = ["acme/wp".parse().unwrap()];
        common.restore(&names, &author(new_device(), on)).unwrap();
    }
    let (mut dropped, mut other) = (common.clone(), common.clone());
    let keep = "1y".parse().unwrap();
    let by = author(new_device(), 900);
    assert!(dropped.retain_log(&keep, &by).unwrap() > 0);
    other.remove(&wp, &author(new_device(), 600)).unwrap();
    let merged = both(&dropped, &other);
    assert_eq!(text(&merged), text(&both(&other, &dropped)));
    assert_eq!(text(&merged), text(&both(&merged, &common)));
    assert_eq!(text(&merged), text(&both(&common, &merged)));
    assert_eq!(merged.log.dropped_events(), dropped.log.dropped_events());
    assert_eq!(merged.log.check(), Ok(()));
    for copy in [&common, &dropped, &other] {
        assert!(merged.has_all_of(copy));
    }
}

/// A client whom two devices have made apart is one, in what was found of an incident too.
#[test]
fn what_was_found_of_a_client_whom_devices_made_apart_is_of_one() {
    let world = World::new();
    let mut first = world.vault.clone();
    let wp = vec![IncidentStart::Entry("acme/wp".parse().unwrap())];
    let reach = first.affected(&wp, day(2), day(2)).unwrap();
    let by = author(new_device(), 2);
    let opened = first.open_incident("a break-in".into(), &wp, reach, day(2), &by);
    let id = opened.unwrap();
    let found = |name: &str| {
        let (mut vault, by) = (first.clone(), author(new_device(), 3));
        let path = path(name);
        vault.add(&path, with_secret(name), &by).unwrap();
        let news = IncidentNews {
            starts: vec![IncidentStart::Entry(name.parse().unwrap())],
            ..IncidentNews::default()
        };
        vault.update_incident(id, news, &by).unwrap();
        vault
    };
    let (one, other) = (found("initech/db"), found("initech/mail"));
    for vault in [both(&one, &other), both(&other, &one)] {
        let client = vault.client("initech").unwrap().id;
        let finds = &vault.incidents.by_id(id).unwrap().finds;
        assert_eq!(finds.len(), 2);
        assert!(finds.iter().all(|find| find.client == client));
    }
}

/// Two devices take back what a third wrote to an entry that was purged, each for itself, and purge
/// it again: what is left has its name, and where the third had only removed it nothing is left.
#[test]
fn what_was_taken_back_and_purged_again_is_gone_or_has_its_name() {
    use device::DeviceAct::{Edit, Purge, Remove, Restore};
    let cases = [
        (vec![Remove], vec![], false),
        (vec![Edit, Remove], vec![], true),
        (vec![Edit, Remove], vec![Restore, Edit], true),
        (vec![Edit], vec![Edit], true),
    ];
    for (before, after, is_left) in cases {
        let vault = read_again(&World::new().vault);
        let mut all: Vec<_> = (0..3).map(|_| ChangingDevice::new(&vault)).collect();
        let mut now = 0;
        let mut act = |device: &mut ChangingDevice, acts: &[DeviceAct], which| {
            for what in acts {
                now += 1;
                device.act(*what, which, now, i64::from(now));
            }
        };
        let wp = vault
            .live()
            .unwrap()
            .iter()
            .position(|it| it.0 == "acme/wp");
        let wp = u8::try_from(wp.unwrap()).unwrap();
        act(&mut all[2], &[Remove, Purge], wp);
        act(&mut all[1], &before, wp);
        for (from, into) in [(2, 0), (1, 0), (1, 2)] {
            let other = all[from].clone();
            all[into].take_in(&other, 20);
        }
        let is_live = |device: &ChangingDevice| device.live(wp).is_some_and(|it| it == "acme/wp");
        let other = all[2].clone();
        all[1].take_in(&other, 21);
        for on in [0, 2] {
            if is_live(&all[on]) {
                act(&mut all[on], &[Remove], wp);
            }
            act(&mut all[on], &[Purge], 0);
        }
        let which = if is_live(&all[1]) { wp } else { 0 };
        act(&mut all[1], &after, which);
        for (into, from) in [(0, 1), (0, 2), (1, 0), (2, 0)] {
            let other = all[from].clone();
            all[into].take_in(&other, 22);
        }
        for device in &all {
            assert_eq!(text(&device.vault), text(&all[0].vault));
            device.check();
            device.check_file();
        }
        assert_eq!(is_live(&all[0]), is_left, "{before:?} {after:?}");
    }
}
