//! Where an SSH key logs in, as the URLs of its entry say.

use std::fmt;

use percent_encoding::percent_decode_str;

/// The schemes of what goes over SSH.
const SCHEMES: [&str; 5] = ["ssh", "sftp", "scp", "git+ssh", "ssh+git"];
/// SSH's own port.
const PORT: u16 = 22;

/// A server, and whom one logs in as there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The user; anybody where none is named.
    pub user: Option<String>,
    /// The host, in lower case.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Destination {
    /// The destination that a URL names: none where it is not one of SSH, and `Err` where it is and
    /// cannot be read.
    ///
    /// # Errors
    /// The unit: there is nothing to say of it but that.
    pub fn of_url(url: &str) -> Option<Result<Self, ()>> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        SCHEMES.contains(&&*scheme).then(|| parse(rest).ok_or(()))
    }

    /// How a file of known hosts names it.
    #[must_use]
    pub fn known_as(&self) -> String {
        match self.port {
            PORT => self.host.clone(),
            port => format!("[{}]:{port}", self.host),
        }
    }

    /// The names to look for in a file of known hosts, the first that is there: as OpenSSH does,
    /// the plain one too where the port is not known.
    #[must_use]
    pub fn known_names(&self) -> Vec<String> {
        let mut names = vec![self.known_as(), self.host.clone()];
        names.dedup();
        names
    }

    /// Whether a person means it by `HOST`, `HOST:PORT` or `[HOST]:PORT`, in lower case.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let (host, port) = (&self.host, self.port);
        let is_at_port = name == format!("{host}:{port}") || name == format!("[{host}]:{port}");
        is_at_port || name == self.known_as()
    }
}

impl fmt::Display for Destination {
    /// `USER@HOST:PORT`, without what goes without saying.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.known_as())
    }
}

fn parse(rest: &str) -> Option<Destination> {
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            (
                host,
                after.strip_prefix(':').or(after.is_empty().then_some("")),
            )
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, Some("")),
        },
    };
    let port = match port? {
        "" => PORT,
        port => port.parse().ok().filter(|port| *port != 0)?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"*?!,[]|".contains(c);
    let is_host = !host.is_empty() && host.chars().all(is_plain);
    // A password, or what OpenSSH's drafts allow behind a semicolon, says nothing of the user.
    let user = user.and_then(|user| user.split([':', ';']).next());
    let user = user.filter(|user| !user.is_empty());
    let user = user.map(|user| percent_decode_str(user).decode_utf8());
    let user = user.transpose().ok()?.map(std::borrow::Cow::into_owned);
    is_host.then_some(Destination { user, host, port })
}

#[cfg(test)]
mod tests {
    use super::Destination;

    #[test]
    fn a_url_of_ssh_names_a_destination() {
        for (url, shown) in [
            ("ssh://root@web1.acme.example", "root@web1.acme.example"),
            (
                "ssh://root@Web1.Acme.Example.:22/",
                "root@web1.acme.example",
            ),
            ("SSH://web1.acme.example:2222", "[web1.acme.example]:2222"),
            ("sftp://w%40b:pw@10.0.0.1/srv", "w@b@10.0.0.1"),
            (
                "git+ssh://git@git.acme.example/x.git",
                "git@git.acme.example",
            ),
            ("ssh://jo@[2001:DB8::1]:2200", "jo@[2001:db8::1]:2200"),
            ("ssh://jo@[::1]", "jo@::1"),
        ] {
            let read = Destination::of_url(url).unwrap().unwrap();
            assert_eq!(read.to_string(), shown, "{url}");
        }
    }

    #[test]
    fn other_urls_name_none() {
        for url in [
            "https://acme.example",
            "acme.example",
            "jo@acme.example",
            "",
        ] {
            assert_eq!(Destination::of_url(url), None, "{url}");
        }
    }

    #[test]
    fn a_url_of_ssh_that_cannot_be_read_is_told_apart_from_none() {
        for url in [
            "ssh://",
            "ssh://root@",
            "ssh://host:0",
            "ssh://host:x",
            "ssh://host:99999",
            "ssh://*.example",
            "ssh://[::1",
            "ssh://[::1]x",
            "ssh://a b",
        ] {
            assert_eq!(Destination::of_url(url), Some(Err(())), "{url}");
        }
    }
}
