//! The entry that a person has in mind: named in whole, or in part where one path holds it.

use std::convert::Infallible;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::text::name::EntryPath;
use crate::model::text::part::{holding, shortest_of};
use crate::model::text::similar;
use crate::model::vault::Vault;

/// Entries that are listed where several hold a part.
const LISTED: usize = 12;
/// Entries that are asked about in a line.
const ASKED: usize = 4;

/// What a command is about as it was typed: by its name, or by a part of one.
#[derive(Clone, Debug)]
pub struct Sought<T> {
    typed: String,
    named: Result<T, String>,
}

/// An entry, by its path or by a part of it.
pub type SoughtEntry = Sought<EntryPath>;

impl<T: FromStr<Err = String>> FromStr for Sought<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self {
            typed: text.trim().to_owned(),
            named: text.parse(),
        })
    }
}

impl<T> Sought<T> {
    /// What it names, if it is a whole name.
    ///
    /// # Errors
    /// Why it is none.
    pub fn named(&self) -> Result<&T, &str> {
        self.named.as_ref().map_err(String::as_str)
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }
}

impl Vault {
    /// The path of the entry that `sought` names, or of the only one that holds it.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with the nearest path as a hint;
    /// [`crate::error::Kind::Usage`] where several hold it, with what is enough of each.
    pub(crate) fn sought(&self, sought: &SoughtEntry) -> Result<EntryPath> {
        let typed = &sought.typed;
        let mut paths: Vec<String> = { self.live_positions()? }
            .into_iter()
            .map(|(_, path)| path)
            .collect();
        paths.sort_unstable();
        if let Some(path) =
            (sought.named.as_ref().ok()).filter(|it| paths.contains(&it.to_string()))
        {
            return Ok(path.clone());
        }
        let held = holding(typed, &paths);
        let held: Vec<&String> = held.iter().filter_map(|at| paths.get(*at)).collect();
        match (held.as_slice(), &sought.named) {
            ([only], _) => (only.parse())
                .map_err(|why| Error::integrity(format!("an entry has no proper name: {why}"))),
            ([], Ok(path)) => Err(self.no_entry(path)?),
            ([], Err(_)) => {
                let near = similar::did_you_mean(typed, paths.iter().map(String::as_str));
                let hint = near.unwrap_or_else(|| "vault list shows what there is".into());
                Err(Error::not_found(format!("no entry has {typed} in its name")).hint(hint))
            }
            (several, _) => Err(ambiguous(typed, several, &paths)),
        }
    }
}

impl Vault {
    /// The short name of the only client that holds a part, or else the only one of `others` that
    /// does, or else the path of the only entry.
    ///
    /// # Errors
    /// As [`Self::sought`].
    pub(crate) fn sought_name(&self, part: &str, others: &[String]) -> Result<String> {
        let slugs: Vec<String> = self.live_clients().map(|it| it.slug().to_owned()).collect();
        for names in [&slugs[..], others] {
            if let [only] = holding(part, names)[..]
                && let Some(name) = names.get(only)
            {
                return Ok(name.clone());
            }
        }
        let Ok(sought) = part.parse::<SoughtEntry>();
        Ok(self.sought(&sought)?.to_string())
    }
}

impl Vault {
    /// Asks whether one of the entries was meant that hold a part, where a whole name is needed.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub(crate) fn did_you_mean<T>(&self, sought: &Sought<T>) -> Result<Option<String>> {
        let live = self.live_positions()?.into_iter();
        let mut paths: Vec<String> = live.map(|(_, path)| path).collect();
        paths.sort_unstable();
        let held = holding(&sought.typed, &paths);
        let mut held: Vec<&str> = (held.iter())
            .filter_map(|at| paths.get(*at).map(String::as_str))
            .collect();
        let more = held.len().saturating_sub(ASKED);
        held.truncate(ASKED);
        Ok(match held.as_slice() {
            [] => similar::did_you_mean(&sought.typed, paths.iter().map(String::as_str)),
            [only] => Some(format!("did you mean {only}?")),
            several if more == 0 => Some(format!("did you mean one of: {}?", several.join(", "))),
            several => Some(format!(
                "did you mean one of: {}, or one of {more} more?",
                several.join(", ")
            )),
        })
    }
}

/// Lists the entries that hold a part, each with what would be enough of it.
fn ambiguous(typed: &str, several: &[&String], paths: &[String]) -> Error {
    let line = |path: &&String| match shortest_of(path, paths) {
        short if short == **path => short,
        short => format!("{path} ({short})"),
    };
    let mut lines: Vec<String> = several.iter().take(LISTED).map(line).collect();
    if several.len() > LISTED {
        lines.push(format!("and {} more", several.len() - LISTED));
    }
    let count = several.len();
    Error::usage(format!("{count} entries have {typed} in their names"))
        .details(lines)
        .hint("type more of the name; the part in brackets is enough")
}
