//! "Did you mean": the name nearest to one that does not exist.

/// The candidate that `wanted` was most likely meant to be, if any is near: one that contains it,
/// or one at a small edit distance of whose last part at least half is the same.
fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + wanted.chars().count() / 4;
    let tail = last_part(wanted);
    candidates
        .filter_map(|name| {
            let distance = strsim::osa_distance(wanted, name);
            let contains = tail.len() >= 2 && name.ends_with(tail);
            let near = distance <= allowed && is_mostly(tail, last_part(name));
            (near || contains).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// A question for the nearest candidate, as [`nearest`] finds it.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<String> {
    nearest(wanted, candidates).map(|near| format!("did you mean {near}?"))
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether at least half of the longer one is the same, but for case.
fn is_mostly(one: &str, other: &str) -> bool {
    let length = one.chars().count().max(other.chars().count());
    2 * strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase()) <= length
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_the_name() {
        let names = ["acme/wordpress", "acme/db", "globex/wordpress"];
        let find = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(find("acme/wordpres"), Some("acme/wordpress"));
        assert_eq!(find("acme/dbb"), Some("acme/db"));
        assert_eq!(find("amce/db"), Some("acme/db"));
        assert_eq!(find("wordpress"), Some("acme/wordpress"));
        assert_eq!(find("initech/payroll"), None);
        assert_eq!(find("acme/wp"), None);
        assert_eq!(find("acme/dc"), Some("acme/db"));
        assert_eq!(find("acme/DB"), Some("acme/db"));
    }
}
