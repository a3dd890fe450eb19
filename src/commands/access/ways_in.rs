//! Listing ways in other than the password, and taking them away.

use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::records::record_id::short;
use crate::model::records::way_in::{Family, WayIn};
use crate::model::text::name::WayInName;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Shown;
use crate::ui::Unasked;

/// Characters of a key that are shown, at its start and at its end.
const STARTS: usize = 16;
const ENDS: usize = 8;

/// The state of one that nobody has for sure.
const UNWRITTEN: &str = "never written out";

/// Lists those of a family.
pub(crate) fn list(ctx: &Context, family: Family) -> Result<()> {
    let session = ctx.unlock()?;
    let ways: Vec<&WayIn> = session.vault().ways_in(family).collect();
    let now = ctx.now();
    let shown = ways.iter().map(|way| {
        let is_unwritten = way.is_unwritten();
        Shown::default()
            .told("id", "ID", way.id, short(way.id))
            .field("kind", "KIND", &way.kind)
            .since("added", "ADDED", way.added, now)
            .told(
                "recipient",
                "KEY",
                &way.recipient,
                abbreviated(&way.recipient),
            )
            .field("name", "NAME", &way.name)
            .json("written", !is_unwritten)
            .text("", is_unwritten.then_some(UNWRITTEN))
    });
    let none = match family {
        Family::Recovery => "there is no way back if the password is lost: vault recovery add",
        Family::Recipient => "no other keys open the vault; add one: vault recipient add KEY",
    };
    ctx.ui.list(shown, none)?;
    let unwritten = ways.iter().filter(|way| way.is_unwritten());
    for way in unwritten.filter(|_| !ctx.ui.is_json()) {
        ctx.ui.hint(&format!(
            "nobody has {0} for sure; to take it away: vault recovery rm {0}, and to make another: \
             vault recovery add --out FILE",
            short(way.id)
        ));
    }
    Ok(())
}

/// A key as people compare it, by its two ends.
fn abbreviated(key: &str) -> String {
    let count = key.chars().count();
    let (start, end) = (
        key.chars().take(STARTS),
        key.chars().skip(count - ENDS.min(count)),
    );
    if count <= STARTS + ENDS {
        return key.to_owned();
    }
    format!("{}…{}", start.collect::<String>(), end.collect::<String>())
}

/// Says in the vault that an identity is written out. Where it cannot, that is no reason to make
/// another.
pub(crate) fn mark_written(ctx: &Context, session: Session, id: Uuid) {
    let marked = ctx.change(session, |vault, author| vault.mark_written(id, author));
    if let Err(why) = marked {
        ctx.warn(&format!(
            "the identity is written out; the vault may still have {} as never written: {why}",
            short(id)
        ));
    }
}

/// Takes those with these ids away, after asking.
pub(crate) fn remove(ctx: &Context, family: Family, ids: &[WayInName], yes: bool) -> Result<()> {
    let mut session = ctx.unlock()?;
    session.check_changeable()?;
    let vault = session.vault();
    let ids = ids.iter().map(|word| vault.known_way_in(family, word));
    let ids = ids.collect::<Result<Vec<Uuid>>>()?;
    let last = leaves_none(vault, &ids);
    // What goes away need not be known.
    for id in &ids {
        session.accept_way_in(*id);
    }
    if !yes && !ctx.rehearses() && !confirmed(ctx, family, &ids, last)? {
        ctx.answer_change("kept it as a way in", &[]);
        return Ok(());
    }
    let gone = ctx.change(session, |vault, author| {
        Ok(vault.remove_ways_in(&ids, author))
    })?;
    let shown: Vec<String> = gone.iter().map(|id| short(*id)).collect();
    let ids: Vec<String> = gone.iter().map(ToString::to_string).collect();
    ctx.note_done(&format!("took away {family} {}", shown.join(", ")));
    ctx.ui.note(
        "Old copies, backups and git history still open with what was taken away. If somebody \
         else may have it: vault passwd --compromised, and rotate the secrets themselves. If only \
         the key's owner had it, and may have kept a copy: vault id rotate.",
    );
    if last {
        ctx.warn("from now on only the password opens the vault: there is no way back without it");
    }
    ctx.answer(&ids);
    Ok(())
}

fn leaves_none(vault: &Vault, ids: &[Uuid]) -> bool {
    [Family::Recovery, Family::Recipient]
        .into_iter()
        .flat_map(|family| vault.ways_in(family))
        .all(|way| ids.contains(&way.id))
}

fn confirmed(ctx: &Context, family: Family, ids: &[Uuid], last: bool) -> Result<bool> {
    let shown: Vec<String> = ids.iter().map(|id| short(*id)).collect();
    let shown = shown.join(", ");
    let question = if last {
        format!(
            "{family} {shown} is the last way in besides the password: who forgets that has lost \
             everything. Take it away?"
        )
    } else {
        format!("Take {family} {shown} away?")
    };
    let unasked = Unasked {
        needed: "a confirmation is needed",
        instead: "use --yes",
    };
    ctx.ui.confirm(&question, unasked)
}
