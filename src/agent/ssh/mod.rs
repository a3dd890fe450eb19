//! The SSH agent: a process that offers the keys of an unlocked vault to `ssh`, `git` and others,
//! and signs with them where their entries allow it. It has no key and no secret of its own: each
//! request opens the vault by the password's agent, so that what is locked signs nothing.
//!
//! [`sockets`] says where it listens, [`wire`] what is said, [`connection`] has what one program has
//! said so far, [`question`] is a person who is asked, [`waiting`] who waits for that, [`server`] is its loop, [`start`] lets it go
//! on in the background.
//!
//! Not here: what a key may sign (`model::ssh`), and where the keys come from
//! (`commands::programs`).

pub(crate) mod connection;
pub(crate) mod question;
pub(crate) mod server;
pub(crate) mod sockets;
pub(crate) mod start;
pub(crate) mod waiting;
pub(crate) mod wire;
