//! What a client has permitted: to whom, what, why and until when. Terms stand as they were given;
//! what happened to a consent since is a set of events, from which its state follows.

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::client::Assurance;
use super::record::record;
use crate::model::text::words::words;

record! {
    /// A permission, asked for or given. Field names follow ISO/IEC TS 27560.
    pub struct Consent as "consent" of "vault consent list" {
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
            /// The exact text that was sent to be signed.
            request: Option<String>,
            /// What shows that it was given.
            evidence: Vec<Evidence>,
            /// The files that evidence names.
            files: Vec<Attachment>,
            /// The entries that its patterns covered on its day, where its terms do not list them.
            covered: Vec<CoveredEntry>,
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
            /// What it is: `note`, `document` or `signature`.
            kind: String,
        }
        optional {
            /// A note in words.
            note: Option<String>,
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
    pub struct ConsentEvent {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// What it became: `requested`, `given`, `renewed`, `refused`, `cancelled`,
            /// `withdrawn`, `revoked` or `invalidated`.
            state: String,
        }
        optional {
            /// By whom.
            by: Option<String>,
            /// Why.
            reason: Option<String>,
            /// The entries that an end is limited to; none means the whole of it.
            entries: Vec<Uuid>,
        }
    }
}

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
        /// It turned out to be none.
        Invalidated = "invalidated",
        /// Its time is over.
        Expired = "expired",
    }
}

impl ConsentState {
    /// What an event makes of a consent. An event that this version does not know makes it
    /// invalid: nothing is shared under what may have ended.
    fn of(event: &ConsentEvent) -> Self {
        match event.state.as_str() {
            "renewed" => Self::Given,
            "expired" => Self::Invalidated,
            state => state.parse().unwrap_or(Self::Invalidated),
        }
    }

    fn is_end(self) -> bool {
        !matches!(self, Self::Requested | Self::Given)
    }
}

impl Consent {
    /// Notes who gave it, from when on it holds, and how sure that is.
    pub(crate) fn give(
        &mut self,
        stamp: Stamp,
        by: String,
        from: Timestamp,
        assurance: Assurance,
        method: Option<&str>,
    ) {
        self.granted_by.set(stamp, Some(GrantedBy::with(by)));
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
        if self.expires <= now {
            return ConsentState::Expired;
        }
        if self.was_given() {
            ConsentState::Given
        } else {
            ConsentState::Requested
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

    /// The event that ended it for good before its time: the first one, if there are several.
    pub fn ended(&self) -> Option<&ConsentEvent> {
        let whole = self.ends().filter(|event| event.entries.is_empty());
        whole.min_by_key(|event| (event.time, event.id))
    }

    /// When it ended for one entry alone, if it did.
    pub fn ended_for(&self, entry: Uuid) -> Option<Timestamp> {
        let parts = self.ends().filter(|event| event.entries.contains(&entry));
        parts.map(|event| event.time).min()
    }

    /// The events that each would end it for good, or for some entries.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &ConsentEvent> {
        (self.events.iter()).filter(|event| ConsentState::of(event).is_end())
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

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{Consent, ConsentEvent, ConsentState, Scope};

    const STATES: [&str; 9] = [
        "requested",
        "given",
        "renewed",
        "refused",
        "cancelled",
        "withdrawn",
        "revoked",
        "invalidated",
        "something new",
    ];
    const ENDS: [&str; 6] = [
        "refused",
        "cancelled",
        "withdrawn",
        "revoked",
        "invalidated",
        "something new",
    ];
    const EXPIRES: i64 = 1000;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    fn consent(events: &[(&str, i64)]) -> Consent {
        let scope = Scope::with(vec![], vec![], vec![], false);
        let id = Uuid::from_u128(1);
        let mut consent = Consent::with(
            id,
            id,
            at(0),
            scope,
            vec![],
            vec![],
            at(EXPIRES),
            String::new(),
        );
        consent.events = (10..)
            .zip(events)
            .map(|(id, (state, time))| {
                ConsentEvent::with(Uuid::from_u128(id), at(*time), (*state).to_owned())
            })
            .collect();
        consent
    }

    #[test]
    fn a_consent_is_what_became_of_it() {
        let state = |events: &[(&str, i64)], now| consent(events).state(at(now)).as_str();
        assert_eq!(state(&[("requested", 0)], 5), "requested");
        assert_eq!(state(&[("requested", 0), ("given", 3)], 5), "given");
        assert_eq!(state(&[("requested", 0), ("refused", 3)], 5), "refused");
        assert_eq!(state(&[("given", 3), ("withdrawn", 4)], 5), "withdrawn");
        assert_eq!(state(&[("given", 3), ("revoked", 4)], 2000), "revoked");
        assert_eq!(state(&[("given", 3)], 2000), "expired");
        assert_eq!(state(&[("requested", 3)], 2000), "expired");
        assert_eq!(state(&[], 5), "requested");
    }

    #[test]
    fn it_holds_between_its_start_and_its_end() {
        let mut given = consent(&[("given", 3)]);
        let stamp = crate::model::records::cell::Seen::default()
            .next(crate::model::records::cell::DeviceId::from_random([1; 8]));
        given.not_before.set(stamp, Some(at(100)));
        for (now, live) in [(99, false), (100, true), (999, true), (1000, false)] {
            assert_eq!(given.is_live(at(now)), live, "{now}");
        }
        assert_eq!(given.state(at(5)), ConsentState::Given);
        assert!(!consent(&[("requested", 0)]).is_live(at(5)));
    }

    fn events() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
        let event = (prop::sample::select(&STATES[..]), 0..2000_i64);
        prop::collection::vec(event, 0..8)
    }

    proptest! {
        #[test]
        fn an_end_absorbs_in_whatever_order_events_meet(
            history in events(),
            end in prop::sample::select(&ENDS[..]),
            time in 0..2000_i64,
            at_place in 0..8_usize,
            now in 0..3000_i64,
        ) {
            let mut history = history;
            history.insert(at_place.min(history.len()), (end, time));
            let consent = consent(&history);
            prop_assert!(!consent.is_live(at(now)));
            prop_assert!(consent.state(at(now)).is_end());
            prop_assert!(consent.ended().is_some());
        }

        #[test]
        fn the_order_of_the_record_does_not_matter(history in events(), now in 0..3000_i64, turn in 0..8_usize) {
            let one = consent(&history);
            let mut other = one.clone();
            other.events.reverse();
            let by = turn.min(other.events.len());
            other.events.rotate_left(by);
            prop_assert_eq!(one.state(at(now)), other.state(at(now)));
            prop_assert_eq!(one.is_live(at(now)), other.is_live(at(now)));
        }

        #[test]
        fn only_what_was_given_is_live(history in events(), now in 0..3000_i64) {
            let consent = consent(&history);
            let given = history.iter().any(|(state, _)| ["given", "renewed"].contains(state));
            if consent.is_live(at(now)) {
                prop_assert!(given && now < EXPIRES);
            }
        }
    }
}
