//! Who keeps the vault: whom papers for clients and contacts name as their sender.

use std::collections::BTreeMap;

use super::cell::{Cell, DeviceId};
use super::record::record;

/// Digits of a device's id that people see.
const SHOWN_DIGITS: usize = 8;

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
            /// What the machines that write the vault are called, by the ids of their devices.
            devices: BTreeMap<String, Cell<Option<String>>>,
        }
    }
}

impl Default for Me {
    fn default() -> Self {
        Self::with()
    }
}

impl Me {
    /// What a device is called, if somebody has said so.
    #[must_use]
    pub fn device_name(&self, device: DeviceId) -> Option<&str> {
        self.devices.get(&device.to_string())?.get()?.as_deref()
    }

    /// What a device is called, or the start of its id.
    #[must_use]
    pub fn told_device(&self, device: DeviceId) -> String {
        let start = || device.to_string().chars().take(SHOWN_DIGITS).collect();
        self.device_name(device).map_or_else(start, str::to_owned)
    }
}
