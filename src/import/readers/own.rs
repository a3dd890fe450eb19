//! What this program's own `export --format json` wrote: entries and clients with all that they
//! were. The file's other records, its log among them, are for reading and stay there.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::import::parts::json::{each, parse};
use crate::import::parts::unknown::{quoted, unknown_member};
use crate::import::{Intake, Reader, Source};
use crate::model::transfer::portable::{FORMAT, PortableClient, PortableEntry};

#[derive(Deserialize)]
struct OwnExport<'a> {
    #[serde(borrow)]
    clients: Option<&'a RawValue>,
    #[serde(borrow)]
    entries: Option<&'a RawValue>,
    #[serde(borrow, default)]
    records: OwnRecords<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnRecords<'a> {
    #[serde(borrow)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    consents: Option<&'a RawValue>,
    #[serde(borrow)]
    shares: Option<&'a RawValue>,
    #[serde(borrow)]
    received: Option<&'a RawValue>,
    #[serde(borrow)]
    incidents: Option<&'a RawValue>,
}

/// What an export has.
const MEMBERS: [&str; 4] = ["clients", "entries", "format", "records"];

/// Reads this program's own export.
pub(crate) struct OwnJson;

impl Reader for OwnJson {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        check_format(text)?;
        let export: OwnExport<'_> = parse(text)?;
        if export.clients.is_none() && export.entries.is_none() {
            return Err(Error::usage(
                "the file says that it is an export of vault, and has no entries",
            )
            .hint("export it again: vault export --format json"));
        }
        if let Some(name) = unknown_member(text, &MEMBERS) {
            intake.lose_of_file(newer(&name));
        }
        let malformed = |what: &str, row: u64| {
            Error::usage(format!("{what} {row} of the file is malformed JSON"))
                .hint("export it again; nothing was changed")
        };
        let mut row = 0;
        each(list(export.clients), |client| {
            row += 1;
            let (client, unknown): (PortableClient, _) =
                record(client).ok_or_else(|| malformed("client", row))?;
            if let Some(name) = unknown.as_ref().or(client.unknown.keys().next()) {
                let why = newer(&quoted(name));
                intake.lose(row, format!("client {row} of the file: {why}"));
            }
            intake.client(client)
        })?;
        row = 0;
        each(list(export.entries), |entry| {
            row += 1;
            let (entry, unknown): (PortableEntry, _) =
                record(entry).ok_or_else(|| malformed("entry", row))?;
            if let Some(name) = unknown.as_ref().or(entry.unknown.keys().next()) {
                intake.lose(row, newer(&quoted(name)));
            }
            intake.own(row, entry)
        })?;
        intake.for_reading = export.records.count()?;
        Ok(())
    }
}

/// What is said of a record of which not all is known.
fn newer(name: &str) -> String {
    format!("{name}, a member of it that this version does not know")
}

/// Reads a record, and the name of the first member of it that is not known.
fn record<'a, T: Deserialize<'a>>(text: &'a str) -> Option<(T, Option<String>)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut unknown = None;
    let record = serde_ignored::deserialize(&mut json, |path| {
        unknown.get_or_insert_with(|| path.to_string());
    });
    Some((record.ok()?, unknown))
}

fn list(list: Option<&RawValue>) -> &str {
    list.map_or("[]", RawValue::get)
}

impl OwnRecords<'_> {
    fn count(&self) -> Result<u64> {
        let kinds = [
            self.contacts,
            self.consents,
            self.shares,
            self.received,
            self.incidents,
        ];
        let mut count = 0;
        for kind in kinds {
            each(list(kind), |_| {
                count += 1;
                Ok(())
            })?;
        }
        Ok(count)
    }
}

/// Refuses what a newer version wrote before it is held against this one's shape.
fn check_format(text: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct OwnFormat<'a> {
        #[serde(borrow)]
        format: Cow<'a, str>,
    }
    let found: OwnFormat<'_> = parse(text)?;
    if found.format == FORMAT {
        return Ok(());
    }
    Err(
        Error::usage("the file is no export of this version").hint(format!(
            "this version reads {FORMAT}; upgrade vault for a newer one"
        )),
    )
}
