//! What devices are called to people.

use crate::model::records::cell::DeviceId;
use crate::store::session::Session;

/// What the device is called that a command is run on, where nobody has named it.
pub(crate) const HERE: &str = "this device";

/// What a device is called, or the start of its id.
pub(crate) fn device_name(session: &Session, device: DeviceId) -> String {
    let me = &session.vault().me;
    if me.device_name(device).is_none() && session.device() == Some(device) {
        return HERE.to_owned();
    }
    me.told_device(device)
}
