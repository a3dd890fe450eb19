//! What this program's own `export --format json` wrote: entries and clients with all that they
//! were. The file's other records, its log among them, are for reading and stay there.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{Many, parse};
use super::{Intake, Reader, Source};
use crate::error::{Error, Result};
use crate::model::portable::{FORMAT, PortableClient, PortableEntry};

#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    clients: Many<PortableClient>,
    #[serde(default)]
    entries: Many<PortableEntry>,
    #[serde(default)]
    records: Records,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Records {
    contacts: Many<IgnoredAny>,
    consents: Many<IgnoredAny>,
    shares: Many<IgnoredAny>,
    received: Many<IgnoredAny>,
    incidents: Many<IgnoredAny>,
}

/// Reads this program's own export.
pub(super) struct OwnJson;

impl Reader for OwnJson {
    fn read(&self, source: &Source<'_>, intake: &mut Intake) -> Result<()> {
        let text = source.text()?;
        check_format(text)?;
        let export: Export = parse(text)?;
        for client in export.clients.0 {
            intake.client(client)?;
        }
        for (row, entry) in (1..).zip(export.entries.0) {
            intake.own(row, entry)?;
        }
        intake.for_reading = export.records.count();
        Ok(())
    }
}

impl Records {
    fn count(&self) -> u64 {
        let kinds = [
            &self.contacts,
            &self.consents,
            &self.shares,
            &self.received,
            &self.incidents,
        ];
        kinds.iter().map(|kind| kind.0.len() as u64).sum()
    }
}

/// Refuses what a newer version wrote before it is held against this one's shape.
fn check_format(text: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct Format<'a> {
        #[serde(borrow)]
        format: Cow<'a, str>,
    }
    let found: Format<'_> = parse(text)?;
    if found.format == FORMAT {
        return Ok(());
    }
    Err(
        Error::usage("the file is no export of this version").hint(format!(
            "this version reads {FORMAT}; upgrade vault for a newer one"
        )),
    )
}
