//! Pwned Passwords, the list of leaked passwords by Have I Been Pwned, as files that lie here: no
//! network is used.

pub(crate) mod hash;
pub(crate) mod list;
pub(crate) mod lookup;
pub(crate) mod ranges;
mod sorted_file;
