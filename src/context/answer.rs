//! What a command answers that has changed something, and what it warns of.

use serde_json::{Value, json};

use super::Context;

impl Context {
    /// Says what the user should know although the command goes on; what changes something has it
    /// in its JSON answer too.
    pub fn warn(&self, text: &str) {
        let text = self.ui.as_typed(text);
        self.ui.warn(&text);
        self.warnings.borrow_mut().push(text);
    }

    /// Forgets what [`Self::warn`] has said: a process that goes on and on answers nobody with it.
    pub fn forget_warnings(&self) {
        self.warnings.borrow_mut().clear();
    }

    /// What [`Self::warn`] has said so far.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    /// Answers what was changed: `note` to a person, as [`Self::note_done`] says it, ids or paths to
    /// a script.
    pub fn answer_change(&self, note: &str, changed: &[String]) {
        self.note_done(note);
        self.answer(changed);
    }

    /// Answers a script what was changed. The change is saved by now: an answer that cannot be
    /// written is a warning, not a failure.
    pub fn answer(&self, changed: &[String]) {
        self.answer_with(changed, &[]);
    }

    /// As [`Self::answer`], with more members.
    pub fn answer_with(&self, changed: &[String], more: &[(&str, Value)]) {
        if !self.ui.is_json() {
            return;
        }
        let warnings = &*self.warnings.borrow();
        let mut answer = json!({"ok": true, "changed": changed, "warnings": warnings});
        if let Some(members) = answer.as_object_mut() {
            members.extend(
                more.iter()
                    .map(|(name, value)| ((*name).into(), value.clone())),
            );
            if self.rehearses() {
                members.insert("dry_run".into(), true.into());
            }
        }
        if let Err(why) = self.ui.json(&answer).and_then(|()| self.ui.flush()) {
            let saved = if self.rehearses() {
                ""
            } else {
                "the change is saved, but "
            };
            self.ui.warn(&format!("{saved}{why}"));
        }
    }
}
