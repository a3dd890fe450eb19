//! What is kept, who can know it, and what has ended.

use jiff::Timestamp;

use super::{Telling, counted, person, rows_or};
use crate::exchange::client_report::page::{Block, PageTable, PageTimeline, TimeSpan};
use crate::exchange::client_report::summary::{
    AccessKind, Allowed, ClientSummary, EndedAccess, HeldEntry, ReportedAccess, ReportedChange,
    ReportedPaper,
};
use crate::exchange::paper::filled;
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::records::client::Assurance;
use crate::model::records::entry::SecondFactor;
use crate::model::records::share::ShareState;

/// The most spans that a drawing shows.
const SPANS: usize = 40;

impl Telling<'_> {
    /// What is kept.
    pub(super) fn kept_entries(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.held;
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: summary.entries.iter().map(|it| self.entry(it)).collect(),
        };
        rows_or(words.nothing, None, table)
    }

    fn entry(&self, entry: &HeldEntry) -> Vec<Vec<String>> {
        let words = &self.words.held;
        let user = entry.user.iter();
        let user = user.map(|user| filled(words.user, &[("user", user)]));
        let name = std::iter::once(entry.name.clone());
        let login = name.chain(entry.hosts.iter().cloned()).chain(user);
        let secrets = entry.secrets.iter().map(|slot| match slot.as_str() {
            SECRET => words.password.to_owned(),
            TOTP => words.codes.to_owned(),
            field => format!("\"{field}\""),
        });
        let files = (entry.files > 0).then(|| counted(words.file, entry.files));
        let earlier = (entry.earlier > 0).then(|| counted(words.earlier, entry.earlier));
        let since = [
            Some(self.on(words.since, entry.since)),
            entry.changed.map(|it| self.on(words.changed, it)),
            entry.in_trash.map(|it| self.on(words.trash, it)),
            entry.strangers_since.map(|it| self.on(words.strangers, it)),
        ];
        let second = match entry.second_factor.and_then(|it| it.parse().ok()) {
            Some(SecondFactor::App) => words.app,
            Some(SecondFactor::Key) => words.key,
            Some(SecondFactor::Nothing) => words.none,
            None => words.unknown,
        };
        vec![
            login.collect(),
            secrets.chain(files).chain(earlier).collect(),
            since.into_iter().flatten().collect(),
            vec![second.to_owned()],
        ]
    }

    /// Who can know something.
    pub(super) fn access(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.access;
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: summary.access.iter().map(|it| self.accessed(it)).collect(),
        };
        let mut blocks = rows_or(words.nobody, Some(words.why), table);
        for it in &summary.handed_over {
            let known = [
                ("what", it.entries.join(", ")),
                ("to", it.to.clone()),
                ("day", self.day(it.on)),
                ("number", it.number.clone()),
            ];
            let known = known.each_ref().map(|(name, text)| (*name, text.as_str()));
            let told = filled(words.handed_over, &known);
            let receipt = it.receipt.as_ref().map(|it| self.receipt(it));
            let receipt = receipt.map(|it| format!(" ({it})")).unwrap_or_default();
            blocks.push(Block::Text(told + &receipt));
        }
        let timeline = self.timeline(summary);
        if !timeline.spans.is_empty() {
            blocks.push(Block::Timeline(timeline));
        }
        blocks
    }

    fn accessed(&self, access: &ReportedAccess) -> Vec<Vec<String>> {
        let words = &self.words.access;
        let fields = match access.kind {
            AccessKind::OwnLogin => words.own_login.to_owned(),
            _ => self.fields(&access.fields),
        };
        let outdated = access.outdated.then(|| words.outdated.to_owned());
        let what = [access.entries.join(", "), fields]
            .into_iter()
            .chain(outdated);
        let purpose = access.purpose.as_deref();
        let purpose = match (purpose, access.kind) {
            (Some(purpose), _) => format!("\"{purpose}\""),
            (None, AccessKind::SameSecret | AccessKind::SameFile) => words.no_purpose.to_owned(),
            (None, _) => words.unsaid.to_owned(),
        };
        let same = match access.kind {
            AccessKind::SameSecret => Some(words.same_secret),
            AccessKind::SameFile => Some(words.same_file),
            _ => None,
        };
        let allowed = match (&access.allowed, access.kind, same) {
            (Some(allowed), ..) => [Some(self.allowed(allowed)), same.map(str::to_owned)],
            (None, AccessKind::Lender, _) => [Some(words.lender.to_owned()), None],
            (None, _, Some(same)) => [Some(format!("{}: {same}", words.nobody_asked)), None],
            (None, _, None) => [Some(words.unpermitted.to_owned()), None],
        };
        let since = self.day(access.since);
        let span = match access.until {
            Some(until) => filled(words.span, &[("from", &since), ("to", &self.day(until))]),
            None => filled(words.from, &[("from", &since)]),
        };
        let arrived = match (&access.receipt, access.kind) {
            (Some(paper), _) => Some(self.receipt(paper)),
            (None, AccessKind::Unsent) => Some(words.unsent.to_owned()),
            (None, AccessKind::Shared) => Some(words.no_receipt.to_owned()),
            (None, _) => None,
        };
        let over = access.ended.map(|it| self.on(words.over, it));
        vec![
            person(&access.who),
            what.filter(|it| !it.is_empty()).collect(),
            vec![purpose],
            allowed.into_iter().flatten().collect(),
            [Some(span), over, arrived].into_iter().flatten().collect(),
        ]
    }

    fn receipt(&self, paper: &ReportedPaper) -> String {
        let words = &self.words.access;
        let text = if paper.by_mail {
            words.receipt_mailed
        } else {
            words.receipt_signed
        };
        self.on(text, paper.on)
    }

    fn allowed(&self, allowed: &Allowed) -> String {
        let words = &self.words.access;
        let how = match allowed.assurance.and_then(|it| it.parse().ok()) {
            Some(Assurance::Signed) => words.signed,
            Some(Assurance::Document) => words.document,
            Some(Assurance::Attested) | None => words.attested,
        };
        let text = match allowed.by {
            Some(_) => words.allowed,
            None => words.allowed_by_nobody,
        };
        let by = allowed.by.clone().unwrap_or_default();
        let day = self.day(allowed.on);
        let known = [("by", &by), ("day", &day), ("number", &allowed.number)];
        let known = known.map(|(name, text)| (name, text.as_str()));
        let known: Vec<_> = known.into_iter().chain([("how", how)]).collect();
        filled(text, &known)
    }

    fn timeline(&self, summary: &ClientSummary) -> PageTimeline {
        let words = &self.words.access;
        let label = |text: &str, who: &str, what: &str, to: &str| {
            filled(text, &[("who", who), ("what", what), ("to", to)])
        };
        let known = summary.access.iter().map(|it| {
            let (who, what) = (&it.who.name, it.entries.join(", "));
            let end = it.ended.or(it.until);
            let text = match (it.ended, it.until) {
                (Some(_), _) => words.bar_over,
                (None, Some(_)) => words.bar,
                (None, None) => words.bar_open,
            };
            let to = end.map(|it| self.day(it)).unwrap_or_default();
            TimeSpan {
                label: label(text, who, &what, &to),
                from: it.since.as_second(),
                to: end.map(Timestamp::as_second),
                is_over: it.ended.is_some(),
            }
        });
        let is_known = |it: &EndedAccess| it.change == ReportedChange::Unchanged;
        let over = summary
            .ended
            .iter()
            .filter(|it| !is_known(it))
            .map(|it| TimeSpan {
                label: label(words.bar_over, &it.who.name, &it.entry, &self.day(it.ended)),
                from: it.since.as_second(),
                to: Some(it.ended.as_second()),
                is_over: true,
            });
        let mut spans: Vec<TimeSpan> = known.chain(over).take(SPANS).collect();
        spans.sort_by_key(|it| (it.from, it.to));
        let mut timeline = PageTimeline {
            title: words.timeline.to_owned(),
            description: words.timeline_told.to_owned(),
            today: words.today.to_owned(),
            now: summary.made.as_second(),
            ends: [String::new(), String::new()],
            spans,
        };
        let (first, last) = timeline.range();
        let day = |second| Timestamp::from_second(second).map(|it| self.day(it));
        timeline.ends = [first, last].map(|it| day(it).unwrap_or_default());
        timeline
    }

    /// What has ended.
    pub(super) fn ended(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.ended;
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: summary.ended.iter().map(|it| self.over(it)).collect(),
        };
        rows_or(words.nothing, None, table)
    }

    fn over(&self, it: &EndedAccess) -> Vec<Vec<String>> {
        let words = &self.words.ended;
        let end = match it.how.parse() {
            Ok(ShareState::Expired) => words.expired,
            Ok(ShareState::Withdrawn) => words.withdrawn,
            Ok(ShareState::Superseded) => words.superseded,
            Ok(ShareState::Ended) => words.left,
            Ok(ShareState::Deleted) => words.deleted,
            Ok(ShareState::Refused) => words.refused,
            _ => words.revoked,
        };
        let change = match it.change {
            ReportedChange::Changed => words.changed,
            ReportedChange::Unchanged => words.unchanged,
            ReportedChange::GoesOn => words.goes_on,
            ReportedChange::ChangedBefore => words.changed_before,
            ReportedChange::Gone => words.gone,
            ReportedChange::NoSecret => words.no_secret,
            ReportedChange::LoginRemoved => words.login_removed,
            ReportedChange::LoginLeft => words.login_left,
        };
        let change = it
            .changed
            .map_or(change.to_owned(), |on| self.on(change, on));
        let owes = !matches!(
            it.change,
            ReportedChange::LoginRemoved | ReportedChange::LoginLeft
        ) && it.how != ShareState::Refused.as_str();
        let deletion = match &it.deletion {
            Some(paper) if paper.by_mail => self.on(words.deletion_mailed, paper.on),
            Some(paper) => self.on(words.deletion_signed, paper.on),
            None if owes => words.no_deletion.to_owned(),
            None => words.none_owed.to_owned(),
        };
        let left = it.left.iter().map(|it| {
            let what = it.what.as_ref();
            let what = what.map_or(words.unnamed_copy.to_owned(), |it| format!("\"{it}\""));
            match it.gone_by {
                Some(time) => filled(
                    words.copy_until,
                    &[("what", &what), ("day", &self.day(time))],
                ),
                None => filled(words.copy, &[("what", &what)]),
            }
        });
        vec![
            person(&it.who),
            vec![it.entry.clone(), self.on(words.had, it.since)],
            vec![self.on(end, it.ended)],
            vec![change],
            std::iter::once(deletion).chain(left).collect(),
        ]
    }
}
