//! What is said on a socket of the SSH agent (RFC 9987, and OpenSSH's PROTOCOL.agent), as far as it
//! is answered: the keys, a signature, the session that a connection is for. Keys are not taken in.

use ssh_agent_lib::proto::extension::{MessageExtension, QueryResponse, SessionBind};
use ssh_agent_lib::proto::{Extension, Identity, PublicCredential, Response, SignRequest};
use ssh_agent_lib::ssh_encoding::{Decode, Encode};

use crate::model::ssh::binding::SessionBinding;
use crate::model::text::limits::{SSH_MESSAGE_BYTES, SSH_SESSION_BYTES};

/// The bytes that tell a message's length.
pub const LENGTH_BYTES: usize = 4;

/// What a program asks.
#[derive(Debug, PartialEq, Eq)]
pub enum SshAsk {
    /// Which keys there are.
    Identities,
    /// A signature.
    Sign(SignAsk),
    /// To note the session that the connection is for; none where that is not proved.
    Bind(Option<SessionBinding>),
    /// Which extensions there are.
    Query,
    /// Something that is not done here.
    Other,
}

/// A signature that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignAsk {
    /// The public key that it is to be good for, as the protocol writes it.
    pub public: Vec<u8>,
    /// What is to be signed.
    pub data: Vec<u8>,
}

/// A key that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedKey {
    /// The public key, as the protocol writes it.
    pub public: Vec<u8>,
    /// What it is called.
    pub comment: String,
}

/// What a program is answered.
#[derive(Debug)]
pub enum SshAnswer {
    /// No.
    Failure,
    /// Done.
    Success,
    /// The keys.
    Identities(Vec<OfferedKey>),
    /// A signature, as the protocol writes it.
    Signature(Vec<u8>),
    /// The extensions.
    Extensions,
}

impl SshAsk {
    /// Reads a message without its length.
    #[must_use]
    pub fn read(message: &[u8]) -> Self {
        // Decided by the first byte: private keys on their way in are not even decoded.
        match message.split_first() {
            Some((11, [])) => Self::Identities,
            Some((13, rest)) => sign(rest).map_or(Self::Other, Self::Sign),
            Some((27, rest)) => extension(rest),
            _ => Self::Other,
        }
    }
}

fn sign(mut rest: &[u8]) -> Option<SignAsk> {
    let request = SignRequest::decode(&mut rest).ok()?;
    let public = encoded(&request.credential)?;
    Some(SignAsk {
        public,
        data: request.data,
    })
}

fn extension(mut rest: &[u8]) -> SshAsk {
    let Ok(extension) = Extension::decode(&mut rest) else {
        return SshAsk::Other;
    };
    match extension.name.as_str() {
        SessionBind::NAME => SshAsk::Bind(binding(&extension)),
        QueryResponse::NAME => SshAsk::Query,
        _ => SshAsk::Other,
    }
}

/// A binding whose signature is the server's.
fn binding(extension: &Extension) -> Option<SessionBinding> {
    let bind: SessionBind = extension.parse_message().ok()??;
    let is_session = (1..=SSH_SESSION_BYTES).contains(&bind.session_id.len());
    bind.verify_signature().ok().filter(|()| is_session)?;
    Some(SessionBinding {
        host_key: encoded(&bind.host_key)?,
        session: bind.session_id,
        is_forwarding: bind.is_forwarding,
    })
}

impl SshAnswer {
    /// The message, with its length.
    #[must_use]
    pub fn to_message(&self) -> Vec<u8> {
        let response = self.response().unwrap_or(Response::Failure);
        let body = encoded(&response).filter(|body| body.len() <= SSH_MESSAGE_BYTES);
        let body = body.unwrap_or_else(|| vec![Response::Failure.message_id()]);
        let length = u32::try_from(body.len()).unwrap_or_default();
        [&length.to_be_bytes()[..], &body].concat()
    }

    fn response(&self) -> Option<Response> {
        Some(match self {
            Self::Failure => Response::Failure,
            Self::Success => Response::Success,
            Self::Identities(keys) => {
                let identities: Option<Vec<Identity>> = keys.iter().map(identity).collect();
                Response::IdentitiesAnswer(identities?)
            }
            Self::Signature(signature) => {
                Response::SignResponse(signature.as_slice().try_into().ok()?)
            }
            Self::Extensions => {
                let extensions = vec![SessionBind::NAME.into(), QueryResponse::NAME.into()];
                let answer = Extension::new_message(QueryResponse { extensions });
                Response::ExtensionResponse(answer.ok()?)
            }
        })
    }
}

fn identity(key: &OfferedKey) -> Option<Identity> {
    Some(Identity {
        credential: PublicCredential::decode(&mut &*key.public).ok()?,
        comment: key.comment.clone(),
    })
}

fn encoded(what: &impl Encode) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    what.encode(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{OfferedKey, SignAsk, SshAnswer, SshAsk};
    use crate::model::ssh::strings::ssh_string;

    fn public() -> Vec<u8> {
        [ssh_string(b"ssh-ed25519"), ssh_string(&[7; 32])].concat()
    }

    #[test]
    fn what_is_asked_is_read() {
        assert_eq!(SshAsk::read(&[11]), SshAsk::Identities);
        let sign = [
            &[13][..],
            &ssh_string(&public()),
            &ssh_string(b"data"),
            &[0; 4],
        ]
        .concat();
        let expected = SignAsk {
            public: public(),
            data: b"data".to_vec(),
        };
        assert_eq!(SshAsk::read(&sign), SshAsk::Sign(expected));
        let query = [&[27][..], &ssh_string(b"query")].concat();
        assert_eq!(SshAsk::read(&query), SshAsk::Query);
        for cut in 1..sign.len() {
            assert_eq!(SshAsk::read(&sign[..cut]), SshAsk::Other, "{cut}");
        }
    }

    #[test]
    fn what_is_not_done_is_told_apart_without_reading_it() {
        // Adding, removing, locking, smartcards, version 1, and what nobody knows.
        for kind in [1, 9, 17, 18, 19, 20, 21, 22, 23, 25, 26, 28, 0, 255] {
            assert_eq!(SshAsk::read(&[kind]), SshAsk::Other, "{kind}");
        }
        assert_eq!(SshAsk::read(&[]), SshAsk::Other);
        assert_eq!(SshAsk::read(&[11, 0]), SshAsk::Other);
        let other = [
            &[27][..],
            &ssh_string(b"restrict-destination-v00@openssh.com"),
        ]
        .concat();
        assert_eq!(SshAsk::read(&other), SshAsk::Other);
    }

    /// What an OpenSSH client has sent, and the same with another session and a flag that is not
    /// signed.
    #[test]
    fn a_binding_counts_if_the_server_has_signed_it() {
        const HOST: [u8; 51] = [
            0, 0, 0, 11, 115, 115, 104, 45, 101, 100, 50, 53, 53, 49, 57, 0, 0, 0, 32, 177, 185,
            198, 92, 165, 45, 127, 95, 202, 195, 226, 63, 6, 115, 10, 104, 18, 137, 172, 240, 153,
            154, 174, 74, 83, 7, 1, 204, 14, 177, 153, 40,
        ];
        const SESSION: [u8; 32] = [
            138, 165, 196, 144, 149, 107, 183, 188, 222, 182, 34, 173, 59, 118, 9, 35, 186, 147,
            114, 114, 50, 106, 41, 182, 196, 119, 226, 82, 233, 148, 236, 135,
        ];
        const SIGNATURE: [u8; 64] = [
            95, 212, 52, 189, 8, 162, 17, 3, 15, 218, 2, 4, 136, 7, 47, 57, 121, 6, 194, 165, 221,
            27, 175, 241, 6, 57, 84, 141, 77, 55, 235, 9, 77, 160, 32, 76, 11, 227, 240, 235, 122,
            178, 80, 133, 183, 91, 89, 89, 142, 115, 145, 15, 78, 112, 139, 28, 201, 8, 197, 222,
            117, 141, 88, 5,
        ];
        let bind = |session: &[u8], flag: u8| {
            let signature = [ssh_string(b"ssh-ed25519"), ssh_string(&SIGNATURE)].concat();
            let parts = [
                vec![27],
                ssh_string(b"session-bind@openssh.com"),
                ssh_string(&HOST),
                ssh_string(session),
                ssh_string(&signature),
                vec![flag],
            ];
            SshAsk::read(&parts.concat())
        };
        for (flag, is_forwarding) in [(0, false), (1, true)] {
            let SshAsk::Bind(Some(bound)) = bind(&SESSION, flag) else {
                panic!("not bound");
            };
            assert_eq!(bound.host_key, HOST);
            assert_eq!(bound.session, SESSION);
            assert_eq!(bound.is_forwarding, is_forwarding);
        }
        let mut other = SESSION;
        other[0] ^= 1;
        for session in [&other[..], &[], &[1; 129]] {
            assert_eq!(bind(session, 0), SshAsk::Bind(None));
        }
    }

    #[test]
    fn answers_are_messages() {
        assert_eq!(SshAnswer::Failure.to_message(), [0, 0, 0, 1, 5]);
        assert_eq!(SshAnswer::Success.to_message(), [0, 0, 0, 1, 6]);
        let key = OfferedKey {
            public: public(),
            comment: "acme/deploy".into(),
        };
        let expected = [
            &[12, 0, 0, 0, 1][..],
            &ssh_string(&public()),
            &ssh_string(b"acme/deploy"),
        ];
        let message = SshAnswer::Identities(vec![key.clone()]).to_message();
        assert_eq!(message, ssh_string(&expected.concat()));
        let many = SshAnswer::Identities(vec![key; 10_000]).to_message();
        assert_eq!(many, [0, 0, 0, 1, 5], "longer than a message can be");
        let no_signature = SshAnswer::Signature(vec![1, 2, 3]).to_message();
        assert_eq!(no_signature, [0, 0, 0, 1, 5]);
        let extensions = SshAnswer::Extensions.to_message();
        assert_eq!(extensions.get(4), Some(&29));
    }
}
