//! `KeePass`'s references to fields of other entries, `{REF:P@I:46C9B1FFBD4ABC4BBB260C6190BAD20C}`:
//! which field, by which field the other entry is found, and what stands there.

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::keepass::KeePassEntry;
use crate::model::text::limits::{ENTRIES, SECRET_BYTES};
use crate::model::text::secret::Secret;

const START: &str = "{REF:";
/// References in references.
const DEPTH: usize = 8;
/// Bytes that may be put in place of references, in all entries.
const ROOM: usize = 16 << 20;

/// A reference: the field that is wanted, and the field and text by which its entry is found.
struct FieldReference {
    wanted: ReferencedField,
    by: ReferencedField,
    text: String,
}

#[derive(Clone, Copy, Hash, PartialEq, Eq)]
enum ReferencedField {
    Id,
    Text(&'static str),
}

impl ReferencedField {
    fn of(code: &str) -> Option<Self> {
        Some(match code.to_ascii_uppercase().as_str() {
            "T" => Self::Text("Title"),
            "U" => Self::Text("UserName"),
            "P" => Self::Text("Password"),
            "A" => Self::Text("URL"),
            "N" => Self::Text("Notes"),
            "I" => Self::Id,
            _ => return None,
        })
    }

    fn in_entry(self, entry: &KeePassEntry) -> Option<String> {
        match self {
            Self::Id => {
                let bytes = STANDARD.decode(entry.id.trim()).ok()?;
                let id = Uuid::from_slice(&bytes).ok()?;
                Some(id.simple().to_string().to_uppercase())
            }
            Self::Text(key) => entry.get(key).map(|text| text.expose().to_owned()),
        }
    }
}

/// Puts in the place of each reference what it stands for. What cannot be found stays as it is, and
/// so does a password in a text that is shown: the entry says so then.
pub(crate) fn resolve(entries: &mut [KeePassEntry]) {
    let mut resolver = Resolver {
        entries,
        found: find(entries),
        room: ROOM,
    };
    let mut changes = Vec::new();
    for (at, entry) in resolver.entries.iter().enumerate() {
        let with = |text: &Secret| has_one(text.expose());
        let fields = entry.fields.iter().enumerate();
        let fields = fields.filter(|(_, field)| with(&field.value));
        changes.extend(fields.map(|(field, _)| (at, ReferencePlace::Field(field))));
        let states = entry.history.iter().enumerate();
        let states = states.filter(|(_, state)| state.password.as_ref().is_some_and(with));
        changes.extend(states.map(|(state, _)| (at, ReferencePlace::Former(state))));
    }
    let changes: Vec<_> = changes
        .into_iter()
        .map(|(at, place)| (at, place, resolver.replaced(at, place)))
        .collect();
    for (at, place, replaced) in changes {
        if let Some(entry) = entries.get_mut(at) {
            place.put(entry, replaced);
        }
    }
}

fn has_one(text: &str) -> bool {
    start_of(text).is_some()
}

fn start_of(text: &str) -> Option<usize> {
    let bytes = text.as_bytes().windows(START.len());
    let mut starts = bytes.enumerate().filter(|(_, w)| w.first() == Some(&b'{'));
    starts.find_map(|(at, window)| window.eq_ignore_ascii_case(START.as_bytes()).then_some(at))
}

/// The first reference in a text: what stands before it, itself as it is spelt, and what follows.
fn first(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_at_checked(start_of(text)?)?;
    let (spelt, after) = rest.split_at_checked(rest.find('}')? + 1)?;
    Some((before, spelt, after))
}

fn parse(spelt: &str) -> Option<FieldReference> {
    let inner = spelt.get(START.len()..spelt.len().checked_sub(1)?)?;
    let (wanted, rest) = inner.split_once('@')?;
    let (by, text) = rest.split_once(':')?;
    Some(FieldReference {
        wanted: ReferencedField::of(wanted)?,
        by: ReferencedField::of(by)?,
        text: text.to_lowercase(),
    })
}

/// The entries that references name, the first one of each.
fn find(entries: &[KeePassEntry]) -> HashMap<(ReferencedField, String), usize> {
    let mut wanted = HashSet::new();
    let fields = entries.iter().flat_map(|entry| &entry.fields);
    let former = entries.iter().flat_map(|entry| &entry.history);
    let texts = fields
        .map(|field| &field.value)
        .chain(former.filter_map(|former| former.password.as_ref()));
    for text in texts {
        let mut rest = text.expose();
        while let Some((_, spelt, after)) = first(rest).filter(|_| wanted.len() < ENTRIES) {
            wanted.extend(parse(spelt).map(|found| (found.by, found.text)));
            rest = after;
        }
    }
    let by: HashSet<ReferencedField> = wanted.iter().map(|(by, _)| *by).collect();
    let mut found = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        for by in &by {
            let text = by.in_entry(entry).map(|text| (*by, text.to_lowercase()));
            if let Some(key) = text.filter(|key| wanted.contains(key)) {
                found.entry(key).or_insert(at);
            }
        }
    }
    found
}

/// Where a text with references stands.
#[derive(Clone, Copy)]
enum ReferencePlace {
    Field(usize),
    Former(usize),
}

impl ReferencePlace {
    fn text(self, entry: &KeePassEntry) -> Option<&Secret> {
        match self {
            Self::Field(at) => entry.fields.get(at).map(|field| &field.value),
            Self::Former(at) => entry.history.get(at)?.password.as_ref(),
        }
    }

    fn put(self, entry: &mut KeePassEntry, replaced: Option<(Secret, bool)>) {
        match (self, replaced) {
            (Self::Field(at), Some((text, has_password))) => {
                let Some(field) = entry.fields.get_mut(at) else {
                    return;
                };
                let is_shown = matches!(field.key.as_str(), "Title" | "UserName" | "URL" | "Notes")
                    || field.key.starts_with("KP2A_URL");
                if is_shown && has_password {
                    entry.lose(
                        "what a reference to a password stands for: it is in a text that is shown"
                            .into(),
                    );
                    return;
                }
                field.protected |= has_password;
                field.value = text;
            }
            (Self::Former(at), Some((text, _))) => {
                if let Some(former) = entry.history.get_mut(at) {
                    former.password = Some(text);
                }
            }
            (Self::Field(_), None) => entry.lose(
                "what a reference to another entry stands for: the file has no such entry or field"
                    .into(),
            ),
            (Self::Former(_), None) => {}
        }
    }
}

struct Resolver<'a> {
    entries: &'a [KeePassEntry],
    found: HashMap<(ReferencedField, String), usize>,
    room: usize,
}

impl Resolver<'_> {
    /// The text with what its references stand for, and whether a password is in it; nothing where
    /// one of them stands for nothing.
    fn replaced(&mut self, at: usize, place: ReferencePlace) -> Option<(Secret, bool)> {
        let text = place.text(self.entries.get(at)?)?.clone();
        let mut has_password = false;
        let replaced = self.replace(text.expose(), 0, &mut has_password)?;
        Some((replaced, has_password))
    }

    fn replace(&mut self, text: &str, depth: usize, has_password: &mut bool) -> Option<Secret> {
        self.room = self.room.checked_sub(text.len() + START.len())?;
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, spelt, after)) = first(rest) {
            let reference = parse(spelt).filter(|_| depth < DEPTH)?;
            *has_password |= reference.wanted == ReferencedField::Text("Password");
            let at = *self.found.get(&(reference.by, reference.text))?;
            let value = reference.wanted.in_entry(self.entries.get(at)?)?;
            let value = self.replace(&value, depth + 1, has_password)?;
            whole.push_str(before);
            whole.push_str(value.expose());
            if whole.len() > SECRET_BYTES {
                return None;
            }
            rest = after;
        }
        whole.push_str(rest);
        Some(Secret::new(whole))
    }
}
