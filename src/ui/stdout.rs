//! File descriptor 1 with a buffer of our own: that of `std` is static and never wiped.

use std::io::{self, ErrorKind, Write};

use zeroize::{Zeroize, Zeroizing};

/// Bytes kept before they are written; never grows, so no copy is left unwiped.
pub(super) const BUFFER_BYTES: usize = 8 << 10;

/// A small wiped buffer before file descriptor 1.
pub(super) struct Stdout {
    sink: Box<dyn Write>,
    buffer: Zeroizing<Vec<u8>>,
    pub(super) reader_gone: bool,
}

impl Stdout {
    /// File descriptor 1 itself.
    pub(super) fn raw() -> Self {
        Self::new(Box::new(Descriptor))
    }

    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self {
            sink,
            buffer: Zeroizing::new(Vec::with_capacity(BUFFER_BYTES)),
            reader_gone: false,
        }
    }

    /// A closed pipe is remembered and not an error.
    fn unless_gone(&mut self, written: io::Result<()>) -> io::Result<()> {
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(())
            }
            written => written,
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        if self.reader_gone {
            return Ok(bytes.len());
        }
        if bytes.len() > BUFFER_BYTES {
            let written = self.sink.write_all(bytes);
            self.unless_gone(written)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.sink.write_all(&self.buffer);
        self.buffer.zeroize();
        self.unless_gone(written)
    }
}

/// File descriptor 1, unbuffered.
struct Descriptor;

impl Write for Descriptor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(rustix::stdio::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
