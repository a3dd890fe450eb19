//! Commands about who may open the vault: passwords, keys, recovery, the agent.

pub(crate) mod agent;
mod due_now;
pub(crate) mod id;
pub(crate) mod init;
pub(crate) mod lock;
pub(crate) mod new_key_file;
pub(crate) mod passwd;
pub(crate) mod recipient;
pub(crate) mod recovery;
pub(crate) mod status;
pub(crate) mod unlock;
pub(crate) mod ways_in;
