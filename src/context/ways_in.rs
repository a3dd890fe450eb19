//! Keys that open the vault and that this device does not know: told, asked about.

use super::Context;
use crate::crypto::WayInKey;
use crate::error::{Error, Result};
use crate::model::records::record_id::{RecordId, short};
use crate::model::records::way_in::{Family, WayIn};
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Unasked;

/// Refuses what is neither the start of an id nor a key.
pub(super) fn check_names_key(known: &str) -> Result<()> {
    if known.parse::<RecordId>().is_ok() || WayInKey::parse(known).is_ok() {
        return Ok(());
    }
    Err(
        Error::usage("--accept-recipient takes the start of an id, four digits or more, or a key")
            .hint("the id stands where the key is told; vault recipient list has those of all"),
    )
}

/// Whether `known` is the start of a way's id, or its key.
fn fits(known: &str, way: &WayIn) -> bool {
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

    /// Asks whether a key that is not known here may open the vault, unless `--accept-recipient`
    /// says so.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`] where it may not, [`crate::error::Kind::NeedsInput`] where
    /// nobody can be asked.
    pub fn confirm_way_in(&self, way: &WayIn) -> Result<()> {
        if self.has_accepted(way) {
            return Ok(());
        }
        self.ui.note(&format!(
            "A key that this device does not know would open the vault: {}",
            described(way)
        ));
        self.ask_about(way)
    }

    fn has_accepted(&self, way: &WayIn) -> bool {
        let mut known = self.globals.accept_recipient.iter();
        let is_accepted = known.any(|known| fits(known, way));
        if is_accepted {
            self.ui.note(&format!(
                "opens the vault from now on, as --accept-recipient says: {}",
                described(way)
            ));
        }
        is_accepted
    }

    fn ask_about(&self, way: &WayIn) -> Result<()> {
        let instead = format!("if you know that key: --accept-recipient {}", short(way.id));
        let unasked = Unasked {
            needed: "a new way into the vault needs a confirmation",
            instead: &instead,
        };
        if self
            .ui
            .confirm("Is it yours, and may it open the vault?", unasked)?
        {
            return Ok(());
        }
        Err(
            Error::refused("that key was not accepted, and nothing was written").hint(
                "whoever added it has the vault's password: change it with vault passwd \
                 --compromised",
            ),
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
        for id in ids {
            let mut ways = session.vault().recipients.iter();
            let way = ways.find(|way| way.id == id);
            if let Some(way) = way.filter(|way| !self.has_accepted(way)) {
                self.ask_about(way)?;
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
                    let name = me.device_name(device).map(ToOwned::to_owned);
                    let name = name.unwrap_or_else(|| device.to_string());
                    format!("a key opens the vault that device {name} has added")
                }
                None => "a key that this device does not know opens the vault".to_owned(),
            };
            let family = Family::of(way).command();
            self.warn(&format!(
                "{who}: {}; if it is not yours: vault {} rm {}, then vault passwd --compromised",
                described(way),
                family,
                short(way.id)
            ));
        }
        Ok(())
    }
}

fn described(way: &WayIn) -> String {
    format!("{} ({}), id {}", way.recipient, way.kind, short(way.id))
}
