//! The commands of a story. A new one gets a variant of [`Op`], its line in [`Op::args`], a weight
//! in [`command`](crate::stories::world::command), and its meaning in the reference.

use std::fmt;

use crate::stories::world::BAD_TAG;

/// A part of a path as it is typed, as it is kept, and what it looks like.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) typed: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) look: &'static str,
}

/// A path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) client: &'static Part,
    pub(crate) name: &'static Part,
}

impl Path {
    fn typed(self) -> String {
        format!("{}/{}", self.client.typed, self.name.typed)
    }

    pub(crate) fn kept(self) -> String {
        format!("{}/{}", self.client.kept, self.name.kept)
    }
}

/// What is fed to stdin.
#[derive(Clone)]
pub(crate) struct Piped {
    pub(crate) bytes: Vec<u8>,
    pub(crate) raw: bool,
}

impl Piped {
    /// The secret that is kept of it, if it is one.
    pub(crate) fn kept(&self) -> Option<String> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let text = match text.strip_suffix('\n') {
            Some(line) if !self.raw => line.strip_suffix('\r').unwrap_or(line),
            _ => text,
        };
        (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned())
    }
}

/// Options that set what is visible.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) username: Option<&'static str>,
    pub(crate) urls: Vec<&'static str>,
    pub(crate) notes: Option<&'static str>,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) custom: Vec<(&'static str, &'static str)>,
}

impl Fields {
    /// Whether this one is among them.
    pub(crate) fn set(&self, name: &str) -> bool {
        match name {
            "username" => self.username.is_some(),
            "url" => !self.urls.is_empty(),
            "notes" => self.notes.is_some(),
            "tag" => !self.tags.is_empty(),
            custom => self.custom.iter().any(|(field, _)| *field == custom),
        }
    }

    /// Whether it is refused to set and to empty this at once; a list is emptied first.
    pub(crate) fn clash(&self, name: &str) -> bool {
        self.set(name) && !["url", "tag"].contains(&name)
    }

    /// Whether the command line is refused for them.
    pub(crate) fn are_bad(&self) -> bool {
        let mut texts = (self.username.iter())
            .chain(&self.urls)
            .chain(&self.notes)
            .chain(self.custom.iter().map(|(_, value)| value));
        texts.any(|text| text.is_empty()) || self.tags.contains(&BAD_TAG)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.username.is_none()
            && self.urls.is_empty()
            && self.notes.is_none()
            && self.tags.is_empty()
            && self.custom.is_empty()
    }

    fn args(&self) -> impl Iterator<Item = String> {
        let username = self.username.map(|text| format!("--username={text}"));
        let urls = self.urls.iter().map(|text| format!("--url={text}"));
        let notes = self.notes.map(|text| format!("--notes={text}"));
        let tags = self.tags.iter().map(|text| format!("--tag={text}"));
        let custom = (self.custom.iter()).map(|(name, text)| format!("--field={name}={text}"));
        (username.into_iter().chain(urls))
            .chain(notes)
            .chain(tags)
            .chain(custom)
    }
}

/// What `get` is asked for.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Secret,
    Field(&'static str),
    Version(u32),
    FieldVersion(&'static str, u32),
    Pending,
}

/// A step of a rotation.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Once(Piped),
    Begin(Piped),
    Confirm,
    Abort,
}

/// A command.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    BadPath {
        verb: &'static str,
        path: &'static str,
    },
    Add {
        path: Path,
        secret: Piped,
        fields: Fields,
    },
    Get {
        path: Path,
        what: What,
        newline: bool,
        json: bool,
    },
    Edit {
        path: Path,
        fields: Fields,
        unset: Vec<&'static str>,
        secret: Option<Piped>,
    },
    /// `edit --secret-field pin`.
    Hide {
        path: Path,
        secret: Piped,
    },
    Remove {
        path: Path,
        sure: bool,
    },
    List {
        client: Option<&'static Part>,
        tag: Option<&'static str>,
        json: bool,
    },
    Show {
        path: Path,
        json: bool,
    },
    Rotate {
        path: Path,
        step: Step,
    },
    Attach {
        path: Path,
        file: &'static str,
        bytes: Vec<u8>,
        replace: bool,
    },
    Detach {
        path: Path,
        file: &'static str,
        remove: bool,
    },
    Passwd,
    WrongPassword {
        path: Path,
    },
}

impl Op {
    /// Its command line; the new password of `passwd` is left to the caller.
    pub(crate) fn args(&self) -> Vec<String> {
        let (verb, path) = match self {
            Self::BadPath { verb, path } => (*verb, (*path).to_owned()),
            Self::Add { path, .. } => ("add", path.typed()),
            Self::Get { path, .. } | Self::WrongPassword { path } => ("get", path.typed()),
            Self::Edit { path, .. } | Self::Hide { path, .. } => ("edit", path.typed()),
            Self::Remove { path, .. } => ("rm", path.typed()),
            Self::List { client, .. } => ("list", client.map_or("", |c| c.typed).to_owned()),
            Self::Show { path, .. } => ("show", path.typed()),
            Self::Rotate { path, .. } => ("rotate", path.typed()),
            Self::Attach { path, .. } => ("attach", path.typed()),
            Self::Detach { path, remove, .. } => {
                (if *remove { "detach" } else { "get" }, path.typed())
            }
            Self::Passwd => ("passwd", String::new()),
        };
        let mut args = vec![verb.to_owned(), path];
        args.retain(|arg| !arg.is_empty());
        args.extend(self.options());
        args
    }

    fn options(&self) -> Vec<String> {
        let mut args = Vec::new();
        let mut put = |wanted: bool, text: &str| {
            if wanted {
                args.push(text.to_owned());
            }
        };
        match self {
            Self::Add { secret, .. } => put(secret.raw, "--raw"),
            Self::Get {
                what,
                newline,
                json,
                ..
            } => {
                put(!newline, "-n");
                put(*json, "--json");
                match what {
                    What::Secret => {}
                    What::Pending => put(true, "--pending"),
                    What::Field(name) => put(true, &format!("--field={name}")),
                    What::Version(n) => put(true, &format!("--at-version={n}")),
                    What::FieldVersion(name, n) => {
                        put(true, &format!("--field={name}"));
                        put(true, &format!("--at-version={n}"));
                    }
                }
            }
            Self::Edit { unset, secret, .. } => {
                for field in unset {
                    put(true, &format!("--unset={field}"));
                }
                put(secret.is_some(), "--secret");
                put(secret.as_ref().is_some_and(|s| s.raw), "--raw");
            }
            Self::Hide { secret, .. } => {
                put(true, "--secret-field=pin");
                put(secret.raw, "--raw");
            }
            Self::Remove { sure, .. } => put(*sure, "--yes"),
            Self::List { tag, json, .. } => {
                put(tag.is_some(), &format!("--tag={}", tag.unwrap_or_default()));
                put(*json, "--json");
            }
            Self::Show { json, .. } => put(*json, "--json"),
            Self::Rotate { step, .. } => {
                put(matches!(step, Step::Once(_) | Step::Begin(_)), "--stdin");
                put(matches!(step, Step::Begin(_)), "--begin");
                put(matches!(step, Step::Confirm), "--confirm");
                put(matches!(step, Step::Abort), "--abort");
                put(step.piped().is_some_and(|piped| piped.raw), "--raw");
            }
            Self::Attach { file, replace, .. } => {
                put(true, "-");
                put(true, &format!("--as={file}"));
                put(*replace, "--replace");
            }
            Self::Detach { file, remove, .. } => {
                put(*remove, file);
                put(!*remove, &format!("--file={file}"));
                put(true, "--out=-");
            }
            Self::BadPath { .. } | Self::Passwd | Self::WrongPassword { .. } => {}
        }
        if let Self::Add { fields, .. } | Self::Edit { fields, .. } = self {
            args.extend(fields.args());
        }
        args
    }

    /// What it gets on stdin.
    pub(crate) fn stdin(&self) -> &[u8] {
        let piped = match self {
            Self::Add { secret, .. } | Self::Hide { secret, .. } => Some(secret),
            Self::Edit { secret, .. } => secret.as_ref(),
            Self::Rotate { step, .. } => step.piped(),
            Self::Attach { bytes, .. } => return bytes,
            _ => None,
        };
        piped.map_or(&[], |piped| piped.bytes.as_slice())
    }
}

impl Step {
    fn piped(&self) -> Option<&Piped> {
        match self {
            Self::Once(piped) | Self::Begin(piped) => Some(piped),
            Self::Confirm | Self::Abort => None,
        }
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.typed())
    }
}

impl fmt::Debug for Piped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        if text.len() > 100 {
            write!(f, "{} bytes of {:.1?}", self.bytes.len(), text)?;
        } else {
            write!(f, "{text:?}")?;
        }
        f.write_str(if self.raw { " as they are" } else { "" })
    }
}
