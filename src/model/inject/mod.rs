//! References to secrets in templates and environments.

pub mod dotenv;
pub mod reference;
pub mod selection;
pub mod template;
