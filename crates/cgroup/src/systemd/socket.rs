//! Where a manager listens: on a socket of its own, and on that of a message bus.

use std::env;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use rustix::process::geteuid;

use super::Manager;

/// One place to ask at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Socket {
    pub path: PathBuf,
    /// A message bus is between: it wants to be greeted, and hands on only what it is asked for.
    pub bus: bool,
    /// Whose it is to be, if the path is one that the caller's environment gave.
    pub owner: Option<u32>,
}

/// Where to ask, in the order in which to try. The private socket comes first: it spares the bus, which need not
/// be there at all, and the greeting.
pub(super) fn sockets(manager: Manager) -> Vec<Socket> {
    let system = |path: &str, bus| Socket { path: path.into(), bus, owner: None };
    match manager {
        Manager::System => {
            vec![system("/run/systemd/private", false), system("/run/dbus/system_bus_socket", true)]
        }
        Manager::User => {
            user(geteuid().as_raw(), env::var_os("XDG_RUNTIME_DIR"), env::var_os("DBUS_SESSION_BUS_ADDRESS"))
        }
    }
}

/// Those of the user `uid`. The directory is that of pam_systemd(8), also where nobody has said so, as after su.
fn user(uid: u32, runtime: Option<OsString>, address: Option<OsString>) -> Vec<Socket> {
    let runtime = runtime.filter(|dir| !dir.is_empty());
    let runtime = runtime.map_or_else(|| PathBuf::from(format!("/run/user/{uid}")), PathBuf::from);
    let mine = |path, bus| Socket { path, bus, owner: Some(uid) };
    let mut sockets = vec![mine(runtime.join("systemd/private"), false), mine(runtime.join("bus"), true)];
    let other = address.and_then(|address| bus_path(&address.into_vec())).map(|path| mine(path, true));
    sockets.extend(other.filter(|other| other.path != runtime.join("bus")));
    sockets
}

/// The first path of a list of D-Bus addresses: `unix:path=PATH,guid=…;…`. Others, such as abstract sockets,
/// which anybody could have bound, are passed over.
fn bus_path(addresses: &[u8]) -> Option<PathBuf> {
    addresses.split(|&b| b == b';').find_map(|address| {
        let mut options = address.strip_prefix(b"unix:")?.split(|&b| b == b',');
        let path = options.find_map(|option| option.strip_prefix(b"path="))?;
        unescape(path).map(|path| OsString::from_vec(path).into())
    })
}

/// Undoes `%XX`, by which all but few characters are written in an address.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut parts = text.split(|&b| b == b'%');
    let mut bytes = parts.next()?.to_vec();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        let hex = std::str::from_utf8(hex).ok().filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend(rest);
    }
    Some(bytes)
}

impl Socket {
    /// Connects within `patience`, which is not nothing.
    ///
    /// Whoever listens may be too busy to take a connection: then connect(2) waits as long as SO_SNDTIMEO says
    /// (unix(7)), and fails with EAGAIN.
    pub fn connect(&self, patience: Duration) -> Result<OwnedFd, Errno> {
        if self.owner.is_some_and(|uid| !belongs_to(&self.path, uid)) {
            return Err(if self.path.exists() { Errno::PERM } else { Errno::NOENT });
        }
        let address = SocketAddrUnix::new(&self.path)?;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        set_socket_timeout(&socket, Timeout::Send, Some(patience))?;
        retry_on_intr(|| connect(&socket, &address))?;
        Ok(socket)
    }
}

/// As root with the environment of a user, we do not ask that user's manager.
fn belongs_to(path: &Path, uid: u32) -> bool {
    path.metadata().is_ok_and(|socket| socket.uid() == uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(runtime: Option<&str>, address: Option<&str>) -> Vec<String> {
        let sockets = user(7, runtime.map(Into::into), address.map(Into::into));
        assert!(sockets.iter().all(|socket| socket.owner == Some(7)));
        sockets.into_iter().map(|socket| format!("{} {}", socket.path.display(), socket.bus)).collect()
    }

    #[test]
    fn the_private_socket_comes_first_and_the_bus_once() {
        let usual = ["/run/user/7/systemd/private false", "/run/user/7/bus true"];
        assert_eq!(paths(None, None), usual);
        assert_eq!(paths(Some(""), Some("unix:path=/run/user/7/bus")), usual);
        assert_eq!(
            paths(Some("/x"), Some("unix:path=/tmp/b")),
            ["/x/systemd/private false", "/x/bus true", "/tmp/b true"]
        );
    }

    #[test]
    fn an_address_has_options_alternatives_and_escapes() {
        let path = |address: &str| bus_path(address.as_bytes()).map(|path| path.display().to_string());
        assert_eq!(path("unix:guid=1,path=/a,x=y").as_deref(), Some("/a"));
        assert_eq!(path("tcp:host=a;unix:abstract=/b;unix:path=/c").as_deref(), Some("/c"));
        assert_eq!(path("unix:path=/a%20b%2fc").as_deref(), Some("/a b/c"));
        for broken in
            ["", "unix:", "unix:path", "/run/bus", "unix:path=/a%2", "unix:path=/a%+1", "unix:path=/a%"]
        {
            assert_eq!(path(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_socket_of_another_is_not_asked() {
        let socket = |path: &str, uid| Socket { path: path.into(), bus: false, owner: Some(uid) };
        let soon = Duration::from_secs(1);
        // No socket, on a file system that can be written to: elsewhere it would be EROFS.
        let file = std::env::temp_dir().join(format!("containerception-socket-{}", std::process::id()));
        let path = file.to_str().unwrap();
        std::fs::write(path, "").unwrap();
        let of = std::fs::metadata(path).unwrap().uid();
        let answers = [(path, of + 1), ("/nonexistent/socket", of), (path, of)]
            .map(|(path, uid)| socket(path, uid).connect(soon).err());
        std::fs::remove_file(path).unwrap();
        assert_eq!(answers, [Some(Errno::PERM), Some(Errno::NOENT), Some(Errno::CONNREFUSED)]);
    }
}
