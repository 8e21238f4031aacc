//! A conversation with a manager: connect, say who we are, ask, listen. All of it ends at one deadline.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::io::{Errno, read};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{SendFlags, send};

use super::call::Call;
use super::message::{FIXED, Kind, Message};
use super::socket::{Socket, sockets};
use super::wire::Writer;
use super::{Failure, Manager};

/// The longest line of the greeting; theirs have some forty bytes.
const LONGEST_LINE: usize = 512;

/// A connection on which messages go.
#[derive(Debug)]
pub(super) struct Connection {
    stream: OwnedFd,
    until: Instant,
    /// What was read and not yet taken.
    received: Vec<u8>,
    /// Of the last call.
    serial: u32,
    /// There is a bus between.
    pub bus: bool,
}

impl Connection {
    /// At the first of the manager's sockets at which we are heard.
    pub fn open(manager: Manager, until: Instant) -> Result<Connection, Failure> {
        let mut reasons = Vec::new();
        for socket in sockets(manager) {
            match Connection::at(&socket, until) {
                Ok(connection) => return Ok(connection),
                Err(Failure::Time) => return Err(Failure::Time),
                Err(why) => reasons.push(format!("{}: {}", socket.path.display(), reason(&why))),
            }
        }
        Err(Failure::Unreachable(reasons.join("; ")))
    }

    fn at(socket: &Socket, until: Instant) -> Result<Connection, Failure> {
        Connection::over(socket.connect(remaining(until)?).map_err(broken)?, until, socket.bus)
    }

    /// Over a stream that is connected.
    pub fn over(stream: OwnedFd, until: Instant, bus: bool) -> Result<Connection, Failure> {
        let mut connection = Connection { stream, until, received: Vec::new(), serial: 0, bus };
        connection.authenticate()?;
        if bus {
            connection.call(to_bus("Hello"))?;
        }
        Ok(connection)
    }

    /// The kernel tells them who we are (SO_PEERCRED), so nothing is said: an empty answer to an empty question.
    /// A number would be wrong in a user namespace. All is sent at once, since they either agree or hang up.
    fn authenticate(&mut self) -> Result<(), Failure> {
        self.write(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")?;
        let (question, verdict) = (self.line()?, self.line()?);
        if question == b"DATA" && verdict.starts_with(b"OK ") {
            return Ok(());
        }
        Err(Failure::Unreachable("we are not let in".into()))
    }

    /// Asks, and waits for the answer. What else comes is passed over.
    pub fn call(&mut self, call: Call<'_>) -> Result<Message, Failure> {
        let serial = self.send(call)?;
        self.answer(serial, |_| ())
    }

    /// Asks. Returns the serial of the call.
    pub fn send(&mut self, call: Call<'_>) -> Result<u32, Failure> {
        self.serial += 1;
        self.write(&call.marshal(self.serial))?;
        Ok(self.serial)
    }

    /// Waits for the answer to a call; what comes before it goes to `other`.
    pub fn answer(&mut self, serial: u32, mut other: impl FnMut(&Message)) -> Result<Message, Failure> {
        loop {
            let message = self.receive()?;
            let answers = message.fields.reply_serial == Some(serial);
            match message.kind {
                Kind::Return if answers => return Ok(message),
                Kind::Error if answers => return Err(refused(&message)),
                _ => other(&message),
            }
        }
    }

    /// Waits for the next message.
    pub fn receive(&mut self) -> Result<Message, Failure> {
        self.fill(FIXED)?;
        let fixed = self.received.first_chunk().ok_or(Failure::Garbled("no header"))?;
        let length = Message::length(fixed)?;
        self.fill(length)?;
        let message = Message::parse(self.received.get(..length).unwrap_or_default())?;
        self.received.drain(..length);
        Ok(message)
    }

    /// Waits for a line, which ends in CR and LF.
    fn line(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(at) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                let mut line: Vec<u8> = self.received.drain(..at + 2).collect();
                line.truncate(at);
                return Ok(line);
            }
            if self.received.len() > LONGEST_LINE {
                return Err(Failure::Garbled("a greeting without end"));
            }
            self.fill(self.received.len() + 1)?;
        }
    }

    /// Reads until at least `length` bytes are there.
    fn fill(&mut self, length: usize) -> Result<(), Failure> {
        let mut chunk = [0; 4096];
        while self.received.len() < length {
            set_socket_timeout(&self.stream, Timeout::Recv, Some(remaining(self.until)?)).map_err(broken)?;
            match read(&self.stream, &mut chunk) {
                Ok(0) => return Err(broken(Errno::CONNRESET)),
                Ok(count) => self.received.extend(chunk.get(..count).unwrap_or_default()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(broken(errno)),
            }
        }
        Ok(())
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            set_socket_timeout(&self.stream, Timeout::Send, Some(remaining(self.until)?)).map_err(broken)?;
            match send(&self.stream, bytes, SendFlags::NOSIGNAL) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(broken(errno)),
            }
        }
        Ok(())
    }
}

/// A call of the bus itself.
pub(super) fn to_bus(member: &str) -> Call<'_> {
    const BUS: &str = "org.freedesktop.DBus";
    Call {
        destination: BUS,
        path: "/org/freedesktop/DBus",
        interface: BUS,
        member,
        signature: "",
        body: Writer::default(),
    }
}

/// What is left until then, and is not nothing: a timeout of nothing is for ever, socket(7).
fn remaining(until: Instant) -> Result<Duration, Failure> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or(Failure::Time)
}

/// A timeout of a socket is told as EAGAIN.
fn broken(errno: Errno) -> Failure {
    if errno == Errno::AGAIN { Failure::Time } else { Failure::Lost(errno) }
}

fn refused(error: &Message) -> Failure {
    let name = error.fields.error_name.clone().unwrap_or_default();
    Failure::Refused { name, message: error.error_text().to_owned() }
}

/// Why nobody was heard at one of several sockets.
fn reason(why: &Failure) -> String {
    match why {
        Failure::Lost(errno) => errno.to_string(),
        Failure::Unreachable(why) => why.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
