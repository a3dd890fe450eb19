//! Paths as a tree.

use std::collections::BTreeMap;

/// What is below a part of paths: names, those of folders with a `/` at the end.
#[derive(Default)]
struct Branch(BTreeMap<String, Branch>);

/// The lines of a tree: clients at the left, below each its folders and entries, sorted.
pub(crate) fn lines<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut root = Branch::default();
    for path in paths {
        let mut at = &mut root;
        for part in path.split_inclusive('/') {
            at = at.0.entry(part.to_owned()).or_default();
        }
    }
    let mut lines = Vec::new();
    for (client, branch) in &root.0 {
        lines.push(client.clone());
        branch.draw("", &mut lines);
    }
    lines
}

impl Branch {
    fn draw(&self, before: &str, lines: &mut Vec<String>) {
        let mut left = self.0.len();
        for (name, below) in &self.0 {
            left -= 1;
            let (mark, further) = if left == 0 {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            lines.push(format!("{before}{mark}{name}"));
            below.draw(&format!("{before}{further}"), lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn folders_stand_once_with_what_is_in_them() {
        let paths = [
            "acme/db",
            "acme/db-2",
            "acme/db/live",
            "acme/db/old/x",
            "b/y",
        ];
        let tree = [
            "acme/",
            "├── db",
            "├── db-2",
            "└── db/",
            "    ├── live",
            "    └── old/",
            "        └── x",
            "b/",
            "└── y",
        ];
        assert_eq!(lines(paths), tree);
        assert!(lines([]).is_empty());
    }
}
