//! What the path of an entry's URL says, by what is asked for: on a registry it is that of images.

use super::place::WebPlace;

/// The hosts of Docker's own registry, for which one login is good.
pub(super) const HUB_HOSTS: [&str; 4] = [
    "index.docker.io",
    "docker.io",
    "registry-1.docker.io",
    HUB_PAGES,
];
/// Its pages for people, and how the paths of those begin that show what is somebody's.
const HUB_PAGES: &str = "hub.docker.com";
const PAGES: [&str; 4] = ["u", "r", "orgs", "repositories"];
/// How paths begin that say in which version a registry is spoken to.
const VERSIONS: [&str; 2] = ["v1", "v2"];

/// What is at the places that a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// Whatever has an address.
    Web,
    /// Images, below their names.
    Registry,
}

impl PlaceKind {
    /// The place that an entry's URL names, to be held against one of this kind.
    #[must_use]
    pub(super) fn of_entry(self, place: &WebPlace) -> WebPlace {
        let place = place.clone();
        if self == Self::Web {
            return place;
        }
        let is_page = place.host_name() == HUB_PAGES && begins_with(&place, &PAGES);
        if is_page {
            return place.with_path_from(1);
        }
        without_version(place)
    }
}

/// A place without the version that its path begins with.
pub(super) fn without_version(place: WebPlace) -> WebPlace {
    let first = usize::from(begins_with(&place, &VERSIONS));
    place.with_path_from(first)
}

/// Whether a place is Docker's own registry, which speaks nothing but https, at its usual port.
pub(super) fn is_hub(place: &WebPlace) -> bool {
    place.scheme() == "https" && HUB_HOSTS.contains(&&*place.host())
}

fn begins_with(place: &WebPlace, parts: &[&str]) -> bool {
    let first = place.path().first();
    first.is_some_and(|first| parts.contains(&first.as_str()))
}
