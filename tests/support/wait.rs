//! Waits for what another process does, for as long as a busy machine may take.

use std::path::Path;
use std::time::{Duration, Instant};

use super::env::TIMEOUT;

/// Waits until it holds; `what` says what never came.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < TIMEOUT, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until there is a file.
pub(crate) fn wait_for(path: &Path) {
    wait_until(&format!("a file {}", path.display()), || path.exists());
}
