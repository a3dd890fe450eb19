//! All secrets of a vault, to look for them elsewhere.

use super::matcher::Gathered;
use crate::error::Result;
use crate::model::entry::strength::{Score, score};
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::attachment::Attachment;
use crate::model::records::entry::{Entry, Version};
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// Longer secrets are no common words.
const COMMON_CHARS: usize = 16;
/// Of a larger file only the start is looked at for a private key, in bytes.
const KEY_FILE_BYTES: usize = 64 << 10;
/// What every private key in a text file has in its first line.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// A secret that is looked for.
#[derive(Clone, Debug)]
pub(crate) struct WantedSecret {
    /// The path of its entry.
    pub(crate) path: String,
    /// Whether it is the one in use.
    pub(crate) is_current: bool,
}

impl PartialEq for WantedSecret {
    /// An entry is told once: by what is in use, which is gathered first.
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl WantedSecret {
    /// The client's short name.
    pub(crate) fn client(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// The entries with a secret that is not looked for.
#[derive(Debug, Default)]
pub(crate) struct NotSought {
    /// It is too short, or too common.
    pub(crate) common: Vec<String>,
    /// It is for use only, and a guess could be checked by it.
    pub(crate) hidden: Vec<String>,
}

impl Vault {
    /// Gathers all secrets, those that were replaced and those in the trash too, and private keys
    /// among the files.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn gather_secrets<L: Clone + PartialEq>(
        &self,
        proof: PasswordProof,
        known_by: impl Fn(WantedSecret) -> L,
    ) -> Result<(Gathered<L>, NotSought)> {
        let mut gathered = Gathered::new();
        let mut not_sought = NotSought::default();
        for (path, entry) in self.entries_by_path(|_| true)? {
            let wanted = |is_current| WantedSecret {
                path: path.clone(),
                is_current,
            };
            let mut versions: Vec<&Version> = entry.versions.iter().collect();
            versions.sort_by_key(|version| !is_current(entry, version));
            for version in versions {
                let value = version.secret();
                let is_current = is_current(entry, version);
                if proof.hides(entry, value) {
                    note_once(&mut not_sought.hidden, &path);
                    continue;
                }
                let is_wanted = !is_common(value)
                    && gathered.add_for_files(value.expose(), &known_by(wanted(is_current)));
                if !is_wanted && !value.is_empty() {
                    note_once(&mut not_sought.common, &path);
                }
            }
            for file in &entry.attachments {
                if let Some(key) = private_key(file) {
                    let current = entry.attached.get(&file.name).and_then(|it| it.value());
                    let is_current = current == Some(&file.id) && !entry.is_removed();
                    gathered.add_for_files(key.expose(), &known_by(wanted(is_current)));
                }
            }
        }
        Ok((gathered, not_sought))
    }
}

fn note_once(paths: &mut Vec<String>, path: &str) {
    if paths.last().is_none_or(|last| last != path) {
        paths.push(path.to_owned());
    }
}

fn is_current(entry: &Entry, version: &Version) -> bool {
    let current = entry.current(version.slot());
    current.is_some_and(|current| current.id == version.id) && !entry.is_removed()
}

/// Whether it is among the first words that anybody would try: it stands in many files.
fn is_common(value: &Secret) -> bool {
    let text = value.expose();
    text.chars().nth(COMMON_CHARS).is_none() && score(text, &[]) == Score::Zero
}

/// The text of a file that is a private key.
fn private_key(file: &Attachment) -> Option<Secret> {
    let bytes = file.bytes().ok()?;
    let text = std::str::from_utf8(bytes.get(..KEY_FILE_BYTES).unwrap_or(&bytes)).ok()?;
    text.contains(PRIVATE_KEY)
        .then(|| Secret::new(text.to_owned()))
}
