//! The vault: all records of one payload, how to find them, and the changes that commands make.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::records::acceptance::Acceptance;
use super::records::access::Access;
use super::records::ask::OneTimeAsk;
use super::records::breach::Breach;
use super::records::cell::{Cell, DeviceId, Seen};
use super::records::client::Client;
use super::records::consent::Consent;
use super::records::contact::Contact;
use super::records::entry::Entry;
use super::records::event::{Event, EventDraft};
use super::records::hand_over::HandOver;
use super::records::identity::Identity;
use super::records::in_place::{PayloadJson, ReadInPlace, decoded_at_once};
use super::records::incident::Incident;
use super::records::log::Log;
use super::records::me::Me;
use super::records::received::Received;
use super::records::record::{OpaqueValue, record};
use super::records::review::Reviewed;
use super::records::share::Share;
use super::records::stamping::Author;
use super::records::table::Records;
use super::records::way_in::WayIn;
use crate::error::{Error, Result};

/// What the log calls a change of the password's way in.
const PASSWD: &str = "passwd";

/// What the log says of a way in that was kept.
pub(super) const KEPT: &str = "kept";

/// What the log says of a way in by the same password, at another cost.
pub(super) const SAME: &str = "same";

/// What the log says of a new password where others may know the old one.
pub(super) const COMPROMISED: &str = "compromised";

/// Why the password's way in is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessReason {
    /// A new password was chosen.
    Chosen,
    /// As well, and the old one is known to others.
    Compromised,
    /// The same password, at another cost.
    Same,
    /// The one of before goes on, and not the one that came by a merge.
    Kept,
}

/// The payload format that this version reads and writes.
pub const FORMAT: u32 = 1;

decoded_at_once!(
    BTreeMap<String, OpaqueValue>, BTreeMap<Uuid, BTreeSet<Uuid>>, BTreeSet<Uuid>,
    Cell<Access>, Cell<Option<String>>, Client, DeviceId, Identity, Me, Seen, String, Uuid, WayIn,
    u32, u64,
);

record! {
    /// Everything in the payload.
    pub struct Vault in place {
        required {
            /// The payload's format, [`FORMAT`].
            format: u32,
            /// The least format that a writer has to know.
            min_writer: u32,
            /// The vault's id, the same as in the header.
            vault_id: Uuid,
            /// Counts the writes, the same as in the header.
            generation: u64,
            /// The files this one came from, spelt as in the header.
            parents: String,
            /// The device that wrote it.
            device: DeviceId,
            /// What each device is known to have written.
            seen: Seen,
            /// The password's way in.
            access: Cell<Access>,
            /// The vault's own keys.
            identity: Identity,
        }
        always {
            /// What the user has set.
            settings: BTreeMap<String, OpaqueValue>,
            /// Who keeps it.
            me: Me,
            /// Other ways in.
            recipients: Vec<WayIn>,
            /// Whose credentials these are.
            clients: Vec<Client>,
            /// Whom one may share with.
            contacts: Records<Contact>,
            /// The credentials.
            entries: Records<Entry>,
            /// What was permitted.
            consents: Records<Consent>,
            /// What was shared.
            shares: Records<Share>,
            /// What went wrong.
            incidents: Records<Incident>,
            /// What was done.
            log: Log,
        }
        optional {
            /// What others have shared with this vault.
            received: Records<Received>,
            /// What was handed over to clients.
            handed_over: Records<HandOver>,
            /// What people without software were asked for.
            asks: Records<OneTimeAsk>,
            /// What was found in lists of leaked secrets.
            breaches: Records<Breach>,
            /// Findings of the audit that are accepted for a while.
            accepted: Records<Acceptance>,
            /// What was answered when it was looked at whether something is still needed.
            reviews: Records<Reviewed>,
            /// How long the log's events stay, in ISO 8601; for ever where it is not set.
            log_retention: Cell<Option<String>>,
            /// Ids of versions that somebody else knew, or that an incident reached, and that were in use
            /// no longer when their entry was purged.
            changed_before_purge: BTreeSet<Uuid>,
            /// Of versions that are here, the ids of purged ones that had the same bytes and that somebody
            /// else knew, an incident reached or a list of leaked secrets had: who knew those knows these.
            same_as_purged: BTreeMap<Uuid, BTreeSet<Uuid>>,
            /// Ids of purged records. An id that stands here stays gone, in whatever order copies
            /// meet.
            tombstones: BTreeSet<Uuid>,
        }
    }
}

impl Vault {
    /// A new, empty vault, with its first event.
    #[must_use]
    pub fn new(vault_id: Uuid, access: Access, identity: Identity, author: &Author<'_>) -> Self {
        let mut seen = Seen::default();
        let stamp = seen.next(author.device);
        let mut vault = Self::with(
            FORMAT,
            FORMAT,
            vault_id,
            1,
            "-".into(),
            author.device,
            seen,
            Cell::new(stamp, access),
            identity,
        );
        vault.record(author, "init", vec![], |event| event);
        vault
    }

    /// Reads a payload, and keeps it for the records that are not looked at yet.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] for a newer format, [`crate::error::Kind::Integrity`] for
    /// anything that is no payload; never with bytes of it.
    pub fn decode(payload: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        #[derive(Deserialize)]
        struct FormatName {
            format: u32,
        }
        let payload = PayloadJson::new(payload);
        let json = payload.bytes();
        let mut reader = serde_json::Deserializer::from_slice(json);
        let parsed = Self::read_in_place(&mut reader, &payload);
        match parsed.and_then(|vault| reader.end().map(|()| vault)) {
            Ok(vault) if vault.format == FORMAT => Ok(vault),
            _ if str::from_utf8(json).is_err() => {
                Err(Error::integrity("the vault's content is not UTF-8"))
            }
            parsed => {
                // A newer format may not parse as ours; its number always does.
                let format = serde_json::from_slice::<FormatName>(json).map(|f| f.format);
                Err(match (format, parsed) {
                    (Ok(format), _) if format > FORMAT => Error::failed(format!(
                        "the vault has format {format}, this version reads {FORMAT}"
                    ))
                    .hint("upgrade vault"),
                    (_, Err(why)) => Error::integrity(format!(
                        "the vault's content is malformed at line {} column {}",
                        why.line(),
                        why.column()
                    )),
                    (_, Ok(_)) => Error::integrity("the vault's content has format 0"),
                })
            }
        }
    }

    /// Writes the payload into a buffer that is wiped when dropped. `size_hint` is the size to
    /// reserve, in bytes.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] if a record cannot be written as JSON.
    pub fn encode(&self, size_hint: usize) -> Result<Zeroizing<Vec<u8>>> {
        let mut payload = Zeroizing::new(Vec::with_capacity(size_hint));
        self.encode_to(&mut *payload)?;
        Ok(payload)
    }

    /// Writes the payload. Records that did not change are written as the bytes they were.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub(crate) fn encode_to(&self, out: impl Write) -> Result<()> {
        serde_json::to_writer(out, self)
            .map_err(|_| Error::failed("the vault's content cannot be encoded"))
    }

    /// Refuses to change a vault that a newer version has reserved for itself.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`].
    pub fn check_writable(&self) -> Result<()> {
        if self.min_writer > FORMAT {
            return Err(Error::failed(format!(
                "the vault asks for a writer of format {}, this version writes {FORMAT}",
                self.min_writer
            ))
            .hint("reading still works; upgrade vault to change it"));
        }
        Ok(())
    }

    /// Salt and cost of the password's way in.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] if the file holds none.
    pub fn access(&self) -> Result<&Access> {
        self.access
            .get()
            .ok_or_else(|| Error::integrity("the vault's content names no way in"))
    }

    /// Appends an event of this device to the log; `detail` adds codes, numbers and ids to it.
    pub fn record(
        &mut self,
        author: &Author<'_>,
        action: &str,
        subject: Vec<Uuid>,
        detail: impl FnOnce(EventDraft) -> EventDraft,
    ) {
        let event = detail(EventDraft::new(author.now, action, subject));
        self.log.record(author.device, event);
    }

    /// Whether the password's way in is one that a device kept when it took in another, as far as the
    /// log tells: the last change of it was that.
    #[must_use]
    pub fn has_kept_access(&self) -> bool {
        let changes = self.password_changes();
        let kept = changes.map(|(_, event)| (event.time, event.detail.contains_key(KEPT)));
        kept.max().is_some_and(|(_, is_kept)| is_kept)
    }

    /// What the log tells of changes of the password's way in, and on which device each was made.
    pub(super) fn password_changes(&self) -> impl Iterator<Item = (DeviceId, Event)> {
        self.log.chains().iter().flat_map(|chain| {
            let changes = chain.read().flatten();
            let changes = changes.filter(|event| event.action == PASSWD);
            changes.map(|event| (chain.device, event))
        })
    }

    /// Replaces salt, cost and key file of the password's way in.
    pub fn set_access(&mut self, access: Access, why: AccessReason, author: &Author<'_>) {
        self.change_surely(author, PASSWD, |edit| {
            edit.vault.access.set(edit.stamp, access);
            let event = edit.event.note("m", access.kdf.m);
            event.note("t", access.kdf.t).note("p", access.kdf.p);
            event.note("key_file", access.key_file);
            match why {
                AccessReason::Chosen => {}
                AccessReason::Compromised => drop(event.note(COMPROMISED, true)),
                AccessReason::Same => drop(event.note(SAME, true)),
                AccessReason::Kept => drop(event.note(KEPT, true)),
            }
        });
    }
}
