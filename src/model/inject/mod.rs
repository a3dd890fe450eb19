//! References to secrets in templates and environments.

pub(crate) mod dotenv;
pub(crate) mod file_reference;
pub(crate) mod reference;
pub(crate) mod selection;
pub(crate) mod template;
