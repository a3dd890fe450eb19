//! What somebody shares with this vault, on its way in: it gets names that are free, and stays
//! bound to the terms that it came with.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::change::Edit;
use crate::model::entry::attachments::check_attachment_size;
use crate::model::entry::changes::Changes;
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::Entry;
use crate::model::records::received::{EndedEntry, FileRead, Received};
use crate::model::records::stamping::{Author, Write, write};
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, SHARE_ITEMS};
use crate::model::text::name::{AttachmentName, ClientSlug, EntryPath, look};
use crate::model::text::numbering::Numbers;
use crate::model::text::path_of::path_of;
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::{check_count, check_text};
use crate::model::vault::Vault;

/// A share, checked and not stored yet.
#[derive(Debug)]
pub struct Incoming {
    /// The share's id.
    pub share: Uuid,
    /// The key that it was signed with, in OpenSSH form.
    pub signer: String,
    /// The contact whose key that is, where there is one.
    pub contact: Option<Uuid>,
    /// When its sender made it.
    pub made: Timestamp,
    /// What for.
    pub purpose: String,
    /// SHA-256 of the document's body, lower-case hex.
    pub payload_sha256: String,
    /// What the share says of itself without a secret, a text in JSON.
    pub manifest: String,
    /// The language of what people read of it.
    pub lang: String,
    /// The terms that it is lent under; none where it is handed over, and this vault's own.
    pub loan: Option<IncomingLoan>,
    /// Whose credentials these are to be here.
    pub client: ClientSlug,
    /// Whether they are to be under that client and nowhere else.
    pub is_placed: bool,
    /// The name that people use for the client.
    pub client_name: Option<String>,
    /// The credentials.
    pub items: Vec<IncomingItem>,
    /// The shares in whose place it comes, the last first.
    pub supersedes: Vec<Uuid>,
    /// The file that it is read from; none for what comes through a pipe.
    pub file: Option<IncomingFile>,
}

/// The file that a share is read from.
#[derive(Clone, Debug)]
pub struct IncomingFile {
    /// Its path.
    pub path: String,
    /// SHA-256 of it, lower-case hex.
    pub sha256: String,
}

/// The terms that a share is lent under.
#[derive(Debug)]
pub struct IncomingLoan {
    /// The end.
    pub expires: Timestamp,
    /// What this vault is bound to.
    pub obligations: Vec<String>,
    /// The client's own rules.
    pub rules: Option<String>,
    /// The record of the client's consent, JSON.
    pub consent: String,
}

/// A credential that comes with a share.
#[derive(Debug)]
pub struct IncomingItem {
    /// Its id in the sender's vault.
    pub entry: Uuid,
    /// Where it is to be, if that is free.
    pub path: EntryPath,
    /// What is in it.
    pub changes: Changes,
    /// Its files.
    pub files: Vec<(AttachmentName, Zeroizing<Vec<u8>>)>,
}

/// What was stored of a share.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredShare {
    /// Where each credential is now, in the share's order.
    pub paths: Vec<EntryPath>,
    /// Those that were here and are updated.
    pub updated: Vec<EntryPath>,
    /// Those that were in the trash, and are restored and updated.
    pub restored: Vec<EntryPath>,
    /// Those that an earlier share brought in whose place this one comes, and that it brings no
    /// more: they are over.
    pub ended: Vec<EndedBefore>,
    /// Whether the client is new.
    pub client_is_new: bool,
}

/// What came with an earlier share and is over, since the one in its place brings it no more.
#[derive(Debug, PartialEq, Eq)]
pub struct EndedBefore {
    /// Its path.
    pub path: String,
    /// The share that it came with.
    pub share: Uuid,
}

impl Incoming {
    /// Whether what was lent before is of the same sender: of the same contact, or by the same key.
    pub(super) fn is_of_sender(&self, before: &Received) -> bool {
        before.is_of(self.contact, &self.signer)
    }

    /// Holds everything against the limits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming what is past one.
    pub fn check(&self) -> Result<()> {
        let loan = self.loan.as_ref();
        let obligations = loan.map_or(&[][..], |loan| &loan.obligations);
        let texts = (std::iter::once(("purpose", &self.purpose)))
            .chain(obligations.iter().map(|text| ("obligation", text)))
            .chain(
                loan.and_then(|loan| loan.rules.as_ref())
                    .map(|text| ("rules", text)),
            )
            .chain(self.client_name.iter().map(|text| ("client", text)));
        for (name, text) in texts {
            check_text(name, text, FIELD_BYTES)?;
        }
        check_count(obligations.len(), "obligations", FIELDS_PER_ENTRY)?;
        check_count(self.items.len(), "credentials in a share", SHARE_ITEMS)?;
        if self.items.is_empty() {
            return Err(Error::usage("the share is empty"));
        }
        let mut paths = HashSet::new();
        for item in &self.items {
            item.changes.check()?;
            if !paths.insert(item.path.to_string()) {
                return Err(Error::usage(format!("{} is there twice", item.path)));
            }
            let mut names = HashSet::new();
            for (name, bytes) in &item.files {
                check_attachment_size(bytes.len())?;
                if !names.insert(name.as_str()) {
                    return Err(Error::usage(format!("attachment {name} is there twice")));
                }
            }
        }
        Ok(())
    }
}

impl Vault {
    /// Refuses a share that could not be stored: one that was received before, a client that looks
    /// like another, or more than fits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`], [`crate::error::Kind::Conflict`] or
    /// [`crate::error::Kind::Usage`].
    pub fn check_receivable(&self, incoming: &Incoming) -> Result<()> {
        self.check_not_received(incoming.share)?;
        if let Some((name, since)) = self.lost_key(&incoming.signer)? {
            return Err(Error::refused(format!(
                "it is signed by a key that {name} has lost on {since}"
            ))
            .hint("somebody else may have made it: ask the sender by phone"));
        }
        self.check_no_older(incoming)?;
        let known = self.known_items(incoming)?;
        self.check_placed(incoming, &known)?;
        if known.contains(&None) {
            match self.client(incoming.client.as_str()) {
                Some(client) => client.check_open()?,
                None => (self.check_client_free(&incoming.client))
                    .map_err(|why| why.hint("choose the client that it is for: --into CLIENT"))?,
            }
        }
        self.check_room_for_entries(incoming.items.len())?;
        let files = incoming.items.iter().flat_map(|item| &item.files);
        match files.map(|(_, bytes)| bytes.len()).sum() {
            0 => Ok(()),
            new => self.check_room_for_bytes(new),
        }
    }

    /// The entry here that each item updates; none where it makes a new one, as what is handed
    /// over always does.
    fn known_items(&self, incoming: &Incoming) -> Result<Vec<Option<Uuid>>> {
        let known = incoming.items.iter().map(|item| {
            let known = match incoming.loan {
                Some(_) => self.lent_before(incoming, item.entry)?,
                None => None,
            };
            Ok(known.map(|entry| entry.id))
        });
        known.collect()
    }

    /// Refuses to keep under one client what would be updated under another.
    fn check_placed(&self, incoming: &Incoming, known: &[Option<Uuid>]) -> Result<()> {
        let wanted = self.client(incoming.client.as_str());
        for id in known.iter().flatten().filter(|_| incoming.is_placed) {
            let entry = self.entries.by_id(*id)?;
            let client = entry.client.get().copied();
            if client.is_none() || client != wanted.map(|client| client.id) {
                let path = path_of(&self.slugs(), client, entry.name());
                let (word, restore) = (
                    as_word(&path),
                    format!("vault trash restore {}", as_word(&path)),
                );
                let first = if entry.is_removed() {
                    &format!("{restore}, then ")
                } else {
                    ""
                };
                return Err(Error::conflict(format!(
                    "{path} is here from an earlier share, and is updated where it is, not under {}",
                    incoming.client
                ))
                .hint(format!(
                    "leave --into out; or move it first: {first}vault mv {word} {:#}/",
                    incoming.client
                )));
            }
        }
        Ok(())
    }

    /// Stores a share with its terms, its client too if that is new. What an earlier share of the
    /// same sender brought is updated where it is; else a name that is taken, or looks like one,
    /// gets a number behind it.
    pub(crate) fn receive(
        &mut self,
        incoming: Incoming,
        author: &Author<'_>,
    ) -> Result<StoredShare> {
        incoming.check()?;
        self.check_receivable(&incoming)?;
        self.change(author, "receive", |edit| edit.receive(incoming))
    }
}

impl Edit<'_> {
    fn receive(&mut self, incoming: Incoming) -> Result<StoredShare> {
        let (stamp, author) = (self.stamp, self.author);
        let known = self.vault.known_items(&incoming)?;
        let replaced = self.vault.replaced_by(&incoming)?;
        let loan = incoming.loan;
        // A client is made for what is new alone.
        let placed = (known.contains(&None)).then(|| self.client_for(&incoming.client));
        let client_is_new = placed.is_some_and(|(_, is_new)| is_new);
        if let Some((client, true)) = placed
            && let Some(new) = self.vault.client_mut(client)
        {
            let rules = loan.as_ref().and_then(|loan| loan.rules.clone());
            new.name.set_if_some(stamp, incoming.client_name);
            new.rules.set_if_some(stamp, rules);
        }
        let restored = self.bring_back(&known)?;
        let mut names = TakenNames::of(self.vault, &incoming.client)?;
        let mut record = Received::with(
            incoming.share,
            incoming.signer,
            author.now,
            incoming.purpose,
            incoming.payload_sha256,
            incoming.manifest,
        );
        let (mut paths, mut updated) = (Vec::new(), Vec::new());
        for (item, known) in incoming.items.into_iter().zip(known) {
            record.origins.push(item.entry);
            if let Some(id) = known {
                let path = self.update_lent(id, item)?;
                if !restored.contains(&path) {
                    updated.push(path.clone());
                }
                paths.push(path);
                record.entries.push(id);
                continue;
            }
            let path = names.free(&item.path)?;
            let mut entry = Entry::with((author.new_id)(), author.now);
            if let Some((client, _)) = placed {
                entry.client.set(stamp, client);
            }
            entry.name.set(stamp, path.name().to_owned());
            entry.received = loan.as_ref().map(|_| record.id);
            entry.take_lent(item, &write(stamp, author, "receive"))?;
            record.entries.push(entry.id);
            self.vault.entries.add(entry);
            paths.push(path);
        }
        record.made = Some(incoming.made);
        record.contact = incoming.contact;
        record.file = (incoming.file).map(|it| FileRead::with(it.path, it.sha256, author.device));
        record.generation = Some(self.vault.generation);
        if let Some(loan) = loan {
            record.expires = Some(loan.expires);
            record.obligations = loan.obligations;
            record.rules = loan.rules;
            record.consent = Some(loan.consent);
        }
        self.event.about(record.id);
        self.event.subject.extend(&record.entries);
        if let Some(contact) = incoming.contact {
            self.event.note("contact", contact.to_string());
        }
        let ended = self.end_left_out(&replaced, &record)?;
        self.vault.received.add(record);
        Ok(StoredShare {
            paths,
            updated,
            restored,
            ended,
            client_is_new,
        })
    }
}

impl Edit<'_> {
    /// Ends what was held under the shares in whose place one comes that does not bring it.
    fn end_left_out(
        &mut self,
        replaced: &[(Uuid, Uuid)],
        by: &Received,
    ) -> Result<Vec<EndedBefore>> {
        let mut gone = Vec::new();
        for (share, entry) in replaced {
            if by.entries.contains(entry) {
                continue;
            }
            let mut ended = EndedEntry::with(*entry, by.made.unwrap_or(by.received));
            ended.left_out_of = Some(by.id);
            self.vault.received.by_id_mut(*share)?.end_for(ended);
            self.event.subject.extend([share, entry]);
            let named = self
                .vault
                .entries_by_path(|it| it.id == *entry)?
                .into_iter();
            gone.extend(named.map(|(path, _)| EndedBefore {
                path,
                share: *share,
            }));
        }
        Ok(gone)
    }

    /// Updates what an earlier share brought, and gives its path.
    fn update_lent(&mut self, id: Uuid, item: IncomingItem) -> Result<EntryPath> {
        let (stamp, author) = (self.stamp, self.author);
        let entry = self.vault.entries.by_id_mut(id)?;
        entry.take_lent(item, &write(stamp, author, "receive"))?;
        let (client, name) = (entry.client.get().copied(), entry.name().to_owned());
        let path = path_of(&self.vault.slugs(), client, &name);
        path.parse().map_err(Error::integrity)
    }
}

impl Entry {
    /// Takes what came with a share; what is the same already makes no new version.
    fn take_lent(&mut self, item: IncomingItem, write: &Write<'_>) -> Result<()> {
        let mut changes = item.changes;
        changes.secrets.retain(|(slot, secret)| {
            let current = self.current(slot.as_str());
            current.is_none_or(|it| !slot.is_same(it.secret(), secret))
        });
        self.apply(changes, write)?;
        for (name, bytes) in &item.files {
            let file = Attachment::new(write.new_id(), name, bytes, write.now);
            let current = self.attachment(name.as_str());
            if current.is_none_or(|it| it.sha256 != file.sha256) {
                self.attach(file, write.stamp);
            }
        }
        Ok(())
    }
}

/// The looks of the names that a client's entries have.
#[derive(Default)]
pub(super) struct TakenNames {
    looks: HashSet<String>,
    numbers: Numbers,
}

impl TakenNames {
    pub(super) fn of(vault: &Vault, slug: &ClientSlug) -> Result<Self> {
        let client = vault.client(slug.as_str());
        let names = client.map_or_else(|| Ok(Vec::new()), |it| vault.live_names(it.id))?;
        Ok(Self {
            looks: names.iter().map(|name| look(name)).collect(),
            ..Self::default()
        })
    }

    /// `path`, or the first of `path-2`, `path-3`… that no other could be taken for.
    pub(super) fn free(&mut self, path: &EntryPath) -> Result<EntryPath> {
        let looks = &mut self.looks;
        let takes = |name: &str| looks.insert(look(name));
        let name = self.numbers.first(path.name(), takes);
        format!("{}/{name}", path.client())
            .parse()
            .map_err(Error::conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::{EntryPath, TakenNames};

    #[test]
    fn a_name_that_is_taken_or_looks_like_one_gets_a_number() {
        let mut names = TakenNames::default();
        let mut free = |path: &str| {
            let path: EntryPath = path.parse().unwrap();
            names.free(&path).unwrap().to_string()
        };
        assert_eq!(free("acme/a/wp"), "acme/a/wp");
        assert_eq!(free("acme/a/wp"), "acme/a/wp-2");
        assert_eq!(free("acme/a/WP"), "acme/a/WP-3");
        assert_eq!(free("acme/wp"), "acme/wp");
        let long = format!("acme/{}", "x".repeat(64));
        assert_eq!(free(&long), long);
        assert_eq!(
            free(&long),
            format!("acme/{}-2", "x".repeat(62)),
            "it is cut"
        );
    }
}
