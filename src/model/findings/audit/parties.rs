//! Rules about clients and contacts: who they are, what was agreed, whether that was made sure of.

use jiff::Timestamp;

use crate::error::Result;
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// Looks at all contacts and all clients.
pub(super) fn examine(vault: &Vault, now: Timestamp) -> Result<Vec<Examined>> {
    let mut all = contacts(vault, now)?;
    all.extend(clients(vault));
    Ok(all)
}

/// Contacts who may have something: a share is live, or a permission names them.
fn contacts(vault: &Vault, now: Timestamp) -> Result<Vec<Examined>> {
    let mut unverified = Rule::new(
        "contact-unverified",
        "of each contact it was made sure who they are",
    );
    let mut unbound = Rule::new(
        "contact-no-agreement",
        "each contact has signed an agreement",
    );
    let mut unfiled = Rule::new(
        "contact-agreement-unfiled",
        "of each agreement with a contact the paper is kept",
    );
    let shares = vault.ledger(now)?;
    let consents = vault.all_consents()?;
    for contact in vault.live_contacts()? {
        let has_share = shares
            .iter()
            .any(|line| line.state.is_live() && line.share.recipient.contact == contact.id);
        let mut permitted = consents.iter().filter(|it| it.is_for(contact.id));
        if !has_share && !permitted.any(|it| it.is_live(now)) {
            continue;
        }
        let (name, word) = (contact.name(), as_word(contact.name()));
        let about = (contact.id, name);
        if contact.checked_on.value().is_none() {
            let message = format!("nobody has made sure that {name} can be trusted with access");
            let fix = format!(
                "talk to them, compare the words of their key, then: vault contact edit {word} \
                 --checked-on DATE --checked HOW"
            );
            unverified.find(Level::Medium, about, message, &fix);
        }
        if !contact.has_agreed() {
            let message = format!("no agreement with {name} is on record");
            let fix = format!("vault contact edit {word} --agreement FILE --agreed-on DATE");
            unbound.find(Level::Medium, about, message, &fix);
        } else if contact.agreement().is_none() {
            let fix = format!("vault contact edit {word} --agreement FILE");
            unfiled.find(Level::Low, about, unfiled_told(name), &fix);
        }
    }
    Ok(vec![unverified.0, unbound.0, unfiled.0])
}

/// Looks at all clients.
pub(in crate::model::findings) fn clients(vault: &Vault) -> Vec<Examined> {
    let mut unbound = Rule::new(
        "client-no-agreement",
        "each client has an agreement on record",
    );
    let mut unfiled = Rule::new(
        "client-agreement-unfiled",
        "of each agreement with a client the paper is kept",
    );
    let mut nobody = Rule::new(
        "client-no-person",
        "each client has somebody who may permit",
    );
    let mut no_rules = Rule::new("client-no-rules", "each client has said how to log in");
    for client in vault.open_clients() {
        let (slug, word) = (client.slug(), as_word(client.slug()));
        let about = (client.id, slug);
        if !client.has_agreed() {
            let message = format!("no agreement with {slug} is on record");
            let fix = format!("vault client edit {word} --agreement FILE --agreed-on DATE");
            unbound.find(Level::Low, about, message, &fix);
        } else if client.agreement().is_none() {
            let fix = format!("vault client edit {word} --agreement FILE");
            unfiled.find(Level::Low, about, unfiled_told(slug), &fix);
        }
        if !client.persons.items().iter().any(|it| it.may_permit) {
            let message = format!("nobody of {slug} is on record who may give permission");
            let fix = format!("vault client edit {word} --person 'NAME <MAIL>' --may-permit");
            nobody.find(Level::Low, about, message, &fix);
        }
        if client.rules.value().is_none() {
            let message = format!("{slug} has no rules for how, when and where you log in");
            let fix = format!("ask them, then: vault client edit {word} --rules TEXT");
            no_rules.find(Level::Low, about, message, &fix);
        }
    }
    vec![unbound.0, unfiled.0, nobody.0, no_rules.0]
}

fn unfiled_told(whom: &str) -> String {
    format!("of the agreement with {whom} only the day is on record, not the paper")
}
