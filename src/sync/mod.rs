//! The vault on several machines, over git: a remote repository that holds the vault file and
//! nothing else, and a bare one of this program's own between it and the vault.
//!
//! Only plumbing is used, so that no hook, filter, attribute or setting of a repository has
//! anything to act on. Git carries the file; what two machines wrote apart is merged by
//! [`crate::model::merge`].
//!
//! Where the vault is kept in a repository of the user's own instead, [`work_tree`] tells that
//! repository how to merge and to show it.

pub(crate) mod patterns;
pub(crate) mod remote;
pub(crate) mod repository;
pub(crate) mod staged;
pub(crate) mod work_tree;
