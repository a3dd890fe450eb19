//! What a file says of new clients, and nobody here has made sure of: whose keys are whose, what a
//! client demands. It is told, and the keys count for nothing yet.

use serde_json::{Value, json};

use crate::context::Context;
use crate::crypto::recipient_fingerprint;
use crate::model::records::client::ClientKey;
use crate::model::records::person::Person;
use crate::model::text::quote::as_word;
use crate::model::transfer::import::{ExportExtras, ImportPlan};
use crate::model::transfer::portable::PortableClient;

/// Keys, rules, least assurance and who may permit of the clients that come with an import.
pub(crate) struct Claims(Vec<Claim>);

struct Claim {
    client: String,
    keys: Vec<String>,
    phone: Option<String>,
    rules: Option<String>,
    min_assurance: Option<String>,
    may_permit: Vec<Person>,
}

impl Claims {
    /// Those of the clients that are new by `plan`, or of all where the whole of the file is taken.
    pub(crate) fn of(extras: &ExportExtras, plan: &ImportPlan, takes_all: bool) -> Self {
        let is_new = |client: &&PortableClient| {
            takes_all
                || plan
                    .new_clients
                    .iter()
                    .any(|slug| slug.as_str() == client.slug)
        };
        let claims = extras.clients.iter().filter(is_new).map(|client| Claim {
            client: client.slug.clone(),
            keys: client.keys.iter().map(ClientKey::to_openssh).collect(),
            phone: client.contacts.iter().find_map(|reach| reach.phone.clone()),
            rules: client.values.rules.clone(),
            min_assurance: client.values.min_assurance.clone(),
            may_permit: (client.persons.iter())
                .filter(|person| person.may_permit)
                .cloned()
                .collect(),
        });
        Self(claims.filter(Claim::says_something).collect())
    }

    pub(crate) fn as_json(&self) -> Vec<Value> {
        let claims = self.0.iter();
        let claims = claims.map(|claim| {
            let keys = claim.keys.iter().map(|key| recipient_fingerprint(key));
            json!({
                "client": claim.client,
                "keys": keys.collect::<Vec<_>>(),
                "phone": claim.phone,
                "rules": claim.rules,
                "min_assurance": claim.min_assurance,
                "may_permit": claim.may_permit.iter().map(Person::to_string).collect::<Vec<_>>(),
            })
        });
        claims.collect()
    }

    pub(crate) fn tell(&self, ctx: &Context) {
        for claim in &self.0 {
            let client = &claim.client;
            for key in &claim.keys {
                ctx.warn(&format!(
                    "the file names a key of {client}, {}: no signature by it counts until you \
                     have made sure that it is theirs",
                    recipient_fingerprint(key)
                ));
                ctx.ui.hint(&format!(
                    "vault client edit {} --key '{key}' --key-verified HOW",
                    as_word(client)
                ));
            }
            if let Some(phone) = claim.phone.as_ref().filter(|_| !claim.keys.is_empty()) {
                ctx.warn(&format!(
                    "the file names the telephone number of {client} too, {phone}: make sure of \
                     keys by another one"
                ));
            }
            for person in &claim.may_permit {
                ctx.warn(&format!(
                    "the file says that {person} may give permissions for {client}"
                ));
                let called = person.email.as_ref().unwrap_or(&person.name);
                ctx.ui.hint(&format!(
                    "if that is not so: vault client edit {} --unset person={}",
                    as_word(client),
                    as_word(called)
                ));
            }
            if let Some(rules) = &claim.rules {
                ctx.ui
                    .note(&format!("the file has rules of {client}: {rules}"));
            }
            if let Some(least) = &claim.min_assurance {
                ctx.ui
                    .note(&format!("the file asks for {least} consents of {client}"));
            }
        }
    }
}

impl Claim {
    fn says_something(&self) -> bool {
        !self.keys.is_empty()
            || self.rules.is_some()
            || self.min_assurance.is_some()
            || !self.may_permit.is_empty()
    }
}
