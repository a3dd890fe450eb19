//! A line as it is typed in bash: split into words, and words quoted so that they continue it.
//!
//! Bash hands a completion function the line as it stands and inserts what it answers as it is, in
//! place of what follows the last character at which readline begins a word.

/// A half-typed line.
#[derive(Debug, Default)]
pub struct Typed {
    words: Vec<String>,
    /// The quote that is open at the end.
    open: Option<char>,
    /// How many bytes of the last word stand before what is replaced.
    kept: usize,
}

impl Typed {
    /// Splits `line` as a shell does; quotes may be open. `breaks` are the characters at which
    /// readline begins a word. Variables set before the command are left out.
    pub fn split(line: &str, breaks: &str) -> Self {
        let mut this = Self::default();
        let mut word: Option<String> = None;
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            let text = match c {
                ' ' | '\t' | '\n' if this.open.is_none() => {
                    this.words.extend(word.take());
                    this.kept = 0;
                    continue;
                }
                _ => word.get_or_insert_default(),
            };
            match (c, this.open) {
                ('\'' | '"', None) => {
                    this.open = Some(c);
                    this.kept = text.len();
                }
                (c, Some(open)) if c == open => {
                    this.open = None;
                    this.kept = 0;
                }
                ('\\', None | Some('"')) => text.extend(chars.next()),
                _ => {
                    text.push(c);
                    if this.open.is_none() && breaks.contains(c) {
                        this.kept = text.len();
                    }
                }
            }
        }
        this.words.push(word.unwrap_or_default());
        let assignments = this.words.iter().take_while(|word| assigns(word)).count();
        this.words.drain(..assignments.min(this.words.len() - 1));
        this
    }

    /// The words, unquoted; the last is the one at the cursor, which may be empty.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// What is to be inserted so that the last word becomes `word`.
    pub fn insert(&self, word: &str) -> String {
        let rest = word.get(self.kept..).unwrap_or_default();
        match self.open {
            Some('\'') => rest.replace('\'', r"'\''"),
            Some(_) => escape(rest, |c| "\"\\$`!".contains(c)),
            None => escape(rest, |c| c.is_ascii() && !is_plain(c)),
        }
    }
}

fn assigns(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./,:=+@%^-".contains(c)
}

fn escape(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if special(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::Typed;

    /// What readline takes for the beginning of a word in bash.
    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    fn insert(line: &str, word: &str) -> String {
        Typed::split(line, BREAKS).insert(word)
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        let words = |line| Typed::split(line, BREAKS).words().to_vec();
        assert_eq!(words("vault get "), ["vault", "get", ""]);
        assert_eq!(words("A=1 vault  get ac"), ["vault", "get", "ac"]);
        assert_eq!(words(r"v acme/my\ site"), ["v", "acme/my site"]);
        assert_eq!(words("v 'acme/my s"), ["v", "acme/my s"]);
        assert_eq!(words("v \"a b\"'c d' e"), ["v", "a bc d", "e"]);
        assert_eq!(words(""), [""]);
        assert_eq!(words("A=1"), ["A=1"]);
        assert_eq!(words("v x\\"), ["v", "x"]);
    }

    #[test]
    fn what_is_inserted_is_quoted_as_the_word_was_begun() {
        assert_eq!(insert("v ac", "acme/my site"), r"acme/my\ site");
        assert_eq!(insert("v 'ac", "acme/my site"), "acme/my site");
        assert_eq!(insert("v \"ac", "acme/my site"), "acme/my site");
        assert_eq!(insert("v acme/'my", "acme/my site"), "my site");
        assert_eq!(insert("v 'it", "it's"), r"it'\''s");
        assert_eq!(insert("v it", "it's é"), r"it\'s\ é");
    }

    #[test]
    fn only_what_follows_the_last_break_is_inserted() {
        assert_eq!(insert("v acme/jo@ex", "acme/jo@example.org"), "example.org");
        assert_eq!(insert("v --color=al", "--color=always"), "always");
        assert_eq!(insert(r"v acme/a\@b", "acme/a@bc"), "acme/a@bc");
    }
}
