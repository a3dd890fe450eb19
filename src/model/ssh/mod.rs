//! What an SSH key of the vault may sign, pure: bytes and names come in, a verdict comes out.
//!
//! [`signed_data`] says what a request would have signed, [`binding`] which server it is for,
//! [`destination`] and [`key_terms`] what the key's entry allows, [`verdict`] whether it is signed.

pub mod binding;
pub mod destination;
pub mod key_terms;
pub mod signed_data;
pub(crate) mod strings;
pub mod verdict;
