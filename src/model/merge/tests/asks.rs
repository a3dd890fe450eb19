//! Requests for credentials: whichever copy takes in the other, what has ended stays so.

use uuid::Uuid;

use super::both;
use super::device::{author, new_device, text};
use crate::model::records::ask::AskOutcome;
use crate::model::sharing::asking::{GivenAnswer, NewAsk};
use crate::model::testing::{day, empty_vault, fault, new_id, path, secret, with_secret};
use crate::model::vault::Vault;

const KEY: &str = "AGE-SECRET-KEY-1CANARY";

/// A vault that waits for an answer.
fn common() -> (Vault, Uuid) {
    let mut vault = empty_vault();
    let new = NewAsk {
        id: new_id(),
        path: path("acme/wp"),
        purpose: "the relaunch".into(),
        need: vec!["secret".into()],
        recipient: "age1".into(),
        key: secret(KEY),
        until: day(14),
        lang: None,
    };
    let id = vault.open_ask(new, &author(new_device(), 1)).unwrap();
    assert!(text(&vault).contains(KEY));
    (vault, id)
}

/// What becomes of it, whichever copy takes in the other.
fn merged(one: &Vault, other: &Vault, id: Uuid) -> Vault {
    let (vault, back) = (both(one, other), both(other, one));
    assert_eq!(text(&vault), text(&back));
    assert_eq!(fault(&vault), None);
    assert!(!vault.asks.by_id(id).unwrap().is_open());
    assert!(!text(&vault).contains(KEY));
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
    assert!(text(&answered).contains(KEY), "it opens corrections");
    let vault = merged(&closed, &answered, id);
    let ask = vault.asks.by_id(id).unwrap();
    assert_eq!(ask.ends.len(), 2);
    assert!(ask.end().unwrap().is(AskOutcome::Closed));
    assert!(vault.entry(&path("acme/wp")).is_ok(), "the answer is kept");
}
