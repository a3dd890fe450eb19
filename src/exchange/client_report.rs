//! The report to a client: what is kept of theirs, who can know it and by whose word, what ended, and
//! what they can do. There is no secret in it, and nothing of another client.

mod gather;
mod html;
mod markdown;
mod markup;
mod page;
pub mod summary;
mod timeline;
mod told;
mod words;

use jiff::tz::TimeZone;

pub(in crate::exchange) use self::gather::{Gathering, permission};
pub use self::gather::{LeftOutText, LogSeen, ReportScope, gather};
use self::page::MarkedPage;
use self::summary::ClientSummary;
use crate::crypto::SigningKey;
use crate::crypto::signing::documents::sign;
use crate::error::{Error, Result};
use crate::model::text::lang::Lang;
use crate::model::text::words::words;
use crate::model::vault::Vault;

/// What the signature is good for.
pub const NAMESPACE: &str = "vault-report";

words! {
    /// How a report is written.
    pub enum ReportFormat {
        /// Text that reads as it is, and as Markdown.
        Md = "md",
        /// One page for a browser.
        Html = "html",
        /// For a program.
        Json = "json",
    }
}

/// Reports that are written down together.
#[derive(Clone, Copy, Debug)]
pub enum ReportSet<'a> {
    /// That of one client.
    One(&'a ClientSummary),
    /// Those of all clients, for who keeps the vault alone.
    All(&'a [ClientSummary]),
}

/// Writes reports down, one after the other; days are those of a zone.
///
/// # Errors
/// [`crate::error::Kind::Failed`] where JSON cannot be written.
pub fn write(set: ReportSet<'_>, format: ReportFormat, zone: &TimeZone) -> Result<String> {
    let no_json = |_| Error::failed("the report cannot be written as JSON");
    let json = match set {
        ReportSet::One(summary) => serde_json::to_string_pretty(summary),
        ReportSet::All(summaries) => serde_json::to_string_pretty(summaries),
    };
    if format == ReportFormat::Json {
        return Ok(json.map_err(no_json)? + "\n");
    }
    let (summaries, is_for_oneself) = match set {
        ReportSet::One(summary) => (std::slice::from_ref(summary), false),
        ReportSet::All(summaries) => (summaries, true),
    };
    let pages = summaries.iter().map(|it| {
        let lang = it.lang.parse().unwrap_or(Lang::En);
        told::page(it, is_for_oneself, (lang, zone))
    });
    let pages: Vec<MarkedPage> = pages.collect();
    if format == ReportFormat::Html {
        return Ok(html::html(&pages));
    }
    let texts: Vec<String> = pages.iter().map(markdown::markdown).collect();
    Ok(texts.join("\n---\n\n"))
}

/// The armoured SSHSIG of the vault's own key over a report as it is.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when the vault's key is damaged.
pub fn signature(vault: &Vault, report: &str) -> Result<String> {
    let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    sign(&key, NAMESPACE, report.as_bytes())
}

#[cfg(test)]
mod tests;
