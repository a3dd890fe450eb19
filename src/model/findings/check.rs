//! What has to hold of a payload beyond its signature: every record, reference, name, stamp and
//! link of the log.

use std::collections::HashSet;

use uuid::Uuid;

use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::entry::attachments::check_attachment_size;
use crate::model::records::attachment::Attachment;
use crate::model::records::consent::{Consent, Evidence};
use crate::model::records::entry::Entry;
use crate::model::records::log::sha256_hex;
use crate::model::records::stamped::Stamped;
use crate::model::records::table::{Record, Records};
use crate::model::text::name::{AttachmentName, ClientSlug, ContactName, EntryPath};
use crate::model::vault::Vault;

/// One thing that was looked at, and what was wrong with it.
#[derive(Debug)]
pub struct Check {
    /// What was looked at, a stable word.
    pub name: &'static str,
    /// `Ok` with a count, or what is wrong first.
    pub outcome: Result<String, String>,
}

/// Looks at everything.
#[must_use]
pub fn all(vault: &Vault) -> Vec<Check> {
    let check = |name, outcome| Check { name, outcome };
    vec![
        check("records", records(vault)),
        check("references", references(vault)),
        check("attachments", attachments(vault)),
        check("names", names(vault)),
        check("stamps", stamps(vault)),
        check("log", log(vault)),
    ]
}

/// Every record of a kind, decoded.
fn decoded<T: Record>(records: &Records<T>) -> Result<Vec<&T>, String> {
    records.all().map_err(|why| why.to_string())
}

fn entries(vault: &Vault) -> Result<Vec<&Entry>, String> {
    decoded(&vault.entries)
}

fn records(vault: &Vault) -> Result<String, String> {
    let mut ids = HashSet::new();
    let entries = entries(vault)?;
    let versions = entries.iter().flat_map(|e| &e.versions).map(|v| v.id);
    let attached = entries.iter().flat_map(|e| &e.attachments).map(|a| a.id);
    let all = (entries.iter().map(|e| e.id))
        .chain(vault.clients.iter().map(|c| c.id))
        .chain(vault.recipients.iter().map(|r| r.id))
        .chain(versions)
        .chain(attached)
        .chain(decoded(&vault.contacts)?.into_iter().map(|c| c.id))
        .chain(decoded(&vault.consents)?.into_iter().map(|c| c.id))
        .chain(decoded(&vault.shares)?.into_iter().map(|s| s.id))
        .chain(filed(vault)?.into_iter().map(|file| file.id))
        .chain(vault.identity.retired.iter().map(|keys| keys.id));
    for id in all {
        if !ids.insert(id) {
            return Err(format!("id {id} stands for two records"));
        }
        if vault.tombstones.contains(&id) {
            return Err(format!("record {id} was purged and is here again"));
        }
    }
    Ok(format!("{} records, each id once", ids.len()))
}

/// The files that are kept with contacts and consents.
fn filed(vault: &Vault) -> Result<Vec<&Attachment>, String> {
    vault.filed().map_err(|why| why.to_string())
}

fn references(vault: &Vault) -> Result<String, String> {
    let clients: HashSet<Uuid> = vault.clients.iter().map(|c| c.id).collect();
    let received: HashSet<Uuid> = decoded(&vault.received)?.iter().map(|r| r.id).collect();
    let mut count = 0;
    for entry in entries(vault)? {
        let id = entry.id;
        if entry
            .received
            .is_some_and(|share| !received.contains(&share))
        {
            return Err(format!(
                "entry {id} came with a share that is not on record"
            ));
        }
        if !entry.client.get().is_some_and(|c| clients.contains(c)) {
            return Err(format!("entry {id} belongs to no client"));
        }
        for (slot, cell) in &entry.current {
            if cell.value().is_some() && entry.current(slot).is_none() {
                return Err(format!(
                    "entry {id} has no version that its current {slot} names"
                ));
            }
            count += 1;
        }
        if entry.pending.value().is_some() && entry.pending().is_none() {
            return Err(format!("entry {id} has no version that is pending"));
        }
    }
    consents(vault, &clients)?;
    shares(vault)?;
    Ok(format!("{count} secrets, each with its version"))
}

/// Shares, each against the consent and the contact that it names.
fn shares(vault: &Vault) -> Result<(), String> {
    let consents: HashSet<Uuid> = decoded(&vault.consents)?.iter().map(|c| c.id).collect();
    let contacts: HashSet<Uuid> = decoded(&vault.contacts)?.iter().map(|c| c.id).collect();
    for share in decoded(&vault.shares)? {
        let id = share.id;
        if !consents.contains(&share.consent.id) {
            return Err(format!("share {id} was allowed by no consent in the vault"));
        }
        if !contacts.contains(&share.recipient.contact) {
            return Err(format!("share {id} is for a contact who is not there"));
        }
    }
    Ok(())
}

/// Consents and contacts, each against what it names. Entries may be purged since.
fn consents(vault: &Vault, clients: &HashSet<Uuid>) -> Result<(), String> {
    let contacts = decoded(&vault.contacts)?;
    for contact in &contacts {
        if contact.agreement.value().is_some() && contact.agreement().is_none() {
            return Err(format!(
                "contact {} has no agreement that it names",
                contact.id
            ));
        }
    }
    let contacts: HashSet<Uuid> = contacts.iter().map(|contact| contact.id).collect();
    for consent in decoded(&vault.consents)? {
        let id = consent.id;
        if !clients.contains(&consent.client) {
            return Err(format!("consent {id} is of no client"));
        }
        if consent.contacts().iter().any(|to| !contacts.contains(to)) {
            return Err(format!("consent {id} is for a contact who is not there"));
        }
        AgreedTerms::from_json(&consent.terms)
            .and_then(|terms| terms.check_are_of(consent))
            .map_err(|why| format!("consent {id}: {why}"))?;
        let holds = |evidence: &Evidence| evidence_stands(consent, evidence);
        if !consent.evidence.iter().all(holds) {
            return Err(format!("consent {id} has not the evidence that it names"));
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
        let text = consent.request.as_deref();
        return text.is_some_and(|text| hash == Some(sha256_hex(text.as_bytes()).as_str()));
    }
    true
}

/// Each file against its name, size and hash. The sum is told and no fault: a merge may pass its
/// limit.
fn attachments(vault: &Vault) -> Result<String, String> {
    let (mut count, mut bytes) = (0, 0);
    for entry in entries(vault)? {
        let id = entry.id;
        for file in &entry.attachments {
            attachment(file)?;
            count += 1;
            bytes += file.size;
        }
        for (name, cell) in &entry.attached {
            if cell.value().is_some() && entry.attachment(name).is_none_or(|f| f.name != *name) {
                return Err(format!("entry {id} has no file that its attachment names"));
            }
        }
    }
    for file in filed(vault)? {
        attachment(file)?;
        count += 1;
        bytes += file.size;
    }
    Ok(format!("{count} kept, {bytes} bytes, each with its hash"))
}

fn attachment(file: &Attachment) -> Result<(), String> {
    if file.name.parse::<AttachmentName>().is_err() {
        return Err(format!("attachment {} has no valid name", file.id));
    }
    let content = file.bytes().map_err(|why| why.to_string())?;
    check_attachment_size(content.len()).map_err(|why| format!("{}: {why}", file.id))
}

fn names(vault: &Vault) -> Result<String, String> {
    for client in &vault.clients {
        if client.slug().parse::<ClientSlug>().is_err() {
            return Err(format!("client {} has no valid name", client.id));
        }
    }
    for contact in decoded(&vault.contacts)? {
        if contact.name().parse::<ContactName>().is_err() {
            return Err(format!("contact {} has no valid name", contact.id));
        }
    }
    let mut paths = HashSet::new();
    for (path, entry) in vault.live().map_err(|why| why.to_string())? {
        if path.parse::<EntryPath>().is_err() {
            return Err(format!("entry {} has no valid path", entry.id));
        }
        paths.insert(path);
    }
    Ok(format!("{} paths", paths.len()))
}

fn stamps(vault: &Vault) -> Result<String, String> {
    let seen = &vault.seen;
    if let Some(entry) = (entries(vault)?.into_iter()).find(|entry| !entry.is_covered_by(seen)) {
        return Err(format!(
            "entry {} holds a write that was never seen",
            entry.id
        ));
    }
    let own: [&dyn Stamped; 3] = [&vault.clients, &vault.recipients, &vault.access];
    if !own.iter().all(|part| part.is_covered_by(seen)) {
        return Err("a client or a way in holds a write that was never seen".into());
    }
    let shared: [&dyn Stamped; 4] = [
        &decoded(&vault.contacts)?,
        &decoded(&vault.consents)?,
        &decoded(&vault.shares)?,
        &decoded(&vault.received)?,
    ];
    if !shared.iter().all(|part| part.is_covered_by(seen)) {
        return Err("a contact, consent or share holds a write that was never seen".into());
    }
    Ok("every write is one that was seen".into())
}

fn log(vault: &Vault) -> Result<String, String> {
    vault.log.check()?;
    let events: u64 = vault.log.chains().iter().map(|chain| chain.count).sum();
    Ok(format!(
        "{events} events, each following from the one before"
    ))
}
