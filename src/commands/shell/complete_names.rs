//! The names in a vault that `vault complete` offers, each with what it is.

use jiff::Timestamp;

use crate::context::Context;
use crate::context::devices::device_name;
use crate::error::Result as VaultResult;
use crate::help::meant::{KnownName, NameKind, NameSource};
use crate::model::records::record_id::{number, short};
use crate::model::records::way_in::Family;
use crate::model::vault::Vault;
use crate::store::backups::catalogue::BackupReason;
use crate::store::session::Session;
use crate::ui::time::local_time;

/// All that there is, if it can be had without asking.
pub(super) fn read_names(ctx: &Context, source: NameSource) -> Option<Vec<KnownName>> {
    match source {
        NameSource::Backups => backups(ctx).ok(),
        NameSource::Vault => {
            let session = ctx.unlock_without_asking()?;
            let mut names = of_entries(session.vault()).ok()?;
            names.extend(of_people(session.vault()).ok()?);
            names.extend(numbers(session.vault(), ctx.now()).ok()?);
            names.extend(ways_in(session.vault()));
            names.extend(devices(&session));
            Some(names)
        }
    }
}

fn backups(ctx: &Context) -> VaultResult<Vec<KnownName>> {
    let mut names = Vec::new();
    for file in ctx.store()?.backup_catalogue()?.files {
        let word = match (file.origin, file.generation) {
            (BackupReason::Automatic, Some(generation)) => generation.to_string(),
            (BackupReason::Last, _) => "last.age".to_owned(),
            _ => file.path.display().to_string(),
        };
        let written = file.written.map(local_time).unwrap_or_default();
        let about = format!("{}, {written}", file.origin.as_str());
        names.push(KnownName::new(NameKind::Backup, word).about(about));
    }
    Ok(names)
}

fn of_entries(vault: &Vault) -> VaultResult<Vec<KnownName>> {
    let (mut names, mut tags) = (Vec::new(), Vec::new());
    for (path, entry) in vault.live()? {
        let hidden = entry.secrets().map(|(name, _)| name);
        let visible = entry.visible_fields().map(|(name, _)| name);
        let fields = hidden.chain(visible).map(str::to_owned);
        names.extend(fields.map(|it| KnownName::new(NameKind::Field, it).of(&path)));
        let emptied = entry.emptied_fields().into_iter().map(str::to_owned);
        names.extend(emptied.map(|it| KnownName::new(NameKind::Emptied, it).of(&path)));
        let files = entry.attached();
        let files = files.map(|it| KnownName::new(NameKind::Attachment, it.name.clone()));
        names.extend(files.map(|it| it.of(&path)));
        let common = entry.common_fields().into_iter().map(str::to_owned);
        names.extend(common.map(|it| KnownName::new(NameKind::CommonField, it).of(&path)));
        tags.extend(entry.tags().iter().cloned());
        names.push(KnownName::new(NameKind::Entry, path));
    }
    tags.sort_unstable();
    tags.dedup();
    names.extend(tags.into_iter().map(|it| KnownName::new(NameKind::Tag, it)));
    let trashed = vault.trash()?.into_iter();
    names.extend(trashed.map(|it| KnownName::new(NameKind::Trashed, it.path)));
    Ok(names)
}

fn of_people(vault: &Vault) -> VaultResult<Vec<KnownName>> {
    let clients = vault.live_clients().map(|it| it.slug().to_owned());
    let clients = clients.map(|it| KnownName::new(NameKind::Client, it));
    let contacts = vault.live_contacts()?.into_iter();
    let contacts = contacts.map(|it| KnownName::new(NameKind::Contact, it.name().to_owned()));
    Ok(clients.chain(contacts).collect())
}

/// Devices that have written the vault, as the log calls them.
fn devices(session: &Session) -> Vec<KnownName> {
    let chains = session.vault().log.chains().iter();
    let names = chains.map(|chain| device_name(session, chain.device));
    names
        .map(|it| KnownName::new(NameKind::Device, it))
        .collect()
}

/// Keys that open the vault, by their ids, with what their owner calls them or the keys.
fn ways_in(vault: &Vault) -> Vec<KnownName> {
    let kinds = [
        (Family::Recovery, NameKind::Recovery),
        (Family::Recipient, NameKind::Recipient),
    ];
    let of_kind = kinds.into_iter().flat_map(|(family, kind)| {
        vault.ways_in(family).map(move |way| {
            let about = way.name.as_ref().unwrap_or(&way.recipient);
            KnownName::new(kind, short(way.id)).about(about.clone())
        })
    });
    of_kind.collect()
}

/// Consents, shares, requests for credentials and incidents, the newest first.
fn numbers(vault: &Vault, now: Timestamp) -> VaultResult<Vec<KnownName>> {
    let slugs = vault.slugs();
    let mut names = Vec::new();
    for consent in vault.all_consents()?.into_iter().rev() {
        let client = slugs.get(&consent.client).copied().unwrap_or("?");
        let to = vault.contact_names(&consent.contacts())?.join(", ");
        let state = vault.consent_state(consent, now)?;
        let about = format!("{client} to {to}, {}", state.as_str());
        names.push(KnownName::new(NameKind::Consent, number(consent.id)).about(about));
    }
    for line in vault.ledger(now)?.into_iter().rev() {
        let to = vault.contact_name(line.share.recipient.contact)?;
        let paths: Vec<&str> = line.share.items.iter().map(|it| it.path.as_str()).collect();
        let about = format!("{} to {to}, {}", paths.join(", "), line.state.as_str());
        names.push(KnownName::new(NameKind::Share, number(line.share.id)).about(about));
    }
    for share in vault.received.all()? {
        let about = format!("received on {}", local_time(share.received));
        names.push(KnownName::new(NameKind::Received, number(share.id)).about(about));
    }
    for ask in vault.asks_with_key(now)?.into_iter().rev() {
        let about = vault.path_of_ask(ask)?.to_string();
        names.push(KnownName::new(NameKind::Ask, number(ask.id)).about(about));
    }
    for incident in vault.incidents.all()?.into_iter().rev() {
        let about = format!("entered on {}", local_time(incident.created));
        names.push(KnownName::new(NameKind::Incident, number(incident.id)).about(about));
    }
    Ok(names)
}
