//! Names that are wanted twice: the second one gets a number, in a time that does not grow with how
//! many there are.

use std::collections::{HashMap, HashSet};

use crate::model::text::limits::NAME_PART_CHARS;
use crate::model::text::name::look;

/// Room that is left for a number, with its dash, when names are compared by their beginning.
const NUMBER_CHARS: usize = 8;

/// The next number of each beginning of a name. Long names are cut to make room for a number, so
/// that names with one beginning may want the same numbered name: they are counted together, and so
/// are names that look alike.
#[derive(Default)]
pub(crate) struct Numbers {
    next: HashMap<String, usize>,
    /// The last name that was taken, and its beginning: often it is wanted again.
    last: Option<(String, String)>,
}

impl Numbers {
    /// The name itself, or the first of `name-2`, `name-3`… that `takes` takes.
    pub(crate) fn first(&mut self, name: &str, mut takes: impl FnMut(&str) -> bool) -> String {
        if takes(name) {
            return name.to_owned();
        }
        let beginning = match self.last.take() {
            Some((last, beginning)) if last == name => beginning,
            _ => beginning(name),
        };
        let next = self.next.entry(beginning.clone()).or_insert(2);
        self.last = Some((name.to_owned(), beginning));
        loop {
            let numbered = numbered(name, *next);
            *next += 1;
            if takes(&numbered) {
                return numbered;
            }
        }
    }
}

/// Names of which each stands once.
#[derive(Default)]
pub(crate) struct UniqueNames {
    taken: HashSet<String>,
    numbers: Numbers,
}

impl UniqueNames {
    /// The name, with a number behind it if it is taken; it is taken then.
    pub(crate) fn take(&mut self, name: &str) -> String {
        let taken = &mut self.taken;
        (self.numbers).first(name, |name| taken.insert(name.to_owned()))
    }
}

/// What names that may want the same numbered name have in common, by its look.
fn beginning(name: &str) -> String {
    let name = look(name);
    let (front, last) = parts(&name);
    let last: String = last.chars().take(NAME_PART_CHARS - NUMBER_CHARS).collect();
    format!("{front}{last}")
}

/// The name with a number behind it, cut to make room for that.
pub(crate) fn numbered(name: &str, number: usize) -> String {
    let end = format!("-{number}");
    let (front, last) = parts(name);
    let room = NAME_PART_CHARS.saturating_sub(end.chars().count());
    let cut: String = last.chars().take(room).collect();
    format!("{front}{}{end}", cut.trim_end())
}

/// What stands up to the last slash, and the part behind it.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('/') {
        Some(at) => name.split_at(at + 1),
        None => ("", name),
    }
}

#[cfg(test)]
mod tests {
    use super::UniqueNames;

    #[test]
    fn each_name_stands_once_and_the_first_ones_keep_theirs() {
        let mut names = UniqueNames::default();
        let wanted = ["f", "f-2", "f", "f", "a/f", "a/f"];
        let taken = wanted.map(|name| names.take(name));
        assert_eq!(taken, ["f", "f-2", "f-3", "f-4", "a/f", "a/f-2"]);
    }

    #[test]
    fn long_names_of_one_beginning_do_not_try_each_others_numbers_again() {
        let mut names = UniqueNames::default();
        let stem = "n".repeat(58);
        // Each is wanted twice: were they counted apart, half a billion names would be tried.
        for number in 0..30_000 {
            let name = format!("{stem}{number:06}");
            assert_eq!(names.take(&name), name);
            assert_ne!(names.take(&name), name);
        }
        assert_eq!(names.taken.len(), 60_000);
    }
}
