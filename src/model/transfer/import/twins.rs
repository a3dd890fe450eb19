//! Rows of one source that say exactly the same: they are one credential.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use super::Candidate;
use crate::model::entry::changes::Changes;

/// Whatever a candidate says, but not where it stands.
struct CandidateContent<'a>(&'a Candidate);

impl PartialEq for CandidateContent<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.0, other.0);
        let times = |it: &Candidate| (it.created, it.updated, it.secret_since);
        one.name == other.name
            && one.groups == other.groups
            && one.host == other.host
            && set(&one.changes) == set(&other.changes)
            && one.history == other.history
            && one.files == other.files
            && times(one) == times(other)
    }
}

/// What a source can set.
fn set(changes: &Changes) -> impl PartialEq {
    (&changes.values, &changes.fields, &changes.secrets)
}

impl Eq for CandidateContent<'_> {}

impl Hash for CandidateContent<'_> {
    /// All of it: many rows that differ in one place alone would be held against each other.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let it = self.0;
        let changes = &it.changes;
        (&it.name, &it.groups, &it.host).hash(state);
        (it.created, it.updated, it.secret_since).hash(state);
        changes.values.hash(state);
        for (name, text) in &changes.fields {
            (name.as_str(), text).hash(state);
        }
        for (slot, secret) in &changes.secrets {
            (slot.as_str(), secret.expose()).hash(state);
        }
        for past in &it.history {
            (past.since, past.secret.expose()).hash(state);
        }
        for (name, bytes) in &it.files {
            (name.as_str(), bytes.as_slice()).hash(state);
        }
    }
}

/// For each candidate the first one that says the same, if that is another. An entry of this
/// program's own export is what it is by its path, and has none.
pub(crate) fn twins(candidates: &[Candidate]) -> Vec<Option<usize>> {
    let mut first = HashMap::new();
    let mut twins = Vec::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        let twin = match candidate.own {
            Some(_) => at,
            None => *first.entry(CandidateContent(candidate)).or_insert(at),
        };
        twins.push(Some(twin).filter(|twin| *twin != at));
    }
    twins
}
