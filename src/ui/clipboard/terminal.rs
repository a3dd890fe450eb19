//! OSC 52: the terminal is asked to put text on the clipboard of the machine that it runs on
//! (<https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>, "Manipulate Selection Data").
//!
//! It does not say whether it did, and hardly any lets the clipboard be read. tmux and screen pass
//! on only what is wrapped for them.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{env, fmt};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::OFlags;
use rustix::termios::{isatty, tcgetsid, ttyname};
use zeroize::Zeroizing;

use super::program::output;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// The most base64 that terminals are known to take.
const MAX_BASE64: usize = 100_000;
/// Bytes that fit into that.
const MAX_BYTES: usize = MAX_BASE64 / 4 * 3;
/// The most that screen passes on at once.
const SCREEN_CHUNK: usize = 256;
/// Kinds of terminal that show the sequence instead of obeying it.
const UNFIT: [&str; 2] = ["dumb", "linux"];

/// What stands between this process and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Tmux,
    Screen,
}

/// The controlling terminal of whoever opens it.
const OWN: &str = "/dev/tty";

/// A terminal that may know OSC 52.
pub struct Terminal {
    device: PathBuf,
    between: Between,
}

impl Terminal {
    /// The controlling terminal, if it could know.
    pub(super) fn here() -> Option<Self> {
        let kind = env::var("TERM").unwrap_or_default();
        if kind.is_empty() || UNFIT.contains(&kind.as_str()) {
            return None;
        }
        let file = File::options().write(true).open(OWN).ok()?;
        if !isatty(&file) {
            return None;
        }
        Some(Self {
            device: device().unwrap_or_else(|| OWN.into()),
            between: between(&kind),
        })
    }

    /// The terminal with this device.
    pub(super) fn at(device: &str) -> Option<Self> {
        let path = Path::new(device);
        let is_device = (path.metadata()).is_ok_and(|facts| facts.file_type().is_char_device());
        let terminal = Self {
            device: path.to_owned(),
            between: between(&env::var("TERM").unwrap_or_default()),
        };
        (path.is_absolute() && is_device && terminal.open().is_ok()).then_some(terminal)
    }

    pub(super) fn name(&self) -> String {
        self.device.display().to_string()
    }

    /// Whether a process that has left it finds it again.
    pub(super) fn has_device(&self) -> bool {
        self.device != Path::new(OWN)
    }

    /// Refuses where what stands in between is known to keep the sequence to itself.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.between != Between::Tmux {
            return Ok(());
        }
        // Before tmux 3.3 there is no such option, and all is passed on.
        let answer = output(
            ("tmux", &["display-message", "-p", "#{allow-passthrough}"]),
            64,
        );
        match answer {
            Ok(answer) if matches!(answer.trim_ascii(), b"off" | b"0") => Err(Error::failed(
                "tmux blocks the way to the terminal's clipboard",
            )
            .hint("open it: tmux set -g allow-passthrough on")),
            _ => Ok(()),
        }
    }

    pub(super) fn copy(&self, secret: &Secret) -> Result<()> {
        check_fits(secret)?;
        self.send(secret.expose().as_bytes())
    }

    pub(super) fn clear(&self) -> Result<()> {
        self.send(b"")
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        let sequence = sequence(bytes, self.between);
        let sent = self.open().and_then(|mut file| file.write_all(&sequence));
        sent.map_err(|why| Error::failed(format!("cannot write to the terminal: {why}")))
    }

    /// Without making it the controlling terminal of a process that has left its own.
    fn open(&self) -> std::io::Result<File> {
        let flags = OFlags::NOCTTY.bits().cast_signed();
        let file = File::options()
            .write(true)
            .custom_flags(flags)
            .open(&self.device)?;
        if !isatty(&file) {
            return Err(std::io::Error::other("it is none"));
        }
        Ok(file)
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Terminal({}, {:?})", self.device.display(), self.between)
    }
}

pub(super) fn check_fits(secret: &Secret) -> Result<()> {
    let length = secret.expose().len();
    if length <= MAX_BYTES {
        return Ok(());
    }
    Err(Error::failed(format!(
        "that is {length} bytes, too large for the clipboard of a terminal, which takes {MAX_BYTES}"
    ))
    .hint("leave out --clip, and send it to a file or a program"))
}

/// The device of the controlling terminal, if one of the standard streams leads there.
fn device() -> Option<PathBuf> {
    use rustix::stdio::{stderr, stdin, stdout};
    let own = rustix::process::getsid(None).ok();
    let streams = [stdin(), stderr(), stdout()].into_iter();
    let mut own = streams.filter(|stream| tcgetsid(stream).ok() == own);
    let name = own.find_map(|stream| ttyname(stream, Vec::new()).ok())?;
    name.into_string().ok().map(PathBuf::from)
}

fn between(kind: &str) -> Between {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("TMUX") || kind.starts_with("tmux") {
        Between::Tmux
    } else if set("STY") || kind.starts_with("screen") {
        Between::Screen
    } else {
        Between::Nothing
    }
}

/// The sequence that puts these bytes on the clipboard, or empties it for none.
fn sequence(bytes: &[u8], between: Between) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 3 * 4 + 4));
    STANDARD.encode_string(bytes, &mut text);
    let mut all = Zeroizing::new(Vec::with_capacity(2 * text.len() + 64));
    match between {
        Between::Nothing => {
            all.extend_from_slice(b"\x1b]52;c;");
            all.extend_from_slice(text.as_bytes());
            all.push(b'\x07');
        }
        Between::Tmux => {
            // Each escape within is doubled.
            all.extend_from_slice(b"\x1bPtmux;\x1b\x1b]52;c;");
            all.extend_from_slice(text.as_bytes());
            all.extend_from_slice(b"\x07\x1b\\");
        }
        Between::Screen => {
            all.extend_from_slice(b"\x1bP\x1b]52;c;\x1b\\");
            for chunk in text.as_bytes().chunks(SCREEN_CHUNK) {
                all.extend_from_slice(b"\x1bP");
                all.extend_from_slice(chunk);
                all.extend_from_slice(b"\x1b\\");
            }
            all.extend_from_slice(b"\x1bP\x07\x1b\\");
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Between, MAX_BYTES, check_fits, sequence};
    use crate::model::text::secret::Secret;

    #[test]
    fn the_sequence_is_wrapped_for_what_stands_in_between() {
        let plain = sequence(b"hunter2", Between::Nothing);
        assert_eq!(*plain, b"\x1b]52;c;aHVudGVyMg==\x07");
        let tmux = sequence(b"hunter2", Between::Tmux);
        assert_eq!(*tmux, b"\x1bPtmux;\x1b\x1b]52;c;aHVudGVyMg==\x07\x1b\\");
        let empty = sequence(b"", Between::Nothing);
        assert_eq!(*empty, b"\x1b]52;c;\x07");
    }

    #[test]
    fn screen_gets_it_in_pieces_that_add_up() {
        let long = [b'x'; 1000];
        let sent = sequence(&long, Between::Screen);
        let text = std::str::from_utf8(&sent).unwrap();
        let pieces: Vec<&str> = text
            .split_terminator("\x1b\\")
            .map(|piece| piece.strip_prefix("\x1bP").unwrap())
            .collect();
        assert!(pieces.iter().all(|piece| piece.len() <= 256));
        assert_eq!(
            pieces.concat().as_bytes(),
            *sequence(&long, Between::Nothing)
        );
    }

    #[test]
    fn what_no_terminal_takes_is_refused_with_the_limit() {
        let fits = Secret::new("x".repeat(MAX_BYTES));
        assert!(check_fits(&fits).is_ok());
        let large = Secret::new("x".repeat(MAX_BYTES + 1));
        assert!(check_fits(&large).unwrap_err().message().contains("75000"));
        assert_eq!(
            sequence(fits.expose().as_bytes(), Between::Nothing).len(),
            100_008
        );
    }
}
