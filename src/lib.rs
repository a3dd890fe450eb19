//! A credential vault for freelancers.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that fails panics"
    )
)]

pub mod crypto;
pub mod error;
pub mod model;
pub mod ui;
