//! What a format has no place for.

use super::ExportFormat;
use super::parts::{fields, former, is_xml, secret, texts};
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::records::entry::Entry;
use crate::model::transfer::portable::Outgoing;

/// What a format cannot hold, counted by kind, such as `(2, "attachment")`. Kinds that do not occur
/// are left out.
#[must_use]
pub fn left_out(format: ExportFormat, outgoing: &Outgoing<'_>) -> Vec<(usize, &'static str)> {
    let holds = Holds::of(format);
    let all = outgoing.entries.iter().map(|(_, entry)| *entry);
    let count = |kind: fn(&Entry) -> usize| all.clone().map(kind).sum::<usize>();
    let counted = [
        (
            holds.totp,
            "one-time seed",
            count(|entry| usize::from(entry.current(TOTP).is_some())),
        ),
        (holds.fields, "field", count(|entry| fields(entry).count())),
        (holds.tags, "tag", count(|entry| entry.tags().len())),
        (
            holds.files,
            "attachment",
            count(|entry| entry.attached().count()),
        ),
        (
            holds.former,
            "former secret",
            count(|entry| former(entry).len()),
        ),
        (
            holds.expires,
            "expiry date",
            count(|entry| usize::from(entry.expires.value().is_some())),
        ),
        (
            holds.all,
            "pending secret",
            count(|entry| usize::from(entry.pending().is_some())),
        ),
        (
            holds.all,
            "rotation rule",
            count(|entry| usize::from(entry.rotate_every.value().is_some())),
        ),
        (
            holds.all,
            "variable name",
            count(|entry| usize::from(entry.env.value().is_some())),
        ),
        (
            holds.all,
            "note of a second factor",
            count(|entry| usize::from(entry.second_factor.value().is_some())),
        ),
        (
            holds.all,
            "mark for use only",
            count(|entry| usize::from(entry.is_use_only())),
        ),
        (holds.all, "former hidden field", count(former_fields)),
        (
            holds.all,
            "former attachment",
            count(|entry| entry.attachments.len() - entry.attached().count()),
        ),
    ];
    let lost = counted
        .into_iter()
        .filter(|(held, _, count)| !held && *count > 0);
    lost.map(|(_, what, count)| (count, what)).collect()
}

/// What is written in a way that the other program may not take as it is meant.
#[must_use]
pub fn remark(format: ExportFormat, outgoing: &Outgoing<'_>) -> Option<(usize, &'static str)> {
    let entries = outgoing.entries.iter().map(|(_, entry)| *entry);
    let (count, remark) = match format {
        ExportFormat::Pass => (
            entries.filter(|entry| secret(entry).contains('\n')).count(),
            "with a secret of several lines: pass takes the first for the password",
        ),
        ExportFormat::KeepassXml => (
            entries
                .filter(|entry| texts(entry).any(|text| !is_xml(text)))
                .count(),
            "with characters that XML cannot hold: what has them is attached as a file",
        ),
        ExportFormat::ChromeCsv => (
            entries.filter(|entry| entry.urls().is_empty()).count(),
            "without a URL: a browser may not take them",
        ),
        ExportFormat::Json | ExportFormat::Csv | ExportFormat::Bitwarden => return None,
    };
    (count > 0).then_some((count, remark))
}

/// The values that hidden fields and the seed had before.
fn former_fields(entry: &Entry) -> usize {
    let other = entry
        .versions
        .iter()
        .filter(|version| version.slot() != SECRET);
    let in_use = entry.secrets().filter(|(slot, _)| *slot != SECRET);
    other.count() - in_use.count()
}

/// What a format has a place for.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a table of yes and no")]
struct Holds {
    totp: bool,
    fields: bool,
    tags: bool,
    files: bool,
    former: bool,
    expires: bool,
    all: bool,
}

impl Holds {
    fn of(format: ExportFormat) -> Self {
        let table = Self {
            totp: true,
            fields: true,
            ..Self::default()
        };
        match format {
            ExportFormat::Json => Self {
                tags: true,
                files: true,
                former: true,
                expires: true,
                all: true,
                ..table
            },
            ExportFormat::Csv | ExportFormat::Pass => table,
            ExportFormat::ChromeCsv => Self::default(),
            ExportFormat::Bitwarden => Self {
                former: true,
                ..table
            },
            ExportFormat::KeepassXml => Self {
                tags: true,
                files: true,
                former: true,
                expires: true,
                ..table
            },
        }
    }
}
