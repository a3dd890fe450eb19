//! The options that set an entry's fields, shared by `add` and `edit`, and where the secrets among
//! them come from.

use clap::Args;
use jiff::{Timestamp, Zoned};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::changes::{Changes, Lists};
use crate::model::entry::fields::EntryValues;
use crate::model::entry::totp;
use crate::model::records::entry::SecondFactor;
use crate::model::records::slot::Slot;
use crate::model::text::name::{EntryPath, EnvName, FieldName, Tag};
use crate::model::text::secret::Secret;
use crate::model::text::when::{Duration, When};
use crate::ui::Unasked;

/// Options that set fields.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct FieldArgs {
    /// User name
    #[arg(short, long, value_name = "NAME")]
    username: Option<String>,
    /// Login URL; may be given several times
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// A label; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,
    /// A visible field, as in account=4711; may be given several times
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = field)]
    fields: Vec<(FieldName, String)>,
    /// A hidden field; its value is asked for. May be given several times
    #[arg(long = "secret-field", value_name = "NAME")]
    secret_fields: Vec<FieldName>,
    /// The environment variable that is to hold the secret in a child process
    #[arg(long, value_name = "VARIABLE")]
    env: Option<EnvName>,
    /// The seed of its one-time codes, base32 or an otpauth:// URI, is read or asked for
    #[arg(long)]
    totp: bool,
    /// When the credential ends: a date, a time, or a duration such as 90d
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    /// How often the secret is to change, as in 90d
    #[arg(long, value_name = "DURATION")]
    rotate_every: Option<Duration>,
    /// What the login asks for beside the secret: none, app or key
    #[arg(long, value_name = "KIND")]
    second_factor: Option<SecondFactor>,
    /// Only programs get what it holds while the vault is unlocked (run, helper, code); to show it or
    /// let it out (get, export, share) the master password is asked for again
    #[arg(long)]
    use_only: bool,
    /// Ask for secrets of several lines, such as keys; an empty line or Ctrl-D ends each
    #[arg(long)]
    multiline: bool,
    /// Keep the line end of a secret read from stdin
    #[arg(long)]
    raw: bool,
}

fn field(text: &str) -> Result<(FieldName, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| "a field is NAME=VALUE, as in account=4711".to_owned())?;
    Ok((name.parse()?, value.to_owned()))
}

impl FieldArgs {
    /// The secrets that are asked for, besides the entry's own one.
    pub fn extra_slots(&self) -> impl Iterator<Item = Slot> {
        let totp = self.totp.then_some(Slot::Totp);
        let hidden = self.secret_fields.iter().cloned().map(Slot::Field);
        totp.into_iter().chain(hidden)
    }

    /// Whether the seed of one-time codes is asked for.
    pub fn totp(&self) -> bool {
        self.totp
    }

    /// What to set, secrets not yet among it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past a limit, for times in the past, and for one field named
    /// twice.
    pub fn changes(&self, ctx: &Context) -> Result<Changes> {
        let mut names: Vec<&str> = (self.fields.iter().map(|(name, _)| name.as_str()))
            .chain(self.secret_fields.iter().map(FieldName::as_str))
            .collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(Error::usage(format!("field {twice} is named twice"))
                .hint("a field has one value, visible or hidden"));
        }
        let now = ctx.now_here();
        let changes = Changes {
            values: EntryValues {
                username: self.username.clone(),
                urls: self.url.clone(),
                notes: self.notes.clone(),
                tags: self
                    .tags
                    .iter()
                    .map(|tag| tag.as_str().to_owned())
                    .collect(),
                env: self.env.as_ref().map(|env| env.as_str().to_owned()),
                expires: (self.expires.as_ref())
                    .map(|at| expiry(at, &now))
                    .transpose()?,
                rotate_every: self.rotate_every.as_ref().map(ToString::to_string),
                second_factor: self.second_factor.as_ref().map(ToString::to_string),
                use_only: self.use_only.then_some(true),
            },
            fields: self.fields.clone(),
            lists: Lists::AddedTo,
            ..Changes::default()
        };
        changes.check()?;
        Ok(changes)
    }

    /// Reads or asks for secrets. What is piped in is `from_stdin`, everything else is asked for
    /// on the terminal.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`] when nobody can be asked, [`crate::error::Kind::Usage`]
    /// for what is no secret.
    pub fn secrets(
        &self,
        ctx: &Context,
        path: &EntryPath,
        slots: impl Iterator<Item = Slot>,
        from_stdin: Option<&Slot>,
    ) -> Result<Vec<(Slot, Secret)>> {
        let piped = !ctx.ui.stdin_is_terminal();
        slots
            .map(|slot| {
                let secret = if piped && from_stdin == Some(&slot) {
                    ctx.ui.stdin_secret(self.raw)?
                } else {
                    self.ask(ctx, path, &slot)?
                };
                if slot == Slot::Totp {
                    totp::check(&secret)?;
                }
                Ok((slot, secret))
            })
            .collect()
    }
}

impl FieldArgs {
    fn ask(&self, ctx: &Context, path: &EntryPath, slot: &Slot) -> Result<Secret> {
        asked(path, slot, |what, unasked| match slot {
            Slot::Totp => ctx.ui.prompt_checked(what, unasked, totp::check),
            _ if self.multiline => ctx.ui.prompt_lines(what, unasked),
            _ => ctx.ui.prompt_secret(what, unasked),
        })
    }
}

/// Asks for the entry's own secret, which may be left out.
///
/// # Errors
/// As [`FieldArgs::secrets`].
pub fn optional_secret(ctx: &Context, path: &EntryPath) -> Result<Option<Secret>> {
    asked(path, &Slot::Secret, |what, unasked| {
        let what = format!("{what} (Enter for none)");
        ctx.ui.prompt_optional(&what, unasked)
    })
}

fn expiry(at: &When, now: &Zoned) -> Result<Timestamp> {
    at.in_future(now).map_err(|why| {
        Error::usage(format!("--expires: {why}"))
            .hint("give a date, a time, or a duration from now such as 90d")
    })
}

/// Asks in one way or another for what belongs into a slot.
fn asked<T>(
    path: &EntryPath,
    slot: &Slot,
    ask: impl FnOnce(&str, Unasked<'_>) -> Result<T>,
) -> Result<T> {
    let what = match slot {
        Slot::Secret => format!("Secret of {path}"),
        Slot::Totp => format!("Seed of the one-time codes of {path}"),
        Slot::Field(name) => format!("Hidden field {name} of {path}"),
    };
    let needed = format!("{what} is needed");
    let instead = match slot {
        Slot::Secret | Slot::Totp => "pipe it in on stdin".to_owned(),
        Slot::Field(name) => {
            format!("pipe it in alone: vault edit {path:#} --secret-field {name:#}")
        }
    };
    let unasked = Unasked {
        needed: &needed,
        instead: &instead,
    };
    ask(&what, unasked)
}
