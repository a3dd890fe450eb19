//! Passwords that others may know, and that must not open what one of the devices has made new keys
//! for since.

use crate::error::Result;
use crate::model::records::access::Access;
use crate::model::records::cell::DeviceId;
use crate::model::records::event::Event;
use crate::model::vault::{COMPROMISED, KEPT, SAME, Vault};

/// The ways in by a password that one device has given up, since others may know it, while another
/// went on with it: as far as the copies that meet in a merge tell of each other.
#[derive(Debug, Default)]
pub struct GivenUpAccess(Vec<Access>);

impl GivenUpAccess {
    /// Adds what each of the two says of the other's password.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a vault that names no way in.
    pub fn compare(&mut self, one: &Vault, other: &Vault) -> Result<()> {
        for (teller, told) in [(one, other), (other, one)] {
            if teller.gives_up_password_of(told) {
                self.0.push(*told.access()?);
            }
        }
        Ok(())
    }

    /// Whether others may know the password of `access`.
    #[must_use]
    pub fn contains(&self, access: &Access) -> bool {
        self.0.contains(access)
    }
}

impl Vault {
    /// Whether new keys were made here because others may know the password, which `other` has not
    /// heard of and has chosen none apart from it. One that was only kept, or made costlier, is not
    /// chosen.
    fn gives_up_password_of(&self, other: &Self) -> bool {
        let known: Vec<(DeviceId, Event)> = other.password_changes().collect();
        let own: Vec<(DeviceId, Event)> = self.password_changes().collect();
        let mut new = own.iter().filter(|change| !known.contains(change));
        if !new.any(|(_, event)| event.detail.contains_key(COMPROMISED)) {
            return false;
        }
        let chosen = known.iter();
        let chosen = chosen.filter(|(_, event)| !event.detail.contains_key(SAME));
        let last = chosen.max_by_key(|(_, event)| event.time);
        let is_chosen_apart =
            last.is_some_and(|it| !it.1.detail.contains_key(KEPT) && !own.contains(it));
        !is_chosen_apart
    }
}
