//! Who can know something, and who could.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Gathering, paper};
use crate::error::Result;
use crate::exchange::client_report::summary::{
    AccessKind, Allowed, EndedAccess, HandedOver, ReportedAccess, ReportedChange, ReportedCopy,
    ReportedPerson, Verdict,
};
use crate::exchange::reply::deletion::Deletion;
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::client::Assurance;
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::entry::{Entry, Version};
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::records::share::{LOGIN, Share, ShareEnd, ShareState, SharedItem};
use crate::model::rotation::in_use::is_in_use;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::who::{Knower, KnownEntry, Subject};

/// In which order access is told: since when it was, by which share, until when, whether only by
/// something else that has the same, and whether it was changed since.
type AccessOrder = (
    Timestamp,
    Uuid,
    Option<Timestamp>,
    Option<SameAsOther>,
    bool,
);

/// Whether it is a file that something else has as well, and the permission that covers it here.
type SameAsOther = (bool, Option<Uuid>);

/// Who can know something, and how many that are.
pub(super) struct People {
    pub(super) access: Vec<ReportedAccess>,
    pub(super) verdict: Verdict,
}

impl Gathering<'_> {
    /// Who can know something, in the order in which they came to know it; what one share gave is
    /// told once.
    pub(super) fn access(&self) -> Result<People> {
        let client = self.scope.client;
        let knowledge = self.vault.knowledge(&Subject::Client(client), self.now)?;
        let mut rows: BTreeMap<AccessOrder, (String, ReportedAccess)> = BTreeMap::new();
        let mut verdict = Verdict::default();
        for known in knowledge.entries {
            // What is theirs they are told of, whoever permitted it.
            let is_theirs = known.owner() == Some(client.id);
            let known = if is_theirs {
                known
            } else {
                known.told_to(client.id)
            };
            let id = known.entry.map(|it| it.id);
            let id = id.or_else(|| Some(known.knowers.first()?.item.entry));
            let name = self.entry_name(id.unwrap_or_default(), &known.path);
            let is_known =
                !known.knowers.is_empty() || !known.by_other.is_empty() || known.lent.is_some();
            verdict.known += usize::from(is_known);
            verdict.entries += usize::from(is_known && !(is_theirs && known.entry.is_some()));
            if let Some(lent) = known.lent {
                let who = lent
                    .contact
                    .map_or(lent.signer.clone(), |it| it.to_string());
                let (_, row) = rows
                    .entry((lent.received, lent.id, None, None, false))
                    .or_insert_with(|| (who, self.lender(&known, lent)));
                add(&mut row.entries, &name);
            }
            for knower in &known.knowers {
                let share = knower.line.share;
                let ended = knower.end.map(|end| end.time);
                let who = share.recipient.contact.to_string();
                let outdated = is_outdated(knower, known.entry);
                let (_, row) = rows
                    .entry((share.created, share.id, ended, None, outdated))
                    .or_insert_with(|| (who, self.knower(knower, outdated)));
                add(&mut row.entries, &name);
                for field in &knower.item.fields {
                    if let Some(field) = self.told(|| "the name of a field".to_owned(), field) {
                        add(&mut row.fields, &field);
                    }
                }
            }
            for it in &known.by_other {
                let share = self.vault.shares.by_id(it.share)?;
                for slot in &it.slots {
                    let consent = self.permits(&known, it.contact, slot)?;
                    let is_file = slot.starts_with(ATTACHMENT);
                    let same = (is_file, consent.map(|it| it.id));
                    let (_, row) = rows
                        .entry((share.created, share.id, None, Some(same), false))
                        .or_insert_with(|| {
                            let row = self.knower_by_other(share, is_file, consent);
                            (it.contact.to_string(), row)
                        });
                    add(&mut row.entries, &name);
                }
            }
        }
        let rows: Vec<(String, ReportedAccess)> = rows.into_values().collect();
        let verdict = Verdict {
            entries: verdict.entries,
            known: verdict.known,
            ..people_in(&rows)
        };
        let access = rows.into_iter().map(|(_, it)| it).collect();
        Ok(People { access, verdict })
    }

    fn knower(&self, knower: &Knower<'_>, outdated: bool) -> ReportedAccess {
        let share = knower.line.share;
        let allowed = self.allowed(knower.line);
        // What it was shared for under another client's permission is not this one's to know.
        let purpose = allowed.as_ref().and_then(|_| {
            self.told(
                || format!("the purpose of share {}", number(share.id)),
                &share.purpose,
            )
        });
        let kind = match knower.state {
            _ if share.login.is_some() => AccessKind::OwnLogin,
            ShareState::Unsent => AccessKind::Unsent,
            _ => AccessKind::Shared,
        };
        ReportedAccess {
            who: self.person(share.recipient.contact),
            entries: Vec::new(),
            fields: Vec::new(),
            since: share.created,
            until: Some(knower.line.until()),
            ended: knower.end.map(|end| end.time),
            kind,
            outdated,
            purpose,
            allowed,
            share: number(share.id),
            receipt: share.receipt.value().map(paper),
        }
    }

    /// The client's permission that a contact may have a secret or a file of an entry, by whatever
    /// else they came to know it.
    fn permits(
        &self,
        known: &KnownEntry<'_>,
        contact: Uuid,
        slot: &str,
    ) -> Result<Option<&Consent>> {
        let (Some((path, entry)), Ok(field)) = (known.today(), slot.parse()) else {
            return Ok(None);
        };
        let mut all = self.vault.all_consents()?.into_iter();
        Ok(all.find(|it| {
            it.client == self.scope.client.id
                && it.is_live(self.now)
                && it.is_for(contact)
                && !it.is_over_for(contact)
                && it.covers(entry, path)
                && it.scope.has_field(&field)
        }))
    }

    /// Somebody who has the same secret or file by a share of something else, and the permission
    /// that covers it here as well.
    fn knower_by_other(
        &self,
        share: &Share,
        is_file: bool,
        consent: Option<&Consent>,
    ) -> ReportedAccess {
        let kind = if is_file {
            AccessKind::SameFile
        } else {
            AccessKind::SameSecret
        };
        ReportedAccess {
            who: self.person(share.recipient.contact),
            entries: Vec::new(),
            fields: Vec::new(),
            since: share.created,
            until: None,
            ended: None,
            kind,
            outdated: false,
            purpose: None,
            allowed: consent.map(permission),
            share: number(share.id),
            receipt: None,
        }
    }

    fn lender(&self, known: &KnownEntry<'_>, lent: &Received) -> ReportedAccess {
        let who = match lent.contact {
            Some(contact) => self.person(contact),
            None => ReportedPerson {
                name: number(lent.id),
                firm: None,
            },
        };
        let ended = known.entry.and_then(|entry| lent.ended_for(entry.id));
        ReportedAccess {
            who,
            entries: Vec::new(),
            fields: Vec::new(),
            since: lent.received,
            until: lent.expires,
            ended,
            kind: AccessKind::Lender,
            outdated: false,
            purpose: self.told(|| "the purpose of what was lent".to_owned(), &lent.purpose),
            allowed: None,
            share: number(lent.id),
            receipt: None,
        }
    }

    /// The permission of this client that a share goes on under, where it was given.
    fn allowed(&self, line: LedgerLine<'_>) -> Option<Allowed> {
        let consent = line.consent?;
        let is_one = consent.was_given() && consent.state(self.now) != ConsentState::Invalidated;
        let is_theirs = consent.client == self.scope.client.id && is_one;
        is_theirs.then(|| permission(consent))
    }

    /// What the client was given back.
    pub(super) fn handed_over(&self) -> Result<Vec<HandedOver>> {
        let client = self.scope.client;
        let mut all = self.vault.handed_over.all()?;
        all.retain(|it| it.client == client.id && it.sent.value().is_some());
        all.sort_by_key(|it| (it.created, it.id));
        let told = all.into_iter().map(|it| HandedOver {
            entries: self.item_names(&it.items),
            to: it
                .person
                .clone()
                .unwrap_or_else(|| client.called().to_owned()),
            on: it.created,
            number: number(it.id),
            receipt: it.receipt.value().map(paper),
        });
        Ok(told.collect())
    }

    /// What was shared, by name.
    pub(in crate::exchange) fn item_names(&self, items: &[SharedItem]) -> Vec<String> {
        let names = items.iter().map(|it| self.entry_name(it.entry, &it.path));
        names.collect()
    }

    /// What is over of what was this client's, or went by their permission, the last end first.
    pub(super) fn ended(&self) -> Result<Vec<EndedAccess>> {
        let client = self.scope.client.id;
        let mut all = Vec::new();
        for line in self.vault.ledger(self.now)? {
            let share = line.share;
            let went = share.sent.value().is_some() || share.receipt.value().is_some();
            if !went && share.login.is_none() {
                continue;
            }
            let by_them = line.consent.is_some_and(|it| it.client == client);
            for item in &share.items {
                let Some(end) = line.end_of(item).filter(|end| self.is_told(end.time)) else {
                    continue;
                };
                let entry = self.vault.entries.find(item.entry)?;
                let owner = entry.and_then(|it| it.client.get());
                let goes_on = end.state == ShareState::Superseded
                    && item
                        .versions
                        .values()
                        .all(|it| line.is_told_by_successor(item, it));
                if (by_them || owner == Some(&client)) && !goes_on {
                    all.push(self.ended_item(line, item, (entry, end)));
                }
            }
        }
        all.sort_by(|a, b| (b.ended, &a.who, &a.entry).cmp(&(a.ended, &b.who, &b.entry)));
        Ok(all)
    }

    fn ended_item(
        &self,
        line: LedgerLine<'_>,
        item: &SharedItem,
        (entry, end): (Option<&Entry>, ShareEnd),
    ) -> EndedAccess {
        let share = line.share;
        let (change, changed) = self.change(line, item, entry);
        // A paper that is damaged is told where it is shown.
        let statements = share.deletions_of(item.entry).map(Deletion::filed);
        let statements = statements.filter_map(|it| it.ok().flatten());
        let left: Vec<ReportedCopy> = statements.flat_map(|it| self.left(&it)).collect();
        EndedAccess {
            who: self.person(share.recipient.contact),
            entry: self.entry_name(item.entry, &item.path),
            since: share.created,
            ended: end.time,
            how: end.state.as_str(),
            change,
            changed,
            share: number(share.id),
            deletion: share.deletion_of(item.entry).map(paper),
            left,
        }
    }

    fn left(&self, deletion: &Deletion) -> Vec<ReportedCopy> {
        let what = |text: &String| self.told(|| "a statement of deletion".to_owned(), text);
        let kept = deletion.retained.iter().map(|it| ReportedCopy {
            what: what(&it.what),
            gone_by: it.gone_by,
        });
        let outside = deletion.outside.iter().map(|text| ReportedCopy {
            what: what(text),
            gone_by: None,
        });
        kept.chain(outside).collect()
    }

    /// What became of what went of an entry, and when.
    fn change(
        &self,
        line: LedgerLine<'_>,
        item: &SharedItem,
        entry: Option<&Entry>,
    ) -> (ReportedChange, Option<Timestamp>) {
        let share = line.share;
        if share.login.is_some() || item.fields == [LOGIN] {
            return match share.login_removed.value() {
                Some(time) => (ReportedChange::LoginRemoved, Some(*time)),
                None => (ReportedChange::LoginLeft, None),
            };
        }
        if item.versions.is_empty() {
            return (ReportedChange::NoSecret, None);
        }
        let Some(entry) = entry else {
            let change = if self.vault.were_changed_before_purge(&item.versions) {
                ReportedChange::ChangedBefore
            } else {
                ReportedChange::Gone
            };
            return (change, None);
        };
        let mut in_use = item.versions.iter();
        if !in_use.any(|(slot, version)| is_in_use(entry, slot, *version)) {
            let current = item.versions.keys().filter_map(|slot| entry.current(slot));
            return (
                ReportedChange::Changed,
                current.map(Version::in_use_since).max(),
            );
        }
        let exposed = self.exposures.of(entry);
        let is_exposed = exposed.iter().any(|(_, how)| how.share == share.id);
        let change = if is_exposed {
            ReportedChange::Unchanged
        } else {
            ReportedChange::GoesOn
        };
        (change, None)
    }
}

/// A permission, by whom and when it was given.
pub(in crate::exchange) fn permission(consent: &Consent) -> Allowed {
    let given = consent.events.iter().find(|event| event.state == "given");
    Allowed {
        by: consent.granted_by.value().map(|it| it.name.clone()),
        on: given.map_or(consent.not_before(), |event| event.time),
        assurance: consent.assurance().map(Assurance::as_str),
        number: number(consent.id),
    }
}

/// How many people that are, each once, and of how many something is to be said.
fn people_in(rows: &[(String, ReportedAccess)]) -> Verdict {
    let count = |holds: &dyn Fn(&ReportedAccess) -> bool| {
        let who = rows.iter().filter(|(_, row)| holds(row));
        who.map(|(who, _)| who).collect::<BTreeSet<_>>().len()
    };
    let is_lender = |row: &ReportedAccess| row.kind == AccessKind::Lender;
    let is_spoken = |allowed: &Allowed| {
        let attested = Assurance::Attested.as_str();
        allowed.assurance.is_none_or(|it| it == attested)
    };
    Verdict {
        people: count(&|_| true),
        unpermitted: count(&|row| row.allowed.is_none() && !is_lender(row)),
        over: count(&|row| row.ended.is_some()),
        lenders: count(&is_lender),
        by_word: count(&|row| row.allowed.as_ref().is_some_and(is_spoken)),
        ..Verdict::default()
    }
}

/// Whether something of what somebody has of an entry was changed since.
fn is_outdated(knower: &Knower<'_>, entry: Option<&Entry>) -> bool {
    let mut sent = knower.item.versions.iter();
    entry.is_some_and(|entry| sent.any(|(slot, version)| !is_in_use(entry, slot, *version)))
}

/// Adds a text, once.
fn add(texts: &mut Vec<String>, text: &str) {
    if !texts.iter().any(|it| it == text) {
        texts.push(text.to_owned());
    }
}
