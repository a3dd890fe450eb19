//! Which entries a program is run with: those that name an environment variable for their secret.

use std::collections::BTreeMap;

use super::reference::Reference;
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::text::name::{EntryPath, EnvName};
use crate::model::text::selector::Selector;
use crate::model::text::variable::check_settable;
use crate::model::vault::Vault;

impl Vault {
    /// The variables that the selected entries name, each with the entry whose secret it holds: one
    /// that is named by its path has to name one, of several at least one. What `is_set` otherwise
    /// is left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown client or entry, and where no variable is
    /// named; [`crate::error::Kind::Conflict`] when two entries name the same one;
    /// [`crate::error::Kind::Refused`] as [`check_settable`].
    pub fn variables(
        &self,
        selection: &[Selector],
        is_set: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, EntryPath>> {
        let mut variables = BTreeMap::new();
        for selector in selection {
            let mut names_any = false;
            for path in self.selected(std::slice::from_ref(selector))? {
                if let Some(name) = variable(&path, self.entry(&path)?)? {
                    names_any = true;
                    claim(&mut variables, &name, path, &is_set)?;
                }
            }
            if !names_any {
                return Err(none_named(selector));
            }
        }
        Ok(variables)
    }
}

fn none_named(selector: &Selector) -> Error {
    match selector {
        Selector::Entry(path) => Error::not_found(format!("{path} names no variable")).hint(
            format!("name one: vault edit {path:#} --env NAME, or here: --env NAME=vault://…"),
        ),
        several => {
            Error::not_found(format!("no entry in {several} names a variable")).hint(format!(
                "name one: vault edit {:#}/NAME --env VARIABLE",
                several.client()
            ))
        }
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
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;
    use crate::model::records::cell::Stamp;
    use crate::model::testing::{author, path};
    use crate::model::text::selector::Selector;

    #[test]
    fn a_variable_that_could_not_be_named_today_is_never_set_all_the_same() {
        let mut vault = World::new().vault;
        let device = author(0).device;
        let entry = vault.entry_mut(&path("acme/wp")).unwrap();
        let stamp = Stamp { counter: 9, device };
        entry.env.set(stamp, Some("PATH".into()));
        let selection = [Selector::Entry(path("acme/wp"))];
        let why = vault.variables(&selection, |_| false).unwrap_err();
        assert_eq!(why.kind(), Kind::Refused);
        assert!(why.message().contains("acme/wp"), "{why}");
        // Set by an option, it is of no concern here.
        assert!(vault.variables(&selection, |_| true).is_ok());
    }
}
