//! Holding what was read against the rules of names and the limits, so that all of it can be kept.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::domain::{host, registrable};
use super::numbering::Names;
use super::{Imported, ImportedField, ImportedFile, Past, Rest, holds_secret, names_secret};
use crate::model::attachment::check_attachment_size;
use crate::model::changes::{Changes, check_text};
use crate::model::entry::Slot;
use crate::model::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, SECRET_BYTES};
use crate::model::name::{AttachmentName, FieldName, mend};
use crate::model::portable::PortableEntry;
use crate::model::secret::Secret;
use crate::model::totp;
use crate::model::variable::check_settable;

/// A credential that can be kept as it is, and what may decide where.
pub struct Candidate {
    /// Where it stands in the source.
    pub row: u64,
    /// What could not be kept of it, and why.
    pub left_out: Vec<String>,
    /// The folders that it was in, or what stands in for them, as name parts.
    pub(super) groups: Vec<String>,
    /// Its title as a name part.
    pub(super) name: Option<String>,
    /// The host of its first URL.
    pub(super) host: Option<String>,
    pub(super) changes: Box<Changes>,
    pub(super) history: Vec<Past>,
    pub(super) files: Vec<(AttachmentName, Zeroizing<Vec<u8>>)>,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) secret_since: Option<Timestamp>,
    /// All of it, where it comes from this program's own export.
    pub(super) own: Option<Box<PortableEntry>>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl Candidate {
    /// Makes what was read fit: names become names that are allowed, what is too long for its place
    /// goes where there is room, blanks go.
    ///
    /// # Errors
    /// Why it cannot be kept, in words that hold nothing of its content.
    pub fn fit(imported: Imported) -> Result<Self, String> {
        let mut fields = Fields::default();
        let mut left_out = Vec::new();
        let (title, urls) = (imported.title.trim(), trimmed(&imported.urls));
        let name = mend(without_scheme(title));
        if name.as_deref() != Some(title) && !urls.iter().any(|url| url == title) {
            fields.add("title", Secret::new(title.to_owned()), false);
        }
        let unnamed = |tag: &&String| !tag.trim().is_empty() && mend(tag).is_none();
        for tag in imported.tags.iter().filter(unnamed) {
            fields.add("tag", Secret::new(tag.clone()), false);
        }
        let mut changes = Changes {
            username: imported.username.filter(|text| !text.trim().is_empty()),
            tags: imported
                .tags
                .iter()
                .filter_map(|tag| mend(tag)?.parse().ok())
                .collect(),
            env: (imported.env.and_then(|name| name.parse().ok()))
                .filter(|env| check_settable(env).is_ok()),
            expires: imported.expires,
            ..Changes::default()
        };
        let secret = imported.secret.filter(|secret| !secret.is_empty());
        changes
            .secrets
            .extend(secret.map(|secret| (Slot::Secret, secret)));
        let seed = (imported.totp).filter(|seed| !seed.expose().trim().is_empty());
        left_out.extend(seed.and_then(|seed| fit_seed(seed, &mut changes, &mut fields)));
        fit_notes(imported.notes, &mut changes, &mut fields);
        for ImportedField {
            name,
            value,
            hidden,
        } in imported.fields
        {
            fields.add(&name, value, hidden);
        }
        fields.settle(imported.rest, &mut changes, &mut left_out);
        let host = urls.iter().find_map(|url| host(url));
        changes.urls = urls;
        changes.check().map_err(|why| why.message().to_owned())?;
        // A label can stand in for a folder, and is nested like one.
        let label = imported.tags.first().filter(|_| imported.groups.is_empty());
        let label = label.into_iter().flat_map(|label| label.split('/'));
        let groups = (imported.groups.iter().map(String::as_str)).chain(label);
        let groups = groups.filter_map(mend).collect();
        let files = files(imported.files, &mut left_out);
        let mut history = imported.history;
        history.retain(|past| {
            let unfit = check_text("a former secret", past.secret.expose(), SECRET_BYTES).err();
            left_out.extend(unfit.iter().map(|why| why.message().to_owned()));
            unfit.is_none()
        });
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
        let urls = changes.urls.iter().map(|url| TEXT + url.len());
        let past = self.history.iter().map(|past| past.secret.expose().len());
        let past = past.map(|length| size_of::<Past>() + TEXT + length);
        let texts = [&changes.notes, &changes.username].into_iter().flatten();
        let lists = TEXT * (changes.tags.len() + changes.fields.len() + self.groups.len());
        let all = size_of::<Self>()
            + size_of::<Changes>()
            + lists
            + fields.chain(secrets).chain(urls).chain(past).sum::<usize>()
            + texts.map(String::len).sum::<usize>();
        all as u64
    }

    /// What its URL proposes as a client.
    pub(super) fn domain(&self) -> Option<String> {
        mend(&registrable(self.host.as_deref()?))
    }

    /// Its username as a name part.
    pub(super) fn username_part(&self) -> Option<String> {
        mend(self.changes.username.as_deref()?)
    }
}

/// A seed that codes can be made of has its place; another one is kept, and it is said why.
fn fit_seed(seed: Secret, changes: &mut Changes, fields: &mut Fields) -> Option<String> {
    let why = match totp::check(&seed) {
        Ok(()) => {
            changes.secrets.push((Slot::Totp, seed));
            return None;
        }
        Err(why) => why,
    };
    fields.add("totp seed", seed, true);
    Some(format!(
        "its one-time codes: {why}; the seed is kept as the hidden field \"totp seed\""
    ))
}

fn fit_notes(notes: Option<String>, changes: &mut Changes, fields: &mut Fields) {
    let notes = notes.map(|notes| notes.replace("\r\n", "\n"));
    match notes.filter(|notes| !notes.trim().is_empty()) {
        Some(long) if long.len() > FIELD_BYTES => {
            fields.add("long note", Secret::new(long), true);
        }
        // Notes are shown: a private key or a seed of codes is not.
        Some(private) if holds_secret(&private) => {
            fields.add("private note", Secret::new(private), true);
        }
        short => changes.notes = short,
    }
}

fn trimmed(urls: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let urls = urls.iter().map(|url| url.trim().to_owned());
    urls.filter(|url| !url.is_empty() && seen.insert(url.clone()))
        .collect()
}

/// A title that is a URL is named by what follows the scheme.
fn without_scheme(title: &str) -> &str {
    match title.split_once("://") {
        Some((_, rest)) => rest.trim_end_matches('/'),
        None => title,
    }
}

fn files(
    files: Vec<ImportedFile>,
    left_out: &mut Vec<String>,
) -> Vec<(AttachmentName, Zeroizing<Vec<u8>>)> {
    let mut names = Names::default();
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
#[derive(Default)]
struct Fields {
    names: Names,
    kept: Vec<(FieldName, Secret, bool)>,
}

impl Fields {
    /// Adds a field, hidden where that is asked for or where it is known for a secret.
    fn add(&mut self, name: &str, value: Secret, hidden: bool) {
        if value.expose().trim().is_empty() {
            return;
        }
        let hidden = hidden || names_secret(name) || holds_secret(value.expose());
        let mut mended = mend(name).unwrap_or_else(|| "field".into());
        if mended.parse::<FieldName>().is_err() {
            // A built-in field has this name.
            mended.push_str(" field");
        }
        if let Ok(name) = self.names.take(&mended).parse() {
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
