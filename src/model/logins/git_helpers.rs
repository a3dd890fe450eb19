//! The helpers that git's configuration names, as `git config` lists them: whom git tells of a login.

use std::fmt;

use crate::model::text::quote::as_word;

/// What every key of them begins and ends with.
const START: &str = "credential.";
const END: &str = "helper";

/// A helper that git is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHelper {
    /// The file that names it; none where it is named for one command.
    pub file: Option<String>,
    /// The addresses that it is for, as git has them; none where it is for all.
    pub url: Option<String>,
    /// How git calls it; empty where it makes git forget the ones before it.
    pub value: String,
}

impl GitHelper {
    /// The setting's name.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.url {
            Some(url) => format!("{START}{url}.{END}"),
            None => format!("{START}{END}"),
        }
    }

    /// The command that takes it out of its file.
    #[must_use]
    pub fn removal(&self) -> String {
        let file = self.file.as_deref().map_or_else(
            || "--global".to_owned(),
            |file| format!("--file {}", as_word(file)),
        );
        format!(
            "git config {file} --fixed-value --unset-all {} {}",
            as_word(self.key()),
            as_word(&self.value)
        )
    }

    /// What it does with a login that git tells it.
    #[must_use]
    pub fn keeps(&self) -> &'static str {
        let program = self.value.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        match program.strip_prefix("git-credential-").unwrap_or(program) {
            "store" => "keeps it in a file in clear",
            "cache" => "keeps it in memory",
            _ => "may keep it in another place",
        }
    }
}

impl fmt::Display for GitHelper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)?;
        if let Some(file) = &self.file {
            write!(f, " of {file}")?;
        }
        let url = self.url.as_ref();
        url.map_or(Ok(()), |url| write!(f, " for {url}"))
    }
}

/// The helpers in what `git config --show-origin -z --get-regexp` prints, in git's order.
#[must_use]
pub fn git_helpers(listed: &str) -> Vec<GitHelper> {
    let mut parts = listed.split('\0');
    let mut all = Vec::new();
    while let (Some(origin), Some(setting)) = (parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, ""));
        let inner = key.strip_prefix(START);
        let Some(inner) = inner.and_then(|key| key.strip_suffix(END)) else {
            continue;
        };
        all.push(GitHelper {
            file: origin.strip_prefix("file:").map(str::to_owned),
            url: inner.strip_suffix('.').map(str::to_owned),
            value: value.to_owned(),
        });
    }
    all
}

/// The helpers that git tells of a login that it gets from `own`, and what makes it forget `own`: what
/// stands behind it, and before it as far as nothing empty is between them.
#[must_use]
pub fn told_besides(all: &[GitHelper], own: impl Fn(&GitHelper) -> bool) -> Vec<&GitHelper> {
    let Some(at) = all.iter().rposition(&own) else {
        return all.iter().collect();
    };
    let (before, after) = all.split_at(at);
    let forgets = |it: &GitHelper| it.url.is_none() && it.value.is_empty();
    let first = before.iter().rposition(forgets).map_or(0, |at| at + 1);
    let before = before.iter().skip(first).filter(|it| !it.value.is_empty());
    before.chain(after).filter(|it| !own(it)).collect()
}

#[cfg(test)]
mod tests {
    use super::{git_helpers, told_besides};

    const LISTED: &str = "file:/etc/gitconfig\0credential.helper\nstore\0\
        file:/root/.gitconfig\0credential.https://a.example.helper\n!x y\0\
        file:/root/.gitconfig\0credential.helper\n\0\
        file:/root/.gitconfig\0credential.helper\n!vault helper git\0\
        command line:\0credential.helper\ncache\0\
        file:/root/my inc\0credential.https://b.example.helper\n/usr/bin/git-credential-store -x\0\
        file:/root/.gitconfig\0credential.https://c.example.helper\0";

    #[test]
    fn each_is_read_with_its_file_and_address_and_the_command_that_removes_it() {
        let all = git_helpers(LISTED);
        assert_eq!(all.len(), 7);
        let shown: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(shown[1], "!x y of /root/.gitconfig for https://a.example");
        assert_eq!(shown[4], "cache");
        assert_eq!(
            all[5].removal(),
            "git config --file '/root/my inc' --fixed-value --unset-all \
             credential.https://b.example.helper '/usr/bin/git-credential-store -x'"
        );
        assert!(all[5].keeps().contains("in clear") && all[4].keeps().contains("memory"));
        assert!(git_helpers("").is_empty() && git_helpers("file:x\0user.name\nx").is_empty());
    }

    #[test]
    fn an_empty_one_makes_git_forget_those_before_it_only() {
        let all = git_helpers(LISTED);
        let told = |own: &str| -> Vec<usize> {
            let told = told_besides(&all, |it| it.value == own);
            let at = |it: &_| all.iter().position(|other| other == it).unwrap();
            told.into_iter().map(at).collect()
        };
        assert_eq!(told("!vault helper git"), [4, 5, 6]);
        assert_eq!(told("!x y"), [0, 2, 3, 4, 5, 6]);
        assert_eq!(told("none").len(), 7);
    }
}
