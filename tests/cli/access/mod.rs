//! Who may open the vault.

pub(crate) mod agent;
pub(crate) mod id;
pub(crate) mod id_rotate;
pub(crate) mod init;
pub(crate) mod passwd;
pub(crate) mod passwords;
pub(crate) mod recipient;
pub(crate) mod recovery;
pub(crate) mod recovery_add;
pub(crate) mod status;
pub(crate) mod tty;
