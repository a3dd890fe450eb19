//! New secrets in the place of old ones.

pub(crate) mod rotate;
pub(crate) mod rotate_exec;
pub(crate) mod rotate_tried;
pub(crate) mod tty_rotate;
