//! What a program wants of its helper, and where the logins go that it tells.

use crate::model::text::name::ClientSlug;

/// Options of helpers that are told logins, too.
#[derive(clap::Args, Debug)]
pub(super) struct WantedOperation {
    /// What git wants: get, store or erase
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,
    /// Keep logins that worked and are new, as entries of this client
    #[arg(long, value_name = "CLIENT")]
    store: Option<ClientSlug>,
}

impl WantedOperation {
    /// Its word.
    pub(super) fn word(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// The client that new logins go to.
    pub(super) fn store(&self) -> Option<&ClientSlug> {
        self.store.as_ref()
    }

    /// Whether somebody may be asked: who has let new logins be stored.
    pub(super) fn may_ask(&self) -> bool {
        self.store.is_some() && self.word() == Some("store")
    }
}
