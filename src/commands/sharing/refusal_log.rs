//! Asks whether something may be shared, and logs it where it may not.

use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::consent::permit::{Answer, Ask, Permit, Refusal};
use crate::model::records::event::EventDraft;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::store::session_journal::Pen;

/// Asks the rule, and logs a refusal.
pub(super) fn decide(ctx: &Context, vault: &Vault, ask: &Ask, log: &RefusalLog) -> Result<Permit> {
    let answer = vault.permit(ask, ctx.now())?;
    if let Answer::Refused(refusal) = &answer {
        log.log_ended(ctx, refusal);
    }
    answer.permit()
}

/// A refusal before it is logged: what was asked for, and what to log it with. It outlives the
/// session, since the last word is spoken while the vault is changed.
pub(super) struct RefusalLog {
    pen: Pen,
    draft: EventDraft,
}

impl RefusalLog {
    pub(super) fn of(ctx: &Context, session: &Session, ask: &Ask) -> Result<Self> {
        let vault = session.vault();
        let entries = ask.entries.iter().filter_map(|path| vault.entry(path).ok());
        let subject = entries.map(|entry| entry.id).collect();
        let draft = EventDraft::new(ctx.now(), "refuse", subject)
            .with("what", "share")
            .with("to", ask.contact.to_string());
        let pen = session.pen()?;
        Ok(Self { pen, draft })
    }

    /// Logs a refusal, and which consents had ended: what was known once is not forgotten with the
    /// file that knew it.
    fn log_ended(&self, ctx: &Context, refusal: &Refusal) {
        let ended: Vec<String> = refusal.ended().iter().map(Uuid::to_string).collect();
        let draft = self.draft.clone();
        let draft = match ended.as_slice() {
            [] => draft,
            ended => draft.with("ended", ended.join(" ")),
        };
        self.write(ctx, draft.with("reason", refusal.code));
    }

    /// Logs a refusal with its `code`. One that cannot be logged is a refusal all the same.
    pub(super) fn log(&self, ctx: &Context, code: &str) {
        self.write(ctx, self.draft.clone().with("reason", code));
    }

    fn write(&self, ctx: &Context, draft: EventDraft) {
        if let Err(why) = self.pen.journal(draft) {
            ctx.warn(&format!("this refusal is not in the log: {why}"));
        }
    }
}
