use std::collections::BTreeSet;

use super::IncidentStart;
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::people::client_changes::ClientChanges;
use crate::model::testing::{author, day, path, replacement};

fn paths(world: &World, starts: &[IncidentStart]) -> Vec<(String, bool)> {
    let all = world.vault.affected(starts, day(2), day(2)).unwrap();
    (all.affected.into_iter())
        .map(|it| (it.path, it.by_same_secret))
        .collect()
}

#[test]
fn a_host_reaches_its_entries_and_a_secret_all_that_have_it() {
    let world = World::new();
    let host = IncidentStart::Host("acme.example".into());
    assert_eq!(paths(&world, &[host]), [("acme/wp".to_owned(), false)]);
    let db = IncidentStart::Entry(path("acme/db"));
    let both = [
        ("acme/db".to_owned(), false),
        ("globex/mail".to_owned(), true),
    ];
    assert_eq!(paths(&world, &[db]), both);
    let nobody = IncidentStart::Host("nobody.example".into());
    assert!(paths(&world, &[nobody]).is_empty());
    let nobody = IncidentStart::Client("nobody".parse().unwrap());
    let refused = world.vault.affected(&[nobody], day(2), day(2)).unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
}

#[test]
fn a_contact_reaches_what_they_can_know() {
    let mut world = World::new();
    let bob = || [IncidentStart::Contact("bob".parse().unwrap())];
    assert!(paths(&world, &bob()).is_empty());
    world.consent("acme");
    world.share(&world.ask(&["acme/wp"], &[]), 1);
    assert_eq!(paths(&world, &bob()), [("acme/wp".to_owned(), false)]);
}

#[test]
fn an_old_secret_that_a_contact_knows_reaches_what_has_it_now() {
    let mut world = World::new();
    world.consent("acme");
    world.share(&world.ask(&["acme/db"], &[]), 1);
    let bob = [IncidentStart::Contact("bob".parse().unwrap())];
    let both = [
        ("acme/db".to_owned(), false),
        ("globex/mail".to_owned(), true),
    ];
    assert_eq!(paths(&world, &bob), both);
    let vault = &mut world.vault;
    vault
        .rotate(&path("acme/db"), replacement("new"), &author(2))
        .unwrap();
    assert_eq!(
        paths(&world, &bob),
        [("globex/mail".to_owned(), true)],
        "known after it was changed"
    );
    // Known before: it was open from then to the change.
    let reach = vault_reach(&world, &bob, 1);
    assert_eq!(reach, both);
    let db = [IncidentStart::Entry(path("acme/db"))];
    assert_eq!(vault_reach(&world, &db, 1), both);
    let state = |path: &str| {
        let reach = world.vault.affected(&db, day(1), day(3)).unwrap();
        let item = reach.affected.into_iter().find(|it| it.path == path);
        format!("{:?}", world.vault.affected_state(&item.unwrap()).unwrap())
    };
    assert_eq!(state("acme/db"), "Changed");
    assert_eq!(state("globex/mail"), "InUse([\"secret\"])");
}

fn vault_reach(world: &World, starts: &[IncidentStart], aware: i64) -> Vec<(String, bool)> {
    let reach = world.vault.affected(starts, day(aware), day(3)).unwrap();
    let all = reach.affected.into_iter();
    all.map(|it| (it.path, it.by_same_secret)).collect()
}

#[test]
fn a_seed_and_a_file_count_as_secrets_do_and_a_shared_part_reaches_that_alone() {
    let world = World::new();
    let slots = |start| {
        let reach = world.vault.affected(&[start], day(2), day(2)).unwrap();
        let of_wp = reach.affected.into_iter().find(|it| it.path == "acme/wp");
        let slots: Vec<String> = of_wp.unwrap().versions.into_keys().collect();
        slots
    };
    let all = slots(IncidentStart::Entry(path("acme/wp")));
    assert_eq!(all, ["attachment:key.pem", "pin", "secret", "totp"]);
    let mut world = World::new();
    world.consent("acme");
    world.share(&world.ask(&["acme/wp"], &[]), 1);
    let bob = IncidentStart::Contact("bob".parse().unwrap());
    let reach = world.vault.affected(&[bob], day(2), day(2)).unwrap();
    let slots: Vec<&String> = reach.affected[0].versions.keys().collect();
    assert_eq!(slots, ["secret"]);
}

#[test]
fn a_client_and_an_address_of_theirs_concern_them_whatever_is_kept() {
    let mut world = World::new();
    let client = world.vault.client("globex").unwrap().id;
    let mut changes = ClientChanges::default();
    changes
        .persons
        .push("Jo <jo@globex.example>".parse().unwrap());
    let slug = "globex".parse().unwrap();
    world.vault.edit_client(&slug, changes, &author(1)).unwrap();
    let start = IncidentStart::Email("JO@globex.example".into());
    let reach = world.vault.affected(&[start], day(2), day(2)).unwrap();
    assert_eq!(
        (reach.affected.len(), reach.concerned),
        (0, BTreeSet::from([client]))
    );
}

#[test]
fn an_address_reaches_what_one_logs_in_to_with_it() {
    let world = World::new();
    let admin = IncidentStart::Email("ADMIN".into());
    assert_eq!(paths(&world, &[admin]), [("acme/wp".to_owned(), false)]);
}
