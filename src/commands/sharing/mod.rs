//! Commands about shares: what goes out, what comes in, and what is sent back.

pub(crate) mod ack;
mod ack_mail;
mod arrived_terms;
pub(crate) mod ask;
pub(crate) mod attest;
mod came_file;
pub(crate) mod decline;
pub(crate) mod despite;
pub(crate) mod grant;
pub(crate) mod hand_over;
pub(crate) mod hand_overs;
pub(crate) mod known;
pub(crate) mod page;
pub(crate) mod receive;
mod refusal_log;
pub(crate) mod revoke;
pub(crate) mod share;
mod share_file;
pub(crate) mod share_key;
mod share_lines;
pub(crate) mod shares;
mod shares_show;
pub(crate) mod who;
mod who_json;
