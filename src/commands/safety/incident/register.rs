//! The register of incidents: `vault incident list`, `show`, `note` and `close`.

use std::collections::HashMap;

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::starts::{StartArgs, also_known, tell_next, tell_reached};
use crate::commands::args::dry_run::DryRunArg;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::incident_letter::CLIENTS_CLOCK;
use crate::model::incidents::affected::AffectedState;
use crate::model::incidents::changes::{IncidentFields, IncidentNews};
use crate::model::records::incident::{AffectedEntry, Incident};
use crate::model::records::record_id::{RecordId, number};
use crate::model::sharing::who::KnowerNames;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::{local_time, relative};

const LIST_EXAMPLES: &str = "\
Examples:
  vault incident list --open
  vault incident list --json | jq -r '.[].id'";

/// Options of `incident list`.
#[derive(clap::Args, Debug)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    /// Leave out those that are closed
    #[arg(long)]
    open: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  vault incident show 2f95
  vault incident show 2f95 --json";

/// Options of `incident show`.
#[derive(clap::Args, Debug)]
#[command(after_help = SHOW_EXAMPLES)]
pub(super) struct ShowArgs {
    /// The incident's number, or the start of it
    id: RecordId,
}

const NOTE_EXAMPLES: &str = "\
Examples:
  vault incident note 2f95 'came in by a plug-in' --cause 'an old plug-in'
  vault incident note 2f95 'the mail server too' --host mail.acme.example
  vault incident note 2f95 'it was the theme' --instead-of 1     where an update was wrong
  vault incident note 2f95 --withdraw 1                          where it is to be told no more
  vault incident note 2f95 --people 'about 40 customers' --records 'their orders'

Of a host, an entry, a contact, an address or a client that was found later, all that was in use when
you learnt of the incident is reached and flagged, as with vault incident open. Its clients are to be
told of that, those too who were told before.";

/// Options of `incident note`.
#[derive(clap::Args, Debug)]
#[command(after_help = NOTE_EXAMPLES)]
pub(super) struct NoteArgs {
    /// The incident's number, or the start of it
    id: RecordId,
    /// What was learnt; it stands in the letters that are written after
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    text: Option<String>,
    /// The number of an update that the text stands in the place of
    #[arg(long, value_name = "N", requires = "text")]
    instead_of: Option<usize>,
    /// The number of an update that was wrong, and that no letter has any more
    #[arg(long, value_name = "N", conflicts_with = "text")]
    withdraw: Option<usize>,
    /// What happened, in the place of what was said before
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    description: Option<String>,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    starts: StartArgs,
    /// Since when you know that this was hit too [default: now]
    #[arg(long, value_name = "WHEN")]
    aware: Option<When>,
}

const CLOSE_EXAMPLES: &str = "\
Examples:
  vault incident close 2f95 --cause 'an old plug-in' --measures 'changed all of it'
  vault incident close 2f95 -n          says what is still to be changed";

/// Options of `incident close`.
#[derive(clap::Args, Debug)]
#[command(after_help = CLOSE_EXAMPLES)]
pub(super) struct CloseArgs {
    /// The incident's number, or the start of it
    id: RecordId,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    dry_run: DryRunArg,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// What the law asks to be told of an incident.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Known {
    /// What kind of breach it is: who could see, change or lose what
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    nature: Option<String>,
    /// How many people it concerns, and of which kind
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    people: Option<String>,
    /// How many records, and of which kind
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    records: Option<String>,
    /// What it is likely to lead to
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    consequences: Option<String>,
    /// What was done, and what you propose
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    measures: Option<String>,
    /// What it came from
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    cause: Option<String>,
}

impl Known {
    fn fields(&self) -> IncidentFields {
        let known = self.clone();
        IncidentFields {
            description: None,
            nature: known.nature,
            people: known.people,
            records: known.records,
            consequences: known.consequences,
            measures: known.measures,
            cause: known.cause,
        }
    }
}

pub(super) fn list(args: &ListArgs, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let now = ctx.now();
    let mut all = vault.incidents.all()?;
    all.retain(|it| !(args.open && it.is_closed()));
    all.sort_by_key(|it| (it.is_closed(), it.created));
    let slugs = vault.slugs();
    let shown = all.into_iter().map(|it| {
        let clients = it.clients().into_iter();
        let mut clients: Vec<&str> = clients.filter_map(|id| slugs.get(&id).copied()).collect();
        clients.sort_unstable();
        Shown::default()
            .told("id", "NUMBER", it.id, number(it.id))
            .field("description", "WHAT", it.description.text())
            .told("clients", "CLIENTS", &clients, clients.join(", "))
            .told("aware", "KNOWN", it.aware, relative(it.aware, now))
            .json("due", deadline(it))
            .field("state", "STATE", state(vault, it))
    });
    ctx.ui.list(shown, "no incident is on record")
}

/// `open`, `untold` while a client is to be told, `closed`.
fn state(vault: &Vault, incident: &Incident) -> &'static str {
    match (incident.is_closed(), vault.untold(incident).is_empty()) {
        (true, _) => "closed",
        (false, false) => "untold",
        (false, true) => "open",
    }
}

/// The first end of the time that a client has who was told.
fn deadline(incident: &Incident) -> Option<Timestamp> {
    let told = incident
        .clients()
        .into_iter()
        .filter_map(|it| incident.first_told(it));
    told.map(|told| told.time + CLIENTS_CLOCK).min()
}

pub(super) fn show(args: &ShowArgs, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let incident = vault.incident(&args.id)?;
    let now = ctx.now();
    let later = vault.reached_later(incident)?;
    let reached: Vec<AffectedEntry> = incident.affected.iter().chain(&later).cloned().collect();
    let known = vault.known_of_affected(&reached, now)?;
    let is_later = |it: &AffectedEntry| later.iter().any(|new| new.entry == it.entry);
    let entries = reached.iter().map(|it| {
        let state = vault.affected_state(it)?;
        Ok(told_reached(it, &state, is_later(it), &known))
    });
    let entries: Vec<(serde_json::Value, String)> = entries.collect::<Result<_>>()?;
    let (values, texts): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let mut shown = Shown::titled(format!("incident {}", number(incident.id)))
        .json("id", incident.id)
        .field("description", "what", incident.description.text())
        .field("state", "state", state(vault, incident))
        .told(
            "aware",
            "known since",
            incident.aware,
            local_time(incident.aware),
        )
        .field("causes", "was hit", &incident.causes)
        .text("reaches", texts)
        .json("affected", values);
    for (key, label, cell) in [
        ("nature", "kind", &incident.nature),
        ("people", "people", &incident.people),
        ("records", "records", &incident.records),
        ("consequences", "consequences", &incident.consequences),
        ("measures", "measures", &incident.measures),
        ("cause", "cause", &incident.cause),
    ] {
        shown = shown.field(key, label, cell.value());
    }
    let updates: Vec<String> = incident
        .valid_updates()
        .map(|(n, it)| format!("{n}. {}: {}", local_time(it.time), it.text))
        .collect();
    shown = shown
        .text("updates", updates)
        .json("updates", &incident.updates);
    let (values, texts): (Vec<_>, Vec<_>) = clocks(vault, incident, now).into_iter().unzip();
    shown = shown.text("clients", texts).json("clients", values);
    if let Some(closed) = incident.closed.value() {
        shown = shown.told("closed", "closed", closed, local_time(*closed));
    }
    ctx.ui.show(&shown)?;
    tell_later(ctx, incident, &later);
    Ok(())
}

/// Something that is reached, whether it was changed, and who else can know it.
fn told_reached(
    it: &AffectedEntry,
    state: &AffectedState<'_>,
    is_later: bool,
    known: &HashMap<Uuid, KnowerNames>,
) -> (serde_json::Value, String) {
    let how = match (it.by_same_secret, is_later) {
        (_, true) => ", by a secret that it has since",
        (true, false) => ", by the same secret",
        (false, false) => "",
    };
    let (key, text) = match state {
        AffectedState::InUse(slots) => ("in-use", format!("not changed yet: {}", slots.join(", "))),
        AffectedState::Changed => ("changed", "changed".to_owned()),
        AffectedState::Removed => (
            "removed",
            "removed for good here, which changes nothing at the site".to_owned(),
        ),
        AffectedState::NoSecret => ("no-secret", "no secret".to_owned()),
    };
    let value = json!({
        "entry": it.entry, "path": it.path, "state": key,
        "changed": *state == AffectedState::Changed, "by_same_secret": it.by_same_secret,
        "later": is_later, "known_to": known.get(&it.entry).map(KnowerNames::all).unwrap_or_default(),
    });
    let knowers = also_known(known, it);
    (value, format!("{} ({text}{how}){knowers}", it.path))
}

/// How what got a secret that leaked comes into the incident.
fn tell_later(ctx: &Context, incident: &Incident, later: &[AffectedEntry]) {
    if !later.is_empty() && !incident.is_closed() {
        ctx.ui.hint(&format!(
            "to enter what has such a secret since, and have its client told, note what happened: \
             vault incident note {} TEXT",
            number(incident.id)
        ));
    }
}

/// Both clocks, client by client.
fn clocks(vault: &Vault, incident: &Incident, now: Timestamp) -> Vec<(serde_json::Value, String)> {
    let slugs = vault.slugs();
    let clock = |client| {
        let slug = slugs.get(&client).copied().unwrap_or("a client");
        let aware = incident.known_since(client);
        let known = |since| {
            format!(
                "you know since {}, {}",
                local_time(since),
                relative(since, now)
            )
        };
        let tellings = incident.tellings(client);
        let Some((first, again)) = tellings.split_first() else {
            let text = format!("{slug}: not told; {}", known(aware));
            let value = json!({
                "client": slug, "aware": aware, "told": null, "due": null, "untold": true,
            });
            return (value, text);
        };
        let (told, by) = (first.time, first.by.as_str());
        let due = told + CLIENTS_CLOCK;
        let mut text = format!("{slug}: told on {} by {by}", local_time(told));
        for it in again {
            text = format!("{text}, again on {} by {}", local_time(it.time), it.by);
        }
        text = format!("{text}; their 72 hours end on {}", local_time(due));
        let untold = incident.untold_find(client);
        if let Some(find) = untold {
            text = format!(
                "{text}; not told of what was found later: {}",
                known(find.aware)
            );
        }
        let again: Vec<_> = again
            .iter()
            .map(|it| json!({"told": it.time, "by": it.by}))
            .collect();
        let value = json!({
            "client": slug, "aware": aware, "told": told, "by": by, "due": due, "again": again,
            "untold": untold.is_some(),
        });
        (value, text)
    };
    let mut clients: Vec<Uuid> = incident.clients().into_iter().collect();
    clients.sort_by_key(|client| slugs.get(client).copied());
    clients.into_iter().map(clock).collect()
}

pub(super) fn note(args: &NoteArgs, ctx: &Context) -> Result<()> {
    let fields = IncidentFields {
        description: args.description.clone(),
        ..args.known.fields()
    };
    let starts = args.starts.starts();
    let is_widened = !starts.is_empty();
    if args.aware.is_some() && !is_widened {
        return Err(
            Error::usage("--aware says since when you know what else was hit")
                .hint("vault incident note NUMBER --host HOST --aware WHEN"),
        );
    }
    let aware = args.aware.as_ref();
    let aware = aware.map(|at| at.passed(&ctx.now_here(), "--aware"));
    let news = IncidentNews {
        text: args.text.clone(),
        replaces: args.instead_of.or(args.withdraw),
        fields,
        starts,
        aware: aware.transpose()?,
    };
    if news.text.is_none() && news.replaces.is_none() && news.fields.is_empty() && !is_widened {
        return Err(Error::usage("there is nothing to note")
            .hint("vault incident note NUMBER TEXT, or an option such as --cause or --host"));
    }
    news.fields.check()?;
    if let Some(text) = &news.text {
        check_text("what was learnt", text, FIELD_BYTES)?;
    }
    let session = ctx.unlock_to_change()?;
    let id = session.vault().incident(&args.id)?.id;
    let (found, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.update_incident(id, news.clone(), author)
    })?;
    ctx.note_done(&format!("noted, incident {}", number(id)));
    if is_widened || !found.is_empty() {
        if found.is_empty() {
            ctx.ui.note("It reaches nothing more by that.");
        }
        tell_reached(ctx, session.vault(), &found)?;
        let incident = session.vault().incidents.by_id(id)?;
        tell_next(ctx, session.vault(), incident, &news.starts);
    }
    ctx.answer(&[id.to_string()]);
    Ok(())
}

pub(super) fn close(args: &CloseArgs, ctx: &Context) -> Result<()> {
    args.dry_run.begin(ctx);
    let fields = args.known.fields();
    fields.check()?;
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let incident = vault.incident(&args.id)?;
    let id = incident.id;
    let mut unchanged = Vec::new();
    let later = vault.reached_later(incident)?;
    for item in incident.affected.iter().chain(&later) {
        if matches!(vault.affected_state(item)?, AffectedState::InUse(_)) {
            unchanged.push(item.path.as_str());
        }
    }
    if !unchanged.is_empty() && !incident.is_closed() {
        ctx.ui.note(&format!(
            "not changed yet, and flagged until it is: {}",
            unchanged.join(", ")
        ));
        let what = "closing an incident while secrets that it reaches are in use";
        if !ctx.confirm_or_yes(args.yes, what, "Close it all the same?")? {
            ctx.answer_change("closed nothing", &[]);
            return Ok(());
        }
    }
    ctx.change(session, |vault, author| {
        if !fields.is_empty() {
            let news = IncidentNews {
                fields,
                ..IncidentNews::default()
            };
            vault.update_incident(id, news, author)?;
        }
        vault.close_incident(id, author)
    })?;
    ctx.answer_change(
        &format!("closed incident {}", number(id)),
        &[id.to_string()],
    );
    Ok(())
}
