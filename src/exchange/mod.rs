//! What goes from one person to another: built and checked here, from records and keys. No file
//! is read or written.

pub(crate) mod answer;
pub(crate) mod arrived;
pub(crate) mod ask_page;
mod at_most;
pub mod bundle;
pub mod card;
pub(crate) mod certificate;
pub(crate) mod clauses;
pub(crate) mod client_evidence;
pub mod client_report;
pub(crate) mod consent_check;
pub(crate) mod consent_papers;
pub(crate) mod consent_record;
pub(crate) mod contact_keys;
pub(crate) mod deletion_mail;
pub(crate) mod evidence_folder;
pub(crate) mod grant;
pub(crate) mod hand_over;
pub mod identity;
pub(crate) mod incident_letter;
pub mod letter;
pub mod mail;
pub mod manifest;
pub(crate) mod measures_page;
pub(crate) mod notice;
pub(crate) mod paper;
pub(crate) mod parting_letter;
pub(crate) mod records_page;
pub mod reply;
pub mod request;
pub(crate) mod review_page;
pub mod share;
pub(crate) mod share_page;
pub(crate) mod share_papers;
pub(crate) mod withdrawal_letter;
