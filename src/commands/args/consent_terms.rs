//! The options that say what a consent covers, shared by `consent request` and `consent add`.

use clap::Args;
use jiff::{Timestamp, ToSpan};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::AgreedException;
use crate::model::consent::scope::{ScopeItem, SharedField};
use crate::model::consent::terms::Terms;
use crate::model::records::entry::Entry;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::pattern::Pattern;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

/// How long a consent holds if nothing else is said, in days.
pub(crate) const DAYS: i64 = 90;

/// Options that say what a consent covers.
#[derive(Args, Clone, Debug)]
pub struct TermsArgs {
    /// Who may be given it: a contact; may be given several times
    #[arg(long, value_name = "CONTACT")]
    to: Vec<ContactName>,
    /// What it covers: entries, or patterns such as 'acme/*' (within a part) and 'acme/**'
    /// (everything below); a pattern covers later entries too
    #[arg(long, value_name = "ENTRY_OR_PATTERN", num_args = 1..)]
    scope: Vec<ScopeItem>,
    /// Only this field: secret, username, urls, totp, notes, attachment:NAME, or a custom one; may
    /// be given several times [default: secret, username and urls]
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<SharedField>,
    /// What for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// When it ends: a date, a time, or a duration from now [default: 90 days; of what is only
    /// noted, 7]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
}

impl TermsArgs {
    /// The terms that are meant; `from` is when they begin, and `days` after that they end if nothing
    /// else is said.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when something is not said, or ends in the past.
    pub fn terms(
        &self,
        ctx: &Context,
        client: &ClientSlug,
        from: Option<Timestamp>,
        days: i64,
    ) -> Result<Terms> {
        check_none_missing(&self.missing(client))?;
        Ok(Terms {
            client: client.clone(),
            to: self.to.clone(),
            scope: self.scope.clone(),
            fields: self.fields.clone(),
            purpose: self.purpose.clone().unwrap_or_default(),
            expires: self.expires(ctx, from, days)?,
        })
    }

    /// The options that have to be said and are not, each with an example of its value.
    pub fn missing(&self, client: &ClientSlug) -> Vec<(&'static str, String)> {
        let all = [
            ("--to", "CONTACT".to_owned(), self.to.is_empty()),
            ("--scope", format!("'{client}/*'"), self.scope.is_empty()),
            (
                "--purpose",
                "'fix the shop'".to_owned(),
                self.purpose.is_none(),
            ),
        ];
        let missing = all.into_iter().filter(|(_, _, is_missing)| *is_missing);
        missing
            .map(|(option, example, _)| (option, example))
            .collect()
    }

    fn expires(&self, ctx: &Context, from: Option<Timestamp>, days: i64) -> Result<Timestamp> {
        let now = ctx.now();
        if let Some(when) = &self.expires {
            return when.in_future(&ctx.now_here());
        }
        let begins = from.map_or(now, |from| from.max(now));
        begins
            .checked_add((24 * days).hours())
            .map_err(|_| Error::usage("that is further away than time is counted"))
    }

    /// Says what the default is, after a consent was made with it.
    pub fn tell_default(&self, ctx: &Context, terms: &Terms, days: i64) {
        if self.expires.is_none() {
            ctx.ui.note(&format!(
                "it ends after {days} days, on {}; --expires sets another end",
                local_time(terms.expires)
            ));
        }
    }
}

/// Refuses where options are missing, and names them all at once.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_none_missing(missing: &[(&str, String)]) -> Result<()> {
    let names: Vec<&str> = missing.iter().map(|(option, _)| *option).collect();
    let message = match names.as_slice() {
        [] => return Ok(()),
        [only] => format!("{only} is missing"),
        [first @ .., last] => format!("{} and {last} are missing", first.join(", ")),
    };
    let example = missing
        .iter()
        .map(|(option, value)| format!("{option} {value}"));
    let example = example.collect::<Vec<_>>().join(" ");
    Err(Error::usage(message).hint(format!("say it, as in: {example}")))
}

/// Says what patterns cover by now, without what was taken out, and which fields nobody has: a slip
/// shows there.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn tell_coverage(
    ctx: &Context,
    vault: &Vault,
    terms: &Terms,
    except: &[AgreedException],
) -> Result<()> {
    let mut live = vault.live()?;
    live.retain(|(_, entry)| {
        let mut whole = except.iter().filter(|out| out.recipients.is_empty());
        whole.all(|out| out.entry.entry != entry.id)
    });
    for item in &terms.scope {
        if let ScopeItem::Pattern(pattern) = item {
            let mut covered: Vec<&str> = (live.iter())
                .map(|(path, _)| path.as_str())
                .filter(|path| pattern.matches(path))
                .collect();
            covered.sort_unstable();
            tell_covered(ctx, pattern, &covered);
        }
    }
    let covered = |path: &str| terms.scope.iter().any(|item| fits(item, path));
    for field in &terms.fields {
        let SharedField::Custom(name) = field else {
            continue;
        };
        let has = |entry: &Entry| {
            let hidden = entry.current(name.as_str()).is_some();
            hidden
                || entry
                    .visible_fields()
                    .any(|(other, _)| other == name.as_str())
        };
        if !live.iter().any(|(path, entry)| covered(path) && has(entry)) {
            ctx.warn(&format!("no entry in the scope has a field {name}"));
        }
    }
    Ok(())
}

fn tell_covered(ctx: &Context, pattern: &Pattern, covered: &[&str]) {
    let entries = match covered.len() {
        0 => {
            ctx.warn(&format!("{pattern} covers no entry now, only later ones"));
            return;
        }
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    ctx.ui.note(&format!(
        "{pattern} covers {entries} now, and any added later: {}",
        covered.join(", ")
    ));
}

fn fits(item: &ScopeItem, path: &str) -> bool {
    match item {
        ScopeItem::Entry(entry) => entry.to_string() == path,
        ScopeItem::Pattern(pattern) => pattern.matches(path),
    }
}
