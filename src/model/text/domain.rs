//! Whose a web address is: the domain that somebody registered.
//!
//! The Public Suffix List answers that exactly, and would make the program a tenth larger. Here it
//! only proposes a client, which `--dry-run` shows and `--client` overrules, so a few rules do: two
//! labels, three below a country's second level (`co.uk`) or below a platform (`github.io`).

use std::collections::BTreeSet;

/// Second levels under which countries register names.
const SECOND_LEVELS: [&str; 34] = [
    "ac", "ad", "asn", "co", "com", "ed", "edu", "firm", "gen", "go", "gob", "gouv", "gov", "govt",
    "gv", "id", "ind", "info", "lg", "ltd", "mil", "ne", "net", "nhs", "nic", "nom", "or", "org",
    "plc", "police", "res", "sch", "school", "web",
];

/// Domains below which every name is somebody else's.
const PLATFORMS: [&str; 18] = [
    "azurewebsites.net",
    "blogspot.com",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "jimdofree.com",
    "myshopify.com",
    "netlify.app",
    "onrender.com",
    "pages.dev",
    "squarespace.com",
    "vercel.app",
    "web.app",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
];

/// Where anybody has their mail, and logs in for it: that somebody is there names nobody.
const MAIL_PROVIDERS: [&str; 48] = [
    "163.com",
    "aol.com",
    "arcor.de",
    "bluewin.ch",
    "btinternet.com",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "google.com",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.de",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "wanadoo.fr",
    "web.de",
    "yahoo.com",
    "yahoo.de",
    "zoho.com",
];

/// Whether a host is one of the large mail providers', where anybody may have an account.
pub(crate) fn is_mail_provider(host: &str) -> bool {
    MAIL_PROVIDERS.contains(&registrable(host).as_str())
}

/// The hosts in URLs, sorted, each once.
pub(crate) fn hosts(urls: &[String]) -> Vec<String> {
    let hosts: BTreeSet<String> = urls.iter().filter_map(|url| host(url)).collect();
    hosts.into_iter().collect()
}

/// The host in a URL, or in what people write for one, in lower case.
pub(crate) fn host(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = match authority.rsplit_once('@') {
        // Without a scheme it is a mail address.
        Some(_) if scheme.is_empty() => return None,
        Some((_, host)) => host,
        None => authority,
    };
    if host.starts_with('[') {
        return None;
    }
    let host = host.split(':').next()?.trim_matches('.').to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_host = !host.is_empty() && host.chars().all(plain);
    if !is_host || (scheme.is_empty() && !host.contains('.')) {
        return None;
    }
    if scheme.starts_with("android") {
        // An app's package name is a domain backwards.
        let labels: Vec<&str> = host.split('.').rev().collect();
        return Some(labels.join("."));
    }
    Some(host)
}

/// The domain that somebody registered for this host; an address stays what it is.
pub(crate) fn registrable(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    let is_address = labels
        .last()
        .is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    let platform = PLATFORMS.iter().any(|platform| {
        host.strip_suffix(platform)
            .is_some_and(|rest| rest.ends_with('.'))
    });
    let count = match labels.as_slice() {
        _ if is_address => labels.len(),
        [.., second, top] if top.len() == 2 && SECOND_LEVELS.contains(second) => 3,
        _ if platform => 3,
        _ => 2,
    };
    let start = labels.len().saturating_sub(count);
    labels.get(start..).unwrap_or_default().join(".")
}

#[cfg(test)]
mod tests {
    use super::{host, is_mail_provider, registrable};

    #[test]
    fn a_mail_provider_is_known_with_its_hosts() {
        for host in ["gmail.com", "mail.gmx.net", "hotmail.co.uk"] {
            assert!(is_mail_provider(host), "{host}");
        }
        for host in ["acme.example", "gmail.com.example", "notgmail.com"] {
            assert!(!is_mail_provider(host), "{host}");
        }
    }

    #[test]
    fn a_url_belongs_to_who_registered_its_domain() {
        for (url, domain) in [
            ("https://www.ovh.com/manager/web/", "ovh.com"),
            (
                "http://user:pw@Shop.Example.CO.UK:8080/x?y#z",
                "example.co.uk",
            ),
            ("https://acme.github.io", "acme.github.io"),
            ("https://github.io", "github.io"),
            ("http://192.168.1.1/admin", "192.168.1.1"),
            ("http://nas/", "nas"),
            ("twitter.com", "twitter.com"),
            ("android://hash==@com.example.app/", "example.com"),
            ("https://t.co/", "t.co"),
        ] {
            let host = host(url).unwrap();
            assert_eq!(registrable(&host), domain, "{url}");
        }
        for none in [
            "",
            "aib",
            "http://",
            "dpbx@afoqwdr.tx",
            "a b.c",
            "http://[::1]/",
        ] {
            assert_eq!(host(none), None, "{none}");
        }
    }
}
