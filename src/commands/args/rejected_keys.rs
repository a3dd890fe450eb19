//! Keys that came with a copy of the vault and are not to open it.

use crate::context::Context;
use crate::context::ways_in::{check_names_key, fits};
use crate::error::Result;
use crate::model::records::way_in::WayIn;

/// The option that says which.
#[derive(clap::Args, Debug, Default)]
pub struct RejectedKeys {
    /// Take in the rest without this key, which would open the vault: the start of its id, or the
    /// key
    #[arg(long, value_name = "ID")]
    pub reject_recipient: Vec<String>,
}

impl RejectedKeys {
    /// Refuses what is neither the start of an id nor a key.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`].
    pub fn check(&self) -> Result<()> {
        let mut named = self.reject_recipient.iter();
        named.try_for_each(|known| check_names_key("--reject-recipient", known))
    }

    /// Names those that were none of the keys that came.
    pub fn tell_unfitting(&self, ctx: &Context, rejected: &[WayIn]) {
        for known in &self.reject_recipient {
            if !rejected.iter().any(|way| fits(known, way)) {
                ctx.warn(&format!(
                    "--reject-recipient {known} fits no key that came; one that opens the vault \
                     already goes with vault recipient rm"
                ));
            }
        }
    }
}
