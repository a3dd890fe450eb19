//! "Did you mean": the name nearest to one that does not exist.

/// Letters that may be wrong, left out, too many or in the other's place.
const SLIPS: usize = 2;

/// The candidate that `wanted` was most likely meant to be, if any is close to it: with two slips
/// of the finger at most, or of which it has the start.
fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let low = wanted.to_lowercase();
    candidates
        .filter_map(|name| Some((closeness(&low, &name.to_lowercase())?, name)))
        .min()
        .map(|(_, name)| name)
}

/// Whether the name is close to the one that is wanted, in letters of either case.
pub(crate) fn is_close(wanted: &str, name: &str) -> bool {
    closeness(&wanted.to_lowercase(), &name.to_lowercase()).is_some()
}

/// How far a name is from the one that is wanted; none if it is not close to it.
fn closeness(wanted: &str, name: &str) -> Option<usize> {
    // One without its client may be meant with any.
    let meant = if wanted.contains('/') {
        name
    } else {
        last_part(name)
    };
    let slips = strsim::osa_distance(wanted, meant);
    let is_near = slips <= SLIPS && is_mostly(last_part(wanted), last_part(meant));
    (is_near || has_start(wanted, meant)).then_some(slips)
}

/// Whether half of the letters that were typed, of an entry those behind the same client, are the
/// start of the name.
fn has_start(wanted: &str, name: &str) -> bool {
    let (typed, there) = match (wanted.split_once('/'), name.split_once('/')) {
        (Some((client, typed)), Some((same, there))) if client == same => (typed, there),
        (None, None) => (wanted, name),
        _ => return false,
    };
    let common = typed.chars().zip(there.chars());
    let common = common.take_while(|(one, other)| one == other).count();
    common >= SLIPS && 2 * common >= typed.chars().count()
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

/// Whether at least half of the longer one is the same.
fn is_mostly(one: &str, other: &str) -> bool {
    let length = one.chars().count().max(other.chars().count());
    2 * strsim::osa_distance(one, other) <= length
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
        assert_eq!(find("acme/word"), Some("acme/wordpress"));
        assert_eq!(find("wordpres"), Some("acme/wordpress"));
    }

    #[test]
    fn what_is_far_is_not_suggested() {
        let names = ["acme/hosting", "acme/github-token", "globex/wordpress"];
        let find = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(find("acme/nothing"), None);
        assert_eq!(find("acme/wordpress"), None, "another client's");
        assert_eq!(find("acme/github"), Some("acme/github-token"));
        assert_eq!(find("acme/gitlab-runner"), None);
    }
}
