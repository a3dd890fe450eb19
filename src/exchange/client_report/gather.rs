//! What a report says, gathered from a vault.

mod past;
mod people;
mod permissions;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use self::people::People;
pub(in crate::exchange) use self::people::permission;
use super::summary::{
    ClientRules, ClientSummary, HeldEntry, ReportedHead, ReportedPaper, ReportedPerson, Retention,
};
use crate::crypto::SigningKey;
use crate::error::Result;
use crate::exchange::paper::sender;
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::incidents::own_words::TellingNames;
use crate::model::people::fields::MeValues;
use crate::model::records::cell::DeviceId;
use crate::model::records::client::{Assurance, Client, ClientRole};
use crate::model::records::contact::Contact;
use crate::model::records::entry::{Entry, SecondFactor, Version};
use crate::model::records::event::{Event, LogHead};
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::rotation::exposure::Exposures;
use crate::model::text::domain::hosts;
use crate::model::text::lang::Lang;
use crate::model::vault::Vault;

/// What a report is of.
#[derive(Clone, Copy, Debug)]
pub struct ReportScope<'a> {
    /// The client.
    pub client: &'a Client,
    /// The language.
    pub lang: Lang,
    /// Since when it tells of what is past.
    pub since: Option<Timestamp>,
}

/// Words that are left out of a report since they name another client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOutText {
    /// What they are, for who keeps the vault.
    pub what: String,
    /// Whom they name.
    pub names: String,
}

/// What the log of a vault has.
#[derive(Clone, Debug)]
pub struct LogSeen {
    /// All events, each with the device that wrote it.
    pub events: Vec<(DeviceId, Event)>,
    /// How far each device has come.
    pub heads: Vec<(DeviceId, LogHead)>,
}

/// Gathers what a report says at `now`, from the vault and its log, and what was left out of it.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn gather(
    vault: &Vault,
    log: &LogSeen,
    scope: ReportScope<'_>,
    now: &Zoned,
) -> Result<(ClientSummary, Vec<LeftOutText>)> {
    let gathering = Gathering::new(vault, scope, now)?;
    let summary = gathering.summary(log)?;
    Ok((
        summary,
        gathering.left_out.into_inner().into_iter().collect(),
    ))
}

/// What all parts are gathered from.
pub(in crate::exchange) struct Gathering<'a> {
    vault: &'a Vault,
    scope: ReportScope<'a>,
    now: Timestamp,
    zone: &'a TimeZone,
    contacts: HashMap<Uuid, &'a Contact>,
    others: TellingNames<'a>,
    exposures: Exposures,
    left_out: RefCell<BTreeSet<LeftOutText>>,
}

impl<'a> Gathering<'a> {
    /// What is gathered of one client at `now`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(in crate::exchange) fn new(
        vault: &'a Vault,
        scope: ReportScope<'a>,
        now: &'a Zoned,
    ) -> Result<Self> {
        let contacts = vault.contacts.all()?.into_iter();
        Ok(Self {
            vault,
            scope,
            now: now.timestamp(),
            zone: now.time_zone(),
            contacts: contacts.map(|it| (it.id, it)).collect(),
            others: vault.telling_names()?,
            exposures: vault.exposures(now.timestamp())?,
            left_out: RefCell::default(),
        })
    }

    /// The vault.
    pub(in crate::exchange) fn vault(&self) -> &'a Vault {
        self.vault
    }

    /// The client.
    pub(in crate::exchange) fn client(&self) -> &'a Client {
        self.scope.client
    }

    /// The language.
    pub(in crate::exchange) fn lang(&self) -> Lang {
        self.scope.lang
    }

    /// When it is gathered, and whose days those are.
    pub(in crate::exchange) fn now(&self) -> Timestamp {
        self.now
    }

    /// The zone whose days are told.
    pub(in crate::exchange) fn zone(&self) -> &'a TimeZone {
        self.zone
    }

    /// Another client whom a text names, by what they are called here.
    pub(in crate::exchange) fn other_in(&self, text: &str) -> Option<String> {
        let other = self.others.other_in(text, self.scope.client.id)?;
        Some(other.slug().to_owned())
    }
}

impl Gathering<'_> {
    fn summary(&self, log: &LogSeen) -> Result<ClientSummary> {
        let (vault, client) = (self.vault, self.scope.client);
        let entries = self.entries()?;
        let People {
            access,
            mut verdict,
        } = self.access()?;
        verdict.entries += entries.len();
        verdict.strangers = entries
            .iter()
            .filter(|it| it.strangers_since.is_some())
            .count();
        let mut theirs = log.events.clone();
        theirs.sort_by_key(|(_, event)| event.time);
        vault.retain_events_of(client.id, &mut theirs)?;
        theirs.retain(|(_, event)| self.is_told(event.time));
        let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
        let role = client.role.value().and_then(|role| role.parse().ok());
        Ok(ClientSummary {
            client: client.called().to_owned(),
            from: sender(self.scope.lang, &MeValues::of(&vault.me)),
            lang: self.scope.lang.as_str(),
            made: self.now,
            private: role == Some(ClientRole::Private),
            key: key.signer().fingerprint(),
            since: self.scope.since,
            verdict,
            entries,
            access,
            handed_over: self.handed_over()?,
            ended: self.ended()?,
            used: self.used(&theirs)?,
            refused: self.refused(&theirs)?,
            rules: self.rules()?,
            incidents: self.incidents()?,
            retention: self.retention(),
            permissions: self.permissions()?,
            requests: self.requests()?,
            heads: heads(&log.heads),
        })
    }

    /// Whether something that is past is told.
    fn is_told(&self, time: Timestamp) -> bool {
        self.scope.since.is_none_or(|since| since <= time)
    }

    /// A text of somebody, where it names no other client; what it is goes to who keeps the vault.
    fn told(&self, what: impl FnOnce() -> String, text: &str) -> Option<String> {
        let Some(other) = self.others.other_in(text, self.scope.client.id) else {
            return Some(text.to_owned());
        };
        self.left_out.borrow_mut().insert(LeftOutText {
            what: what(),
            names: other.slug().to_owned(),
        });
        None
    }

    /// What an entry is called below the client; one whose name is not told by the start of its id.
    fn entry_name(&self, id: Uuid, path: &str) -> String {
        let name = path.split_once('/').map_or(path, |(_, name)| name);
        let told = self.told(|| format!("the name of {path}"), name);
        told.unwrap_or_else(|| number(id))
    }

    /// A contact, as the client knows them from a permission.
    pub(in crate::exchange) fn person(&self, id: Uuid) -> ReportedPerson {
        let contact = self.contacts.get(&id);
        let full = contact.and_then(|it| it.full_name.value()).cloned();
        let called = || {
            let name = contact?.name();
            self.told(|| format!("what contact {name} is called"), name)
        };
        ReportedPerson {
            name: full.or_else(called).unwrap_or_else(|| number(id)),
            firm: contact.and_then(|it| it.firm.value()).cloned(),
        }
    }

    fn entries(&self) -> Result<Vec<HeldEntry>> {
        let client = self.scope.client.id;
        let theirs = self
            .vault
            .entries_by_path(|entry| entry.client.get() == Some(&client))?;
        Ok(theirs
            .into_iter()
            .map(|(path, entry)| self.entry(&path, entry))
            .collect())
    }

    fn entry(&self, path: &str, entry: &Entry) -> HeldEntry {
        let hosts = hosts(entry.urls()).into_iter();
        let hosts = hosts.filter_map(|host| self.told(|| format!("a host of {path}"), &host));
        let user = entry.username.value();
        let user = user.and_then(|user| self.told(|| format!("the user name of {path}"), user));
        let current = entry.current(SECRET);
        let earlier = entry.history(SECRET).count();
        let mut secrets: Vec<_> = entry.secrets().collect();
        secrets.sort_by_key(|(slot, _)| (*slot != SECRET, *slot != TOTP));
        let secrets = secrets.into_iter().filter_map(|(slot, _)| match slot {
            SECRET | TOTP => Some(slot.to_owned()),
            field => self.told(|| format!("the name of a field of {path}"), field),
        });
        let files = entry
            .attached
            .keys()
            .filter(|name| entry.attachment(name).is_some());
        HeldEntry {
            name: self.entry_name(entry.id, path),
            hosts: hosts.collect(),
            user,
            secrets: secrets.collect(),
            files: files.count(),
            since: entry.created,
            changed: current.map(Version::in_use_since),
            earlier: earlier.saturating_sub(usize::from(current.is_some())),
            second_factor: entry.second_factor().map(SecondFactor::as_str),
            in_trash: entry.removed.value().copied(),
            strangers_since: self.exposures.compromise(entry).map(|it| it.since),
        }
    }

    fn rules(&self) -> Result<ClientRules> {
        let client = self.scope.client;
        let rules = client.rules.value();
        let duties = self.vault.duties(&[], client)?.sentences(self.scope.lang);
        let duty = |it: &String| self.told(|| "a duty".to_owned(), it);
        Ok(ClientRules {
            given: rules.is_some(),
            rules: rules.and_then(|it| self.told(|| "the client's rules".to_owned(), it)),
            duties: duties.iter().filter_map(duty).collect(),
            min_assurance: client.least_assurance().map(Assurance::as_str),
        })
    }

    fn retention(&self) -> Retention {
        let client = self.scope.client;
        Retention {
            until: client.retain_until(),
            is_over: client.retention_ended(self.now).is_some(),
            agreed_on: client.agreed_on.value().copied(),
            closed: client.closed(),
            records_until: client.records_until(),
        }
    }
}

fn heads(heads: &[(DeviceId, LogHead)]) -> Vec<ReportedHead> {
    let heads = heads.iter().map(|(device, head)| ReportedHead {
        device: device.to_string(),
        count: head.count,
        head: head.head.clone(),
    });
    heads.collect()
}

/// A paper that was filed.
fn paper(filed: &FiledDocument) -> ReportedPaper {
    ReportedPaper {
        on: filed.time,
        by_mail: filed.mailed_from.is_some(),
    }
}
