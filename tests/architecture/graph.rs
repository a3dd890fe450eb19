//! Who uses whom, file by file, read from the sources as text: `use` and written-out paths, with
//! re-exports followed. Tests inside of files, and files that are only for tests, are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// The place of a module: `["model", "text", "name"]`; nothing for `lib.rs`.
pub(crate) type Module = Vec<String>;
/// Edges from a node to those it uses.
pub(crate) type Edges<N> = BTreeMap<N, BTreeSet<N>>;

/// The modules of a crate, and the paths that each names.
pub(crate) struct Graph {
    /// Absolute paths by module, from the crate's root.
    paths: BTreeMap<Module, Vec<Vec<String>>>,
    /// What a module re-exports: its name there, and where it is from.
    exports: BTreeMap<(Module, String), Vec<String>>,
}

impl Graph {
    /// Reads all files below `root`, but for `main.rs`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(root, &[], &mut files);
        Self::of(&files)
    }

    /// The graph of these files, by module.
    pub(crate) fn of(files: &BTreeMap<Module, String>) -> Self {
        let test_only: BTreeSet<Module> = files.iter().flat_map(test_modules).collect();
        let is_kept = |module: &Module| !test_only.iter().any(|test| module.starts_with(test));
        let files: BTreeMap<&Module, String> = (files.iter())
            .filter(|(module, _)| is_kept(module))
            .map(|(module, text)| (module, without_tests(&without_comments(text))))
            .collect();
        let mut graph = Self {
            paths: files
                .keys()
                .map(|module| ((*module).clone(), vec![]))
                .collect(),
            exports: BTreeMap::new(),
        };
        for (module, code) in &files {
            graph.take_in(module, code);
        }
        graph
    }

    fn take_in(&mut self, module: &Module, code: &str) {
        let uses = Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([\w:{}*$,\s]+);").unwrap();
        let mut named = Vec::new();
        for found in uses.captures_iter(code) {
            for path in expand(&found[2]) {
                let Some(absolute) = self.absolute(module, &path) else {
                    continue;
                };
                if found.get(1).is_some() {
                    let name = path.last().unwrap().clone();
                    self.exports
                        .insert((module.clone(), name), absolute.clone());
                }
                named.push(absolute);
            }
        }
        let written = Regex::new(r"[$\w]+(?:::\w+)+").unwrap();
        for found in written.find_iter(&uses.replace_all(code, "")) {
            let path: Vec<String> = found.as_str().split("::").map(str::to_owned).collect();
            named.extend(self.absolute(module, &path));
        }
        self.paths.insert(module.clone(), named);
    }

    /// A path from the crate's root, if it leads into the crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut base = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" | "$crate" => return Some(path[1..].to_vec()),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let mut child = module.clone();
                child.push(first.to_owned());
                self.paths.get(&child)?;
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module that a path leads to, through re-exports.
    fn target(&self, path: &[String]) -> Module {
        let known = (0..=path.len()).rev().map(|end| &path[..end]);
        let module = (known.into_iter())
            .find(|start| self.paths.contains_key(*start))
            .unwrap_or_default();
        let rest = &path[module.len()..];
        let export = (rest.first())
            .and_then(|name| self.exports.get(&(module.to_vec(), name.clone())))
            .filter(|export| !path.starts_with(export));
        match export {
            Some(export) => self.target(&[export, &rest[1..]].concat()),
            None => module.to_vec(),
        }
    }

    /// Which file uses which. A module and what is below it count as one: its own files are its
    /// parts.
    pub(crate) fn edges(&self) -> Edges<Module> {
        let mut edges = Edges::new();
        for (module, paths) in &self.paths {
            let targets = paths.iter().map(|path| self.target(path));
            let others =
                targets.filter(|other| !other.starts_with(module) && !module.starts_with(other));
            edges.insert(module.clone(), others.collect());
        }
        edges
    }

    /// Which part of `folder` uses which other part of it.
    pub(crate) fn within(&self, folder: &[String]) -> Edges<String> {
        let part = |module: &Module| {
            let inside = module.starts_with(folder);
            inside.then(|| module.get(folder.len()).cloned()).flatten()
        };
        let mut edges = Edges::new();
        for (module, others) in self.edges() {
            let Some(from) = part(&module) else { continue };
            let others = others.iter().filter_map(part).filter(|to| *to != from);
            edges
                .entry(from.clone())
                .or_insert_with(BTreeSet::new)
                .extend(others);
        }
        edges
    }

    /// Every folder that has parts.
    pub(crate) fn folders(&self) -> BTreeSet<Module> {
        let modules = self.paths.keys().filter(|module| !module.is_empty());
        modules
            .map(|module| module[..module.len() - 1].to_vec())
            .collect()
    }
}

/// The nodes that stand in circles, or between two of them: all that is left when whatever uses
/// nothing, or is used by nothing, is taken away again and again.
pub(crate) fn circles<N: Ord + Clone>(edges: &Edges<N>) -> BTreeSet<N> {
    let mut left: BTreeSet<N> = edges.keys().cloned().collect();
    loop {
        let uses = |node: &N| edges[node].iter().any(|other| left.contains(other));
        let is_used = |node: &N| left.iter().any(|other| edges[other].contains(node));
        let kept: BTreeSet<N> = (left.iter())
            .filter(|node| uses(node) && is_used(node))
            .cloned()
            .collect();
        if kept.len() == left.len() {
            return left;
        }
        left = kept;
    }
}

fn collect(folder: &Path, module: &[String], files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            collect(&path, &[module, &[stem]].concat(), files);
        } else if path.extension().is_some_and(|end| end == "rs") && stem != "main" {
            let own = stem == "mod" || (stem == "lib" && module.is_empty());
            let name = if own { vec![] } else { vec![stem] };
            let text = fs::read_to_string(&path).unwrap();
            files.insert([module, &name].concat(), text);
        }
    }
}

/// Without `//` comments; a `//` inside a string follows a colon, as in a link.
pub(crate) fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Without the modules of tests that stand in the file itself.
pub(crate) fn without_tests(code: &str) -> String {
    static TESTS: LazyLock<Regex> = LazyLock::new(|| {
        let start =
            r"(?ms)^#\[cfg\(test\)\]\n(?:#\[[^\n]*\n)*(?:pub(?:\([^)]*\))? )?mod \w+ \{.*?^\}";
        Regex::new(start).unwrap()
    });
    TESTS.replace_all(code, "").into_owned()
}

/// The modules that a file declares for tests only.
fn test_modules((module, text): (&Module, &String)) -> Vec<Module> {
    let declared = Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap();
    let found = declared.captures_iter(text);
    found
        .map(|found| [module.as_slice(), &[found[1].to_owned()]].concat())
        .collect()
}

/// The paths that a `use` names: `a::{b, c::{self, D as E}}` are `a::b`, `a::c` and `a::c::D`.
pub(crate) fn expand(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap().split("::");
        let path: Vec<String> = path.map(|word| word.trim().to_owned()).collect();
        let path = path
            .into_iter()
            .filter(|word| !word.is_empty() && word != "*");
        return vec![path.collect()];
    };
    let head: Vec<String> = (tree[..open].split("::").map(str::trim))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let inside = &tree[open + 1..tree.rfind('}').unwrap()];
    let mut paths = Vec::new();
    for item in top_level_items(inside) {
        for mut rest in expand(&item) {
            if rest.last().is_some_and(|word| word == "self") {
                rest.pop();
            }
            paths.push([head.as_slice(), &rest].concat());
        }
    }
    paths
}

fn top_level_items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().unwrap().push(c);
    }
    items.retain(|item| !item.trim().is_empty());
    items
}
