//! What `merge` and `sync` share: what is asked before a copy is taken in, and what is told after.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::commands::args::rejected_keys::RejectedKeys;
use crate::context::Context;
use crate::context::ways_in::described;
use crate::crypto::MasterKey;
use crate::error::Result;
use crate::model::merge::consents::ChangedConsent;
use crate::model::merge::report::MergeReport;
use crate::model::records::consent::ConsentState;
use crate::model::records::record_id::{number, short};
use crate::model::records::stamping::Author;
use crate::model::records::way_in::WayIn;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::store::taken::OpenCopy;
use crate::ui::time::local_time;

/// Asks about keys that would open the vault from now on, where no device that is known here has
/// added them: those of the copy and, where that is the newest file that this device has seen, those
/// of the file at the vault's place, which others have put there then.
/// Returns those that `keys` rejects.
pub fn check_ways_in(
    (ctx, session): (&Context, &Session),
    keys: &RejectedKeys,
    vault: &Vault,
    copy: &OpenCopy,
) -> Result<Vec<WayIn>> {
    let mut rejected = check_new_ways_in((ctx, session), keys, vault, &copy.vault)?;
    if copy.file.is_newest_seen() {
        rejected.extend(check_new_ways_in((ctx, session), keys, &copy.vault, vault)?);
    }
    Ok(rejected)
}

/// Asks about the keys that open `other` and are not known in `own`. Returns those that `keys`
/// rejects. What lets one in is a proof where anything is for use only.
pub fn check_new_ways_in(
    (ctx, session): (&Context, &Session),
    keys: &RejectedKeys,
    own: &Vault,
    other: &Vault,
) -> Result<Vec<WayIn>> {
    ctx.look_for_accepted(own);
    ctx.look_for_accepted(other);
    let mut rejected = Vec::new();
    for way in own.unknown_ways_in(other)? {
        if ctx.confirm_way_in(way, &keys.reject_recipient)? {
            ctx.prove_for_way_in(session, &[own, other])?;
        } else {
            rejected.push(way.clone());
        }
    }
    Ok(rejected)
}

/// Puts a copy that has all that is here, and more, in the vault's place.
pub fn go_on_with(ctx: &Context, session: Session, copy: &OpenCopy) -> Result<()> {
    let is_other = copy.file.access() != session.access();
    session.go_on_with(copy)?;
    if is_other {
        tell_password(ctx, &copy.vault);
    }
    Ok(())
}

/// Writes what was taken in, sealed under `key` where that is another one now, else as the vault at
/// its place is; the keys that were `rejected` do not open it.
pub fn write(
    ctx: &Context,
    session: Session,
    key: Option<&MasterKey>,
    rejected: &[WayIn],
) -> Result<Session> {
    let session = ctx.change_merged(session, key, &ids_of(rejected))?;
    if key.is_some() {
        tell_password(ctx, session.vault());
    }
    Ok(session)
}

fn ids_of(ways: &[WayIn]) -> Vec<Uuid> {
    ways.iter().map(|way| way.id).collect()
}

/// Says that the vault opens with another password now: one that was chosen elsewhere, or that the
/// other device had before and has kept.
fn tell_password(ctx: &Context, vault: &Vault) {
    let what = if vault.has_kept_access() {
        "the other device has kept its own master password in a merge"
    } else {
        "the master password was changed on the other device"
    };
    ctx.warn(&format!(
        "{what}: from now on the vault opens with that one"
    ));
}

/// What the vault would be with what was taken in but for the keys that are `rejected`, and what
/// came with that since `before`.
pub fn outcome_of(
    ctx: &Context,
    session: &Session,
    before: &Vault,
    rejected: &[WayIn],
) -> Result<MergeReport> {
    let mut after = session.vault().clone();
    let (revived, files) = session.to_settle();
    let author = Author {
        device: after.device,
        now: ctx.now(),
        new_id: &Uuid::new_v4,
    };
    after.settle_merge(&revived, &files, &author)?;
    after.remove_ways_in(&ids_of(rejected), &author);
    after.taken_in_since(before, author.now)
}

/// What was taken in, for scripts.
pub fn report_json(report: &MergeReport) -> Map<String, Value> {
    let others = report.others.iter();
    let others = others.map(|(kind, count)| ((*kind).to_owned(), json!(count)));
    let renamed = report.renamed.iter();
    let renamed = renamed.map(|it| json!({"from": it.from, "to": it.to}));
    let ended = report.ended.iter().map(|it| {
        let state = it.state.as_str();
        json!({"share": it.id, "to": it.to, "items": it.items, "state": state})
    });
    let consents = report.consents.iter().map(|it| {
        let (state, was) = (it.state.as_str(), it.was.map(ConsentState::as_str));
        json!({
            "id": it.id, "client": it.client, "to": it.to, "was": was, "state": state,
            "sooner": it.sooner, "outlasting": it.outlasting,
            "void_yes": it.is_void_yes, "less": it.is_less,
        })
    });
    let ways = |ways: &[WayIn]| {
        let ways = ways.iter();
        let ways = ways.map(|it| json!({"id": it.id, "kind": it.kind, "recipient": it.recipient}));
        json!(ways.collect::<Vec<_>>())
    };
    let pairs = [
        ("added", json!(report.added)),
        ("changed", json!(report.changed)),
        ("gone", json!(report.gone)),
        ("others", json!(others.collect::<Map<_, _>>())),
        ("renamed", json!(renamed.collect::<Vec<_>>())),
        ("back", json!(report.back)),
        ("reopened", json!(report.reopened)),
        ("consents", json!(consents.collect::<Vec<_>>())),
        ("ended", json!(ended.collect::<Vec<_>>())),
        ("opened", ways(&report.opened)),
        ("closed", ways(&report.closed)),
        ("forked", json!(report.forked)),
        ("conflicts", json!(report.conflicts)),
    ];
    let pairs = pairs.into_iter();
    pairs.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Tells people what was taken in.
pub fn tell(ctx: &Context, report: &MergeReport) {
    let paths = [
        ("new", &report.added),
        ("changed", &report.changed),
        ("gone", &report.gone),
    ];
    for (what, paths) in paths {
        for path in paths {
            ctx.ui.note(&format!("  {what}: {path}"));
        }
    }
    for (kind, count) in &report.others {
        let count = count_of(*count, kind, &format!("{kind}s"));
        ctx.ui.note(&format!("  new or changed: {count}"));
    }
    for it in &report.consents {
        tell_consent(ctx, it);
    }
    for it in &report.renamed {
        ctx.warn(&format!(
            "{} is another one now, which another device has added; what was called so here is {}",
            it.from, it.to
        ));
    }
    for client in &report.back {
        ctx.warn(&format!(
            "client {client} was removed, and is there again: another device has given it entries"
        ));
    }
    for client in &report.reopened {
        ctx.warn(&format!(
            "client {client} was closed, and is open again: another device has gone on with it"
        ));
    }
    for device in &report.forked {
        ctx.warn(&format!(
            "two machines have written as {device}: one was copied or put back from an image; both \
             logs are kept, and from now on each writes as a device of its own, which vault me \
             --device NAME names"
        ));
    }
    tell_ended(ctx, report);
    if let Some(count) = report.conflicts.filter(|count| *count > 0) {
        let conflicts = count_of(count, "conflict", "conflicts");
        ctx.warn(&format!("{conflicts} to settle: vault conflicts"));
    }
}

/// Tells what became of a consent: as a warning where something is permitted no longer.
fn tell_consent(ctx: &Context, it: &ChangedConsent) {
    let (named, state) = (number(it.id), it.state.as_str());
    let what = format!("consent {named} ({}, for {})", it.client, it.to.join(", "));
    if it.is_void_yes {
        ctx.warn(&format!(
            "{what} is {state}: a yes to it was filed on one device, and its end on another, and the end \
             counts"
        ));
    } else if it.is_less {
        ctx.warn(&format!(
            "a part of {what} has ended: vault consent show {named} tells which"
        ));
    } else if let Some(end) = it.sooner {
        let end = local_time(end);
        let shares: Vec<String> = it.outlasting.iter().map(|id| number(*id)).collect();
        let with_it = match shares.as_slice() {
            [] => String::new(),
            [share] => format!(", and with it share {share}, whose recipient knows a later end"),
            shares => format!(
                ", and with it shares {}, whose recipients know a later end",
                shares.join(", ")
            ),
        };
        ctx.warn(&format!("{what} ends sooner now, on {end}{with_it}"));
    } else if it.is_loss() {
        ctx.warn(&format!("{what} is {state}, and was given here"));
    } else {
        let was = it.was.map(|was| format!(" (was {was})"));
        let was = was.unwrap_or_default();
        ctx.ui.note(&format!("  {what}: {state}{was}"));
    }
}

/// Tells what others may do no longer, and which keys came and went.
fn tell_ended(ctx: &Context, report: &MergeReport) {
    for it in &report.ended {
        let to = it.to.as_deref().unwrap_or("somebody who is gone");
        ctx.warn(&format!(
            "share {} to {to} is {}: {}; vault shares show {} tells what is left to do",
            number(it.id),
            it.state,
            it.items.join(", "),
            short(it.id)
        ));
    }
    for way in &report.opened {
        ctx.ui
            .note(&format!("  opens the vault now: {}", described(way)));
    }
    for way in &report.closed {
        let way = described(way);
        ctx.ui.note(&format!("  opens the vault no longer: {way}"));
    }
}

/// A count and what it counts.
pub fn count_of(count: usize, one: &str, several: &str) -> String {
    let what = if count == 1 { one } else { several };
    format!("{count} {what}")
}
