//! Who keeps the vault: whom papers for clients and contacts name as their sender.

use super::cell::Cell;
use super::record::record;

record! {
    /// Who keeps the vault.
    pub struct Me {
        required {}
        optional {
            /// The full name.
            name: Cell<Option<String>>,
            /// The firm.
            firm: Cell<Option<String>>,
            /// Street, postal code and town.
            address: Cell<Option<String>>,
            /// The country.
            country: Cell<Option<String>>,
            /// The mail address.
            email: Cell<Option<String>>,
            /// The telephone number.
            phone: Cell<Option<String>>,
            /// What recipients are bound to beside the usual, see
            /// [`crate::model::sharing::duties`].
            duties: Cell<Option<String>>,
        }
    }
}

impl Default for Me {
    fn default() -> Self {
        Self::with()
    }
}
