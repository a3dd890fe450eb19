//! What a command is about: an entry, a folder, all of a client, or what fits a pattern.

use std::fmt;
use std::str::FromStr;

use super::name::{ClientSlug, EntryPath};
use super::pattern::Pattern;
use super::quote::as_word;

/// All that a client has, `CLIENT/`, or what is in one of its folders, `CLIENT/FOLDER/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFolder {
    client: ClientSlug,
    /// Its name below the client, without the last `/`; none for the whole client.
    name: Option<String>,
}

impl EntryFolder {
    /// All that a client has.
    #[must_use]
    pub fn of(client: ClientSlug) -> Self {
        Self { client, name: None }
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &ClientSlug {
        &self.client
    }

    /// Whether it is all that the client has.
    #[must_use]
    pub fn is_whole_client(&self) -> bool {
        self.name.is_none()
    }

    /// Whether an entry of this path is called as the folder.
    #[must_use]
    pub fn is_called(&self, path: &str) -> bool {
        self.to_string().strip_suffix('/') == Some(path)
    }

    /// What a path is called below the folder, if it is in it.
    #[must_use]
    pub fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&self.to_string())
    }

    /// The path of a name below the folder.
    ///
    /// # Errors
    /// Where that is no path.
    pub fn path_of(&self, name: &str) -> Result<EntryPath, String> {
        format!("{self}{name}").parse()
    }

    /// What a folder becomes that is put in the place of this one, or into a client: there it is
    /// called as it was.
    #[must_use]
    pub fn taking(&self, folder: &Self) -> Self {
        let last = folder.name.as_deref().and_then(|it| it.rsplit('/').next());
        Self {
            client: self.client.clone(),
            name: self.name.clone().or(last.map(str::to_owned)),
        }
    }
}

impl FromStr for EntryFolder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(text) = text.strip_suffix('/') else {
            return Err("a folder is CLIENT/FOLDER/, and all that a client has is CLIENT/".into());
        };
        if text.contains('/') {
            let path: EntryPath = text.parse()?;
            return Ok(Self {
                client: path.client().clone(),
                name: Some(path.name().to_owned()),
            });
        }
        text.parse().map(Self::of)
    }
}

impl fmt::Display for EntryFolder {
    /// With `{:#}`, as one word of a command to type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.name {
            Some(name) => format!("{}/{name}/", self.client),
            None => format!("{}/", self.client),
        };
        if f.alternate() {
            return f.write_str(&as_word(&text));
        }
        f.write_str(&text)
    }
}

/// A folder or client to look into: the `/` at the end may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFolder(EntryFolder);

impl ListedFolder {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &EntryFolder {
        &self.0
    }
}

impl FromStr for ListedFolder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.strip_suffix('/').unwrap_or(text);
        format!("{text}/").parse().map(Self)
    }
}

/// One entry or several, as people name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// One entry.
    Entry(EntryPath),
    /// What is in a folder, or all that a client has.
    Folder(EntryFolder),
    /// What fits a pattern.
    Pattern(Pattern),
}

impl Selector {
    /// The client whose the entries are.
    #[must_use]
    pub fn client(&self) -> &ClientSlug {
        match self {
            Self::Entry(path) => path.client(),
            Self::Folder(folder) => folder.client(),
            Self::Pattern(pattern) => pattern.client(),
        }
    }

    /// Whether an entry of this path is meant.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        match self {
            Self::Entry(entry) => entry.to_string() == path,
            Self::Folder(folder) => folder.below(path).is_some(),
            Self::Pattern(pattern) => pattern.matches(path),
        }
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('*') {
            return text.parse().map(Self::Pattern);
        }
        if text.ends_with('/') {
            return text.parse().map(Self::Folder);
        }
        if !text.contains('/') {
            return Err(
                "an entry is CLIENT/NAME, as in acme/wordpress; all that a client has is CLIENT/"
                    .into(),
            );
        }
        text.parse().map(Self::Entry)
    }
}

impl fmt::Display for Selector {
    /// With `{:#}`, as one word of a command to type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(path) => path.fmt(f),
            Self::Folder(folder) => folder.fmt(f),
            Self::Pattern(pattern) if f.alternate() => f.write_str(&as_word(pattern.to_string())),
            Self::Pattern(pattern) => pattern.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EntryFolder, Selector};

    #[test]
    fn a_slash_at_the_end_names_all_below_and_a_star_a_pattern() {
        let has = |text: &str, path: &str| text.parse::<Selector>().unwrap().has(path);
        for (text, meant, not) in [
            ("acme/db", &["acme/db"][..], &["acme/db/a"][..]),
            ("acme/", &["acme/wp", "acme/db/a"], &["acme2/wp"]),
            (
                "acme/db/",
                &["acme/db/a", "acme/db/a/b"],
                &["acme/db", "acme/dba"],
            ),
            ("acme/db/*", &["acme/db/a"], &["acme/db/a/b", "globex/db/a"]),
        ] {
            assert!(meant.iter().all(|path| has(text, path)), "{text}");
            assert!(!not.iter().any(|path| has(text, path)), "{text}");
        }
        for bad in ["", "acme", "/", "acme//", "/acme", "acme/../", "*/a"] {
            assert!(bad.parse::<Selector>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_keeps_its_name_in_a_client_and_takes_that_of_a_folder() {
        let folder = |text: &str| text.parse::<EntryFolder>().unwrap();
        for (old, new, becomes) in [
            ("acme/db/", "globex/", "globex/db/"),
            ("acme/a/db/", "globex/", "globex/db/"),
            ("acme/db/", "globex/x/", "globex/x/"),
            ("acme/", "globex/", "globex/"),
            ("acme/", "globex/acme/", "globex/acme/"),
        ] {
            let is = folder(new).taking(&folder(old)).to_string();
            assert_eq!(is, becomes, "{old} to {new}");
        }
    }
}
