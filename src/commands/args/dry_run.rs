//! The dry run of what takes away or ends.

use crate::context::Context;

/// The option of all commands that take something away or end it.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct DryRunArg {
    /// Only say what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl DryRunArg {
    /// Lets nothing be written from here on, where that is wanted.
    pub fn begin(self, ctx: &Context) {
        if self.dry_run {
            ctx.rehearse();
        }
    }
}
