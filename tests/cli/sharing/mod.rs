//! Shares that go out, and that come in.

pub(crate) mod ack;
pub(crate) mod again;
pub(crate) mod attest;
pub(crate) mod both_sides;
pub(crate) mod grant;
pub(crate) mod held;
pub(crate) mod receive;
pub(crate) mod share;
pub(crate) mod shares;
pub(crate) mod who;
