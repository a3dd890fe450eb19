//! Docker's registries: how their addresses are written, and which places are one.

use super::fitting::WantedLogin;
use super::place::WebPlace;
use super::place_kind::{HUB_HOSTS, PlaceKind, is_hub, without_version};
use crate::model::records::entry::Entry;

/// What Docker calls its own registry, where everything else calls it by a host.
const HUB: &str = "https://index.docker.io/v1/";
/// Hosts of other registries that many use, and domains below which every host is one.
const REGISTRIES: [&str; 5] = [
    "ghcr.io",
    "quay.io",
    "gcr.io",
    "public.ecr.aws",
    "registry.gitlab.com",
];
const BELOW: [&str; 4] = [".azurecr.io", ".gcr.io", ".pkg.dev", ".amazonaws.com"];
/// How a host begins that is one by its name.
const NAMES: [&str; 3] = ["registry.", "docker.", "cr."];
/// A tag that says so of any other.
const TAGS: [&str; 2] = ["docker", "registry"];

/// What is meant by an address as Docker writes it: that of its own registry, a URL, or a host
/// without a scheme, which is spoken to without encryption only where Docker was told so.
#[must_use]
pub fn wanted_registry(text: &str) -> Option<WantedLogin> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    let place = WebPlace::parse(text).map(without_version)?;
    let has_path = !place.path().is_empty();
    let places = if is_hub(&place) {
        let (all, path) = (HUB_HOSTS.iter(), place.path().join("/"));
        all.filter_map(|host| WebPlace::of_parts("https", host, Some(&path)))
            .collect()
    } else if text.contains("://") {
        vec![place]
    } else {
        let plain = WebPlace::parse(&format!("http://{text}")).map(without_version);
        [Some(place), plain].into_iter().flatten().collect()
    };
    Some(WantedLogin {
        has_path,
        places,
        username: None,
        kind: PlaceKind::Registry,
    })
}

/// The registry that an entry's URL is of, as Docker writes it; none where it is of something else.
/// Docker asks for the secret of all that it is told of.
#[must_use]
pub fn registry_of(entry: &Entry, url: &str) -> Option<String> {
    let place = WebPlace::parse(url).filter(|place| ["http", "https"].contains(&place.scheme()))?;
    let host = place.host_name();
    if HUB_HOSTS.contains(&host) && !is_hub(&place) {
        return None;
    }
    if is_hub(&place) {
        return Some(HUB.to_owned());
    }
    let is_tagged = entry.tags().iter().any(|tag| TAGS.contains(&tag.as_str()));
    let is_below = BELOW.iter().any(|domain| host.ends_with(domain));
    let is_ecr = !host.ends_with(".amazonaws.com") || host.contains(".dkr.ecr.");
    let is_registry = is_tagged
        || REGISTRIES.contains(&host)
        || (is_below && is_ecr)
        || NAMES.iter().any(|start| host.starts_with(start));
    is_registry.then(|| place.to_string())
}

#[cfg(test)]
mod tests {
    use super::wanted_registry;
    use crate::model::logins::place::WebPlace;

    #[test]
    fn dockers_own_registry_is_one_in_all_its_spellings() {
        for (asked, entry) in [
            ("https://index.docker.io/v1/", "https://hub.docker.com"),
            ("https://index.docker.io/v1/", "docker.io"),
            ("docker.io", "https://index.docker.io/v1/"),
            ("registry.example:5000", "https://registry.example:5000"),
            ("localhost:5000", "http://localhost:5000"),
            ("https://registry.example/v2/", "registry.example"),
            ("docker.io/globex/img", "https://hub.docker.com/u/globex"),
            ("docker.io/globex/img", "https://index.docker.io/v1/"),
            (
                "https://index.docker.io/v1/",
                "https://hub.docker.com/r/globex/img",
            ),
            ("quay.io", "https://quay.io/acme"),
            ("docker.io:443", "docker.io"),
        ] {
            let place = WebPlace::parse(entry).unwrap();
            assert!(
                wanted_registry(asked).unwrap().depth_of(&place).is_some(),
                "{asked}"
            );
        }
        for (asked, entry) in [
            ("https://registry.example", "http://registry.example"),
            ("registry.example", "https://registry.example:5000"),
            ("ghcr.io", "https://docker.io"),
            ("https://index.docker.io/v1/", "http://docker.io"),
            ("https://index.docker.io/v1/", "https://docker.io:8443"),
            ("http://docker.io", "https://docker.io"),
            ("http://index.docker.io/v1/", "docker.io"),
            ("docker.io:8443", "docker.io"),
            ("docker.io/acme/img", "https://hub.docker.com/u/globex"),
            ("quay.io/globex", "https://quay.io/acme"),
        ] {
            let place = WebPlace::parse(entry).unwrap();
            assert!(
                wanted_registry(asked).unwrap().depth_of(&place).is_none(),
                "{asked}"
            );
        }
    }
}
