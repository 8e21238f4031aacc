//! One direction between two terminals: what was read on one side and not yet taken by the other.

use rustix::event::{PollFd, PollFlags};
use rustix::fd::BorrowedFd;
use sys::Errno;

/// Bytes on their way. New ones are read only when all are written, so that a reader who takes nothing holds up the
/// writer, not the relay: neither direction ever waits for the other.
#[derive(Debug)]
pub(crate) struct Flow {
    buffer: Vec<u8>,
    written: usize,
    read: usize,
}

impl Flow {
    /// An empty one, with room for 16 KiB: four times what a terminal hands out at once.
    pub fn new() -> Self {
        Flow { buffer: vec![0; 16 << 10], written: 0, read: 0 }
    }

    /// What this direction waits for: bytes from `from` or, while it has some, room in `to`.
    pub fn awaits<'a>(&self, from: BorrowedFd<'a>, to: BorrowedFd<'a>) -> PollFd<'a> {
        if self.is_empty() {
            PollFd::from_borrowed_fd(from, PollFlags::IN)
        } else {
            PollFd::from_borrowed_fd(to, PollFlags::OUT)
        }
    }

    /// Moves what can be moved. False: `from` has ended.
    pub fn pump(&mut self, from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
        if self.is_empty() {
            match rustix::io::read(from, &mut self.buffer) {
                Ok(count) if count > 0 => (self.written, self.read) = (0, count),
                Err(Errno::INTR | Errno::AGAIN) => return true,
                // A terminal's other side is gone: end of file, or EIO.
                _ => return false,
            }
        }
        match rustix::io::write(to, &self.buffer[self.written..self.read]) {
            Ok(count) => self.written += count,
            Err(Errno::INTR | Errno::AGAIN) => {}
            // What is written to a terminal that was hung up is lost.
            Err(_) => self.written = self.read,
        }
        true
    }

    /// Whether all that was read is written.
    pub fn is_empty(&self) -> bool {
        self.written == self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fd::{AsFd, OwnedFd};
    use rustix::pipe::{PipeFlags, pipe_with};

    fn pipe() -> (OwnedFd, OwnedFd) {
        pipe_with(PipeFlags::NONBLOCK).unwrap()
    }

    #[test]
    fn a_full_reader_holds_up_the_writer_and_nothing_is_lost() {
        let ((from, writer), (reader, to)) = (pipe(), pipe());
        let mut flow = Flow::new();
        let text: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let (mut sent, mut received) = (0, Vec::<u8>::new());
        let mut buffer = [0; 1000];
        while received.len() < text.len() {
            sent += rustix::io::write(&writer, &text[sent..]).unwrap_or(0);
            assert!(flow.pump(from.as_fd(), to.as_fd()));
            let count = rustix::io::read(&reader, &mut buffer).unwrap_or(0);
            received.extend(&buffer[..count]);
        }
        assert_eq!(received, text);
    }

    #[test]
    fn the_end_comes_after_the_last_byte() {
        let ((from, writer), (reader, to)) = (pipe(), pipe());
        let mut flow = Flow::new();
        rustix::io::write(&writer, b"last").unwrap();
        drop(writer);
        assert!(flow.pump(from.as_fd(), to.as_fd()));
        assert!(!flow.pump(from.as_fd(), to.as_fd()));
        assert_eq!(rustix::io::read(&reader, &mut [0; 10]).unwrap(), 4);
    }

    #[test]
    fn what_nobody_can_read_any_more_is_dropped() {
        let ((from, writer), (reader, to)) = (pipe(), pipe());
        drop(reader);
        let mut flow = Flow::new();
        rustix::io::write(&writer, b"lost").unwrap();
        assert!(flow.pump(from.as_fd(), to.as_fd()));
        assert!(flow.is_empty());
    }
}
