//! Use, refusals, rules, incidents, permissions, and what a client can do.

use std::collections::{BTreeMap, BTreeSet};

use super::{Telling, people, rows_or};
use crate::exchange::client_report::page::{Block, PageTable};
use crate::exchange::client_report::summary::{
    ClientSummary, LivePermission, RefusedAttempt, ReportedChange, ReportedIncident,
};
use crate::exchange::paper::dates::minute;
use crate::exchange::paper::filled;
use crate::model::consent::asked::place;
use crate::model::records::client::Assurance;
use crate::model::records::entry::SecondFactor;

/// The days of a month, and what was used on them.
type UsedMonth<'a> = (Vec<String>, Vec<&'a str>);

impl Telling<'_> {
    /// On which days something was used, by month.
    pub(super) fn used(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.past;
        let mut months: BTreeMap<(i16, i8), UsedMonth<'_>> = BTreeMap::new();
        for used in summary.used.iter().rev() {
            let (days, entries) = months
                .entry((used.day.year(), used.day.month()))
                .or_default();
            days.push(filled(
                words.day_of_month,
                &[("n", &used.day.day().to_string())],
            ));
            for entry in used.entries.iter().map(String::as_str) {
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
            if used.is_some_removed && !entries.contains(&words.removed) {
                entries.push(words.removed);
            }
        }
        let rows = months
            .into_iter()
            .rev()
            .map(|((year, month), (days, entries))| {
                let at = usize::try_from(month).unwrap_or(1).saturating_sub(1);
                let month = words.months.get(at).copied().unwrap_or_default();
                vec![
                    vec![format!("{month} {year}")],
                    vec![format!("{} {month}", days.join(", "))],
                    vec![entries.join(", ")],
                ]
            });
        let table = PageTable {
            caption: words.used_caption.to_owned(),
            columns: words.used_columns.to_vec(),
            rows: rows.collect(),
        };
        rows_or(words.unused, Some(words.used), table)
    }

    /// What was refused.
    pub(super) fn refused(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.past;
        let table = PageTable {
            caption: words.refused_caption.to_owned(),
            columns: words.refused_columns.to_vec(),
            rows: summary.refused.iter().map(|it| self.attempt(it)).collect(),
        };
        rows_or(words.none_refused, Some(words.refused), table)
    }

    fn attempt(&self, it: &RefusedAttempt) -> Vec<Vec<String>> {
        let words = &self.words.past;
        let what = match it.entries.as_slice() {
            [] => words.nothing_named.to_owned(),
            entries => entries.join(", "),
        };
        let known = words.reasons.iter();
        let mut known = known.filter(|(code, _)| Some(*code) == it.reason.as_deref());
        let why = known.next().map_or(words.other_reason, |(_, text)| text);
        let at = place(self.zone, it.time);
        vec![
            vec![minute(self.lang, it.time, self.zone, &at)],
            vec![what],
            it.to.iter().cloned().collect(),
            vec![why.to_owned()],
        ]
    }

    /// The client's rules, and what everybody is bound to.
    pub(super) fn rules(&self, summary: &ClientSummary) -> Vec<Block> {
        let (words, rules) = (&self.words.rules, &summary.rules);
        let own = match (&rules.rules, rules.given) {
            (Some(text), _) => Block::Text(format!("{} \"{text}\"", words.own)),
            (None, true) => Block::Text(words.unsaid.to_owned()),
            (None, false) => Block::Text(words.none.to_owned()),
        };
        let least = match rules.min_assurance.and_then(|it| it.parse().ok()) {
            Some(Assurance::Signed) => Some(words.signed),
            Some(Assurance::Document) => Some(words.document),
            Some(Assurance::Attested) => Some(words.attested),
            None => None,
        };
        let least = least.map(|text| Block::Text(text.to_owned()));
        let duties = [
            Block::Text(words.duties.to_owned()),
            Block::List(rules.duties.clone()),
        ];
        std::iter::once(own).chain(least).chain(duties).collect()
    }

    /// What may have given something away.
    pub(super) fn incidents(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.incident;
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: summary
                .incidents
                .iter()
                .map(|it| self.incident(it))
                .collect(),
        };
        rows_or(words.none, None, table)
    }

    fn incident(&self, it: &ReportedIncident) -> Vec<Vec<String>> {
        let words = &self.words.incident;
        let what = it.what.clone().unwrap_or_else(|| words.unsaid.to_owned());
        let cause = it
            .cause
            .iter()
            .map(|text| filled(words.cause, &[("cause", text)]));
        let done = it.measures.iter();
        let done = done.map(|text| filled(words.measures, &[("measures", text)]));
        let told = it
            .told
            .map_or(words.untold.to_owned(), |day| self.on(words.told, day));
        let closed = it
            .closed
            .map_or(words.open.to_owned(), |day| self.on(words.closed, day));
        vec![
            vec![filled(words.number, &[("number", &it.number)])],
            std::iter::once(what).chain(cause).chain(done).collect(),
            vec![self.on(words.aware, it.aware), told, closed],
            it.unchanged.clone(),
            it.settled.clone(),
        ]
    }

    /// How long it is kept, and what is permitted.
    pub(super) fn keeping(&self, summary: &ClientSummary) -> Vec<Block> {
        let (words, keep) = (&self.words.keep, &summary.retention);
        let until = match keep.until {
            _ if keep.closed.is_some() => {
                let day = |time: Option<jiff::Timestamp>| time.map(|time| self.day(time));
                let (closed, until) = (day(keep.closed), day(keep.records_until));
                let values = [
                    ("day", &*closed.unwrap_or_default()),
                    ("until", &until.unwrap_or_default()),
                ];
                filled(words.closed, &values)
            }
            Some(time) if keep.is_over => filled(words.over, &[("day", &self.day(time))]),
            Some(time) => filled(words.until, &[("day", &self.day(time))]),
            None => words.open.to_owned(),
        };
        let agreed = keep.agreed_on.map(|date| {
            let day = crate::exchange::paper::dates::day(self.lang, date);
            filled(words.agreed, &[("day", &day)])
        });
        let texts = [Some(until), agreed, Some(words.backups.to_owned())];
        let mut blocks: Vec<Block> = texts.into_iter().flatten().map(Block::Text).collect();
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: summary
                .permissions
                .iter()
                .map(|it| self.permitted(it))
                .collect(),
        };
        let is_some = !table.rows.is_empty();
        blocks.extend(rows_or(words.none, None, table));
        if is_some {
            blocks.push(Block::Text(words.how.to_owned()));
        }
        blocks
    }

    fn permitted(&self, it: &LivePermission) -> Vec<Vec<String>> {
        let words = &self.words.keep;
        let by = it
            .allowed
            .by
            .iter()
            .map(|by| filled(words.by, &[("by", by), ("day", &self.day(it.allowed.on))]));
        let entries = (!it.entries.is_empty()).then(|| it.entries.join(", "));
        let later = it.covers_later.then(|| words.later.to_owned());
        let purpose = it.purpose.as_deref();
        let purpose = purpose.map_or(self.words.access.unsaid.to_owned(), |it| {
            format!("\"{it}\"")
        });
        vec![
            std::iter::once(it.number.clone()).chain(by).collect(),
            vec![people(&it.to)],
            entries.into_iter().chain(later).collect(),
            vec![purpose],
            vec![self.day(it.until)],
        ]
    }

    /// What the client can do: what is open first, then what always holds.
    pub(super) fn advice(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.advice;
        let mut points = Vec::new();
        for it in &summary.requests {
            let (day, who) = (self.day(it.on), people(&it.to));
            let known = [("number", it.number.as_str()), ("day", &day), ("who", &who)];
            points.push(filled(words.answer, &known));
        }
        let is_closed = summary.retention.closed.is_some();
        for (change, told) in [
            (ReportedChange::Gone, words.change_yourself),
            (ReportedChange::Unchanged, words.unchanged),
        ] {
            let ended = summary.ended.iter().filter(|it| it.change == change);
            let entries: BTreeSet<&str> = ended.map(|it| it.entry.as_str()).collect();
            if !entries.is_empty() {
                let entries = Vec::from_iter(entries).join(", ");
                points.push(filled(told, &[("what", &entries)]));
            }
        }
        for it in &summary.ended {
            let known = [("who", it.who.name.as_str()), ("what", &it.entry)];
            if it.change == ReportedChange::LoginLeft {
                points.push(filled(words.login_left, &known));
            } else if it.deletion.is_none()
                && matches!(it.change, ReportedChange::Unchanged | ReportedChange::Gone)
            {
                points.push(filled(words.deletion, &known));
            }
        }
        let none = SecondFactor::Nothing.as_str();
        let open = summary
            .entries
            .iter()
            .filter(|it| it.second_factor == Some(none));
        let open: Vec<&str> = open.map(|it| it.name.as_str()).collect();
        if !open.is_empty() {
            points.push(filled(words.second_step, &[("what", &open.join(", "))]));
        }
        if !is_closed && (summary.retention.until.is_none() || summary.retention.is_over) {
            points.push(words.retention.to_owned());
        }
        if !is_closed && !summary.rules.given {
            points.push(words.rules.to_owned());
        }
        let always = [
            words.check,
            words.never_mail,
            words.own_password,
            words.wrong,
        ];
        points.extend(always.map(str::to_owned));
        vec![Block::List(points)]
    }

    /// What shows that all this is so.
    pub(super) fn proof(&self, summary: &ClientSummary) -> Vec<Block> {
        let words = &self.words.proof;
        let rows = summary.heads.iter().map(|it| {
            vec![
                vec![it.device.clone()],
                vec![it.count.to_string()],
                vec![it.head.clone()],
            ]
        });
        let table = PageTable {
            caption: words.caption.to_owned(),
            columns: words.columns.to_vec(),
            rows: rows.collect(),
        };
        let signature = filled(words.signature, &[("key", &summary.key)]);
        let law = (!summary.private).then(|| Block::Text(words.law.to_owned()));
        let blocks = [
            Block::Text(words.heads.to_owned()),
            Block::Table(table),
            Block::Text(signature),
            Block::Text(words.limits.to_owned()),
        ];
        blocks.into_iter().chain(law).collect()
    }
}
