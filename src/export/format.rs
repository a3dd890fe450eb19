//! The formats by name.

use clap::ValueEnum;

use super::{Writer, bitwarden, csv, json, keepass_xml};

/// What an export can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Everything, histories, attachments and clients too; vault import reads it back
    Json,
    /// A table with Bitwarden's columns, which most programs import
    #[value(alias = "bitwarden-csv")]
    Csv,
    /// A table with Chrome's columns, a row for each URL; for browsers
    ChromeCsv,
    /// Bitwarden's JSON, with former secrets
    #[value(alias = "bitwarden-json")]
    Bitwarden,
    /// The XML of `KeePass` 2 and `KeePassXC`
    #[value(help = "The XML of KeePass 2 and KeePassXC, with former secrets and attachments")]
    KeepassXml,
    /// A folder for pass and gopass, encrypted to --gpg-recipient
    Pass,
}

impl ExportFormat {
    /// Its name in options, output and the log.
    #[must_use]
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it is for spreadsheets too.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::ChromeCsv)
    }

    /// Whether entries in the trash are part of it.
    #[must_use]
    pub fn has_trash(self) -> bool {
        self == Self::Json
    }

    /// What writes it as a stream; none for a folder. With `inert`, a spreadsheet takes no cell for
    /// a formula.
    #[must_use]
    pub fn writer(self, inert: bool) -> Option<Box<dyn Writer>> {
        Some(match self {
            Self::Json => Box::new(json::OwnJsonExport),
            Self::Csv => Box::new(csv::BitwardenCsv { inert }),
            Self::ChromeCsv => Box::new(csv::ChromeCsv { inert }),
            Self::Bitwarden => Box::new(bitwarden::BitwardenExport),
            Self::KeepassXml => Box::new(keepass_xml::KeePassXmlExport),
            Self::Pass => return None,
        })
    }
}
