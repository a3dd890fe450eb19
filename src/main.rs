//! The `vault` binary.

fn main() {}
