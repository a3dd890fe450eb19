//! Time, assurance, and the choice between consents.

use super::tests::{permit, refused};
use super::world::World;
use super::{Answer, Ask, Limit};
use crate::error::{Error, Kind};
use crate::model::people::client_changes::ClientChanges;
use crate::model::records::client::Assurance;
use crate::model::records::record_id::number;
use crate::model::testing::{author, day, new_id};

fn hint(world: &World, ask: &Ask, on: i64) -> String {
    match world.answer(ask, on) {
        Answer::Refused(refusal) => refusal.hint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_end_is_in_fourteen_days_and_never_after_the_consents() {
    let mut world = World::new();
    world.consent_with("acme", |it| it.until = 20);
    let mut ask = world.ask(&["acme/wp"], &[]);
    let first = permit(&world, &ask, 1);
    assert_eq!((first.expires, first.cut_by), (day(15), None));
    let late = permit(&world, &ask, 10);
    assert_eq!((late.expires, late.cut_by), (day(20), Some(Limit::Consent)));
    ask.expires = Some(day(20));
    assert_eq!(permit(&world, &ask, 10).expires, day(20));
    ask.expires = Some(day(21));
    let reason = "ends on 2026-01-21, before the end that is asked for";
    assert_eq!(refused(&world, &ask, 10), ("expires", reason.into()));
    ask.expires = Some(day(9));
    let past = world.vault.permit(&ask, day(10)).unwrap_err();
    assert_eq!(past.kind(), Kind::Usage);
}

#[test]
fn a_consent_holds_from_its_first_to_before_its_last_second() {
    let mut world = World::new();
    world.consent_with("acme", |it| {
        it.from = 3;
        it.until = 20;
    });
    let ask = world.ask(&["acme/wp"], &[]);
    permit(&world, &ask, 3);
    permit(&world, &ask, 19);
    assert_eq!(refused(&world, &ask, 2).0, "not-yet");
    assert_eq!(refused(&world, &ask, 20).0, "expired");
}

#[test]
fn a_client_may_ask_for_more_assurance() {
    for (is, least, allowed) in [
        ("attested", Assurance::Document, false),
        ("document", Assurance::Document, true),
        ("signed", Assurance::Document, true),
        ("document", Assurance::Signed, false),
        ("rumoured", Assurance::Attested, false),
    ] {
        let mut world = World::new();
        world.consent_with("acme", |it| it.assurance = is);
        let mut changes = ClientChanges::default();
        changes.values.min_assurance = Some(least.to_string());
        world
            .vault
            .edit_client(&"acme".parse().unwrap(), changes, &author(1))
            .unwrap();
        let answer = world.answer(&world.ask(&["acme/wp"], &[]), 1);
        assert_eq!(answer.permit().is_ok(), allowed, "{is} {least}");
    }
    let mut world = World::new();
    world.consent("acme");
    let stamp = world.vault.seen.next(author(1).device);
    let client = world
        .vault
        .clients
        .iter_mut()
        .find(|client| client.slug() == "acme")
        .unwrap();
    client.min_assurance.set(stamp, Some("notarised".into()));
    let (code, reason) = refused(&world, &world.ask(&["acme/wp"], &[]), 1);
    assert_eq!(code, "assurance");
    assert_eq!(reason, "is document, and acme asks for notarised ones");
}

#[test]
fn of_two_that_fit_one_has_to_be_chosen() {
    let mut world = World::new();
    let one = world.consent("acme");
    let two = world.consent_with("acme", |it| it.until = 30);
    let mut ask = world.ask(&["acme/wp"], &[]);
    let error: Error = world.answer(&ask, 1).permit().unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert_eq!(error.detail_lines().len(), 2);
    for id in [one, two] {
        let listed = |line: &String| line.contains(&number(id));
        assert!(error.detail_lines().iter().any(listed), "{error:?}");
        ask.consent = Some(id);
        assert_eq!(permit(&world, &ask, 1).consent, id);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut world = World::new();
    world.consent("acme");
    let find = |ask: &Ask| world.vault.permit(ask, day(1)).unwrap_err();
    let entry = find(&world.ask(&["acme/none"], &[]));
    assert_eq!(entry.kind(), Kind::NotFound);
    let field = find(&world.ask(&["acme/wp", "acme/db"], &["username"]));
    assert_eq!(field.kind(), Kind::NotFound);
    assert_eq!(field.message(), "acme/db has no username");
    assert_eq!(field.next_step(), Some("it has: secret"));
    let consent = Ask {
        consent: Some(new_id()),
        ..world.ask(&["acme/wp"], &[])
    };
    assert_eq!(find(&consent).kind(), Kind::NotFound);
}

#[test]
fn where_only_the_end_is_in_the_way_the_consent_is_to_be_renewed() {
    let mut world = World::new();
    let id = world.consent_with("acme", |it| it.until = 20);
    let renew = format!("vault consent renew {} --expires ", number(id));
    let mut ask = world.ask(&["acme/wp"], &[]);
    assert!(hint(&world, &ask, 20).ends_with(&format!("{renew}90d")));
    ask.expires = Some(day(21));
    assert!(hint(&world, &ask, 10).ends_with(&format!("{renew}{}", day(21))));
    let renewal = world.consent_with("acme", |it| it.events = &[("requested", 1)]);
    let waiting = world.vault.consents.by_id_mut(renewal).unwrap();
    waiting.supersedes = Some(id);
    ask.consent = Some(id);
    let answer = format!("vault consent answer {} ", number(renewal));
    assert!(
        hint(&world, &ask, 10).contains(&answer),
        "one is on its way"
    );
    world.happens(renewal, "cancelled", 2);
    assert!(hint(&world, &ask, 10).ends_with(&format!("{renew}{}", day(21))));
    ask.consent = None;
    ask.fields = vec!["notes".parse().unwrap()];
    assert!(hint(&world, &ask, 10).contains("vault consent request acme"));
}
