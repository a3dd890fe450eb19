//! `vault contact show`: all that is known of a contact, and what they can know.

use serde_json::{Value, json};

use super::agreements::{Agreements, agreement_as_json};
use crate::commands::sharing::known::known_by;
use crate::context::Context;
use crate::crypto::{Signer, SshPublicKey, fingerprint_words};
use crate::error::Result as VaultResult;
use crate::model::people::fields::ContactValues;
use crate::model::records::contact::Contact;
use crate::model::sharing::performance::{PaperCounts, Performance};
use crate::model::sharing::who::Subject;
use crate::model::text::name::ContactName;
use crate::ui::Shown;
use crate::ui::time::{day, local_time};

/// Shows it.
pub(super) fn show(ctx: &Context, name: &ContactName) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let contact = session.vault().known_contact(name)?;
    let (recipients, signers) = (contact.recipients(), contact.signers());
    let known = session
        .vault()
        .knowledge(&Subject::Contact(vec![contact]), ctx.now())?;
    let paths: Vec<&str> = known.entries.iter().map(|it| it.path.as_str()).collect();
    let told = known_by(session.vault(), &known, &|time| day(time, ctx.now()))?;
    let told = told
        .iter()
        .map(|it| format!("{}: {}", it.of.join(", "), it.told));
    let performance = session.vault().performance(contact.id, ctx.now())?;
    let no_key = recipients
        .is_empty()
        .then_some("none, shares need --passphrase");
    let (review, agreement) = (contact.review_by.value().copied(), contact.agreement());
    let agreements = Agreements::with_contact(contact);
    let values = ContactValues::of(contact);
    let lost = contact.lost.iter();
    let lost = lost.filter(|it| contact.lost_key(&it.key).is_some());
    let losses = contact.losses.iter().map(|it| it.since);
    ctx.ui.show(
        &Shown::titled(contact.name())
            .json("name", contact.name())
            .field("full_name", "full name", values.full_name)
            .field("role", "role", values.role)
            .field("firm", "firm", values.firm)
            .field("address", "address", values.address)
            .field("country", "country", values.country)
            .field("emails", "email", contact.emails())
            .field("phone", "phone", values.phone)
            .field("channel", "channel", values.channel)
            .field("lang", "language", values.lang)
            .json("recipients", recipients)
            .text("recipient", recipients.iter().map(|key| described(key)))
            .text("recipient", no_key)
            .json("signers", signers)
            .text("signer", signers.iter().map(|key| described(key)))
            .json("lost", lost.clone().map(|it| &it.key).collect::<Vec<_>>())
            .text("lost key", lost.map(|it| described(&it.key)))
            .json("losses", losses.clone().collect::<Vec<_>>())
            .text("device lost", losses.map(local_time))
            .field("words", "words", words(contact))
            .json("agreement", agreement.map(agreement_as_json))
            .json("agreements", agreements.as_json())
            .text("agreement", agreements.as_text())
            .field("agreed_on", "agreed on", values.agreed_on)
            .field("checked_on", "checked on", values.checked_on)
            .field("checked", "checked", values.checked)
            .field("duties", "duties", values.duties)
            .json("review_by", review)
            .at("review by", review, ctx.now())
            .json("can_know", paths)
            .text("can know", told)
            .json("performance", performance_as_json(performance))
            .text("so far", performance_told(performance))
            .json("created", contact.created),
    )
}

/// How they have done what they owe, once something went to them.
fn performance_told(it: Performance) -> Vec<String> {
    let shares = match it.shares {
        0 => return Vec::new(),
        1 => "1 share went to them".to_owned(),
        n => format!("{n} shares went to them"),
    };
    let declined = (it.declined > 0).then(|| format!(", {} declined", it.declined));
    let mut lines = vec![shares + &declined.unwrap_or_default()];
    for (what, counts) in [("receipts", it.receipts), ("deletions", it.deletions)] {
        let counts = [
            (counts.in_time, "in time"),
            (counts.late, "late"),
            (counts.outstanding, "outstanding"),
            (counts.awaited, "awaited"),
        ];
        let told = counts.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, how)| format!("{count} {how}")).collect();
        if !told.is_empty() {
            lines.push(format!("{what}: {}", told.join(", ")));
        }
    }
    lines
}

fn performance_as_json(it: Performance) -> Value {
    let counts = |it: PaperCounts| {
        json!({
            "in_time": it.in_time, "late": it.late, "outstanding": it.outstanding,
            "awaited": it.awaited,
        })
    };
    json!({
        "shares": it.shares, "declined": it.declined,
        "receipts": counts(it.receipts), "deletions": counts(it.deletions),
    })
}

/// An age key as it is, a key of OpenSSH by its fingerprint.
fn described(key: &str) -> String {
    match SshPublicKey::parse(key) {
        Ok(parsed) => format!("{} {}", parsed.kind(), parsed.fingerprint()),
        Err(_) => key.to_owned(),
    }
}

/// The words of a contact's vault, where there is one key of each kind, as a card has them.
fn words(contact: &Contact) -> Option<String> {
    let ([recipient], [signer]) = (contact.recipients(), contact.signers()) else {
        return None;
    };
    let signer = Signer::parse_openssh(signer).ok()?;
    (kind(recipient) == "age").then(|| fingerprint_words(signer, recipient))
}

/// What kind of key it is: `age`, or the algorithm of an OpenSSH key.
pub(super) fn kind(key: &str) -> &str {
    key.split_once(' ').map_or("age", |(kind, _)| kind)
}
