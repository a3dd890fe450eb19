//! Helpers of all tests that run the binary: a home of its own, calls, a terminal, senders of shares.

pub(crate) mod call;
pub(crate) mod default_signals;
pub(crate) mod env;
pub(crate) mod fake_plugin;
pub(crate) mod sender;
pub(crate) mod ssh_client;
pub(crate) mod terminal;
pub(crate) mod wait;
