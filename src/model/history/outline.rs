//! What a vault holds, by name: one line for each record, field and version, so that two states of
//! it can be compared line by line. No value and no hash of one is in it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::model::entry::fields::EntryValues;
use crate::model::people::fields::{ClientValues, ContactValues, MeValues};
use crate::model::records::cell::Stamp;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;

impl Vault {
    /// The lines, in order. A field that was written anew has another number of its write.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn outline(&self) -> Result<Vec<String>> {
        let mut lines = BTreeSet::new();
        for (path, entry) in self.entries_by_path(|entry| !entry.is_husk())? {
            lines.extend(of_entry(&path, entry));
        }
        self.outline_people(&mut lines)?;
        self.outline_permissions(&mut lines)?;
        Ok(lines.into_iter().collect())
    }

    fn outline_people(&self, lines: &mut BTreeSet<String>) -> Result<()> {
        for client in self.live_clients() {
            let about = format!("client {}", client.slug());
            lines.extend(of_fields(&about, ClientValues::writes(client)));
            lines.insert(about);
        }
        for contact in self.live_contacts()? {
            let about = format!("contact {}", contact.name());
            lines.extend(of_fields(&about, ContactValues::writes(contact)));
            lines.insert(about);
        }
        lines.extend(of_fields("me", MeValues::writes(&self.me)));
        for way in self.open_ways() {
            lines.insert(format!(
                "way in {}, {}, {}",
                number(way.id),
                way.kind,
                day(way.added)
            ));
        }
        Ok(())
    }

    fn outline_permissions(&self, lines: &mut BTreeSet<String>) -> Result<()> {
        let slugs = self.slugs();
        let client = |id: &Uuid| slugs.get(id).copied().unwrap_or("?").to_owned();
        for consent in self.consents.all()? {
            let about = format!(
                "consent {} of {}",
                number(consent.id),
                client(&consent.client)
            );
            lines.insert(format!("{about}, {}", day(consent.created)));
            for event in &consent.events {
                lines.insert(format!("{about}: {}, {}", event.state, day(event.time)));
            }
        }
        for share in self.shares.all()? {
            let about = format!("share {}", number(share.id));
            lines.insert(format!("{about}, {}", day(share.created)));
            lines.extend(share.ended.value().map(|_| format!("{about}: revoked")));
        }
        for id in self.received.ids()? {
            lines.insert(format!("received share {}", number(id)));
        }
        for it in self.handed_over.all()? {
            let about = format!("hand-over {} to {}", number(it.id), client(&it.client));
            lines.insert(format!("{about}, {}", day(it.created)));
        }
        for ask in self.asks.all()? {
            let about = format!("request {} of {}", number(ask.id), client(&ask.client));
            let state = ask.end().map_or("open", |end| &end.outcome);
            lines.insert(format!("{about}, {}: {state}", day(ask.created)));
        }
        Ok(())
    }
}

fn of_entry(path: &str, entry: &Entry) -> Vec<String> {
    let place = if entry.is_removed() { "trash" } else { "entry" };
    let about = format!("{place} {path}");
    let custom = entry.visible_fields().map(|(name, _)| {
        let stamps = entry.fields.get(name).map(|cell| cell.stamps().collect());
        (name, stamps.unwrap_or_default())
    });
    let fields = EntryValues::writes(entry).into_iter().chain(custom);
    let mut lines: Vec<String> = of_fields(&about, fields).collect();
    let current: HashMap<Uuid, &str> = entry
        .secrets()
        .map(|(_, it)| (it.id, ", current"))
        .collect();
    for version in &entry.versions {
        let is_pending = entry
            .pending()
            .is_some_and(|pending| pending.id == version.id);
        let state = current.get(&version.id).copied();
        let state = state.unwrap_or(if is_pending { ", pending" } else { "" });
        lines.push(format!(
            "{about}: {} version {}, {}{state}",
            version.slot(),
            entry.version_name(version),
            day(version.created),
        ));
    }
    for file in &entry.attachments {
        let counts = entry.attached.get(&file.name).and_then(|cell| cell.value());
        let state = if counts == Some(&file.id) {
            ", current"
        } else {
            ""
        };
        lines.push(format!(
            "{about}: file {}, {}{state}",
            file.name,
            day(file.created)
        ));
    }
    lines.push(about);
    lines
}

fn of_fields<'a>(
    about: &str,
    fields: impl IntoIterator<Item = (&'a str, Vec<Stamp>)>,
) -> impl Iterator<Item = String> {
    fields.into_iter().map(move |(name, stamps)| {
        let writes: Vec<String> = stamps.iter().map(|it| it.counter.to_string()).collect();
        format!("{about}: {name}, write {}", writes.join(" and "))
    })
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use crate::model::entry::changes::Changes;
    use crate::model::testing::{author, empty_vault, path, with_secret};

    #[test]
    fn what_changed_shows_by_name_and_no_value_does() {
        let mut vault = empty_vault();
        let changes = Changes {
            fields: vec![("account".parse().unwrap(), "v4lue-of-a-field".into())],
            ..with_secret("s3cret-of-an-entry")
        };
        vault.add(&path("acme/wp"), changes, &author(0)).unwrap();
        let before = vault.outline().unwrap();
        let changes = Changes {
            fields: vec![("account".parse().unwrap(), "an0ther".into())],
            ..with_secret("an0ther-secret")
        };
        vault.edit(&path("acme/wp"), changes, &author(1)).unwrap();
        let after = vault.outline().unwrap();
        let news: Vec<&String> = after.iter().filter(|it| !before.contains(it)).collect();
        let news: Vec<&str> = news
            .iter()
            .map(|line| line.split(", 2").next().unwrap())
            .collect();
        assert!(
            news.iter()
                .any(|it| it.starts_with("entry acme/wp: account, write ")),
            "{news:?}"
        );
        assert!(
            news.contains(&"entry acme/wp: secret version 2"),
            "{news:?}"
        );
        for text in ["v4lue", "an0ther", "s3cret"] {
            assert!(!after.concat().contains(text), "{after:?}");
        }
    }
}
