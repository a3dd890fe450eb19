//! Which entries a program is run with: those that name an environment variable for their secret.

use std::collections::BTreeMap;

use super::reference::Reference;
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::text::name::{ClientSlug, EntryPath, EnvName};
use crate::model::text::variable::check_settable;
use crate::model::vault::Vault;

/// Entries whose variables are set.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// All of these clients that name a variable.
    pub clients: &'a [ClientSlug],
    /// These; each has to name one.
    pub entries: &'a [EntryPath],
}

impl Vault {
    /// The variables that the selected entries name, each with the entry whose secret it holds.
    /// One that `is_set` otherwise is left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown client or entry, and where no variable is
    /// named; [`crate::error::Kind::Conflict`] when two entries name the same one;
    /// [`crate::error::Kind::Refused`] as [`check_settable`].
    pub fn variables(
        &self,
        selection: &Selection<'_>,
        is_set: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, EntryPath>> {
        let mut variables = BTreeMap::new();
        for path in selection.entries {
            let name = variable(path, self.entry(path)?)?.ok_or_else(|| {
                Error::not_found(format!("{path} names no variable")).hint(format!(
                    "name one: vault edit {path:#} --env NAME, or here: --env NAME=vault://…"
                ))
            })?;
            claim(&mut variables, &name, path.clone(), &is_set)?;
        }
        if selection.clients.is_empty() {
            return Ok(variables);
        }
        let live = self.live()?;
        for slug in selection.clients {
            let client = self.known_client(slug)?.id;
            let mut names_any = false;
            for (path, entry) in live.iter().filter(|(_, e)| e.client.get() == Some(&client)) {
                let path: EntryPath = path
                    .parse()
                    .map_err(|_| Error::integrity(format!("{} has no valid path", entry.id)))?;
                if let Some(name) = variable(&path, entry)? {
                    names_any = true;
                    claim(&mut variables, &name, path, &is_set)?;
                }
            }
            if !names_any {
                return Err(
                    Error::not_found(format!("no entry of {slug} names a variable"))
                        .hint(format!("name one: vault edit {slug:#}/NAME --env VARIABLE")),
                );
            }
        }
        Ok(variables)
    }
}

/// The variable that an entry names, if it does.
fn variable(path: &EntryPath, entry: &Entry) -> Result<Option<EnvName>> {
    let name = entry.env.value().map(|name| name.parse()).transpose();
    let name = name.map_err(|why: String| {
        Error::integrity(format!("{path} names a variable that cannot be: {why}"))
    })?;
    Ok(name)
}

fn claim(
    variables: &mut BTreeMap<String, EntryPath>,
    name: &EnvName,
    path: EntryPath,
    is_set: impl Fn(&str) -> bool,
) -> Result<()> {
    if is_set(name.as_str()) {
        return Ok(());
    }
    check_settable(name).map_err(|why| {
        let hint = format!("give it another: vault edit {path:#} --env NAME");
        Error::refused(format!("{path}: {why}")).hint(hint)
    })?;
    let name = name.as_str();
    match variables.insert(name.to_owned(), path.clone()) {
        Some(other) if other != path => Err(Error::conflict(format!(
            "{other} and {path} both name {name}"
        ))
        .hint(format!(
            "say which one: --env {name}={}",
            Reference::to_secret(path)
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::records::cell::Stamp;
    use crate::model::testing::{author, path};

    #[test]
    fn a_variable_that_could_not_be_named_today_is_never_set_all_the_same() {
        let mut vault = World::new().vault;
        let device = author(0).device;
        let entry = vault.entry_mut(&path("acme/wp")).unwrap();
        let stamp = Stamp { counter: 9, device };
        entry.env.set(stamp, Some("PATH".into()));
        let entries = [path("acme/wp")];
        let selection = Selection {
            clients: &[],
            entries: &entries,
        };
        let why = vault.variables(&selection, |_| false).unwrap_err();
        assert_eq!(why.kind(), Kind::Refused);
        assert!(why.message().contains("acme/wp"), "{why}");
        // Set by an option, it is of no concern here.
        assert!(vault.variables(&selection, |_| true).is_ok());
    }
}
