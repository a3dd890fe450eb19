//! The agent: a process that keeps master keys in locked memory for a while, so that the password
//! is asked for once and not each time.
//!
//! It never gives a key out. It wraps and unwraps file keys for whoever runs as the same user, and
//! wipes what it has when a deadline has passed, when it is told to, and when it is ended. One
//! process serves all vaults of a user through one socket, one request a connection.
//!
//! [`place`] says where the socket is and whom to trust there, [`protocol`] what is said,
//! [`client`] asks, [`start`] makes the process, [`server`] is its loop, [`keyring`] what it has,
//! [`clock`] what its deadlines are counted on.
//!
//! [`ssh`] is another process, which signs with the SSH keys of a vault that is unlocked.
//!
//! Not here: who asks for the password (`commands::unlock`), and when an agent is asked at all
//! (`context`).

pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod keyring;
pub mod place;
pub mod protocol;
pub(crate) mod server;
pub(crate) mod ssh;
pub mod start;

pub use client::{Agent, AgentStatus};
pub use keyring::KeepTerms;
pub use place::SocketFolder;
