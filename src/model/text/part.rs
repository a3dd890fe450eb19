//! Parts of names: which names hold one, and how short a part may be to be held by one name only.
//! Case and accents do not count.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without what does not count when something is looked for: small letters, no accents.
pub(crate) fn folded(text: &str) -> String {
    let letters = text.nfd().filter(|c| !is_combining_mark(*c));
    letters.flat_map(char::to_lowercase).collect()
}

/// The positions of the names that hold `part`; only that of the whole name, where it is one.
pub(crate) fn holding(part: &str, names: &[String]) -> Vec<usize> {
    let part = folded(part);
    let names: Vec<String> = names.iter().map(|name| folded(name)).collect();
    let with = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let names = names.iter().enumerate();
        names.filter(|(_, it)| is_it(it)).map(|it| it.0).collect()
    };
    match with(&|name| name == part) {
        whole if whole.len() == 1 => whole,
        _ => with(&|name| name.contains(&part)),
    }
}

/// The shortest part from the start of a word on that only this one of the names holds; the whole
/// name, where there is none. Nobody types one of fewer than [`SHORTEST`] letters.
pub(crate) fn shortest_of(name: &str, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| folded(name)).collect();
    let is_unique = |part: &str| {
        let part = folded(part);
        names.iter().filter(|name| name.contains(&part)).count() == 1
    };
    let letters: Vec<char> = name.chars().collect();
    let is_start = |at: &usize| match letters.get(at.wrapping_sub(1)) {
        Some(before) => !before.is_alphanumeric(),
        None => true,
    };
    let words = (0..letters.len()).filter(is_start);
    let parts = words.filter_map(|at| {
        let rest = letters.get(at..).unwrap_or_default();
        // What is held by one name only is so with more letters too.
        let lengths: Vec<usize> = (SHORTEST..=rest.len()).collect();
        let start = |length: usize| rest.iter().take(length).collect::<String>();
        let shortest = lengths.partition_point(|length| !is_unique(&start(*length)));
        let part = start(*lengths.get(shortest)?);
        (part.trim() == part).then_some(part)
    });
    { parts }
        .min_by_key(|part| part.chars().count())
        .unwrap_or_else(|| name.to_owned())
}

/// Letters of a part that is told, at least.
const SHORTEST: usize = 2;

#[cfg(test)]
mod tests {
    use super::{holding, shortest_of};

    fn names() -> Vec<String> {
        let names = [
            "acme/wordpress",
            "acme/Wordpress-old",
            "Müller/db",
            "acme/db/two",
        ];
        names.map(str::to_owned).to_vec()
    }

    #[test]
    fn a_part_is_found_whatever_its_case_and_accents() {
        assert_eq!(holding("MULLER", &names()), [2]);
        assert_eq!(holding("müller/D", &names()), [2]);
        assert_eq!(holding("wordpress", &names()), [0, 1]);
        assert_eq!(holding("ACME/WordPress", &names()), [0], "the whole name");
        assert!(holding("initech", &names()).is_empty());
    }

    #[test]
    fn the_shortest_part_is_held_by_one_name_only() {
        let shortest = |at: usize| shortest_of(names().get(at).unwrap(), &names());
        assert_eq!(shortest(0), "acme/wordpress", "the other holds it all");
        assert_eq!(shortest(1), "ol");
        assert_eq!(shortest(2), "Mü");
        assert_eq!(shortest(3), "tw");
    }
}
