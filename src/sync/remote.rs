//! Where a vault is synced with: the URL of a repository, held against what git might take for
//! something else than a place.

use std::fmt;
use std::path::Path;

use crate::error::{Error, Result};

/// The address of a remote repository. Shown without the password or token that it may hold.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteUrl {
    url: String,
    /// Whether it is on this machine.
    is_local: bool,
}

impl RemoteUrl {
    /// Takes an address as git does: `https://…`, `ssh://…`, `file://…`, `user@host:path`, or a
    /// path, which becomes absolute.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for what would make git run a program or speak in the clear.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            Error::usage(format!("this is no address to sync with: {why}"))
                .hint("name a repository as https://…, ssh://…, user@host:path or /path/to/folder")
        };
        if text.is_empty() || text.starts_with('-') {
            return Err(refused("it begins like an option, or is empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(refused("it has control characters"));
        }
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let after = text.trim_start_matches(is_scheme);
        let scheme = text.get(..text.len() - after.len()).unwrap_or_default();
        if after.starts_with("::") {
            return Err(refused("it names a helper program of git"));
        }
        if let Some(rest) = after.strip_prefix("://") {
            let is_local = match scheme.to_ascii_lowercase().as_str() {
                "https" | "ssh" => false,
                "file" => true,
                "http" | "git" => return Err(refused("it would be reached in the clear")),
                _ => return Err(refused("it is neither https, ssh nor a file")),
            };
            let url = format!("{}://{rest}", scheme.to_ascii_lowercase());
            return Self { url, is_local }.checked(refused);
        }
        let host_ends = text.find(':');
        let is_ssh = host_ends.is_some_and(|colon| text.find('/').is_none_or(|at| at > colon));
        if is_ssh {
            let (url, is_local) = (text.to_owned(), false);
            return Self { url, is_local }.checked(refused);
        }
        let path = std::path::absolute(Path::new(text))
            .map_err(|why| refused(&format!("it is no path: {why}")))?;
        let url = path.to_str().ok_or_else(|| refused("it is not text"))?;
        let (url, is_local) = (url.to_owned(), true);
        Ok(Self { url, is_local })
    }

    /// Refuses a host that ssh would take for an option.
    fn checked(self, refused: impl Fn(&str) -> Error) -> Result<Self> {
        let (_, place) = self.parts();
        if !self.is_local && (place.is_empty() || place.starts_with('-')) {
            return Err(refused("it names no host"));
        }
        Ok(self)
    }

    /// As git gets it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether the repository is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// What git says, without the password or token that the address may hold.
    #[must_use]
    pub fn without_secret(&self, said: &str) -> String {
        let said = said.replace(&self.url, &self.to_string());
        let login = self.parts().0.unwrap_or_default();
        let password = || login.split_once(':').map_or("", |(_, password)| password);
        let secret = if self.is_name_secret() {
            login
        } else {
            password()
        };
        let parts = secret.split(':').chain([secret]);
        parts
            .filter(|part| part.len() > 3 && *part != "git")
            .fold(said, |said, part| said.replace(part, "…"))
    }

    /// With https, even the name may be a token.
    fn is_name_secret(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// Who logs in, as far as it says, and the host with what follows.
    fn parts(&self) -> (Option<&str>, &str) {
        let rest = self.url.split_once("://").map_or(&*self.url, |it| it.1);
        if self.is_local {
            return (None, rest);
        }
        let host = rest.split('/').next().unwrap_or_default();
        match host.rfind('@') {
            Some(at) => (rest.get(..at), rest.get(at + 1..).unwrap_or_default()),
            None => (None, rest),
        }
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (login, place) = self.parts();
        if self.is_local {
            return f.write_str(&self.url);
        }
        if let Some((scheme, _)) = self.url.split_once("://") {
            write!(f, "{scheme}://")?;
        }
        let user = login.filter(|_| !self.is_name_secret());
        if let Some(user) = user.and_then(|login| login.split(':').next()) {
            write!(f, "{user}@")?;
        }
        f.write_str(place)
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::RemoteUrl;

    #[test]
    fn what_git_would_run_or_send_in_the_clear_is_no_address() {
        for text in [
            "",
            "-oProxyCommand=x",
            "--upload-pack=x",
            "ext::sh -c x",
            "::x",
            "fd::17",
            "https::x",
            "http://one.example/x",
            "git://one.example/x",
            "ftp://one.example/x",
            "ssh://-oProxyCommand=x/y",
            "ssh://kim@-oProxyCommand=x/y",
            "-x@host:y",
            "kim@-oProxyCommand=x:y",
            "https://",
            "one.example:\nx",
        ] {
            assert!(RemoteUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        for (text, shown) in [
            (
                "https://kim:pa55word@one.example/x.git",
                "https://one.example/x.git",
            ),
            (
                "https://t0ken@one.example/x.git",
                "https://one.example/x.git",
            ),
            ("HTTPS://t0ken@one.example/x", "https://one.example/x"),
            (
                "ssh://git:pa55word@one.example/x",
                "ssh://git@one.example/x",
            ),
            ("git@one.example:kim/x.git", "git@one.example:kim/x.git"),
            ("one.example:x", "one.example:x"),
            ("ssh://[::1]:22/x", "ssh://[::1]:22/x"),
            ("/media/stick/x@y", "/media/stick/x@y"),
            ("file:///media/stick/x", "file:///media/stick/x"),
        ] {
            let url = RemoteUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown);
            let said =
                url.without_secret(&format!("cannot reach {}: pa55word, t0ken", url.as_str()));
            assert!(
                !said.contains("pa55word") || !text.contains("pa55word"),
                "{said}"
            );
            assert!(!said.contains("t0ken") || !text.contains("t0ken"), "{said}");
        }
    }

    #[test]
    fn who_logs_in_by_ssh_is_no_secret() {
        for text in ["ssh://anna@one.example/x", "anna@one.example:x"] {
            let said = "anna@one.example: Permission denied";
            assert_eq!(RemoteUrl::parse(text).unwrap().without_secret(said), said);
        }
        let url = RemoteUrl::parse("ssh://anna:pa55word@one.example/x").unwrap();
        assert_eq!(
            url.without_secret("anna:pa55word, anna, pa55word"),
            "anna:…, anna, …"
        );
    }

    #[test]
    fn a_path_is_absolute_from_then_on() {
        let url = RemoteUrl::parse("stick/x").unwrap();
        assert!(url.is_local() && url.as_str().starts_with('/'));
    }
}
