//! The formats by name, and which one a file is, by what it holds and not by what it is called.

use clap::ValueEnum;

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(
    clippy::doc_markdown,
    reason = "names of programs, as the help shows them"
)]
pub enum ImportFormat {
    /// Chrome, Edge, Brave, Opera, Vivaldi
    ChromeCsv,
    /// Firefox
    FirefoxCsv,
    /// Apple Passwords, Safari
    AppleCsv,
    /// Bitwarden, Vaultwarden
    BitwardenCsv,
    /// Bitwarden, Vaultwarden; of a person or an organisation
    BitwardenJson,
    /// 1Password
    #[value(name = "1password-csv")]
    OnePasswordCsv,
    /// 1Password, with files
    #[value(name = "1pux")]
    OnePux,
    /// LastPass
    LastpassCsv,
    /// KeePassXC, KeePassX 2, KeePass 1
    KeepassxcCsv,
    /// KeePass 2, KeePassXC, with history and files
    KeepassXml,
    /// KeePass 2, KeePassXC: the database itself, version 3.1 or 4
    Kdbx,
    /// Proton Pass
    ProtonpassCsv,
    /// Proton Pass, what its archive holds
    ProtonpassJson,
    /// Proton Pass, the archive
    ProtonpassZip,
    /// NordPass
    NordpassCsv,
    /// Keeper; it has no header, so it has to be named
    KeeperCsv,
    /// Enpass: a title, and pairs of a label and its value
    EnpassCsv,
    /// Any other table whose header has names such as name, url, username, password, notes
    Csv,
    /// pass, gopass: the folder, opened by gpg
    Pass,
    /// passage: the folder, opened by an age identity
    Passage,
    /// Variables of an environment, NAME=value
    Dotenv,
    /// What vault export wrote: all of it, in a vault that has nothing yet as it was
    Json,
}

impl ImportFormat {
    /// Its name in options, output and the log.
    #[must_use]
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether what was read is encrypted, so that it may stay where it is.
    #[must_use]
    pub fn is_sealed(self) -> bool {
        matches!(self, Self::Kdbx | Self::Pass | Self::Passage)
    }

    /// What else holds the secrets in plain text once they are here, beside the file.
    #[must_use]
    pub fn leftovers(self) -> Option<&'static str> {
        match self {
            Self::ChromeCsv | Self::FirefoxCsv | Self::AppleCsv => Some(
                "the browser still has them too: delete them in its settings, and let it save no more",
            ),
            _ => None,
        }
    }
}
