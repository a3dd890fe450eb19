//! The clock that deadlines are counted on: it runs on while the machine sleeps, and nobody sets
//! it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::Boottime;
/// On Apple's systems this one runs on during sleep; elsewhere it is the best there is.
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// The time since some fixed moment before this process.
pub fn now() -> Duration {
    // Neither clock is ever negative.
    Duration::try_from(clock_gettime(CLOCK)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::now;

    #[test]
    fn it_goes_forward() {
        let before = now();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(now() > before);
    }
}
