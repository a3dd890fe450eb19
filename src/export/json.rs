//! This program's own JSON, `vault-export/1`: all that there is, a record on each line.
//!
//! `clients` and `entries` are plain values ([`crate::model::transfer::portable`]), sorted by name;
//! an import makes the same of them. `records` are the contacts, consents, shares, incidents,
//! reviews and the log as the vault file has them: there, a field that can change is a list of `[counter,
//! device, value]`. They are for reading, and only part of an export of everything.

use std::io::Write;

use serde::Serialize;

use super::{Writer, unwritten};
use crate::error::{Error, Result};
use crate::model::transfer::portable::{FORMAT, Outgoing, PortableClient, PortableEntry};
use crate::model::vault::Vault;

/// Writes all of it.
pub(super) struct OwnJsonExport;

impl Writer for OwnJsonExport {
    fn write(&self, outgoing: &Outgoing<'_>, out: &mut dyn Write) -> Result<()> {
        put(out, &format!("{{\"format\":\"{FORMAT}\""))?;
        let clients = outgoing.clients.iter();
        list(
            out,
            "clients",
            clients.map(|client| Ok(PortableClient::from(*client))),
        )?;
        let entries = outgoing.entries.iter().chain(&outgoing.trash);
        list(
            out,
            "entries",
            entries.map(|(path, entry)| PortableEntry::of(path, entry)),
        )?;
        if let Some(vault) = outgoing.records {
            put(
                out,
                ",\n\"records\":{\"note\":\"for reading; an import leaves them\"",
            )?;
            records(vault, out)?;
            put(out, "}")?;
        }
        put(out, "}\n")
    }
}

fn records(vault: &Vault, out: &mut dyn Write) -> Result<()> {
    list(out, "me", [Ok(&vault.me)].into_iter())?;
    list(out, "contacts", vault.contacts.iter().map(Ok))?;
    list(out, "consents", vault.consents.iter().map(Ok))?;
    list(out, "shares", vault.shares.iter().map(Ok))?;
    list(out, "received", vault.received.iter().map(Ok))?;
    list(out, "handed_over", vault.handed_over.iter().map(Ok))?;
    list(out, "incidents", vault.incidents.iter().map(Ok))?;
    list(out, "reviews", vault.reviews.iter().map(Ok))?;
    list(out, "log", vault.log.chains().iter().map(Ok))
}

/// One more key, and its list.
fn list<T: Serialize>(
    out: &mut dyn Write,
    key: &str,
    items: impl Iterator<Item = Result<T>>,
) -> Result<()> {
    put(out, &format!(",\n\"{key}\":["))?;
    for (at, item) in items.enumerate() {
        put(out, if at == 0 { "\n" } else { ",\n" })?;
        let item = item?;
        serde_json::to_writer(&mut *out, &item).map_err(|why| {
            if why.is_io() {
                unwritten(why.into())
            } else {
                Error::failed("a record cannot be written as JSON")
            }
        })?;
    }
    put(out, "]")
}

fn put(out: &mut dyn Write, text: &str) -> Result<()> {
    out.write_all(text.as_bytes()).map_err(unwritten)
}
