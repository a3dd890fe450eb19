use super::{AnswerKept, GivenAnswer, TakenAnswer};
use crate::error::Kind;
use crate::model::entry::changes::Changes;
use crate::model::records::ask::AskOutcome;
use crate::model::records::slot::Slot;
use crate::model::testing::{
    ASK_KEY, asked_for, author, day, empty_vault, fault, new_id, path, read_again, secret,
    with_secret,
};
use crate::model::vault::Vault;
use std::collections::HashSet;
use uuid::Uuid;

fn ask(vault: &mut Vault, at: &str) -> Uuid {
    asked_for(vault, at, &author(1))
}

fn is_new(taken: &TakenAnswer) -> bool {
    matches!(taken.kept, AnswerKept::Added { .. })
}

fn given(text: &str) -> GivenAnswer {
    GivenAnswer {
        changes: with_secret(text),
        from: Some("anna@acme.example".into()),
    }
}

fn answer(vault: &mut Vault, id: Uuid, text: &str) -> TakenAnswer {
    vault.take_answer(id, given(text), &author(2)).unwrap()
}

fn holds_key(vault: &Vault) -> bool {
    let payload = vault.encode(0).unwrap();
    String::from_utf8_lossy(&payload).contains(ASK_KEY)
}

fn current(vault: &Vault, at: &str) -> String {
    let entry = vault.entry(&path(at)).unwrap();
    entry.current("secret").unwrap().secret().expose().into()
}

#[test]
fn an_answer_becomes_an_entry() {
    let mut vault = empty_vault();
    let id = ask(&mut vault, "acme/wp");
    assert!(holds_key(&vault));
    assert!(!format!("{:?}", vault.asks.all().unwrap()).contains("CANARY"));
    assert!(vault.client("acme").is_some(), "the client is known now");
    let taken = answer(&mut vault, id, "one");
    assert!(is_new(&taken) && taken.pending.is_none());
    assert_eq!(current(&vault, "acme/wp"), "one");
    let vault = read_again(&vault);
    assert_eq!(fault(&vault), None);
    let ask = vault.asks.by_id(id).unwrap();
    let end = ask.end().unwrap();
    assert!(end.is(AskOutcome::Answered));
    assert_eq!(end.from.as_deref(), Some("anna@acme.example"));
    assert_eq!(end.entry, Some(vault.entry(&path("acme/wp")).unwrap().id));
    assert!(!ask.is_open() && ask.takes_correction(day(13)));
}

#[test]
fn a_correction_waits_beside_the_answer_until_the_day_is_over() {
    let mut vault = empty_vault();
    let id = ask(&mut vault, "acme/wp");
    answer(&mut vault, id, "one");
    vault
        .rename(&path("acme/wp"), &path("acme/blog"), &author(3))
        .unwrap();
    let taken = answer(&mut vault, id, "two");
    assert_eq!(taken.path, path("acme/blog"));
    assert!(taken.pending.is_some() && !taken.is_known());
    assert_eq!(current(&vault, "acme/blog"), "one");
    assert_eq!(vault.asks.by_id(id).unwrap().ends.len(), 2);
    let before = read_again(&vault);
    assert!(
        answer(&mut vault, id, "one").is_known(),
        "the first mail once more"
    );
    assert_eq!(vault.encode(0).unwrap(), before.encode(0).unwrap());
    let late = vault
        .take_answer(id, given("three"), &author(14))
        .unwrap_err();
    assert!(
        late.message().contains("is answered, and its key is gone"),
        "{late}"
    );
    assert!(holds_key(&vault));
    (vault.add(&path("acme/db"), with_secret("x"), &author(14))).unwrap();
    assert!(!holds_key(&vault), "any change wipes it then");
}

#[test]
fn a_key_does_not_outlive_what_came_by_it() {
    let mut vault = empty_vault();
    let (id, other) = (ask(&mut vault, "acme/wp"), ask(&mut vault, "acme/db"));
    answer(&mut vault, id, "one");
    assert!(vault.close_ask(other, &author(2)).unwrap());
    assert!(holds_key(&vault));
    let mut closed = vault.clone();
    assert!(closed.close_ask(id, &author(2)).unwrap());
    assert!(!holds_key(&closed));
    let ends = &closed.asks.by_id(id).unwrap().ends;
    assert!(ends[0].is(AskOutcome::Answered) && ends[1].is(AskOutcome::Closed));
    let removed = vault.remove(&path("acme/wp"), &author(2)).unwrap();
    vault
        .empty_trash(&HashSet::from([removed]), &author(3))
        .unwrap();
    assert!(!holds_key(&vault));
    assert_eq!(fault(&vault), None);
}

#[test]
fn what_is_closed_takes_no_answer() {
    let mut vault = empty_vault();
    let id = ask(&mut vault, "acme/wp");
    assert!(vault.close_ask(id, &author(2)).unwrap());
    assert!(!vault.close_ask(id, &author(3)).unwrap());
    assert!(!holds_key(&vault));
    let refused = vault.take_answer(id, given("one"), &author(3));
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), Kind::Refused);
    assert!(refused.message().contains("is closed"), "{refused}");
    assert!(vault.entry(&path("acme/wp")).is_err());
    assert_eq!(
        vault.close_ask(new_id(), &author(3)).unwrap_err().kind(),
        Kind::NotFound
    );
}

#[test]
fn an_entry_that_is_there_keeps_its_secret_and_the_answer_waits_beside_it() {
    let mut vault = empty_vault();
    let mut changes = with_secret("old");
    changes.values.username = Some("admin".into());
    vault.add(&path("acme/wp"), changes, &author(0)).unwrap();
    let id = ask(&mut vault, "acme/wp");
    let mut new = given("new");
    new.changes.values.username = Some("anna".into());
    new.changes.values.urls = vec!["https://acme.example".into()];
    let taken = vault.take_answer(id, new, &author(2)).unwrap();
    assert!(!is_new(&taken));
    assert_eq!(taken.others, [("username".to_owned(), "anna".to_owned())]);
    assert_eq!(current(&vault, "acme/wp"), "old");
    let entry = vault.entry(&path("acme/wp")).unwrap();
    assert_eq!(
        entry.pending().unwrap().number,
        taken.pending.unwrap().number
    );
    assert_eq!(entry.username.value().map(String::as_str), Some("admin"));
    assert_eq!(entry.urls.items(), ["https://acme.example"]);
    assert_eq!(fault(&vault), None);
}

/// Whoever has the page can write an answer, and a page is not secret.
#[test]
fn a_second_answer_changes_nothing_that_is_there() {
    let mut vault = empty_vault();
    let id = ask(&mut vault, "acme/wp");
    let answer = |text: &str| {
        let mut changes = with_secret(text);
        let note = Slot::Field("note".parse().unwrap());
        changes.secrets.push((note, secret(&format!("PIN {text}"))));
        changes.values.username = Some(format!("user {text}"));
        changes.values.urls = vec![format!("https://{text}.example")];
        changes
            .fields
            .push(("rules".parse().unwrap(), format!("rule {text}")));
        GivenAnswer {
            changes,
            from: None,
        }
    };
    let take =
        |vault: &mut Vault, text: &str| vault.take_answer(id, answer(text), &author(2)).unwrap();
    take(&mut vault, "one");
    let seen = |vault: &Vault| {
        let entry = vault.entry(&path("acme/wp")).unwrap().clone();
        let note = entry.current("note").unwrap().secret().expose().to_owned();
        (entry.username, entry.urls, entry.fields, note)
    };
    let before = seen(&vault);
    let taken = take(&mut vault, "two");
    assert_eq!(seen(&vault), before);
    let others: Vec<&str> = taken.others.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(others, ["username", "url", "rules"]);
    assert_eq!(taken.beside, [("note".to_owned(), "note-2".to_owned())]);
    let entry = vault.entry(&path("acme/wp")).unwrap();
    assert_eq!(
        entry.current("note-2").unwrap().secret().expose(),
        "PIN two"
    );
    // The first mail once more has nothing new, and what was not taken is not taken again.
    assert!(take(&mut vault, "one").is_known());
    vault.abort_rotation(&path("acme/wp"), &author(3)).unwrap();
    let again = take(&mut vault, "two");
    assert!(again.beside.is_empty() && again.pending.is_some());
    assert_eq!(fault(&vault), None);
}

#[test]
fn while_a_rotation_waits_nothing_of_a_second_answer_is_taken() {
    let mut vault = empty_vault();
    let (first, second) = (ask(&mut vault, "acme/wp"), ask(&mut vault, "acme/wp"));
    let third = ask(&mut vault, "acme/wp");
    answer(&mut vault, first, "one");
    assert!(answer(&mut vault, second, "two").pending.is_some());
    let refused = vault.clone().take_answer(third, given("three"), &author(3));
    assert_eq!(refused.unwrap_err().kind(), Kind::Conflict);
    assert!(vault.asks.by_id(third).unwrap().is_open());
    let mut vault = vault;
    let again = answer(&mut vault, third, "one");
    assert!(again.had_secret && again.pending.is_none());
}

#[test]
fn an_answer_follows_its_entry_and_its_client() {
    let mut vault = empty_vault();
    (vault.add(&path("acme/wp"), with_secret("old"), &author(0))).unwrap();
    let (old, new) = (ask(&mut vault, "acme/wp"), ask(&mut vault, "acme/ftp"));
    vault
        .rename_client(
            &"acme".parse().unwrap(),
            &"shop".parse().unwrap(),
            &author(1),
        )
        .unwrap();
    let of = |id| {
        let ask = vault.asks.by_id(id).unwrap();
        vault.path_of_ask(ask).unwrap().to_string()
    };
    assert_eq!(of(old), "shop/wp");
    assert_eq!(of(new), "shop/ftp");
}

#[test]
fn what_is_asked_beside_the_secret_is_kept_too() {
    let mut vault = empty_vault();
    let id = ask(&mut vault, "acme/wp");
    let note = Slot::Field("note".parse().unwrap());
    let changes = Changes {
        secrets: vec![(note, secret("the PIN is 1"))],
        ..Changes::default()
    };
    let answer = GivenAnswer {
        changes,
        from: None,
    };
    vault.take_answer(id, answer, &author(2)).unwrap();
    let entry = vault.entry(&path("acme/wp")).unwrap();
    assert!(entry.current("secret").is_none());
    assert!(entry.current("note").is_some());
    assert_eq!(fault(&vault), None);
}

#[test]
fn the_end_of_the_work_closes_what_is_asked() {
    let mut vault = empty_vault();
    let (id, other) = (ask(&mut vault, "acme/wp"), ask(&mut vault, "zed/wp"));
    let acme = vault.client("acme").unwrap().id;
    vault.end_work(acme, &author(2)).unwrap();
    assert!(!vault.asks.by_id(id).unwrap().is_open());
    assert!(vault.asks.by_id(other).unwrap().is_open());
}
