//! Requests for credentials: whichever copy takes in the other, what has ended stays so.

use uuid::Uuid;

use super::both;
use super::device::{author, new_device, text};
use crate::model::records::ask::AskOutcome;
use crate::model::sharing::asking::GivenAnswer;
use crate::model::testing::{ASK_KEY, asked_for, empty_vault, fault, path, with_secret};
use crate::model::vault::Vault;

/// A vault that waits for an answer.
fn common() -> (Vault, Uuid) {
    let mut vault = empty_vault();
    let id = asked_for(&mut vault, "acme/wp", &author(new_device(), 1));
    assert!(text(&vault).contains(ASK_KEY));
    (vault, id)
}

/// What becomes of it, whichever copy takes in the other.
fn merged(one: &Vault, other: &Vault, id: Uuid) -> Vault {
    let (vault, back) = (both(one, other), both(other, one));
    assert_eq!(text(&vault), text(&back));
    assert_eq!(fault(&vault), None);
    assert!(!vault.asks.by_id(id).unwrap().is_open());
    assert!(!text(&vault).contains(ASK_KEY));
    vault
}

#[test]
fn what_one_device_has_ended_never_comes_back() {
    let (common, id) = common();
    let mut closed = common.clone();
    closed.close_ask(id, &author(new_device(), 2)).unwrap();
    let mut other = common.clone();
    let on_other = author(new_device(), 3);
    (other.add(&path("acme/db"), with_secret("x"), &on_other)).unwrap();
    let vault = merged(&closed, &other, id);
    merged(&vault, &common, id);
    merged(&vault, &other, id);
}

#[test]
fn two_devices_may_each_end_it_in_their_way() {
    let (common, id) = common();
    let (mut closed, mut answered) = (common.clone(), common);
    closed.close_ask(id, &author(new_device(), 2)).unwrap();
    let answer = GivenAnswer {
        changes: with_secret("one"),
        from: None,
    };
    let on_other = author(new_device(), 3);
    answered.take_answer(id, answer, &on_other).unwrap();
    assert!(text(&answered).contains(ASK_KEY), "it opens corrections");
    let vault = merged(&closed, &answered, id);
    let ask = vault.asks.by_id(id).unwrap();
    assert_eq!(ask.ends.len(), 2);
    assert!(ask.end().unwrap().is(AskOutcome::Closed));
    assert!(vault.entry(&path("acme/wp")).is_ok(), "the answer is kept");
}
