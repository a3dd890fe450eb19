//! Keys, ciphers and signatures: the only place that names age, Argon2 and Ed25519.
//!
//! A vault is an age v1 file (<https://c2sp.org/age>) with two stanzas of our own: the password's
//! way in ([`argon2id`], [`keeper`]) and a signature over the whole file ([`header`], [`container`]).
//! [`container::SealedFile`] is the file as others see it, [`container::seal`] makes one. [`keys`]
//! holds the keys that live inside a vault, [`memory`] keeps all of them out of dumps and swap.
//!
//! There is no I/O here and no prompt: bytes come in and go out.

mod allowed_signers;
pub mod argon2id;
pub mod container;
pub mod documents;
mod encoding;
pub mod header;
pub mod journal_key;
mod kdbx;
mod kdbx_header;
mod kdbx_key;
pub mod keeper;
pub mod keys;
pub mod memory;
pub mod opening;
mod padding;
pub mod plugins;
pub mod private_keys;
pub mod random;
pub mod recipients;
pub mod recogniser;
pub mod signing;
pub mod ssh_public;
pub mod sshsig;
mod stanzas;
pub mod ways_in;
mod words;

pub use allowed_signers::{AllowedSigner, parse_signers};
pub use argon2id::{KeyFile, MasterKey, derive};
pub use container::{SealedFile, WayIn, seal};
pub use documents::Document;
pub use header::{Draft, Facts, parents_text};
pub use journal_key::JournalKey;
pub use kdbx::{HiddenStream, Kdbx, open_kdbx};
pub use kdbx_key::KdbxKeyFile;
pub use keeper::{KeyKeeper, PlainFileKey, WrappedFileKey};
pub use keys::{AgeIdentity, Identities, parse_recipient};
pub use opening::{EncryptedFile, Opened};
pub use plugins::{Channel, Machine, NoPlugins, PluginHost, PluginName};
pub use private_keys::{EncryptedSshKey, KeyFileContent, PrivateKey};
pub use recipients::{RecipientKey, SealedTo};
pub use recogniser::{RECOGNISER_BYTES, Recogniser};
pub use signing::{Signer, SigningKey, check_fingerprint};
pub use ssh_public::SshPublicKey;
pub use ways_in::{WayInKey, plugins_of};
pub use words::{fingerprint_words, recipient_fingerprint};
