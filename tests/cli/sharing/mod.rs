//! Shares that go out, and that come in.

pub(crate) mod ack;
mod ack_mail;
pub(crate) mod again;
mod asking;
pub(crate) mod attest;
pub(crate) mod both_sides;
mod came_file;
mod earlier;
mod ended_parts;
mod evidence;
pub(crate) mod grant;
mod hand_over;
mod handed_over;
pub(crate) mod held;
mod letter;
mod narrow;
pub(crate) mod receive;
pub(crate) mod share;
pub(crate) mod shares;
mod terms;
pub(crate) mod who;
