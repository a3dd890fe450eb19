//! What a client has permitted: to whom, what, why and until when. Terms stand as they were given;
//! what happened to a consent since is a set of events, from which its state follows.

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::client::Assurance;
use super::event::sha256_hex;
use super::merging::{list_of_both, list_written_once};
use super::record::record;
use crate::model::text::text_file::forms_in_mail;
use crate::model::text::words::words;

record! {
    /// A permission, asked for or given. Field names follow ISO/IEC TS 27560.
    pub struct Consent as "consent" of "vault consent list" by created {
        required {
            /// The record's id; where it was asked for, the request's.
            id: Uuid,
            /// The client whose credentials it is about.
            client: Uuid,
            /// When the record was made.
            created: Timestamp,
            /// What it covers.
            scope: Scope,
            /// Who may be given it.
            recipients: Vec<PermittedRecipient>,
            /// What for.
            purposes: Vec<String>,
            /// The end of it.
            expires: Timestamp,
            /// The same as they were printed, see
            /// [`crate::model::consent::agreed_terms::AgreedTerms`]: JSON as one text, of which the
            /// request states the hash.
            terms: String,
        }
        optional {
            /// The legal basis: `art28-specific`, `contract`, `art6-consent` or `other`.
            basis: Option<String>,
            /// Who gave it.
            granted_by: Cell<Option<GrantedBy>>,
            /// From when on it holds.
            not_before: Cell<Option<Timestamp>>,
            /// What happens at its end.
            termination: Option<String>,
            /// How it can be withdrawn.
            withdrawal_method: Option<String>,
            /// How it was obtained: `contract`, `email`, `letter`, `signature`…
            collection_method: Cell<Option<String>>,
            /// How sure it is, see [`super::client::Assurance`].
            assurance: Cell<Option<String>>,
            /// When it ends unless the client confirms in writing what was only said.
            provisional_until: Cell<Option<Timestamp>>,
            /// When it ends by the client's will, where that is before the end that was asked for;
            /// read by [`Consent::permitted_until`].
            until: Cell<Option<Timestamp>>,
            /// The exact text that was sent to be answered.
            request: Option<String>,
            /// What shows that it was given, refused or withdrawn.
            evidence: Vec<Evidence>,
            /// The files that evidence names.
            files: Vec<Attachment>,
            /// The entries that its patterns covered on its day, where its terms do not list them.
            covered: Vec<CoveredEntry>,
            /// What was written to the client to confirm it.
            confirmations: Vec<Attachment>,
            /// The consent that it takes the place of.
            supersedes: Option<Uuid>,
            /// What happened to it.
            events: Vec<ConsentEvent>,
        }
    }
}

record! {
    /// A contact who may be given what a consent covers, with the keys of that day: a permission
    /// is for keys, not for whoever is called so later.
    pub struct PermittedRecipient {
        required {
            /// The contact.
            contact: Uuid,
            /// The keys that shares may be encrypted to; with none, only a passphrase.
            keys: Vec<String>,
        }
        optional {}
    }
}

record! {
    /// An entry that a pattern covered, as it was on that day.
    pub struct CoveredEntry {
        required {
            /// The entry.
            entry: Uuid,
            /// Its path.
            path: String,
        }
        optional {
            /// Where one logged in, without what could be secret in an address.
            urls: Vec<String>,
            /// Whom one logged in as.
            username: Option<String>,
        }
    }
}

record! {
    /// What a consent covers, within one client.
    pub struct Scope {
        required {
            /// Entries, by id.
            entries: Vec<Uuid>,
            /// Patterns of paths, such as `acme/*`; they cover future entries too.
            patterns: Vec<String>,
            /// The fields it is limited to; none means the secret, the username and the URLs.
            fields: Vec<String>,
            /// Whether whoever gets it may pass it on.
            onward_sharing: bool,
        }
        optional {
            /// What may be done with it.
            actions: Vec<String>,
        }
    }
}

record! {
    /// Who gave a consent.
    #[derive(PartialEq)]
    pub struct GrantedBy {
        required {
            /// The person's name.
            name: String,
        }
        optional {
            /// Their mail address.
            email: Option<String>,
            /// As what they gave it.
            capacity: Option<String>,
        }
    }
}

record! {
    /// What shows that a consent was given.
    pub struct Evidence {
        required {
            /// What it is: `note`, `document`, `mail` or `signature`.
            kind: String,
        }
        optional {
            /// The address that a mail is from.
            from: Option<String>,
            /// The day of a document, or when a mail says that it was sent.
            date: Option<Timestamp>,
            /// What the server that received a mail last is said to have found of its sender.
            reported: Option<String>,
            /// A note in words; of a mail, how it was made sure whose it is.
            note: Option<String>,
            /// As what somebody has read a mail that was not plain, and why it was not.
            read_as: Option<String>,
            /// SHA-256 of what was kept or signed, lower-case hex.
            sha256: Option<String>,
            /// The kind of file.
            media_type: Option<String>,
            /// The file, one of [`Consent::files`].
            attachment: Option<Uuid>,
            /// An armoured SSHSIG over the request's exact bytes.
            signature: Option<String>,
            /// The public key that signature was checked against, in OpenSSH form.
            key: Option<String>,
            /// How it was made sure, before, that the key is the client's.
            verified_via: Option<String>,
        }
    }
}

record! {
    /// Something that happened to a consent.
    pub struct ConsentEvent by time {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// What it became: `requested`, `given`, `renewed`, `shortened`, `refused`, `cancelled`,
            /// `withdrawn`, `revoked`, `superseded`, `ended` or `invalidated`.
            state: String,
        }
        optional {
            /// By whom.
            by: Option<String>,
            /// How they said that it ends sooner: `email`, `letter` or `phone`.
            method: Option<String>,
            /// Why.
            reason: Option<String>,
            /// The entries that an end is limited to; none means all of them.
            entries: Vec<Uuid>,
            /// The contacts that an end is limited to; none means all of them.
            contacts: Vec<Uuid>,
        }
    }
}

/// The event by which a consent that was given ends sooner.
pub(crate) const SHORTENED: &str = "shortened";

words! {
    /// What a consent is at some time. All but the first two are ends.
    pub enum ConsentState {
        /// It was asked for.
        Requested = "requested",
        /// It was given; whether it has begun is another question, see [`Consent::is_live`].
        Given = "given",
        /// The client said no.
        Refused = "refused",
        /// The request was taken back before it was answered.
        Cancelled = "cancelled",
        /// The client took it back.
        Withdrawn = "withdrawn",
        /// It was ended by whoever keeps the vault.
        Revoked = "revoked",
        /// Another took its place, which was asked for as its renewal.
        Superseded = "superseded",
        /// Whoever it was for has left or lost the keys that it was for, or nothing of it is left.
        Ended = "ended",
        /// It turned out to be none.
        Invalidated = "invalidated",
        /// It was asked for, and nobody answered before its time was over.
        Lapsed = "lapsed",
        /// It was given, and its time is over.
        Expired = "expired",
    }
}

// What shows the same on both devices is one.
list_of_both!(Evidence);
list_written_once!(PermittedRecipient, CoveredEntry);

impl ConsentState {
    /// What an event makes of a consent. An event that this version does not know makes it
    /// invalid: nothing is shared under what may have ended.
    fn of(event: &ConsentEvent) -> Self {
        match event.state.as_str() {
            "renewed" | SHORTENED => Self::Given,
            "expired" | "lapsed" => Self::Invalidated,
            state => state.parse().unwrap_or(Self::Invalidated),
        }
    }

    /// Whether it is over.
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Requested | Self::Given)
    }
}

impl ConsentEvent {
    /// Whether it is about all entries and contacts.
    pub(crate) fn is_whole(&self) -> bool {
        self.entries.is_empty() && self.contacts.is_empty()
    }

    /// Whether another consent took its place by it.
    fn is_renewal(&self) -> bool {
        ConsentState::of(self) == ConsentState::Superseded
    }
}

impl Consent {
    /// Notes who gave it, from when on it holds, and how sure that is.
    pub(crate) fn give(
        &mut self,
        stamp: Stamp,
        by: GrantedBy,
        from: Timestamp,
        assurance: Assurance,
        method: Option<&str>,
    ) {
        self.granted_by.set(stamp, Some(by));
        self.not_before.set(stamp, Some(from));
        self.assurance.set(stamp, Some(assurance.to_string()));
        let method = method.map(ToOwned::to_owned);
        self.collection_method.set_if_some(stamp, method);
    }

    /// What it is at `now`, whatever the order in which its events became known.
    pub fn state(&self, now: Timestamp) -> ConsentState {
        if let Some(end) = self.ended() {
            return ConsentState::of(end);
        }
        match (self.was_given(), self.end() <= now) {
            (true, false) => ConsentState::Given,
            (true, true) => ConsentState::Expired,
            (false, false) => ConsentState::Requested,
            (false, true) => ConsentState::Lapsed,
        }
    }

    /// Whether it was given, whatever became of it since.
    pub fn was_given(&self) -> bool {
        let mut events = self.events.iter();
        events.any(|event| ConsentState::of(event) == ConsentState::Given)
    }

    /// Whether it was asked for or given, and is not over.
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.state(now).is_end()
    }

    /// Whether it allows anything at `now`: it was given, has begun and has not ended.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state(now) == ConsentState::Given && self.not_before() <= now
    }

    /// The event that ended it for good before its time: the first one, if there are several, and
    /// a renewal only where it is alone.
    pub fn ended(&self) -> Option<&ConsentEvent> {
        let whole = self.ends().filter(|event| event.is_whole());
        whole.min_by_key(|event| (event.is_renewal(), event.time, event.id))
    }

    /// Whether another consent took its place.
    pub fn is_renewed(&self) -> bool {
        self.renewed().is_some()
    }

    /// When another consent took its place first, if one did.
    pub fn renewed(&self) -> Option<Timestamp> {
        let renewals = self.events.iter().filter(|event| event.is_renewal());
        renewals.map(|event| event.time).min()
    }

    /// As [`Self::ended`], where that is no renewal.
    pub fn ended_unrenewed(&self) -> Option<&ConsentEvent> {
        self.ended().filter(|event| !event.is_renewal())
    }

    /// When it ended for one entry and one contact while it went on for others, if it did.
    pub fn ended_for(&self, entry: Uuid, contact: Uuid) -> Option<Timestamp> {
        let parts = self.ends().filter(|event| !event.is_whole());
        let first = parts
            .filter(|event| event.entries.is_empty() || event.entries.contains(&entry))
            .filter(|event| event.contacts.is_empty() || event.contacts.contains(&contact))
            .map(|event| event.time);
        first.min()
    }

    /// Whether it ended for a contact and all entries while it went on for others.
    pub fn is_over_for(&self, contact: Uuid) -> bool {
        let mut parts = self.ends().filter(|event| event.entries.is_empty());
        parts.any(|event| event.contacts.contains(&contact))
    }

    /// The contacts for whom something of it has not ended while it went on for others.
    pub fn contacts_left(&self) -> Vec<Uuid> {
        let mut contacts = self.contacts();
        contacts.retain(|contact| {
            let mut entries = self.scope.entries.iter();
            let has_pattern = !self.scope.patterns.is_empty();
            let has_entry = entries.any(|entry| self.ended_for(*entry, *contact).is_none());
            !self.is_over_for(*contact) && (has_pattern || has_entry)
        });
        contacts
    }

    /// Whether it ended for an entry, for each of its contacts.
    pub fn is_over_for_entry(&self, entry: Uuid) -> bool {
        let mut contacts = self.contacts().into_iter();
        contacts.all(|contact| self.ended_for(entry, contact).is_some())
    }

    /// The events that each would end it for good, or for some entries and contacts.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &ConsentEvent> {
        (self.events.iter()).filter(|event| ConsentState::of(event).is_end())
    }

    /// The events that ended it, or a part of it, although a renewal had taken its place: devices
    /// that wrote apart knew of one of the two each.
    pub(crate) fn taken_back_past_renewal(&self) -> impl Iterator<Item = &ConsentEvent> {
        let is_renewed = self.is_renewed();
        self.ends()
            .filter(move |event| is_renewed && !event.is_renewal())
    }

    /// What became of it by a file that shows something: that was noted when the file was.
    pub fn event_shown_by(&self, evidence: &Evidence) -> Option<&ConsentEvent> {
        let mut files = self.files.iter();
        let file = files.find(|file| Some(file.id) == evidence.attachment)?;
        let events = self.events.iter().filter(|event| {
            event.time == file.created && ConsentState::of(event) != ConsentState::Requested
        });
        let mut all: Vec<&ConsentEvent> = events.collect();
        all.dedup_by(|later, first| later.state == first.state);
        // Of a yes and a no within a second, nobody can tell.
        all.pop().filter(|_| all.is_empty())
    }

    /// The text of the request as it was signed: a mail may have put other line ends in before.
    pub fn signed_text(&self, evidence: &Evidence) -> Option<String> {
        let sha256 = evidence.sha256.as_deref()?;
        let mut forms = forms_in_mail(self.request.as_deref()?);
        let signed = forms.find(|text| sha256_hex(text.as_bytes()) == sha256)?;
        Some(signed.into_owned())
    }

    /// When it begins to hold.
    pub fn not_before(&self) -> Timestamp {
        self.not_before.value().copied().unwrap_or(self.created)
    }

    /// How sure it is; none for what was only asked for.
    pub fn assurance(&self) -> Option<Assurance> {
        self.assurance.value()?.parse().ok()
    }

    /// What for, in one text.
    pub fn purpose(&self) -> String {
        self.purposes.join("; ")
    }

    /// Whether a contact is one of those who may be given what it covers.
    pub fn is_for(&self, contact: Uuid) -> bool {
        self.recipient(contact).is_some()
    }

    /// A contact as one of those who may be given what it covers.
    pub fn recipient(&self, contact: Uuid) -> Option<&PermittedRecipient> {
        self.recipients.iter().find(|one| one.contact == contact)
    }

    /// The contacts who may be given what it covers.
    pub fn contacts(&self) -> Vec<Uuid> {
        self.recipients.iter().map(|one| one.contact).collect()
    }
}

mod ends;
#[cfg(test)]
mod tests;
