//! Rules about permissions in force: how sure each is, and how far it reaches.

use jiff::Timestamp;

use crate::error::Result;
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::records::client::Assurance;
use crate::model::records::consent::ConsentState;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;

/// Looks at each permission that is in force.
pub(super) fn examine(vault: &Vault, now: Timestamp) -> Result<Vec<Examined>> {
    let mut by_word = Rule::new("permission-note-only", "each permission is in writing");
    let mut open = Rule::new("permission-pattern", "each permission names its entries");
    for consent in vault.all_consents()? {
        let is_given = vault.consent_state(consent, now)? == ConsentState::Given;
        if !is_given || !consent.is_live(now) {
            continue;
        }
        let id = number(consent.id);
        let about = (consent.id, id.as_str());
        // One that was given by word and waits for its paper is told before it ends.
        if consent.assurance() == Some(Assurance::Attested) && !consent.is_provisional() {
            let message =
                format!("permission {id} rests on your own note, not on the client's words");
            let fix =
                format!("have it confirmed in writing: vault consent renew {id} --expires 90d");
            by_word.find(Level::Medium, about, message, &fix);
        }
        if !consent.scope.patterns.is_empty() {
            let patterns = consent.scope.patterns.join(", ");
            let message = format!("permission {id} is for {patterns}: entries of later days too");
            let fix = "ask for the entries that are needed, by name";
            open.find(Level::Low, about, message, fix);
        }
    }
    Ok(vec![by_word.0, open.0])
}
