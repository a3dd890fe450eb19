//! A sign of life while something takes its time, on a terminal only.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Ui, sanitize};

/// Shorter work shows nothing.
const DELAY: Duration = Duration::from_millis(300);
const TICK: Duration = Duration::from_millis(100);

/// Shows its message until dropped, then leaves no trace.
#[must_use = "the spinner ends when it is dropped"]
#[derive(Debug, Default)]
pub struct Spinner(Option<ProgressTicker>);

#[derive(Debug)]
struct ProgressTicker {
    done: Sender<()>,
    thread: JoinHandle<()>,
}

impl Ui {
    /// A spinner on stderr, if that is a terminal and neither `--quiet` nor `--json` is given. It
    /// costs a waiting thread at first, and is drawn after 300 ms.
    pub fn spinner(&self, message: &str) -> Spinner {
        if !self.stderr.terminal || self.options.quiet || self.options.json {
            return Spinner(None);
        }
        let message = sanitize::line(message).into_owned();
        let (done, ended) = mpsc::channel();
        let spin = move || {
            if ended.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout) {
                let bar = ProgressBar::new_spinner().with_message(message);
                bar.enable_steady_tick(TICK);
                // The sender is dropped, never used.
                let _ = ended.recv();
                bar.finish_and_clear();
            }
        };
        // Where no thread can be started, the work is done without a sign of life.
        let thread = thread::Builder::new().spawn(spin).ok();
        Spinner(thread.map(|thread| ProgressTicker { done, thread }))
    }
}

/// Shows how many there are so far, until dropped; then it leaves no trace.
#[must_use = "the counter ends when it is dropped"]
#[derive(Debug, Default)]
pub struct Counter(Option<ProgressBar>);

impl Ui {
    /// A counter on stderr, where a [`Ui::spinner`] would be.
    pub fn counter(&self, message: &str) -> Counter {
        if !self.stderr.terminal || self.options.quiet || self.options.json {
            return Counter(None);
        }
        let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let message = sanitize::line(message).into_owned();
        let bar = ProgressBar::no_length()
            .with_style(style)
            .with_message(message);
        Counter(Some(bar))
    }
}

impl Counter {
    /// There are so many by now.
    pub fn set(&self, count: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(count);
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(ProgressTicker { done, thread }) = self.0.take() {
            drop(done);
            let _ = thread.join();
        }
    }
}
