//! Values that are written as text: names, times, limits, secrets.

pub(crate) mod country;
pub(crate) mod domain;
pub mod kdf;
pub mod lang;
pub mod limits;
pub mod name;
pub(crate) mod numbering;
pub(crate) mod part;
pub(crate) mod path_of;
pub(crate) mod pattern;
pub mod quote;
pub mod secret;
pub(crate) mod selector;
pub(crate) mod similar;
pub(crate) mod text_file;
pub(crate) mod text_rules;
pub(crate) mod tree;
pub(crate) mod variable;
pub(crate) mod visible;
pub(crate) mod web_address;
pub mod when;
pub(crate) mod words;
