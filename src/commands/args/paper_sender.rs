//! Who sends a paper: what it needs to know of who keeps the vault is asked for once.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::people::fields::{MeField, MeValues};
use crate::model::people::me_changes::MeChanges;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

/// The command that notes what a paper needs to know of who keeps the vault and does not yet.
pub(crate) fn told_to_note(vault: &Vault) -> String {
    let option = |field: &MeField| {
        let option = field.row().option;
        format!("--{option} {}", option.to_uppercase())
    };
    let options: Vec<String> = vault.missing_of_me().iter().map(option).collect();
    format!("note it once: vault me {}", options.join(" "))
}

/// Asks for what a paper needs to know of who keeps the vault and does not yet, and notes it.
///
/// # Errors
/// [`crate::error::Kind::NeedsInput`], with the command that notes it, where nobody can be asked.
pub(crate) fn ask_for_missing(ctx: &Context, session: Session) -> Result<Session> {
    let vault = session.vault();
    let (missing, known) = (vault.missing_of_me(), MeValues::of(&vault.me));
    if missing.is_empty() {
        return Ok(session);
    }
    let unasked = Unasked {
        needed: "a paper says who sends it",
        instead: &told_to_note(vault),
    };
    let mut values = MeValues::default();
    // What may be left out is asked for once.
    let is_first = known == MeValues::default();
    let asked = MeField::ALL.iter();
    for field in asked.filter(|field| !field.row().question.is_empty()) {
        let is_missing = missing.contains(field);
        if !is_missing && !is_first {
            continue;
        }
        let text = ctx.ui.ask_line(field.row().question, unasked)?;
        match text.trim() {
            "" if is_missing => {
                return Err(Error::usage("nothing was entered").hint(unasked.instead));
            }
            "" => {}
            text => values.set(*field, text),
        }
    }
    let unset = Vec::new();
    let changes = MeChanges { values, unset };
    changes.check()?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.edit_me(&changes, author)
    })?;
    ctx.ui
        .note("noted who you are; to see or change it: vault me");
    Ok(session)
}
