//! Commands about who may open the vault: passwords, keys, recovery, the agent.

pub mod agent;
pub mod id;
pub mod init;
pub mod lock;
pub mod passwd;
pub mod recipient;
pub mod recovery;
pub mod status;
pub mod unlock;
pub(crate) mod ways_in;
