//! What has to hold of a payload beyond its signature: every record, reference, name, stamp and
//! link of the log.

use std::collections::HashSet;

use uuid::Uuid;

use super::finding::Level;
use super::rule::{Examined, Rule};
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::entry::attachments::check_attachment_size;
use crate::model::records::attachment::Attachment;
use crate::model::records::client::Client;
use crate::model::records::consent::{Consent, Evidence};
use crate::model::records::record_id::number;
use crate::model::records::stamped::Stamped;
use crate::model::text::name::{AttachmentName, ClientSlug, ContactName, EntryPath};
use crate::model::vault::Vault;

/// Looks at everything.
#[must_use]
pub fn all(vault: &Vault) -> Vec<Examined> {
    vec![
        examined("records", records(vault)),
        examined("references", references(vault)),
        examined("attachments", attachments(vault)),
        examined("names", names(vault)),
        examined("stamps", stamps(vault)),
        examined("log", log(vault)),
    ]
}

/// What is good of a part of the vault, or what is wrong first.
fn examined(rule: &'static str, outcome: Result<String>) -> Examined {
    match outcome {
        Ok(good) => Examined::good(rule, good),
        Err(why) => {
            let mut under_way = Rule::new(rule, "");
            under_way.find(Level::High, rule, why.message(), "vault restore last.age");
            under_way.0
        }
    }
}

fn wrong<T>(what: String) -> Result<T> {
    Err(Error::integrity(what))
}

fn records(vault: &Vault) -> Result<String> {
    let mut ids = HashSet::new();
    let entries = vault.entries.all()?;
    let versions = entries.iter().flat_map(|e| &e.versions).map(|v| v.id);
    let attached = entries.iter().flat_map(|e| &e.attachments).map(|a| a.id);
    let all = (entries.iter().map(|e| e.id))
        .chain(vault.clients.iter().map(|c| c.id))
        .chain(vault.recipients.iter().map(|r| r.id))
        .chain(versions)
        .chain(attached)
        .chain(vault.contacts.all()?.into_iter().map(|c| c.id))
        .chain(vault.consents.all()?.into_iter().map(|c| c.id))
        .chain(vault.shares.all()?.into_iter().map(|s| s.id))
        .chain(vault.handed_over.all()?.into_iter().map(|it| it.id))
        .chain(vault.asks.ids()?)
        .chain(vault.incidents.ids()?)
        .chain(vault.breaches.ids()?)
        .chain(vault.accepted.ids()?)
        .chain(vault.reviews.ids()?)
        .chain(vault.filed()?.into_iter().map(|file| file.id))
        .chain(vault.identity.retired.iter().map(|keys| keys.id));
    for id in all {
        if !ids.insert(id) {
            return wrong(format!("id {id} stands for two records"));
        }
        if vault.tombstones.contains(&id) {
            return wrong(format!("record {id} was purged and is here again"));
        }
    }
    Ok(format!("{} records, each id once", ids.len()))
}

fn references(vault: &Vault) -> Result<String> {
    let clients: HashSet<Uuid> = vault.clients.iter().map(|c| c.id).collect();
    let received: HashSet<Uuid> = vault.received.all()?.iter().map(|r| r.id).collect();
    let mut count = 0;
    let entries = vault.entries.all()?.into_iter();
    for entry in entries.filter(|entry| !entry.is_husk()) {
        let id = entry.id;
        if entry
            .received
            .is_some_and(|share| !received.contains(&share))
        {
            return wrong(format!(
                "entry {id} came with a share that is not on record"
            ));
        }
        if !entry.client.get().is_some_and(|c| clients.contains(c)) {
            return wrong(format!("entry {id} belongs to no client"));
        }
        for (slot, cell) in &entry.current {
            if cell.value().is_some() && entry.current(slot).is_none() {
                return wrong(format!(
                    "entry {id} has no version that its current {slot} names"
                ));
            }
            count += 1;
        }
        if entry.pending.value().is_some() && entry.pending().is_none() {
            return wrong(format!("entry {id} has no version that is pending"));
        }
    }
    consents(vault, &clients)?;
    shares(vault)?;
    Ok(format!("{count} secrets, each with its version"))
}

/// Shares, each against the consent and the contact that it names.
fn shares(vault: &Vault) -> Result<()> {
    let consents: HashSet<Uuid> = vault.consents.ids()?.into_iter().collect();
    let contacts: HashSet<Uuid> = vault.contacts.ids()?.into_iter().collect();
    for share in vault.shares.all()? {
        let id = number(share.id);
        if !consents.contains(&share.consent.id) {
            return wrong(format!("share {id} was allowed by no consent in the vault"));
        }
        if !contacts.contains(&share.recipient.contact) {
            return wrong(format!("share {id} is for a contact who is not there"));
        }
    }
    Ok(())
}

/// Consents and contacts, each against what it names. Entries may be purged since.
fn consents(vault: &Vault, clients: &HashSet<Uuid>) -> Result<()> {
    let contacts = vault.contacts.all()?;
    for contact in &contacts {
        if contact.agreement.value().is_some() && contact.agreement().is_none() {
            return wrong(format!(
                "contact {} has no agreement that it names",
                contact.id
            ));
        }
    }
    let lost =
        |client: &&Client| client.agreement.value().is_some() && client.agreement().is_none();
    if let Some(client) = vault.clients.iter().find(lost) {
        return wrong(format!(
            "client {} has no agreement that it names",
            client.id
        ));
    }
    let contacts: HashSet<Uuid> = contacts.iter().map(|contact| contact.id).collect();
    for consent in vault.consents.all()? {
        let id = number(consent.id);
        if !clients.contains(&consent.client) {
            return wrong(format!("consent {id} is of no client"));
        }
        if consent.contacts().iter().any(|to| !contacts.contains(to)) {
            return wrong(format!("consent {id} is for a contact who is not there"));
        }
        AgreedTerms::from_json(&consent.terms)
            .and_then(|terms| terms.check_are_of(consent))
            .or_else(|why| wrong(format!("consent {id}: {why}")))?;
        let holds = |evidence: &Evidence| evidence_stands(consent, evidence);
        if !consent.evidence.iter().all(holds) {
            return wrong(format!("consent {id} has not the evidence that it names"));
        }
    }
    Ok(())
}

/// Whether the file is there, and what was hashed still has its hash.
fn evidence_stands(consent: &Consent, evidence: &Evidence) -> bool {
    let hash = evidence.sha256.as_deref();
    if let Some(id) = evidence.attachment {
        let file = consent.files.iter().find(|file| file.id == id);
        return file.is_some_and(|file| hash == Some(file.sha256.as_str()));
    }
    if evidence.signature.is_some() {
        return consent.signed_text(evidence).is_some();
    }
    true
}

/// Each file against its name, size and hash. The sum is told and no fault: a merge may pass its
/// limit.
fn attachments(vault: &Vault) -> Result<String> {
    let (mut count, mut bytes) = (0, 0);
    for entry in vault.entries.all()? {
        let id = entry.id;
        for file in &entry.attachments {
            attachment(file)?;
            count += 1;
            bytes += file.size;
        }
        for (name, cell) in &entry.attached {
            if cell.value().is_some() && entry.attachment(name).is_none_or(|f| f.name != *name) {
                return wrong(format!("entry {id} has no file that its attachment names"));
            }
        }
    }
    for file in vault.filed()? {
        attachment(file)?;
        count += 1;
        bytes += file.size;
    }
    Ok(format!("{count} kept, {bytes} bytes, each with its hash"))
}

fn attachment(file: &Attachment) -> Result<()> {
    if file.name.parse::<AttachmentName>().is_err() {
        return wrong(format!("attachment {} has no valid name", file.id));
    }
    check_attachment_size(file.bytes()?.len()).or_else(|why| wrong(format!("{}: {why}", file.id)))
}

fn names(vault: &Vault) -> Result<String> {
    for client in &vault.clients {
        if client.slug().parse::<ClientSlug>().is_err() {
            return wrong(format!("client {} has no valid name", client.id));
        }
    }
    for contact in vault.contacts.all()? {
        if contact.name().parse::<ContactName>().is_err() {
            return wrong(format!("contact {} has no valid name", contact.id));
        }
    }
    let mut paths = HashSet::new();
    for (path, entry) in vault.live()? {
        if path.parse::<EntryPath>().is_err() {
            return wrong(format!("entry {} has no valid path", entry.id));
        }
        paths.insert(path);
    }
    Ok(format!("{} paths", paths.len()))
}

fn stamps(vault: &Vault) -> Result<String> {
    let seen = &vault.seen;
    if let Some(entry) = (vault.entries.all()?.into_iter()).find(|entry| !entry.is_covered_by(seen))
    {
        return wrong(format!(
            "entry {} holds a write that was never seen",
            entry.id
        ));
    }
    let own: [&dyn Stamped; 4] = [&vault.clients, &vault.recipients, &vault.access, &vault.me];
    if !own.iter().all(|part| part.is_covered_by(seen)) {
        return wrong("a client or a way in holds a write that was never seen".into());
    }
    let shared: [&dyn Stamped; 4] = [
        &vault.contacts.all()?,
        &vault.consents.all()?,
        &vault.shares.all()?,
        &vault.received.all()?,
    ];
    if !shared.iter().all(|part| part.is_covered_by(seen)) {
        return wrong("a contact, consent or share holds a write that was never seen".into());
    }
    Ok("every write is one that was seen".into())
}

impl Vault {
    /// Says of which devices there were two, if there were any; see [`Log::forks`].
    ///
    /// [`Log::forks`]: crate::model::records::log::Log::forks
    #[must_use]
    pub fn told_forks(&self) -> Option<String> {
        let forks = self.log.forks().into_iter();
        let mut names: Vec<String> = forks.map(|it| self.me.told_device(it)).collect();
        names.dedup();
        let names = names.join(", ");
        (!names.is_empty())
            .then(|| format!("two machines have written as {names}, and the log of each is kept"))
    }
}

fn log(vault: &Vault) -> Result<String> {
    vault.log.check().or_else(wrong)?;
    let events: u64 = vault.log.chains().iter().map(|chain| chain.count).sum();
    let told = vault.told_forks().map(|forks| format!("; {forks}"));
    Ok(format!(
        "{events} events, each following from the one before{}",
        told.unwrap_or_default()
    ))
}
