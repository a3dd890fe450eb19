//! What a client has permitted: to whom, what, why and until when. Terms stand as they were given;
//! what happened to a consent since is a set of events, from which its state follows.

use jiff::Timestamp;
use uuid::Uuid;

use super::attachment::Attachment;
use super::cell::{Cell, Stamp};
use super::record::record;

record! {
    /// A permission, asked for or given. Field names follow ISO/IEC TS 27560.
    pub struct Consent {
        required {
            /// The record's id; where it was asked for, the request's.
            id: Uuid,
            /// The client whose credentials it is about.
            client: Uuid,
            /// When the record was made.
            created: Timestamp,
            /// What it covers.
            scope: Scope,
            /// The contacts who may be given it.
            recipients: Vec<Uuid>,
            /// What for.
            purposes: Vec<String>,
            /// The end of it.
            expires: Timestamp,
        }
        optional {
            /// The legal basis: `art28-specific`, `contract`, `art6-consent` or `other`.
            basis: Option<String>,
            /// Who gave it.
            granted_by: Cell<Option<GrantedBy>>,
            /// From when on it holds.
            not_before: Cell<Option<Timestamp>>,
            /// What happens at its end.
            termination: Option<String>,
            /// How it can be withdrawn.
            withdrawal_method: Option<String>,
            /// How it was obtained: `contract`, `email`, `letter`, `signature`…
            collection_method: Cell<Option<String>>,
            /// How sure it is, see [`super::client::Assurance`].
            assurance: Cell<Option<String>>,
            /// The exact text that was sent to be signed.
            request: Option<String>,
            /// What shows that it was given.
            evidence: Vec<Evidence>,
            /// The files that evidence names.
            files: Vec<Attachment>,
            /// The consent that it takes the place of.
            supersedes: Option<Uuid>,
            /// What happened to it.
            events: Vec<ConsentEvent>,
        }
    }
}

record! {
    /// What a consent covers, within one client.
    pub struct Scope {
        required {
            /// Entries, by id.
            entries: Vec<Uuid>,
            /// Patterns of paths, such as `acme/*`; they cover future entries too.
            patterns: Vec<String>,
            /// The fields it is limited to; none means the secret, username, URLs and all fields
            /// that are not hidden.
            fields: Vec<String>,
            /// Whether whoever gets it may pass it on.
            onward_sharing: bool,
        }
        optional {
            /// What may be done with it.
            actions: Vec<String>,
        }
    }
}

record! {
    /// Who gave a consent.
    #[derive(PartialEq)]
    pub struct GrantedBy {
        required {
            /// The person's name.
            name: String,
        }
        optional {
            /// Their mail address.
            email: Option<String>,
            /// As what they gave it.
            capacity: Option<String>,
        }
    }
}

record! {
    /// What shows that a consent was given.
    pub struct Evidence {
        required {
            /// What it is: `note`, `document` or `signature`.
            kind: String,
        }
        optional {
            /// A note in words.
            note: Option<String>,
            /// SHA-256 of what was kept or signed, lower-case hex.
            sha256: Option<String>,
            /// The kind of file.
            media_type: Option<String>,
            /// The file, one of [`Consent::files`].
            attachment: Option<Uuid>,
            /// An armoured SSHSIG over the request's exact bytes.
            signature: Option<String>,
            /// The public key that signature was checked against, in OpenSSH form.
            key: Option<String>,
            /// How it was made sure, before, that the key is the client's.
            verified_via: Option<String>,
        }
    }
}

record! {
    /// Something that happened to a consent.
    pub struct ConsentEvent {
        required {
            /// The record's id.
            id: Uuid,
            /// When.
            time: Timestamp,
            /// What it became: `requested`, `given`, `renewed`, `refused`, `withdrawn`, `revoked`
            /// or `invalidated`.
            state: String,
        }
        optional {
            /// By whom.
            by: Option<String>,
            /// Why.
            reason: Option<String>,
        }
    }
}

impl Consent {
    /// All stamps in the record, for checking it against what the vault has seen.
    pub(super) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.granted_by
            .stamps()
            .chain(self.not_before.stamps())
            .chain(self.collection_method.stamps())
            .chain(self.assurance.stamps())
    }
}
