//! Black-box tests of the binary: what a user, a script or CI sees, a file per family of commands.
//!
//! Every test has a home directory of its own, an empty environment and no terminal unless it asks
//! for one. A call that is to fail is checked for more than its exit code: stdout stays empty, the
//! vault's folder stays byte for byte what it was, and the master password is printed nowhere.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

mod ack;
mod add;
mod agent;
mod attach;
mod attest;
mod backup;
mod backups_belong;
mod call;
mod canaries;
mod children;
mod client;
mod clip;
mod code;
mod completions;
mod consent;
mod consent_keys;
mod consent_sign;
mod contact;
mod cut_off;
mod default_signals;
mod doctor;
mod edit_editor;
mod edit_rm;
mod env;
mod errors_json;
mod export;
mod fake_plugin;
mod find;
mod generate;
mod get;
mod help;
mod hints;
mod history;
mod id;
mod id_rotate;
mod import;
mod import_claims;
mod import_dotenv;
mod import_hostile;
mod import_json;
mod import_kdbx;
mod import_keepass;
mod import_lost;
mod import_secrets;
mod import_store;
mod import_tables;
mod import_whole;
mod init;
mod inject;
mod log;
mod man;
mod mv;
mod names;
mod naughty;
mod no_terminal;
mod old_copy;
mod other_tools;
mod passwd;
mod passwords;
mod picker;
mod pin;
mod readme;
mod receive;
mod recipient;
mod recovery;
mod recovery_add;
mod restore;
mod restore_in_place;
mod rotate;
mod rotate_exec;
mod run;
mod secrets_on_stdin;
mod sender;
mod share;
mod shares;
mod sharing;
mod show_list;
mod signals;
mod status;
mod terminal;
mod text_files;
mod tour;
mod trash;
mod tty;
mod tty_entries;
mod tty_rotate;
mod tty_run;
mod verify;
