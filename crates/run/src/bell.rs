//! The bell: a pair of sockets between the runtime and the container.
//!
//! It says that something on the board has changed, and carries descriptors. It is also the container's lifeline: only
//! the runtime holds the outer end, so that the inner end reads end-of-file when the runtime dies, however it dies.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{IoSlice, IoSliceMut};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg, socketpair,
};
use std::mem::MaybeUninit;
use sys::{Errno, Result};

/// The most descriptors in one message: the kernel's SCM_MAX_FD is 253.
pub const MOST: usize = 128;

/// What the runtime says to init when it wants the namespaces that init holds, and init when they come. Signals, of which
/// init tells as well, have smaller numbers.
pub(crate) const NAMESPACES: u8 = 0xff;

/// One end.
#[derive(Debug)]
pub struct Bell(OwnedFd);

impl Bell {
    /// A new pair: the outer end and the inner one.
    pub fn pair() -> Result<(Bell, Bell)> {
        let (outer, inner) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        Ok((Bell(outer), Bell(inner)))
    }

    /// Rings, and sends `fds` along.
    ///
    /// # Errors
    /// EPIPE if the other side is dead.
    pub fn ring(&self, fds: &[BorrowedFd<'_>]) -> Result<()> {
        self.send(b'!', fds)
    }

    /// Sends a byte, and `fds` along.
    ///
    /// # Errors
    /// EPIPE if the other side is dead.
    pub fn send(&self, byte: u8, fds: &[BorrowedFd<'_>]) -> Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
            return Err(Errno::TOOBIG);
        }
        sendmsg(&self.0, &[IoSlice::new(&[byte])], &mut control, SendFlags::NOSIGNAL).map(drop)
    }

    /// Waits for a ring; descriptors that come along are handed to `take`, in order.
    ///
    /// # Errors
    /// EPIPE if the other side is dead.
    pub fn wait(&self, take: impl FnMut(OwnedFd)) -> Result<()> {
        self.receive(take).map(drop)
    }

    fn receive(&self, mut take: impl FnMut(OwnedFd)) -> Result<u8> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let received = loop {
            let mut buffers = [IoSliceMut::new(&mut byte)];
            match recvmsg(&self.0, &mut buffers, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => {}
                other => break other?,
            }
        };
        if received.bytes == 0 {
            return Err(Errno::PIPE);
        }
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                fds.for_each(&mut take);
            }
        }
        Ok(byte[0])
    }

    /// Says one byte, between init and the runtime, if the other listens.
    pub fn say(&self, byte: u8) {
        let _ = send(&self.0, &[byte], SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
    }

    /// The byte that is to be heard next, which stays; `None` if another who has this end has taken it.
    ///
    /// # Errors
    /// EPIPE if the other side is dead.
    pub fn listen(&self) -> Result<Option<u8>> {
        let mut byte = [0];
        match recv(&self.0, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT) {
            Ok((_, 1)) => Ok(Some(byte[0])),
            Ok(_) => Err(Errno::PIPE),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// The byte that was said; nothing if the other side is dead. Descriptors that came along are handed to `take`.
    pub fn hear(&self, take: impl FnMut(OwnedFd)) -> Option<u8> {
        self.receive(take).ok()
    }

    /// Waits until there is something to read, or the process of `pidfd`, if there is one, or all who have the other end
    /// have ended. True: it rang.
    pub fn wait_or_death(&self, pidfd: Option<BorrowedFd<'_>>) -> Result<bool> {
        loop {
            let bell = PollFd::new(&self.0, PollFlags::IN);
            let process = pidfd.map(|pidfd| PollFd::from_borrowed_fd(pidfd, PollFlags::IN));
            let mut fds: Vec<PollFd<'_>> = std::iter::once(bell).chain(process).collect();
            match poll(&mut fds, None) {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
                Ok(_) => {
                    return Ok(fds[0].revents().contains(PollFlags::IN)
                        && !fds[0].revents().contains(PollFlags::HUP));
                }
            }
        }
    }

    /// Whether all who have the other end have ended.
    pub fn is_hung_up(&self) -> Result<bool> {
        let mut bell = [PollFd::new(&self.0, PollFlags::empty())];
        poll(&mut bell, Some(&Timespec::default()))?;
        Ok(bell[0].revents().contains(PollFlags::HUP))
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_with_descriptors_until_the_other_side_is_gone() {
        let (outer, inner) = Bell::pair().unwrap();
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        outer.ring(&[]).unwrap();
        outer.ring(&[writer.as_fd()]).unwrap();
        drop(writer);
        inner.wait(|_| panic!("no descriptor came along")).unwrap();
        let mut taken = Vec::new();
        inner.wait(|fd| taken.push(fd)).unwrap();
        rustix::io::write(&taken[0], b"x").unwrap();
        assert_eq!(rustix::io::read(&reader, &mut [0; 2]).unwrap(), 1);
        assert_eq!(inner.is_hung_up(), Ok(false));
        drop(outer);
        assert_eq!(inner.is_hung_up(), Ok(true));
        assert_eq!(inner.wait(|_| ()), Err(Errno::PIPE));
        assert_eq!(inner.ring(&[]), Err(Errno::PIPE));
    }
}
