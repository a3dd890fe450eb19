use super::{Move, Moved};
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::consent::permit::{Answer, Ask};
use crate::model::testing::{author, day, path, read_again, with_secret};
use crate::model::vault::Vault;

/// acme/wp, acme/db, acme/shop/a, globex/mail.
fn world() -> World {
    let mut world = World::new();
    let shop = path("acme/shop/a");
    (world.vault.add(&shop, with_secret("s"), &author(0))).unwrap();
    world
}

fn move_all(vault: &mut Vault, old: &str, new: &str) -> crate::error::Result<Moved> {
    vault.move_all(&old.parse().unwrap(), &new.parse().unwrap(), &author(2))
}

fn paths(vault: &Vault) -> Vec<String> {
    let live = vault.live().unwrap().into_iter();
    live.map(|(path, _)| path).collect()
}

#[test]
fn a_client_is_renamed_by_one_event_and_no_entry_is_touched() {
    let mut world = world();
    let text = |vault: &Vault, at: &str| {
        let entry = vault.entry(&path(at)).unwrap();
        serde_json::to_string(entry).unwrap()
    };
    let before = text(&world.vault, "acme/wp");
    let events = world.vault.log.chains()[0].count;
    let moved = move_all(&mut world.vault, "acme/", "initech/").unwrap();
    assert!(matches!(moved.done, Move::Client { .. }));
    let vault = read_again(&world.vault);
    assert_eq!(text(&vault, "initech/wp"), before);
    assert_eq!(vault.log.chains()[0].count, events + 1);
    assert!(vault.client("acme").is_none());
}

#[test]
fn a_permission_is_the_clients_whatever_they_are_called() {
    let mut world = world();
    let consent = world.consent("acme");
    move_all(&mut world.vault, "acme/", "initech/").unwrap();
    let ask = world.ask(&["initech/wp"], &[]);
    assert!(matches!(world.answer(&ask, 3), Answer::Allowed(_)));
    // An entry below the old name is another client's.
    let new = path("acme/wp");
    (world.vault.add(&new, with_secret("t"), &author(2))).unwrap();
    let entry = world.vault.entry(&new).unwrap();
    let given = world.vault.consents.by_id(consent).unwrap();
    assert!(!given.covers(entry, "acme/wp"));
    assert!(!world.vault.is_in_scope(given, entry.id, "acme/wp"));
    let other = Ask::of(vec![new], world.bob);
    assert!(matches!(world.answer(&other, 3), Answer::Refused(_)));
    // More time is asked for under the name of today.
    let terms = world.vault.terms_to_renew(given, day(200), day(3)).unwrap();
    assert_eq!(terms.client.as_str(), "initech");
    let scope: Vec<String> = terms.scope.iter().map(ToString::to_string).collect();
    assert_eq!(scope, ["initech/*"]);
    world.vault.check_terms(&terms).unwrap();
    let covered = world.vault.covered_today(given).unwrap();
    assert_eq!(covered, ["initech/db", "initech/wp"]);
}

#[test]
fn entries_go_to_a_client_who_is_there_and_leave_the_permissions_of_theirs() {
    let mut world = world();
    world.consent("acme");
    let moved = move_all(&mut world.vault, "acme/", "globex/").unwrap();
    assert_eq!(moved.left.len(), 1);
    assert!(
        moved.left[0].starts_with("acme/db, acme/wp: "),
        "{:?}",
        moved.left
    );
    let all = ["globex/db", "globex/mail", "globex/shop/a", "globex/wp"];
    assert_eq!(paths(&world.vault), all);
    assert!(world.vault.client("acme").is_some());
}

#[test]
fn within_a_client_nothing_leaves_and_what_is_shared_may_move() {
    let mut world = world();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    world.share(&ask, 1);
    let moved = move_all(&mut world.vault, "acme/wp", "acme/shop/wp").unwrap();
    assert!(moved.left.is_empty());
    let why = move_all(&mut world.vault, "acme/shop/", "globex/").unwrap_err();
    assert_eq!(why.kind(), Kind::Conflict);
    assert_eq!(why.detail_lines().len(), 1);
    assert!(why.detail_lines()[0].starts_with("acme/shop/wp: bob, share "));
    assert_eq!(paths(&world.vault)[1..3], ["acme/shop/a", "acme/shop/wp"]);
    // After its end it goes.
    let later = world.vault.plan_move(
        &"acme/shop/".parse().unwrap(),
        &"globex/".parse().unwrap(),
        day(80),
    );
    assert!(later.is_ok());
}

#[test]
fn nothing_moves_where_one_name_is_taken_or_looks_like_another() {
    for there in ["globex/shop/a", "globex/shop/A"] {
        let mut world = world();
        for path in [path("acme/shop/b"), path(there)] {
            (world.vault.add(&path, with_secret("t"), &author(1))).unwrap();
        }
        let before = paths(&world.vault);
        for old in ["acme/", "acme/shop/"] {
            let why = move_all(&mut world.vault, old, "globex/").unwrap_err();
            assert_eq!(why.kind(), Kind::Conflict, "{there} {old}");
            assert!(why.message().contains("globex/shop/a"), "{why}");
        }
        assert_eq!(paths(&world.vault), before);
    }
}

#[test]
fn entries_may_take_the_places_of_those_that_move_with_them() {
    let mut world = world();
    let below = path("acme/shop/shop/a");
    (world.vault.add(&below, with_secret("t"), &author(1))).unwrap();
    let ids =
        ["acme/shop/a", "acme/shop/shop/a"].map(|it| world.vault.entry(&path(it)).unwrap().id);
    move_all(&mut world.vault, "acme/shop/", "acme/shop/shop/").unwrap();
    let now = ["acme/shop/shop/a", "acme/shop/shop/shop/a"];
    let now = now.map(|it| world.vault.entry(&path(it)).unwrap().id);
    assert_eq!(now, ids);
}
