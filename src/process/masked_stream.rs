//! What a program prints, on its way to where it would have gone, with secrets masked.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use zeroize::{Zeroize, Zeroizing};

use super::child::ChildOutput;
use crate::model::masking::masker::{Masker, Patience};
use crate::model::masking::matcher::Matcher;

/// How long what may be the start of a secret is held back, where it looks like a prompt.
const LET_OUT_AFTER: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};
/// The same where it looks like a part of the secret: nothing is held back for ever.
const LET_OUT_AT_LAST: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};
/// For how long more output is waited for when the program has ended and what it left running holds
/// its output open.
const LAST_WORDS: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};
/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;
/// What is still passed on then, in bytes: more than a pipe holds.
const LAST_BYTES: usize = 1 << 20;

/// One stream of a program.
pub(super) struct MaskedStream {
    pub(super) from: OwnedFd,
    pub(super) to: ChildOutput,
}

impl MaskedStream {
    /// Passes it on until its end, or until `ended` is closed and nothing more comes. When nobody
    /// reads it any more the program is told by its next write, as it would have been.
    ///
    /// # Errors
    /// Where it cannot be read or written: it is closed then, and the program ended as by a pipe.
    pub(super) fn pass_on(self, matcher: &Matcher<String>, ended: impl AsFd) -> io::Result<()> {
        let mut masker = Masker::new(matcher);
        let mut bytes = Zeroizing::new(vec![0; CHUNK]);
        let mut out = Zeroizing::new(Vec::with_capacity(2 * CHUNK));
        let (mut has_ended, mut left) = (false, LAST_BYTES);
        while left > 0 {
            let mut waiting = vec![PollFd::new(&self.from, PollFlags::IN)];
            if !has_ended {
                waiting.push(PollFd::new(&ended, PollFlags::IN));
            }
            let patience = match masker.patience() {
                _ if has_ended => Some(&LAST_WORDS),
                Some(Patience::Short) => Some(&LET_OUT_AFTER),
                Some(Patience::Long) => Some(&LET_OUT_AT_LAST),
                None => None,
            };
            let ready = retry_on_intr(|| poll(&mut waiting, patience))?;
            let is_readable = waiting.first().is_some_and(|fd| !fd.revents().is_empty());
            if is_readable {
                match retry_on_intr(|| rustix::io::read(&self.from, &mut bytes[..])) {
                    // A terminal ends so, when the last program on it is gone.
                    Ok(0) | Err(Errno::IO) => break,
                    Err(Errno::AGAIN) => {}
                    Err(why) => return Err(why.into()),
                    Ok(count) => {
                        left -= if has_ended { count.min(left) } else { 0 };
                        masker.feed(bytes.get(..count).unwrap_or_default(), &mut out);
                    }
                }
            } else if ready > 0 {
                has_ended = true;
            } else if has_ended {
                break;
            } else {
                masker.let_out(&mut out);
            }
            self.write(&mut out)?;
        }
        masker.finish(&mut out);
        self.write(&mut out)
    }

    fn write(&self, out: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
        let to = match self.to {
            ChildOutput::Output => rustix::stdio::stdout(),
            ChildOutput::Errors => rustix::stdio::stderr(),
        };
        let written = write_all(to, out, None);
        out.zeroize();
        written
    }
}

/// Writes all of it; gives up once `unless` is closed.
pub(super) fn write_all(
    to: BorrowedFd<'_>,
    mut bytes: &[u8],
    unless: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match retry_on_intr(|| rustix::io::write(to, bytes)) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN) => {
                let mut waiting = vec![PollFd::from_borrowed_fd(to, PollFlags::OUT)];
                waiting.extend(unless.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
                retry_on_intr(|| poll(&mut waiting, None))?;
                if waiting.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
                    return Ok(());
                }
            }
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}
