//! Making entries of an export again: under their own ids in a vault that has nothing yet, under
//! new ones elsewhere.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{PortableEntry, PortableVersion, State};
use crate::error::Result;
use crate::model::entry::attachments::check_attachment_size;
use crate::model::entry::changes::Changes;
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::Stamp;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::event::sha256_hex;
use crate::model::records::fields::FieldValues;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::Author;
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, SECRET_BYTES};
use crate::model::text::name::{AttachmentName, EntryPath};
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// The most that a version's number is taken to be; there is room to count on from there.
const LAST_NUMBER: u32 = 1_000_000_000;

/// Where the ids of restored records come from.
pub(crate) struct Ids<'a> {
    author: &'a Author<'a>,
    /// The ids that must not be used, where records keep theirs; else none keeps it.
    taken: Option<HashSet<Uuid>>,
}

impl<'a> Ids<'a> {
    /// Records keep their ids in a vault that has none yet.
    pub(crate) fn for_vault(vault: &Vault, author: &'a Author<'a>) -> Self {
        let taken = (vault.tombstones.iter().copied())
            .chain(vault.recipients.iter().map(|way| way.id))
            .chain(vault.identity.retired.iter().map(|keys| keys.id));
        Self {
            author,
            taken: vault.has_no_records().then(|| taken.collect()),
        }
    }

    /// Whether records keep their ids.
    pub(crate) fn are_kept(&self) -> bool {
        self.taken.is_some()
    }

    /// The id of the record that had the id `wanted`.
    pub(crate) fn take(&mut self, wanted: Uuid) -> Uuid {
        let taken = self.taken.as_mut();
        if taken.is_some_and(|taken| taken.insert(wanted)) {
            wanted
        } else {
            (self.author.new_id)()
        }
    }

    /// A time in the past: none that is still to come.
    pub(crate) fn past(&self, time: Timestamp) -> Timestamp {
        time.min(self.author.now)
    }
}

impl Vault {
    /// Whether it has nothing yet: what this program exported becomes there what it was.
    pub fn has_no_records(&self) -> bool {
        self.entries.is_empty()
            && self.clients.is_empty()
            && self.contacts.is_empty()
            && self.consents.is_empty()
            && self.shares.is_empty()
            && self.received.is_empty()
            && self.handed_over.is_empty()
            && self.asks.is_empty()
    }
}

/// A name and a file.
pub(crate) type NamedFile = (AttachmentName, Zeroizing<Vec<u8>>);

impl PortableEntry {
    /// Where it belongs.
    pub(crate) fn place(&self) -> Result<EntryPath, String> {
        self.path.parse()
    }

    /// What is in use of it, held against the rules of names and the limits as all the rest is.
    pub(crate) fn check(&self) -> Result<Changes, String> {
        self.place()?;
        let said = |why: crate::error::Error| why.message().to_owned();
        for (slot, versions) in &self.secrets {
            slot_of(slot)?;
            check_versions(slot, versions)?;
        }
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| Ok((name.parse()?, value.clone())));
        let secrets = self.current().map(|(slot, version)| {
            Ok::<_, String>((slot_of(slot)?, version.value.secret().clone()))
        });
        let changes = Changes {
            values: self.values.clone(),
            fields: fields.collect::<Result<_, String>>()?,
            secrets: secrets.collect::<Result<_, _>>()?,
            unset: Vec::new(),
            ..Changes::default()
        };
        changes.check().map_err(said)?;
        let hidden = self.current().filter(|(slot, _)| *slot != SECRET).count();
        if let Some((name, _)) = (self.current()).find(|(name, _)| self.fields.contains_key(*name))
        {
            return Err(format!("its field {name} is both shown and hidden"));
        }
        if self.fields.len() + hidden > FIELDS_PER_ENTRY {
            return Err(format!(
                "it has more than {FIELDS_PER_ENTRY} fields, the limit"
            ));
        }
        self.check_files()?;
        Ok(changes)
    }

    fn check_files(&self) -> Result<(), String> {
        let mut current = HashSet::new();
        for file in &self.attachments {
            let name: AttachmentName = file.name.parse()?;
            let bytes = file
                .bytes()
                .ok_or(format!("attachment {name} is not base64"))?;
            check_attachment_size(bytes.len())
                .map_err(|why| format!("attachment {name}: {why}"))?;
            if sha256_hex(&bytes) != file.sha256 {
                return Err(format!(
                    "attachment {name} has not the SHA-256 that it says"
                ));
            }
            if file.current && !current.insert(file.name.as_str()) {
                return Err(format!("two files are attached as {name}"));
            }
        }
        Ok(())
    }

    /// The files that are attached.
    pub(crate) fn attached(&self) -> Vec<NamedFile> {
        let current = self.attachments.iter().filter(|file| file.current);
        current
            .filter_map(|file| Some((file.name.parse().ok()?, file.bytes()?)))
            .collect()
    }

    /// The size of all files that were and are attached.
    pub(crate) fn files_size(&self) -> u64 {
        let size = |text: &str| (text.len() / 4 * 3) as u64;
        let files = self.attachments.iter();
        files.map(|file| size(file.content.secret().expose())).sum()
    }

    /// The entry, all of it written under one stamp. What [`Self::check`] refuses is left out.
    pub(crate) fn restore(
        self,
        client: Uuid,
        name: &str,
        stamp: Stamp,
        ids: &mut Ids<'_>,
    ) -> Entry {
        let mut entry = Entry::with(ids.take(self.id), ids.past(self.created));
        entry.updated = self.updated.map(|time| ids.past(time));
        entry.client.set(stamp, client);
        entry.name.set(stamp, name.to_owned());
        self.values.stored().write_to(&mut entry, stamp);
        if self.removed.is_some() {
            entry
                .removed
                .set(stamp, self.removed.map(|time| ids.past(time)));
        }
        for (name, value) in self.fields {
            entry
                .fields
                .entry(name)
                .or_default()
                .set(stamp, Some(value));
        }
        for (slot, versions) in self.secrets {
            for version in versions {
                version.restore(&slot, &mut entry, stamp, ids);
            }
        }
        for file in self.attachments {
            let (Ok(name), Some(bytes)) = (file.name.parse::<AttachmentName>(), file.bytes())
            else {
                continue;
            };
            let stored = Attachment::new(ids.take(file.id), &name, &bytes, ids.past(file.created));
            if file.current {
                entry.attach(stored, stamp);
            } else {
                entry.attachments.push(stored);
            }
        }
        entry
    }
}

impl PortableVersion {
    fn restore(self, slot: &str, entry: &mut Entry, stamp: Stamp, ids: &mut Ids<'_>) {
        let id = ids.take(self.id);
        let created = ids.past(self.created);
        let secret = self.value.secret().clone();
        let mut version = Version::with(id, self.number, created, self.reason, secret.into());
        version.slot = (slot != SECRET).then(|| slot.to_owned());
        let (promoted, aborted) = (self.promoted, self.aborted);
        let past = |time: Option<Timestamp>| time.map(|time| ids.past(time));
        version.promoted.set_if_some(stamp, past(promoted));
        version.aborted.set_if_some(stamp, past(aborted));
        entry.versions.push(version);
        match self.state {
            State::Current => {
                let current = entry.current.entry(slot.to_owned()).or_default();
                current.set(stamp, Some(id));
            }
            State::Pending => entry.pending.set(stamp, Some(id)),
            State::Former => {}
        }
    }
}

fn slot_of(name: &str) -> Result<Slot, String> {
    Ok(match name {
        SECRET => Slot::Secret,
        TOTP => Slot::Totp,
        field => Slot::Field(field.parse()?),
    })
}

fn check_versions(slot: &str, versions: &[PortableVersion]) -> Result<(), String> {
    let count = |state| versions.iter().filter(|v| v.state == state).count();
    let pending = count(State::Pending);
    if count(State::Current) > 1 || pending > 1 || (pending > 0 && slot != SECRET) {
        return Err(format!("more than one value of its {slot} is in use"));
    }
    for version in versions {
        if !(1..=LAST_NUMBER).contains(&version.number) {
            return Err(format!("a version of its {slot} has no proper number"));
        }
        let secret = (slot, version.value.secret().expose(), SECRET_BYTES);
        let reason = ("reason", version.reason.as_str(), FIELD_BYTES);
        let texts = [secret, reason].into_iter();
        for (name, text, limit) in texts.filter(|(name, text, _)| *name == slot || !text.is_empty())
        {
            check_text(name, text, limit).map_err(|why| why.message().to_owned())?;
        }
    }
    Ok(())
}
