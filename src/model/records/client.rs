//! Whose credentials they are, and how the client wants them handled.

mod closed;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::attachment::{Attachment, agreement_of};
use super::cell::{Cell, Stamp};
use super::closing::ClosingStep;
use super::person::Person;
use super::record::record;
use crate::model::text::name::ClientSlug;
use crate::model::text::words::words;

record! {
    /// A client.
    pub struct Client by created {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// The short name that paths start with.
            slug: Cell<String>,
            /// The full name.
            name: Cell<Option<String>>,
            /// How to reach them.
            contacts: Cell<Vec<Reach>>,
            /// The people who speak for them.
            persons: Cell<Vec<Person>>,
            /// What they are in law, see [`ClientRole`].
            role: Cell<Option<String>>,
            /// The language of papers for them, see [`crate::model::text::lang::Lang`].
            lang: Cell<Option<String>>,
            /// How to reach them safely.
            channel: Cell<Option<String>>,
            /// The agreement that counts, one of [`Self::agreements`].
            agreement: Cell<Option<Uuid>>,
            /// All agreements that were filed.
            agreements: Vec<Attachment>,
            /// The day of the agreement.
            agreed_on: Cell<Option<Date>>,
            /// The keys that their signatures are checked against.
            keys: Cell<Vec<ClientKey>>,
            /// Their own rules for handling their credentials.
            rules: Cell<Option<String>>,
            /// What whoever gets a share is bound to beside the usual, see
            /// [`crate::model::sharing::duties`].
            duties: Cell<Option<String>>,
            /// The least that a consent of theirs has to be, see [`Assurance`].
            min_assurance: Cell<Option<String>>,
            /// Until when their credentials may be kept.
            retain_until: Cell<Option<Timestamp>>,
            /// When it was removed.
            removed: Cell<Option<Timestamp>>,
            /// What was done to close them, and to open them again.
            closing: Vec<ClosingStep>,
            /// The clients who turned out to be this one: devices that wrote apart had made each.
            also: BTreeSet<Uuid>,
        }
    }
}

/// A way to reach a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// A mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

words! {
    /// What a client is in law.
    pub enum ClientRole {
        /// They decide about personal data; who keeps the vault works for them.
        Controller = "controller",
        /// They work for somebody who decides.
        Processor = "processor",
        /// A person, for themselves.
        Private = "private",
    }
}

/// An OpenSSH public key of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKey {
    /// The type, as in `ssh-ed25519`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The key itself in base64, as OpenSSH writes it.
    pub public: String,
    /// How it was made sure that the key is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_via: Option<String>,
    /// Whether it came in by `import`, and nobody has made sure of it here since: what is said of
    /// it is the file's word, and no signature by it counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// Since when it counts; as long as it is known, if that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when it counted, if it does so no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

impl ClientKey {
    /// A key of type `kind`, in base64.
    #[must_use]
    pub fn new(kind: String, public: String) -> Self {
        Self {
            kind,
            public,
            verified_via: None,
            imported: false,
            from: None,
            to: None,
            extra: BTreeMap::new(),
        }
    }

    /// The key as it came in by `import`, or as it goes out to be.
    #[must_use]
    pub fn with_origin(mut self, imported: bool) -> Self {
        self.imported = imported;
        self
    }

    /// Whether a signature of `time` may be by it.
    #[must_use]
    pub fn counts_at(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Whether it is the same key, that counts since the same time.
    pub(crate) fn is_since_then(&self, other: &Self) -> bool {
        (&self.kind, &self.public, self.from) == (&other.kind, &other.public, other.from)
    }

    /// `TYPE BASE64`, the line that OpenSSH reads.
    #[must_use]
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.kind, self.public)
    }
}

words! {
    /// How sure a consent is.
    #[derive(PartialOrd, Ord)]
    pub enum Assurance {
        /// Somebody says that it was given.
        Attested = "attested",
        /// A document shows it.
        Document = "document",
        /// A signature proves it.
        Signed = "signed",
    }
}

impl Client {
    /// Until when their credentials may be kept: of what devices have written apart, the earliest.
    pub fn retain_until(&self) -> Option<Timestamp> {
        let ends = self.retain_until.values();
        ends.filter_map(|(_, end)| *end).min()
    }

    /// Until when their credentials were to be kept, if that is past.
    pub fn retention_ended(&self, now: Timestamp) -> Option<Timestamp> {
        self.retain_until().filter(|end| *end <= now)
    }

    pub(crate) fn new(id: Uuid, created: Timestamp, stamp: Stamp, slug: &ClientSlug) -> Self {
        let mut client = Self::with(id, created);
        client.slug.set(stamp, slug.as_str().to_owned());
        client
    }

    /// The short name; empty in a damaged record only.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.slug.text()
    }

    /// The full name, or else the short one.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.value().map_or(self.slug(), String::as_str)
    }

    /// The mail addresses.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.reaches().iter().filter_map(|r| r.email.as_deref())
    }

    /// The telephone number.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.reaches().iter().find_map(|r| r.phone.as_deref())
    }

    /// Whether devices have written apart which telephone number it is, or whether there is one.
    pub(crate) fn has_phones_apart(&self) -> bool {
        let phone = |reaches: &Vec<Reach>| reaches.iter().find_map(|r| r.phone.clone());
        let phones: BTreeSet<Option<String>> =
            self.contacts.values().map(|(_, it)| phone(it)).collect();
        phones.len() > 1
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[ClientKey] {
        self.keys.items()
    }

    /// Closes the keys that are closed elsewhere: none of them opens again. Whether there was one.
    pub(crate) fn close_keys<'a>(
        &mut self,
        elsewhere: impl IntoIterator<Item = &'a ClientKey>,
        stamp: Stamp,
    ) -> bool {
        let mut keys = self.keys().to_vec();
        let mut any = false;
        for closed in elsewhere.into_iter().filter(|key| key.to.is_some()) {
            let open = keys.iter_mut().filter(|key| key.to.is_none());
            for key in open.filter(|key| key.is_since_then(closed)) {
                key.to = closed.to;
                any = true;
            }
        }
        if any {
            self.keys.set(stamp, keys);
        }
        any
    }

    /// The keys that were made sure of here and not taken away since.
    pub fn vouched_keys(&self) -> impl Iterator<Item = &ClientKey> {
        let keys = self.keys().iter();
        keys.filter(|key| self.all_have(key, |key| !key.imported && key.to.is_none()))
    }

    /// Whether a key is fit, and each device that has written the keys apart has it as such.
    fn all_have(&self, key: &ClientKey, is_fit: impl Fn(&ClientKey) -> bool) -> bool {
        let line = key.to_openssh();
        let mut all = self.keys.values();
        is_fit(key)
            && all.all(|(_, keys)| {
                let mut same = keys.iter().filter(|it| it.to_openssh() == line);
                same.any(&is_fit)
            })
    }

    /// The key of this line that OpenSSH reads, if it counts at `time`.
    #[must_use]
    pub fn key_valid_at(&self, line: &str, time: Timestamp) -> Option<&ClientKey> {
        let mut keys = self.keys().iter();
        keys.find(|key| key.to_openssh() == line && self.all_have(key, |key| key.counts_at(time)))
    }

    /// The least that a consent of theirs has to be; none for one that this version does not know.
    /// Of what devices have written apart the strictest counts.
    #[must_use]
    pub fn least_assurance(&self) -> Option<Assurance> {
        let least = |value: &Option<String>| match value {
            Some(least) => least.parse().ok(),
            None => Some(Assurance::Document),
        };
        let mut strictest = None;
        for (_, value) in self.min_assurance.values() {
            strictest = strictest.max(Some(least(value)?));
        }
        strictest.or(Some(Assurance::Document))
    }

    /// Who gives permissions for them: those who are marked so, or where nobody is, all who speak
    /// for them.
    #[must_use]
    pub fn who_may_permit(&self) -> Vec<&Person> {
        let marked = self.persons().iter().any(|person| person.may_permit);
        let persons = self.persons().iter();
        persons.filter(|one| one.may_permit || !marked).collect()
    }

    /// Who answers for them from a mail address: those who may give permissions, or where nobody
    /// is marked so, all whose address is known.
    #[must_use]
    pub fn permitting(&self, address: &str) -> Option<&str> {
        let marked = self.persons().iter().any(|person| person.may_permit);
        self.writing_from(address, marked)
    }

    /// Who speaks for them from a mail address, whether they may give permissions or not.
    #[must_use]
    pub fn speaking(&self, address: &str) -> Option<&str> {
        self.writing_from(address, false)
    }

    fn writing_from(&self, address: &str, only_marked: bool) -> Option<&str> {
        let is_theirs = |known: &str| known.eq_ignore_ascii_case(address);
        let mut persons = self.persons().iter();
        let person = persons.find(|one| {
            (one.may_permit || !only_marked) && one.email.as_deref().is_some_and(is_theirs)
        });
        let own = (!only_marked && self.emails().any(is_theirs)).then(|| self.called());
        person.map(|person| person.name.as_str()).or(own)
    }

    /// Whether a mail address is known from which they may permit something.
    #[must_use]
    pub fn can_answer_by_mail(&self) -> bool {
        self.addresses()
            .any(|address| self.permitting(address).is_some())
    }

    /// Whether a mail address is theirs or that of a person who speaks for them.
    #[must_use]
    pub fn has_address(&self, address: &str) -> bool {
        self.addresses().any(|it| it.eq_ignore_ascii_case(address))
    }

    /// Their mail addresses and those of the persons who speak for them.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let persons = self.persons().iter().filter_map(|it| it.email.as_deref());
        persons.chain(self.emails())
    }

    /// Whom a paper for them goes to: those who may give permissions, or where nobody is marked so,
    /// all who speak for them; else their own address, or what they are called here.
    #[must_use]
    pub fn addressees(&self) -> String {
        let persons = self.who_may_permit().into_iter();
        let mut named: Vec<String> = persons.map(ToString::to_string).collect();
        if named.is_empty() {
            named.extend(self.emails().next().map(ToOwned::to_owned));
        }
        if named.is_empty() {
            named.push(self.slug().to_owned());
        }
        named.join(", ")
    }

    /// The people who speak for them.
    #[must_use]
    pub fn persons(&self) -> &[Person] {
        self.persons.items()
    }

    /// The agreement that counts.
    #[must_use]
    pub fn agreement(&self) -> Option<&Attachment> {
        agreement_of(&self.agreement, &self.agreements)
    }

    /// Whether something was agreed, be the paper kept here or its day alone known.
    #[must_use]
    pub fn has_agreed(&self) -> bool {
        self.agreement().is_some() || self.agreed_on.value().is_some()
    }

    /// Whether it was removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.removed.value().is_some()
    }

    fn reaches(&self) -> &[Reach] {
        self.contacts.items()
    }

    /// Replaces the mail addresses; what else is known of an address that stays is kept.
    pub(crate) fn set_emails(&mut self, stamp: Stamp, emails: &[String]) {
        let mut reaches = self.reaches().to_vec();
        for reach in &mut reaches {
            reach.email = reach.email.take().filter(|email| emails.contains(email));
        }
        for email in emails {
            if !reaches.iter().any(|r| r.email.as_ref() == Some(email)) {
                reaches.push(Reach {
                    email: Some(email.clone()),
                    ..Reach::default()
                });
            }
        }
        self.set_reaches(stamp, reaches);
    }

    /// Replaces the telephone number.
    pub(crate) fn set_phone(&mut self, stamp: Stamp, phone: Option<String>) {
        self.contacts.unite(stamp);
        let mut reaches = self.reaches().to_vec();
        for reach in &mut reaches {
            reach.phone = None;
        }
        if phone.is_some() {
            reaches.push(Reach {
                phone,
                ..Reach::default()
            });
        }
        self.set_reaches(stamp, reaches);
    }

    fn set_reaches(&mut self, stamp: Stamp, mut reaches: Vec<Reach>) {
        reaches.retain(|reach| *reach != Reach::default());
        self.contacts.set(stamp, reaches);
    }
}
