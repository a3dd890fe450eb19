//! What was handed over to clients, as several commands tell it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::entry::Entry;
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::day;

/// What was handed over, as far as it is `meant`, the oldest first; none whose file was not written.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record, as with all that follow.
pub(crate) fn sent(vault: &Vault, meant: impl Fn(&HandOver) -> bool) -> Result<Vec<&HandOver>> {
    let mut sent = vault.handed_over.all()?;
    sent.retain(|it| it.sent.value().is_some() && meant(it));
    sent.sort_by_key(|it| (it.created, it.id));
    Ok(sent)
}

/// Who has an entry as it is now by what was handed over, each once.
pub(crate) fn owners_who_know<'a>(
    vault: &'a Vault,
    handed_over: &[&'a HandOver],
    entry: &Entry,
) -> Vec<&'a str> {
    let is_current =
        |(slot, version): (&String, &Uuid)| entry.current(slot).is_some_and(|it| it.id == *version);
    let mut all = Vec::new();
    for it in handed_over {
        let mut items = it.items.iter().filter(|item| item.entry == entry.id);
        let who = recipient(vault, it);
        if items.any(|item| item.versions.iter().any(is_current)) && !all.contains(&who) {
            all.push(who);
        }
    }
    all
}

/// To whom, when, what of, and whether it has arrived; behind "handed over".
pub(crate) fn told(vault: &Vault, names: &RecordNames, it: &HandOver, now: Timestamp) -> String {
    format!(
        "to {} on {}, number {}: {}; {}",
        recipient(vault, it),
        day(it.created, now),
        number(it.id),
        entries(names, it).join(", "),
        arrived(it)
    )
}

/// A hand-over as a script gets it.
pub(crate) fn as_json(names: &RecordNames, it: &HandOver) -> Shown {
    let state = it.sent.value().map_or("unsent", |_| "handed-over");
    let receipt = it.receipt.value();
    let paths = it.items.iter().map(|item| names.get(item.entry));
    Shown::titled(format!("hand-over {}", it.id))
        .json("id", it.id)
        .json("consent", ())
        .json("to", names.get(it.client))
        .json("person", &it.person)
        .json("state", state)
        .json("created", it.created)
        .json("expires", ())
        .json("receipt", receipt.map(|filed| filed.time))
        .json("receipt_by", receipt.map(FiledDocument::came))
        .json("entries", paths.collect::<Vec<_>>())
}

/// Who has it: the person it was made for, or the client.
pub(crate) fn recipient<'a>(vault: &'a Vault, it: &'a HandOver) -> &'a str {
    let client = vault.clients.iter().find(|client| client.id == it.client);
    let client = client.map_or("a client who was removed", |client| client.called());
    it.person.as_deref().unwrap_or(client)
}

/// What was in it, by the paths of that day.
pub(crate) fn entries(names: &RecordNames, it: &HandOver) -> Vec<String> {
    let items = it.items.iter();
    items.map(|item| names.shared(item)).collect()
}

fn arrived(it: &HandOver) -> String {
    match it.receipt.value() {
        Some(filed) => format!("received ({})", filed.came()),
        None => "no receipt yet".to_owned(),
    }
}
