//! Keys, ciphers and signatures: the only place that names age, Argon2 and Ed25519.
//!
//! A vault is an age v1 file (<https://c2sp.org/age>) with two stanzas of our own: the password's
//! way in ([`file_key`]) and a signature over the whole file ([`vault_file`]).
//! [`SealedFile`] is the file as others see it, [`seal`] makes one. [`keys`] holds the keys that
//! live inside a vault, [`memory`] keeps all of them out of dumps and swap.
//!
//! There is no I/O here and no prompt: bytes come in and go out.

mod encoding;
pub(crate) mod file_key;
pub(crate) mod journal_key;
mod kdbx;
pub mod keys;
pub(crate) mod memory;
pub mod random;
pub(crate) mod recogniser;
pub mod signing;
mod threads;
pub(crate) mod vault_file;

pub use crate::crypto::keys::private_keys::Identities;
pub use file_key::argon2id::{KeyFile, MasterKey, derive};
pub use file_key::keeper::{KeyKeeper, PlainFileKey, WrappedFileKey};
pub use journal_key::JournalKey;
pub use kdbx::key::KdbxKeyFile;
pub use kdbx::{HiddenStream, Kdbx, open_kdbx};
pub use keys::age_keys::{AgeIdentity, parse_recipient};
pub use keys::opening::{EncryptedFile, Opened};
pub use keys::plugins::{Channel, Machine, NoPlugins, PluginHost, PluginName};
pub use keys::private_keys::{EncryptedSshKey, KeyFileContent, PrivateKey};
pub use keys::recipients::{RecipientKey, SealedTo, seal_for_browser};
pub use keys::way_in_keys::WayInKey;
pub(crate) use keys::way_in_keys::plugins_of;
pub use recogniser::{RECOGNISER_BYTES, Recogniser};
pub use signing::allowed_signers::{AllowedSigner, parse_signers};
pub use signing::documents::Document;
pub use signing::ed25519::{DerivedSecret, Signer, SigningKey, check_fingerprint};
pub use signing::ssh_public::SshPublicKey;
pub use signing::words::{fingerprint_words, recipient_fingerprint};
pub(crate) use vault_file::container::{Content, seal_content};
pub use vault_file::container::{SealedFile, UnlockedWith, seal};
pub use vault_file::header::{Draft, HeaderFacts, parents_text};
