//! A dry run: a command refuses and says what it always does, and writes nothing. What it says it
//! would do, and that nothing was changed, is worded here alone.

use super::Context;
use crate::error::Result;
use crate::ui::Unasked;

/// What notes say that was done, and how a dry run says it.
const DEEDS: [(&str, &str); 27] = [
    ("asked", "ask"),
    ("began", "begin"),
    ("cancelled", "cancel"),
    ("changed", "change"),
    ("closed", "close"),
    ("copied", "copy"),
    ("discarded", "discard"),
    ("ended", "end"),
    ("exported", "export"),
    ("handed over", "hand over"),
    ("left", "leave"),
    ("made", "make"),
    ("moved", "move"),
    ("put", "put"),
    ("ran", "run"),
    ("removed", "remove"),
    ("renamed", "rename"),
    ("restored", "restore"),
    ("revoked", "revoke"),
    ("rotated", "rotate"),
    ("shared", "share"),
    ("dropped", "drop"),
    ("set", "set"),
    ("took", "take"),
    ("went on", "go on"),
    ("withdrew", "withdraw"),
    ("wrote", "write"),
];

impl Context {
    /// From now on a change is made to what was read alone, and no file is written.
    pub fn rehearse(&self) {
        self.rehearses.set(true);
    }

    /// Whether nothing is written.
    pub fn rehearses(&self) -> bool {
        self.rehearses.get()
    }

    /// Notes what was done, which a dry run would do: `removed client acme`, or `would remove
    /// client acme`. What begins with no deed, as `kept client acme`, is noted as it is.
    pub fn note_done(&self, done: &str) {
        self.ui.note(&self.as_done(done));
    }

    /// The text of [`Self::note_done`].
    pub fn as_done(&self, done: &str) -> String {
        let said = DEEDS.iter().find_map(|(did, would)| {
            let rest = done.strip_prefix(did)?;
            let is_word = rest.is_empty() || rest.starts_with(' ');
            is_word.then(|| format!("would {would}{rest}"))
        });
        said.filter(|_| self.rehearses())
            .unwrap_or_else(|| done.to_owned())
    }

    /// Answers a person with the rows of what a dry run would change, where its note may only count
    /// them; JSON has them as `changed`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when stdout takes no more.
    pub fn list_rehearsed(&self, rows: &[String]) -> Result<()> {
        if !self.rehearses() || self.ui.is_json() {
            return Ok(());
        }
        rows.iter().try_for_each(|row| self.ui.row(row))?;
        self.ui.flush()
    }

    /// The last word of a dry run.
    pub fn tell_rehearsed(&self) {
        if self.rehearses() {
            self.ui.note("dry run: nothing was changed");
        }
    }

    /// As [`Ui::confirm_or_yes`](crate::ui::Ui::confirm_or_yes); a dry run need not ask.
    ///
    /// # Errors
    /// As there.
    pub fn confirm_or_yes(&self, yes: bool, what: &str, question: &str) -> Result<bool> {
        let yes = yes || self.rehearses();
        self.ui.confirm_or_yes(yes, what, question)
    }

    /// As [`Self::confirm_or_yes`], for what cannot be undone: the answer is a name, typed as it is.
    ///
    /// # Errors
    /// As there.
    pub fn confirm_by_name(&self, yes: bool, what: &str, asked: &str, name: &str) -> Result<bool> {
        if yes || self.rehearses() {
            return Ok(true);
        }
        let unasked = Unasked {
            needed: &format!("{what} needs a confirmation"),
            instead: "use --yes",
        };
        let prompt = format!("{asked}, type {name}");
        Ok(self.ui.ask_line(&prompt, unasked)?.trim() == name)
    }
}
