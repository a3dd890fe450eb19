//! Secrets and passwords from descriptors, files and commands.
//!
//! Read straight from the descriptor into buffers that are wiped: `std::io::stdin()` keeps a
//! static one. Passwords are read a byte at a time, so that what follows their line is still
//! there for the next reader, as in `(cat password; cat secret) | vault add … --password-fd 0`.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use memchr::memmem;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, retry_on_intr};
use zeroize::{Zeroize, Zeroizing};

use super::Ui;
use crate::error::{Error, Result};
use crate::model::text::limits::{PASSWORD_BYTES, SECRET_BYTES};
use crate::model::text::secret::Secret;
use crate::process::child;
use crate::process::inherited::number_of;

/// A password with its line end, in bytes.
const LINE_BYTES: usize = PASSWORD_BYTES + b"\r\n".len();
/// Bytes asked for at first; most secrets are shorter.
const FIRST_READ: usize = 4 << 10;

impl Ui {
    /// The secret on stdin, all of it. One line end (`\n` or `\r\n`) is taken off unless `raw`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`]: empty, more than 1 MiB, not UTF-8, or with a NUL byte.
    /// [`crate::error::Kind::Failed`]: stdin is unreadable.
    pub fn stdin_secret(&self, raw: bool) -> Result<Secret> {
        let read = read_to_end(rustix::stdio::stdin(), SECRET_BYTES + b"\r\n".len());
        let bytes = read.map_err(|error| Error::failed(format!("cannot read stdin: {error}")))?;
        secret(bytes, raw)
    }

    /// The bytes on stdin, all of them or more than `limit`, so that the caller sees that it is
    /// too much.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`]: stdin is a terminal. [`crate::error::Kind::Failed`]: it is
    /// unreadable.
    pub fn stdin_bytes(&self, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
        self.check_piped()?;
        read_to_end(rustix::stdio::stdin(), limit)
            .map_err(|error| Error::failed(format!("cannot read stdin: {error}")))
    }

    fn check_piped(&self) -> Result<()> {
        if self.stdin_is_terminal() {
            return Err(Error::usage("nothing is piped in on stdin")
                .hint("name the file, or pipe it in: … < FILE"));
        }
        Ok(())
    }

    /// The bytes on stdin up to a blank line, or all of them, or more than `limit`: who sends them
    /// may wait for the answer with the pipe open.
    ///
    /// # Errors
    /// As [`Self::stdin_bytes`].
    pub fn stdin_message(&self, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
        self.stdin_until(limit, |bytes| {
            bytes.first() == Some(&b'\n') || memmem::find(bytes, b"\n\n").is_some()
        })
    }

    /// As [`Self::stdin_message`], up to where it is whole by other signs.
    ///
    /// # Errors
    /// As [`Self::stdin_bytes`].
    pub fn stdin_until(
        &self,
        limit: usize,
        is_whole: impl Fn(&[u8]) -> bool,
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.check_piped()?;
        read_until(rustix::stdio::stdin(), limit, is_whole)
            .map_err(|error| Error::failed(format!("cannot read stdin: {error}")))
    }

    /// The first line of descriptor `number`, which this process was started with.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the descriptor: it cannot be read, its first line is
    /// empty, longer than 4 KiB or not UTF-8. So with the other two.
    pub fn first_line_of_fd(&self, number: u32) -> Result<Secret> {
        let source = format!("file descriptor {number}");
        if number == 0 {
            return first_line(rustix::stdio::stdin(), &source);
        }
        let read = (self.inherited).take(number, |fd| first_line(fd, &source));
        read.map_err(|error| unreadable(&source, &error.into()))?
    }

    /// The first line of a file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the file.
    pub fn first_line_of_file(&self, path: &Path) -> Result<Secret> {
        if let Some(number) = number_of(path) {
            return self.first_line_of_fd(number);
        }
        let source = path.display().to_string();
        let file = File::open(path).map_err(|error| {
            unreadable(&source, &error).hint("name a file whose first line is the password")
        })?;
        first_line(file, &source)
    }

    /// The first line that a command, given to `sh -c`, prints. It gets no stdin and none of
    /// the `VAULT_PASSWORD…` variables; its stderr is ours.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`]: the command fails (with its exit code, never its output), or
    /// its first line is no password.
    pub fn first_line_of_command(&self, command: &OsStr) -> Result<Secret> {
        const SOURCE: &str = "the password command";
        let (line, status) = child::first_line(child::shell(command), LINE_BYTES)?;
        if !status.success() {
            return Err(Error::usage(format!("{SOURCE} failed: {status}")));
        }
        password(line, SOURCE)
    }
}

fn unreadable(source: &str, error: &io::Error) -> Error {
    Error::usage(format!("cannot read {source}: {error}"))
}

/// One line without its end, checked to be a password.
fn first_line(fd: impl AsFd, source: &str) -> Result<Secret> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_BYTES));
    let mut byte = Zeroizing::new([0; 1]);
    while line.len() < LINE_BYTES && line.last() != Some(&b'\n') {
        let count = patiently(&fd, || rustix::io::read(&fd, &mut byte[..]));
        if count.map_err(|error| unreadable(source, &error.into()))? == 0 {
            break;
        }
        line.extend_from_slice(&byte[..]);
    }
    password(line, source)
}

/// A line, checked to be a password, without its end.
fn password(mut line: Zeroizing<Vec<u8>>, source: &str) -> Result<Secret> {
    remove_line_end(&mut line);
    if line.is_empty() {
        return Err(Error::usage(format!(
            "no password in {source}: its first line is empty"
        )));
    }
    if line.len() > PASSWORD_BYTES {
        let message = format!("the first line of {source} is longer than {PASSWORD_BYTES} bytes");
        return Err(Error::usage(message));
    }
    text(line).ok_or_else(|| Error::usage(format!("the first line of {source} is not UTF-8")))
}

/// Reads again after a signal, and when there is something to read: a caller may have made its
/// descriptor non-blocking, and a mode is shared with it.
fn patiently<T>(fd: impl AsFd, mut read: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match retry_on_intr(&mut read) {
            Err(Errno::AGAIN) => {
                let mut waiting = [PollFd::new(&fd, PollFlags::IN)];
                retry_on_intr(|| poll(&mut waiting, None))?;
            }
            done => return done,
        }
    }
}

/// A whole secret, checked to be text.
fn secret(mut bytes: Zeroizing<Vec<u8>>, raw: bool) -> Result<Secret> {
    if !raw {
        remove_line_end(&mut bytes);
    }
    if bytes.is_empty() {
        return Err(Error::usage("there is no secret on stdin"));
    }
    if bytes.len() > SECRET_BYTES {
        return Err(Error::usage(
            "the secret on stdin is larger than 1 MiB, the limit",
        ));
    }
    let attach = "keep it as a file with vault attach ENTRY FILE";
    if bytes.contains(&0) {
        return Err(Error::usage("the secret on stdin has a NUL byte in it").hint(attach));
    }
    text(bytes).ok_or_else(|| Error::usage("the secret on stdin is not UTF-8").hint(attach))
}

fn remove_line_end(bytes: &mut Vec<u8>) {
    if bytes.pop_if(|last| *last == b'\n').is_some() {
        bytes.pop_if(|last| *last == b'\r');
    }
}

/// The same bytes as text, not copied.
fn text(mut bytes: Zeroizing<Vec<u8>>) -> Option<Secret> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(Secret::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            None
        }
    }
}

/// Everything, or at least `cap + 1` bytes, so that the caller sees when it is too much. Each
/// buffer that has become too small is wiped.
fn read_to_end(fd: impl AsFd, cap: usize) -> Result<Zeroizing<Vec<u8>>, Errno> {
    read_until(fd, cap, |_| false)
}

/// As [`read_to_end`], or to where it `is_whole`.
fn read_until(
    fd: impl AsFd,
    cap: usize,
    is_whole: impl Fn(&[u8]) -> bool,
) -> Result<Zeroizing<Vec<u8>>, Errno> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(FIRST_READ));
    while bytes.len() <= cap && !is_whole(&bytes) {
        if bytes.len() == bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * bytes.capacity()));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        let spare = || rustix::io::read(&fd, rustix::buffer::spare_capacity(&mut bytes));
        if patiently(&fd, spare)? == 0 {
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io::{PipeReader, Write};
    use std::os::fd::IntoRawFd;
    use std::path::Path;

    use super::{first_line, read_to_end, secret};
    use crate::error::{Kind, Result};
    use crate::model::text::limits::{PASSWORD_BYTES, SECRET_BYTES};
    use crate::model::text::secret::Secret;
    use crate::ui::{Ui, UiOptions};

    fn piped(bytes: &[u8]) -> PipeReader {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let bytes = bytes.to_vec();
        std::thread::spawn(move || {
            let _ = writer.write_all(&bytes);
        });
        reader
    }

    fn on_stdin(bytes: &[u8], raw: bool) -> Result<Secret> {
        secret(read_to_end(piped(bytes), SECRET_BYTES + 2).unwrap(), raw)
    }

    fn ui() -> Ui {
        Ui::new(UiOptions::default())
    }

    #[test]
    fn exactly_one_line_end_is_taken_off() {
        assert_eq!(on_stdin(b"a\n\n", false).unwrap().expose(), "a\n");
        assert_eq!(on_stdin(b"a\r\n", false).unwrap().expose(), "a");
        assert_eq!(on_stdin(b"a\r", false).unwrap().expose(), "a\r");
        assert_eq!(on_stdin(b"a\r\n", true).unwrap().expose(), "a\r\n");
        assert_eq!(on_stdin(b"one\ntwo", false).unwrap().expose(), "one\ntwo");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for bytes in [&b""[..], b"\n", b"\r\n", b"a\0b", b"\xff\xfe"] {
            assert_eq!(on_stdin(bytes, false).unwrap_err().kind(), Kind::Usage);
        }
        let hint = on_stdin(b"\xff", false).unwrap_err();
        assert!(hint.next_step().unwrap().contains("attach"));
    }

    #[test]
    fn one_mebibyte_is_the_limit_without_the_line_end() {
        let mut bytes = vec![b'x'; SECRET_BYTES];
        assert!(on_stdin(&bytes, true).is_ok());
        bytes.extend_from_slice(b"\r\n");
        assert_eq!(
            on_stdin(&bytes, false).unwrap().expose().len(),
            SECRET_BYTES
        );
        bytes.insert(0, b'x');
        assert!(
            on_stdin(&bytes, false)
                .unwrap_err()
                .message()
                .contains("1 MiB")
        );
        bytes.resize(3 * SECRET_BYTES, b'x');
        assert!(on_stdin(&bytes, false).is_err());
    }

    #[test]
    fn only_the_first_line_is_consumed() {
        let reader = piped(b"one\r\ntwo\nthree");
        for expected in ["one", "two", "three"] {
            assert_eq!(first_line(&reader, "it").unwrap().expose(), expected);
        }
        assert_eq!(first_line(&reader, "it").unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn a_password_has_a_limit() {
        let mut line = vec![b'x'; PASSWORD_BYTES];
        line.extend_from_slice(b"\r\n");
        assert!(first_line(piped(&line), "it").is_ok());
        line.insert(0, b'x');
        assert_eq!(
            first_line(piped(&line), "it").unwrap_err().kind(),
            Kind::Usage
        );
        assert!(first_line(piped(&[b'x'; 2 * PASSWORD_BYTES]), "it").is_err());
    }

    #[test]
    fn a_descriptor_that_does_not_block_is_waited_for() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&reader, true).unwrap();
        let late = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            writer.write_all(b"password\n").unwrap();
        });
        assert_eq!(first_line(&reader, "it").unwrap().expose(), "password");
        late.join().unwrap();
    }

    #[test]
    fn a_descriptor_is_read_whose_writer_is_gone() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"password\n").unwrap();
        drop(writer);
        // The descriptor is taken over, as one that this process was started with.
        let number = u32::try_from(reader.into_raw_fd()).unwrap();
        assert_eq!(ui().first_line_of_fd(number).unwrap().expose(), "password");
    }

    #[test]
    fn a_source_that_cannot_be_read_is_named() {
        let error = ui().first_line_of_fd(987).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains("file descriptor 987"));
        let error = ui()
            .first_line_of_file(Path::new("/no/such/file"))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains("/no/such/file"));
    }

    #[test]
    fn a_command_gives_its_first_line_and_may_print_more() {
        let command = OsStr::new("echo password; seq 1 100000");
        assert_eq!(
            ui().first_line_of_command(command).unwrap().expose(),
            "password"
        );
    }

    #[test]
    fn a_command_that_never_ends_is_named_as_that() {
        let error = ui().first_line_of_command(OsStr::new("yes")).unwrap_err();
        assert!(error.message().contains("without end"), "{error}");
    }

    #[test]
    fn a_failing_command_is_refused_without_its_output() {
        let error = ui()
            .first_line_of_command(OsStr::new("echo hunter2; exit 3"))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains('3') && !error.message().contains("hunter2"));
    }
}
