//! Holding what was read against the rules of names and the limits, so that all of it can be kept.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::field_names::FieldNames;
use super::secret_names::without_login;
use super::{Imported, ImportedField, ImportedFile, Past, Rest, holds_secret};
use crate::model::entry::attachments::check_attachment_size;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::{EntryField, EntryValues};
use crate::model::entry::totp;
use crate::model::records::slot::Slot;
use crate::model::text::domain::{host, registrable};
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, IMPORT_LIST, SECRET_BYTES};
use crate::model::text::name::{AttachmentName, FieldName, mend, nfc};
use crate::model::text::numbering::UniqueNames;
use crate::model::text::secret::Secret;
use crate::model::text::text_rules::check_text;
use crate::model::text::variable::check_settable;
use crate::model::transfer::portable::PortableEntry;

/// The field for a text that stands where a seed should, but is not one.
const NO_SEED: &str = "totp seed";

/// A credential that can be kept as it is, and what may decide where.
pub struct Candidate {
    /// Where it stands in the source.
    pub row: u64,
    /// What could not be kept of it, and why.
    pub left_out: Vec<String>,
    /// The folders that it was in, or what stands in for them, as name parts.
    pub(crate) groups: Vec<String>,
    /// Its title as a name part.
    pub(crate) name: Option<String>,
    /// The host of its first URL.
    pub(crate) host: Option<String>,
    pub(crate) changes: Box<Changes>,
    pub(crate) history: Vec<Past>,
    pub(crate) files: Vec<(AttachmentName, Zeroizing<Vec<u8>>)>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) secret_since: Option<Timestamp>,
    /// All of it, where it comes from this program's own export.
    pub(crate) own: Option<Box<PortableEntry>>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl Candidate {
    pub(super) fn is_bare(&self) -> bool {
        self.own.is_none() && self.changes.secrets.is_empty() && self.files.is_empty()
    }

    /// Makes what was read fit: names become names that are allowed, what is too long for its place
    /// goes where there is room, blanks go.
    ///
    /// # Errors
    /// Why it cannot be kept, in words that hold nothing of its content.
    pub fn fit(imported: Imported, names: &mut FieldNames) -> Result<Self, String> {
        let mut fields = FittedFields::named_by(names);
        let mut left_out = imported.told;
        if imported.over > 0 {
            left_out.push(format!(
                "{} of its labels and URLs: there is room for {IMPORT_LIST} of each",
                imported.over
            ));
        }
        let title = imported.title.trim();
        let urls = shown(trimmed(&imported.urls), &mut fields);
        // Names are shown, and so no secret becomes one.
        let name = mend(without_scheme(title)).filter(|_| !holds_secret(title));
        if name.as_deref() != Some(title) && !urls.iter().any(|url| url == title) {
            fields.add("title", Secret::new(title.to_owned()), false);
        }
        let mut values = EntryValues {
            username: imported.username.filter(|text| !text.trim().is_empty()),
            tags: imported.tags.iter().filter_map(|tag| mend(tag)).collect(),
            env: (imported.env.clone())
                .filter(|env| env.parse().is_ok_and(|env| check_settable(&env).is_ok())),
            expires: imported.expires,
            urls,
            ..EntryValues::default()
        };
        let mut changes = Changes::default();
        let secret = imported.secret.filter(|secret| !secret.is_empty());
        changes
            .secrets
            .extend(secret.map(|secret| (Slot::Secret, secret)));
        let seed = seed(imported.totp, &mut fields, &mut left_out);
        changes.secrets.extend(seed.map(|seed| (Slot::Totp, seed)));
        for (what, names) in [("folder", &imported.groups), ("tag", &imported.tags)] {
            for name in names.iter().filter(|name| is_changed(name)) {
                fields.add(what, Secret::new(name.clone()), false);
            }
        }
        if let Some(name) = imported.env.as_ref().filter(|_| values.env.is_none()) {
            left_out.push(format!("{name} is a variable that no program is given"));
        }
        values.notes = imported.notes.and_then(|notes| note(&notes, &mut fields));
        fields.add_all(imported.fields);
        fields.settle(imported.rest, &mut changes, &mut left_out);
        let host = values.urls.iter().find_map(|url| host(url));
        changes.values = values;
        changes.check().map_err(|why| why.message().to_owned())?;
        // A label can stand in for a folder, and is nested like one.
        let mut labels = imported.tags.iter().filter(|tag| !is_state(tag));
        let label = labels.next().filter(|_| imported.groups.is_empty());
        let label = label.into_iter().flat_map(|label| label.split('/'));
        let groups = (imported.groups.iter().map(String::as_str)).chain(label);
        let groups = groups.filter_map(mend).collect();
        let files = files(imported.files, &mut left_out);
        let history = former(imported.history, &mut left_out);
        Ok(Self {
            row: imported.row,
            left_out,
            groups,
            name,
            host,
            changes: Box::new(changes),
            history,
            files,
            created: imported.created,
            updated: imported.updated,
            secret_since: imported.secret_since,
            own: None,
        })
    }

    /// About how much memory it takes, attachments aside, in bytes.
    #[must_use]
    pub fn weight(&self) -> u64 {
        /// What a text takes besides itself: where it is, and the allocator's share.
        const TEXT: usize = 48;
        let changes = &self.changes;
        let fields = changes.fields.iter().map(|(_, text)| TEXT + text.len());
        let secrets = changes.secrets.iter().map(|(_, secret)| secret.expose());
        let secrets = secrets.map(|text| 2 * TEXT + text.len());
        let values = EntryField::ALL
            .iter()
            .flat_map(|field| changes.values.texts(*field));
        let values = values.map(|text| TEXT + text.len());
        let past = self.history.iter().map(|past| past.secret.expose().len());
        let past = past.map(|length| size_of::<Past>() + TEXT + length);
        let lists = TEXT * (changes.fields.len() + self.groups.len());
        let all = size_of::<Self>()
            + size_of::<Changes>()
            + lists
            + fields
                .chain(secrets)
                .chain(values)
                .chain(past)
                .sum::<usize>();
        all as u64
    }

    /// What its URL proposes as a client.
    pub(crate) fn domain(&self) -> Option<String> {
        mend(&registrable(self.host.as_deref()?))
    }

    /// Its username as a name part.
    pub(crate) fn username_part(&self) -> Option<String> {
        mend(self.changes.values.username.as_deref()?)
    }
}

/// The URLs as they can be shown; one with a password in it is kept whole as a hidden field.
fn shown(mut urls: Vec<String>, fields: &mut FittedFields<'_>) -> Vec<String> {
    for url in &mut urls {
        if let Some(plain) = without_login(url) {
            let whole = std::mem::replace(url, plain);
            fields.add("url with login", Secret::new(whole), true);
        }
    }
    urls
}

/// The note as it can be shown; one that is long, or holds a private key or a seed, becomes a
/// hidden field.
fn note(text: &str, fields: &mut FittedFields<'_>) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let name = match text.len() {
        _ if text.trim().is_empty() => return None,
        len if len > FIELD_BYTES => "long note",
        _ if holds_secret(&text) => "private note",
        _ => return Some(text),
    };
    fields.add(name, Secret::new(text), true);
    None
}

/// The seed, if codes can be made of it; what gives none is kept as a field, and told.
fn seed(
    seed: Option<Secret>,
    fields: &mut FittedFields<'_>,
    left_out: &mut Vec<String>,
) -> Option<Secret> {
    let seed = seed.filter(|seed| !seed.expose().trim().is_empty())?;
    let Err(why) = totp::check(&seed) else {
        return Some(seed);
    };
    left_out.push(format!("no codes: {why}; kept in the field `{NO_SEED}`"));
    fields.add(NO_SEED, seed, true);
    None
}

fn trimmed(urls: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let urls = urls.iter().map(|url| url.trim().to_owned());
    urls.filter(|url| !url.is_empty() && seen.insert(url.clone()))
        .collect()
}

/// Whether a folder or a label is written in another way as a part of a name, or cannot be one.
fn is_changed(name: &str) -> bool {
    let name = nfc(name.trim());
    !name.is_empty() && mend(&name).as_deref() != Some(name.as_str())
}

/// Whether a label says what became of an entry, and nothing about whose it is.
fn is_state(label: &str) -> bool {
    const STATES: [&str; 3] = ["archived", "trashed", "deleted"];
    let first = label.split('/').next().unwrap_or_default();
    STATES.contains(&first.trim().to_lowercase().as_str())
}

/// A title that is a URL is named by what follows the scheme.
fn without_scheme(title: &str) -> &str {
    match title.split_once("://") {
        Some((_, rest)) => rest.trim_end_matches('/'),
        None => title,
    }
}

/// The former secrets that can be kept.
fn former(mut history: Vec<Past>, left_out: &mut Vec<String>) -> Vec<Past> {
    history.retain(|past| {
        let unfit = check_text("a former secret", past.secret.expose(), SECRET_BYTES).err();
        left_out.extend(unfit.iter().map(|why| why.message().to_owned()));
        unfit.is_none()
    });
    history
}

fn files(
    files: Vec<ImportedFile>,
    left_out: &mut Vec<String>,
) -> Vec<(AttachmentName, Zeroizing<Vec<u8>>)> {
    let mut names = UniqueNames::default();
    let mut kept = Vec::new();
    for file in files {
        let name = mend(&file.name).unwrap_or_else(|| "file".into());
        if let Err(why) = check_attachment_size(file.bytes.len()) {
            left_out.push(format!("attachment {name}: {why}"));
            continue;
        }
        if let Ok(name) = names.take(&name).parse() {
            kept.push((name, file.bytes));
        }
    }
    kept
}

/// The custom fields, each under a name of its own.
struct FittedFields<'n> {
    fitted: &'n mut FieldNames,
    names: UniqueNames,
    kept: Vec<(FieldName, Secret, bool)>,
}

impl<'n> FittedFields<'n> {
    fn named_by(fitted: &'n mut FieldNames) -> Self {
        Self {
            fitted,
            names: UniqueNames::default(),
            kept: Vec::new(),
        }
    }

    fn add_all(&mut self, fields: Vec<ImportedField>) {
        for ImportedField {
            name,
            value,
            hidden,
        } in fields
        {
            if self.fitted.fit(&name).loses_letters {
                self.add("label", Secret::new(name.clone()), hidden);
            }
            self.add(&name, value, hidden);
        }
    }

    /// Adds a field, hidden where that is asked for or where it is known for a secret.
    fn add(&mut self, name: &str, value: Secret, hidden: bool) {
        if value.expose().trim().is_empty() {
            return;
        }
        let fitted = self.fitted.fit(name);
        let hidden = hidden || fitted.names_secret || holds_secret(value.expose());
        if let Ok(name) = self.names.take(&fitted.name).parse() {
            self.kept.push((name, value, hidden));
        }
    }

    /// Puts the fields in `changes`; those past the limit share one hidden field.
    fn settle(mut self, mut rest: Rest, changes: &mut Changes, left_out: &mut Vec<String>) {
        let is_seed = |(slot, _): &&(Slot, Secret)| *slot == Slot::Totp;
        let room = FIELDS_PER_ENTRY - changes.secrets.iter().filter(is_seed).count();
        if self.kept.len() > room || !rest.text.is_empty() {
            for (name, value, _) in self.kept.split_off(self.kept.len().min(room - 1)) {
                rest.add(name.as_str(), value.expose());
            }
            self.add("more fields", Secret::new(rest.text.to_string()), true);
        }
        if rest.lost > 0 {
            left_out.push(format!(
                "{} of its fields: there is room for {FIELDS_PER_ENTRY} and for {SECRET_BYTES} bytes of further ones",
                rest.lost
            ));
        }
        for (name, value, hidden) in self.kept {
            if hidden || value.expose().len() > FIELD_BYTES {
                changes.secrets.push((Slot::Field(name), value));
            } else {
                changes.fields.push((name, value.expose().to_owned()));
            }
        }
    }
}
