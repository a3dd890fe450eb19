//! What is told before something is shared, and what somebody has to confirm: a share's end that is
//! cut, and entries that are not what the client permitted.

use clap::Args;

use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::consent::changed::ChangedEntry;
use crate::model::consent::permit::{Ask, Despite, Limit, Permit, PermittedItem};
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::record_id::number;
use crate::model::rotation::exposure::remedy;
use crate::model::vault::Vault;
use crate::ui::Unasked;
use crate::ui::time::local_time;

/// Options that pass something over on purpose.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct DespiteArgs {
    /// Share what has changed since it was permitted: other hosts, another user, a new entry
    #[arg(long)]
    changed_ok: bool,
    /// Let it last longer than the client's credentials may be kept
    #[arg(long)]
    past_retention: bool,
    /// Let it outlast the contact's access review
    #[arg(long)]
    past_review: bool,
    /// Share although an open incident began with the contact
    #[arg(long)]
    despite_incident: bool,
}

impl DespiteArgs {
    /// The limits that may be passed.
    pub(crate) fn limits(&self) -> Despite {
        Despite {
            retention: self.past_retention,
            review: self.past_review,
            incident: self.despite_incident,
            changes: vec![],
        }
    }

    /// Tells what is cut and what patterns cover today, and asks about what has changed since it
    /// was permitted; all of it is confirmed afterwards.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`] where nobody can be asked,
    /// [`crate::error::Kind::Refused`] where the answer is no.
    pub(crate) fn confirm(
        &self,
        ctx: &Context,
        vault: &Vault,
        ask: &Ask,
        permit: Permit,
    ) -> Result<Vec<ChangedEntry>> {
        tell(ctx, vault, ask, &permit)?;
        let question = "It is not what the client permitted. Share it all the same?";
        let is_confirmed =
            permit.changes.is_empty() || self.changed_ok || ctx.ui.confirm(question, UNASKED)?;
        if is_confirmed {
            return Ok(permit.changes);
        }
        Err(Error::refused("what was permitted has changed since")
            .hint("nothing was shared; ask the client anew: vault consent request CLIENT"))
    }

    /// As [`Self::confirm`], for who only wants to know: where somebody can be asked, it is told
    /// that they would be.
    ///
    /// # Errors
    /// [`crate::error::Kind::NeedsInput`] where nobody can be asked.
    pub(crate) fn foretell(
        &self,
        ctx: &Context,
        vault: &Vault,
        ask: &Ask,
        permit: Permit,
    ) -> Result<Vec<ChangedEntry>> {
        if permit.changes.is_empty() || self.changed_ok || !ctx.ui.can_ask() {
            return self.confirm(ctx, vault, ask, permit);
        }
        tell(ctx, vault, ask, &permit)?;
        ctx.ui
            .note("It is not what the client permitted: without --dry-run, somebody is asked.");
        Ok(permit.changes)
    }
}

const UNASKED: Unasked<'static> = Unasked {
    needed: "what was permitted has changed since, and somebody has to confirm it",
    instead: "to share it as it is: --changed-ok; or ask the client anew: vault consent request \
              CLIENT",
};

fn tell(ctx: &Context, vault: &Vault, ask: &Ask, permit: &Permit) -> Result<()> {
    tell_cut(ctx, ask, permit);
    tell_covered(ctx, vault, permit)?;
    tell_compromised(ctx, vault, ask)?;
    tell_in_use_elsewhere(ctx, vault, permit)?;
    for changed in &permit.changes {
        ctx.warn(&changed.to_string());
    }
    Ok(())
}

/// What strangers may know is better changed before one more has it.
fn tell_compromised(ctx: &Context, vault: &Vault, ask: &Ask) -> Result<()> {
    let compromises = vault.compromises()?;
    for path in &ask.entries {
        if let Some(why) = compromises.of_any(vault.entry(path)?) {
            let why = exposure::compromise(why, ctx.now());
            ctx.warn(&format!("{path}: strangers may know it: {why}"));
            ctx.ui
                .hint(&format!("change it first: vault rotate {path:#}"));
        }
    }
    Ok(())
}

/// Whoever has it can use it wherever else it is in use, another client's entries included.
fn tell_in_use_elsewhere(ctx: &Context, vault: &Vault, permit: &Permit) -> Result<()> {
    let fields = |item: &PermittedItem| item.fields.iter().map(ToString::to_string).collect();
    let items = permit.items.iter().map(|it| (it.entry, fields(it)));
    for ((entry, slot), others) in vault.in_use_elsewhere(&items.collect())? {
        let Some(item) = permit.items.iter().find(|it| it.entry == entry) else {
            continue;
        };
        let (path, what) = (&item.path, slot.strip_prefix(ATTACHMENT).unwrap_or(&slot));
        let others: Vec<String> = others.into_iter().collect();
        ctx.warn(&format!(
            "{path}: its {what} is in use in {} too, and becomes known there with this share",
            others.join(", ")
        ));
        let fix = remedy(path, &slot);
        ctx.ui.hint(&format!("change it first: {fix}"));
    }
    Ok(())
}

fn tell_cut(ctx: &Context, ask: &Ask, permit: &Permit) {
    let usual = match ask.usual {
        Some(_) => "the share before it",
        None => "the usual 14 days",
    };
    let what = match permit.cut_by {
        None => return,
        Some(Limit::Consent) => "the consent ends on",
        Some(Limit::Retention) => "the client's credentials may be kept until",
        Some(Limit::Review) => "the contact's access review is due on",
    };
    ctx.ui.note(&format!(
        "{what} {}: the share ends then, sooner than {usual}",
        local_time(permit.expires)
    ));
}

/// What a pattern covers is more than what is shared: who shares by one is to see it.
fn tell_covered(ctx: &Context, vault: &Vault, permit: &Permit) -> Result<()> {
    let consent = vault.consents.by_id(permit.consent)?;
    if consent.scope.patterns.is_empty() {
        return Ok(());
    }
    let today = vault.covered_today(consent)?;
    ctx.ui.note(&format!(
        "consent {} ({}) covers today: {}",
        number(consent.id),
        consent.scope.patterns.join(", "),
        today.join(", ")
    ));
    Ok(())
}
