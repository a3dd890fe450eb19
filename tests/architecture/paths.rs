//! The paths that a file names, whatever it imports on the way to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::graph::expand;

static IMPORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?use\s+([^;]+);").unwrap());
static RENAMED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([\w:]+)\s+as\s+(\w+)").unwrap());
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\w+(?:\s*::\s*\w+)+").unwrap());

/// Every path in `code`, written out: those that it imports, and those that go on from one.
pub(crate) fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut known = BTreeMap::new();
    for tree in IMPORT.captures_iter(code) {
        for path in expand(&tree[1]) {
            let full = path.join("::");
            known.extend(path.last().map(|name| (name.clone(), full.clone())));
            found.insert(full);
        }
        // `expand` drops the new name of what is renamed.
        for pair in RENAMED.captures_iter(&tree[1]) {
            let last = pair[1].rsplit("::").next().unwrap();
            let full = known.get(last).cloned();
            known.extend(full.map(|full| (pair[2].to_owned(), full)));
        }
    }
    let rest = IMPORT.replace_all(code, "");
    for path in PATH.find_iter(&rest) {
        let path: String = path.as_str().split_whitespace().collect();
        let (first, more) = path.split_once("::").unwrap();
        let start = known.get(first).map_or(first, String::as_str);
        found.insert(format!("{start}::{more}"));
    }
    found
}

/// Whether one of the paths is `wanted`, or goes on from it.
pub(crate) fn names(paths: &BTreeSet<String>, wanted: &str) -> bool {
    let goes_on = format!("{wanted}::");
    (paths.iter()).any(|path| path == wanted || path.starts_with(&goes_on))
}
