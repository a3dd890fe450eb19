//! What is looked for, and where it stands in a text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::forms::{Form, forms, wide_forms};
use crate::error::{Error, Result};

/// Secrets that are looked for, all at once. `L` is what each of them is known by.
///
/// The automaton keeps the forms as well: it is wiped as all freed memory of this program is.
pub(crate) struct Matcher<L> {
    automaton: AhoCorasick,
    /// The forms in their order, each with the secrets that have it.
    forms: Vec<(Form, Vec<L>)>,
    longest: usize,
}

/// Where a secret stands.
#[derive(Debug)]
pub(crate) struct SecretPlace<'m, L> {
    pub(crate) range: Range<usize>,
    pub(crate) known_by: &'m [L],
}

/// What is gathered for a matcher.
pub(crate) struct Gathered<L>(BTreeMap<Form, Vec<L>>);

impl<L: Clone + PartialEq> Gathered<L> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a secret; whether it is long enough to be looked for.
    pub(crate) fn add(&mut self, value: &str, known_by: &L) -> bool {
        self.add_forms(forms(value), known_by)
    }

    /// Adds one as it stands in files, which may have 16-bit characters too; whether it is long
    /// enough.
    pub(crate) fn add_for_files(&mut self, value: &str, known_by: &L) -> bool {
        self.add_forms(wide_forms(value), known_by);
        self.add(value, known_by)
    }

    fn add_forms(&mut self, forms: BTreeSet<Form>, known_by: &L) -> bool {
        let is_any = !forms.is_empty();
        for form in forms {
            let known = self.0.entry(form).or_default();
            if !known.contains(known_by) {
                known.push(known_by.clone());
            }
        }
        is_any
    }

    /// Builds the matcher.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when it becomes too large.
    pub(crate) fn into_matcher(self) -> Result<Matcher<L>> {
        let forms: Vec<(Form, Vec<L>)> = self.0.into_iter().collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // A table of all transitions would take many times the memory.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms.iter().map(|(form, _)| form.expose()))
            .map_err(|why| Error::failed(format!("cannot look for so many secrets: {why}")))?;
        let longest = forms.iter().map(|(form, _)| form.expose().len()).max();
        Ok(Matcher {
            automaton,
            forms,
            longest: longest.unwrap_or_default(),
        })
    }
}

impl<L> Matcher<L> {
    /// All places that secrets take in `text`, by where they begin, and the longest first of those
    /// that begin together.
    pub(crate) fn found(&self, text: &[u8]) -> Vec<SecretPlace<'_, L>> {
        let found = self.automaton.find_overlapping_iter(text);
        let found = found.filter_map(|it| {
            let (_, known_by) = self.forms.get(it.pattern().as_usize())?;
            let range = it.range();
            Some(SecretPlace { range, known_by })
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|it| (it.range.start, usize::MAX - it.range.end));
        found
    }

    /// Where the earliest secret may begin that goes on behind the end of `text`; its length where
    /// none may.
    pub(crate) fn open_at(&self, text: &[u8]) -> usize {
        let first = text.len().saturating_sub(self.longest.saturating_sub(1));
        let open = (first..text.len()).find(|at| self.begins_with(text.get(*at..).unwrap_or(text)));
        open.unwrap_or(text.len())
    }

    /// Whether a form begins with `start` and is longer.
    fn begins_with(&self, start: &[u8]) -> bool {
        let at = self
            .forms
            .partition_point(|(form, _)| form.expose() < start);
        let near = self.forms.get(at..).unwrap_or_default().iter().take(2);
        near.into_iter()
            .any(|(form, _)| form.expose().len() > start.len() && form.expose().starts_with(start))
    }
}
