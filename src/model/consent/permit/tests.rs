//! Which consent allows a share, and the reasons why none does.

use super::world::{GivenTerms, World};
use super::{Answer, Ask, Permit};
use crate::error::Kind;
use crate::model::records::lazy::Lazy;
use crate::model::records::record_id::number;
use crate::model::testing::{author, day, new_id, path};
use crate::model::vault::Vault;

#[track_caller]
pub(crate) fn permit(world: &World, ask: &Ask, on: i64) -> Permit {
    world.answer(ask, on).permit().unwrap()
}

/// The fields of the first item that may go.
#[track_caller]
fn fields(world: &World, ask: &Ask) -> Vec<String> {
    let permit = permit(world, ask, 1);
    let fields = permit.items[0].fields.iter().map(ToString::to_string);
    fields.collect()
}

/// The code of a refusal and its one reason, without the consent's name.
#[track_caller]
pub(crate) fn refused(world: &World, ask: &Ask, on: i64) -> (&'static str, String) {
    let Answer::Refused(refusal) = world.answer(ask, on) else {
        panic!("it is allowed");
    };
    let reason = refusal.reasons.first().map(|reason| {
        let name = format!(" {} ", number(reason.consent));
        reason.text.split_once(&name).unwrap().1.to_owned()
    });
    (refusal.code, reason.unwrap_or_default())
}

#[test]
fn without_a_consent_nothing_is_shared() {
    let world = World::new();
    let ask = world.ask(&["acme/wp"], &[]);
    let error = world.answer(&ask, 1).permit().unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert_eq!(error.message(), "acme has given no consent");
    let next = "vault consent request acme --to bob --scope acme/wp --purpose TEXT";
    assert!(error.next_step().unwrap().contains(next), "{error:?}");
}

#[test]
fn without_names_only_what_one_logs_in_with_goes() {
    let mut world = World::new();
    world.consent("acme");
    let ask = world.ask(&["acme/wp"], &[]);
    assert_eq!(fields(&world, &ask), ["secret", "username", "urls"]);
    for named in ["site", "totp", "notes", "pin", "attachment:key.pem"] {
        let (code, reason) = refused(&world, &world.ask(&["acme/wp"], &[named]), 1);
        assert_eq!(code, "field");
        assert_eq!(reason, format!("does not cover {named} of acme/wp"));
    }
}

#[test]
fn named_fields_are_all_that_goes() {
    let mut world = World::new();
    let named = ["totp", "notes", "pin", "attachment:key.pem", "username"];
    world.consent_with("acme", |it| it.fields = &named);
    let mut all = fields(&world, &world.ask(&["acme/wp"], &[]));
    all.sort();
    assert_eq!(
        all,
        ["attachment:key.pem", "notes", "pin", "totp", "username"]
    );
    let some = fields(&world, &world.ask(&["acme/wp"], &["pin", "username"]));
    assert_eq!(some, ["username", "pin"]);
    let (code, _) = refused(&world, &world.ask(&["acme/wp"], &["secret"]), 1);
    assert_eq!(code, "field");
    let (code, reason) = refused(&world, &world.ask(&["acme/db"], &[]), 1);
    assert_eq!(
        (code, &*reason),
        ("nothing", "covers no field that acme/db has")
    );
}

#[test]
fn each_candidate_says_why_not() {
    let not = |code: &str, reason: &str, change: fn(&mut GivenTerms<'_>)| {
        let mut world = World::new();
        world.consent_with("acme", change);
        let ask = world.ask(&["acme/wp", "acme/db"], &[]);
        let (is, why) = refused(&world, &ask, 10);
        assert_eq!((is, why.as_str()), (code, reason));
    };
    not("expired", "ended on 2026-01-06", |it| it.until = 5);
    not("not-yet", "starts on 2026-01-21", |it| it.from = 20);
    not("contact", "is for eve, not bob", |it| it.for_eve = true);
    not("scope", "covers acme/wp but not acme/db", |it| {
        it.patterns = &["acme/w*"];
    });
    not("scope", "does not cover acme/wp, acme/db", |it| {
        it.patterns = &["acme/x/**"];
    });
    not("requested", "is not answered yet", |it| {
        it.events = &[("requested", 0)];
    });
    not("nothing", "covers no field that acme/db has", |it| {
        it.fields = &["notes"];
    });
    not("refused", "was refused on 2026-01-03", |it| {
        it.events = &[("requested", 0), ("refused", 2)];
    });
    not("withdrawn", "was withdrawn on 2026-01-03", |it| {
        it.events = &[("given", 0), ("withdrawn", 2)];
    });
    not("revoked", "was revoked on 2026-01-04", |it| {
        it.events = &[("revoked", 3), ("given", 4)];
    });
    not("invalid", "is not valid since 2026-01-03", |it| {
        it.events = &[("given", 0), ("something new", 2)];
    });
}

#[test]
fn of_several_candidates_each_has_its_reason_the_newest_first() {
    let mut world = World::new();
    let old = world.consent_with("acme", |it| it.until = 5);
    let other = world.consent_with("acme", |it| it.for_eve = true);
    let ask = world.ask(&["acme/wp"], &[]);
    let error = world.answer(&ask, 10).permit().unwrap_err();
    let expected = [
        format!("consent {} is for eve, not bob", number(other)),
        format!("consent {} ended on 2026-01-06", number(old)),
    ];
    assert_eq!(error.detail_lines(), expected);
}

#[test]
fn what_others_were_not_given_is_no_reason() {
    let mut world = World::new();
    let asked = &[("requested", 0)];
    world.consent_with("acme", |it| (it.for_eve, it.events) = (true, asked));
    world.consent_with("acme", |it| (it.for_eve, it.until) = (true, 5));
    let ask = world.ask(&["acme/wp"], &[]);
    let error = world.answer(&ask, 10).permit().unwrap_err();
    assert!(error.detail_lines().is_empty(), "{error:?}");
}

#[test]
fn consents_of_other_clients_are_no_candidates() {
    let mut world = World::new();
    let globex = world.consent_with("globex", |it| it.patterns = &["acme/*", "globex/*"]);
    let mut ask = world.ask(&["acme/wp"], &[]);
    assert_eq!(refused(&world, &ask, 1), ("no-consent", String::new()));
    ask.consent = Some(globex);
    assert_eq!(
        refused(&world, &ask, 1),
        ("client", "is not of acme".into())
    );
}

#[test]
fn entries_of_two_clients_do_not_go_together() {
    let mut world = World::new();
    world.consent("acme");
    world.consent_with("globex", |it| it.patterns = &["globex/*"]);
    let (code, _) = refused(&world, &world.ask(&["acme/wp", "globex/mail"], &[]), 1);
    assert_eq!(code, "two-clients");
}

#[test]
fn an_entry_that_was_moved_to_another_client_leaves_the_consent() {
    let mut world = World::new();
    let consent = world.consent_with("acme", |it| {
        it.entries = &["acme/wp"];
        it.patterns = &[];
    });
    permit(&world, &world.ask(&["acme/wp"], &[]), 1);
    world
        .vault
        .rename(&path("acme/wp"), &path("globex/wp"), &author(1))
        .unwrap();
    let mut ask = world.ask(&["globex/wp"], &[]);
    assert_eq!(refused(&world, &ask, 1).0, "no-consent");
    ask.consent = Some(consent);
    assert_eq!(refused(&world, &ask, 1).0, "client");
}

#[test]
fn an_entry_by_id_stays_covered_under_another_name_and_a_pattern_covers_what_is_new() {
    let mut world = World::new();
    world.consent_with("acme", |it| {
        it.entries = &["acme/wp"];
        it.patterns = &[];
    });
    world
        .vault
        .rename(&path("acme/wp"), &path("acme/blog"), &author(1))
        .unwrap();
    permit(&world, &world.ask(&["acme/blog"], &[]), 1);
    world
        .vault
        .rename(&path("acme/db"), &path("acme/wp"), &author(1))
        .unwrap();
    assert_eq!(refused(&world, &world.ask(&["acme/wp"], &[]), 1).0, "scope");
}

#[test]
fn what_was_received_is_not_passed_on() {
    let mut world = World::new();
    world.consent("acme");
    world.vault.entry_mut(&path("acme/wp")).unwrap().received = Some(new_id());
    let (code, _) = refused(&world, &world.ask(&["acme/db", "acme/wp"], &[]), 1);
    assert_eq!(code, "received");
}

#[test]
fn a_contact_that_was_removed_is_given_nothing() {
    let mut world = World::new();
    world.consent("acme");
    let stamp = world.vault.seen.next(author(1).device);
    let bob = world
        .vault
        .contacts
        .iter_mut()
        .map(|it| it.get_mut().unwrap());
    for contact in bob.filter(|contact| contact.name() == "bob") {
        contact.removed.set(stamp, Some(day(1)));
    }
    let gone = world
        .vault
        .permit(&world.ask(&["acme/wp"], &[]), day(1))
        .unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

#[test]
fn an_entry_that_is_named_twice_goes_once() {
    let mut world = World::new();
    world.consent("acme");
    let permit = permit(&world, &world.ask(&["acme/wp", "acme/wp"], &[]), 1);
    assert_eq!(permit.items.len(), 1);
}

#[test]
fn a_record_that_was_only_read_answers_the_same() {
    let mut world = World::new();
    world.consent("acme");
    let ask = world.ask(&["acme/wp", "acme/db"], &[]);
    let before = world.answer(&ask, 1);
    let text = serde_json::to_string(&world.vault).unwrap();
    world.vault = Vault::decode(text).unwrap();
    assert!(
        world
            .vault
            .consents
            .iter()
            .all(|consent| Lazy::json(consent).is_some())
    );
    assert_eq!(world.answer(&ask, 1), before);
}
