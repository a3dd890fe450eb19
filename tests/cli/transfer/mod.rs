//! From other programs, and to them.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod import_claims;
pub(crate) mod import_dotenv;
pub(crate) mod import_hostile;
pub(crate) mod import_json;
pub(crate) mod import_kdbx;
pub(crate) mod import_keepass;
pub(crate) mod import_lost;
pub(crate) mod import_names;
pub(crate) mod import_secrets;
pub(crate) mod import_store;
pub(crate) mod import_tables;
pub(crate) mod import_whole;
pub(crate) mod text_files;
