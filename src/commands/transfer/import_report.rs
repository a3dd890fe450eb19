//! What became of each row of an import, for people and for scripts.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::import_claims::Claims;
use crate::context::Context;
use crate::error::Result;
use crate::import::{ImportFormat, Intake, Note};
use crate::model::text::name::ClientSlug;
use crate::model::transfer::import::{ImportAction, ImportPlan, ImportStep};

/// Rows and names that are told one by one; `--json` tells all.
const TOLD: usize = 20;

/// What was read, and what became or would become of it.
pub(crate) struct Report {
    format: ImportFormat,
    read: u64,
    plan: ImportPlan,
    skipped: Vec<Note>,
    refused: Vec<Note>,
    trashed: usize,
    for_reading: u64,
    claims: Claims,
    /// Whether rows were refused, and nothing is left of the source.
    keeps_none: bool,
    source: PathBuf,
}

impl Report {
    pub(crate) fn new(
        format: ImportFormat,
        intake: Intake,
        plan: ImportPlan,
        claims: Claims,
        keeps_none: bool,
        source: &Path,
    ) -> Self {
        let note = |row, reason: &str| Note {
            row,
            reason: reason.to_owned(),
        };
        let mut skipped = intake.skipped;
        let left = (plan.steps.iter()).filter_map(|step| {
            why_left(step.action).map(|why| note(step.row, &format!("{}: {why}", step.path)))
        });
        skipped.extend(left);
        skipped.sort_by_key(|note| note.row);
        let mut refused = intake.refused;
        refused.extend(plan.left_out.iter().map(|(row, reason)| note(*row, reason)));
        refused.sort_by_key(|note| note.row);
        Self {
            format,
            read: intake.read,
            plan,
            skipped,
            refused,
            trashed: intake.trashed,
            for_reading: intake.for_reading,
            claims,
            keeps_none,
            source: source.to_owned(),
        }
    }

    fn added(&self) -> usize {
        self.plan.count(|action| action == ImportAction::Add)
    }

    fn updated(&self) -> usize {
        self.plan
            .count(|action| matches!(action, ImportAction::Update { .. }))
    }

    /// How many rows say exactly what one above them says.
    fn identical(&self) -> usize {
        self.plan.count(|action| action == ImportAction::Twin)
    }

    /// Tells it. What was changed is saved by now: an answer that cannot be written is a warning.
    pub(crate) fn answer(&self, ctx: &Context) -> Result<()> {
        let told = if ctx.ui.is_json() {
            // The answer has all warnings in it.
            for reminder in self.reminders(ctx) {
                ctx.warn(&reminder);
            }
            ctx.ui.json(&self.json(ctx)).and_then(|()| ctx.ui.flush())
        } else if ctx.rehearses() {
            self.print_plan(ctx).and_then(|()| ctx.ui.flush())
        } else {
            Ok(())
        };
        if ctx.rehearses() {
            told?;
        } else if let Err(why) = told {
            ctx.ui.warn(&format!("the change is saved, but {why}"));
        }
        if !ctx.ui.is_json() {
            self.tell(ctx);
        }
        Ok(())
    }

    fn json(&self, ctx: &Context) -> Value {
        let rows = |notes: &[Note]| -> Vec<Value> {
            let rows = notes.iter();
            rows.map(|note| json!({"row": note.row, "reason": note.reason}))
                .collect()
        };
        let steps = self.plan.steps.iter();
        let steps = steps.map(|step| {
            json!({"row": step.row, "path": step.path.to_string(), "action": action(step.action)})
        });
        let clients = self.plan.clients();
        let new_clients = self.plan.new_clients.iter().map(ClientSlug::as_str);
        json!({
            "ok": !self.keeps_none,
            "format": self.format.name(),
            "dry_run": ctx.rehearses(),
            "read": self.read,
            "added": self.added(),
            "updated": self.updated(),
            "skipped": self.skipped.len(),
            "identical": self.identical(),
            "refused": rows(&self.refused),
            "clients": clients.iter().map(|slug| slug.as_str()).collect::<Vec<_>>(),
            "new_clients": new_clients.collect::<Vec<_>>(),
            "clients_left": self.plan.clients_left,
            "plan": steps.collect::<Vec<_>>(),
            "skipped_rows": rows(&self.skipped),
            "trashed": self.trashed,
            "for_reading": self.for_reading,
            "unverified": self.claims.as_json(),
            "warnings": ctx.warnings(),
        })
    }

    fn print_plan(&self, ctx: &Context) -> Result<()> {
        let row = |step: &ImportStep| {
            let cells = [
                step.row.to_string(),
                action(step.action).into(),
                step.path.to_string(),
            ];
            cells.to_vec()
        };
        let rows: Vec<_> = self.plan.steps.iter().map(row).collect();
        ctx.ui.table(&["ROW", "WHAT", "ENTRY"], &rows)
    }

    fn tell(&self, ctx: &Context) {
        tell_rows(ctx, "left out", &self.skipped);
        tell_rows(ctx, "not kept", &self.refused);
        let (added, updated) = (self.added(), self.updated());
        let would = if ctx.rehearses() { "would be " } else { "" };
        let mut line = format!(
            "{} of {}: {added} {would}added",
            counted(self.read),
            self.format.name()
        );
        let left_out = match self.identical() {
            0 => "left out".to_owned(),
            twins => format!("left out ({twins} identical to another row)"),
        };
        for (count, what) in [
            (updated, "changed"),
            (self.trashed, "put in the trash, where they were"),
            (self.skipped.len(), left_out.as_str()),
            (self.refused.len(), "not kept in whole"),
        ] {
            if count > 0 {
                // Writing to a string cannot fail.
                let _ = write!(line, ", {count} {what}");
            }
        }
        ctx.ui.note(&line);
        self.tell_bare(ctx);
        self.tell_clients(ctx);
        self.tell_clients_left(ctx);
        self.claims.tell(ctx);
        if self.for_reading > 0 {
            ctx.ui.note(
                "contacts, consents, shares and the log of the file are for reading and stay in it",
            );
        }
        for reminder in self.reminders(ctx) {
            ctx.warn(&reminder);
        }
    }

    fn tell_clients(&self, ctx: &Context) {
        let new = &self.plan.new_clients;
        if new.is_empty() {
            return;
        }
        let names = first_of(new.iter().map(ClientSlug::to_string));
        let are = match new.len() {
            1 => "1 new client".to_owned(),
            count => format!("{count} new clients"),
        };
        ctx.note_done(&format!("made {are}: {names}"));
    }

    /// What has no password may have lost it on its way.
    fn tell_bare(&self, ctx: &Context) {
        let steps = self.plan.steps.iter();
        let bare = steps.filter(|step| step.is_bare && step.action == ImportAction::Add);
        let bare: Vec<String> = bare.map(|step| step.path.to_string()).collect();
        if !bare.is_empty() {
            let names = first_of(bare.into_iter());
            ctx.ui
                .note(&format!("with no password in the file: {names}"));
        }
    }

    fn tell_clients_left(&self, ctx: &Context) {
        let left = &self.plan.clients_left;
        for client in left.iter().take(TOLD) {
            ctx.ui.note(client);
        }
        if let more @ 1.. = left.len().saturating_sub(TOLD) {
            ctx.ui.note(&format!(
                "{more} more clients of the file; --json tells each"
            ));
        }
    }

    /// What was plain text a minute ago still is.
    fn reminders(&self, ctx: &Context) -> Vec<String> {
        let mut reminders = Vec::new();
        if ctx.rehearses() || self.added() + self.updated() == 0 {
            return reminders;
        }
        if self.source.as_os_str() != "-" && !self.format.is_sealed() {
            let file = self.source.display();
            reminders.push(format!(
                "{file} still holds every secret in plain text: check the import, then delete the file and empty the trash"
            ));
        }
        reminders.extend(self.format.leftovers().map(str::to_owned));
        reminders
    }
}

/// The first names, and how many more there are.
fn first_of(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = match names.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names: Vec<String> = names.take(TOLD).collect();
    format!("{}{more}", names.join(", "))
}

fn tell_rows(ctx: &Context, what: &str, notes: &[Note]) {
    for note in notes.iter().take(TOLD) {
        let place = match note.row {
            0 => "of the file".to_owned(),
            row => format!("row {row}"),
        };
        ctx.ui.note(&format!("{place} {what}: {}", note.reason));
    }
    if let more @ 1.. = notes.len().saturating_sub(TOLD) {
        ctx.ui
            .note(&format!("{more} more rows {what}; --json tells each"));
    }
}

fn counted(rows: u64) -> String {
    if rows == 1 {
        "read 1 row".into()
    } else {
        format!("read {rows} rows")
    }
}

/// The word for a deed in a plan.
fn action(action: ImportAction) -> &'static str {
    match action {
        ImportAction::Add => "add",
        ImportAction::Update { .. } => "update",
        ImportAction::Same | ImportAction::Twin => "same",
        ImportAction::Skip | ImportAction::Pending => "skip",
    }
}

fn why_left(action: ImportAction) -> Option<&'static str> {
    match action {
        ImportAction::Add | ImportAction::Update { .. } => None,
        ImportAction::Same => Some("exactly this is there already"),
        ImportAction::Twin => Some("a row above is exactly the same"),
        ImportAction::Skip => Some("it is there already"),
        ImportAction::Pending => Some("a rotation of it is pending; confirm or abort that first"),
    }
}
