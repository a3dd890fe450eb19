//! Finds secrets by their value in what programs print and in files, as they are and in the forms
//! that programs give them.

pub(crate) mod finder;
mod forms;
pub(crate) mod masker;
pub(crate) mod matcher;
mod own_lines;
pub(crate) mod wanted;
