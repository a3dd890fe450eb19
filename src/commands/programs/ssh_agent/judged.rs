//! A request that is understood: what it is for, by which key, and through which machine.

use super::asking::question;
use super::offers::KeyOffer;
use crate::agent::ssh::server::SignRequested;
use crate::model::ssh::key_terms::KeyBounds;
use crate::model::ssh::signed_data::SignedData;
use crate::model::ssh::verdict::{SshRefusal, SshUse};

/// A request that is understood, and a key that it is for.
pub(super) struct JudgedKey<'a> {
    pub(super) offer: KeyOffer<'a>,
    pub(super) to_do: SshUse,
    pub(super) host: Option<String>,
    pub(super) means: KeyMeans,
}

/// By which key something is signed, and through which machine.
#[derive(Clone)]
pub(super) struct KeyMeans {
    pub(super) key: String,
    pub(super) through: Option<String>,
}

impl JudgedKey<'_> {
    pub(super) fn question(&self) -> String {
        let name = self.offer.name();
        let (host, through) = (self.host.as_deref(), self.means.through.as_deref());
        question(&name, &self.to_do, host, through)
    }

    /// What the log has of it: whom it logs in as, where, and how.
    pub(super) fn details(&self) -> Vec<(&'static str, String)> {
        let mut details = self.means.details();
        let SshUse::Login { user, server } = &self.to_do else {
            return details;
        };
        details.push(("user", user.clone()));
        match (&self.host, &server.fingerprint) {
            (Some(host), Some(key)) => {
                details.push(("host", host.clone()));
                details.push(("host_key", key.clone()));
            }
            (None, Some(key)) => details.push(("host", key.clone())),
            (_, None) => {}
        }
        details
    }
}

impl KeyMeans {
    pub(super) fn details(&self) -> Vec<(&'static str, String)> {
        let mut details = vec![("ssh_key", self.key.clone())];
        details.extend(self.through.iter().map(|it| ("through", it.clone())));
        details
    }
}

/// What a request is for.
pub(super) fn understood(request: &SignRequested<'_>) -> Result<SshUse, SshRefusal> {
    let ask = request.ask;
    match SignedData::parse(&ask.data, &ask.public).ok_or(SshRefusal::Unsafe)? {
        SignedData::File { namespace } => Ok(SshUse::File {
            namespace: namespace.to_owned(),
            is_forwarded: request.chain.is_forwarded(),
        }),
        SignedData::Login(login) => {
            let server = request.chain.server(&login);
            let server = server.map_err(|_| SshRefusal::OtherSession)?;
            Ok(SshUse::Login {
                user: login.user.to_owned(),
                server,
            })
        }
    }
}

/// What the server is called that a login is for, where the key's entry says so.
pub(super) fn host_in(bounds: &KeyBounds, wanted: &SshUse) -> Option<String> {
    let SshUse::Login { server, user } = wanted else {
        return None;
    };
    let place = bounds.place(server.fingerprint.as_ref()?, user)?;
    Some(place.name.clone()).filter(|name| !name.is_empty())
}
