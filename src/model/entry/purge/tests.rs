use std::collections::HashSet;

use super::PurgeName;
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::records::acceptance::Acceptance;
use crate::model::records::review::Reviewed;
use crate::model::testing::{author, day, empty_vault, fault, new_id, path, with_secret};
use crate::model::vault::Vault;

fn names(all: &[&str]) -> Vec<PurgeName> {
    all.iter().map(|text| text.parse().unwrap()).collect()
}

fn paths(vault: &Vault, all: &[&str]) -> Vec<String> {
    let found = vault.purgeable(&names(all)).unwrap().into_iter();
    found.map(|it| it.path).collect()
}

fn vault() -> Vault {
    let mut vault = empty_vault();
    for name in ["acme/wp", "acme/shop/a", "acme/shop/b", "globex/wp"] {
        vault
            .add(&path(name), with_secret("one"), &author(0))
            .unwrap();
    }
    vault.remove(&path("acme/shop/b"), &author(1)).unwrap();
    vault
}

#[test]
fn an_entry_a_folder_and_a_client_are_meant_with_what_is_in_the_trash() {
    let vault = vault();
    assert_eq!(
        paths(&vault, &["acme/shop/"]),
        ["acme/shop/a", "acme/shop/b"]
    );
    assert_eq!(paths(&vault, &["acme"]), paths(&vault, &["acme/"]));
    assert_eq!(paths(&vault, &["acme"]).len(), 3);
    assert_eq!(paths(&vault, &["acme/shop/b", "acme/shop/*"]).len(), 2);
    for missing in ["acme/no", "acme/no/", "nobody", "acme/x*"] {
        let why = vault.purgeable(&names(&[missing])).unwrap_err();
        assert_eq!(why.kind(), Kind::NotFound, "{missing}");
    }
    assert_eq!("acme/".parse::<PurgeName>().unwrap().to_string(), "acme");
    assert!("".parse::<PurgeName>().is_err());
}

#[test]
fn ids_alone_are_left_and_what_was_answered_about_them_goes_too() {
    let mut vault = vault();
    let entry = vault.entry(&path("acme/wp")).unwrap().id;
    let client = vault.known_client(&"acme".parse().unwrap()).unwrap().id;
    let review = |subject, called: &str| {
        let (kind, keep) = ("entry".to_owned(), "keep".to_owned());
        Reviewed::with(new_id(), day(1), subject, kind, called.into(), keep, day(9))
    };
    vault.reviews.add(review(entry, "entry acme/wp"));
    vault.reviews.add(review(client, "client acme"));
    let reason = "wp is old".to_owned();
    let accepted = Acceptance::with(new_id(), day(1), "unused".into(), entry, day(9), reason);
    vault.accepted.add(accepted);
    let number = new_id();
    let gone = vault
        .purge(&HashSet::from([entry]), Some(number), &author(2))
        .unwrap();
    assert_eq!(gone, [entry]);
    assert!(vault.tombstones.contains(&entry));
    assert_eq!(vault.reviews.all().unwrap()[0].called, "client acme");
    assert_eq!((vault.reviews.len(), vault.accepted.len()), (1, 0));
    assert_eq!(fault(&vault), None);
    let acme = vault.known_client(&"acme".parse().unwrap()).unwrap();
    let past = vault.past_purges(acme);
    assert_eq!(past.len(), 1);
    assert_eq!((past[0].time, &past[0].entries), (day(2), &vec![entry]));
    assert_eq!(past[0].certificate, Some(number));
    let globex = vault.known_client(&"globex".parse().unwrap()).unwrap();
    assert!(vault.past_purges(globex).is_empty());
}

#[test]
fn what_is_shared_stays_until_the_share_ends_and_its_holder_is_known_after_that() {
    let mut world = World::new();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    let share = world.share(&ask, 1);
    let entry = world.vault.entry(&path("acme/wp")).unwrap().id;
    let all = HashSet::from([entry]);
    let why = world.vault.purge(&all, None, &author(2)).unwrap_err();
    assert_eq!(why.kind(), Kind::Conflict);
    assert!(why.next_step().unwrap().contains("vault revoke"));
    world.vault.revoke_share(share, None, &author(3)).unwrap();
    let before = world.vault.holders(&all, day(4)).unwrap();
    assert_eq!(world.vault.purge(&all, None, &author(4)).unwrap(), [entry]);
    let after = world.vault.holders(&all, day(4)).unwrap();
    assert_eq!(before, after);
    assert_eq!((after[0].share, after[0].ended), (share, Some(day(3))));
    assert_eq!(after[0].entries, ["wp"]);
}
