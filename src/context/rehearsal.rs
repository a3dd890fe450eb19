//! A dry run: a command refuses and says what it always does, and writes nothing.

use super::Context;
use crate::error::Result;

impl Context {
    /// From now on a change is made to what was read alone, and no file is written.
    pub fn rehearse(&self) {
        self.rehearses.set(true);
        self.ui.note("dry run: nothing will be changed");
    }

    /// Whether nothing is written.
    pub fn rehearses(&self) -> bool {
        self.rehearses.get()
    }

    /// As [`Ui::confirm_or_yes`](crate::ui::Ui::confirm_or_yes); a dry run need not ask.
    ///
    /// # Errors
    /// As there.
    pub fn confirm_or_yes(&self, yes: bool, what: &str, question: &str) -> Result<bool> {
        let yes = yes || self.rehearses();
        self.ui.confirm_or_yes(yes, what, question)
    }
}
