//! Every limit of the program in one table. What is read is held against it before anything is
//! allocated for it.

use std::ops::RangeInclusive;

/// The vault file, in bytes (256 MiB).
pub const VAULT_FILE_BYTES: u64 = 256 << 20;
/// The header of the vault file, in bytes (16 KiB).
pub const HEADER_BYTES: usize = 16 << 10;
/// Stanzas in the header.
pub const HEADER_STANZAS: usize = 32;
/// Ways in besides the password: all stanzas but the password's, the signature's, and the one of
/// random content that the age crate adds.
pub const WAYS_IN: usize = HEADER_STANZAS - 3;
/// Entries, those in the trash included.
pub const ENTRIES: usize = 200_000;
/// One secret, in bytes (1 MiB).
pub const SECRET_BYTES: usize = 1 << 20;
/// One attachment, in bytes (5 MiB).
pub const ATTACHMENT_BYTES: usize = 5 << 20;
/// All attachments of a vault, those in the history included, in bytes (16 MiB).
pub const ATTACHMENTS_BYTES: u64 = 16 << 20;
/// One part of a name, in characters.
pub const NAME_PART_CHARS: usize = 64;
/// A field's value, a note or a URL, in bytes (64 KiB).
pub const FIELD_BYTES: usize = 64 << 10;
/// What stands on a paper for people of one name, address or the like, in bytes.
pub const PAPER_BYTES: usize = 512;
/// Fields of one entry, hidden ones included.
pub const FIELDS_PER_ENTRY: usize = 64;
/// A generated password, in characters.
pub const PASSWORD_CHARS: RangeInclusive<u16> = 8..=1024;
/// A generated passphrase, in words.
pub const PASSPHRASE_WORDS: RangeInclusive<u16> = 3..=64;
/// What stands between the words of a passphrase, in characters.
pub const SEPARATOR_CHARS: usize = 16;
/// The file of a share, and what is in it, in bytes (16 MiB).
pub const SHARE_FILE_BYTES: usize = 16 << 20;
/// A range of the list of leaked passwords, in bytes (4 MiB); a real one has about 40 KiB.
pub const PWNED_RANGE_BYTES: u64 = 4 << 20;
/// Credentials in one share.
pub const SHARE_ITEMS: usize = 1000;
/// What a consent is for, in characters: it has to fit a page with the rest.
pub const PURPOSE_CHARS: usize = 500;
/// Entries that the patterns of a request cover on its day: it lists them.
pub const LISTED_ENTRIES: usize = 200;
/// A request, in bytes (64 KiB): a person is to read it.
pub const REQUEST_BYTES: usize = 64 << 10;
/// A mail that answers something, in bytes (5 MiB).
pub const MAIL_BYTES: usize = 5 << 20;
/// The head of it, in bytes (256 KiB).
pub const MAIL_HEADER_BYTES: usize = 256 << 10;
/// Lines of it that may be marks between parts.
pub const MAIL_MARKS: usize = 4096;
/// Lines of its text that are not empty.
pub const MAIL_LINES: usize = 20_000;
/// Entries and patterns that one consent names.
pub const SCOPE_ITEMS: usize = 64;
/// A file or folder of another program that is imported, in bytes (256 MiB).
pub const IMPORT_BYTES: usize = 256 << 20;
/// Columns of a table that is imported.
pub const IMPORT_COLUMNS: usize = 1000;
/// What a packed file that is imported holds, in bytes (64 MiB).
pub const IMPORT_UNPACKED_BYTES: u64 = 64 << 20;
/// One item of a file that is imported, attachments aside, in bytes (4 MiB).
pub const IMPORT_ITEM_BYTES: usize = 4 << 20;
/// Fields, former states or the like of one item of a file that is imported.
pub const IMPORT_LIST: usize = 10_000;
/// Attachments that a file that is imported holds.
pub const IMPORT_ATTACHMENTS: usize = 10_000;
/// Entries that an imported file of any size may hold; each takes about 4.5 KiB until it is
/// written.
pub const IMPORT_ENTRIES: u64 = 40_000;
/// The bytes of an imported file for each entry that it may hold past [`IMPORT_ENTRIES`].
pub const IMPORT_ENTRY_BYTES: u64 = 50;
/// Memory that what is found in an imported file may take, in bytes (128 MiB), and the file's own
/// size times [`IMPORT_GROWTH`] more.
pub const IMPORT_MEMORY: u64 = 128 << 20;
/// See [`IMPORT_MEMORY`].
pub const IMPORT_GROWTH: u64 = 16;
/// Address space that reading an imported file may add, in bytes (2 GiB): a backstop behind all
/// other limits.
pub const IMPORT_ADDRESS_SPACE: u64 = 2 << 30;
/// What the key derivation of a KDBX database may ask for: memory in KiB (1 GiB).
pub const KDBX_MEMORY_KIB: u64 = 1 << 20;
/// Memory times passes of it, in KiB (4 GiB).
pub const KDBX_WORK_KIB: u64 = 4 << 20;
/// Lanes of it.
pub const KDBX_LANES: u32 = 16;
/// Rounds of the older one, with AES.
pub const KDBX_ROUNDS: u64 = 60_000_000;
/// Depth of nested JSON.
pub const JSON_DEPTH: usize = 64;
/// A key file, in bytes (1 MiB).
pub const KEY_FILE_BYTES: usize = 1 << 20;
/// The first line of a password source, in bytes (4 KiB).
pub const PASSWORD_BYTES: usize = 4 << 10;
/// A small text file that is read whole: identities, allowed signers (1 MiB).
pub const TEXT_FILE_BYTES: usize = 1 << 20;
/// Principals of a line of allowed signers, or namespaces of it.
pub const SIGNER_PATTERNS: usize = 64;
/// One of them, in bytes.
pub const SIGNER_PATTERN_BYTES: usize = 64;
/// What `inject` makes of a template, in bytes (16 MiB).
pub const INJECTED_BYTES: usize = 16 << 20;
/// An entry as a text that was edited, in bytes (16 MiB).
pub const EDITED_BYTES: usize = 16 << 20;
/// A request to the agent, in bytes (64 KiB).
pub const AGENT_REQUEST_BYTES: usize = 64 << 10;
/// Connections that the agent holds at a time.
pub const AGENT_CONNECTIONS: usize = 100;
/// A message to the SSH agent, in bytes (256 KiB), as OpenSSH has it.
pub const SSH_MESSAGE_BYTES: usize = 256 << 10;
/// Programs that are connected to the SSH agent at a time: the one that was silent for longest gives
/// its place to the next.
pub const SSH_CONNECTIONS: usize = 128;
/// Of these, those that may wait until a person has answered.
pub const SSH_WAITING: usize = 64;
/// Of these, those that come through another machine.
pub const SSH_WAITING_FORWARDED: usize = 16;
/// And those that come through one machine.
pub const SSH_WAITING_HOP: usize = 4;
/// Clients that have a socket of their own at the SSH agent.
pub const SSH_CLIENTS: usize = 256;
/// Bindings of one connection to the SSH agent, as OpenSSH has it.
pub const SSH_BINDINGS: usize = 16;
/// The id of an SSH session, in bytes, as OpenSSH has it.
pub const SSH_SESSION_BYTES: usize = 128;
/// A user or a namespace that an SSH key is asked for, in bytes.
pub const SSH_NAME_BYTES: usize = 128;
/// A private key that the SSH agent offers, in bytes (16 KiB); an Ed25519 one has some 400.
pub const SSH_LOGIN_KEY_BYTES: usize = 16 << 10;
/// A file of OpenSSH's known hosts, in bytes (4 MiB).
pub const KNOWN_HOSTS_BYTES: u64 = 4 << 20;
/// Vaults whose keys the agent keeps at a time.
pub const AGENT_VAULTS: usize = 32;
