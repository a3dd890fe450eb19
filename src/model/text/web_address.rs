//! A web address as a paper names it: where it leads, without what could be secret in it.

/// The address without a user's name and password, a query and a fragment, all of which may hold
/// secrets.
pub(crate) fn without_secrets(url: &str) -> String {
    let url = url.trim();
    let place = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match place.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), place),
    };
    let end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn only_where_it_leads_is_left() {
        for (url, left) in [
            ("https://acme.example/admin", "https://acme.example/admin"),
            (
                "https://jo:pw@acme.example:8443/x?k=v#t",
                "https://acme.example:8443/x",
            ),
            ("https://jo@pw@acme.example", "https://acme.example"),
            ("ssh://root:pw@10.0.0.1", "ssh://10.0.0.1"),
            ("jo:pw@acme.example/a@b", "acme.example/a@b"),
            ("acme.example?token=t", "acme.example"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(url), left, "{url}");
        }
    }
}
