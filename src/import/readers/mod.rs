//! One reader for each program, and for each kind of file that it writes.

pub(crate) mod bitwarden;
pub(crate) mod csv;
pub(crate) mod dotenv;
pub(crate) mod kdbx;
pub(crate) mod keepass;
pub(crate) mod keepass_credential;
pub(crate) mod keepass_document;
pub(crate) mod keepass_references;
pub(crate) mod keepass_seeds;
pub(crate) mod keepass_xml;
pub(crate) mod keepassx;
pub(crate) mod onepux;
pub(crate) mod own;
pub(crate) mod password_store;
pub(crate) mod protonpass;
pub(crate) mod store_text;
