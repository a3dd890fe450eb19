//! Keys that open the vault and that this device does not know: told, asked about.

use super::Context;
use crate::crypto::WayInKey;
use crate::error::{Error, Result};
use crate::model::records::record_id::{RecordId, short};
use crate::model::records::way_in::WayIn;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

/// Refuses what is neither the start of an id nor a key, which `option` takes.
pub fn check_names_key(option: &str, known: &str) -> Result<()> {
    if known.parse::<RecordId>().is_ok() || WayInKey::parse(known).is_ok() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{option} takes the start of an id, four digits or more, or a key"
    ))
    .hint("the id stands where the key is told; vault recipient list has those of all"))
}

/// Whether `known` is the start of a way's id, or its key.
pub fn fits(known: &str, way: &WayIn) -> bool {
    let start = known.parse::<RecordId>();
    start.is_ok_and(|start| start.is_start_of(way.id))
        || WayInKey::parse(known).is_ok_and(|key| key.as_str() == way.recipient)
}

impl Context {
    /// Looks for the keys that the options accept among those that open a vault.
    pub fn look_for_accepted(&self, vault: &Vault) {
        let ways = &vault.recipients;
        let is_missing = |known: &String| !ways.iter().any(|way| fits(known, way));
        self.unfitting.borrow_mut().retain(is_missing);
    }

    /// Names those that were found nowhere.
    pub fn tell_unfitting(&self) {
        for known in self.unfitting.take() {
            self.warn(&format!(
                "--accept-recipient {known} fits no key that opens the vault"
            ));
        }
    }

    /// Asks whether a key that came with a copy and is not known here may open the vault, unless
    /// `--accept-recipient` says so; `false` where it is one of those that are `rejected`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] where it may not, [`crate::error::Kind::NeedsInput`] where
    /// nobody can be asked.
    pub fn confirm_way_in(&self, way: &WayIn, rejected: &[String]) -> Result<bool> {
        if rejected.iter().any(|known| fits(known, way)) {
            self.warn(&format!(
                "is not to open the vault, as --reject-recipient says: {}; whoever added it \
                 has the vault's password: vault passwd --compromised",
                described(way)
            ));
            return Ok(false);
        }
        if self.has_accepted(way) {
            return Ok(true);
        }
        self.ui.note(&format!(
            "A key that this device does not know would open the vault: {}",
            described(way)
        ));
        self.ask_about(way, &format!("--reject-recipient {}", short(way.id)))?;
        Ok(true)
    }

    fn has_accepted(&self, way: &WayIn) -> bool {
        let mut known = self.globals.accept_recipient.iter();
        let is_accepted = known.any(|known| fits(known, way));
        if is_accepted {
            self.ui.note(&format!(
                "may open the vault, as --accept-recipient says: {}",
                described(way)
            ));
        }
        is_accepted
    }

    /// `otherwise` is what ends it where the key is nobody's.
    fn ask_about(&self, way: &WayIn, otherwise: &str) -> Result<()> {
        let instead = format!(
            "if you know that key: --accept-recipient {}; if not: {otherwise}",
            short(way.id)
        );
        let unasked = Unasked {
            needed: "a new way into the vault needs a confirmation",
            instead: &instead,
        };
        let question = "Is it yours, and may it open the vault?";
        if self.ui.confirm(question, unasked)? {
            return Ok(());
        }
        Err(
            Error::refused("that key was not accepted, and nothing was written").hint(format!(
                "to go on without it: {otherwise}; whoever added it has the vault's password: change \
                 it with vault passwd --compromised"
            )),
        )
    }

    /// Asks about the keys that open the vault and are in doubt: from then on they are known.
    ///
    /// # Errors
    /// As [`Self::confirm_way_in`].
    pub(super) fn confirm_ways_in(&self, session: &mut Session) -> Result<()> {
        let doubted = session.new_ways_in()?.into_iter();
        let doubted = doubted.filter(|new| new.added_by.is_none());
        let ids: Vec<_> = doubted.map(|new| new.way.id).collect();
        if !ids.is_empty() {
            self.prove_for_way_in(session, &[session.vault()])?;
        }
        for id in ids {
            let mut ways = session.vault().recipients.iter();
            let way = ways.find(|way| way.id == id);
            if let Some(way) = way.filter(|way| !self.has_accepted(way)) {
                self.ask_about(way, &way.removal())?;
            }
            session.accept_way_in(id);
        }
        Ok(())
    }

    /// Says which keys open the vault that this device has not seen before.
    pub(super) fn tell_new_ways_in(&self, session: &Session) -> Result<()> {
        self.look_for_accepted(session.vault());
        let own = session.device();
        for new in session.new_ways_in()? {
            let way = new.way;
            if new.added_by.is_some() && new.added_by == own {
                continue;
            }
            let who = match new.added_by {
                Some(device) => {
                    let me = &session.vault().me;
                    let name = me.told_device(device);
                    format!("a key opens the vault that device {name} has added")
                }
                None => "a key that this device does not know opens the vault".to_owned(),
            };
            self.warn(&format!(
                "{who}: {}; if it is not yours: {}, then vault passwd --compromised",
                described(way),
                removal(session, way)
            ));
        }
        Ok(())
    }
}

/// The command that ends it that a key opens this vault.
pub fn removal(session: &Session, way: &WayIn) -> String {
    if session.is_forked() {
        format!("vault merge --all --reject-recipient {}", short(way.id))
    } else {
        way.removal()
    }
}

/// A key as people are told of it.
pub fn described(way: &WayIn) -> String {
    format!("{} ({}), id {}", way.recipient, way.kind, short(way.id))
}
