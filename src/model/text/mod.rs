//! Values that are written as text: names, times, limits, secrets.

pub mod kdf;
pub mod limits;
pub mod name;
pub mod secret;
pub(crate) mod similar;
pub mod text_file;
pub mod variable;
pub mod visible;
pub mod when;
